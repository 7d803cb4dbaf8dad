"""What an observer is told of requests, walks, tables and connections, and in which context."""

from __future__ import annotations

import asyncio
import contextvars
import gc
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import (
    ClosedError,
    Community,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    Manager,
    Observer,
    RequestTimeout,
    TlsFailed,
)
from snmptcp.codec.pdu import PduType
from snmptcp.errors import GenErr
from snmptcp.manager.items import Items
from snmptcp.testing import Agent, Close, Drop, FailWith
from tests.support.clock import until
from tests.support.mibs import BIG_TABLE, IF_TABLE, SYS_DESCR, SYS_NAME, SYSTEM
from tests.support.tls_agents import manager_options, tsm_agent, tsm_manager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from snmptcp.manager import ConnectionTrace, RequestTrace, Trace, WalkTrace

pytestmark = pytest.mark.anyio

SPAN: contextvars.ContextVar[str] = contextvars.ContextVar("span", default="none")


class Spans(Observer):
    """Keeps what it is told, with the span that is current."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, Trace]] = []

    def _keep(self, what: str, trace: Trace) -> None:
        self.told.append((what, SPAN.get(), trace))

    def request_started(self, trace: RequestTrace) -> None:
        assert trace.ended_at is None
        trace.state = SPAN.get()
        self._keep("request started", trace)

    def request_ended(self, trace: RequestTrace) -> None:
        assert trace.duration is not None
        assert trace.duration >= 0
        assert trace.state == SPAN.get()
        self._keep("request ended", trace)

    def walk_started(self, trace: WalkTrace) -> None:
        self._keep("walk started", trace)

    def walk_ended(self, trace: WalkTrace) -> None:
        assert trace.duration is not None
        self._keep("walk ended", trace)

    def connection_started(self, trace: ConnectionTrace) -> None:
        self._keep("connection started", trace)

    def connection_opened(self, trace: ConnectionTrace) -> None:
        self._keep("connection opened", trace)

    def connection_ended(self, trace: ConnectionTrace) -> None:
        self._keep("connection ended", trace)

    def of(self, *kinds: str) -> list[tuple[str, str]]:
        return [(what, span) for what, span, _ in self.told if what.split()[0] in kinds]

    def traces(self, what: str) -> list[Any]:
        return [trace for each, _, trace in self.told if each == what]


@pytest.fixture
def spans() -> Spans:
    return Spans()


@pytest.fixture
async def watched(agent: Agent, spans: Spans) -> AsyncIterator[Manager]:
    async with Manager(agent.host, agent.port, credentials=Community("private"), observer=spans) as manager:
        yield manager


async def in_span(name: str, asking: Any) -> Any:
    SPAN.set(name)
    return await asking()


async def test_each_request_starts_and_ends_in_the_context_of_its_own_caller(watched: Manager, spans: Spans) -> None:
    """The caller that has opened the connection may have another context."""
    await asyncio.create_task(in_span("first", lambda: watched.get(SYS_NAME)))
    await asyncio.gather(*(in_span(f"task {number}", lambda: watched.get(SYS_NAME)) for number in range(3)))

    assert spans.of("request")[:2] == [("request started", "first"), ("request ended", "first")]
    assert sorted(span for what, span in spans.of("request") if what == "request ended") == [
        "first",
        "task 0",
        "task 1",
        "task 2",
    ]
    assert spans.of("connection") == [("connection started", "first"), ("connection opened", "first")]


async def test_a_request_tells_what_it_was_and_how_it_ended(watched: Manager, spans: Spans, agent: Agent) -> None:
    await watched.get(SYS_NAME, SYS_DESCR)
    agent.inject(FailWith(5))
    with pytest.raises(GenErr) as failed:
        await watched.get_next(SYS_NAME)

    first, second = spans.traces("request ended")
    assert (first.peer, first.kind, first.names) == (f"{agent.host}:{agent.port}", PduType.GET, (SYS_NAME, SYS_DESCR))
    assert (first.error, first.cancelled, first.attempts) == (None, False, 1)
    assert first.octets > 50
    assert first.request_id == agent.requests[0].pdu.request_id
    assert (second.kind, second.error, second.octets) == (PduType.GET_NEXT, failed.value, 0)
    assert spans.traces("request started") == [first, second]


async def test_a_request_tells_its_connection_which_tells_what_it_was_begun_for(
    watched: Manager, spans: Spans, agent: Agent
) -> None:
    first, second = await asyncio.gather(watched.get(SYS_NAME), watched.get(SYS_NAME, SYS_DESCR))
    (connection,) = spans.traces("connection opened")
    one, two = sorted(spans.traces("request ended"), key=lambda trace: len(trace.names))
    assert (one.connection, two.connection, connection.cause) == (connection, connection, one)
    assert (one.varbinds, two.varbinds) == (len(first), len(second)) == (1, 2)
    assert (one.version, connection.version) == (watched.version, watched.version)
    statistics = watched.statistics
    sent, received = statistics.octets_sent, statistics.octets_received
    assert (connection.octets_sent, connection.octets_received) == (sent, received)
    assert received == one.octets + two.octets
    await watched.aclose()
    assert (connection.octets_sent, connection.octets_received) == (sent, received)


async def test_a_connection_that_the_program_asks_for_has_no_cause(watched: Manager, spans: Spans) -> None:
    await watched.connect()
    assert [trace.cause for trace in spans.traces("connection opened")] == [None]


async def test_the_search_for_the_columns_of_a_table_belongs_to_it(watched: Manager, spans: Spans) -> None:
    assert [row async for row in watched.table(IF_TABLE)]
    (table,) = spans.traces("walk ended")
    requests = spans.traces("request ended")
    assert requests[0].kind is PduType.GET_NEXT
    assert {request.walk for request in requests} == {table}
    assert table.requests == len(requests)
    assert [trace.cause for trace in spans.traces("connection opened")] == [table]


async def test_a_timeout_and_a_cancellation_are_ends_too(watched: Manager, spans: Spans, agent: Agent) -> None:
    agent.inject(Drop(), times=2)
    with pytest.raises(RequestTimeout) as expired:
        await watched.get(SYS_NAME, timeout=0.2)
    asking = asyncio.create_task(in_span("cancelled", lambda: watched.get(SYS_NAME)))
    await agent.wait_for_requests(2)
    asking.cancel()
    await asyncio.wait((asking,))

    first, second = spans.traces("request ended")
    assert first.error is expired.value
    assert (second.error, second.cancelled) == (None, True)
    assert spans.of("request")[-1] == ("request ended", "cancelled")


async def test_a_retry_is_one_request_of_two_attempts(watched: Manager, spans: Spans, agent: Agent) -> None:
    agent.inject(Close())
    await watched.get(SYS_NAME)
    agent.inject(Close())
    with pytest.raises(ConnectionLost):
        await watched.set((SYS_NAME, "x"))

    first, second = spans.traces("request ended")
    assert (first.attempts, first.error) == (2, None)
    assert (second.attempts, type(second.error)) == (1, ConnectionLost)


async def test_a_request_that_cannot_be_made_or_has_no_connection_ends(spans: Spans) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with Manager("127.0.0.1", port, credentials=Community("x"), observer=spans) as manager:
        with pytest.raises(ConnectFailed) as refused:
            await manager.get(SYS_NAME)
    assert spans.traces("request ended")[0].error is refused.value
    assert spans.traces("request ended")[0].attempts == 0
    (attempt,) = spans.traces("connection ended")
    assert (attempt.error, attempt.opened_at, attempt.tls) == (refused.value, None, None)


async def test_a_request_id_out_of_range_ends_what_has_started(watched: Manager, spans: Spans) -> None:
    await watched.connect()
    with pytest.raises(ConfigurationError):
        await watched.exchange(PduType.GET, [(SYS_NAME, None)], request_id=-1)
    assert len(spans.traces("request started")) == len(spans.traces("request ended")) == 1


async def test_a_walk_tells_its_start_end_rows_and_requests(watched: Manager, spans: Spans, agent: Agent) -> None:
    async def walk() -> int:
        return len([varbind async for varbind in watched.walk(BIG_TABLE)])

    count = await asyncio.create_task(in_span("walking", walk))

    assert spans.of("walk") == [("walk started", "walking"), ("walk ended", "walking")]
    (trace,) = spans.traces("walk ended")
    assert (trace.root, trace.is_table, trace.rows, trace.error) == (BIG_TABLE, False, count, None)
    requests = spans.traces("request ended")
    assert trace.requests == len(requests) == len(agent.requests)
    assert {request.walk for request in requests} == {trace}


async def test_a_table_tells_its_rows(watched: Manager, spans: Spans) -> None:
    rows = [row async for row in watched.table(IF_TABLE, [1, 2])]
    (trace,) = spans.traces("walk ended")
    assert (trace.root, trace.is_table, trace.rows, trace.cancelled) == (IF_TABLE, True, len(rows), False)
    assert trace.requests >= 2


async def test_a_walk_that_is_left_ends_as_given_up_with_its_request(watched: Manager, spans: Spans) -> None:
    async def leave() -> None:
        async with aclosing(watched.walk(BIG_TABLE)) as varbinds:
            async for _ in varbinds:
                break

    await asyncio.create_task(in_span("leaving", leave))
    (trace,) = spans.traces("walk ended")
    assert (trace.rows, trace.cancelled, trace.error) == (1, True, None)
    assert spans.of("walk")[-1] == ("walk ended", "leaving")
    assert len(spans.traces("request started")) == len(spans.traces("request ended")) == trace.requests


async def test_a_walk_that_is_collected_ends_in_the_context_in_which_it_began(watched: Manager, spans: Spans) -> None:
    async def forget() -> None:
        walk = watched.walk(BIG_TABLE)
        await anext(walk)

    await asyncio.create_task(in_span("forgetful", forget))
    gc.collect()
    await until(lambda: spans.traces("walk ended"))
    assert spans.of("walk")[-1] == ("walk ended", "forgetful")


async def test_a_walk_that_fails_tells_why(watched: Manager, spans: Spans, agent: Agent) -> None:
    agent.inject(FailWith(16), times=5)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one does not matter
        async for _ in watched.walk(SYSTEM):
            pass
    (trace,) = spans.traces("walk ended")
    assert trace.error is caught.value
    assert trace.rows == 0


async def test_a_walk_that_is_never_begun_is_not_told(watched: Manager, spans: Spans) -> None:
    await watched.walk(SYSTEM).aclose()
    assert spans.told == []


async def test_a_connection_tells_its_life(agent: Agent, spans: Spans) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("private"), observer=spans) as manager:
        await asyncio.create_task(in_span("opener", lambda: manager.get(SYS_NAME)))
    await until(lambda: spans.traces("connection ended"))

    assert spans.of("connection") == [
        ("connection started", "opener"),
        ("connection opened", "opener"),
        ("connection ended", "opener"),
    ]
    (trace,) = spans.traces("connection ended")
    assert spans.traces("connection opened") == [trace]
    assert trace.started_at <= trace.opened_at <= trace.ended_at
    assert trace.addresses[1] == (agent.host, agent.port)
    assert (trace.error, str(trace.reason)) == (None, f"{agent.host}:{agent.port}: the manager was closed")
    assert isinstance(trace.reason, ClosedError)
    assert trace.tls is None


async def test_a_connection_that_is_lost_tells_why(agent: Agent, watched: Manager, spans: Spans) -> None:
    agent.inject(Close())
    with pytest.raises(ConnectionLost):
        await watched.set((SYS_NAME, "x"))
    await until(lambda: spans.traces("connection ended"))
    (trace,) = spans.traces("connection ended")
    assert isinstance(trace.error, ConnectionLost)
    assert trace.reason is trace.error


async def test_a_connection_with_tls_tells_its_session(anyio_backend: object, spans: Spans) -> None:
    async with tsm_agent() as agent, tsm_manager(agent, observer=spans) as manager:
        await manager.connect()
        (trace,) = spans.traces("connection opened")
        assert manager.tls is not None
        assert trace.tls is manager.tls
        assert manager.tls.version == "TLSv1.3"


async def test_an_attempt_without_a_tls_session_tells_the_failure(agent: Agent, spans: Spans) -> None:
    manager = Manager(
        agent.host, agent.port, credentials=Community("x"), tls=manager_options(), observer=spans, timeout=5
    )
    async with manager:
        with pytest.raises(TlsFailed) as failed:
            await manager.connect()
    (trace,) = spans.traces("connection ended")
    assert trace.error is failed.value


async def test_an_attempt_that_is_given_up_is_cancelled(spans: Spans) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        manager = Manager("127.0.0.1", port, credentials=Community("x"), tls=manager_options(), observer=spans)
        connecting = asyncio.create_task(manager.connect())
        await until(lambda: spans.traces("connection started"))
        await manager.aclose()
        await asyncio.wait((connecting,))
    connecting.exception()
    (trace,) = spans.traces("connection ended")
    assert (trace.cancelled, trace.opened_at) == (True, None)


async def test_an_observer_that_fails_disturbs_nothing(agent: Agent) -> None:
    class Failing(Observer):
        def __getattribute__(self, name: str) -> Any:
            def fail(*_: object, **__: object) -> None:
                raise LookupError(name)

            return fail if not name.startswith("_") else super().__getattribute__(name)

    async with Manager(agent.host, agent.port, credentials=Community("private"), observer=Failing()) as manager:
        assert await manager.get_value(SYS_NAME) == b"core"
        assert len([row async for row in manager.table(IF_TABLE)]) == 4
        assert len([varbind async for varbind in manager.walk(SYSTEM)]) > 3
        assert manager.statistics.callback_failures > 10


async def test_without_an_observer_walks_are_plain_and_requests_have_no_trace(manager: Manager) -> None:
    """No observer, no cost: neither a generator around the walk nor a coroutine around the request."""
    walk = manager.walk(SYSTEM)
    assert isinstance(walk, Items)
    assert walk.answers.ag_code.co_name == "walk"  # type: ignore[attr-defined]
    await walk.aclose()
