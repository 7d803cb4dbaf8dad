"""Certificate stores: files and blobs with certificates and keys.

Contains: opening, listing, finding by subject, PEM.  Does not contain: trust, TLS.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import enum
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, overload

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from snmptcp.cautions import caution_about_file
from snmptcp.errors import ConfigurationError
from snmptcp.net.tls.java_keystore import JKS_MAGIC, read_java_keystore

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

__all__ = ("CertificateStore", "StoreType", "StoredCertificate", "open_store", "subject_text")


class StoreType(enum.IntEnum):
    """The format of a certificate store, and whether it is a file or the octets themselves (a blob)."""

    USER = 0
    MACHINE = 1
    PFX_FILE = 2
    PFX_BLOB = 3
    JKS_FILE = 4
    JKS_BLOB = 5
    PEM_KEY_FILE = 6
    PEM_KEY_BLOB = 7
    PUBLIC_KEY_FILE = 8
    PUBLIC_KEY_BLOB = 9
    SSH_PUBLIC_KEY_BLOB = 10
    P7B_FILE = 11
    P7B_BLOB = 12
    SSH_PUBLIC_KEY_FILE = 13
    PPK_FILE = 14
    PPK_BLOB = 15
    XML_FILE = 16
    XML_BLOB = 17
    JWK_FILE = 18
    JWK_BLOB = 19
    SECURITY_KEY = 20
    BCFKS_FILE = 21
    BCFKS_BLOB = 22
    AUTO = 99


# ------------------------------------------------------------------------------------- certificates


@dataclass(frozen=True)
class StoredCertificate:
    """A certificate of a store, with its key and chain.

    Attributes:
        certificate: the certificate.
        private_key: its key, if the store has it.  Never shown.
        chain: its issuers that the store has, the direct issuer first.
        alias: the store's name for it; may be empty.
    """

    certificate: x509.Certificate
    private_key: PrivateKeyTypes | None = field(default=None, repr=False)
    chain: tuple[x509.Certificate, ...] = ()
    alias: str = ""

    @property
    def subject(self) -> str:
        """The subject, in the format of :func:`subject_text`."""
        return subject_text(self.certificate.subject)

    @property
    def issuer(self) -> str:
        """The issuer, in the same format."""
        return subject_text(self.certificate.issuer)

    @property
    def certificate_pem(self) -> str:
        """The certificate alone."""
        return _pem(self.certificate)

    @property
    def chain_pem(self) -> str:
        """The certificate and its issuers, in the order that an ``SSLContext`` needs."""
        return "".join(map(_pem, (self.certificate, *self.chain)))

    @property
    def key_pem(self) -> str | None:
        """The private key in PKCS#8, not encrypted; ``None`` without one."""
        if self.private_key is None:
            return None
        encoding, layout = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self.private_key.private_bytes(encoding, layout, serialization.NoEncryption()).decode()


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


class CertificateStore(Sequence[StoredCertificate]):
    """The certificates of a store, in its order."""

    def __init__(self, certificates: Sequence[StoredCertificate]) -> None:
        self._certificates = tuple(certificates)

    @overload
    def __getitem__(self, index: int) -> StoredCertificate: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[StoredCertificate, ...]: ...
    def __getitem__(self, index: int | slice) -> StoredCertificate | tuple[StoredCertificate, ...]:
        return self._certificates[index]

    def __len__(self) -> int:
        return len(self._certificates)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {[entry.subject for entry in self]}>"

    def find(self, subject: str) -> StoredCertificate | None:
        """Return a certificate by its subject, or ``None``.

        Among several, one with a private key is preferred, then the first.  Case is ignored.

        Args:
            subject: the whole subject in any order, such as ``CN=agent, O="Lab, Inc."``; or a part of it; or ``*`` for
                any certificate.
        """
        wanted = subject.strip()
        if not wanted:
            return None
        candidates = sorted(self, key=lambda entry: entry.private_key is None)  # stable: the store's order otherwise
        if wanted == "*":
            return next(iter(candidates), None)
        fields = _fields_of_text(wanted)
        for entry in candidates:
            if fields is not None and sorted(fields) == sorted(_folded(entry.certificate.subject)):
                return entry
        texts = {wanted.casefold(), _joined(fields) if fields else wanted.casefold()}
        for entry in candidates:
            if any(text in entry.subject.casefold() for text in texts):
                return entry
        return None


