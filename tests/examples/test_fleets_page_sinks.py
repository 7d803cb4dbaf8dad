"""What docs/fleets.md says about sinks: programs that run, queries that find something, lines that are written."""

from __future__ import annotations

import asyncio
import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from snmptcp import Counter64, Integer32, OctetString, TimeTicks
from snmptcp.errors import RequestTimeout
from snmptcp.fleet.sinks import NdjsonSink, PrometheusSink, Sink, SqliteSink, arrow
from snmptcp.mib.objects import Syntax
from snmptcp.mib.values import named_value
from tests.support.polls import NOON, make_poll, make_sample

PAGE = (Path(__file__).parents[2] / "docs" / "fleets.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## Sinks\n")[1].split("\n## ")[0]

STATUS = Syntax("INTEGER", "INTEGER", labels={2: "down"})

POLLS = [
    make_poll(
        make_sample(Counter64(183), rate=1250.5),
        make_sample(named_value(STATUS, Integer32(2)), name="ifOperStatus", column=make_sample().oid),
        make_sample(TimeTicks(4711), 0, name="sysUpTime", column=make_sample().oid),
    ),
    make_poll(job="other", error=RequestTimeout(5)),
]


def blocks(language: str, heading: str = "") -> list[str]:
    """Return the blocks of a language in the section, or in one part of it."""
    part = SECTION.split(f"\n### {heading}\n")[1].split("\n### ")[0] if heading else SECTION
    found = re.findall(rf"^```{language}\n(.*?)^```$", part, re.DOTALL | re.MULTILINE)
    assert found
    return found


def write(sink: Sink) -> None:
    """Open a sink, write, and close it."""

    async def run() -> None:
        await sink.open()
        await sink.write(POLLS)
        await sink.aclose()

    asyncio.run(run())


@pytest.mark.parametrize("program", blocks("python"))
def test_the_programs_make_sinks(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(program, names)
    sinks = [each for each in names.values() if isinstance(each, Sink)]
    kinds = [each for each in names.values() if isinstance(each, type) and Sink in each.__mro__[1:]]
    assert sinks or kinds
    if not sinks:
        write(names["Printer"]())


def test_the_queries_of_sqlite_find_something(tmp_path: Path) -> None:
    write(SqliteSink(tmp_path / "snmp.db"))
    (queries,) = blocks("sql", "SQLite")
    with closing(sqlite3.connect(tmp_path / "snmp.db")) as database:
        found = [database.execute(query).fetchall() for query in queries.split(";")[:-1]]
    assert found == [
        [("switch-1", "3", "down")],
        [("switch-1", 10004.0)],
        [("switch-1", "no answer within 5 s", "2026-11-29 12:00:00")],
        [("switch-1", 4711)],
    ]


def test_the_columns_of_parquet_are_those_of_the_files() -> None:
    part = SECTION.split("\n### Parquet\n")[1].split("\n### ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", "".join(cells))) == sorted(arrow.SCHEMA.names)
    (query,) = blocks("sql", "Parquet")
    assert set(re.findall(r"SELECT (.*)", query)[0].replace('"', "").split(", ")) <= set(arrow.SCHEMA.names)


def test_the_lines_of_ndjson_have_the_fields_that_are_written() -> None:
    stream = io.StringIO()
    write(NdjsonSink(stream, failures=True))
    written = [json.loads(line) for line in stream.getvalue().splitlines()]
    part = SECTION.split("\n### NDJSON\n")[1].split("\n### ")[0]
    shown = [json.loads(line) for line in part.splitlines() if line.startswith('{"kind"')]
    assert [list(line) for line in shown] == [list(written[0]), list(written[-1])]
    table = "".join(line.split("|")[1] for line in part.splitlines() if line.startswith("| `"))
    assert {key for line in written for key in line} | {"text"} == set(re.findall(r"`(\w+)`", table))


def test_the_lines_of_prometheus_are_those_that_are_written() -> None:
    sink = PrometheusSink()
    sink._now = lambda: NOON
    sink.write_now(
        [
            make_poll(
                make_sample(Counter64(183)),
                make_sample(named_value(None, Integer32(1), "up"), name="ifOperStatus"),
                make_sample(OctetString("core"), 0, name="sysName"),
            )
        ]
    )
    part = SECTION.split("\n### Prometheus\n")[1].split("\n### ")[0]
    shown = {line for line in part.splitlines() if line.startswith("# ") or "{target=" in line}
    assert len(shown) == 9
    assert shown <= set(sink.text().splitlines())
