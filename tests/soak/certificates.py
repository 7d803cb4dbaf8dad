"""The certificates of the soak: files that all its processes read."""

from __future__ import annotations

import datetime as dt
import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING

from snmptcp import TlsOptions
from snmptcp.net.tls import CertificateMap, MapType
from snmptcp.net.tls.authority import make_parties
from snmptcp.security.tls_names import Fingerprint
from tests.soak.devices import NAMES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ("client_tls", "server_tls", "write_certificates")


def write_certificates(folder: Path) -> None:
    """Write the authority's certificate, and certificates with keys for servers and for each client."""
    for name, party in make_parties([ip_address("127.0.0.1")], NAMES, dt.timedelta(days=30)).items():
        (folder / f"{name}.pem").write_bytes(party.certificate_pem)
        if name != "ca":
            key = folder / f"{name}.key"
            key.touch(mode=0o600)
            key.write_bytes(party.key_pem)


def client_tls(folder: Path, name: str) -> TlsOptions:
    """Return the options of a client."""
    return TlsOptions(ca_file=folder / "ca.pem", certificate=folder / f"{name}.pem", key=folder / f"{name}.key")


def server_tls(folder: Path) -> TlsOptions:
    """Return the options of an agent or a listener: clients need a certificate, and its name is theirs."""
    authority = ssl.PEM_cert_to_DER_cert((folder / "ca.pem").read_text(encoding="ascii"))
    return TlsOptions(
        ca_file=folder / "ca.pem",
        certificate=folder / "server.pem",
        key=folder / "server.key",
        certificate_maps=(CertificateMap(Fingerprint.of(authority), MapType.COMMON_NAME),),
    )
