"""What an error means to who typed the command: which option to look at.

What may live here: words for errors.  What may not: secrets; options are named, and only protocols, levels and
user names are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.credentials import PrivProtocol, SecurityLevel
from snmptcp.errors import (
    AuthorizationError,
    ConnectionLost,
    DecryptionFailed,
    RequestTimeout,
    SecurityError,
    SecurityLevelTooLow,
    TlsFailed,
    TlsFailure,
    UnknownContext,
    UnknownEngine,
    UnknownUser,
    WrongDigest,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from snmptcp.credentials import UsmUser
    from snmptcp.errors import SnmpError

__all__ = ("describe_error",)

#: RFC 6353 section 9: where requests and notifications go inside TLS.
_TLS_PORTS = (10161, 10162)


def describe_error(error: SnmpError, arguments: argparse.Namespace) -> str:
    """Return an error in one line, with a hint where there is one."""
    text = str(error) or type(error).__name__
    if isinstance(error, TlsFailed):
        hint = _TLS_HINTS.get(error.failure)
        return f"{text}; {hint}" if hint else text
    user: UsmUser | None = getattr(arguments, "usm_user", None)
    agent = getattr(arguments, "agent", None)
    if isinstance(error, ConnectionLost) and agent is not None and not arguments.uses_tls and agent.port in _TLS_PORTS:
        return f"{text} (what is spoken at that port is TLS: tlstcp:{agent})"
    if isinstance(error, AuthorizationError) and getattr(arguments, "tsm", None) is not None:
        return f"{text} (what you may see depends on the security name that your certificate has there)"
    if isinstance(error, RequestTimeout) and error.reason is None:
        return f"{text} ({_about_silence(user, arguments)})"
    reason = error.reason if isinstance(error, RequestTimeout) else error
    if user is None or reason is None:
        return text
    hint = next((make(user) for kind, make in _HINTS.items() if isinstance(reason, kind)), "")
    if type(reason) is SecurityError and user.context_engine_id is not None:
        hint = "check -E"  # RFC 3412 section 4.2.2.1.1: a context engine ID that nobody has registered
    if isinstance(error, RequestTimeout) and isinstance(reason, SecurityError):
        # An unprotected report proves nothing, so it was waited for a better answer: the report is the news.
        text = f"{reason}; no other answer within {error.timeout:g} s"
    return f"{text} ({hint})" if hint else text


def _about_silence(user: UsmUser | None, arguments: argparse.Namespace) -> str:
    """Return why an agent may have said nothing."""
    if getattr(arguments, "tsm", None) is not None:
        return "agents may say nothing to a certificate that has no security name there, or one without rights"
    if user is None:
        return "agents say nothing about a community or a version that they do not accept"
    engines = getattr(arguments, "engines", None)
    if engines is not None and engines.engine(arguments.agent.host, arguments.agent.port).engine_id is None:
        return "it did not even tell its engine ID: it may not speak SNMPv3"
    causes = []
    if user.security_level == SecurityLevel.authPriv:
        causes.append(f"a wrong privacy password or protocol: {_priv(user)}")
    if user.context_name or user.context_engine_id is not None:
        causes.append("a context that they do not have: check -n and -E")
    return (
        f"many agents say nothing about {', or '.join(causes)}"
        if causes
        else "it knows SNMPv3, and says nothing to this"
    )


def _auth(user: UsmUser) -> str:
    return f"check -A, and -a: {user.auth_protocol}"


def _priv(user: UsmUser) -> str:
    return f"check -X, and -x: {user.priv_protocol}{_OTHER_DIALECT.get(user.priv_protocol, '')}"


def _level(user: UsmUser) -> str:
    return f"-l: {user.security_level.name}"


#: The same cipher with keys made longer in the other way; nothing on the wire tells which of the two is meant.
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
    AuthorizationError: lambda user: f"what this user may see depends on {_level(user)}",
}

_TLS_HINTS: dict[TlsFailure, str] = {
    TlsFailure.UNKNOWN_CA: "check --tls-ca; or accept this one certificate: --tls-fingerprint",
    TlsFailure.SELF_SIGNED: "accept this one certificate: --tls-fingerprint, or --tls-ca with the certificate itself",
    TlsFailure.HOST_NAME: "say which name it should have: --tls-server-name",
    TlsFailure.FINGERPRINT: "check --tls-fingerprint, or -T their_identity",
    TlsFailure.REFUSED_BY_PEER: "check --tls-cert",
    TlsFailure.NOT_TLS: "check the port; or say tcp: in the place of tlstcp:",
    TlsFailure.CLOSED: "check the port, and --tls-cert",
    TlsFailure.TIMEOUT: "check the port",
}
