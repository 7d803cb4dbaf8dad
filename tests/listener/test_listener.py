"""The notification listener over real connections: iterating, handlers, acknowledgements, addresses, closing."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from typing import TYPE_CHECKING

import pytest

from snmptcp import ClosedError, Community, ConfigurationError, TransportError, Tsm, UsmUser, VarBind
from snmptcp.codec.message import V3Message, decode_message
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.errors import AgentError, ErrorStatus, WrongValue
from snmptcp.listener import NotificationListener
from snmptcp.oid import OID
from snmptcp.values import Null
from tests.support.clock import settle, skip
from tests.support.netsnmp import free_port
from tests.support.rawclient import RawClient
from tests.support.senders import (
    ALICE,
    CONFIG_CHANGED,
    RECEIVER_ENGINE,
    UsmSender,
    acknowledged,
    inform,
    notification_pdu,
    open_usm,
    trap,
    tsm_message,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from snmptcp.protocol.notification import Notification

pytestmark = pytest.mark.anyio

PUBLIC = Community("public")
HERE = "127.0.0.1"


def listen(**options: Any) -> NotificationListener:
    return NotificationListener(HERE, 0, **{"credentials": PUBLIC, **options})


def sender(listener: NotificationListener, which: int = 0) -> RawClient:
    return RawClient(*listener.addresses[which])


def number(notification: Notification) -> int:
    assert isinstance(notification.pdu, Pdu)
    return notification.pdu.request_id


async def take(listener: NotificationListener, count: int) -> list[int]:
    return [number(await anext(listener)) for _ in range(count)]


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so; the test's own time limit ends it otherwise."""
    while not condition():
        await asyncio.sleep(0)


# --------------------------------------------------------------------------------------- iterating


async def test_traps_come_out_in_the_order_in_which_they_were_sent():
    async with listen() as listener, sender(listener) as client:
        client.send(b"".join(map(trap, range(1, 51))))
        assert await take(listener, 50) == list(range(1, 51))
        assert listener.statistics.notifications == 50
        assert listener.statistics.refused == {}


async def test_a_notification_knows_where_it_came_from():
    async with listen() as listener, sender(listener) as client:
        client.send(trap())
        notification = await anext(listener)
        assert notification.source == client.writer.get_extra_info("sockname")[:2]
        assert notification.agent == HERE
        assert notification.trap_oid == CONFIG_CHANGED


async def test_an_inform_is_acknowledged_when_the_queue_has_it():
    async with listen() as listener, sender(listener) as client:
        client.send(inform(4711))
        pdu = acknowledged(await client.frame())
        assert (pdu.type, pdu.request_id, pdu.error_status) == (PduType.RESPONSE, 4711, 0)
        assert listener.waiting == 1
        assert (await anext(listener)).is_inform
        assert listener.statistics.acknowledged == 1


async def test_several_consumers_share_the_notifications():
    async with listen() as listener, sender(listener) as client:

        async def consume() -> list[int]:
            return [number(notification) async for notification in listener]

        consumers = [asyncio.create_task(consume()) for _ in range(4)]
        client.send(b"".join(map(trap, range(1, 101))))
        await until(lambda: listener.statistics.notifications == 100)
        await listener.aclose()
        shares = await asyncio.gather(*consumers)
        assert sorted(taken for share in shares for taken in share) == list(range(1, 101))


async def test_a_consumer_that_is_cancelled_takes_nothing_along():
    async with listen() as listener, sender(listener) as client:
        waiting = asyncio.create_task(anext(listener))
        await settle()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        client.send(trap(7))
        assert await take(listener, 1) == [7]


async def test_what_was_taken_before_the_end_is_given_out_after_it():
    async with listen() as listener, sender(listener) as client:
        client.send(b"".join(map(inform, range(1, 4))))
        for _ in range(3):
            await client.frame()
    assert listener.waiting == 3
    assert [number(notification) async for notification in listener] == [1, 2, 3]
    assert [notification async for notification in listener] == []


