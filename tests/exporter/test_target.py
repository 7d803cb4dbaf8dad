"""The forms of a target."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.exporter.target import Target, parse_target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("192.0.2.1", Target("192.0.2.1", 161, tls=False)),
        ("switch_1.example.net:1161", Target("switch_1.example.net", 1161, tls=False)),
        ("tcp://192.0.2.1:1161", Target("192.0.2.1", 1161, tls=False)),
        ("TCP6://[2001:db8::1]:1161", Target("2001:db8::1", 1161, tls=False)),
        ("2001:db8::1", Target("2001:db8::1", 161, tls=False)),
        ("[2001:db8::1]", Target("2001:db8::1", 161, tls=False)),
        ("[fe80::1%eth0]:161", Target("fe80::1%eth0", 161, tls=False)),
        ("tls://a", Target("a", 10161, tls=True)),
        ("tlstcp://a:1", Target("a", 1, tls=True)),
    ],
)
def test_a_target_is_read(text: str, target: Target) -> None:
    assert parse_target(text) == target


def test_a_target_without_a_transport_has_that_of_its_auth() -> None:
    assert parse_target("a", tls=True) == Target("a", 10161, tls=True)
    with pytest.raises(ConfigurationError, match="'tcp://a' is without TLS, which its auth needs"):
        parse_target("tcp://a", tls=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("udp://192.0.2.1", "asks for UDP, which this exporter does not speak: use tcp:// or tls://"),
        ("UDP6://[::1]", "asks for UDP"),
        ("http://a", "has an unknown transport; a target is HOST, HOST:PORT"),
        ("", "'' is no target"),
        ("a b", "'a b' is no target"),
        ("[::1", "is no target"),
        ("[::1]x", "is no target"),
        ("user@a", "is no target"),
        ("a/b", "is no target"),
        ("a:0", "a port is a number from 1 to 65535"),
        ("a:65536", "a port is a number from 1 to 65535"),
        ("a:", "a port is a number"),
        ("a:\uff11", "a port is a number"),
        ("a" * 300, "is no target"),
    ],
)
def test_what_is_no_target_is_an_error_that_says_what_is_right(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        parse_target(text)
    assert len(str(caught.value)) < 300


def test_a_target_is_shown_with_its_port() -> None:
    assert str(Target("::1", 161, tls=False)) == "[::1]:161"
    assert str(Target("a", 161, tls=True)) == "a:161"


@given(st.text(max_size=20))
def test_any_text_is_a_target_or_an_error(text: str) -> None:
    try:
        found = parse_target(text)
    except ConfigurationError:
        return
    assert found.host
    assert 1 <= found.port <= 65535
