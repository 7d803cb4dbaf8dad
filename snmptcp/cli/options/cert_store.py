"""Certificates by file, by fingerprint, or by name in net-snmp's folders.

Contains: finding files.  Does not contain: deciding whom to trust.

net-snmp keeps certificates in the folder ``tls`` of each place of its configuration: authorities in ``ca-certs``,
other certificates in ``certs``, private keys in ``private``.
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

#: Where net-snmp's configuration is, unless ``SNMPCONFPATH`` says otherwise.
_CONFIGURATION = ("~/.snmp", "/etc/snmp")

#: The suffixes to try, in this order; a name may also be given with its suffix.
_CERTIFICATE_SUFFIXES = (".crt", ".pem", ".cer", "")
_KEY_SUFFIXES = (".key", ".pem")

_AUTHORITIES, _CERTIFICATES, _KEYS = "ca-certs", "certs", "private"


def find_authority(text: str) -> Path:
    """Do the same as :func:`find_certificate`, but look at authorities first."""
    return _find(text, (_AUTHORITIES, _CERTIFICATES))


def find_certificate(text: str) -> Path:
    """Return the file of a certificate.

    Args:
        text: a file, a fingerprint, or a name in net-snmp's folders.

    Raises:
        ConfigurationError: no such certificate.
    """
    return _find(text, (_CERTIFICATES, _AUTHORITIES))


def find_key(certificate: Path) -> Path | None:
    """Return the file of a certificate's key; ``None`` if the certificate's file contains it.

    Raises:
        ConfigurationError: no key there, beside it, or in net-snmp's folder.
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
    raise ConfigurationError(
        f"{certificate}: contains no private key, and there is no {certificate.stem}.key beside it"
    )


def fingerprint_of(text: str) -> Fingerprint | None:
    """Parse a fingerprint; return ``None`` for any other text."""
    try:
        return Fingerprint.parse(text)
    except ConfigurationError:
        return None


def read_certificates(path: Path) -> list[bytes]:
    """Return the certificates in a file, PEM or DER, as DER.

    Raises:
        ConfigurationError: the file contains none.
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


def _find(text: str, subfolders: Sequence[str]) -> Path:
    if os.sep in text or (os.altsep is not None and os.altsep in text):
        return Path(text).expanduser()
    fingerprint = fingerprint_of(text)
    if fingerprint is not None:
        return _find_by_fingerprint(fingerprint, subfolders)
    found = next(_named(text, subfolders), None)
    if found is not None:
        return found
    if Path(text).is_file():
        return Path(text)
    places = ", ".join(str(folder / subfolders[0]) for folder in _folders())
    raise ConfigurationError(f"not a file, a fingerprint, or a certificate in {places}: {text!r}")


def _named(name: str, subfolders: Sequence[str]) -> Iterator[Path]:
    if not name.strip("."):  # "", ".", ".."
        return
    for folder in _folders():
        for subfolder in subfolders:
            for suffix in _CERTIFICATE_SUFFIXES:
                path = folder / subfolder / f"{name}{suffix}"
                if path.is_file():
                    yield path


def _find_by_fingerprint(fingerprint: Fingerprint, subfolders: Sequence[str]) -> Path:
    for folder in _folders():
        for subfolder in subfolders:
            for path in _files(folder / subfolder):
                try:
                    certificates = read_certificates(path)
                except (ConfigurationError, OSError) as error:
                    logger.debug("ignored: %s", error)  # the folder may contain files of other programs
                    continue
                if any(map(fingerprint.matches, certificates)):
                    return path
    places = ", ".join(str(folder) for folder in _folders())
    raise ConfigurationError(f"no certificate below {places} has the fingerprint {fingerprint}")


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        logger.debug("ignored: %s", error)
        return []


def _folders() -> list[Path]:
    """Return the folders to search, in order."""
    given = os.environ.get("SNMPCONFPATH")
    places = [place for place in given.split(os.pathsep) if place] if given else _CONFIGURATION
    return [Path(place).expanduser() / "tls" for place in places]
