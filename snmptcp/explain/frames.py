"""Frames and IP packets of captures: from the link layer to the octets that TCP or UDP carries.

Contains: Ethernet with VLAN tags, Linux cooked captures, loopback, IPv4 with fragments, IPv6, TCP, UDP.
Does not contain: what the octets say (:mod:`~snmptcp.explain.streams`).

Everything is read from octets of strangers: what does not fit is no frame, and nothing raises.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ("TCP", "Defragmenter", "Segment", "decode_frame", "decode_packet", "guess_frame")

TCP: Final = 6
UDP: Final = 17

_IPV4: Final = 0x0800
_IPV6: Final = 0x86DD
_VLANS: Final = frozenset((0x8100, 0x88A8, 0x9100))
_PPPOE: Final = 0x8864

#: IPv6 extension headers with a length in units of eight octets: hop-by-hop, routing, destination options.
_EXTENSIONS: Final = frozenset((0, 43, 60))
_IPV6_FRAGMENT: Final = 44

#: The most fragments, and octets, that wait for the rest of their packet.
_MAX_FRAGMENTS: Final = 1000


class Segment(NamedTuple):
    """What one packet carries over TCP or UDP.

    Attributes:
        protocol: 6 for TCP, 17 for UDP.
        source: address and port of the sender.
        destination: address and port of the receiver.
        sequence: TCP's sequence number.
        begins: whether it begins a connection (SYN).
        octets: the payload.
    """

    protocol: int
    source: str
    destination: str
    sequence: int
    begins: bool
    octets: bytes


class _Fragment(NamedTuple):
    key: tuple[bytes, bytes, int, int]
    offset: int
    more: bool
    octets: bytes


def _number(octets: bytes, offset: int, length: int = 2) -> int:
    return int.from_bytes(octets[offset : offset + length], "big")


class Defragmenter:
    """Puts the fragments of IP packets together."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[bytes, bytes, int, int], list[_Fragment]] = {}
        self._count = 0

    def add(self, fragment: _Fragment) -> bytes | None:
        """Add a fragment; return the whole payload once it is complete."""
        if self._count >= _MAX_FRAGMENTS:
            self._waiting.clear()
            self._count = 0
        parts = self._waiting.setdefault(fragment.key, [])
        parts.append(fragment)
        self._count += 1
        whole = bytearray()
        ended = False
        for part in sorted(parts, key=lambda part: part.offset):
            if part.offset > len(whole):
                return None
            whole[part.offset : part.offset + len(part.octets)] = part.octets
            ended = ended or not part.more
        if not ended:
            return None
        self._count -= len(self._waiting.pop(fragment.key))
        return bytes(whole)


def decode_packet(octets: bytes, fragments: Defragmenter | None = None) -> Segment | None:
    """Return what an IP packet carries; ``None`` if it is no IP packet, or carries neither TCP nor UDP."""
    version = octets[0] >> 4 if octets else 0
    if version == 4:
        return _ipv4(octets, fragments)
    return _ipv6(octets, fragments) if version == 6 else None


def _ipv4(octets: bytes, fragments: Defragmenter | None) -> Segment | None:
    length = (octets[0] & 15) * 4
    total = _number(octets, 2) or len(octets)  # 0: the network card cut it into segments later
    if length < 20 or len(octets) < length or total < length:
        return None
    protocol, source, destination = octets[9], octets[12:16], octets[16:20]
    payload = octets[length:total]
    position = _number(octets, 6)
    if position & 0x3FFF:
        if fragments is None:
            return None
        key = (source, destination, _number(octets, 4), protocol)
        whole = fragments.add(_Fragment(key, (position & 0x1FFF) * 8, bool(position & 0x2000), payload))
        if whole is None:
            return None
        payload = whole
    return _transport(protocol, source, destination, payload)


def _ipv6(octets: bytes, fragments: Defragmenter | None) -> Segment | None:
    if len(octets) < 40:
        return None
    source, destination = octets[8:24], octets[24:40]
    protocol = octets[6]
    payload = octets[40 : 40 + (_number(octets, 4) or len(octets))]
    while protocol in _EXTENSIONS or protocol == _IPV6_FRAGMENT:
        if len(payload) < 8:
            return None
        following = payload[0]
        if protocol == _IPV6_FRAGMENT:
            position = _number(payload, 2)
            key = (source, destination, _number(payload, 4, 4), following)
            fragment = _Fragment(key, position & 0xFFF8, bool(position & 1), payload[8:])
            whole = None if fragments is None else fragments.add(fragment)
            if whole is None:
                return None
            payload = whole
        else:
            payload = payload[8 + payload[1] * 8 :]
        protocol = following
    return _transport(protocol, source, destination, payload)


