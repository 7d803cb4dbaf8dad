"""Poll many agents in parallel: ``python examples/many_agents.py 192.0.2.1 192.0.2.2:1161 [2001:db8::1]:161``.

Polls a limited number at a time and prints each answer as it arrives.  An agent that does not answer delays no other.
"""

from __future__ import annotations

import argparse
import asyncio
from urllib.parse import urlsplit

from snmptcp import Community, Manager, SnmpError
from snmptcp.fleet import asking

SYS_NAME = "1.3.6.1.2.1.1.5.0"
SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"


def agent_address(text: str) -> tuple[str, int]:
    """Parse ``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``; return host and port."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.path:
        raise ValueError(text)
    return parts.hostname, parts.port if parts.port is not None else 161


async def name_and_uptime(manager: Manager) -> list[str]:
    """Return the name and the uptime of one agent."""
    async with manager:
        return [str(value) for _, value in await manager.get(SYS_NAME, SYS_UP_TIME)]


async def poll_all(agents: list[tuple[str, int]], community: str, timeout: float, concurrency: int) -> None:
    """Ask all agents, ``concurrency`` at a time, and print each answer as it arrives."""
    credentials = Community(community)
    managers = (Manager(host, port, credentials=credentials, timeout=timeout) for host, port in agents)
    async with asking(managers, name_and_uptime, limit=concurrency) as answers:
        async for manager, outcome in answers:
            answer = [f"{type(outcome).__name__}: {outcome.text}"] if isinstance(outcome, SnmpError) else outcome
            print(manager.host, manager.port, *answer, sep="\t")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description="Poll many agents in parallel.")
    parser.add_argument("agents", nargs="*", type=agent_address, default=[("127.0.0.1", 161)], metavar="HOST:PORT")
    parser.add_argument("--community", default="public")
    parser.add_argument("--timeout", type=float, default=2.0, help="seconds for each agent")
    parser.add_argument("--concurrency", type=int, default=100, help="agents at a time")
    options = parser.parse_args()
    asyncio.run(poll_all(options.agents, options.community, options.timeout, options.concurrency))


if __name__ == "__main__":
    main()
