"""The targets of a fleet's file, read again at each reload, and what a reload changes.

Contains: the function that a fleet reads its targets with, and texts about changes.  Does not contain: when it is
reloaded.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from snmptcp.fleet.files import check_names, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.fleet import Changes, Job, Target
    from snmptcp.fleet.files import FleetFile
    from snmptcp.mib import Mib

__all__ = ("FileSource", "changes_text")

#: How many names of targets are told.
_MOST_NAMES = 5


class FileSource:
    """Targets of a file: at the first call those that were read already, then those that the file has now.

    Args:
        file: the file, as it was read.
        mib: the MIB modules that names come from; ``None`` for none.
        jobs: the jobs of targets if the file has none.

    Attributes:
        jobs: as given.
        file: what the fleet goes by: the file as it was read the last time without mistakes.
    """

    def __init__(self, file: FleetFile, mib: Mib | None, jobs: Sequence[Job] = ()) -> None:
        self.file = file
        self.jobs = jobs
        self._first: FleetFile | None = file
        self._running = file
        self._mib = mib

    async def __call__(self) -> Sequence[Target]:
        """Return the targets.

        Raises:
            ConfigurationError: there are mistakes in the file.
        """
        file, self._first = self._first, None
        if file is None:
            file = await asyncio.to_thread(load, self.file.path, jobs=self.jobs)  # a long file must not stop the polls
            check_names(file, self._mib)
        self.file = file
        return file.targets

    @property
    def needs_restart(self) -> list[str]:
        """The tables that are not what they were when the fleet was started, and that a reload does not apply."""
        now, then = self.file, self._running
        pairs = {"fleet": (now.settings, then.settings), "sinks": (now.sinks, then.sinks), "mib": (now.mib, then.mib)}
        return [name for name, (one, other) in pairs.items() if one != other]


def changes_text(changes: Changes) -> str:
    """Return what a reload has changed, in words: ``2 added (a, b), 1 removed (c)``."""
    told = [
        f"{len(names):,} {what} ({', '.join(names[:_MOST_NAMES])}{', ...' if len(names) > _MOST_NAMES else ''})"
        for what, names in changes._asdict().items()
        if names
    ]
    return ", ".join(told) or "no target has changed"
