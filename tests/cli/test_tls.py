"""TLS on the command line: every way to say who we are and whom to believe, against an agent that asks for both."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes

from snmptcp import OctetString, TlsOptions, UsmUser
from snmptcp.net.tls import CertificateMap, MapType
from snmptcp.testing import Agent, Hold
from tests.support.certificates import PASSWORD
from tests.support.proxies import HEAD, ScriptedProxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.certificates import Certificates, Issued
    from tests.support.sid import CertificateTree

    from .conftest import Cli

pytestmark = pytest.mark.anyio

SYS_NAME = "1.3.6.1.2.1.1.5.0"
VARIABLES = {SYS_NAME: OctetString("sw1")}
ANSWER = (0, '"sw1"\n', "")


@asynccontextmanager
async def tls_agent(certificates: Certificates, issued: Issued | None = None, **more: Any) -> AsyncIterator[Agent]:
    """Run an agent over TLS that knows the client's certificate as ``boss``."""
    issued = issued or certificates.server
    options = TlsOptions(
        ca_pem=certificates.ca_pem,
        certificate=issued.chain_pem,
        key=issued.key_pem,
        certificate_maps=(CertificateMap(certificates.client.fingerprint, MapType.SPECIFIED, "boss"),),
    )
    async with Agent(VARIABLES, **{"tls": options, "tsm_names": ["boss"], **more}) as agent:
        yield agent


def where(agent: Agent) -> str:
    return f"tlstcp:{agent.host}:{agent.port}"


def own(files: Path) -> tuple[str, ...]:
    return ("--tls-ca", f"{files}/ca.pem", "--tls-cert", f"{files}/client.pem")


# -------------------------------------------------------------------------------------- ways to be believed


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
async def test_a_get_with_each_way_to_say_who_is_who(
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
        assert await cli("get", "-Oqv", *words.split(), where(agent), SYS_NAME) == ANSWER
        assert {request.user for request in agent.requests} == {b"boss"}


async def test_the_password_of_the_key_comes_from_the_environment_or_an_option(
    cli: Cli, certificates: Certificates, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--tls-ca", f"{files}/ca.pem", "--tls-cert", f"{files}/client.p12")
    async with tls_agent(certificates) as agent:
        given = await cli("get", "-Oqv", *words, "--tls-key-password", PASSWORD, where(agent), SYS_NAME)
        monkeypatch.setenv("SNMPTCP_TLS_KEY_PASSWORD", PASSWORD)
        found = await cli("get", "-Oqv", *words, where(agent), SYS_NAME)
        wrong = await cli("get", *words, "--tls-key-password", "guessed", where(agent), SYS_NAME)
    assert given == found == ANSWER
    assert wrong == (1, "", f"snmptcp: {files}/client.p12: no PKCS#12, or the password is wrong\n")


async def test_an_option_of_tls_is_enough_where_the_address_says_nothing(
    cli: Cli, certificates: Certificates, files: Path
) -> None:
    async with tls_agent(certificates) as agent:
        assert await cli("get", "-Oqv", *own(files), f"127.0.0.1:{agent.port}", SYS_NAME) == ANSWER


async def test_communities_and_users_go_inside_tls(cli: Cli, certificates: Certificates, files: Path) -> None:
    bert = UsmUser("bert", "SHA-256", "authentic", "AES", "privately")
    async with tls_agent(certificates, users=[bert], read_community="hidden") as agent:
        for words in (("-v1", "-c", "hidden"), ("-c", "hidden"), ("-u", "bert", "-A", "authentic", "-X", "privately")):
            assert await cli("get", "-Oqv", *words, *own(files), where(agent), SYS_NAME) == ANSWER
        assert [(str(request.version), request.user) for request in agent.requests] == [
            ("1", b""),
            ("2c", b""),
            ("3", b"bert"),
        ]


async def test_every_command_that_asks_can_ask_over_tls(cli: Cli, certificates: Certificates, files: Path) -> None:
    async with tls_agent(certificates, engine_id=bytes.fromhex("80001f88047368656c66")) as agent:
        line = f'.{SYS_NAME} = STRING: "sw1"\n'
        words = (*own(files), where(agent))
        assert await cli("getnext", *words, "1.3.6.1.2.1.1") == (0, line, "")
        assert await cli("getbulk", "-Cr1", *words, "1.3.6.1.2.1.1") == (0, line, "")
        assert await cli("walk", *words, "1.3.6.1.2.1.1") == (0, line, "")
        assert (await cli("table", *words, "1.3.6.1.2.1.1")).code == 0
        assert await cli("set", "-Oqv", *words, SYS_NAME, "s", "sw2") == (0, '"sw2"\n', "")
        found = json.loads((await cli("discover", "--json", *words)).out)
    assert (found["engine_id"], found["boots"], found["authenticated"]) == ("80001f88047368656c66", 1, True)


async def test_d_explains_what_goes_inside_tls(cli: Cli, certificates: Certificates, files: Path) -> None:
    async with tls_agent(certificates) as agent:
        outcome = await cli("get", "-d", *own(files), where(agent), SYS_NAME)
    assert outcome.code == 0
    assert "-- sent " in outcome.err
    assert "get-response" in outcome.err
    assert "TSM" in outcome.err


# -------------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--tls-cert {}/client.pem", "; check --tls-ca; or accept this one certificate: --tls-fingerprint"),
        ("--tls-ca {}/client.pem --tls-cert {}/client.pem", "the certificate's issuer is not trusted"),
        ("--tls-ca {}/ca.pem --tls-server-name other.test --tls-cert {}/client.pem", "; say which name it should have"),
        (f"--tls-fingerprint {'ab' * 32} --tls-cert {{}}/client.pem", "; check --tls-fingerprint, or -T their_ident"),
        ("-T their_identity={}/client.pem,our_identity={}/client.pem", "(it has SHA-256 "),
        ("--tls-ca {}/ca.pem", "the peer rejected our certificate or requires one"),
    ],
)
async def test_why_there_is_no_session_is_one_line_with_the_option_to_look_at(
    cli: Cli, certificates: Certificates, files: Path, words: str, complaint: str
) -> None:
    async with tls_agent(certificates) as agent:
        outcome = await cli("get", *words.replace("{}", str(files)).split(), where(agent), SYS_NAME)
        assert not agent.requests
        assert outcome.err.startswith(f"snmptcp: no TLS session with {agent.host}:{agent.port}: ")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert complaint in outcome.err


