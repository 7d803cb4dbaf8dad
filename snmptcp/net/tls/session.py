"""TLS for either side of a connection: contexts, the peer's identity, the reason of a failure.

Contains: the arguments of a handshake, and the checks right after it.  Does not contain: sockets, SNMP.

OpenSSL verifies certificates by authority.  ``established`` makes the checks that OpenSSL does not have, between the
handshake and the first octet of SNMP: pinned certificates, ciphers without encryption, names by RFC 6353's maps.
"""

from __future__ import annotations

import hashlib
import logging
import ssl
import time
import weakref
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from snmptcp.cautions import caution
from snmptcp.errors import ConfigurationError, TlsFailed, TlsFailure
from snmptcp.net.clock import current_time
from snmptcp.net.tls.context import NO_CHECK_TIME, accepted_fingerprints, client_context, server_context
from snmptcp.net.tls.failure import tls_failed
from snmptcp.net.tls.options import ClientCertificates, CrlCheck, Tls, TlsOptions
from snmptcp.net.tls.watch import FileWatch
from snmptcp.security.tls_names import security_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.security.tls_names import CertificateMap, Fingerprint

__all__ = ("ClientCertificates", "ClientTls", "CrlCheck", "ServerTls", "Tls", "TlsOptions", "TlsSession")

logger = logging.getLogger("snmptcp.tls")

#: How many peers' verified chains a server keeps for resumed sessions.
MAX_KEPT_CHAINS = 1024

#: How many connections in a row begin without looking for a session to resume, at most.
MAX_UNSEEN = 1024


@dataclass(frozen=True)
class TlsSession:
    """The result of a handshake.

    Attributes:
        version: ``"TLSv1.2"`` or ``"TLSv1.3"``.
        cipher: OpenSSL's name of the cipher suite.
        bits: the strength of its key.
        key_exchange: the key exchange, such as ``"ECDHE"``; ``None`` if the suite does not fix it, as in TLS 1.3.
        peer_certificate: the peer's certificate (DER); ``None`` if it has sent none.
        chain: the peer's certificate and its verified issuers up to the authority; if nothing was verified (pinned
            certificates), the certificates as the peer has sent them.
        fingerprint: the SHA-256 of the peer's certificate in hexadecimal digits.
        resumed: whether an earlier session was resumed.
        verified: whether the peer's certificate was verified: by an authority, or as one of the accepted ones.  Without
            that the session is encrypted, and anyone may be the peer.
        verified_name: of an agent, the name that its certificate was verified for, or that an accepted certificate
            stands for; ``None`` without verification or check of the host name, and of a client.
        group: the group of the key exchange, such as ``"x25519"``; ``None`` if it is not known: before version 3.15,
            Python does not tell it.
        security_name: the peer's name by the certificate maps (RFC 6353); ``None`` without maps or certificate.
    """

    version: str
    cipher: str
    bits: int
    key_exchange: str | None
    peer_certificate: bytes | None = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)
    fingerprint: str | None
    resumed: bool
    verified: bool = False
    verified_name: str | None = None
    security_name: bytes | None = None
    group: str | None = None


