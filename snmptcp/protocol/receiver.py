"""The notification receiver without I/O: whole messages in, notifications and replies out (RFC 3413 section 3.4).

Contains: which senders are accepted in which version and security model, the counters, the acknowledgement of
informs, and the replies to discovery (RFC 3414 section 4, RFC 5343).
Does not contain: connections, queues, and reading a clock: ``now`` is an argument, in seconds of any monotonic clock.

No message makes a receiver raise: it counts each refused message by its reason.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, read_community, read_v3_header, read_version
from snmptcp.codec.pdu import Pdu, PduType, encode_pdu
from snmptcp.credentials import Community, SecurityLevel, SnmpVersion, Tsm, UsmUser
from snmptcp.errors import ConfigurationError, DecodeError, ErrorStatus
from snmptcp.protocol.notification import NOTIFICATION_PDUS, notification_of
from snmptcp.protocol.oddities import Oddity
from snmptcp.protocol.reading import NotificationReader
from snmptcp.security.authority import CONFIRMED_PDUS, AuthoritativeEngine, SecuredMessage
from snmptcp.security.remote import INFORM_AGE, RemoteEngines, SeenMessages, TakenInform, is_odd_engine_id
from snmptcp.security.reports import LocalCounter, NotAccepted, ReportCounter, SecurityCounters
from snmptcp.security.tsm import SECURITY_MODEL as TSM
from snmptcp.security.tsm import SNMP_ENGINE_ID
from snmptcp.security.tsm_authority import TsmAuthority, TsmReport
from snmptcp.security.usm_message import SECURITY_MODEL as USM
from snmptcp.security.usm_message import level_of, read_usm_parameters
from snmptcp.values import NoSuchObject, OctetString, VarBind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from snmptcp.codec.message import V3Header
    from snmptcp.codec.pdu import AnyPdu
    from snmptcp.protocol.notification import Notification, Reading, Source
    from snmptcp.security.authority import SecureRequest
    from snmptcp.security.tsm_authority import TsmRequest
    from snmptcp.security.usm_message import UsmParameters

__all__ = (
    "DEFAULT_MAX_VARBINDS",
    "MAX_REPEATS",
    "Incoming",
    "Outcome",
    "Receiver",
    "ReceiverCredentials",
    "ReceiverStatistics",
    "Refusal",
    "Repeated",
    "Reply",
)

#: Accepted credentials; (user, engine ID) accepts the user's traps from that engine only.
ReceiverCredentials: TypeAlias = Union[Community, UsmUser, tuple[UsmUser, bytes], Tsm]

#: How many variable bindings a message may have.  The most that fit into the 64 KiB of a UDP datagram are 9,362.
DEFAULT_MAX_VARBINDS = 10_000

_NOTIFICATIONS_V1 = frozenset((PduType.TRAP_V1,))
_NOTIFICATIONS_V2 = NOTIFICATION_PDUS - _NOTIFICATIONS_V1
_INFORMS = frozenset((PduType.INFORM,))
_TRAPS = NOTIFICATION_PDUS - _INFORMS

#: With TSM only the request for the engine ID has to be about this engine; the other PDUs are accepted or refused
#: by their type.
_NOT_PROBES = CONFIRMED_PDUS - {PduType.GET}

#: How often one inform is acknowledged again.  An honest sender repeats it a few times; an attacker who replays it must
#: not have the receiver work without an end.
MAX_REPEATS = 8

_COMMUNITY_VERSIONS = (SnmpVersion.V1, SnmpVersion.V2C)


@dataclass(slots=True)
class ReceiverStatistics(SecurityCounters):
    """What a receiver has counted since it was made."""

    #: Messages received, of any kind.
    messages: int = 0
    #: Notifications accepted.
    notifications: int = 0
    #: The informs among the accepted notifications.
    informs: int = 0
    #: Informs that came again, octet for octet, and were acknowledged again.
    repeated_informs: int = 0
    #: Requests for the engine ID that were answered (RFC 5343).
    probes: int = 0
    #: Reports sent; a sender's first inform is answered with one (discovery).
    reports: int = 0

    # Refused messages, beside those that SecurityCounters counts.

    #: Malformed messages, or malformed notifications in them.
    malformed: int = 0
    #: Messages of an SNMP version for which there are no credentials.
    unsupported_versions: int = 0
    #: Messages with an unknown community for their version.
    bad_communities: int = 0
    #: PDUs that are neither a notification nor a request for the engine ID, and traps that name this receiver's
    #: engine as their sender.
    unexpected_pdus: int = 0
    #: Replayed messages.
    replays: int = 0
    #: Messages below the security level that their user's keys allow.
    levels_too_low: int = 0

    @property
    def refused(self) -> dict[str, int]:
        """How many messages were refused, by reason; reasons that did not occur are left out."""
        return {name: count for name in _REASONS if (count := getattr(self, name))}


_REASONS = (*(counter.field for counter in LocalCounter), *(each.name for each in fields(SecurityCounters)))


def _nothing_to_forget() -> None:
    """Do nothing: only authenticated SNMPv3 messages are remembered."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A notification that was accepted.

    Attributes:
        notification: the notification.
        acknowledge: returns the whole message that acknowledges an inform, for an error-status, an error-index and
            the time; ``None`` for a trap.
        forget: call it to drop the notification after all: the same octets then do not count as a replay.
    """

    notification: Notification
    acknowledge: Callable[[int, int, float], bytes] | None = field(repr=False)  # it holds the message, with secrets
    forget: Callable[[], None] = field(default=_nothing_to_forget, repr=False)


@dataclass(frozen=True, slots=True)
class Repeated:
    """An inform that came again before the first one was acknowledged; it is not delivered again."""

    inform: TakenInform = field(repr=False)

    def when_acknowledged(self, send: Callable[[bytes], None]) -> None:
        """Have the acknowledgement of the first one sent this way too."""
        self.inform.waiting.append(send)


class Reply(NamedTuple):
    """A message to send back without a notification.

    It is a report, the engine ID, the refusal of an inform, or the acknowledgement of one that came again.

    Attributes:
        octets: a whole message.
        reason: what was wrong with the message, without secrets; empty if a request was answered.
        counter: the counter that a report names, ``LEVEL_TOO_LOW`` if an inform was refused, or ``None`` if a request
            was answered.
        digests: how many digests were computed for the message.
        routine: whether the report is a step of discovery, with which a sender of informs begins (RFC 3414 section 4).
    """

    octets: bytes
    reason: str = ""
    counter: ReportCounter | LocalCounter | None = None
    digests: int = 1
    routine: bool = False


class Refusal(NamedTuple):
    """A message that was dropped and counted.

    Attributes:
        reason: why, without secrets.
        counter: the counter that was incremented.
        digests: how many digests were computed for it.
    """

    reason: str
    counter: ReportCounter | LocalCounter
    digests: int = 1


Outcome: TypeAlias = Union[Incoming, Repeated, Reply, Refusal]


class Receiver:
    """Accepts, answers or refuses the messages of notification senders.

    Args:
        credentials: the accepted senders.  A :class:`Community` is accepted in its own version only.  A
            :class:`UsmUser` may send informs, and traps from any engine.  (user, engine ID) may send traps from that
            engine only or, with the receiver's own engine ID, informs only.  Up to 16 users for any engine may have one
            name: the digest tells which of them has sent a message.  :class:`Tsm` accepts every sender that TLS derived
            a security name for.
        engine_id: the receiver's engine ID; optional; default a random one.
        boots: how often the receiver's engine has started, this start included.
        max_message_size: the longest message to accept, in octets; sent to senders as msgMaxSize.
        max_varbinds: how many variable bindings a message may have; one with more is malformed.
        statistics: the counters to use; optional; the caller may share them.
        strict: refuse notifications that break a rule (:class:`Oddity`), instead of marking what is odd.
        frozen_clock: the engine IDs of senders whose clock may stand still or fall back, or ``True`` for all of them:
            the time of their traps is not checked, only that boots do not decrease.

    Attributes:
        statistics: the counters.
        engine: the receiver's authoritative engine.

    Raises:
        ConfigurationError: no credentials, or invalid ones.
    """

    def __init__(
        self,
        credentials: Iterable[ReceiverCredentials],
        *,
        engine_id: bytes | None = None,
        boots: int = 1,
        max_message_size: int,
        max_varbinds: int = DEFAULT_MAX_VARBINDS,
        statistics: ReceiverStatistics | None = None,
        strict: bool = False,
        frozen_clock: bool | Iterable[bytes] = False,
    ) -> None:
        self.statistics = ReceiverStatistics() if statistics is None else statistics
        self._reader = NotificationReader(max_varbinds, strict=strict)
        self._max_message_size = min(max_message_size, 0x7FFFFFFF)
        self._communities: set[tuple[int, bytes]] = set()
        tsm: Tsm | None = None
        users: list[tuple[UsmUser, bytes | None]] = []
        for given in credentials:
            if isinstance(given, Community):
                self._communities.add((given.version, given.name))
            elif isinstance(given, UsmUser):
                users.append((given, None))
            elif isinstance(given, Tsm):
                tsm = given
            else:
                users.append(_pair(given))
        if not self._communities and not users and tsm is None:
            raise ConfigurationError("a receiver needs credentials: none were given")
        self._usm = bool(users)
        self._remote = RemoteEngines(users, frozen=frozen_clock, strict=strict)
        self.engine = AuthoritativeEngine(
            (),
            self.statistics,
            accepts=(PduType.INFORM,),
            engine_id=engine_id,
            boots=boots,
            max_message_size=self._max_message_size,
            decode=self._reader.decode,
        )
        own = [user for user, engine in users if engine == self.engine.engine_id]
        named = {user.name for user in own}
        self.engine.add_users(own)
        self.engine.add_candidates(user for user, engine in users if engine is None and user.name not in named)
        self._seen = SeenMessages()
        # Informs are judged by this engine's own clock, so they need not be remembered for longer.
        self._taken = SeenMessages(seconds=INFORM_AGE)
        # Apart, so that others do not push these messages out: for frozen clocks nothing else detects a replay.
        self._seen_frozen = SeenMessages()
        self._tsm: TsmAuthority | None = None
        if tsm is not None:
            self._tsm = TsmAuthority(
                self.engine,
                accepts=_NOT_PROBES,
                max_message_size=self._max_message_size,
                decode=self._reader.decode,
                prefix=tsm.prefix,
            )

    def start(self, now: float) -> None:
        """Start the engine's time."""
        self.engine.start(now)

    def receive(
        self, message: bytes, now: float, *, source: Source | None = None, security_name: bytes | None = None
    ) -> Outcome:
        """Take a message.

        Args:
            message: a whole message.
            now: the time.
            source: the peer's address.
            security_name: the security name that TLS derived from the peer's certificate; ``None`` if none.
        """
        self.statistics.messages += 1
        try:
            return self._receive(message, now, source, security_name)
        except NotAccepted as refused:
            return self._refuse(refused)
        except DecodeError as error:
            return self._refuse(NotAccepted(LocalCounter.MALFORMED, str(error)))

    def _receive(self, message: bytes, now: float, source: Source | None, security_name: bytes | None) -> Outcome:
        version, offset, end = read_version(message)
        if version in _COMMUNITY_VERSIONS:
            return self._receive_community(message, SnmpVersion(version), offset, end, source)
        if version == SnmpVersion.V3 and (self._usm or self._tsm is not None):
            return self._receive_v3(message, read_v3_header(message, offset, end), now, source, security_name)
        raise NotAccepted(LocalCounter.UNSUPPORTED_VERSION, f"SNMP version number {version} is not accepted")

    def _refuse(self, refused: NotAccepted) -> Refusal:
        self.statistics.count(refused.counter)
        return Refusal(refused.reason, refused.counter, refused.digests)

    def _read(self, request: SecureRequest | TsmRequest) -> Reading:
        """Return what the notification in an accepted message of SNMPv3 says."""
        return self._reader.read(request.pdu, SnmpVersion.V3, request.odd, request.plain.data)

    def _accept(self, notification: Notification, acknowledge: Callable[[int, int, float], bytes]) -> Incoming:
        self.statistics.notifications += 1
        if not notification.is_inform:
            return Incoming(notification, None)
        self.statistics.informs += 1
        return Incoming(notification, acknowledge)

    # --------------------------------------------------------------------------------- SNMPv1, SNMPv2c

    def _receive_community(
        self, message: bytes, version: SnmpVersion, offset: int, end: int, source: Source | None
    ) -> Outcome:
        """RFC 1157 section 4.1, RFC 1901, RFC 3416 sections 4.2.6 and 4.2.7."""
        community, offset = read_community(message, offset, end)
        if (version, community) not in self._communities:
            raise NotAccepted(LocalCounter.BAD_COMMUNITY, f"unknown community in a message of version {version}")
        pdu, odd = self._reader.decode(message, offset, end)
        if not self._reader.strict:
            _check_type(pdu, NOTIFICATION_PDUS)
        else:
            _check_type(pdu, _NOTIFICATIONS_V1 if version is SnmpVersion.V1 else _NOTIFICATIONS_V2)
        notification = notification_of(
            pdu,
            self._reader.read(pdu, version, odd, message),
            message[offset:end],
            version=version,
            source=source,
            community=community,
        )
        return self._accept(notification, functools.partial(_acknowledge_community, message, offset))

    # ------------------------------------------------------------------------------------------ SNMPv3

    def _receive_v3(
        self, message: bytes, header: V3Header, now: float, source: Source | None, security_name: bytes | None
    ) -> Outcome:
        """Dispatch by security model (RFC 3412 section 7.2 step 4)."""
        if header.security_model == USM and self._usm:
            return self._receive_usm(message, header, now, source)
        if header.security_model == TSM and self._tsm is not None:
            return self._receive_tsm(message, header, self._tsm, source, security_name)
        raise NotAccepted(
            ReportCounter.snmpUnknownSecurityModels, f"security model {header.security_model} is not accepted"
        )

    def _receive_usm(self, message: bytes, header: V3Header, now: float, source: Source | None) -> Outcome:
        """Find which side is authoritative (RFC 3412 section 6.4), and process the message accordingly."""
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
        level = level_of(header.msg_flags)
        if level is None:
            raise NotAccepted(ReportCounter.snmpInvalidMsgs, "msgFlags ask for privacy without authentication")
        if parameters.engine_id == self.engine.engine_id or not parameters.engine_id:
            return self._receive_here(message, header, parameters, level, now, source)
        try:
            plain = self._remote.open(message, header, parameters, level, now)
        except NotAccepted as refused:
            # The sender of a reportable message expects a receiver's engine ID: a report tells it this engine's.
            if header.msg_flags & MsgFlags.REPORTABLE:
                outcome = self._receive_here(message, header, parameters, level, now, source)
                return outcome._replace(digests=refused.digests) if isinstance(outcome, Reply) else outcome
            raise
        pdu, odd = self._reader.decode(plain.data, plain.start, plain.stop)
        if self._reader.strict and pdu.type is PduType.TRAP_V1:
            _check_type(pdu, _NOTIFICATIONS_V2)
        if pdu.type not in _TRAPS:
            return self._receive_here(message, header, parameters, level, now, source)
        # Without authentication the check would be pointless: anyone can make new messages.
        seen = self._seen_frozen if self._remote.is_frozen(parameters.engine_id) else self._seen
        if level != SecurityLevel.noAuthNoPriv and not seen.add(message):
            raise NotAccepted(LocalCounter.REPLAY, "replayed message: the same octets were received before")
        reading = self._reader.read(pdu, SnmpVersion.V3, odd, plain.data)
        if is_odd_engine_id(parameters.engine_id):
            reading = reading._replace(oddities=reading.oddities | {Oddity.ENGINE_ID})
        notification = notification_of(
            pdu,
            reading,
            plain.data[plain.start : plain.stop],
            version=SnmpVersion.V3,
            source=source,
            security_name=parameters.user,
            security_level=level,
            context_name=plain.context_name,
            context_engine_id=plain.context_engine_id,
            engine_id=parameters.engine_id,
        )
        self.statistics.notifications += 1
        return Incoming(notification, None, functools.partial(seen.forget, message))

    def _receive_here(  # noqa: PLR0917 - what is known of the message
        self,
        message: bytes,
        header: V3Header,
        parameters: UsmParameters,
        level: SecurityLevel,
        now: float,
        source: Source | None,
    ) -> Outcome:
        """Take a message that this engine is authoritative for, an inform or a discovery message."""
        found = self.engine.process(message, header, parameters, level, now)
        if isinstance(found, SecuredMessage):
            return self._report(found, parameters)
        pdu = found.pdu
        if pdu.type is PduType.GET and isinstance(pdu, Pdu):
            return self._answer_probe(pdu, functools.partial(self._seal, found), now)
        if pdu.type in _TRAPS:
            # RFC 3412 section 6.4: the sender of a trap is authoritative.  A trap with this engine's ID
            # proves no sender: each sender of informs has the user's key for it.
            raise NotAccepted(LocalCounter.UNEXPECTED_PDU, "a trap names this receiver's engine as its sender")
        _check_type(pdu, _INFORMS)
        assert isinstance(pdu, Pdu)  # noqa: S101 - no Trap-PDU of SNMPv1 has passed
        acknowledge = functools.partial(self._acknowledge, found)
        if found.level < found.user.security_level:
            reason = f"{found.level.name}, below the level of user {found.user.name!r}"
            self.statistics.levels_too_low += 1
            return Reply(acknowledge(ErrorStatus.authorizationError, 0, now), reason, LocalCounter.LEVEL_TOO_LOW)
        notification = notification_of(
            pdu,
            self._read(found),
            found.plain.data[found.plain.start : found.plain.stop],
            version=SnmpVersion.V3,
            source=source,
            security_name=found.user.name,
            security_level=found.level,
            context_name=found.context_name,
            context_engine_id=found.context_engine_id,
            engine_id=self.engine.engine_id,
        )
        if found.level == SecurityLevel.noAuthNoPriv:
            return self._accept(notification, acknowledge)
        inform = TakenInform()
        if not self._taken.add(message, inform, now):
            return self._repeat(message, acknowledge, now)
        self.statistics.notifications += 1
        self.statistics.informs += 1
        remembering = functools.partial(_acknowledge_taken, inform, acknowledge)
        return Incoming(notification, remembering, functools.partial(self._taken.forget, message))

    def _repeat(self, message: bytes, acknowledge: Callable[[int, int, float], bytes], now: float) -> Reply | Repeated:
        """Acknowledge an inform again: its sender may have lost the acknowledgement with the connection.

        USM has authenticated it and checked the time window, so it is at most 150 seconds old.
        """
        inform = self._taken.inform(message)
        if inform is None or inform.repeats >= MAX_REPEATS:
            raise NotAccepted(LocalCounter.REPLAY, f"replayed message: it came again more than {MAX_REPEATS} times")
        inform.repeats += 1
        self.statistics.repeated_informs += 1
        return Repeated(inform) if inform.answer is None else Reply(acknowledge(*inform.answer, now))

    def _report(self, report: SecuredMessage, parameters: UsmParameters) -> Reply:
        self.statistics.reports += 1
        reason, routine = _reported(report), _is_discovery(parameters, report.counter)
        return Reply(report.encode(), reason, report.counter, report.digests, routine)

    def _seal(self, request: SecureRequest, response: bytes, request_id: int, now: float) -> bytes:
        """Return a response as a message; tooBig if it exceeds the sender's msgMaxSize (RFC 3416 section 4.2.7)."""
        context = self.engine.scope(request)
        scoped_pdu = ber.tlv(ber.SEQUENCE, context + response)
        if len(scoped_pdu) > self.engine.room(request):
            scoped_pdu = ber.tlv(ber.SEQUENCE, context + _too_big(request_id))
        return self.engine.seal(request, scoped_pdu, now)

    def _acknowledge(self, request: SecureRequest, status: int, index: int, now: float) -> bytes:
        """Return the response to an inform."""
        plain = request.plain
        request_id, response = _response(plain.data, plain.start, plain.stop, status, index)
        return self._seal(request, response, request_id, now)

    # --------------------------------------------------------------------------------------------- TSM

    def _receive_tsm(
        self, message: bytes, header: V3Header, tsm: TsmAuthority, source: Source | None, security_name: bytes | None
    ) -> Outcome:
        """Take a message that TLS protects; its security level is always authPriv (RFC 6353 section 3.1.1)."""
        found = tsm.receive(message, header, security_name)
        if isinstance(found, TsmReport):
            self.statistics.reports += 1
            return Reply(found.octets, f"reported {found.counter.name}", found.counter)
        pdu, plain = found.pdu, found.plain
        if pdu.type is PduType.GET and isinstance(pdu, Pdu):
            return self._answer_probe(pdu, functools.partial(_seal_tsm, tsm, found), 0.0)
        _check_type(pdu, _NOTIFICATIONS_V2 if self._reader.strict else NOTIFICATION_PDUS)
        notification = notification_of(
            pdu,
            self._read(found),
            plain.data[plain.start : plain.stop],
            version=SnmpVersion.V3,
            source=source,
            security_name=found.security_name,
            security_level=SecurityLevel.authPriv,
            context_name=found.context_name,
            context_engine_id=found.context_engine_id,
        )
        return self._accept(notification, functools.partial(_acknowledge_tsm, tsm, found))

    # --------------------------------------------------------------------------------------- RFC 5343

    def _answer_probe(self, pdu: Pdu, seal: Callable[[bytes, int, float], bytes], now: float) -> Reply:
        """Answer a request for the engine ID; any other name is noSuchObject."""
        self.statistics.probes += 1
        varbinds = tuple(
            VarBind(oid, OctetString(self.engine.engine_id) if oid == SNMP_ENGINE_ID else NoSuchObject())
            for oid, _ in pdu.varbinds
        )
        response = encode_pdu(Pdu(PduType.RESPONSE, pdu.request_id, 0, 0, varbinds))
        return Reply(seal(response, pdu.request_id, now))


