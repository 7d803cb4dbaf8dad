"""The time limits of methods and of connecting."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.ipworks.timeouts import Limit, Timeouts
from snmptcp.testing import Delay, Drop, Hold
from tests.ipworks.proofs import proves
from tests.ipworks.support import (
    Clock,
    ask,
    pump_until,
    values,
)
from tests.support.clock import settle, skip
from tests.support.mibs import BIG_TABLE, SYS_DESCR
from tests.support.senders import trap
from tests.support.threaded import ThreadedAgent


@proves("timeout")
def test_no_answer_in_time_raises_201(mgr, agent) -> None:
    mgr.send_get_request()
    agent.inject(Drop())
    mgr.timeout = 1
    with pytest.raises(IPWorksSNMPError, match="no answer within 1 s") as caught:
        mgr.send_get_request()
    assert caught.value.code == 201
    mgr.timeout = 20
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


@proves("TimeoutInMilliseconds")
def test_the_timeout_may_count_milliseconds(mgr, agent) -> None:
    mgr.send_get_request()
    mgr.config("TimeoutInMilliseconds=True")
    mgr.timeout = 600
    agent.inject(Delay(20))
    begun = time.monotonic()
    with pytest.raises(IPWorksSNMPError, match=r"within 0\.6 s") as caught:
        mgr.send_get_request()
    assert caught.value.code == 201
    assert time.monotonic() - begun >= 0.6


@proves("AbsoluteTimeout")
@pytest.mark.parametrize(("absolute", "answered"), [("False", True), ("True", False)])
def test_each_answer_restarts_the_timeout_unless_it_is_absolute(absolute, answered, mgr, agent) -> None:
    """Two answers of one walk: each arrives within the timeout, both together do not."""
    mgr.send_get_request()
    mgr.config(f"AbsoluteTimeout={absolute}")
    mgr.config("TimeoutInMilliseconds=True")
    mgr.timeout = 1800
    agent.inject(Delay(1.2), times=2)
    mgr.snmp_version = 1
    mgr.walk_limit = 2
    if answered:
        mgr.walk(BIG_TABLE)
        assert mgr.obj_count == 2
    else:
        with pytest.raises(IPWorksSNMPError) as caught:
            mgr.walk(BIG_TABLE)
        assert caught.value.code == 201


@pytest.mark.parametrize("absolute", [False, True])
def test_each_packet_restarts_the_timeout_of_a_request_unless_it_is_absolute(absolute, mgr, agent) -> None:
    mgr.send_get_request()
    mgr.config(f"AbsoluteTimeout={absolute}")
    mgr.timeout = 1
    agent.inject(Hold())

    async def chatter() -> None:
        for number in range(15):
            await asyncio.sleep(0.1)
            for connection in agent.agent._server.connections:
                connection.send(trap(number))
        agent.agent.release()

    chattering = agent.thread.begin(chatter())
    ask(mgr, SYS_DESCR)
    if absolute:
        with pytest.raises(IPWorksSNMPError) as caught:
            mgr.send_get_request()
        assert caught.value.code == 201
    else:
        mgr.send_get_request()
        assert values(mgr) == [b"a switch"]
    chattering.result(20)


@pytest.mark.parametrize("timeout", [20, 0])
def test_a_handler_of_a_walk_may_take_longer_than_the_timeout(timeout, mgr) -> None:
    mgr.send_get_request()
    clock = Clock(mgr)
    told = []

    def take_long(e: object) -> None:
        told.append(mgr.get_obj_id(0))
        clock.skip(100)

    mgr.on_response = take_long
    mgr.timeout = timeout
    mgr.walk_limit = 25
    mgr.walk(BIG_TABLE)
    pump_until(mgr, lambda: len(told) == 25 == mgr.obj_count)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("answers", [0, 1])
def test_a_walk_of_a_silent_agent_ends_with_its_timeout(version, answers, mgr, agent) -> None:
    """Smaller requests are tried within the timeout, and not each with another one."""
    mgr.send_get_request()
    mgr.snmp_version = version
    mgr.config("TimeoutInMilliseconds=True")
    mgr.timeout = 400
    asked = []

    def is_dropped(request: object) -> bool:
        asked.append(request)
        return bool(len(asked) > answers)

    agent.inject(Drop(), None, is_dropped)
    with pytest.raises(IPWorksSNMPError, match=r"no answer within 0\.4 s") as caught:
        mgr.walk(BIG_TABLE)
    assert caught.value.code == 201
    assert len(asked) - answers <= 3


def test_packets_of_others_do_not_restart_the_timeout(agent, listening, peer) -> None:
    """Neither those that come in at the port, nor those of an agent that was asked before."""
    listening.config("TimeoutInMilliseconds=True")
    with ThreadedAgent() as other:
        listening.remote_host, listening.remote_port = other.host, other.port
        listening.timeout = 0
        other.inject(Hold())
        ask(listening, SYS_DESCR)
        listening.send_get_request()  # keeps the conversation with this agent open
        pump_until(listening, lambda: other.requests)

        async def chatter() -> None:
            for number in range(1000):
                await asyncio.sleep(0.05)
                for connection in other.agent._server.connections:
                    connection.send(trap(number))
                peer.send(trap(number))

        chattering = other.thread.begin(chatter())
        agent.inject(Hold())
        listening.remote_host, listening.remote_port = agent.host, agent.port
        listening.timeout = 500
        with pytest.raises(IPWorksSNMPError, match=r"within 0\.5 s") as caught:
            listening.send_get_request()
        assert not chattering.done()
        chattering.cancel()
        assert caught.value.code == 201
        listening.active = False


@contextlib.contextmanager
def backlog_full():
    """A port that neither accepts nor refuses another connection."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            extra = stack.enter_context(socket.socket())
            extra.setblocking(False)
            extra.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@proves("ConnectionTimeout")