# -------------------------------------------------------------------------------------------- names

_SHORT_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "SERIALNUMBER",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "S",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "T",
    "2.5.4.42": "G",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "E",
}

#: Other spellings of the same fields.
_SYNONYMS = {"st": "s", "email": "e", "emailaddress": "e", "title": "t", "gn": "g"}

_FIELD = re.compile(r'\s*([A-Za-z][A-Za-z0-9]*|\d+(?:\.\d+)+)\s*=\s*("(?:[^"]|"")*"|[^,"]*?)\s*(?:,|$)')


def subject_text(name: x509.Name) -> str:
    """Return a distinguished name as text: ``CN=agent, O="Lab, Inc.", C=DE``.

    The most specific field comes first, unlike in a certificate.  Values with a comma or a quotation mark are quoted,
    with the marks doubled.
    """
    return ", ".join(f"{key}={_quoted(value)}" for key, value in _fields(name))


def _fields(name: x509.Name) -> list[tuple[str, str]]:
    attributes = [attribute for rdn in reversed(name.rdns) for attribute in rdn]
    return [
        (_SHORT_NAMES.get(attribute.oid.dotted_string, attribute.oid.dotted_string), _as_text(attribute.value))
        for attribute in attributes
    ]


def _as_text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.hex()


def _quoted(value: str) -> str:
    if not re.search(r'[,"=\r\n]|^\s|\s$', value):
        return value
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _folded(name: x509.Name) -> list[tuple[str, str]]:
    """Return a name's fields, folded for comparison."""
    return [(key.casefold(), value.casefold()) for key, value in _fields(name)]


def _fields_of_text(text: str) -> list[tuple[str, str]] | None:
    """Return the fields of a subject's text, folded for comparison; ``None`` if the text has another format."""
    fields, at = [], 0
    while at < len(text):
        found = _FIELD.match(text, at)
        if found is None:
            return None
        key, value = found[1].casefold(), found[2]
        if value.startswith('"'):
            value = value[1:-1].replace('""', '"')
        fields.append((_SYNONYMS.get(key, key), value.casefold()))
        at = found.end()
    return fields or None


def _joined(fields: list[tuple[str, str]]) -> str:
    return ", ".join(f"{key}={_quoted(value)}" for key, value in fields).casefold()


# ------------------------------------------------------------------------------------------- stores

_PEM_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)

_Reader: TypeAlias = Callable[[bytes, str], list[StoredCertificate]]


def open_store(kind: StoreType | int, source: str | bytes | os.PathLike[str], password: str = "") -> CertificateStore:
    """Open a certificate store.

    Args:
        kind: the type; :attr:`StoreType.AUTO` finds out whether ``source`` is a file, and the format.
        source: the path of a file; or a blob, binary or in base64.
        password: the password of the store or its key, if it has one.

    Raises:
        ConfigurationError: the type is not supported, the file or blob cannot be read, or the password is wrong.
    """
    try:
        known = StoreType(kind)
    except ValueError:
        raise ConfigurationError(f"{kind} is not the number of a certificate store type") from None
    if known is StoreType.AUTO:
        octets = _auto_source(source)
        return _checked(CertificateStore(_detected(octets)(octets, password)), source)
    if known not in _READERS:
        raise ConfigurationError(
            f"certificate stores of type {known.value} ({known.name}) are not supported; "
            "PFX, JKS, PEM, public key and P7B files and blobs are"
        )
    octets = _file(source) if known.name.endswith("_FILE") else _blob(source)
    return _checked(CertificateStore(_READERS[known](octets, password)), source)


