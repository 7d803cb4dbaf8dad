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
    format_cell,
    format_row_json,
    format_varbind_json,
)
from snmptcp.manager import TableRow
from snmptcp.mib.text import TextFormatter, TextStyle
from snmptcp.values import Value

NAME = OID("1.3.6.1.4.1.99999.1.1.0")
FLOAT = Opaque(b"\x9f\x78\x04" + struct.pack(">f", 123.45))
DOUBLE = Opaque(b"\x9f\x79\x08" + struct.pack(">d", 1 / 3))

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


@given(st.binary(max_size=80), st.booleans())
def test_no_string_in_a_cell_controls_a_terminal(octets: bytes, opaque: bool) -> None:
    assert re.fullmatch(r"[\x20-\x7e]*", format_cell(Opaque(octets) if opaque else OctetString(octets)))


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
    line = format_varbind_json(VarBind(NAME, OctetString(b"hi")), TextFormatter(None, TextStyle(strings="hex")))
    assert json.loads(line)["value"] == {"hex": "6869"}


def test_a_row_in_json_has_its_index_and_its_columns() -> None:
    row = TableRow(OID.fragment("10.0.0.1"), {1: Integer32(4), 3: OctetString(b"\x00")})
    assert json.loads(format_row_json(row)) == {
        "index": "10.0.0.1",
        "columns": {"1": {"type": "Integer32", "value": 4}, "3": {"type": "OctetString", "value": {"hex": "00"}}},
    }
