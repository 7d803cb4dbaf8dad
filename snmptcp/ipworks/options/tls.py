"""TLS contexts, made of the properties and settings.

Contains: settings to contexts, and the TLS side of one object: its certificate, its last session.
Does not contain: handshakes (:mod:`snmptcp.ipworks.securing`).
"""

from __future__ import annotations

import re
import ssl
import warnings
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp.ipworks.errors import CANNOT_OPEN_FILE, CERTIFICATE_NOT_FOUND, INVALID, UNSUPPORTED, IPWorksSNMPError
from snmptcp.ipworks.options.certificates import CertificateChoice, pem_of
from snmptcp.ipworks.options.suites import enabled_suites, is_tls13_suite, known_suites
from snmptcp.net.tls.options import ClientCertificates, CrlCheck, TlsOptions
from snmptcp.net.tls.session import ClientTls, ServerTls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.net.tls.session import TlsSession

__all__ = (
    "ALLOW_UNKNOWN_CA",
    "IGNORE_REVOCATION_UNKNOWN",
    "TlsProfile",
    "check_group",
    "check_protocols",
    "check_security_flags",
    "key_exchange_bits",
    "make_client_tls",
    "make_server_tls",
)

# SSLEnabledProtocols: each version has one bit for servers and one for clients.
_VERSIONS = {
    0x3000: (ssl.TLSVersion.TLSv1_3, ssl.OP_NO_TLSv1_3),
    0x0C00: (ssl.TLSVersion.TLSv1_2, ssl.OP_NO_TLSv1_2),
    0x0300: (ssl.TLSVersion.TLSv1_1, ssl.OP_NO_TLSv1_1),
    0x00C0: (ssl.TLSVersion.TLSv1, ssl.OP_NO_TLSv1),
}
_ALL_VERSIONS = sum(_VERSIONS)
_TLS_1_3 = 0x3000
_OLD_VERSIONS = 0x03C0

# SSLSecurityFlags.
IGNORE_DATES = 0x1
ALLOW_UNKNOWN_CA = 0x10
IGNORE_USAGE = 0x20
IGNORE_REVOCATION_UNKNOWN = 0xF00
IGNORE_NAME = 0x80000000

#: X509_V_FLAG_NO_CHECK_TIME of OpenSSL's x509_vfy.h; the ssl module has no name for it.
_NO_CHECK_TIME = 0x200000

#: OpenSSL's name for each documented name of a group, and the bits of its keys.
_GROUPS = {
    "ecdhe_secp256r1": ("prime256v1", 256),
    "ecdhe_secp384r1": ("secp384r1", 384),
    "ecdhe_secp521r1": ("secp521r1", 521),
    "ecdhe_x25519": ("X25519", 253),
    "ecdhe_x448": ("X448", 448),
}

_CRL = re.compile("-----BEGIN X509 CRL-----.*?-----END X509 CRL-----", re.DOTALL)

#: How many agents' TLS sessions are kept for resumption.
_MAX_SESSIONS = 16


class TlsProfile:
    """The TLS side of one object.

    Args:
        values: the properties and settings.

    Attributes:
        choice: the object's own certificate.
        session: the session of the last connection to an agent; ``None`` before the first one.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.choice = CertificateChoice()
        self.session: TlsSession | None = None
        self._kept: OrderedDict[tuple[object, ...], ClientTls] = OrderedDict()

    def remember(self, session: TlsSession) -> None:
        """Keep the session of a connection to an agent that has been accepted."""
        self.session = session

    def client(self, key: tuple[object, ...], host: str) -> ClientTls:
        """Return TLS for connections to an agent; with ReuseSSLSession the same for the same key, with its sessions."""
        tls = self._kept.get(key)
        if tls is None or not self._values["ReuseSSLSession"]:
            tls = self._kept[key] = make_client_tls(self._values, self.choice, host)
            if len(self._kept) > _MAX_SESSIONS:
                self._kept.popitem(last=False)
        return tls

    def forgiving_client(self, host: str, **forgiven: Any) -> ClientTls:
        """Return TLS that verifies less; the arguments are those of :func:`make_client_tls`."""
        return make_client_tls(self._values, self.choice, host, **forgiven)

    def server(self) -> ServerTls:
        """Return TLS for connections that peers make.

        Raises:
            IPWorksSNMPError, ConfigurationError: no certificate is chosen, or a setting is not possible.
        """
        if not self.choice:
            raise IPWorksSNMPError(
                CERTIFICATE_NOT_FOUND, "listening with TLS needs a certificate: set ssl_cert_subject"
            )
        return make_server_tls(self._values, self.choice, ask_clients=self._values["ssl_authenticate_clients"])

    def enables(self, session: TlsSession) -> bool:
        """Whether the settings enable the cipher suite that was negotiated.

        The ssl module cannot disable single suites of TLS 1.3, so this is checked after the handshake.
        """
        suites = enabled_suites(self._values["SSLEnabledCipherSuites"])
        return (suites is None or session.cipher in suites) and session.bits >= self._values["SSLCipherStrength"]


# ------------------------------------------------------------------------------------ single settings


def check_protocols(value: int) -> None:
    """Raise for protocol versions that OpenSSL does not have, and for none at all."""
    if value & ~_ALL_VERSIONS:
        raise IPWorksSNMPError(
            UNSUPPORTED, f"SSLEnabledProtocols cannot be {value}: OpenSSL supports TLS 1.0 to 1.3, not SSL 2 and 3"
        )
    if not value:
        raise IPWorksSNMPError(INVALID, "SSLEnabledProtocols must enable a protocol, not be 0")


def check_security_flags(value: int) -> None:
    """Raise for a check that OpenSSL always makes."""
    if value & IGNORE_USAGE:
        raise IPWorksSNMPError(
            UNSUPPORTED, "SSLSecurityFlags cannot contain 0x20: OpenSSL always checks the certificate's usage"
        )


def check_group(value: str) -> None:
    """Raise for a group that cannot be chosen."""
    if value and value not in _GROUPS:
        raise IPWorksSNMPError(
            UNSUPPORTED, f"Python's ssl module can choose one group, of {', '.join(_GROUPS)}; not {value!r}"
        )


def key_exchange_bits(name: str) -> int:
    """Return the bits of a key exchange, if its name contains the group; otherwise 0."""
    return next((bits for group, bits in _GROUPS.values() if group.lower() in name.lower()), 0)


# ------------------------------------------------------------------------------------------- contexts


def make_client_tls(  # noqa: D417 - the others are the parts of a profile
    settings: Mapping[str, Any],
    choice: CertificateChoice,
    host: str,
    *,
    verify: bool = True,
    crl: bool = True,
    trusted: tuple[bytes, ...] = (),
) -> ClientTls:
    """Return TLS for connections to an agent.

    Args:
        verify: whether the agent's certificate is verified.
        crl: whether revocation is checked, if the settings ask for it.
        trusted: certificates (DER) to trust, beside the certificate authorities.

    Raises:
        IPWorksSNMPError, ConfigurationError: a setting is not possible.
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
    tls = ClientTls(TlsOptions(**options), host, warn=False)  # a setting or the program's handler decides
    if verify and crl:
        _require_crl(tls.context, settings)
    if flags & IGNORE_DATES:
        tls.context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    _adjust(tls.context, settings)
    return tls


