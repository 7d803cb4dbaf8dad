"""A sink for TimescaleDB, with asyncpg: ``python examples/fleet_timescaledb.py --dsn postgresql:///snmp 192.0.2.1``.

Each sample is a row of the hypertable ``samples``.  A batch is copied into a temporary table and from there into the
hypertable, in one transaction; rows that are there already are left alone, so that a batch may come twice.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import asyncpg

from snmptcp import Community
from snmptcp.fleet import Fleet, Get, Target
from snmptcp.fleet.sinks import Sink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.fleet import Poll, Sample

TABLE = """
CREATE TABLE IF NOT EXISTS samples (
    time timestamptz NOT NULL, target text NOT NULL, oid text NOT NULL, job text NOT NULL, name text NOT NULL,
    index text NOT NULL, number numeric, text text NOT NULL, rate double precision, labels jsonb NOT NULL,
    UNIQUE (target, oid, time))
"""
HYPERTABLE = "SELECT create_hypertable('samples', 'time', if_not_exists => TRUE)"
BATCH = "CREATE TEMPORARY TABLE batch (LIKE samples) ON COMMIT DROP"
INSERT = "INSERT INTO samples SELECT * FROM batch ON CONFLICT DO NOTHING"


class TimescaleSink(Sink):
    """Writes each sample into the hypertable ``samples``.

    Args:
        dsn: the database, as asyncpg takes it.
    """

    name = "timescaledb"

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: Any = None

    async def open(self) -> None:
        """Connect, and make the table if it does not exist."""
        self._connection = connection = await asyncpg.connect(self._dsn)
        async with connection.transaction():
            await connection.execute(TABLE)
            await connection.execute(HYPERTABLE)

    async def write(self, polls: Sequence[Poll]) -> None:
        """Write a batch in one transaction."""
        if self._connection is None or self._connection.is_closed():  # the server has restarted
            await self.open()
        rows = [make_row(sample) for poll in polls for sample in poll.samples]
        async with self._connection.transaction():
            await self._connection.execute(BATCH)
            await self._connection.copy_records_to_table("batch", records=rows)
            await self._connection.execute(INSERT)

    async def aclose(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            await self._connection.close()


def make_row(sample: Sample) -> tuple[object, ...]:
    """Return a sample in the order of the columns."""
    labels = {storable(name): storable(value) for name, value in sample.target.labels.items()}
    return (
        dt.datetime.fromtimestamp(sample.answered_at, dt.UTC),
        storable(sample.target.name),
        str(sample.oid),
        storable(sample.job),
        sample.name,
        sample.index,
        int(sample.value) if isinstance(sample.value, int) else None,
        storable(str(sample.value)),
        sample.rate,
        json.dumps(labels),
    )


def storable(text: str) -> str:
    """Return a text that PostgreSQL can store: without NUL, and in UTF-8."""
    return text.replace("\0", "").encode(errors="backslashreplace").decode()


async def main() -> None:
    """Parse the command line, and poll until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Poll agents, and write what they answer to TimescaleDB.")
    parser.add_argument("hosts", nargs="+", metavar="HOST")
    parser.add_argument("--community", default="public")
    parser.add_argument("--dsn", default="postgresql:///snmp")
    options = parser.parse_args()
    targets = [Target(host, credentials=Community(options.community)) for host in options.hosts]
    sink = TimescaleSink(options.dsn)
    async with Fleet(targets, jobs=[Get("1.3.6.1.2.1.1.3.0", interval=10)], sinks=[sink]):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
