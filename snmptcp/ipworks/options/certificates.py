"""Certificates: the object's own, and what events tell about those of peers.

Contains: the choice of a certificate from a store, PEM and DER, subjects.
Does not contain: TLS contexts (:mod:`snmptcp.ipworks.options.tls`).
"""

from __future__ import annotations

import contextlib
import ssl
import warnings
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning

from snmptcp.errors import ConfigurationError
from snmptcp.ipworks.errors import CANNOT_OPEN_FILE, CERTIFICATE_STORE, INVALID, UNSUPPORTED, IPWorksSNMPError
from snmptcp.net.tls.stores import StoredCertificate, StoreType, open_store, subject_text

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("CertificateChoice", "certificate_facts", "check_store_type", "ders_of", "pem_of", "rsa_bits")

#: The values of ssl_cert_store_type that are available.
_STORE_TYPES = (2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 99)


def check_store_type(number: int) -> None:
    """Raise for a type of store that is not available.

    The default, 0, may be set all the same: searching such a store is the error.

    Raises:
        IPWorksSNMPError: for instance for the other stores of Windows.
    """
    if number and number not in _STORE_TYPES:
        raise IPWorksSNMPError(
            UNSUPPORTED,
            f"certificate stores of type {number} are not available on this platform; "
            f"types {', '.join(map(str, _STORE_TYPES))} are",
        )


class CertificateChoice:
    """The object's own certificate, as the ``ssl_cert`` properties have chosen it."""

    def __init__(self) -> None:
        self._chosen: StoredCertificate | None = None

    def __bool__(self) -> bool:
        """Whether a certificate is chosen."""
        return self._chosen is not None

    @property
    def subject(self) -> str:
        """The certificate's subject; empty if none is chosen."""
        return "" if self._chosen is None else self._chosen.subject

    @property
    def encoded(self) -> bytes:
        """The certificate in PEM; empty if none is chosen."""
        return b"" if self._chosen is None else self._chosen.certificate_pem.encode()

    @property
    def identity(self) -> tuple[object, ...]:
        """What connections depend on: the certificate, and whether it has a key."""
        return () if self._chosen is None else (self.encoded, self._chosen.private_key is not None)

    def clear(self) -> None:
        """Choose none."""
        self._chosen = None

    def search(self, kind: int, source: bytes, password: str, subject: str) -> None:
        """Choose the certificate with a subject from a store; none if there is none, or if the subject is empty.

        Raises:
            IPWorksSNMPError: the store cannot be opened.
        """
        self._chosen = None
        if subject:
            self._chosen = _opened(kind, source, password).find(subject)

    def load(self, text: bytes) -> None:
        """Choose the certificate in a PEM text, or in the base64 of one; none if the text is empty.

        Raises:
            IPWorksSNMPError: the text holds no certificate.
        """
        self._chosen = None
        if text.strip():
            kind = StoreType.PEM_KEY_BLOB if b"PRIVATE KEY-----" in text else StoreType.PUBLIC_KEY_BLOB
            self._chosen = _opened(kind, text, "").find("*")

    def options(self) -> dict[str, Any]:
        """Return the certificate and its key as arguments of :class:`TlsOptions`.

        Raises:
            IPWorksSNMPError: the certificate has no private key.
        """
        if self._chosen is None:
            return {}
        if self._chosen.key_pem is None:
            raise IPWorksSNMPError(CERTIFICATE_STORE, f"the store has no private key for {self._chosen.subject}")
        return {"certificate": self._chosen.chain_pem, "key": self._chosen.key_pem}


def _opened(kind: int, source: bytes, password: str) -> Any:
    try:
        return open_store(kind, source, password)
    except ConfigurationError as error:
        code = CANNOT_OPEN_FILE if isinstance(error.__cause__, OSError) else CERTIFICATE_STORE
        raise IPWorksSNMPError(code, str(error), error) from None


def pem_of(*certificates: bytes | None) -> bytes:
    """Return DER certificates as one PEM text."""
    return b"".join(ssl.DER_cert_to_PEM_cert(der).encode() for der in certificates if der)


def ders_of(text: bytes) -> list[bytes]:
    """Return the certificates of a PEM text, or of base64 without the lines around it.

    Raises:
        IPWorksSNMPError: the text holds no certificate.
    """
    if not text.strip():
        return []
    if b"-----BEGIN" not in text:
        text = b"-----BEGIN CERTIFICATE-----\n" + b"".join(text.split()) + b"\n-----END CERTIFICATE-----\n"
    try:
        with warnings.catch_warnings(action="ignore", category=CryptographyDeprecationWarning):
            found = x509.load_pem_x509_certificates(text)
    except (ValueError, x509.InvalidVersion) as error:
        raise IPWorksSNMPError(INVALID, f"not a certificate in PEM: {error}", error) from None
    return [certificate.public_bytes(Encoding.DER) for certificate in found]


def certificate_facts(der: bytes | None) -> dict[str, Any]:
    """Return a certificate's subject and issuer as attributes of events; empty if they cannot be read."""
    subject = issuer = ""
    with _reading():
        if der is not None:
            certificate = x509.load_der_x509_certificate(der)
            subject, issuer = subject_text(certificate.subject), subject_text(certificate.issuer)
    return {"cert_subject": subject, "cert_issuer": issuer}


def rsa_bits(der: bytes | None) -> int:
    """Return the bits of a certificate's RSA key; 0 if it has none."""
    with _reading():
        key = None if der is None else x509.load_der_x509_certificate(der).public_key()
        return key.key_size if isinstance(key, RSAPublicKey) else 0
    return 0


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """Read a peer's certificate, which OpenSSL could read: what cryptography cannot read of it is left out."""
    with (
        warnings.catch_warnings(action="ignore", category=CryptographyDeprecationWarning),
        contextlib.suppress(ValueError, x509.InvalidVersion, UnsupportedAlgorithm),
    ):
        yield
