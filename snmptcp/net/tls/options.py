"""The options of TLS.

Contains: the options, and checks that need no file.  Does not contain: OpenSSL, reading files.
"""

from __future__ import annotations

import enum
import os
import ssl
from dataclasses import dataclass, field
from typing import TypeAlias

from snmptcp.arguments import FLAG, PATH, TEXT, TEXT_OR_OCTETS, Kind, check_arguments, instance_of, optional, wrong_type
from snmptcp.errors import ConfigurationError
from snmptcp.security.tls_names import CertificateMap, Fingerprint

__all__ = ("ClientCertificates", "CrlCheck", "Source", "Tls", "TlsOptions", "is_text")

#: A file's name, or its content: PEM text with ``-----BEGIN`` (``str`` or ``bytes``), or DER (``bytes``).
Source: TypeAlias = str | bytes | os.PathLike[str]

#: Not SHA-1 or MD5: an attacker could make a second certificate with the same hash.
_PINNABLE = frozenset({"sha256", "sha384", "sha512"})

_VERSIONS = {
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}


class ClientCertificates(enum.Enum):
    """Whether a server asks its clients for certificates."""

    NOT_ASKED = "not asked for"
    OPTIONAL = "asked for, and verified if the client has one"
    REQUIRED = "required"


class CrlCheck(enum.Enum):
    """Which certificates are checked for revocation."""

    LEAF = "the peer's certificate"
    CHAIN = "every certificate of the chain"


def is_text(source: Source) -> bool:
    """Return whether a source is the content itself, not a file's name."""
    return isinstance(source, bytes) or (isinstance(source, str) and "-----BEGIN" in source)


def _several(kind: Kind) -> Kind:
    """Return a kind for one or several of a kind."""
    return Kind(
        f"{kind.text}, or several",
        lambda value: kind.accepts(value) or (isinstance(value, tuple | list | set) and all(map(kind.accepts, value))),
    )


_SOURCE = instance_of("the name of a file, or its content (str, bytes or Path)", str, bytes, os.PathLike)

#: What each option may be.  ``reload_on_change`` has a check of its own.
_KINDS = {
    "ca_file": optional(PATH),
    "ca_directory": optional(PATH),
    "ca_pem": optional(TEXT_OR_OCTETS),
    "certificate": optional(_SOURCE),
    "key": optional(_SOURCE),
    "pkcs12": optional(_SOURCE),
    "password": optional(TEXT_OR_OCTETS),
    "server_name": optional(TEXT),
    "check_host_name": FLAG,
    "accept_common_name": FLAG,
    "verify": FLAG,
    "fingerprints": _several(instance_of("a fingerprint (str, bytes or Fingerprint)", str, bytes, Fingerprint)),
    "accepted_certificates": _several(_SOURCE),
    "minimum_version": instance_of("'1.2', '1.3' or an ssl.TLSVersion", str, ssl.TLSVersion),
    "maximum_version": instance_of("'1.2', '1.3' or an ssl.TLSVersion", str, ssl.TLSVersion),
    "ciphers": optional(TEXT),
    "crl": optional(_SOURCE),
    "crl_check": optional(instance_of("a CrlCheck", CrlCheck)),
    "reuse_sessions": FLAG,
    "key_log": optional(PATH),
    "client_certificates": optional(instance_of("ClientCertificates", ClientCertificates)),
    "certificate_maps": _several(instance_of("a CertificateMap", CertificateMap)),
}


