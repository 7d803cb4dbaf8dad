"""Dialing: parallel attempts, reasons, options, and no leaked socket at any cancellation."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import os
import socket
import weakref
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp import Community
from snmptcp.errors import ClosedError, ConfigurationError, ConnectFailed
from snmptcp.net.dialing import EYEBALLS_DELAY, SocketOptions, dial, peer_name, reason_of
from snmptcp.protocol.session import Session
from snmptcp.security.community import CommunitySecurity
from tests.support.clock import ClockLoop, more_turns, settle, skip
from tests.support.opening import open_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.anyio

LoopFactory: TypeAlias = "Callable[[], asyncio.AbstractEventLoop]"

REFUSED = os.strerror(errno.ECONNREFUSED)
UNREACHABLE = os.strerror(errno.ENETUNREACH)


class Network:
    """A network with scripted names and addresses: the loop's resolver and its ``sock_connect``.

    Every socket is a real one, so that the interpreter tells of each that is not closed.

    Attributes:
        started: addresses in the order in which they were connected to.
        sockets: every socket that was connected or is being connected.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, addresses: dict[str, str]) -> None:
        self.started: list[str] = []
        self.sockets: list[socket.socket] = []
        self.bound: dict[str, str] = {}
        self.pending: dict[str, asyncio.Future[None]] = {}
        self._outcomes = addresses
        self._loop = loop

    async def getaddrinfo(self, host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        await asyncio.sleep(0)
        return [address_info(address, port) for address in self._outcomes]

    async def sock_connect(self, sock: socket.socket, address: tuple[Any, ...]) -> None:
        """Succeed or fail as scripted: at once, later (``release``), or never."""
        self.started.append(address[0])
        self.sockets.append(sock)
        outcome = self._outcomes[address[0]]
        if outcome == "never":
            await self._loop.create_future()
        if outcome in ("later", "fails later"):
            future = self.pending[address[0]] = self._loop.create_future()
            await future
        if outcome.startswith("fails"):
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"Connect call failed {address}")
        if outcome == "unreachable":
            raise OSError(errno.ENETUNREACH, "Network is unreachable")

    def release(self, address: str) -> None:
        """Complete the attempts that are scripted to end later."""
        self.pending[address].set_result(None)

    @property
    def open(self) -> list[socket.socket]:
        """The sockets that are still open."""
        return [sock for sock in self.sockets if sock.fileno() != -1]


def address_info(address: str, port: int) -> tuple[object, ...]:
    """Return the resolver's result for an address."""
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Network]:
    def install(addresses: dict[str, str]) -> Network:
        loop = asyncio.get_running_loop()
        network = Network(loop, addresses)
        monkeypatch.setattr(loop, "getaddrinfo", network.getaddrinfo)
        monkeypatch.setattr(loop, "sock_connect", network.sock_connect)
        return network

    return install


async def refusal(host: str, port: int = 161, **options: Any) -> str:
    """Return why a connection cannot be made."""
    with pytest.raises(ConnectFailed) as caught:
        await dial(host, port, **options)
    assert caught.value.__cause__ is not None
    assert "Errno" not in str(caught.value)
    return str(caught.value)


def free_port(family: socket.AddressFamily = socket.AF_INET) -> int:
    """Return a port of the loopback address on which no program listens."""
    with socket.socket(family) as sock:
        sock.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield server


def port_of(sock: socket.socket) -> int:
    port: int = sock.getsockname()[1]
    return port


# --------------------------------------------------------------------------------------- the race


async def test_the_first_address_that_answers_wins_and_no_other_is_tried(network: Any) -> None:
    net = network({"192.0.2.1": "at once", "192.0.2.2": "at once"})

    with await dial("name", 161) as sock:
        assert net.open == [sock]
    assert net.started == ["192.0.2.1"]


async def test_the_next_address_is_tried_beside_one_that_is_silent(network: Any) -> None:
    net = network({"192.0.2.1": "never", "192.0.2.2": "later", "192.0.2.3": "at once"})
    dialing_ = asyncio.ensure_future(dial("name", 161))
    await settle()
    assert net.started == ["192.0.2.1"]
    skip(EYEBALLS_DELAY)
    await settle()
    assert net.started == ["192.0.2.1", "192.0.2.2"]
    net.release("192.0.2.2")

    with await dialing_ as sock:
        assert net.open == [sock] == [net.sockets[1]]
    assert net.started == ["192.0.2.1", "192.0.2.2"]


