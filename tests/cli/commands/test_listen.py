"""``snmptcp listen``: what it accepts and prints, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, Tsm, UsmUser
from snmptcp.cli.commands.listen import ListenCommand
from snmptcp.cli.main import main
from snmptcp.codec.pdu import PduType
from tests.cli.helpers import parsed
from tests.support.clock import settle
from tests.support.odd import BROKEN, KIND, UP, community, pdu
from tests.support.rawclient import RawClient
from tests.support.senders import (
    CAROL,
    SENDER_ENGINE,
    UsmSender,
    acknowledged,
    community_message,
    inform,
    notification_pdu,
    trap,
)

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def listening(*words: object, tls: bool = False) -> AsyncIterator[tuple[Process, RawClient]]:
    """Run the command on a free port, with a connection to it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "snmptcp", "listen", "127.0.0.1", "--port", "0", *map(str, words),
        stdin=DEVNULL, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        said = (await process.stderr.readline()).decode()
        assert said.startswith("listening at tlstcp:127.0.0.1:" if tls else "listening at tcp:127.0.0.1:")
        port = int(said.split(":")[2].split()[0])
        async with RawClient("127.0.0.1", port) as client:
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().rstrip("\n")


def test_the_options_say_who_may_notify(monkeypatch: pytest.MonkeyPatch) -> None:
    def credentials(*words: str) -> Any:
        return list(parsed(ListenCommand, "listen", *words).credentials)

    assert credentials() == [Community("public", "1"), Community("public")]
    assert credentials("-c", "one", "-c", "two") == [
        Community(name, version) for name in ("one", "two") for version in ("1", "2c")
    ]
    keys = ("-u", "alice", "-A", "authentic", "-X", "privately")
    alice = UsmUser("alice", "SHA-256", "authentic", "AES", "privately")
    assert credentials(*keys) == [alice]
    assert credentials(*keys, "-c", "one")[2:] == [alice]
    assert credentials(*keys, "-e", f"0x{SENDER_ENGINE.hex()}") == [(alice, SENDER_ENGINE)]
    monkeypatch.setenv("SNMPTCP_COMMUNITY", "hidden")
    assert credentials() == [Community("hidden", "1"), Community("hidden")]


def test_certificates_may_notify_if_names_are_made_of_them() -> None:
    def credentials(*words: str) -> Any:
        return list(parsed(ListenCommand, "listen", "--tls-cert", "server.pem", *words).credentials)

    names = ("--tls-map", "ca.pem=cn")
    assert credentials(*names) == [Tsm()]
    assert credentials(*names, "-c", "one") == [Community("one", "1"), Community("one"), Tsm()]
    assert credentials("-u", "alice", *names) == [UsmUser("alice"), Tsm()]
    assert credentials("-c", "one") == [Community("one", "1"), Community("one")]


def test_addresses_have_ports_of_their_own_or_the_common_one() -> None:
    assert parsed(ListenCommand, "listen").addresses == (("", 162),)
    words = ["listen", "192.0.2.1", "[2001:db8::1]:1162", "tcp:192.0.2.2:2", "--port", "2162"]
    assert parsed(ListenCommand, *words).addresses == (("192.0.2.1", 2162), ("2001:db8::1", 1162), ("192.0.2.2", 2))


@pytest.mark.parametrize("words", [("-A", "authentic"), ("-e", "80001f880465"), ("--port", "65536"), ("--limit", "0")])
def test_wrong_usage_is_explained(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["listen", *words]) == 2
    assert "usage: snmptcp listen" in capsys.readouterr().err


async def test_notifications_are_printed_as_they_come_and_ctrl_c_ends_it() -> None:
    async with listening("-c", "public") as (process, client):
        client.send(trap() + community_message(notification_pdu(), Community("wrong")) + inform(5))
        assert acknowledged(await client.frame()).request_id == 5
        assert " v2c trap .1.3.6.1.4.1.8072.9999.0.17 uptime (4242) 0:00:42.42" in await line(process)
        assert await line(process) == '  .1.3.6.1.2.1.1.5.0 = STRING: "dev1"'
        assert " v2c inform " in await line(process)
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
        assert out.decode() == '  .1.3.6.1.2.1.1.5.0 = STRING: "dev1"\n'
        assert err.decode().splitlines()[1:] == ["2 notifications; refused: bad communities 1"]
        assert process.returncode == 0


