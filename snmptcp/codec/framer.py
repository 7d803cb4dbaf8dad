"""A byte stream cut into messages (RFC 3430 section 2.1).

What may live here: finding where one message ends and the next begins.  What may not: what a message
says.

Over TCP nothing but the BER length of the outermost SEQUENCE delimits a message.  The header alone
decides: a claimed length is compared with the limit before one octet of the body is kept, and a header
that cannot be one means that framing is lost for good.
"""

from __future__ import annotations

from snmptcp.codec import ber
from snmptcp.errors import FramingError, MessageTooLarge

__all__ = ("DEFAULT_MAX_MESSAGE_SIZE", "MIN_MESSAGE_SIZE", "Framer")

#: Larger than any answer seen in the field, small enough to be kept for each of many connections.
DEFAULT_MAX_MESSAGE_SIZE = 4 * 1024 * 1024

#: RFC 3430 section 2.2: every implementation accepts messages of 8192 octets.
MIN_MESSAGE_SIZE = 8192


class Framer:
    """Collects octets, in any chunks, and gives whole messages.

    A failure is final: it is kept in :attr:`failure`, and what is fed later is ignored.

    Args:
        max_message_size: the longest message that is accepted, in octets, its header included.
    """

    __slots__ = ("_header", "_missing", "_pieces", "failure", "max_message_size")

    def __init__(self, max_message_size: int = DEFAULT_MAX_MESSAGE_SIZE) -> None:
        self.max_message_size = max_message_size
        #: Why framing was lost; ``None`` as long as it holds.
        self.failure: FramingError | None = None
        self._header = b""  # a message's first octets, too few yet to tell its length
        self._pieces: list[bytes] = []  # a message's octets so far, once its length is known
        self._missing = 0  # how many more it needs

    @property
    def mid_message(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._missing or self._header)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next octets of the stream; return the messages that they complete, in order.

        Never raises: look at :attr:`failure` afterwards.
        """
        if self.failure is not None or not data:
            return []
        if (
            not self._missing
            and not self._header
            and data[0] == ber.SEQUENCE
            and 2 <= len(data) <= self.max_message_size
            and data[1] == len(data) - 2 < 0x80
        ):
            return [data]  # the usual case: one short message, and nothing else
        messages: list[bytes] = []
        offset = 0
        if self._missing:
            if len(data) < self._missing:
                self._pieces.append(data)
                self._missing -= len(data)
                return messages
            offset = self._missing
            self._pieces.append(data[:offset])
            messages.append(b"".join(self._pieces))
            self._pieces.clear()
            self._missing = 0
        elif self._header:
            data = self._header + data
            self._header = b""
        self._cut(data, offset, messages)
        return messages

    def _cut(self, data: bytes, offset: int, messages: list[bytes]) -> None:
        """Cut whole messages off ``data`` from ``offset`` on, and keep the rest."""
        end = len(data)
        while offset < end:
            # The usual case: a short header, and the message is all there.
            if data[offset] == 0x30 and offset + 1 < end and data[offset + 1] < 0x80:
                stop = offset + 2 + data[offset + 1]
                if stop - offset > self.max_message_size:
                    self.failure = MessageTooLarge(stop - offset, self.max_message_size, data[offset : offset + 16])
                    return
            else:
                stop = self._message_end(data, offset, end)
                if not stop:
                    return
            if stop > end:
                self._pieces.append(data[offset:])
                self._missing = stop - end
                return
            messages.append(data if stop - offset == end else data[offset:stop])
            offset = stop

    def _message_end(self, data: bytes, offset: int, end: int) -> int:
        """Return where the message at ``offset`` ends; 0 where the header is incomplete or broken."""
        if data[offset] != ber.SEQUENCE:
            return self._fail(f"a message begins with 0x30, not 0x{data[offset]:02x}", 0, data, offset)
        if offset + 1 == end:
            return self._wait(data, offset)
        count = data[offset + 1] - 0x80
        if count == 0:
            return self._fail("a message of indefinite length", 1, data, offset)
        if count > ber.MAX_LENGTH_OCTETS:
            return self._fail(f"a message length in {count} octets", 1, data, offset)
        if offset + 2 + count > end:
            return self._wait(data, offset)
        size = 2 + count + int.from_bytes(data[offset + 2 : offset + 2 + count], "big")
        if size > self.max_message_size:
            self.failure = MessageTooLarge(size, self.max_message_size, data[offset : offset + 16])
            return 0
        return offset + size

    def _wait(self, data: bytes, offset: int) -> int:
        self._header = data[offset:]
        return 0

    def _fail(self, problem: str, at: int, data: bytes, offset: int) -> int:
        self.failure = FramingError(problem, at, data[offset : offset + 16])
        return 0
