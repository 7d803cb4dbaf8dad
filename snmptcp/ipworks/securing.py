"""TLS with an agent: the attempts that it takes to find out whether to trust the server.

Contains: what settings and handlers forgive a certificate, and in which order; which groups are offered.
Does not contain: contexts (:mod:`snmptcp.ipworks.options.tls`), handshakes.

A TLS handshake cannot stop halfway to ask a handler.  So the first attempt verifies everything.  If it fails for a
reason that settings forgive, further attempts verify less.  If it fails otherwise, the last attempt verifies nothing,
and the handler decides, with the failure of the attempt before, before any SNMP message is sent.  If Python cannot
offer several groups of the key exchange at once, there are such attempts for each.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from snmptcp.errors import SnmpError, TlsFailed, TlsFailure
from snmptcp.ipworks.options.certificates import ders_of
from snmptcp.ipworks.options.groups import group_offers
from snmptcp.ipworks.options.tls import ALLOW_UNKNOWN_CA, IGNORE_REVOCATION_UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.ipworks.emit import Emitter
    from snmptcp.ipworks.fields import Address
    from snmptcp.ipworks.options.tls import TlsProfile
    from snmptcp.manager import Connection, Manager
    from snmptcp.net.tls.session import ClientTls

__all__ = ("Securing",)

#: What a handler or a flag may forgive a certificate.
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
    """TLS with one agent.

    Args:
        key: every value that the connection depends on.
        values: the properties and settings, with the agent's name.
        profile: the TLS side of the object.
        emitter: asks the handler.

    Raises:
        IPWorksSNMPError, ConfigurationError: a property or setting is not possible.
    """

    def __init__(
        self, key: tuple[object, ...], values: Mapping[str, Any], profile: TlsProfile, emitter: Emitter
    ) -> None:
        self._key = key
        self._values = values
        self._profile = profile
        self._emitter = emitter
        self._host: str = values["remote_host"]
        #: The groups of each attempt; those that the server took last come first.
        self._offers = group_offers(values)
        self._groups = self._offers[0]  # those of the present attempt
        self._strict = {self._groups: profile.client(key, self._host, self._groups)}
        #: Why the attempt before the present one failed; ``None`` if the present one verifies the certificate.
        self._verdict: TlsFailed | None = None
        #: Waits for the server's certificates, on a connection that is made only to see them.
        self._looking: asyncio.Future[tuple[bytes, ...]] | None = None
        self._lock = asyncio.Lock()

    @property
    def strict(self) -> ClientTls:
        """TLS for an attempt that verifies everything; it keeps the session for the next one, if that is set."""
        found = self._strict.get(self._groups)
        if found is None:
            found = self._strict[self._groups] = self._profile.client(self._key, self._host, self._groups)
        return found

    async def connect(self, manager: Manager) -> None:
        """Make the connection, unless there is one, in as many attempts as it takes."""
        if manager.connected:
            return
        async with self._lock:
            if manager.connected:
                return
            await self._offer_groups(manager)

    async def _offer_groups(self, manager: Manager) -> None:
        """Connect with the groups of the last connection, or else with the next ones that the server takes."""
        for groups in tuple(self._offers):
            try:
                await self._connect_with(manager, groups)
            except TlsFailed as failed:
                if failed.failure is not TlsFailure.CIPHER or groups == self._offers[-1]:
                    raise
            else:
                self._offers.remove(groups)
                self._offers.insert(0, groups)
                return

    async def _connect_with(self, manager: Manager, groups: tuple[str, ...]) -> None:
        """Connect with some groups: verify everything, and then forgive what the settings or the handler forgive."""
        self._verdict = None
        self._groups = groups
        manager.use_tls(self.strict)
        try:
            await manager.connect()
        except TlsFailed as failed:
            await self._try_again(manager, failed)

    async def _try_again(self, manager: Manager, failed: TlsFailed) -> None:
        """Make attempts that forgive what the settings forgive, and then one that leaves it to the handler."""
        forgiven: dict[str, Any] = {"groups": self._groups}
        while failed.failure in _VERIFICATION:
            more = await self._forgiveness(manager, failed.failure, forgiven)
            if not more:
                break
            forgiven |= more
            manager.use_tls(self._profile.forgiving_client(self._host, **forgiven))
            try:
                await manager.connect()
            except TlsFailed as again:
                failed = again
            else:
                return
        if failed.failure not in _VERIFICATION:
            raise failed
        self._verify_nothing(manager)
        self._verdict = failed
        await manager.connect()

    async def _forgiveness(self, manager: Manager, failure: TlsFailure, forgiven: Mapping[str, Any]) -> dict[str, Any]:
        """Return what else the settings forgive, as arguments for the next attempt; empty if it is nothing."""
        flags = self._values["SSLSecurityFlags"]
        if failure in (TlsFailure.UNKNOWN_CA, TlsFailure.SELF_SIGNED):
            if flags & ALLOW_UNKNOWN_CA and "trusted" not in forgiven:
                return {"trusted": await self._look(manager)}
        elif failure is TlsFailure.NO_CRL and "crl" not in forgiven:
            only_if_available = self._values["SSLCheckCRL"] == 2
            if flags & IGNORE_REVOCATION_UNKNOWN or only_if_available:
                return {"crl": False}
        return {}

    def _verify_nothing(self, manager: Manager) -> None:
        manager.use_tls(self._profile.forgiving_client(self._host, verify=False, groups=self._groups))

    async def _look(self, manager: Manager) -> tuple[bytes, ...]:
        """Return the server's certificates; the connection is made only for that."""
        self._verify_nothing(manager)
        self._looking = asyncio.get_running_loop().create_future()
        try:
            with contextlib.suppress(TlsFailed):
                await manager.connect()
            return self._looking.result() if self._looking.done() else ()
        finally:
            self._looking = None

    async def approve(self, connection: Connection, peer: Address) -> None:
        """Have a handler decide on a new connection, before anything is sent on it.

        Raises:
            TlsFailed: the server's certificate is not accepted, or the cipher suite is not enabled.  A fault in here
                accepts nothing, too: a manager uses a connection whose callback fails with another exception.
        """
        try:
            await self._approve(connection, peer)
        except SnmpError:
            raise
        except Exception as error:
            why = f"it could not be examined: {type(error).__name__}: {error}"
            raise TlsFailed(connection.peer, TlsFailure.NOT_ACCEPTED, why) from error

    async def _approve(self, connection: Connection, peer: Address) -> None:
        session = connection.tls_session
        if session is None:
            return
        if self._looking is not None:
            self._looking.set_result(session.chain)
            raise TlsFailed(connection.peer, TlsFailure.UNKNOWN_CA)
        objection = self._profile.objection(session)
        if objection:
            raise TlsFailed(connection.peer, TlsFailure.CIPHER, objection)
        verdict = self._verdict
        if session.peer_certificate in ders_of(self._values["ssl_accept_server_cert_encoded"]):
            verdict = None
        certificate = session.peer_certificate
        accepted = await self._emitter.ask_server(
            peer,
            certificate,
            session.chain if self._values["SSLIncludeCertChain"] else (certificate,),
            "" if verdict is None else verdict.failure.value,
        )
        if not accepted:
            raise self._verdict or TlsFailed(
                connection.peer, TlsFailure.NOT_ACCEPTED, "by the handler of on_ssl_server_authentication"
            )
        self._profile.remember(session)