async def test_refused_messages_are_told_as_they_come_and_many_of_a_kind_are_counted() -> None:
    strange = community_message(notification_pdu(), Community("Secret"))
    async with listening("-c", "public") as (process, client):
        client.send(strange)
        assert process.stderr is not None
        first = (await process.stderr.readline()).decode()
        assert re.fullmatch(
            r"snmptcp: refused a v2c message of 127\.0\.0\.1:\d+: unknown community in a message of version 2c "
            r"\(-c COMMUNITY accepts it\)\n",
            first,
        )
        client.send(b"\x30\x00")
        assert b"refused a message of 127.0.0.1:" in await process.stderr.readline()
        client.send(strange * 20 + inform(5))
        await client.frame()
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
        more, total = err.decode().splitlines()
        assert re.fullmatch(
            r"snmptcp: 20 more messages were refused in \d+ s: bad communities \(20\); from 127\.0\.0\.1 \(20\)", more
        )
        assert total == "1 notifications; refused: malformed 1, bad communities 21"
        assert "Secret" not in first + more


async def test_a_stream_that_is_no_snmp_is_told() -> None:
    async with listening("-c", "public") as (process, client):
        client.send(b"GET / HTTP/1.1")
        assert process.stderr is not None
        said = (await process.stderr.readline()).decode()
        assert re.match(
            r"snmptcp: closed the connection of 127\.0\.0\.1:\d+: a message begins with 0x30, not 0x47", said
        )
        process.send_signal(signal.SIGINT)
        assert (await process.communicate())[1] == b"0 notifications; lost framings 1\n"


async def test_a_sender_with_tls_and_one_of_another_version_are_told_what_accepts_them() -> None:
    async with listening("-c", "public") as (process, client):
        client.send(bytes.fromhex("3003020103"))
        assert process.stderr is not None
        said = (await process.stderr.readline()).decode()
        assert said.endswith(": SNMP version number 3 is not accepted (-u USER accepts SNMPv3)\n")
        client.send(bytes.fromhex("16030102000100"))
        said = (await process.stderr.readline()).decode()
        assert said.endswith("(the peer speaks TLS: listen with --tls-cert, or have it send without TLS)\n")


async def test_a_message_in_which_its_connection_ends_is_told() -> None:
    async with listening("-c", "public") as (process, client):
        client.send(trap()[:-4])
        client.writer.close()
        assert process.stderr is not None
        said = (await process.stderr.readline()).decode()
        assert re.fullmatch(
            r"snmptcp: lost a message of 127\.0\.0\.1:\d+: the connection ended inside a message, "
            r"after \d+ of \d+ octets\n",
            said,
        )
        process.send_signal(signal.SIGINT)
        assert (await process.communicate())[1] == b"0 notifications; cut off 1\n"


async def test_odd_notifications_are_printed_with_what_is_odd() -> None:
    async with listening("-c", "public") as (process, client):
        client.send(community(pdu(PduType.TRAP_V2, KIND, UP, BROKEN)))
        await line(process)
        assert await line(process) == (
            "  odd: the variable bindings do not begin with sysUpTime.0 and snmpTrapOID.0, in this order; "
            "a variable binding cannot be read"
        )
        assert (await line(process)).startswith("  unreadable: .1.3.6.1.2.1.1.5.0: an IpAddress of 3 octets")


async def test_a_strict_command_refuses_what_is_odd() -> None:
    async with listening("-c", "public", "--strict", "--json", "--limit", 1) as (process, client):
        client.send(community(pdu(PduType.TRAP_V2, KIND, UP)) + trap())
        assert "oddities" not in json.loads(await line(process))
        _, err = await process.communicate()
        assert err.endswith(b"1 notifications; refused: malformed 1\n")