def _checked(store: CertificateStore, source: str | bytes | os.PathLike[str]) -> CertificateStore:
    """Return a store; warn if it has a private key, and is a file that others can read."""
    if any(entry.private_key is not None for entry in store):
        with contextlib.suppress(ValueError):  # a blob is no path
            caution_about_file(os.fsdecode(source), "the private key in")
    return store


def _file(source: str | bytes | os.PathLike[str]) -> bytes:
    """Return a file's content."""
    path = Path(os.fsdecode(source))
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(f"the certificate store {path} cannot be read: {reason}") from error


def _blob(source: str | bytes | os.PathLike[str]) -> bytes:
    """Return a blob, decoded if it is base64; PEM is not changed."""
    if isinstance(source, os.PathLike):
        raise ConfigurationError("a blob must be octets, base64 or PEM, not a path")
    try:
        octets = source.encode("ascii") if isinstance(source, str) else bytes(source)
        if b"-----BEGIN" in octets:
            return octets
        return base64.b64decode(b"".join(octets.split()), validate=True)
    except UnicodeEncodeError:
        raise ConfigurationError("a blob must be octets, base64 or PEM") from None
    except binascii.Error:
        return octets


def _auto_source(source: str | bytes | os.PathLike[str]) -> bytes:
    """Return the content of the file with that name, or else the blob."""
    try:
        if os.path.isfile(source):  # noqa: PTH113 - a blob may not be a valid path
            return _file(source)
    except ValueError:  # a blob may have a NUL
        pass
    octets = _blob(source)
    if isinstance(source, str) and octets == source.encode() and b"-----BEGIN" not in octets:
        raise ConfigurationError("the certificate store is neither a file nor a blob")
    return octets


def _detected(octets: bytes) -> _Reader:
    """Return the reader for the format of the octets."""
    if octets.startswith(JKS_MAGIC):
        return _read_jks
    if b"-----BEGIN PKCS7-----" in octets:
        return _read_p7b
    if b"-----BEGIN" in octets:
        return _read_pem
    for load, reader in (
        (x509.load_der_x509_certificate, _read_public),
        (pkcs7.load_der_pkcs7_certificates, _read_p7b),
    ):
        try:
            load(octets)
        except (ValueError, UnsupportedAlgorithm):
            continue
        return reader
    return _read_pfx


def _read_pfx(octets: bytes, password: str) -> list[StoredCertificate]:
    try:
        store = pkcs12.load_pkcs12(octets, password.encode() or None)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError("not a PFX (PKCS#12) store, or the password is wrong") from error
    others = [entry.certificate for entry in store.additional_certs]
    found = []
    if store.cert is not None:
        chain = _chain(store.cert.certificate, others)
        alias = (store.cert.friendly_name or b"").decode(errors="replace")
        found.append(StoredCertificate(store.cert.certificate, store.key, chain, alias))
    for entry in store.additional_certs:
        alias = (entry.friendly_name or b"").decode(errors="replace")
        found.append(StoredCertificate(entry.certificate, None, _chain(entry.certificate, others), alias))
    return _not_empty(found, "PFX store")


def _read_jks(octets: bytes, password: str) -> list[StoredCertificate]:
    if octets[:1] == b"\x30":  # today's keytool writes PKCS#12, also into *.jks
        return _read_pfx(octets, password)
    found = []
    for entry in read_java_keystore(octets, password):
        certificates = [_der_certificate(der) for der in entry.certificates]
        key = None if entry.private_key is None else _der_key(entry.private_key)
        if certificates:
            found.append(StoredCertificate(certificates[0], key, tuple(certificates[1:]), entry.alias))
    return _not_empty(found, "JKS key store")


def _read_pem(octets: bytes, password: str) -> list[StoredCertificate]:
    """Read certificates and keys in PEM; match each key to its certificate."""
    certificates, keys = [], []
    for block in _PEM_BLOCK.finditer(octets):
        label, text = block[1], block[0]
        if label in (b"CERTIFICATE", b"X509 CERTIFICATE"):
            certificates.append(_pem_certificate(text))
        elif label.endswith(b"PRIVATE KEY"):
            keys.append(_pem_key(text, password))
    if keys and not certificates:
        raise ConfigurationError("the PEM store has a key, but no certificate")
    return _not_empty(_with_keys(certificates, keys), "PEM store")