async def test_a_sender_that_has_vanished_will_be_noticed():
    async with listen() as listener, sender(listener):
        await until(lambda: listener.connections)
        (connection,) = listener._admission.sources
        sock = connection._open_transport.get_extra_info("socket")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


# --------------------------------------------------------------------------------------- handlers


async def test_an_inform_is_acknowledged_when_its_handler_has_returned():
    release = asyncio.Event()
    taken: list[int] = []

    async def handle(notification: Notification) -> None:
        taken.append(number(notification))
        await release.wait()

    async with listen(handler=handle) as listener, sender(listener) as client:
        client.send(inform(5))
        await until(lambda: taken)
        answer = asyncio.create_task(client.frame())
        await settle()
        assert not answer.done()
        assert listener.statistics.acknowledged == 0
        release.set()
        assert acknowledged(await answer).error_status == 0
        assert taken == [5]


@pytest.mark.parametrize(
    ("outcome", "status", "index"),
    [
        (None, 0, 0),
        (0, 0, 0),
        (ErrorStatus.resourceUnavailable, 13, 0),
        (5, 5, 0),
        (WrongValue(index=3), 10, 3),
        (AgentError(99), 99, 0),
    ],
    ids=str,
)
async def test_a_handler_chooses_the_error_status(outcome, status, index):
    async def handle(notification: Notification) -> Any:
        if isinstance(outcome, AgentError):
            raise outcome
        return outcome

    async with listen(handler=handle) as listener, sender(listener) as client:
        client.send(inform(5))
        pdu = acknowledged(await client.frame())
        assert (pdu.error_status, pdu.error_index) == (status, index)
        assert pdu.varbinds == notification_pdu().varbinds
        assert listener.statistics.handler_failures == 0


@pytest.mark.parametrize("wrong", [RuntimeError("a bug"), "no number"], ids=["raises", "returns a text"])
async def test_a_handler_that_fails_is_logged_and_the_next_one_is_called(wrong, caplog):
    async def handle(notification: Notification) -> Any:
        if number(notification) == 1:
            if isinstance(wrong, Exception):
                raise wrong
            return wrong
        return None

    async with listen(handler=handle) as listener, sender(listener) as client:
        client.send(inform(1) + inform(2))
        assert acknowledged(await client.frame()).error_status == ErrorStatus.genErr
        assert acknowledged(await client.frame()).error_status == 0
        assert listener.statistics.handler_failures == 1
    assert "the handler of a notification failed" in caplog.text


async def test_a_handler_that_is_no_coroutine_function_is_logged_as_such(caplog):
    async with listen(handler=lambda _: None) as listener, sender(listener) as client:
        client.send(inform(1))
        assert acknowledged(await client.frame()).error_status == ErrorStatus.genErr
    assert "a handler must be a coroutine function (async def); this one returned NoneType" in caplog.text


async def test_handlers_run_one_after_the_other_unless_more_are_allowed():
    running, most = 0, 0
    release = asyncio.Event()

    async def handle(notification: Notification) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await release.wait()
        running -= 1

    async with listen(handler=handle, concurrency=3) as listener, sender(listener) as client:
        client.send(b"".join(map(trap, range(1, 11))))
        await until(lambda: listener.statistics.notifications == 10)
        await settle()
        assert running == 3
        release.set()
    assert (running, most) == (0, 3)


async def test_closing_waits_for_handlers_and_sends_their_acknowledgements():
    release = asyncio.Event()
    taken: list[int] = []

    async def handle(notification: Notification) -> None:
        await release.wait()
        taken.append(number(notification))

    async with listen(handler=handle) as listener, sender(listener) as client:
        client.send(inform(1) + inform(2))
        await until(lambda: listener.statistics.informs == 2)
        closing = asyncio.create_task(listener.aclose())
        await settle()
        release.set()
        await closing
        assert [acknowledged(await client.frame()).request_id for _ in range(2)] == [1, 2]
        with pytest.raises(EOFError):  # FIN, behind the acknowledgements
            await client.frame()
    assert taken == [1, 2]


