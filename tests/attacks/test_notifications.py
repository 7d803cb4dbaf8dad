"""Traps in another's name, and messages that were recorded and come again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, ConfigurationError, Manager, UsmUser
from snmptcp.listener import NotificationListener, Oddity, RefusedMessage
from snmptcp.security import usm_message
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
    community_message,
    names,
    notification,
    pdu,
    read_message,
)
from tests.support.clock import skip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from snmptcp.protocol.receiver import ReceiverCredentials

pytestmark = pytest.mark.anyio

HERE = "127.0.0.1"
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
INSIDER = User("operator", "SHA-256", "authentic operator", "AES", "private operator")
OPERATOR = UsmUser("operator", "SHA-256", "authentic operator", "AES", "private operator")


def listen(
    credentials: ReceiverCredentials | Iterable[ReceiverCredentials] = OPERATOR, **options: Any
) -> NotificationListener:
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


# --------------------------------------------------------------------------- what is read leniently


def trap_of(user: User, varbinds: Any = None, *, engine_id: bytes = ENGINE_A, **changes: Any) -> bytes:
    """Return a trap that an engine sends; by default a sound one."""
    fields = {"engine_id": engine_id, "boots": 1, "time": 0, "flags": user.flags, **changes}
    found = notification(LINK_DOWN) if varbinds is None else varbinds
    return HostileEngine(engine_id=engine_id, users=(user,)).send(pdu(TRAP_V2, 7, found), user, **fields)


async def test_an_odd_trap_needs_the_right_digest_and_is_delivered_once() -> None:
    odd = trap_of(INSIDER, names(LINK_DOWN))
    forged = bytearray(odd)
    forged[-1] ^= 1
    plain = trap_of(INSIDER, names(LINK_DOWN), flags=0)
    async with listen() as listener, await RawConnection.open(HERE, listener.port) as stranger:
        stranger.send(bytes(forged) + plain + odd + odd)
        await until(lambda: listener.statistics.replays)
        assert listener.statistics.refused == {"wrong_digests": 1, "levels_too_low": 1, "replays": 1}
    assert [found.oddities async for found in listener] == [{Oddity.NO_UPTIME, Oddity.NO_TRAP_OID}]


# ------------------------------------------------------------------------------- users of one name

OLD_INSIDER = User("operator", "SHA", "the old secret", "AES", "the old privacy")
BOTH = (OPERATOR, UsmUser("operator", "SHA", "the old secret", "AES", "the old privacy"))


@pytest.mark.parametrize("user", [INSIDER, OLD_INSIDER])
@pytest.mark.parametrize("flags", [0, AUTH])
async def test_no_user_of_a_name_is_accepted_at_a_lower_level(user: User, flags: int) -> None:
    async with listen(BOTH) as listener, await RawConnection.open(HERE, listener.port) as insider:
        insider.send(trap_of(user))
        await anext(listener)
        insider.send(trap_of(user, flags=flags) + message_for(listener, INFORM, flags=flags | REPORTABLE))
        await until(lambda: listener.statistics.levels_too_low == 2)
        assert listener.statistics.notifications == 1


async def test_a_stranger_cannot_make_a_listener_compute_digests_without_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    digests = 0
    verify = usm_message.verify_digest

    def counting(*arguments: Any) -> None:
        nonlocal digests
        digests += 1
        verify(*arguments)

    monkeypatch.setattr("snmptcp.security.remote.verify_digest", counting)
    users = [UsmUser("operator", "SHA", f"the secret number {number}") for number in range(16)]
    stranger = User("operator", "SHA", "who knows this")
    async with listen(users) as listener, await RawConnection.open(HERE, listener.port) as hostile:
        hostile.send(trap_of(stranger) * 500)
        await until(lambda: listener.statistics.floods)
        assert listener.statistics.wrong_digests <= 30
        assert digests <= 16 * 30
    with pytest.raises(ConfigurationError, match="more than 16"):
        listen([*users, UsmUser("operator", "SHA", "one more secret")])


# ------------------------------------------------------------------------------------ frozen clocks


async def test_a_frozen_clock_lets_no_recorded_trap_in_twice() -> None:
    recorded = [trap_of(INSIDER, boots=4, time=9), trap_of(INSIDER, boots=5, time=0), trap_of(INSIDER, boots=5, time=0)]
    async with listen(frozen_clock=[ENGINE_A]) as listener, await RawConnection.open(HERE, listener.port) as attacker:
        for message in recorded:
            attacker.send(message)
            await anext(listener)
        skip(100_000)
        forged = bytearray(recorded[2])
        forged[-1] ^= 1
        attacker.send(b"".join(recorded) + bytes(forged) + trap_of(INSIDER, boots=4, time=10))
        await until(lambda: sum(listener.statistics.refused.values()) == 5)
        assert listener.statistics.refused == {"not_in_time_windows": 2, "replays": 2, "wrong_digests": 1}
        assert listener.statistics.notifications == 3


async def test_a_frozen_clock_is_refused_unless_it_is_allowed() -> None:
    async with (
        listen(frozen_clock=[ENGINE_A + b"other"]) as listener,
        await RawConnection.open(HERE, listener.port) as sender,
    ):
        sender.send(trap_of(INSIDER))
        await anext(listener)
        skip(151)
        sender.send(trap_of(INSIDER))
        await until(lambda: listener.statistics.refused)
        assert listener.statistics.refused == {"not_in_time_windows": 1}


# -------------------------------------------------------------------------------------- the hook


async def test_the_hook_for_refused_messages_harms_no_sender() -> None:
    told: list[RefusedMessage] = []

    def hook(refused: RefusedMessage) -> None:
        told.append(refused)
        raise RuntimeError("the program's own mistake")

    strange = community_message(pdu(TRAP_V2, 7, notification(LINK_DOWN)), community=b"Secret")
    both = (OPERATOR, Community("public"))
    async with listen(both, on_refused=hook) as listener, await RawConnection.open(HERE, listener.port) as sender:
        sender.send(strange + trap_of(INSIDER, flags=0) + trap_of(INSIDER))
        await anext(listener)
    assert [refused.counter for refused in told] == ["bad_communities", "levels_too_low"]
    assert told[0].octets == strange
    assert "Secret" not in "".join(map(repr, told))
