"""The User-based Security Model on the requesting side: one user at one agent's engine (RFC 3414, RFC 3412).

Contains: what to put into requests (RFC 3414 section 3.1), which replies are acceptable (section 3.2), and what a
report means.
Does not contain: the octets of messages, digests and ciphers (:mod:`snmptcp.security.usm_message`), I/O, or which
requests are pending.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, encode_context, head_before_id, read_v3_header, read_version
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SecurityLevel, SnmpVersion
from snmptcp.errors import (
    NotInTimeWindow,
    SecurityError,
    SecurityLevelTooLow,
    UnknownContext,
    UnknownEngine,
    UnknownUser,
    WrongDigest,
    WrongVersion,
)
from snmptcp.security.engine_clock import MAX_BOOTS, TIME_WINDOW, is_engine_id
from snmptcp.security.model import Opened, Origin, Refused, ReportVerdict
from snmptcp.security.reports import ReportCounter, read_report
from snmptcp.security.usm_envelope import Envelope
from snmptcp.security.usm_head import KnownHead, known_head
from snmptcp.security.usm_keys import UserKeys, user_keys
from snmptcp.security.usm_message import (
    SECURITY_MODEL,
    MessageHeader,
    UsmParameters,
    encode_usm_message,
    level_of,
    open_scoped_pdu,
    read_usm_parameters,
    verify_digest,
)

if TYPE_CHECKING:
    from snmptcp.codec.message import V3Header
    from snmptcp.credentials import UsmUser
    from snmptcp.security.remote_engine import Engine
    from snmptcp.values import VarBind

__all__ = ("UsmSecurity",)

#: The security parameters of a discovery message (RFC 3414 section 4): no engine ID, no user.
_DISCOVERY = UsmParameters(b"", 0, 0, b"")
_NO_AUTH = SecurityLevel.noAuthNoPriv
_NO_KEYS = UserKeys(None, None)

#: With a frozen clock, how long ago the engine may have told its time when a SET leaves, in seconds.
FROZEN_PROOF_WINDOW = 10.0

#: From this msgID on, its shortest form has four octets.
FOUR_OCTETS = 0x800000

#: How many heads of ScopedPDUs are kept; a head depends on sizes alone, so there are few.
MAX_HEADS = 64


class UsmSecurity:
    """One user at one engine: protects requests, opens replies.

    Args:
        user: the user that sends the requests.
        engine: what is known about the agent's engine.
        max_message_size: the longest message to accept, in octets; sent to the agent as msgMaxSize.
        strict: whether discovery and time synchronization are taken to the letter of RFC 3414.
    """

    __slots__ = (
        "_context",
        "_envelope",
        "_flags",
        "_heads",
        "_keys",
        "_keys_of",
        "_known",
        "_level",
        "_matching",
        "_max_message_size",
        "_second",
        "_strict",
        "_tied",
        "engine",
        "timed",
        "user",
        "version",
    )

    def __init__(self, user: UsmUser, engine: Engine, max_message_size: int, *, strict: bool = False) -> None:
        self.version = SnmpVersion.V3
        self._strict = strict
        self.user = user
        self.engine = engine
        self._level = user.security_level
        #: Whether requests carry the engine's time, which only authenticated ones do.
        self.timed = self._level != SecurityLevel.noAuthNoPriv
        # A localized key is good at one engine only, the first one that is known.
        self._tied = user.is_localized
        self._flags = int(self._level) | MsgFlags.REPORTABLE
        self._max_message_size = min(max_message_size, 0x7FFFFFFF)
        self._keys = _NO_KEYS
        if user.priv.known:  # load the ciphers now, not while the first request waits
            from snmptcp.security import privacy  # noqa: F401, PLC0415
        self._keys_of: bytes | None = None  # the engine that _keys and _context belong to
        self._context = b""
        self._heads: dict[tuple[int, int, int], bytes] = {}  # of ScopedPDUs, with _context
        self._envelope: Envelope | None = None  # of the last request
        self._known: KnownHead | None = None  # of authentic messages
        self._matching: Origin | None = None  # of the last response whose user, level and context are right
        self._second = -1  # the time in the last authentic message that was parsed

    @property
    def ready(self) -> bool:
        """Whether the engine is known, so that requests can be protected for it."""
        return self.engine.engine_id is not None

    @property
    def max_request_size(self) -> int:
        """The longest message that the agent accepts, in octets, as far as the agent has announced it."""
        return self.engine.max_message_size

    @property
    def peer(self) -> bytes | None:
        """The ID of the engine that requests are protected for now."""
        return self.engine.engine_id

    @property
    def proof_window(self) -> float:
        """How long ago the engine may have proved its time when a SET leaves, in seconds.

        A clock that runs at another speed drifts out of the agent's own window sooner than one that is followed.
        """
        return FROZEN_PROOF_WINDOW if self.engine.frozen_clock else TIME_WINDOW

    # ------------------------------------------------------------------------------------ outgoing

    def probe(self, message_id: int, request_id: int) -> bytes:
        """Return the discovery message; the report to it tells the engine ID (RFC 3414 section 4, first step)."""
        pdu = ber.tlv(PduType.GET, ber.encode_integer(request_id) + _EMPTY_TAIL)
        header = MessageHeader(message_id, self._max_message_size, MsgFlags.REPORTABLE)
        scoped_pdu = ber.tlv(ber.SEQUENCE, encode_context(b"", b"") + pdu)
        return encode_usm_message(header, _DISCOVERY, scoped_pdu, _NO_KEYS)

    def protect(self, pdu_type: int, message_id: int, request_id: bytes, tail: bytes, now: float) -> bytes:
        """Return a whole message for the engine, which must be known (RFC 3414 section 3.1).

        Args:
            pdu_type: the tag of the PDU.
            message_id: the msgID.
            request_id: the contents octets of an INTEGER in their shortest form.
            tail: the PDU from the error-status on.
            now: the time.
        """
        engine_id = self.engine.engine_id or b""
        # Step 1: the user's keys for this engine.
        keys = self._keys if engine_id == self._keys_of else self._keys_for(engine_id)
        # Step 6: the engine's boots and time if the message is authenticated, zero otherwise.
        boots = time = 0
        if self.timed:
            boots, time = self.engine.clock.present(now)
        head = self._heads.get((pdu_type, len(request_id), len(tail)))
        if head is None:
            head = self._make_head(pdu_type, len(request_id), len(tail))
        scoped_pdu = head + request_id + tail
        if message_id < FOUR_OCTETS:  # not one of ours, which all have four
            header = MessageHeader(message_id, self._max_message_size, self._flags)
            return encode_usm_message(header, UsmParameters(engine_id, boots, time, self.user.name), scoped_pdu, keys)
        envelope = self._envelope
        if envelope is None or envelope.time != time or envelope.boots != boots:
            mac_size = keys.authenticator.mac_size if self.timed and keys.authenticator is not None else 0
            envelope = self._envelope = Envelope(
                engine_id, boots, time, self.user.name, self._max_message_size, self._flags, mac_size
            )
        # Steps 2 to 5 and 7 to 9: encrypt, fill in the security parameters, authenticate.
        return envelope.seal(message_id.to_bytes(4, "big"), scoped_pdu, keys)

    def _make_head(self, pdu_type: int, id_size: int, tail_size: int) -> bytes:
        """Return the octets before a request-id in a ScopedPDU; they depend only on the arguments and are kept."""
        if len(self._heads) >= MAX_HEADS:
            self._heads.clear()
        head = self._heads[pdu_type, id_size, tail_size] = head_before_id(self._context, pdu_type, id_size, tail_size)
        return head

    def _keys_for(self, engine_id: bytes) -> UserKeys:
        if engine_id != self._keys_of:
            user = self.user
            self._keys = user_keys(user, engine_id)
            context_engine_id = engine_id if user.context_engine_id is None else user.context_engine_id
            self._context = encode_context(context_engine_id, user.context_name)
            self._heads.clear()
            self._envelope = None
            self._keys_of = engine_id
        return self._keys

    # ------------------------------------------------------------------------------------ incoming

    def open(self, message: bytes) -> Opened:
        """Return the PDU of a reply or report whose digest is right, decrypted (RFC 3412 section 7.2).

        Raises:
            Refused: the reply is not acceptable; with the reason and the msgID.
            DecodeError: the message is malformed.
        """
        version, offset, end = read_version(message)
        if version != SnmpVersion.V3:
            raise Refused(WrongVersion(SnmpVersion.V3, version), None)
        known = self._known
        if known is not None and self.engine.clock_of(known.origin.engine_id) is not None:
            opened = known.open(message, offset, end)
            if opened is not None:
                return opened
        header = read_v3_header(message, offset, end)
        try:
            parameters, level = self._read_parameters(message, header)
            opened = self._process_incoming(message, header, parameters, level)
        except SecurityError as reason:
            raise Refused(reason, header.msg_id) from reason
        if level is not _NO_AUTH:
            # The second authentic message of an engine's second: others will follow.
            if self._second == parameters.time:
                origin = cast("Origin", opened.origin)
                self._known = known_head(message, offset, header, parameters, origin, self._keys)
            self._second = parameters.time
        return opened

    @staticmethod
    def _read_parameters(message: bytes, header: V3Header) -> tuple[UsmParameters, SecurityLevel]:
        """Return the security parameters and the level of a message that has this security model."""
        # RFC 3412 section 7.2 steps 4 and 5d: the security model and the level.
        if header.security_model != SECURITY_MODEL:
            raise SecurityError(f"the reply has security model {header.security_model}, not {SECURITY_MODEL} (USM)")
        level = level_of(header.msg_flags)
        if level is None:
            raise SecurityError("the msgFlags of the reply ask for privacy without authentication")
        # RFC 3414 section 3.2 step 1: parse the security parameters.
        return read_usm_parameters(message, header.security_start, header.security_stop), level

    def _process_incoming(
        self, message: bytes, header: V3Header, parameters: UsmParameters, level: SecurityLevel
    ) -> Opened:
        """RFC 3414 section 3.2 from step 3 on, but for step 7 (RFC 3412 section 7.2 step 6)."""
        privacy = None
        if level != SecurityLevel.noAuthNoPriv:
            # Steps 3 and 4: the engine and the user.
            if self.engine.clock_of(parameters.engine_id) is None:
                raise _wrong_engine()
            if parameters.user != self.user.name:
                raise _wrong_user()
            # Step 6: the digest.
            engine_id = parameters.engine_id
            keys = self._keys if engine_id == self._keys_of else self._keys_for(engine_id)
            if keys.authenticator is None:
                raise WrongDigest("the reply is authenticated, but the user has no authentication key")
            verify_digest(message, parameters, keys.authenticator)
            privacy = keys.privacy
        # Step 8: decrypt.  It comes before step 7, which needs the request that the PDU answers.
        context_engine_id, context_name, data, start, stop = open_scoped_pdu(message, header, parameters, privacy)
        engine_id, boots, time, user, _, _, _ = parameters
        origin = _new_tuple(
            Origin, (engine_id, boots, time, user, level, context_engine_id, context_name, header.msg_max_size)
        )
        return _new_tuple(Opened, (data, start, stop, header.msg_id, origin))

    def accept(self, origin: Origin, asked: bytes | None, now: float) -> None:
        """Check a response against its request (RFC 3412 section 7.2 step 12), and its time (RFC 3414 section 3.2).

        It comes after the request was found by its msgID: a message that answers no request moves no clock.

        Args:
            origin: what the response tells of its origin.
            asked: the engine that the request was protected for; ``None`` for a discovery message, which only a report
                answers.
            now: the time.

        Raises:
            SecurityError: the response is not acceptable.
        """
        engine_id, boots, time, _, level, _, _, max_message_size = origin
        # RFC 3412 section 7.2 step 12: engine, user, level and context of a response are those of its request; the
        # level may be higher.
        if asked is None:
            raise _no_report()
        if engine_id != asked:
            raise _wrong_engine()
        if origin is not self._matching:  # messages with a known head have the same one
            self._check_match(origin)
            self._matching = origin
        if level is _NO_AUTH:
            return
        # RFC 3414 section 3.2 step 7b: update the local notion of the engine's clock, then check the time window.
        clock = self.engine.clock_of(engine_id)
        if clock is None:
            raise _wrong_engine()
        if not clock.accept(boots, time, now):
            raise NotInTimeWindow("the reply is older than 150 s or predates the agent's last start")
        self.engine.confirm(engine_id)
        if engine_id == self.engine.engine_id:
            self.engine.max_message_size = max_message_size

    def _check_match(self, origin: Origin) -> None:
        """Check the user, the level and the context of a response."""
        if origin.user != self.user.name:
            raise _wrong_user()
        if origin.level < self._level:
            raise SecurityLevelTooLow(
                f"the reply has security level {origin.level.name}, the request {self._level.name}"
            )
        own = self.user.context_engine_id
        context_engine_id = origin.engine_id if own is None else own
        if origin.context_engine_id != context_engine_id or origin.context_name != self.user.context_name:
            raise UnknownContext("the reply names another context than the request")

    # ------------------------------------------------------------------------------------- reports

    def receive_probe_answer(self, origin: Origin, varbinds: tuple[VarBind, ...], now: float) -> SecurityError:  # noqa: ARG002 - TSM's
        """Take a response to a discovery message; USM discovers by reports, so this is an error."""
        return _no_report()

    def receive_report(
        self, origin: Origin, asked: bytes | None, varbinds: tuple[VarBind, ...], now: float, *, proved: bool = False
    ) -> ReportVerdict:
        """Take a report: learn about the engine what can be trusted, and judge what it means for its request.

        Args:
            origin: what the report's message tells of its origin.
            asked: the engine that the request was protected for; ``None`` for a discovery message.
            varbinds: the report's variable bindings; the first names a counter.
            now: the time.
            proved: whether that engine has proved its identity and time on this connection.
        """
        counter, error = read_report(varbinds)
        if origin.level != SecurityLevel.noAuthNoPriv:
            return self._receive_authentic_report(origin, asked, counter, error, now)
        # Anyone on the path can forge this report.
        resend = False
        if self._names_engine(counter, asked) and is_engine_id(origin.engine_id, strict=self._strict):
            if self._may_turn_to(origin.engine_id):
                self.engine.learn(origin.engine_id, origin.boots, origin.time, now)
            else:
                error = _another_engine(origin.engine_id, self.engine.engine_id or b"")
        elif counter is ReportCounter.usmStatsNotInTimeWindows and not (proved or self._strict):
            resend = self._take_hint(origin, asked, now)
        trusted = self._level == SecurityLevel.noAuthNoPriv
        return ReportVerdict(counter, error, resend=resend, trusted=trusted)

    def _names_engine(self, counter: ReportCounter | None, asked: bytes | None) -> bool:
        """Whether a report tells the engine ID: that of RFC 3414 section 4 does, and any other one to a discovery.

        Agents answer a discovery with unknownUserNames, for instance (gosnmp issue 427), or name no counter.
        """
        return counter is ReportCounter.usmStatsUnknownEngineIDs or (asked is None and not self._strict)

    def _take_hint(self, origin: Origin, asked: bytes | None, now: float) -> bool:
        """Take the time to send with from an unauthenticated report; return whether it is news.

        RFC 3414 section 3.2 step 7 wants such a report authenticated; some agents cannot (pysnmp issue 107).
        """
        if not self.timed or asked is None or not origin.engine_id == asked == self.engine.engine_id:
            return False
        return origin.boots != MAX_BOOTS and self.engine.clock.hint_forward(origin.boots, origin.time, now)

    def _receive_authentic_report(
        self, origin: Origin, asked: bytes | None, counter: ReportCounter | None, error: SecurityError, now: float
    ) -> ReportVerdict:
        clock = self.engine.clock_of(origin.engine_id)
        if clock is None or origin.engine_id != asked:
            return ReportVerdict(counter, _wrong_engine(), resend=False, trusted=False)
        resend = False
        if counter is ReportCounter.usmStatsNotInTimeWindows and origin.boots != MAX_BOOTS:
            clock.resynchronize(origin.boots, origin.time, now)
            self.engine.confirm(origin.engine_id)
            resend = True
        return ReportVerdict(counter, error, resend=resend, trusted=True, authentic=resend)

    def _may_turn_to(self, engine_id: bytes) -> bool:
        """Whether an unauthenticated report may tell the engine ID.

        It may not if the present engine was given, has authenticated itself, or has the user's localized keys.
        Otherwise an attacker who knows the user's keys at another engine could have requests protected for that one.
        """
        engine = self.engine
        return engine.engine_id in {None, engine_id} or not (engine.settled or self._tied)


def _no_report() -> UnknownEngine:
    return UnknownEngine("the agent answers the discovery of its engine ID with a response, not with a report")


def _wrong_engine() -> UnknownEngine:
    return UnknownEngine("the reply names another engine ID than the request")


def _wrong_user() -> UnknownUser:
    return UnknownUser("the reply names another user than the request")


def _another_engine(named: bytes, asked: bytes) -> UnknownEngine:
    return UnknownEngine(
        f"an unauthenticated report names engine {named.hex()}, and the request was for {asked.hex()}: "
        "if the agent was replaced, discover its engine afresh"
    )


_new_tuple = tuple.__new__
_REPORT = bytes((PduType.REPORT,))
_EMPTY_TAIL = ber.encode_integer(0) * 2 + ber.tlv(ber.SEQUENCE, b"")
