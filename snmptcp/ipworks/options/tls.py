"""The TLS properties and settings, as OpenSSL wants them.

What may live here: options and contexts, and the choice of a certificate.  What may not: handshakes.
"""

from __future__ import annotations

import re
import ssl
import warnings
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from snmptcp.errors import ConfigurationError
from snmptcp.ipworks.errors import (
    CANNOT_OPEN_FILE,
    CERTIFICATE_STORE,
    INVALID,
    UNSUPPORTED,
    IPWorksSNMPError,
)
from snmptcp.net.tls.options import ClientCertificates, CrlCheck, TlsOptions
from snmptcp.net.tls.session import ClientTls, ServerTls
from snmptcp.net.tls.stores import StoredCertificate, StoreType, open_store, subject_text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = (
    "ALLOW_UNKNOWN_CA",
    "IGNORE_REVOCATION_UNKNOWN",
    "STORE_TYPES",
    "CertificateChoice",
    "allows_suite",
    "certificate_facts",
    "check_cipher_suites",
    "check_group",
    "check_protocols",
    "check_security_flags",
    "ders_of",
    "key_exchange_bits",
    "make_client_tls",
    "make_server_tls",
    "openssl_suite_name",
    "pem_of",
    "standard_suite_name",
)

#: The types of ssl_cert_store_type that work here.
STORE_TYPES = (2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 99)

# SSLEnabledProtocols: each version has a bit for servers and one for clients.
_VERSIONS = {
    0x3000: (ssl.TLSVersion.TLSv1_3, ssl.OP_NO_TLSv1_3),
    0x0C00: (ssl.TLSVersion.TLSv1_2, ssl.OP_NO_TLSv1_2),
    0x0300: (ssl.TLSVersion.TLSv1_1, ssl.OP_NO_TLSv1_1),
    0x00C0: (ssl.TLSVersion.TLSv1, ssl.OP_NO_TLSv1),
}
_ALL_VERSIONS = sum(_VERSIONS)

# SSLSecurityFlags.
IGNORE_DATES = 0x1
ALLOW_UNKNOWN_CA = 0x10
IGNORE_USAGE = 0x20
IGNORE_REVOCATION_UNKNOWN = 0xF00
IGNORE_NAME = 0x80000000

#: X509_V_FLAG_NO_CHECK_TIME of OpenSSL's x509_vfy.h, which Python has no name for.
_NO_CHECK_TIME = 0x200000

#: What the documented names of groups are to OpenSSL, and the bits of their keys.
_GROUPS = {
    "ecdhe_secp256r1": ("prime256v1", 256),
    "ecdhe_secp384r1": ("secp384r1", 384),
    "ecdhe_secp521r1": ("secp521r1", 521),
    "ecdhe_x25519": ("X25519", 253),
    "ecdhe_x448": ("X448", 448),
}

_CRL = re.compile("-----BEGIN X509 CRL-----.*?-----END X509 CRL-----", re.DOTALL)


# -------------------------------------------------------------------------------- the own certificate


class CertificateChoice:
    """The certificate that the ssl_cert properties have chosen."""

    def __init__(self) -> None:
        self.chosen: StoredCertificate | None = None

    @property
    def subject(self) -> str:
        """Its subject; empty where none is chosen."""
        return "" if self.chosen is None else self.chosen.subject

    @property
    def identity(self) -> tuple[object, ...]:
        """What connections depend on: the certificate, and whether its key is there."""
        return () if self.chosen is None else (self.encoded, self.chosen.private_key is not None)

    @property
    def encoded(self) -> bytes:
        """The certificate in PEM; empty where none is chosen."""
        return b"" if self.chosen is None else self.chosen.certificate_pem.encode()

    def search(self, kind: int, source: bytes, password: str, subject: str) -> None:
        """Choose by subject; none where the store has none.

        Raises:
            IPWorksSNMPError: the store cannot be opened.
        """
        self.chosen = None
        if subject:
            self.chosen = _opened(kind, source, password).find(subject)

    def load(self, text: bytes) -> None:
        """Choose what a PEM text, or its base64, holds.

        Raises:
            IPWorksSNMPError: there is no certificate in it.
        """
        self.chosen = None
        if text.strip():
            kind = StoreType.PEM_KEY_BLOB if b"PRIVATE KEY-----" in text else StoreType.PUBLIC_KEY_BLOB
            self.chosen = _opened(kind, text, "").find("*")

    def options(self) -> dict[str, Any]:
        """Return the part of :class:`TlsOptions` that says who we are.

        Raises:
            IPWorksSNMPError: the certificate has no key.
        """
        if self.chosen is None:
            return {}
        if self.chosen.key_pem is None:
            raise IPWorksSNMPError(CERTIFICATE_STORE, f"the store has no private key for {self.chosen.subject}")
        return {"certificate": self.chosen.chain_pem, "key": self.chosen.key_pem}


