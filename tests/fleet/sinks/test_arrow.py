"""Samples as record batches, and the journal that survives what comes in between."""

from __future__ import annotations

import datetime as dt
import os
import struct
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from snmptcp import OID, Counter32, Counter64, Integer32, IpAddress, NoSuchObject, OctetString, Opaque
from snmptcp.fleet.sinks import arrow, files
from snmptcp.mib.values import named_value
from tests.support.polls import NOON, make_sample, make_target

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)


def rows_of(*samples: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = arrow.make_batch(samples).to_pylist()
    return rows


def test_a_sample_is_a_row_with_these_columns() -> None:
    assert rows_of(make_sample(Counter64(2**64 - 1), rate=2.5)) == [
        {
            "time": NOW,
            "target": "switch-1",
            "host": "192.0.2.1",
            "labels": [("site", "Lyon")],
            "job": "interfaces",
            "oid": "1.3.6.1.2.1.31.1.1.1.6.3",
            "name": "ifHCInOctets",
            "index": "3",
            "type": "Counter64",
            "number": 2.0**64,
            "counter": 2**64 - 1,
            "text": None,
            "octets": None,
            "rate": 2.5,
            "requested_at": NOW - dt.timedelta(seconds=0.25),
        }
    ]


@pytest.mark.parametrize(
    ("value", "cells"),
    [
        (Counter32(5), (5.0, 5, None, None)),
        (Integer32(-5), (-5.0, None, None, None)),
        (named_value(None, Integer32(2), "down"), (2.0, None, "down", None)),
        (OctetString("text"), (None, None, "text", None)),
        (OctetString(b"\0\xff"), (None, None, "0x00ff", b"\0\xff")),
        (Opaque(b"\x9f\x79\x08" + struct.pack(">d", 0.25)), (0.25, None, None, b"\x9f\x79\x08?\xd0\0\0\0\0\0\0")),
        (IpAddress("192.0.2.1"), (None, None, "192.0.2.1", None)),
        (OID("1.3.6"), (None, None, "1.3.6", None)),
        (NoSuchObject(), (None, None, None, None)),
        (named_value(None, OctetString(b"\xff"), "\udcff"), (None, None, r"\udcff", b"\xff")),
    ],
)
def test_every_value_fits_into_the_columns(value: Any, cells: object) -> None:
    (row,) = rows_of(make_sample(value))
    assert (row["number"], row["counter"], row["text"], row["octets"]) == cells


def test_samples_of_several_targets_have_the_labels_of_theirs() -> None:
    targets = [make_target("a", {"x": "1"}), make_target("b"), make_target("c\udcff", {"y": "\udcff", "w": ""})]
    rows = rows_of(*(make_sample(target=target) for target in (*targets, targets[0])))
    assert [row["labels"] for row in rows] == [[("x", "1")], [], [("w", ""), ("y", r"\udcff")], [("x", "1")]]


# --------------------------------------------------------------------------------------- the journal


def add(journal: arrow.Journal, *numbers: int) -> bytes:
    """Append a batch of counters; return its octets."""
    octets = journal.encode(arrow.make_batch([make_sample(Counter64(number)) for number in numbers]))
    journal.append(octets, len(numbers))
    return octets


def counters_of(journal: Path, folder: Path) -> list[int]:
    """Return the counters in the Parquet file that a journal becomes."""
    path = folder / "a.parquet"
    rows = arrow.write_parquet(journal, path, folder / ".a.part")
    assert not (folder / ".a.part").exists()
    if not rows:
        assert not path.exists()
        return []
    counters: list[int] = pq.read_table(path)["counter"].to_pylist()
    assert len(counters) == rows
    return counters


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.arrows"


def test_a_journal_becomes_a_parquet_file_with_all_columns(path: Path, tmp_path: Path) -> None:
    with closing(arrow.Journal(path, 1, NOON)) as journal:
        add(journal, 1, 2)
        add(journal, 3)
        assert (journal.rows, journal.window, journal.opened_at) == (3, 1, NOON)
    assert counters_of(path, tmp_path) == [1, 2, 3]
    file = pq.ParquetFile(tmp_path / "a.parquet")
    assert file.schema_arrow.equals(arrow.SCHEMA)
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    file.close()


def test_a_journal_without_rows_becomes_no_file(path: Path, tmp_path: Path) -> None:
    arrow.Journal(path, 1, NOON).close()
    assert counters_of(path, tmp_path) == []
    for content in (b"", b"\0" * 100, b"no journal at all", os.urandom(300)):
        path.write_bytes(content)
        assert counters_of(path, tmp_path) == []


@pytest.mark.parametrize("torn", [1, 100, 700])
def test_of_a_journal_that_was_torn_the_whole_batches_are_kept(path: Path, tmp_path: Path, torn: int) -> None:
    with closing(arrow.Journal(path, 1, NOON)) as journal:
        add(journal, 1, 2)
        add(journal, 3)
    os.truncate(path, path.stat().st_size - torn)
    assert counters_of(path, tmp_path) == [1, 2]


def test_a_batch_that_does_not_fit_on_the_disk_is_not_there(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_the_disk(descriptor: int, octets: bytes) -> None:
        os.write(descriptor, octets[:50])
        raise OSError(28, "No space left on device")

    with closing(arrow.Journal(path, 1, NOON)) as journal:
        add(journal, 1)
        with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
            patch.setattr(files, "write_all", fill_the_disk)
            add(journal, 2)
        journal.take_back(add(journal, 3), 1)
        add(journal, 4)
        assert journal.rows == 2
    assert counters_of(path, tmp_path) == [1, 4]


def test_a_journal_never_overwrites_a_file(path: Path) -> None:
    path.write_bytes(b"another")
    with pytest.raises(FileExistsError):
        arrow.Journal(path, 1, NOON)
    assert path.read_bytes() == b"another"


def test_a_journal_that_cannot_be_begun_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int, octets: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_all", fail)
    with pytest.raises(OSError, match="No space left"):
        arrow.Journal(path, 1, NOON)
    assert not path.exists()


def test_a_parquet_file_that_does_not_fit_on_the_disk_leaves_nothing(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(arrow.Journal(path, 1, NOON)) as journal:
        add(journal, 1)

    def fail(part: Path, path: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(files, "replace", fail)
        arrow.write_parquet(path, tmp_path / "a.parquet", tmp_path / ".a.part")
    assert [each.name for each in tmp_path.iterdir()] == ["a.arrows"]
    assert counters_of(path, tmp_path) == [1]


def test_small_batches_become_large_row_groups(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "_ROW_GROUP", 4)
    with closing(arrow.Journal(path, 1, NOON)) as journal:
        for number in range(5):
            add(journal, number, number)
    assert counters_of(path, tmp_path) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    metadata = pq.read_metadata(tmp_path / "a.parquet")
    assert [metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)] == [4, 4, 2]


def test_the_schema_is_that_of_the_documentation() -> None:
    """Programs of others read it: columns may be added, but neither removed nor changed."""
    assert [f"{field.name} {field.type}" for field in arrow.SCHEMA if not pa.types.is_string(field.type)] == [
        "time timestamp[us, tz=UTC]",
        "labels map<string, string>",
        "number double",
        "counter uint64",
        "octets binary",
        "rate double",
        "requested_at timestamp[us, tz=UTC]",
    ]