def make_server_tls(settings: Mapping[str, Any], choice: CertificateChoice, *, ask_clients: bool) -> ServerTls:
    """Return TLS for connections that peers make.

    Raises:
        IPWorksSNMPError, ConfigurationError: a setting is not possible, or the certificate has no key.
    """
    options: dict[str, Any] = {**choice.options(), "ciphers": settings["OpenSSLCipherList"] or None}
    if ask_clients:
        options |= _authorities(settings, settings["SSLCACerts"])
        options["client_certificates"] = ClientCertificates.OPTIONAL
        if settings["SSLCheckCRL"] and ("crl" in options or "ca_directory" in options):
            options["crl_check"] = CrlCheck.LEAF
    tls = ServerTls(TlsOptions(**options))
    if ask_clients:
        _require_crl(tls.context, settings)
    _adjust(tls.context, settings)
    return tls


def _authorities(settings: Mapping[str, Any], pem: str) -> dict[str, Any]:
    """Return the trusted authorities and the revocation lists as arguments of :class:`TlsOptions`."""
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
    path = path.strip()
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise IPWorksSNMPError(CANNOT_OPEN_FILE, f"{path} cannot be read: {error}", error) from None


def _require_crl(context: ssl.SSLContext, settings: Mapping[str, Any]) -> None:
    """With SSLCheckCRL=1 a certificate fails if no revocation list covers it, even if no list was given."""
    if settings["SSLCheckCRL"] == 1:
        context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF


def _adjust(context: ssl.SSLContext, settings: Mapping[str, Any]) -> None:
    """Set what :class:`TlsOptions` has no argument for."""
    protocols = settings["SSLEnabledProtocols"]
    suites = enabled_suites(settings["SSLEnabledCipherSuites"])
    if suites is not None:
        if not any(map(is_tls13_suite, suites)):
            protocols &= ~_TLS_1_3
        if all(map(is_tls13_suite, suites)):
            protocols &= _TLS_1_3
        if not protocols:
            raise IPWorksSNMPError(INVALID, "SSLEnabledCipherSuites has no suite for SSLEnabledProtocols")
    _set_versions(context, protocols)
    _set_suites(context, suites, settings["SSLCipherStrength"], old=bool(protocols & _OLD_VERSIONS))
    groups = {settings[name] for name in ("TLS12SupportedGroups", "TLS13SupportedGroups") if settings[name]}
    if len(groups) > 1:
        raise IPWorksSNMPError(UNSUPPORTED, "TLS12SupportedGroups and TLS13SupportedGroups must be the same here")
    for group in groups:
        context.set_ecdh_curve(_GROUPS[group][0])
    if settings["SSLEnableRenegotiation"]:
        context.options &= ~ssl.OP_NO_RENEGOTIATION


def _set_versions(context: ssl.SSLContext, protocols: int) -> None:
    enabled = [version for bits, (version, _) in _VERSIONS.items() if protocols & bits]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.0 and 1.1, if the program enables them
        context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
        context.minimum_version = min(enabled)
        context.maximum_version = max(enabled)
        for bits, (_, option) in _VERSIONS.items():
            if not protocols & bits:
                context.options |= option


def _set_suites(context: ssl.SSLContext, suites: list[str] | None, least_bits: int, *, old: bool) -> None:
    """Enable suites of TLS 1.2 and older; ``old`` if TLS 1.0 or 1.1 is enabled."""
    if suites is None and not least_bits and not old:
        return
    if suites is None:
        suites = list(known_suites()) if old else [str(suite["name"]) for suite in context.get_ciphers()]
    names = [name for name in suites if not is_tls13_suite(name)]
    if least_bits:
        names = [name for name in names if known_suites().get(name, 0) >= least_bits]
    if not names:
        return
    level = ":@SECLEVEL=0" if old else ""  # OpenSSL 3 supports TLS 1.0 and 1.1 at this level only
    try:
        context.set_ciphers(f"{':'.join(names)}{level}")
    except ssl.SSLError as error:
        raise IPWorksSNMPError(INVALID, "OpenSSL has none of the enabled cipher suites", error) from None
