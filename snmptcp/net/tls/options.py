"""What users say about TLS.

What may live here: the options, and what is wrong with them by themselves.  What may not: OpenSSL, files.
"""

from __future__ import annotations

import enum
import os
import ssl
from dataclasses import dataclass, field
from typing import TypeAlias

from snmptcp.errors import ConfigurationError
from snmptcp.security.tls_names import CertificateMap, Fingerprint

__all__ = ("ClientCertificates", "CrlCheck", "Source", "Tls", "TlsOptions", "is_text")

#: A file's name, or what is in it: text with ``-----BEGIN`` in it (``str`` or ``bytes``), or other ``bytes`` (DER).
Source: TypeAlias = str | bytes | os.PathLike[str]

#: Hashes that somebody could make a second certificate for are no proof of identity.
_PINNABLE = frozenset({"sha256", "sha384", "sha512"})

_VERSIONS = {
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}


class ClientCertificates(enum.Enum):
    """What a server does about certificates of its clients."""

    NOT_ASKED = "not asked for"
    OPTIONAL = "asked for, and verified where there is one"
    REQUIRED = "required"


class CrlCheck(enum.Enum):
    """Whose revocation is looked up."""

    LEAF = "the peer's certificate"
    CHAIN = "every certificate of the chain"


def is_text(source: Source) -> bool:
    """Return whether a source is what it says, and not the name of a file."""
    return isinstance(source, bytes) or (isinstance(source, str) and "-----BEGIN" in source)


