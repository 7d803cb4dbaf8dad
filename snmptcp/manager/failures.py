"""The errors of a manager on their way out: the agent that they are about, and a hint at what may help.

Contains: the one place where errors that were made further down learn their peer.
Does not contain: texts of errors, and decisions about when to raise them.
"""

from __future__ import annotations

import errno
import functools
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from snmptcp.errors import ConnectFailed, ConnectionLost, FramingError, SnmpError, TlsFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from snmptcp.manager.connector import Connector
    from snmptcp.net.options import ConnectionOptions

__all__ = ("Failures", "copy_of", "telling", "telling_later")

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E", bound=SnmpError)


class _Owner(Protocol):
    _connector: Connector


M = TypeVar("M", bound=_Owner)

#: Where agents listen for SNMP over TLS (RFC 6353 section 9).
TLS_PORT = 10161

#: The first octets of a TLS alert: its content type, and the major version (RFC 8446 section 5.1).
TLS_ALERT = b"\x15\x03"

#: Where net-snmp's agent listens only if it is told to, by port.
_SNMPD_LISTENS = {
    161: "net-snmp's snmpd listens on UDP unless snmpd.conf says: agentAddress tcp:161",
    TLS_PORT: "net-snmp's snmpd listens on TLS if snmpd.conf says: agentAddress tlstcp:10161",
}


def copy_of(error: E) -> E:
    """Return an error with the same reason, for another caller that is told of it; each has its own traceback.

    Its constructor is not called: that of a program's own class may take other arguments.
    """
    mine = type(error).__new__(type(error), *error.args)
    mine.args = error.args
    mine.__dict__.update(error.__dict__)
    mine.__cause__ = error.__cause__
    return mine


class Failures:
    """Tells errors which agent they are about, and what may help.

    Args:
        options: where the manager connects to; to be replaced when that changes.
    """

    __slots__ = ("options", "peer")

    def __init__(self, options: ConnectionOptions) -> None:
        self.options = options
        #: The agent's address for messages.
        self.peer = options.peer

    def told(self, error: E) -> E:
        """Return an error, which knows from here on, with its causes, which agent it is about."""
        if isinstance(error, ConnectFailed | ConnectionLost) and not error.hint:
            error.hint = self._hint(error)
        cause: BaseException | None = error
        while isinstance(cause, SnmpError):
            if cause.peer is None:
                cause.peer = self.peer
            reason = getattr(cause, "reason", None)
            if isinstance(reason, SnmpError) and reason.peer is None:
                reason.peer = self.peer
            cause = cause.__cause__
        return error

    def _hint(self, error: ConnectFailed | ConnectionLost) -> str:
        """Return what may help; empty if there is nothing to say."""
        options = self.options
        if isinstance(error, ConnectionLost):
            return self._hint_at_tls(error)
        if options.proxy is not None or isinstance(error, TlsFailed) or not _is_refused(error):
            return ""
        return _SNMPD_LISTENS.get(options.port, "")

    def _hint_at_tls(self, error: ConnectionLost) -> str:
        """Return a hint if the agent seems to speak TLS, and the manager does not."""
        options = self.options
        if options.tls is not None:
            return ""
        cause = error.__cause__
        if isinstance(cause, FramingError) and cause.octets.startswith(TLS_ALERT):
            return "the agent speaks TLS on this port: give tls="
        return "this port is for TLS: give tls=" if options.port == TLS_PORT else ""


def _is_refused(error: BaseException) -> bool:
    """Whether each address of the agent has refused the connection."""
    cause = error.__cause__
    causes = cause.exceptions if isinstance(cause, BaseExceptionGroup) else (cause,)
    return all(isinstance(each, OSError) and each.errno == errno.ECONNREFUSED for each in causes)


def telling(method: Callable[Concatenate[M, P], T]) -> Callable[Concatenate[M, P], T]:
    """Decorate a method of a manager whose errors know the agent."""

    @functools.wraps(method)
    def call(self: M, /, *args: P.args, **options: P.kwargs) -> T:
        try:
            return method(self, *args, **options)
        except SnmpError as error:
            self._connector.failures.told(error)
            raise

    return call


def telling_later(
    method: Callable[Concatenate[M, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[M, P], Coroutine[Any, Any, T]]:
    """Decorate a coroutine method of a manager whose errors know the agent."""

    @functools.wraps(method)
    async def call(self: M, /, *args: P.args, **options: P.kwargs) -> T:
        try:
            return await method(self, *args, **options)
        except SnmpError as error:
            self._connector.failures.told(error)
            raise

    return call
