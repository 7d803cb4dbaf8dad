"""The tables ``[jobs.NAME]`` of a fleet's file: what is read, and how often.

Contains: from a table to a job.  Does not contain: whether the names in it exist, which MIB modules decide
(:mod:`snmptcp.fleet.files.names`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.fields import COUNT, FLAG, NUMBER_FROM_0, SECONDS, TEXT, WORDS, Field, read_table
from snmptcp.fleet.files.mistakes import alternatives
from snmptcp.fleet.jobs import Get, Table, Walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.fleet.files.mistakes import Place
    from snmptcp.fleet.jobs import Job

__all__ = ("JOB_FIELDS", "read_job")


#: The largest arc of an OID (RFC 2578 section 3.5).
_LARGEST_ARC = 0xFFFFFFFF


def _columns(value: object, place: Place) -> tuple[str | int, ...]:
    """Take names, OIDs and numbers."""
    given = value if isinstance(value, list) else list(WORDS.value(value, place))
    if not given or not all(isinstance(each, str | int) and not isinstance(each, bool) and each for each in given):
        raise ValueError
    columns = tuple(int(each) if isinstance(each, str) and each.isdecimal() else each for each in given)
    if any(isinstance(column, int) and not 0 < column <= _LARGEST_ARC for column in columns):
        raise ValueError
    return columns


_OF_ALL: Mapping[str, Field] = {"interval": SECONDS, "timeout": SECONDS, "rates": FLAG}
_OF_A_GET: Mapping[str, Field] = {"get": WORDS, **_OF_ALL}
_OF_A_WALK: Mapping[str, Field] = {"walk": TEXT, **_OF_ALL, "max_repetitions": NUMBER_FROM_0, "limit": COUNT}
_OF_A_TABLE: Mapping[str, Field] = {
    "table": TEXT,
    "columns": Field("an array of columns: their names, OIDs or numbers", _columns),
    **_OF_ALL,
    "max_repetitions": NUMBER_FROM_0,
    "limit": COUNT,
}
_KINDS = {"get": _OF_A_GET, "walk": _OF_A_WALK, "table": _OF_A_TABLE}

#: Every key that such a table can have.
JOB_FIELDS: Mapping[str, Field] = {**_OF_A_GET, **_OF_A_WALK, **_OF_A_TABLE}


def read_job(name: str, table: Mapping[str, object], place: Place, interval: float) -> Job | None:
    """Return the job of a table; ``None`` after a mistake.

    Args:
        name: the job's name.
        table: what the file says.
        place: the table; takes what is wrong.
        interval: how often the job is run unless the table tells, in seconds.
    """
    kinds = [kind for kind in _KINDS if kind in table]
    if len(kinds) != 1:
        given = f", not {' and '.join(kinds)}" if kinds else _hint(table)
        place.add(f"give one of get, walk and table{given}")
        return None
    values = read_table(table, _KINDS[kinds[0]], place)
    if values is None:
        return None
    what = values.pop(kinds[0])
    more = {"interval": interval, **values, "name": name}
    with place.noting():
        if not name:
            raise ConfigurationError("a job needs a name")
        if kinds[0] == "get":
            return Get(*what, **more)
        return Walk(what, **more) if kinds[0] == "walk" else Table(what, *more.pop("columns", ()), **more)
    return None


def _hint(table: Mapping[str, object]) -> str:
    """Return what a table without one of them may mean."""
    unknown = next((key for key in table if key not in JOB_FIELDS), None)
    return "" if unknown is None else f"; there is no key {unknown[:60]!r}{alternatives(unknown, JOB_FIELDS)}"
