"""The testing agent's side of the Transport Security Model (RFC 5591, RFC 5343; RFC 3412 for the envelope).

What may live here: which messages are accepted from whom TLS vouches for, and the responses and reports to them.
What may not: TLS itself (:mod:`snmptcp.net.tls`), and what a request is answered
(:mod:`~snmptcp.testing.responder`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snmptcp.codec.engine_id import LOCAL_ENGINE_ID
from snmptcp.codec.message import ScopedPdu as Scoped
from snmptcp.codec.message import encode_context, encode_scoped_pdu, read_scoped_pdu
from snmptcp.codec.pdu import Pdu, PduType, decode_pdu
from snmptcp.errors import DecodeError
from snmptcp.security.reports import ReportCounter, report_pdu
from snmptcp.security.tsm import TLS_PREFIX, encode_tsm_message
from snmptcp.security.usm_message import level_of

if TYPE_CHECKING:
    from collections.abc import Container

    from snmptcp.codec.message import V3Header
    from snmptcp.codec.pdu import AnyPdu
    from snmptcp.credentials import SecurityLevel
    from snmptcp.security.authority import AuthoritativeEngine
    from snmptcp.testing.bookkeeping import Statistics

__all__ = ("TsmEngine", "TsmRequest")

#: Octets around a ScopedPDU at most: the headers of message and msgGlobalData 5 + 2, version 3, msgID and msgMaxSize
#: 6 + 6, flags and model 3 + 3, empty security parameters 2.
_OVERHEAD = 30


#: Nobody waits for an answer to these (RFC 3411 section 2.8), and so nobody is told what is wrong with them.
_UNCONFIRMED = frozenset((PduType.RESPONSE, PduType.REPORT, PduType.TRAP_V1, PduType.TRAP_V2))


class TsmRequest(NamedTuple):
    """A message that has been accepted, with what its answer needs.

    Attributes:
        header: msgID, msgMaxSize and msgFlags.
        level: what the message claims, and so its answer.
        security_name: who asks.
        context_engine_id: the engine that is asked about: this one, by one of its two names.
        context_name: the context.
        pdu: what is asked.
    """

    header: V3Header
    level: SecurityLevel
    security_name: bytes
    context_engine_id: bytes
    context_name: bytes
    pdu: AnyPdu


class TsmEngine:
    """Accepts or reports messages that came through TLS, and makes what answers them.

    Args:
        engine: who the agent is.
        statistics: the counters that reports tell of.
        contexts: the names of the contexts that there are.
        max_message_size: the longest message that it accepts, in octets.
        prefix: whether security names begin with the transport's (snmpTsmConfigurationUsePrefix).
    """

    def __init__(
        self,
        engine: AuthoritativeEngine,
        statistics: Statistics,
        contexts: Container[bytes],
        max_message_size: int,
        *,
        prefix: bool = False,
    ) -> None:
        self._engine = engine
        self._statistics = statistics
        self._contexts = contexts
        self._max_message_size = max_message_size
        self._prefix = TLS_PREFIX if prefix else b""

    def receive(self, message: bytes, header: V3Header, security_name: bytes | None) -> TsmRequest | bytes | None:
        """Take a message of this security model.

        Args:
            message: the message.
            header: its header.
            security_name: what TLS has made of the other end's certificate; ``None`` for nothing.

        Returns:
            The request that has been accepted, or the report that tells why not, whole, or ``None`` where the
            message is dropped.

        Raises:
            DecodeError: it is not sound.
        """
        level = level_of(header.msg_flags)
        if level is None:
            self._statistics.invalid_msgs += 1
            return None
        # RFC 5591 section 5.2 step 1.
        if header.security_start != header.security_stop:
            raise DecodeError("security parameters, where TLS is the security,", header.security_start, message)
        # Step 2.
        if not security_name:
            self._statistics.tsm_invalid_caches += 1
            return None
        # Step 3.
        security_name = self._prefix + security_name
        # Step 6; TLS is always authPriv, so that no level asks for too much (step 5).
        engine_id, name, start, stop = read_scoped_pdu(message, header.security_stop, header.end)
        if stop != header.end:
            raise DecodeError("octets follow msgData", stop, message)
        request = TsmRequest(header, level, security_name, engine_id, name, decode_pdu(message, start, stop))
        if request.pdu.type in _UNCONFIRMED:
            return request
        # RFC 3412 section 4.2.2.1 and RFC 3413 section 3.2: somebody here answers for what is asked about.
        if engine_id not in (self._engine.engine_id, LOCAL_ENGINE_ID):
            return self._report(request, ReportCounter.snmpUnknownPDUHandlers)
        if name not in self._contexts:
            return self._report(request, ReportCounter.snmpUnknownContexts)
        return request

    def _report(self, request: TsmRequest, counter: ReportCounter) -> bytes:
        """RFC 3412 section 7.1 step 3."""
        self._statistics.reports += 1
        request_id = request.pdu.request_id if isinstance(request.pdu, Pdu) else 0
        pdu = report_pdu(counter, self._engine.count(counter), request_id)
        return self._encode(request, encode_scoped_pdu(Scoped(self._engine.engine_id, b"", pdu)))

    def room(self, request: TsmRequest) -> int:
        """Return maxSizeResponseScopedPDU: the octets that the answer's ScopedPDU may have."""
        return min(request.header.msg_max_size, self._max_message_size) - _OVERHEAD

    def scope(self, request: TsmRequest) -> bytes:
        """Return what stands before the PDU in the answer's ScopedPDU: the request's context."""
        return encode_context(request.context_engine_id, request.context_name)

    def seal(self, request: TsmRequest, scoped_pdu: bytes) -> bytes:
        """Return the whole message that answers a request."""
        return self._encode(request, scoped_pdu)

    def seal_pdu(self, request: TsmRequest, pdu: AnyPdu) -> bytes:
        """Return the same of a PDU that has been changed."""
        return self._encode(request, encode_scoped_pdu(Scoped(request.context_engine_id, request.context_name, pdu)))

    def _encode(self, request: TsmRequest, scoped_pdu: bytes) -> bytes:
        return encode_tsm_message(request.header.msg_id, self._max_message_size, int(request.level), scoped_pdu)
