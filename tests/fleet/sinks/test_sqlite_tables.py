"""The tables of the SQLite sink: the queries that people write."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from snmptcp.fleet.sinks import sqlite_tables


def test_the_names_of_tables_and_columns_are_those_of_version_1() -> None:
    """Programs of others read them: change SCHEMA_VERSION with them."""
    with closing(sqlite3.connect(":memory:")) as database:
        for statement in sqlite_tables.TABLES:
            database.execute(statement)
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
        columns = {name: [row[1] for row in database.execute(f"PRAGMA table_info({name})")] for name in names}
    times = ["requested_at", "answered_at"]
    assert sqlite_tables.SCHEMA_VERSION == 1
    assert columns == {
        "targets": ["id", "name", "host", "port"],
        "labels": ["target_id", "name", "value"],
        "jobs": [
            *("target_id", "name", "started_at", "ended_at", "samples", "missing", "succeeded_at", "failing_since"),
            *("failures", "failed_at", "error_type", "error", "restarted_at"),
        ],
        "samples": [
            *("target_id", "oid", "name", "idx", "job", "type", "number", "text", "octets", "rate", *times),
        ],
        "latest": ["target", "name", "idx", "number", "text", "octets", "rate", "type", "oid", "job", *times],
        "state": [
            *("target", "host", "port", "polled_at", "succeeded_at", "failing_jobs", "jobs", "failing_since"),
            *("failed_at", "error"),
        ],
    }


def test_values_of_one_name_are_found_by_an_index() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        for statement in sqlite_tables.TABLES:
            database.execute(statement)
        plan = str(database.execute("EXPLAIN QUERY PLAN SELECT * FROM latest WHERE name = 'ifMtu'").fetchall())
    assert "USING INDEX samples_by_name" in plan
