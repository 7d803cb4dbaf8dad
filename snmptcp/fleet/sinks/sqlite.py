"""The SQLite sink: the latest value of each variable of each target, in a database file.

Contains: the file, its transactions, and samples as rows.  Does not contain: SQL
(:mod:`snmptcp.fleet.sinks.sqlite_tables`).
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.arguments import PATH, SECONDS, check_arguments, optional
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.sinks import files, sqlite_tables
from snmptcp.fleet.sinks.columns import encodable, encodable_labels, value_columns
from snmptcp.fleet.sinks.sink import BlockingSink

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from snmptcp.fleet.sample import Poll, Sample
    from snmptcp.fleet.target import Target

__all__ = ("SqliteSink",)

_KINDS = {"path": PATH, "forget_after": optional(SECONDS), "timeout": SECONDS}

#: The greatest INTEGER of SQLite.  Greater counters are REAL, and have all their digits as text.
_GREATEST = 2**63 - 1

#: The longest wait for a lock, in seconds.
_LONGEST = 3600

#: How often old targets are looked for, in seconds.
_FORGET_EVERY = 60.0

#: The octets of the write-ahead log that stay on disk for the next writes.
_KEPT_LOG = 64 * 1024 * 1024


class SqliteSink(BlockingSink):
    """Keeps the latest value of each variable of each target in a SQLite database.

    Any number of programs can read the file while it is written.  ``docs/fleets.md`` describes its tables: ``targets``,
    ``labels``, ``jobs`` and ``samples``, and the views ``latest`` and ``state``.

    A batch is one transaction.  A variable that the agent no longer has is deleted once its job has succeeded without
    it; a job that fails keeps its last values.  Targets that are removed from the fleet stay, see ``forget_after``.

    Args:
        path: the file; it is made if it does not exist, in a folder that does.
        forget_after: after how many seconds without a poll, successful or not, a target and its values are deleted; by
            default never.
        timeout: how many seconds a write waits for another program that has locked the file; from 0 to 3600.

    Raises:
        ConfigurationError: an argument is out of range; when the fleet starts: the file is not a SQLite database, or
            one of another program or of another version of this sink.
        OSError: the file cannot be opened or written: its folder does not exist, the disk is full, another program has
            locked it.  The fleet tries again.
    """

    name = "sqlite"

    def __init__(
        self, path: str | os.PathLike[str], *, forget_after: float | None = None, timeout: float = 5.0
    ) -> None:
        check_arguments(_KINDS, locals())
        if forget_after is not None and not forget_after > 0:
            raise ConfigurationError(f"forget_after is a number of seconds above 0, not {forget_after}")
        if not 0 <= timeout <= _LONGEST:
            raise ConfigurationError(f"timeout is a number of seconds from 0 to {_LONGEST}, not {timeout}")
        super().__init__()
        self.path = files.absolute(path)
        self._forget_after = forget_after
        self._timeout = timeout
        self._file: _File | None = None

    def open_now(self) -> None:
        """Open the file, and make its tables."""
        self._file = _open(self.path, self._timeout)

    def write_now(self, polls: Sequence[Poll]) -> None:
        """Write a batch in one transaction."""
        file = self._file
        if file is None or not _is_at(self.path, file.identity):  # deleted or replaced; what it had comes again
            self.close_now()
            self._file = file = _open(self.path, self._timeout)
        try:
            with _errors(self.path), file.memory_of_success(), _transaction(file.database):
                for poll in polls:
                    _write_poll(file, poll)
                if self._forget_after is not None:
                    _forget(file, polls[-1].ended_at, self._forget_after)
        except OSError:
            if file.database.in_transaction:  # even the rollback has failed; closing the file does it
                self.close_now()
            raise

    def close_now(self) -> None:
        """Close the file."""
        file, self._file = self._file, None
        if file is not None:
            with _errors(self.path):
                file.database.close()


# ------------------------------------------------------------------------------------------ the file


class _Known(NamedTuple):
    """A target whose row is up to date."""

    id: int
    target: Target


class _File:
    """The open file, and what is known to be in it."""

    def __init__(self, database: sqlite3.Connection, identity: tuple[int, int]) -> None:
        self.database = database
        self.identity = identity
        self.targets: dict[str, _Known] = {}
        #: The hash of the variables that each job found last, by target and job: if it is the same, none is gone.
        self.found: dict[tuple[int, str], int] = {}
        self.forgotten_at = float("-inf")

    @contextlib.contextmanager
    def memory_of_success(self) -> Iterator[None]:
        """Forget what is known if a transaction fails, since its rows are not there then."""
        try:
            yield
        except BaseException:
            self.targets.clear()
            self.found.clear()
            raise


def _open(path: Path, timeout: float) -> _File:
    """Open a file, which is made if need be."""
    if path.is_dir():
        raise IsADirectoryError(f"the database {path} cannot be used: it is a folder")
    with _errors(path):
        database = sqlite3.connect(path, timeout=timeout, isolation_level=None)
        try:
            _prepare(database, path)
            found = path.stat()
        except BaseException:
            database.close()
            raise
    return _File(database, (found.st_dev, found.st_ino))


def _prepare(database: sqlite3.Connection, path: Path) -> None:
    """Set how the file is written; make its tables, or check that they are those of this version."""
    try:
        _check(database, path)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise ConfigurationError(f"{path} is not a SQLite database: give the sink a file of its own") from error
    database.execute("PRAGMA journal_mode = WAL")  # others read while this writes
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute(f"PRAGMA journal_size_limit = {_KEPT_LOG}")
    database.execute("PRAGMA foreign_keys = ON")


def _check(database: sqlite3.Connection, path: Path) -> None:
    with _transaction(database):
        application = database.execute("PRAGMA application_id").fetchone()[0]
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if not database.execute("SELECT 1 FROM sqlite_master").fetchone():
            for statement in sqlite_tables.TABLES:
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {sqlite_tables.APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {sqlite_tables.SCHEMA_VERSION}")
        elif application != sqlite_tables.APPLICATION_ID:
            raise ConfigurationError(f"{path} is a SQLite database of another program: give the sink a file of its own")
        elif version != sqlite_tables.SCHEMA_VERSION:
            raise ConfigurationError(
                f"{path} has the tables of version {version} of this sink, not {sqlite_tables.SCHEMA_VERSION}: move it "
                "away, and the sink makes a new file"
            )


def _is_at(path: Path, identity: tuple[int, int]) -> bool:
    """Whether a path still leads to this file."""
    try:
        found = path.stat()
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == identity


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:  # SQLite itself rolls back when the disk is full
            with contextlib.suppress(sqlite3.Error):  # the first error tells more
                database.execute("ROLLBACK")
        raise


#: What stands in the way, for codes of SQLite whose own words do not say it.
_REASONS = {
    "SQLITE_BUSY": "another program has locked it",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "it may not be written",
    "SQLITE_CANTOPEN": "it cannot be opened: does its folder exist, and may it be written?",
    "SQLITE_CORRUPT": "it is damaged: move it away, and the sink makes a new file",
    "SQLITE_NOTADB": "it is no longer a SQLite database: move it away, and the sink makes a new file",
}


@contextlib.contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Make errors of SQLite errors that name the file and the reason."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "")
        reason = next((text for name, text in _REASONS.items() if code.startswith(name)), str(error))
        raise OSError(f"the database {path} cannot be used: {reason}") from error


# ------------------------------------------------------------------------------------------- the rows


def _write_poll(file: _File, poll: Poll) -> None:
    """Write the state of a job, its values, and delete those that are gone."""
    identity, job = _id_of(file, poll.target), encodable(poll.job)
    found = hash(frozenset([(sample.oid.key, sample.name) for sample in poll.samples]))
    known = file.found.pop((identity, job), None) == found
    rows = _sample_rows(identity, job, poll.samples)
    file.database.execute(sqlite_tables.UPSERT_JOB, _state_row(identity, job, poll))
    file.database.executemany(sqlite_tables.UPSERT_VALUE if known else sqlite_tables.UPSERT_SAMPLE, rows)
    if poll.error is not None:  # what it did not come to may still be there
        return
    if not known:
        times = [sample.answered_at for sample in poll.samples] or [poll.ended_at]
        file.database.execute(sqlite_tables.DELETE_GONE, (identity, job, min(times), max(times)))
    file.found[identity, job] = found


def _id_of(file: _File, target: Target) -> int:
    """Return the id of a target's row, which is written if it is new or has changed."""
    known = file.targets.get(target.name)
    if known is not None and known.target is target:
        return known.id
    row = (encodable(target.name), encodable(target.host), target.port)
    file.database.execute(sqlite_tables.UPSERT_TARGET, row)
    identity: int = file.database.execute(sqlite_tables.ID_OF_TARGET, row[:1]).fetchone()[0]
    file.database.execute(sqlite_tables.DELETE_LABELS, (identity,))
    labels = [(identity, *label) for label in encodable_labels(target.labels).items()]
    file.database.executemany(sqlite_tables.INSERT_LABEL, labels)
    file.targets[target.name] = _Known(identity, target)
    return identity


