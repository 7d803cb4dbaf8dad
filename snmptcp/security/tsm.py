"""The Transport Security Model on the requesting side (RFC 5591; RFC 5343 for discovery, RFC 3412 for the envelope).

Contains: the SNMPv3 message around PDUs that TLS protects, and the discovery of the agent's engine ID.
Does not contain: TLS itself (:mod:`snmptcp.net.tls`), which has verified the peer before; and the check that a reply
comes on the TLS session of its request, which holds because a session has one connection.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from snmptcp.codec import ber
from snmptcp.codec.engine_id import LOCAL_ENGINE_ID
from snmptcp.codec.message import MsgFlags, encode_context, read_scoped_pdu, read_v3_header, read_version
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SecurityLevel, SnmpVersion
from snmptcp.errors import (
    DecodeError,
    SecurityError,
    SecurityLevelTooLow,
    UnknownContext,
    UnknownEngine,
    WrongVersion,
)
from snmptcp.oid import OID
from snmptcp.security.engine_clock import is_engine_id
from snmptcp.security.model import Opened, Origin, Refused, ReportVerdict
from snmptcp.security.reports import ReportCounter, read_report
from snmptcp.values import OctetString

if TYPE_CHECKING:
    from snmptcp.codec.message import V3Header
    from snmptcp.credentials import Tsm
    from snmptcp.security.remote_engine import Engine
    from snmptcp.values import VarBind

__all__ = ("SECURITY_MODEL", "SNMP_ENGINE_ID", "TLS_PREFIX", "TsmSecurity", "encode_tsm_message")

#: RFC 5591 section 2.1: the number of this security model.
SECURITY_MODEL = 4

#: The prefix of security names from TLS, if prefixes are in use (RFC 5591 section 5.2 step 3; RFC 6353 section 7,
#: snmpTLSTCPDomain).
TLS_PREFIX = b"tls:"

#: snmpEngineID.0 (RFC 3411 section 5).
SNMP_ENGINE_ID = OID("1.3.6.1.6.3.10.2.1.1.0")

_new_tuple = tuple.__new__
_FLAGS = int(SecurityLevel.authPriv)
_VERSION = ber.encode_integer(SnmpVersion.V3)
_MODEL_AND_PARAMETERS = ber.encode_integer(SECURITY_MODEL)
_NO_PARAMETERS = ber.tlv(ber.OCTET_STRING, b"")
_PROBE_TAIL = ber.encode_integer(0) * 2 + ber.tlv(
    ber.SEQUENCE, ber.tlv(ber.SEQUENCE, ber.tlv(ber.OBJECT_IDENTIFIER, SNMP_ENGINE_ID.ber) + b"\x05\x00")
)


def encode_tsm_message(message_id: int, msg_max_size: int, flags: int, scoped_pdu: bytes) -> bytes:
    """Return a whole message: unencrypted, with empty security parameters (RFC 5591 section 4.2).

    Args:
        message_id: the msgID.
        msg_max_size: the longest message that the sender accepts, in octets.
        flags: the msgFlags.
        scoped_pdu: the ScopedPDU with its header.
    """
    header = (
        ber.encode_integer(message_id)
        + ber.encode_integer(msg_max_size)
        + bytes((ber.OCTET_STRING, 1, flags))
        + _MODEL_AND_PARAMETERS
    )
    return ber.tlv(ber.SEQUENCE, _VERSION + ber.tlv(ber.SEQUENCE, header) + _NO_PARAMETERS + scoped_pdu)


class TsmSecurity:
    """One agent's engine behind TLS: protects requests, opens replies.

    Args:
        credentials: the context of the requests.
        engine: what is known about the agent's engine.
        max_message_size: the longest message to accept, in octets; sent to the agent as msgMaxSize.
        strict: whether discovery is taken to the letter of RFC 5343.
    """

    __slots__ = (
        "_after_message_id",
        "_context",
        "_context_of",
        "_strict",
        "credentials",
        "engine",
        "version",
    )

    def __init__(self, credentials: Tsm, engine: Engine, max_message_size: int, *, strict: bool = False) -> None:
        self.version = SnmpVersion.V3
        self._strict = strict
        self.credentials = credentials
        self.engine = engine
        self._context = b""
        self._context_of: bytes | None = None  # the contextEngineID in _context
        self._after_message_id = (
            ber.encode_integer(min(max_message_size, 0x7FFFFFFF))
            + bytes((ber.OCTET_STRING, 1, _FLAGS | MsgFlags.REPORTABLE))
            + _MODEL_AND_PARAMETERS
        )

    @property
    def timed(self) -> bool:
        """Always false: TLS keeps replayed and late messages out."""
        return False

    @property
    def proof_window(self) -> float:
        """Not needed: nothing here is timed."""
        return inf

    @property
    def ready(self) -> bool:
        """Whether the contextEngineID of requests is known."""
        return self.peer is not None

    @property
    def max_request_size(self) -> int:
        """The longest message that the agent accepts, in octets, as far as the agent has announced it."""
        return self.engine.max_message_size

    @property
    def peer(self) -> bytes | None:
        """The contextEngineID of requests; ``None`` until it is discovered."""
        return self.credentials.context_engine_id or self.engine.engine_id

    # ------------------------------------------------------------------------------------ outgoing

    def probe(self, message_id: int, request_id: int) -> bytes:
        """Return the discovery message: a GET of snmpEngineID.0 from the local engine (RFC 5343 section 3.2)."""
        pdu = ber.tlv(PduType.GET, ber.encode_integer(request_id) + _PROBE_TAIL)
        return self._encode(message_id, ber.tlv(ber.SEQUENCE, encode_context(LOCAL_ENGINE_ID, b"") + pdu))

    def protect(self, pdu_type: int, message_id: int, request_id: bytes, tail: bytes, now: float) -> bytes:  # noqa: ARG002 - USM's
        """Return a whole message for the engine, which must be known.

        Args:
            pdu_type: the tag of the PDU.
            message_id: the msgID.
            request_id: the contents octets of an INTEGER in their shortest form.
            tail: the PDU from the error-status on.
            now: ignored.
        """
        peer = self.peer or b""
        if peer != self._context_of:
            self._context = encode_context(peer, self.credentials.context_name)
            self._context_of = peer
        pdu = ber.tlv(pdu_type, ber.tlv(ber.INTEGER, request_id) + tail)
        return self._encode(message_id, ber.tlv(ber.SEQUENCE, self._context + pdu))

    def _encode(self, message_id: int, scoped_pdu: bytes) -> bytes:
        global_data = ber.tlv(ber.SEQUENCE, ber.encode_integer(message_id) + self._after_message_id)
        return ber.tlv(ber.SEQUENCE, _VERSION + global_data + _NO_PARAMETERS + scoped_pdu)

    # ------------------------------------------------------------------------------------ incoming

    def open(self, message: bytes) -> Opened:
        """Return the PDU of a reply or report (RFC 3412 section 7.2).

        Raises:
            Refused: the reply is not acceptable; with the reason and the msgID.
            DecodeError: the message is malformed.
        """
        version, offset, end = read_version(message)
        if version != SnmpVersion.V3:
            raise Refused(WrongVersion(SnmpVersion.V3, version), None)
        header = read_v3_header(message, offset, end)
        try:
            return self._process_incoming(message, header)
        except SecurityError as reason:
            raise Refused(reason, header.msg_id) from reason

    def _process_incoming(self, message: bytes, header: V3Header) -> Opened:
        """RFC 5591 section 5.2, between the steps of RFC 3412 section 7.2 that come before and after it."""
        # RFC 3412 section 7.2 step 4: the security model.
        if header.security_model != SECURITY_MODEL:
            raise SecurityError(f"the reply has security model {header.security_model}, not {SECURITY_MODEL} (TSM)")
        # RFC 5591 section 4.2: TSM sends empty security parameters.
        if header.security_start != header.security_stop:
            raise DecodeError("msgSecurityParameters of TSM are not empty", header.security_start, message)
        # RFC 5591 section 5.2 step 6: the ScopedPDU is the rest of the message.
        engine_id, name, start, stop = read_scoped_pdu(message, header.security_stop, header.end)
        if stop != header.end:
            raise DecodeError("octets follow msgData", stop, message)
        level = SecurityLevel.authPriv if header.msg_flags & _FLAGS == _FLAGS else SecurityLevel.noAuthNoPriv
        origin = Origin(b"", 0, 0, b"", level, engine_id, name, header.msg_max_size)
        return _new_tuple(Opened, (message, start, stop, header.msg_id, origin))

    def accept(self, origin: Origin, asked: bytes | None, now: float) -> None:  # noqa: ARG002 - USM's
        """Check a response against its request (RFC 3412 section 7.2 step 12).

        Args:
            origin: what the response tells of its origin.
            asked: the contextEngineID of the request; ``None`` for a discovery message.
            now: ignored.

        Raises:
            SecurityError: the response has another level or context than its request.
        """
        if origin.level != SecurityLevel.authPriv:
            raise SecurityLevelTooLow("the msgFlags of the reply ask for less than authPriv")
        context = origin.context_engine_id, origin.context_name
        if asked is None:  # RFC 5343: the engine may answer for itself, or for the local engine ID that was asked
            if context[0] != LOCAL_ENGINE_ID and context[1]:
                raise UnknownContext("the reply names another context than the discovery message")
        elif context != (asked, self.credentials.context_name):
            raise UnknownContext("the reply names another context than the request")
        self.engine.max_message_size = origin.max_message_size

    def receive_probe_answer(self, origin: Origin, varbinds: tuple[VarBind, ...], now: float) -> SecurityError:
        """Take a response to a probe, and learn the engine ID from it (RFC 5343 section 3.2).

        An agent that does not serve snmpEngineID.0 may still name its engine as the context of its answer.

        Returns:
            The error for waiting requests if it did not tell the engine ID.
        """
        error = UnknownEngine("the agent does not report its engine ID (RFC 5343): give the engine instead")
        for oid, value in varbinds:
            if oid == SNMP_ENGINE_ID and isinstance(value, OctetString):
                engine_id = bytes(value)
                if is_engine_id(engine_id, strict=self._strict):
                    self.engine.learn(engine_id, 0, 0, now)
                    return error
                error = UnknownEngine(f"the agent reports an invalid engine ID: 0x{engine_id.hex()[:64]}")
        self._learn_context(origin, now)
        return error

    def _learn_context(self, origin: Origin, now: float) -> None:
        """Learn the engine ID from the context of an answer to a probe, which TLS protects."""
        engine_id = origin.context_engine_id
        if not self._strict and engine_id != LOCAL_ENGINE_ID and is_engine_id(engine_id, strict=False):
            self.engine.learn(engine_id, 0, 0, now)

    def receive_report(
        self,
        origin: Origin,
        asked: bytes | None,
        varbinds: tuple[VarBind, ...],
        now: float,
        *,
        proved: bool = False,  # noqa: ARG002 - USM's
    ) -> ReportVerdict:
        """Take a report, which TLS protects, and judge what it means for its request.

        Args:
            origin: what the report's message tells of its origin.
            asked: the contextEngineID of the request; ``None`` for a discovery message.
            varbinds: its variable bindings; the first names a counter.
            now: the time.
            proved: ignored.
        """
        counter, error = read_report(varbinds)
        if asked is None:
            self._learn_context(origin, now)
        elif counter is ReportCounter.snmpUnknownPDUHandlers and asked == self.engine.engine_id:
            self.engine.forget()  # another engine has taken its place: the next request discovers it
        return ReportVerdict(counter, error, resend=False, trusted=True)
