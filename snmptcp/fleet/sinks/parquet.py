"""The Parquet sink: all samples, in files for a time each that DuckDB, pandas and others read.

Contains: folders, and when a file is complete.  Does not contain: rows and formats (:mod:`snmptcp.fleet.sinks.arrow`).
"""

from __future__ import annotations

import datetime as dt
import importlib
import logging
import os
import re
import secrets
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from snmptcp.arguments import INTEGER, PATH, check_arguments
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.sinks import files
from snmptcp.fleet.sinks.periodic import PeriodicSink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

    from snmptcp.fleet.sample import Poll, Sample
    from snmptcp.fleet.sinks.arrow import Journal

__all__ = ("ParquetSink",)

logger = logging.getLogger("snmptcp.fleet")

_KINDS = {"folder": PATH, "rotate": INTEGER, "max_rows": INTEGER}

_HOUR, _DAY = 3600, 86400

#: How long after its time a file waits for samples that were late, in seconds.
_LATE = 60.0

#: How many journals are open at once.  More are only needed if the clock jumps.
_MOST_OPEN = 8

#: The folder of journals in the sink's folder; readers of Parquet skip what begins with a point.
_JOURNALS = ".open"

#: The name of a journal: the path of its Parquet file with ``+`` for ``/``.
_NAME = re.compile(r"day=\d{4}-\d\d-\d\d\+(hour=\d\d\+)?snmptcp-\d{8}T\d{6}Z-[0-9a-f]{8}\.arrows")


