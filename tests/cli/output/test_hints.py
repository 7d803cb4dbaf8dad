"""Error texts that name the option to check."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import (
    OctetString,
)
from snmptcp.cli.output.hints import describe_error
from snmptcp.cli.reading import ReadCommand
from snmptcp.errors import AuthorizationError, ConnectionLost, FramingError
from snmptcp.testing import Agent, Drop, Hold
from tests.cli.helpers import ANSWER, AUTH, KEYS, PRIV, own, parsed, tls_agent, where

if TYPE_CHECKING:
    from pathlib import Path

    from snmptcp.cli.options.request import RequestOptions
    from tests.cli.conftest import Cli
    from tests.support.certificates import Certificates

pytestmark = pytest.mark.anyio

SYS_NAME = "1.3.6.1.2.1.1.5.0"


def get_from(*words: str) -> RequestOptions:
    return parsed(ReadCommand, "get", *words, SYS_NAME).request


@pytest.mark.parametrize("port", [10161, 10162])
def test_a_connection_lost_at_a_port_of_tls_hints_at_tls(port: int) -> None:
    lost = ConnectionLost(f"192.0.2.1:{port} closed the connection")
    plain = get_from(f"192.0.2.1:{port}")
    assert describe_error(lost, plain) == f"{lost} (this port is for TLS: try tlstcp:192.0.2.1:{port})"
    for words in (f"tlstcp:192.0.2.1:{port}", "192.0.2.1"):
        assert describe_error(lost, get_from(words)) == str(lost)


def test_a_connection_lost_before_any_answer_hints_at_tls() -> None:
    options = get_from("192.0.2.1:9999")
    lost = ConnectionLost("192.0.2.1:9999 closed the connection")
    hinted = f"{lost} (if it expects TLS: try tlstcp:HOST)"
    assert describe_error(lost, options, answered=False) == hinted
    assert describe_error(lost, options) == str(lost)
    assert describe_error(lost, get_from("tlstcp:192.0.2.1:9999"), answered=False) == str(lost)
    strange = ConnectionLost("192.0.2.1:9999 sent something else")
    strange.__cause__ = FramingError("a message begins with 0x30, not 0x48")
    assert describe_error(strange, options, answered=False) == str(strange)


def test_a_certificate_without_rights_is_told_what_they_depend_on() -> None:
    refused = AuthorizationError()
    text = describe_error(refused, get_from("tlstcp:192.0.2.1"))
    assert text == f"{refused} (your rights depend on the security name that the agent gives to your certificate)"
    assert describe_error(refused, get_from("-c", "x", "tlstcp:192.0.2.1")) == str(refused)


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a request that a report has refused fail at once."""
    monkeypatch.setattr("snmptcp.cli.manager.REPORT_GRACE", 0.05)


async def test_a_wrong_community_is_silence_and_the_silence_is_explained(cli: Cli) -> None:
    async with Agent({SYS_NAME: OctetString("sw1")}) as agent:
        outcome = await cli("get", "-t", "0.5", "-c", "guessed", where(agent), SYS_NAME)
        assert outcome.err == (
            f"snmptcp: {where(agent)}: no answer within 0.5 s (agents do not answer a wrong community or version)\n"
        )
        assert agent.statistics.bad_communities == 1
    assert outcome.code == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("-u", "grover", *KEYS), "the agent does not know the user (check -u: grover)"),
        (("-u", "bert", "-A", "wrong wrong", "-X", PRIV), "wrong digest"),
        (("-u", "bert", "-A", "wrong wrong", "-X", PRIV), "(check -A, and -a: SHA-256)"),
        (("-u", "bert", "-A", AUTH, "-X", "wrong wrong"), "(check -X, and -x: AES)"),
        (("-u", "ernie", "-a", "SHA", *KEYS), "(check -l: authPriv)"),
        (("-u", "nobody", *KEYS), "(check -l: authPriv)"),
        (("-u", "bert", "-l", "nanp"), "authorizationError (16)"),
        (("-u", "bert", "-l", "nanp"), "(the user's rights depend on -l: noAuthNoPriv)"),
        (("-u", "bert", *KEYS, "-n", "vlan-8"), "the agent does not know the context (check -n)"),
        (("-u", "bert", *KEYS, "-E", "8000000901"), "(check -E)"),
    ],
)
async def test_what_the_agent_does_not_accept_is_one_line_that_names_the_option(
    cli: Cli, v3_agent: Agent, words: tuple[str, ...], complaint: str
) -> None:
    outcome = await cli("get", "-t2", *words, where(v3_agent), SYS_NAME)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"snmptcp: {where(v3_agent)}: ")
    assert complaint in outcome.err
    assert outcome.err.count("\n") == 1
    assert AUTH not in outcome.err
    assert PRIV not in outcome.err
    assert "wrong wrong" not in outcome.err


