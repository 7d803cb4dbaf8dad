"""What an exporter and its scrapes are told.

Contains: both as data, checked.  Does not contain: what acts on them (:mod:`snmptcp.exporter.service`).
"""

from __future__ import annotations

import math
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.arguments import FLAG, INTEGER, SECONDS, TEXT, Kind, check_arguments, optional, wrong_type
from snmptcp.errors import ConfigurationError
from snmptcp.exporter.asking import DEFAULT_MAX_OCTETS, DEFAULT_MAX_VARIABLES
from snmptcp.net.options import ConnectionOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.net.proxy import Proxy
    from snmptcp.net.tls.options import Tls

__all__ = ("Options", "Scrape")


def _are_names(value: object) -> bool:
    return isinstance(value, tuple | list) and all(isinstance(each, str) for each in value)


_SCRAPE: Mapping[str, Kind] = {
    "target": TEXT,
    "modules": Kind("several names: a tuple of str", _are_names),
    "auth": TEXT,
    "context": TEXT,
    "engine_id": TEXT,
    "timeout": optional(SECONDS),
}

#: ``tls``, ``local_address`` and ``proxy`` have checks of their own.
_OPTIONS: Mapping[str, Kind] = {
    "expand_environment": FLAG,
    "module_concurrency": INTEGER,
    "wrap_large_counters": FLAG,
    "idle_time": SECONDS,
    "most_idle": INTEGER,
    "max_scrapes": INTEGER,
    "max_variables": INTEGER,
    "max_octets": INTEGER,
}


def _check_tls(tls: Tls) -> None:
    if isinstance(tls, bool):
        return
    from snmptcp.net.tls.options import TlsOptions  # noqa: PLC0415 - few exporters have options

    if not isinstance(tls, TlsOptions | ssl.SSLContext):
        raise wrong_type("tls", "True, TlsOptions or an ssl.SSLContext", tls)


@dataclass(frozen=True, slots=True)
class Scrape:
    """The parameters of a scrape.

    Attributes:
        target: the agent: ``host``, ``host:port``, ``[ipv6]:port``, optionally after ``tcp://`` or ``tls://``.
        modules: the names of the modules.
        auth: the name of the auth.
        context: the SNMPv3 context; empty for that of the auth.
        engine_id: the contextEngineID of SNMPv3, in hex; empty for the agent's.
        timeout: how long it may take, in seconds; ``None`` for any time.

    Raises:
        ArgumentTypeError: a parameter is of another type.
    """

    target: str
    modules: tuple[str, ...] = ("if_mib",)
    auth: str = "public_v2"
    context: str = ""
    engine_id: str = ""
    timeout: float | None = None

    def __post_init__(self) -> None:
        check_arguments(_SCRAPE, {name: getattr(self, name) for name in _SCRAPE})


@dataclass(frozen=True, slots=True)
class Options:
    """How an exporter works.

    Attributes:
        expand_environment: whether secrets of the files may name environment variables.
        module_concurrency: how many modules of one scrape are read at once.
        wrap_large_counters: whether 64-bit counters wrap at 2**53, so that no double rounds them.
        idle_time: how long the connection to an agent is kept after a scrape, in seconds.
        most_idle: to how many agents unused connections are kept.
        max_scrapes: how many scrapes are under way at once; others wait, inside of their own time.
        max_variables: how many variables one module may read from one agent.
        max_octets: how many octets their names and values may take in memory.
        tls: TLS for targets with ``tls://``, as for a manager.
        local_address: the address to connect from; ``None`` for any.
        proxy: the way to agents.

    Raises:
        ConfigurationError: a value is out of range, or of another type.
    """

    expand_environment: bool = False
    module_concurrency: int = 1
    wrap_large_counters: bool = True
    idle_time: float = 300.0
    most_idle: int = 1000
    max_scrapes: int = 1000
    max_variables: int = DEFAULT_MAX_VARIABLES
    max_octets: int = DEFAULT_MAX_OCTETS
    tls: Tls = True
    local_address: str | tuple[str, int] | None = None
    proxy: Proxy | None = None

    def __post_init__(self) -> None:
        check_arguments(_OPTIONS, {name: getattr(self, name) for name in _OPTIONS})
        for name in ("module_concurrency", "max_scrapes", "max_variables", "max_octets"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name} must be at least 1, not {getattr(self, name)}")
        if not 0 <= self.idle_time < math.inf or self.most_idle < 0:
            raise ConfigurationError("idle_time and most_idle must be at least 0, and idle_time is finite")
        _check_tls(self.tls)
        # The checks of connections, now instead of at the first scrape.
        local = self.local_address
        ConnectionOptions(
            host="localhost",
            port=161,
            local_address=(local, 0) if isinstance(local, str) else local,
            proxy=self.proxy,
        )
