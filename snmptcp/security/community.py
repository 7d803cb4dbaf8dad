"""The community-based security of SNMPv1 and SNMPv2c (RFC 1157 section 4.1, RFC 1901, RFC 3584 section 5.2).

Contains: the message around a PDU, and the check of a reply's version and community.
Does not contain: matching replies to requests (:mod:`snmptcp.protocol.correlator`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.codec.message import community_header, head_before_id, read_community, read_version
from snmptcp.codec.pdu import PduType, read_pdu_header
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import WrongCommunity, WrongVersion
from snmptcp.security.model import NO_EXCHANGE_ID, Opened, Refused

if TYPE_CHECKING:
    from snmptcp.credentials import Community

__all__ = ("CommunitySecurity",)

#: How many message heads are cached; each takes some 200 octets with its key, and every manager has its own.
_MAX_HEADS = 64

_VERSIONS = (SnmpVersion.V1, SnmpVersion.V2C)
_new_tuple = tuple.__new__
_NOTIFICATIONS = frozenset(bytes((tag,)) for tag in (PduType.TRAP_V1, PduType.TRAP_V2, PduType.INFORM))


class CommunitySecurity:
    """One community and version: protects requests, opens replies.

    Args:
        credentials: the community and its version.
        any_community: whether replies may have any community.
    """

    #: Communities need no discovery.
    ready = True

    #: Communities have no engines.
    peer = None

    #: Communities have no clocks.
    timed = False

    #: SNMPv1 and SNMPv2c messages do not announce what their sender accepts.
    max_request_size = 0x7FFFFFFF

    __slots__ = ("_any_community", "_community", "_header", "_heads", "version")

    def __init__(self, credentials: Community, *, any_community: bool = False) -> None:
        self._any_community = any_community
        self.version: SnmpVersion = credentials.version
        self._community = credentials.name
        self._header = community_header(credentials.version, credentials.name)
        self._heads: dict[tuple[int, int, int], bytes] = {}

    def protect(self, pdu_type: int, message_id: int, request_id: bytes, tail: bytes, now: float) -> bytes:  # noqa: ARG002 - USM's
        """Return a whole message.

        Args:
            pdu_type: the tag of the PDU.
            message_id: ignored.
            request_id: the contents octets of an INTEGER in their shortest form, usually four.
            tail: the PDU from the error-status on.
            now: ignored.
        """
        size = len(request_id)
        head = self._heads.get((pdu_type, len(tail), size))
        return (head or self._make_head(pdu_type, len(tail), size)) + request_id + tail

    def _make_head(self, pdu_type: int, tail_length: int, id_length: int) -> bytes:
        """Return the octets before a request-id; they depend only on the arguments and are cached."""
        head = head_before_id(self._header, pdu_type, id_length, tail_length)
        if len(self._heads) >= _MAX_HEADS:
            self._heads.clear()
        self._heads[pdu_type, tail_length, id_length] = head
        return head

    def open(self, message: bytes) -> Opened:
        """Return the PDU of an acceptable reply.

        Raises:
            Refused: the reply has another version or community than the request.
            DecodeError: the message is malformed.
        """
        # Fast path: a short or two-octet length, then exactly the header that requests have.
        start = 2 + (message[1] - 0x80 if message[1] & 0x80 else 0)
        if message.startswith(self._header, start):
            return _new_tuple(Opened, (message, start + len(self._header), len(message), None, None))
        version, offset, end = read_version(message)
        if version not in _VERSIONS:
            raise Refused(WrongVersion(self.version, version), None)
        community, offset = read_community(message, offset, end)
        if version != self.version:
            raise Refused(WrongVersion(self.version, version), _request_id(message, offset, end))
        if community != self._community and not self._any_community:
            raise Refused(WrongCommunity(), _request_id(message, offset, end))
        return Opened(message, offset, end)


def _request_id(message: bytes, offset: int, end: int) -> int:
    """Return the id of the request that a refused reply answers; a notification answers none."""
    if message[offset : offset + 1] in _NOTIFICATIONS:
        return NO_EXCHANGE_ID
    return read_pdu_header(message, offset, end).request_id
