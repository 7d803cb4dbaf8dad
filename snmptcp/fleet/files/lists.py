"""Targets of files as lists, for programs that make their fleet themselves.

Contains: the functions.  Does not contain: reading (:mod:`snmptcp.fleet.files.document`,
:mod:`snmptcp.fleet.files.rows`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp.arguments import PATH, Kind, check_arguments, optional, several_of
from snmptcp.credentials import Community, Tsm, UsmUser
from snmptcp.fleet.files.document import load
from snmptcp.fleet.files.mistakes import Mistakes, Place
from snmptcp.fleet.files.rows import read_rows
from snmptcp.fleet.files.targets import Collected, Known
from snmptcp.fleet.jobs import Get, Table, Walk

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from snmptcp.fleet.jobs import Job
    from snmptcp.fleet.target import Target
    from snmptcp.net.tls.options import Tls
    from snmptcp.security.choose import Credentials

__all__ = ("targets_from_csv", "targets_from_toml")

_KINDS = {
    "path": PATH,
    "credentials": Kind(
        "a Community, a UsmUser, a Tsm or a mapping of names to them",
        lambda value: isinstance(value, Community | UsmUser | Tsm | Mapping),
    ),
    "jobs": several_of("Get, Walk and Table", Get, Walk, Table),
    "labels": optional(Kind("a mapping of texts to texts", lambda value: isinstance(value, Mapping))),
}


def targets_from_toml(path: str | os.PathLike[str]) -> list[Target]:
    """Return the targets of a fleet's TOML file, and of the CSV files that it names.

    Args:
        path: the file.

    Raises:
        ConfigurationError: as for :func:`load`.
    """
    return list(load(path).targets)


def targets_from_csv(
    path: str | os.PathLike[str],
    *,
    credentials: Credentials | Mapping[str, Credentials],
    jobs: Iterable[Job],
    tls: Tls | Mapping[str, Tls] = False,
    labels: Mapping[str, str] | None = None,
    **options: Any,
) -> list[Target]:
    """Return the targets of a CSV file: the first line names its columns, each further line is a target.

    The columns ``host``, ``port``, ``name``, ``credentials``, ``jobs``, ``tls`` and the options of a target, such as
    ``timeout``, are what they are for :class:`Target`; all other columns are labels.

    Args:
        path: the file.
        credentials: those of all targets, or by name those that the column ``credentials`` names.
        jobs: those of all targets; a column ``jobs`` names some of them.
        tls: that of all targets, or by name what the column ``tls`` names.
        labels: labels of all targets.
        **options: options of all targets, as for :class:`Target`.

    Raises:
        ConfigurationError: the file cannot be read, or something in it is wrong; each mistake is a line of the text.
    """
    check_arguments(_KINDS, locals())
    jobs = tuple(jobs)
    defaults: dict[str, Any] = {**options, "jobs": jobs, "labels": dict(labels or {})}
    known = Known(
        credentials if isinstance(credentials, Mapping) else {},
        {job.name: job for job in jobs},
        tls if isinstance(tls, Mapping) else {},
    )
    if not isinstance(credentials, Mapping):
        defaults["credentials"] = credentials
    if tls and not isinstance(tls, Mapping):
        defaults["tls"] = tls
    file, mistakes = Path(path), Mistakes()
    collected = Collected()
    read_rows(Place(str(file), file.parent, mistakes), file, defaults, known, collected)
    mistakes.tell()
    return collected.targets
