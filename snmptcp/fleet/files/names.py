"""Whether the names in the jobs of a fleet's file exist.

Contains: looking them up, so that all wrong ones are told together.  Does not contain: opening MIB modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError, MibError
from snmptcp.fleet.files.mistakes import Mistakes, Place
from snmptcp.fleet.jobs import Get, Table
from snmptcp.oid import OID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snmptcp.fleet.files.document import FleetFile
    from snmptcp.fleet.jobs import Job
    from snmptcp.mib.mib import Mib
    from snmptcp.oid import OidLike

__all__ = ("check_names", "names_of")


def names_of(job: Job) -> Iterator[tuple[str, OidLike]]:
    """Yield the key and the text of each name of a job; columns that are numbers are no names."""
    if isinstance(job, Get):
        yield from (("get", name) for name in job.names)
        return
    yield "table" if isinstance(job, Table) else "walk", job.root
    if isinstance(job, Table):
        yield from (("columns", column) for column in job.columns if not isinstance(column, int))


def check_names(file: FleetFile, mib: Mib | None) -> None:
    """Check that the names in the jobs of a file exist.

    Args:
        file: the file.
        mib: the MIB modules; ``None`` if there are none, so that only numbers are right.

    Raises:
        ConfigurationError: a name is no OID, and no module defines it; each one is a line of the text.
    """
    mistakes = Mistakes()
    place = Place(str(file.path), file.path.parent, mistakes, ": ")
    for own, job in file.jobs.items():
        for key, name in names_of(job):
            with place.key(f"jobs.{own}.{key}").noting():
                _look_up(name, mib)
    mistakes.tell()


def _look_up(name: OidLike, mib: Mib | None) -> OID:
    if mib is not None:
        return mib.oid(name)
    try:
        return OID(name)
    except MibError:
        raise
    except ConfigurationError:
        raise ConfigurationError(f"{name!r} is a name, and there are no MIB modules; give its number") from None
