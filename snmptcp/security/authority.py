"""The authoritative side of the User-based Security Model (RFC 3414, RFC 3412): an engine that others go by.

An agent is one for requests, whoever receives informs is one for these, and whoever sends traps is one for those.

What may live here: who the engine is and since when, its users, which messages it accepts, and the reports,
responses and traps that it protects.  What may not: what a request is answered, which notifications are taken
(:mod:`snmptcp.protocol.receiver`), wrong answers (:mod:`snmptcp.testing`), and reading a clock: ``now`` is an
argument, in seconds of any monotonic clock.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.codec import ber
from snmptcp.codec.engine_id import LOCAL_ENGINE_ID
from snmptcp.codec.message import MsgFlags, ScopedPdu, encode_scoped_pdu, read_scoped_pdu, read_v3_header, read_version
from snmptcp.codec.pdu import Pdu, PduType, decode_pdu
from snmptcp.credentials import SecurityLevel
from snmptcp.errors import ConfigurationError, DecodeError, DecryptionFailed, WrongDigest
from snmptcp.oid import OID
from snmptcp.security.engine_clock import MAX_BOOTS, TIME_WINDOW, check_engine_id
from snmptcp.security.reports import NotAccepted, ReportCounter, report_pdu
from snmptcp.security.usm_keys import UserKeys, user_keys
from snmptcp.security.usm_message import (
    SECURITY_MODEL,
    MessageHeader,
    PlainPdu,
    UsmParameters,
    encode_usm_message,
    level_of,
    open_scoped_pdu,
    read_usm_parameters,
    verify_digest,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from snmptcp.codec.message import V3Header
    from snmptcp.codec.pdu import AnyPdu
    from snmptcp.credentials import UsmUser
    from snmptcp.security.reports import SecurityCounters

__all__ = (
    "CONFIRMED_PDUS",
    "SNMP_ENGINE",
    "AuthoritativeEngine",
    "SecureRequest",
    "SecuredMessage",
    "check_boots",
    "random_engine_id",
)

#: SnmpEngine group: snmpEngineID, snmpEngineBoots, snmpEngineTime, snmpEngineMaxMessageSize (RFC 3411 section 5).
SNMP_ENGINE = OID("1.3.6.1.6.3.10.2.1")

#: The PDUs that want an answer, and may be answered with a report (RFC 3411 section 2.8).
CONFIRMED_PDUS = frozenset((PduType.GET, PduType.GET_NEXT, PduType.GET_BULK, PduType.SET, PduType.INFORM))

#: Octets around a ScopedPDU at most, without engine ID, user name and digest: the message's header 5, msgVersion 3,
#: msgGlobalData 20, the headers of the security parameters 6, and in there the headers of engine ID, name, digest and
#: salt 8, boots 6, time 6.
_OVERHEAD = 54

#: And with encryption: the salt 8, the header of the encryptedPDU 5, its padding 8.
_PRIVACY_OVERHEAD = 21


class SecureRequest(NamedTuple):
    """A message that has been accepted, with what its answer needs.

    Attributes:
        header: msgID, msgMaxSize and msgFlags.
        user: who asks.
        level: how well the message was protected, and so its answer.
        keys: the user's keys.
        context_engine_id: the engine that is asked about: this one, by one of its two names.
        context_name: the context.
        pdu: what is asked.
    """

    header: V3Header
    user: UsmUser
    level: SecurityLevel
    keys: UserKeys
    context_engine_id: bytes
    context_name: bytes
    pdu: AnyPdu


@dataclass(frozen=True, slots=True)
class SecuredMessage:
    """A response or report of SNMPv3 before it is encoded.

    Attributes:
        header: msgID, msgMaxSize and msgFlags.
        parameters: engine ID, boots, time and user; digest and salt are made by :meth:`encode`.
        scoped_pdu: contextEngineID, contextName and PDU.
        keys: what it is protected with.
        counter: the counter that it reports; ``None`` in a response.
    """

    header: MessageHeader
    parameters: UsmParameters
    scoped_pdu: ScopedPdu
    keys: UserKeys
    counter: ReportCounter | None = None

    def encode(self) -> bytes:
        """Return the whole message, protected as its flags say."""
        return encode_usm_message(self.header, self.parameters, encode_scoped_pdu(self.scoped_pdu), self.keys)


def random_engine_id() -> bytes:
    """Return an engine ID that nobody else has (RFC 3411 section 5, SnmpEngineID, format 5).

    The enterprise number is the one that RFC 5612 sets aside for examples.
    """
    return bytes.fromhex("80007ed905") + secrets.token_bytes(8)


def check_boots(boots: int) -> int:
    """Return boots that can be.

    Raises:
        ConfigurationError: not a number from 0 to 2147483647.
    """
    if not 0 <= boots <= MAX_BOOTS:
        raise ConfigurationError(f"engine boots are a number from 0 to 2147483647, not {boots}")
    return boots


class AuthoritativeEngine:
    """Accepts or reports messages, and protects what answers them, and the traps that it sends.

    Args:
        users: who may ask.
        statistics: the counters that reports tell of.
        contexts: the names of the contexts that there are.
        accepts: kinds of PDUs that are accepted whatever context they are about, as a notification
            receiver takes informs (RFC 3413 section 3.4: it has registered for every contextEngineID).
        engine_id: who it is; a random one where it is not given.
        boots: how often it has started, this start included.
        max_message_size: the longest message that it accepts, in octets.

    Raises:
        ConfigurationError: an engine ID or boots that cannot be, or two users of one name.
    """

    def __init__(
        self,
        users: Iterable[UsmUser],
        statistics: SecurityCounters,
        contexts: Container[bytes] = (b"",),
        *,
        accepts: Container[PduType] = (),
        engine_id: bytes | None = None,
        boots: int = 1,
        max_message_size: int,
    ) -> None:
        self._users: dict[bytes, UsmUser] = {}
        self.add_users(users)
        self._statistics = statistics
        self._contexts = contexts
        self._accepts = accepts
        self._max_message_size = max_message_size
        self._started: float | None = None
        self._keys: dict[UsmUser, UserKeys] = {}
        self.engine_id = random_engine_id() if engine_id is None else check_engine_id(engine_id)
        self._boots = 0
        self.boots = boots

    def add_users(self, users: Iterable[UsmUser]) -> None:
        """Let more users ask.

        Raises:
            ConfigurationError: two users of one name.
        """
        for user in users:
            if user.name in self._users:
                raise ConfigurationError(f"two users are called {user.name!r}")
            self._users[user.name] = user

    # ---------------------------------------------------------------------------------------- time

    @property
    def boots(self) -> int:
        """snmpEngineBoots; 2147483647 is for ever: no authenticated message is accepted any more."""
        return self._boots

    @boots.setter
    def boots(self, boots: int) -> None:
        self._boots = check_boots(boots)

    def start(self, now: float) -> None:
        """Let time begin, unless it has."""
        if self._started is None:
            self._started = now

    def time(self, now: float) -> int:
        """Return snmpEngineTime; where that would pass 2147483647, the engine starts anew (RFC 3414 2.2.2)."""
        self.start(now)
        if self._elapsed(now) > MAX_BOOTS:
            self.reboot(now)
        return self._elapsed(now)

    def _elapsed(self, now: float) -> int:
        return max(0, int(now - (now if self._started is None else self._started)))

    def reboot(self, now: float) -> None:
        """Start anew: boots + 1 unless they are at their end, time 0."""
        self._boots = min(self._boots + 1, MAX_BOOTS)
        self._started = now

    # ------------------------------------------------------------------------------------ incoming

    def receive(self, message: bytes, now: float) -> SecureRequest | SecuredMessage:
        """Take an SNMPv3 message (RFC 3412 section 7.2).

        Returns:
            The accepted request, or the report that answers a request that is not accepted; a report is counted.

        Raises:
            NotAccepted: the message is dropped without a report; the caller counts it.
            DecodeError: the message is malformed.
        """
        _, offset, end = read_version(message)
        header = read_v3_header(message, offset, end)
        # RFC 3412 section 7.2 step 4: the security model.
        if header.security_model != SECURITY_MODEL:
            text = f"security model {header.security_model} is not supported"
            raise NotAccepted(ReportCounter.snmpUnknownSecurityModels, text)
        # Step 5d: no privacy without authentication.
        level = level_of(header.msg_flags)
        if level is None:
            raise NotAccepted(ReportCounter.snmpInvalidMsgs, "msgFlags ask for privacy without authentication")
        # Step 6: RFC 3414 section 3.2; its step 1: parse the security parameters.
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
        pdu: AnyPdu | None = None
        try:
            keys = self._authenticate(message, parameters, level, now)
            plain = self._decrypt(message, header, parameters, keys)
            pdu = decode_pdu(plain.data, plain.start, plain.stop)
            self._check_context(plain, pdu)
        except NotAccepted as refused:
            return self._report(header, parameters, pdu or _read_pdu(message, header), refused, now)
        user = self._users[parameters.user]
        return SecureRequest(header, user, level, keys, plain.context_engine_id, plain.context_name, pdu)

    def _authenticate(self, message: bytes, parameters: UsmParameters, level: SecurityLevel, now: float) -> UserKeys:
        """RFC 3414 section 3.2, steps 3 to 7: return the keys of the user who sent a message."""
        # Step 3: the authoritative engine is this one.
        if parameters.engine_id != self.engine_id:
            text = f"engine ID {parameters.engine_id.hex() or '(empty)'} is not this engine's"
            raise NotAccepted(ReportCounter.usmStatsUnknownEngineIDs, text)
        # Step 4: the user is known.
        user = self._users.get(parameters.user)
        if user is None:
            raise NotAccepted(ReportCounter.usmStatsUnknownUserNames, f"unknown user {parameters.user!r}")
        # Step 5: the user has keys for the message's level.
        if level > user.security_level:
            text = f"user {user.name!r} has no keys for {level.name}"
            raise NotAccepted(ReportCounter.usmStatsUnsupportedSecLevels, text)
        keys = self._keys_of(user)
        if level == SecurityLevel.noAuthNoPriv or keys.authenticator is None:
            return keys
        # Step 6: the digest is right.
        try:
            verify_digest(message, parameters, keys.authenticator)
        except WrongDigest as error:
            raise NotAccepted(ReportCounter.usmStatsWrongDigests, str(error)) from error
        # Step 7a: the message is within the time window; a report about it is authenticated.
        if not self._is_timely(parameters, now):
            text = f"boots {parameters.boots} and time {parameters.time} are outside the time window"
            raise NotAccepted(ReportCounter.usmStatsNotInTimeWindows, text, SecurityLevel.authNoPriv)
        return keys

    def _is_timely(self, parameters: UsmParameters, now: float) -> bool:
        """RFC 3414 section 3.2 step 7a."""
        time = self.time(now)
        if MAX_BOOTS in (self._boots, parameters.boots) or parameters.boots != self._boots:
            return False
        return abs(parameters.time - time) <= TIME_WINDOW

    def _decrypt(self, message: bytes, header: V3Header, parameters: UsmParameters, keys: UserKeys) -> PlainPdu:
        """RFC 3414 section 3.2 step 8."""
        try:
            return open_scoped_pdu(message, header, parameters, keys.privacy)
        except DecryptionFailed as error:
            raise NotAccepted(ReportCounter.usmStatsDecryptionErrors, str(error)) from error

    def _check_context(self, plain: PlainPdu, pdu: AnyPdu) -> None:
        """RFC 3412 section 4.2.2.1 and RFC 3413 section 3.2: check that this engine serves the context."""
        if pdu.type not in CONFIRMED_PDUS or pdu.type in self._accepts:
            return
        if plain.context_engine_id not in (self.engine_id, LOCAL_ENGINE_ID):
            text = f"this engine does not serve contextEngineID {plain.context_engine_id.hex()}"
            raise NotAccepted(ReportCounter.snmpUnknownPDUHandlers, text)
        if plain.context_name not in self._contexts:
            raise NotAccepted(ReportCounter.snmpUnknownContexts, f"unknown context {plain.context_name!r}")

    def _keys_of(self, user: UsmUser) -> UserKeys:
        keys = self._keys.get(user)
        if keys is None:
            keys = self._keys[user] = user_keys(user, self.engine_id)
        return keys

    # ------------------------------------------------------------------------------------- reports

    def _report(
        self, header: V3Header, parameters: UsmParameters, pdu: AnyPdu | None, refused: NotAccepted, now: float
    ) -> SecuredMessage:
        """Count a message that is not accepted and return the report about it (RFC 3412 section 7.1 step 3).

        Raises:
            NotAccepted: the message may not be answered with a report; it is not counted here.
        """
        counter = refused.counter
        # Steps a and b: only the Confirmed Class is reported; if the PDU is unreadable, reportableFlag decides.
        reportable = header.msg_flags & MsgFlags.REPORTABLE if pdu is None else pdu.type in CONFIRMED_PDUS
        if not reportable or not isinstance(counter, ReportCounter):
            raise refused
        # Step c: the counter, under the request's id or 0.
        request_id = pdu.request_id if isinstance(pdu, Pdu) else 0
        report = report_pdu(counter, self.count(counter), request_id)
        # Step d: the level that the failed check asks for, and this engine's default context.
        user = self._users.get(parameters.user)
        keys = UserKeys(None, None) if user is None else self._keys_of(user)
        return SecuredMessage(
            self._header(header, refused.report_level),
            self._parameters(parameters.user, now),
            ScopedPdu(self.engine_id, b"", report),
            keys,
            counter,
        )

    def count(self, counter: ReportCounter) -> int:
        """Count a message that is not accepted; return the counter's new value."""
        return self._statistics.count(counter)

    # ----------------------------------------------------------------------------------- responses

    def room(self, request: SecureRequest) -> int:
        """Return maxSizeResponseScopedPDU: the octets that the answer's ScopedPDU may have (RFC 3414 3.2 step 9)."""
        limit = min(request.header.msg_max_size, self._max_message_size)
        overhead = _OVERHEAD + len(self.engine_id) + len(request.user.name)
        if request.level != SecurityLevel.noAuthNoPriv and request.keys.authenticator is not None:
            overhead += request.keys.authenticator.mac_size
        if request.level == SecurityLevel.authPriv:
            overhead += _PRIVACY_OVERHEAD
        return limit - overhead

    def scope(self, request: SecureRequest) -> bytes:
        """Return what stands before the PDU in the answer's ScopedPDU: the request's context."""
        return ber.tlv(ber.OCTET_STRING, request.context_engine_id) + ber.tlv(ber.OCTET_STRING, request.context_name)

    def seal(self, request: SecureRequest, scoped_pdu: bytes, now: float) -> bytes:
        """Return the whole message that answers a request, protected as that was."""
        header = self._header(request.header, request.level)
        return encode_usm_message(header, self._parameters(request.user.name, now), scoped_pdu, request.keys)

    # ------------------------------------------------------------------------------- notifications

    def protect_notification(self, user: UsmUser, pdu_type: int, request_id: bytes, tail: bytes, now: float) -> bytes:
        """Return a whole message with a trap of this engine: its sender is authoritative (RFC 3412 section 6.4).

        Args:
            user: on whose behalf; one that is not this engine's for requests will do.
            pdu_type: the tag of the PDU.
            request_id: four octets; they are the msgID too.
            tail: the PDU from the error-status on.
            now: the time.
        """
        context_engine_id = self.engine_id if user.context_engine_id is None else user.context_engine_id
        scoped_pdu = ber.tlv(
            ber.SEQUENCE,
            ber.tlv(ber.OCTET_STRING, context_engine_id)
            + ber.tlv(ber.OCTET_STRING, user.context_name)
            + ber.tlv(pdu_type, b"\x02\x04" + request_id + tail),
        )
        # Nobody answers a trap, and so it is not reportable (RFC 3412 section 6.4).
        header = MessageHeader(int.from_bytes(request_id, "big"), self._max_message_size, int(user.security_level))
        return encode_usm_message(header, self._parameters(user.name, now), scoped_pdu, self._keys_of(user))

    # ------------------------------------------------------------------------------------ their parts

    def _header(self, request: V3Header, level: SecurityLevel) -> MessageHeader:
        """Responses and reports have the msgID of their request and are not reportable (RFC 3412 section 7.1)."""
        return MessageHeader(request.msg_id, self._max_message_size, int(level))

    def _parameters(self, user: bytes, now: float) -> UsmParameters:
        """This engine, and its time, whatever the level is (RFC 3414 section 3.1 step 6)."""
        time = self.time(now)
        return UsmParameters(self.engine_id, self._boots, time, user)


def _read_pdu(message: bytes, header: V3Header) -> AnyPdu | None:
    """Return the PDU of a message that was not accepted, if it is sound and not encrypted."""
    if header.msg_flags & MsgFlags.PRIV:
        return None
    try:
        _, _, start, stop = read_scoped_pdu(message, header.security_stop, header.end)
        return decode_pdu(message, start, stop)
    except DecodeError:
        return None
