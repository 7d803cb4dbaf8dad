"""The way through a proxy: what is sent to it, what it may answer, and who goes past it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import copy
import errno
import itertools
import os
import pickle
import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError, ConnectFailed, ProxyFailed
from snmptcp.net.dialing import dial
from snmptcp.net.proxy import Proxy, ProxyKind, tunnel
from tests.support.clock import ClockLoop, more_turns
from tests.support.proxies import HEAD, ScriptedProxy, free_port

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

HTTP, SOCKS4, SOCKS4A, SOCKS5 = ProxyKind.HTTP, ProxyKind.SOCKS4, ProxyKind.SOCKS4A, ProxyKind.SOCKS5
OK = b"HTTP/1.1 200 Connection established\r\n\r\n"
GRANTED4 = b"\0\x5a" + bytes(6)
GRANTED5 = b"\5\0\0\1" + bytes(6)
TARGET = ("192.0.2.1", 161)


async def echo(sock: socket.socket, octets: bytes = b"octets") -> bytes:
    """Send octets through a tunnel and return the answer."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, octets)
    answer = b""
    while len(answer) < len(octets):
        answer += await loop.sock_recv(sock, 100) or b"<end>"
    return answer


async def through(
    server: ScriptedProxy, kind: ProxyKind, host: str = TARGET[0], port: int = TARGET[1], **options: Any
) -> bytes:
    """Return what comes back through a proxy."""
    proxy = Proxy(kind, "127.0.0.1", server.port, **options)
    with await dial(host, port, proxy=proxy) as sock:
        return await echo(sock)


async def refusal(server: ScriptedProxy, kind: ProxyKind, host: str = TARGET[0], **options: Any) -> str:
    """Return why a proxy does not connect, without the part that is always the same."""
    with pytest.raises(ProxyFailed) as caught:
        await through(server, kind, host, **options)
    name = f"{kind.name} proxy 127.0.0.1:{server.port}"
    text = str(caught.value)
    for secret in (options.get("password"), options.get("user")):
        assert secret is None or secret not in text
    assert caught.value.__cause__ is not None
    return text.removeprefix(f"the {name} does not connect to {host}:161: ").removeprefix(f"the {name} ")


# --------------------------------------------------------------------------------------------- HTTP


async def test_connect_is_sent_to_an_http_proxy_and_the_stream_is_the_peers_afterwards() -> None:
    async with ScriptedProxy((HEAD, OK)) as server:
        assert await through(server, HTTP) == b"OCTETS"

    assert server.received == b"CONNECT 192.0.2.1:161 HTTP/1.1\r\nHost: 192.0.2.1:161\r\n\r\n"


