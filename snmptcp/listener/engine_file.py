"""The file with an engine's ID and its number of starts (RFC 3414 section 2.2).

Contains: reading and replacing that file.  Does not contain: the use of boots (:mod:`snmptcp.security.authority`).

If an authoritative engine forgets its boots, peers refuse it, or accept old messages as new.  So the new number is on
the disk before the first message leaves, and a file that cannot be read is an error.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from snmptcp.errors import ConfigurationError
from snmptcp.security.authority import check_boots, random_engine_id
from snmptcp.security.engine_clock import MAX_BOOTS, check_engine_id

__all__ = ("EngineIdentity", "start_engine")


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

    Args:
        path: the file, or a link to it, in a writable directory.
        engine_id: the engine ID; the file of another engine is refused.  Optional; default: the one in the file, or a
            random one for a new file.

    Returns:
        The engine ID and its boots.  At 2147483647 boots nothing authenticated is accepted until the engine gets
        another engine ID (RFC 3414 section 2.2.1).

    Raises:
        ConfigurationError: it is the file of another engine, or not an engine file.
        OSError: it cannot be read or written.
    """
    file = Path(os.path.realpath(path))  # replace the link's target, not the link
    known = _read(file)
    if known is None:
        identity = EngineIdentity(random_engine_id() if engine_id is None else check_engine_id(engine_id), 1)
    elif engine_id not in (None, known.engine_id):
        raise ConfigurationError(
            f"{file} is the file of engine {known.engine_id.hex()}, not of {(engine_id or b'').hex()}"
        )
    else:
        identity = known._replace(boots=min(known.boots + 1, MAX_BOOTS))
    _write(file, identity)
    return identity


def _read(file: Path) -> EngineIdentity | None:
    try:
        text = file.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is not an engine file: {error}") from None
    try:
        found = json.loads(text)
        engine_id, boots = check_engine_id(bytes.fromhex(found["engine_id"])), found["boots"]
        if type(boots) is not int:
            raise TypeError("boots must be an integer")  # noqa: TRY301 - reported like the other errors below
        return EngineIdentity(engine_id, check_boots(boots))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        # Not a reason to begin with boots 1: peers would accept old messages as new.
        what = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise ConfigurationError(f"{file} is not an engine file: {what}") from None


def _write(file: Path, identity: EngineIdentity) -> None:
    """Replace the file in one step: a crash leaves either the old file or the new one."""
    text = json.dumps({"engine_id": identity.engine_id.hex(), "boots": identity.boots})
    directory = file.parent
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=directory)
    except OSError as error:
        error.filename = str(file)  # the caller knows this name, not the temporary one
        raise
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as temporary:
            temporary.write(text + "\n")
            temporary.flush()
            os.fsync(temporary.fileno())
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    _sync_directory(directory)


def _sync_directory(directory: Path) -> None:
    """Write the directory entry to the disk, if the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
