"""Messages in the octets of packets: TCP streams put together, and messages found among other octets.

Contains: reassembly of each direction, cutting streams into messages, and telling TLS and other protocols.
Does not contain: the packets around the octets (:mod:`~snmptcp.explain.frames`), and explaining messages.
"""

from __future__ import annotations

from bisect import bisect_right
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from snmptcp.codec import ber
from snmptcp.errors import DecodeError
from snmptcp.explain.frames import TCP, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Conversation", "FoundMessage", "begins_message", "find_messages", "is_whole")

_VERSIONS: Final = frozenset((0, 1, 3))

#: No message is longer: the longest length that four octets express would only hide what follows.
_MAX_LENGTH: Final = 1 << 24

#: Message, PDU, variable bindings, one of them.
_DEPTH: Final = 4

_TLS_RECORDS: Final = tuple(bytes((kind, 3)) for kind in (20, 21, 22, 23))

#: Ports whose octets are explained even if they look like no message.
_PORTS: Final = frozenset(("161", "162"))

#: A gap in a stream up to this many octets, or a sequence number that far away, belongs to the stream.
_WINDOW: Final = 1 << 30


class FoundMessage(NamedTuple):
    """A message in a text or a capture.

    Attributes:
        octets: the message, or what there is of it.
        where: where it was found, for people; may be empty.
        is_cut: whether its end is missing.
        packet: the number of the packet with its first octet, from 1; 0 if there are no packets.
    """

    octets: bytes
    where: str = ""
    is_cut: bool = False
    packet: int = 0


def begins_message(octets: bytes, offset: int = 0) -> int:
    """Return the length of the SNMP message that begins at an offset, also if its end is missing; 0 if none does."""
    if octets[offset : offset + 1] != b"\x30":
        return 0
    try:
        _, start, stop = ber.read_header(octets, offset, offset + _MAX_LENGTH)
    except (DecodeError, IndexError):
        return 0
    fits = (
        octets[start : start + 2] == b"\x02\x01"
        and octets[start + 2 : start + 3] != b""
        and octets[start + 2] in _VERSIONS
        and octets[start + 3 : start + 4] in {b"\x04", b"\x30", b""}
    )
    return stop - offset if fits and stop - start > 3 else 0


def is_whole(octets: bytes) -> bool:
    """Whether octets are one message whose parts fit into each other."""
    length = begins_message(octets)
    return bool(length) and length == len(octets) and _fits(octets, 0, length, _DEPTH)


def _fits(octets: bytes, offset: int, stop: int, depth: int) -> bool:
    while offset < stop:
        try:
            tag, start, end = ber.read_header(octets, offset, stop)
        except (DecodeError, IndexError):
            return False
        if end > stop or (tag & 0x20 and not (depth and _fits(octets, start, end, depth - 1))):
            return False
        offset = end
    return True


def find_messages(octets: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Yield the messages in octets: offset, message, and whether its end is missing.

    What lies between messages is skipped.
    """
    offset = octets.find(b"\x30")
    while offset >= 0:
        length = begins_message(octets, offset)
        if length:
            yield offset, octets[offset : offset + length], offset + length > len(octets)
            offset += length
        else:
            offset += 1
        offset = octets.find(b"\x30", offset)


class _Stream:
    """One direction of a TCP connection."""

    def __init__(self, origin: int) -> None:
        self.origin = origin
        self.parts: list[tuple[int, int, bytes]] = []  # position, number of the packet, octets

    def position(self, sequence: int) -> int:
        """Return a position relative to the origin; sequence numbers wrap at 2**32."""
        difference = (sequence - self.origin) & 0xFFFFFFFF
        return difference - (1 << 32) if difference >= 1 << 31 else difference

    def chunks(self) -> Iterator[tuple[list[tuple[int, int]], bytes]]:
        """Yield octets without a gap, with the numbers of their packets by position."""
        whole = bytearray()
        packets: list[tuple[int, int]] = []
        end: int | None = None
        for position, number, octets in sorted(self.parts, key=lambda part: part[0]):
            if end is None or position > end:
                if whole:
                    yield packets, bytes(whole)
                whole, packets, end = bytearray(), [], position
            new = octets[end - position :]
            if new:
                packets.append((len(whole), number))
                whole += new
                end += len(new)
        if whole:
            yield packets, bytes(whole)


class Conversation:
    """The segments of a capture, and the messages in them."""

    def __init__(self) -> None:
        self._streams: dict[tuple[str, str], list[_Stream]] = {}
        self._messages: list[tuple[int, int, FoundMessage]] = []
        self._tls: set[frozenset[str]] = set()
        self._strange = 0

    def add(self, number: int, segment: Segment) -> None:
        """Add what packet ``number`` carries."""
        if segment.protocol == TCP:
            self._add_tcp(number, segment)
        elif segment.octets:
            self._cut(segment, "UDP", [(0, number)], segment.octets)

    def _add_tcp(self, number: int, segment: Segment) -> None:
        streams = self._streams.setdefault((segment.source, segment.destination), [])
        first = segment.sequence + 1 if segment.begins else segment.sequence
        if not streams or (segment.begins and streams[-1].position(first) and streams[-1].parts):
            streams.append(_Stream(first))
        stream = streams[-1]
        position = stream.position(first)
        if segment.octets and abs(position) < _WINDOW:
            stream.parts.append((position, number, segment.octets))

    def _cut(self, segment: Segment, protocol: str, packets: list[tuple[int, int]], octets: bytes) -> None:
        """Cut octets into messages."""
        if octets.startswith(_TLS_RECORDS) and protocol == "TCP":
            self._tls.add(frozenset((segment.source, segment.destination)))
            return
        found = False
        for offset, message, is_cut in find_messages(octets):
            found = True
            number = packets[bisect_right(packets, (offset, inf)) - 1][1]
            where = f"packet {number}, {protocol} {segment.source} > {segment.destination}"
            self._messages.append((number, len(self._messages), FoundMessage(message, where, is_cut, number)))
        if not found and _PORTS & {segment.source.rpartition(":")[2], segment.destination.rpartition(":")[2]}:
            number = packets[0][1]
            where = f"packet {number}, {protocol} {segment.source} > {segment.destination}"
            self._messages.append((number, len(self._messages), FoundMessage(octets, where, packet=number)))
        elif not found:
            self._strange += 1

    def messages(self) -> list[FoundMessage]:
        """Return the messages, in the order of the packets with their first octets; call it once, at the end."""
        for (source, destination), streams in self._streams.items():
            for stream in streams:
                for packets, octets in stream.chunks():
                    carrier = Segment(TCP, source, destination, 0, begins=False, octets=b"")
                    self._cut(carrier, "TCP", packets, octets)
        return [message for _, _, message in sorted(self._messages, key=lambda entry: entry[:2])]

    def notes(self) -> list[str]:
        """Return what else there was, for people; after :meth:`messages`."""
        notes = [
            f"TLS between {' and '.join(sorted(pair))}: its contents are encrypted; Wireshark decrypts them with a key "
            "log (--tls-key-log)"
            for pair in sorted(self._tls, key=sorted)
        ]
        if self._strange:
            notes.append(f"{self._strange:,} datagrams or streams without SNMP")
        return notes
