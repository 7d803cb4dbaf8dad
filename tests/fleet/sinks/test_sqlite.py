"""The SQLite sink: what is in the file, and what happens when the file cannot be written."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Counter32, Counter64, Integer32, OctetString
from snmptcp.errors import ArgumentTypeError, ConfigurationError, ConnectFailed
from snmptcp.fleet.sinks import SqliteSink
from tests.support.files import content, overwrite
from tests.support.polls import NOON, make_poll, make_sample, make_target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "snmp.db"


@pytest.fixture
async def sink(path: Path) -> AsyncIterator[SqliteSink]:
    sink = SqliteSink(path, timeout=0)
    await sink.open()
    yield sink
    await sink.aclose()


def read(path: Path, query: str) -> list[Any]:
    """Query the file as another program does; a row of one column is its value."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        rows = database.execute(query).fetchall()
    return [row[0] if len(row) == 1 else row for row in rows]


async def test_other_programs_read_the_latest_values_while_the_file_is_open(sink: SqliteSink, path: Path) -> None:
    await sink.write([make_poll(make_sample(Counter64(7))), make_poll(make_sample(Counter64(9), rate=2.5))])
    assert read(path, "SELECT target, name, idx, type, number, text, rate, job FROM latest") == [
        ("switch-1", "ifHCInOctets", "3", "Counter64", 9, "9", 2.5, "interfaces")
    ]
    assert read(path, "SELECT oid, requested_at, answered_at, octets FROM samples") == [
        ("1.3.6.1.2.1.31.1.1.1.6.3", NOON - 0.25, NOON, None)
    ]
    assert read(path, "PRAGMA journal_mode") == ["wal"]


async def test_targets_have_their_labels_which_follow_changes(sink: SqliteSink, path: Path) -> None:
    await sink.write([make_poll(Counter64(1))])
    query = (
        "SELECT labels.name, value FROM labels JOIN targets ON targets.id = target_id WHERE targets.name = 'switch-1'"
    )
    assert read(path, query) == [("site", "Lyon")]
    changed = make_target(labels={"site": "Nice", "rack": "4"})
    await sink.write([make_poll(Counter64(1), target=changed)])
    assert read(path, query) == [("rack", "4"), ("site", "Nice")]
    assert read(path, "SELECT name, host, port FROM targets") == [("switch-1", "192.0.2.1", 1161)]


async def test_counters_beyond_the_integers_of_sqlite_are_near_as_numbers_and_exact_as_text(
    sink: SqliteSink, path: Path
) -> None:
    await sink.write([make_poll(Counter64(2**63 - 1), Counter64(2**63), Counter64(2**64 - 1), Integer32(-(2**31)))])
    assert read(path, "SELECT typeof(number), number, text FROM samples ORDER BY idx") == [
        ("integer", 2**63 - 1, "9223372036854775807"),
        ("real", 2.0**63, "9223372036854775808"),
        ("real", 2.0**64, "18446744073709551615"),
        ("integer", -(2**31), "-2147483648"),
    ]


async def test_octets_that_are_no_text_are_kept(sink: SqliteSink, path: Path) -> None:
    await sink.write([make_poll(OctetString(b"\0\xff"), OctetString("text\nand more"))])
    assert read(path, "SELECT text, octets, number FROM samples ORDER BY idx") == [
        ("0x00ff", b"\0\xff", None),
        ("text\nand more", None, None),
    ]


async def test_a_variable_that_the_agent_has_no_more_is_deleted_by_a_poll_that_succeeds(
    sink: SqliteSink, path: Path
) -> None:
    names = "SELECT idx FROM samples ORDER BY idx"
    await sink.write([make_poll(Counter32(1), Counter32(2), Counter32(3))])
    await sink.write([make_poll(Counter32(1), at=NOON + 60, error=ConnectFailed("no answer"))])
    assert read(path, names) == ["1", "2", "3"]
    await sink.write([make_poll(make_sample(row=9, job="other", at=NOON + 60), job="other", at=NOON + 60)])
    await sink.write([make_poll(Counter32(1), Counter32(2), at=NOON + 120)])
    assert read(path, names) == ["1", "2", "9"]


