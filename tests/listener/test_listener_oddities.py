"""The listener: odd notifications are delivered, refused messages reach a hook, and odd engines are logged once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, ConfigurationError, SnmpVersion, UsmUser
from snmptcp.codec.pdu import PduType
from snmptcp.listener import NotificationListener, Oddity, RefusedMessage
from tests.support.clock import skip, until
from tests.support.odd import KIND, NAME, ODD, ODD_V1, PLAIN_V1, UP, community, pdu, usm
from tests.support.rawclient import RawClient
from tests.support.senders import ALICE, SENDER_ENGINE, UsmSender, acknowledged, inform, open_usm, trap

if TYPE_CHECKING:
    from typing import Any

pytestmark = pytest.mark.anyio

HERE = "127.0.0.1"
EVERY_COMMUNITY = (Community("public"), Community("public", "1"))
STRANGE = community(pdu(PduType.TRAP_V2, UP, KIND)).replace(b"public", b"Secret")


def listen(**options: Any) -> NotificationListener:
    return NotificationListener(HERE, 0, **{"credentials": EVERY_COMMUNITY, **options})


def sender(listener: NotificationListener) -> RawClient:
    return RawClient(*listener.addresses[0])


# ---------------------------------------------------------------------------------- odd notifications


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_inform_is_delivered_and_acknowledged(name: str) -> None:
    async with listen() as listener, sender(listener) as client:
        client.send(community(ODD[name].make(PduType.INFORM)))
        assert b"\x02\x02\x12\x67\x02\x01\x00\x02\x01\x00" in await client.frame()
        assert (await anext(listener)).oddities == ODD[name].oddities


async def test_a_handler_gets_odd_notifications_too() -> None:
    seen: list[frozenset[Oddity]] = []

    async def handler(notification: Any) -> int:
        seen.append(notification.oddities)
        return 5

    async with listen(handler=handler) as listener, sender(listener) as client:
        client.send(community(ODD["swapped"].make(PduType.INFORM)))
        assert acknowledged(await client.frame()).error_status == 5
    assert seen == [{Oddity.ORDER}]


@pytest.mark.parametrize("name", ODD_V1)
async def test_an_odd_trap_of_version_1_is_delivered(name: str) -> None:
    async with listen() as listener, sender(listener) as client:
        client.send(community(ODD_V1[name][0], "1"))
        assert (await anext(listener)).oddities == ODD_V1[name][1]


async def test_a_strict_listener_refuses_what_is_odd_and_tells_the_hook() -> None:
    told: list[RefusedMessage] = []
    odd = [community(ODD["swapped"].make(PduType.INFORM)), community(PLAIN_V1)]
    async with listen(strict=True, on_refused=told.append) as listener, sender(listener) as client:
        client.send(b"".join(odd) + inform(5))
        assert acknowledged(await client.frame()).request_id == 5
        assert [refused.octets for refused in told] == odd
        assert listener.statistics.refused == {"malformed": 1, "unexpected_pdus": 1}
        assert (await anext(listener)).oddities == frozenset()


async def test_octets_and_oddities_are_not_shown_as_secrets_would_be() -> None:
    async with listen() as listener, sender(listener) as client:
        client.send(community(pdu(PduType.TRAP_V2, UP, NAME)))
        notification = await anext(listener)
    assert "public" not in repr(notification)
    assert "NO_TRAP_OID" in repr(notification)
    assert b"public" not in notification.octets


# -------------------------------------------------------------------------------------- the hook


async def test_the_hook_is_told_of_each_refused_message_with_its_octets() -> None:
    told: list[RefusedMessage] = []
    async with listen(on_refused=told.append) as listener, sender(listener) as client:
        client.send(STRANGE + b"\x30\x00" + trap(3))
        await anext(listener)
    strange, empty = told
    assert (strange.octets, strange.counter, strange.version) == (STRANGE, "bad_communities", SnmpVersion.V2C)
    assert strange.source is not None
    assert strange.source.host == HERE
    assert "Secret" not in repr(strange)
    assert (empty.octets, empty.counter, empty.version) == (b"\x30\x00", "malformed", None)
    assert not strange.answered


async def test_the_hook_is_told_of_replays_and_not_of_discovery() -> None:
    told: list[RefusedMessage] = []
    async with listen(credentials=ALICE, on_refused=told.append) as listener, sender(listener) as client:
        client.send(UsmSender(engine_id=b"", flags=4).inform())
        engine = open_usm(await client.frame()).parameters
        here = UsmSender(engine_id=engine.engine_id, boots=0, time=0)
        client.send(here.inform())
        assert open_usm(await client.frame()).pdu.type is PduType.REPORT
        client.send(here.at(boots=engine.boots, time=engine.time).inform())
        assert open_usm(await client.frame()).pdu.type is PduType.RESPONSE
        message = UsmSender().trap()
        client.send(message * 2)
        await until(lambda: told)
        assert [refused.counter for refused in told] == ["replays"]


async def test_a_hook_that_fails_is_logged_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def fail(refused: RefusedMessage) -> None:
        raise RuntimeError(refused.counter)

    async with listen(on_refused=fail) as listener, sender(listener) as client:
        client.send(STRANGE * 3 + inform(4))
        assert acknowledged(await client.frame()).request_id == 4
        assert listener.statistics.handler_failures == 3
    [record] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.getMessage() == "on_refused failed; notifications are not affected"


# --------------------------------------------------------------------------- users and engines of the field


async def test_senders_with_one_user_name_and_two_passwords_are_accepted() -> None:
    other = UsmUser("alice", "SHA", "another secret", "AES", "another privacy")
    async with listen(credentials=(ALICE, other)) as listener, sender(listener) as client:
        for number, user in enumerate((ALICE, other, other, ALICE)):
            engine_id = SENDER_ENGINE + bytes((number % 2,))
            client.send(UsmSender(user=user, engine_id=engine_id, message_id=number).trap(number))
        assert [(await anext(listener)).security_name for _ in range(4)] == [b"alice"] * 4


async def test_a_message_that_costs_many_digests_counts_more_than_others() -> None:
    users = [UsmUser("alice", "SHA", f"the secret number {number}") for number in range(16)]
    stranger = UsmUser("alice", "SHA", "who knows this")
    async with listen(credentials=users, max_unreadable=20) as listener, sender(listener) as client:
        client.send(b"".join(UsmSender(user=stranger, message_id=number).trap(number) for number in range(8)))
        await until(lambda: listener.statistics.floods)
        assert listener.statistics.wrong_digests < 8


async def test_traps_of_a_frozen_clock_are_accepted_on_request() -> None:
    async with listen(credentials=ALICE, frozen_clock=[SENDER_ENGINE]) as listener, sender(listener) as client:
        client.send(UsmSender(boots=0, time=0, message_id=1).trap(1))
        await anext(listener)
        skip(86400)
        client.send(UsmSender(boots=0, time=0, message_id=2).trap(2))
        await anext(listener)
        assert listener.statistics.refused == {}


async def test_a_clock_that_stands_still_is_refused_by_default() -> None:
    told: list[RefusedMessage] = []
    async with (
        listen(credentials=ALICE, on_refused=told.append, idle_timeout=None) as listener,
        sender(listener) as client,
    ):
        client.send(UsmSender(message_id=1).trap(1))
        await anext(listener)
        skip(200)
        client.send(UsmSender(message_id=2).trap(2))
        await until(lambda: told)
        assert told[0].counter == "not_in_time_windows"


def test_frozen_clocks_are_given_by_engine_ids() -> None:
    with pytest.raises(ConfigurationError, match="1 to 32 octets"):
        listen(credentials=ALICE, frozen_clock=[b""])


async def test_an_odd_engine_id_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async with listen(credentials=ALICE) as listener, sender(listener) as client:
        for number in range(3):
            client.send(UsmSender(engine_id=b"1234", message_id=number).trap(number))
            assert Oddity.ENGINE_ID in (await anext(listener)).oddities
        client.send(usm(pdu(PduType.TRAP_V2, UP, KIND), bytes(12)))
        assert Oddity.ENGINE_ID in (await anext(listener)).oddities
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 2
    assert "31323334" in warnings[0]


async def test_the_hook_is_told_of_a_message_in_which_its_connection_ends() -> None:
    told: list[RefusedMessage] = []
    whole = community(pdu(PduType.TRAP_V2, UP, KIND))
    async with listen(on_refused=told.append) as listener:
        async with sender(listener) as client:
            client.send(whole + whole[:-3])
            await anext(listener)
        await until(lambda: listener.statistics.cut_off)
        async with sender(listener) as client:
            client.send(whole)
            await anext(listener)
    [refused] = told
    assert (refused.counter, refused.size, refused.octets) == ("cut_off", len(whole) - 3, whole[:16])
    assert f"after {len(whole) - 3} of {len(whole)} octets" in refused.reason
    assert (listener.statistics.cut_off, listener.statistics.lost_framings) == (1, 0)


async def test_a_message_that_comes_too_slowly_is_told_too() -> None:
    told: list[RefusedMessage] = []
    whole = community(pdu(PduType.TRAP_V2, UP, KIND))
    async with listen(on_refused=told.append, frame_timeout=0.05) as listener, sender(listener) as client:
        client.send(whole[:20])
        await until(lambda: listener.statistics.slow_closed)
        await until(lambda: listener.statistics.cut_off)
    assert [refused.size for refused in told] == [20]


async def test_a_flood_and_the_listeners_own_end_cut_nothing_off() -> None:
    told: list[RefusedMessage] = []
    async with listen(on_refused=told.append, max_unreadable=1) as listener, sender(listener) as client:
        client.send(b"\x30\x00" * 50 + b"\x30\x10")
        await until(lambda: listener.statistics.floods)
        async with sender(listener) as other:
            other.send(community(pdu(PduType.TRAP_V2, UP, KIND)) + b"\x30\x10")
            await anext(listener)
            await listener.aclose()
    assert listener.statistics.cut_off == 0
    assert {refused.counter for refused in told} == {"malformed"}


@pytest.mark.parametrize(
    ("octets", "size", "text"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 16, "begins with 0x30"),
        (b"\x30\x83\x10\x00\x00" + bytes(20), 0x100005, "exceeds the limit"),
    ],
)
async def test_the_hook_is_told_of_a_stream_that_cannot_be_cut(octets: bytes, size: int, text: str) -> None:
    told: list[RefusedMessage] = []
    async with listen(on_refused=told.append) as listener, sender(listener) as client:
        client.send(octets)
        await until(lambda: listener.statistics.lost_framings)
    [refused] = told
    assert (refused.counter, refused.size, refused.octets) == ("lost_framings", size, octets[:16])
    assert text in refused.reason
    assert refused.source is not None
