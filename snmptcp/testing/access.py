"""Access to the testing agent: which messages it accepts as requests, and how it protects its replies.

Contains: the three ways in, each with its access rights: communities (RFC 1157, RFC 1901), users (USM, RFC 3414) and
security names (TSM, RFC 5591).  Each turns a message into an :class:`Accepted` request or a report.
Does not contain: the operations (:mod:`~snmptcp.testing.responder`), an engine's checks
(:mod:`snmptcp.security.authority`, :mod:`snmptcp.security.tsm_authority`), faults, sending.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from snmptcp.codec.message import (
    CommunityMessage,
    community_header,
    decode_message,
    encode_message,
    read_v3_header,
    read_version,
)
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import Community, SecurityLevel, SnmpVersion, Tsm
from snmptcp.security.reports import LocalCounter, NotAccepted
from snmptcp.security.tsm import SECURITY_MODEL as TSM
from snmptcp.security.tsm_authority import TsmReport
from snmptcp.testing.bookkeeping import Request
from snmptcp.testing.usm_engine import SecuredReply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from snmptcp.codec.message import V3Header
    from snmptcp.codec.pdu import AnyPdu
    from snmptcp.credentials import UsmUser
    from snmptcp.net.accepted import ServerConnection
    from snmptcp.security.authority import SecureRequest
    from snmptcp.security.tsm_authority import TsmAuthority, TsmRequest
    from snmptcp.testing.faults import Forgery, MessageFault
    from snmptcp.testing.mib import Effects
    from snmptcp.testing.notifier import Credentials
    from snmptcp.testing.responder import Responder, Response
    from snmptcp.testing.usm_engine import AgentEngine

__all__ = ("Accepted", "Access", "CommunityAccess", "NameAccess", "Reply", "UserAccess")

_REQUESTS = frozenset((PduType.GET, PduType.GET_NEXT, PduType.GET_BULK, PduType.SET))

#: Stands for the request in a report's fault: the message may be unreadable.
_NO_PDU = Pdu(PduType.GET, 0)

# ------------------------------------------------------------------------------------------- replies


class Reply(ABC):
    """A correct response or report, before it is protected.

    Attributes:
        is_report: whether it is a report.
        takes_faults: whether faults can change it.
        forgeable: whether a :class:`~snmptcp.testing.Forgery` can; it changes what USM adds.
        request: the request that it answers.
    """

    is_report: ClassVar[bool] = False
    takes_faults: ClassVar[bool] = True
    forgeable: ClassVar[bool] = False

    __slots__ = ("request",)

    def __init__(self, request: Request) -> None:
        self.request = request

    @property
    def effects(self) -> Effects | None:
        """What the request's variables ask for, besides their values; ``None`` for nothing."""
        return None

    @abstractmethod
    def seal(self) -> bytes:
        """Return the whole message."""

    @abstractmethod
    def pdu(self) -> Pdu:
        """Return its PDU, for a fault to change it."""

    def spoil(self, fault: MessageFault) -> bytes:
        """Return the whole message with a fault in what it says."""
        request, pdu = self.request, self.pdu()
        sender = request.user if request.version is SnmpVersion.V3 else request.community
        changed = fault.change(request.pdu, CommunityMessage(request.version, sender, pdu), pdu)
        if changed.version is SnmpVersion.V3:
            return self._seal_changed(changed.community, changed.pdu)
        return encode_message(changed)

    def forge(self, forgery: Forgery) -> bytes:
        """Return the whole message with a fault in its protection."""
        raise TypeError(f"{forgery!r} is for replies that USM protects")

    @abstractmethod
    def _seal_changed(self, sender: bytes, pdu: AnyPdu) -> bytes:
        """Return the whole SNMPv3 message with another user name and another PDU."""


class _Response(Reply):
    """A reply with the responder's response and its octets."""

    __slots__ = ("octets", "response")

    def __init__(self, request: Request, response: Response, octets: bytes) -> None:
        super().__init__(request)
        self.response = response
        self.octets = octets

    @property
    def effects(self) -> Effects | None:
        return self.response.effects

    def pdu(self) -> Pdu:
        return self.response.pdu()


class _CommunityResponse(_Response):
    __slots__ = ()

    def seal(self) -> bytes:
        return self.octets

    def _seal_changed(self, sender: bytes, pdu: AnyPdu) -> bytes:  # noqa: ARG002 - see the base class
        raise TypeError("a message with a community cannot become one of SNMPv3")


class _UserRequest(NamedTuple):
    """What the reply to a request with USM needs."""

    access: UserAccess
    incoming: SecureRequest
    now: float

    def reply(self, request: Request, response: Response, octets: bytes) -> Reply:
        return _UserResponse(self, request, response, octets)


