"""The facade's only exception, its codes, and the code of each exception of the library.

Contains: codes, the exception, and translation to it.  Does not contain: decisions about what is an error.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl

from snmptcp.errors import (
    ClosedError,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    ProtocolError,
    ProxyFailed,
    RequestTimeout,
    SecurityError,
    SnmpError,
    TlsFailed,
    TlsFailure,
)

__all__ = (
    "CANNOT_CONVERT",
    "CANNOT_OPEN_FILE",
    "CANNOT_VERIFY",
    "CERTIFICATE_NOT_FOUND",
    "CERTIFICATE_STORE",
    "DROPPED",
    "FIREWALL",
    "HOST_NOT_FOUND",
    "INTERRUPTED",
    "INVALID",
    "LOCAL_HOST_FROZEN",
    "LOCAL_PORT_FROZEN",
    "MAX_LINE_LENGTH_FROZEN",
    "PROTOCOL",
    "REMOTE_HOST_MISSING",
    "REMOTE_PORT_ZERO",
    "SECURITY",
    "STATE",
    "TIMEOUT",
    "UNSUPPORTED",
    "IPWorksSNMPError",
    "status_text",
    "switched_off",
    "translate",
)

LOCAL_PORT_FROZEN = 106
LOCAL_HOST_FROZEN = 107
REMOTE_HOST_MISSING = 102
MAX_LINE_LENGTH_FROZEN = 112
REMOTE_PORT_ZERO = 116
TIMEOUT = 201
STATE = 211
CERTIFICATE_STORE = 271
CERTIFICATE_NOT_FOUND = 272
CANNOT_VERIFY_CHAIN = 275
HANDSHAKE = 276
CANNOT_VERIFY = 280
NO_CLIENT_CERTIFICATE = 281
NO_SERVER_CERTIFICATE = 282
CANNOT_OPEN_FILE = 302
CANNOT_CONVERT = 434
DROPPED = 1120
INTERRUPTED = 10004
INVALID = 10022
UNSUPPORTED = 10045  # WSAEOPNOTSUPP

# No code is documented for these three.  They lie outside every documented block.
FIREWALL = 1301
SECURITY = 1302
PROTOCOL = 1303

#: The Winsock code of each errno.
_WINSOCK = {
    errno.EINTR: INTERRUPTED,
    errno.EACCES: 10013,
    errno.EPERM: 10013,
    errno.EINVAL: INVALID,
    errno.EMFILE: 10024,
    errno.EWOULDBLOCK: 10035,
    errno.ENOTSOCK: 10038,
    errno.EAFNOSUPPORT: 10047,
    errno.EADDRINUSE: 10048,
    errno.EADDRNOTAVAIL: 10049,
    errno.ENETDOWN: 10050,
    errno.ENETUNREACH: 10051,
    errno.ECONNABORTED: 10053,
    errno.ECONNRESET: 10054,
    errno.EPIPE: 10054,
    errno.ENOBUFS: 10055,
    errno.EISCONN: 10056,
    errno.ENOTCONN: 10057,
    errno.ETIMEDOUT: 10060,
    errno.ECONNREFUSED: 10061,
    errno.EHOSTDOWN: 10064,
    errno.EHOSTUNREACH: 10065,
}
HOST_NOT_FOUND = 11001
CONNECT_FAILED = 10060

_TLS = {
    TlsFailure.EXPIRED: CANNOT_VERIFY_CHAIN,
    TlsFailure.NOT_YET_VALID: CANNOT_VERIFY_CHAIN,
    TlsFailure.UNKNOWN_CA: CANNOT_VERIFY_CHAIN,
    TlsFailure.SELF_SIGNED: CANNOT_VERIFY_CHAIN,
    TlsFailure.REVOKED: CANNOT_VERIFY_CHAIN,
    TlsFailure.NO_CRL: CANNOT_VERIFY_CHAIN,
    TlsFailure.HOST_NAME: CANNOT_VERIFY,
    TlsFailure.FINGERPRINT: CANNOT_VERIFY,
    TlsFailure.BAD_CERTIFICATE: CANNOT_VERIFY,
    TlsFailure.NOT_ACCEPTED: CANNOT_VERIFY,
    TlsFailure.NO_CERTIFICATE: NO_SERVER_CERTIFICATE,
    TlsFailure.REFUSED_BY_PEER: NO_CLIENT_CERTIFICATE,
}

#: The documented text of each error-status.
_STATUS_TEXTS = (
    "No error.",
    "The response cannot fit in a single SNMP message.",
    "Variable does not exist.",
    "Invalid value or syntax.",
    "Variable is read-only.",
    "Other error (SNMPv1).",
    "Access denied.",
    "Wrong object type.",
    "Wrong length.",
    "Wrong encoding.",
    "Wrong value.",
    "No creation.",
    "Inconsistent value.",
    "Resource unavailable.",
    "Commit failed.",
    "Undo failed.",
    "Authorization error.",
    "Variable is not writable.",
    "Inconsistent name.",
)


class IPWorksSNMPError(Exception):
    """The exception of every method and property.

    A traceback shows it alone.  What it was made of is its ``cause``, which pickles and copies do not have.

    Attributes:
        code: the documented number.
        message: what failed; also the exception's text.
        cause: the library's or the operating system's exception; ``None`` if there is none.
    """

    def __init__(self, code: int = 0, message: str = "", cause: BaseException | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.cause = cause

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[type[IPWorksSNMPError], tuple[int, str]]:
        """Pickle and copy the code and the message."""
        return type(self), (self.code, self.message)


IPWorksSNMPError.__module__ = "snmptcp.ipworks"  # as programs import it, and as tracebacks show it


def status_text(status: int) -> str:
    """Return the text of an error-status."""
    return _STATUS_TEXTS[status] if 0 <= status < len(_STATUS_TEXTS) else f"Unknown error-status {status}."


def switched_off() -> IPWorksSNMPError:
    """Return the error of a method in which a handler has set ``active`` to False."""
    return IPWorksSNMPError(INTERRUPTED, f"[{INTERRUPTED}] Interrupted: active was set to False")


def translate(error: BaseException) -> IPWorksSNMPError:
    """Return the facade's exception for any other; the original is its ``cause``."""
    if isinstance(error, IPWorksSNMPError):
        return error
    reason = error.reason if isinstance(error, RequestTimeout) else None
    code = _code(reason if isinstance(reason, SecurityError) else error)
    text = (error.text if isinstance(error, SnmpError) else str(error)) or type(error).__name__
    if code >= INTERRUPTED and code != INVALID:
        text = f"[{code}] {text}"
    return IPWorksSNMPError(code, text, error)


