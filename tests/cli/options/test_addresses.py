"""The forms of an agent's address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.cli.options.addresses import Address, Alias, parse_address, parse_peer
from snmptcp.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", Address("192.0.2.1")),
        ("192.0.2.1:1161", Address("192.0.2.1", 1161)),
        ("switch.example", Address("switch.example")),
        ("switch.example:1", Address("switch.example", 1)),
        ("tcp:192.0.2.1:65535", Address("192.0.2.1", 65535, tls=False)),
        ("TCP:192.0.2.1", Address("192.0.2.1", tls=False)),
        ("tcp:tcp", Address("tcp", tls=False)),
        ("udp", Address("udp")),
        ("::1", Address("::1")),
        ("[::1]", Address("::1")),
        ("[2001:db8::1]:161", Address("2001:db8::1", 161)),
        ("tcp6:[::1]:161", Address("::1", 161, tls=False)),
        ("tcp6:::1", Address("::1", tls=False)),
        ("tcp6:switch.example:161", Address("switch.example", 161, tls=False)),
        ("tlstcp:switch.example", Address("switch.example", tls=True)),
        ("TLSTCP:192.0.2.1:10161", Address("192.0.2.1", 10161, tls=True)),
        ("tls:192.0.2.1", Address("192.0.2.1", tls=True)),
        ("tlstcp6:[::1]:10161", Address("::1", 10161, tls=True)),
        ("tlstcp:::1", Address("::1", tls=True)),
        ("tlstcp", Address("tlstcp")),
        ("[fe80::1%eth0]:161", Address("fe80::1%eth0", 161)),
    ],
)
def test_every_form_of_an_address_over_tcp_is_read(text: str, address: Address) -> None:
    assert parse_address(text) == address


def test_a_peer_may_be_an_alias() -> None:
    assert parse_peer("alias:core") == parse_peer("ALIAS:core") == Alias("core")
    assert parse_peer("tcp:core:1161") == Address("core", 1161, tls=False)
    with pytest.raises(ConfigurationError, match="not alias:"):
        parse_peer("alias:")


@pytest.mark.parametrize("transport", ["udp", "udp6", "UDP", "dtlsudp", "unix", "ssh"])
def test_another_transport_is_refused_by_name(transport: str) -> None:
    with pytest.raises(ConfigurationError, match=f"not {transport.lower()}:"):
        parse_address(f"{transport}:192.0.2.1:161")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no host"),
        (":161", "no host"),
        ("tcp:", "no host in the address 'tcp:'"),
        ("tlstcp:", "no host in the address 'tlstcp:'"),
        ("tlstcp:h:0", "port"),
        ("a b", "no host"),
        ("\x1b[31m", "not an address"),
        ("h\x1bost", "no host"),
        ("192.0.2.1:", "port"),
        ("192.0.2.1:0", "port"),
        ("192.0.2.1:65536", "port"),
        ("192.0.2.1:-1", "port"),
        ("192.0.2.1:snmp", "port"),
        ("192.0.2.1:161:161", "not an address"),
        ("[192.0.2.1]:161", "not an IPv6 address"),
        ("[::1", "not an address"),
        ("[]:161", "not an IPv6 address"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        parse_address(text)


@given(st.ip_addresses(), st.none() | st.integers(1, 65535))
def test_an_address_can_be_read_back_from_its_text(host: object, port: int | None) -> None:
    address = Address(str(host), port)
    assert parse_address(str(address)) == address
    assert parse_address(f"tcp:{address}") == address._replace(tls=False)
    assert parse_address(f"tlstcp:{address}") == address._replace(tls=True)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    try:
        address = parse_address(text)
    except ConfigurationError:
        return
    assert address.host
    assert address.host.isprintable()
