"""Certificates by the names that net-snmp has for them: files, fingerprints, names in its folders.

What may live here: finding files.  What may not: believing what is in them.

net-snmp keeps certificates in the folder ``tls`` of each place that it reads its configuration from: the authorities
in ``ca-certs``, one's own and others' in ``certs``, the keys of one's own in ``private``.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from snmptcp.errors import ConfigurationError
from snmptcp.security.tls_names import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ("find_authority", "find_certificate", "find_key", "fingerprint_of", "read_certificates")

logger = logging.getLogger(__name__)

#: Where net-snmp's configuration is, where ``SNMPCONFPATH`` does not say.
_CONFIGURATION = ("~/.snmp", "/etc/snmp")

#: The endings of names, in the order in which they are looked for; names may be given with their endings, too.
_CERTIFICATE_SUFFIXES = (".crt", ".pem", ".cer", "")
_KEY_SUFFIXES = (".key", ".pem")

_AUTHORITIES, _CERTIFICATES, _KEYS = "ca-certs", "certs", "private"


def find_authority(text: str) -> Path:
    """Return the file of a certificate that is trusted; as :func:`find_certificate`, authorities first."""
    return _find(text, (_AUTHORITIES, _CERTIFICATES))


def find_certificate(text: str) -> Path:
    """Return the file of a certificate.

    Args:
        text: a file, a fingerprint, or a name in net-snmp's folders.

    Raises:
        ConfigurationError: there is no such certificate.
    """
    return _find(text, (_CERTIFICATES, _AUTHORITIES))


def find_key(certificate: Path) -> Path | None:
    """Return the file of a certificate's key; ``None`` where it is in the certificate's.

    Raises:
        ConfigurationError: neither there nor where it is usually kept.
        OSError: the certificate's file cannot be read.
    """
    if b"PRIVATE KEY-----" in certificate.read_bytes():
        return None
    folders = [certificate.parent]
    if certificate.parent.name == _CERTIFICATES:
        folders.append(certificate.parent.parent / _KEYS)
    candidates = [folder / f"{certificate.stem}{suffix}" for folder in folders for suffix in _KEY_SUFFIXES]
    for candidate in candidates:
        if candidate != certificate and candidate.is_file():
            return candidate
    raise ConfigurationError(f"{certificate}: no private key in it, and no {certificate.stem}.key beside it")


def fingerprint_of(text: str) -> Fingerprint | None:
    """Return the fingerprint that a text is; ``None`` where it is none."""
    try:
        return Fingerprint.parse(text)
    except ConfigurationError:
        return None


def read_certificates(path: Path) -> list[bytes]:
    """Return the certificates in a file, PEM or DER, as DER.

    Raises:
        ConfigurationError: there are none.
        OSError: the file cannot be read.
    """
    data = path.read_bytes()
    try:
        if b"-----BEGIN" in data:
            found = x509.load_pem_x509_certificates(data)
        else:
            found = [x509.load_der_x509_certificate(data)]
    except ValueError:
        raise ConfigurationError(f"{path}: no certificate") from None
    return [certificate.public_bytes(Encoding.DER) for certificate in found]


# ------------------------------------------------------------------------------------------ looking


def _find(text: str, rooms: Sequence[str]) -> Path:
    if os.sep in text or (os.altsep is not None and os.altsep in text):
        return Path(text).expanduser()
    fingerprint = fingerprint_of(text)
    if fingerprint is not None:
        return _find_by_fingerprint(fingerprint, rooms)
    found = next(_named(text, rooms), None)
    if found is not None:
        return found
    if Path(text).is_file():
        return Path(text)
    places = ", ".join(str(folder / rooms[0]) for folder in _folders())
    raise ConfigurationError(f"no file, no fingerprint, and no certificate in {places}: {text!r}")


def _named(name: str, rooms: Sequence[str]) -> Iterator[Path]:
    if not name.strip("."):  # "", ".", ".."
        return
    for folder in _folders():
        for room in rooms:
            for suffix in _CERTIFICATE_SUFFIXES:
                path = folder / room / f"{name}{suffix}"
                if path.is_file():
                    yield path


def _find_by_fingerprint(fingerprint: Fingerprint, rooms: Sequence[str]) -> Path:
    for folder in _folders():
        for room in rooms:
            for path in _files(folder / room):
                try:
                    certificates = read_certificates(path)
                except (ConfigurationError, OSError) as error:
                    logger.debug("passed over: %s", error)  # somebody else's file in a folder for all
                    continue
                if any(map(fingerprint.matches, certificates)):
                    return path
    places = ", ".join(str(folder) for folder in _folders())
    raise ConfigurationError(f"no certificate below {places} has the fingerprint {fingerprint}")


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        logger.debug("passed over: %s", error)
        return []


def _folders() -> list[Path]:
    """Return the folders that are looked at, the first first."""
    given = os.environ.get("SNMPCONFPATH")
    places = [place for place in given.split(os.pathsep) if place] if given else _CONFIGURATION
    return [Path(place).expanduser() / "tls" for place in places]
