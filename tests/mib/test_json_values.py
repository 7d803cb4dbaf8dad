"""Values as JSON; ``tests/cli/output/test_varbinds.py`` has what is around them."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp import OID, Counter64, Integer32, IpAddress, NoSuchInstance, Null, OctetString, Opaque, TimeTicks
from snmptcp.mib.json_values import json_type, json_value
from snmptcp.mib.values import named_value
from snmptcp.values import NsapAddress, Value

NAN = Opaque(b"\x9f\x78\x04" + struct.pack(">f", float("nan")))


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (Counter64(2**64 - 1), "Counter64", 18446744073709551615),
        (TimeTicks(4711), "TimeTicks", 4711),
        (OctetString("Zürich"), "OctetString", "Zürich"),
        (OctetString(b"\0\xff"), "OctetString", {"hex": "00ff"}),
        (OID("1.3.6.1"), "ObjectIdentifier", "1.3.6.1"),
        (IpAddress("192.0.2.1"), "IpAddress", "192.0.2.1"),
        (Opaque(b"\x9f\x7a\x01\xff"), "Opaque", {"hex": "9f7a01ff", "number": -1}),
        (NAN, "Opaque", {"hex": NAN.hex()}),
        (NsapAddress(b"\1"), "NsapAddress", {"hex": "01"}),
        (Null(), "Null", None),
        (NoSuchInstance(), "NoSuchInstance", None),
    ],
)
def test_a_value_has_its_type_and_what_stands_for_it(value: Value, kind: str, shown: object) -> None:
    assert (json_type(value), json_value(value)) == (kind, shown)


def test_a_value_with_a_text_by_its_module_is_the_same_in_json() -> None:
    status = named_value(None, Integer32(2), "down")
    assert (json_type(status), json_value(status)) == ("Integer32", 2)
    name = named_value(None, OID("1.3.6.1.2.1"), "SNMPv2-SMI::mib-2")
    assert (json_type(name), json_value(name)) == ("ObjectIdentifier", "1.3.6.1.2.1")
    address = named_value(None, OctetString(b"\0\1\2\3\4\5"), "0:1:2:3:4:5")
    assert (json_type(address), json_value(address)) == ("OctetString", {"hex": "000102030405"})


def test_text_is_octets_if_all_are_wanted() -> None:
    assert json_value(OctetString("ab"), all_hex=True) == {"hex": "6162"}


@given(st.binary(max_size=20))
def test_any_octets_make_json_that_every_reader_takes(octets: bytes) -> None:
    for value in (OctetString(octets), Opaque(octets)):
        text = json.dumps(json_value(value), allow_nan=False)
        read = json.loads(text)
        assert bytes.fromhex(read["hex"]) == octets if isinstance(read, dict) else read.encode() == octets
