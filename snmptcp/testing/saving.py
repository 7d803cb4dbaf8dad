"""Writes recordings in snmpsim's format, compressed or not.

Contains: writing a file whole or not at all.
Does not contain: the lines (:mod:`~snmptcp.testing.snmprec`).
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from snmptcp.testing.mib import Mib
from snmptcp.testing.snmprec import format_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

    from snmptcp.oid import OID
    from snmptcp.testing.mib import Variables
    from snmptcp.values import Value

__all__ = ("RecordingWriter", "save_recording")

#: Writers by the end of a file's name.
_COMPRESSIONS: dict[str, Callable[[BinaryIO], BinaryIO]] = {
    ".gz": lambda file: cast("BinaryIO", gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0)),
    ".bz2": lambda file: cast("BinaryIO", bz2.BZ2File(file, "wb")),
    ".xz": lambda file: cast("BinaryIO", lzma.LZMAFile(file, "wb")),  # noqa: SIM115 - closed by the writer
}


def save_recording(path: str | os.PathLike[str], variables: Variables) -> None:
    """Write a recording in snmpsim's format; :func:`load_recording` reads it.

    A file of that name is replaced when the new one is complete; a device or a pipe is written to.

    Args:
        path: the file; the end ``.gz``, ``.bz2`` or ``.xz`` of its name compresses it.
        variables: a :class:`~snmptcp.testing.Mib`, the argument of one, or variable bindings.  Getters are called once.

    Raises:
        ConfigurationError: SNMP cannot carry a name or a value.
        OSError: the file cannot be written.
    """
    mib = variables if isinstance(variables, Mib) else Mib(variables)
    with RecordingWriter(path) as writer:
        for oid in mib:
            writer.write(oid, mib.read(oid))


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let an OSError name the file: one of a full disk does not."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = os.fspath(path)
        raise


class RecordingWriter:
    """Writes a recording variable by variable; the file has its name when it is closed.

    A link stays one: the file that it names is replaced.  A device or a pipe is written to, and not replaced.

    If an exception ends it, the file has the variables so far, and a comment that tells why; without any variable there
    is no file.

    Args:
        path: as for :func:`save_recording`.

    Attributes:
        count: how many variables were written.
        replaces: whether the file appears when it is complete; ``False`` for a device or a pipe.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.count = 0
        self._path = Path(path)
        self.replaces = self._path.is_file() or not self._path.exists()
        if self.replaces:
            self._path = self._path.resolve()
        self._unfinished = self._path.with_name(f".{self._path.name}.{os.getpid()}") if self.replaces else self._path
        self._file: BinaryIO = self._unfinished.open("wb")
        compression = _COMPRESSIONS.get(Path(path).suffix.lower())
        self._stream = self._file if compression is None else compression(self._file)

    def write(self, oid: OID, value: Value) -> None:
        """Add a variable."""
        with _named(self._path):
            self._stream.write(f"{format_record(oid, value)}\n".encode("ascii"))
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            with _named(self._path):
                self._finish(exc_type, exc)
        finally:
            with contextlib.suppress(OSError):  # what it has buffered cannot be written: told above
                self._file.close()
            if self.replaces:
                self._unfinished.unlink(missing_ok=True)

    def _finish(self, exc_type: type[BaseException] | None, exc: BaseException | None) -> None:
        if exc_type is not None and self.count:
            interrupted = issubclass(exc_type, (KeyboardInterrupt, SystemExit))
            reason = "interrupted" if interrupted else ascii(str(exc) or exc_type.__name__)[1:-1]
            self._stream.write(f"# incomplete: {reason}\n".encode("ascii"))
        if self._stream is not self._file:
            self._stream.close()
        self._file.close()
        if self.replaces and (exc_type is None or self.count):
            with contextlib.suppress(OSError):  # there is no old file, or it belongs to somebody else
                shutil.copymode(self._path, self._unfinished)
            self._unfinished.replace(self._path)