async def test_a_failure_starts_the_next_address_at_once(network: Any) -> None:
    net = network({"192.0.2.1": "fails", "192.0.2.2": "unreachable", "192.0.2.3": "at once"})

    with await dial("name", 161) as sock:
        assert net.open == [sock]
    assert net.started == ["192.0.2.1", "192.0.2.2", "192.0.2.3"]


async def test_an_early_address_can_still_win_after_later_ones_were_begun(network: Any) -> None:
    net = network({"192.0.2.1": "later", "192.0.2.2": "fails", "192.0.2.3": "never"})
    dialing_ = asyncio.ensure_future(dial("name", 161))
    await settle()
    for _ in range(3):
        skip(EYEBALLS_DELAY)
        await settle()
    assert net.started == ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
    net.release("192.0.2.1")

    with await dialing_ as sock:
        assert net.open == [sock] == [net.sockets[0]]


async def test_two_that_succeed_in_one_turn_leave_one_socket(network: Any) -> None:
    net = network({"192.0.2.1": "later", "192.0.2.2": "later"})
    dialing_ = asyncio.ensure_future(dial("name", 161))
    await settle()
    skip(EYEBALLS_DELAY)
    await settle()
    net.release("192.0.2.2")
    net.release("192.0.2.1")

    with await dialing_ as sock:
        assert net.open == [sock]
        assert len(net.sockets) == 2


async def test_the_families_take_turns_beginning_with_the_best(network: Any) -> None:
    """RFC 8305 section 4."""
    net = network(
        {
            "2001:db8::1": "fails",
            "2001:db8::2": "fails",
            "2001:db8::3": "fails",
            "192.0.2.1": "fails",
            "192.0.2.2": "fails",
        }
    )

    await refusal("name")

    assert net.started == ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "2001:db8::3"]


