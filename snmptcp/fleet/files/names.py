"""Whether the names in the jobs of a fleet's file exist, and can be read as the job does.

Contains: looking them up, so that all wrong ones are told together.  Does not contain: opening MIB modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.mistakes import Mistakes, Place
from snmptcp.fleet.jobs import Get, Table
from snmptcp.manager.arguments import column_oids
from snmptcp.mib.objects import NodeKind
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
    """Check that the names in the jobs of a file exist, and can be read as the job does.

    Args:
        file: the file.
        mib: the MIB modules; ``None`` if there are none, so that only numbers are right.

    Raises:
        ConfigurationError: a name is no OID, and no module defines it; or it is that of an object without its instance,
            or of no table; each one is a line of the text.
    """
    mistakes = Mistakes()
    place = Place(str(file.path), file.path.parent, mistakes, ": ")
    for own, job in file.jobs.items():
        before = len(mistakes)
        for key, name in names_of(job):
            with place.key(f"jobs.{own}.{key}").noting():
                oid = _look_up(name, mib)
                if mib is not None:
                    _check_kind(key, name, oid, mib)
        if isinstance(job, Table) and job.columns and len(mistakes) == before:
            with place.key(f"jobs.{own}.columns").noting():
                column_oids(_look_up(job.root, mib), job.columns, lambda name: _look_up(name, mib))
    mistakes.tell()


def _look_up(name: OidLike, mib: Mib | None) -> OID:
    if mib is not None:
        return mib.oid(name)
    try:
        return OID(name)
    except ConfigurationError:
        raise ConfigurationError(f"{name!r} is a name, and there are no MIB modules; give its number") from None


def _check_kind(key: str, name: OidLike, oid: OID, mib: Mib) -> None:
    """Refuse what reads nothing: objects without their instance, tables that are none.

    Raises:
        ConfigurationError: it reads nothing.
    """
    node, arcs = mib.find(oid)
    kind = None if node is None or arcs else node.kind
    if key == "get":
        if kind is NodeKind.SCALAR:
            raise ConfigurationError(f"{name} is an object, not its instance: {name}.0 is right")
        if kind is NodeKind.COLUMN:
            raise ConfigurationError(f"{name} is a column: give an instance such as {name}.1, or use walk or table")
        if kind in {NodeKind.TABLE, NodeKind.ROW}:
            raise ConfigurationError(f"{name} is a table: table is right in the place of get")
    if key == "table" and kind in {NodeKind.SCALAR, NodeKind.COLUMN}:
        raise ConfigurationError(f"{name} is no table: walk is right in the place of table")
