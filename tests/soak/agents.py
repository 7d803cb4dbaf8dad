"""The process of the agents: many devices that answer, that are faulty now and then, and that count each SET.

It prints one line of JSON when all listen, and then answers each line of JSON that it reads with one; it ends
when there are no more.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp import Integer32
from snmptcp.testing import Agent, Computed, Hold
from tests.soak.certificates import server_tls
from tests.soak.devices import NAMES, TOKEN, USER, Device
from tests.soak.gauges import Lag
from tests.soak.line import Line
from tests.soak.talking import serve
from tests.soak.troubles import BUSY_ERRORS, EVERY, OUTAGES, Episode, Outage, Trouble, troubles_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp import TlsOptions
    from snmptcp.testing import Request
    from snmptcp.values import Value

HOST = "127.0.0.1"

#: How long before and after a fault a request may see it, in seconds: two processes note the time when they can.
MARGIN = 0.2


class Written:
    """The numbers that SETs have written to one device."""

    def __init__(self) -> None:
        self.tokens: set[int] = set()
        self.repeated = 0
        self.last = 0

    def write(self, value: Value) -> None:
        """Take a value of a SET."""
        assert isinstance(value, int)
        token = int(value)
        self.repeated += token in self.tokens
        self.tokens.add(token)
        self.last = token


class Site:
    """One agent, the line before it, and its faults.

    Args:
        device: what it says.
        tls: that of agents with TLS.
        faults: how many percent of the answers are faulty.
        dice: random choices.
    """

    def __init__(self, device: Device, tls: TlsOptions, faults: float, dice: random.Random) -> None:
        self.device = device
        self.episodes: list[Episode] = []
        self.written = Written()
        self.silent = False
        self._dice = dice
        self._share = faults / 100
        self._troubles = troubles_of(device.kind)
        self._request: Request | None = None
        self._chosen: Trouble | None = None
        variables: dict[Any, Any] = dict(device.variables())
        variables[TOKEN] = Computed(lambda: Integer32(self.written.last), self.written.write)
        self.agent = Agent(
            variables,
            users=[USER] if device.kind == "usm" else (),
            tls=tls if device.kind == "tsm" else False,
            tsm_names=NAMES if device.kind == "tsm" else (),
        )
        self.agent.inject(Hold(), times=None, when=lambda _: self.silent)
        for trouble in self._troubles:
            self.agent.inject(trouble.fault, times=None, when=self._is_due(trouble))
        self.line: Line | None = None

    async def start(self) -> int:
        """Listen; return the port for managers."""
        await self.agent.start()
        if not self.device.behind_line:
            return self.agent.port
        self.line = Line(HOST, self.agent.port)
        await self.line.start()
        return self.line.port

    async def aclose(self) -> None:
        """Stop."""
        if self.line is not None:
            await self.line.aclose()
        await self.agent.aclose()

    # Faults of answers

    def _is_due(self, trouble: Trouble) -> Callable[[Request], bool]:
        def is_due(request: Request) -> bool:
            if request is not self._request:  # one choice for each request, when the first trouble is asked
                self._request = request
                self._chosen = self._choose(request)
            if self._chosen is not trouble:
                return False
            self._note(repr(trouble.fault), 0.0, trouble.lasts, trouble.errors)
            return True

        return is_due

    def _choose(self, request: Request) -> Trouble | None:
        if self._dice.random() >= self._share:
            return None
        trouble = self._dice.choice(self._troubles)
        return trouble if request.pdu.type in trouble.of else None

    def _note(self, kind: str, seconds: float, after: float, errors: tuple[str, ...]) -> None:
        now = time.monotonic()
        self.episodes.append(Episode(self.device.number, kind, now - MARGIN, now + seconds + after + MARGIN, errors))

    # Outages

    def can_have(self, outage: Outage) -> bool:
        """Whether this agent can have an outage."""
        return {"": True, "usm": self.device.kind == "usm", "line": self.line is not None}[outage.needs] and not (
            # A device of SNMPv2c cannot notice that its answer was changed on the way.
            outage.kind == "line garbles" and self.device.kind == "v2c"
        )

    async def suffer(self, outage: Outage) -> None:
        """Have an outage, and be well again at the end."""
        seconds = self._dice.uniform(outage.least, outage.most)
        self._note(outage.kind, seconds, outage.after, outage.errors)
        agent, line = self.agent, self.line
        match outage.kind:
            case "restart":
                await self._restart(seconds)
            case "reset":
                agent.drop_connections(reset=True)
            case "close":
                agent.drop_connections()
            case "silence":
                self.silent = True
                await asyncio.sleep(seconds)
                self.silent = False
                agent.release()
            case "reboot":
                agent.reboot()
            case "jump":
                agent.jump(self._dice.choice((3000.0, 200.0)))
            case _:
                assert line is not None
                await _disturb(line, outage.kind, seconds)

    async def _restart(self, seconds: float) -> None:
        await self.agent.aclose()
        await asyncio.sleep(seconds)
        if self.device.kind == "usm":
            self.agent.reboot()
        await self.agent.start()
        # From now on it can be reached; how long the start took depends on the machine.
        self._note("restarted", 0.0, 2.0, next(outage.errors for outage in OUTAGES if outage.kind == "restart"))


async def _disturb(line: Line, kind: str, seconds: float) -> None:
    match kind:
        case "line reset":
            line.reset()
        case "line stall":
            line.stall(stalled=True)
            await asyncio.sleep(seconds)
            line.stall(stalled=False)
        case "line refuses":
            line.refuse(refusing=True)
            await asyncio.sleep(seconds)
            line.refuse(refusing=False)
        case "line cuts":
            line.cut()
        case _:
            line.garble()


class Sites:
    """All agents, and what they tell.

    Args:
        count: how many.
        certificates: the folder of the certificates.
        faults: as for a :class:`tests.soak.plan.Plan`.
        seed: of all random choices.
    """

    def __init__(self, count: int, certificates: Path, faults: float, seed: int) -> None:
        self._dice = random.Random(seed)
        tls = server_tls(certificates)
        self._all = [Site(Device(number), tls, faults, self._dice) for number in range(count)]
        self._per_second = count * faults / 100 / 60
        self._ill: set[Site] = set()
        self._lag = Lag()

    async def start(self) -> list[int]:
        """Start all; return the ports for managers."""
        return [await site.start() for site in self._all]

    async def aclose(self) -> None:
        """Stop all."""
        for site in self._all:
            await site.aclose()

    async def trouble(self) -> None:
        """Let agents have outages, without an end."""
        async with asyncio.TaskGroup() as outages:
            outages.create_task(self._lag.run())
            while self._per_second:
                await asyncio.sleep(self._dice.expovariate(self._per_second))
                site = self._dice.choice(self._all)
                if site not in self._ill:
                    outages.create_task(self._suffer(site))

    async def _suffer(self, site: Site) -> None:
        self._ill.add(site)
        await site.suffer(self._dice.choice([outage for outage in OUTAGES if site.can_have(outage)]))
        self._ill.discard(site)

    def account(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return what has happened since the last time, and judge SETs.

        Args:
            request: pairs of a device and the number that a SET has written: ``done`` if it was answered without an
                error, ``undone`` if its error says that it has not left.
        """
        episodes = [episode for site in self._all for episode in site.episodes]
        for site in self._all:
            site.episodes.clear()
        episodes += (Episode(EVERY, "agents busy", *times, BUSY_ERRORS) for times in self._lag.take_busy())
        written = [site.written for site in self._all]
        return {
            "until": time.monotonic(),
            "episodes": episodes,
            "faults": sum(site.agent.statistics.faults for site in self._all),
            "written": sum(len(each.tokens) for each in written),
            "repeated": sum(each.repeated for each in written),
            "missing": [pair for pair in request["done"] if pair[1] not in written[pair[0]].tokens],
            "forbidden": [pair for pair in request["undone"] if pair[1] in written[pair[0]].tokens],
        }


async def main() -> None:
    """Run the agents until there is nothing more to answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("certificates", type=Path)
    parser.add_argument("faults", type=float)
    parser.add_argument("seed", type=int)
    arguments = parser.parse_args()
    sites = Sites(arguments.count, arguments.certificates, arguments.faults, arguments.seed)
    ports = await sites.start()
    await serve({"ports": ports}, sites.account, beside=sites.trouble)
    await sites.aclose()


if __name__ == "__main__":
    asyncio.run(main())
