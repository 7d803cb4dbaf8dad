"""Sinks that block: they run in a thread of their own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community
from snmptcp.fleet import Poll, Target
from snmptcp.fleet.sinks import BlockingSink

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.anyio

POLL = Poll(Target("192.0.2.1", credentials=Community("public")), "a", 1.0, 1.0, 2.0)


class Diary(BlockingSink):
    name = "diary"

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[str, str]] = []
        self.fails = False

    def _note(self, line: str) -> None:
        self.lines.append((line, threading.current_thread().name))

    def open_now(self) -> None:
        self._note("open")

    def write_now(self, polls: Sequence[Poll]) -> None:
        self._note(f"write {len(polls)}")

    def close_now(self) -> None:
        self._note("close")
        if self.fails:
            raise OSError("the disk is full")


async def test_a_blocking_sink_does_all_its_work_in_one_thread_of_its_own() -> None:
    sink = Diary()
    await sink.open()
    await sink.write([POLL, POLL])
    await sink.aclose()
    assert [line for line, _ in sink.lines] == ["open", "write 2", "close"]
    assert {thread for _, thread in sink.lines} == {"snmptcp-diary_0"}


async def test_the_thread_of_a_sink_ends_even_if_closing_fails() -> None:
    sink = Diary()
    sink.fails = True
    with pytest.raises(OSError, match="the disk is full"):
        await sink.aclose()
    with pytest.raises(RuntimeError, match="after shutdown"):
        await sink.open()
