"""Trusted authorities and cipher lists: what cannot be used is an error when it is set, and names the setting."""

from __future__ import annotations

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from tests.ipworks.support import answered, refused
from tests.support.certificates import certificates

ALL = certificates()

BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.fixture
def folder(tmp_path):
    """A folder with a good file, a file without certificates, and others that cannot be used."""
    (tmp_path / "good.pem").write_text(ALL.ca_pem)
    (tmp_path / "key.pem").write_text(ALL.server.key_pem)
    (tmp_path / "broken.pem").write_text(BROKEN)
    (tmp_path / "crl.pem").write_text(ALL.crl_pem)
    (tmp_path / "certificate.der").write_bytes(ALL.server.der)
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "ca.pem").write_text("nothing")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        ("OpenSSLCAFile={}/missing.pem", 302, "missing.pem cannot be read: No such file"),
        ("OpenSSLCAFile={}/empty", 302, "empty cannot be read: Is a directory"),
        ("OpenSSLCAFile={}/key.pem", 10022, "no certificate in .*key.pem"),
        ("OpenSSLCAFile={}/certificate.der", 10022, "no certificate in .*certificate.der"),
        ("OpenSSLCAFile={}/broken.pem", 10022, "a certificate in .*broken.pem cannot be read"),
        ("OpenSSLCAFile=\0", 302, "cannot be read"),
        ("SSLCACertFilePaths={0}/good.pem;{0}/missing.pem", 302, "missing.pem cannot be read: No such file"),
        ("SSLCACertFilePaths={}/crl.pem", 10022, "no certificate in .*crl.pem"),
        ("OpenSSLCADir={}/missing", 302, "missing is not a directory"),
        ("OpenSSLCADir={}/good.pem", 302, "good.pem is not a directory"),
        ("OpenSSLCADir={}/empty", 10022, "empty: no certificates"),
        ("OpenSSLCADir={}/bad", 10022, "ca.pem: no certificate"),
        ("SSLServerCACerts=nothing", 10022, "no certificate in the value"),
        (f"SSLServerCACerts={BROKEN}", 10022, "a certificate in the value cannot be read"),
        ("SSLCACerts=nothing", 10022, "no certificate in the value"),
        ("OpenSSLCipherList=NO-SUCH-CIPHER", 10022, "NO-SUCH-CIPHER"),
        ("WalkStartOID=ifTable", 10022, "must be a dotted object identifier, not 'ifTable'"),
        ("FirewallData=nothing like that", 1301, "must consist of header lines"),
    ],
)
def test_what_cannot_be_used_is_an_error_when_it_is_set(text, code, why, folder, idle) -> None:
    name, _, value = text.partition("=")
    before = idle.config(name)
    with pytest.raises(IPWorksSNMPError, match=f"^{name}.*{why}") as caught:
        idle.config(f"{name}={value.format(folder)}")
    assert caught.value.code == code
    assert idle.config(name) == before


@pytest.mark.parametrize(
    "text",
    [
        "OpenSSLCAFile={}/good.pem",
        "OpenSSLCAFile={}/crl.pem",
        "OpenSSLCADir={}",
        "SSLCACertFilePaths={0}/good.pem; {0}/good.pem ;",
        f"SSLServerCACerts={ALL.ca_pem}",
        f"SSLCACerts={ALL.ca_pem}",
        "OpenSSLCipherList=ECDHE+AESGCM:!NULL",
        "WalkStartOID=.1.3.6.1.2.1.2",
        "FirewallData=X-Site: lab",
    ],
)
def test_what_can_be_used_is_taken_and_an_empty_value_ends_it(text, folder, idle) -> None:
    name, _, value = text.format(folder).partition("=")
    (folder / "broken.pem").unlink()
    (folder / "key.pem").unlink()
    (folder / "crl.pem").rename(folder / "crl.pem.txt") if name == "OpenSSLCADir" else None
    idle.config(f"{name}={value}")
    assert idle.config(name) == value.strip()
    idle.config(f"{name}=")
    assert idle.config(name) == ""


def test_a_file_that_is_lost_after_it_was_set_is_an_error_when_connecting(serve, idle, folder) -> None:
    serve()
    idle.config(f"OpenSSLCAFile={folder}/good.pem")
    (folder / "good.pem").unlink()
    refused(idle, 302, "OpenSSLCAFile: .*good.pem cannot be read")


def test_a_bundle_may_have_comments_in_any_encoding(serve, idle, folder) -> None:
    serve()
    (folder / "good.pem").write_bytes("Autorité\n".encode("latin-1") + ALL.ca_pem.encode())
    idle.config(f"OpenSSLCAFile={folder}/good.pem")
    answered(idle)
