"""Every way to name certificates and keys, against an agent that requires a client certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import hashes

from tests.cli.helpers import ANSWER, tls_agent, where
from tests.support.certificates import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli
    from tests.support.certificates import Certificates
    from tests.support.sid import CertificateTree

pytestmark = pytest.mark.anyio

SYS_NAME = "1.3.6.1.2.1.1.5.0"


@pytest.mark.parametrize(
    "words",
    [
        "--tls-ca {}/ca.pem --tls-cert {}/client.pem --tls-key {}/client.key",
        "--tls-ca {}/ca.pem --tls-cert {}/client.pem",
        "--tls-ca {}/authorities --tls-cert {}/client.pem",
        "--tls-ca {}/ca.pem --tls-cert {}/client.p12 --tls-key-password-file {}/password",
        "--tls-ca {}/ca.pem --tls-cert {}/client.pem --tls-key {}/encrypted.key --tls-key-password-file {}/password",
        "--tls-ca {}/ca.pem --tls-cert {}/both.pem --tls-version 1.2",
        "--tls-insecure --tls-cert {}/both.pem --tls-version 1.3",
        "--tls-fingerprint FINGERPRINT --tls-cert {}/both.pem",
        "--tls-ca {}/ca.pem --tls-server-name agent.test --tls-cert {}/both.pem",
        "-T our_identity={}/client.pem,trust_cert={}/ca.pem",
        "-T localCert={}/both.pem -T trustCert={}/ca.pem -T peerHostname=agent.test",
        "-T our_identity=manager,trust_cert=authority,their_hostname=agent.test",
        "-T our_identity=manager.crt -T their_identity=agent",
        "-T our_identity=manager -T peerCert=FINGERPRINT",
        "-T our_identity=manager -T their_identity=SHA-1",
        "-T our_identity=OURS -T trust_cert=AUTHORITY",
        "-T our_identity=manager --tls-ca {}/ca.pem",
    ],
)
async def test_a_get_with_each_way_to_name_the_identities(
    cli: Cli, certificates: Certificates, files: Path, tree: CertificateTree, words: str
) -> None:
    client = certificates.client
    (files / "both.pem").write_text(client.pem)
    (files / "encrypted.key").write_text(client.encrypted_key_pem)
    (files / "password").write_text(f"{PASSWORD}\n")
    (files / "authorities").mkdir()
    (files / "authorities" / "one.pem").write_text(certificates.ca_pem)
    sha1 = certificates.server.certificate.fingerprint(hashes.SHA1()).hex(":")
    for name, value in (
        ("FINGERPRINT", certificates.server.fingerprint),
        ("SHA-1", sha1),
        ("OURS", client.fingerprint),
        ("AUTHORITY", certificates.authority.fingerprint),
        ("{}", str(files)),
    ):
        words = words.replace(name, value)
    async with tls_agent(certificates) as agent:
        assert await cli("get", "-Oqv", *words.split(), where(agent, "tlstcp:"), SYS_NAME) == ANSWER
        assert {request.user for request in agent.requests} == {b"boss"}


async def test_the_password_of_the_key_comes_from_the_environment_or_an_option(
    cli: Cli, certificates: Certificates, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--tls-ca", f"{files}/ca.pem", "--tls-cert", f"{files}/client.p12")
    async with tls_agent(certificates) as agent:
        given = await cli("get", "-Oqv", *words, "--tls-key-password", PASSWORD, where(agent, "tlstcp:"), SYS_NAME)
        monkeypatch.setenv("SNMPTCP_TLS_KEY_PASSWORD", PASSWORD)
        found = await cli("get", "-Oqv", *words, where(agent, "tlstcp:"), SYS_NAME)
        wrong = await cli("get", *words, "--tls-key-password", "guessed", where(agent, "tlstcp:"), SYS_NAME)
    assert given == found == ANSWER
    assert wrong == (1, "", f"snmptcp: {files}/client.p12: no PKCS#12, or the password is wrong\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--tls-ca {}/none", "{}/none: No such file or directory"),
        ("--tls-ca {}/empty", "{}/empty: no certificates (*.pem, *.crt, *.cer) in this directory"),
        ("--tls-ca {}/client.key", "{}/client.key: no certificate"),
        ("--tls-cert {}/none", "{}/none: No such file or directory"),
        ("--tls-cert {}/none --tls-key {}/client.key", "{}/none: No such file or directory"),
        ("--tls-cert {}/client.pem --tls-key {}/none", "{}/none: No such file or directory"),
        (
            "--tls-cert {}/client.pem --tls-key {}/server.key",
            "{}/client.pem: the key does not belong to the certificate",
        ),
        ("--tls-cert {}/ca.pem", "{}/ca.pem: contains no private key, and there is no ca.key beside it"),
        ("--tls-cert {}/client.key", "{}/client.key: no certificate"),
        ("--tls-cert {}/client.pem --tls-key-password-file {}/none", "{}/none: No such file or directory"),
        ("-T our_identity=nobody", "not a file, a fingerprint, or a certificate in /nonexistent/tls/certs: 'nobody'"),
        ("-T trust_cert=nobody", "not a file, a fingerprint, or a certificate in /nonexistent/tls/ca-certs: 'nobody'"),
        ("-T their_identity=..", "not a file, a fingerprint, or a certificate in /nonexistent/tls/certs: '..'"),
        ("-T their_identity={}/none", "{}/none: No such file or directory"),
        (
            f"-T our_identity={'ab' * 32}",
            f"no certificate below /nonexistent/tls has the fingerprint sha256:{'ab' * 32}",
        ),
    ],
)
async def test_wrong_files_and_names_are_reported_before_anything_is_sent(
    cli: Cli, files: Path, words: str, complaint: str
) -> None:
    (files / "empty").mkdir()
    outcome = await cli("get", *words.replace("{}", str(files)).split(), "tlstcp:127.0.0.1:1", SYS_NAME)
    assert outcome == (1, "", f"snmptcp: {complaint.replace('{}', str(files))}\n")
