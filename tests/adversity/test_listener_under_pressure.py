"""Too many, too fast, too slow or broken senders: the listener loses no message of the others."""

from __future__ import annotations

import asyncio
import resource
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.listener import NotificationListener
from tests.support.clock import settle, skip
from tests.support.rawclient import RawClient
from tests.support.senders import (
    ALICE,
    SENDER_ENGINE,
    UsmSender,
    acknowledged,
    community_message,
    inform,
    notification_pdu,
    trap,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from snmptcp.protocol.notification import Notification

pytestmark = pytest.mark.anyio

HERE = "127.0.0.1"
LONG = "x" * 2000


@pytest.fixture
def many_files() -> Iterator[None]:
    """Raise the limit of open files to what the test needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def listen(**options: Any) -> NotificationListener:
    return NotificationListener(HERE, 0, **{"credentials": Community("public"), **options})


def sender(listener: NotificationListener) -> RawClient:
    return RawClient(*listener.addresses[0])


def number(notification: Notification) -> int:
    assert isinstance(notification.pdu, Pdu)
    return notification.pdu.request_id


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so; the test's own time limit ends it otherwise."""
    while not condition():
        await asyncio.sleep(0)


async def still_listens(listener: NotificationListener) -> None:
    async with sender(listener) as client:
        client.send(inform(999_999))
        assert acknowledged(await client.frame()).request_id == 999_999
    assert number(await anext(listener)) == 999_999


def unsent(client: RawClient) -> int:
    """Return how many octets wait at the sender."""
    return client.writer.transport.get_write_buffer_size()


async def stands_still(client: RawClient) -> int:
    """Wait until the listener reads no more from a sender; return how much is left."""
    before = -1
    while before != unsent(client):
        before = unsent(client)
        await settle(200)
    return before


# ------------------------------------------------------------------------------------------- too fast


async def test_a_flood_waits_at_its_sender_and_nothing_of_it_is_lost():
    count = 12_000
    async with listen(queue_size=100) as listener, sender(listener) as client:
        client.send(b"".join(trap(each, text=LONG) for each in range(1, count + 1)))
        await until(lambda: listener.waiting)
        assert await stands_still(client) > 0
        assert listener.waiting == 100
        assert listener.statistics.notifications == 100
        for expected in range(1, count + 1):
            assert number(await anext(listener)) == expected
            assert listener.waiting <= 100
        assert listener.statistics.pauses >= 1
        assert listener.statistics.refused == {}


async def test_a_flood_of_informs_is_acknowledged_as_fast_as_it_is_taken():
    async with listen(queue_size=10) as listener, sender(listener) as client:
        client.send(b"".join(map(inform, range(1, 101))))
        for expected in range(1, 11):
            assert acknowledged(await client.frame()).request_id == expected
        assert listener.statistics.acknowledged == 10
        for expected in range(1, 101):
            assert number(await anext(listener)) == expected
        for expected in range(11, 101):
            assert acknowledged(await client.frame()).request_id == expected


async def test_many_floods_take_turns():
    async with listen(queue_size=20) as listener, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(sender(listener)) for _ in range(10)]
        for which, client in enumerate(clients):
            client.send(b"".join(trap(which * 10_000 + each, text=LONG[:500]) for each in range(1, 301)))
        taken: list[int] = []
        for _ in range(3000):
            taken.append(number(await anext(listener)))
            assert listener.waiting <= 20
        for which in range(10):
            mine = [each for each in taken if each // 10_000 == which]
            assert mine == [which * 10_000 + each for each in range(1, 301)]
        # No sender waits until another one is done.
        assert {each // 10_000 for each in taken[:1500]} == set(range(10))


async def test_a_connection_that_comes_while_the_queue_is_full_waits_too():
    async with listen(queue_size=5) as listener, sender(listener) as first:
        first.send(b"".join(map(trap, range(1, 6))))
        await until(lambda: listener.waiting == 5)
        async with sender(listener) as second:
            second.send(trap(6))
            await until(lambda: listener.connections == 2)
            await settle(50)
            assert listener.waiting == 5
            assert [number(await anext(listener)) for _ in range(6)] == [1, 2, 3, 4, 5, 6]


async def test_a_sender_that_goes_while_it_has_to_wait_loses_nothing():
    async with listen(queue_size=5) as listener:
        async with sender(listener) as client:
            client.send(b"".join(map(trap, range(1, 301))))
            await client.writer.drain()
        assert [number(await anext(listener)) for _ in range(300)] == list(range(1, 301))
        await until(lambda: listener.connections == 0)


async def test_what_has_arrived_when_the_listener_is_closed_is_still_given_out():
    async with listen(queue_size=5) as listener, sender(listener) as client:
        client.send(b"".join(map(inform, range(1, 51))))
        await until(lambda: listener.waiting == 5)
        await listener.aclose()
        for expected in range(1, 51):
            assert acknowledged(await client.frame()).request_id == expected
    assert [number(notification) async for notification in listener] == list(range(1, 51))


async def test_a_slow_handler_makes_senders_wait():
    release = asyncio.Event()
    taken: list[int] = []

    async def handle(notification: Notification) -> None:
        await release.wait()
        taken.append(number(notification))

    async with listen(queue_size=10, handler=handle) as listener, sender(listener) as client:
        client.send(b"".join(map(trap, range(1, 201))))
        await until(lambda: listener.waiting == 10)
        await settle(50)
        assert listener.statistics.notifications <= 11  # ten wait, and one is in its handler's hands
        release.set()
        await until(lambda: len(taken) == 200)
        assert taken == list(range(1, 201))


async def test_a_sender_that_does_not_read_its_acknowledgements_is_not_read_either():
    async with listen(queue_size=100_000) as listener, sender(listener) as client:
        client.pause_reading()
        client.send(b"".join(inform(each, text=LONG) for each in range(1, 12_001)))
        assert await stands_still(client) > 0
        assert listener.statistics.acknowledged < 12_000
        async with sender(listener) as another:
            another.send(inform(77))
            assert acknowledged(await another.frame()).request_id == 77
        client.resume_reading()
        for expected in range(1, 12_001):
            assert acknowledged(await client.frame()).request_id == expected
        assert listener.statistics.acknowledged == 12_001


# ------------------------------------------------------------------------------------------- too many


@pytest.mark.usefixtures("many_files")
async def test_a_thousand_connections():
    options = {"max_connections": 1000, "max_connections_per_host": None, "queue_size": 10_000}
    async with listen(**options) as listener, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(sender(listener)) for _ in range(1000)]
        for which, client in enumerate(clients, 1):
            client.send(trap(which))  # until then they would give way
        assert sorted([number(await anext(listener)) for _ in clients]) == list(range(1, 1001))
        assert listener.connections == 1000
        async with sender(listener) as one_too_many:
            with pytest.raises((EOFError, ConnectionError)):
                await one_too_many.frame()
        for which, client in enumerate(clients, 1):
            client.send(trap(which * 10) + trap(which * 10 + 1) + inform(which * 10 + 2))
        for which, client in enumerate(clients, 1):
            assert acknowledged(await client.frame()).request_id == which * 10 + 2
        taken = sorted([number(await anext(listener)) for _ in range(3000)])
        assert taken == sorted(which * 10 + each for which in range(1, 1001) for each in range(3))
        assert listener.statistics.refused_connections == 1
        await listener.aclose()
        for client in clients:
            with pytest.raises(EOFError):
                await client.frame()


async def test_room_that_becomes_free_is_given_away_again():
    async with listen(max_connections=1) as listener:
        for which in (1, 2, 3):
            async with sender(listener) as client:
                client.send(inform(which))
                await client.frame()
            await until(lambda: listener.connections == 0)
        assert listener.statistics.connections == 3
        assert listener.statistics.refused_connections == 0


async def test_one_host_does_not_take_all_the_room():
    options: dict[str, Any] = {"max_connections": 10, "max_connections_per_host": 2}
    async with NotificationListener(["127.0.0.1", "::1"], 0, credentials=Community("public"), **options) as listener:
        async with sender(listener) as one, sender(listener) as two:
            for which, client in enumerate((one, two)):
                client.send(inform(which))
                assert acknowledged(await client.frame()).request_id == which
            async with sender(listener) as three:
                with pytest.raises((EOFError, ConnectionError)):
                    await three.frame()
            async with RawClient(*listener.addresses[1]) as elsewhere:
                for which, client in enumerate((one, two, elsewhere)):
                    client.send(inform(which))
                    assert acknowledged(await client.frame()).request_id == which
            assert listener.statistics.refused_connections_per_host == 1
        await until(lambda: listener.connections == 0)
        async with sender(listener) as again:
            again.send(inform(4))
            assert acknowledged(await again.frame()).request_id == 4


async def test_made_up_engines_of_a_flood_leave_nothing_behind():
    credentials = [ALICE, Community("public")]
    async with listen(credentials=credentials, max_unreadable=None) as listener, sender(listener) as client:
        for each in range(300):
            engine_id = SENDER_ENGINE + each.to_bytes(4, "big")
            message = UsmSender(engine_id=engine_id, keys_at=SENDER_ENGINE).trap(each)
            client.send(message)
        await until(lambda: listener.statistics.messages == 300)
        assert listener.statistics.refused == {"wrong_digests": 300}
        await still_listens(listener)


# ------------------------------------------------------------------------------------------- too slow


async def test_a_message_may_come_octet_by_octet():
    async with listen() as listener, sender(listener) as client:
        for octet in trap(1) + inform(2):
            client.send(bytes((octet,)))
            await settle(3)
        assert acknowledged(await client.frame()).request_id == 2
        assert [number(await anext(listener)) for _ in range(2)] == [1, 2]


async def test_a_message_that_never_ends_is_not_waited_for():
    async with listen(frame_timeout=30) as listener, sender(listener) as client:
        client.send(trap(1) + trap(2)[:-1])
        assert number(await anext(listener)) == 1
        skip(29)
        await settle()
        assert listener.connections == 1
        skip(10)
        with pytest.raises(EOFError):
            await client.frame()
        assert listener.statistics.slow_closed == 1
        assert listener.statistics.notifications == 1
        await still_listens(listener)


async def test_dripping_octets_do_not_extend_the_limit():
    async with listen(frame_timeout=30, idle_timeout=20) as listener, sender(listener) as client:
        for octet in trap(1):
            if listener.statistics.slow_closed:
                break
            client.send(bytes((octet,)))
            await settle(20)
            skip(5)
            await settle(20)
        with pytest.raises((EOFError, ConnectionError)):
            await client.frame()
        assert listener.statistics.slow_closed == 1
        assert listener.statistics.notifications == 0


async def test_a_message_after_the_other_begins_a_new_time():
    message = trap(1)
    async with listen(frame_timeout=30) as listener, sender(listener) as client:
        client.send(message[:10])
        for _ in range(10):
            await settle(20)
            skip(20)
            client.send(message[10:] + message[:10])
            assert number(await anext(listener)) == 1
        assert listener.statistics.slow_closed == 0


async def test_an_idle_connection_is_closed_and_a_busy_one_is_not():
    async with listen(idle_timeout=60) as listener, sender(listener) as idle, sender(listener) as busy:
        idle.send(inform(0))
        await idle.frame()
        await until(lambda: listener.connections == 2)
        for each in range(1, 6):
            busy.send(inform(each))
            assert acknowledged(await busy.frame()).request_id == each
            skip(20)
            await settle()
        with pytest.raises(EOFError):
            await idle.frame()
        assert listener.statistics.idle_closed == 1
        assert listener.connections == 1


async def test_without_limits_no_connection_is_closed():
    async with listen(idle_timeout=None, frame_timeout=None) as listener, sender(listener) as client:
        client.send(inform(1) + trap(2)[:20])
        await client.frame()
        skip(1_000_000)
        await settle()
        client.send(trap(2)[20:])
        assert [number(await anext(listener)) for _ in range(2)] == [1, 2]


async def test_who_waits_for_an_acknowledgement_is_not_idle():
    release = asyncio.Event()

    async def handle(notification: Notification) -> None:
        await release.wait()

    async with listen(idle_timeout=60, handler=handle) as listener, sender(listener) as client:
        client.send(inform(1) + inform(2))
        await until(lambda: listener.statistics.informs == 2)
        skip(100)
        await settle()
        release.set()
        assert [acknowledged(await client.frame()).request_id for _ in range(2)] == [1, 2]
        skip(100)
        with pytest.raises(EOFError):
            await client.frame()
        assert listener.statistics.idle_closed == 1


async def test_who_has_to_wait_for_the_queue_is_neither_idle_nor_slow():
    async with listen(queue_size=2, idle_timeout=60, frame_timeout=30) as listener, sender(listener) as client:
        client.send(b"".join(map(trap, range(1, 4))) + trap(4)[:-1])
        await until(lambda: listener.waiting == 2)
        skip(1000)
        await settle()
        assert [number(await anext(listener)) for _ in range(3)] == [1, 2, 3]
        client.send(trap(4)[-1:])
        assert number(await anext(listener)) == 4
        assert (listener.statistics.idle_closed, listener.statistics.slow_closed) == (0, 0)


# --------------------------------------------------------------------------------------------- broken


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        bytes.fromhex("16030100fa010000f603"),
        b"\x30\x80",
        b"\x30\xff",
        b"\x30\x84\x04\x00\x00\x00",
        b"\x30\x88" + b"\xff" * 8,
        b"\0" * 100,
        b"\x30\x83\x04\x00\x01",
    ],
    ids=["HTTP", "TLS", "indefinite", "no length", "64 MiB", "a long length", "zeros", "just too long"],
)
async def test_a_stream_that_cannot_be_cut_into_messages_is_closed_at_once(octets):
    async with listen() as listener, sender(listener) as client:
        client.send(trap(1) + octets)
        with pytest.raises((EOFError, ConnectionError)):
            await client.frame()
        assert number(await anext(listener)) == 1
        await until(lambda: listener.connections == 0)
        assert listener.statistics.lost_framings == 1
        await still_listens(listener)