def _state_row(identity: int, job: str, poll: Poll) -> dict[str, object]:
    error = poll.error
    return {
        "target_id": identity,
        "name": job,
        "started_at": poll.started_at,
        "ended_at": poll.ended_at,
        "samples": len(poll.samples),
        "missing": len(poll.missing),
        "failed": error is not None,
        "error_type": None if error is None else type(error).__name__,
        "error": None if error is None else encodable(str(error)),
        "restarted": poll.restarted,
    }


def _sample_rows(identity: int, job: str, samples: Sequence[Sample]) -> Iterator[tuple[object, ...]]:
    for sample in samples:
        kind, number, text, octets = value_columns(sample.value)
        if isinstance(number, int) and not -_GREATEST <= number <= _GREATEST:
            number = float(number)
        yield (
            identity,
            str(sample.oid),
            encodable(sample.name),
            encodable(sample.index),
            job,
            kind,
            number,
            text,
            octets,
            sample.rate,
            sample.requested_at,
            sample.answered_at,
        )


def _forget(file: _File, now: float, after: float) -> None:
    """Delete the targets that have not been polled for so long."""
    if now - file.forgotten_at < _FORGET_EVERY:
        return
    file.forgotten_at = now
    old = file.database.execute(sqlite_tables.OLD_TARGETS, (now - after,)).fetchall()
    if old:
        file.database.executemany(sqlite_tables.DELETE_TARGET, old)
        file.targets.clear()  # their rows are looked for again
        file.found.clear()
