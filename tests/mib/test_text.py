"""Names and values as text, against what net-snmp 5.9.3 printed for the same objects and values."""

from __future__ import annotations

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
from snmptcp.errors import ConfigurationError
from snmptcp.mib import IndexPart, Node, NodeKind, Syntax
from snmptcp.mib.mib import Mib
from snmptcp.mib.text import NUMERIC, OUTPUT_LETTERS, TextFormatter, TextStyle
from snmptcp.mib.values import named_value
from snmptcp.values import NsapAddress, UInteger32, Value
from tests.support.mib_tree import ACME, ACME_TREE, HandMadeTree

NAME = OID("1.3.6.1.4.1.99999.1.1.0")
FLOAT = Opaque(b"\x9f\x78\x04" + struct.pack(">f", 123.45))
DOUBLE = Opaque(b"\x9f\x79\x08" + struct.pack(">d", 1 / 3))

ABSENT_OBJECT = "No Such Object available on this agent at this OID"
ABSENT_INSTANCE = "No Such Instance currently exists at this OID"
END = "No more variables left in this MIB View (It is past the end of the MIB tree)"

SEVENTEEN = "00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F \n10 "


def numeric(letters: str = "") -> TextFormatter:
    """Return what prints without names."""
    return TextFormatter(None, NUMERIC.with_letters(letters))


def named(letters: str = "") -> TextFormatter:
    """Return what prints with the names of the hand-made tree."""
    return TextFormatter(ACME_TREE, TextStyle().with_letters(letters))


# ----------------------------------------------------------------------------- values without names

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
    assert numeric().value(value) == plain
    assert numeric("nq").value(value) == quick


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
    assert numeric(letters).varbind(VarBind(NAME, OctetString(b"hello"))) == line


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
    assert numeric(letters).value(value) == text


@pytest.mark.parametrize("letter", ["z", "\x1b"])
def test_an_output_letter_that_is_unknown_is_refused_by_name(letter: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(repr(letter))):
        TextStyle().with_letters(f"n{letter}")


@given(st.binary(max_size=80), st.sampled_from(["n", "q", "x", "a", "T", "xT", "aT"]), st.booleans())
def test_no_string_reaches_a_terminal_with_control_characters(octets: bytes, letters: str, opaque: bool) -> None:
    value = Opaque(octets) if opaque else OctetString(octets)
    text = numeric(letters).value(value)
    assert re.fullmatch(r"(?:[\x20-\x7e\t\n]|\r\n)*", text)


@given(st.binary(min_size=1, max_size=80))
def test_octets_can_be_read_back_from_hex(octets: bytes) -> None:
    text = numeric("x").value(OctetString(octets))
    assert bytes.fromhex(text.removeprefix("Hex-STRING: ")) == octets
    assert max(map(len, text.removeprefix("Hex-STRING: ").splitlines())) <= 48


@given(st.integers(0, 0xFFFFFFFF))
def test_ticks_can_be_read_back_from_days_and_time(ticks: int) -> None:
    days, hours, minutes, seconds = numeric("q").value(TimeTicks(ticks)).split(":")
    whole, hundredths = seconds.split(".")
    total = ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(whole)
    assert total * 100 + int(hundredths) == ticks


# ---------------------------------------------------------------------------------- names

FULL = ".iso.org.dod.internet.private.enterprises.acme"