def _pair(given: object) -> tuple[UsmUser, bytes]:
    """Return (user, engine ID), or raise ConfigurationError."""
    if isinstance(given, tuple) and len(given) == 2:
        user, engine_id = given
        if isinstance(user, UsmUser) and isinstance(engine_id, bytes):
            return user, engine_id
    kind = type(given).__name__
    raise ConfigurationError(f"a sender is a Community, a UsmUser, (UsmUser, engine ID) or Tsm, not {kind}")


def _acknowledge_community(message: bytes, offset: int, status: int, index: int, now: float) -> bytes:  # noqa: ARG001 - SNMPv3's
    """Return the response to an inform with a community: the inform with another PDU type and error fields."""
    _, response = _response(message, offset, len(message), status, index)
    header = message[ber.read_header(message, 0, len(message))[1] : offset]
    return ber.tlv(ber.SEQUENCE, header + response)


def _acknowledge_taken(
    inform: TakenInform, acknowledge: Callable[[int, int, float], bytes], status: int, index: int, now: float
) -> bytes:
    """Return the acknowledgement of an inform; send it also to those who have sent the inform again meanwhile."""
    inform.answer = (status, index)
    octets = acknowledge(status, index, now)
    waiting, inform.waiting = inform.waiting, []
    for send in waiting:
        send(octets)
    return octets