def _with_keys(certificates: list[x509.Certificate], keys: list[PrivateKeyTypes]) -> list[StoredCertificate]:
    by_public_key = {_spki(key.public_key()): key for key in keys}
    found = [
        StoredCertificate(
            certificate, by_public_key.pop(_spki(certificate.public_key()), None), _chain(certificate, certificates)
        )
        for certificate in certificates
    ]
    if by_public_key:
        raise ConfigurationError("the store has a key that fits none of its certificates")
    return found


def _spki(key: object) -> bytes:
    """Return a public key as octets, for comparison."""
    encoding, layout = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(encoding, layout)  # type: ignore[attr-defined, no-any-return]  # every public key has it


def _read_public(octets: bytes, _: str) -> list[StoredCertificate]:
    """Read certificates in PEM or DER; ignore keys."""
    if b"-----BEGIN" not in octets:
        return [StoredCertificate(_der_certificate(octets))]
    try:
        certificates = x509.load_pem_x509_certificates(octets)
    except ValueError as error:
        raise ConfigurationError("no certificate in PEM can be read from the store") from error
    return [StoredCertificate(certificate, None, _chain(certificate, certificates)) for certificate in certificates]


def _read_p7b(octets: bytes, _: str) -> list[StoredCertificate]:
    load = pkcs7.load_pem_pkcs7_certificates if b"-----BEGIN" in octets else pkcs7.load_der_pkcs7_certificates
    try:
        certificates = load(octets)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError("not a P7B (PKCS#7) store of certificates") from error
    found = [StoredCertificate(certificate, None, _chain(certificate, certificates)) for certificate in certificates]
    return _not_empty(found, "P7B store")


def _not_empty(found: list[StoredCertificate], what: str) -> list[StoredCertificate]:
    if not found:
        raise ConfigurationError(f"the {what} has no certificate")
    return found


def _chain(certificate: x509.Certificate, others: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Return a certificate's issuers among others, the direct issuer first; compare only names."""
    chain: list[x509.Certificate] = []
    current = certificate
    while current.issuer != current.subject:
        candidates = (other for other in others if other.subject == current.issuer)
        issuer = next((other for other in candidates if other != certificate and other not in chain), None)
        if issuer is None:
            break
        chain.append(issuer)
        current = issuer
    return tuple(chain)


def _der_certificate(octets: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(octets)
    except ValueError as error:
        raise ConfigurationError("the store has a certificate that cannot be read") from error


def _pem_certificate(octets: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(octets)
    except ValueError as error:
        raise ConfigurationError("the store has a certificate that cannot be read") from error


def _der_key(octets: bytes) -> PrivateKeyTypes:
    try:
        return serialization.load_der_private_key(octets, None)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError("the store has a private key that cannot be read") from error


def _pem_key(octets: bytes, password: str) -> PrivateKeyTypes:
    encrypted = b"ENCRYPTED" in octets
    if encrypted and not password:
        raise ConfigurationError("the private key of the store is encrypted, and no password is given")
    try:
        return serialization.load_pem_private_key(octets, password.encode() if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        wrong = "the password of the store's private key is wrong, or the key cannot be read"
        raise ConfigurationError(wrong if encrypted else "the private key of the store cannot be read") from error


_READERS: dict[StoreType, _Reader] = {
    StoreType.PFX_FILE: _read_pfx,
    StoreType.PFX_BLOB: _read_pfx,
    StoreType.JKS_FILE: _read_jks,
    StoreType.JKS_BLOB: _read_jks,
    StoreType.PEM_KEY_FILE: _read_pem,
    StoreType.PEM_KEY_BLOB: _read_pem,
    StoreType.PUBLIC_KEY_FILE: _read_public,
    StoreType.PUBLIC_KEY_BLOB: _read_public,
    StoreType.P7B_FILE: _read_p7b,
    StoreType.P7B_BLOB: _read_p7b,
}
