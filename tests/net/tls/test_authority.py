"""The certificates that ``snmptcp certs`` makes."""

from __future__ import annotations

import datetime as dt
import ipaddress
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from snmptcp.cli.main import main
from snmptcp.net.tls import ClientTls, TlsOptions
from snmptcp.security.tls_names import CertificateMap, MapType
from tests.support.tls import FRAME, TlsServer, connect

if TYPE_CHECKING:
    from pathlib import Path


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _fingerprint(found: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives import hashes

    return found.fingerprint(hashes.SHA256())


@pytest.mark.anyio
async def test_both_sides_of_tls_work_with_what_it_makes(tmp_path, capsys):
    folder = tmp_path / "new" / "certs"
    assert main(["certs", str(folder), "--client", "noc", "--client", "backup"]) == 0
    ca = certificate(folder / "ca.pem")
    maps = (CertificateMap(_fingerprint(ca), MapType.COMMON_NAME),)
    asking = TlsOptions(
        ca_file=folder / "ca.pem",
        certificate=folder / "server.pem",
        key=folder / "server.key",
        certificate_maps=maps,
    )
    async with TlsServer(asking) as server:
        for host, name in (("localhost", "noc"), ("127.0.0.1", "backup"), ("::1", "noc")):
            own = TlsOptions(ca_file=folder / "ca.pem", certificate=folder / f"{name}.pem", key=folder / f"{name}.key")
            client = await connect(ClientTls(own, host), "127.0.0.1", server.server.port)
            assert await client.echo() == FRAME
            session = server.opened[-1].tls
            assert session is not None
            assert session.security_name == name.encode()
            await client.aclose()


def test_the_server_is_for_its_hosts_and_for_so_many_days(tmp_path):
    assert main(["certs", str(tmp_path), "--host", "müller.example", "--host", "2001:db8::1", "--days", "7"]) == 0
    server = certificate(tmp_path / "server.pem")
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["xn--mller-kva.example"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("2001:db8::1")]
    for name in ("ca", "server", "manager"):
        left = certificate(tmp_path / f"{name}.pem").not_valid_after_utc - dt.datetime.now(dt.UTC)
        assert dt.timedelta(days=6, hours=23) < left <= dt.timedelta(days=7)