class ClientTls:
    """TLS to one agent.

    Make one for each agent and keep it for all connections to it: it keeps the session that the next connection
    resumes.  Making one reads files.

    Args:
        tls: ``True`` for the system's authorities, options, or a context, which is used unchanged.
        host: the agent's name or address, as it is dialled.
        warn: whether to warn if the agent is not verified.

    Attributes:
        context: for asyncio's ``ssl=``.
        server_hostname: for asyncio's ``server_hostname=``.

    Raises:
        ConfigurationError: options or a context that cannot work, files that cannot be read.
    """

    def __init__(self, tls: Tls, host: str, *, warn: bool = True) -> None:
        self._pins: tuple[Fingerprint, ...] = ()
        self._reuses = False
        self._host = host
        self._current: ssl.SSLObject | None = None  # the last connection
        self._offered = False  # whether it offered an earlier session
        self._good: ssl.SSLObject | ssl.SSLSocket | None = None  # the last connection whose peer was verified
        self._chain: tuple[bytes, ...] = ()
        self._kept: ssl.SSLSession | None = None  # what the last connections offered
        self._barren = 0  # how many looks in a row have found no session to resume
        self._unseen = 0  # how many of the next connections begin without a look
        self._files = _Files()
        if isinstance(tls, ssl.SSLContext):
            if tls.protocol == ssl.PROTOCOL_TLS_SERVER:
                raise ConfigurationError("this SSLContext is for servers (PROTOCOL_TLS_SERVER)")
            self.server_hostname = _certificate_name(host)
            self.context = tls
            self._key_exchanges = _key_exchanges(tls)
        else:
            self._load(_options(tls))
        if warn and not self._verifies:
            caution("verify", "agents", "TLS certificates of agents are not verified: anyone can be the agent")

    def reload(self, tls: TlsOptions | None = None) -> None:
        """Read all files again: the next connection uses them, and begins with a full handshake.

        Args:
            tls: other options; optional; default: those that it has.

        Raises:
            ConfigurationError: a file cannot be used, or there are no options but a context; nothing has changed.
        """
        self._load(self._files.options_or(tls))

    @property
    def _verifies(self) -> bool:
        return bool(self._pins) or self.context.verify_mode is not ssl.CERT_NONE

    def next_context(self) -> ssl.SSLContext:
        """Return the context for a new connection; with ``reload_on_change`` changed files are read first."""
        self._files.read_changes(self._load)
        return self.context

    def _load(self, options: TlsOptions) -> None:
        """Make everything that comes of options and their files, and only then use it."""
        watch = FileWatch(options)
        server_hostname = _certificate_name(options.server_name or self._host)
        pins = accepted_fingerprints(options)
        context = client_context(options, _ResumingContext(ssl.PROTOCOL_TLS_CLIENT))
        context.owner = weakref.ref(self)  # a strong reference would be a cycle through OpenSSL, never freed
        self._key_exchanges = _key_exchanges(context)
        self.context = context
        self.server_hostname = server_hostname
        self._pins = pins
        self._reuses = options.reuse_sessions
        self._files.loaded(options, watch)
        self._forget()  # an earlier session was verified by the earlier files

    def established(self, ssl_object: ssl.SSLObject | ssl.SSLSocket, peer: str) -> TlsSession:
        """Check the peer, right after the handshake and before any SNMP is sent.

        Args:
            ssl_object: the transport's.
            peer: the agent, for error texts.

        Raises:
            TlsFailed: the certificate is not an accepted one, or the cipher does not encrypt.
        """
        try:
            certificate = ssl_object.getpeercert(binary_form=True)
            chain = _verified_chain(ssl_object) or _sent_chain(ssl_object)
            if ssl_object.session_reused and self._chain[:1] == (certificate,):
                chain = self._chain
            session = _describe(ssl_object, certificate, chain, self._key_exchanges, peer)
            _check_pins(self._pins, certificate, peer)
            _check_date(ssl_object, peer)
        except TlsFailed:
            self._forget()
            raise
        self._good = ssl_object
        self._offered = False
        self._chain = session.chain
        context = ssl_object.context
        verified = bool(self._pins) or context.verify_mode is not ssl.CERT_NONE
        # RFC 6353 section 5.3.1: without a check of its identity, a peer has no security name.
        named = bool(self._pins) or (verified and context.check_hostname)
        return replace(session, verified=verified, verified_name=self.server_hostname if named else None)

    def failure(self, error: Exception, peer: str) -> TlsFailed:
        """Return the reason why a handshake, or a session, failed.

        With TLS 1.3 a handshake ends before the agent has seen our certificate.  If the agent refuses it, an alert
        follows and ends the connection with an :class:`ssl.SSLError`, which belongs here, too.

        Args:
            error: what the handshake or the connection ended with.
            peer: the agent, for error texts.
        """
        answered, renegotiable = None, False
        if self._current is not None:
            answered = self._current.cipher() is not None
            renegotiable = self._good is self._current and self._current.version() != "TLSv1.3"
        self._forget()
        return tls_failed(error, peer, answered=answered, renegotiable=renegotiable)

    def may_begin_afresh(self) -> bool:
        """Return whether the handshake that has just failed offered an earlier session; no later one will.

        Some agents hand out sessions and then refuse to resume them: OpenSSL servers that ask for certificates and set
        no session id context.  A full handshake may succeed.
        """
        offered, self._offered = self._offered, False
        if offered:
            self._reuses = False
        return offered

    def _forget(self) -> None:
        self._current = self._good = None
        self._kept = None
        self._chain = ()

    def _begin(self, ssl_object: ssl.SSLObject, *, offered: bool) -> None:
        self._current = ssl_object
        self._offered = offered

    def _session_for(self, server_hostname: str | None) -> ssl.SSLSession | None:
        """Return the session to resume, or ``None``.

        With TLS 1.3 it comes some time after the handshake, so this is called as late as possible.

        CPython loses some 6 KiB of memory with each read of ``session``, up to 3.13 at least.  So a session that was
        resumed is offered again, until half of its lifetime is over.  And servers that judge clients by their
        certificates often give out no session: after each look in vain, twice as many connections begin without one.
        """
        if not self._reuses or self._good is None or server_hostname != self.server_hostname:
            return None
        if self._good.context is not self.context:
            return None  # its handshake began before a reload
        if self._unseen:
            self._unseen -= 1
            return None
        if self._kept is not None and self._good.session_reused and _is_young(self._kept):
            return self._kept
        self._kept = None
        session = self._good.session
        if session is not None and (session.id or session.has_ticket):
            self._barren = 0
            self._kept = session
            return session
        self._unseen = min(2**self._barren, MAX_UNSEEN)
        self._barren += 1
        return None


