"""Files that sinks write: errors that name them, whether they are still there, and locks.

Contains: what several sinks need.  Does not contain: what is written.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("absolute", "create", "errors_about", "is_at", "lock", "replace", "unlock", "write_all")

_BINARY = getattr(os, "O_BINARY", 0)


def absolute(path: str | os.PathLike[str]) -> Path:
    """Return a path that stays the same when the program changes its folder.

    Raises:
        ConfigurationError: no file can have this name.
    """
    found = Path(path).absolute()
    if "\0" in str(found):
        raise ConfigurationError("the name of a file cannot have a NUL character")
    return found


@contextlib.contextmanager
def errors_about(what: str) -> Iterator[None]:
    """Make an error of the operating system tell what has failed, such as ``"the file a.prom cannot be written"``."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, f"{what}: {os.strerror(error.errno)}") from error


def is_at(path: Path, descriptor: int) -> bool:
    """Whether a path still leads to an open file: it does not when that was deleted, moved away or replaced."""
    try:
        found = path.stat()
    except OSError:
        return False
    return os.path.samestat(found, os.fstat(descriptor))


if sys.platform == "win32":

    def lock(descriptor: int, *, wait: bool = True) -> bool:  # noqa: ARG001 - as below
        """Do nothing: no other program can delete or rename a file that is open."""
        return True

    def unlock(descriptor: int) -> None:
        """Do nothing."""

else:
    import fcntl

    def lock(descriptor: int, *, wait: bool = True) -> bool:
        """Lock a file against other programs with a sink; return whether it is locked now.

        The lock ends with :func:`unlock`, when the file is closed, and when the program ends, however it ends.

        Args:
            descriptor: the open file.
            wait: whether to wait while another program has the lock.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True

    def unlock(descriptor: int) -> None:
        """End a lock."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def create(path: Path, flags: int = os.O_TRUNC) -> int:
    """Open a file for writing, which is made if need be; return its descriptor.

    Its mode is what the umask leaves: other users may read what a sink writes, as of any program's output.

    Args:
        path: the file.
        flags: more flags of :func:`os.open`.
    """
    return os.open(path, os.O_WRONLY | os.O_CREAT | _BINARY | flags, 0o666)


def write_all(descriptor: int, octets: bytes) -> None:
    """Write octets completely, unless an error comes between."""
    rest = memoryview(octets)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def replace(part: Path, path: Path) -> None:
    """Give a complete file its name, once what is in it is on the disk: readers see the old file or the new one."""
    _sync(part, os.O_RDWR | _BINARY)
    part.replace(path)
    if sys.platform != "win32":  # which opens no folders
        _sync(path.parent, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    """Wait until the content of a file or a folder is on the disk."""
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
