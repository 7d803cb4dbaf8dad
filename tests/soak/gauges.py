"""What the process of the manager and the listener uses: memory, open files, tasks, and the event loop's lag."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import statistics
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.soak.plan import TOO_BUSY, WALK_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("OPERATION", "Lag", "Sample", "octets_in_use", "slope_per_hour", "take_sample")


#: The name of the tasks that are not counted: those of operations, which come and go.
OPERATION = "operation"


class Sample(NamedTuple):
    """What the process uses at one time.

    Attributes:
        at: when, in seconds since the load began.
        memory: resident memory, in octets.
        files: open files.
        tasks: asyncio's tasks, without the soak's own operations (:data:`OPERATION`).
        objects: the objects that Python's collector knows.
        in_use: the octets that the C library has allocated and that are not freed: buffers, OpenSSL's objects, Python
            objects of more than 512 octets; None if the C library does not tell.  Memory that grows while this does
            not is fragmented.
        blocks: the blocks of Python's own allocator that are not freed: objects of up to 512 octets.
    """

    at: float
    memory: int
    files: int
    tasks: int
    objects: int
    in_use: int | None
    blocks: int


class _MallInfo(ctypes.Structure):
    """``struct mallinfo2`` of glibc 2.33 and later."""

    _names = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    _fields_ = tuple((name, ctypes.c_size_t) for name in _names)


def octets_in_use() -> int | None:
    """Return how many octets the C library has allocated that are not freed; None if it does not tell."""
    mallinfo = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if mallinfo is None:
        return None
    mallinfo.restype = _MallInfo
    told = mallinfo()
    return int(told.uordblks + told.hblkhd)


def take_sample(at: float) -> Sample:
    """Measure.

    Args:
        at: as in :class:`Sample`.

    Raises:
        OSError: the system has no ``/proc``.
    """
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    files = sum(1 for _ in Path("/proc/self/fd").iterdir()) - 1  # without the one that lists them
    tasks = sum(task.get_name() != OPERATION for task in asyncio.all_tasks())
    memory = pages * os.sysconf("SC_PAGE_SIZE")
    return Sample(at, memory, files, tasks, len(gc.get_objects()), octets_in_use(), sys.getallocatedblocks())


def slope_per_hour(points: Sequence[tuple[float, float]]) -> float:
    """Return by how much a quantity grows in an hour: the slope of least squares.

    Args:
        points: pairs of a time in seconds and a quantity; 0 if there are less than two.
    """
    if len({at for at, _ in points}) < 2:
        return 0.0
    times, quantities = zip(*points, strict=True)
    return statistics.linear_regression(times, quantities).slope * 3600


class Lag:
    """How late the event loop runs what is due.

    Args:
        interval: how often it is measured, in seconds.
        memory: for how many seconds it is remembered.
    """

    def __init__(self, interval: float = 0.05, memory: float = WALK_TIMEOUT + 10) -> None:
        self._interval = interval
        self._late: deque[tuple[float, float]] = deque(maxlen=int(memory / interval))  # when it was due, and how late
        self._due = 0.0
        self._busy: list[tuple[float, float]] = []
        #: The greatest lag so far, in seconds.
        self.worst = 0.0

    async def run(self) -> None:
        """Measure without an end."""
        loop = asyncio.get_running_loop()
        while True:
            self._due = loop.time() + self._interval
            await asyncio.sleep(self._interval)
            late = loop.time() - self._due
            self._late.append((self._due, late))
            self.worst = max(self.worst, late)
            if late > TOO_BUSY:
                now = time.monotonic()
                self._busy.append((now - late, now))

    def take_busy(self) -> list[tuple[float, float]]:
        """Return when the loop was too late since the last time: from and until, in seconds of the monotonic clock."""
        taken, self._busy = self._busy, []
        return taken

    def around(self, began: float, ended: float) -> float:
        """Return by how much the loop was late when something began, and when it ended, in a second each.

        What is due waits for one slow turn of the loop after the other, so their lags add up.

        Args:
            began: when it began, by the loop's clock.
            ended: when it ended; what is due now counts.
        """
        now = asyncio.get_running_loop().time() - self._due
        lags = [
            late
            for due, late in self._late
            if (due - self._interval <= began + 1 and due + late >= began) or ended - 1 <= due + late <= ended
        ]
        return sum(late for late in (*lags, now) if late > self._interval)
