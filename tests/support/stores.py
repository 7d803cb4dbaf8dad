"""Checks of certificate stores."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization

from snmptcp.net.tls.stores import CertificateStore, StoredCertificate

if TYPE_CHECKING:
    from pathlib import Path

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


def subjects(store: CertificateStore) -> set[str]:
    return {entry.subject for entry in store}


def proves_good_for_tls(entry: StoredCertificate, folder: Path) -> None:
    """Let a real handshake succeed with what a store gives out."""
    assert entry.key_pem is not None
    files = folder / "chain.pem", folder / "key.pem"
    files[0].write_text(entry.chain_pem)
    files[1].write_text(entry.key_pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*files)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.load_verify_locations(
        cadata=(entry.chain[-1] if entry.chain else entry.certificate).public_bytes(PEM).decode()
    )
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server)
    there = server.wrap_bio(to_server, to_client, server_side=True)
    done = 0
    for side in (here, there, here, there):
        try:
            side.do_handshake()
            done += 1
        except ssl.SSLWantReadError:
            pass
    assert done >= 2
    assert here.getpeercert(binary_form=True) == entry.certificate.public_bytes(DER)