#: An OID, and its name with -OS, -Os, -Of and -Ou.
NAMES: list[tuple[str, str, str, str, str]] = [
    ("0", "ccitt", "ccitt", ".ccitt", ".ccitt"),
    ("1", "iso", "iso", ".iso", ".iso"),
    ("2.3.4", "joint-iso-ccitt.3.4", "joint-iso-ccitt.3.4", ".joint-iso-ccitt.3.4", ".joint-iso-ccitt.3.4"),
    ("0.0", "SNMPv2-SMI::zeroDotZero", "zeroDotZero", ".ccitt.zeroDotZero", ".ccitt.zeroDotZero"),
    ("0.1", "ccitt.1", "ccitt.1", ".ccitt.1", ".ccitt.1"),
    ("1.2.840", "iso.2.840", "iso.2.840", ".iso.2.840", ".iso.2.840"),
    ("1.3.6.1", "SNMPv2-SMI::internet", "internet", ".iso.org.dod.internet", ".iso.org.dod.internet"),
    ("1.3.6.1.9", "SNMPv2-SMI::internet.9", "internet.9", ".iso.org.dod.internet.9", ".iso.org.dod.internet.9"),
    (
        "1.3.6.1.2.1",
        "SNMPv2-SMI::mib-2",
        "mib-2",
        ".iso.org.dod.internet.mgmt.mib-2",
        ".iso.org.dod.internet.mgmt.mib-2",
    ),
    ("1.3.6.1.2.1.3.1", "SNMPv2-SMI::mib-2.3.1", "mib-2.3.1", ".iso.org.dod.internet.mgmt.mib-2.3.1", "3.1"),
    (
        "1.3.6.1.3.5.6",
        "SNMPv2-SMI::experimental.5.6",
        "experimental.5.6",
        ".iso.org.dod.internet.experimental.5.6",
        "5.6",
    ),
    (
        "1.3.6.1.2.1.1.1.0",
        "SNMPv2-MIB::sysDescr.0",
        "sysDescr.0",
        ".iso.org.dod.internet.mgmt.mib-2.system.sysDescr.0",
        "system.sysDescr.0",
    ),
    (
        f"{ACME}.1.1.5.6",
        "ACME-TEXT-MIB::acInt.5.6",
        "acInt.5.6",
        f"{FULL}.acScalars.acInt.5.6",
        "enterprises.acme.acScalars.acInt.5.6",
    ),
    (
        f"{ACME}.2.1.4.3.97.98.99.2.120.121",
        "ACME-TEXT-MIB::acValue.\"abc\".green.'xy'",
        "acValue.\"abc\".green.'xy'",
        f"{FULL}.acTable.acEntry.acValue.\"abc\".green.'xy'",
        "enterprises.acme.acTable.acEntry.acValue.\"abc\".green.'xy'",
    ),
    (
        f"{ACME}.2.1.4.3.97",
        "ACME-TEXT-MIB::acValue.3.97",
        "acValue.3.97",
        f"{FULL}.acTable.acEntry.acValue.3.97",
        "enterprises.acme.acTable.acEntry.acValue.3.97",
    ),
    (
        f"{ACME}.2.1.99.3.97.98.99.2",
        'ACME-TEXT-MIB::acEntry.99."abc".green',
        'acEntry.99."abc".green',
        f'{FULL}.acTable.acEntry.99."abc".green',
        'enterprises.acme.acTable.acEntry.99."abc".green',
    ),
    (
        f"{ACME}.2.5.3",
        "ACME-TEXT-MIB::acTable.5.3",
        "acTable.5.3",
        f"{FULL}.acTable.5.3",
        "enterprises.acme.acTable.5.3",
    ),
]


@pytest.mark.parametrize(("oid", "module", "suffix", "full", "ucd"), NAMES)
def test_a_name_is_printed_as_net_snmp_prints_it(oid: str, module: str, suffix: str, full: str, ucd: str) -> None:
    assert named().name(OID(oid)) == module
    assert named("S").name(OID(oid)) == module
    assert named("s").name(OID(oid)) == suffix
    assert named("f").name(OID(oid)) == full
    assert named("u").name(OID(oid)) == ucd
    assert named("n").name(OID(oid)) == f".{oid}"


@pytest.mark.parametrize(
    ("letters", "index"),
    [
        ("b", ".3.97.98.99.2.120.10"),
        ("", ".\"abc\".green.'x.'"),
        ("e", ".\"abc\".green.'x.'"),
        ("E", ".\\\"abc\\\".green.\\'x.\\'"),
        ("X", "[STRING: abc][green]['x.']"),
        ("qX", "[abc][green]['x.']"),
        ("XE", "[STRING: abc][green][\\'x.\\']"),
        ("Xb", ".3.97.98.99.2.120.10"),
        ("XX", ".\"abc\".green.'x.'"),
    ],
)
def test_an_index_is_printed_as_net_snmp_prints_it(letters: str, index: str) -> None:
    oid = ACME + "2.1.4.3.97.98.99.2.120.10"
    assert named(letters).name(oid) == f"ACME-TEXT-MIB::acValue{index}"
    assert named(f"{letters}s").name(oid) == f"acValue{index}"
    assert named(f"{letters}n").name(oid) == f".{oid}"


def test_without_names_the_first_arc_has_one_if_names_are_asked_for() -> None:
    oid = OID("1.3.6.1")
    assert [numeric(letters).name(oid) for letters in ("", "s", "f")] == [".1.3.6.1", "iso.3.6.1", ".iso.3.6.1"]


