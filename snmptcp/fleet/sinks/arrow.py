"""Samples as Arrow record batches, the journal that keeps them, and the Parquet file that is made of it.

Contains: everything that needs pyarrow; only :mod:`snmptcp.fleet.sinks.parquet` imports it.  Does not contain: folders,
and when a file is complete.
"""

from __future__ import annotations

import io
import itertools
import os
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from snmptcp.fleet.sinks import files
from snmptcp.fleet.sinks.columns import encodable, encodable_labels, value_columns
from snmptcp.values import Counter32, Counter64

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from snmptcp.fleet.sample import Sample

__all__ = ("SCHEMA", "Journal", "make_batch", "write_parquet")

_MOMENT = pa.timestamp("us", tz="UTC")
_LABELS = pa.map_(pa.string(), pa.string())

#: The columns of the files.
SCHEMA = pa.schema(
    [
        pa.field("time", _MOMENT, nullable=False),
        pa.field("target", pa.string(), nullable=False),
        pa.field("host", pa.string(), nullable=False),
        pa.field("labels", _LABELS, nullable=False),
        pa.field("job", pa.string(), nullable=False),
        pa.field("oid", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("index", pa.string(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("number", pa.float64()),
        pa.field("counter", pa.uint64()),
        pa.field("text", pa.string()),
        pa.field("octets", pa.binary()),
        pa.field("rate", pa.float64()),
        pa.field("requested_at", _MOMENT, nullable=False),
    ]
)

#: Rows of a row group, at least, but for the last one: what a reader takes into memory at once.
_ROW_GROUP = 131_072


def make_batch(samples: Sequence[Sample]) -> Any:
    """Return samples as a record batch with the columns of :data:`SCHEMA`."""
    cells = [_cells(sample) for sample in samples]
    type_, number, counter, text, octets = zip(*cells, strict=True) if cells else ((),) * 5
    columns: dict[str, Any] = {
        "time": [_microseconds(sample.answered_at) for sample in samples],
        "target": [encodable(sample.target.name) for sample in samples],
        "host": [encodable(sample.target.host) for sample in samples],
        "labels": _labels_of(samples),
        "job": [encodable(sample.job) for sample in samples],
        "oid": [str(sample.oid) for sample in samples],
        "name": [encodable(sample.name) for sample in samples],
        "index": [encodable(sample.index) for sample in samples],
        "type": type_,
        "number": number,
        "counter": counter,
        "text": text,
        "octets": octets,
        "rate": [sample.rate for sample in samples],
        "requested_at": [_microseconds(sample.requested_at) for sample in samples],
    }
    return pa.record_batch([_array(columns[field.name], field.type) for field in SCHEMA], schema=SCHEMA)


def _cells(sample: Sample) -> tuple[str, float | None, int | None, str | None, bytes | None]:
    kind, number, text, octets = value_columns(sample.value)
    if number is None:
        return kind, None, None, text, octets
    counter = int(number) if isinstance(sample.value, Counter32 | Counter64) else None
    return kind, float(number), counter, None if text == str(number) else text, octets


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000)


def _array(values: Any, kind: Any) -> Any:
    return values if isinstance(values, pa.Array) else pa.array(values, kind)


def _labels_of(samples: Sequence[Sample]) -> Any:
    """Return the labels of each sample; those of a target are converted once."""
    targets = {id(sample.target): sample.target for sample in samples}
    places = {identity: place for place, identity in enumerate(targets)}
    maps = pa.array([list(encodable_labels(target.labels).items()) for target in targets.values()], _LABELS)
    return maps.take(pa.array([places[id(sample.target)] for sample in samples], pa.int64()))


# --------------------------------------------------------------------------------------- the journal


class Journal:
    """A file to which record batches are appended, and which can be read after a crash: an Arrow IPC stream.

    A Parquet file can be read only once it is complete, so samples wait here until theirs is.

    Args:
        path: the file, which must not exist.  It is locked as long as it is open.
        window: what the owner knows it by.
        opened_at: when it was made.

    Raises:
        OSError: it cannot be made.

    Attributes:
        rows: how many rows are in it.
    """

    def __init__(self, path: Path, window: int, opened_at: float) -> None:
        self.path = path
        self.window = window
        self.opened_at = opened_at
        self.rows = 0
        self._size = 0
        self._buffer = io.BytesIO()
        self._writer = pa.ipc.new_stream(self._buffer, SCHEMA, options=pa.ipc.IpcWriteOptions(compression="lz4"))
        self._descriptor = files.create(path, os.O_EXCL)
        try:
            files.lock(self._descriptor)
            self.append(self.encode(make_batch([])), 0)  # the schema comes with the first batch
        except BaseException:
            self.close()
            path.unlink(missing_ok=True)
            raise

    def encode(self, batch: Any) -> bytes:
        """Return a batch as :meth:`append` takes it."""
        self._writer.write_batch(batch)
        octets = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return octets

    def append(self, octets: bytes, rows: int) -> None:
        """Append a batch completely or not at all.

        Raises:
            OSError: it cannot be written.
        """
        try:
            os.lseek(self._descriptor, self._size, os.SEEK_SET)
            files.write_all(self._descriptor, octets)
        except OSError:
            self._cut()
            raise
        self._size += len(octets)
        self.rows += rows

    def take_back(self, octets: bytes, rows: int) -> None:
        """Take back the batch that was appended last."""
        self._size -= len(octets)
        self.rows -= rows
        self._cut()

    def _cut(self) -> None:
        os.ftruncate(self._descriptor, self._size)

    def is_there(self) -> bool:
        """Whether the file is still at its path."""
        return files.is_at(self.path, self._descriptor)

    def close(self) -> None:
        """Close the file, which stays."""
        os.close(self._descriptor)


def _batches_in(journal: Path) -> Iterator[Any]:
    """Return the batches of a journal; what is behind a batch that a crash has torn cannot be read."""
    with pa.OSFile(str(journal)) as file:
        try:
            reader = pa.ipc.open_stream(file)
            if reader.schema != SCHEMA:
                return
            while True:
                batch = reader.read_next_batch()
                batch.validate(full=True)
                yield batch
        except (StopIteration, pa.ArrowException, OSError, EOFError):
            return


def write_parquet(journal: Path, path: Path, part: Path) -> int:
    """Make a Parquet file of a journal.

    Args:
        journal: the journal.
        path: the file.
        part: what it is called until it is complete.

    Returns:
        The number of rows; there is no file if it is 0.

    Raises:
        OSError: the file cannot be written.
    """
    groups = _groups(_batches_in(journal))
    first = next(groups, None)
    if first is None:
        return 0
    try:
        with pq.ParquetWriter(str(part), SCHEMA, compression="zstd") as writer:
            rows = sum(_write_group(writer, table) for table in itertools.chain([first], groups))
        files.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)  # it may take the room that is missing
        raise
    return rows


def _write_group(writer: Any, table: Any) -> int:
    """Write a table as one row group; return its number of rows."""
    writer.write_table(table, row_group_size=table.num_rows)
    rows: int = table.num_rows
    return rows


def _groups(batches: Iterable[Any]) -> Iterator[Any]:
    """Join batches to tables that are large enough for a row group."""
    waiting: list[Any] = []
    rows = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= _ROW_GROUP:
            yield pa.Table.from_batches(waiting, SCHEMA)
            waiting, rows = [], 0
    if waiting:
        yield pa.Table.from_batches(waiting, SCHEMA)
