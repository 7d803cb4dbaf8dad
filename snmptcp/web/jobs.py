"""The jobs that read what the page shows of each agent: what it is, and its interfaces (RFC 2863).

Contains: the jobs.  They name objects by numbers, so that no MIB modules are needed.
"""

from __future__ import annotations

from snmptcp.arguments import INTEGER, SECONDS, check_arguments
from snmptcp.errors import ConfigurationError
from snmptcp.fleet import Get, Job, Table
from snmptcp.web.interfaces import IF_TABLE, IF_X_TABLE, Column, XColumn
from snmptcp.web.system import SYSTEM_NAMES

__all__ = ("interface_jobs",)

#: Names and speeds of interfaces are read once in so many intervals.
_SELDOM = 12


def interface_jobs(interval: float = 5.0, *, limit: int = 1000) -> tuple[Job, ...]:
    """Return the jobs that read what the page shows.

    Counters and states are read in each interval; what the agent and its interfaces are called, in every twelfth.

    Args:
        interval: seconds from one reading of the counters to the next; more than 0.
        limit: how many interfaces of one agent are read, at least 1.

    Returns:
        The jobs, for the ``jobs`` of a :class:`~snmptcp.fleet.Fleet` or of a :class:`~snmptcp.fleet.Target`.

    Raises:
        ConfigurationError: an argument is out of range.
    """
    check_arguments({"interval": SECONDS, "limit": INTEGER}, locals())
    if limit < 1:
        raise ConfigurationError(f"limit is a number from 1 on, not {limit}")
    seldom = interval * _SELDOM
    return (
        Table(
            IF_TABLE,
            *map(int, (Column.ADMIN_STATUS, Column.OPER_STATUS, Column.IN_OCTETS, Column.OUT_OCTETS)),
            *map(int, (Column.IN_ERRORS, Column.OUT_ERRORS)),
            interval=interval,
            limit=limit,
            name="page: interfaces",
        ),
        Table(
            IF_X_TABLE,
            *map(int, (XColumn.HC_IN_OCTETS, XColumn.HC_OUT_OCTETS)),
            interval=interval,
            limit=limit,
            name="page: interfaces, 64 bits",
        ),
        Get(*SYSTEM_NAMES, interval=seldom, name="page: system"),
        Table(
            IF_TABLE,
            *map(int, (Column.DESCR, Column.TYPE, Column.SPEED)),
            interval=seldom,
            limit=limit,
            rates=False,
            name="page: names of interfaces",
        ),
        Table(
            IF_X_TABLE,
            *map(int, (XColumn.NAME, XColumn.HIGH_SPEED, XColumn.ALIAS)),
            interval=seldom,
            limit=limit,
            rates=False,
            name="page: aliases of interfaces",
        ),
    )
