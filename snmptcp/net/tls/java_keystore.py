"""Reading Java's own key store format, JKS.

Contains: the format and its decryption.  Does not contain: X.509, other stores.

Sun's format of 1996 has no published description; this is what the JDK's ``keytool`` writes.  All numbers are
big-endian; texts have a length of two octets::

    FEEDFEED  version (1 or 2)  number of entries
    entry: tag (1 key, 2 trusted certificate)  alias  time of creation in ms (8 octets)
           tag 1: protected key, number of certificates, the certificates (the key's own first)
           tag 2: one certificate
    certificate: its type ("X.509"; version 1 has none), DER
    SHA-1 of the password in UTF-16, the words "Mighty Aphrodite", and everything before

Lengths of keys and certificates, and all counts, have four octets.  A protected key is a PKCS#8
EncryptedPrivateKeyInfo of an algorithm of Sun's own: 20 octets of salt, the key XORed with a chain of SHA-1 digests
of password and salt, and 20 octets of digest.

The format has no other digest than SHA-1; it is weak protection, but reading needs it.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snmptcp.codec.ber import read_tagged
from snmptcp.errors import ConfigurationError, DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("JKS_MAGIC", "JavaEntry", "read_java_keystore")

JKS_MAGIC = bytes.fromhex("feedfeed")
JCEKS_MAGIC = bytes.fromhex("cececece")

_WHITENER = b"Mighty Aphrodite"

#: 1.3.6.1.4.1.42.2.17.1.1, encoded.
_SUN_PROTECTION = bytes.fromhex("2b060104012a02110101")

_SEQUENCE, _OBJECT_IDENTIFIER, _OCTET_STRING = 0x30, 0x06, 0x04

_DIGEST_SIZE = 20

_TAG_KEY = 1
_TAG_CERTIFICATE = 2


@dataclass(frozen=True, slots=True)
class JavaEntry:
    """One entry of a key store.

    Attributes:
        alias: its name.
        certificates: DER; with a key, the key's own first and its issuers after it.
        private_key: PKCS#8 in DER; ``None`` for a trusted certificate.
    """

    alias: str
    certificates: tuple[bytes, ...]
    private_key: bytes | None = field(default=None, repr=False)


def read_java_keystore(octets: bytes, password: str) -> list[JavaEntry]:
    """Return the entries of a JKS key store, in its order.

    Args:
        octets: the whole store.
        password: the password of the store and of its keys.

    Raises:
        ConfigurationError: it is not a JKS key store, it is damaged, or the password is wrong.
    """
    if octets.startswith(JCEKS_MAGIC):
        raise ConfigurationError("a JCEKS key store is not supported: convert it to JKS (keytool -importkeystore)")
    if not octets.startswith(JKS_MAGIC):
        raise ConfigurationError("not a JKS key store")
    body, digest = octets[:-_DIGEST_SIZE], octets[-_DIGEST_SIZE:]
    wide = password.encode("utf-16-be")
    if not hmac.compare_digest(_sha1(wide + _WHITENER + body), digest):
        raise ConfigurationError("the password of the JKS key store is wrong, or the store is damaged")
    try:
        return list(_entries(_Reader(body[len(JKS_MAGIC) :]), wide))
    except (struct.error, UnicodeDecodeError) as error:
        raise ConfigurationError("the JKS key store is damaged") from error


class _Reader:
    """Reads numbers, texts and octets one after the other."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def number(self, layout: str = ">I") -> int:
        (number,) = struct.unpack_from(layout, self._octets, self._at)
        self._at += struct.calcsize(layout)
        return int(number)

    def octets(self, length: int) -> bytes:
        if length > len(self._octets) - self._at:
            raise struct.error("octets are missing")
        self._at += length
        return self._octets[self._at - length : self._at]

    def text(self) -> str:
        return self.octets(self.number(">H")).decode()


def _entries(reader: _Reader, password: bytes) -> Iterator[JavaEntry]:
    """Yield the entries."""
    version = reader.number()
    if version not in (1, 2):
        raise ConfigurationError(f"JKS key stores of version {version} are not supported, only 1 and 2")
    for _ in range(reader.number()):
        tag, alias = reader.number(), reader.text()
        reader.number(">Q")  # creation time
        if tag == _TAG_KEY:
            protected = reader.octets(reader.number())
            chain = tuple(_certificate(reader, version) for _ in range(reader.number()))
            yield JavaEntry(alias, chain, _private_key(protected, password, alias))
        elif tag == _TAG_CERTIFICATE:
            yield JavaEntry(alias, (_certificate(reader, version),))
        else:
            raise ConfigurationError(f"the JKS key store has an entry of unknown kind {tag}")


def _certificate(reader: _Reader, version: int) -> bytes:
    """Return one certificate, in DER."""
    kind = reader.text() if version == 2 else "X.509"
    if kind not in ("X.509", "X509"):
        raise ConfigurationError(f"the JKS key store has a certificate of type {kind!r}")
    return reader.octets(reader.number())


def _private_key(protected: bytes, password: bytes, alias: str) -> bytes:
    """Return a decrypted key in PKCS#8.

    Raises:
        ConfigurationError: the password is wrong, or the encryption is unknown.
    """
    try:
        start, end = read_tagged(protected, 0, len(protected), _SEQUENCE, "EncryptedPrivateKeyInfo")
        start, after = read_tagged(protected, start, end, _SEQUENCE, "AlgorithmIdentifier")
        algorithm = slice(*read_tagged(protected, start, after, _OBJECT_IDENTIFIER, "algorithm"))
        octets = protected[slice(*read_tagged(protected, after, end, _OCTET_STRING, "encryptedData"))]
    except DecodeError as error:
        raise ConfigurationError(f"the key {alias!r} of the JKS key store is damaged") from error
    if protected[algorithm] != _SUN_PROTECTION:
        raise ConfigurationError(f"the key {alias!r} of the JKS key store is encrypted in an unknown way, not Sun's")
    salt, sealed, digest = octets[:_DIGEST_SIZE], octets[_DIGEST_SIZE:-_DIGEST_SIZE], octets[-_DIGEST_SIZE:]
    stream = b"".join(_digest_chain(password, salt, len(sealed)))
    key = bytes(octet ^ mask for octet, mask in zip(sealed, stream, strict=False))
    if not hmac.compare_digest(_sha1(password + key), digest):
        raise ConfigurationError(f"the key {alias!r} has another password than its JKS key store")
    return key


def _digest_chain(password: bytes, salt: bytes, length: int) -> Iterator[bytes]:
    """Yield digests of the password and the last digest (first the salt), for at least ``length`` octets."""
    digest = salt
    for _ in range(0, length, _DIGEST_SIZE):
        digest = _sha1(password + digest)
        yield digest


def _sha1(octets: bytes) -> bytes:
    return hashlib.sha1(octets).digest()  # noqa: S324 - the format uses it
