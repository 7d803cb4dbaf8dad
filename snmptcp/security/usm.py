"""A manager's side of the User-based Security Model: one user, one agent's engine (RFC 3414, RFC 3412).

What may live here: what is known of the engine, protecting requests for it, deciding which replies may be
trusted, and what a report means.  What may not: sending anything, or knowing what is pending.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, encode_context, read_v3_header, read_version
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SecurityLevel, SnmpVersion
from snmptcp.errors import (
    ConfigurationError,
    NotInTimeWindow,
    SecurityError,
    SecurityLevelTooLow,
    UnknownContext,
    UnknownEngine,
    UnknownUser,
    WrongDigest,
    WrongVersion,
)
from snmptcp.security.engine_clock import MAX_BOOTS, check_engine_id
from snmptcp.security.model import Opened, Refused, ReportVerdict
from snmptcp.security.reports import ReportCounter, read_report
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
    from collections.abc import Sequence

    from snmptcp.codec.message import V3Header
    from snmptcp.credentials import UsmUser
    from snmptcp.security.engine_clock import EngineClock
    from snmptcp.security.remote_engine import Engine
    from snmptcp.values import VarBind

__all__ = ("UsmSecurity",)

#: The message that asks an unknown engine who it is carries this and nothing else (RFC 3414 section 4).
_NOBODY = UsmParameters(b"", 0, 0, b"")
_NO_KEYS = UserKeys(None, None)


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
        return self._encode(
            message_id, MsgFlags.REPORTABLE, _NOBODY, ber.tlv(ber.SEQUENCE, encode_context(b"", b"") + pdu), _NO_KEYS
        )

    def protect(self, pdu_type: int, request_id: bytes, tail: bytes, now: float) -> bytes:
        """Return a whole message for the engine, which must be known.

        Args:
            pdu_type: the tag of the PDU.
            request_id: an INTEGER's octets in their shortest form; they are the msgID too.
            tail: the PDU from the error-status on.
            now: the time.
        """
        engine_id = self.engine.engine_id or b""
        keys = self._keys_for(engine_id)
        boots = time = 0
        if self._level:
            clock = self.engine.clock
            boots, time = clock.boots, clock.time(now)
        pdu = ber.tlv(pdu_type, ber.tlv(ber.INTEGER, request_id) + tail)
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
            self._context = encode_context(context_engine_id, user.context_name)
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

    def receive_probe_answer(self, varbinds: Sequence[VarBind], now: float) -> SecurityError:  # noqa: ARG002 - TSM's
        """Take a response to a probe; an engine tells who it is by a report, and this is none."""
        return UnknownEngine("the agent answers the discovery of its engine ID with a response, not with a report")

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
        counter, error = read_report(varbinds)
        resend = False
        if level != SecurityLevel.noAuthNoPriv:
            clock = self.engine.clock_of(parameters.engine_id)
            if (
                counter is ReportCounter.usmStatsNotInTimeWindows
                and clock is not None
                and parameters.boots != MAX_BOOTS
            ):
                clock.resynchronize(parameters.boots, parameters.time, now)
                resend = True
        elif counter is ReportCounter.usmStatsUnknownEngineIDs and _plausible(parameters.engine_id):
            # Nobody vouches for it.  A request that went to the engine of this name is not sent again.
            self.engine.learn(parameters.engine_id, parameters.boots, parameters.time, now)
        trusted = level >= min(self._level, SecurityLevel.authNoPriv)
        return ReportVerdict(counter, error, resend, trusted)


_new_tuple = tuple.__new__
_REPORT = bytes((PduType.REPORT,))
_EMPTY_TAIL = ber.encode_integer(0) * 2 + ber.tlv(ber.SEQUENCE, b"")


def _plausible(engine_id: bytes) -> bool:
    try:
        check_engine_id(engine_id)
    except ConfigurationError:
        return False
    return True
