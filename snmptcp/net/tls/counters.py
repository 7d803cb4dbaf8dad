"""Counters of TLS sessions, as in RFC 6353's MIB (snmpTlstmSession, section 7).

Contains: the counters, and which one a failure belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass

from snmptcp.errors import TlsFailure

__all__ = ("TlsCounters",)

#: The peer's certificate is unknown: no trusted authority has issued it, or it is not a pinned one.
_UNKNOWN = frozenset((TlsFailure.UNKNOWN_CA, TlsFailure.SELF_SIGNED, TlsFailure.FINGERPRINT, TlsFailure.NO_CERTIFICATE))

#: The peer's certificate is known, and invalid.
_INVALID = frozenset(
    (
        TlsFailure.EXPIRED,
        TlsFailure.NOT_YET_VALID,
        TlsFailure.HOST_NAME,
        TlsFailure.REVOKED,
        TlsFailure.NO_CRL,
        TlsFailure.BAD_CERTIFICATE,
    )
)


@dataclass(slots=True)
class TlsCounters:
    """The counters of RFC 6353 section 7; those of the other role stay zero."""

    #: snmpTlstmSessionOpens: sessions opened as a client.
    session_opens: int = 0
    #: snmpTlstmSessionClientCloses: how many of these have ended.
    session_client_closes: int = 0
    #: snmpTlstmSessionOpenErrors: sessions that could not be opened.
    session_open_errors: int = 0
    #: snmpTlstmSessionAccepts: sessions accepted as a server.
    session_accepts: int = 0
    #: snmpTlstmSessionServerCloses: how many of these have ended.
    session_server_closes: int = 0
    #: snmpTlstmSessionInvalidClientCertificates: clients refused for their certificate, or for having none.
    session_invalid_client_certificates: int = 0
    #: snmpTlstmSessionUnknownServerCertificate: servers whose certificate no trusted authority has issued.
    session_unknown_server_certificate: int = 0
    #: snmpTlstmSessionInvalidServerCertificates: servers whose certificate has expired, is for another host, ...
    session_invalid_server_certificates: int = 0

    def count_open_error(self, failure: TlsFailure | None) -> None:
        """Count a session that could not be opened as a client; ``None`` if there was no handshake."""
        self.session_open_errors += 1
        self.session_unknown_server_certificate += failure in _UNKNOWN
        self.session_invalid_server_certificates += failure in _INVALID

    def count_accept_error(self, failure: TlsFailure) -> None:
        """Count a refused client."""
        self.session_invalid_client_certificates += failure in _UNKNOWN or failure in _INVALID