async def test_user_password_and_further_headers_are_sent_to_an_http_proxy() -> None:
    async with ScriptedProxy((HEAD, OK)) as server:
        headers = {"X-Site": "lab 7", "User-Agent": "snmp"}
        assert await through(server, HTTP, user="jürgen", password="a:b c", headers=headers) == b"OCTETS"

    lines = server.received.split(b"\r\n")
    assert b"X-Site: lab 7" in lines
    assert b"User-Agent: snmp" in lines
    (authorization,) = (line for line in lines if line.startswith(b"Proxy-Authorization: Basic "))
    assert base64.b64decode(authorization.split()[2]).decode() == "jürgen:a:b c"


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("2001:db8::1", b"[2001:db8::1]"),
        ("agent.example.com", b"agent.example.com"),
        ("büro.example", b"xn--bro-hoa.example"),
    ],
)
async def test_an_http_proxy_gets_the_name_and_resolves_it_itself(host: str, target: bytes) -> None:
    async with ScriptedProxy((HEAD, OK)) as server:
        assert await through(server, HTTP, host) == b"OCTETS"

    assert server.received.startswith(b"CONNECT " + target + b":161 HTTP/1.1\r\nHost: " + target + b":161\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        OK,
        b"HTTP/1.0 200 OK\r\nProxy-Agent: some/1.0\r\n\r\n",
        b"HTTP/1.1 200\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\nVia: a proxy without carriage returns\n\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000 + b"\r\n\r\n",
    ],
)
@pytest.mark.parametrize("drip", [False, True], ids=["at once", "octet by octet"])
async def test_any_answer_that_says_yes_is_read_to_its_end_and_not_further(answer: bytes, drip: bool) -> None:
    """What comes right behind the answer is the peer's already."""
    async with ScriptedProxy((HEAD, answer + b"\x30\x03"), drip=drip) as server:
        proxy = Proxy(HTTP, "127.0.0.1", server.port)
        with await dial(*TARGET, proxy=proxy) as sock:
            first = await asyncio.get_running_loop().sock_recv(sock, 1)
            assert first == b"\x30"
            assert await asyncio.get_running_loop().sock_recv(sock, 1) == b"\x03"
            assert await echo(sock) == b"OCTETS"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 403 Filtered\r\n\r\n", "403 Filtered"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nno!", "502 Bad Gateway"),
        (b"HTTP/1.1 503\r\n\r\n", "503"),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://elsewhere/\r\n\r\n", "301 Moved"),
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407: it needs a user and a password"),
        (b"HTTP/1.1 two hundred\r\n\r\n", "it does not speak HTTP; its answer begins 'HTTP/1.1 two hundred'"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "it does not speak HTTP; its answer begins b'SS'"),
        (b"\x30\x2c\x02\x01\x01", "it does not speak HTTP; its answer begins b'0,'"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000, "the head of its answer is longer than 16384 octets"),
    ],
    ids=lambda value: str(value[:24]),
)
async def test_an_http_proxy_that_does_not_connect_tells_why(answer: bytes, reason: str) -> None:
    async with ScriptedProxy((HEAD, answer)) as server:
        assert await refusal(server, HTTP) == reason


@pytest.mark.parametrize(
    ("offers", "reason"),
    [
        ("Proxy-Authenticate: Basic realm=x", "it refuses the user or the password"),
        ("", "it refuses the user or the password"),
        ("Proxy-Authenticate: ", "it refuses the user or the password"),
        ("proxy-authenticate: NTLM", "it needs NTLM authentication; only Basic is supported"),
        (
            "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM",
            "it needs Negotiate or NTLM authentication; only Basic is supported",
        ),
        ("Proxy-Authenticate: NTLM\r\nProxy-Authenticate: basic", "it refuses the user or the password"),
    ],
)
async def test_an_http_proxy_that_refuses_the_user_tells_why(offers: str, reason: str) -> None:
    answer = f"HTTP/1.1 407 Proxy Authentication Required\r\n{offers}\r\n\r\n" if offers else "HTTP/1.1 407 No\r\n\r\n"
    async with ScriptedProxy((HEAD, answer.encode())) as server:
        assert await refusal(server, HTTP, user="someone", password="wrong-secret") == f"407: {reason}"


# -------------------------------------------------------------------------------------------- SOCKS


async def test_socks5_without_a_user_offers_no_authentication() -> None:
    async with ScriptedProxy((3, b"\5\0"), (10, GRANTED5)) as server:
        assert await through(server, SOCKS5) == b"OCTETS"

    assert server.received == b"\5\1\0" + b"\5\1\0\1" + bytes((192, 0, 2, 1)) + b"\0\xa1"


async def test_socks5_with_a_user_authenticates_and_lets_the_proxy_resolve_the_name() -> None:
    name = b"agent.example.com"
    async with ScriptedProxy((4, b"\5\2"), (11, b"\1\0"), (7 + len(name), GRANTED5)) as server:
        assert await through(server, SOCKS5, name.decode(), user="me", password="a pass") == b"OCTETS"

    assert server.received == (b"\5\2\0\2" + b"\1\2me\6a pass" + b"\5\1\0\3" + bytes((len(name),)) + name + b"\0\xa1")


async def test_socks5_carries_addresses_of_version_6() -> None:
    async with ScriptedProxy((3, b"\5\0"), (22, b"\5\0\0\4" + bytes(18))) as server:
        assert await through(server, SOCKS5, "2001:db8::1") == b"OCTETS"

    assert server.received[7:23] == socket.inet_pton(socket.AF_INET6, "2001:db8::1")


