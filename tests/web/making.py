"""Agents, polls and pages for the tests of the page."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession, web

from snmptcp import OID, Community, Counter32, Counter64, Gauge32, Integer32, OctetString, TimeTicks
from snmptcp.fleet import BackOff, Fleet, Poll, Sample, Target
from snmptcp.testing import Agent, Computed
from snmptcp.web import PAGE, Options, app, interface_jobs

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable

    from aiohttp import ClientResponse

    from snmptcp.values import Value
    from snmptcp.web import Page

SYSTEM = "1.3.6.1.2.1.1"
IF_ENTRY = "1.3.6.1.2.1.2.2.1"
IF_X_ENTRY = "1.3.6.1.2.1.31.1.1.1"

TARGET = Target("192.0.2.1", credentials=Community("public"), name="core-1", labels={"site": "Lyon"})

#: No time passes in most tests: what is due is due at once.
QUICK = Options(refresh=0.01, heartbeat=60.0)


def sample(oid: str, value: Value, *, rate: float | None = None, job: str = "job", target: Target = TARGET) -> Sample:
    """Return a sample of a variable."""
    return Sample(target, job, OID(oid), oid, "", value, 99.0, 100.0, rate)


def poll(*samples: Sample, at: float = 100.0, target: Target = TARGET, **arguments: Any) -> Poll:
    """Return a poll that has read samples."""
    job = arguments.pop("job", samples[0].job if samples else "job")
    return Poll(target, job, due_at=at - 1, started_at=at - 1, ended_at=at, samples=samples, **arguments)


def flows(received: float | None, sent: float | None, index: int = 1, job: str = "job") -> list[Sample]:
    """Return the samples of an interface's counters of 64 bits with these rates."""
    return [
        sample(f"{IF_X_ENTRY}.6.{index}", Counter64(1), rate=received, job=job),
        sample(f"{IF_X_ENTRY}.10.{index}", Counter64(1), rate=sent, job=job),
    ]


def device(
    name: str = "sw1", alias: str = "uplink", *, links: int = 1, clock: Callable[[], float] | None = None
) -> dict[str, object]:
    """Return the variables of a device whose interfaces take 1000 octets in a second and send 250."""

    def now() -> float:
        return (clock or asyncio.get_running_loop().time)()

    variables: dict[str, object] = {
        f"{SYSTEM}.1.0": OctetString("a switch"),
        f"{SYSTEM}.3.0": Computed(lambda: TimeTicks(int(now() * 100) % 2**32)),
        f"{SYSTEM}.5.0": OctetString(name),
        f"{SYSTEM}.6.0": OctetString("room 4"),
    }
    for index in range(1, links + 1):
        variables |= {
            f"{IF_ENTRY}.2.{index}": OctetString(f"port {index}"),
            f"{IF_ENTRY}.3.{index}": Integer32(6),
            f"{IF_ENTRY}.5.{index}": Gauge32(1_000_000_000),
            f"{IF_ENTRY}.7.{index}": Integer32(1),
            f"{IF_ENTRY}.8.{index}": Integer32(1 if index != 2 else 2),
            f"{IF_ENTRY}.10.{index}": Computed(lambda: Counter32(int(now() * 1000) % 2**32)),
            f"{IF_ENTRY}.14.{index}": Counter32(0),
            f"{IF_ENTRY}.16.{index}": Computed(lambda: Counter32(int(now() * 250) % 2**32)),
            f"{IF_ENTRY}.20.{index}": Counter32(0),
            f"{IF_X_ENTRY}.1.{index}": OctetString(f"eth{index}"),
            f"{IF_X_ENTRY}.6.{index}": Computed(lambda: Counter64(int(now() * 1000))),
            f"{IF_X_ENTRY}.10.{index}": Computed(lambda: Counter64(int(now() * 250))),
            f"{IF_X_ENTRY}.15.{index}": Gauge32(1000),
            f"{IF_X_ENTRY}.18.{index}": alias,
        }
    return variables


def target_of(agent: Agent, name: str = "sw1", **arguments: Any) -> Target:
    """Return a target for an agent."""
    return Target(agent.host, agent.port, credentials=Community("public"), name=name, **arguments)


def fleet_of(*targets: Target, interval: float = 0.1, **arguments: Any) -> Fleet:
    """Return a fleet that reads what the page shows, often."""
    back_off = arguments.pop("back_off", BackOff(first=0.1, most=0.1))
    return Fleet(targets, jobs=interface_jobs(interval), first_within=0.02, grace=0.1, back_off=back_off, **arguments)


class Server:
    """A running page and a client of it."""

    def __init__(self, session: ClientSession, url: str, page: Page, runner: web.AppRunner) -> None:
        self.session = session
        self.url = url
        self.page = page
        self.runner = runner

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        """Return status and JSON of a path."""
        async with self.session.get(f"{self.url}/{path}", **options) as response:
            return response.status, await response.json(content_type=None)

    def stream(self, path: str, **options: Any) -> Any:
        """Return the response of a path, to be read while it comes."""
        return self.session.get(f"{self.url}/{path}", **options)


@contextlib.asynccontextmanager
async def served(
    agents: Any, *, prefix: str = "/snmp", handler_cancellation: bool = True, **arguments: Any
) -> AsyncGenerator[Server, None]:
    """Serve a page below a prefix of another application."""
    page = app(agents, **{"options": QUICK, **arguments})
    root = web.Application()
    root.add_subapp(prefix, page)
    runner = web.AppRunner(root, handler_cancellation=handler_cancellation, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession() as session:
        yield Server(session, f"http://127.0.0.1:{runner.addresses[0][1]}{prefix}", page[PAGE], runner)
    await runner.cleanup()


async def events(response: ClientResponse) -> AsyncIterator[tuple[str, Any]]:
    """Yield the kind and the content of each event of a stream."""
    kind = ""
    async for line in response.content:
        word, _, rest = line.decode().rstrip("\n").partition(": ")
        if word == "event":
            kind = rest
        elif word == "data":
            yield kind, json.loads(rest)


async def event_of(stream: AsyncIterator[tuple[str, Any]], wanted: str) -> Any:
    """Return the content of the next event of a kind."""
    async for kind, content in stream:
        if kind == wanted:
            return content
    raise AssertionError(f"the stream has ended without {wanted}")


def parsed(octets: bytes) -> list[tuple[str, Any]]:
    """Return the events in octets."""
    found: list[tuple[str, Any]] = []
    for block in octets.decode().split("\n\n"):
        lines: Iterable[str] = block.splitlines()
        fields = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
        if "data" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found
