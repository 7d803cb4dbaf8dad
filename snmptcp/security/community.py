"""The community-based security of SNMPv1 and SNMPv2c (RFC 1157 section 4.1, RFC 1901, RFC 3584 section 5.2).

What may live here: putting a PDU into its envelope, and telling whether an envelope is the right one.
What may not: which request an answer belongs to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.codec import ber
from snmptcp.codec.message import community_header, read_community, read_version
from snmptcp.codec.pdu import PduType, read_pdu_header
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import WrongCommunity, WrongVersion
from snmptcp.security.model import NO_EXCHANGE_ID, Opened, Refused

if TYPE_CHECKING:
    from snmptcp.credentials import Community

__all__ = ("CommunitySecurity",)

#: How many different message heads are kept; each is some 30 octets.
_MAX_HEADS = 512

_VERSIONS = (SnmpVersion.V1, SnmpVersion.V2C)
_new_tuple = tuple.__new__
_TRAP_V1 = bytes((PduType.TRAP_V1,))  # the one PDU of another shape


class CommunitySecurity:
    """One community and version: protects requests, opens replies.

    Args:
        credentials: the community and its version.
    """

    #: Nothing has to be found out before the first request.
    ready = True

    #: There are no engines to tell apart.
    peer = None

    #: SNMPv1 and SNMPv2c messages do not tell what their sender accepts.
    max_request_size = 0x7FFFFFFF

    __slots__ = ("_community", "_header", "_heads", "version")

    def __init__(self, credentials: Community) -> None:
        self.version: SnmpVersion = credentials.version
        self._community = credentials.name
        self._header = community_header(credentials.version, credentials.name)
        self._heads: dict[tuple[int, int], bytes] = {}

    def protect(self, pdu_type: int, request_id: bytes, tail: bytes, now: float) -> bytes:  # noqa: ARG002 - USM's
        """Return a whole message.

        Args:
            pdu_type: the tag of the PDU.
            request_id: an INTEGER's octets in their shortest form: usually four.
            tail: the PDU from the error-status on.
            now: the time; communities know none.
        """
        if len(request_id) != 4:
            pdu = ber.tlv(pdu_type, ber.tlv(ber.INTEGER, request_id) + tail)
            return ber.tlv(ber.SEQUENCE, self._header + pdu)
        head = self._heads.get((pdu_type, len(tail)))
        return (head or self._make_head(pdu_type, len(tail))) + request_id + tail

    def _make_head(self, pdu_type: int, tail_length: int) -> bytes:
        """Return all that stands before a request-id of four octets; it depends on lengths alone, so it is kept."""
        pdu_length = 6 + tail_length
        pdu_head = bytes((pdu_type,)) + ber.encode_length(pdu_length) + b"\x02\x04"
        message_length = len(self._header) + len(pdu_head) - 2 + pdu_length
        head = b"\x30" + ber.encode_length(message_length) + self._header + pdu_head
        if len(self._heads) >= _MAX_HEADS:
            self._heads.clear()
        self._heads[pdu_type, tail_length] = head
        return head

    def open(self, message: bytes, now: float) -> Opened:  # noqa: ARG002 - USM's
        """Find the PDU in a reply, and decide whether the reply may be trusted.

        Raises:
            Refused: another version or community than the request's.
            DecodeError: the envelope is not sound.
        """
        # The straight path: a short or two-octet length, then exactly the header that we send.
        start = 2 + (message[1] - 0x80 if message[1] & 0x80 else 0)
        if message.startswith(self._header, start):
            return _new_tuple(Opened, (message, start + len(self._header), len(message), None, None))
        version, offset, end = read_version(message)
        if version not in _VERSIONS:
            raise Refused(WrongVersion(self.version, version), None)
        community, offset = read_community(message, offset, end)
        if version != self.version:
            raise Refused(WrongVersion(self.version, version), _request_id(message, offset, end))
        if community != self._community:
            raise Refused(WrongCommunity(), _request_id(message, offset, end))
        return Opened(message, offset, end)


def _request_id(message: bytes, offset: int, end: int) -> int:
    """Return the id of the request that a refused reply was meant for; a Trap-PDU of SNMPv1 answers none."""
    if message[offset : offset + 1] == _TRAP_V1:
        return NO_EXCHANGE_ID
    return read_pdu_header(message, offset, end).request_id
