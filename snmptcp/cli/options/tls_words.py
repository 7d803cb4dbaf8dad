"""What the options of TLS say, before any file is opened.

Contains: dataclasses.  Does not contain: argparse (:mod:`~snmptcp.cli.options.tls`), files
(:mod:`~snmptcp.cli.options.tls_files`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snmptcp.security.tls_names import Fingerprint, MapType

__all__ = ("KEY_PASSWORD_VARIABLE", "NameMap", "TlsWords", "TransportWords", "is_pkcs12")

#: Holds the key's password, because other users of a machine can see a process's arguments.
KEY_PASSWORD_VARIABLE = "SNMPTCP_TLS_KEY_PASSWORD"  # noqa: S105 - the name of a variable

_PKCS12_SUFFIXES = frozenset({".p12", ".pfx"})


@dataclass(frozen=True, slots=True)
class NameMap:
    """One ``--tls-map``.

    Attributes:
        whose: the client's certificate or its authority's: a file, a fingerprint, or a name in net-snmp's folders.
        map_type: how the certificate yields a security name.
        name: the security name, if the type is SPECIFIED.
    """

    whose: str
    map_type: MapType
    name: bytes


@dataclass(frozen=True, slots=True)
class TransportWords:
    """The values of ``-T``, under net-snmp's names."""

    our_identity: str | None = None
    their_identity: str | None = None
    trust_cert: str | None = None
    their_hostname: str | None = None


@dataclass(frozen=True, slots=True)
class TlsWords:
    """The options of TLS; each attribute is the option of that name.

    Attributes:
        connects: whether these are a client's options.
        trusted: authorities of snmp.conf, as for ``-T trust_cert``.
        crl: the file with revocation lists of snmp.conf.
        ciphers: OpenSSL's list of ciphers of snmp.conf.
    """

    connects: bool
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    key_password: str | None = field(default=None, repr=False)
    key_password_file: str | None = None
    fingerprints: tuple[Fingerprint, ...] = ()
    insecure: bool = False
    server_name: str | None = None
    common_name: bool = False
    version: str | None = None
    maps: tuple[NameMap, ...] = ()
    transport: TransportWords = TransportWords()
    trusted: tuple[str, ...] = ()
    crl: str | None = None
    ciphers: str | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the options that were given."""
        values: dict[str, object] = {
            "--tls-ca": self.ca,
            "--tls-cert": self.cert,
            "--tls-key": self.key,
            "--tls-key-password": self.key_password,
            "--tls-key-password-file": self.key_password_file,
            "--tls-fingerprint": self.fingerprints,
            "--tls-insecure": self.insecure,
            "--tls-server-name": self.server_name,
            "--tls-common-name": self.common_name,
            "--tls-version": self.version,
            "--tls-map": self.maps,
            "-T": self.transport != TransportWords(),
        }
        return tuple(option for option, value in values.items() if value)

    @property
    def has_identity(self) -> bool:
        """Whether the options name a certificate of our own."""
        return self.cert is not None or self.transport.our_identity is not None

    @property
    def decides_trust(self) -> bool:
        """Whether the options say which peers to accept."""
        transport = self.transport
        by_transport = transport.trust_cert is not None or transport.their_identity is not None
        return self.insecure or self.ca is not None or bool(self.fingerprints) or by_transport

    @property
    def uses_authorities(self) -> bool:
        """Whether authorities verify the peer, by default the system's; a single accepted certificate needs none."""
        if self.ca is not None or self.transport.trust_cert is not None or self.trusted:
            return True
        return not (self.insecure or self.fingerprints or self.transport.their_identity is not None)


def is_pkcs12(file: str | Path) -> bool:
    """Return whether a file's name is that of a PKCS#12."""
    return Path(file).suffix.lower() in _PKCS12_SUFFIXES
