"""The authoritative side of the User-based Security Model, without I/O: a simulated engine, and forged messages.

The engine is built on ``security/usm_message.py``, whose own tests compare it with captured packets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from snmptcp.codec import ber
from snmptcp.codec.message import (
    MsgFlags,
    ScopedPdu,
    V3Message,
    decode_message,
    encode_message,
    encode_scoped_pdu,
    read_v3_header,
    read_version,
)
from snmptcp.codec.pdu import Pdu, PduType, decode_pdu
from snmptcp.credentials import SecurityLevel, UsmUser
from snmptcp.oid import OID
from snmptcp.protocol.ids import RandomIds
from snmptcp.protocol.session import Session
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.remote_engine import Engine
from snmptcp.security.usm import UsmSecurity
from snmptcp.security.usm_keys import user_keys
from snmptcp.security.usm_message import (
    MessageHeader,
    UsmParameters,
    encode_usm_message,
    level_of,
    open_scoped_pdu,
    read_usm_parameters,
    verify_digest,
)
from snmptcp.values import Counter32, Integer32, Value, VarBind
from tests.support.wire import FIRST_ID

if TYPE_CHECKING:
    from collections.abc import Iterable

ENGINE_ID = bytes.fromhex("80001f8804656e67696e65")
OTHER_ENGINE_ID = bytes.fromhex("80001f88046f74686572")

PLAIN_USER = UsmUser("noauth")
AUTH_USER = UsmUser("shaonly", "SHA-256", "authpass123")
PRIV_USER = UsmUser("shaaes", "SHA-256", "authpass123", "AES", "privpass123")

#: The counters that a report can carry, by the names of RFC 3414 section 5, RFC 3412 and RFC 3413.
COUNTERS = {
    "unsupportedSecLevels": OID("1.3.6.1.6.3.15.1.1.1.0"),
    "notInTimeWindows": OID("1.3.6.1.6.3.15.1.1.2.0"),
    "unknownUserNames": OID("1.3.6.1.6.3.15.1.1.3.0"),
    "unknownEngineIDs": OID("1.3.6.1.6.3.15.1.1.4.0"),
    "wrongDigests": OID("1.3.6.1.6.3.15.1.1.5.0"),
    "decryptionErrors": OID("1.3.6.1.6.3.15.1.1.6.0"),
    "unknownSecurityModels": OID("1.3.6.1.6.3.11.2.1.1.0"),
    "invalidMsgs": OID("1.3.6.1.6.3.11.2.1.2.0"),
    "unknownPDUHandlers": OID("1.3.6.1.6.3.11.2.1.3.0"),
    "unavailableContexts": OID("1.3.6.1.6.3.12.1.4.0"),
    "unknownContexts": OID("1.3.6.1.6.3.12.1.5.0"),
}


class Asked(NamedTuple):
    """A request as the engine read it."""

    message_id: int
    max_size: int
    flags: int
    parameters: UsmParameters
    context_engine_id: bytes
    context_name: bytes
    pdu: Pdu

    @property
    def level(self) -> SecurityLevel:
        """Its security level."""
        level = level_of(self.flags)
        assert level is not None
        return level


@dataclass
class SimulatedEngine:
    """Reads a manager's messages, and answers as RFC 3414 says or as a test asks for.

    Attributes:
        users: the users that it knows.
        engine_id: its snmpEngineID.
        boots: its snmpEngineBoots.
        started: the time of its last start, by the test's clock, in seconds.
        max_size: its msgMaxSize.
    """

    users: tuple[UsmUser, ...] = (PLAIN_USER, AUTH_USER, PRIV_USER)
    engine_id: bytes = ENGINE_ID
    boots: int = 7
    started: float = -5000.0
    max_size: int = 65507
    counters: dict[str, int] = field(default_factory=dict)

    def time(self, now: float) -> int:
        """Return its snmpEngineTime."""
        return int(now - self.started)

    def info(self, now: float = 0.0) -> EngineInfo:
        return EngineInfo(self.engine_id, self.boots, self.time(now))

    def user(self, name: bytes) -> UsmUser:
        """Return the user with a name; one without keys if it is unknown."""
        return next((user for user in self.users if user.name == name), UsmUser(name or b"?"))

    # ---- reading

    def read(self, message: bytes) -> Asked:
        """Open a request; raise if it is wrong, except in engine ID and time."""
        _, offset, end = read_version(message)
        header = read_v3_header(message, offset, end)
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
        keys = user_keys(self.user(parameters.user), parameters.engine_id)
        if header.msg_flags & MsgFlags.AUTH:
            assert keys.authenticator is not None, f"{parameters.user!r} has no key"
            verify_digest(message, parameters, keys.authenticator)
        plain = open_scoped_pdu(message, header, parameters, keys.privacy)
        pdu = decode_pdu(plain.data, plain.start, plain.stop)
        assert isinstance(pdu, Pdu)
        return Asked(
            header.msg_id,
            header.msg_max_size,
            header.msg_flags,
            parameters,
            plain.context_engine_id,
            plain.context_name,
            pdu,
        )

    def answer(self, message: bytes, now: float, value: Value | None = None) -> bytes:
        """Answer a sound request as RFC 3414 section 3.2 says; all variables have one value."""
        asked = self.read(message)
        if asked.parameters.engine_id != self.engine_id:
            return self.report(message, now, "unknownEngineIDs")
        if asked.parameters.user not in [user.name for user in self.users]:
            return self.report(message, now, "unknownUserNames")
        if asked.level > self.user(asked.parameters.user).security_level:
            return self.report(message, now, "unsupportedSecLevels")
        if asked.level and (
            self.boots == 0x7FFFFFFF
            or asked.parameters.boots != self.boots
            or abs(asked.parameters.time - self.time(now)) > 150
        ):
            return self.report(message, now, "notInTimeWindows", level=SecurityLevel.authNoPriv)
        return self.respond(message, now, value)

    # ---- writing

    def respond(self, message: bytes, now: float, value: Value | None = None, **changes: Any) -> bytes:
        """Return the response to a GET; :meth:`seal` lists what can be changed."""
        asked = self.read(message)
        held = Integer32(7) if value is None else value
        bindings = tuple(VarBind(oid, held) for oid, _ in asked.pdu.varbinds)
        return self.seal(asked, now, Pdu(PduType.RESPONSE, asked.pdu.request_id, 0, 0, bindings), **changes)

    def report(
        self,
        message: bytes,
        now: float,
        counter: str,
        level: SecurityLevel = SecurityLevel.noAuthNoPriv,
        bindings: Iterable[VarBind] | None = None,
        **changes: Any,
    ) -> bytes:
        """Return a report; only its PDU type makes it one, so it may have any bindings."""
        asked = self.read(message)
        if bindings is None:
            self.counters[counter] = self.counters.get(counter, 0) + 1
            bindings = (VarBind(COUNTERS[counter], Counter32(self.counters[counter])),)
        pdu = Pdu(PduType.REPORT, asked.pdu.request_id, 0, 0, tuple(bindings))
        return self.seal(asked, now, pdu, level=level, **changes)

    def seal(
        self,
        asked: Asked,
        now: float,
        pdu: Pdu,
        *,
        level: SecurityLevel | None = None,
        user: UsmUser | None = None,
        message_id: int | None = None,
        engine_id: bytes | None = None,
        boots: int | None = None,
        time: int | None = None,
        user_name: bytes | None = None,
        context_engine_id: bytes | None = None,
        context_name: bytes | None = None,
    ) -> bytes:
        """Return a protected PDU for the sender of a request, with a right digest over all changes.

        Args:
            asked: the request.
            now: the time.
            pdu: the PDU.
            level: the security level; optional, default the request's.
            user: the user whose keys are used.
            message_id: another msgID.
            engine_id: another authoritative engine, in the message and in the keys.
            boots: other boots.
            time: another time.
            user_name: another name in the message.
            context_engine_id: another contextEngineID.
            context_name: another contextName.
        """
        authoritative = self.engine_id if engine_id is None else engine_id
        signer = user or self.user(asked.parameters.user)
        parameters = UsmParameters(
            authoritative,
            self.boots if boots is None else boots,
            self.time(now) if time is None else time,
            asked.parameters.user if user_name is None else user_name,
        )
        scoped_pdu = ScopedPdu(
            # A probe has no context; the report then has the engine's own.
            (asked.context_engine_id or self.engine_id) if context_engine_id is None else context_engine_id,
            asked.context_name if context_name is None else context_name,
            pdu,
        )
        header = MessageHeader(
            asked.message_id if message_id is None else message_id,
            self.max_size,
            int(asked.level if level is None else level),
        )
        return encode_usm_message(header, parameters, encode_scoped_pdu(scoped_pdu), user_keys(signer, authoritative))


# --------------------------------------------------------------------------------------- forgeries


def forged(message: bytes, **fields: Any) -> bytes:
    """Return a message with other header fields and the old digest."""
    decoded = decode_message(message)
    assert isinstance(decoded, V3Message)
    return encode_message(decoded._replace(**fields))


def encode_parameters(parameters: UsmParameters) -> bytes:
    """Return the encoding of security parameters, digest included."""
    return ber.tlv(
        ber.SEQUENCE,
        ber.tlv(ber.OCTET_STRING, parameters.engine_id)
        + ber.encode_integer(parameters.boots)
        + ber.encode_integer(parameters.time)
        + ber.tlv(ber.OCTET_STRING, parameters.user)
        + ber.tlv(ber.OCTET_STRING, parameters.auth_parameters)
        + ber.tlv(ber.OCTET_STRING, parameters.priv_parameters),
    )


def parameters_of(message: bytes) -> UsmParameters:
    """Return the security parameters of a message."""
    _, offset, end = read_version(message)
    header = read_v3_header(message, offset, end)
    return read_usm_parameters(message, header.security_start, header.security_stop)


def forged_parameters(message: bytes, **fields: Any) -> bytes:
    """Return a message with other security parameters; the old digest stays unless it is one of them."""
    return forged(message, security_parameters=encode_parameters(parameters_of(message)._replace(**fields)))


# ---------------------------------------------------------------------------------------- sessions


def new_usm_session(
    user: UsmUser = PRIV_USER,
    engine: Engine | None = None,
    *,
    max_message_size: int = 65536,
    first_request_id: int = FIRST_ID,
    strict: bool = False,
    report_grace: float | None = None,
) -> Session:
    """Return a session with a user; the engine is optional, default unknown."""
    security = UsmSecurity(user, Engine() if engine is None else engine, max_message_size, strict=strict)
    ids = RandomIds(first_request_id)
    return Session(
        security, max_message_size=max_message_size, request_ids=ids, strict=strict, report_grace=report_grace
    )


def known_engine(simulated: SimulatedEngine, now: float = 0.0, *, authenticated: bool = True) -> Engine:
    """Return an engine as a manager knows it after an exchange, or with ``authenticated=False`` after a probe."""
    if authenticated:
        return Engine(simulated.info(now), now)
    engine = Engine()
    engine.learn(*simulated.info(now), now)
    return engine