async def test_names_follow_the_modules_that_a_fleet_has(sink: SqliteSink, path: Path) -> None:
    bare = make_sample(Counter32(1), name="1.3.6.1.2.1.31.1.1.1.6.3")
    for sample in (bare, bare, make_sample(Counter32(2)), make_sample(Counter32(3))):
        await sink.write([make_poll(sample)])
    assert read(path, "SELECT name, number FROM samples") == [("ifHCInOctets", 3)]


@pytest.mark.parametrize("later", [60.0, -3600.0])
async def test_values_are_replaced_and_deleted_whatever_the_clock_does(
    sink: SqliteSink, path: Path, later: float
) -> None:
    await sink.write([make_poll(Counter32(1), Counter32(2)), make_poll(Counter32(5), at=NOON + later)])
    assert read(path, "SELECT idx, number, answered_at FROM samples") == [("1", 5, NOON + later)]


async def test_the_state_of_a_target_tells_its_last_poll_and_its_last_error(sink: SqliteSink, path: Path) -> None:
    query = "SELECT polled_at, succeeded_at, failing_jobs, failing_since, failed_at, error FROM state"
    job = "SELECT failures, error_type, samples FROM jobs"
    await sink.write([make_poll(Counter32(1))])
    assert read(path, query) == [(NOON, NOON, 0, None, None, None)]
    failed = [make_poll(at=NOON + later, error=ConnectFailed(f"no answer {later}")) for later in (60, 120)]
    await sink.write(failed)
    assert read(path, query) == [(NOON + 120, NOON, 1, NOON + 60, NOON + 120, "no answer 120")]
    assert read(path, job) == [(2, "ConnectFailed", 0)]
    await sink.write([make_poll(Counter32(1), at=NOON + 180, restarted=True)])
    assert read(path, query) == [(NOON + 180, NOON + 180, 0, None, NOON + 120, "no answer 120")]
    assert read(path, job) == [(0, "ConnectFailed", 1)]
    assert read(path, "SELECT restarted_at FROM jobs") == [NOON + 180]


async def test_a_poll_that_comes_again_changes_nothing(sink: SqliteSink, path: Path) -> None:
    polls = [make_poll(Counter32(1), error=ConnectFailed("no answer"))]
    await sink.write(polls)
    await sink.write(polls)
    assert read(path, "SELECT failures, (SELECT count(*) FROM samples) FROM jobs") == [(1, 1)]


async def test_what_a_file_has_stays_when_the_program_starts_again(path: Path) -> None:
    sink = SqliteSink(path)
    await sink.open()
    await sink.write([make_poll(Counter32(1), Counter32(2))])
    await sink.aclose()
    assert [each.name for each in path.parent.iterdir()] == ["snmp.db"]
    again = SqliteSink(path)
    await again.open()
    assert read(path, "SELECT count(*) FROM latest") == [2]
    await again.write([make_poll(Counter32(1), at=NOON + 60)])
    assert read(path, "SELECT count(*) FROM latest") == [1]
    await again.aclose()


async def test_targets_that_are_polled_no_more_stay_unless_they_are_to_be_forgotten(path: Path) -> None:
    sink = SqliteSink(path, forget_after=3600)
    await sink.open()
    other = make_target("switch-2")
    await sink.write([make_poll(Counter32(1)), make_poll(Counter32(1), target=other)])
    names = "SELECT DISTINCT target FROM latest ORDER BY 1"
    await sink.write([make_poll(at=NOON + 3000, target=other, error=ConnectFailed("no answer"))])
    assert read(path, names) == ["switch-1", "switch-2"]
    await sink.write([make_poll(Counter32(1), at=NOON + 3700, target=make_target("switch-3"))])
    assert read(path, names) == ["switch-2", "switch-3"]
    assert read(path, "SELECT count(*) FROM labels") == [0]
    await sink.write([make_poll(Counter32(1), at=NOON + 3701)])
    assert read(path, names) == ["switch-1", "switch-2", "switch-3"]
    await sink.aclose()