async def test_meaningless_messages_close_no_connection():
    nothing = [b"\x30\x00", b"\x30\x03\x02\x01\x09", trap()[:2] + b"\xff" * (len(trap()) - 2)]
    async with listen() as listener, sender(listener) as client:
        for junk in nothing:
            client.send(junk + inform(5))
            assert acknowledged(await client.frame()).request_id == 5
        assert listener.statistics.refused == {"malformed": 2, "unsupported_versions": 1}


async def test_half_a_message_and_the_end_are_nothing():
    async with listen() as listener:
        async with sender(listener) as client:
            client.send(trap(1) + trap(2)[:-1])
            await until(lambda: listener.waiting)
        await until(lambda: listener.connections == 0)
        assert number(await anext(listener)) == 1
        assert listener.waiting == 0
        assert listener.statistics.refused == {}
        await still_listens(listener)


async def test_a_sender_that_goes_before_its_acknowledgement_is_noticed():
    release = asyncio.Event()
    taken: list[int] = []

    async def handle(notification: Notification) -> None:
        await release.wait()
        taken.append(number(notification))

    async with listen(handler=handle) as listener:
        async with sender(listener) as client:
            client.send(inform(1) + inform(2))
            await until(lambda: listener.statistics.informs == 2)
        await until(lambda: listener.connections == 0)
        release.set()
        await until(lambda: len(taken) == 2)
        await settle()
        assert listener.statistics.unacknowledged == 2
        assert listener.statistics.acknowledged == 0


async def test_a_sender_that_resets_its_connection_has_still_notified():
    async with listen() as listener:
        async with sender(listener) as client:
            client.send(trap(1))
            assert number(await anext(listener)) == 1
            client.send(b"".join(map(trap, range(2, 30))))
            await until(lambda: listener.waiting == 28)
            client.writer.transport.abort()
        assert [number(await anext(listener)) for _ in range(28)] == list(range(2, 30))
        await still_listens(listener)


@pytest.mark.parametrize("kind", [PduType.GET, PduType.RESPONSE])
async def test_what_is_no_notification_is_not_answered(kind):
    async with listen() as listener, sender(listener) as client:
        client.send(community_message(notification_pdu(kind, 3)) + inform(4))
        assert acknowledged(await client.frame()).request_id == 4
        assert listener.statistics.refused == {"unexpected_pdus": 1}