async def test_socks5_answers_octet_by_octet_are_read_to_their_end_and_not_further() -> None:
    answer = b"\5\0\0\3\4name\0\x50"
    async with ScriptedProxy((3, b"\5\0"), (10, answer + b"\x30\x03"), drip=True) as server:
        with await dial(*TARGET, proxy=Proxy(SOCKS5, "127.0.0.1", server.port)) as sock:
            assert await asyncio.get_running_loop().sock_recv(sock, 1) == b"\x30"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1, "general failure of the proxy"),
        (2, "its rules do not allow it"),
        (3, "network unreachable"),
        (4, "host unreachable"),
        (5, "connection refused"),
        (6, "TTL expired"),
        (7, "it does not support the command CONNECT"),
        (8, "it does not support this type of address"),
    ],
)
async def test_a_socks5_proxy_that_does_not_connect_tells_why(code: int, reason: str) -> None:
    async with ScriptedProxy((3, b"\5\0"), (10, bytes((5, code, 0, 1)) + bytes(6))) as server:
        assert await refusal(server, SOCKS5) == reason


async def test_a_socks5_proxy_that_wants_a_user_says_so() -> None:
    async with ScriptedProxy((3, b"\5\xff")) as server:
        assert await refusal(server, SOCKS5) == (
            "it accepts none of the offered authentication methods; no user and password are given"
        )


async def test_a_socks5_proxy_that_wants_another_way_to_authenticate_says_so() -> None:
    async with ScriptedProxy((4, b"\5\xff")) as server:
        reason = await refusal(server, SOCKS5, user="someone", password="secret-word")

    assert reason == "it accepts none of the offered authentication methods"


async def test_a_socks5_proxy_that_refuses_the_user_says_so() -> None:
    async with ScriptedProxy((4, b"\5\2"), (21, b"\1\1")) as server:
        reason = await refusal(server, SOCKS5, user="someone", password="secret-word")

    assert reason == "it refuses the user or the password"


@pytest.mark.parametrize(
    "answers",
    [
        [(3, b"HTTP/1.1 400 Bad Request\r\n\r\n")],
        [(3, b"\4\x5b" + bytes(6))],
        [(3, b"\5\x77")],
        [(3, b"\5\2")],  # a way that was not offered
        [(3, b"\5\0"), (10, b"\4\0\0\1" + bytes(6))],
        [(3, b"\5\0"), (10, b"\5\x55\0\1" + bytes(6))],
        [(3, b"\5\0"), (10, b"\5\0\x77\1" + bytes(6))],
        [(3, b"\5\0"), (10, b"\5\0\0\x77" + bytes(6))],
    ],
    ids=str,
)
async def test_a_server_that_is_no_socks5_proxy_is_reported_as_such(answers: list[tuple[int | bytes, bytes]]) -> None:
    async with ScriptedProxy(*answers) as server:
        assert (await refusal(server, SOCKS5)).startswith("it does not speak SOCKS5: ")


async def test_socks4_sends_the_address_and_the_user_id() -> None:
    async with ScriptedProxy((11, GRANTED4)) as server:
        assert await through(server, SOCKS4, user="me") == b"OCTETS"

    assert server.received == b"\4\1\0\xa1" + bytes((192, 0, 2, 1)) + b"me\0"


async def test_socks4_resolves_the_name_here_and_socks4a_there() -> None:
    async with ScriptedProxy((9, GRANTED4)) as server:
        assert await through(server, SOCKS4, "localhost") == b"OCTETS"
    assert server.received == b"\4\1\0\xa1\x7f\0\0\1\0"

    async with ScriptedProxy((b"localhost\0", GRANTED4)) as server:
        assert await through(server, SOCKS4A, "localhost") == b"OCTETS"
    assert server.received == b"\4\1\0\xa1\0\0\0\1\0localhost\0"