def _opened(kind: int, source: bytes, password: str) -> Any:
    try:
        return open_store(kind, source, password)
    except ConfigurationError as error:
        code = CANNOT_OPEN_FILE if isinstance(error.__cause__, OSError) else CERTIFICATE_STORE
        raise IPWorksSNMPError(code, str(error)) from error


# ------------------------------------------------------------------------------ what certificates tell


def pem_of(*certificates: bytes | None) -> bytes:
    """Return DER certificates as PEM, one behind the other."""
    return b"".join(ssl.DER_cert_to_PEM_cert(der).encode() for der in certificates if der)


def certificate_facts(der: bytes | None) -> dict[str, str]:
    """Return subject and issuer of a certificate as the events tell them."""
    if der is None:
        return {"cert_subject": "", "cert_issuer": ""}
    certificate = x509.load_der_x509_certificate(der)
    return {
        "cert_subject": subject_text(certificate.subject),
        "cert_issuer": subject_text(certificate.issuer),
    }


def ders_of(text: bytes) -> list[bytes]:
    """Return the certificates of a PEM text, or of base64 without its frame."""
    if not text.strip():
        return []
    if b"-----BEGIN" not in text:
        text = b"-----BEGIN CERTIFICATE-----\n" + b"".join(text.split()) + b"\n-----END CERTIFICATE-----\n"
    try:
        found = x509.load_pem_x509_certificates(text)
    except ValueError as error:
        raise IPWorksSNMPError(INVALID, f"no certificate: {error}") from error
    return [certificate.public_bytes(Encoding.DER) for certificate in found]


def key_exchange_bits(name: str) -> int:
    """Return the bits of a key exchange that names its group; 0 where it does not."""
    return next((bits for group, bits in _GROUPS.values() if group.lower() in name.lower()), 0)


# ------------------------------------------------------------------------------------ single settings


def check_protocols(value: int) -> None:
    """Refuse versions that do not exist any more, and no version at all."""
    if value & ~_ALL_VERSIONS:
        raise IPWorksSNMPError(
            UNSUPPORTED, "SSLEnabledProtocols: OpenSSL has TLS 1.0 to 1.3, and no SSL 2 or 3 any more"
        )
    if not value:
        raise IPWorksSNMPError(INVALID, "SSLEnabledProtocols enables no protocol")


def check_security_flags(value: int) -> None:
    """Refuse what OpenSSL cannot be talked out of."""
    if value & IGNORE_USAGE:
        raise IPWorksSNMPError(
            UNSUPPORTED, "SSLSecurityFlags 0x20: OpenSSL always looks at what a certificate may be used for"
        )


def check_group(value: str) -> None:
    """Refuse groups that cannot be chosen."""
    if value and value not in _GROUPS:
        raise IPWorksSNMPError(
            UNSUPPORTED, f"Python's ssl module can choose one group, of {', '.join(_GROUPS)}; not {value!r}"
        )


def openssl_suite_name(name: str) -> str:
    """Return OpenSSL's name of a cipher suite of TLS 1.2 for its standard name."""
    if not name.startswith("TLS_") or "_WITH_" not in name:
        return name
    exchange, _, cipher = name.removeprefix("TLS_").partition("_WITH_")
    cipher = re.sub(r"AES_(\d+)", r"AES\1", cipher).replace("_CBC", "").replace("_CCM_8", "_CCM8")
    if cipher.startswith("CHACHA20"):
        cipher = "CHACHA20_POLY1305"
    elif "CCM" in cipher:
        cipher = cipher.removesuffix("_SHA256")
    prefix = "" if exchange == "RSA" else f"{exchange}-"
    return f"{prefix}{cipher}".replace("_", "-")


