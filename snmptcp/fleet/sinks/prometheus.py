"""The Prometheus sink: the latest values in Prometheus' text format, in a file or for a page.

Contains: the file, and when it is written.  Does not contain: the metrics (:mod:`snmptcp.fleet.sinks.metrics`).
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from snmptcp.arguments import FLAG, PATH, SECONDS, check_arguments, optional
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.sinks import files
from snmptcp.fleet.sinks.metrics import LatestMetrics
from snmptcp.fleet.sinks.periodic import PeriodicSink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from snmptcp.fleet.sample import Poll

__all__ = ("PrometheusSink",)

_KINDS = {"path": optional(PATH), "interval": SECONDS, "stale_after": SECONDS, "texts": FLAG}


class PrometheusSink(PeriodicSink):
    """Keeps the latest values in Prometheus' text format: in a file for node_exporter, or for a page of the program.

    ``docs/fleets.md`` describes the metrics.  The values of a job are those of its last poll: what a poll that failed
    did not read is not there.

    The file is replaced as a whole, so that readers never see half of it.

    Args:
        path: the file, in a folder that exists; node_exporter's textfile collector wants ``.prom`` at its end.  Without
            it there is only :meth:`text`.
        interval: how many seconds pass from one replacement of the file to the next, at least; more than 0.
        stale_after: after how many seconds without a poll, successful or not, the values of a job disappear; or four
            times the time between its last two polls, if that is longer; of a job that has run once, a day.
        texts: whether values that are no numbers have metrics, with the text as a label.

    Raises:
        ConfigurationError: an argument is out of range.
        OSError: the file cannot be written; the fleet tries again.
    """

    name = "prometheus"

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        interval: float = 10.0,
        stale_after: float = 900.0,
        texts: bool = True,
    ) -> None:
        check_arguments(_KINDS, locals())
        for argument, value in (("interval", interval), ("stale_after", stale_after)):
            if not 0 < value < float("inf"):
                raise ConfigurationError(f"{argument} is a number of seconds above 0, not {value}")
        super().__init__()
        self.path = None if path is None else files.absolute(path)
        self._interval = interval
        self._metrics = LatestMetrics(stale_after, texts=texts)
        self._guard = threading.Lock()  # text() is called from other threads
        self._changed = False
        self._failed = False
        self._tried_at = float("-inf")
        self._now = time.time
        self._monotonic = time.monotonic

    def text(self) -> str:
        """Return the metrics as a page in Prometheus' text format, version 0.0.4.

        May be called from any thread.  For very many samples it takes a while (docs/fleets.md has figures): run it in
        one, as with ``await asyncio.to_thread(sink.text)``.
        """
        with self._guard:
            self._drop_stale()
            return self._metrics.text()

    def open_now(self) -> None:
        """Find out whether the file can be written; what an earlier run has left stays until there is something new."""
        if self.path is not None:
            part = _part_of(self.path)
            with files.errors_about(f"metrics cannot be written to {self.path}"):
                os.close(files.create(part))
                part.unlink()

    def write_now(self, polls: Sequence[Poll]) -> None:
        """Take a batch; replace the file if that is due, else :meth:`tick_now` does it."""
        with self._guard:
            for poll in polls:
                self._metrics.take(poll)
            self._changed = True
        if self._failed or self._is_due():
            self._replace_file()

    def tick_now(self) -> None:
        """Replace the file if it is due and something has changed."""
        if self._is_due():
            self._replace_file()

    def close_now(self) -> None:
        """Write what has changed since the file was replaced."""
        self._replace_file()

    def _is_due(self) -> bool:
        return self._monotonic() - self._tried_at >= self._interval

    def _drop_stale(self) -> None:
        if self._metrics.drop_stale(self._now()):
            self._changed = True

    def _replace_file(self) -> None:
        """Replace the file if something has changed."""
        if self.path is None:
            return
        with self._guard:
            self._drop_stale()
            if not self._changed:
                return
            text = self._metrics.text()
            self._changed = False
        self._tried_at = self._monotonic()
        self._failed = True
        try:
            _replace(self.path, text)
            self._failed = False
        finally:
            self._changed |= self._failed


def _part_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _replace(path: Path, text: str) -> None:
    part = _part_of(path)
    with files.errors_about(f"metrics cannot be written to {path}"):
        try:
            with os.fdopen(files.create(part), "w", encoding="utf-8") as file:
                file.write(text)
            files.replace(part, path)
        except OSError:
            part.unlink(missing_ok=True)  # it may take the room that is missing
            raise