async def test_closing_does_not_wait_for_ever():
    stopped: list[bool] = []

    async def handle(notification: Notification) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            stopped.append(True)

    async with listen(handler=handle) as listener, sender(listener) as client:
        client.send(inform(1))
        await until(lambda: listener.statistics.informs)
        await settle()
        closing = asyncio.create_task(listener.aclose())
        await settle()
        skip(5.1)
        await closing
        assert stopped == [True]
        with pytest.raises(EOFError):
            await client.frame()
    assert listener.statistics.acknowledged == 0


async def test_a_listener_with_a_handler_is_not_iterated_over():
    async def handle(notification: Notification) -> None: ...

    async with listen(handler=handle) as listener:
        with pytest.raises(ConfigurationError, match="has a handler"):
            aiter(listener)


# ------------------------------------------------------------------------------------------ SNMPv3


async def test_a_sender_of_informs_finds_out_engine_and_time_first():
    async with listen(credentials=ALICE) as listener, sender(listener) as client:
        first = UsmSender(user=UsmUser("x"), engine_id=b"", boots=0, time=0, context_engine_id=b"")
        client.send(first.message(Pdu(PduType.GET, 7)))
        report = open_usm(await client.frame())
        engine_id, boots, time = report.parameters[:3]
        assert (engine_id, boots) == (listener.engine_id, listener.engine_boots)
        informer = UsmSender(engine_id=engine_id, boots=boots, time=time)
        client.send(informer.inform(4711))
        answer = open_usm(await client.frame())
        assert (answer.pdu.type, answer.pdu.request_id) == (PduType.RESPONSE, 4711)
        assert (await anext(listener)).security_name == b"alice"


async def test_time_goes_on_in_the_engine():
    async with listen(credentials=ALICE, first_message_timeout=None) as listener, sender(listener) as client:
        informer = UsmSender(engine_id=listener.engine_id, boots=1, time=0)
        skip(200)
        client.send(informer.inform(1))
        late = open_usm(await client.frame())
        assert late.pdu.type is PduType.REPORT
        assert late.parameters.time >= 200
        assert listener.statistics.refused == {"not_in_time_windows": 1}
        client.send(informer.at(time=late.parameters.time).inform(2))
        assert open_usm(await client.frame()).pdu.type is PduType.RESPONSE


async def test_a_replayed_trap_is_refused_on_any_connection():
    message = UsmSender().trap(7)
    async with listen(credentials=ALICE) as listener:
        async with sender(listener) as client:
            client.send(message)
            assert await take(listener, 1) == [7]
        async with sender(listener) as client:
            client.send(message)
            await until(lambda: listener.statistics.refused)
    assert listener.statistics.refused == {"replays": 1}
    assert [notification async for notification in listener] == []


async def test_an_inform_whose_acknowledgement_was_lost_is_acknowledged_on_the_next_connection_and_delivered_once():
    async with listen(credentials=ALICE) as listener:
        message = UsmSender(engine_id=listener.engine_id, boots=1, time=0).inform(7)
        for _ in range(2):
            async with sender(listener) as client:
                client.send(message)
                assert open_usm(await client.frame()).pdu.request_id == 7
        assert listener.statistics.repeated_informs == 1
    assert [number(notification) async for notification in listener] == [7]


async def test_an_inform_that_is_repeated_while_its_handler_runs_gets_the_handlers_answer_on_both_connections():
    started, decided = asyncio.Event(), asyncio.Event()
    calls = 0

    async def handle(notification: Notification) -> ErrorStatus:
        nonlocal calls
        calls += 1
        started.set()
        await decided.wait()
        return ErrorStatus.resourceUnavailable

    async with listen(credentials=ALICE, handler=handle) as listener, sender(listener) as first:
        message = UsmSender(engine_id=listener.engine_id, boots=1, time=0).inform(7)
        first.send(message)
        await started.wait()
        async with sender(listener) as second:
            second.send(message)
            await until(lambda: listener.statistics.repeated_informs)
            decided.set()
            for client in (first, second):
                assert open_usm(await client.frame()).pdu.error_status == ErrorStatus.resourceUnavailable
    assert calls == 1