def _transport(protocol: int, source: bytes, destination: bytes, payload: bytes) -> Segment | None:
    if len(payload) < 8 or protocol not in {TCP, UDP}:
        return None
    sender = _endpoint(source, _number(payload, 0))
    receiver = _endpoint(destination, _number(payload, 2))
    if protocol == UDP:
        length = _number(payload, 4)
        return Segment(UDP, sender, receiver, 0, begins=False, octets=payload[8 : max(length, 8) if length else None])
    if len(payload) < 20 or payload[12] >> 4 < 5:
        return None
    header = (payload[12] >> 4) * 4
    return Segment(TCP, sender, receiver, _number(payload, 4, 4), begins=bool(payload[13] & 2), octets=payload[header:])


def _endpoint(address: bytes, port: int) -> str:
    text = str(ipaddress.ip_address(address))
    return f"[{text}]:{port}" if len(address) == 16 else f"{text}:{port}"


# -------------------------------------------------------------------------------------- link layers


def _by_type(kind: int, octets: bytes) -> bytes | None:
    """Return the IP packet behind an EtherType and VLAN tags."""
    while kind in _VLANS and len(octets) >= 4:
        kind, octets = _number(octets, 2), octets[4:]
    if kind == _PPPOE and len(octets) >= 8:
        kind, octets = {0x0021: _IPV4, 0x0057: _IPV6}.get(_number(octets, 6), 0), octets[8:]
    return octets if kind in {_IPV4, _IPV6} else None


def _ethernet(octets: bytes) -> bytes | None:
    return _by_type(_number(octets, 12), octets[14:]) if len(octets) > 14 else None


def _cooked(octets: bytes) -> bytes | None:
    return _by_type(_number(octets, 14), octets[16:]) if len(octets) > 16 else None


def _cooked_2(octets: bytes) -> bytes | None:
    return _by_type(_number(octets, 0), octets[20:]) if len(octets) > 20 else None


def _loopback(octets: bytes) -> bytes | None:
    family = octets[:4]
    known = any(family == value.to_bytes(4, order) for value in (2, 10, 24, 28, 30) for order in ("big", "little"))
    return octets[4:] if known else None


#: Readers by the numbers that captures have for link layers (LINKTYPE_...).
_LINKS: Mapping[int, Callable[[bytes], bytes | None]] = {
    0: _loopback,
    1: _ethernet,
    12: lambda octets: octets,
    14: lambda octets: octets,
    101: lambda octets: octets,
    108: _loopback,
    113: _cooked,
    228: lambda octets: octets,
    229: lambda octets: octets,
    276: _cooked_2,
}


def decode_frame(link: int, octets: bytes, fragments: Defragmenter | None = None) -> Segment | None:
    """Return what a frame carries over TCP or UDP; ``None`` if nothing.

    Args:
        link: the kind of the frame, as captures number it.
        octets: the frame.
        fragments: keeps fragments of IP packets until they are complete.
    """
    reader = _LINKS.get(link)
    packet = None if reader is None else reader(octets)
    return None if packet is None else decode_packet(packet, fragments)


def guess_frame(octets: bytes, fragments: Defragmenter | None = None) -> Segment | None:
    """Return what octets carry over TCP or UDP, if they are a frame or an IP packet of any kind."""
    for reader in (_LINKS[101], _ethernet, _cooked, _cooked_2, _loopback):
        packet = reader(octets)
        if packet is not None and _plausible(packet):
            found = decode_packet(packet, fragments)
            if found is not None:
                return found
    return None


def _plausible(packet: bytes) -> bool:
    """Whether octets look like an IP packet: its lengths fit to each other."""
    if len(packet) < 28:
        return False
    if packet[0] >> 4 == 4:
        total = _number(packet, 2)
        return packet[0] & 15 >= 5 and packet[9] in {TCP, UDP} and (not total or 28 <= total <= len(packet) + 65535)
    return packet[0] >> 4 == 6 and len(packet) >= 48