def _is_young(session: ssl.SSLSession) -> bool:
    """Whether less than half of a session's lifetime is over."""
    return 0 <= time.time() - session.time < session.timeout / 2


class _ResumingContext(ssl.SSLContext):
    """A context that resumes the last session for each new connection; asyncio has no argument for it."""

    owner: weakref.ReferenceType[ClientTls]

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT001, FBT002 - the standard library's signature
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Begin a handshake; the standard library's contract."""
        owner = self.owner()
        if owner is not None and session is None and not isinstance(server_hostname, bytes):
            session = owner._session_for(server_hostname)  # noqa: SLF001 - the two classes belong together
        ssl_object = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        if owner is not None:
            owner._begin(ssl_object, offered=session is not None)  # noqa: SLF001 - as above
        return ssl_object


class ServerTls:
    """TLS to clients.

    Args:
        tls: options with a certificate, or a context, which is used unchanged.

    Attributes:
        context: the context of every session.

    Raises:
        ConfigurationError: options or a context that cannot work, files that cannot be read.
    """

    def __init__(self, tls: Tls) -> None:
        self._pins: tuple[Fingerprint, ...] = ()
        self._maps: tuple[CertificateMap, ...] = ()
        self._chains: OrderedDict[bytes, tuple[bytes, ...]] = OrderedDict()
        self._files = _Files()
        if isinstance(tls, ssl.SSLContext):
            if tls.protocol == ssl.PROTOCOL_TLS_CLIENT:
                raise ConfigurationError("this SSLContext is for clients (PROTOCOL_TLS_CLIENT)")
            self.context = tls
            self._key_exchanges = _key_exchanges(tls)
        else:
            self._load(_options(tls))

    def reload(self, tls: TlsOptions | None = None) -> None:
        """Read all files again: certificates, keys, authorities and revocation lists.

        New handshakes use the new ones, and no TLS session from before is resumed.  Established connections stay.

        Args:
            tls: other options; optional; default: those that it has.

        Raises:
            ConfigurationError: a file cannot be used, or there are no options but a context; nothing has changed.
        """
        self._load(self._files.options_or(tls))

    def next_context(self) -> ssl.SSLContext:
        """Return the context for a new handshake; with ``reload_on_change`` changed files are read first."""
        self._files.read_changes(self._load)
        return self.context

    def _load(self, options: TlsOptions) -> None:
        """Make everything that comes of options and their files, and only then use it."""
        watch = FileWatch(options)
        if not options.verify:
            caution("verify", "clients", "TLS certificates of clients are not verified: anyone can be a client")
        pins = accepted_fingerprints(options)
        # A new context has no tickets and no cache of the old one, so no session skips a renewed revocation list.
        context = server_context(options)
        self._key_exchanges = _key_exchanges(context)
        self.context = context
        self._pins = pins
        self._maps = options.certificate_maps
        self._chains = OrderedDict()
        self._files.loaded(options, watch)

    def established(self, ssl_object: ssl.SSLObject | ssl.SSLSocket, peer: str) -> TlsSession:
        """Check the client, right after the handshake and before any of its SNMP is read.

        Args:
            ssl_object: the handshake's.
            peer: the client, for error texts.

        Raises:
            TlsFailed: the certificate is not an accepted one, no map gives it a name, or the cipher does not encrypt.
        """
        certificate = ssl_object.getpeercert(binary_form=True)
        verified = self._kept_chain(ssl_object, certificate)
        session = _describe(ssl_object, certificate, verified, self._key_exchanges, peer)
        if certificate is None:
            return session  # if a certificate is required, OpenSSL has refused clients without one
        _check_pins(self._pins, certificate, peer)
        _check_date(ssl_object, peer)
        is_verified = bool(self._pins) or ssl_object.context.verify_mode is not ssl.CERT_NONE
        session = replace(session, verified=is_verified)
        if not self._maps:
            return session
        name = security_name(self._maps, certificate, verified)
        if name is None:  # RFC 6353 section 7, snmpTlstmCertToTSNTable: accept no message from this client
            raise TlsFailed(peer, TlsFailure.FINGERPRINT, "no certificate map gives it a security name")
        return replace(session, security_name=name)

    def failure(self, error: Exception, peer: str) -> TlsFailed:
        """Return the reason why a client's handshake or session failed.

        Args:
            error: what it ended with.
            peer: the client, for error texts.
        """
        return tls_failed(error, peer, answered=True)

    def _kept_chain(self, ssl_object: ssl.SSLObject | ssl.SSLSocket, certificate: bytes | None) -> tuple[bytes, ...]:
        """Return the chain that a client's certificate was verified with.

        OpenSSL does not keep it for a resumed session, but this same context has verified it before.
        """
        if certificate is None:
            return ()
        chain = _verified_chain(ssl_object)
        if chain:
            self._chains[certificate] = chain
            self._chains.move_to_end(certificate)
            if len(self._chains) > MAX_KEPT_CHAINS:
                self._chains.popitem(last=False)
            return chain
        return self._chains.get(certificate, (certificate,))