def test_a_node_that_another_module_names_later_has_its_new_name() -> None:
    before = Node("OLD-MIB", "old", NAME, NodeKind.SCALAR)
    tree = HandMadeTree([before])
    formatter = TextFormatter(tree)
    assert formatter.name(NAME + 0) == "OLD-MIB::old.0"
    tree.nodes[NAME] = Node("NEW-MIB", "new", NAME, NodeKind.SCALAR)
    assert formatter.name(NAME + 0) == "NEW-MIB::new.0"


# ------------------------------------------------------------------------------ values of objects

#: The object, its value, and what net-snmp prints by default, with -Oq and with -Oe.
VALUES: list[tuple[str, Value, str, str, str]] = [
    ("1", Integer32(3), "INTEGER: 3 volts", "3 volts", "INTEGER: 3 volts"),
    ("2", Integer32(1), "INTEGER: up(1) states", "up states", "INTEGER: 1 states"),
    ("2", Integer32(9), "INTEGER: 9 states", "9 states", "INTEGER: 9 states"),
    ("3", Integer32(-5), "INTEGER: -.5 degrees", "-.5 degrees", "INTEGER: -.5 degrees"),
    ("4", Gauge32(255), "Gauge32: ff hexes", "ff hexes", "Gauge32: ff hexes"),
    ("5", Gauge32(5), "Gauge32: 5 g", "5 g", "Gauge32: 5 g"),
    ("6", Counter32(5), "Counter32: 5 c", "5 c", "Counter32: 5 c"),
    ("7", Counter64(5), "Counter64: 5 cc", "5 cc", "Counter64: 5 cc"),
    ("7", Opaque(b"\x9f\x76\x01\x05"), "Opaque: Counter64: 5 cc", "5 cc", "Opaque: Counter64: 5 cc"),
    (
        "8",
        TimeTicks(8640001),
        "Timeticks: (8640001) 1 day, 0:00:00.01 centis",
        "1:0:00:00.01 centis",
        "Timeticks: (8640001) 1 day, 0:00:00.01 centis",
    ),
    ("9", IpAddress("1.2.3.4"), "IpAddress: 1.2.3.4", "1.2.3.4", "IpAddress: 1.2.3.4"),
    ("10", OctetString(b"abc"), 'STRING: "abc" octets', '"abc" octets', 'STRING: "abc" octets'),
    ("10", OctetString(b""), '""', '""', '""'),
    ("10", OctetString(b"\0\xff"), "Hex-STRING: 00 FF  octets", '"00 FF " octets', "Hex-STRING: 00 FF  octets"),
    ("11", OctetString(b'abc "d"'), 'STRING: abc "d" chars', 'abc "d" chars', 'STRING: abc "d" chars'),
    ("11", OctetString(b""), "STRING:  chars", " chars", "STRING:  chars"),
    ("11", OctetString(b"\0\xff"), "STRING: .. chars", ".. chars", "STRING: .. chars"),
    ("11", OctetString(b"a\tb\r\nc\n"), "STRING: a\tb\r\nc\n chars", "a\tb\r\nc\n chars", "STRING: a\tb\r\nc\n chars"),
    ("11", OctetString("é".encode()), "STRING: é chars", "é chars", "STRING: é chars"),
    ("12", OctetString(b"\x00\x01\xff"), "STRING: 0:1:ff macs", "0:1:ff macs", "STRING: 0:1:ff macs"),
    (
        "13",
        OID("1.3.6.1"),
        "OID: SNMPv2-SMI::internet oids",
        "SNMPv2-SMI::internet oids",
        "OID: SNMPv2-SMI::internet oids",
    ),
    (
        "14",
        OctetString(b"\xc0\x41\x80"),
        "BITS: C0 41 80 first(0) second(1) third(9) 15 16 ",
        '"C0 41 80 "',
        "BITS: C0 41 80 0 1 9 15 16 ",
    ),
    ("14", OctetString(b""), "BITS: ", '""', "BITS: "),
    ("15", FLOAT, "Opaque: Float: 123.449997 ops", "123.449997 ops", "Opaque: Float: 123.449997 ops"),
    ("15", Opaque(b"\x04\x01\xff"), "OPAQUE: 04 01 FF  ops", "04 01 FF  ops", "OPAQUE: 04 01 FF  ops"),
    ("15", Opaque(b"\x9f\x7a\x01\xff"), "Opaque: Int64: -1 ops", "-1 ops", "Opaque: Int64: -1 ops"),
    ("15", Opaque(b"\x9f\x7b\x01\x05"), "Opaque: UInt64: 5 ops", "5 ops", "Opaque: UInt64: 5 ops"),
    ("16", Integer32(-3), "INTEGER: blue(-3)", "blue", "INTEGER: -3"),
    (
        "17",
        OctetString(b"abc"),
        '(Bad hint ignored: 1z) STRING: "abc"',
        '(Bad hint ignored: 1z) "abc"',
        '(Bad hint ignored: 1z) STRING: "abc"',
    ),
    ("18", IpAddress("10.0.0.1"), "Network Address: 0A:00:00:01", "0A:00:00:01", "Network Address: 0A:00:00:01"),
    ("1", NoSuchObject(), ABSENT_OBJECT, ABSENT_OBJECT, ABSENT_OBJECT),
]


