"""Poll many agents side by side: ``python examples/many_agents.py 192.0.2.1 192.0.2.2:1161 [2001:db8::1]:161``.

A task for each agent, all in one group; a limiter keeps the number of connections within bounds.  An agent
that does not answer costs its own timeout and nobody else's.
"""

from __future__ import annotations

import argparse
from urllib.parse import urlsplit

import anyio

from snmptcp import Community, Manager, SnmpError

SYS_NAME = "1.3.6.1.2.1.1.5.0"
SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"


def agent_address(text: str) -> tuple[str, int]:
    """Return host and port of ``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.path:
        raise ValueError(text)
    return parts.hostname, parts.port if parts.port is not None else 161


async def poll(agent: tuple[str, int], community: str, timeout: float, limiter: anyio.CapacityLimiter) -> None:
    """Print an agent's name and uptime, or why there is none."""
    host, port = agent
    async with limiter:
        try:
            async with Manager(host, port, credentials=Community(community), timeout=timeout) as manager:
                answer = [str(value) for _, value in await manager.get(SYS_NAME, SYS_UP_TIME)]
        except SnmpError as error:  # of this agent; the others go on
            answer = [f"{type(error).__name__}: {error}"]
    print(host, port, *answer, sep="\t")


async def poll_all(agents: list[tuple[str, int]], community: str, timeout: float, concurrency: int) -> None:
    """Poll all agents, so many at a time."""
    limiter = anyio.CapacityLimiter(concurrency)
    async with anyio.create_task_group() as group:
        for agent in agents:
            group.start_soon(poll, agent, community, timeout, limiter)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Poll many agents side by side.")
    parser.add_argument("agents", nargs="*", type=agent_address, default=[("127.0.0.1", 161)], metavar="HOST:PORT")
    parser.add_argument("--community", default="public")
    parser.add_argument("--timeout", type=float, default=2.0, help="seconds for each agent")
    parser.add_argument("--concurrency", type=int, default=100, help="agents at a time")
    options = parser.parse_args()
    anyio.run(poll_all, options.agents, options.community, options.timeout, options.concurrency)


if __name__ == "__main__":
    main()
