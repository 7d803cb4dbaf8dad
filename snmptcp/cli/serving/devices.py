"""Embedded agents for the page of ``snmptcp demo --web``: interfaces that carry more and less, go down and send traps.

Contains: the agents, their targets, and what happens to them.  Does not contain: the page.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
from typing import TYPE_CHECKING, Final, TypeAlias

from snmptcp.credentials import Community
from snmptcp.errors import SnmpError
from snmptcp.fleet import Target
from snmptcp.manager import Manager
from snmptcp.oid import OID
from snmptcp.testing import Agent, Computed
from snmptcp.values import Counter32, Counter64, Gauge32, Integer32, TimeTicks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

__all__ = ("shown_agents",)

logger = logging.getLogger("snmptcp.demo")

_Link: TypeAlias = tuple[str, str, int, int]

#: The name and sysDescr of each kind of device, and its interfaces: name, alias, ifType, Mbit/s.
_KINDS: Final[tuple[tuple[str, str, tuple[_Link, ...]], ...]] = (
    (
        "core",
        "Embedded core router",
        (
            ("et-0/0/0", "uplink to the exchange", 6, 100_000),
            ("et-0/0/1", "uplink, second path", 6, 100_000),
            ("xe-0/1/0", "ring north", 6, 10_000),
            ("xe-0/1/1", "ring south", 6, 10_000),
            ("xe-0/1/2", "storage", 6, 10_000),
            ("lo0", "", 24, 0),
        ),
    ),
    (
        "edge",
        "Embedded access switch",
        (
            ("GigabitEthernet0/1", "office 1", 6, 1000),
            ("GigabitEthernet0/2", "office 2", 6, 1000),
            ("GigabitEthernet0/3", "printers", 6, 1000),
            ("GigabitEthernet0/4", "cameras", 6, 1000),
            ("TenGigabitEthernet1/1", "uplink", 6, 10_000),
        ),
    ),
    (
        "wifi",
        "Embedded wireless access point",
        (("eth0", "uplink", 6, 1000), ("wlan0", "guests", 71, 600), ("wlan1", "staff", 71, 1200)),
    ),
)
_PLACES: Final = ("Lyon", "Graz", "Turku", "Porto")

_SYSTEM: Final = "1.3.6.1.2.1.1"
_IF_ENTRY: Final = "1.3.6.1.2.1.2.2.1"
_IF_X_ENTRY: Final = "1.3.6.1.2.1.31.1.1.1"
_LINK_DOWN, _LINK_UP = OID("1.3.6.1.6.3.1.1.5.3"), OID("1.3.6.1.6.3.1.1.5.4")
_UP, _DOWN = 1, 2

#: How long until something goes down or comes back, in seconds: at least, and how much more at most.
_PAUSE: Final = (3.0, 6.0)

#: One agent in so many dies now and then: how long it lives, and how long it is away, in seconds.
_ONE_IN = 5
_LIFE, _DEATH = 25.0, 12.0


@contextlib.asynccontextmanager
async def shown_agents(count: int, traps_to: tuple[str, int], seed: int = 1) -> AsyncGenerator[list[Target], None]:
    """Run agents in this process, each on a loopback port of its own, and yield their targets.

    Args:
        count: how many.
        traps_to: host and port of the listener that is told when an interface goes down or comes back.
        seed: of the random numbers.

    Raises:
        TransportError: a port cannot be listened on.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    clock = asyncio.get_running_loop().time
    devices = [_Device(number, clock) for number in range(count)]
    async with contextlib.AsyncExitStack() as stack:
        for device in devices:
            await stack.enter_async_context(device.agent)
        sender = await stack.enter_async_context(Manager(*traps_to, credentials=Community("public")))
        events = [asyncio.create_task(_links_change(devices, sender, chance))]
        events += [asyncio.create_task(_die_and_return(device)) for device in devices if device.is_mortal]
        try:
            yield [device.target for device in devices]
        finally:
            for task in events:
                task.cancel()
            ended = await asyncio.gather(*events, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, Exception):  # of a demonstration that stood still
                raise outcome


async def _links_change(devices: list[_Device], sender: Manager, chance: random.Random) -> None:
    """Let an interface go down, or come back, now and then; its device sends a trap."""
    while True:
        await asyncio.sleep(_PAUSE[0] + _PAUSE[1] * chance.random())
        trap, varbinds = chance.choice(devices).change_link(chance)
        try:
            await sender.send_trap(trap, *varbinds)
        except SnmpError:  # the page's listener has gone; the demonstration ends with it
            logger.debug("a trap was not sent", exc_info=True)


async def _die_and_return(device: _Device) -> None:
    await asyncio.sleep(_LIFE * (1 + device.number % 3) / 2)
    while True:
        await device.agent.aclose()
        await asyncio.sleep(_DEATH)
        await device.agent.start()
        await asyncio.sleep(_LIFE)


