"""What the options of TLS say."""

from __future__ import annotations

import pytest

from snmptcp.cli.options.tls_words import TlsWords, TransportWords, is_pkcs12


def test_nothing_is_given_by_default() -> None:
    words = TlsWords(connects=True)
    assert words.given == ()
    assert not words.has_identity


def test_options_are_named_as_they_are_typed() -> None:
    transport = TransportWords(our_identity="me")
    words = TlsWords(connects=False, ca="ca.pem", key_password_file="f", insecure=True, transport=transport)
    assert words.given == ("--tls-ca", "--tls-key-password-file", "--tls-insecure", "-T")
    assert words.has_identity


def test_a_password_is_not_shown() -> None:
    assert "geheim" not in repr(TlsWords(connects=True, key_password="geheim"))


@pytest.mark.parametrize(("name", "expected"), [("a.p12", True), ("b/A.PFX", True), ("a.pem", False), ("p12", False)])
def test_a_pkcs12_is_known_by_its_name(name: str, expected: bool) -> None:
    assert is_pkcs12(name) is expected
