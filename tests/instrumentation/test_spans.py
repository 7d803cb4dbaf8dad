"""Spans: what they are children of, how they end, and how many a walk makes."""

from __future__ import annotations

import asyncio
import gc
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import SpanKind, StatusCode

from snmptcp import Community, ConnectFailed, ConnectionLost, Manager, RequestTimeout, TlsFailed, UsmUser
from snmptcp.errors import GenErr
from snmptcp.testing import Agent, Close, Drop, FailWith, Hold
from tests.support.clock import skip, until
from tests.support.mibs import BIG_ROWS, BIG_TABLE, IF_TABLE, SYS_NAME, SYSTEM, small_agent_mib
from tests.support.telemetry import Telemetry, facts
from tests.support.tls_agents import manager_options, tsm_agent, tsm_manager

pytestmark = pytest.mark.anyio

if TYPE_CHECKING:
    from collections.abc import Awaitable


async def below(telemetry: Telemetry, name: str, asking: Awaitable[object]) -> None:
    """Ask below a span of the caller's own."""
    with telemetry.tracer.start_as_current_span(name):
        await asking


async def test_a_request_is_a_child_of_its_callers_span_and_connecting_is_its_own(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    await below(telemetry, "handler", watched.get(SYS_NAME))
    await below(telemetry, "another", watched.get(SYS_NAME))

    assert telemetry.tree() == {
        "": ["handler", "another"],
        "handler": ["SNMP GET"],
        "another": ["SNMP GET"],
        "SNMP GET": ["SNMP connect"],
    }
    first, second = telemetry.spans("SNMP GET")
    assert (first.kind, first.status.status_code) == (SpanKind.CLIENT, StatusCode.UNSET)
    assert facts(second) == {
        "server.address": agent.host,
        "server.port": agent.port,
        "network.transport": "tcp",
        "network.protocol.name": "snmp",
        "network.protocol.version": "2c",
        "network.peer.address": agent.host,
        "network.peer.port": agent.port,
        "snmp.operation.name": "GET",
        "snmp.request.id": agent.requests[1].pdu.request_id,
        "snmp.request.names": (SYS_NAME,),
        "snmp.request.varbinds": 1,
        "snmp.request.attempts": 1,
        "snmp.response.size": facts(second)["snmp.response.size"],
        "snmp.response.varbinds": 1,
    }
    assert second.instrumentation_scope is not None
    assert second.instrumentation_scope.name == "snmptcp"


async def test_requests_that_wait_for_another_ones_connection_are_linked_to_its_span(
    watched: Manager, telemetry: Telemetry
) -> None:
    await asyncio.gather(*(below(telemetry, f"caller {number}", watched.get(SYS_NAME)) for number in range(3)))
    await watched.get(SYS_NAME)

    connecting = telemetry.span("SNMP connect")
    first, *waited, last = telemetry.spans("SNMP GET")
    assert connecting.parent == first.context
    assert [[link.context for link in span.links] for span in waited] == [[connecting.context]] * 2
    assert [*first.links, *last.links] == []


async def test_a_walk_has_its_requests_below_it(watched: Manager, telemetry: Telemetry) -> None:
    async def walk() -> None:
        assert len([varbind async for varbind in watched.walk(SYSTEM)]) == 6

    await below(telemetry, "handler", walk())
    assert telemetry.tree() == {
        "": ["handler"],
        "handler": ["SNMP walk"],
        "SNMP walk": ["SNMP GETBULK"],
        "SNMP GETBULK": ["SNMP connect"],
    }
    walked = facts(telemetry.span("SNMP walk"))
    assert (walked["snmp.walk.root"], walked["snmp.walk.rows"], walked["snmp.walk.requests"]) == (SYSTEM, 6, 1)
    assert facts(telemetry.span("SNMP GETBULK"))["snmp.request.max_repetitions"] == 25


async def test_a_table_has_the_search_for_its_columns_and_its_connecting_below_it(
    watched: Manager, telemetry: Telemetry
) -> None:
    assert len([row async for row in watched.table(IF_TABLE)]) == 4
    tree = telemetry.tree()
    assert tree[""] == ["SNMP table"]
    assert tree["SNMP table"][:2] == ["SNMP connect", "SNMP GETNEXT"]
    assert set(tree["SNMP table"][2:]) == {"SNMP GETBULK"}
    table = facts(telemetry.span("SNMP table"))
    assert table["snmp.walk.requests"] == len(tree["SNMP table"]) - 1
    assert table["snmp.walk.rows"] == 4


async def test_a_long_walk_makes_so_many_spans_and_more_only_of_what_fails(agent: Agent, telemetry: Telemetry) -> None:
    agent.inject(FailWith(1), when=lambda request: len(agent.requests) == 8)  # tooBig: smaller ones follow
    observer = telemetry.observer(max_walk_requests=3)
    async with Manager(agent.host, agent.port, credentials=Community("private"), observer=observer) as manager:
        rows = [varbind async for varbind in manager.walk(BIG_TABLE, max_repetitions=10)]
    assert len(rows) >= BIG_ROWS

    spans = telemetry.spans("SNMP GETBULK")
    assert [span.status.status_code is StatusCode.ERROR for span in spans] == [False, False, False, True]
    assert facts(spans[-1])["error.type"] == "tooBig"
    walk = telemetry.span("SNMP walk")
    assert facts(walk)["snmp.walk.requests"] == len(agent.requests) > 20
    assert walk.start_time is not None
    assert walk.end_time is not None
    for span in spans:
        assert span.parent == walk.context
        assert span.start_time is not None
        assert span.end_time is not None
        assert walk.start_time <= span.start_time <= span.end_time <= walk.end_time
    (point,) = telemetry.points("snmp.client.walk.duration")
    assert point.count == 1
    assert sum(point.count for point in telemetry.points("snmp.client.request.duration")) == len(agent.requests)


async def test_a_request_of_a_walk_that_is_sent_again_has_a_span_even_without_others(
    agent: Agent, telemetry: Telemetry
) -> None:
    agent.inject(Close(), when=lambda request: len(agent.requests) == 3)
    observer = telemetry.observer(max_walk_requests=0)
    async with Manager(agent.host, agent.port, credentials=Community("private"), observer=observer) as manager:
        assert [varbind async for varbind in manager.walk(BIG_TABLE, max_repetitions=25)]
    assert facts(telemetry.span("SNMP GETBULK"))["snmp.request.attempts"] == 2
    first, second = telemetry.spans("SNMP connect")
    walk = telemetry.span("SNMP walk")
    assert (first.parent, second.parent) == (walk.context, walk.context)


async def test_a_failed_request_has_its_error_as_status_type_and_event(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    agent.inject(FailWith(5, 1))
    with pytest.raises(GenErr) as failed:
        await watched.get_next(SYS_NAME)

    span = telemetry.span("SNMP GETNEXT")
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, failed.value.text)
    assert facts(span)["error.type"] == "genErr"
    assert (facts(span)["snmp.response.error_status"], facts(span)["snmp.response.error_index"]) == (5, 1)
    (event,) = span.events
    assert event.name == "exception"
    assert event.attributes == {"exception.type": "snmptcp.errors.GenErr", "exception.message": failed.value.text}


async def test_a_timeout_and_a_cancellation_end_their_spans(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    agent.inject(Drop(), times=2)
    expiring = asyncio.create_task(watched.get(SYS_NAME))
    await agent.wait_for_requests(1)
    skip(watched.timeout)
    with pytest.raises(RequestTimeout):
        await expiring
    cancelled = asyncio.create_task(watched.get(SYS_NAME))
    await agent.wait_for_requests(2)
    cancelled.cancel()
    await asyncio.wait((cancelled,))

    first, second = telemetry.spans("SNMP GET")
    assert (facts(first)["error.type"], first.status.status_code) == ("RequestTimeout", StatusCode.ERROR)
    assert "snmp.cancelled" not in facts(first)
    assert facts(second)["snmp.cancelled"] is True
    assert second.status.status_code is StatusCode.UNSET
    assert "error.type" not in facts(second)


async def test_a_request_that_is_sent_again_is_one_span_with_a_second_connection_below_it(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    agent.inject(Close())
    await watched.get(SYS_NAME)
    assert facts(telemetry.span("SNMP GET"))["snmp.request.attempts"] == 2
    assert telemetry.tree()["SNMP GET"] == ["SNMP connect", "SNMP connect"]


async def test_a_set_that_loses_its_connection_says_that_it_may_have_been_carried_out(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    agent.inject(Close())
    with pytest.raises(ConnectionLost):
        await watched.set((SYS_NAME, "a value that is not told"))
    span = telemetry.span("SNMP SET")
    assert facts(span)["snmp.request.uncertain"] is True
    assert facts(span)["error.type"] == "ConnectionLost"


async def test_a_walk_that_is_left_is_marked_and_is_no_error(watched: Manager, telemetry: Telemetry) -> None:
    async with aclosing(watched.walk(BIG_TABLE)) as varbinds:
        async for _ in varbinds:
            break
    walk = telemetry.span("SNMP walk")
    assert (facts(walk)["snmp.cancelled"], facts(walk)["snmp.walk.rows"]) == (True, 1)
    assert walk.status.status_code is StatusCode.UNSET
    assert len(telemetry.spans("SNMP GETBULK")) == facts(walk)["snmp.walk.requests"]


async def test_a_walk_that_is_collected_ends_its_span_below_the_span_in_which_it_began(
    watched: Manager, telemetry: Telemetry
) -> None:
    async def forget() -> None:
        await anext(watched.walk(BIG_TABLE))

    await asyncio.create_task(below(telemetry, "forgetful", forget()))
    gc.collect()
    await until(lambda: telemetry.spans("SNMP walk"))
    assert telemetry.tree()["forgetful"] == ["SNMP walk"]
    assert facts(telemetry.span("SNMP walk"))["snmp.cancelled"] is True


async def test_a_walk_that_fails_has_the_error_of_its_request(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    agent.inject(FailWith(16), times=None)
    with pytest.raises(Exception, match="authorizationError"):
        assert [varbind async for varbind in watched.walk(SYSTEM)]
    assert facts(telemetry.span("SNMP walk"))["error.type"] == "authorizationError"


async def test_an_attempt_that_fails_ends_both_spans(telemetry: Telemetry) -> None:
    async with Agent() as gone:
        port = gone.port
    async with Manager("127.0.0.1", port, credentials=Community("x"), observer=telemetry.observer()) as manager:
        with pytest.raises(ConnectFailed):
            await manager.get(SYS_NAME)
    for span in (telemetry.span("SNMP GET"), telemetry.span("SNMP connect")):
        assert (facts(span)["error.type"], span.status.status_code) == ("ConnectFailed", StatusCode.ERROR)
    assert facts(telemetry.span("SNMP GET"))["snmp.request.attempts"] == 0


async def test_connecting_tells_the_tls_session(anyio_backend: object, telemetry: Telemetry) -> None:
    async with tsm_agent() as agent, tsm_manager(agent, observer=telemetry.observer()) as manager:
        await manager.connect()
        tls = manager.tls
    assert tls is not None
    found = facts(telemetry.span("SNMP connect"))
    assert (found["tls.protocol.version"], found["tls.cipher"]) == ("1.3", tls.cipher)
    assert (found["snmp.tls.verified"], found["tls.resumed"], found["network.type"]) == (True, False, "ipv4")
    assert found["network.protocol.version"] == "3"


async def test_a_failed_handshake_tells_why(agent: Agent, telemetry: Telemetry) -> None:
    observer, tls = telemetry.observer(), manager_options()
    async with Manager(agent.host, agent.port, credentials=Community("x"), tls=tls, observer=observer) as manager:
        with pytest.raises(TlsFailed) as failed:
            await manager.connect()
    found = facts(telemetry.span("SNMP connect"))
    assert (found["error.type"], found["snmp.tls.failure"]) == ("TlsFailed", failed.value.failure.name)


async def test_an_attempt_that_is_given_up_is_marked(telemetry: Telemetry) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with server:
        port, options = server.sockets[0].getsockname()[1], manager_options()
        observer = telemetry.observer()
        manager = Manager("127.0.0.1", port, credentials=Community("x"), tls=options, observer=observer)
        connecting = asyncio.create_task(manager.connect())
        await until(lambda: server.sockets and manager._connector._attempt is not None)
        await manager.aclose()
        await asyncio.wait((connecting,))
    connecting.exception()
    assert facts(telemetry.span("SNMP connect"))["snmp.cancelled"] is True


async def test_a_wrong_password_of_version_3_is_an_error_without_secrets(telemetry: Telemetry) -> None:
    agent_user = UsmUser("monitor", "SHA-256", "the right password", "AES", "private secret")
    user = UsmUser("monitor", "SHA-256", "the wrong password", "AES", "private secret")
    async with Agent(small_agent_mib(), users=(agent_user,)) as agent:
        manager = Manager(
            agent.host, agent.port, credentials=user, observer=telemetry.observer(), report_grace=0.0, timeout=20
        )
        async with manager:
            with pytest.raises(Exception, match="digest"):
                await manager.get(SYS_NAME)
    span = telemetry.span("SNMP GET")
    assert (facts(span)["error.type"], facts(span)["network.protocol.version"]) == ("WrongDigest", "3")
    assert [secret for secret in ("the wrong", "private secret", "monitor") if secret in span.to_json()] == []


async def test_no_span_has_a_community_or_a_value(watched: Manager, telemetry: Telemetry) -> None:
    await watched.set((SYS_NAME, "value-of-a-set"))
    await watched.get(SYS_NAME)
    told = "".join(span.to_json() for span in telemetry.spans())
    assert [secret for secret in ("private", "value-of-a-set") if secret in told] == []


async def test_spans_that_are_not_sampled_cost_no_attributes_and_measure_nonetheless(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("nobody reads this")

    monkeypatch.setattr("snmptcp.instrumentation.spans.of_request", fail)
    monkeypatch.setattr("snmptcp.instrumentation.spans.of_outcome", fail)
    telemetry = Telemetry(ParentBased(ALWAYS_OFF))
    async with Manager(
        agent.host, agent.port, credentials=Community("private"), observer=telemetry.observer()
    ) as manager:
        await manager.get(SYS_NAME)
        assert [varbind async for varbind in manager.walk(BIG_TABLE)]
    assert manager.statistics.callback_failures == 0
    assert telemetry.spans() == []
    assert sum(point.count for point in telemetry.points("snmp.client.request.duration")) == len(agent.requests)


async def test_a_table_that_is_cancelled_ends_all_its_spans(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    async def read() -> None:
        assert [row async for row in watched.table(IF_TABLE)]

    agent.inject(Hold(), times=None, when=lambda request: len(agent.requests) > 1)
    reading = asyncio.create_task(read())
    await agent.wait_for_requests(3)
    reading.cancel()
    await asyncio.wait((reading,))
    assert facts(telemetry.span("SNMP table"))["snmp.cancelled"] is True
    bulks = telemetry.spans("SNMP GETBULK")
    assert bulks
    assert {facts(span)["snmp.cancelled"] for span in bulks} == {True}
