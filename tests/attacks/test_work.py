"""Attacks that make this side work, wait or remember without end: each costs the attacker more than its target."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp import Community, Manager
from snmptcp.errors import RequestTimeout, ResponseMismatch
from snmptcp.listener import NotificationListener
from tests.support.attacker import (
    TRAP_V2,
    HostileEngine,
    HostileServer,
    RawConnection,
    community_message,
    integer,
    notification,
    null,
    pdu,
    sequence,
    tlv,
    varbind,
)

pytestmark = pytest.mark.anyio

HERE = "127.0.0.1"
NAME = "1.3.6.1.2.1.1.3.0"
TRAP = "1.3.6.1.6.3.1.1.5.1"
SMALLEST = varbind("1.3", null())  # seven octets


def manager(server: HostileServer, **options: object) -> Manager:
    return Manager(server.host, server.port, credentials=Community("public"), **options)  # type: ignore[arg-type]


def listening(**options: object) -> NotificationListener:
    return NotificationListener(HERE, 0, credentials=Community("public"), **options)  # type: ignore[arg-type]


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


# ------------------------------------------------------------------------------- S6: unreadable messages


async def test_an_unreadable_message_looks_at_no_pending_request() -> None:
    async with HostileServer(lambda *_: b"\x30\x00") as server, manager(server, timeout=0.2) as asker:
        outcomes = await asyncio.gather(*(asker.get(f"{NAME}.{n}") for n in range(50)), return_exceptions=True)

    assert asker.statistics.malformed == 50
    reasons = {id(outcome.reason) for outcome in outcomes if isinstance(outcome, RequestTimeout)}
    assert len(outcomes) == 50
    assert len(reasons) == 1  # kept once, not once for each of them
