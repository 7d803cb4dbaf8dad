"""The User-based Security Model on the authoritative side (RFC 3414, RFC 3412).

An agent is authoritative for requests, a notification receiver for informs, and a sender of traps for its traps.

Contains: the engine's ID, boots and time, its users, the checks of RFC 3414 section 3.2, and the reports, responses
and traps that it protects.
Does not contain: what a request is answered, which notifications are accepted (:mod:`snmptcp.protocol.receiver`),
forged replies (:mod:`snmptcp.testing.forgeries`), and reading a clock: ``now`` is an argument, in seconds of any
monotonic clock.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from snmptcp.codec import ber
from snmptcp.codec.engine_id import LOCAL_ENGINE_ID
from snmptcp.codec.message import (
    MsgFlags,
    ScopedPdu,
    encode_context,
    encode_scoped_pdu,
    read_scoped_pdu,
    read_v3_header,
    read_version,
)
from snmptcp.codec.pdu import PduType, decode_pdu, read_pdu_header
from snmptcp.credentials import SecurityLevel
from snmptcp.errors import ConfigurationError, DecodeError, DecryptionFailed, WrongDigest
from snmptcp.oid import OID
from snmptcp.security.engine_clock import MAX_BOOTS, TIME_WINDOW, check_engine_id
from snmptcp.security.reports import NotAccepted, ReportCounter, report_pdu, wrong_digest_reason
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
    from collections.abc import Callable, Container, Iterable, Iterator

    from snmptcp.codec.message import V3Header
    from snmptcp.codec.pdu import AnyPdu, PduHeader
    from snmptcp.credentials import UsmUser
    from snmptcp.protocol.reading import OddPdu
    from snmptcp.security.reports import SecurityCounters

__all__ = (
    "CONFIRMED_PDUS",
    "SNMP_ENGINE",
    "AuthoritativeEngine",
    "DecodePdu",
    "SecureRequest",
    "SecuredMessage",
    "check_boots",
    "decode_exactly",
    "random_engine_id",
)

#: Decodes the PDU between two offsets; returns it, and what is odd about it.
DecodePdu: TypeAlias = "Callable[[bytes, int, int], tuple[AnyPdu, OddPdu | None]]"

#: SnmpEngine group: snmpEngineID, snmpEngineBoots, snmpEngineTime, snmpEngineMaxMessageSize (RFC 3411 section 5).
SNMP_ENGINE = OID("1.3.6.1.6.3.10.2.1")

#: The Confirmed Class: PDUs that expect an answer and may be answered with a report (RFC 3411 section 2.8).
CONFIRMED_PDUS = frozenset((PduType.GET, PduType.GET_NEXT, PduType.GET_BULK, PduType.SET, PduType.INFORM))

#: The most octets around a ScopedPDU, without engine ID, user name and digest: header of the message 5, msgVersion 3,
#: msgGlobalData 20, headers of the security parameters 6, headers of engine ID, name, digest and salt 8, boots 6,
#: time 6.
_OVERHEAD = 54

#: The most octets that encryption adds: salt 8, header of the encryptedPDU 5, padding 8.
_PRIVACY_OVERHEAD = 21


class SecureRequest(NamedTuple):
    """An accepted message, with what its response needs.

    Attributes:
        header: msgID, msgMaxSize and msgFlags.
        user: the user that sent it.
        level: its security level; the response gets the same.
        keys: the user's keys.
        pdu: the PDU.
        plain: the context, the decrypted octets, and where the PDU is in them.
        odd: what is odd about the PDU if the codec refuses it.
    """

    header: V3Header
    user: UsmUser
    level: SecurityLevel
    keys: UserKeys
    pdu: AnyPdu
    plain: PlainPdu
    odd: OddPdu | None = None

    @property
    def context_engine_id(self) -> bytes:
        """The contextEngineID."""
        return self.plain.context_engine_id

    @property
    def context_name(self) -> bytes:
        """The contextName."""
        return self.plain.context_name


@dataclass(frozen=True, slots=True)
class SecuredMessage:
    """A response or report of SNMPv3 that is not encoded yet.

    Attributes:
        header: msgID, msgMaxSize and msgFlags.
        parameters: engine ID, boots, time and user; :meth:`encode` makes digest and salt.
        scoped_pdu: contextEngineID, contextName and PDU.
        keys: the keys to protect it with.
        counter: the counter that it reports; ``None`` in a response.
        reason: what was wrong with the message that it reports, without secrets.
        digests: how many digests were computed for that message.
    """

    header: MessageHeader
    parameters: UsmParameters
    scoped_pdu: ScopedPdu
    keys: UserKeys
    counter: ReportCounter | None = None
    reason: str = ""
    digests: int = 1

    def encode(self) -> bytes:
        """Return the whole message, protected as its flags say."""
        return encode_usm_message(self.header, self.parameters, encode_scoped_pdu(self.scoped_pdu), self.keys)


def random_engine_id() -> bytes:
    """Return a random engine ID (RFC 3411 section 5, SnmpEngineID, format 5).

    Its enterprise number is the one that RFC 5612 reserves for examples.
    """
    return bytes.fromhex("80007ed905") + secrets.token_bytes(8)


def decode_exactly(data: bytes, start: int, stop: int) -> tuple[AnyPdu, None]:
    """Decode a PDU with the codec alone, which refuses what is odd."""
    return decode_pdu(data, start, stop), None


def _read_pdu_header(message: bytes, header: V3Header, plain: PlainPdu | None) -> PduHeader | None:
    """Return the header of the PDU of a message that is not accepted; ``None`` if it is encrypted or malformed.

    Its variable bindings are not decoded: anyone can send such messages.
    """
    try:
        if plain is not None:
            return read_pdu_header(plain.data, plain.start, plain.stop, exact=False)
        if header.msg_flags & MsgFlags.PRIV:
            return None
        _, _, start, stop = read_scoped_pdu(message, header.security_stop, header.end)
        return read_pdu_header(message, start, stop, exact=False)
    except DecodeError:
        return None


def _level(user: UsmUser) -> SecurityLevel:
    return user.security_level


def check_boots(boots: int) -> int:
    """Return boots if they are valid.

    Raises:
        ConfigurationError: they are not from 0 to 2147483647.
    """
    if not 0 <= boots <= MAX_BOOTS:
        raise ConfigurationError(f"engine boots must be 0 to 2147483647, not {boots}")
    return boots


class AuthoritativeEngine:
    """Accepts or reports messages, and protects the responses to them and the traps that it sends.

    Args:
        users: the users that it knows.
        statistics: the counters of messages that are not accepted.
        contexts: the names of the contexts that exist.
        accepts: the types of PDUs that are accepted for any context.  A notification receiver accepts informs so: it
            has registered for every contextEngineID (RFC 3413 section 3.4).
        engine_id: its engine ID; optional; default a random one.
        boots: how often it has started, this start included.
        max_message_size: the longest message that it accepts, in octets.
        decode: called with octets, and start and end of a PDU in them; returns the PDU, and what is odd about it.  It
            raises only :class:`~snmptcp.errors.DecodeError`.  Optional; default: the codec alone.

    Raises:
        ConfigurationError: an invalid engine ID, invalid boots, or two users of one name.
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
        decode: DecodePdu = decode_exactly,
    ) -> None:
        self._users: dict[bytes, list[UsmUser]] = {}  # by name; the one that was right last comes first
        self.add_users(users)
        self._statistics = statistics
        self._contexts = contexts
        self._accepts = accepts
        self._max_message_size = max_message_size
        self._decode = decode
        self._started: float | None = None
        self._keys: dict[UsmUser, UserKeys] = {}
        self.engine_id = random_engine_id() if engine_id is None else check_engine_id(engine_id)
        self._boots = 0
        self.boots = boots

    def add_users(self, users: Iterable[UsmUser]) -> None:
        """Add users.

        Raises:
            ConfigurationError: two users of one name.
        """
        for user in users:
            if user.name in self._users:
                raise ConfigurationError(f"two users are named {user.name!r}")
            self._users[user.name] = [user]

    def add_candidates(self, users: Iterable[UsmUser]) -> None:
        """Add users that may share names: the digest of a message tells which of them has sent it."""
        for user in users:
            self._users.setdefault(user.name, []).append(user)

    # ---------------------------------------------------------------------------------------- time

    @property
    def boots(self) -> int:
        """snmpEngineBoots; at 2147483647 the engine accepts no authenticated message (RFC 3414 section 2.2.2)."""
        return self._boots

    @boots.setter
    def boots(self, boots: int) -> None:
        self._boots = check_boots(boots)

    def start(self, now: float) -> None:
        """Start the engine's time, unless it has started."""
        if self._started is None:
            self._started = now

    def time(self, now: float) -> int:
        """Return snmpEngineTime; when it would exceed 2147483647, the engine reboots (RFC 3414 section 2.2.2)."""
        self.start(now)
        if self._elapsed(now) > MAX_BOOTS:
            self.reboot(now)
        return self._elapsed(now)

    def _elapsed(self, now: float) -> int:
        return max(0, int(now - (now if self._started is None else self._started)))

    def reboot(self, now: float) -> None:
        """Increment boots, unless they have their maximum, and restart the time at 0."""
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
        return self.process(message, header, parameters, level, now)

    def process(
        self, message: bytes, header: V3Header, parameters: UsmParameters, level: SecurityLevel, now: float
    ) -> SecureRequest | SecuredMessage:
        """Take a message of this security model whose header and parameters were read (RFC 3414 section 3.2).

        Args:
            message: the message.
            header: its header.
            parameters: its security parameters.
            level: the security level in its flags.
            now: the time.

        Returns, Raises:
            as :meth:`receive`.
        """
        keys = UserKeys(None, None)
        plain: PlainPdu | None = None
        undecrypted: NotAccepted | None = None
        try:
            for user, keys in self._authenticate(message, parameters, level):
                self._check_time(parameters, level, now)
                try:
                    plain = self._decrypt(message, header, parameters, keys)
                except NotAccepted as refused:  # another user of this name may have the privacy key
                    undecrypted = refused
                    continue
                pdu, odd = self._decode(plain.data, plain.start, plain.stop)
                self._check_context(plain, pdu)
                self._prefer(user)
                return SecureRequest(header, user, level, keys, pdu, plain, odd)
            raise undecrypted or NotAccepted(ReportCounter.usmStatsDecryptionErrors, "the message cannot be decrypted")
        except NotAccepted as refused:
            return self._report(header, parameters, keys, _read_pdu_header(message, header, plain), refused, now)

    def _authenticate(
        self, message: bytes, parameters: UsmParameters, level: SecurityLevel
    ) -> Iterator[tuple[UsmUser, UserKeys]]:
        """RFC 3414 section 3.2, steps 3 to 6: yield the users who can have sent a message, with their keys.

        There is one, unless users share name and authentication key.

        Raises:
            NotAccepted: there is none.
        """
        # Step 3: the authoritative engine is this one.
        if parameters.engine_id != self.engine_id:
            text = f"engine ID {parameters.engine_id.hex() or '(empty)'} is not this engine's"
            raise NotAccepted(ReportCounter.usmStatsUnknownEngineIDs, text)
        # Step 4: the user is known.
        users = self._users.get(parameters.user)
        if users is None:
            raise NotAccepted(ReportCounter.usmStatsUnknownUserNames, f"unknown user {parameters.user!r}")
        # Step 5: the user has keys for the message's level.
        candidates = [user for user in users if user.security_level >= level]
        if not candidates:
            text = f"user {parameters.user!r} has no keys for {level.name}"
            raise NotAccepted(ReportCounter.usmStatsUnsupportedSecLevels, text)
        if len(candidates) > 1:
            candidates.sort(key=_level)  # first those of this very level
        wrong: WrongDigest | None = None
        verified = False
        for user in candidates:
            keys = self._keys_of(user)
            # Step 6: the digest is right.
            if level != SecurityLevel.noAuthNoPriv and keys.authenticator is not None:
                try:
                    verify_digest(message, parameters, keys.authenticator)
                except WrongDigest as error:
                    wrong = error
                    continue
            verified = True
            yield user, keys
        if not verified:
            text = wrong_digest_reason(wrong, len(candidates))
            raise NotAccepted(ReportCounter.usmStatsWrongDigests, text, digests=len(candidates)) from wrong

    def _check_time(self, parameters: UsmParameters, level: SecurityLevel, now: float) -> None:
        """RFC 3414 section 3.2 step 7a: refuse an old message; a report about it is authenticated."""
        if level != SecurityLevel.noAuthNoPriv and not self._is_timely(parameters, now):
            text = f"boots {parameters.boots} and time {parameters.time} are outside the time window"
            raise NotAccepted(ReportCounter.usmStatsNotInTimeWindows, text, SecurityLevel.authNoPriv)

    def _prefer(self, user: UsmUser) -> None:
        """Try a user first from now on, among those of its name."""
        users = self._users[user.name]
        if users[0] is not user:
            users.remove(user)
            users.insert(0, user)

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

    def _report(  # noqa: PLR0917 - what the message was, and what became of it
        self,
        header: V3Header,
        parameters: UsmParameters,
        keys: UserKeys,
        pdu: PduHeader | None,
        refused: NotAccepted,
        now: float,
    ) -> SecuredMessage:
        """Count a message that is not accepted and return the report about it (RFC 3412 section 7.1 step 3).

        Raises:
            NotAccepted: the message may not be answered with a report; it is not counted here.
        """
        counter = refused.counter
        # Steps a and b: only the Confirmed Class is reported; if the PDU is unreadable, reportableFlag decides.
        reportable = header.msg_flags & MsgFlags.REPORTABLE if pdu is None else pdu.tag in CONFIRMED_PDUS
        if not reportable or not isinstance(counter, ReportCounter):
            raise refused
        # Step c: the counter, under the request's id or 0.
        request_id = 0 if pdu is None else pdu.request_id
        report = report_pdu(counter, self.count(counter), request_id)
        # Step d: the level that the failed check asks for, and this engine's default context.
        return SecuredMessage(
            self._header(header, refused.report_level),
            self._parameters(parameters.user, now),
            ScopedPdu(self.engine_id, b"", report),
            keys,
            counter,
            refused.reason,
            refused.digests,
        )

    def count(self, counter: ReportCounter) -> int:
        """Count a message that is not accepted; return the counter's new value."""
        return self._statistics.count(counter)

    # ----------------------------------------------------------------------------------- responses

    def room(self, request: SecureRequest) -> int:
        """Return maxSizeResponseScopedPDU: the most octets of the response's ScopedPDU (RFC 3414 3.2 step 9)."""
        limit = min(request.header.msg_max_size, self._max_message_size)
        overhead = _OVERHEAD + len(self.engine_id) + len(request.user.name)
        if request.level != SecurityLevel.noAuthNoPriv and request.keys.authenticator is not None:
            overhead += request.keys.authenticator.mac_size
        if request.level == SecurityLevel.authPriv:
            overhead += _PRIVACY_OVERHEAD
        return limit - overhead

    def scope(self, request: SecureRequest) -> bytes:
        """Return what precedes the PDU in the response's ScopedPDU: the request's context."""
        return encode_context(request.context_engine_id, request.context_name)

    def seal(self, request: SecureRequest, scoped_pdu: bytes, now: float) -> bytes:
        """Return the whole message that answers a request, at the request's security level."""
        header = self._header(request.header, request.level)
        return encode_usm_message(header, self._parameters(request.user.name, now), scoped_pdu, request.keys)

    # ------------------------------------------------------------------------------- notifications

    def protect_trap(self, user: UsmUser, message_id: int, request_id: bytes, tail: bytes, now: float) -> bytes:
        """Return a whole message with a trap; the sender of a trap is authoritative (RFC 3412 section 6.4).

        Args:
            user: the user to send as; it need not be among this engine's users.
            message_id: the msgID.
            request_id: the request-id in four octets.
            tail: the PDU from the error-status on.
            now: the time.
        """
        context_engine_id = self.engine_id if user.context_engine_id is None else user.context_engine_id
        scoped_pdu = ber.tlv(
            ber.SEQUENCE,
            ber.tlv(ber.OCTET_STRING, context_engine_id)
            + ber.tlv(ber.OCTET_STRING, user.context_name)
            + ber.tlv(PduType.TRAP_V2, b"\x02\x04" + request_id + tail),
        )
        # A trap is unconfirmed, and so not reportable (RFC 3412 section 6.4).
        header = MessageHeader(message_id, self._max_message_size, int(user.security_level))
        return encode_usm_message(header, self._parameters(user.name, now), scoped_pdu, self._keys_of(user))

    # ------------------------------------------------------------------------------------ parts of messages

    def _header(self, request: V3Header, level: SecurityLevel) -> MessageHeader:
        """Return the header of a response or report: its request's msgID, not reportable (RFC 3412 section 7.1)."""
        return MessageHeader(request.msg_id, self._max_message_size, int(level))

    def _parameters(self, user: bytes, now: float) -> UsmParameters:
        """Return this engine's ID, boots and time, at every security level (RFC 3414 section 3.1 steps 5 and 6)."""
        time = self.time(now)
        return UsmParameters(self.engine_id, self._boots, time, user)
