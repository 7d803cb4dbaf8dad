"""Splits a byte stream into messages (RFC 3430 section 2.1).

Contains: finding message boundaries.  Does not contain: the contents of messages.

On TCP, only the BER length of the outermost SEQUENCE delimits a message.  The claimed length is compared
with the limit before any octet of the body is buffered.  After an invalid header the next boundary cannot
be found, so the failure is final.

A chunk can be cut in parts, since one of 64 KiB can contain 32,768 messages.
"""

from __future__ import annotations

from io import BytesIO
from typing import NamedTuple

from snmptcp.codec import ber
from snmptcp.errors import FramingError, MessageTooLarge

__all__ = ("DEFAULT_MAX_MESSAGE_SIZE", "MIN_MESSAGE_SIZE", "NO_LIMIT", "CutOff", "Framer")

#: What a message counts beside its octets when a chunk is cut in parts: short messages cost time, too.
MESSAGE_COST = 512

#: How many octets of an incomplete message are kept when its connection ends.
SHOWN = 16

#: Everything at once.
NO_LIMIT = 1 << 62

#: Larger than any response seen in the field, small enough to buffer on each of many connections.
DEFAULT_MAX_MESSAGE_SIZE = 4 * 1024 * 1024

#: Every implementation must accept messages of 8192 octets (RFC 3430 section 2.2).
MIN_MESSAGE_SIZE = 8192


class CutOff(NamedTuple):
    """A message of which only a part has arrived.

    Attributes:
        octets: the first :data:`SHOWN` of its octets.
        held: how many have arrived.
        length: how many it has; ``None`` if its header is incomplete.
    """

    octets: bytes
    held: int
    length: int | None


class Framer:
    """Takes octets in chunks of any size and returns complete messages.

    A failure is final: :attr:`failure` keeps it, and further octets are ignored.

    Args:
        max_message_size: the largest message to accept, in octets, including its header.
    """

    __slots__ = ("_at", "_body", "_header", "_missing", "_rest", "failure", "max_message_size")

    def __init__(self, max_message_size: int = DEFAULT_MAX_MESSAGE_SIZE) -> None:
        self.max_message_size = max_message_size
        #: Why message boundaries were lost; ``None`` until then.
        self.failure: FramingError | None = None
        self._header = b""  # the first octets of a message, if too few to know its length
        # The octets of a message so far, once its length is known.  Not a list: if the peer sends octet by octet, a
        # list and its join take 90 octets of memory for each.  Not a bytearray: that is copied when it is complete,
        # which takes milliseconds if it is long.
        self._body: BytesIO | None = None
        self._missing = 0  # how many octets of that message are missing
        self._rest = b""  # a chunk that is not cut to its end yet
        self._at = 0  # where cutting goes on in it

    @property
    def mid_message(self) -> bool:
        """Whether a part of a message has arrived, but not all of it."""
        return bool(self._missing or self._header)

    @property
    def held(self) -> int:
        """How many octets have arrived that are in no message yet."""
        return len(self._header) + self._held_body + len(self._rest)

    @property
    def _held_body(self) -> int:
        return 0 if self._body is None else self._body.tell()

    @property
    def cut_off(self) -> CutOff | None:
        """What has arrived of a message that is not complete; ``None`` if there is none."""
        if not self.mid_message or self.failure is not None:
            return None
        start = self._header if self._body is None else bytes(self._body.getbuffer()[:SHOWN])
        return CutOff(start, self.held, self.held + self._missing if self._missing else None)

    @property
    def waiting(self) -> bool:
        """Whether octets wait to be cut, by :meth:`more`."""
        return bool(self._rest)

    def drop(self) -> None:
        """Forget all octets that were not returned in a message."""
        self._rest = self._header = b""
        self._body = None
        self._missing = 0

    def feed(self, data: bytes, budget: int = NO_LIMIT) -> list[bytes]:
        """Take the next octets of the stream and return the messages they complete, in order.

        Never raises: check :attr:`failure` afterwards.

        Args:
            data: the octets.
            budget: how many octets to cut, with :data:`MESSAGE_COST` for each message; at least one message is returned
                if there is one.  By default all.  :meth:`more` returns the others.
        """
        if self.failure is not None or not data:
            return []
        if (
            not self._missing
            and not self._header
            and not self._rest
            and data[0] == ber.SEQUENCE
            and 2 <= len(data) <= self.max_message_size
            and data[1] == len(data) - 2 < 0x80
        ):
            return [data]  # the usual case: exactly one short message, not copied
        messages: list[bytes] = []
        offset = 0
        if self._rest:
            data = self._rest[self._at :] + data
            self._rest = b""
        elif self._body is not None:
            if len(data) < self._missing:
                self._body.write(data)
                self._missing -= len(data)
                return messages
            offset = self._missing
            self._body.write(data[:offset])
            message = self._body.getvalue()
            budget -= len(message) + MESSAGE_COST
            messages.append(message)
            self._body = None
            self._missing = 0
        elif self._header:
            data = self._header + data
            self._header = b""
        self._cut(data, offset, messages, budget)
        return messages

    def more(self, budget: int = NO_LIMIT) -> list[bytes]:
        """Return the next messages of what waits to be cut; as :meth:`feed`."""
        messages: list[bytes] = []
        data, self._rest = self._rest, b""
        if self.failure is None:
            self._cut(data, self._at, messages, budget)
        return messages

    def _cut(self, data: bytes, offset: int, messages: list[bytes], budget: int) -> None:
        """Append the complete messages from ``offset`` on to ``messages``, and keep the rest."""
        end = len(data)
        while offset < end:
            if budget <= 0:
                self._rest = data
                self._at = offset
                return
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
                self._body = BytesIO()
                self._body.write(data[offset:])
                self._missing = stop - end
                return
            messages.append(data if stop - offset == end else data[offset:stop])
            budget -= stop - offset + MESSAGE_COST
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
