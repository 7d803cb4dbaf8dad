"""The Parquet sink: which files there are, when, and after which accidents."""

from __future__ import annotations

import importlib
import os
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds
import pytest

from snmptcp import Counter64
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.sinks import ParquetSink, arrow, files
from tests.support.files import make_folder
from tests.support.polls import NOON, make_poll, make_sample

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

HOUR = 3600


class Clocked(ParquetSink):
    """A sink whose time of day a test sets."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, **options)
        self.time = NOON
        self._now = lambda: self.time

    def die(self) -> None:
        """End as by kill -9: nothing is finished, and the locks are gone."""
        for journal in self._journals.values():
            journal.close()
        self._journals.clear()
        self._complete.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "samples"


def files_in(folder: Path) -> list[str]:
    """Return the Parquet files, with their random parts cut off, and everything else."""
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return [name[:-17] if name.endswith(".parquet") else name for name in found]


def counters_in(folder: Path) -> list[int]:
    """Return the counters in all files, as a reader of the folder sees them."""
    table = ds.dataset(folder, partitioning="hive", format="parquet").to_table()
    return sorted(table["counter"].to_pylist()) if table.num_rows else []


async def test_a_file_appears_a_minute_after_its_hour_has_ended(folder: Path) -> None:
    sink = Clocked(folder)
    await sink.open()
    await sink.write([make_poll(Counter64(1), at=NOON + 1)])
    sink.time = NOON + HOUR + 59.9
    sink.tick_now()
    assert counters_in(folder) == []
    sink.time = NOON + HOUR + 60
    sink.tick_now()
    assert files_in(folder) == ["day=2026-11-29/hour=12/snmptcp-20261129T120000Z"]
    assert counters_in(folder) == [1]
    await sink.aclose()
    assert counters_in(folder) == [1]


async def test_samples_are_in_the_file_of_the_time_when_they_were_answered(folder: Path) -> None:
    sink = Clocked(folder)
    await sink.open()
    before, after = (make_sample(Counter64(number), at=NOON + number) for number in (HOUR - 1, HOUR))
    await sink.write([make_poll(before, after, at=NOON + HOUR)])
    await sink.aclose()
    assert files_in(folder) == [f"day=2026-11-29/hour={hour}/snmptcp-20261129T{hour}0000Z" for hour in (12, 13)]
    table = ds.dataset(folder, partitioning="hive").to_table(filter=ds.field("hour") == 13)
    assert table["counter"].to_pylist() == [HOUR]


@pytest.mark.parametrize(
    ("rotate", "names"),
    [
        (86400, ["day=2026-11-29/snmptcp-20261129T000000Z"]),
        (21600, ["day=2026-11-29/snmptcp-20261129T120000Z"]),
        (
            900,
            [
                "day=2026-11-29/hour=12/snmptcp-20261129T121500Z",
                "day=2026-11-29/hour=12/snmptcp-20261129T123000Z",
            ],
        ),
    ],
)
async def test_files_are_for_a_part_of_an_hour_an_hour_or_several(folder: Path, rotate: int, names: list[str]) -> None:
    sink = Clocked(folder, rotate=rotate)
    await sink.open()
    await sink.write([make_poll(Counter64(1), at=NOON + 1000), make_poll(Counter64(2), at=NOON + 1800)])
    await sink.aclose()
    assert files_in(folder) == names
    assert counters_in(folder) == [1, 2]


async def test_samples_that_are_very_late_are_gathered_in_a_file_of_their_own(folder: Path) -> None:
    sink = Clocked(folder)
    await sink.open()
    sink.time = NOON + 2 * HOUR
    for number in (1, 2):
        await sink.write([make_poll(Counter64(number), at=NOON)])
        sink.time += 30
    sink.tick_now()
    assert files_in(folder) == ["day=2026-11-29/hour=12/snmptcp-20261129T120000Z"]
    assert counters_in(folder) == [1, 2]
    await sink.aclose()


async def test_a_file_has_no_more_rows_than_it_may(folder: Path) -> None:
    sink = Clocked(folder, max_rows=2)
    await sink.open()
    for number in range(5):
        await sink.write([make_poll(Counter64(number))])
    await sink.aclose()
    assert files_in(folder) == ["day=2026-11-29/hour=12/snmptcp-20261129T120000Z"] * 3
    assert counters_in(folder) == [0, 1, 2, 3, 4]


async def test_readers_see_only_whole_files_and_never_a_journal(folder: Path) -> None:
    sink = Clocked(folder, max_rows=2)
    await sink.open()
    for number in range(3):
        await sink.write([make_poll(Counter64(number))])
    assert counters_in(folder) == [0, 1]
    journal = files_in(folder)[0]
    assert journal.startswith(".open/day=2026-11-29+hour=12+snmptcp-20261129T120000Z-")
    await sink.aclose()


async def test_after_kill_9_the_samples_are_there_when_a_sink_starts_again(folder: Path) -> None:
    killed = Clocked(folder)
    await killed.open()
    await killed.write([make_poll(Counter64(1), at=NOON)])
    await killed.write([make_poll(Counter64(2), at=NOON + HOUR)])
    await killed._run(killed.die)
    assert killed._ticking is not None
    killed._ticking.cancel()

    again = Clocked(folder)
    await again.open()
    await again.write([make_poll(Counter64(3))])
    assert counters_in(folder) == [1, 2]
    await again.aclose()
    assert counters_in(folder) == [1, 2, 3]
    assert len(files_in(folder)) == 3


async def test_a_crash_between_the_file_and_the_end_of_its_journal_makes_no_doubles(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = Clocked(folder)
    await sink.open()
    await sink.write([make_poll(Counter64(1))])
    (journal,) = (folder / ".open").iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(type(journal), "unlink", lambda path: os.kill)  # the crash: it stays
        await sink.aclose()
    assert journal.exists()
    again = Clocked(folder)
    await again.open()
    await again.aclose()
    assert not journal.exists()
    assert counters_in(folder) == [1]


async def test_the_journal_of_another_program_that_runs_is_left_alone(folder: Path) -> None:
    one, two = Clocked(folder), Clocked(folder)
    await one.open()
    await one.write([make_poll(Counter64(1))])
    await two.open()
    await two.write([make_poll(Counter64(2))])
    await two.aclose()
    assert counters_in(folder) == [2]
    await one.write([make_poll(Counter64(3))])
    await one.aclose()
    assert counters_in(folder) == [1, 2, 3]


# ------------------------------------------------------------------------------------------ failures


async def test_a_batch_is_written_to_all_its_files_or_to_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = Clocked(folder)
    await sink.open()
    batch = [make_poll(Counter64(1)), make_poll(Counter64(2), at=NOON + HOUR)]
    append, calls = arrow.Journal.append, iter((False, False, False, True))  # two headers, a batch, and a failure

    def fail_in_the_end(journal: arrow.Journal, octets: bytes, rows: int) -> None:
        if next(calls):
            raise OSError(28, "No space left on device")
        append(journal, octets, rows)

    with monkeypatch.context() as patch:
        patch.setattr(arrow.Journal, "append", fail_in_the_end)
        with pytest.raises(OSError, match=f"Parquet files cannot be written to {folder}: No space left on device$"):
            await sink.write(batch)
    await sink.write(batch)
    await sink.aclose()
    assert counters_in(folder) == [1, 2]


async def test_a_file_that_cannot_be_finished_stops_the_writing_and_is_tried_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = Clocked(folder, max_rows=1)
    await sink.open()
    await sink.write([make_poll(Counter64(1))])

    def fail(part: Path, path: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "replace", fail)
        with pytest.raises(OSError, match=rf"the Parquet file of {folder}/.open/\S+ cannot be written: No space left"):
            await sink.write([make_poll(Counter64(2))])
    await sink.write([make_poll(Counter64(2))])
    await sink.aclose()
    assert counters_in(folder) == [1, 2]


async def test_a_folder_that_is_deleted_is_told_and_not_made_again(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sink = Clocked(folder)
    await sink.open()
    await sink.write([make_poll(Counter64(1))])
    shutil.rmtree(folder)
    for _ in range(2):
        with pytest.raises(FileNotFoundError, match=f"Parquet files cannot be written to {folder}: No such file"):
            await sink.write([make_poll(Counter64(2))])
    assert len(caplog.messages) == 1
    assert "the samples in" in caplog.text
    make_folder(folder)
    await sink.write([make_poll(Counter64(2))])
    await sink.aclose()
    assert counters_in(folder) == [2]


async def test_a_clock_that_jumps_does_not_keep_files_open(folder: Path) -> None:
    sink = Clocked(folder)
    await sink.open()
    await sink.write([make_poll(Counter64(number), at=NOON + number * HOUR) for number in range(12)])
    sink.tick_now()
    assert len([name for name in files_in(folder) if name.startswith(".open")]) == 8
    await sink.aclose()
    assert counters_in(folder) == [*range(12)]


async def test_a_folder_that_cannot_be_made_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder, error in ((tmp_path / "no" / "samples", FileNotFoundError), (tmp_path / "file", FileExistsError)):
        sink = ParquetSink(folder)
        with pytest.raises(error, match=f"Parquet files cannot be written to {folder}: "):
            await sink.open()
        await sink.aclose()


def test_without_pyarrow_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def fail(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", fail)
    with pytest.raises(ConfigurationError, match=r"^ParquetSink needs pyarrow: pip install 'snmptcp\[parquet\]'$"):
        ParquetSink(folder)


@pytest.mark.parametrize("rotate", [0, 59, 61, 7000, 5 * HOUR, 90000, -3600])
def test_files_whose_times_do_not_divide_a_day_are_refused(folder: Path, rotate: int) -> None:
    with pytest.raises(
        ConfigurationError, match=f"^rotate is a number of seconds that divides an hour, .* not {rotate}$"
    ):
        ParquetSink(folder, rotate=rotate)


def test_a_file_has_room_for_a_row(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="^max_rows is a number from 1 on, not 0$"):
        ParquetSink(folder, max_rows=0)
