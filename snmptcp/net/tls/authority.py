"""A small certificate authority, with the certificates of a server and of clients.

Contains: making keys and certificates.  Does not contain: writing them, and what a real authority needs (revocation,
remembered serial numbers, a key that is kept elsewhere).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ("HostName", "Party", "make_parties")

HostName: TypeAlias = str | IPv4Address | IPv6Address

#: For peers whose clocks are slightly behind.
_SLACK = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Party:
    """A key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def certificate_pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key in PEM, not encrypted."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate."""
        return hashlib.sha256(self.certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def make_parties(hosts: Sequence[HostName], clients: Sequence[str], validity: dt.timedelta) -> Mapping[str, Party]:
    """Return the authority (``ca``), the server (``server``) and the clients, by name.

    Args:
        hosts: the server's names and addresses.
        clients: the clients' common names.
        validity: how long the certificates are valid.
    """
    authority = _authority(validity)
    common_name = str(hosts[0])[:64]  # RFC 5280 appendix A: ub-common-name
    names = [x509.DNSName(host) if isinstance(host, str) else x509.IPAddress(host) for host in hosts]
    alternative = x509.SubjectAlternativeName(names)
    server = _issue(authority, common_name, ExtendedKeyUsageOID.SERVER_AUTH, validity, alternative)
    parties = {"ca": authority, "server": server}
    for client in clients:
        parties[client] = _issue(authority, client, ExtendedKeyUsageOID.CLIENT_AUTH, validity)
    return parties


def _authority(validity: dt.timedelta) -> Party:
    key = ec.generate_private_key(ec.SECP256R1())
    # A random name, so that authorities in different directories are not confused.
    name = _name(f"snmptcp certs {os.urandom(4).hex()}")
    builder = _builder(name, name, key, validity)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(authority=True), critical=True)
    return Party(key, builder.sign(key, hashes.SHA256()))


def _issue(
    authority: Party,
    common_name: str,
    usage: x509.ObjectIdentifier,
    validity: dt.timedelta,
    names: x509.SubjectAlternativeName | None = None,
) -> Party:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(common_name), authority.certificate.subject, key, validity)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(authority=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return Party(key, builder.sign(authority.key, hashes.SHA256()))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, validity: dt.timedelta
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return builder.not_valid_before(now - _SLACK).not_valid_after(now + validity)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