class _Files:
    """The files of one side's options: what was read, and when to read it again."""

    def __init__(self) -> None:
        self._options: TlsOptions | None = None  # with a context of the program's
        self._watch: FileWatch | None = None

    def options_or(self, tls: TlsOptions | None) -> TlsOptions:
        """Return other options, or else those that were read last."""
        if tls is not None:
            return _options(tls)
        if self._options is None:
            raise ConfigurationError(
                "an ssl.SSLContext is used as it is: load renewed files into it, or give TlsOptions"
            )
        return self._options

    def loaded(self, options: TlsOptions, watch: FileWatch) -> None:
        """Take note of what is in force now."""
        self._options = options
        self._watch = watch

    def read_changes(self, load: Callable[[TlsOptions], None]) -> None:
        """Read changed files, if the options ask for it; what cannot be used leaves the old ones in force."""
        watch, options = self._watch, self._options
        now = current_time()
        if watch is None or options is None or not watch.is_due(now):
            return
        try:
            load(options)
        except Exception as error:  # whatever is in the files, the handshake goes on with the old ones
            if watch.failed(now):
                logger.warning("changed TLS files are not used yet: %s", error)
        else:
            logger.info("changed TLS files are used from now on")


# --------------------------------------------------------------------------------- checks and facts


def _options(tls: bool | TlsOptions) -> TlsOptions:  # noqa: FBT001 - the caller's argument
    """Return the caller's options."""
    if isinstance(tls, TlsOptions):
        return tls
    if tls is True:
        return TlsOptions()
    kind = type(tls).__name__  # not the value: it may be a password in the wrong place
    raise ConfigurationError(f"tls must be True, an ssl.SSLContext or TlsOptions, not a {kind}")