async def test_boots_are_counted_in_a_file(tmp_path: Path):
    file = tmp_path / "engine.json"
    seen = []
    for _ in range(3):
        async with listen(credentials=ALICE, engine_file=file) as listener:
            seen.append((listener.engine_id, listener.engine_boots))
    assert len({engine_id for engine_id, _ in seen}) == 1
    assert [boots for _, boots in seen] == [1, 2, 3]


async def test_an_inform_of_before_a_restart_is_refused_after_it(tmp_path: Path):
    options = {"credentials": ALICE, "engine_id": RECEIVER_ENGINE, "engine_file": tmp_path / "engine.json"}
    message = UsmSender(engine_id=RECEIVER_ENGINE, boots=1, time=0).inform(1)
    async with listen(**options) as listener, sender(listener) as client:
        client.send(message)
        assert open_usm(await client.frame()).pdu.type is PduType.RESPONSE
    async with listen(**options) as listener, sender(listener) as client:
        client.send(message)
        report = open_usm(await client.frame())
        assert (report.pdu.type, report.parameters.boots) == (PduType.REPORT, 2)
        assert listener.statistics.notifications == 0
        assert listener.statistics.refused == {"not_in_time_windows": 1}


async def test_an_engine_file_that_cannot_be_read_stops_the_start(tmp_path: Path):
    (tmp_path / "engine.json").write_text("{")
    listener = listen(credentials=ALICE, engine_file=tmp_path / "engine.json")
    with pytest.raises(ConfigurationError, match="is not an engine file"):
        await listener.start()
    with pytest.raises(ClosedError):
        await listener.start()


# ------------------------------------------------------------------------------------------- TSM


async def test_tsm_without_tls_is_refused():
    asked = Pdu(PduType.GET, 9, 0, 0, (VarBind(OID("1.3.6.1.6.3.10.2.1.1.0"), Null()),))
    async with listen(credentials=[Tsm(), PUBLIC]) as listener, sender(listener) as client:
        message = tsm_message(asked, context_engine_id=bytes.fromhex("8000000006"))
        assert isinstance(decode_message(message), V3Message)
        client.send(message + trap())
        await anext(listener)
        assert listener.statistics.refused == {"tsm_invalid_caches": 1}


# --------------------------------------------------------------------------------------- addresses


async def test_several_addresses_of_both_families():
    async with NotificationListener([HERE, ("::1", 0)], 0, credentials=PUBLIC) as listener:
        assert [host for host, _ in listener.addresses] == [HERE, "::1"]
        for which in (0, 1):
            async with sender(listener, which) as client:
                client.send(trap(which + 1))
                assert number(await anext(listener)) == which + 1
        assert repr(listener).startswith("<NotificationListener 127.0.0.1:")


async def test_ports_are_those_of_rfc_3430_unless_others_are_given():
    assert NotificationListener(credentials=PUBLIC).addresses == (("", 162),)
    several = NotificationListener([HERE, ("::1", 1162)], 2162, credentials=PUBLIC)
    assert several.addresses == ((HERE, 2162), ("::1", 1162))
    assert several.port == 2162


async def test_every_address_of_the_machine_is_named():
    async with NotificationListener(port=free_port(), credentials=PUBLIC) as listener:
        assert [host for host, _ in listener.addresses] == ["0.0.0.0", "::"]
        assert {port for _, port in listener.addresses} == {listener.port}


async def test_an_address_that_is_taken_closes_the_others():
    async with listen() as first:
        second = NotificationListener([(HERE, 0), first.addresses[0]], credentials=PUBLIC)
        with pytest.raises(TransportError, match=r"cannot listen on 127\.0\.0\.1:\d+: .*in use"):
            await second.start()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*second.addresses[0])


