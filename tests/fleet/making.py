"""Targets, polls and sinks for the tests of fleets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from snmptcp import OID, Community, Integer32
from snmptcp.fleet import Poll, Sample, Target
from snmptcp.fleet.sinks import Sink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from snmptcp.testing import Agent

NAME = OID("1.3.6.1.2.1.1.7.0")


def target_of(agent: Agent, **arguments: Any) -> Target:
    """Return a target for an agent of the tests."""
    return Target(agent.host, agent.port, **{"credentials": Community("public"), **arguments})


def target(name: str = "core-1", **arguments: Any) -> Target:
    """Return a target that no test asks."""
    return Target("192.0.2.1", **{"credentials": Community("public"), "name": name, **arguments})


def poll(number: int = 0, samples: int = 1, **arguments: Any) -> Poll:
    """Return a poll whose samples have this value."""
    whose = arguments.pop("target", None) or target()
    made = [Sample(whose, "job", NAME, str(NAME), "", Integer32(number), 1.0, 2.0) for _ in range(samples)]
    return Poll(whose, "job", **{"due_at": 1.0, "started_at": 1.0, "ended_at": 2.0, **arguments}, samples=made)


def numbers(polls: Sequence[Poll]) -> list[int]:
    """Return the values of polls, one for each."""
    return [int(poll.samples[0].value) for poll in polls]  # type: ignore[arg-type]


class Notebook(Sink):
    """A sink that keeps what it is given; it can be slow, or fail."""

    name = "notebook"

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.polls: list[Poll] = []
        self.errors: list[Exception] = []  # raised by the next writes
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.writing = asyncio.Event()

    async def open(self) -> None:
        self.calls.append("open")

    async def write(self, polls: Sequence[Poll]) -> None:
        self.calls.append(f"write {len(polls)}")
        self.writing.set()
        await self.may_write.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.polls += polls

    async def aclose(self) -> None:
        self.calls.append("close")
