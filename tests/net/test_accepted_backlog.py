"""The accepting side: messages beyond a turn of the loop wait, and too many refused ones end their connection."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from snmptcp.errors import FramingError, LimitExceeded
from snmptcp.net import accepted as accepted_module
from snmptcp.net.accepted import ServerConnection
from snmptcp.net.turns import Turns
from tests.net.test_connection_backlog import Ticking
from tests.net.test_server import Recorder
from tests.support.clock import settle

pytestmark = pytest.mark.anyio

COUNT = 500
MESSAGES = [b"\x30\x02\x05" + bytes([number % 256]) for number in range(COUNT)]


@pytest.fixture
async def slow(anyio_backend: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each turn of the loop have time for a few messages."""
    shared = Turns(asyncio.get_running_loop(), Ticking())
    monkeypatch.setattr(accepted_module, "turns_of", lambda _: shared)


class Counting(Recorder):
    """Counts the messages that arrive in one turn of the loop."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.in_turn = 0
        self.most = 0

    def on_message(self, connection: ServerConnection, message: bytes) -> None:
        super().on_message(connection, message)
        if not self.in_turn:
            asyncio.get_running_loop().call_soon(self.end_turn)
        self.in_turn += 1
        self.most = max(self.most, self.in_turn)

    def end_turn(self) -> None:
        self.in_turn = 0


async def test_messages_of_one_read_come_in_several_turns_in_order(slow: None) -> None:
    async with Counting() as recorder, recorder.client() as client:
        client.send(b"".join(MESSAGES))
        await recorder.until(lambda: len(recorder.messages) == COUNT)
        assert recorder.messages == MESSAGES
        assert recorder.most < 50


async def test_a_connection_gets_its_turn_while_another_has_many_messages(slow: None) -> None:
    async with Recorder() as recorder, recorder.client() as greedy, recorder.client() as honest:
        greedy.send(b"".join(MESSAGES))
        await recorder.until(lambda: bool(recorder.messages))
        honest.send(b"\x30\x01\x01")
        await recorder.until(lambda: b"\x30\x01\x01" in recorder.messages)
        assert len(recorder.messages) < COUNT


async def test_messages_before_a_fin_and_before_lost_framing_are_delivered(slow: None) -> None:
    async with Recorder() as recorder:
        async with recorder.client() as client:
            client.send(b"".join(MESSAGES))
            client.writer.write_eof()
            await recorder.until(lambda: bool(recorder.closed))
        assert recorder.messages == MESSAGES
        async with recorder.client() as client:
            client.send(b"".join(MESSAGES) + b"HTTP")
            await recorder.until(lambda: len(recorder.closed) == 2)
        assert recorder.messages == MESSAGES * 2
        assert isinstance(recorder.closed[1], FramingError)


async def test_a_pause_in_between_holds_the_rest_back(slow: None) -> None:
    async with Recorder() as recorder, recorder.client() as client:
        client.send(b"".join(MESSAGES))
        await recorder.until(lambda: bool(recorder.messages))
        (connection,) = recorder.opened
        connection.pause()
        held = len(recorder.messages)
        await settle(50)
        assert len(recorder.messages) == held
        connection.resume()
        await recorder.until(lambda: len(recorder.messages) == COUNT)
        assert recorder.messages == MESSAGES


async def test_what_was_not_delivered_can_be_taken(slow: None) -> None:
    async with Recorder() as recorder, recorder.client() as client:
        client.send(b"".join(MESSAGES))
        await recorder.until(lambda: bool(recorder.messages))
        (connection,) = recorder.opened
        assert [*recorder.messages, *connection.take_messages()] == MESSAGES
        assert connection.take_messages() == []


async def test_closing_drops_what_was_not_delivered(slow: None) -> None:
    async with Recorder() as recorder, recorder.client() as client:
        client.send(b"".join(MESSAGES))
        await recorder.until(lambda: bool(recorder.messages))
        (connection,) = recorder.opened
        connection.close()
        count = len(recorder.messages)
        await recorder.until(lambda: bool(recorder.closed))
        await settle(20)
        assert len(recorder.messages) == count


# ------------------------------------------------------------------------------------------ refusing


class Refusing(Recorder):
    """Refuses every message."""

    def on_message(self, connection: ServerConnection, message: bytes) -> None:
        super().on_message(connection, message)
        connection.refused(len(message), "no reason")


async def test_too_many_refused_messages_end_the_connection_with_that_reason() -> None:
    async with Refusing(max_unreadable=10) as recorder, recorder.client() as client, recorder.client() as other:
        client.send(b"".join(MESSAGES))
        other.send(MESSAGES[0])
        await recorder.until(lambda: bool(recorder.closed))
        assert isinstance(recorder.closed[0], LimitExceeded)
        assert str(recorder.closed[0]) == "closed after 10 unreadable messages; the last: no reason"
        await recorder.until(lambda: len(recorder.messages) == 11)
        assert len(recorder.closed) == 1


async def test_what_was_sent_before_is_still_sent() -> None:
    class Telling(Refusing):
        def on_message(self, connection: ServerConnection, message: bytes) -> None:
            connection.send(message)
            super().on_message(connection, message)

    async with Telling(max_unreadable=10) as recorder, recorder.client() as client:
        client.send(b"".join(MESSAGES[:10]))
        for message in MESSAGES[:10]:
            assert await client.frame() == message
        with pytest.raises(EOFError):
            await client.frame()


async def test_acceptable_messages_make_up_for_refused_ones() -> None:
    class Mixed(Recorder):
        def on_message(self, connection: ServerConnection, message: bytes) -> None:
            super().on_message(connection, message)
            if len(self.messages) % 5:
                connection.refused(len(message), "no reason")
            else:
                connection.accepted()

    async with Mixed(max_unreadable=10) as recorder, recorder.client() as client:
        client.send(b"".join(MESSAGES))
        await recorder.until(lambda: len(recorder.messages) == COUNT)
        assert not recorder.closed


async def test_without_a_limit_nothing_is_too_much() -> None:
    async with Refusing() as recorder, recorder.client() as client:
        client.send(b"".join(MESSAGES))
        await recorder.until(lambda: len(recorder.messages) == COUNT)
        assert not recorder.closed


async def test_messages_behind_one_at_which_ctrl_c_came_are_delivered(anyio_backend: object) -> None:
    class Interrupted(Recorder):
        """Raises what ctrl-C does, at the second message."""

        def on_message(self, connection: ServerConnection, message: bytes) -> None:
            super().on_message(connection, message)
            if len(self.messages) == 2:
                raise KeyboardInterrupt

    async with Interrupted() as recorder, recorder.client() as client:
        client.send(MESSAGES[0])
        await recorder.until(lambda: len(recorder.messages) == 1)
        (accepted,) = recorder.server.connections
        octets = b"".join(MESSAGES[1:4])
        accepted.get_buffer(-1)[: len(octets)] = octets
        with pytest.raises(KeyboardInterrupt):
            accepted.buffer_updated(len(octets))
        await recorder.until(lambda: len(recorder.messages) == 4)
        client.send(MESSAGES[4])
        await recorder.until(lambda: len(recorder.messages) == 5)
        assert recorder.messages == MESSAGES[:5]


async def test_a_fault_while_the_rest_is_delivered_ends_the_connection(
    slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))

    def broken(*_: object) -> list[bytes]:
        raise RuntimeError("broken")

    async with Recorder() as recorder, recorder.client() as client:
        monkeypatch.setattr("snmptcp.net.accepted.Framer.more", broken)
        client.send(b"".join(MESSAGES))
        await recorder.until(lambda: bool(told))
        with pytest.raises((EOFError, ConnectionError)):
            await client.frame()
