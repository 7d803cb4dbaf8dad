"""Sinks that append: however often a disk is full in the middle of a batch, each sample is there once."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pyarrow.dataset as ds
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp import Counter64
from snmptcp.fleet.sinks import NdjsonSink, ParquetSink, files
from tests.support.polls import NOON, make_poll

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snmptcp.fleet import Poll

#: A batch: for each poll the hour of its answers; and how many octets the disk takes, each time that it is written
#: before it has room again.
batches = st.tuples(st.lists(st.integers(0, 2), min_size=1, max_size=3), st.lists(st.integers(0, 1500), max_size=2))


def full_after(room: int) -> Any:
    """Return a disk with room for so many octets."""
    left = room

    def write_all(descriptor: int, octets: bytes) -> None:
        nonlocal left
        os.write(descriptor, octets[:left])
        if len(octets) > left:
            raise OSError(28, "No space left on device")
        left -= len(octets)

    return mock.patch.object(files, "write_all", write_all)


def refuses(sink: Any, polls: list[Poll], room: int) -> bool:
    """Write to a disk with so much room; return whether the sink has refused the batch."""
    with full_after(room):
        try:
            sink.write_now(polls)
        except OSError:
            return True
    return False


def in_ndjson(folder: Path) -> Iterator[int]:
    path = folder / "a.ndjson"
    for line in path.read_text().splitlines():
        yield json.loads(line)["value"]


def in_parquet(folder: Path) -> Iterator[int]:
    yield from ds.dataset(folder / "p", partitioning="hive", format="parquet").to_table()["counter"].to_pylist()


@pytest.mark.parametrize(
    ("make", "read"),
    [
        (lambda folder: NdjsonSink(folder / "a.ndjson"), in_ndjson),
        (lambda folder: ParquetSink(folder / "p", max_rows=4), in_parquet),
    ],
    ids=["NDJSON", "Parquet"],
)
@settings(max_examples=10)
@given(st.lists(batches, min_size=1, max_size=4))
def test_each_sample_is_there_once_however_often_the_disk_was_full(make: Any, read: Any, written: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        sink, number = make(Path(name)), 0
        sink.open_now()
        for hours, rooms in written:
            polls = []
            for hour in hours:
                number += 1
                polls.append(make_poll(Counter64(number), at=NOON + 3600 * hour))
            if all(refuses(sink, polls, room) for room in rooms):
                sink.write_now(polls)
        sink.close_now()
        assert sorted(read(Path(name))) == [*range(1, number + 1)]
