"""The file with an engine's ID and its number of starts (RFC 3414 section 2.2).

Contains: reading, locking and replacing that file.  Does not contain: the use of boots
(:mod:`snmptcp.security.authority`).

If an authoritative engine forgets its boots, peers refuse it, or accept old messages as new.  So the new number is on
the disk before the first message leaves, a file that cannot be read is an error, and two starts never get the same
number.

The temporary file is also the lock: a start opens and locks it, reads the engine file, writes the temporary file, and
renames it to the engine file.  So no lock file stays.  If a process is killed meanwhile, the system releases the lock,
and the next start uses up the temporary file that is left.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.cautions import caution_about_file
from snmptcp.errors import ConfigurationError
from snmptcp.security.authority import check_boots, random_engine_id
from snmptcp.security.engine_clock import MAX_BOOTS, check_engine_id

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("EngineIdentity", "start_engine")

#: How long to wait for another start that has the lock, in seconds; a start holds it for some milliseconds.
LOCK_TIMEOUT = 10.0

#: The longest engine file, in octets; an honest one has about 100.
_MAX_SIZE = 4096

#: How long to wait between two attempts to take the lock, in seconds.
_LOCK_INTERVAL = 0.02


class EngineIdentity(NamedTuple):
    """An engine and its number of starts.

    Attributes:
        engine_id: snmpEngineID.
        boots: snmpEngineBoots, this start included.
    """

    engine_id: bytes
    boots: int


def start_engine(path: str | os.PathLike[str], engine_id: bytes | None = None) -> EngineIdentity:
    """Count a start of the engine in its file; make the file if it does not exist.

    Starts of several processes and threads exclude each other: each gets its own boots.

    Args:
        path: the file, or a link to it, in a writable directory.
        engine_id: the engine ID; the file of another engine is refused.  Optional; default: the one in the file, or a
            random one for a new file.

    Returns:
        The engine ID and its boots.  At 2147483647 boots nothing authenticated is accepted until the engine gets
        another engine ID (RFC 3414 section 2.2.1).

    Raises:
        ConfigurationError: it is the file of another engine, or not an engine file.
        TimeoutError: another process has had the file locked for 10 seconds.
        OSError: it cannot be read, locked or written.
    """
    file = Path(os.path.realpath(path))  # replace the link's target, not the link
    with _locked(file) as temporary:
        identity = _next(file, _read(file), engine_id)
        _write(temporary, file, identity)
    return identity


def _next(file: Path, known: EngineIdentity | None, engine_id: bytes | None) -> EngineIdentity:
    """Return the identity of this start; ``known`` is that of the last one."""
    if known is None:
        return EngineIdentity(random_engine_id() if engine_id is None else check_engine_id(engine_id), 1)
    if engine_id not in (None, known.engine_id):
        raise ConfigurationError(
            f"{file} is the file of engine {known.engine_id.hex()}, not of {(engine_id or b'').hex()}"
        )
    return known._replace(boots=min(known.boots + 1, MAX_BOOTS))


def _read(file: Path) -> EngineIdentity | None:
    try:
        octets = _read_octets(file)
    except FileNotFoundError:
        return None
    caution_about_file(file, "the engine's boots in", secret=False)  # who sets them back can replay old messages
    try:
        found = json.loads(octets.decode("ascii"))
        engine_id, boots = check_engine_id(bytes.fromhex(found["engine_id"])), found["boots"]
        if type(boots) is not int:
            raise TypeError("boots must be an integer")  # noqa: TRY301 - reported like the other errors below
        return EngineIdentity(engine_id, check_boots(boots))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        # Not a reason to begin with boots 1: peers would accept old messages as new.
        what = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise ConfigurationError(f"{file} is not an engine file: {what}") from None


def _read_octets(file: Path) -> bytes:
    """Return the content of a regular file; a pipe or a device might have no end."""
    if file.exists() and not file.is_file() and not file.is_dir():
        raise ConfigurationError(f"{file} is not an engine file: it is a pipe, a socket or a device")
    with file.open("rb") as opened:
        octets = opened.read(_MAX_SIZE + 1)
    if len(octets) > _MAX_SIZE:
        raise ConfigurationError(f"{file} is not an engine file: it has more than {_MAX_SIZE} octets")
    return octets


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[Path]:
    """Lock the file against other starts, and return the temporary file's name.

    The name is always the same: so the next start uses up a temporary file that a killed process has left.
    """
    temporary = file.parent / f".{file.name}.new"
    try:
        descriptor = _lock(temporary)
    except OSError as error:
        if not temporary.is_dir() and not temporary.is_symlink():
            error.filename = str(file)  # the caller knows this name, not the temporary one
        raise
    try:
        yield temporary
    finally:
        # After the renaming, this name is free, or is the temporary file of the next start.
        if sys.platform == "win32" or _is_at(descriptor, temporary):
            temporary.unlink(missing_ok=True)
        os.close(descriptor)


def _lock(temporary: Path) -> int:
    """Wait for the lock, and return its descriptor."""
    deadline = time.monotonic() + LOCK_TIMEOUT
    while True:
        descriptor = _try_lock(temporary)
        if descriptor is not None:
            return descriptor
        if time.monotonic() >= deadline:
            why = f"cannot lock the engine file: another process has held its lock for {LOCK_TIMEOUT:g} s"
            raise TimeoutError(errno.ETIMEDOUT, why)
        time.sleep(_LOCK_INTERVAL)


if sys.platform == "win32":

    def _try_lock(temporary: Path) -> int | None:
        """Make a lock file, which Windows removes with its descriptor; return ``None`` if there is one."""
        try:
            return os.open(temporary.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_TEMPORARY)
        except (FileExistsError, PermissionError):  # PermissionError: it is about to be removed
            return None

else:

    def _try_lock(temporary: Path) -> int | None:
        """Open and lock the temporary file; return ``None`` if another start has it."""
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            if _flock(descriptor) and _is_usable(descriptor, temporary):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    def _flock(descriptor: int) -> bool:
        """Lock an open file, unless it is locked.  Locks of ``lockf`` would not exclude threads of this process."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:  # for example NFS without a lock service
            why = f"cannot lock the engine file: {error.strerror}; keep it on a file system with locks"
            raise OSError(error.errno, why) from error
        return True

    def _is_usable(descriptor: int, temporary: Path) -> bool:
        """Return whether a locked file may become the engine file."""
        if not _is_at(descriptor, temporary):  # the start that had the lock has renamed it: it is the engine file
            return False
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_uid == os.geteuid():
            return True
        temporary.unlink()  # another user could write to it
        return False


def _is_at(descriptor: int, path: Path) -> bool:
    """Return whether a path leads to an open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _write(temporary: Path, file: Path, identity: EngineIdentity) -> None:
    """Replace the file in one step: a crash leaves either the old file or the new one."""
    text = json.dumps({"engine_id": identity.engine_id.hex(), "boots": identity.boots})
    with temporary.open("w", encoding="ascii") as opened:
        opened.write(text + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    temporary.replace(file)
    _sync_directory(file.parent)


def _sync_directory(directory: Path) -> None:
    """Write the directory entry to the disk, if the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
