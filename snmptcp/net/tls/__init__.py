"""TLS for both sides of a connection: its options, and what was negotiated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.lazy import lazy_names

if TYPE_CHECKING:
    from snmptcp.net.tls.options import ClientCertificates, CrlCheck, Tls, TlsOptions
    from snmptcp.net.tls.session import ClientTls, ServerTls, TlsSession
    from snmptcp.security.tls_names import CertificateMap, Fingerprint, MapType

__all__ = (
    "CertificateMap",
    "ClientCertificates",
    "ClientTls",
    "CrlCheck",
    "Fingerprint",
    "MapType",
    "ServerTls",
    "Tls",
    "TlsOptions",
    "TlsSession",
)

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(("ClientCertificates", "CrlCheck", "Tls", "TlsOptions"), "snmptcp.net.tls.options"),
        **dict.fromkeys(("CertificateMap", "Fingerprint", "MapType"), "snmptcp.security.tls_names"),
        **dict.fromkeys(("ClientTls", "ServerTls", "TlsSession"), "snmptcp.net.tls.session"),
    },
)
