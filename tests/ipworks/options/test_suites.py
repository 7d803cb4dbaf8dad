"""The names of cipher suites."""

from __future__ import annotations

import ssl

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.ipworks.options.suites import openssl_suite_name, standard_suite_name


def test_an_unknown_suite_is_an_error(idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="TLS_ROT13"):
        idle.config("SSLEnabledCipherSuites=TLS_ROT13")


@pytest.mark.parametrize("name", sorted(str(suite["name"]) for suite in ssl.create_default_context().get_ciphers()))
def test_the_names_of_suites_translate_both_ways(name) -> None:
    assert openssl_suite_name(standard_suite_name(name)) == name


@pytest.mark.parametrize(
    ("standard", "openssl"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
        ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", "DHE-RSA-AES128-SHA256"),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"),
        ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
    ],
)
def test_suites_have_two_names(standard, openssl) -> None:
    assert openssl_suite_name(standard) == openssl
    assert standard_suite_name(openssl) == standard
