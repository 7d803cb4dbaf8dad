"""Certificates, keys and maps that the options of TLS name.

Contains: from :class:`~snmptcp.cli.options.tls_words.TlsWords` and files to :class:`~snmptcp.TlsOptions`.  Does not
contain: argparse, and which options exclude each other (:mod:`~snmptcp.cli.options.tls`).
"""

from __future__ import annotations

import os
import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp.cautions import caution_about_file
from snmptcp.cli.options.cert_store import (
    find_authority,
    find_certificate,
    find_key,
    fingerprint_of,
    read_certificates,
)
from snmptcp.cli.options.tls_words import KEY_PASSWORD_VARIABLE, NameMap, is_pkcs12
from snmptcp.errors import ConfigurationError
from snmptcp.net.tls.options import TlsOptions
from snmptcp.security.tls_names import CertificateMap, Fingerprint, MapType

if TYPE_CHECKING:
    from snmptcp.cli.options.tls_words import TlsWords

__all__ = ("parse_map", "parse_pin", "read_options")

#: The length of SHA-256, the shortest digest that identifies a certificate safely.
_SAFE_DIGEST = 32

#: net-snmp's words for the types of maps.
_MAP_TYPES = {
    "sn": MapType.SPECIFIED,
    "rfc822": MapType.SAN_RFC822_NAME,
    "dns": MapType.SAN_DNS_NAME,
    "ip": MapType.SAN_IP_ADDRESS,
    "any": MapType.SAN_ANY,
    "cn": MapType.COMMON_NAME,
}
_MAP = re.compile(rf"(?P<whose>.+?)=(?P<how>{'|'.join(_MAP_TYPES)})(?::(?P<name>.*))?", re.DOTALL)


def parse_pin(text: str) -> Fingerprint:
    """Parse a fingerprint that identifies a certificate safely.

    Raises:
        ConfigurationError: not a fingerprint, or one of a hash with known collisions.
    """
    return TlsOptions(fingerprints=text).pins[0]


def parse_map(text: str) -> NameMap:
    """Parse ``WHOSE=HOW``; the certificate is looked up later.

    Raises:
        ConfigurationError: another form, or an invalid security name.
    """
    match = _MAP.fullmatch(text)
    if match is None:
        raise ConfigurationError(f"a map is WHOSE=HOW, and HOW is sn:NAME, {', '.join(list(_MAP_TYPES)[1:])}: {text!r}")
    map_type = _MAP_TYPES[match["how"]]
    name = os.fsencode(match["name"] or "")
    if name and map_type is not MapType.SPECIFIED:
        raise ConfigurationError(f"{match['how']} takes the name from the certificate, so no :NAME: {text!r}")
    CertificateMap(Fingerprint(4, bytes(32)), map_type, name)  # checks the name
    return NameMap(match["whose"], map_type, name)


def read_options(words: TlsWords) -> TlsOptions:
    """Return what the options say, with the contents of the files that they name.

    Raises:
        ConfigurationError: a missing certificate, or a file that is not one.
        OSError: a file cannot be read.
    """
    return TlsOptions(
        **_identity(words),
        **_trust(words),
        **_version_range(words.version),
        crl=None if words.crl is None else Path(words.crl),
        ciphers=words.ciphers,
        verify=not words.insecure,
        server_name=words.server_name or words.transport.their_hostname,
        accept_common_name=words.common_name,
        certificate_maps=tuple(map(_certificate_map, words.maps)),
    )


def _identity(words: TlsWords) -> dict[str, Any]:
    """Return our own certificate, its key and the key's password."""
    if words.cert is not None:
        certificate = Path(words.cert)
    elif words.transport.our_identity is not None:
        certificate = find_certificate(words.transport.our_identity)
    else:
        return {}
    password = {"password": _password(words)}
    if is_pkcs12(certificate):
        return {"pkcs12": certificate, **password}
    key = find_key(certificate) if words.key is None else Path(words.key)
    return {"certificate": certificate, "key": key, **password}


def _password(words: TlsWords) -> bytes | None:
    if words.key_password is not None:
        return os.fsencode(words.key_password)  # the same octets as on the command line
    if words.key_password_file is not None:
        caution_about_file(words.key_password_file, "the password in")
        return Path(words.key_password_file).read_bytes().partition(b"\n")[0].removesuffix(b"\r")
    given = os.environ.get(KEY_PASSWORD_VARIABLE)
    return os.fsencode(given) if given else None


def _trust(words: TlsWords) -> dict[str, Any]:
    """Return which peers to accept."""
    trust: dict[str, Any] = {"fingerprints": words.fingerprints}
    if words.ca is not None:
        trust["ca_directory" if Path(words.ca).is_dir() else "ca_file"] = words.ca
    if words.transport.trust_cert is not None:
        trust["ca_file"] = find_authority(words.transport.trust_cert)
    if words.trusted:
        found = [der for text in words.trusted for der in read_certificates(find_authority(text))]
        trust["ca_pem"] = "".join(map(ssl.DER_cert_to_PEM_cert, found))
    peer = words.transport.their_identity
    if peer is not None:
        trust |= _peer(peer, connects=words.connects)
    return trust


def _peer(text: str, *, connects: bool) -> dict[str, Any]:
    """Return the single certificate to accept.

    A client needs only a fingerprint, if it is long enough.  For a shorter one, and for a server, the certificate
    itself must be in net-snmp's folders.
    """
    fingerprint = fingerprint_of(text)
    if connects and fingerprint is not None and len(fingerprint.digest) >= _SAFE_DIGEST:
        return {"fingerprints": (fingerprint,)}
    return {"accepted_certificates": find_certificate(text)}


def _version_range(version: str | None) -> dict[str, Any]:
    return {} if version is None else {"minimum_version": version, "maximum_version": version}


def _certificate_map(given: NameMap) -> CertificateMap:
    fingerprint = fingerprint_of(given.whose)
    if fingerprint is None:
        fingerprint = Fingerprint.of(read_certificates(find_authority(given.whose))[0])
    return CertificateMap(fingerprint, given.map_type, given.name)