async def test_a_port_that_needs_privileges_is_explained(monkeypatch):
    async def create_server(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(asyncio.get_running_loop(), "create_server", create_server)
    with pytest.raises(TransportError) as caught:
        await NotificationListener(HERE, credentials=PUBLIC).start()
    text = str(caught.value)
    assert text.startswith("cannot listen on 127.0.0.1:162: Permission denied")
    assert "CAP_NET_BIND_SERVICE" in text
    with pytest.raises(TransportError) as caught:
        await NotificationListener(HERE, 1162, credentials=PUBLIC).start()
    assert "CAP_NET_BIND_SERVICE" not in str(caught.value)


# ------------------------------------------------------------------------------------------ closing


async def test_closing_sends_fin_to_everybody():
    async with listen() as listener, sender(listener) as one, sender(listener) as another:
        one.send(inform())
        await one.frame()
        await until(lambda: listener.connections == 2)
        await listener.aclose()
        await listener.aclose()
        for client in (one, another):
            with pytest.raises(EOFError):
                await client.frame()
        assert listener.connections == 0


async def test_closing_before_the_start_is_allowed():
    listener = listen()
    await listener.aclose()
    with pytest.raises(ClosedError):
        await listener.start()
    assert [notification async for notification in listener] == []


async def test_a_listener_is_started_once():
    async with listen() as listener:
        with pytest.raises(ClosedError, match="once"):
            await listener.start()


@pytest.mark.parametrize(
    "options",
    [
        {"credentials": ()},
        {"credentials": "public"},
        {"queue_size": 0},
        {"concurrency": 0},
        {"concurrency": 2},
        {"max_connections": 0},
        {"max_connections_per_host": 0},
        {"max_message_size": 8191},
        {"idle_timeout": 0},
        {"frame_timeout": -1.0},
        {"idle_timeout": float("nan")},
        {"credentials": ALICE, "engine_id": RECEIVER_ENGINE},
    ],
    ids=str,
)
def test_impossible_arguments_are_refused_at_once(options):
    with pytest.raises(ConfigurationError):
        listen(**options)


def test_a_listener_needs_an_address_and_a_port_that_can_be():
    with pytest.raises(ConfigurationError, match="address"):
        NotificationListener([], credentials=PUBLIC)
    with pytest.raises(ConfigurationError, match="65536"):
        NotificationListener(HERE, 65536, credentials=PUBLIC)


@pytest.mark.parametrize("credentials", [PUBLIC, [PUBLIC], ALICE, (ALICE, RECEIVER_ENGINE), [(ALICE, RECEIVER_ENGINE)]])
def test_credentials_may_be_one_or_several(credentials):
    assert listen(credentials=credentials).connections == 0


# ----------------------------------------------------------------------------- handlers that go wrong


async def test_a_handler_whose_own_task_was_cancelled_does_not_end_the_handling() -> None:
    async def handle(notification: Notification) -> None:
        if isinstance(notification.pdu, Pdu) and notification.pdu.request_id == 1:
            await_me = asyncio.get_running_loop().create_future()
            await_me.cancel()
            await await_me

    async with listen(handler=handle) as listener, sender(listener) as client:
        client.send(inform(1) + inform(2))
        assert acknowledged(await client.frame()).error_status == ErrorStatus.genErr
        assert acknowledged(await client.frame()).error_status == 0
        assert listener.statistics.handler_failures == 1


@pytest.mark.parametrize("wrong", [10**30, -1, 2**31, AgentError(2**40), AgentError(5, -1)], ids=repr)
async def test_a_number_that_can_be_no_error_status_is_a_failure_of_the_handler(wrong: int | AgentError) -> None:
    async def handle(notification: Notification) -> int:
        if isinstance(notification.pdu, Pdu) and notification.pdu.request_id == 2:
            return 0
        if isinstance(wrong, AgentError):
            raise wrong
        return wrong

    async with listen(handler=handle) as listener, sender(listener) as client:
        client.send(inform(1) + inform(2))
        first, second = [acknowledged(await client.frame()) for _ in range(2)]
        assert (first.error_status, first.error_index) == (ErrorStatus.genErr, 0)
        assert (second.error_status, second.error_index) == (0, 0)
        assert listener.statistics.handler_failures == 1


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_a_handler_may_close_its_listener(concurrency: int) -> None:
    async def handle(notification: Notification) -> None:
        await until(lambda: listener.statistics.notifications == concurrency)
        await listener.aclose()

    listener = listen(handler=handle, concurrency=concurrency)
    async with listener, sender(listener) as client:
        client.send(b"".join(map(trap, range(concurrency))))
        with pytest.raises((EOFError, ConnectionError)):
            await client.frame()
    assert listener.connections == 0
    assert listener.statistics.notifications == concurrency


async def test_a_listener_that_is_closed_while_it_starts_does_not_listen(tmp_path: Path) -> None:
    listener = listen(engine_file=tmp_path / "engine.json")
    starting = asyncio.create_task(listener.start())
    await asyncio.sleep(0)
    await listener.aclose()
    with pytest.raises(ClosedError):
        await starting
    assert "closed" in repr(listener)
    host, port = listener.addresses[0]
    with pytest.raises(OSError):  # noqa: PT011 - refused, or not an address
        await asyncio.open_connection(host, port or 1)


async def test_a_second_call_finishes_what_a_cancelled_one_has_left() -> None:
    release = asyncio.Event()
    stopped = asyncio.Event()

    async def handle(notification: Notification) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            stopped.set()
            await release.wait()

    listener = await listen(handler=handle).start()
    async with sender(listener) as client:
        client.send(inform(1))
        await until(lambda: listener.statistics.informs and not listener.waiting)
        closing = asyncio.create_task(listener.aclose())
        await settle()
        closing.cancel()
        await stopped.wait()
        closing.cancel()  # the handler does not end, and patience does
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert listener.connections == 0
        release.set()
        await listener.aclose()
        with pytest.raises((EOFError, ConnectionError)):
            await client.frame()


async def test_long_notifications_fill_the_queue_before_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snmptcp.protocol.notification.DEFAULT_QUEUE_OCTETS", 200_000)
    async with listen() as listener, sender(listener) as client:
        client.send(b"".join(trap(each, text="x" * 9000) for each in range(1, 101)))
        await until(lambda: listener.statistics.pauses)
        await settle(100)
        assert listener.waiting == 11
        for expected in range(1, 101):
            pdu = (await anext(listener)).pdu
            assert isinstance(pdu, Pdu)
            assert pdu.request_id == expected
            assert listener.waiting <= 11


async def test_what_came_before_the_stream_broke_is_acknowledged() -> None:
    async with listen() as listener, sender(listener) as client:
        client.send(inform(1) + inform(2) + b"no message")
        assert [acknowledged(await client.frame()).request_id for _ in range(2)] == [1, 2]
        with pytest.raises(EOFError):
            await client.frame()
        assert listener.statistics.acknowledged == 2
        assert listener.statistics.lost_framings == 1


@pytest.mark.parametrize(("seconds", "taken"), [(1e6, 50), (0.0, 5)])
async def test_closing_takes_what_has_come_as_long_as_there_is_time_for_it(
    monkeypatch: pytest.MonkeyPatch, seconds: float, taken: int
) -> None:
    monkeypatch.setattr("snmptcp.listener.listener.CLOSING_WORK", seconds)
    async with listen(queue_size=5) as listener, sender(listener) as client:
        client.send(b"".join(map(trap, range(1, 51))))
        await until(lambda: listener.statistics.pauses)
        await listener.aclose()
        assert [number(notification) async for notification in listener] == list(range(1, taken + 1))