class _Device:
    """A device with interfaces.

    Args:
        number: its number.
        clock: returns seconds.
    """

    def __init__(self, number: int, clock: Callable[[], float]) -> None:
        self.number = number
        self._clock = clock
        self._start = clock() - 86400.0 * (1 + number * 7 % 90)
        self._kind, self._description, self._links = _KINDS[number % len(_KINDS)]
        self._place = _PLACES[number % len(_PLACES)]
        self._status = [_UP] * len(self._links)
        self.name = f"{self._kind}-{self._place.lower()}-{number // len(_KINDS) + 1}"
        self.is_mortal = number % _ONE_IN == _ONE_IN - 1
        self.agent = Agent(self._variables())

    @property
    def target(self) -> Target:
        """The target."""
        return Target(
            self.agent.host,
            self.agent.port,
            credentials=Community("public"),
            name=self.name,
            labels={"site": self._place, "role": self._kind},
            timeout=2.0,
        )

    def change_link(self, chance: random.Random) -> tuple[OID, list[tuple[str, object]]]:
        """Change the state of an interface; return the trap that tells so."""
        down = [row for row, status in enumerate(self._status) if status == _DOWN]
        row = chance.choice(down) if down else chance.randrange(len(self._links))
        status = self._status[row] = _UP if down else _DOWN
        index = row + 1
        return _LINK_UP if status == _UP else _LINK_DOWN, [
            (f"{_IF_ENTRY}.1.{index}", Integer32(index)),
            (f"{_IF_ENTRY}.7.{index}", Integer32(_UP)),
            (f"{_IF_ENTRY}.8.{index}", Integer32(status)),
            (f"{_SYSTEM}.5.0", self.name),
        ]

    @property
    def _age(self) -> float:
        return self._clock() - self._start

    def _variables(self) -> dict[str, object]:
        variables: dict[str, object] = {
            f"{_SYSTEM}.1.0": f"{self._description}, part of snmptcp's demonstration",
            f"{_SYSTEM}.3.0": Computed(lambda: TimeTicks(int(self._age * 100) % 2**32)),
            f"{_SYSTEM}.4.0": "noc@example.net",
            f"{_SYSTEM}.5.0": self.name,
            f"{_SYSTEM}.6.0": f"{self._place}, rack {self.number % 9 + 1}",
        }
        for row, link in enumerate(self._links):
            variables |= self._interface(row, *link)
        return variables

    def _interface(self, row: int, name: str, alias: str, kind: int, speed: int) -> dict[str, object]:
        index = row + 1
        received, sent = self._counter(row, 0.6), self._counter(row, 0.25)
        return {
            f"{_IF_ENTRY}.1.{index}": Integer32(index),
            f"{_IF_ENTRY}.2.{index}": name,
            f"{_IF_ENTRY}.3.{index}": Integer32(kind),
            f"{_IF_ENTRY}.5.{index}": Gauge32(min(speed * 1_000_000, 2**32 - 1)),
            f"{_IF_ENTRY}.7.{index}": Integer32(_UP),
            f"{_IF_ENTRY}.8.{index}": Computed(lambda: Integer32(self._status[row])),
            f"{_IF_ENTRY}.10.{index}": Computed(lambda: Counter32(received() % 2**32)),
            f"{_IF_ENTRY}.14.{index}": Computed(lambda: Counter32(self._errors(row))),
            f"{_IF_ENTRY}.16.{index}": Computed(lambda: Counter32(sent() % 2**32)),
            f"{_IF_ENTRY}.20.{index}": Counter32(0),
            f"{_IF_X_ENTRY}.1.{index}": name,
            f"{_IF_X_ENTRY}.6.{index}": Computed(lambda: Counter64(received())),
            f"{_IF_X_ENTRY}.10.{index}": Computed(lambda: Counter64(sent())),
            f"{_IF_X_ENTRY}.15.{index}": Gauge32(speed),
            f"{_IF_X_ENTRY}.18.{index}": alias,
        }

    def _counter(self, row: int, share: float) -> Callable[[], int]:
        """Return a counter of octets whose speed rises and falls, and that stands still while its interface is down."""
        most = share * self._links[row][3] * 125_000 * (0.2 + 0.13 * ((self.number + row) % 6))
        pace = 4.0 + 3.0 * ((self.number + 2 * row) % 4)
        counted, at = 0.0, self._age

        def count() -> int:
            nonlocal counted, at
            now = self._age
            if self._status[row] == _UP:
                slow = pace * (math.cos(at / pace + row) - math.cos(now / pace + row))
                quick = math.sin(now * 1.3) - math.sin(at * 1.3)
                counted += most * (0.6 * (now - at) + 0.3 * slow + 0.08 * quick)
            at = now
            return int(counted)

        return count

    def _errors(self, row: int) -> int:
        return int(self._age * 3) % 2**32 if (self.number + row) % 7 == 2 else 0
