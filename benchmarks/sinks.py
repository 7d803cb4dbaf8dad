"""What the sinks of a fleet take: ``python -m benchmarks.sinks``.

Samples of counters come in batches of 10,000, from 200 targets with 50 interfaces each, as a fleet gives them.  Each
sink writes them to a temporary folder.  For comparison, SQLite is given the same rows ready-made.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp import OID, Community, Counter64
from snmptcp.errors import ConfigurationError
from snmptcp.fleet import Poll, Sample, Target
from snmptcp.fleet.sinks import BlockingSink, NdjsonSink, ParquetSink, PrometheusSink, SqliteSink
from snmptcp.fleet.sinks import sqlite_tables as tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Targets of a batch, and samples of each.
TARGETS, SAMPLES = 200, 50

#: Batches of a run; the first is not measured.
BATCHES = 12

#: The figure that is compared.
CPU = "samples a second of CPU"

COLUMN = OID("1.3.6.1.2.1.31.1.1.1.6")


def make_targets(count: int) -> list[Target]:
    """Return so many targets."""
    labels = {"site": "Lyon"}
    return [
        Target("192.0.2.1", credentials=Community("public"), name=f"switch-{number}", labels=labels)
        for number in range(count)
    ]


def make_batch(targets: Sequence[Target], number: int) -> list[Poll]:
    """Return a poll of each target, with new names and values, as they come off the wire."""
    now = time.time()
    return [
        Poll(target, "interfaces", now, now, now, [_sample(target, row, number, now) for row in range(1, SAMPLES + 1)])
        for target in targets
    ]


def _sample(target: Target, row: int, number: int, now: float) -> Sample:
    oid = OID.from_ber((COLUMN + row).key)
    value = Counter64(10**9 + number * 1000 + row)
    return Sample(target, "interfaces", oid, "ifHCInOctets", str(row), value, now, now, 100.0)


class Ready(BlockingSink):
    """Gives SQLite rows that were made before: what is left is SQLite's own work."""

    name = "SQLite alone"

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._rows: list[tuple[object, ...]] = []

    def open_now(self) -> None:
        """Make the tables, and the rows."""
        self._database = sqlite3.connect(self._path, isolation_level=None)
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", *tables.TABLES):
            self._database.execute(statement)
        for target in range(TARGETS):
            self._database.execute(tables.UPSERT_TARGET, (f"switch-{target}", "192.0.2.1", 161))
        values = ("interfaces", "Counter64", 5, "5", None, 1.0, 1.0, 1.0)
        self._rows = [
            (target, f"{COLUMN}.{row}", "ifHCInOctets", str(row), *values)
            for target in range(1, TARGETS + 1)
            for row in range(1, SAMPLES + 1)
        ]

    def write_now(self, polls: Sequence[Poll]) -> None:  # noqa: ARG002 - as the interface has it
        """Write the rows."""
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany(tables.UPSERT_VALUE, self._rows)
        self._database.execute("COMMIT")

    def close_now(self) -> None:
        """Close the file."""
        self._database.close()


SINKS: dict[str, Callable[[Path], BlockingSink]] = {
    "SQLite alone": lambda folder: Ready(folder / "alone.db"),
    "SqliteSink": lambda folder: SqliteSink(folder / "snmp.db"),
    "ParquetSink": lambda folder: ParquetSink(folder / "samples"),
    "NdjsonSink": lambda folder: NdjsonSink(folder / "samples.ndjson"),
    "PrometheusSink": lambda folder: PrometheusSink(folder / "snmp.prom"),
}


async def measure(make: Callable[[Path], BlockingSink]) -> dict[str, float]:
    """Return what a sink writes each second of CPU and of time, and how long it takes to close."""
    targets = make_targets(TARGETS)
    rows = TARGETS * SAMPLES
    with tempfile.TemporaryDirectory() as name:
        sink = make(Path(name))
        await sink.open()
        await sink.write(make_batch(targets, 0))
        cpu, passed = [], []
        for number in range(1, BATCHES):
            batch = make_batch(targets, number)
            began, at = time.process_time(), time.perf_counter()
            await sink.write(batch)
            cpu.append(rows / (time.process_time() - began))
            passed.append(rows / (time.perf_counter() - at))
        began = time.process_time()
        await sink.aclose()
        closing = time.process_time() - began
    return {
        CPU: round(statistics.median(cpu)),
        "samples a second": round(statistics.median(passed)),
        "CPU of closing, us a sample": round(1e6 * closing / (rows * BATCHES), 2),
    }


def measure_page(count: int) -> dict[str, float]:
    """Return how long a page of so many samples takes."""
    sink = PrometheusSink()
    targets = [
        Target("192.0.2.1", credentials=Community("public"), name=f"s-{each}") for each in range(count // SAMPLES)
    ]
    sink.write_now(make_batch(targets, 0))
    took = []
    for _ in range(3):
        began = time.process_time()
        sink.text()
        took.append(time.process_time() - began)
    return {"first, s of CPU": round(took[0], 3), "again, s of CPU": round(took[1], 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to a file, too")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    for name, make in SINKS.items():
        try:
            results[name] = asyncio.run(measure(make))
        except ConfigurationError as error:  # pyarrow is not installed
            print(f"{name:<16}  left out: {error}")
            continue
        ratio = results[name][CPU] / results["SQLite alone"][CPU]
        figures = (f"{key}: {value:,}" for key, value in results[name].items())
        print(f"{name:<16}", *figures, f"ratio: {ratio:.2f}", sep="  ")
    results["a page of 100,000"] = measure_page(100_000)
    print("a page of 100,000 samples ", results["a page of 100,000"])
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