def _certificate_name(host: str) -> str:
    """Return a host as in certificates: a name without the root's dot, an address without its zone."""
    name = host.partition("%")[0] if ":" in host else host.removesuffix(".")
    try:
        name.encode("idna")  # the ssl module would fail on it later, with a socket open
    except UnicodeError:
        name = ""
    if not name or name.startswith(".") or "\0" in name:
        raise ConfigurationError(f"{host!r} is not a host name or address that a certificate can have")
    return name


def _key_exchanges(context: ssl.SSLContext) -> dict[str, str]:
    """Return the key exchange of each cipher suite of a context, if the suite fixes it."""
    found: dict[str, Any]
    exchanges = {}
    for found in context.get_ciphers():  # type: ignore[assignment]  # a TypedDict that does not know "kea"
        exchange = str(found.get("kea", "")).removeprefix("kx-")
        if exchange and exchange != "any":
            exchanges[str(found["name"])] = exchange.upper()
    return exchanges


def _describe(
    ssl_object: ssl.SSLObject | ssl.SSLSocket,
    certificate: bytes | None,
    chain: tuple[bytes, ...],
    key_exchanges: dict[str, str],
    peer: str,
) -> TlsSession:
    """Return the session's facts; refuse a cipher that does not encrypt (RFC 6353 section 3.1.1)."""
    cipher, version, bits = ssl_object.cipher() or ("none", "none", 0)
    if not bits:
        raise TlsFailed(peer, TlsFailure.CIPHER, f"{cipher} does not encrypt")
    return TlsSession(
        version=ssl_object.version() or version,
        cipher=cipher,
        bits=bits,
        key_exchange=key_exchanges.get(cipher),
        peer_certificate=certificate,
        chain=chain,
        fingerprint=None if certificate is None else hashlib.sha256(certificate).hexdigest(),
        resumed=bool(ssl_object.session_reused),
        group=_group(ssl_object),
    )


def _group(ssl_object: ssl.SSLObject | ssl.SSLSocket) -> str | None:
    """Return the group, if the object knows it, as those of Python 3.15 and of :mod:`snmptcp.net.tls.records` do."""
    known: Callable[[], str | None] | None = getattr(ssl_object, "group", None)
    return None if known is None else known()


def _check_pins(pins: Sequence[Fingerprint], certificate: bytes | None, peer: str) -> None:
    if not pins:
        return
    if certificate is None:
        raise TlsFailed(peer, TlsFailure.NO_CERTIFICATE)
    if not any(pin.matches(certificate) for pin in pins):
        raise TlsFailed(
            peer, TlsFailure.FINGERPRINT, f"its certificate has SHA-256 {hashlib.sha256(certificate).hexdigest()}"
        )


def _check_date(ssl_object: ssl.SSLObject | ssl.SSLSocket, peer: str) -> None:
    """Refuse a certificate that expired after the full handshake: OpenSSL verifies nothing for a resumed session."""
    if not ssl_object.session_reused or ssl_object.context.verify_flags & NO_CHECK_TIME:
        return
    certificate = ssl_object.getpeercert() or {}  # empty if nothing was verified
    ends = certificate.get("notAfter")
    if isinstance(ends, str) and ssl.cert_time_to_seconds(ends) < time.time():
        raise TlsFailed(peer, TlsFailure.EXPIRED, "since the session that it resumes began")


def _verified_chain(ssl_object: ssl.SSLObject | ssl.SSLSocket) -> tuple[bytes, ...]:
    """Return the verified chain, from the peer's certificate to the authority."""
    if ssl_object.context.verify_mode is ssl.CERT_NONE:
        return ()
    return _chain(ssl_object, "get_verified_chain")


def _sent_chain(ssl_object: ssl.SSLObject | ssl.SSLSocket) -> tuple[bytes, ...]:
    return _chain(ssl_object, "get_unverified_chain")


def _chain(ssl_object: ssl.SSLObject | ssl.SSLSocket, method: str) -> tuple[bytes, ...]:
    public = getattr(ssl_object, method, None)
    if public is not None:  # Python 3.13
        return tuple(public())
    private = getattr(ssl_object._sslobj, method)  # type: ignore[union-attr]  # noqa: SLF001 - no public method before 3.13
    return tuple(ssl.PEM_cert_to_DER_cert(found.public_bytes()) for found in private() or ())