def _check_type(pdu: AnyPdu, expected: frozenset[PduType]) -> None:
    if pdu.type not in expected:
        raise NotAccepted(LocalCounter.UNEXPECTED_PDU, f"unexpected {pdu.type.name} PDU")


def _acknowledge_tsm(tsm: TsmAuthority, request: TsmRequest, status: int, index: int, now: float) -> bytes:
    """Return the response to an inform behind TLS."""
    plain = request.plain
    request_id, response = _response(plain.data, plain.start, plain.stop, status, index)
    return _seal_tsm(tsm, request, response, request_id, now)


def _seal_tsm(tsm: TsmAuthority, request: TsmRequest, response: bytes, request_id: int, now: float) -> bytes:  # noqa: ARG001 - USM's
    """Return a response as a message; tooBig if it exceeds the sender's msgMaxSize (RFC 3416 section 4.2.7)."""
    context = tsm.scope(request)
    message = tsm.seal(request, ber.tlv(ber.SEQUENCE, context + response))
    if len(message) <= request.header.msg_max_size:
        return message
    return tsm.seal(request, ber.tlv(ber.SEQUENCE, context + _too_big(request_id)))


def _response(data: bytes, start: int, end: int, status: int, index: int) -> tuple[int, bytes]:
    """Return the request-id of an inform, and the Response-PDU that acknowledges or refuses it.

    It has the inform's request-id and variable bindings as they came, also those that cannot be read (RFC 3416 section
    4.2.7).  Some senders count request-ids without a sign, and would not know another form of one again.
    """
    _, id_at, stop = ber.read_header(data, start, end)
    _, id_start, at = ber.read_header(data, id_at, stop)
    request_id = ber.read_integer(data, id_start, at)
    id_field = data[id_at:at]
    for _ in ("error-status", "error-index"):
        at = ber.read_header(data, at, stop)[2]
    first = last = at
    if at + 1 < stop:  # otherwise there is no list
        _, first, last = ber.read_header(data, at, stop)
    numbers = id_field + ber.encode_integer(status) + ber.encode_integer(index)
    return request_id, ber.tlv(PduType.RESPONSE, numbers + ber.tlv(ber.SEQUENCE, data[first:last]))


def _reported(report: SecuredMessage) -> str:
    return "reported" if report.counter is None else f"reported {report.counter.name}: {report.reason}"


def _too_big(request_id: int) -> bytes:
    return encode_pdu(Pdu(PduType.RESPONSE, request_id, ErrorStatus.tooBig))


def _is_discovery(parameters: UsmParameters, counter: ReportCounter | None) -> bool:
    """Return whether a message that is reported is a step of discovery (RFC 3414 section 4)."""
    if counter is ReportCounter.usmStatsNotInTimeWindows:
        return not parameters.boots and not parameters.time
    return counter is ReportCounter.usmStatsUnknownEngineIDs and not parameters.engine_id
