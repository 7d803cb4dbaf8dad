"""Attacks that make this side work, wait or remember without end: each costs the attacker more than its target."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, Manager
from snmptcp.errors import ConnectionLost, LimitExceeded, RequestTimeout, ResponseMismatch
from snmptcp.listener import NotificationListener
from snmptcp.manager import walks
from snmptcp.protocol.observer import Observer
from tests.support.attacker import (
    GET_BULK,
    TRAP_V2,
    HostileEngine,
    HostileServer,
    RawConnection,
    User,
    community_message,
    integer,
    notification,
    null,
    octet_string,
    pdu,
    sequence,
    tlv,
    varbind,
)
from tests.support.clock import skip, until

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

HERE = "127.0.0.1"
NAME = "1.3.6.1.2.1.1.3.0"
TRAP = "1.3.6.1.6.3.1.1.5.1"
JUNK = b"\x30\x00"
SMALLEST = varbind("1.3", null())  # seven octets


def manager(server: HostileServer, **options: object) -> Manager:
    return Manager(server.host, server.port, credentials=Community("public"), **options)  # type: ignore[arg-type]


def listening(**options: object) -> NotificationListener:
    return NotificationListener(HERE, 0, credentials=Community("public"), **options)  # type: ignore[arg-type]


def honest(_: object, request: bytes) -> bytes | None:
    return HostileEngine().honest(request)


def response(request: bytes, variables: bytes) -> bytes:
    """Return the response to a request of SNMPv2c with any octets as its variable bindings."""
    engine = HostileEngine()
    asked = engine.read(request)
    return engine.seal(asked, pdu(0xA2, asked.request_id, raw_list=sequence(variables)))


# ------------------------------------------------------------------------ S7: more variables than were asked for


@pytest.mark.parametrize("count", [465_555, 100])
async def test_an_answer_with_far_more_variables_than_asked_for_is_refused_before_they_are_decoded(count: int) -> None:
    async with (
        HostileServer(lambda _, request: response(request, SMALLEST * count)) as server,
        manager(server) as asker,
    ):
        with pytest.raises(ResponseMismatch, match="more than 1 variable bindings") as refused:
            await asker.get(NAME)

    assert refused.value.varbinds == ()


async def test_a_bulk_answer_may_have_the_variables_that_were_asked_for_and_no_more() -> None:
    count = 40

    def answer(_: object, request: bytes) -> bytes:
        return response(request, b"".join(varbind(f"1.3.6.1.4.1.1.{n}", integer(n)) for n in range(count)))

    async with HostileServer(answer) as server, manager(server) as asker:
        assert len(await asker.get_bulk("1.3.6.1.4.1.1", max_repetitions=40)) == count
        count = 100_000
        with pytest.raises(ResponseMismatch, match="more than 40 variable bindings") as refused:
            await asker.get_bulk("1.3.6.1.4.1.1", max_repetitions=40)

    assert refused.value.varbinds == ()


async def test_an_error_answer_with_far_too_many_variables_is_refused_before_they_are_decoded() -> None:
    def answer(_: object, request: bytes) -> bytes:
        engine = HostileEngine()
        asked = engine.read(request)
        variables = sequence(SMALLEST * 100_000)
        return engine.seal(asked, pdu(0xA2, asked.request_id, error_status=5, raw_list=variables))

    async with HostileServer(answer) as server, manager(server) as asker:
        with pytest.raises(ResponseMismatch, match="more than 1 variable bindings"):
            await asker.get(NAME)


@pytest.mark.parametrize("lengths", [1, 3])
async def test_a_trap_with_more_variables_than_the_listener_takes_is_refused_before_they_are_decoded(
    lengths: int,
) -> None:
    many = tlv(0x30, tlv(6, b"\x2b") + null(), length_octets=None if lengths == 1 else lengths) * 20_000
    prefix = b"".join(varbind(*binding) for binding in notification(TRAP))
    async with listening() as listener, await RawConnection.open(HERE, listener.port) as attacker:
        attacker.send(community_message(pdu(TRAP_V2, 1, raw_list=sequence(prefix, many))))
        attacker.send(community_message(pdu(TRAP_V2, 2, notification(TRAP))))
        received = await anext(listener)

    assert received.pdu.request_id == 2  # type: ignore[union-attr]
    assert listener.statistics.malformed == 1


async def test_the_largest_trap_that_udp_carries_is_taken() -> None:
    many = [("1.3", null())] * 9_000
    trap = community_message(pdu(TRAP_V2, 1, notification(TRAP, *many)))
    async with listening() as listener, await RawConnection.open(HERE, listener.port) as attacker:
        attacker.send(trap)
        received = await anext(listener)

    assert len(trap) > 63_000
    assert len(received.varbinds) == 9_000


# ------------------------------------------------------------------------------- S11: tables without an end


def inventor(value: bytes) -> Callable[[object, bytes], bytes]:
    """Return a script that answers each name with a successor below it, so that every column exists."""

    def answer(_: object, request: bytes) -> bytes:
        engine = HostileEngine()
        asked = engine.read(request)
        repeated = asked.opened.error_index if asked.opened.kind == GET_BULK else 1
        bindings = [(f"{name}{'.1' * n}", value) for n in range(1, repeated + 1) for name in asked.opened.names]
        return engine.answer(asked, bindings)

    return answer


async def test_a_table_with_columns_that_the_agent_invents_ends_with_an_error_that_says_how_many() -> None:
    async with HostileServer(inventor(integer(1))) as server, manager(server) as asker:
        with pytest.raises(LimitExceeded, match="has more than 512 columns") as refused:
            await anext(asker.table("1.3.6.1.4.1.1"))

        assert asker.statistics.requests == 18  # 32 columns in each but the first
        assert str(server.port) in str(refused.value)
        assert refused.value.limit == 512
        with pytest.raises(LimitExceeded, match="has more than 40 columns"):
            await anext(asker.table("1.3.6.1.4.1.1", max_columns=40))


async def test_columns_that_wait_to_become_rows_are_limited_in_octets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "MAX_WAITING_OCTETS", 1_000_000)
    async with HostileServer(inventor(octet_string(b"x" * 10_000))) as server, manager(server) as asker:
        with pytest.raises(LimitExceeded, match="more than 1000000 octets of columns wait to become rows"):
            async for _ in asker.table("1.3.6.1.4.1.1", columns=range(1, 100)):
                pytest.fail("all columns have their first row before there is one")

        answered = asker.statistics.responses
    assert 1_000_000 // 250_000 <= answered <= 4 + walks.COLUMNS_AT_ONCE


async def test_rows_that_never_end_end_at_the_limit() -> None:
    async with HostileServer(inventor(integer(1))) as server, manager(server) as asker:
        assert len([row async for row in asker.table("1.3.6.1.4.1.1", columns=[1, 2], limit=60)]) == 60
        assert len([varbind async for varbind in asker.walk("1.3.6.1.4.1.1", limit=60)]) == 60


# ---------------------------------------------------------------- S10: notifications that wait for their consumer


async def test_notifications_of_a_manager_that_wait_are_limited_in_octets_and_drops_are_counted() -> None:
    async with HostileServer(honest) as server, manager(server) as asker:
        stream = asker.notifications()
        await asker.get(NAME)
        (agent,) = server.connections
        large = community_message(pdu(TRAP_V2, 1, notification(TRAP, *[("1.3", octet_string(b"x" * 60_000))] * 60)))
        agent.send(large * 4)  # 3.6 MB each, and twice that in memory
        await asker.get(NAME)

        assert asker.statistics.notifications == 2
        assert asker.statistics.notifications_dropped == 2
        await anext(stream)
        agent.send(large)
        await asker.get(NAME)
        assert asker.statistics.notifications == 3


async def test_short_variables_count_as_the_memory_that_they_take() -> None:
    async with HostileServer(honest) as server, manager(server) as asker:
        stream = asker.notifications(queue_octets=200_000)
        await asker.get(NAME)
        (agent,) = server.connections
        agent.send(community_message(pdu(TRAP_V2, 1, notification(TRAP, *[("1.3", null())] * 600))) * 3)  # 13 kB
        await asker.get(NAME)

        assert asker.statistics.notifications_dropped == 2
        assert len((await anext(stream)).varbinds) == 600


async def test_short_variables_fill_the_queue_of_a_listener_as_the_memory_that_they_take() -> None:
    trap = community_message(pdu(TRAP_V2, 1, notification(TRAP, *[("1.3", null())] * 600)))
    async with listening(queue_octets=200_000) as listener, await RawConnection.open(HERE, listener.port) as attacker:
        attacker.send(trap * 10)
        for _ in range(10):
            await anext(listener)
            assert listener.waiting <= 2

    assert listener.statistics.pauses


# ------------------------------------------------------------------------------- S6: unreadable messages


async def test_an_unreadable_message_looks_at_no_pending_request() -> None:
    async with HostileServer(lambda *_: JUNK) as server, manager(server, timeout=3.0) as asker:
        await asker.connect()
        requests = asyncio.gather(*(asker.get(f"{NAME}.{n}") for n in range(50)), return_exceptions=True)
        await until(lambda: asker.statistics.malformed == 50)
        assert not requests.done()
        skip(3)
        outcomes = await requests

    reasons = {id(outcome.reason) for outcome in outcomes if isinstance(outcome, RequestTimeout)}
    assert len(outcomes) == 50
    assert len(reasons) == 1  # kept once, not once for each of them


def wrong_community(request: bytes) -> bytes:
    engine = HostileEngine()
    return engine.answer(request, community=b"private")


def wrong_id(request: bytes) -> bytes:
    engine = HostileEngine()
    asked = engine.read(request)
    return engine.answer(asked, request_id=asked.request_id ^ 1)


def trap(_: bytes) -> bytes:
    return community_message(pdu(TRAP_V2, 1, notification(TRAP)))


@pytest.mark.parametrize(
    ("flood", "count"),
    [(lambda _: JUNK, 100), (wrong_community, 100), (wrong_id, 100), (trap, 1000)],
    ids=["unreadable", "another community", "an id that was never issued", "traps that nothing takes"],
)
async def test_an_agent_that_floods_a_manager_is_cut_off_and_its_requests_are_told_why(
    flood: Callable[[bytes], bytes], count: int
) -> None:
    def answer(_: object, request: bytes) -> bytes:
        return flood(request) * 20_000

    async with HostileServer(answer) as server, manager(server, retries=0) as asker:
        with pytest.raises(ConnectionLost, match=r"closed after \d+ unreadable messages; the last: ") as lost:
            await asker.get(NAME)

        looked_at = sum(getattr(asker.statistics, name) for name in ("malformed", "refused", "unknown", "unexpected"))
    assert isinstance(lost.value.__cause__, LimitExceeded)
    assert 0.9 * count <= looked_at <= 1.1 * count
    assert asker.statistics.floods == 1


async def test_an_agent_that_floods_each_connection_may_not_bring_the_whole_limit_each_time() -> None:
    def answer(_: object, request: bytes) -> bytes:
        return JUNK * 20_000

    async with HostileServer(answer) as server, manager(server, retries=0, reconnect_interval=0.0) as asker:
        for _ in range(20):
            with pytest.raises(ConnectionLost, match="unreadable messages"):
                await asker.get(NAME)
    assert asker.statistics.floods == 20
    assert 100 + 19 * 5 <= asker.statistics.malformed <= 100 + 19 * 5 + 200  # ten are forgotten each second


async def test_an_agent_that_floods_and_then_answers_is_asked_as_before() -> None:
    floods = iter((True,))

    def answer(agent: RawConnection, request: bytes) -> bytes | None:
        return JUNK * 20_000 if next(floods, False) else honest(agent, request)

    async with HostileServer(answer) as server, manager(server, retries=0, reconnect_interval=0.0) as asker:
        with pytest.raises(ConnectionLost, match="unreadable messages"):
            await asker.get(NAME)
        for _ in range(30):
            await asker.get(NAME)
    assert asker.statistics.connections == 2


@pytest.mark.parametrize("user", [User("eve"), User("eve", "SHA", "authpass123"), None])
async def test_an_agent_that_floods_a_stream_of_notifications_with_refused_ones_is_cut_off(user: User | None) -> None:
    engine = HostileEngine(community=b"private")
    bad = engine.send(pdu(TRAP_V2, 1, notification(TRAP)), user)
    async with HostileServer(honest) as server, manager(server, retries=0) as asker:
        stream = asker.notifications()
        await asker.get(NAME)
        (agent,) = server.connections
        agent.send(bad * 5_000)
        await until(lambda: asker.statistics.floods)
        assert sum(asker.notification_statistics.refused.values()) <= 150
        await asker.get(NAME)  # on a new connection
        assert not stream.ended


@pytest.mark.parametrize(
    "bad",
    [
        JUNK,
        community_message(pdu(TRAP_V2, 1, notification(TRAP)), b"private"),
        community_message(pdu(GET_BULK, 1, notification(TRAP))),
        HostileEngine().send(pdu(TRAP_V2, 1, notification(TRAP)), User("eve", "SHA", "authpass123")),
    ],
    ids=["unreadable", "another community", "no notification", "an unknown user"],
)
async def test_a_sender_that_floods_a_listener_is_cut_off_and_costs_the_others_nothing(bad: bytes) -> None:
    async with (
        listening() as listener,
        await RawConnection.open(HERE, listener.port) as attacker,
        await RawConnection.open(HERE, listener.port) as sender,
    ):
        attacker.send(bad * 20_000)
        await attacker.closed()
        sender.send(trap(b""))
        await anext(listener)
        assert listener.connections == 1

    assert listener.statistics.floods == 1
    assert listener.statistics.messages <= 110


async def test_a_sender_with_the_wrong_community_that_retries_slowly_keeps_its_connection() -> None:
    bad = community_message(pdu(TRAP_V2, 1, notification(TRAP)), b"private")
    async with (
        listening(first_message_timeout=None) as listener,
        await RawConnection.open(HERE, listener.port) as sender,
    ):
        for count in range(1, 301):
            sender.send(bad)
            await until(lambda count=count: listener.statistics.messages == count)  # type: ignore[misc]
            skip(1.0)
        assert listener.connections == 1


async def test_a_read_full_of_the_shortest_messages_leaves_the_loop_its_turns() -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    class Watching(Observer):
        """Counts the messages that are looked at in one turn."""

        seen = 0
        turn = -1
        most = 0

        def message_received(self, message: bytes) -> None:
            self.seen = self.seen + 1 if self.turn == turns else 1
            self.turn = turns
            self.most = max(self.most, self.seen)

    def answer(_: object, request: bytes) -> bytes:
        return JUNK * 131_072 + HostileEngine().answer(request)

    watching = Watching()
    counting = asyncio.create_task(count_turns())
    try:
        async with (
            HostileServer(answer) as server,
            manager(server, observer=watching, max_unreadable=None, timeout=60) as asker,
        ):
            await asker.get(NAME)
    finally:
        counting.cancel()

    assert asker.statistics.malformed == 131_072
    assert watching.most < 131_072 / 8


# ------------------------------------------------------------------- S8: callbacks of the program that raise


class Broken(Observer):
    """Raises whatever happens."""

    def message_sent(self, message: bytes) -> None:
        raise RuntimeError("broken")

    def message_received(self, message: bytes) -> None:
        raise RuntimeError("broken")

    def exchange_ended(self, exchange: object) -> None:
        raise asyncio.CancelledError

    def message_refused(self, message: bytes, error: object) -> None:
        raise KeyError("broken")

    def connection_closed(self, reason: object) -> None:
        raise RuntimeError("broken")


def break_down(*_: object) -> None:
    raise RuntimeError("broken")


@pytest.mark.parametrize("before", [JUNK, trap(b""), trap(b"") * 50, JUNK + trap(b"")])
async def test_an_answer_in_one_segment_with_what_makes_every_callback_raise_ends_its_request(before: bytes) -> None:
    def answer(_: object, request: bytes) -> bytes:
        return before + HostileEngine().answer(request) + before

    async with (
        HostileServer(answer) as server,
        manager(server, observer=Broken(), on_unsolicited=break_down, packet_trace=break_down) as asker,
    ):
        for _ in range(3):
            assert len(await asker.get(NAME)) == 1

    assert asker.statistics.responses == 3
    assert asker.statistics.callback_failures > 3


async def test_accepted_notifications_of_an_agent_outweigh_refused_ones_as_they_do_at_a_listener() -> None:
    refused = community_message(pdu(TRAP_V2, 1, notification(TRAP)), b"private")
    async with HostileServer(honest) as server, manager(server, retries=0) as asker:
        stream = asker.notifications(queue_size=1000)
        await asker.get(NAME)
        (agent,) = server.connections
        agent.send((trap(b"") + refused * 4) * 200)
        for _ in range(200):
            await anext(stream)
        assert asker.statistics.floods == 0
