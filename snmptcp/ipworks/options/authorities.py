"""Trusted authorities, revocation lists and cipher lists of the settings.

Contains: reading them, and checking each when it is set.  Does not contain: TLS contexts
(:mod:`snmptcp.ipworks.options.tls`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp.errors import ConfigurationError
from snmptcp.ipworks.errors import CANNOT_OPEN_FILE, INVALID, IPWorksSNMPError
from snmptcp.net.tls.options import TlsOptions
from snmptcp.net.tls.session import ClientTls

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = (
    "authorities",
    "check_authority_directory",
    "check_authority_file",
    "check_authority_files",
    "check_cipher_list",
    "check_client_authorities",
    "check_server_authorities",
)

_CERTIFICATE = re.compile("-----BEGIN (?:X509 )?CERTIFICATE-----")
_CRL = re.compile("-----BEGIN X509 CRL-----.*?-----END X509 CRL-----", re.DOTALL)


def authorities(settings: Mapping[str, Any], pem: str) -> dict[str, Any]:
    """Return the trusted authorities and the revocation lists as arguments of :class:`TlsOptions`.

    Args:
        settings: the settings.
        pem: authorities in PEM, beside those of the files.

    Raises:
        IPWorksSNMPError: a file can no longer be used.
    """
    options: dict[str, Any] = {}
    texts = [pem] if pem else []
    texts += [_certificates_in("SSLCACertFilePaths", path) for path in _paths(settings["SSLCACertFilePaths"])]
    if settings["OpenSSLCAFile"]:
        text = _text_of("OpenSSLCAFile", settings["OpenSSLCAFile"])
        if _CERTIFICATE.search(text):
            texts.append(text)
        lists = _CRL.findall(text)
        if lists and settings["SSLCheckCRL"]:
            options["crl"] = "\n".join(lists)
    if texts:
        options["ca_pem"] = "\n".join(texts)
    if settings["OpenSSLCADir"]:
        options["ca_directory"] = settings["OpenSSLCADir"]
    return options


# ------------------------------------------------------------------------------------ checks when set


def check_authority_file(path: str) -> None:
    """Check OpenSSLCAFile: it can be read, and has a certificate or a revocation list.

    Raises:
        IPWorksSNMPError: it cannot be used.
    """
    if path and not _CRL.search(_text_of("OpenSSLCAFile", path)):
        _certificates_in("OpenSSLCAFile", path)


def check_authority_files(paths: str) -> None:
    """Check SSLCACertFilePaths: each can be read, and has a certificate.

    Raises:
        IPWorksSNMPError: one cannot be used.
    """
    for path in _paths(paths):
        _certificates_in("SSLCACertFilePaths", path)


def check_authority_directory(path: str) -> None:
    """Check OpenSSLCADir: it is a directory with certificates.

    Raises:
        IPWorksSNMPError: it cannot be used.
    """
    if path and not Path(path).is_dir():
        raise IPWorksSNMPError(CANNOT_OPEN_FILE, f"OpenSSLCADir: {path} is not a directory")
    if path:
        _check("OpenSSLCADir", ca_directory=path)


def check_server_authorities(pem: str) -> None:
    """Check SSLServerCACerts: it has certificates in PEM.

    Raises:
        IPWorksSNMPError: it has none.
    """
    if pem:
        _check_certificates("SSLServerCACerts", pem, "the value")


def check_client_authorities(pem: str) -> None:
    """Check SSLCACerts as :func:`check_server_authorities` does."""
    if pem:
        _check_certificates("SSLCACerts", pem, "the value")


def check_cipher_list(text: str) -> None:
    """Check OpenSSLCipherList: OpenSSL has one of the ciphers.

    Raises:
        IPWorksSNMPError: it has none.
    """
    if text:
        _check("OpenSSLCipherList", ciphers=text, verify=False)


def _check(name: str, **options: Any) -> None:
    """Check options by making a context of them."""
    try:
        ClientTls(TlsOptions(**options), "localhost", warn=False)
    except ConfigurationError as error:
        raise IPWorksSNMPError(INVALID, f"{name}: {error}", error) from None


# -------------------------------------------------------------------------------------------- reading


def _paths(text: str) -> list[str]:
    return [path.strip() for path in text.split(";") if path.strip()]


def _text_of(name: str, path: str) -> str:
    try:
        return Path(path.strip()).read_text(encoding="latin-1")  # comments in bundles have any encoding
    except (OSError, ValueError) as error:  # ValueError: no path
        why = error.strerror if isinstance(error, OSError) else error
        raise IPWorksSNMPError(CANNOT_OPEN_FILE, f"{name}: {path} cannot be read: {why}", error) from None


def _certificates_in(name: str, path: str) -> str:
    """Return the text of a file that has certificates."""
    text = _text_of(name, path)
    _check_certificates(name, text, path)
    return text


def _check_certificates(name: str, text: str, where: str) -> None:
    if not _CERTIFICATE.search(text):
        raise IPWorksSNMPError(INVALID, f"{name}: no certificate in {where} (-----BEGIN CERTIFICATE-----)")
    try:
        ClientTls(TlsOptions(ca_pem=text), "localhost", warn=False)
    except ConfigurationError as error:
        raise IPWorksSNMPError(INVALID, f"{name}: a certificate in {where} cannot be read", error) from None
