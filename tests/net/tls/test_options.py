"""TLS options that contradict each other are refused."""

from __future__ import annotations

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.net.tls import ClientCertificates, ClientTls, CrlCheck, TlsOptions
from snmptcp.security.tls_names import CertificateMap
from tests.support.certificates import certificates

C = certificates()
PIN = "ab" * 32


def client(**given: object) -> ClientTls:
    return ClientTls(TlsOptions(**given), "localhost")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"key": C.client.key_pem}, "key= needs certificate="),
        ({"certificate": C.client.pem, "pkcs12": b"x"}, "not both"),
        ({"verify": False, "fingerprints": PIN}, "accepts every peer"),
        ({"verify": False, "ca_pem": C.ca_pem}, "accepts every peer"),
        ({"verify": False, "crl": C.crl_pem}, "accepts every peer"),
        ({"fingerprints": PIN, "crl": C.crl_pem}, "a pinned certificate cannot be revoked"),
        ({"crl_check": CrlCheck.LEAF}, "crl_check needs crl="),
        ({"fingerprints": "ab" * 20}, "SHA-512, not sha1"),
        ({"fingerprints": "xy"}, "hexadecimal"),
        ({"minimum_version": "1.3", "maximum_version": "1.2"}, "is above maximum_version"),
        ({"minimum_version": "1.1"}, "'1.2' or '1.3', not '1.1'"),
        (
            {"client_certificates": ClientCertificates.NOT_ASKED, "certificate_maps": (CertificateMap(PIN, name="x"),)},
            "clients are not asked for them",
        ),
    ],
)
def test_options_that_contradict_each_other_are_refused(given, complaint):
    with pytest.raises(ConfigurationError, match=complaint):
        TlsOptions(**given)


def test_secrets_are_not_shown():
    shown = repr(TlsOptions(certificate=C.client.pem, password="secret"))
    assert "PRIVATE" not in shown
    assert "secret" not in shown