@pytest.mark.parametrize(("object_", "value", "default", "quick", "numbers"), VALUES)
def test_the_value_of_an_object_is_printed_as_net_snmp_prints_it(
    object_: str, value: Value, default: str, quick: str, numbers: str
) -> None:
    oid = ACME + f"1.{object_}.0"
    assert named().value(value, oid) == default
    assert named("q").value(value, oid) == quick
    assert named("e").value(value, oid) == numbers
    assert named().value(named_value(None, value), oid) == default


def test_a_hint_that_the_module_does_not_have_changes_no_text() -> None:
    phys = Syntax("PhysAddress", "OCTET STRING", "1x:", lent_hint=True)
    part = IndexPart("acPhysIndex", "ACME-TEXT-MIB", phys)
    oid = ACME + 7
    tree = HandMadeTree([Node("ACME-TEXT-MIB", "acPhys", oid, NodeKind.COLUMN, syntax=phys, index=(part,))])
    line = TextFormatter(tree, TextStyle().with_letters("sX")).varbind(VarBind(oid + "2.65.66", OctetString(b"\0\x1a")))
    assert line == 'acPhys["AB"] = Hex-STRING: 00 1A '


def test_a_value_of_another_type_says_which_one_is_right() -> None:
    assert named().value(OctetString(b"\0"), ACME + "1.1.0") == "Wrong Type (should be INTEGER): Hex-STRING: 00 "
    assert named("q").value(OctetString(b"x"), ACME + "1.2.0") == 'Wrong Type (should be INTEGER): "x"'
    assert named().value(Integer32(1), ACME + "1.5.0") == "Wrong Type (should be Gauge32 or Unsigned32): INTEGER: 1"
    assert named().value(OID("1.3"), ACME + "1.8.0") == "Wrong Type (should be Timeticks): OID: SNMPv2-SMI::org"
    assert named().value(Integer32(1), ACME + "1.14.0") == "Wrong Type (should be BITS): INTEGER: 1"
    assert named().value(Integer32(1), ACME + "1.18.0") == "Wrong Type (should be NetworkAddress): INTEGER: 1"
    assert named().value(Null(), ACME + "1.11.0") == "Wrong Type (should be OCTET STRING): NULL"


@pytest.mark.parametrize("oid", [ACME + "1.19.0", ACME + "1.99.0", ACME + "2.1.99.5", NAME, None])
def test_a_value_of_an_object_that_no_module_types_is_printed_as_its_type_says(oid: OID | None) -> None:
    assert named().value(OctetString(b"x"), oid) == 'STRING: "x"'


