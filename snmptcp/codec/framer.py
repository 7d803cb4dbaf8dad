"""Splits a byte stream into messages (RFC 3430 section 2.1).

Contains: finding message boundaries.  Does not contain: the contents of messages.

On TCP, only the BER length of the outermost SEQUENCE delimits a message.  The claimed length is compared
with the limit before any octet of the body is buffered.  After an invalid header the next boundary cannot
be found, so the failure is final.
"""

from __future__ import annotations

from snmptcp.codec import ber
from snmptcp.errors import FramingError, MessageTooLarge

__all__ = ("DEFAULT_MAX_MESSAGE_SIZE", "MIN_MESSAGE_SIZE", "Framer")

#: Larger than any response seen in the field, small enough to buffer on each of many connections.
DEFAULT_MAX_MESSAGE_SIZE = 4 * 1024 * 1024

#: Every implementation must accept messages of 8192 octets (RFC 3430 section 2.2).
MIN_MESSAGE_SIZE = 8192


class Framer:
    """Takes octets in chunks of any size and returns complete messages.

    A failure is final: :attr:`failure` keeps it, and further octets are ignored.

    Args:
        max_message_size: the largest message to accept, in octets, including its header.
    """

    __slots__ = ("_body", "_header", "_missing", "failure", "max_message_size")

    def __init__(self, max_message_size: int = DEFAULT_MAX_MESSAGE_SIZE) -> None:
        self.max_message_size = max_message_size
        #: Why message boundaries were lost; ``None`` until then.
        self.failure: FramingError | None = None
        self._header = b""  # the first octets of a message, if too few to know its length
        # The octets of a message so far, once its length is known.  Not a list: if the peer sends octet by octet, a
        # list and its join take 90 octets of memory for each.
        self._body = bytearray()
        self._missing = 0  # how many octets of that message are missing

    @property
    def mid_message(self) -> bool:
        """Whether a part of a message has arrived, but not all of it."""
        return bool(self._missing or self._header)

    @property
    def held(self) -> int:
        """How many octets of an incomplete message have arrived."""
        return len(self._header) + len(self._body)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next octets of the stream and return the messages they complete, in order.

        Never raises: check :attr:`failure` afterwards.
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
            return [data]  # the usual case: exactly one short message, not copied
        messages: list[bytes] = []
        offset = 0
        if self._missing:
            if len(data) < self._missing:
                self._body += data
                self._missing -= len(data)
                return messages
            offset = self._missing
            self._body += data[:offset]
            messages.append(bytes(self._body))
            self._body = bytearray()
            self._missing = 0
        elif self._header:
            data = self._header + data
            self._header = b""
        self._cut(data, offset, messages)
        return messages

    def _cut(self, data: bytes, offset: int, messages: list[bytes]) -> None:
        """Append the complete messages from ``offset`` on to ``messages``, and keep the rest."""
        end = len(data)
        while offset < end:
            # The usual case: a length in one octet.
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
                self._body += data[offset:]
                self._missing = stop - end
                return
            messages.append(data if stop - offset == end else data[offset:stop])
            offset = stop

    def _message_end(self, data: bytes, offset: int, end: int) -> int:
        """Return the end of the message at ``offset``; 0 if its header is incomplete or invalid."""
        if data[offset] != ber.SEQUENCE:
            return self._fail(f"a message begins with 0x30, not 0x{data[offset]:02x}", 0, data, offset)
        if offset + 1 == end:
            return self._wait(data, offset)
        count = data[offset + 1] - 0x80
        if count == 0:  # without a length there is no boundary (RFC 3417 section 8 prohibits it, too)
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
