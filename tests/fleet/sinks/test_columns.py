"""Values as columns."""

from __future__ import annotations

import struct

import pytest

from snmptcp import OID, Counter64, Integer32, IpAddress, NoSuchObject, OctetString, Opaque
from snmptcp.fleet.sinks.columns import encodable, encodable_labels, value_columns
from snmptcp.mib.values import named_value
from snmptcp.values import Value

DOUBLE = Opaque(b"\x9f\x79\x08" + struct.pack(">d", 0.25))


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        (Counter64(2**64 - 1), ("Counter64", 2**64 - 1, "18446744073709551615", None)),
        (Integer32(-5), ("Integer32", -5, "-5", None)),
        (named_value(None, Integer32(2), "down"), ("Integer32", 2, "down", None)),
        (OctetString("a text"), ("OctetString", None, "a text", None)),
        (OctetString(""), ("OctetString", None, "", None)),
        (OctetString(b"\0\1"), ("OctetString", None, "0x0001", b"\0\1")),
        (named_value(None, OctetString(b"\0\1"), "0:1"), ("OctetString", None, "0:1", b"\0\1")),
        (IpAddress("192.0.2.1"), ("IpAddress", None, "192.0.2.1", None)),
        (OID("1.3.6"), ("ObjectIdentifier", None, "1.3.6", None)),
        (DOUBLE, ("Opaque", 0.25, "0.25", bytes(DOUBLE))),
        (Opaque(b"\1"), ("Opaque", None, "0x01", b"\1")),
        (NoSuchObject(), ("NoSuchObject", None, None, None)),
    ],
)
def test_a_value_has_its_columns(value: Value, columns: object) -> None:
    found = value_columns(value)
    assert found == columns
    assert type(found.number) in (int, float, type(None))


def test_text_that_utf_8_cannot_encode_is_written_with_escapes() -> None:
    assert [encodable(text) for text in ("plain", "Zürich", "a\udcffb")] == ["plain", "Zürich", r"a\udcffb"]
    assert encodable_labels({"b": "\ud800", "a\udcff": "1"}) == {r"a\udcff": "1", "b": r"\ud800"}
    shown = named_value(None, OctetString(b"\xff"), "\udcff")  # as a DISPLAY-HINT shows what is no UTF-8
    assert value_columns(shown).text == r"\udcff"
