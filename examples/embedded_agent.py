"""Test your own code against an embedded agent: ``python examples/embedded_agent.py``, or with pytest.

``uptime()`` stands for your code.  The agent runs in the same event loop, on a free port, and misbehaves on
request: no device, no mock of the library, no sleeping.
"""
# ruff: noqa: S101 - tests assert

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, Manager, RequestTimeout, TimeTicks
from snmptcp.errors import NoAccess
from snmptcp.testing import Agent, Close, Drop

if TYPE_CHECKING:
    import datetime as dt

SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
SYS_LOCATION = "1.3.6.1.2.1.1.6.0"


async def uptime(manager: Manager) -> dt.timedelta | None:
    """Return the uptime of an agent; ``None`` if it does not have the variable."""
    [(_, value)] = await manager.get(SYS_UP_TIME)
    return value.timedelta if isinstance(value, TimeTicks) else None


def new_agent() -> Agent:
    """Return an agent with two variables; a function is called for each read."""
    return Agent({SYS_UP_TIME: lambda: TimeTicks(12345), SYS_LOCATION: "a cupboard"})


def manager_for(agent: Agent, community: str = "public", timeout: float = 5.0) -> Manager:
    """Return a manager for a running agent."""
    return Manager(agent.host, agent.port, credentials=Community(community), timeout=timeout)


def test_the_uptime_is_read() -> None:
    """The normal case, and a missing variable."""

    async def scenario() -> None:
        async with new_agent() as agent, manager_for(agent) as manager:
            found = await uptime(manager)
            assert found is not None
            assert found.total_seconds() == 123.45

            del agent.mib[SYS_UP_TIME]
            assert await uptime(manager) is None

    asyncio.run(scenario())


def test_a_lost_connection_is_survived() -> None:
    """A fault: the agent closes the connection instead of sending its first response."""

    async def scenario() -> None:
        async with new_agent() as agent, manager_for(agent) as manager:
            agent.inject(Close())
            assert await uptime(manager) is not None
            assert agent.statistics.connections == 2

    asyncio.run(scenario())


def test_silence_is_a_timeout() -> None:
    """A fault: the agent never responds."""

    async def scenario() -> None:
        async with new_agent() as agent, manager_for(agent, timeout=0.5) as manager:
            await manager.connect()
            agent.inject(Drop(), times=None)
            with pytest.raises(RequestTimeout):
                await uptime(manager)
            assert agent.statistics.messages_in == 1

    asyncio.run(scenario())


def test_only_the_write_community_may_write() -> None:
    """An error-status, and the agent's variables afterwards."""

    async def scenario() -> None:
        async with new_agent() as agent:
            async with manager_for(agent) as reader:
                with pytest.raises(NoAccess) as caught:
                    await reader.set((SYS_LOCATION, "elsewhere"))
                assert caught.value.index == 1
            async with manager_for(agent, "private") as writer:
                await writer.set((SYS_LOCATION, "elsewhere"))
            assert agent.mib.read(SYS_LOCATION) == b"elsewhere"

    asyncio.run(scenario())


def main() -> None:
    """Run the tests without pytest's runner."""
    for test in (
        test_the_uptime_is_read,
        test_a_lost_connection_is_survived,
        test_silence_is_a_timeout,
        test_only_the_write_community_may_write,
    ):
        test()
        print(f"{test.__name__}: passed")


if __name__ == "__main__":
    main()
