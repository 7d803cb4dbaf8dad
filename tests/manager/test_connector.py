"""Connecting: who joins which attempt, which reason is told, what a retry waits for, and what is left behind."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings
from typing import TYPE_CHECKING, Any, NoReturn
from unittest.mock import patch

import pytest

from snmptcp import (
    ClosedError,
    Community,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    Manager,
    Observer,
    TlsFailed,
)
from snmptcp.errors import TlsFailure
from snmptcp.net.dialing import _Race
from snmptcp.sync import SyncManager
from snmptcp.testing import Agent, Close
from tests.support.clock import settle, skip
from tests.support.mibs import BIG_TABLE, SYS_NAME, small_agent_mib
from tests.support.threaded import ThreadedAgent
from tests.support.tls_agents import manager_options, tsm_agent, tsm_manager, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.protocol.trace import ConnectionTrace

PUBLIC = Community("private")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


def a_hanging(name: str) -> Any:
    """Let a step of connecting wait for ever."""

    async def hang(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    return patch.object(asyncio.get_running_loop(), name, hang)


class Begun(Observer):
    """Counts the attempts to connect."""

    def __init__(self) -> None:
        self.count = 0

    def connection_started(self, trace: ConnectionTrace) -> None:
        self.count += 1


# ------------------------------------------------------------------------------------------- joining


@pytest.mark.anyio
async def test_requests_that_begin_together_share_one_attempt(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=PUBLIC) as manager:
        await asyncio.gather(*(manager.get(SYS_NAME) for _ in range(50)))
        assert manager.statistics.connections == 1
    assert agent.statistics.connections == 1


@pytest.mark.anyio
async def test_a_request_that_joins_late_has_its_own_time_to_connect(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=PUBLIC, connect_timeout=2) as manager:
        with a_hanging("sock_connect"):
            first = asyncio.ensure_future(manager.get(SYS_NAME))
            await settle()
            skip(1.9)
            second = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
            await settle()
            skip(0.1)
            with pytest.raises(ConnectFailed, match="no answer within 2 s"):
                await first
            await settle()
            assert not second.done()
        skip(1.0)  # the second attempt still hangs in the old call
        await settle()
        assert not second.done()
        skip(1.0)
        with pytest.raises(ConnectFailed, match="no answer within 2 s"):
            await second
        assert (await manager.get(SYS_NAME))[0].value == b"core"


@pytest.mark.anyio
async def test_an_immediate_retry_after_a_failure_is_an_attempt_of_its_own(anyio_backend: object) -> None:
    port = free_port()
    manager = Manager("127.0.0.1", port, credentials=PUBLIC)
    with pytest.raises(ConnectFailed):
        await manager.get(SYS_NAME)
    async with Agent(small_agent_mib(), port=port):
        for _ in range(5):
            assert (await manager.get(SYS_NAME))[0].value == b"core"
    await manager.aclose()


@pytest.mark.anyio
async def test_a_failure_is_told_to_all_that_waited_for_it_and_costs_one_attempt(anyio_backend: object) -> None:
    loop = asyncio.get_running_loop()
    attempts = 0
    connect = loop.sock_connect

    async def counted(sock: socket.socket, address: Any) -> None:
        nonlocal attempts
        attempts += 1
        await connect(sock, address)

    async with Manager("127.0.0.1", free_port(), credentials=PUBLIC) as manager:
        with patch.object(loop, "sock_connect", counted):
            outcomes = await asyncio.gather(*(manager.get(SYS_NAME) for _ in range(20)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ConnectFailed] * 20
    assert attempts == 1


def test_a_blocking_call_does_not_join_an_attempt_that_died_while_the_loop_stood_still() -> None:
    # The first call gives up before its attempt does; then the loop stands still until the attempt's time is over.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = []
        for _ in range(8):  # until the queue of the listening socket is full, so that connecting hangs
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            fillers.append(filler)
        manager = SyncManager("127.0.0.1", port, credentials=PUBLIC, timeout=0.05, connect_timeout=0.1)
        with pytest.raises(ConnectFailed):
            manager.get(SYS_NAME)
        for filler in fillers:
            filler.close()
    attempt = manager.manager._connector._attempt
    assert attempt is not None
    attempt.until = 0.0  # the time that passes while no call waits
    with ThreadedAgent(port=port) as agent:
        assert str(manager.get(SYS_NAME, timeout=20)[0].value) == "core"
        assert agent.call(lambda: agent.agent.statistics.connections) == 1
    manager.close()


# ------------------------------------------------------------------------------------- true reasons


@pytest.mark.anyio
@pytest.mark.parametrize("connecting", [True, False], ids=["connect", "get"])
@pytest.mark.parametrize("timeout", [1, 5], ids=["the request's time", "the attempt's time"])
async def test_a_handshake_that_hangs_is_told_as_such_by_every_call(connecting: bool, timeout: float) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        manager = Manager(
            "127.0.0.1", silent.getsockname()[1], credentials=PUBLIC, tls=manager_options(), connect_timeout=3
        )
        if connecting:
            asking = asyncio.ensure_future(manager.connect())
        else:
            asking = asyncio.ensure_future(manager.get(SYS_NAME, timeout=timeout))  # type: ignore[arg-type]
        attempt = None
        while attempt is None or not attempt.opening._handshaking:
            await asyncio.sleep(0)
            attempt = manager._connector._attempt
        skip(3)
        with pytest.raises(TlsFailed) as caught:
            await asking
        assert caught.value.failure is TlsFailure.TIMEOUT
        await manager.aclose()
    gc.collect()


# ------------------------------------------------------------------------------------------ closing


@pytest.mark.anyio
@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_closing_at_any_moment_of_connecting_leaves_no_socket(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("snmptcp.net.opening.TICKET_GRACE", (100.0, 100.0))  # TLS 1.3 waits for its ticket for long
    opened: list[socket.socket] = []
    make = _Race._open

    def kept(*args: Any) -> socket.socket:
        opened.append(make(*args))
        return opened[-1]

    async with tsm_agent(version) as agent:
        for turns in range(0, 60, 3):
            opened.clear()
            manager = tsm_manager(agent, version, timeout=60)
            with patch.object(_Race, "_open", kept):
                asking = asyncio.ensure_future(manager.get(SYS_NAME))
                await settle(turns)
                await manager.aclose()
            assert [sock.fileno() for sock in opened] == [-1] * len(opened)
            (outcome,) = await asyncio.gather(asking, return_exceptions=True)
            assert isinstance(outcome, ClosedError | tuple), outcome  # it is answered if it was fast enough
        await until(lambda: not agent.connections)
    gc.collect()


# ------------------------------------------------------------------------------------------- pacing


async def _refuse(manager: Manager, *, seconds: float = 0.0) -> None:
    """Let an attempt to connect fail after some seconds."""

    async def refuse(*_: object, **__: object) -> NoReturn:
        skip(seconds)
        raise ConnectFailed("cannot connect to the agent: Connection refused")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("snmptcp.net.opening.dial", refuse)
        with pytest.raises(ConnectFailed, match="refused"):
            await manager.get(SYS_NAME)


@pytest.mark.anyio
async def test_requests_wait_together_for_the_next_attempt_after_a_failed_one(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=PUBLIC, timeout=20) as manager:
        await _refuse(manager)
        asking = asyncio.gather(*(manager.get(SYS_NAME) for _ in range(100)))
        await settle(50)
        assert manager._connector._attempt is None  # they wait: no attempt is under way
        skip(1)  # the longest pause
        assert [answer[0].value for answer in await asking] == [b"core"] * 100
        assert manager.statistics.connections == 1


@pytest.mark.anyio
async def test_a_request_in_the_very_turn_in_which_an_attempt_has_failed_begins_no_other() -> None:
    """What is called at the end of the attempt's task runs a turn later."""
    begun = Begun()
    async with Manager(
        "127.0.0.1", free_port(), credentials=PUBLIC, reconnect_interval=60.0, observer=begun
    ) as manager:
        first = asyncio.create_task(manager.get(SYS_NAME))
        while (attempt := manager._connector._attempt) is None or not attempt.task.done():
            await asyncio.sleep(0)
        assert manager._connector._attempt is attempt  # its end has not been taken note of
        with pytest.raises(ConnectFailed):
            await manager.get(SYS_NAME)
        with pytest.raises(ConnectFailed):
            await first
        assert begun.count == 1


