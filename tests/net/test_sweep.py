"""Connections that are closed for being silent, slow or idle, and those that are not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

import pytest

from snmptcp.net.accepted import ServerConnection
from snmptcp.net.sweep import Sweeper, TooLong
from tests.support.clock import settle, skip

pytestmark = pytest.mark.anyio


@dataclass(eq=False)
class Fake:
    """What the sweeper sees of a connection."""

    opened_at: float = 0.0
    received_at: float = 0.0
    frame_began: float | None = None
    is_proved: bool = False
    is_held: bool = False
    did: list[str] = field(default_factory=list)

    def close(self) -> None:
        self.did.append("close")

    def reset(self) -> None:
        self.did.append("reset")


class Swept:
    """One connection, opened now, and a sweeper that looks at it."""

    def __init__(
        self, *, busy: bool = False, at_times: bool = False, first: float | None = None, **limits: float | None
    ) -> None:
        now = asyncio.get_running_loop().time()
        self.connection = Fake(now, now)
        self.why: list[TooLong] = []
        self.sweeper = Sweeper(
            lambda: [cast("ServerConnection", self.connection)],
            first_message_timeout=first,
            **{"frame_timeout": None, "idle_timeout": None, **limits},
            runs_at_times=at_times,
            is_busy=lambda _: busy,
            on_close=lambda _, why: self.why.append(why),
        )
        self.sweeper.start()

    async def later(self, seconds: float) -> list[TooLong]:
        skip(seconds)
        await settle()
        return self.why


async def test_a_connection_without_an_accepted_message_is_closed_however_much_it_sends():
    swept = Swept(first=30)
    for _ in range(5):
        swept.connection.received_at = swept.connection.frame_began = asyncio.get_running_loop().time()
        assert await swept.later(5) == []
    assert await swept.later(8) == [TooLong.FIRST_MESSAGE]
    assert swept.connection.did == ["close"]
    swept.sweeper.stop()


async def test_a_proved_connection_may_be_silent():
    swept = Swept(first=30)
    swept.connection.is_proved = True
    assert await swept.later(1000) == []
    swept.sweeper.stop()


async def test_a_message_that_takes_too_long_closes_also_a_proved_connection():
    swept = Swept(first=30, frame_timeout=20)
    swept.connection.is_proved = True
    swept.connection.frame_began = asyncio.get_running_loop().time()
    assert await swept.later(19) == []
    assert await swept.later(6) == [TooLong.FRAME]
    swept.sweeper.stop()


@pytest.mark.parametrize("busy", [False, True])
async def test_an_idle_connection_is_closed_unless_it_waits_for_an_answer(busy):
    swept = Swept(busy=busy, idle_timeout=20)
    assert await swept.later(26) == ([] if busy else [TooLong.IDLE])
    swept.sweeper.stop()


async def test_what_the_owner_has_paused_is_left_alone():
    swept = Swept(first=30, frame_timeout=30, idle_timeout=30)
    swept.connection.is_held = True
    assert await swept.later(1000) == []
    swept.sweeper.stop()


async def test_a_peer_that_does_not_read_the_end_is_reset():
    swept = Swept(first=30)
    await swept.later(31)
    await swept.later(8)
    assert swept.connection.did == ["close", "reset"]
    swept.sweeper.forget(cast("ServerConnection", swept.connection))
    swept.connection.is_proved = True
    await swept.later(8)
    assert swept.connection.did == ["close", "reset"]
    swept.sweeper.stop()


async def test_without_limits_or_after_the_end_nothing_is_closed():
    swept = Swept()
    assert await swept.later(1000) == []
    swept = Swept(first=30)
    swept.sweeper.stop()
    assert await swept.later(1000) == []


async def test_if_the_loop_runs_at_times_a_peer_has_a_turn_to_go_on():
    swept = Swept(at_times=True, first=30)
    assert await swept.later(1000) == []  # the loop stood still: nothing was read
    swept.connection.is_proved = True
    assert await swept.later(8) == []
    swept.connection.is_proved = False
    assert await swept.later(8) == []
    assert await swept.later(8) == [TooLong.FIRST_MESSAGE]
    swept.sweeper.stop()
