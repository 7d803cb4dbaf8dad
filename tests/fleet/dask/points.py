"""A sink for workers in other processes: it notes which points were polled, in files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.fleet.sinks import Sink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.fleet import Poll
    from snmptcp.fleet.dask import Place

__all__ = ("PointsSink", "points_in", "sinks_in")


class PointsSink(Sink):
    """Appends a line for each poll: the target and when it was due."""

    name = "points"

    def __init__(self, path: Path) -> None:
        self._path = path

    async def write(self, polls: Sequence[Poll]) -> None:
        with self._path.open("a") as file:
            file.writelines(f"{poll.target.name} {poll.due_at!r}\n" for poll in polls if poll.error is None)

    async def aclose(self) -> None:
        with self._path.open("a") as file:
            file.write("closed\n")


def sinks_in(folder: str, place: Place) -> list[Sink]:
    """Return the sinks of a shard, whose files are in a folder."""
    return [PointsSink(Path(folder) / f"{place.worker}-{place.shard}-{os.getpid()}")]


def points_in(folder: Path) -> list[tuple[str, float]]:
    """Return the polls that were noted: targets, and when they were due."""
    lines = [line.split() for path in folder.iterdir() for line in path.read_text().splitlines() if line != "closed"]
    return [(name, float(due_at)) for name, due_at in lines]
