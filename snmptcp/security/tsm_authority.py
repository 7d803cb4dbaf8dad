"""The authoritative side of the Transport Security Model: receiving requests and notifications behind TLS (RFC 5591).

Contains: the checks of RFC 5591 section 5.2 and RFC 3412 section 7.2 on a message that came through TLS, and the
responses and reports to it.
Does not contain: TLS itself (:mod:`snmptcp.net.tls`), what a request is answered, which notifications are accepted,
and the requesting side (:mod:`snmptcp.security.tsm`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snmptcp.codec.engine_id import LOCAL_ENGINE_ID
from snmptcp.codec.message import ScopedPdu, encode_context, encode_scoped_pdu, read_scoped_pdu
from snmptcp.codec.pdu import Pdu
from snmptcp.credentials import SecurityLevel
from snmptcp.errors import DecodeError
from snmptcp.security.authority import CONFIRMED_PDUS, decode_exactly
from snmptcp.security.reports import NotAccepted, ReportCounter, report_pdu
from snmptcp.security.tsm import TLS_PREFIX, encode_tsm_message
from snmptcp.security.usm_message import PlainPdu, level_of

if TYPE_CHECKING:
    from collections.abc import Container

    from snmptcp.codec.message import V3Header
    from snmptcp.codec.pdu import AnyPdu, PduType
    from snmptcp.protocol.reading import OddPdu
    from snmptcp.security.authority import AuthoritativeEngine, DecodePdu

__all__ = ("TsmAuthority", "TsmReport", "TsmRequest")

#: The most octets around a ScopedPDU: headers of message and msgGlobalData 5 + 2, msgVersion 3, msgID 6, msgMaxSize 6,
#: msgFlags 3, msgSecurityModel 3, empty msgSecurityParameters 2.
_OVERHEAD = 30


class TsmRequest(NamedTuple):
    """An accepted message, with what its response needs.

    Attributes:
        header: msgID, msgMaxSize and msgFlags.
        level: the security level in its flags; the response gets the same.
        security_name: the sender's security name, with the prefix if prefixes are in use.
        pdu: the PDU.
        plain: the context, the octets, and where the PDU is in them.
        odd: what is odd about the PDU if the codec refuses it.
    """

    header: V3Header
    level: SecurityLevel
    security_name: bytes
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


class TsmReport(NamedTuple):
    """The report that answers a request that is not accepted.

    Attributes:
        octets: the whole message.
        counter: the counter that it names.
    """

    octets: bytes
    counter: ReportCounter


class TsmAuthority:
    """Accepts or reports messages that came through TLS, and protects the responses to them.

    Args:
        engine: the authoritative engine: its ID, and the counters.
        contexts: the names of the contexts that exist.
        accepts: the kinds of confirmed PDUs that are accepted for any context.
        max_message_size: the longest message that it accepts, in octets.
        decode: decodes the PDU, as for :class:`AuthoritativeEngine`.
        prefix: whether security names begin with the transport's prefix (snmpTsmConfigurationUsePrefix).
    """

    def __init__(
        self,
        engine: AuthoritativeEngine,
        contexts: Container[bytes] = (b"",),
        *,
        accepts: Container[PduType] = (),
        max_message_size: int,
        decode: DecodePdu = decode_exactly,
        prefix: bool = False,
    ) -> None:
        self._engine = engine
        self._contexts = contexts
        self._accepts = accepts
        self._max_message_size = max_message_size
        self._decode = decode
        self._prefix = TLS_PREFIX if prefix else b""

    # ------------------------------------------------------------------------------------ incoming

    def receive(self, message: bytes, header: V3Header, security_name: bytes | None) -> TsmRequest | TsmReport:
        """Take a message with this security model (RFC 5591 section 5.2, RFC 3412 section 7.2).

        Args:
            message: the message.
            header: its header.
            security_name: the security name that TLS derived from the sender's certificate; ``None`` if none.

        Returns:
            The accepted message, or the report that answers a request that is not accepted; a report is counted.

        Raises:
            NotAccepted: the message is dropped without a report; the caller counts it.
            DecodeError: the message is malformed.
        """
        # RFC 3412 section 7.2 step 5d: no privacy without authentication.
        level = level_of(header.msg_flags)
        if level is None:
            raise NotAccepted(ReportCounter.snmpInvalidMsgs, "msgFlags ask for privacy without authentication")
        # RFC 5591 section 4.2: TSM sends empty security parameters.
        if header.security_start != header.security_stop:
            raise DecodeError("msgSecurityParameters of TSM are not empty", header.security_start, message)
        # RFC 5591 section 5.2 step 2: TLS has identified the sender.
        if not security_name:
            raise NotAccepted(ReportCounter.snmpTsmInvalidCaches, "no TLS session with a security name")
        # Step 3: the prefix.
        security_name = self._prefix + security_name
        # Step 4: TLS provides authPriv, so no level in the flags is too high.
        # Step 6: the ScopedPDU is the rest of the message.
        engine_id, name, start, stop = read_scoped_pdu(message, header.security_stop, header.end)
        if stop != header.end:
            raise DecodeError("octets follow msgData", stop, message)
        plain = PlainPdu(engine_id, name, message, start, stop)
        pdu, odd = self._decode(message, start, stop)
        request = TsmRequest(header, level, security_name, pdu, plain, odd)
        # RFC 3412 section 4.2.2.1 and RFC 3413 section 3.2: this engine serves the context.
        if request.pdu.type in CONFIRMED_PDUS and request.pdu.type not in self._accepts:
            if engine_id not in (self._engine.engine_id, LOCAL_ENGINE_ID):
                return self._report(request, ReportCounter.snmpUnknownPDUHandlers)
            if name not in self._contexts:
                return self._report(request, ReportCounter.snmpUnknownContexts)
        return request

    def _report(self, request: TsmRequest, counter: ReportCounter) -> TsmReport:
        """RFC 3412 section 7.1 step 3: count a request that is not accepted, and return the report about it."""
        request_id = request.pdu.request_id if isinstance(request.pdu, Pdu) else 0
        report = report_pdu(counter, self._engine.count(counter), request_id)
        scoped_pdu = encode_scoped_pdu(ScopedPdu(self._engine.engine_id, b"", report))
        return TsmReport(self._encode(request.header, SecurityLevel.noAuthNoPriv, scoped_pdu), counter)

    # ----------------------------------------------------------------------------------- responses

    def room(self, request: TsmRequest) -> int:
        """Return maxSizeResponseScopedPDU: the most octets of the response's ScopedPDU (RFC 5591 5.2 step 7)."""
        return min(request.header.msg_max_size, self._max_message_size) - _OVERHEAD

    def scope(self, request: TsmRequest) -> bytes:
        """Return what precedes the PDU in the response's ScopedPDU: the request's context."""
        return encode_context(request.context_engine_id, request.context_name)

    def seal(self, request: TsmRequest, scoped_pdu: bytes) -> bytes:
        """Return the whole message that answers a request with a ScopedPDU."""
        return self._encode(request.header, request.level, scoped_pdu)

    def seal_pdu(self, request: TsmRequest, pdu: AnyPdu) -> bytes:
        """Return the whole message that answers a request with a PDU, in the request's context."""
        return self.seal(request, encode_scoped_pdu(ScopedPdu(request.context_engine_id, request.context_name, pdu)))

    def _encode(self, header: V3Header, level: SecurityLevel, scoped_pdu: bytes) -> bytes:
        return encode_tsm_message(header.msg_id, self._max_message_size, int(level), scoped_pdu)