class _UserResponse(_Response):
    forgeable: ClassVar[bool] = True

    __slots__ = ("_to",)

    def __init__(self, to: _UserRequest, request: Request, response: Response, octets: bytes) -> None:
        super().__init__(request, response, octets)
        self._to = to

    def seal(self) -> bytes:
        access, incoming, now = self._to
        sealed = access.earlier = access.engine.seal(incoming, self.octets, now)
        return sealed

    def forge(self, forgery: Forgery) -> bytes:
        return forgery.forge(self._secured())

    def _seal_changed(self, sender: bytes, pdu: AnyPdu) -> bytes:
        return _changed(self._secured(), sender, pdu)

    def _secured(self) -> SecuredReply:
        access, incoming, now = self._to
        return access.engine.reply(incoming, self.pdu(), access.earlier, now)


class _UserReport(Reply):
    is_report: ClassVar[bool] = True
    forgeable: ClassVar[bool] = True

    __slots__ = ("_reply",)

    def __init__(self, request: Request, reply: SecuredReply) -> None:
        super().__init__(request)
        self._reply = reply

    def seal(self) -> bytes:
        return self._reply.encode()

    def pdu(self) -> Pdu:
        pdu = self._reply.scoped_pdu.pdu
        assert isinstance(pdu, Pdu)  # noqa: S101 - a report is no SNMPv1 trap
        return pdu

    def forge(self, forgery: Forgery) -> bytes:
        return forgery.forge(self._reply)

    def _seal_changed(self, sender: bytes, pdu: AnyPdu) -> bytes:
        return _changed(self._reply, sender, pdu)


def _changed(reply: SecuredReply, user: bytes, pdu: AnyPdu) -> bytes:
    """Return a message with another user name and PDU, protected with the keys of the true user."""
    return replace(reply, parameters=reply.parameters._replace(user=user)).with_pdu(pdu).encode()


class _NameResponse(_Response):
    __slots__ = ("_authority", "_incoming")

    def __init__(
        self, authority: TsmAuthority, incoming: TsmRequest, request: Request, response: Response, octets: bytes
    ) -> None:
        super().__init__(request, response, octets)
        self._authority = authority
        self._incoming = incoming

    def seal(self) -> bytes:
        return self._authority.seal(self._incoming, self.octets)

    def _seal_changed(self, sender: bytes, pdu: AnyPdu) -> bytes:  # noqa: ARG002 - TSM's messages carry no name
        return self._authority.seal_pdu(self._incoming, pdu)


class _NameReport(Reply):
    is_report: ClassVar[bool] = True
    takes_faults: ClassVar[bool] = False

    __slots__ = ("_octets",)

    def __init__(self, request: Request, octets: bytes) -> None:
        super().__init__(request)
        self._octets = octets

    def seal(self) -> bytes:
        return self._octets

    def pdu(self) -> Pdu:
        raise NotImplementedError("a report that takes no faults is never changed")

    def _seal_changed(self, sender: bytes, pdu: AnyPdu) -> bytes:
        raise NotImplementedError("a report that takes no faults is never changed")


# --------------------------------------------------------------------------------- accepted requests


class Accepted(NamedTuple):
    """An accepted request, with its rights.

    Attributes:
        request: the request.
        responder: carries it out on the variables of its context.
        scope: the octets that precede the PDU in the response's message or ScopedPDU.
        reply: makes the reply of the request, the response and the response's octets.
        may_write: whether a SET is allowed.
        may_read: whether any request is allowed.
        limit: the most octets of the response, without protection; ``None`` for the agent's own limit.
    """

    request: Request
    responder: Responder
    scope: bytes
    reply: Callable[[Request, Response, bytes], Reply]
    may_write: bool
    may_read: bool = True
    limit: int | None = None

    def respond(self) -> Reply | None:
        """Carry the request out; return its reply, or ``None`` if not even tooBig fits."""
        answer = self.responder.respond(
            self.request, self.scope, may_write=self.may_write, may_read=self.may_read, limit=self.limit
        )
        return None if answer is None else self.reply(self.request, *answer)


def _request_pdu(pdu: AnyPdu) -> Pdu:
    """Return a PDU that is a request.

    Raises:
        NotAccepted: it is none.
    """
    if isinstance(pdu, Pdu) and pdu.type in _REQUESTS:
        return pdu
    raise NotAccepted(LocalCounter.UNEXPECTED_PDU, f"the PDU (tag {pdu.type}) is not a request")


class CommunityAccess:
    """Requests with communities.

    Args:
        rights: the communities, and whether each may write.
        responder: carries the requests out.
        others: carry the requests of some of the communities out instead.
    """

    def __init__(
        self, rights: Mapping[bytes, bool], responder: Responder, others: Mapping[bytes, Responder] | None = None
    ) -> None:
        self.rights = rights
        self._responder = responder
        self._others = others or {}
        self._headers = {
            (version, community): community_header(version, community)
            for version in (SnmpVersion.V1, SnmpVersion.V2C)
            for community in rights
        }

    def accept(self, octets: bytes, connection: ServerConnection) -> Accepted:
        """Take a message; see :meth:`Access.accept`."""
        message = decode_message(octets)
        if not isinstance(message, CommunityMessage):
            raise NotAccepted(LocalCounter.UNSUPPORTED_VERSION, "the agent has no users, so it does not speak SNMPv3")
        version, community = message.version, message.community
        may_write = self.rights.get(community)
        if may_write is None:
            raise NotAccepted(LocalCounter.BAD_COMMUNITY, "unknown community")
        pdu = _request_pdu(message.pdu)
        if pdu.type is PduType.GET_BULK and version is SnmpVersion.V1:
            raise NotAccepted(LocalCounter.MALFORMED, "SNMPv1 has no GETBULK")
        request = Request(version, community, pdu, connection.number)
        responder = self._others.get(community, self._responder)
        return Accepted(request, responder, self._headers[version, community], _CommunityResponse, may_write)


