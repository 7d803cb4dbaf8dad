"""TLS with an agent: the attempts it takes to know whom we talk to, and the say of settings and handlers in it.

What may live here: what is forgiven, by whom, and in which order it is asked.  What may not: contexts
(:mod:`snmptcp.ipworks.options.tls`), handshakes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from snmptcp.errors import TlsFailed, TlsFailure
from snmptcp.ipworks.options.tls import (
    ALLOW_UNKNOWN_CA,
    IGNORE_REVOCATION_UNKNOWN,
    CertificateChoice,
    allows_suite,
    certificate_facts,
    ders_of,
    make_client_tls,
    pem_of,
)
from snmptcp.ipworks.tables.events import EVENT_CLASSES

if TYPE_CHECKING:
    from snmptcp.ipworks.agent import Conversation
    from snmptcp.ipworks.methods import Core
    from snmptcp.net.connection import Connection
    from snmptcp.net.tls.session import ClientTls, TlsSession

__all__ = ("Securing",)

#: How many agents' TLS sessions are kept to be taken up again.
_MAX_SESSIONS = 16

#: What a handler, or a flag, may forgive a certificate.
_VERIFICATION = frozenset(
    {
        TlsFailure.EXPIRED,
        TlsFailure.NOT_YET_VALID,
        TlsFailure.UNKNOWN_CA,
        TlsFailure.SELF_SIGNED,
        TlsFailure.HOST_NAME,
        TlsFailure.REVOKED,
        TlsFailure.NO_CRL,
        TlsFailure.BAD_CERTIFICATE,
    }
)


class Securing:
    """The TLS side of a core.

    Args:
        core: whose.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        #: The own certificate.
        self.choice = CertificateChoice()
        #: What was negotiated last.
        self.session: TlsSession | None = None
        self._sessions: OrderedDict[tuple[object, ...], ClientTls] = OrderedDict()

    def client_tls(self, key: tuple[object, ...], host: str) -> ClientTls:
        """Return TLS towards an agent; where sessions are taken up again, that of the last time."""
        tls = self._sessions.get(key)
        if tls is None or not self._core.settings["ReuseSSLSession"]:
            tls = self._sessions[key] = make_client_tls(self._core.settings, self.choice, host)
            if len(self._sessions) > _MAX_SESSIONS:
                self._sessions.popitem(last=False)
        return tls

    async def connect(self, conversation: Conversation) -> None:
        """Make the connection, if there is none; with TLS in as many attempts as it takes to know what to say.

        Nothing of SNMP is sent before the last one is approved.
        """
        if conversation.verifying is None or conversation.manager.connected:
            return
        async with conversation.lock:
            if conversation.manager.connected:
                return
            conversation.verdict = None
            conversation.manager.use_tls(conversation.verifying)
            try:
                await conversation.manager.connect()
            except TlsFailed as failed:
                await self._reconsider(conversation, failed)

    async def _reconsider(self, conversation: Conversation, failed: TlsFailed) -> None:
        """Forgive a certificate what the settings forgive; then let a handler decide."""
        flags = self._core.settings["SSLSecurityFlags"]
        forgiven: dict[str, Any] = {}
        while failed.failure in _VERIFICATION:
            unknown = failed.failure in (TlsFailure.UNKNOWN_CA, TlsFailure.SELF_SIGNED)
            if unknown and flags & ALLOW_UNKNOWN_CA and "trusted" not in forgiven:
                forgiven["trusted"] = await self._look(conversation)
            elif (
                failed.failure is TlsFailure.NO_CRL
                and (flags & IGNORE_REVOCATION_UNKNOWN or self._core.settings["SSLCheckCRL"] == 2)
                and "crl" not in forgiven
            ):
                forgiven["crl"] = False
            else:
                break
            tls = make_client_tls(self._core.settings, self.choice, conversation.manager.host, **forgiven)
            conversation.manager.use_tls(tls)
            try:
                await conversation.manager.connect()
            except TlsFailed as again:
                failed = again
            else:
                return
        if failed.failure not in _VERIFICATION:
            raise failed
        self._trust_nobody(conversation)
        conversation.verdict = failed
        await conversation.manager.connect()

    def _trust_nobody(self, conversation: Conversation) -> None:
        host = conversation.manager.host
        conversation.manager.use_tls(make_client_tls(self._core.settings, self.choice, host, verify=False))

    async def _look(self, conversation: Conversation) -> tuple[bytes, ...]:
        """Return the certificates that the server shows, on a connection that is made for nothing else."""
        self._trust_nobody(conversation)
        conversation.looking = asyncio.get_running_loop().create_future()
        try:
            with contextlib.suppress(TlsFailed):
                await conversation.manager.connect()
            return conversation.looking.result() if conversation.looking.done() else ()
        finally:
            conversation.looking = None

    async def approve(self, conversation: Conversation, connection: Connection) -> None:
        """Let a handler decide on the server's certificate.

        Raises:
            TlsFailed: it is not accepted, or what was negotiated is not enabled.
        """
        session = connection.tls_session
        if session is None:
            return
        if conversation.looking is not None:
            conversation.looking.set_result(session.chain)
            raise TlsFailed(connection.peer, TlsFailure.UNKNOWN_CA)
        if not allows_suite(self._core.settings, session.cipher, session.bits):
            raise TlsFailed(connection.peer, TlsFailure.CIPHER, f"{session.cipher} is not enabled")
        verdict = conversation.verdict
        known = session.peer_certificate in ders_of(self._core.values["ssl_accept_server_cert_encoded"])
        shown = session.chain if self._core.settings["SSLIncludeCertChain"] else (session.peer_certificate,)
        params: Any = EVENT_CLASSES["on_ssl_server_authentication"](
            remote_address=conversation.peer[0],
            remote_port=conversation.peer[1],
            cert_encoded=pem_of(*shown),
            **certificate_facts(session.peer_certificate),
            status="OK" if verdict is None or known else verdict.failure.value,
            accept=verdict is None or known,
        )
        await self._core.pump.ask(params)
        if not params.accept:
            raise verdict or TlsFailed(connection.peer, TlsFailure.FINGERPRINT, "on_ssl_server_authentication")
        self.session = session
