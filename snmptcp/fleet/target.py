"""Targets: the agents of a fleet, and what is read from each.

Contains: plain data, and the manager that it asks for.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from snmptcp.arguments import INTEGER, TEXT, check_arguments, optional, several_of, wrong_type
from snmptcp.credentials import Tsm
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.jobs import Get, Table, Walk
from snmptcp.manager.arguments import KINDS as MANAGER_KINDS
from snmptcp.manager.manager import PORT, Manager
from snmptcp.net.options import ConnectionOptions, check_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

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

#: Those that a manager passes on to its connections as they are.
_OPTIONS_OF_CONNECTIONS = {field.name for field in fields(ConnectionOptions)} & _OPTIONS - {"tls", "local_address"}


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
        ConfigurationError: an option does not exist or is out of range, or two jobs have the same name.  What files of
            TLS contain, and what options mean together, is checked by the first poll.
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
        if labels is not None and not isinstance(labels, Mapping):
            raise wrong_type("labels", "a mapping of names to values, or None", labels)
        labels = {} if labels is None else dict(labels)
        for each in (*labels, *labels.values()):
            if not isinstance(each, str):
                raise wrong_type("labels", "names and values as text (str)", each)
        if unknown := sorted(options.keys() - _OPTIONS):
            allowed = ", ".join(sorted(_OPTIONS))
            raise ConfigurationError(f"a target has no option {unknown[0]}; the options are {allowed}")
        _check_options(host, port, credentials, options)
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


def _check_options(host: str, port: int | None, credentials: Credentials, options: Mapping[str, Any]) -> None:
    """Refuse at once what every poll would fail for."""
    given = {**options, "credentials": credentials}
    check_arguments({name: kind for name, kind in MANAGER_KINDS.items() if name in given}, given)
    timeout = check_seconds("timeout", options.get("timeout", 5.0))
    passed_on = {name: options[name] for name in _OPTIONS_OF_CONNECTIONS & options.keys()}
    if passed_on.get("connect_timeout") is None:
        passed_on["connect_timeout"] = timeout
    ConnectionOptions(host=host, port=PORT if port is None else port, **passed_on)
    if isinstance(credentials, Tsm) and not options.get("tls"):
        raise ConfigurationError("the Transport Security Model needs TLS: give tls=")


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
