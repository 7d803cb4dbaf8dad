"""TLS for both sides of a connection: its options, and what was negotiated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.lazy import lazy_names

if TYPE_CHECKING:
    from snmptcp.net.tls.options import ClientCertificates, CrlCheck, Tls, TlsOptions
    from snmptcp.net.tls.session import ClientTls, ServerTls, TlsSession

__all__ = ("ClientCertificates", "ClientTls", "CrlCheck", "ServerTls", "Tls", "TlsOptions", "TlsSession")

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(("ClientCertificates", "CrlCheck", "Tls", "TlsOptions"), "snmptcp.net.tls.options"),
        **dict.fromkeys(("ClientTls", "ServerTls", "TlsSession"), "snmptcp.net.tls.session"),
    },
)
