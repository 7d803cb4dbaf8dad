"""What rows measure with: memory, descriptors and CPU time of a process, and percentiles.

Contains: readings of ``/proc`` (Linux), percentiles.

Does not contain: what is done between two readings.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def resident(pid: int | None = None) -> int:
    """Return the resident memory of a process in octets; of this one by default."""
    fields = Path(f"/proc/{pid or 'self'}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid: int | None = None) -> int:
    """Return how many files a process has open; this one by default."""
    if pid is not None:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208 - one of them lists the folder


def cpu_seconds(pid: int | None = None) -> float:
    """Return the CPU time of a process so far; of this one by default."""
    if pid is None:
        return time.process_time()
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")  # utime, stime


def percentile(values: Iterable[float], percent: float) -> float:
    """Return the value below which this percentage of the values are; not-a-number if there is none."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]
