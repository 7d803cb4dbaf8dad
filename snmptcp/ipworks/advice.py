"""What a program can change when a method fails: texts that name the properties and settings.

Contains: the advice for each failure of a connection.  Does not contain: codes (:mod:`snmptcp.ipworks.errors`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snmptcp.errors import TlsFailed, TlsFailure
from snmptcp.ipworks.errors import HOST_NOT_FOUND, IPWorksSNMPError, translate

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("advised",)

_AUTHORITY = "SSLServerCACerts and OpenSSLCAFile name trusted authorities"
_HANDLER = "a handler of on_ssl_server_authentication may accept it"

_TLS = {
    TlsFailure.UNKNOWN_CA: f"{_AUTHORITY}; {_HANDLER}",
    TlsFailure.SELF_SIGNED: f"ssl_accept_server_cert_encoded accepts one certificate; {_HANDLER}",
    TlsFailure.HOST_NAME: f"set remote_host to a name in the certificate; {_HANDLER}",
    TlsFailure.NO_CRL: "OpenSSLCAFile and OpenSSLCADir name revocation lists; SSLCheckCRL=2 needs none",
    TlsFailure.REFUSED_BY_PEER: "ssl_cert_store and ssl_cert_subject choose this object's certificate",
    TlsFailure.VERSION: "SSLEnabledProtocols enables versions",
    TlsFailure.RENEGOTIATION: "SSLEnableRenegotiation=True allows it",
}

#: What restricts the key exchange and ciphers, if it is not as in a new object.
_RESTRICTIONS = (
    "OpenSSLCipherList",
    "SSLCipherStrength",
    "SSLEnabledCipherSuites",
    "TLS12SupportedGroups",
    "TLS13SupportedGroups",
)


def advised(error: BaseException, settings: Mapping[str, Any]) -> IPWorksSNMPError:
    """Return the facade's exception for any other, with advice if the settings may be the reason.

    Args:
        error: what a method failed with.
        settings: the properties and settings.
    """
    translated = translate(error)
    advice = _advice(translated, error, settings)
    if not advice:
        return translated
    return IPWorksSNMPError(translated.code, f"{translated.message} ({advice})", translated.cause)


def _advice(translated: IPWorksSNMPError, error: BaseException, settings: Mapping[str, Any]) -> str:
    if translated.code == HOST_NOT_FOUND and settings["UseIPv6"] != 2:
        kind = "IPv6" if settings["UseIPv6"] else "IPv4"
        return f"UseIPv6={settings['UseIPv6']} takes {kind} addresses only, UseIPv6=2 either"
    failure = _tls_failure(error)
    if failure is TlsFailure.CIPHER:
        limits = [name for name in _RESTRICTIONS if settings[name] not in ("", "*", 0)]
        return f"{' and '.join(limits)} restrict the choice" if limits else ""
    return "" if failure is None else _TLS.get(failure, "")


def _tls_failure(error: BaseException) -> TlsFailure | None:
    """Return the reason of TLS, found anywhere in the chain of causes."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, TlsFailed):
            return cause.failure
        cause = cause.__cause__
    return None
