"""Certificates for tests; tests/testing/test_threaded_agent.py makes connections with them."""

from __future__ import annotations

import pytest
from cryptography import x509

from snmptcp.errors import ConfigurationError
from snmptcp.testing.certificates import TlsOfTests


def names_of(pem):
    extension = x509.load_pem_x509_certificate(pem).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return [str(name.value) for name in extension.value]


def test_the_agents_certificate_is_for_loopback_and_for_its_host():
    assert names_of(TlsOfTests("127.0.0.1").server.certificate) == ["localhost", "127.0.0.1", "::1"]
    assert names_of(TlsOfTests("agent.test").server.certificate)[-1] == "agent.test"


def test_clients_without_names_have_no_certificate_and_none_is_asked_for():
    tls = TlsOfTests("127.0.0.1")
    assert tls.client().certificate is None
    assert tls.server.certificate_maps == ()


def test_each_name_has_its_certificate():
    tls = TlsOfTests("127.0.0.1", ["boss", b"guest"])
    assert tls.client() == tls.client("boss") != tls.client("guest")
    assert tls.client().ca_pem == tls.server.ca_pem


def test_an_unknown_name_is_refused_with_those_that_there_are():
    with pytest.raises(ConfigurationError, match="no client has the security name 'x'; the names are 'boss', 'guest'"):
        TlsOfTests("127.0.0.1", ["boss", "guest"]).client("x")
    with pytest.raises(ConfigurationError, match="none: give tsm_names="):
        TlsOfTests("127.0.0.1").client("x")


@pytest.mark.parametrize("name", ["", "ca", "server", "x" * 33, "a\nb", b"\xff" * 11])
def test_a_name_that_a_certificate_cannot_have_is_refused(name):
    with pytest.raises(ConfigurationError, match="1 to 32 printable octets"):
        TlsOfTests("127.0.0.1", [name])
