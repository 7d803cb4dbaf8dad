"""The tables of the SQLite sink: what is in the file, and the statements that write it.

Contains: SQL.  Does not contain: files, transactions, samples (:mod:`snmptcp.fleet.sinks.sqlite`).
"""

from __future__ import annotations

__all__ = (
    "APPLICATION_ID",
    "DELETE_GONE",
    "DELETE_LABELS",
    "DELETE_TARGET",
    "ID_OF_TARGET",
    "INSERT_LABEL",
    "OLD_TARGETS",
    "SCHEMA_VERSION",
    "TABLES",
    "UPSERT_JOB",
    "UPSERT_SAMPLE",
    "UPSERT_TARGET",
    "UPSERT_VALUE",
)

#: Tells files of this sink from those of other programs (PRAGMA application_id): "snmp".
APPLICATION_ID = 0x736E6D70

#: Changes when a table changes so that programs that read it must (PRAGMA user_version).
SCHEMA_VERSION = 1

#: ``samples`` is ordered by target, so that a poll writes side by side.
TABLES = (
    """
CREATE TABLE targets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    port INTEGER
)""",
    """
CREATE TABLE labels (
    target_id INTEGER NOT NULL REFERENCES targets ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (target_id, name)
) WITHOUT ROWID""",
    """
CREATE TABLE jobs (
    target_id INTEGER NOT NULL REFERENCES targets ON DELETE CASCADE,
    name TEXT NOT NULL,
    started_at REAL NOT NULL,
    ended_at REAL NOT NULL,
    samples INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    succeeded_at REAL,
    failing_since REAL,
    failures INTEGER NOT NULL,
    failed_at REAL,
    error_type TEXT,
    error TEXT,
    restarted_at REAL,
    PRIMARY KEY (target_id, name)
) WITHOUT ROWID""",
    """
CREATE TABLE samples (
    target_id INTEGER NOT NULL REFERENCES targets ON DELETE CASCADE,
    oid TEXT NOT NULL,
    name TEXT NOT NULL,
    idx TEXT NOT NULL,
    job TEXT NOT NULL,
    type TEXT NOT NULL,
    number,
    text TEXT,
    octets BLOB,
    rate REAL,
    requested_at REAL NOT NULL,
    answered_at REAL NOT NULL,
    PRIMARY KEY (target_id, oid)
) WITHOUT ROWID""",
    "CREATE INDEX samples_by_name ON samples (name, target_id)",
    """
CREATE VIEW latest AS
SELECT targets.name AS target, samples.name, idx, number, text, octets, rate, type, oid, job, requested_at, answered_at
FROM samples JOIN targets ON targets.id = samples.target_id""",
    """
CREATE VIEW state AS
SELECT targets.name AS target, host, port, max(ended_at) AS polled_at, max(succeeded_at) AS succeeded_at,
    count(failing_since) AS failing_jobs, count(*) AS jobs, min(failing_since) AS failing_since,
    max(failed_at) AS failed_at,
    (SELECT error FROM jobs WHERE target_id = targets.id ORDER BY failed_at DESC LIMIT 1) AS error
FROM targets JOIN jobs ON jobs.target_id = targets.id GROUP BY targets.id""",
)

UPSERT_TARGET = """
INSERT INTO targets (name, host, port) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET host = excluded.host, port = excluded.port"""

ID_OF_TARGET = "SELECT id FROM targets WHERE name = ?"

DELETE_LABELS = "DELETE FROM labels WHERE target_id = ?"

INSERT_LABEL = "INSERT OR REPLACE INTO labels (target_id, name, value) VALUES (?, ?, ?)"

_INSERT_SAMPLE = """
INSERT INTO samples (target_id, oid, name, idx, job, type, number, text, octets, rate, requested_at, answered_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (target_id, oid) DO UPDATE SET
    job = excluded.job, type = excluded.type, number = excluded.number, text = excluded.text, octets = excluded.octets,
    rate = excluded.rate, requested_at = excluded.requested_at, answered_at = excluded.answered_at"""

UPSERT_SAMPLE = f"{_INSERT_SAMPLE}, name = excluded.name, idx = excluded.idx"

#: For samples that have had the same names before: a third faster, since their index need not be written.
UPSERT_VALUE = _INSERT_SAMPLE

#: The last failure stays when the job succeeds again; a poll that comes twice counts once.
UPSERT_JOB = """
INSERT INTO jobs (
    target_id, name, started_at, ended_at, samples, missing, succeeded_at, failing_since, failures, failed_at,
    error_type, error, restarted_at)
VALUES (
    :target_id, :name, :started_at, :ended_at, :samples, :missing, iif(:failed, NULL, :ended_at),
    iif(:failed, :ended_at, NULL), :failed, iif(:failed, :ended_at, NULL), :error_type, :error,
    iif(:restarted, :ended_at, NULL))
ON CONFLICT (target_id, name) DO UPDATE SET
    started_at = excluded.started_at, ended_at = excluded.ended_at, samples = excluded.samples,
    missing = excluded.missing, succeeded_at = coalesce(excluded.succeeded_at, succeeded_at),
    failing_since = iif(:failed, coalesce(failing_since, excluded.failing_since), NULL),
    failures = iif(:failed, failures + 1, 0), failed_at = coalesce(excluded.failed_at, failed_at),
    error_type = coalesce(excluded.error_type, error_type), error = coalesce(excluded.error, error),
    restarted_at = coalesce(excluded.restarted_at, restarted_at)
WHERE excluded.ended_at <> ended_at OR excluded.started_at <> started_at"""

#: The variables of a job that its last poll did not find any more.
DELETE_GONE = "DELETE FROM samples WHERE target_id = ? AND job = ? AND answered_at NOT BETWEEN ? AND ?"

#: The targets whose last poll, whatever became of it, was before a time.
OLD_TARGETS = "SELECT target_id FROM jobs GROUP BY target_id HAVING max(ended_at) < ?"

DELETE_TARGET = "DELETE FROM targets WHERE id = ?"