@pytest.mark.parametrize(
    ("letters", "object_", "value", "text"),
    [
        ("U", "1", Integer32(3), "INTEGER: 3"),
        ("U", "11", OctetString(b"x"), "STRING: x"),
        ("t", "8", TimeTicks(5), "5"),
        ("x", "10", OctetString(b"abc"), "Hex-STRING: 61 62 63  octets"),
        ("x", "11", OctetString(b"abc"), "STRING: abc chars"),
        ("a", "12", OctetString(b"\x01"), "STRING: 1 macs"),
        ("0", "12", OctetString(b"\x01\x0a"), "STRING: 01:0a macs"),
        ("T", "14", OctetString(b"\xc0"), "BITS: C0   [.]first(0) second(1) "),
        ("qT", "14", OctetString(b"\xc0"), '"C0   [.]"'),
        ("s", "13", OID("1.3.6.1"), "OID: internet oids"),
        ("n", "13", OID("1.3.6.1"), "OID: .1.3.6.1 oids"),
        ("n", "2", Integer32(1), "INTEGER: up(1) states"),
        ("p.2", "15", FLOAT, "Opaque: Float: 123.45 ops"),
        ("p8.1", "15", FLOAT, "Opaque: Float:    123.4 ops"),
        ("qp%.2f", "15", FLOAT, "123.45 ops"),
    ],
)
def test_letters_change_the_value_of_an_object_as_net_snmp_s_do(
    letters: str, object_: str, value: Value, text: str
) -> None:
    assert named(letters).value(value, ACME + f"1.{object_}.0") == text


@pytest.mark.parametrize("letter", [letter for letter in OUTPUT_LETTERS if letter not in "nsSfuxapQ"])
def test_a_letter_that_is_given_twice_changes_nothing_as_in_net_snmp(letter: str) -> None:
    assert TextStyle().with_letters(letter) != TextStyle()
    assert TextStyle().with_letters(letter * 2) == TextStyle()


@pytest.mark.parametrize(
    ("letters", "line"),
    [
        ("q", 'acInt.0 Wrong Type (should be INTEGER): "x"'),
        ("Q", 'acInt.0 = "x"'),
        ("qq", 'acInt.0 = Wrong Type (should be INTEGER): STRING: "x"'),
        ("QQ", 'acInt.0 = STRING: "x"'),
        ("qQ", 'acInt.0 = STRING: "x"'),
        ("Qq", 'acInt.0 = STRING: "x"'),
        ("Qqq", 'acInt.0 = "x"'),
    ],
)
def test_quick_letters_in_a_row_do_what_they_do_in_net_snmp(letters: str, line: str) -> None:
    assert named(f"s{letters}").varbind(VarBind(ACME + "1.1.0", OctetString(b"x"))) == line


@pytest.mark.parametrize("precision", ["", "abc", "%", "f", ".2x", "9999"])
def test_a_precision_that_is_none_is_refused(precision: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape("as in -Op.2")):
        TextStyle().with_letters(f"qp{precision}")


def test_what_could_control_a_terminal_is_escaped_in_text_that_a_hint_shows() -> None:
    text = OctetString(b"\x1b[31m\rx\xfc\xe2\x80\xae\xc2\x85")
    assert named("U").value(text, ACME + "1.11.0") == "STRING: \\x1b[31m\\x0dx\\xfc\\u202e\\x85"
    oid = ACME + "2.1.4.2.27.13.2"
    assert named("X").name(oid) == "ACME-TEXT-MIB::acValue[STRING: \\x1b\\x0d][green]"


@given(st.binary(max_size=40), st.sampled_from(["", "q", "a", "X", "T"]), st.integers(1, 19))
def test_no_text_of_an_object_reaches_a_terminal_with_control_characters(
    octets: bytes, letters: str, object_: int
) -> None:
    line = named(letters).varbind(VarBind(ACME + f"1.{object_}.0", OctetString(octets)))
    index = OID.fragment((len(octets), *octets, 1))
    line += named(letters).name(ACME + "2.1.4" + index)
    assert all(character.isprintable() or character in "\t\n" for character in line.replace("\r\n", ""))


def test_values_but_not_indexes_can_be_shown_without_their_display_hints(acme_mib: Mib) -> None:
    formatter = TextFormatter(acme_mib, TextStyle(hints=False, extended_index=True))
    heat = VarBind(OID("1.3.6.1.4.1.9999.1.2.0"), Integer32(215))
    address = VarBind(OID("1.3.6.1.2.1.2.2.1.6.1"), OctetString(bytes(range(6))))
    port = VarBind(OID("1.3.6.1.2.1.17.4.3.1.2.0.1.2.3.4.5"), Integer32(7))
    assert formatter.varbind(heat) == "ACME-MIB::acmeHeat.0 = INTEGER: 215 degrees Celsius"
    assert formatter.varbind(address) == "IF-MIB::ifPhysAddress[1] = Hex-STRING: 00 01 02 03 04 05 "
    assert formatter.varbind(port) == "BRIDGE-MIB::dot1dTpFdbPort[STRING: 0:1:2:3:4:5] = INTEGER: 7"