async def test_a_self_signed_certificate_can_be_pinned(cli: Cli, certificates: Certificates, files: Path) -> None:
    async with tls_agent(certificates, certificates.self_signed) as agent:
        refused = await cli("get", *own(files), where(agent), SYS_NAME)
        cert = ("--tls-cert", f"{files}/client.pem")
        pin = ("--tls-fingerprint", certificates.self_signed.fingerprint)
        assert await cli("get", "-Oqv", *cert, *pin, where(agent), SYS_NAME) == ANSWER
    assert "self-signed" in refused.err
    assert "--tls-fingerprint" in refused.err


async def test_a_port_where_no_tls_is_spoken_is_told(cli: Cli, agent: Agent) -> None:
    outcome = await cli("get", "--tls-insecure", where(agent), SYS_NAME)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert outcome.err.startswith(f"snmptcp: no TLS session with {agent.host}:{agent.port}: the peer closed the connec")
    assert outcome.err.endswith("; check the port, and --tls-cert\n")


async def test_silence_over_tls_is_explained(cli: Cli, certificates: Certificates, files: Path) -> None:
    async with tls_agent(certificates) as agent:
        agent.inject(Hold(), times=None)
        outcome = await cli("get", "-t2", "-e", agent.engine_id.hex(), *own(files), where(agent), SYS_NAME)
    assert "no answer within 2 s (agents may say nothing to a certificate that has no security name" in outcome.err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--tls-ca {}/none", "{}/none: No such file or directory"),
        ("--tls-ca {}/empty", "{}/empty: no certificates (*.pem, *.crt, *.cer) in this directory"),
        ("--tls-ca {}/client.key", "{}/client.key: no certificate"),
        ("--tls-cert {}/none", "{}/none: No such file or directory"),
        ("--tls-cert {}/none --tls-key {}/client.key", "{}/none: No such file or directory"),
        ("--tls-cert {}/client.pem --tls-key {}/none", "{}/none: No such file or directory"),
        ("--tls-cert {}/client.pem --tls-key {}/server.key", "{}/client.pem: the key is not that of the certificate"),
        ("--tls-cert {}/ca.pem", "{}/ca.pem: no private key in it, and no ca.key beside it"),
        ("--tls-cert {}/client.key", "{}/client.key: no certificate"),
        ("--tls-cert {}/client.pem --tls-key-password-file {}/none", "{}/none: No such file or directory"),
        ("-T our_identity=nobody", "no file, no fingerprint, and no certificate in /nonexistent/tls/certs: 'nobody'"),
        ("-T trust_cert=nobody", "no file, no fingerprint, and no certificate in /nonexistent/tls/ca-certs: 'nobody'"),
        ("-T their_identity=..", "no file, no fingerprint, and no certificate in /nonexistent/tls/certs: '..'"),
        ("-T their_identity={}/none", "{}/none: No such file or directory"),
        (
            f"-T our_identity={'ab' * 32}",
            f"no certificate below /nonexistent/tls has the fingerprint sha256:{'ab' * 32}",
        ),
    ],
)
async def test_what_is_wrong_with_files_and_names_is_told_before_anybody_is_asked(
    cli: Cli, files: Path, words: str, complaint: str
) -> None:
    (files / "empty").mkdir()
    outcome = await cli("get", *words.replace("{}", str(files)).split(), "tlstcp:127.0.0.1:1", SYS_NAME)
    assert outcome == (1, "", f"snmptcp: {complaint.replace('{}', str(files))}\n")


# -------------------------------------------------------------------------------------------- the proxy


async def test_the_proxy_is_asked_for_the_agent_and_its_refusal_is_told(cli: Cli) -> None:
    async with ScriptedProxy((HEAD, b"HTTP/1.1 403 Forbidden\r\n\r\n"), hang_up=True) as proxy:
        words = ("--proxy", f"http://me:hidden@127.0.0.1:{proxy.port}")
        outcome = await cli("get", "-r0", *words, "tcp:agent.test", SYS_NAME)
        assert proxy.received.startswith(b"CONNECT agent.test:161 HTTP/1.1\r\n")
    assert outcome.code == 1
    assert "403 Forbidden" in outcome.err
    assert "hidden" not in outcome.err