async def test_a_name_that_socks4_cannot_resolve_says_so() -> None:
    async with ScriptedProxy() as server:
        reason = await refusal(server, SOCKS4, "no-such-host.invalid")

    assert "name" in reason.lower()
    assert "SOCKS4A" in reason


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (91, "rejected, or the connection failed"),
        (92, "rejected: the proxy cannot ask the identd of this host"),
        (93, "rejected: the identd of this host names another user"),
    ],
)
@pytest.mark.parametrize("kind", [SOCKS4, SOCKS4A])
async def test_a_socks4_proxy_that_does_not_connect_tells_why(kind: ProxyKind, code: int, reason: str) -> None:
    async with ScriptedProxy((9, bytes((0, code)) + bytes(6))) as server:
        assert await refusal(server, kind) == reason


@pytest.mark.parametrize("answer", [b"\5\xff\0\0\0\0\0\0", b"HTTP/1.1 400", b"\0\x11" + bytes(6)])
async def test_a_server_that_is_no_socks4_proxy_is_reported_as_such(answer: bytes) -> None:
    async with ScriptedProxy((9, answer)) as server:
        assert (await refusal(server, SOCKS4)).startswith("it does not speak SOCKS4: ")


async def test_socks4_refuses_an_address_of_version_6_before_connecting() -> None:
    async with ScriptedProxy() as server:
        with pytest.raises(ConfigurationError, match="SOCKS4A does not support IPv6 addresses: 2001:db8::1"):
            await through(server, SOCKS4A, "2001:db8::1")

    assert server.connections == 0


# ------------------------------------------------------------------------------------- for every kind

SCRIPTS: dict[ProxyKind, list[tuple[int | bytes, bytes]]] = {
    HTTP: [(HEAD, OK)],
    SOCKS4: [(9, GRANTED4)],
    SOCKS4A: [(9, GRANTED4)],
    SOCKS5: [(3, b"\5\0"), (10, GRANTED5)],
}

#: Waits for more than ever comes.
SILENCE = (10_000, b"")


@pytest.mark.parametrize("kind", ProxyKind)
async def test_a_proxy_that_closes_instead_of_answering_says_so(kind: ProxyKind) -> None:
    expected, _ = SCRIPTS[kind][0]
    async with ScriptedProxy((expected, b""), hang_up=True) as server:
        assert await refusal(server, kind) == "it closed the connection"


@pytest.mark.parametrize("kind", ProxyKind)
async def test_a_proxy_that_closes_in_the_middle_of_its_answer_says_so(kind: ProxyKind) -> None:
    expected, answer = SCRIPTS[kind][-1]
    async with ScriptedProxy(*SCRIPTS[kind][:-1], (expected, answer[:7]), hang_up=True) as server:
        assert (await refusal(server, kind)).startswith("it closed the connection")


@pytest.mark.parametrize("kind", ProxyKind)
async def test_a_proxy_that_resets_the_connection_says_so(kind: ProxyKind) -> None:
    expected, _ = SCRIPTS[kind][0]
    async with ScriptedProxy((expected, b""), reset=True) as server:
        assert await refusal(server, kind) == f"was lost: {os.strerror(errno.ECONNRESET)}"


@pytest.mark.parametrize("kind", ProxyKind)
async def test_a_proxy_that_cannot_be_reached_is_told_with_its_address(kind: ProxyKind) -> None:
    port = free_port()
    with pytest.raises(ProxyFailed) as caught:
        await dial(*TARGET, proxy=Proxy(kind, "127.0.0.1", port, user=None))

    assert str(caught.value) == (
        "cannot connect to the proxy for 192.0.2.1:161: "
        f"cannot connect to 127.0.0.1:{port}: {os.strerror(errno.ECONNREFUSED)}"
    )


LOOPS = [ClockLoop, uvloop.new_event_loop]