async def test_text_that_utf_8_cannot_encode_stops_no_batch(sink: SqliteSink, path: Path) -> None:
    odd = make_target("a\udcff", {"b\udcff": "\ud800"})
    await sink.write([make_poll(Counter32(1), target=odd, job="\udcff", error=ConnectFailed("\udcff"))])
    assert read(path, "SELECT target, job FROM latest") == [(r"a\udcff", r"\udcff")]


# ------------------------------------------------------------------------------------------ failures


async def test_a_batch_is_written_completely_or_not_at_all(sink: SqliteSink, path: Path) -> None:
    impossible: Any = object()
    broken = make_poll(make_sample(rate=impossible), job="b")
    with pytest.raises(OSError, match=r"cannot be used: Error binding parameter"):
        await sink.write([make_poll(Counter32(1)), broken])
    assert read(path, "SELECT count(*) FROM targets") == [0]
    await sink.write([make_poll(Counter32(1)), make_poll(job="b")])
    assert read(path, "SELECT (SELECT count(*) FROM samples), (SELECT count(*) FROM jobs)") == [(1, 2)]


async def test_a_full_disk_is_told_and_passes(sink: SqliteSink, path: Path) -> None:
    assert sink._file is not None
    database = sink._file.database
    await sink._run(lambda: database.execute("PRAGMA max_page_count = 12"))
    poll = make_poll(*[OctetString("x" * 60_000)])
    with pytest.raises(OSError, match=rf"^the database {path} cannot be used: the disk is full$"):
        await sink.write([poll])
    await sink._run(lambda: database.execute("PRAGMA max_page_count = 10000"))
    await sink.write([poll])
    assert read(path, "SELECT length(text) FROM latest") == [60_000]


async def test_a_file_that_another_program_has_locked_is_told_and_passes(sink: SqliteSink, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match=rf"^the database {path} cannot be used: another program has locked it$"):
            await sink.write([make_poll(Counter32(1))])
        other.execute("ROLLBACK")
        await sink.write([make_poll(Counter32(1))])


async def test_a_folder_that_is_deleted_is_told_and_the_file_is_made_again(sink: SqliteSink, path: Path) -> None:
    await sink.write([make_poll(Counter32(1))])
    shutil.rmtree(path.parent)
    with pytest.raises(OSError, match=rf"{path} cannot be used: it cannot be opened: does its folder exist"):
        await sink.write([make_poll(Counter32(1))])
    path.parent.mkdir()
    await sink.write([make_poll(Counter32(4))])
    assert read(path, "SELECT number FROM latest") == [4]


async def test_a_file_that_is_none_of_sqlite_is_refused_and_left_alone(path: Path) -> None:
    overwrite(path, "targets:\n- 192.0.2.1\n" * 100)
    sink = SqliteSink(path)
    with pytest.raises(
        ConfigurationError, match=rf"^{path} is not a SQLite database: give the sink a file of its own$"
    ):
        await sink.open()
    assert content(path) == "targets:\n- 192.0.2.1\n" * 100
    await sink.aclose()


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("CREATE TABLE a (b)", "is a SQLite database of another program: give the sink a file of its own"),
        ("PRAGMA user_version = 7", "has the tables of version 7 of this sink, not 1: move it away, and the sink"),
    ],
)
async def test_a_database_of_something_else_is_refused(path: Path, statement: str, text: str) -> None:
    sink = SqliteSink(path)
    if "user_version" in statement:
        await sink.open()
        await sink.aclose()
        sink = SqliteSink(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute(statement)
    with pytest.raises(ConfigurationError, match=f"^{path} {text}"):
        await sink.open()
    await sink.aclose()


async def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    sink = SqliteSink(tmp_path)
    with pytest.raises(OSError, match=rf"^the database {tmp_path} cannot be used: it is a folder$"):
        await sink.open()
    await sink.aclose()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"forget_after": 0}, "forget_after is a number of seconds above 0, not 0"),
        ({"timeout": -1}, "timeout is a number of seconds from 0 to 3600, not -1"),
    ],
)
def test_arguments_out_of_range_are_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{text}$"):
        SqliteSink("a.db", **options)


def test_arguments_of_a_wrong_type_are_refused() -> None:
    with pytest.raises(ArgumentTypeError, match=r"^path must be the name of a file \(str or Path\), not int$"):
        SqliteSink(5)  # type: ignore[arg-type]