@dataclass(frozen=True, kw_only=True)
class TlsOptions:
    """The parameters of a TLS session, and the accepted peers.

    Each certificate, key or list is a file's name, or the text itself.

    Attributes:
        ca_file: a PEM file with the certificates of trusted authorities.  Default of this and the next two together:
            the system's authorities.
        ca_directory: a directory with one authority in each file.
        ca_pem: authorities as PEM text.
        certificate: our certificate in PEM, followed by its chain.
        key: its private key, unless it is in ``certificate``.
        pkcs12: certificate, chain and key as PKCS#12, a file or its octets, instead of the two.
        password: the password of the key or the PKCS#12.
        server_name: the name that the agent's certificate must have; default: the host.
        check_host_name: whether the agent's certificate must be for its name or address.
        accept_common_name: whether the common name of a certificate without subjectAltName counts as the agent's name.
            RFC 9525 forbids that, because authorities need not check it; some devices have such certificates.
        verify: ``False`` accepts every peer: the connection is encrypted, but not authenticated, and the peer has no
            security name.
        fingerprints: accept only these certificates: the SHA-256 (or SHA-384, SHA-512) of the peer's, one or several.
            They replace authorities, dates and names: self-signed and expired certificates are accepted, too.  If
            authorities are given as well, both must accept the peer.
        accepted_certificates: the same, with the certificates themselves: PEM or DER.
        minimum_version: the lowest version of TLS, ``"1.2"`` or ``"1.3"``.
        maximum_version: the highest.
        ciphers: OpenSSL's list of ciphers for TLS 1.2; ciphers without encryption or authentication are never used.
        crl: revocation lists, PEM or DER.
        crl_check: which certificates are checked for revocation; default: :attr:`CrlCheck.LEAF` if there is a ``crl``.
        reuse_sessions: whether the next connection to the same agent resumes the last TLS session if possible, which
            saves both sides most of the work.
        reload_on_change: whether a new handshake first reads changed files again.  ``True`` looks at the files before
            every handshake; a number is the least time between two looks, in seconds.  Files that cannot be used leave
            the old ones in force, and are logged.
        key_log: a file for the sessions' secrets, for debugging with a packet analyser.
        client_certificates: for servers: whether clients need a certificate.  Default: required if authorities,
            accepted certificates or maps are given, otherwise not asked for.
        certificate_maps: for servers: the security names of clients (RFC 6353); a certificate without a name is
            refused.

    Raises:
        ConfigurationError: options contradict each other, or a fingerprint is not one.
    """

    ca_file: str | os.PathLike[str] | None = None
    ca_directory: str | os.PathLike[str] | None = None
    ca_pem: str | bytes | None = field(default=None, repr=False)
    certificate: Source | None = field(default=None, repr=False)
    key: Source | None = field(default=None, repr=False)
    pkcs12: Source | None = field(default=None, repr=False)
    password: str | bytes | None = field(default=None, repr=False)
    server_name: str | None = None
    check_host_name: bool = True
    accept_common_name: bool = False
    verify: bool = True
    fingerprints: str | bytes | Fingerprint | tuple[str | bytes | Fingerprint, ...] = ()
    accepted_certificates: Source | tuple[Source, ...] = field(default=(), repr=False)
    minimum_version: ssl.TLSVersion | str = ssl.TLSVersion.TLSv1_2
    maximum_version: ssl.TLSVersion | str = ssl.TLSVersion.TLSv1_3
    ciphers: str | None = None
    crl: Source | None = field(default=None, repr=False)
    crl_check: CrlCheck | None = None
    reuse_sessions: bool = True
    reload_on_change: bool | float = False
    key_log: str | os.PathLike[str] | None = None
    client_certificates: ClientCertificates | None = None
    certificate_maps: tuple[CertificateMap, ...] = ()

    def __post_init__(self) -> None:
        check_arguments(_KINDS, vars(self))
        self._normalize()
        self._check_identity()
        self._check_trust()

    def _normalize(self) -> None:
        """Convert each option to the one form that the rest of the library uses."""
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
            raise ConfigurationError("key= needs certificate=")
        if self.pkcs12 is not None and self.certificate is not None:
            raise ConfigurationError("give certificate= or pkcs12=, not both")

    def _check_trust(self) -> None:
        weak = [str(pin.hash_name) for pin in self.pins if pin.hash_name not in _PINNABLE]
        if weak:
            raise ConfigurationError(f"a fingerprint must be SHA-256, SHA-384 or SHA-512, not {weak[0]}")
        if self.oldest > self.newest:
            raise ConfigurationError(f"minimum_version {self.oldest.name} is above maximum_version {self.newest.name}")
        if not self.verify and (self.has_authorities or self.is_pinned or self.crl is not None):
            raise ConfigurationError(
                "verify=False accepts every peer: remove it, or the authorities, fingerprints, certificates and crl"
            )
        if self.is_pinned and not self.has_authorities and self.crl is not None:
            raise ConfigurationError("crl= needs authorities: a pinned certificate cannot be revoked")
        if self.client_certificates is ClientCertificates.NOT_ASKED and self.certificate_maps:
            raise ConfigurationError("certificate_maps needs client certificates, and clients are not asked for them")
        interval: object = self.reload_on_change
        if not isinstance(interval, int | float):
            raise wrong_type("reload_on_change", "True, False or seconds", interval)
        if not interval >= 0:
            raise ConfigurationError(f"reload_on_change is True, False or seconds, not {interval!r}")
        if self.crl_check is not None and self.crl is None and self.ca_directory is None:
            raise ConfigurationError("crl_check needs crl= or ca_directory=")

    # The options in the form that the rest of the library uses.

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
        """Whether certificates are pinned."""
        return bool(self.pins or self.accepted)

    @property
    def has_authorities(self) -> bool:
        """Whether authorities are given."""
        return any(given is not None for given in (self.ca_file, self.ca_directory, self.ca_pem))

    @property
    def reload_interval(self) -> float | None:
        """The least time between two looks at the files, in seconds; ``None`` to look at them never."""
        if self.reload_on_change is True:
            return 0.0
        return float(self.reload_on_change) or None

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
        """Whether clients are asked for certificates."""
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
        raise ConfigurationError(f"a TLS version must be '1.2' or '1.3', not {version!r}") from None


#: The values of ``tls=``.
Tls: TypeAlias = bool | ssl.SSLContext | TlsOptions
