"""The client's link to one worker: what was heard from it, and the orders that are still to be sent.

Contains: sending, one order at a time, again if it fails.  Does not contain: what is ordered, which is asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from snmptcp.fleet.dask.messages import Order
    from snmptcp.fleet.tally import Health

__all__ = ("WorkerLink",)

logger = logging.getLogger("snmptcp.fleet")

#: The pause after an order that could not be sent, in seconds.
_PAUSE = 0.5


class WorkerLink:
    """The link to one worker.

    Args:
        name: the worker's name.
        address: its address.
        next_order: returns what is to be sent now; ``None`` if nothing.
        send: sends an order to an address.
        sent: told of an order that has arrived.
        patience: how long an order may take to arrive, in seconds.

    Attributes:
        name: as given.
        address: as given.
        leaves: whether the worker closes.
        heard: the ``sent_at`` of its last report, by its own clock; ``None`` before the first.
        heard_at: when that came, by the client's clock.
        heard_at_wall: when that came, in seconds since 1970.
        health: how its shards are together.
        strangers: runs that it has reported and that no shard has.
        last_order: the last order that has arrived.
    """

    def __init__(
        self,
        name: str,
        address: str,
        *,
        next_order: Callable[[WorkerLink], Order | None],
        send: Callable[[str, Order], Awaitable[None]],
        sent: Callable[[WorkerLink, Order], None],
        patience: float,
    ) -> None:
        self.name = name
        self.address = address
        self.leaves = False
        self.heard: float | None = None
        self.heard_at = 0.0
        self.heard_at_wall: float | None = None
        self.health: Health | None = None
        self.strangers: tuple[str, ...] = ()
        self.last_order: Order | None = None
        self._next_order = next_order
        self._send = send
        self._sent = sent
        self._patience = patience
        self._something = asyncio.Event()
        self._idle = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._send_orders(), name=f"snmptcp orders to {name}")

    def wake(self) -> None:
        """There may be something to send."""
        self._idle.clear()
        self._something.set()

    async def drained(self, patience: float) -> None:
        """Wait until nothing is to be sent, or this many seconds are over.  Safe to cancel."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._idle.wait()

    async def aclose(self) -> None:
        """End sending.  Safe to cancel."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _send_orders(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            order = self._next_order(self)
            if order is None:
                self._idle.set()
                continue
            try:
                async with asyncio.timeout(self._patience):
                    await self._send(self.address, order)
            except Exception as error:  # the worker is gone, or the scheduler is
                logger.debug("an order to worker %s did not arrive: %s: %s", self.name, type(error).__name__, error)
                self._something.set()
                await asyncio.sleep(_PAUSE)
            else:
                self.last_order = order
                self._sent(self, order)
                self._something.set()  # what was told meanwhile
