"""Traps in another's name, and messages that were recorded and come again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Manager, UsmUser
from snmptcp.listener import NotificationListener
from tests.support.attacker import (
    AUTH,
    ENGINE_A,
    INFORM,
    REPORT,
    REPORTABLE,
    RESPONSE,
    TRAP_V2,
    HostileEngine,
    HostileServer,
    RawConnection,
    User,
    notification,
    pdu,
    read_message,
)
from tests.support.clock import skip

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.protocol.receiver import ReceiverCredentials

pytestmark = pytest.mark.anyio

HERE = "127.0.0.1"
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
INSIDER = User("operator", "SHA-256", "authentic operator", "AES", "private operator")
OPERATOR = UsmUser("operator", "SHA-256", "authentic operator", "AES", "private operator")


def listen(credentials: ReceiverCredentials = OPERATOR, **options: Any) -> NotificationListener:
    return NotificationListener(HERE, 0, credentials=credentials, **options)


def message_for(listener: NotificationListener, kind: int, request_id: int = 7, **changes: Any) -> bytes:
    """Return a trap or an inform that names the listener as authoritative engine."""
    flags = INSIDER.flags | (REPORTABLE if kind == INFORM else 0)
    fields = {"engine_id": listener.engine_id, "boots": 1, "time": 0, "flags": flags, **changes}
    return HostileEngine(engine_id=ENGINE_A).send(pdu(kind, request_id, notification(LINK_DOWN)), INSIDER, **fields)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so; the test's own time limit ends it otherwise."""
    while not condition():
        await asyncio.sleep(0)


# --------------------------------------------------------------------------------- the wrong authority


@pytest.mark.parametrize("named", [False, True], ids=["any engine", "own engine"])
@pytest.mark.parametrize("flags", [INSIDER.flags, AUTH, 0], ids=["authPriv", "authNoPriv", "noAuthNoPriv"])
async def test_a_trap_that_names_the_listener_as_its_sender_is_refused_and_counted(
    tmp_path: Any, named: bool, flags: int
) -> None:
    own = bytes.fromhex("80007ed904") + b"listener"
    who = (OPERATOR, own) if named else OPERATOR
    async with (
        listen(who, engine_id=own, engine_file=tmp_path / "engine.json") as listener,
        await RawConnection.open(HERE, listener.port) as insider,
    ):
        insider.send(message_for(listener, TRAP_V2, flags=flags))
        await until(lambda: listener.statistics.refused)
        assert listener.statistics.refused == {"unexpected_pdus": 1}
        insider.send(message_for(listener, INFORM))
        assert read_message(await insider.message(), (INSIDER,)).opened.kind == RESPONSE
    assert [found.is_inform async for found in listener] == [True]


@pytest.mark.parametrize("kind", [RESPONSE, REPORT])
async def test_no_other_unconfirmed_message_in_the_listeners_name_is_delivered(kind: int) -> None:
    async with listen() as listener, await RawConnection.open(HERE, listener.port) as insider:
        insider.send(message_for(listener, kind))
        await until(lambda: listener.statistics.refused)
        assert listener.statistics.refused == {"unexpected_pdus": 1}
    assert [found async for found in listener] == []


async def test_a_manager_takes_no_trap_in_its_own_name() -> None:
    engine = HostileEngine(engine_id=ENGINE_A, users=(INSIDER,))

    async with (
        HostileServer(lambda connection, octets: engine.honest(octets)) as server,
        Manager(server.host, server.port, credentials=OPERATOR) as manager,
    ):
        stream = manager.notifications()
        await manager.get("1.3.6.1.2.1.1.5.0")
        (connection,) = server.connections
        probe = HostileEngine(engine_id=b"").send(
            pdu(INFORM, 1, notification(LINK_DOWN)), INSIDER, flags=REPORTABLE, boots=0, time=0
        )
        seen = len(connection.received)
        connection.send(probe)
        await until(lambda: len(connection.received) > seen)
        own = read_message(connection.received[-1], (INSIDER,))
        connection.send(
            HostileEngine(engine_id=own.engine_id, boots=own.boots, time=own.time).send(
                pdu(TRAP_V2, 2, notification(LINK_DOWN)), INSIDER
            )
        )
        await until(lambda: manager.notification_statistics.unexpected_pdus)
        await manager.aclose()
        assert [found async for found in stream] == []


# ------------------------------------------------------------------------------------------ replays


async def test_a_repeated_inform_is_acknowledged_on_its_new_connection_and_delivered_once() -> None:
    async with listen() as listener:
        inform = message_for(listener, INFORM)
        for _ in range(2):
            async with await RawConnection.open(HERE, listener.port) as sender:
                sender.send(inform)
                answer = read_message(await sender.message(), (INSIDER,))
                assert (answer.opened.kind, answer.opened.request_id) == (RESPONSE, 7)
        assert listener.statistics.notifications == 1
    assert len([found async for found in listener]) == 1


async def test_a_recorded_inform_is_not_acknowledged_outside_the_time_window() -> None:
    async with listen() as listener, await RawConnection.open(HERE, listener.port) as attacker:
        inform = message_for(listener, INFORM)
        attacker.send(inform)
        assert read_message(await attacker.message(), (INSIDER,)).opened.kind == RESPONSE
        skip(151)
        attacker.send(inform)
        assert read_message(await attacker.message(), (INSIDER,)).opened.kind == REPORT
        assert listener.statistics.repeated_informs == 0


async def test_a_replayed_inform_makes_the_listener_send_a_limited_number_of_octets() -> None:
    async with listen() as listener, await RawConnection.open(HERE, listener.port) as attacker:
        inform = message_for(listener, INFORM)
        attacker.send(inform * 90)
        await until(lambda: listener.statistics.messages == 90)
        await listener.aclose()
        await attacker.closed()
        assert len(attacker.received) == 9
        assert max(map(len, attacker.received)) <= len(inform)
        assert listener.statistics.refused == {"replays": 81}


async def test_who_cannot_authenticate_gets_no_acknowledgement_of_a_recorded_inform() -> None:
    async with listen() as listener, await RawConnection.open(HERE, listener.port) as attacker:
        inform = message_for(listener, INFORM)
        attacker.send(inform)
        await attacker.message()
        attacker.send(inform[:-1] + bytes((inform[-1] ^ 1,)))
        assert read_message(await attacker.message(), (INSIDER,)).opened.kind == REPORT
        assert listener.statistics.refused == {"wrong_digests": 1}
