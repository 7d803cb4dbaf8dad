"""Whole lines, appended to a file, or written to a pipe or a stream.

Contains: the three ways to write a batch of lines.  Does not contain: what is in the lines.
"""

from __future__ import annotations

import io
import os
import select
import stat
import sys
from typing import TYPE_CHECKING, Any, Protocol

from snmptcp.fleet.sinks import files

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ("Lines", "open_file", "open_stream")

#: What a pipe takes at once without waiting, if it takes anything (PIPE_BUF of Linux and the BSDs; POSIX has 512).
_PIPE_BUF = getattr(select, "PIPE_BUF", 512)

#: How long a pipe is waited for before looking whether to stop, in milliseconds.
_PATIENCE = 200


class Lines(Protocol):
    """Where lines are written."""

    def write(self, lines: Sequence[bytes]) -> None:
        """Write whole lines, each with its newline.

        Raises:
            OSError: they are not written, or some are if what was written cannot be taken back.
        """

    def close(self) -> None:
        """Close what was opened here."""


def open_file(path: Path, closing: threading.Event) -> Lines:
    """Open a file to append to, or what else has a path: a named pipe, a device.

    Args:
        path: the file.
        closing: set to stop waiting for a reader that does not read.

    Raises:
        OSError: it cannot be opened.
    """
    with files.errors_about(f"samples cannot be written to {path}"):
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            return _Appended(path)
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            return _Appended(path)
        # Without O_NONBLOCK, opening a named pipe waits for a reader.
        descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
        os.set_blocking(descriptor, True)
        return _Piped(descriptor, str(path), closing, owned=True)


def open_stream(stream: Any, closing: threading.Event) -> Lines:
    """Return a way to write to a stream; ``"-"`` is standard output."""
    if stream == "-":
        stream = sys.stdout
    try:
        descriptor = stream.fileno()
        mode = os.fstat(descriptor).st_mode
    except (AttributeError, OSError):  # it has none; io.UnsupportedOperation is an OSError
        return _Stream(stream)
    if stat.S_ISREG(mode) or not hasattr(select, "poll"):
        return _Stream(stream)
    stream.flush()  # what the program has written comes first
    return _Piped(descriptor, str(getattr(stream, "name", stream)), closing, owned=False)


class _Appended:
    """A file that is appended to; a new one if it is moved away."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = self._open()

    def _open(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)

    def write(self, lines: Sequence[bytes]) -> None:
        with files.errors_about(f"samples cannot be written to {self._path}"):
            if not files.is_at(self._path, self._descriptor):
                opened = self._open()
                os.close(self._descriptor)
                self._descriptor = opened
            files.lock(self._descriptor)
            try:
                self._append(b"".join(lines))
            finally:
                files.unlock(self._descriptor)

    def _append(self, octets: bytes) -> None:
        """Append completely or not at all."""
        size = os.fstat(self._descriptor).st_size
        if size and self._ends_torn(size):
            octets = b"\n" + octets
        try:
            files.write_all(self._descriptor, octets)
        except OSError:
            os.ftruncate(self._descriptor, size)
            raise

    def _ends_torn(self, size: int) -> bool:
        """Whether the last line has no end, as after a power failure."""
        os.lseek(self._descriptor, size - 1, os.SEEK_SET)
        return os.read(self._descriptor, 1) != b"\n"

    def close(self) -> None:
        os.close(self._descriptor)


class _Piped:
    """A pipe, a terminal or a socket: its reader may be slow, or never read."""

    def __init__(self, descriptor: int, name: str, closing: threading.Event, *, owned: bool) -> None:
        self._descriptor = descriptor
        self._name = name
        self._closing = closing
        self._owned = owned

    def write(self, lines: Sequence[bytes]) -> None:
        with files.errors_about(f"samples cannot be written to {self._name}"):
            for chunk in _chunks(lines):
                self._wait()
                files.write_all(self._descriptor, chunk)

    def _wait(self) -> None:
        """Wait until the reader has made room.

        Raises:
            TimeoutError: it has not, and the sink is closed.
        """
        if not hasattr(select, "poll"):
            return
        poller = select.poll()
        poller.register(self._descriptor, select.POLLOUT)
        while not poller.poll(_PATIENCE):
            if self._closing.is_set():
                raise TimeoutError(f"samples cannot be written to {self._name}: its reader does not read")

    def close(self) -> None:
        if self._owned:
            os.close(self._descriptor)


def _chunks(lines: Sequence[bytes]) -> Iterator[bytes]:
    """Join lines to chunks that a pipe takes at once; a longer line is in several."""
    chunk: list[bytes] = []
    size = 0
    for line in lines:
        if size + len(line) > _PIPE_BUF and chunk:
            yield b"".join(chunk)
            chunk, size = [], 0
        while len(line) > _PIPE_BUF:
            yield line[:_PIPE_BUF]
            line = line[_PIPE_BUF:]  # noqa: PLW2901 - what is left of it
        chunk.append(line)
        size += len(line)
    if chunk:
        yield b"".join(chunk)


class _Stream:
    """A stream of the program."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, lines: Sequence[bytes]) -> None:
        octets = b"".join(lines)
        with files.errors_about(f"samples cannot be written to {getattr(self._stream, 'name', self._stream)}"):
            self._stream.write(octets.decode("ascii") if isinstance(self._stream, io.TextIOBase) else octets)
            self._stream.flush()

    def close(self) -> None:
        """Leave it open; it is the program's."""