@pytest.mark.parametrize("loop_factory", LOOPS, ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("kind", ProxyKind)
def test_every_kind_works_on_every_loop(kind: ProxyKind, loop_factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def talk() -> bytes:
        async with ScriptedProxy(*SCRIPTS[kind]) as server:
            return await through(server, kind)

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        assert runner.run(talk()) == b"OCTETS"


@pytest.mark.parametrize("loop_factory", LOOPS, ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("kind", ProxyKind)
@pytest.mark.parametrize("silent", [False, True], ids=["answers", "silent"])
def test_whatever_moment_it_is_cancelled_at_no_socket_is_left(
    kind: ProxyKind,
    silent: bool,
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dialled: list[socket.socket] = []

    async def stress() -> int:
        finished = 0
        async with ScriptedProxy(*([SILENCE] if silent else SCRIPTS[kind])) as server:
            for turns in itertools.chain(range(60), more_turns(500)):
                if turns > 500 and (silent or finished):
                    break
                before = len(dialled)
                task = asyncio.ensure_future(dial(*TARGET, proxy=Proxy(kind, "127.0.0.1", server.port)))
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    (await task).close()
                    finished += 1
                assert len(dialled) == before + (turns > 0)
                assert [sock for sock in dialled if sock.fileno() != -1] == []
        return finished

    class Watched(socket.socket):
        def setblocking(self, flag: bool) -> None:
            super().setblocking(flag)
            # Those that dial makes, and neither accepted ones nor the loop's own.
            if sys._getframe(1).f_code.co_filename.endswith("dialing.py"):
                dialled.append(self)

    monkeypatch.setattr(socket, "socket", Watched)
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        finished = runner.run(stress())

    assert silent is (finished == 0)


async def test_a_limit_of_time_ends_a_proxy_that_never_answers() -> None:
    async with ScriptedProxy(SILENCE) as server:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await dial(*TARGET, proxy=Proxy(SOCKS5, "127.0.0.1", server.port))


async def test_a_local_address_is_used_for_the_connection_to_the_proxy() -> None:
    async with ScriptedProxy((HEAD, OK)) as server:
        proxy = Proxy(HTTP, "127.0.0.1", server.port)
        with await dial(*TARGET, proxy=proxy, local_address=("127.0.0.3", 0)) as sock:
            assert sock.getsockname()[0] == "127.0.0.3"


@pytest.mark.parametrize("host", ["a b", "a/b", "a\r\nHost: b", "x" * 64 + ".example", "", "fe80::1%eth0"])
@pytest.mark.parametrize("kind", [HTTP, SOCKS5, SOCKS4A])
async def test_a_host_that_no_proxy_can_be_asked_for_is_refused_before_connecting(kind: ProxyKind, host: str) -> None:
    async with ScriptedProxy() as server:
        with pytest.raises(ConfigurationError):
            await through(server, kind, host)

    assert server.connections == 0


@pytest.mark.parametrize("kind", [SOCKS4, SOCKS4A, SOCKS5])
async def test_without_python_socks_a_socks_proxy_names_the_extra_before_connecting(
    kind: ProxyKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "python_socks.async_.asyncio", None)
    async with ScriptedProxy() as server:
        with pytest.raises(ConfigurationError, match=r"pip install 'snmptcp\[proxy\]'"):
            await through(server, kind)

    assert server.connections == 0


async def test_without_python_socks_an_http_proxy_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_socks", None)
    monkeypatch.setitem(sys.modules, "python_socks.async_.asyncio", None)
    async with ScriptedProxy((HEAD, OK)) as server:
        assert await through(server, HTTP) == b"OCTETS"


@given(st.binary(max_size=40))
@settings(max_examples=60, deadline=None)
def test_whatever_a_proxy_answers_is_a_tunnel_or_a_proxy_that_failed(answer: bytes) -> None:
    async def ask(kind: ProxyKind) -> None:
        here, there = socket.socketpair()
        with here, there:
            here.setblocking(False)
            there.sendall(answer)
            there.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ProxyFailed):
                await tunnel(here, Proxy(kind, "192.0.2.9"), *TARGET)

    with asyncio.Runner() as runner:
        for kind in ProxyKind:
            runner.run(ask(kind))


# ----------------------------------------------------------------------------------- configuration


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://proxy:3128", Proxy(HTTP, "proxy", 3128)),
        ("http://proxy/", Proxy(HTTP, "proxy", 80)),
        ("proxy:3128", Proxy(HTTP, "proxy", 3128)),
        ("socks5://me:p%40ss@proxy", Proxy(SOCKS5, "proxy", 1080, user="me", password="p@ss")),
        ("socks5h://proxy:1", Proxy(SOCKS5, "proxy", 1)),
        ("socks://proxy", Proxy(SOCKS5, "proxy", 1080)),
        ("SOCKS4://me@192.0.2.1", Proxy(SOCKS4, "192.0.2.1", 1080, user="me")),
        ("socks4a://[2001:db8::1]:99", Proxy(SOCKS4A, "2001:db8::1", 99)),
        ("http://me:@proxy", Proxy(HTTP, "proxy", 80, user="me")),
    ],
)
def test_proxies_are_named_by_urls(url: str, expected: Proxy) -> None:
    assert Proxy.from_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://me:secret-word@proxy",
        "ftp://me:secret-word@proxy",
        "http://me:secret-word@",
        "http://me:secret-word@proxy:port",
        "http://me:secret-word@proxy:70000",
        "http://me:secret-word@proxy/path",
        "http://me:secret-word@proxy?query",
        "http://:secret-word@proxy",
        "http://me:secret-word@[::1",
        "socks4://me:secret-word@proxy",
        "socks5://me@proxy",
        "",
    ],
)
def test_what_names_no_proxy_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Proxy.from_url(url)

    assert "secret-word" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("arguments", "options", "reason"),
    [
        (("gopher", "proxy"), {}, "a proxy must be one of http, socks4, socks4a, socks5, not 'gopher'"),
        ((HTTP, ""), {}, "needs a host"),
        ((HTTP, "proxy", 65536), {}, "1 to 65535, not 65536"),
        ((HTTP, "proxy", -1), {}, "1 to 65535, not -1"),
        ((HTTP, "proxy"), {"password": "x"}, "needs a user"),
        ((HTTP, "proxy"), {"user": "a:b"}, "cannot have a colon"),
        ((HTTP, "proxy"), {"headers": {"A b": "c"}}, "not a valid name of a header field"),
        ((HTTP, "proxy"), {"headers": [("A", "b\r\nHost: c")]}, "control character"),
        ((SOCKS5, "proxy"), {"headers": [("A", "b")]}, "only possible for an HTTP proxy"),
        ((SOCKS5, "proxy"), {"user": "a"}, "or neither"),
        ((SOCKS5, "proxy"), {"user": "ä", "password": "b"}, "ASCII"),
        ((SOCKS5, "proxy"), {"user": "a", "password": "b" * 256}, "255"),
        ((SOCKS4, "proxy"), {"user": "a", "password": "b"}, "no password"),
        ((SOCKS4, "proxy"), {"user": "a\0b"}, "ASCII"),
    ],
)
def test_what_a_protocol_cannot_carry_is_refused_when_the_proxy_is_made(
    arguments: Any, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        Proxy(*arguments, **options)


def test_no_secret_is_shown_and_a_proxy_can_be_copied() -> None:
    proxy = Proxy("http", "proxy", 8080, user="me", password="secret-word", headers={"X-Key": "secret-key"})

    assert "secret" not in repr(proxy) + str(proxy)
    assert str(proxy) == "HTTP proxy proxy:8080"
    assert pickle.loads(pickle.dumps(proxy)) == copy.deepcopy(proxy) == proxy
    assert hash(copy.copy(proxy)) == hash(proxy)


# --------------------------------------------------------------------------------------- exceptions


@pytest.mark.parametrize(
    ("exceptions", "past", "through_it"),
    [
        ("", [], ["localhost", "127.0.0.1"]),
        ("localhost;127.0.0.1", ["localhost", "LOCALHOST", "localhost.", "127.0.0.1"], ["127.0.0.2", "a.localhost"]),
        ("*.example.com", ["a.example.com", "a.b.example.com"], ["example.com", "aexample.com", "a.example.com.de"]),
        ("10.*, 192.0.2.*", ["10.1.2.3", "192.0.2.77"], ["11.1.2.3", "192.0.3.77", "10.example.com.de"][:2]),
        ("192.0.2.0/24;2001:db8::/32", ["192.0.2.9", "2001:db8::1", "::ffff:192.0.2.9"], ["192.0.3.9", "2001:db9::1"]),
        ("[::1]", ["::1", "0:0::1"], ["::2"]),
        ("router-*", ["router-7", "router-"], ["my-router-7", "router"]),
        ("*", ["anything", "192.0.2.1", "::1"], []),
        ("agent:161", ["agent"], []),
        ("agent:162;[::1]:162", [], ["agent", "::1"]),
        ("[::1]:161;192.0.2.1:161", ["::1", "192.0.2.1"], ["192.0.2.2"]),
        ("a?ent;[ab]gent", ["a?ent"], ["agent"]),
    ],
)
def test_exceptions_go_past_the_proxy(exceptions: str, past: list[str], through_it: list[str]) -> None:
    proxy = Proxy(HTTP, "proxy", bypass=exceptions)

    assert [host for host in past + through_it if not proxy.covers(host, 161)] == past


async def test_an_exception_is_connected_to_without_the_proxy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as target:
        async with ScriptedProxy() as server:
            proxy = Proxy(HTTP, "127.0.0.1", server.port, bypass="127.*")
            with await dial("127.0.0.1", target.getsockname()[1], proxy=proxy) as sock:
                assert sock.getpeername() == target.getsockname()
        assert server.connections == 0


async def test_an_exception_that_fails_is_no_failure_of_the_proxy() -> None:
    with pytest.raises(ConnectFailed) as caught:
        await dial("127.0.0.1", free_port(), proxy=Proxy(HTTP, "192.0.2.1", bypass="*"))

    assert not isinstance(caught.value, ProxyFailed)


# -------------------------------------------------------------------------------------- environment


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    names = ("all_proxy", "https_proxy", "http_proxy", "no_proxy")
    for name in (*names, *map(str.upper, names), "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)

    def put(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"all_proxy": ""}, None),
        ({"http_proxy": "http://a:1"}, "a"),
        ({"HTTP_PROXY": "http://a:1"}, "a"),
        ({"HTTP_PROXY": "http://a:1", "REQUEST_METHOD": "GET"}, None),
        ({"http_proxy": "http://a:1", "REQUEST_METHOD": "GET"}, "a"),
        ({"https_proxy": "http://b:1", "http_proxy": "http://a:1"}, "b"),
        ({"ALL_PROXY": "socks5://c", "https_proxy": "http://b:1"}, "c"),
        ({"all_proxy": "socks5://d", "ALL_PROXY": "socks5://c"}, "d"),
        ({"all_proxy": " e:3128 "}, "e"),
    ],
)
def test_the_environment_names_the_proxy(environment: Any, variables: dict[str, str], expected: str | None) -> None:
    environment(**variables)
    proxy = Proxy.from_environment("agent")

    assert (proxy and proxy.host) == expected


