"""What the options of TLS name: certificates, keys, and ways to a security name.

What may live here: arguments and files to :class:`~snmptcp.TlsOptions`.  What may not: which options may stand together
(:mod:`~snmptcp.cli.options.tls`); that is needed by a GET without TLS, and this is not.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp.cli.options.cert_store import (
    find_authority,
    find_certificate,
    find_key,
    fingerprint_of,
    read_certificates,
)
from snmptcp.cli.options.tls import KEY_PASSWORD_VARIABLE, is_pkcs12
from snmptcp.errors import ConfigurationError
from snmptcp.net.tls.options import TlsOptions
from snmptcp.security.tls_names import CertificateMap, Fingerprint, MapType

if TYPE_CHECKING:
    import argparse

__all__ = ("parse_map", "parse_pin", "read_options")

#: The octets of SHA-256, and of the shortest digest that is believed.
_SAFE_DIGEST = 32

#: net-snmp's words for the ways to a security name.
_MAP_TYPES = {
    "sn": MapType.SPECIFIED,
    "rfc822": MapType.SAN_RFC822_NAME,
    "dns": MapType.SAN_DNS_NAME,
    "ip": MapType.SAN_IP_ADDRESS,
    "any": MapType.SAN_ANY,
    "cn": MapType.COMMON_NAME,
}
_MAP = re.compile(rf"(?P<whose>.+?)=(?P<how>{'|'.join(_MAP_TYPES)})(?::(?P<name>.*))?", re.DOTALL)


@dataclass(frozen=True)
class _Map:
    """One ``--tls-map``: whose certificate, and how it becomes a name."""

    whose: str
    map_type: MapType
    name: bytes


def parse_pin(text: str) -> Fingerprint:
    """Read a fingerprint that proves something.

    Raises:
        ConfigurationError: none, or one by a hash that somebody could make a second certificate for.
    """
    return TlsOptions(fingerprints=text).pins[0]


def parse_map(text: str) -> _Map:
    """Read ``WHOSE=HOW``; whose certificate it is is found out later.

    Raises:
        ConfigurationError: neither, or a name that can be none.
    """
    match = _MAP.fullmatch(text)
    if match is None:
        raise ConfigurationError(f"a map is WHOSE=HOW, and HOW is sn:NAME, {', '.join(list(_MAP_TYPES)[1:])}: {text!r}")
    map_type = _MAP_TYPES[match["how"]]
    name = os.fsencode(match["name"] or "")
    if name and map_type is not MapType.SPECIFIED:
        raise ConfigurationError(f"{match['how']} is made of the certificate, and takes no name: {text!r}")
    CertificateMap(Fingerprint(4, bytes(32)), map_type, name)  # complains of the name
    return _Map(match["whose"], map_type, name)


def read_options(arguments: argparse.Namespace) -> TlsOptions:
    """Return what the options say, with the files that they name.

    Args:
        arguments: finished by :mod:`snmptcp.cli.options.tls`.

    Raises:
        ConfigurationError: a certificate that is not there, or is none.
        OSError: a file cannot be read.
    """
    return TlsOptions(
        **_identity(arguments),
        **_trust(arguments),
        **_version_range(arguments),
        verify=not getattr(arguments, "tls_insecure", False),
        server_name=getattr(arguments, "tls_server_name", None) or arguments.transport.get("their_hostname"),
        certificate_maps=tuple(map(_certificate_map, getattr(arguments, "tls_maps", None) or ())),
    )


def _identity(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return our own certificate, its key, and what that is encrypted with."""
    if arguments.tls_cert is not None:
        certificate = Path(arguments.tls_cert)
    elif "our_identity" in arguments.transport:
        certificate = find_certificate(arguments.transport["our_identity"])
    else:
        return {}
    password = {"password": _password(arguments)}
    if is_pkcs12(certificate):
        return {"pkcs12": certificate, **password}
    key = find_key(certificate) if arguments.tls_key is None else Path(arguments.tls_key)
    return {"certificate": certificate, "key": key, **password}


def _password(arguments: argparse.Namespace) -> bytes | None:
    if arguments.tls_key_password is not None:
        return os.fsencode(arguments.tls_key_password)  # the very octets of the command line
    if arguments.tls_key_password_file is not None:
        return Path(arguments.tls_key_password_file).read_bytes().partition(b"\n")[0].removesuffix(b"\r")
    given = os.environ.get(KEY_PASSWORD_VARIABLE)
    return os.fsencode(given) if given else None


def _trust(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return whom to believe."""
    trust: dict[str, Any] = {"fingerprints": tuple(getattr(arguments, "tls_fingerprints", None) or ())}
    if arguments.tls_ca is not None:
        trust["ca_directory" if Path(arguments.tls_ca).is_dir() else "ca_file"] = arguments.tls_ca
    if "trust_cert" in arguments.transport:
        trust["ca_file"] = find_authority(arguments.transport["trust_cert"])
    peer = arguments.transport.get("their_identity")
    if peer is not None:
        trust |= _peer(peer, connects="tls_fingerprints" in arguments)
    return trust


def _peer(text: str, *, connects: bool) -> dict[str, Any]:
    """Return the one certificate that is accepted.

    Whoever connects needs no more than a fingerprint, as long as it proves something; for a short one, and for
    clients, the certificate itself has to be in net-snmp's folders.
    """
    fingerprint = fingerprint_of(text)
    if connects and fingerprint is not None and len(fingerprint.digest) >= _SAFE_DIGEST:
        return {"fingerprints": (fingerprint,)}
    return {"accepted_certificates": find_certificate(text)}


def _version_range(arguments: argparse.Namespace) -> dict[str, Any]:
    version = arguments.tls_version
    return {} if version is None else {"minimum_version": version, "maximum_version": version}


def _certificate_map(given: _Map) -> CertificateMap:
    fingerprint = fingerprint_of(given.whose)
    if fingerprint is None:
        fingerprint = Fingerprint.of(read_certificates(find_authority(given.whose))[0])
    return CertificateMap(fingerprint, given.map_type, given.name)