async def test_traps_of_a_clock_that_stands_still_are_accepted_on_request() -> None:
    keys = ("-u", "alice", "-A", "authentic alice", "-X", "private alice")
    async with listening(*keys, "--frozen-clock", "--limit", 2, "--json") as (process, client):
        client.send(UsmSender(time=5000).trap(1) + UsmSender(time=0).trap(2))
        assert [json.loads(await line(process))["engine_id"] for _ in range(2)] == [SENDER_ENGINE.hex()] * 2


async def test_json_lines_for_users_up_to_a_limit() -> None:
    words = ("--json", "--limit", 2, "-u", "alice", "-A", "authentic alice", "-X", "private alice")
    async with listening(*words) as (process, client):
        client.send(UsmSender().trap(1) + UsmSender().trap(2))
        lines = [json.loads(await line(process)) for _ in range(2)]
        assert [each["security_name"] for each in lines] == ["alice", "alice"]
        assert lines[0]["varbinds"] == [{"oid": "1.3.6.1.2.1.1.5.0", "type": "OctetString", "value": "dev1"}]
        out, err = await process.communicate()
        assert (out, err, process.returncode) == (b"", b"2 notifications\n", 0)


async def test_a_reader_that_has_gone_ends_it() -> None:
    async with listening() as (process, client):
        assert process.stdout is not None
        process.stdout._transport.close()  # type: ignore[attr-defined]  # as `head` does
        await settle()
        client.send(trap() * 3)
        assert process.stderr is not None
        assert await process.stderr.read() == b""
        assert await process.wait() == 141


async def test_a_peer_without_tls_is_counted_and_certificates_notify(cli: Cli, files: Path) -> None:
    server = ("--tls-ca", files / "ca.pem", "--tls-cert", files / "server.pem")
    async with listening(*server, "--tls-map", f"{files}/ca.pem=rfc822", tls=True) as (process, client):
        client.send(trap())
        assert process.stderr is not None
        assert b"no TLS session with 127.0.0.1:" in await process.stderr.readline()
        own = ("--tls-ca", files / "ca.pem", "--tls-cert", files / "client.pem")
        assert (await cli("trap", *own, f"tlstcp:127.0.0.1:{client.port}", "5", "1.3.6.1.6.3.1.1.5.1")).code == 0
        assert (await line(process)).endswith(" from Manager@example.com authPriv")
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
        assert (out, err, process.returncode) == (b"", b"1 notifications; failed handshakes 1\n", 0)


async def test_an_address_that_is_taken_is_one_line() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "snmptcp", "listen", f"127.0.0.1:{port}", stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )
        out, err = await process.communicate()
    assert (out, process.returncode) == (b"", 1)
    assert err.decode().startswith(f"snmptcp: cannot listen on 127.0.0.1:{port}: ")
    assert err.count(b"\n") == 1


async def test_boots_are_kept_in_the_file_of_the_option(tmp_path: Any) -> None:
    file = tmp_path / "engine.json"
    for boots in (1, 2):
        async with listening("-u", "carol", "--engine-file", file) as (process, _):
            process.send_signal(signal.SIGTERM)
            await process.communicate()
            assert process.returncode == 0
        assert json.loads(file.read_text())["boots"] == boots


async def test_a_name_that_the_terminal_has_no_letters_for_does_not_end_the_command() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "snmptcp", "listen", "127.0.0.1", "--port", "0", "-u", "carol", "--limit", "2",
        stdout=PIPE, stderr=PIPE, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        said = (await process.stderr.readline()).decode()
        async with RawClient("127.0.0.1", int(said.split(":")[2].split()[0])) as client:
            client.send(UsmSender(user=CAROL, context_name="gr\u00fcn".encode()).trap() + UsmSender(user=CAROL).trap())
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    assert (err, process.returncode) == (b"2 notifications\n", 0)
    assert b" context gr\\xfcn " in out


def test_a_sender_may_have_an_engine_id_that_breaks_rules() -> None:
    words = ("listen", "-u", "alice", "-A", "authentic", "-e", "31323334")
    assert parsed(ListenCommand, *words).credentials == ((UsmUser("alice", "SHA-256", "authentic"), b"1234"),)
