"""A target of a fleet's files: of a table ``[[targets]]``, or of a row of CSV.

Contains: the keys of a target, and a target of their values.  Does not contain: where rows come from
(:mod:`snmptcp.fleet.files.rows`).
"""

from __future__ import annotations

import functools
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from snmptcp.credentials import Tsm
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.fields import (
    ADDRESS,
    COUNT,
    FLAG,
    HOST,
    LABELS,
    MESSAGE_SIZE,
    NUMBER_FROM_0,
    PORT,
    RATE,
    SECONDS,
    SECONDS_FROM_0,
    TEXT,
    WORDS,
    Field,
    text_of,
)
from snmptcp.fleet.files.mistakes import alternatives
from snmptcp.fleet.files.secrets import take_secrets, with_places
from snmptcp.fleet.target import Target
from snmptcp.net.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from snmptcp.fleet.files.mistakes import Place
    from snmptcp.fleet.jobs import Job
    from snmptcp.net.tls.options import Tls
    from snmptcp.security.choose import Credentials

__all__ = ("COMMON_FIELDS", "TARGET_FIELDS", "Collected", "Known", "has_proxy_password", "make_target", "settle")

_PROXY = ("proxy",)


def _tls(value: object, _: Place) -> bool | str:
    return value if isinstance(value, bool) else text_of(value)


#: What several targets can have in common: the keys of ``[defaults]`` and of ``[[files]]``.
COMMON_FIELDS: Mapping[str, Field] = {
    "port": PORT,
    "credentials": TEXT,
    "jobs": WORDS,
    "labels": LABELS,
    "tls": Field("the name of a table [tls.NAME], true or false", _tls),
    "timeout": SECONDS,
    "connect_timeout": SECONDS,
    "retries": NUMBER_FROM_0,
    "reconnect_interval": SECONDS_FROM_0,
    "max_in_flight": COUNT,
    "max_names": COUNT,
    "max_rate": RATE,
    "max_message_size": MESSAGE_SIZE,
    "local_address": ADDRESS,
    **with_places(_PROXY),
    "any_community": FLAG,
    "strict": FLAG,
    "report_grace": SECONDS_FROM_0,
    "volatile_engine": FLAG,
    "frozen_clock": FLAG,
}

#: The keys of a target.
TARGET_FIELDS: Mapping[str, Field] = {"host": HOST, "name": TEXT, **COMMON_FIELDS}

#: The values that are no options: a target has them itself.
_OF_A_TARGET = frozenset({"host", "port", "name", "credentials", "jobs", "labels"})


@dataclass(frozen=True, slots=True)
class Known:
    """What targets refer to by name.

    Attributes:
        credentials: by name; those of a name that is ``None`` are wrong, which has been told.
        jobs: likewise.
        tls: likewise.
    """

    credentials: Mapping[str, Credentials | None] = field(default_factory=dict)
    jobs: Mapping[str, Job | None] = field(default_factory=dict)
    tls: Mapping[str, Tls | None] = field(default_factory=dict)


def settle(values: dict[str, Any], known: Known, place: Place) -> dict[str, Any] | None:
    """Return values of a target with the things in the place of their names.

    Args:
        values: what :func:`~snmptcp.fleet.files.fields.read_table` has returned.
        known: the things.
        place: the table or the line; takes names of nothing.

    Returns:
        The values; ``None`` if there was a mistake, or if one of the things is wrong.
    """
    before = len(place.mistakes)
    settled = {key: value for key, value in values.items() if key not in {"credentials", "jobs", "tls"}}
    proxies = take_secrets(settled, _PROXY, place)
    for url in proxies.values():
        with place.key("proxy").noting():
            settled["proxy"] = Proxy.from_url(url)
    if "credentials" in values:
        names = [values["credentials"]]
        settled["credentials"] = _looked_up(names, known.credentials, "credentials", place)[0]
    if "jobs" in values:
        settled["jobs"] = tuple(_looked_up(values["jobs"], known.jobs, "jobs", place))
    if "tls" in values:
        given = values["tls"]
        if given is True:
            given = _system_trust()
        settled["tls"] = given if not isinstance(given, str) else _looked_up([given], known.tls, "tls", place)[0]
    broken = any(settled.get(key, key) is None for key in ("credentials", "tls")) or None in settled.get("jobs", ())
    return None if broken or len(place.mistakes) > before else settled


@functools.lru_cache(maxsize=1)
def _system_trust() -> ssl.SSLContext:
    """Return a context with the authorities of the system, the same one for all targets: it takes 840 KiB and 40 ms."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False  # RFC 9525 section 2
    return context


def _looked_up(names: Sequence[str], known: Mapping[str, Any], what: str, place: Place) -> list[Any]:
    """Return the things of names; ``None`` in the place of those that are unknown or wrong."""
    for name in names:
        if name not in known:
            place.key(what).add(f"there is no table [{what}.{name[:60]}]{alternatives(name, known)}")
    return [known.get(name) for name in names]


def make_target(values: Mapping[str, Any], place: Place) -> Target | None:
    """Return a target of its values and those that it has in common with others; ``None`` after a mistake.

    Args:
        values: what :func:`settle` has returned, with ``host``.
        place: the table or the line; takes what is missing, and what does not fit together.
    """
    own = {key: value for key, value in values.items() if key not in _OF_A_TARGET}
    with place.noting():
        if "host" not in values:
            raise ConfigurationError("a target needs a host")
        if "credentials" not in values:
            raise ConfigurationError("a target needs credentials: the name of a table [credentials.NAME]")
        if isinstance(values["credentials"], Tsm) and not own.get("tls"):
            raise ConfigurationError("its credentials are those of TLS (tsm = true), so it needs tls")
        if own.get("strict") and own.get("any_community"):
            raise ConfigurationError("strict demands the community of the request: give strict or any_community")
        if not values.get("jobs"):
            raise ConfigurationError(
                "a target needs jobs, which tell what is read from it: a table such as "
                'jobs.uptime = { get = ["sysUpTime.0"], interval = 60 }, for all targets that name no other'
            )
        return Target(
            values["host"],
            values.get("port"),
            credentials=values["credentials"],
            jobs=values["jobs"],
            name=values.get("name", ""),
            labels=values.get("labels"),
            **own,
        )
    return None


def has_proxy_password(table: Mapping[str, object]) -> bool:
    """Whether a table has the URL of a proxy with a password itself."""
    return "@" in str(table.get("proxy", ""))


class Collected:
    """Targets, each with a name of its own."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}
        self.targets: list[Target] = []

    def add(self, target: Target | None, place: Place) -> None:
        """Add a target, unless it is wrong or has the name of another one, which is noted as a mistake."""
        if target is None:
            return
        first = self._places.setdefault(target.name, place.name)
        if first != place.name:
            place.add(f"a target is called {target.name!r} already ({first}): give each a name")
            return
        self.targets.append(target)