async def test_an_address_that_the_resolver_returns_twice_is_tried_once(
    network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = network({"192.0.2.1": "fails"})

    async def twice(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [address_info("192.0.2.1", port)] * 2

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", twice)
    await refusal("name")

    assert net.started == ["192.0.2.1"]


async def test_no_attempt_outlives_the_race(network: Any) -> None:
    network({"192.0.2.1": "never", "192.0.2.2": "never", "192.0.2.3": "at once"})
    tasks = asyncio.all_tasks()
    dialing_ = asyncio.ensure_future(dial("name", 161))
    for _ in range(3):
        skip(EYEBALLS_DELAY)
        await settle()
    assert dialing_.done()

    assert asyncio.all_tasks() == tasks
    (await dialing_).close()


# ------------------------------------------------------------------------------------ cancellation

OUTCOMES = ("at once", "later", "never", "fails", "fails later", "unreachable")


async def cancel_after(turns: int, outcomes: tuple[str, ...], again: int | None, stall: int) -> bool:
    """Cancel a dial after ``turns`` iterations of the loop; return whether it had already ended.

    Args:
        turns: of the loop, before the cancellation.
        outcomes: of the addresses.
        again: turns after which it is cancelled once more.
        stall: in which turn the delay between two addresses passes.
    """
    loop = asyncio.get_running_loop()
    tasks = asyncio.all_tasks()
    net = Network(loop, {f"192.0.2.{number}": outcome for number, outcome in enumerate(outcomes, 1)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "getaddrinfo", net.getaddrinfo)
        patch.setattr(loop, "sock_connect", net.sock_connect)
        task = asyncio.ensure_future(dial("name", 161))
        for turn in range(turns):
            if turn % 5 == stall:
                skip(EYEBALLS_DELAY)
            for address, future in net.pending.items():
                if not future.done() and turn % 3 == 2:
                    net.release(address)
                    break
            await asyncio.sleep(0)
        finished = task.done()
        for address, future in net.pending.items():  # in the iteration of the cancellation
            if not future.done():
                net.release(address)
        task.cancel()
        if again is not None:
            for _ in range(again):
                await asyncio.sleep(0)
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectFailed), await task as sock:
            assert net.open == [sock]
            assert finished
        assert net.open == []
        assert asyncio.all_tasks() == tasks
    return finished


@pytest.mark.parametrize("again", [None, 0, 1, 2])
@pytest.mark.parametrize(
    "outcomes",
    [
        ("at once",),
        ("later",),
        ("never",),
        ("later", "later"),
        ("fails later", "later"),
        ("never", "at once"),
        ("fails", "at once"),
        ("never", "later", "later"),
        ("unreachable", "fails", "later"),
    ],
    ids=", ".join,
)
@pytest.mark.parametrize("stall", [1, 4])
async def test_whatever_moment_it_is_cancelled_at_no_socket_is_left(
    outcomes: tuple[str, ...], again: int | None, stall: int
) -> None:
    finished = [await cancel_after(turns, outcomes, again, stall) for turns in range(30)]

    assert finished[0] is False
    assert finished[-1] is (outcomes != ("never",))  # the last iterations were after the end, so every moment was tried


@given(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=5), st.integers(0, 40), st.none() | st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_no_race_of_any_addresses_leaves_a_socket_when_cancelled(
    outcomes: list[str], turns: int, again: int | None
) -> None:
    with asyncio.Runner(loop_factory=ClockLoop) as runner:
        runner.run(cancel_after(turns, tuple(outcomes), again, stall=turns % 5))


async def test_a_timeout_in_the_iteration_of_the_success_leaves_no_socket(network: Any) -> None:
    """The timeout fires while the result is on its way to the caller."""
    net = network({"192.0.2.1": "later", "192.0.2.2": "never"})

    async def limited() -> socket.socket:
        async with asyncio.timeout(5):
            return await dial("name", 161)

    waiting = asyncio.ensure_future(limited())
    await settle()
    skip(5)
    net.release("192.0.2.1")
    with contextlib.suppress(TimeoutError):
        (await waiting).close()

    assert net.open == []


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> weakref.WeakSet[socket.socket]:
    """The sockets created by dial that still exist."""
    sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    class Watched(socket.socket):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            if self.family != socket.AF_UNIX:  # the event loops' self-pipes
                sockets.add(self)

    monkeypatch.setattr(socket, "socket", Watched)
    return sockets


LOOPS: list[LoopFactory] = [ClockLoop, uvloop.new_event_loop]


@pytest.mark.parametrize("loop_factory", LOOPS, ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_real_connects_that_are_cancelled_at_every_turn_leave_no_socket(
    listener: socket.socket,
    made: weakref.WeakSet[socket.socket],
    loop_factory: LoopFactory,
    host: str,
) -> None:
    port = port_of(listener)
    listener.setblocking(False)

    async def stress() -> int:
        connected = 0
        for turns in [*range(12), *range(12)]:
            task = asyncio.ensure_future(dial(host, port))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                (await task).close()
                connected += 1
            with contextlib.suppress(BlockingIOError):
                while True:
                    listener.accept()[0].close()
            assert [sock for sock in made if sock.fileno() != -1] == []
        (await dial(host, port)).close()
        return connected

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        connected = runner.run(stress())
    if host == "127.0.0.1" and loop_factory is ClockLoop:
        assert connected > 0  # without a resolver thread, some finish before the cancellation


@pytest.mark.parametrize("loop_factory", LOOPS, ids=["asyncio", "uvloop"])
def test_a_whole_connection_that_is_cancelled_at_every_turn_leaves_no_socket(
    listener: socket.socket, made: weakref.WeakSet[socket.socket], loop_factory: LoopFactory
) -> None:
    port = port_of(listener)
    listener.setblocking(False)

    async def stress() -> int:
        connected = 0
        for turns in itertools.chain(range(20), range(20), more_turns(20)):
            if turns >= 20 and connected:
                break
            session = Session(CommunitySecurity(Community("public")))
            task = asyncio.ensure_future(open_connection("127.0.0.1", port, session, timeout=5))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                connection = await task
                connected += 1
                connection.close(ClosedError("enough"))
                await connection.wait_closed()
            with contextlib.suppress(BlockingIOError):
                while True:
                    listener.accept()[0].close()
            await settle()  # a transport closes its socket at the end of an iteration
            assert [sock for sock in made if sock.fileno() != -1] == []
        return connected

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        assert 0 < runner.run(stress()) < 40


# ---------------------------------------------------------------------------------- both loops, for real


@pytest.mark.parametrize("loop_factory", LOOPS, ids=["asyncio", "uvloop"])
def test_what_is_returned_is_connected_and_does_not_block(listener: socket.socket, loop_factory: LoopFactory) -> None:
    async def talk() -> bytes:
        loop = asyncio.get_running_loop()
        with await dial("localhost", port_of(listener), options=SocketOptions(family=socket.AF_INET)) as sock:
            assert sock.gettimeout() == 0
            peer, _ = listener.accept()
            with peer:
                peer.sendall(b"octets")
                return await loop.sock_recv(sock, 100)

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        assert runner.run(talk()) == b"octets"


@pytest.mark.parametrize("loop_factory", LOOPS, ids=["asyncio", "uvloop"])
def test_a_socket_can_become_a_transport(listener: socket.socket, loop_factory: LoopFactory) -> None:
    async def talk() -> bytes:
        sock = await dial("127.0.0.1", port_of(listener))
        reader, writer = await asyncio.open_connection(sock=sock)
        peer, _ = listener.accept()
        with peer:
            peer.sendall(b"octets")
        octets = await reader.read()
        writer.close()
        await writer.wait_closed()
        return octets

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        assert runner.run(talk()) == b"octets"


@pytest.mark.parametrize("loop_factory", LOOPS, ids=["asyncio", "uvloop"])
def test_a_refused_connection_says_so_on_every_loop(loop_factory: LoopFactory) -> None:
    port = free_port()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        assert runner.run(refusal("127.0.0.1", port)) == f"cannot connect to 127.0.0.1:{port}: {REFUSED}"


@pytest.mark.parametrize("loop_factory", LOOPS, ids=["asyncio", "uvloop"])
def test_a_host_that_does_not_exist_says_so_on_every_loop(
    loop_factory: LoopFactory,
) -> None:
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        text = runner.run(refusal("no-such-host.invalid"))

    assert text.startswith("cannot connect to no-such-host.invalid:161: ")
    assert "name" in text.lower()


# ------------------------------------------------------------------------------------------ reasons


async def test_the_error_has_the_reason_of_each_address(network: Any) -> None:
    network({"2001:db8::1": "unreachable", "192.0.2.1": "fails"})

    with pytest.raises(ConnectFailed) as caught:
        await dial("name", 161)

    assert str(caught.value) == (f"cannot connect to name:161: 2001:db8::1: {UNREACHABLE}; 192.0.2.1: {REFUSED}")
    cause = caught.value.__cause__
    assert isinstance(cause, ExceptionGroup)
    assert [error.errno for error in cause.exceptions if isinstance(error, OSError)] == [
        errno.ENETUNREACH,
        errno.ECONNREFUSED,
    ]


async def test_a_timeout_of_the_system_has_the_systems_text(network: Any, monkeypatch: Any) -> None:
    network({"192.0.2.1": "at once"})

    async def timed_out(*_: object) -> None:
        raise TimeoutError(errno.ETIMEDOUT, "Connect call failed ('192.0.2.1', 161)")

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", timed_out)

    assert await refusal("192.0.2.1") == f"cannot connect to 192.0.2.1:161: {os.strerror(errno.ETIMEDOUT)}"


async def test_an_ipv6_address_is_shown_in_brackets() -> None:
    port = free_port(socket.AF_INET6)

    assert await refusal("::1", port) == f"cannot connect to [::1]:{port}: {REFUSED}"


@pytest.mark.parametrize(
    "host", ["a..b", "x" * 64 + ".invalid", "a\0b", ""], ids=["empty label", "long", "NUL", "empty"]
)
async def test_an_invalid_host_name_says_so(host: str) -> None:
    text = await refusal(host)

    assert text.startswith(f"cannot connect to {host}:161: ")
    assert len(text) > len(f"cannot connect to {host}:161: ")


async def test_a_resolver_error_without_a_text_is_reported_by_its_type(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror("temporary failure")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)

    assert await refusal("some.host") == "cannot connect to some.host:161: temporary failure"


@pytest.mark.parametrize("port", [0, -1, 65536, 70000])
async def test_a_port_that_does_not_exist_is_refused_and_not_taken_modulo(port: int) -> None:
    with pytest.raises(ConfigurationError, match=f"a port is a number from 1 to 65535, not {port}"):
        await dial("127.0.0.1", port)


async def test_a_literal_address_asks_no_resolver(network: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    net = network({"192.0.2.1": "at once", "2001:db8::1": "at once"})

    async def getaddrinfo(*_: object, **__: object) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    for host in ("192.0.2.1", "2001:db8::1"):
        (await dial(host, 161)).close()

    assert net.started == ["192.0.2.1", "2001:db8::1"]


async def test_one_family_alone_is_used_when_it_is_asked_for() -> None:
    text = await refusal("::1", options=SocketOptions(family=socket.AF_INET))

    assert text.startswith("cannot connect to [::1]:161: ")
    assert REFUSED not in text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(errno.ECONNRESET, "something of the loop's"), os.strerror(errno.ECONNRESET)),
        (OSError("words alone"), "words alone"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not known"),
        (ValueError("no such thing"), "no such thing"),
        (RuntimeError(), "RuntimeError"),
        (OSError(-3, "a resolver's number"), "a resolver's number"),
    ],
    ids=repr,
)
def test_reasons_are_the_systems_text_without_numbers(error: Exception, text: str) -> None:
    assert reason_of(error) == text


def test_peers_are_named_as_urls_name_them() -> None:
    assert [peer_name(host, 161) for host in ("a.b", "192.0.2.1", "::1")] == ["a.b:161", "192.0.2.1:161", "[::1]:161"]


# ------------------------------------------------------------------------------------ local addresses


async def test_a_connection_is_made_from_the_local_address(listener: socket.socket) -> None:
    port = free_port()
    with await dial("127.0.0.1", port_of(listener), local_address=("127.0.0.2", port)) as sock:
        assert sock.getsockname() == ("127.0.0.2", port)


async def test_a_local_port_alone_is_taken_from_any_address(listener: socket.socket) -> None:
    port = free_port()
    with await dial("127.0.0.1", port_of(listener), local_address=("", port)) as sock:
        assert sock.getsockname() == ("127.0.0.1", port)


async def test_a_local_port_can_be_used_again_at_once(listener: socket.socket) -> None:
    """The side that closes first keeps the port for minutes (TIME-WAIT)."""
    loop = asyncio.get_running_loop()
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as other:
        for server in (listener, other):
            with await dial("127.0.0.1", port_of(server), local_address=("127.0.0.1", port)) as sock:
                assert sock.getsockname() == ("127.0.0.1", port)
                sock.shutdown(socket.SHUT_WR)
                peer, _ = server.accept()
                peer.close()
                assert await loop.sock_recv(sock, 1) == b""


async def test_a_local_address_of_another_host_says_so() -> None:
    port = free_port()
    text = await refusal("127.0.0.1", port, local_address=("203.0.113.7", 0))

    reason = os.strerror(errno.EADDRNOTAVAIL)
    assert text == f"cannot connect to 127.0.0.1:{port}: local address 203.0.113.7: {reason}"


async def test_a_local_address_that_is_taken_says_so(listener: socket.socket) -> None:
    taken = port_of(listener)
    text = await refusal("127.0.0.1", free_port(), local_address=("127.0.0.1", taken))

    assert text.endswith(f": local address 127.0.0.1:{taken}: {os.strerror(errno.EADDRINUSE)}")


async def test_a_local_address_of_another_family_says_so() -> None:
    text = await refusal("127.0.0.1", local_address=("::1", 0))

    assert text == "cannot connect to 127.0.0.1:161: the local address has another address family"


async def test_a_local_address_that_does_not_exist_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    text = await refusal("127.0.0.1", local_address=("nobody.invalid", 0))

    assert text == "cannot connect to 127.0.0.1:161: local address nobody.invalid: Name or service not known"


async def test_a_socket_that_cannot_be_bound_is_closed(made: weakref.WeakSet[socket.socket]) -> None:
    await refusal("127.0.0.1", local_address=("203.0.113.7", 0))

    assert [sock for sock in made if sock.fileno() != -1] == []


# ------------------------------------------------------------------------------------------ options


def option(sock: socket.socket, name: str) -> int:
    """Return a TCP option's value."""
    return sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))