def test_connecting_has_its_own_timeout(mgr) -> None:
    with backlog_full() as port:
        mgr.remote_port = port
        mgr.config("ConnectionTimeout=1")
        begun = time.monotonic()
        with pytest.raises(IPWorksSNMPError, match="cannot connect") as caught:
            mgr.send_get_request()
        assert caught.value.code == 201
        assert 0.9 <= time.monotonic() - begun < 15
        mgr.active = False


@pytest.mark.parametrize("method", ["send_get_request", "walk"])
def test_the_timeout_of_connecting_may_be_longer_and_may_change(method, mgr) -> None:
    call = mgr.send_get_request if method == "send_get_request" else lambda: mgr.walk(BIG_TABLE)
    with backlog_full() as port:
        mgr.remote_port = port
        mgr.config("TimeoutInMilliseconds=True")
        mgr.timeout = 500
        for seconds, expected in ((0, 0.4), (1, 0.9)):
            mgr.config(f"ConnectionTimeout={seconds}")
            ask(mgr, SYS_DESCR)
            begun = time.monotonic()
            with pytest.raises(IPWorksSNMPError) as caught:
                call()
            assert caught.value.code == 201
            assert time.monotonic() - begun >= expected
        mgr.active = False


# -------------------------------------------------------------------------------- the limits themselves


class Limited:
    """A task that waits for ever within a limit, and what has become of it."""

    def __init__(self, timeouts: Timeouts, seconds: float, *, is_absolute: bool = False) -> None:
        self.ended_by_limit: bool | None = None
        self.limit: Limit
        self._timeouts = timeouts
        self.task = asyncio.ensure_future(self._wait(seconds, is_absolute=is_absolute))

    async def _wait(self, seconds: float, *, is_absolute: bool) -> None:
        self.limit = self._timeouts.begin(asyncio.current_task(), seconds, is_absolute=is_absolute)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.ended_by_limit = self.limit.has_cancelled()
        finally:
            self._timeouts.end(self.limit)


@pytest.mark.anyio
async def test_packets_restart_limits_that_are_not_absolute() -> None:
    timeouts = Timeouts()
    restarted, absolute = Limited(timeouts, 10), Limited(timeouts, 12, is_absolute=True)
    await settle()
    for _ in range(3):
        skip(5)
        await settle()
        timeouts.restart()
    assert (restarted.ended_by_limit, absolute.ended_by_limit) == (None, True)
    skip(9)
    await settle()
    assert restarted.ended_by_limit is None
    skip(2)
    await settle()
    assert restarted.ended_by_limit is True


@pytest.mark.anyio
async def test_a_shorter_limit_that_begins_later_is_over_first() -> None:
    timeouts = Timeouts()
    long = Limited(timeouts, 60)
    await settle()
    short = Limited(timeouts, 1)
    await settle()
    skip(2)
    await settle()
    assert (long.ended_by_limit, short.ended_by_limit) == (None, True)
    skip(59)
    await settle()
    assert long.ended_by_limit is True


@pytest.mark.anyio
async def test_a_limit_that_is_held_begins_anew_afterwards() -> None:
    timeouts = Timeouts()
    held, absolute = Limited(timeouts, 10), Limited(timeouts, 10, is_absolute=True)
    await settle()
    with timeouts.held():
        skip(30)
        await settle()
        assert (held.ended_by_limit, absolute.ended_by_limit) == (None, True)
    skip(9)
    await settle()
    assert held.ended_by_limit is None
    skip(2)
    await settle()
    assert held.ended_by_limit is True


@pytest.mark.anyio
async def test_who_else_cancels_a_method_is_not_taken_for_its_limit() -> None:
    timeouts = Timeouts()
    ended, both = Limited(timeouts, 10), Limited(timeouts, 10)
    await settle()
    ended.task.cancel()
    skip(11)
    await settle(1)
    both.task.cancel()
    await settle()
    assert (ended.ended_by_limit, both.ended_by_limit) == (False, False)
    assert both.limit.over
