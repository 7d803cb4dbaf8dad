"""Secrets in errors, logs and reprs, and a peer's text that would control the terminal."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import os
import sys
import traceback
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, Manager, Proxy, SnmpError, TlsOptions, UsmUser
from snmptcp.cli.main import main
from snmptcp.errors import ProxyFailed
from snmptcp.ipworks import IPWorksSNMPError, SNMPTCPMgr
from snmptcp.listener import NotificationListener
from snmptcp.net.tls import ServerTls
from snmptcp.net.tls.stores import StoreType, open_store
from snmptcp.testing import Agent
from tests.support.attacker import (
    GET,
    HostileEngine,
    HostileServer,
    RawConnection,
    community_message,
    names,
    octet_string,
    pdu,
)
from tests.support.certificates import PASSWORD, certificates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.anyio

C = certificates()
SYS_NAME = "1.3.6.1.2.1.1.5.0"

#: Is put into every credential, and must never come out.
MARK = "s3cr3tMARKer"
#: A surrogate, as os.fsdecode makes it: it cannot be encoded, and Python's own error would show the whole text.
BROKEN = f"{MARK}\udcff"

USER = UsmUser("x", "SHA-256", MARK, "AES", MARK + "2")


#: The objects of this test, which may have an event loop even if their method has failed.
_facades: list[SNMPTCPMgr] = []


@pytest.fixture(autouse=True)
def _facades_are_closed() -> Iterator[None]:
    yield
    while _facades:
        _facades.pop().active = False


def facade(**properties: Any) -> SNMPTCPMgr:
    manager = SNMPTCPMgr()
    _facades.append(manager)
    for name, value in properties.items():
        setattr(manager, name, value)
    return manager


#: Every wrong use of a credential that could be thought of.
MISTAKES: dict[str, Callable[[], object]] = {
    "the password is the second argument": lambda: UsmUser("x", MARK),
    "the privacy password is the fourth": lambda: UsmUser("x", "SHA", "long enough", MARK),
    "a protocol in octets": lambda: UsmUser("x", MARK.encode()),  # type: ignore[arg-type]
    "a short password": lambda: UsmUser("x", auth_password=MARK[:7]),
    "a password with a surrogate": lambda: UsmUser("x", auth_password=BROKEN),
    "a password that is a list": lambda: UsmUser("x", auth_password=[MARK]),  # type: ignore[arg-type]
    "a privacy password alone": lambda: UsmUser("x", priv_password=MARK),
    "a password and a key": lambda: UsmUser("x", auth_password=MARK, auth_key=MARK.encode()),
    "a key of a wrong length": lambda: UsmUser("x", auth_key=MARK.encode()),
    "a key as text": lambda: UsmUser("x", auth_key=MARK),  # type: ignore[arg-type]
    "a localized key of a wrong length": lambda: UsmUser("x", auth_localized_key=MARK.encode()),
    "a privacy key of a wrong length": lambda: UsmUser("x", auth_password=MARK, priv_key=MARK.encode()),
    "a context that is too long": lambda: USER.in_context(b"x" * 300),
    "community and version swapped": lambda: Community("2c", MARK),
    "community and version swapped, in octets": lambda: Community("2c", MARK.encode()),  # type: ignore[arg-type]
    "community and version swapped, in a list": lambda: Community("2c", [MARK]),  # type: ignore[arg-type]
    "community and version swapped, in a bytearray": lambda: Community("2c", bytearray(MARK.encode())),  # type: ignore[arg-type]
    "the facade's password is the protocol": lambda: setattr(SNMPTCPMgr(), "authentication_protocol", MARK),
    "the facade's privacy password is the algorithm": lambda: setattr(SNMPTCPMgr(), "encryption_algorithm", MARK),
    "a community with a surrogate": lambda: Community(BROKEN),
    "a community that is a list": lambda: Community([MARK]),  # type: ignore[arg-type]
    "a community that is too long": lambda: Community(MARK * 10000),
    "credentials that are a text": lambda: Manager("127.0.0.1", credentials=MARK),  # type: ignore[arg-type]
    "a listener's credentials that are a text": lambda: NotificationListener(credentials=(MARK,)),  # type: ignore[arg-type]
    "two users of one name": lambda: NotificationListener(credentials=(USER, USER)),
    "a localized key without an engine": lambda: NotificationListener(
        credentials=UsmUser("x", auth_localized_key=MARK.encode().ljust(32))
    ),
    "tls that is a text": lambda: Manager("h", credentials=Community(MARK), tls=MARK),  # type: ignore[arg-type]
    "the URL is the proxy's kind": lambda: Proxy(f"http://u:{MARK}@h", "h"),
    "the URL is the proxy's host": lambda: Proxy("http", f"u:{MARK}@h"),
    "a proxy's URL of another scheme": lambda: Proxy.from_url(f"https://u:{MARK}@h"),
    "a proxy's URL without an end": lambda: Proxy.from_url(f"http://u:{MARK}@h:99999"),
    "a proxy's URL with an unescaped slash": lambda: Proxy.from_url(f"http://u:/{MARK}@h"),
    "a proxy's URL with an unescaped hash": lambda: Proxy.from_url(f"http://u:#{MARK}@h"),
    "the password is the scheme": lambda: Proxy.from_url(f"u:{MARK}@h://h"),
    "a password without a user": lambda: Proxy("http", "h", password=MARK),
    "a SOCKS password that is not ASCII": lambda: Proxy("socks5", "h", user="u", password=MARK + "ä"),
    "a SOCKS4 password": lambda: Proxy("socks4", "h", user="u", password=MARK),
    "a header line as a name": lambda: Proxy("http", "h", headers=[(f"Authorization: {MARK}", "")]),
    "a header with a line end": lambda: Proxy("http", "h", headers={"Authorization": f"{MARK}\n"}),
    "headers of a SOCKS proxy": lambda: Proxy("socks5", "h", headers={"Authorization": MARK}),
    "a key that is not PEM": lambda: ServerTls(
        TlsOptions(certificate=C.server.pem, key=base64.b64encode(MARK.encode() * 20).decode())
    ),
    "a key of another certificate": lambda: ServerTls(
        TlsOptions(certificate=C.server.certificate_pem, key=C.client.key_pem, password=MARK)
    ),
    "a wrong password of a key": lambda: ServerTls(
        TlsOptions(certificate=C.server.certificate_pem, key=C.server.encrypted_key_pem, password=MARK)
    ),
    "a password of a key with a surrogate": lambda: ServerTls(TlsOptions(certificate=C.server.pem, password=BROKEN)),
    "a wrong password of a PKCS#12": lambda: ServerTls(TlsOptions(pkcs12=C.server.pkcs12(), password=MARK)),
    "a key in place of a PKCS#12": lambda: ServerTls(TlsOptions(pkcs12=MARK.encode(), password=PASSWORD)),
    "a key with a NUL": lambda: ServerTls(TlsOptions(certificate=C.server.pem, key=f"{MARK}\0")),
    "options that contradict each other": lambda: TlsOptions(certificate=MARK, key=MARK, pkcs12=MARK, password=MARK),
    "a wrong password of a store": lambda: open_store(StoreType.PFX_BLOB, C.server.pkcs12(), MARK),
    "a facade's password that is a list": lambda: facade(authentication_password=[MARK]),
    "a facade's community that is a list": lambda: facade(community=[MARK]),
    "a facade's short password": lambda: facade(
        snmp_version=3, user="x", authentication_password=MARK[:5], remote_host="127.0.0.1"
    ).send_get_request(),
    "a facade's firewall password": lambda: facade(remote_host="127.0.0.1").config(f"FirewallPasword={MARK}"),
    "a facade's firewall data": lambda: _with_firewall_data(MARK),
}


def _with_firewall_data(text: str) -> None:
    manager = facade(remote_host="127.0.0.1", community=MARK)
    manager.config("FirewallType=1")
    manager.config("FirewallHost=127.0.0.1")
    manager.config(f"FirewallData={text}")
    manager.active = True
    manager.send_get_request()


def everything_of(error: BaseException) -> str:
    """Return all texts of an error and of its causes."""
    texts = ["".join(traceback.format_exception(error))]
    found: BaseException | None = error
    while found is not None:
        texts += [str(found), repr(found), repr(found.args)]
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return "\n".join(texts)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_no_mistake_with_a_credential_shows_it(mistake: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with pytest.raises((SnmpError, TypeError, IPWorksSNMPError)) as caught:
            MISTAKES[mistake]()
    for secret in (MARK, MARK[:7], base64.b64encode(MARK.encode() * 20).decode()[:40]):
        assert secret not in everything_of(caught.value)
        assert secret not in caplog.text
        assert secret not in "".join(str(each.message) for each in warned)


def test_no_repr_shows_a_secret() -> None:
    things: list[object] = [
        USER,
        Community(MARK),
        Proxy("http", "h", user="u", password=MARK, headers={"Authorization": MARK}),
        TlsOptions(
            certificate=f"-----BEGIN {MARK}", key=f"-----BEGIN {MARK}", password=MARK, ca_pem=f"-----BEGIN {MARK}"
        ),
        TlsOptions(pkcs12=MARK.encode(), password=MARK, accepted_certificates=f"-----BEGIN {MARK}"),
        Manager("h", credentials=Community(MARK), proxy=Proxy("http", "h", user="u", password=MARK)),
        Manager("h", credentials=USER),
        NotificationListener("127.0.0.1", 0, credentials=(Community(MARK), USER)),
        Agent(users=[USER]),
    ]
    for thing in things:
        assert MARK not in repr(thing)
        assert MARK not in str(thing)


async def test_the_records_of_an_agent_show_no_community() -> None:
    async with Agent() as agent, Manager(agent.host, agent.port, credentials=Community("private")) as manager:
        await manager.get(SYS_NAME)
        (request,) = agent.requests
        assert request.community == b"private"
        assert "private" not in repr(request)
        assert "private" not in repr(agent.requests)


async def test_what_a_conversation_logs_and_raises_has_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    engine = HostileEngine(community=b"another")

    def script(connection: RawConnection, octets: bytes) -> bytes | None:
        return {0: engine.answer(octets), 1: b"\x30\x03abc", 2: b"HTTP/1.1 400 Bad Request\r\n\r\n"}.get(
            len(server.received) % 4
        )

    async with HostileServer(script) as server:
        for credentials in (Community(MARK), Community(MARK, "1"), USER):
            for _ in range(4):
                async with Manager(server.host, server.port, credentials=credentials, timeout=0.05) as manager:
                    try:
                        await manager.get(SYS_NAME)
                    except SnmpError as error:
                        told.append(everything_of(error))
    async with (
        NotificationListener("127.0.0.1", 0, credentials=Community("right")) as listener,
        await RawConnection.open("127.0.0.1", listener.port) as connection,
    ):
        connection.send(community_message(pdu(GET, 1, names(SYS_NAME)), MARK.encode()))
        connection.send(community_message(b"\xa0\x03abc", MARK.encode()))
        while listener.statistics.messages < 2:
            await asyncio.sleep(0)
    assert len(told) >= 9
    assert MARK not in caplog.text
    assert MARK not in "".join(told)


@pytest.mark.parametrize(
    "words",
    [
        "get -c {} -v 3 127.0.0.1 1.3",
        "get -u x -a {} 127.0.0.1 1.3",
        "get -u x -x {} 127.0.0.1 1.3",
        "get -u x -A {} -l authPriv 127.0.0.1 1.3",
        "get -A {} 127.0.0.1 1.3",
        "get -u x -A {} -3m {} 127.0.0.1 1.3",
        "get -u x -3k {} 127.0.0.1 1.3",
        "get --tls-key-password {} 127.0.0.1 1.3",
        "get --proxy https://u:{}@h 127.0.0.1 1.3",
        "get --proxy u:{}@h:99999 127.0.0.1 1.3",
        "get --comunity={} 127.0.0.1 1.3",
        "get 127.0.0.1 1.3 --pass {}",
        "get -c {} --proxy http://u:{}@127.0.0.1:1 --debug 127.0.0.1 1.3",
        "get -c {} --debug -d --timeout 0.1 --retries 0 127.0.0.1:1 1.3",
        "listen -A {} 127.0.0.1:0",
        "trap -c {} 127.0.0.1:1 '' nonsense",
        "set 127.0.0.1:1 -c{} 1.3.6 i 5",
        "set 127.0.0.1:1 1.3.6 -A{} x",
        "set 127.0.0.1:1 1.3.6 i 5 -A{} x y",
        "trap 127.0.0.1:1 -c{} 1.3.6",
        "inform 127.0.0.1:1 5 -X{}",
        "trap -v1 127.0.0.1:1 1.3.6 -c{} 6 1 5",
        "-c {} get 127.0.0.1:1 1.3.6",
        "-A{} get 127.0.0.1:1 1.3.6",
    ],
)
def test_no_error_of_the_command_line_shows_a_secret(
    words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(words.replace("{}", MARK).split()) != 0
    out, err = capsys.readouterr()
    assert err
    assert MARK not in out + err


# ------------------------------------------------------------------------------ what a terminal acts on

ESCAPE = "\x1b[31m"


@pytest.mark.parametrize(
    "answer",
    [
        f"HTTP/1.1 403 {ESCAPE}No\x9b\r\n\r\n",
        f"HTTP/1.1 407 Auth\r\nProxy-Authenticate: {ESCAPE}x\r\n\r\n",
        f"HTTP/1.1 {ESCAPE}\r\n\r\n",
        f"{ESCAPE}SSH-2.0\r\n\r\n",
        f"HTTP/1.1 500 {'x' * 5000}\r\n\r\n",
    ],
)
async def test_a_proxys_words_are_escaped_and_cut(answer: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer.encode("latin-1"))
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        proxy = Proxy("http", "127.0.0.1", server.sockets[0].getsockname()[1])
        async with Manager("h.example", credentials=Community(MARK), proxy=proxy) as manager:
            with pytest.raises(ProxyFailed) as caught:
                await manager.get(SYS_NAME)
    finally:
        server.close()
        await server.wait_closed()
    shown = everything_of(caught.value) + caplog.text
    assert not any(control in shown for control in "\x1b\x9b\r")
    assert len(str(caught.value)) < 500


async def run(*words: str, **environment: str) -> str:
    """Run the command; return everything that it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "snmptcp", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )
    octets, _ = await process.communicate()
    return octets.decode()


@pytest.mark.parametrize("options", [(), ("--json",), ("-d",), ("--debug",), ("-Oa",)], ids=str)
async def test_an_agents_words_do_not_control_the_terminal(options: tuple[str, ...]) -> None:
    value = octet_string(f"{ESCAPE}\x9b\u202e\r\a agent".encode())
    engine = HostileEngine(community=b"public")
    async with HostileServer(lambda connection, octets: engine.answer(octets, value=value)) as server:
        printed = await run("get", "-c", "public", *options, f"{server.host}:{server.port}", SYS_NAME)
    assert SYS_NAME in printed
    assert not any(control in printed for control in "\x1b\x9b\u202e\r\a")


async def test_debug_prints_no_escape_of_a_proxy() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 403 {ESCAPE}No\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        proxy = f"http://u:{MARK}@127.0.0.1:{server.sockets[0].getsockname()[1]}"
        printed = await run("get", "--debug", "--proxy", proxy, "h.example", SYS_NAME)
    finally:
        server.close()
        await server.wait_closed()
    assert r"\x1b[31mNo" in printed
    assert "\x1b" not in printed
    assert MARK not in printed