@dataclass(frozen=True, kw_only=True)
class TlsOptions:
    """How to make a TLS session, and whom to believe.

    Wherever a certificate, key or list is wanted it is the name of a file, or the text itself.

    Attributes:
        ca_file: certificates of the authorities that are trusted, in a PEM file.  Where no authority is given in
            any of the three ways, those of the system are.
        ca_directory: the same, one authority in each file.
        ca_pem: the same, as PEM text.
        certificate: one's own certificate in PEM, with those of its chain behind it.
        key: its private key, where it is not in the same place.
        pkcs12: certificate, chain and key in a PKCS#12 file or its octets, in place of the two.
        password: what the key or the PKCS#12 is encrypted with.
        server_name: the name that the agent's certificate must have, where it is not the name of the host.
        check_host_name: whether the agent's certificate must be for its name or address.
        verify: ``False`` believes anybody: encrypted, and to whom nobody knows.
        fingerprints: accept exactly these certificates: SHA-256 (or SHA-384, SHA-512) of the peer's, one or
            several.  That is in place of authorities, dates and names, so that self-signed and expired
            certificates can be among them.  Where authorities are given, too, both must be content.
        accepted_certificates: the same, the certificates themselves: PEM or DER.
        minimum_version: the lowest version of TLS; ``"1.2"`` and ``"1.3"`` do.
        maximum_version: the highest.
        ciphers: OpenSSL's list of ciphers for TLS 1.2; those without encryption or authentication are never
            taken.
        crl: revocation lists, PEM or DER.
        crl_check: whose revocation is looked up; :attr:`CrlCheck.LEAF` where there is a ``crl``.
        reuse_sessions: whether a next connection to the same agent takes up the last TLS session where it can,
            which spares both sides most of the work.
        key_log: a file to which the sessions' secrets are written, for debugging with a packet analyser.
        client_certificates: for servers: whether clients need a certificate.  ``None`` requires one where there
            is something to judge it by (authorities, accepted certificates, maps), and asks for none otherwise.
        certificate_maps: for servers: the security names of clients (RFC 6353); a certificate that none of
            them gives a name is refused.

    Raises:
        ConfigurationError: options that contradict each other, or no fingerprints.
    """

    ca_file: str | os.PathLike[str] | None = None
    ca_directory: str | os.PathLike[str] | None = None
    ca_pem: str | bytes | None = None
    certificate: Source | None = field(default=None, repr=False)
    key: Source | None = field(default=None, repr=False)
    pkcs12: Source | None = field(default=None, repr=False)
    password: str | bytes | None = field(default=None, repr=False)
    server_name: str | None = None
    check_host_name: bool = True
    verify: bool = True
    fingerprints: str | bytes | Fingerprint | tuple[str | bytes | Fingerprint, ...] = ()
    accepted_certificates: Source | tuple[Source, ...] = ()
    minimum_version: ssl.TLSVersion | str = ssl.TLSVersion.TLSv1_2
    maximum_version: ssl.TLSVersion | str = ssl.TLSVersion.TLSv1_3
    ciphers: str | None = None
    crl: Source | None = None
    crl_check: CrlCheck | None = None
    reuse_sessions: bool = True
    key_log: str | os.PathLike[str] | None = None
    client_certificates: ClientCertificates | None = None
    certificate_maps: tuple[CertificateMap, ...] = ()

    def __post_init__(self) -> None:
        self._normalize()
        self._check_identity()
        self._check_trust()

    def _normalize(self) -> None:
        """Make of each option the one form that the rest of the library knows."""
        set_field = object.__setattr__
        fingerprints = self.fingerprints
        if isinstance(fingerprints, str | bytes | Fingerprint):
            fingerprints = (fingerprints,)
        set_field(self, "fingerprints", tuple(Fingerprint.parse(fingerprint) for fingerprint in fingerprints))
        accepted = self.accepted_certificates
        if isinstance(accepted, str | bytes | os.PathLike):
            accepted = (accepted,)
        set_field(self, "accepted_certificates", tuple(accepted))
        set_field(self, "certificate_maps", tuple(self.certificate_maps))
        set_field(self, "minimum_version", _version(self.minimum_version))
        set_field(self, "maximum_version", _version(self.maximum_version))

    def _check_identity(self) -> None:
        if self.key is not None and self.certificate is None:
            raise ConfigurationError("a key without its certificate")
        if self.pkcs12 is not None and self.certificate is not None:
            raise ConfigurationError("two identities: a certificate and a PKCS#12")

    def _check_trust(self) -> None:
        weak = [str(pin.hash_name) for pin in self.pins if pin.hash_name not in _PINNABLE]
        if weak:
            raise ConfigurationError(f"a certificate is accepted by its SHA-256 (or longer), not by {weak[0]}")
        if self.oldest > self.newest:
            raise ConfigurationError(f"no version of TLS from {self.oldest.name} to {self.newest.name}")
        if not self.verify and (self.has_authorities or self.is_pinned or self.crl is not None):
            raise ConfigurationError("verify=False believes anybody, and yet it is said whom to believe")
        if self.is_pinned and not self.has_authorities and self.crl is not None:
            raise ConfigurationError("a certificate that is accepted as it is cannot be revoked: no crl")
        if self.client_certificates is ClientCertificates.NOT_ASKED and self.certificate_maps:
            raise ConfigurationError("certificate_maps, and clients are not asked for certificates")
        if self.crl_check is not None and self.crl is None and self.ca_directory is None:
            raise ConfigurationError("crl_check without a crl")

    # What the options say, in the forms that the rest of the library uses.

    @property
    def pins(self) -> tuple[Fingerprint, ...]:
        """The fingerprints, parsed."""
        fingerprints = self.fingerprints if isinstance(self.fingerprints, tuple) else (self.fingerprints,)
        return tuple(Fingerprint.parse(fingerprint) for fingerprint in fingerprints)

    @property
    def accepted(self) -> tuple[Source, ...]:
        """The accepted certificates, one or several."""
        given = self.accepted_certificates
        return given if isinstance(given, tuple) else (given,)

    @property
    def is_pinned(self) -> bool:
        """Whether single certificates are accepted in place of those that authorities vouch for."""
        return bool(self.pins or self.accepted)

    @property
    def has_authorities(self) -> bool:
        """Whether authorities are given."""
        return any(given is not None for given in (self.ca_file, self.ca_directory, self.ca_pem))

    @property
    def oldest(self) -> ssl.TLSVersion:
        """The lowest version."""
        return _version(self.minimum_version)

    @property
    def newest(self) -> ssl.TLSVersion:
        """The highest version."""
        return _version(self.maximum_version)

    @property
    def clients(self) -> ClientCertificates:
        """What is done about clients' certificates."""
        if self.client_certificates is not None:
            return self.client_certificates
        judged = self.has_authorities or self.is_pinned or bool(self.certificate_maps)
        return ClientCertificates.REQUIRED if judged else ClientCertificates.NOT_ASKED


def _version(version: ssl.TLSVersion | str) -> ssl.TLSVersion:
    if isinstance(version, ssl.TLSVersion):
        return version
    try:
        return _VERSIONS[version]
    except KeyError:
        raise ConfigurationError(f"a version of TLS is '1.2' or '1.3', not {version!r}") from None


#: What users give as ``tls=``.
Tls: TypeAlias = bool | ssl.SSLContext | TlsOptions