class ParquetSink(PeriodicSink):
    """Writes all samples to Parquet files: ``day=2026-11-29/hour=12/snmptcp-20261129T120000Z-1f3a9c2e.parquet``.

    ``docs/fleets.md`` describes the columns.  A file has the samples that were answered in its time, and appears,
    complete, about a minute after that time has ended, when it has ``max_rows``, or when the fleet ends.  Until then
    its samples are in a journal in the folder ``.open``.  A journal that was left behind, as by ``kill -9``, is made a
    Parquet file when a sink with this folder starts again.  No file is ever changed or overwritten, and several
    programs can write to one folder.

    Args:
        folder: where the files are; it is made if its parent exists.
        rotate: how many seconds of samples a file has, counted from midnight UTC: at least 60, and a divisor of an
            hour, or a number of hours that divides a day.  Files for more than an hour have no folder ``hour=``.
        max_rows: how many rows a file has, at most, but for those of the last batch.

    Raises:
        ConfigurationError: pyarrow is not installed, or an argument is out of range.
        OSError: the folder cannot be written; the fleet tries again.
    """

    name = "parquet"

    def __init__(self, folder: str | os.PathLike[str], *, rotate: int = _HOUR, max_rows: int = 1_000_000) -> None:
        check_arguments(_KINDS, locals())
        if rotate < 60 or (_HOUR % rotate if rotate <= _HOUR else _DAY % rotate or rotate % _HOUR):
            raise ConfigurationError(
                "rotate is a number of seconds that divides an hour, at least 60, or a number of hours in seconds that "
                f"divides a day, not {rotate}"
            )
        if max_rows < 1:
            raise ConfigurationError(f"max_rows is a number from 1 on, not {max_rows}")
        self._arrow = _load_arrow()
        super().__init__()
        self.folder = files.absolute(folder)
        self._rotate = rotate
        self._max_rows = max_rows
        self._journals: dict[int, Journal] = {}  # those that take samples, by their windows
        self._complete: list[Path] = []  # journals that wait for becoming Parquet files
        self._now = time.time

    def open_now(self) -> None:
        """Make the folder, and look for journals that were left behind; they are made Parquet files soon."""
        with files.errors_about(f"Parquet files cannot be written to {self.folder}"):
            self.folder.mkdir(exist_ok=True)
            journals = self._journal_folder()
            probe = journals / f"probe-{secrets.token_hex(4)}"
            os.close(files.create(probe))
            probe.unlink()
            self._complete += sorted(each for each in journals.iterdir() if _NAME.fullmatch(each.name))
        for journal in self._complete:
            with files.errors_about(f"the samples that were left in {journal} cannot be made a Parquet file"):
                os.close(os.open(journal, os.O_RDWR))

    def write_now(self, polls: Sequence[Poll]) -> None:
        """Append a batch to the journals of its times."""
        self.tick_now()
        windows: defaultdict[int, list[Sample]] = defaultdict(list)
        for poll in polls:
            for sample in poll.samples:
                windows[int(sample.answered_at // self._rotate)].append(sample)
        with files.errors_about(f"Parquet files cannot be written to {self.folder}"):
            self._append(windows)

    def tick_now(self) -> None:
        """Make Parquet files of the journals that are complete."""
        now = self._now()
        for journal in [*self._journals.values()]:
            ends = (journal.window + 1) * self._rotate
            if journal.rows >= self._max_rows or now >= max(ends, journal.opened_at) + _LATE:
                self._end(journal)
        while len(self._journals) > _MOST_OPEN:
            self._end(min(self._journals.values(), key=lambda each: each.opened_at))
        self._finish_all()

    def close_now(self) -> None:
        """Make Parquet files of all journals."""
        for journal in [*self._journals.values()]:
            self._end(journal)
        self._finish_all()

    # ------------------------------------------------------------------------------------- journals

    def _append(self, windows: Mapping[int, Sequence[Sample]]) -> None:
        """Append to all journals, or to none."""
        prepared = []
        for window, samples in windows.items():
            batch, journal = self._arrow.make_batch(samples), self._journal_of(window)
            prepared.append((journal, journal.encode(batch), len(samples)))
        appended: list[tuple[Journal, bytes, int]] = []
        try:
            for journal, octets, rows in prepared:
                journal.append(octets, rows)
                appended.append((journal, octets, rows))
        except OSError:
            for journal, octets, rows in appended:
                journal.take_back(octets, rows)
            raise

    def _journal_of(self, window: int) -> Journal:
        """Return the journal of a window; make a new one if there is none, or if it was deleted."""
        journal = self._journals.get(window)
        if journal is not None and journal.is_there():
            return journal
        if journal is not None:
            logger.warning("sink %s: the samples in %s are lost: the file is gone", self.name, journal.path)
            del self._journals[window]
            journal.close()
        path = self._journal_folder() / self._name_of(window)
        made: Journal = self._arrow.Journal(path, window, self._now())
        self._journals[window] = made
        return made

    def _journal_folder(self) -> Path:
        """Return the folder of journals, which is made if need be, but not the sink's folder: it may be a mount."""
        journals = self.folder / _JOURNALS
        journals.mkdir(exist_ok=True)
        return journals

    def _name_of(self, window: int) -> str:
        start = dt.datetime.fromtimestamp(window * self._rotate, dt.UTC)
        hour = "" if self._rotate > _HOUR else f"hour={start:%H}+"
        return f"day={start:%Y-%m-%d}+{hour}snmptcp-{start:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.arrows"

    def _end(self, journal: Journal) -> None:
        """Let a journal take no more samples."""
        del self._journals[journal.window]
        journal.close()
        self._complete.append(journal.path)

    # ---------------------------------------------------------------------------------------- files

    def _finish_all(self) -> None:
        """Make Parquet files of the journals that take no more samples; those that remain after an error come again."""
        while self._complete:
            with files.errors_about(f"the Parquet file of {self._complete[0]} cannot be written"):
                self._finish(self._complete[0])
            del self._complete[0]

    def _finish(self, journal: Path) -> None:
        """Make a Parquet file of a journal, unless another program writes to it or has done so."""
        try:
            descriptor = os.open(journal, os.O_RDWR)
        except FileNotFoundError:  # another program has done it
            return
        try:
            if files.lock(descriptor, wait=False):
                self._convert(journal)
        finally:
            os.close(descriptor)

    def _convert(self, journal: Path) -> None:
        path = self.folder / journal.with_suffix(".parquet").name.replace("+", "/")
        if not path.exists():  # else a crash came between the two steps
            path.parent.mkdir(parents=True, exist_ok=True)
            self._arrow.write_parquet(journal, path, path.with_name(f".{path.name}.part"))
        journal.unlink()


def _load_arrow() -> ModuleType:
    """Return what needs pyarrow.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        return importlib.import_module("snmptcp.fleet.sinks.arrow")
    except ImportError as error:
        raise ConfigurationError("ParquetSink needs pyarrow: pip install 'snmptcp[parquet]'") from error
