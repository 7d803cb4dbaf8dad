"""Sinks that also work between batches."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING

import pytest

from snmptcp.fleet.sinks.periodic import PeriodicSink
from tests.support.clock import skip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.fleet import Poll

pytestmark = pytest.mark.anyio


class Ticking(PeriodicSink):
    name = "ticking"
    period = 5.0

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[str] = []
        self.complaint = ""
        self.closed = False

    def write_now(self, polls: Sequence[Poll]) -> None:
        raise NotImplementedError

    def tick_now(self) -> None:
        self.threads.append(threading.current_thread().name)
        if self.complaint:
            raise OSError(self.complaint)

    def close_now(self) -> None:
        self.closed = True


async def tick(sink: Ticking) -> None:
    """Let the sink's time pass."""
    seen = len(sink.threads)
    while len(sink.threads) == seen:
        skip(5.0)
        await asyncio.sleep(0)


async def test_the_work_is_done_again_and_again_in_the_thread_of_the_sink() -> None:
    sink = Ticking()
    await sink.open()
    for _ in range(3):
        await tick(sink)
    await sink.aclose()
    assert set(sink.threads) == {"snmptcp-ticking_0"}
    assert sink.closed


async def test_work_that_fails_is_logged_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    sink = Ticking()
    await sink.open()
    with caplog.at_level(logging.WARNING, "snmptcp.fleet"):
        for sink.complaint in ("full", "full", "", "full"):
            await tick(sink)
        await tick(sink)
        await sink.aclose()
    assert caplog.messages == ["sink ticking failed, it is tried again: OSError: full"] * 2


async def test_a_sink_that_was_never_opened_can_be_closed() -> None:
    sink = Ticking()
    await sink.aclose()
    assert sink.closed
