"""What an error suggests to the user of the command line: which option to check.

Contains: texts.  They name options, protocols, levels and users, and never a secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.credentials import PrivProtocol, SecurityLevel, Tsm, UsmUser
from snmptcp.errors import (
    AuthorizationError,
    ConnectionLost,
    DecryptionFailed,
    FramingError,
    OidNotIncreasing,
    RequestTimeout,
    SecurityError,
    SecurityLevelTooLow,
    TlsFailed,
    TlsFailure,
    UnknownContext,
    UnknownEngine,
    UnknownUser,
    WrongCommunity,
    WrongDigest,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.cli.options.request import RequestOptions
    from snmptcp.errors import SnmpError

__all__ = ("describe_error",)

#: The ports of requests and notifications over TLS (RFC 6353 section 9).
_TLS_PORTS = (10161, 10162)


def describe_error(
    error: SnmpError, options: RequestOptions, *, engine_known: bool = True, answered: bool = True
) -> str:
    """Return an error in one line, with a hint if there is one.

    Args:
        error: what a request raised.
        options: the options of the request.
        engine_known: whether the agent's engine was given or discovered (SNMPv3).
        answered: whether the agent has answered anything.
    """
    text = error.text or type(error).__name__
    if isinstance(error, TlsFailed):
        hint = _TLS_HINTS.get(error.failure)
        return f"{text}; {hint}" if hint else text
    target, credentials = options.target, options.credentials
    if isinstance(error, ConnectionLost) and target.tls is None and (target.port in _TLS_PORTS or "TLS" in error.hint):
        what = "this port is for TLS" if target.port in _TLS_PORTS else "the agent speaks TLS on this port"
        return f"{text} ({what}: try tlstcp:{target.address})"
    if error.hint and not error.unproved:
        return f"{text} ({error.hint})"
    if isinstance(error, ConnectionLost) and target.tls is None and not answered:
        # OpenSSL's servers, this library's too, close the connection of a client that does not begin with TLS.
        return text if isinstance(error.__cause__, FramingError) else f"{text} (if it expects TLS: try tlstcp:HOST)"
    if isinstance(error, OidNotIncreasing) and not error.repeated:
        return f"{text} (-Cc accepts names out of order)"
    if isinstance(error, AuthorizationError) and isinstance(credentials, Tsm):
        return f"{text} (your rights depend on the security name that the agent gives to your certificate)"
    if isinstance(error, RequestTimeout) and error.reason is None:
        return f"{text} ({_about_silence(options, engine_known=engine_known)})"
    reason = error.reason if isinstance(error, RequestTimeout) else error
    if isinstance(reason, WrongCommunity):
        return f"{text} (if the agent is known for that: --any-community)"
    if not isinstance(credentials, UsmUser) or reason is None:
        return text
    hint = next((make(credentials) for kind, make in _HINTS.items() if isinstance(reason, kind)), "")
    if type(reason) is SecurityError and credentials.context_engine_id is not None:
        hint = "check -E"  # RFC 3412 section 4.2.2.1.1: a context engine ID that is not registered at the agent
    if isinstance(error, RequestTimeout) and isinstance(reason, SecurityError):  # the report is the news
        text = f"{reason.text}; no other answer within {error.timeout:g} s"
    return f"{text} ({hint})" if hint else text


def _about_silence(options: RequestOptions, *, engine_known: bool) -> str:
    """Return why an agent may not answer."""
    user = options.credentials
    if isinstance(user, Tsm):
        return "agents may not answer a certificate that has no security name or no rights"
    if not isinstance(user, UsmUser):
        return "agents do not answer a wrong community or version"
    if not engine_known:
        return "it did not answer the discovery of its engine ID: it may not support SNMPv3"
    causes = []
    if user.security_level == SecurityLevel.authPriv:
        causes.append(f"a wrong privacy password or protocol: {_priv(user)}")
    if user.context_name or user.context_engine_id is not None:
        causes.append("an unknown context: check -n and -E")
    return (
        f"many agents do not answer {', or '.join(causes)}"
        if causes
        else "it supports SNMPv3, but did not answer this request"
    )


def _auth(user: UsmUser) -> str:
    return f"check -A, and -a: {user.auth_protocol}"


def _priv(user: UsmUser) -> str:
    return f"check -X, and -x: {user.priv_protocol}{_OTHER_DIALECT.get(user.priv_protocol, '')}"


def _level(user: UsmUser) -> str:
    return f"-l: {user.security_level.name}"


#: The same cipher with the other way to lengthen keys; messages do not tell which one the sender uses.
_OTHER_DIALECT = {
    PrivProtocol.AES_192: " or AES-192-C",
    PrivProtocol.AES_256: " or AES-256-C",
    PrivProtocol.AES_192_C: " or AES-192",
    PrivProtocol.AES_256_C: " or AES-256",
}

_HINTS: dict[type[SnmpError], Callable[[UsmUser], str]] = {
    UnknownUser: lambda user: f"check -u: {user.name.decode('utf-8', 'backslashreplace')}",
    WrongDigest: _auth,
    DecryptionFailed: _priv,
    SecurityLevelTooLow: lambda user: f"check {_level(user)}",
    UnknownContext: lambda _: "check -n",
    UnknownEngine: lambda _: "check -e",
    AuthorizationError: lambda user: f"the user's rights depend on {_level(user)}",
}

_TLS_HINTS: dict[TlsFailure, str] = {
    TlsFailure.UNKNOWN_CA: "check --tls-ca, or accept this one certificate with --tls-fingerprint",
    TlsFailure.SELF_SIGNED: "accept this one certificate with --tls-fingerprint, or pass it to --tls-ca",
    TlsFailure.HOST_NAME: "give the name in the certificate: --tls-server-name",
    TlsFailure.FINGERPRINT: "check --tls-fingerprint, or -T their_identity",
    TlsFailure.REFUSED_BY_PEER: "check --tls-cert",
    TlsFailure.NOT_TLS: "check the port, or use tcp: instead of tlstcp:",
    TlsFailure.CLOSED: "check the port, and --tls-cert",
    TlsFailure.TIMEOUT: "check the port",
}
