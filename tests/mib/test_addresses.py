"""Internet addresses in strings (RFC 4001)."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import MibError
from snmptcp.mib import Syntax
from snmptcp.mib.addresses import (
    address_octets,
    address_of,
    address_text,
    has_convention,
    ip_octets,
    is_address,
    is_address_type,
    type_of_convention,
)
from snmptcp.mib.conversion import to_smi_value
from tests.support.syntaxes import (
    INET,
    INET6,
    PLAIN,
    STATUS,
    TRUTH,
    V6,
)


def test_an_address_is_an_object() -> None:
    assert address_of(b"\n\0\0\1", 1) == ipaddress.IPv4Address("10.0.0.1")
    assert address_of(V6.packed + b"\0\0\0\5", 4) == ipaddress.IPv6Address("2001:db8::1%5")
    assert address_of(b"\n\0\0\1\0\0\0\5") == ipaddress.IPv4Address("10.0.0.1")
    assert address_of(b"a.example", 16) is None
    assert address_of(b"\n\0\0", 1) is None


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"\n\0\0\1", "10.0.0.1"),
        (b"dddd", "100.100.100.100"),
        (b"a.io", None),
        (V6.packed, "2001:db8::1"),
        (b"server.example.x", None),
        (b"abcdefgh", None),
        (b"\n\0\0\1\0\0\0\5", "10.0.0.1%5"),
        (V6.packed + b"\0\0\0\5", "2001:db8::1%5"),
        (b"12345", None),
    ],
)
def test_without_a_type_the_length_decides_unless_it_is_a_name(octets: bytes, text: str | None) -> None:
    assert address_text(octets) == text


def test_conventions_tell_what_is_an_address() -> None:
    assert is_address(INET)
    assert is_address(Syntax("AcmeAddress", "OCTET STRING", conventions=("AcmeAddress", "InetAddress")))
    assert not is_address(INET6)
    assert is_address_type(Syntax("InetAddressType", "INTEGER"))
    assert not is_address_type(STATUS)
    assert type_of_convention(INET6) == 2
    assert type_of_convention(INET) is None
    assert type_of_convention(PLAIN) is None
    assert has_convention(TRUTH, "TruthValue")


def test_net_snmp_writes_ipv6_addresses_octet_by_octet() -> None:
    assert ip_octets("20:01:0d:b8:00:00:00:00:00:00:00:00:00:00:00:01", 16) == V6.packed
    assert ip_octets("20:01:0d:b8:00:00:00:00:00:00:00:00:00:00:00:01", 4) is None
    assert ip_octets("2001:db8::1", None) == V6.packed
    assert ip_octets("2001:db8::1", 4) is None
    assert ip_octets("host", None) is None


def test_an_address_must_be_of_its_type() -> None:
    assert to_smi_value(INET, "10.0.0.1", "a", address_type=1) == b"\n\0\0\1"
    assert to_smi_value(INET, "10.0.0.1", "a", address_type=16) == b"10.0.0.1"
    assert to_smi_value(INET, "fe80::1%5", "a", address_type=4)[16:] == b"\0\0\0\5"  # type: ignore[index]
    for kind, text in ((1, "::1"), (2, "10.0.0.1"), (3, "10.0.0.1"), (4, "fe80::1%eth0"), (1, "host")):
        with pytest.raises(MibError, match="a is an IPv. address"):
            to_smi_value(INET, text, "a", address_type=kind)


def test_a_name_is_text_that_can_be_encoded() -> None:
    assert address_octets("host", None, "a") == b"host"
    with pytest.raises(MibError, match="a is an address or a name"):
        address_octets("\ud800", None, "a")


@given(st.binary(max_size=24), st.sampled_from([None, 1, 2, 3, 4]))
def test_the_text_of_an_address_can_be_read_back(octets: bytes, kind: int | None) -> None:
    text = address_text(octets, kind)
    if text is not None:
        assert address_octets(text, kind, "a") == octets