def standard_suite_name(name: str) -> str:
    """Return the standard name of a cipher suite for OpenSSL's."""
    if _is_tls13(name):
        return name
    words = re.sub(r"AES(\d+)", r"AES_\1", name).replace("CCM8", "CCM-8").replace("-", "_")
    found = re.fullmatch(r"((?:(?:ECDHE|DHE|ECDH|DH|RSA|ECDSA|DSS|PSK|SRP|ADH|AECDH)_)*)(.*)", words)
    exchange, cipher = (found[1].rstrip("_"), found[2]) if found else ("", words)
    if not re.search(r"GCM|CCM|CHACHA|RC4|NULL|CBC", cipher):
        cipher = re.sub(r"_(SHA\d*|MD5)$", r"_CBC_\1", cipher)
    if cipher == "CHACHA20_POLY1305":
        cipher += "_SHA256"
    return f"TLS_{exchange or 'RSA'}_WITH_{cipher}"


def _suites(text: str) -> list[str] | None:
    """Return the suites of SSLEnabledCipherSuites by OpenSSL's names; ``None`` for all."""
    names = [name.strip() for name in re.split(r"[;,]", text) if name.strip()]
    if not names or names == ["*"]:
        return None
    return [openssl_suite_name(name) for name in names]


def _known_suites() -> dict[str, dict[str, Any]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
    return {str(suite["name"]): dict(suite) for suite in context.get_ciphers()}


def _is_tls13(suite: str) -> bool:
    return suite.startswith("TLS_")


def check_cipher_suites(text: str) -> None:
    """Refuse suites that OpenSSL does not have."""
    known = _known_suites()
    unknown = [name for name in _suites(text) or () if name not in known]
    if unknown:
        raise IPWorksSNMPError(INVALID, f"OpenSSL has no cipher suite named {', '.join(unknown)}")


def allows_suite(settings: Mapping[str, Any], suite: str, bits: int) -> bool:
    """Whether a suite that was negotiated is one of those that are enabled."""
    suites = _suites(settings["SSLEnabledCipherSuites"])
    return (suites is None or suite in suites) and bits >= settings["SSLCipherStrength"]


# --------------------------------------------------------------------------------------------- contexts


def _authorities(settings: Mapping[str, Any], pem: str) -> dict[str, Any]:
    """Return the part of :class:`TlsOptions` that says whom to believe."""
    options: dict[str, Any] = {}
    texts = [pem] if pem else []
    texts += [_read(path) for path in settings["SSLCACertFilePaths"].split(";") if path.strip()]
    if settings["OpenSSLCAFile"]:
        text = _read(settings["OpenSSLCAFile"])
        texts.append(text)
        lists = _CRL.findall(text)
        if lists and settings["SSLCheckCRL"]:
            options["crl"] = "\n".join(lists)
    if texts:
        options["ca_pem"] = "\n".join(texts)
    if settings["OpenSSLCADir"]:
        options["ca_directory"] = settings["OpenSSLCADir"]
    return options


def _read(path: str) -> str:
    try:
        with open(path.strip(), encoding="utf-8") as file:  # noqa: PTH123 - a name in a setting
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise IPWorksSNMPError(CANNOT_OPEN_FILE, f"{path.strip()} cannot be read: {error}") from error


def make_client_tls(  # noqa: D417 - the rest is what it says
    settings: Mapping[str, Any],
    choice: CertificateChoice,
    host: str,
    *,
    verify: bool = True,
    crl: bool = True,
    trusted: tuple[bytes, ...] = (),
) -> ClientTls:
    """Return TLS towards an agent.

    Args:
        verify: whether the agent's certificate is verified at all.
        crl: whether revocation is looked up, where the settings say so.
        trusted: certificates (DER) that are believed, beside the authorities.

    Raises:
        IPWorksSNMPError, ConfigurationError: settings that cannot work.
    """
    flags = settings["SSLSecurityFlags"]
    options: dict[str, Any] = {**choice.options(), "reuse_sessions": settings["ReuseSSLSession"]}
    options["ciphers"] = settings["OpenSSLCipherList"] or None
    if verify:
        options |= _authorities(settings, settings["SSLServerCACerts"])
        if trusted:
            options["ca_pem"] = "\n".join((options.get("ca_pem", ""), pem_of(*trusted).decode()))
        options["check_host_name"] = not flags & IGNORE_NAME
        if settings["SSLCheckCRL"] and crl and ("crl" in options or "ca_directory" in options):
            options["crl_check"] = CrlCheck.LEAF
        else:
            options.pop("crl", None)
    else:
        options["verify"] = False
    tls = ClientTls(TlsOptions(**options), host)
    if verify and settings["SSLCheckCRL"] == 1 and crl:
        tls.context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF  # also where there is no list at all
    if flags & IGNORE_DATES:
        tls.context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    _adjust(tls.context, settings)
    return tls


def make_server_tls(settings: Mapping[str, Any], choice: CertificateChoice, *, ask_clients: bool) -> ServerTls:
    """Return TLS towards peers that connect.

    Raises:
        IPWorksSNMPError, ConfigurationError: settings that cannot work, or no certificate.
    """
    options: dict[str, Any] = {**choice.options(), "ciphers": settings["OpenSSLCipherList"] or None}
    if ask_clients:
        options |= _authorities(settings, settings["SSLCACerts"])
        options["client_certificates"] = ClientCertificates.OPTIONAL
        if settings["SSLCheckCRL"] and ("crl" in options or "ca_directory" in options):
            options["crl_check"] = CrlCheck.LEAF
    tls = ServerTls(TlsOptions(**options))
    if ask_clients and settings["SSLCheckCRL"] == 1:
        tls.context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF  # also where there is no list at all
    _adjust(tls.context, settings)
    return tls


def _adjust(context: ssl.SSLContext, settings: Mapping[str, Any]) -> None:
    """Set what :class:`TlsOptions` has no word for."""
    protocols = settings["SSLEnabledProtocols"]
    suites = _suites(settings["SSLEnabledCipherSuites"])
    if suites is not None:
        if not any(_is_tls13(suite) for suite in suites):
            protocols &= ~0x3000
        if all(_is_tls13(suite) for suite in suites):
            protocols &= 0x3000
        if not protocols:
            raise IPWorksSNMPError(INVALID, "SSLEnabledCipherSuites has no suite of the protocols that are enabled")
    _set_versions(context, protocols)
    _set_suites(context, settings, suites, old=bool(protocols & 0x3C0))
    groups = {settings[name] for name in ("TLS12SupportedGroups", "TLS13SupportedGroups") if settings[name]}
    if len(groups) > 1:
        raise IPWorksSNMPError(UNSUPPORTED, "TLS12SupportedGroups and TLS13SupportedGroups have to be the same here")
    for group in groups:
        context.set_ecdh_curve(_GROUPS[group][0])
    if settings["SSLEnableRenegotiation"]:
        context.options &= ~ssl.OP_NO_RENEGOTIATION


def _names_of(context: ssl.SSLContext) -> list[str]:
    return [str(suite["name"]) for suite in context.get_ciphers()]


def _set_versions(context: ssl.SSLContext, protocols: int) -> None:
    enabled = [version for bits, (version, _) in _VERSIONS.items() if protocols & bits]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.0 and 1.1 were asked for
        context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
        context.minimum_version = min(enabled)
        context.maximum_version = max(enabled)
        for bits, (_, option) in _VERSIONS.items():
            if not protocols & bits:
                context.options |= option


def _set_suites(context: ssl.SSLContext, settings: Mapping[str, Any], suites: list[str] | None, *, old: bool) -> None:
    least = settings["SSLCipherStrength"]
    if suites is None and not least and not old:
        return
    old_names = _known_suites() if old else {}
    names = [name for name in old_names or _names_of(context) if not _is_tls13(name)]
    if suites is not None:
        names = [suite for suite in suites if not _is_tls13(suite)]
    if least:
        strengths = {name: int(suite["strength_bits"]) for name, suite in _known_suites().items()}
        names = [name for name in names if strengths.get(name, 0) >= least]
    if not names:
        return
    level = ":@SECLEVEL=0" if old else ""  # OpenSSL 3 has TLS 1.0 and 1.1 only there
    try:
        context.set_ciphers(f"{':'.join(names)}{level}")
    except ssl.SSLError as error:
        raise IPWorksSNMPError(INVALID, "OpenSSL has none of the cipher suites that are enabled") from error
