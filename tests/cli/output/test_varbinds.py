"""Values as text, against what net-snmp 5.9.3 (``snmpwalk -v2c``, ``MIBS`` empty) printed for the same values."""

from __future__ import annotations

import json
import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp import (
    OID,
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    VarBind,
)
from snmptcp.cli.output.varbinds import (
    Style,
    format_cell,
    format_row_json,
    format_value,
    format_varbind,
    format_varbind_json,
)
from snmptcp.errors import ConfigurationError
from snmptcp.manager import TableRow
from snmptcp.values import NsapAddress, UInteger32, Value

NAME = OID("1.3.6.1.4.1.99999.1.1.0")
FLOAT = Opaque(b"\x9f\x78\x04" + struct.pack(">f", 123.45))
DOUBLE = Opaque(b"\x9f\x79\x08" + struct.pack(">d", 1 / 3))

ABSENT_OBJECT = "No Such Object available on this agent at this OID"
ABSENT_INSTANCE = "No Such Instance currently exists at this OID"
END = "No more variables left in this MIB View (It is past the end of the MIB tree)"

SEVENTEEN = "00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F \n10 "

#: The value; what -On prints; what -Onq prints.
RECORDED: list[tuple[Value, str, str]] = [
    (Integer32(-5), "INTEGER: -5", "-5"),
    (Counter32(4294967295), "Counter32: 4294967295", "4294967295"),
    (Gauge32(7), "Gauge32: 7", "7"),
    (TimeTicks(0), "Timeticks: (0) 0:00:00.00", "0:0:00:00.00"),
    (TimeTicks(4752), "Timeticks: (4752) 0:00:47.52", "0:0:00:47.52"),
    (TimeTicks(8640000), "Timeticks: (8640000) 1 day, 0:00:00.00", "1:0:00:00.00"),
    (TimeTicks(17280001), "Timeticks: (17280001) 2 days, 0:00:00.01", "2:0:00:00.01"),
    (TimeTicks(4294967295), "Timeticks: (4294967295) 497 days, 2:27:52.95", "497:2:27:52.95"),
    (OID("1.3.6.1"), "OID: .1.3.6.1", ".1.3.6.1"),
    (OID("0.0"), "OID: .0.0", ".0.0"),
    (IpAddress("10.0.0.1"), "IpAddress: 10.0.0.1", "10.0.0.1"),
    (Counter64(2**64 - 1), "Counter64: 18446744073709551615", "18446744073709551615"),
    (FLOAT, "Opaque: Float: 123.449997", "123.449997"),
    (DOUBLE, "Opaque: Float: 0.333333", "0.333333"),
    (Opaque(b"\x9f\x78\x04\x7f\xc0\x00\x00"), "Opaque: Float: nan", "nan"),
    (Opaque(b"\x9f\x78\x04\x7f\x80\x00\x00"), "Opaque: Float: inf", "inf"),
    (Opaque(b"\x04\x02hi"), "OPAQUE: 04 02 68 69 ", "04 02 68 69 "),
    (Opaque(b""), "OPAQUE: ", ""),
    (Opaque(bytes(range(17))), f"OPAQUE: {SEVENTEEN}", SEVENTEEN),
    (Null(), "NULL", "NULL"),
    (NoSuchObject(), ABSENT_OBJECT, ABSENT_OBJECT),
    (NoSuchInstance(), ABSENT_INSTANCE, ABSENT_INSTANCE),
    (EndOfMibView(), END, END),
    (OctetString(b""), '""', '""'),
    (OctetString(b"hello"), 'STRING: "hello"', '"hello"'),
    (OctetString(b'quo"te'), r'STRING: "quo\"te"', r'"quo\"te"'),
    (OctetString(b"back\\slash"), r'STRING: "back\\slash"', r'"back\\slash"'),
    (OctetString(b"a\tb"), 'STRING: "a\tb"', '"a\tb"'),
    (OctetString(b"a\nb"), 'STRING: "a\nb"', '"a\nb"'),
    (OctetString(b"a\r\nb"), 'STRING: "a\r\nb"', '"a\r\nb"'),
    (OctetString(b"x\n"), 'STRING: "x\n"', '"x\n"'),
    (OctetString(b" "), 'STRING: " "', '" "'),
    (OctetString(b"a\0b"), "Hex-STRING: 61 00 62 ", '"61 00 62 "'),
    (OctetString(b"abc\0"), "Hex-STRING: 61 62 63 00 ", '"61 62 63 00 "'),
    (OctetString(b"\x1b[31m"), "Hex-STRING: 1B 5B 33 31 6D ", '"1B 5B 33 31 6D "'),
    (OctetString(b"\x7f"), "Hex-STRING: 7F ", '"7F "'),
    (OctetString(b"caf\xc3\xa9"), "Hex-STRING: 63 61 66 C3 A9 ", '"63 61 66 C3 A9 "'),
    (
        OctetString(bytes(range(16))),
        "Hex-STRING: 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F ",
        '"00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F "',
    ),
    (OctetString(bytes(range(17))), f"Hex-STRING: {SEVENTEEN}", f'"{SEVENTEEN}"'),
    (OctetString(b"a" * 200), f'STRING: "{"a" * 200}"', f'"{"a" * 200}"'),
]

