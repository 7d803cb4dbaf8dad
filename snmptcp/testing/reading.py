"""Files of recordings as lines of octets: compressed or not, in UTF-8, UTF-16 or anything else.

Contains: opening, decompression, byte order marks, progress.
Does not contain: what the lines say (:mod:`~snmptcp.testing.recording`).
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import importlib
import io
import lzma
import os
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, TypeAlias, Union, cast

from snmptcp.arguments import Kind, wrong_type
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("FAILURES", "Progress", "RecordingSource", "lines_of")

#: A file's path, an open file (binary or text), or lines.
RecordingSource: TypeAlias = Union[str, "os.PathLike[str]", BinaryIO, TextIO, Iterable[str]]

#: Takes the octets of the file that have been read, and the size of the file; 0 if it is unknown.
Progress: TypeAlias = Callable[[int, int], None]

#: How many lines are read between two calls of :data:`Progress`.
LINES_PER_STEP = 10_000

#: What decompression raises about broken files, besides OSError.
FAILURES = (EOFError, lzma.LZMAError)

_LINES = Kind(
    "a path, an open file, or lines",
    lambda value: isinstance(value, Iterable) and not isinstance(value, bytes | bytearray),
)

_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def _open_zstd(file: BinaryIO) -> BinaryIO:
    """Return a reader of Zstandard; it is in the standard library since Python 3.14."""
    try:
        zstd = importlib.import_module("compression.zstd")
    except ImportError:
        raise ConfigurationError("Zstandard needs Python 3.14; decompress the file before") from None
    return cast("BinaryIO", zstd.ZstdFile(file))


#: Readers by the first octets of a file.
_COMPRESSIONS: tuple[tuple[bytes, Callable[[BinaryIO], BinaryIO]], ...] = (
    (b"\x1f\x8b", lambda file: cast("BinaryIO", gzip.GzipFile(fileobj=file, mode="rb"))),
    (b"BZh", lambda file: cast("BinaryIO", bz2.BZ2File(file))),
    (b"\xfd7zXZ\0", lambda file: cast("BinaryIO", lzma.LZMAFile(file))),  # noqa: SIM115 - closed with the file
    (b"\x28\xb5\x2f\xfd", _open_zstd),
)


@contextmanager
def lines_of(source: RecordingSource, progress: Progress | None = None) -> Iterator[Iterator[bytes]]:
    """Give the lines of a recording, with their line ends.

    Lines end at line feeds only: a string may contain other line ends.

    Args:
        source: a path, an open file, or lines.
        progress: called now and then.

    Raises:
        OSError: the file cannot be read.
        ConfigurationError: it needs a decompressor that is missing.
        ArgumentTypeError: the source is something else, such as the contents of a file.
    """
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        with path.open("rb") as file:
            yield _lines(file, progress, path.stat().st_size)
    elif isinstance(source, (io.RawIOBase, io.BufferedIOBase)) or (
        not isinstance(source, (io.TextIOBase, Iterable)) and hasattr(source, "read")
    ):
        buffered: Any = io.BufferedReader(cast("io.RawIOBase", source))
        try:
            yield _lines(buffered, progress, 0)
        finally:
            buffered.detach()  # the file is not ours to close
    elif not _LINES.accepts(source):
        raise wrong_type("the recording", _LINES.text, source)
    else:
        # A list of lines may have line ends or not; a string with a line feed inside is one line, as before.
        yield (_octets(line) for line in cast("Iterable[str | bytes]", source))


def _octets(line: str | bytes) -> bytes:
    return line.encode("utf-8", "surrogateescape") if isinstance(line, str) else line


def _lines(file: io.BufferedReader, progress: Progress | None, size: int) -> Iterator[bytes]:
    start = file.peek(8)[:8]
    inner: BinaryIO = file
    for magic, reader in _COMPRESSIONS:
        if start.startswith(magic):
            inner = cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", reader(file)), 1 << 16))
            break
    lines = _decoded(inner)
    return lines if progress is None else _with_progress(lines, file, progress, size)


def _decoded(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines without a byte order mark; UTF-16 becomes UTF-8."""
    first = file.readline()
    encoding = _UTF_16.get(first[:2])
    if encoding is not None:
        text = (first + file.read())[2:].decode(encoding, "replace")
        yield from io.BytesIO(text.encode("utf-8", "replace"))
        return
    if first:
        yield first.removeprefix(codecs.BOM_UTF8)
    yield from file


def _with_progress(lines: Iterator[bytes], file: BinaryIO, progress: Progress, size: int) -> Iterator[bytes]:
    for number, line in enumerate(lines, 1):
        if number % LINES_PER_STEP == 0:
            progress(file.tell(), size)
        yield line
    progress(size, size)
