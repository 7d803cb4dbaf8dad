"""Frames and IP packets: what they carry, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.explain.frames import Defragmenter, Segment, decode_frame, decode_packet, guess_frame
from tests.support.pasted import cooked, ethernet, ipv4, ipv4_tcp, ipv4_udp, ipv6_udp, loopback, udp

PAYLOAD = b"\x30\x03payload"
UDP4 = Segment(17, "192.0.2.1:40000", "192.0.2.2:161", 0, False, PAYLOAD)
UDP6 = Segment(17, "[2001:db8::1]:40000", "[2001:db8::2]:161", 0, False, PAYLOAD)
COOKED_2 = b"\x08\0" + bytes(18) + ipv4_udp(PAYLOAD)


@pytest.mark.parametrize(
    ("link", "frame", "segment"),
    [
        (1, ethernet(ipv4_udp(PAYLOAD)), UDP4),
        (1, ethernet(ipv4_udp(PAYLOAD)) + bytes(10), UDP4),  # padding of short frames
        (1, ethernet(ipv4_udp(PAYLOAD), vlans=1), UDP4),
        (1, ethernet(ipv4_udp(PAYLOAD), vlans=2), UDP4),
        (1, ethernet(ipv6_udp(PAYLOAD), 0x86DD), UDP6),
        (1, ethernet(bytes(6) + b"\x00\x21" + ipv4_udp(PAYLOAD), 0x8864), UDP4),
        (113, cooked(ipv4_udp(PAYLOAD)), UDP4),
        (276, COOKED_2, UDP4),
        (0, loopback(ipv4_udp(PAYLOAD)), UDP4),
        (108, b"\0\0\0\x1e" + ipv6_udp(PAYLOAD), UDP6),
        (101, ipv4_udp(PAYLOAD), UDP4),
        (228, ipv4_udp(PAYLOAD), UDP4),
        (229, ipv6_udp(PAYLOAD), UDP6),
        (101, ipv6_udp(PAYLOAD, bytes((17, 0, 0, 0, 0, 0, 0, 0)), 0), UDP6),
        (101, ipv4_tcp(PAYLOAD, 5), Segment(6, "192.0.2.1:40000", "192.0.2.2:161", 5, False, PAYLOAD)),
        (101, ipv4_tcp(b"", 5, 2), Segment(6, "192.0.2.1:40000", "192.0.2.2:161", 5, True, b"")),
    ],
)
def test_a_frame_carries_its_segment(link, frame, segment):
    assert decode_frame(link, frame) == segment
    assert guess_frame(frame) == segment


@pytest.mark.parametrize(
    ("link", "frame"),
    [
        (1, ethernet(b"\0" * 28, 0x0806)),  # ARP
        (1, ethernet(ipv4(bytes(20), 1))),  # ICMP
        (1, b"\0" * 14),
        (147, ethernet(ipv4_udp(PAYLOAD))),
        (101, b""),
        (101, b"\x45"),
        (101, b"\x40" + ipv4_udp(PAYLOAD)[1:]),
        (101, b"\x60" + bytes(30)),
        (101, ipv4(bytes(7), 17)),
        (101, ipv4(bytes(19), 6)),
        (101, ipv6_udp(b"", bytes(4), 0)[:44]),
        (0, b"\xff\0\0\0" + ipv4_udp(PAYLOAD)),
    ],
)
def test_what_is_no_frame_carries_nothing(link, frame):
    assert decode_frame(link, frame) is None


def test_fragments_are_put_together_in_any_order():
    datagram = udp(bytes(range(250)) * 8)
    parts = [
        ipv4(datagram[at : at + 800], 17, fragment=at // 8 | (0x2000 if at + 800 < len(datagram) else 0))
        for at in range(0, len(datagram), 800)
    ]
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        fragments = Defragmenter()
        found = [decode_packet(parts[number], fragments) for number in order]
        assert [segment is None for segment in found] == [True, True, False]
        last = found[-1]
        assert last is not None
        assert last.octets == datagram[8:]
    assert decode_packet(parts[0]) is None


def test_fragments_of_ipv6_are_put_together():
    datagram = udp(b"x" * 100)

    def part(at, more):
        header = bytes((17, 0)) + (at | more).to_bytes(2, "big") + b"\0\0\0\x09"
        octets = datagram[at : at + 56]
        whole = ipv6_udp(b"", header, 44)
        return whole[:4] + (8 + len(octets)).to_bytes(2, "big") + whole[6:48] + octets

    fragments = Defragmenter()
    assert decode_packet(part(56, 0), fragments) is None
    found = decode_packet(part(0, 1), fragments)
    assert found is not None
    assert found.octets == b"x" * 100


def test_fragments_that_never_end_are_forgotten():
    fragments = Defragmenter()
    for number in range(3000):
        packet = bytearray(ipv4(bytes(16), 17, fragment=0x2000))
        packet[4:6] = number.to_bytes(2, "big")
        assert decode_packet(bytes(packet), fragments) is None
    assert fragments._count <= 1000


@given(st.binary(max_size=200), st.sampled_from([0, 1, 101, 113, 276]))
def test_any_octets_are_a_frame_or_none(octets, link):
    fragments = Defragmenter()
    assert isinstance(decode_frame(link, octets, fragments), Segment | None)
    assert isinstance(guess_frame(octets, fragments), Segment | None)
    for packet in (ipv4_tcp(octets), ipv6_udp(octets)):
        assert guess_frame(packet[: len(octets)], fragments) is None or octets
