"""The load of the soak: requests at a rate, spread over all agents, each checked and counted."""

from __future__ import annotations

import asyncio
import time
import traceback
from typing import TYPE_CHECKING

from snmptcp import Manager, SnmpError
from tests.soak.accounting import Accounts, Failure, WrongAnswer
from tests.soak.certificates import client_tls
from tests.soak.devices import NAMES, Device
from tests.soak.gauges import OPERATION
from tests.soak.operations import OPERATIONS, Operation, Station
from tests.soak.plan import AT_ONCE

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

    from tests.soak.gauges import Lag

__all__ = ("Load",)

#: How often operations are begun, in seconds.
TICK = 0.02

#: How many of a thousand operations are cancelled, after a twentieth of a second at most.
CANCELLED = 5
CANCELLED_WITHIN = 0.05


class Load:
    """Operations on many agents.

    Args:
        ports: where the agents listen, by number.
        certificates: the folder of the certificates.
        rate: requests a second.
        dice: random choices.
        lag: how late the event loop is.

    Attributes:
        accounts: what they have come to.
    """

    def __init__(self, ports: Sequence[int], certificates: Path, rate: float, dice: random.Random, lag: Lag) -> None:
        self.accounts = Accounts()
        self._rate = rate
        self._dice = dice
        self._lag = lag
        self._shares = [operation.share for operation in OPERATIONS]
        self._running: set[asyncio.Task[None]] = set()
        tls = client_tls(certificates, NAMES[0])
        self._stations = []
        for number, port in enumerate(ports):
            device = Device(number)
            over = tls if device.kind == "tsm" else False
            manager = Manager("127.0.0.1", port, credentials=device.credentials, tls=over)
            self._stations.append(Station(device, manager, dice))

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return sum(station.manager.statistics.requests for station in self._stations)

    @property
    def pending(self) -> int:
        """How many requests the managers say to be waiting for an answer."""
        return sum(station.manager.pending for station in self._stations)

    def take_sets(self) -> dict[str, list[tuple[int, int]]]:
        """Return the SETs that have ended since the last time: device and number of those done, and not done."""
        taken: dict[str, list[tuple[int, int]]] = {"done": [], "undone": []}
        for station in self._stations:
            for kind, tokens in (("done", station.done), ("undone", station.undone)):
                taken[kind] += ((station.device.number, token) for token in tokens)
                tokens.clear()
        return taken

    async def run(self, seconds: float) -> None:
        """Begin operations for some time, at the rate."""
        began = time.monotonic()
        spent = 0.0
        while (elapsed := time.monotonic() - began) < seconds:
            while spent < elapsed * self._rate and len(self._running) < AT_ONCE:
                spent += self._begin()
            spent = max(spent, (elapsed - 1) * self._rate)  # what could not be asked for in a second is left out
            await asyncio.sleep(TICK)

    async def drain(self, seconds: float) -> None:
        """Wait until all operations have ended, for some time at most."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def aclose(self) -> None:
        """Close all managers."""
        for station in self._stations:
            await station.manager.aclose()

    def _begin(self) -> int:
        """Begin one operation at random; return its cost in requests."""
        (operation,) = self._dice.choices(OPERATIONS, self._shares)
        self.accounts.begun[operation.name] += 1
        work = self._carry_out(operation, self._dice.choice(self._stations))
        task = asyncio.create_task(work, name=OPERATION)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        if self._dice.randrange(1000) < CANCELLED:
            asyncio.get_running_loop().call_later(self._dice.uniform(0, CANCELLED_WITHIN), task.cancel)
        return operation.cost

    async def _carry_out(self, operation: Operation, station: Station) -> None:
        accounts, number = self.accounts, station.device.number
        began = time.monotonic()
        try:
            await operation.run(station)
        except SnmpError as error:
            name = type(error).__name__
            accounts.failed(Failure(number, operation.name, began, time.monotonic(), name, str(error)))
        except WrongAnswer as error:
            accounts.wrong += 1
            accounts.note("wrong", str(error))
        except asyncio.CancelledError:
            accounts.cancelled += 1
        except Exception:  # each is a fault of the library
            accounts.undocumented += 1
            accounts.note("undocumented", traceback.format_exc())
        else:
            accounts.answered += 1
        ended = time.monotonic()
        if (over := ended - began - operation.seconds) > 0:
            accounts.check_deadline(f"device {number}, {operation.name}", over, self._lag.around(began, ended))