async def test_silence_of_an_agent_that_told_its_engine_id_has_other_causes(cli: Cli, v3_agent: Agent) -> None:
    v3_agent.inject(Drop(), times=9, when=lambda request: bool(request.pdu.varbinds))
    outcome = await cli("get", "-t1", "-u", "bert", *KEYS, "-n", "vlan-7", where(v3_agent), SYS_NAME)
    assert "no answer within 1 s (many agents do not answer a wrong privacy password" in outcome.err
    assert "or an unknown context: check -n and -E)" in outcome.err
    outcome = await cli("get", "-t1", "-u", "nobody", where(v3_agent), SYS_NAME)
    assert "(it supports SNMPv3, but did not answer this request)" in outcome.err


async def test_an_agent_without_snmpv3_says_nothing_at_all(cli: Cli) -> None:
    async with Agent({SYS_NAME: OctetString("old")}) as agent:
        outcome = await cli("get", "-t0.5", "-u", "bert", *KEYS, where(agent), SYS_NAME)
        assert "it did not answer the discovery of its engine ID: it may not support SNMPv3" in outcome.err
        outcome = await cli("discover", "-t0.5", where(agent))
        assert (outcome.code, outcome.out) == (1, "")
        assert "it did not answer the discovery of its engine ID: it may not support SNMPv3" in outcome.err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--tls-cert {}/client.pem", "; check --tls-ca, or accept this one certificate with --tls-fingerprint"),
        ("--tls-ca {}/client.pem --tls-cert {}/client.pem", "the certificate's issuer is not trusted"),
        (
            "--tls-ca {}/ca.pem --tls-server-name other.test --tls-cert {}/client.pem",
            "; give the name in the certificate: --",
        ),
        (f"--tls-fingerprint {'ab' * 32} --tls-cert {{}}/client.pem", "; check --tls-fingerprint, or -T their_ident"),
        ("-T their_identity={}/client.pem,our_identity={}/client.pem", "(its certificate has SHA-256 "),
        ("--tls-ca {}/ca.pem", "the peer rejected our certificate or requires one"),
    ],
)
async def test_why_there_is_no_session_is_one_line_with_the_option_to_look_at(
    cli: Cli, certificates: Certificates, files: Path, words: str, complaint: str
) -> None:
    async with tls_agent(certificates) as agent:
        outcome = await cli("get", *words.replace("{}", str(files)).split(), where(agent, "tlstcp:"), SYS_NAME)
        assert not agent.requests
        assert outcome.err.startswith(f"snmptcp: no TLS session with {agent.host}:{agent.port}: ")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert complaint in outcome.err


async def test_a_self_signed_certificate_can_be_pinned(cli: Cli, certificates: Certificates, files: Path) -> None:
    async with tls_agent(certificates, certificates.self_signed) as agent:
        refused = await cli("get", *own(files), where(agent, "tlstcp:"), SYS_NAME)
        cert = ("--tls-cert", f"{files}/client.pem")
        pin = ("--tls-fingerprint", certificates.self_signed.fingerprint)
        assert await cli("get", "-Oqv", *cert, *pin, where(agent, "tlstcp:"), SYS_NAME) == ANSWER
    assert "self-signed" in refused.err
    assert "--tls-fingerprint" in refused.err


async def test_a_port_without_tls_is_reported(cli: Cli, agent: Agent) -> None:
    outcome = await cli("get", "--tls-insecure", where(agent), SYS_NAME)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert outcome.err.startswith(f"snmptcp: no TLS session with {agent.host}:{agent.port}: the peer closed the connec")
    assert outcome.err.endswith("; check the port, and --tls-cert\n")


async def test_silence_over_tls_is_explained(cli: Cli, certificates: Certificates, files: Path) -> None:
    async with tls_agent(certificates) as agent:
        agent.inject(Hold(), times=None)
        outcome = await cli("get", "-t1", "-e", agent.engine_id.hex(), *own(files), where(agent, "tlstcp:"), SYS_NAME)
    assert "no answer within 1 s (agents may not answer a certificate that has no security name" in outcome.err


async def test_a_plain_request_to_a_port_for_tls_is_told_what_to_try(cli: Cli) -> None:
    async def alert(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes.fromhex("15030100020246"))  # protocol_version, as OpenSSL answers what is no handshake
        writer.close()

    async with await asyncio.start_server(alert, "127.0.0.1", 0) as server:
        place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        outcome = await cli("get", "-t", "3", "-r0", place, SYS_NAME)
    assert outcome.code == 1
    assert f"(the agent speaks TLS on this port: try tlstcp:{place})" in outcome.err
    assert "tls=" not in outcome.err