#: Where this command means to differ: what could move a terminal's cursor, and two types of RFC 1442.
OWN: list[tuple[Value, str, str]] = [
    (OctetString(b"a\rb"), "Hex-STRING: 61 0D 62 ", '"61 0D 62 "'),
    (OctetString(b"a\r"), "Hex-STRING: 61 0D ", '"61 0D "'),
    (OctetString(b"a\x0bb"), "Hex-STRING: 61 0B 62 ", '"61 0B 62 "'),
    (OctetString(b"a\x0cb"), "Hex-STRING: 61 0C 62 ", '"61 0C 62 "'),
    (UInteger32(5), "UInteger32: 5", "5"),
    (NsapAddress(b"\x49\x00\x01"), "NsapAddress: 49 00 01 ", "49 00 01 "),
]


@pytest.mark.parametrize(("value", "plain", "quick"), RECORDED + OWN, ids=repr)
def test_a_value_is_printed_as_net_snmp_prints_it(value: Value, plain: str, quick: str) -> None:
    assert format_value(value) == plain
    assert format_value(value, Style().with_letters("nq")) == quick


@pytest.mark.parametrize(
    ("letters", "line"),
    [
        ("n", '.1.3.6.1.4.1.99999.1.1.0 = STRING: "hello"'),
        ("q", '.1.3.6.1.4.1.99999.1.1.0 "hello"'),
        ("Q", '.1.3.6.1.4.1.99999.1.1.0 = "hello"'),
        ("v", 'STRING: "hello"'),
        ("qv", '"hello"'),
        ("x", ".1.3.6.1.4.1.99999.1.1.0 = Hex-STRING: 68 65 6C 6C 6F "),
        ("qx", '.1.3.6.1.4.1.99999.1.1.0 "68 65 6C 6C 6F "'),
        ("xT", ".1.3.6.1.4.1.99999.1.1.0 = Hex-STRING: 68 65 6C 6C 6F   [hello]"),
        ("xa", '.1.3.6.1.4.1.99999.1.1.0 = STRING: "hello"'),
        ("neU", '.1.3.6.1.4.1.99999.1.1.0 = STRING: "hello"'),
    ],
)
def test_output_letters_change_a_line_as_net_snmp_s_do(letters: str, line: str) -> None:
    assert format_varbind(VarBind(NAME, OctetString(b"hello")), Style().with_letters(letters)) == line


@pytest.mark.parametrize(
    ("letters", "value", "text"),
    [
        ("t", TimeTicks(4752), "4752"),
        ("qt", TimeTicks(4752), "4752"),
        ("T", OctetString(b"abc\0"), "Hex-STRING: 61 62 63 00   [abc.]"),
        ("T", Opaque(b""), "OPAQUE:   []"),
        ("T", OctetString(b"abc"), 'STRING: "abc"'),
        ("x", OctetString(b""), '""'),
        ("a", OctetString(b"caf\xc3\xa9"), 'STRING: "caf.."'),
        ("a", OctetString(b"\x1b[31m"), 'STRING: ".[31m"'),
        ("a", OctetString(b"a\0b"), 'STRING: "a.b"'),
    ],
)
def test_output_letters_change_single_types_as_net_snmp_s_do(letters: str, value: Value, text: str) -> None:
    assert format_value(value, Style().with_letters(letters)) == text


@pytest.mark.parametrize("letter", ["s", "S", "f", "u", "X"])
def test_an_output_letter_for_names_is_refused_with_the_reason(letter: str) -> None:
    with pytest.raises(ConfigurationError, match=f"-O{letter} is for names of MIB files, and snmptcp reads none"):
        Style().with_letters(f"n{letter}")


def test_the_precision_of_floats_cannot_be_chosen() -> None:
    with pytest.raises(ConfigurationError, match="-Op is not supported"):
        Style().with_letters("p%.2f")


@pytest.mark.parametrize("letters", ["b", "e", "n", "U", "E", "0", "beE0nU"])
def test_what_is_always_so_can_be_asked_for(letters: str) -> None:
    assert Style().with_letters(letters) == Style()


