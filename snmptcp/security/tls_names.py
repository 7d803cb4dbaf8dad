"""The mapping from certificates to security names (RFC 6353 section 7, snmpTlstmCertToTSNTable).

Contains: fingerprints, and the rows of that table.
Does not contain: the verification of certificates; the caller has verified the chain, or found the fingerprint among
the accepted ones.
"""

from __future__ import annotations

import enum
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cryptography import x509
from cryptography.x509.oid import NameOID

from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ("MAX_SECURITY_NAME", "CertificateMap", "Fingerprint", "MapType", "security_name")

#: The longest security name, in octets (RFC 6353, snmpTlstmCertToTSNTable).
MAX_SECURITY_NAME = 32

#: The hashes of the TLS HashAlgorithm registry (RFC 5246 section 7.4.1.4.1) by number, with the length of a digest.
_HASHES = {1: ("md5", 16), 2: ("sha1", 20), 3: ("sha224", 28), 4: ("sha256", 32), 5: ("sha384", 48), 6: ("sha512", 64)}
_BY_LENGTH = {length: number for number, (_, length) in _HASHES.items()}

_PREFIX = re.compile(r"(md5|sha-?1|sha-?224|sha-?256|sha-?384|sha-?512)(?:\s+fingerprint)?\s*[:=]\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Fingerprint:
    """The hash of a certificate's DER octets (SnmpTLSFingerprint).

    Attributes:
        algorithm: the number of the hash in the TLS HashAlgorithm registry; 4 is SHA-256.
        digest: the hash.
    """

    algorithm: int
    digest: bytes

    def __post_init__(self) -> None:
        if self.algorithm not in _HASHES:
            raise ConfigurationError(f"a hash algorithm is a number from 1 (MD5) to 6 (SHA-512), not {self.algorithm}")
        name, length = _HASHES[self.algorithm]
        if len(self.digest) != length:
            raise ConfigurationError(f"a {name} fingerprint needs {length} octets, not {len(self.digest)}")

    @classmethod
    def parse(cls, fingerprint: str | bytes | Fingerprint) -> Fingerprint:
        """Return a fingerprint from text or octets.

        Args:
            fingerprint: octets, or hexadecimal digits with or without colons, blanks or hyphens; the hash's name may
                precede them, as ``openssl x509 -fingerprint`` prints it.  They are a digest, whose length tells the
                hash, or an SnmpTLSFingerprint: one octet for the hash, then the digest (RFC 6353 section 7).

        Raises:
            ConfigurationError: it is not a fingerprint.
        """
        if isinstance(fingerprint, Fingerprint):
            return fingerprint
        named = None
        octets = fingerprint
        if isinstance(octets, str):
            text = octets.strip()
            prefix = _PREFIX.match(text)
            if prefix is not None:
                named = prefix[1].lower().replace("-", "")
                text = text[prefix.end() :]
            try:
                octets = bytes.fromhex(re.sub(r"[\s:-]", "", text))
            except ValueError:
                raise ConfigurationError(f"a fingerprint is written in hexadecimal digits, not {text!r}") from None
        found = cls._from_octets(bytes(octets))
        if named is not None and found.hash_name != named:
            raise ConfigurationError(f"the length of the fingerprint is that of {found.hash_name}, not of {named}")
        return found

    @classmethod
    def _from_octets(cls, octets: bytes) -> Fingerprint:
        if len(octets) in _BY_LENGTH:
            return cls(_BY_LENGTH[len(octets)], octets)
        if octets and octets[0] in _HASHES and _HASHES[octets[0]][1] == len(octets) - 1:
            return cls(octets[0], octets[1:])
        raise ConfigurationError(f"no hash has fingerprints of {len(octets)} octets")

    @classmethod
    def of(cls, certificate: bytes, algorithm: int = 4) -> Fingerprint:
        """Return the fingerprint of a certificate in DER."""
        name = _HASHES[algorithm][0]
        return cls(algorithm, hashlib.new(name, certificate, usedforsecurity=False).digest())

    @property
    def hash_name(self) -> str:
        """The hash's name in :mod:`hashlib`."""
        return _HASHES[self.algorithm][0]

    def matches(self, certificate: bytes) -> bool:
        """Return whether a certificate (DER) has this fingerprint."""
        return Fingerprint.of(certificate, self.algorithm).digest == self.digest

    def __bytes__(self) -> bytes:
        """Return the SnmpTLSFingerprint: one octet for the hash, then the digest."""
        return bytes((self.algorithm,)) + self.digest

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __str__(self) -> str:
        return f"{self.hash_name}:{self.digest.hex()}"


class MapType(enum.IntEnum):
    """How to derive a security name from a certificate; the values are those of snmpTlstmCertToTSNMIdentities."""

    SPECIFIED = 1
    SAN_RFC822_NAME = 2
    SAN_DNS_NAME = 3
    SAN_IP_ADDRESS = 4
    SAN_ANY = 5
    COMMON_NAME = 6


@dataclass(frozen=True)
class CertificateMap:
    """One row of snmpTlstmCertToTSNTable: the certificates that it matches, and their security name.

    Attributes:
        fingerprint: that of the peer's certificate, or of a CA in its verified chain; see :meth:`Fingerprint.parse`.
        map_type: how to derive the name.
        name: the security name for :attr:`MapType.SPECIFIED`; ignored for other types.

    Raises:
        ConfigurationError: an invalid fingerprint, or a specified name that is empty or longer than 32 octets.
    """

    fingerprint: Fingerprint
    map_type: MapType
    name: bytes

    def __init__(
        self, fingerprint: str | bytes | Fingerprint, map_type: MapType = MapType.SPECIFIED, name: str | bytes = b""
    ) -> None:
        octets = name.encode() if isinstance(name, str) else bytes(name)
        object.__setattr__(self, "fingerprint", Fingerprint.parse(fingerprint))
        object.__setattr__(self, "map_type", MapType(map_type))
        object.__setattr__(self, "name", octets)
        if self.map_type is MapType.SPECIFIED and not _is_usable(octets):
            raise ConfigurationError(f"a security name has 1 to {MAX_SECURITY_NAME} octets of UTF-8, not {octets!r}")


def security_name(maps: Iterable[CertificateMap], certificate: bytes, chain: Sequence[bytes] = ()) -> bytes | None:
    """Return the tmSecurityName of a peer's certificate (RFC 6353 section 7, snmpTlstmCertToTSNTable).

    Args:
        maps: the rows in order of priority.
        certificate: the peer's certificate (DER).
        chain: the certificates that its path was verified with (DER); never certificates that the peer only sent.

    Returns:
        The name from the first row that matches and yields a usable name.  ``None`` if no row does: then nothing may
        be accepted from the peer.
    """
    parsed: x509.Certificate | None = None
    for row in maps:
        if not any(row.fingerprint.matches(candidate) for candidate in (certificate, *chain)):
            continue
        if row.map_type is MapType.SPECIFIED:
            return row.name
        if parsed is None:
            try:
                parsed = x509.load_der_x509_certificate(certificate)
            except (ValueError, x509.InvalidVersion):
                # OpenSSL accepts certificates that this parser refuses; they yield no name.
                return None
        found = _ALGORITHMS[row.map_type](parsed)
        if found is not None and _is_usable(found):
            return found
    return None


def _is_usable(name: bytes) -> bool:
    """Return whether a name is a valid security name: UTF-8 of 1 to 32 octets."""
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return 0 < len(name) <= MAX_SECURITY_NAME


_AlternativeName: TypeAlias = x509.RFC822Name | x509.DNSName | x509.IPAddress


def _first_alternative(certificate: x509.Certificate, *kinds: type[_AlternativeName]) -> bytes | None:
    """Return the security name from the first subjectAltName of one of the given kinds."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        # ValueError is for malformed names; the parser supports neither x400Address nor ediPartyName.
        return None
    for name in names:
        if isinstance(name, kinds):
            return _alternative_name(name)
    return None


def _alternative_name(name: _AlternativeName) -> bytes | None:
    if isinstance(name, x509.RFC822Name):
        local, at, host = name.value.rpartition("@")
        return (local + at + host.lower()).encode()
    if isinstance(name, x509.DNSName):
        return name.value.lower().encode()
    packed = getattr(name.value, "packed", None)  # a network has none; it is valid in name constraints only
    if packed is None:
        return None
    return str(name.value).encode() if len(packed) == 4 else bytes(packed).hex().encode()


def _common_name(certificate: x509.Certificate) -> bytes | None:
    try:
        found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        return None
    if not found:
        return None
    value = found[-1].value  # the last of several is the most specific (RFC 4514 section 2.1)
    return value.encode() if isinstance(value, str) else value


_ALGORITHMS: dict[MapType, Callable[[x509.Certificate], bytes | None]] = {
    MapType.SAN_RFC822_NAME: lambda certificate: _first_alternative(certificate, x509.RFC822Name),
    MapType.SAN_DNS_NAME: lambda certificate: _first_alternative(certificate, x509.DNSName),
    MapType.SAN_IP_ADDRESS: lambda certificate: _first_alternative(certificate, x509.IPAddress),
    MapType.SAN_ANY: lambda certificate: _first_alternative(certificate, x509.RFC822Name, x509.DNSName, x509.IPAddress),
    MapType.COMMON_NAME: _common_name,
}