def _code(error: BaseException) -> int:
    if isinstance(error, RequestTimeout | TimeoutError) and not getattr(error, "errno", None):
        return TIMEOUT
    if isinstance(error, TlsFailed):
        return TIMEOUT if error.failure is TlsFailure.TIMEOUT else _TLS.get(error.failure, HANDSHAKE)
    if isinstance(error, ProxyFailed):
        return FIREWALL
    if isinstance(error, ConnectFailed):
        return _system_code(error) or CONNECT_FAILED
    if isinstance(error, ConnectionLost):
        return _system_code(error) or DROPPED
    if isinstance(error, ClosedError | asyncio.CancelledError):
        return INTERRUPTED
    if isinstance(error, SecurityError):
        return SECURITY
    if isinstance(error, ProtocolError):
        return PROTOCOL
    if isinstance(error, ConfigurationError | ValueError | TypeError):
        return INVALID
    if isinstance(error, RuntimeError):
        return STATE
    if isinstance(error, SnmpError | OSError):
        return _system_code(error) or INVALID
    return INVALID


def _system_code(error: BaseException) -> int | None:
    """Return the code of the operating system's error, found anywhere in the chain of causes."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BaseExceptionGroup):  # a host with several addresses: one cause for each
            return next(filter(None, map(_system_code, cause.exceptions)), None)
        if isinstance(cause, socket.gaierror | UnicodeError):  # UnicodeError: the text cannot be a host name
            return HOST_NOT_FOUND
        if isinstance(cause, TimeoutError) and cause.errno is None:
            return TIMEOUT
        # The number of an SSLError is none of the operating system.
        if isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError) and cause.errno in _WINSOCK:
            return _WINSOCK[cause.errno]
        cause = cause.__cause__
    return None