@pytest.mark.parametrize(
    ("exceptions", "past", "through_it"),
    [
        ("example.com", ["example.com", "a.example.com", "EXAMPLE.COM."], ["badexample.com", "example.com.de"]),
        (".example.com", ["example.com", "a.example.com"], ["badexample.com"]),
        ("*.example.com,localhost", ["example.com", "a.b.example.com", "localhost"], ["badexample.com", "com"]),
        ("*", ["anything", "192.0.2.1", "::1"], []),
        ("192.0.2.0/24 ::1", ["192.0.2.200", "::1"], ["192.0.3.1", "::2", "192"]),
        ("192.0.2.1", ["192.0.2.1"], ["192.0.2.10"]),
        ("agent:161,other:162", ["agent"], ["other"]),
        ("router-*.lab", ["router-1.lab"], ["a.router.lab"]),
    ],
)
@pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY"])
def test_the_environment_names_exceptions(
    environment: Any, variable: str, exceptions: str, past: list[str], through_it: list[str]
) -> None:
    environment(all_proxy="http://proxy:1", **{variable: exceptions})

    assert [host for host in past + through_it if Proxy.from_environment(host, 161) is None] == past


def test_a_variable_that_is_no_url_is_named_and_not_shown(environment: Any) -> None:
    environment(HTTPS_PROXY="https://me:secret-word@proxy")
    with pytest.raises(ConfigurationError, match=r"^the environment's HTTPS_PROXY: ") as caught:
        Proxy.from_environment("agent")

    assert "secret-word" not in str(caught.value)
