"""SSL contexts: what goes into them, which files cannot be used, and what is never left behind."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from snmptcp.errors import ConfigurationError
from snmptcp.net.tls import ClientCertificates, ClientTls, ServerTls, TlsOptions
from snmptcp.net.tls import context as tls_context
from tests.support.certificates import PASSWORD, certificates

C = certificates()
PIN = "ab" * 32


def client(**given: object) -> ClientTls:
    return ClientTls(TlsOptions(**given), "localhost")  # type: ignore[arg-type]


def test_an_authority_with_a_negative_serial_number_is_taken_as_openssl_takes_it() -> None:
    """Systems' own bundles have such authorities, and a program is not warned of them."""
    der = bytearray(C.authority.certificate.public_bytes(Encoding.DER))
    der[der.index(b"\xa0\x03\x02\x01\x02\x02") + 7] |= 0x80
    for given in (bytes(der), "A comment, and\n" + C.ca_pem + ssl.DER_cert_to_PEM_cert(bytes(der))):
        authorities = client(ca_pem=given).context.get_ca_certs(binary_form=True)
        assert bytes(der) in authorities


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"ca_file": "/no/such/file"}, "/no/such/file: No such file or directory"),
        ({"ca_pem": "nonsense"}, "ca_pem: no certificate"),
        ({"ca_pem": C.client.key_pem}, "ca_pem: no certificate"),
        ({"ca_directory": "/no/such/folder"}, "/no/such/folder: No such file"),
        ({"certificate": C.client.certificate_pem}, "certificate: no private key"),
        (
            {"certificate": C.client.certificate_pem, "key": C.server.key_pem},
            "the key does not belong to the certificate",
        ),
        ({"certificate": C.client.certificate_pem, "key": C.client.encrypted_key_pem}, "no password is given"),
        (
            {"certificate": C.client.certificate_pem, "key": C.client.encrypted_key_pem, "password": "wrong"},
            "key: no private key, or the password is wrong",
        ),
        ({"certificate": C.client.certificate_pem, "key": b"\x30\x00"}, "key: no private key"),
        ({"certificate": "/no/such/file"}, "/no/such/file: No such file"),
        ({"pkcs12": C.client.pkcs12()}, "pkcs12: no PKCS#12, or the password is wrong"),
        ({"pkcs12": b"nonsense"}, "pkcs12: no PKCS#12"),
        ({"crl": b"nonsense"}, "crl: no revocation list"),
        ({"crl": C.ca_pem}, "crl: no revocation list"),
        ({"accepted_certificates": b"nonsense"}, "no certificate"),
        ({"ciphers": "nonsense"}, "no TLS 1.2 cipher"),
        ({"ciphers": "eNULL"}, "no TLS 1.2 cipher"),
        ({"ciphers": "aNULL"}, "no TLS 1.2 cipher"),
        ({"key_log": "/no/such/folder/log"}, "/no/such/folder/log: No such file"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_reason(given, complaint):
    with pytest.raises(ConfigurationError) as caught:
        client(**given)
    assert complaint in str(caught.value)
    assert "PRIVATE KEY" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_a_server_needs_a_certificate():
    for tls in (True, TlsOptions()):
        with pytest.raises(ConfigurationError, match="a server needs a certificate"):
            ServerTls(tls)


def test_a_server_cannot_judge_clients_by_fingerprint_alone():
    with pytest.raises(ConfigurationError, match="by fingerprint alone"):
        ServerTls(TlsOptions(certificate=C.server.pem, fingerprints=PIN))


def test_a_server_that_asks_for_certificates_must_judge_them():
    asking = TlsOptions(certificate=C.server.pem, verify=False, client_certificates=ClientCertificates.REQUIRED)
    with pytest.raises(ConfigurationError, match="must verify them"):
        ServerTls(asking)


def test_given_authorities_are_in_place_of_the_systems():
    assert client(ca_pem=C.ca_pem).context.cert_store_stats() == {"x509": 1, "crl": 0, "x509_ca": 1}


def test_neither_side_renegotiates():
    for context in (client().context, ServerTls(TlsOptions(certificate=C.server.pem)).context):
        assert context.options & ssl.OP_NO_RENEGOTIATION


@pytest.mark.skipif(not hasattr(ssl, "OP_IGNORE_UNEXPECTED_EOF"), reason="OpenSSL 1.1.1 has no such option")
def test_both_sides_notice_a_session_that_is_cut_off() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.options |= ssl.OP_IGNORE_UNEXPECTED_EOF  # as Python before 3.11.3
    tls_context.client_context(TlsOptions(ca_pem=C.ca_pem), context)
    server = tls_context.server_context(TlsOptions(certificate=C.server.pem))
    assert not (context.options | server.options) & ssl.OP_IGNORE_UNEXPECTED_EOF


def test_the_key_log_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "keys.log"
    client(key_log=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("has_nameless_files", [True, False])
def test_nothing_is_left_behind_and_no_key_is_ever_readable(monkeypatch, tmp_path, has_nameless_files):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    if not has_nameless_files:
        monkeypatch.setattr(tls_context, "_nameless_file", lambda data, stack: None)
    seen: list[tuple[int, bytes, int]] = []
    load = ssl.SSLContext.load_cert_chain

    def spy(context, path, *rest, **options):
        status = Path(path).stat()
        seen.append((stat.S_IMODE(status.st_mode), Path(path).read_bytes(), len(list(tmp_path.iterdir()))))
        return load(context, path, *rest, **options)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", spy)
    client(certificate=C.client.pem, ca_pem=C.ca_pem, crl=C.crl_pem)
    ((mode, octets, files),) = seen
    assert b"ENCRYPTED PRIVATE KEY" in octets
    if not has_nameless_files:
        assert mode == 0o600
        assert files == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_removed_even_if_openssl_refuses_it(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(tls_context, "_nameless_file", lambda data, stack: None)
    with pytest.raises(ConfigurationError, match="does not belong to the certificate"):
        client(certificate=C.client.certificate_pem, key=C.server.key_pem)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("names", [("a.pem", "b.crt"), ("ca.CER",)], ids=["several files", "one file"])
def test_a_directory_without_hashes_is_read_file_by_file(tmp_path, names):
    for name, authority in zip(names, (C.authority, C.other_authority), strict=False):
        (tmp_path / name).write_text(authority.pem)
    (tmp_path / "README").write_text("not one of them")
    assert client(ca_directory=tmp_path).context.cert_store_stats()["x509_ca"] == len(names)


def test_a_directory_without_certificates_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="no certificates"):
        client(ca_directory=tmp_path)


def test_files_may_be_in_der(tmp_path):
    (tmp_path / "ca.der").write_bytes(C.authority.der)
    (tmp_path / "crl.der").write_bytes(C.authority.crl(C.revoked).public_bytes(Encoding.DER))
    tls = client(ca_file=tmp_path / "ca.der", crl=tmp_path / "crl.der")
    assert tls.context.cert_store_stats() == {"x509": 1, "crl": 1, "x509_ca": 1}
    assert tls.context.verify_flags & ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
