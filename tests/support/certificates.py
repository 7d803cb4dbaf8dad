"""Test certificates: a small authority, and certificates that it has issued or not, made when the tests begin.

All keys are EC P-256, which are generated fast.  A certificate is named after its fault.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DAY = dt.timedelta(days=1)
PASSWORD = "a password of tests"

LOOPBACK: tuple[x509.GeneralName, ...] = (
    x509.DNSName("localhost"),
    x509.DNSName("agent.test"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.IPAddress(ipaddress.ip_address("::1")),
)


@dataclass(frozen=True)
class Issued:
    """A certificate and its key, in several encodings."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey
    issuers: tuple[x509.Certificate, ...] = ()  # those to send along

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def certificate_pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def chain_pem(self) -> str:
        others = (issuer.public_bytes(serialization.Encoding.PEM).decode() for issuer in self.issuers)
        return self.certificate_pem + "".join(others)

    @property
    def key_pem(self) -> str:
        return self._key(serialization.NoEncryption())

    @property
    def encrypted_key_pem(self) -> str:
        return self._key(serialization.BestAvailableEncryption(PASSWORD.encode()))

    @property
    def pem(self) -> str:
        """Certificate, chain and key in one text."""
        return self.chain_pem + self.key_pem

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    def pkcs12(self, password: str | None = PASSWORD) -> bytes:
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            encryption = serialization.BestAvailableEncryption(password.encode())
        return pkcs12.serialize_key_and_certificates(
            b"test", self.private_key, self.certificate, list(reversed(self.issuers)), encryption
        )

    def _key(self, encryption: serialization.KeySerializationEncryption) -> str:
        return self.private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        ).decode()


class Authority:
    """An authority; with an issuer, an intermediate one."""

    def __init__(self, name: str, issuer: Authority | None = None) -> None:
        self.private_key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.issuer = issuer
        signer = issuer or self
        builder = _builder(self.name, signer.name, self.private_key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(usage, critical=True).add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self.private_key.public_key()), critical=False
        )
        self.certificate = builder.sign(signer.private_key, hashes.SHA256())

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    def issue(
        self,
        common_name: str,
        *names: x509.GeneralName,
        begins: dt.timedelta = -DAY,
        ends: dt.timedelta = DAY,
        usages: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH),
    ) -> Issued:
        """Issue a certificate; its validity is given relative to now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        builder = _builder(subject, self.name, key, begins, ends)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.private_key.public_key()), critical=False
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        sent = (self.certificate,) if self.issuer is not None else ()
        return Issued(builder.sign(self.private_key, hashes.SHA256()), key, sent)

    def crl(self, *revoked: Issued, ends: dt.timedelta = DAY) -> x509.CertificateRevocationList:
        """Return this authority's revocation list."""
        now = _now()
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name)
        builder = builder.last_update(now - 2 * DAY).next_update(now + ends)
        for issued in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(issued.certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(now - DAY).build())
        return builder.sign(self.private_key, hashes.SHA256())

    def crl_pem(self, *revoked: Issued, ends: dt.timedelta = DAY) -> str:
        return self.crl(*revoked, ends=ends).public_bytes(serialization.Encoding.PEM).decode()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begins: dt.timedelta = -DAY,
    ends: dt.timedelta = DAY,
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(_now() + begins).not_valid_after(_now() + ends)


def self_signed(common_name: str, *names: x509.GeneralName, ends: dt.timedelta = DAY) -> Issued:
    """Return a self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = _builder(subject, subject, key, -3 * DAY, ends)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return Issued(builder.sign(key, hashes.SHA256()), key)


class Certificates:
    """All certificates; each is made at its first use and then kept."""

    def __init__(self) -> None:
        self.authority = Authority("snmptcp test authority")
        self.other_authority = Authority("another authority")

    @functools.cached_property
    def intermediate(self) -> Authority:
        return Authority("snmptcp test intermediate authority", self.authority)

    @functools.cached_property
    def server(self) -> Issued:
        """For localhost, agent.test, 127.0.0.1 and ::1."""
        return self.authority.issue("agent", *LOOPBACK)

    @functools.cached_property
    def server_of_intermediate(self) -> Issued:
        return self.intermediate.issue("agent", *LOOPBACK)

    @functools.cached_property
    def client(self) -> Issued:
        return self.authority.issue("manager", x509.RFC822Name("Manager@Example.COM"))

    @functools.cached_property
    def other_client(self) -> Issued:
        return self.authority.issue("another manager", x509.DNSName("other.example.com"))

    @functools.cached_property
    def expired(self) -> Issued:
        return self.authority.issue("expired", *LOOPBACK, begins=-3 * DAY, ends=-DAY)

    @functools.cached_property
    def not_yet_valid(self) -> Issued:
        return self.authority.issue("from tomorrow on", *LOOPBACK, begins=DAY, ends=3 * DAY)

    @functools.cached_property
    def revoked(self) -> Issued:
        return self.authority.issue("revoked", *LOOPBACK)

    @functools.cached_property
    def elsewhere(self) -> Issued:
        """From the right authority, for another host."""
        return self.authority.issue("elsewhere", x509.DNSName("elsewhere.test"))

    @functools.cached_property
    def of_other_authority(self) -> Issued:
        return self.other_authority.issue("agent", *LOOPBACK)

    @functools.cached_property
    def self_signed(self) -> Issued:
        return self_signed("agent", *LOOPBACK)

    @functools.cached_property
    def self_signed_and_expired(self) -> Issued:
        return self_signed("agent", *LOOPBACK, ends=-DAY)

    @property
    def ca_pem(self) -> str:
        return self.authority.pem

    @functools.cached_property
    def crl_pem(self) -> str:
        """The authority's revocation list, which contains ``revoked``."""
        return self.authority.crl_pem(self.revoked)

    def write(self, directory: Path) -> None:
        """Write ca.pem, crl.pem, server.pem/.key/.p12 and client.pem/.key/.p12."""
        (directory / "ca.pem").write_text(self.ca_pem)
        (directory / "crl.pem").write_text(self.crl_pem)
        for name, issued in (("server", self.server), ("client", self.client)):
            (directory / f"{name}.pem").write_text(issued.chain_pem)
            (directory / f"{name}.key").write_text(issued.key_pem)
            (directory / f"{name}.p12").write_bytes(issued.pkcs12())
            for kind in ("key", "p12"):
                (directory / f"{name}.{kind}").chmod(0o600)


@functools.cache
def certificates() -> Certificates:
    """Return all certificates; the same ones for the whole run."""
    return Certificates()


@pytest.fixture(scope="session", name="certificates")
def certificates_fixture() -> Certificates:
    """For ``from tests.support.certificates import certificates_fixture`` in a conftest."""
    return certificates()
