"""The file in which an engine keeps who it is and how often it has started (RFC 3414 section 2.2).

What may live here: reading and replacing that file.  What may not: what boots are good for
(:mod:`snmptcp.security.authority`).

An authoritative engine that forgets its boots makes others either refuse it or take old messages for new ones,
so the new number is on the disk before the first message leaves, and a file that cannot be read is an error.
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
    """An engine, and how often it has started.

    Attributes:
        engine_id: snmpEngineID.
        boots: snmpEngineBoots, this start included.
    """

    engine_id: bytes
    boots: int


def start_engine(path: str | os.PathLike[str], engine_id: bytes | None = None) -> EngineIdentity:
    """Count a start of the engine in its file; make the file where there is none.

    Args:
        path: the file, or a link to it; its directory has to be there and to be writable.
        engine_id: who the engine is; a file of another engine is refused.  Where it is not given, the file
            says, and a new file gets a random engine ID.

    Returns:
        Who it is, and its boots, which end at 2147483647: then nothing authenticated is accepted any more until
        the engine gets another engine ID (RFC 3414 section 2.2.1).

    Raises:
        ConfigurationError: the file is another engine's, or is not such a file.
        OSError: it cannot be read or written.
    """
    file = Path(os.path.realpath(path))  # replacing a link would leave the boots where the next restart forgets them
    known = _read(file)
    if known is None:
        identity = EngineIdentity(random_engine_id() if engine_id is None else check_engine_id(engine_id), 1)
    elif engine_id not in (None, known.engine_id):
        raise ConfigurationError(f"{file} is for the engine {known.engine_id.hex()}, not {(engine_id or b'').hex()}")
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
        raise ConfigurationError(f"{file} is no engine file: {error}") from None
    try:
        found = json.loads(text)
        engine_id, boots = check_engine_id(bytes.fromhex(found["engine_id"])), found["boots"]
        if type(boots) is not int:
            raise TypeError("boots are a number")  # noqa: TRY301 - it is told like all the other ways to be wrong
        return EngineIdentity(engine_id, check_boots(boots))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        # Beginning anew with boots 1 would let old messages pass for new ones.
        what = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise ConfigurationError(f"{file} is no engine file: {what}") from None


def _write(file: Path, identity: EngineIdentity) -> None:
    """Replace the file in one step: whatever happens, there is the old one or the new one, whole."""
    text = json.dumps({"engine_id": identity.engine_id.hex(), "boots": identity.boots})
    directory = file.parent
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=directory)
    except OSError as error:
        error.filename = str(file)  # nobody knows the name that was tried
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
    """Let the new name reach the disk, where directories can be opened for that."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
