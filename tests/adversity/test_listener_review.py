"""What a peer, a handler or the end of a listener could do to it: keys derived for nobody, memory, workers that die."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from typing import TYPE_CHECKING

import pytest

import snmptcp.listener.listener
from snmptcp import ClosedError, Community, ConfigurationError, UsmUser, VarBind
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.errors import AgentError, ErrorStatus
from snmptcp.listener import NotificationListener
from snmptcp.listener.engine_file import start_engine
from snmptcp.oid import OID
from snmptcp.protocol.receiver import Receiver, Reply
from snmptcp.security import keys
from snmptcp.values import Null
from tests.support.clock import settle
from tests.support.rawclient import RawClient
from tests.support.senders import (
    CAROL,
    RECEIVER_ENGINE,
    SENDER_ENGINE,
    UsmSender,
    acknowledged,
    inform,
    open_usm,
    trap,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from snmptcp.protocol.notification import Notification

pytestmark = pytest.mark.anyio

HERE = "127.0.0.1"
#: Its privacy key is made of another password's derivation at each engine.
DAVE = UsmUser("dave", "SHA", "authentic dave", "AES-256-C", "private dave")


def listen(**options: Any) -> NotificationListener:
    return NotificationListener(HERE, 0, **{"credentials": Community("public"), **options})


def sender(listener: NotificationListener) -> RawClient:
    return RawClient(*listener.addresses[0])


def receiver(*users: UsmUser, **options: Any) -> Receiver:
    made = Receiver(users, **{"max_message_size": 65507, **options})
    made.start(0.0)
    return made


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so; the test's own time limit ends it otherwise."""
    while not condition():
        await asyncio.sleep(0)


# ----------------------------------------------------------------------------------- made-up engines


def test_no_privacy_key_is_derived_for_an_engine_that_has_proved_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[bytes] = []
    derive = keys.localize_priv_key

    def counting(*arguments: Any) -> bytes:
        derived.append(arguments[-1])
        return derive(*arguments)

    monkeypatch.setattr("snmptcp.security.usm_keys.localize_priv_key", counting)
    messages = [UsmSender(user=DAVE, engine_id=SENDER_ENGINE + bytes((n,)), keys_at=SENDER_ENGINE) for n in range(20)]
    octets = [message.trap() for message in messages]
    honest = UsmSender(user=DAVE).trap()
    derived.clear()
    here = receiver(DAVE)
    for message in octets:
        here.receive(message, 1.0)
    assert here.statistics.refused == {"wrong_digests": 20}
    assert derived == []
    here.receive(honest, 1.0)
    assert here.statistics.notifications == 1
    assert derived == [SENDER_ENGINE]


@pytest.mark.parametrize("engine_id", [SENDER_ENGINE * 1000, SENDER_ENGINE.ljust(33, b"x"), b"1234"])
def test_an_engine_id_that_can_be_none_is_kept_nowhere(engine_id: bytes) -> None:
    message = UsmSender(user=DAVE, engine_id=engine_id, keys_at=SENDER_ENGINE).trap()
    here = receiver(DAVE)
    before = keys.localize_key.cache_info()
    here.receive(message, 1.0)
    assert here.statistics.refused == {"unknown_engine_ids": 1}
    assert keys.localize_key.cache_info() == before


# ------------------------------------------------------------------------------------------- answers


def test_an_answer_to_a_question_that_its_sender_does_not_accept_so_long_is_too_big() -> None:
    here = receiver(CAROL, engine_id=RECEIVER_ENGINE)
    varbinds = tuple(VarBind(OID((1, 3, 6, 1, each)), Null()) for each in range(100))
    asker = UsmSender(user=CAROL, engine_id=RECEIVER_ENGINE, context_engine_id=RECEIVER_ENGINE, max_size=484)
    reply = here.receive(asker.message(Pdu(PduType.GET, 5, 0, 0, varbinds)), 1.0)
    assert isinstance(reply, Reply)
    assert len(reply.octets) <= 484
    assert open_usm(reply.octets, CAROL).pdu == Pdu(PduType.RESPONSE, 5, ErrorStatus.tooBig)


async def test_what_came_before_the_stream_broke_is_acknowledged() -> None:
    async with listen() as listener, sender(listener) as client:
        client.send(inform(1) + inform(2) + b"no message")
        assert [acknowledged(await client.frame()).request_id for _ in range(2)] == [1, 2]
        with pytest.raises(EOFError):
            await client.frame()
        assert listener.statistics.acknowledged == 2
        assert listener.statistics.lost_framings == 1


# ------------------------------------------------------------------------------------------- handlers


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


# ------------------------------------------------------------------------------------------- the end


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
    with pytest.raises(OSError):  # noqa: PT011 - refused, or not an address: nobody listens
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


# -------------------------------------------------------------------------------------------- memory


async def test_long_notifications_fill_the_queue_before_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snmptcp.listener.listener, "MAX_WAITING_OCTETS", 100_000)
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


# --------------------------------------------------------------------------------------- engine file


def test_boots_are_counted_where_a_link_leads(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    link = tmp_path / "engine.json"
    link.symlink_to(kept / "engine.json")
    first = start_engine(link)
    assert start_engine(link) == (first.engine_id, 2)
    assert link.is_symlink()
    assert start_engine(kept / "engine.json") == (first.engine_id, 3)
    assert [each.name for each in kept.iterdir()] == ["engine.json"]


def test_a_file_that_is_nested_too_deep_is_no_engine_file(tmp_path: Path) -> None:
    file = tmp_path / "engine.json"
    file.write_text("[" * (10 * sys.getrecursionlimit()))
    with pytest.raises(ConfigurationError, match="no engine file"):
        start_engine(file)


# -------------------------------------------------------------------------------------- command line


async def test_a_name_that_the_terminal_has_no_letters_for_does_not_end_the_command() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "snmptcp", "listen", HERE, "--port", "0", "-u", "carol", "--limit", "2",
        stdout=PIPE, stderr=PIPE, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        said = (await process.stderr.readline()).decode()
        async with RawClient(HERE, int(said.split(":")[2].split()[0])) as client:
            client.send(UsmSender(user=CAROL, context_name="gr\u00fcn".encode()).trap() + UsmSender(user=CAROL).trap())
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    assert (err, process.returncode) == (b"2 notifications\n", 0)
    assert b" context gr\\xfcn " in out
