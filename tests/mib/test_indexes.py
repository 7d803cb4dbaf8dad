"""INDEX values from arcs, and the arcs of values."""

from __future__ import annotations

import ipaddress

import pytest

from snmptcp.errors import ArgumentTypeError, MibError
from snmptcp.mib.indexes import decode_index, encode_index
from snmptcp.oid import OID
from snmptcp.values import Gauge32, Integer32, IpAddress, OctetString, TimeTicks
from tests.support.indexes import V6, arcs, parts


@pytest.mark.parametrize(
    ("names", "numbers", "values"),
    [
        ("int", "5", (Integer32(5),)),
        ("enum", "4294967295", (Integer32(-1),)),
        ("uns", "4294967295", (Gauge32(4294967295),)),
        ("tick", "5", (TimeTicks(5),)),
        ("str", "0", (OctetString(b""),)),
        ("str str!", "1.97.98.99", (OctetString(b"a"), OctetString(b"bc"))),
        ("str!", "", (OctetString(b""),)),
        ("mac int", "0.1.2.3.4.5.6", (OctetString(bytes(range(6))), Integer32(6))),
        ("ip", "10.0.0.1", (IpAddress("10.0.0.1"),)),
        ("int net", "1.1.10.0.0.1", (Integer32(1), IpAddress("10.0.0.1"))),
        ("oid int", "2.1.3.5", (OID("1.3"), Integer32(5))),
        ("oid!", "1.3.6", (OID("1.3.6"),)),
        ("bits", "2.160.64", (OctetString(b"\xa0\x40"),)),
        ("type inet", "1.4.10.0.0.1", (Integer32(1), OctetString(b"\n\0\0\1"))),
    ],
)
def test_an_index_is_decoded_into_typed_values_and_back(names: str, numbers: str, values: tuple[object, ...]) -> None:
    decoded = decode_index(parts(names), arcs(numbers))
    assert decoded == values
    assert decoded is not None
    assert list(map(type, decoded)) == list(map(type, values))
    assert encode_index(parts(names), decoded).arcs == tuple(arcs(numbers))


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        ("int", ""),
        ("int", "1.2"),
        ("str", "2.97"),
        ("str", "1.300"),
        ("str", "4294967295.97"),
        ("mac", "0.1.2.3.4"),
        ("mac", "0.1.2.3.4.5.6"),
        ("ip", "10.0.0"),
        ("ip", "10.0.0.256"),
        ("net", "2.10.0.0.1"),
        ("oid", "3.1.3"),
        ("what", "1"),
    ],
)
def test_arcs_that_do_not_fit_have_no_values(names: str, numbers: str) -> None:
    assert decode_index(parts(names), arcs(numbers)) is None


def test_values_may_be_text_or_python_values() -> None:
    assert encode_index(parts("type inet"), ("ipv4", "10.0.0.1")) == OID.fragment("1.4.10.0.0.1")
    assert encode_index(parts("type inet"), (2, ipaddress.ip_address("2001:db8::1"))) == OID.fragment(f"2.16.{V6}")
    assert encode_index(parts("mac int"), ("0:1:2:a:b:c", 7)) == OID.fragment("0.1.2.10.11.12.7")
    assert encode_index(parts("int text"), ("2", "public")) == OID.fragment("2.6.112.117.98.108.105.99")
    assert encode_index(parts("ip enum"), (ipaddress.IPv4Address("10.0.0.1"), "down")) == OID.fragment("10.0.0.1.2")


@pytest.mark.parametrize(
    ("names", "values", "reason"),
    [
        ("int str", (1,), "the index is int, str: 2 values, not 1"),
        ("enum", ("dwn",), r"enum is one of up\(1\), down\(2\), minus\(-1\), big\(300\), not 'dwn'"),
        ("mac", ("0:1",), "mac has 6 octets, not 2"),
        ("type inet", ("ipv4", "::1"), "inet is an IPv4 address, as its type is ipv4, not '::1'"),
        ("str", (b"a" * 200,), "the index is too long"),
        ("uns", (-1,), "uns is a number from 0 to 4294967295, not -1"),
    ],
)
def test_values_that_an_object_cannot_have_are_refused(names: str, values: tuple[object, ...], reason: str) -> None:
    with pytest.raises(MibError, match=reason):
        encode_index(parts(names), values)


def test_a_python_value_of_a_wrong_type_is_refused_by_name() -> None:
    with pytest.raises(ArgumentTypeError, match="mac takes text or bytes, not float"):
        encode_index(parts("mac"), (1.5,))