@pytest.mark.parametrize("letter", ["z", "\x1b"])
def test_an_output_letter_that_is_unknown_is_refused_by_name(letter: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(repr(letter))):
        Style().with_letters(f"n{letter}")


@given(st.binary(max_size=80), st.sampled_from(["n", "q", "x", "a", "T", "xT", "aT"]), st.booleans())
def test_no_string_reaches_a_terminal_with_control_characters(octets: bytes, letters: str, opaque: bool) -> None:
    value = Opaque(octets) if opaque else OctetString(octets)
    text = format_value(value, Style().with_letters(letters))
    assert re.fullmatch(r"(?:[\x20-\x7e\t\n]|\r\n)*", text)
    assert re.fullmatch(r"[\x20-\x7e]*", format_cell(value))


@given(st.binary(min_size=1, max_size=80))
def test_octets_can_be_read_back_from_hex(octets: bytes) -> None:
    text = format_value(OctetString(octets), Style(strings="hex"))
    assert bytes.fromhex(text.removeprefix("Hex-STRING: ")) == octets
    assert max(map(len, text.removeprefix("Hex-STRING: ").splitlines())) <= 48


@given(st.integers(0, 0xFFFFFFFF))
def test_ticks_can_be_read_back_from_days_and_time(ticks: int) -> None:
    days, hours, minutes, seconds = format_value(TimeTicks(ticks), Style(quick=True)).split(":")
    whole, hundredths = seconds.split(".")
    total = ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(whole)
    assert total * 100 + int(hundredths) == ticks


# --------------------------------------------------------------------------------------------- cells


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (Integer32(-5), "-5"),
        (TimeTicks(4752), "0:0:00:47.52"),
        (OctetString(b" two\r\n  lines\t\n"), "two lines"),
        (OctetString(b""), ""),
        (OctetString(b"\0\x1a\x2b"), "00 1A 2B"),
        (OctetString(b"x" * 200), "x" * 200),
        (OID("1.3.6.1"), "1.3.6.1"),
        (IpAddress("10.0.0.1"), "10.0.0.1"),
        (FLOAT, "123.45"),
        (Opaque(b"\x04\x00"), "04 00"),
        (Null(), "NULL"),
    ],
    ids=repr,
)
def test_a_cell_is_one_line(value: Value, cell: str) -> None:
    assert format_cell(value) == cell


# ---------------------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (Integer32(-5), "Integer32", -5),
        (Counter64(2**64 - 1), "Counter64", 2**64 - 1),
        (TimeTicks(4752), "TimeTicks", 4752),
        (Gauge32(7), "Gauge32", 7),
        (OctetString("café\n"), "OctetString", "café\n"),
        (OctetString(b""), "OctetString", ""),
        (OctetString(b"\xff\x00"), "OctetString", {"hex": "ff00"}),
        (OID("1.3.6.1"), "ObjectIdentifier", "1.3.6.1"),
        (IpAddress("10.0.0.1"), "IpAddress", "10.0.0.1"),
        (Opaque(b"\x04\x00"), "Opaque", {"hex": "0400"}),
        (DOUBLE, "Opaque", {"hex": DOUBLE.hex(), "number": 1 / 3}),
        (Opaque(b"\x9f\x78\x04\x7f\xc0\x00\x00"), "Opaque", {"hex": "9f78047fc00000"}),
        (Null(), "Null", None),
        (NoSuchObject(), "NoSuchObject", None),
        (NoSuchInstance(), "NoSuchInstance", None),
        (EndOfMibView(), "EndOfMibView", None),
    ],
    ids=repr,
)
def test_json_names_the_type_and_keeps_the_value(value: Value, kind: str, expected: object) -> None:
    line = format_varbind_json(VarBind(NAME, value))
    assert json.loads(line) == {"oid": "1.3.6.1.4.1.99999.1.1.0", "type": kind, "value": expected}
    assert line.isascii()
    assert "\n" not in line


def test_json_shows_strings_in_hex_on_request() -> None:
    line = format_varbind_json(VarBind(NAME, OctetString(b"hi")), Style(strings="hex"))
    assert json.loads(line)["value"] == {"hex": "6869"}


def test_a_row_in_json_has_its_index_and_its_columns() -> None:
    row = TableRow(OID.fragment("10.0.0.1"), {1: Integer32(4), 3: OctetString(b"\x00")})
    assert json.loads(format_row_json(row)) == {
        "index": "10.0.0.1",
        "columns": {"1": {"type": "Integer32", "value": 4}, "3": {"type": "OctetString", "value": {"hex": "00"}}},
    }