async def test_a_socket_sends_without_delay_and_notices_a_peer_that_has_gone(listener: socket.socket) -> None:
    with await dial("127.0.0.1", port_of(listener)) as sock:
        assert option(sock, "TCP_NODELAY") == 1
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        names = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
        assert [option(sock, name) for name in names] == [15, 5, 3, 30_000]
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER) == 0


async def test_every_option_reaches_the_socket(listener: socket.socket) -> None:
    options = SocketOptions(
        no_delay=False,
        keep_alive_idle=0.5,
        keep_alive_interval=7,
        keep_alive_count=9,
        linger=0,
        receive_buffer=10_000,
        send_buffer=20_000,
        user_timeout=12.5,
    )
    with await dial("127.0.0.1", port_of(listener), options=options) as sock:
        names = ("TCP_NODELAY", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
        assert [option(sock, name) for name in names] == [0, 1, 7, 9, 12_500]
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == b"\1\0\0\0\0\0\0\0"
        # Linux doubles buffer sizes for its bookkeeping (socket(7)).
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 20_000
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == 40_000


async def test_options_that_are_not_wanted_are_left_to_the_system(listener: socket.socket) -> None:
    with socket.socket() as fresh:
        untouched = [option(fresh, name) for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")]
    with await dial("127.0.0.1", port_of(listener), options=SocketOptions(keep_alive=False)) as sock:
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 0
        assert [option(sock, name) for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")] == untouched
        assert option(sock, "TCP_USER_TIMEOUT") == 0


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({}, 30),
        ({"keep_alive_idle": 100, "keep_alive_interval": 10, "keep_alive_count": 2}, 120),
        ({"keep_alive_idle": None}, 0),
        ({"keep_alive": False}, 0),
        ({"keep_alive": False, "user_timeout": 8}, 8),
        ({"user_timeout": 0}, 0),
    ],
)
def test_data_may_stay_unacknowledged_for_as_long_as_keep_alive_takes(options: Any, seconds: float) -> None:
    assert SocketOptions(**options).effective_user_timeout == seconds


async def test_a_small_receive_buffer_is_there_before_the_handshake_tells_the_window(network: Any) -> None:
    net = network({"192.0.2.1": "never"})
    options = SocketOptions(receive_buffer=5_000, user_timeout=1)
    task = asyncio.ensure_future(dial("192.0.2.1", 161, options=options))
    await settle()

    (sock,) = net.sockets
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 10_000
    assert option(sock, "TCP_USER_TIMEOUT") == 0  # it would limit the handshake
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_options_that_a_system_lacks_are_left_out(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TCP_KEEPIDLE", "TCP_KEEPALIVE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT"):
        monkeypatch.delattr(socket, name, raising=False)
    with await dial("127.0.0.1", port_of(listener)) as sock:
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"keep_alive_idle": 0},
        {"keep_alive_idle": 32768},
        {"keep_alive_interval": -1},
        {"keep_alive_count": 0},
        {"keep_alive_count": 128},
        {"linger": -1},
        {"receive_buffer": 0},
        {"send_buffer": 2**31},
        {"user_timeout": -1},
        {"user_timeout": float("nan")},
        {"family": socket.AF_UNIX},
    ],
    ids=str,
)
def test_options_out_of_range_are_refused_by_the_constructor(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        SocketOptions(**options)


async def test_the_system_accepts_the_largest_options(listener: socket.socket) -> None:
    options = SocketOptions(
        keep_alive_idle=32767, keep_alive_interval=32767, keep_alive_count=127, user_timeout=(2**31 - 1) // 1000
    )
    with await dial("127.0.0.1", port_of(listener), options=options) as sock:
        assert option(sock, "TCP_KEEPIDLE") == 32767
        assert option(sock, "TCP_USER_TIMEOUT") == (2**31 - 1) // 1000 * 1000
