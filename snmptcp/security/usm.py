"""A manager's side of the User-based Security Model: one user, one agent's engine (RFC 3414, RFC 3412).

What may live here: what is known of the engine, protecting requests for it, deciding which replies may be
trusted, and what a report means.  What may not: sending anything, or knowing what is pending.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, read_v3_header, read_version
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SecurityLevel, SnmpVersion
from snmptcp.errors import (
    ConfigurationError,
    DecryptionFailed,
    NotInTimeWindow,
    SecurityError,
    SecurityLevelTooLow,
    UnknownContext,
    UnknownEngine,
    UnknownUser,
    WrongDigest,
    WrongVersion,
)
from snmptcp.oid import OID
from snmptcp.security.engine_clock import MAX_BOOTS, EngineClock, EngineInfo, check_engine_id
from snmptcp.security.opened import Opened, Refused, ReportVerdict
from snmptcp.security.usm_message import (
    SECURITY_MODEL,
    MessageHeader,
    UserKeys,
    UsmParameters,
    encode_usm_message,
    level_of,
    open_scoped_pdu,
    read_usm_parameters,
    user_keys,
    verify_digest,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.codec.message import V3Header
    from snmptcp.credentials import UsmUser
    from snmptcp.values import VarBind

__all__ = ("Engine", "KnownEngines", "UsmSecurity")

#: The message that asks an unknown engine who it is carries this and nothing else (RFC 3414 section 4).
_NOBODY = UsmParameters(b"", 0, 0, b"")
_NO_KEYS = UserKeys(None, None)

#: How many engines that were at an agent's address before are remembered.
MAX_EARLIER_ENGINES = 8

_USM_STATS = OID("1.3.6.1.6.3.15.1.1")
_NOT_IN_TIME_WINDOWS = _USM_STATS + "2.0"
_UNKNOWN_ENGINE_IDS = _USM_STATS + "4.0"

#: What the counter in a report says about the request (RFC 3414 section 5, RFC 3412 section 5, RFC 3413 section 5).
_REPORTS: dict[OID, tuple[type[SecurityError], str]] = {
    _USM_STATS + "1.0": (SecurityLevelTooLow, "the agent does not support this security level for the user"),
    _NOT_IN_TIME_WINDOWS: (NotInTimeWindow, "the agent reports that the request is not in its time window"),
    _USM_STATS + "3.0": (UnknownUser, "the agent does not know the user"),
    _UNKNOWN_ENGINE_IDS: (UnknownEngine, "the agent reports that it is not the engine that was asked"),
    _USM_STATS + "5.0": (WrongDigest, "the agent reports a wrong digest: another authentication password or protocol"),
    _USM_STATS + "6.0": (DecryptionFailed, "the agent cannot decrypt: another privacy password or protocol"),
    OID("1.3.6.1.6.3.11.2.1.1.0"): (SecurityError, "the agent does not know the User-based Security Model"),
    OID("1.3.6.1.6.3.11.2.1.2.0"): (SecurityError, "the agent calls the request an invalid message"),
    OID("1.3.6.1.6.3.11.2.1.3.0"): (SecurityError, "the agent has nobody to handle such a request"),
    OID("1.3.6.1.6.3.12.1.4.0"): (UnknownContext, "the context is not available now"),
    OID("1.3.6.1.6.3.12.1.5.0"): (UnknownContext, "the agent does not know the context"),
}


class Engine:
    """What is known of one agent's engine; several managers may share it.

    Args:
        info: engine ID, boots and time, where they are known already: then nothing is discovered.
        now: the time at which they were so, by the clock that will be used; zero boots and time are
            taken for unknown.
    """

    __slots__ = ("_clock", "_earlier", "engine_id", "max_message_size")

    def __init__(self, info: EngineInfo | None = None, now: float = 0.0) -> None:
        #: Who it is; ``None`` before it is discovered.
        self.engine_id: bytes | None = None
        #: The longest message that it accepts, in octets, as far as it has said.
        self.max_message_size = 0x7FFFFFFF
        self._clock: EngineClock | None = None
        # The clocks of engines that were here before.
        self._earlier: dict[bytes, EngineClock] = {}
        if info is not None:
            self.engine_id = check_engine_id(info.engine_id)
            if not 0 <= info.boots <= MAX_BOOTS or not 0 <= info.time <= MAX_BOOTS:
                raise ConfigurationError("engine boots and time are numbers from 0 to 2147483647")
            self._clock = EngineClock(info.boots, info.time, now)

    @property
    def clock(self) -> EngineClock:
        """Its clock; starts at zero for an engine whose time is not known."""
        if self._clock is None:
            self._clock = EngineClock(0, 0, 0.0)
        return self._clock

    def learn(self, engine_id: bytes, boots: int, time: int, now: float) -> None:
        """Take what an unauthenticated report says: who the engine is, and for a hint what time it has."""
        if engine_id != self.engine_id:
            self._turn_to(engine_id)
        self.clock.hint(boots, time, now)

    def confirm(self, engine_id: bytes) -> None:
        """Take note of an authentic message: if nobody has vouched for the present engine yet, it is this one."""
        if engine_id != self.engine_id and not (self._clock is not None and self._clock.authenticated):
            self._turn_to(engine_id)

    def forget(self) -> None:
        """Discover it anew with the next request."""
        self._turn_to(None)

    def clock_of(self, engine_id: bytes) -> EngineClock | None:
        """Return the clock of the engine, or of one that was here before; ``None`` for a stranger.

        Replies of an engine that was here before stay good: a report that only claims that there is
        another one must not keep out the answers that are under way.
        """
        return self.clock if engine_id == self.engine_id else self._earlier.get(engine_id)

    def _turn_to(self, engine_id: bytes | None) -> None:
        if self.engine_id is not None:
            self._earlier[self.engine_id] = self.clock
            if len(self._earlier) > MAX_EARLIER_ENGINES:
                # Engines that were only claimed go first, however many are claimed.
                claimed = (known for known, clock in self._earlier.items() if not clock.authenticated)
                del self._earlier[next(claimed, next(iter(self._earlier)))]
        self.engine_id = engine_id
        self._clock = self._earlier.pop(engine_id, None) if engine_id is not None else None
        self.max_message_size = 0x7FFFFFFF

    def info(self, now: float) -> EngineInfo:
        """Return who it is and when it is there now.

        Raises:
            UnknownEngine: it has not been discovered.
        """
        if self.engine_id is None:
            raise UnknownEngine("the agent's engine has not been discovered")
        return EngineInfo(self.engine_id, self.clock.boots, self.clock.time(now))


class KnownEngines:
    """The engines of several agents, shared by managers of one event loop: what one learns, all know."""

    __slots__ = ("_engines",)

    def __init__(self) -> None:
        self._engines: dict[tuple[str, int], Engine] = {}

    def engine(self, host: str, port: int) -> Engine:
        """Return the engine at an address, unknown at first."""
        return self._engines.setdefault((host, port), Engine())

    def __len__(self) -> int:
        return len(self._engines)


class UsmSecurity:
    """One user at one engine: protects requests, opens replies.

    Args:
        user: who asks.
        engine: what is known of the agent's engine.
        max_message_size: the longest message that is accepted, in octets; told to the agent as msgMaxSize.
    """

    __slots__ = (
        "_context",
        "_flags",
        "_keys",
        "_keys_of",
        "_level",
        "_max_message_size",
        "engine",
        "user",
        "version",
    )

    def __init__(self, user: UsmUser, engine: Engine, max_message_size: int) -> None:
        self.version = SnmpVersion.V3
        self.user = user
        self.engine = engine
        self._level = user.security_level
        self._flags = int(self._level) | MsgFlags.REPORTABLE
        self._max_message_size = min(max_message_size, 0x7FFFFFFF)
        self._keys = _NO_KEYS
        if user.priv:  # now, and not while the first request waits
            from snmptcp.security import privacy  # noqa: F401, PLC0415
        self._keys_of: bytes | None = None  # the engine that the keys and the context are for
        self._context = b""

    @property
    def ready(self) -> bool:
        """Whether the engine is known, so that requests can be protected for it."""
        return self.engine.engine_id is not None

    @property
    def max_request_size(self) -> int:
        """The longest message that the agent accepts, in octets, as far as it has said."""
        return self.engine.max_message_size

    @property
    def peer(self) -> bytes | None:
        """The engine that requests are protected for now."""
        return self.engine.engine_id

    # ------------------------------------------------------------------------------------ outgoing

    def probe(self, message_id: int) -> bytes:
        """Return the message that asks an unknown engine who it is (RFC 3414 section 4, first step)."""
        pdu = ber.tlv(PduType.GET, ber.encode_integer(message_id) + _EMPTY_TAIL)
        return self._encode(message_id, MsgFlags.REPORTABLE, _NOBODY, _scoped(b"", b"", pdu), _NO_KEYS)

    def protect(self, pdu_type: int, request_id: bytes, tail: bytes, now: float) -> bytes:
        """Return a whole message for the engine, which must be known.

        Args:
            pdu_type: the tag of the PDU.
            request_id: four octets; they are the msgID too.
            tail: the PDU from the error-status on.
            now: the time.
        """
        engine_id = self.engine.engine_id or b""
        keys = self._keys_for(engine_id)
        boots = time = 0
        if self._level:
            clock = self.engine.clock
            boots, time = clock.boots, clock.time(now)
        pdu = ber.tlv(pdu_type, b"\x02\x04" + request_id + tail)
        parameters = _new_tuple(UsmParameters, (engine_id, boots, time, self.user.name, b"", b"", 0))
        message_id = int.from_bytes(request_id, "big")
        return self._encode(message_id, self._flags, parameters, ber.tlv(ber.SEQUENCE, self._context + pdu), keys)

    def _encode(
        self, message_id: int, flags: int, parameters: UsmParameters, scoped_pdu: bytes, keys: UserKeys
    ) -> bytes:
        header = _new_tuple(MessageHeader, (message_id, self._max_message_size, flags))
        return encode_usm_message(header, parameters, scoped_pdu, keys)

    def _keys_for(self, engine_id: bytes) -> UserKeys:
        if engine_id != self._keys_of:
            user = self.user
            self._keys = user_keys(user, engine_id)
            context_engine_id = engine_id if user.context_engine_id is None else user.context_engine_id
            self._context = _context(context_engine_id, user.context_name)
            self._keys_of = engine_id
        return self._keys

    # ------------------------------------------------------------------------------------ incoming

    def open(self, message: bytes, now: float) -> Opened:
        """Take a reply apart and decide whether it may be trusted.

        Raises:
            Refused: it may not; with the reason and the msgID.
            DecodeError: it is not sound.
        """
        version, offset, end = read_version(message)
        if version != SnmpVersion.V3:
            raise Refused(WrongVersion(SnmpVersion.V3, version), None)
        header = read_v3_header(message, offset, end)
        try:
            return self._open(message, header, now)
        except SecurityError as reason:
            raise Refused(reason, header.msg_id) from reason

    def _open(self, message: bytes, header: V3Header, now: float) -> Opened:
        """RFC 3414 section 3.2, and RFC 3412 section 7.2 for the rest."""
        if header.security_model != SECURITY_MODEL:
            raise SecurityError(f"the reply has security model {header.security_model}, not {SECURITY_MODEL}")
        level = level_of(header.msg_flags)
        if level is None:
            raise SecurityError("the reply claims privacy without authentication")
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
        privacy = None
        if level != SecurityLevel.noAuthNoPriv:
            # Steps 3, 4 and 6: the engine, its user, and the digest that proves both.
            self._check_sender(parameters)
            keys = self._keys_for(parameters.engine_id)
            if keys.authenticator is None:
                raise WrongDigest("the reply is authenticated, and the user has no key")
            verify_digest(message, parameters, keys.authenticator)
            privacy = keys.privacy
        # Step 8 before step 7: what the time means depends on whether it is a report.
        plain = open_scoped_pdu(message, header, parameters, privacy)
        if plain.data[plain.start : plain.start + 1] == _REPORT:
            take_report = functools.partial(self.receive_report, parameters, level)
            return Opened(plain.data, plain.start, plain.stop, header.msg_id, take_report)
        # Step 5: less protected than the request was.
        if level < self._level:
            raise SecurityLevelTooLow(f"the reply is protected by {level.name}, the request by {self._level.name}")
        clock = self._check_sender(parameters)
        if level != SecurityLevel.noAuthNoPriv:
            # Step 7b: move the clock forward, then test the window.
            if not clock.accept(parameters.boots, parameters.time, now):
                raise NotInTimeWindow("the reply is older than 150 s, or from before the agent's last start")
            self.engine.confirm(parameters.engine_id)
            if parameters.engine_id == self.engine.engine_id:
                self.engine.max_message_size = header.msg_max_size
        # RFC 3412 section 7.2 step 12: a response is about what was asked about.
        expected = parameters.engine_id if self.user.context_engine_id is None else self.user.context_engine_id
        if plain.context_engine_id != expected or plain.context_name != self.user.context_name:
            raise UnknownContext("the reply is about another context")
        return _new_tuple(Opened, (plain.data, plain.start, plain.stop, header.msg_id, None))

    def _check_sender(self, parameters: UsmParameters) -> EngineClock:
        """Steps 3 and 4: return the clock of the engine that a reply is from."""
        clock = self.engine.clock_of(parameters.engine_id)
        if clock is None:
            raise UnknownEngine("the reply is another engine's than the one that was asked")
        if parameters.user != self.user.name:
            raise UnknownUser("the reply is for another user")
        return clock

    def receive_report(
        self, parameters: UsmParameters, level: SecurityLevel, varbinds: Sequence[VarBind], now: float
    ) -> ReportVerdict:
        """Take a report: learn of the engine what may be believed, and tell what it means for its request.

        Args:
            parameters: the security parameters of its message.
            level: how its message was protected; the digest has been checked.
            varbinds: its variable bindings; the first names a counter.
            now: the time.
        """
        counter = varbinds[0].oid if varbinds else None
        kind, text = (
            _REPORTS.get(counter, (SecurityError, f"the agent reports {counter}"))
            if counter
            else (
                SecurityError,
                "a report without a counter",
            )
        )
        resend = False
        if level != SecurityLevel.noAuthNoPriv:
            clock = self.engine.clock_of(parameters.engine_id)
            if counter == _NOT_IN_TIME_WINDOWS and clock is not None and parameters.boots != MAX_BOOTS:
                clock.resynchronize(parameters.boots, parameters.time, now)
                resend = True
        elif counter == _UNKNOWN_ENGINE_IDS and _plausible(parameters.engine_id):
            # Nobody vouches for it.  A request that went to the engine of this name is not sent again.
            self.engine.learn(parameters.engine_id, parameters.boots, parameters.time, now)
        trusted = level >= min(self._level, SecurityLevel.authNoPriv)
        return ReportVerdict(kind(text), resend, trusted)


_new_tuple = tuple.__new__
_REPORT = bytes((PduType.REPORT,))
_EMPTY_TAIL = ber.encode_integer(0) * 2 + ber.tlv(ber.SEQUENCE, b"")


def _scoped(context_engine_id: bytes, context_name: bytes, pdu: bytes) -> bytes:
    """Return a ScopedPDU as a whole field (RFC 3412 section 6.8)."""
    return ber.tlv(ber.SEQUENCE, _context(context_engine_id, context_name) + pdu)


def _context(engine_id: bytes, name: bytes) -> bytes:
    """Return what stands before the PDU in a ScopedPDU, without its header."""
    return ber.tlv(ber.OCTET_STRING, engine_id) + ber.tlv(ber.OCTET_STRING, name)


def _plausible(engine_id: bytes) -> bool:
    try:
        check_engine_id(engine_id)
    except ConfigurationError:
        return False
    return True
