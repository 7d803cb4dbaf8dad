"""Targets: the agents of a fleet, and what is read from each.

Contains: plain data, and the manager that it asks for.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from snmptcp.arguments import INTEGER, TEXT, check_arguments, optional, several_of, wrong_type
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.jobs import Get, Table, Walk
from snmptcp.manager.manager import Manager

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from snmptcp.fleet.jobs import Job
    from snmptcp.security.choose import Credentials

__all__ = ("Target", "check_names_of")

_KINDS = {
    "host": TEXT,
    "port": optional(INTEGER),
    "name": TEXT,
    "jobs": several_of("Get, Walk and Table", Get, Walk, Table),
}

#: What a target's options may be: the arguments of a manager that the fleet does not set itself.
_OPTIONS = frozenset(inspect.signature(Manager.__init__).parameters) - {
    "self",
    "host",
    "port",
    "credentials",
    "mib",
    "engines",
}


@dataclass(frozen=True, init=False)
class Target:
    """An agent of a fleet, with the jobs that read it.  Targets with equal attributes are equal.

    Args:
        host: the agent's name or address (IPv4 or IPv6).
        port: its TCP port; by default 161, or 10161 with :class:`snmptcp.Tsm`.
        credentials: as for :class:`snmptcp.Manager`.
        jobs: what is read; by default the fleet's ``jobs``.
        name: what samples and messages call it, different from the fleet's other targets; by default the host, with
            the port if one was given.
        labels: facts that its samples carry to sinks, such as ``{"site": "Lyon"}``.
        **options: further arguments of :class:`snmptcp.Manager`: ``tls``, ``timeout``, ``proxy``, ``max_in_flight``
            and so on.

    Raises:
        ConfigurationError: an option does not exist, or two jobs have the same name.
    """

    name: str
    host: str
    port: int | None
    credentials: Credentials
    jobs: tuple[Job, ...]
    labels: Mapping[str, str]
    options: Mapping[str, Any]

    def __init__(
        self,
        host: str,
        port: int | None = None,
        *,
        credentials: Credentials,
        jobs: Iterable[Job] = (),
        name: str = "",
        labels: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        check_arguments(_KINDS, locals())
        labels = {} if labels is None else dict(labels)
        for each in (*labels, *labels.values()):
            if not isinstance(each, str):
                raise wrong_type("labels", "names and values as text (str)", each)
        if unknown := sorted(options.keys() - _OPTIONS):
            allowed = ", ".join(sorted(_OPTIONS))
            raise ConfigurationError(f"a target has no option {unknown[0]}; the options are {allowed}")
        jobs = tuple(jobs)
        check_names_of(jobs)
        own = {
            "name": name or (host if port is None else f"[{host}]:{port}" if ":" in host else f"{host}:{port}"),
            "host": host,
            "port": port,
            "credentials": credentials,
            "jobs": jobs,
            "labels": labels,
            "options": options,
        }
        for key, value in own.items():
            object.__setattr__(self, key, value)

    __hash__ = None  # type: ignore[assignment]  # labels and options are mappings


def check_names_of(jobs: Iterable[Job]) -> None:
    """Check that no two jobs have one name.

    Raises:
        ConfigurationError: two have.
    """
    seen = set()
    for job in jobs:
        if job.name in seen:
            raise ConfigurationError(f"two jobs of one target are called {job.name!r}: give one of them another name=")
        seen.add(job.name)
