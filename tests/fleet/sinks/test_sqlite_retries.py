"""The SQLite sink against a model: whatever polls come and wherever a write is cut off, the latest values are there."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp import Counter32
from snmptcp.errors import ConnectFailed
from snmptcp.fleet.sinks import SqliteSink
from tests.support.polls import NOON, make_poll, make_sample, make_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.fleet import Poll

TARGETS = [make_target(name) for name in ("a", "b")]

#: A poll: its target, its job, the rows that it has read, and whether it has failed.  Jobs read different columns.
polls = st.tuples(st.sampled_from((0, 1)), st.sampled_from("xy"), st.frozensets(st.integers(1, 4)), st.booleans())

#: A batch, and after how many steps of SQLite its first write is cut off; ``None`` if it is not.
batches = st.tuples(st.lists(polls, min_size=1, max_size=4), st.none() | st.integers(1, 400))


class Model:
    """What the file must have."""

    def __init__(self) -> None:
        self.number = 0
        self.values: dict[tuple[str, str, str], int] = {}
        self.failures: dict[tuple[str, str], int] = {}

    def make(self, target: int, job: str, rows: frozenset[int], failed: bool) -> Poll:
        """Return a poll with a new value, and take it into account."""
        self.number += 1
        name, at = TARGETS[target].name, NOON + self.number
        if not failed:
            for key in [key for key in self.values if key[:2] == (name, job)]:
                del self.values[key]
        for row in rows:
            self.values[name, job, f"{job}{row}"] = self.number
        before = self.failures.get((name, job), 0)
        self.failures[name, job] = before + 1 if failed else 0
        samples = [
            make_sample(Counter32(self.number), row, name=f"{job}{row}", column=make_sample().oid + ord(job), at=at)
            for row in sorted(rows)
        ]
        error = ConnectFailed("refused") if failed else None
        return make_poll(*samples, at=at, target=TARGETS[target], job=job, error=error)


def cut_off(sink: SqliteSink, batch: Sequence[Poll], steps: int) -> bool:
    """Write, and let SQLite stop after so many steps; return whether it did."""
    assert sink._file is not None
    database = sink._file.database
    database.set_progress_handler(lambda: 1, steps)
    try:
        sink.write_now(batch)
    except OSError:
        return True
    finally:
        with suppress(sqlite3.ProgrammingError):  # the sink has closed it because nothing else helped
            database.set_progress_handler(None, 0)
    return False


def content(path: Path) -> tuple[dict[Any, Any], dict[Any, Any]]:
    with closing(sqlite3.connect(path)) as database:
        values = database.execute("SELECT target, job, name, number FROM latest").fetchall()
        failures = database.execute(
            "SELECT targets.name, jobs.name, failures FROM jobs JOIN targets ON targets.id = target_id"
        ).fetchall()
    return {row[:3]: row[3] for row in values}, {row[:2]: row[2] for row in failures}


@settings(max_examples=25)
@given(st.lists(batches, max_size=6))
def test_the_file_has_the_latest_values_wherever_a_write_was_cut_off(written: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, model = Path(folder) / "snmp.db", Model()
        sink = SqliteSink(path)
        sink.open_now()
        for described, steps in written:
            before = (dict(model.values), dict(model.failures))
            batch = [model.make(*each) for each in described]
            if steps is None or cut_off(sink, batch, steps):
                if steps is not None:
                    assert content(path) == before
                sink.write_now(batch)
            assert content(path) == (model.values, model.failures)
        sink.close_now()
