"""The tables ``[fleet]`` and ``[mib]`` of a fleet's file.

Contains: their keys, and their values as data.  Does not contain: what they do (:mod:`snmptcp.fleet.fleet`,
:mod:`snmptcp.mib`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.back_off import BackOff
from snmptcp.fleet.files.fields import (
    ANYTHING,
    COUNT,
    FLAG,
    FOLDERS,
    PATH,
    PATHS,
    SECONDS,
    SECONDS_FROM_0,
    WORDS,
    Field,
    read_table,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from snmptcp.fleet.files.mistakes import Place

__all__ = ("BACK_OFF_FIELDS", "FLEET_FIELDS", "MIB_FIELDS", "MibModules", "read_mib", "read_settings")


def _part(value: object, place: Place) -> float:
    if (part := SECONDS_FROM_0.value(value, place)) > 1:
        raise ConfigurationError(f"a number from 0 to 1 is right, not {part:g}")
    return float(part)


#: The keys of ``[fleet.back_off]``.
BACK_OFF_FIELDS: Mapping[str, Field] = {
    "first": SECONDS_FROM_0,
    "most": SECONDS_FROM_0,
    "jitter": Field("a number from 0 to 1", _part),
}

#: The keys of ``[fleet]``: the interval of jobs without one, and arguments of a fleet.
FLEET_FIELDS: Mapping[str, Field] = {
    "interval": SECONDS,
    "max_polls": COUNT,
    "max_connections": COUNT,
    "first_within": SECONDS_FROM_0,
    "max_waiting": COUNT,
    "max_engines": COUNT,
    "grace": SECONDS_FROM_0,
    "back_off": ANYTHING,
}

#: The keys of ``[mib]``.
MIB_FIELDS: Mapping[str, Field] = {
    "standard": FLAG,
    "modules": WORDS,
    "files": PATHS,
    "folders": FOLDERS,
    "compiled": PATH,
}


@dataclass(frozen=True, slots=True)
class MibModules:
    """The MIB modules that the names of a fleet's file come from.

    Attributes:
        standard: whether the standard modules are loaded.
        modules: the names of further modules.
        files: files whose modules are loaded, too.
        folders: where modules are looked for.
        compiled: the file of compiled modules that takes the place of all others; optional.
    """

    standard: bool = True
    modules: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()
    compiled: Path | None = None


def read_settings(table: Mapping[str, object], place: Place) -> dict[str, Any]:
    """Return what ``[fleet]`` says, as far as it is right."""
    back_off = table.get("back_off")
    values = read_table(table, FLEET_FIELDS, place) or {}
    if back_off is None:
        return values
    inner = table_of(back_off, place.key("back_off"))
    if inner is not None:
        pauses = read_table(inner, BACK_OFF_FIELDS, place.key("back_off"))
        if pauses is not None:
            values["back_off"] = BackOff(**pauses)
    return values


def read_mib(table: Mapping[str, object], place: Place) -> MibModules | None:
    """Return what ``[mib]`` says; ``None`` after a mistake."""
    values = read_table(table, MIB_FIELDS, place)
    if values is None:
        return None
    if "compiled" in values and len(values) > 1:
        place.add("compiled has all modules that are used: remove the other keys")
        return None
    return MibModules(**values)
