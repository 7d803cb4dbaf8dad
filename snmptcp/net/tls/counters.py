"""What became of TLS sessions, counted as RFC 6353's MIB does (snmpTlstmSession, section 7).

What may live here: the counters, and which of them a failure belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass

from snmptcp.errors import TlsFailure

__all__ = ("TlsCounters",)

#: The peer's certificate is unknown: nobody who is trusted vouches for it, or it is not one of those expected.
_UNKNOWN = frozenset((TlsFailure.UNKNOWN_CA, TlsFailure.SELF_SIGNED, TlsFailure.FINGERPRINT, TlsFailure.NO_CERTIFICATE))

#: The peer's certificate is known, and no good.
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

    #: snmpTlstmSessionOpens: sessions that were opened as a client.
    session_opens: int = 0
    #: snmpTlstmSessionClientCloses: sessions of these that have ended.
    session_client_closes: int = 0
    #: snmpTlstmSessionOpenErrors: sessions that could not be opened.
    session_open_errors: int = 0
    #: snmpTlstmSessionAccepts: sessions that were accepted as a server.
    session_accepts: int = 0
    #: snmpTlstmSessionServerCloses: sessions of these that have ended.
    session_server_closes: int = 0
    #: snmpTlstmSessionInvalidClientCertificates: clients that were turned away for their certificate, or for none.
    session_invalid_client_certificates: int = 0
    #: snmpTlstmSessionUnknownServerCertificate: servers whose certificate nobody who is trusted vouches for.
    session_unknown_server_certificate: int = 0
    #: snmpTlstmSessionInvalidServerCertificates: servers whose certificate has expired, is another host's, ...
    session_invalid_server_certificates: int = 0

    def count_open_error(self, failure: TlsFailure | None) -> None:
        """Count a session that could not be opened as a client; ``None`` where it did not come to a handshake."""
        self.session_open_errors += 1
        self.session_unknown_server_certificate += failure in _UNKNOWN
        self.session_invalid_server_certificates += failure in _INVALID

    def count_accept_error(self, failure: TlsFailure) -> None:
        """Count a client that was turned away."""
        self.session_invalid_client_certificates += failure in _UNKNOWN or failure in _INVALID
