"""Jobs: what a fleet reads from a target, and how often.

Contains: the three kinds of jobs as plain data.  Does not contain: how they are read, and when, which is
:mod:`snmptcp.fleet.polling`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from snmptcp.arguments import FLAG, INTEGER, SECONDS, TEXT, Kind, check_arguments, optional
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.oid import OidLike

__all__ = ("DEFAULT_INTERVAL", "Get", "Job", "Table", "Walk")

#: How often a job is run unless it tells, in seconds.
DEFAULT_INTERVAL = 60.0

#: What an interval may be, in seconds: what the times of asyncio's clock and of 1970 tell apart.
_LEAST_INTERVAL, _GREATEST_INTERVAL = 0.001, 1e9

_LARGEST_ARC = 2**32 - 1

_NAME = Kind("the name of an object: text or an OID", lambda value: isinstance(value, str | OID | tuple))
_COLUMN = Kind(
    "the name or the number of a column: text, an OID or an int",
    lambda value: isinstance(value, str | OID | tuple | int),
)
_KINDS = {"interval": SECONDS, "name": TEXT, "timeout": optional(SECONDS), "rates": FLAG}
_MANY_KINDS = {"root": _NAME, "max_repetitions": optional(INTEGER), "limit": optional(INTEGER)}


@dataclass(frozen=True, init=False)
class Get:
    """A job that reads variables in one GET.

    Args:
        *names: the names of the instances, as for :meth:`snmptcp.Manager.get`; at least one.
        interval: seconds from one run to the next, from 0.001 to 1e9.
        name: the job's name, different from those of the target's other jobs; by default ``get`` and the first name.
        timeout: how long the request may take, in seconds; by default the target's ``timeout``.
        rates: whether counters get a rate.  If the answers contain counters, sysUpTime.0 is read with them.

    Raises:
        ConfigurationError: there is no name, or an argument is out of range.
    """

    names: tuple[OidLike, ...]
    interval: float
    name: str
    timeout: float | None
    rates: bool

    def __init__(
        self,
        *names: OidLike,
        interval: float = DEFAULT_INTERVAL,
        name: str = "",
        timeout: float | None = None,
        rates: bool = True,
    ) -> None:
        if not names:
            raise ConfigurationError("a Get needs at least one name, such as Get('sysUpTime.0')")
        for each in names:
            check_arguments({"names": _NAME}, {"names": each})
        _settle(self, locals(), names=names, name=name or f"get {_text(names[0])}")


@dataclass(frozen=True, init=False)
class Walk:
    """A job that reads a subtree.

    Args:
        root: the subtree, as for :meth:`snmptcp.Manager.walk`.
        interval: seconds from one run to the next, from 0.001 to 1e9.
        name: the job's name, different from those of the target's other jobs; by default ``walk`` and the root.
        max_repetitions: how many variables one request asks for; by default as many as the manager does.
        limit: how many variables are read at most; by default all.
        timeout: how long one request may take, in seconds; by default the target's ``timeout``.  The whole walk may
            take as long as its interval.
        rates: whether counters get a rate.  If the answers contain counters, sysUpTime.0 is read with them.

    Raises:
        ConfigurationError: an argument is out of range.
    """

    root: OidLike
    interval: float
    name: str
    max_repetitions: int | None
    limit: int | None
    timeout: float | None
    rates: bool

    def __init__(
        self,
        root: OidLike,
        *,
        interval: float = DEFAULT_INTERVAL,
        name: str = "",
        max_repetitions: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
        rates: bool = True,
    ) -> None:
        check_arguments(_MANY_KINDS, locals())
        _settle(
            self, locals(), name=name or f"walk {_text(root)}", root=root, max_repetitions=max_repetitions, limit=limit
        )


@dataclass(frozen=True, init=False)
class Table:
    """A job that reads a table, its columns side by side.

    Args:
        root: the table, as for :meth:`snmptcp.Manager.table`.
        *columns: its columns, by name, by OID or by number; by default all that the agent has.
        interval: seconds from one run to the next, from 0.001 to 1e9.
        name: the job's name, different from those of the target's other jobs; by default ``table`` and the table.
        max_repetitions: how many rows one request asks for; by default as many as the manager does.
        limit: how many rows are read at most; by default all.
        timeout: how long one request may take, in seconds; by default the target's ``timeout``.  The whole table may
            take as long as its interval.
        rates: whether counters get a rate.  If the answers contain counters, sysUpTime.0 is read with them.

    Raises:
        ConfigurationError: an argument is out of range.
    """

    root: OidLike
    columns: tuple[int | OidLike, ...]
    interval: float
    name: str
    max_repetitions: int | None
    limit: int | None
    timeout: float | None
    rates: bool

    def __init__(
        self,
        root: OidLike,
        *columns: int | OidLike,
        interval: float = DEFAULT_INTERVAL,
        name: str = "",
        max_repetitions: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
        rates: bool = True,
    ) -> None:
        check_arguments(_MANY_KINDS, locals())
        for each in columns:
            check_arguments({"columns": _COLUMN}, {"columns": each})
            if isinstance(each, int) and not 0 < each <= _LARGEST_ARC:
                raise ConfigurationError(f"the number of a column is from 1 to {_LARGEST_ARC}, not {each}")
        _settle(
            self,
            locals(),
            name=name or f"table {_text(root)}",
            root=root,
            columns=columns,
            max_repetitions=max_repetitions,
            limit=limit,
        )


#: What a target's jobs may be.
Job: TypeAlias = Get | Walk | Table


def _settle(job: Job, given: Mapping[str, object], **own: object) -> None:
    """Check what all jobs have, and set the attributes of one that is being made."""
    check_arguments(_KINDS, given)
    interval, timeout = given["interval"], given["timeout"]
    if not isinstance(interval, int | float) or not _LEAST_INTERVAL <= interval <= _GREATEST_INTERVAL:
        raise ConfigurationError(
            f"interval is a number of seconds from {_LEAST_INTERVAL:g} to 1000000000, not {interval}"
        )
    if isinstance(timeout, int | float) and not 0 < timeout < float("inf"):
        raise ConfigurationError(f"timeout is a number of seconds above 0, not {timeout}")
    limit = own.get("limit")
    if isinstance(limit, int) and limit < 1:
        raise ConfigurationError(f"limit is a number from 1 on, not {limit}")
    repetitions = own.get("max_repetitions")
    if isinstance(repetitions, int) and repetitions < 0:
        raise ConfigurationError(f"max_repetitions is a number from 0 on, not {repetitions}")
    for key, value in {"interval": float(interval), "timeout": timeout, "rates": given["rates"], **own}.items():
        object.__setattr__(job, key, value)


def _text(name: OidLike) -> str:
    return name if isinstance(name, str) else str(OID(name))