@pytest.mark.anyio
async def test_a_request_whose_time_is_over_before_the_next_attempt_is_told_of_the_last_failure_at_once(
    agent: Agent,
) -> None:
    async with Manager(agent.host, agent.port, credentials=PUBLIC, reconnect_interval=1000) as manager:
        await _refuse(manager)
        with pytest.raises(ConnectFailed, match="refused"):
            await manager.get(SYS_NAME)
        assert manager.statistics.connections == 0


@pytest.mark.anyio
async def test_a_request_whose_time_is_over_while_it_is_sent_again_is_told_that_its_connection_was_lost(
    agent: Agent,
) -> None:
    async with Manager(agent.host, agent.port, credentials=PUBLIC, timeout=3) as manager:
        await manager.connect()
        agent.inject(Close())
        with a_hanging("sock_connect"):
            asking = asyncio.ensure_future(manager.get(SYS_NAME))
            await until(lambda: manager._connector._attempt is not None)
            skip(3.5)
            with pytest.raises(ConnectionLost, match="; no new connection was ready within the 3 s") as told:
                await asking
    assert isinstance(told.value.__cause__, ConnectionLost)
    assert told.value.peer == f"{agent.host}:{agent.port}"


@pytest.mark.anyio
async def test_connect_does_not_wait_and_its_connection_serves_those_that_do(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=PUBLIC, reconnect_interval=1000) as manager:
        await _refuse(manager)
        await manager.connect()
        assert (await manager.get(SYS_NAME))[0].value == b"core"