class UserAccess:
    """SNMPv3 requests that USM protects.

    Args:
        engine: the agent's engine.
        contexts: the responders by context.
        read_only: names of users who may not write.
        clock: returns the time in seconds.

    Attributes:
        earlier: the last correct response, for a replay.
    """

    def __init__(
        self,
        engine: AgentEngine,
        contexts: Mapping[bytes, Responder],
        read_only: Iterable[bytes],
        clock: Callable[[], float],
    ) -> None:
        self.engine = engine
        self.earlier = b""
        self._contexts = contexts
        self._read_only = frozenset(read_only)
        self._clock = clock

    def accept(self, octets: bytes, connection: ServerConnection) -> Accepted | Reply:
        """Take a message; see :meth:`Access.accept`."""
        now = self._clock()
        incoming = self.engine.receive(octets, now)
        if isinstance(incoming, SecuredReply):
            reported = Request(SnmpVersion.V3, b"", _NO_PDU, connection.number, incoming.parameters.user)
            return _UserReport(reported, incoming)
        pdu, user, level, context = _request_pdu(incoming.pdu), incoming.user, incoming.level, incoming.context_name
        return Accepted(
            Request(SnmpVersion.V3, b"", pdu, connection.number, user.name, level, context),
            self._contexts[context],
            self.engine.scope(incoming),
            _UserRequest(self, incoming, now).reply,
            may_write=user.name not in self._read_only,
            may_read=level >= user.security_level,
            limit=self.engine.room(incoming),
        )


class NameAccess:
    """SNMPv3 requests that TLS protects.

    Args:
        authority: checks the messages.
        contexts: the responders by context.
        rights: the security names, and whether each may write.
    """

    def __init__(
        self, authority: TsmAuthority, contexts: Mapping[bytes, Responder], rights: Mapping[bytes, bool]
    ) -> None:
        self._authority = authority
        self._contexts = contexts
        self._rights = rights

    def accept(self, octets: bytes, header: V3Header, connection: ServerConnection) -> Accepted | Reply:
        """Take a message; see :meth:`Access.accept`."""
        security_name = None if connection.tls is None else connection.tls.security_name
        incoming = self._authority.receive(octets, header, security_name)
        if isinstance(incoming, TsmReport):
            return _NameReport(Request(SnmpVersion.V3, b"", _NO_PDU, connection.number), incoming.octets)
        pdu, name, context = _request_pdu(incoming.pdu), incoming.security_name, incoming.context_name
        return Accepted(
            # TLS always protects as authPriv does (RFC 6353 section 3.1.2).
            Request(SnmpVersion.V3, b"", pdu, connection.number, name, SecurityLevel.authPriv, context),
            self._contexts[context],
            self._authority.scope(incoming),
            partial(_NameResponse, self._authority, incoming),
            may_write=self._rights.get(name, False),
            may_read=name in self._rights,
            limit=self._authority.room(incoming),
        )


class Access:
    """All ways in: chooses one by a message's version and security model.

    Args:
        communities: the way for SNMPv1 and SNMPv2c.
        users: the way for USM; ``None`` if the agent does not speak SNMPv3.
        names: the way for TSM; ``None`` if the agent does not speak TSM.
        known: the users by name.
    """

    def __init__(
        self,
        communities: CommunityAccess,
        users: UserAccess | None,
        names: NameAccess | None,
        known: Mapping[bytes, UsmUser],
    ) -> None:
        self._communities = communities
        self._users = users
        self._names = names
        self._known = known

    def accept(self, octets: bytes, connection: ServerConnection) -> Accepted | Reply:
        """Take a message.

        Returns:
            The accepted request, or the report about one that is not accepted.

        Raises:
            NotAccepted: the message is dropped.
            DecodeError: the message is malformed.
        """
        if self._users is None:
            return self._communities.accept(octets, connection)
        version, offset, end = read_version(octets)
        if version != SnmpVersion.V3:
            return self._communities.accept(octets, connection)
        if self._names is not None:
            header = read_v3_header(octets, offset, end)
            if header.security_model == TSM:
                return self._names.accept(octets, header, connection)
        return self._users.accept(octets, connection)

    def credentials(self, latest: Request | None) -> Credentials:
        """Return credentials to notify a manager with.

        Args:
            latest: the manager's latest request: its credentials; ``None`` for the read community, or else the
                first user, or else TSM.
        """
        if latest is None:
            if self._communities.rights:
                return Community(next(iter(self._communities.rights)))
            return next(iter(self._known.values()), None) or Tsm()
        if latest.version is not SnmpVersion.V3:
            return Community(latest.community, latest.version)
        return self._known.get(latest.user) or Tsm()
