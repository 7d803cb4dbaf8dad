"""TLS contexts, made of the properties and settings.

Contains: settings to contexts, and the TLS side of one object: its certificate, its last session.
Does not contain: handshakes (:mod:`snmptcp.ipworks.securing`).
"""

from __future__ import annotations

import functools
import ssl
import warnings
import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from snmptcp.ipworks.errors import CERTIFICATE_NOT_FOUND, INVALID, UNSUPPORTED, IPWorksSNMPError
from snmptcp.ipworks.options.authorities import authorities
from snmptcp.ipworks.options.certificates import CertificateChoice, pem_of
from snmptcp.ipworks.options.groups import allows_group, group_offers, offer_groups, warn_of_one_group
from snmptcp.ipworks.options.suites import enabled_suites, is_tls13_suite, known_suites
from snmptcp.ipworks.unhonoured import not_honoured
from snmptcp.net.tls.options import ClientCertificates, CrlCheck, TlsOptions
from snmptcp.net.tls.records import CAN_WATCH, record_text, watch_records
from snmptcp.net.tls.session import ClientTls, ServerTls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from snmptcp.net.tls.session import TlsSession

__all__ = (
    "ALLOW_UNKNOWN_CA",
    "IGNORE_REVOCATION_UNKNOWN",
    "TlsProfile",
    "check_protocols",
    "check_record_log",
    "check_security_flags",
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
TRUST_TEST_ROOT = 0xC000
IGNORE_NAME = 0x80000000

#: X509_V_FLAG_NO_CHECK_TIME of OpenSSL's x509_vfy.h; the ssl module has no name for it.
_NO_CHECK_TIME = 0x200000

#: How many agents' TLS sessions are kept for resumption.
_MAX_SESSIONS = 16


class TlsProfile:
    """The TLS side of one object.

    Args:
        values: the properties and settings.
        on_record: called with a line about each TLS record and the other end, if ``LogSSLPackets`` is set.

    Attributes:
        choice: the object's own certificate.
        session: the session of the last connection to an agent; ``None`` before the first one.
    """

    def __init__(self, values: Mapping[str, Any], on_record: Callable[[str, object], None]) -> None:
        self._values = values
        self._on_record = on_record
        self.choice = CertificateChoice()
        self.session: TlsSession | None = None
        self._kept: OrderedDict[tuple[object, ...], ClientTls] = OrderedDict()

    def remember(self, session: TlsSession) -> None:
        """Keep the session of a connection to an agent that has been accepted."""
        self.session = session

    def client(self, key: tuple[object, ...], host: str, groups: tuple[str, ...]) -> ClientTls:
        """Return TLS for connections to an agent; with ReuseSSLSession the same for the same key, with its sessions."""
        if not self._values["ReuseSSLSession"]:
            return self.forgiving_client(host, groups=groups)
        key = (key, groups)
        tls = self._kept.get(key)
        if tls is None:
            tls = self._kept[key] = self.forgiving_client(host, groups=groups)
            if len(self._kept) > _MAX_SESSIONS:
                self._kept.popitem(last=False)
        return tls

    def forgiving_client(self, host: str, **forgiven: Any) -> ClientTls:
        """Return TLS that verifies less; the arguments are those of :func:`make_client_tls`."""
        tls = make_client_tls(self._values, self.choice, host, **forgiven)
        self._watch(tls.context, (host, self._values["remote_port"]))
        return tls

    def server(self) -> ServerTls:
        """Return TLS for connections that peers make.

        Raises:
            IPWorksSNMPError, ConfigurationError: no certificate is chosen, or a setting is not possible.
        """
        if not self.choice:
            raise IPWorksSNMPError(
                CERTIFICATE_NOT_FOUND, "listening with TLS needs a certificate: set ssl_cert_subject"
            )
        warn_of_one_group(self._values)
        tls = make_server_tls(self._values, self.choice, ask_clients=self._values["ssl_authenticate_clients"])
        self._watch(tls.context, None)
        return tls

    def _watch(self, context: ssl.SSLContext, peer: object) -> None:
        """Have a context's connections tell their groups, and their records if set, if Python can show them."""
        if CAN_WATCH:
            log = functools.partial(_tell_record, weakref.ref(self), peer) if self._values["LogSSLPackets"] else None
            watch_records(context, log)

    def record_passed(self, text: str, peer: object) -> None:
        """Tell of a TLS record."""
        self._on_record(text, peer)

    def objection(self, session: TlsSession) -> str:
        """Return why the settings do not enable what was negotiated; empty if they do.

        Python cannot disable single suites of TLS 1.3, and OpenSSL has one list of groups for all versions, so this is
        checked after the handshake.
        """
        suites = enabled_suites(self._values["SSLEnabledCipherSuites"])
        if suites is not None and session.cipher not in suites:
            return f"SSLEnabledCipherSuites: {session.cipher} is not enabled"
        if session.bits < self._values["SSLCipherStrength"]:
            return f"SSLCipherStrength: {session.cipher} has {session.bits} bits, and is not enabled"
        if not allows_group(self._values, session):
            name = "TLS13SupportedGroups" if session.version == "TLSv1.3" else "TLS12SupportedGroups"
            return f"{name}: {session.group} is not enabled"
        return ""


def _tell_record(
    profile: weakref.ReferenceType[TlsProfile],
    peer: object,
    watched: Any,
    sent: bool,  # noqa: FBT001 - a callback
    header: bytes,
) -> None:
    """Tell a profile of a record; it is weakly referred to, as the garbage collector does not look into OpenSSL."""
    told = profile()
    if told is not None:
        told.record_passed(record_text(header, sent=sent), watched.peer if peer is None else peer)


# ------------------------------------------------------------------------------------ single settings


def check_protocols(value: int) -> None:
    """Raise for no protocol that OpenSSL has; warn of SSL 2 and 3 beside others."""
    if not value:
        raise IPWorksSNMPError(INVALID, "SSLEnabledProtocols must enable a protocol, not be 0")
    if not value & _ALL_VERSIONS:
        raise IPWorksSNMPError(
            UNSUPPORTED, f"SSLEnabledProtocols cannot be {value}: OpenSSL supports TLS 1.0 to 1.3, not SSL 2 and 3"
        )
    if value & ~_ALL_VERSIONS:
        not_honoured("SSLEnabledProtocols", f"{value} enables only TLS: OpenSSL does not have SSL 2 and 3")


def check_security_flags(value: int) -> None:
    """Warn of faults that are never ignored."""
    if value & IGNORE_USAGE:
        not_honoured("SSLSecurityFlags", "0x20 has no effect: OpenSSL always checks the certificate's usage")
    elif value & TRUST_TEST_ROOT:
        not_honoured("SSLSecurityFlags", "0x4000 and 0x8000 have no effect: there is no test root here")


def check_record_log(wanted: bool) -> None:  # noqa: FBT001 - a hook
    """Warn if Python cannot show TLS records."""
    if wanted and not CAN_WATCH:
        not_honoured("LogSSLPackets", "this version of Python does not show TLS records")


# ------------------------------------------------------------------------------------------- contexts


def make_client_tls(  # noqa: D417 - the others are the parts of a profile
    settings: Mapping[str, Any],
    choice: CertificateChoice,
    host: str,
    *,
    verify: bool = True,
    crl: bool = True,
    trusted: tuple[bytes, ...] = (),
    groups: tuple[str, ...] | None = None,
) -> ClientTls:
    """Return TLS for connections to an agent.

    Args:
        verify: whether the agent's certificate is verified.
        crl: whether revocation is checked, if the settings ask for it.
        trusted: certificates (DER) to trust, beside the certificate authorities.
        groups: the groups to offer, by OpenSSL's names; ``None`` for those of the first attempt.

    Raises:
        IPWorksSNMPError, ConfigurationError: a setting is not possible.
    """
    flags = settings["SSLSecurityFlags"]
    options: dict[str, Any] = {**choice.options(), "reuse_sessions": settings["ReuseSSLSession"]}
    options["ciphers"] = settings["OpenSSLCipherList"] or None
    if verify:
        options |= authorities(settings, settings["SSLServerCACerts"])
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
    _adjust(tls.context, settings, group_offers(settings)[0] if groups is None else groups)
    return tls


def make_server_tls(settings: Mapping[str, Any], choice: CertificateChoice, *, ask_clients: bool) -> ServerTls:
    """Return TLS for connections that peers make.

    Raises:
        IPWorksSNMPError, ConfigurationError: a setting is not possible, or the certificate has no key.
    """
    options: dict[str, Any] = {**choice.options(), "ciphers": settings["OpenSSLCipherList"] or None}
    if ask_clients:
        options |= authorities(settings, settings["SSLCACerts"])
        options["client_certificates"] = ClientCertificates.OPTIONAL
        if settings["SSLCheckCRL"] and ("crl" in options or "ca_directory" in options):
            options["crl_check"] = CrlCheck.LEAF
    tls = ServerTls(TlsOptions(**options))
    if ask_clients:
        _require_crl(tls.context, settings)
    _adjust(tls.context, settings, group_offers(settings)[0])
    return tls


def _require_crl(context: ssl.SSLContext, settings: Mapping[str, Any]) -> None:
    """With SSLCheckCRL=1 a certificate fails if no revocation list covers it, even if no list was given."""
    if settings["SSLCheckCRL"] == 1:
        context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF


def _adjust(context: ssl.SSLContext, settings: Mapping[str, Any], groups: tuple[str, ...]) -> None:
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
    _set_suites(context, settings, suites, old=bool(protocols & _OLD_VERSIONS))
    offer_groups(context, groups)
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


def _set_suites(context: ssl.SSLContext, settings: Mapping[str, Any], suites: list[str] | None, *, old: bool) -> None:
    """Enable suites of TLS 1.2 and older, as far as every setting enables them.

    Args:
        context: has those of OpenSSLCipherList, or else OpenSSL's defaults.
        settings: the settings.
        suites: those of SSLEnabledCipherSuites; ``None`` for all.
        old: whether TLS 1.0 or 1.1 is enabled.
    """
    listed, least_bits = settings["OpenSSLCipherList"], settings["SSLCipherStrength"]
    if suites is None and not least_bits and not old:
        return
    names = [str(suite["name"]) for suite in context.get_ciphers()]
    if suites is not None:
        names = [name for name in suites if not listed or name in names]
    elif old and not listed:
        names = list(known_suites())  # the defaults have none for old versions
    older = [name for name in names if not is_tls13_suite(name) and known_suites().get(name, 0) >= least_bits]
    if not older:
        if listed and suites is not None and not all(map(is_tls13_suite, suites)):
            raise IPWorksSNMPError(INVALID, "OpenSSLCipherList and SSLEnabledCipherSuites have no suite in common")
        return
    level = ":@SECLEVEL=0" if old else ""  # OpenSSL 3 supports TLS 1.0 and 1.1 at this level only
    try:
        context.set_ciphers(f"{':'.join(older)}{level}")
    except ssl.SSLError as error:
        raise IPWorksSNMPError(INVALID, "OpenSSL has none of the enabled cipher suites", error) from None