@pytest.mark.anyio
async def test_an_attempt_that_failed_late_is_followed_by_the_next_one_without_a_pause(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=PUBLIC, timeout=20, reconnect_interval=3) as manager:
        await _refuse(manager, seconds=3)
        assert (await manager.get(SYS_NAME))[0].value == b"core"


def test_an_impossible_interval_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="reconnect_interval is at least 0 s, not -1"):
        Manager("h", credentials=PUBLIC, reconnect_interval=-1)


# ------------------------------------------------------------------------------------ other loops


def run(main: Callable[[], Any]) -> Any:
    """Run a coroutine in an event loop of its own, as ``asyncio.run`` does."""
    return asyncio.run(main())


def test_a_manager_that_was_left_open_connects_anew_in_a_second_event_loop() -> None:
    with ThreadedAgent() as agent:
        manager = Manager(agent.host, agent.port, credentials=PUBLIC)

        async def rename() -> bytes:
            return bytes((await manager.set((SYS_NAME, "renamed")))[0].value)  # type: ignore[arg-type]

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert run(rename) == b"renamed"
            assert not manager.connected  # the loop has closed the connection when it ended
            assert run(rename) == b"renamed"
            run(manager.aclose)
            gc.collect()
        assert [str(warning.message) for warning in caught] == []
        assert len(agent.requests) == 2
        assert manager.statistics.connections == 2


def test_a_loop_that_was_closed_bluntly_does_not_harm_the_next_one() -> None:
    with ThreadedAgent() as agent:
        manager = Manager(agent.host, agent.port, credentials=PUBLIC)

        async def rename_and_close() -> None:
            await manager.set((SYS_NAME, "renamed"))
            await manager.aclose()

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # the transport that its loop has never closed
            loop = asyncio.new_event_loop()
            loop.run_until_complete(manager.get(SYS_NAME))
            loop.close()
            run(rename_and_close)
            del loop
            gc.collect()
        assert len(agent.requests) == 2
        agent.wait_until(lambda: not agent.agent.connections)


def test_a_manager_that_another_threads_loop_uses_refuses_before_anything_leaves() -> None:
    with ThreadedAgent() as agent:
        manager = Manager(agent.host, agent.port, credentials=PUBLIC)
        agent.thread.run(manager.get(SYS_NAME))

        async def rename() -> None:
            with pytest.raises(ConfigurationError, match="another thread's event loop"):
                await manager.set((SYS_NAME, "renamed"))

        run(rename)
        assert len(agent.requests) == 1
        agent.thread.run(manager.aclose())


def test_a_walk_goes_on_in_a_second_event_loop_without_losing_a_name() -> None:
    with ThreadedAgent() as agent:
        manager = Manager(agent.host, agent.port, credentials=PUBLIC)
        walk = manager.walk(BIG_TABLE, max_repetitions=10)

        async def some() -> list[Any]:
            return [await anext(walk) for _ in range(25)]

        async def rest() -> list[Any]:
            found = [varbind async for varbind in walk]
            await manager.aclose()
            return found

        loop = asyncio.new_event_loop()
        first = loop.run_until_complete(some())
        found = first + run(rest)
        assert len({varbind.oid for varbind in found}) == len(found) == 900
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def test_loops_that_take_turns_each_get_a_connection_and_none_is_left_open() -> None:
    with ThreadedAgent() as agent:
        manager = Manager(agent.host, agent.port, credentials=PUBLIC)
        first, second = asyncio.new_event_loop(), asyncio.new_event_loop()

        async def begin() -> None:
            asking.append(asyncio.ensure_future(manager.get(SYS_NAME)))
            await asyncio.sleep(0)

        asking: list[asyncio.Task[Any]] = []
        first.run_until_complete(begin())
        assert second.run_until_complete(manager.get(SYS_NAME))[0].value == b"core"
        # The attempt that was begun here is not wanted any more: this loop makes another one.
        assert first.run_until_complete(asking[0])[0].value == b"core"
        second.run_until_complete(asyncio.sleep(0))  # which closes its own
        first.run_until_complete(manager.aclose())
        for loop in (first, second):
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
        agent.wait_until(lambda: not agent.agent.connections)
