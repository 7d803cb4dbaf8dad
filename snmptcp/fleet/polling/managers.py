"""Makes the managers of a fleet's targets, and keeps what outlives a connection: engines, and sessions of TLS."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from snmptcp.credentials import Tsm, UsmUser
from snmptcp.manager.manager import Manager
from snmptcp.net.callbacks import GuardedObserver
from snmptcp.security.remote_engine import KnownEngines

if TYPE_CHECKING:
    from snmptcp.fleet.target import Target
    from snmptcp.mib.mib import Mib
    from snmptcp.net.tls.session import ClientTls
    from snmptcp.protocol.observer import Observer

__all__ = ("ManagerMaker",)


class ManagerMaker:
    """Makes managers.

    Args:
        mib: the names of MIB modules; ``None`` for numbers.
        max_engines: how many SNMPv3 engines are remembered.
        observer: told of requests, walks and connections of all targets; ``None`` for none.
    """

    def __init__(self, mib: Mib | None, max_engines: int, observer: Observer | None) -> None:
        self._mib = mib
        self._engines = KnownEngines(max_engines)
        # Guarded here, where all managers share it: what an observer raises again and again is logged once.
        self._observer = None if observer is None else GuardedObserver(observer, _ignore)
        self._tls: dict[str, ClientTls] = {}  # by the target's name

    def make(self, target: Target) -> Manager:
        """Return a new manager of a target.

        Raises:
            ConfigurationError: its options are impossible, or a file that they name cannot be read.
        """
        options = dict(target.options)
        if options.get("tls"):
            options["tls"] = self._tls_of(target)
        if isinstance(target.credentials, UsmUser | Tsm) and "engine" not in options:
            options["engines"] = self._engines
        options.setdefault("observer", self._observer)
        return Manager(target.host, target.port, credentials=target.credentials, mib=self._mib, **options)

    def forget(self, name: str) -> None:
        """Forget what is kept of a target."""
        self._tls.pop(name, None)

    def _tls_of(self, target: Target) -> ClientTls | ssl.SSLContext:
        """Return the TLS of a target: its files are read once, and its next connection resumes the session."""
        from snmptcp.net.tls.session import ClientTls  # noqa: PLC0415 - only targets with TLS need it

        given = target.options["tls"]
        if isinstance(given, ClientTls | ssl.SSLContext):
            return given
        kept = self._tls.get(target.name)
        if kept is None:
            kept = self._tls[target.name] = ClientTls(given, target.host)
        return kept


def _ignore() -> None:
    """Count nothing: statistics are a manager's."""
