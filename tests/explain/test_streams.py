"""Messages in streams: put together, cut, and found among other octets."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.explain.frames import Segment
from snmptcp.explain.streams import Conversation, begins_message, find_messages

REQUEST = bytes.fromhex("302602010104067075626c6963a01902046b8b4567020100020100300b300906052b060102010500")
LONG = bytes.fromhex("3082012202010104820100") + bytes(256) + REQUEST[13:]
A, B = "192.0.2.1:40000", "192.0.2.2:161"


def segment(octets, sequence=1, source=A, destination=B, protocol=6, begins=False):
    return Segment(protocol, source, destination, sequence & 0xFFFFFFFF, begins, octets)


def messages(*segments):
    conversation = Conversation()
    for number, each in enumerate(segments, 1):
        conversation.add(number, each)
    return [(found.octets, found.packet) for found in conversation.messages()], conversation.notes()


def test_a_message_begins_with_its_header_and_a_version():
    assert begins_message(REQUEST) == len(REQUEST)
    assert begins_message(REQUEST[:7]) == len(REQUEST)  # its end is missing
    assert begins_message(b"\0" + REQUEST, 1) == len(REQUEST)
    for octets in (
        b"",
        b"\x30",
        b"\x30\x26",
        b"\x30\x80\x02\x01\x01",
        b"\x30\x26\x02\x01\x05\x04",
        b"\x30\x03\x02\x01\x01",
        b"\x04" + REQUEST,
    ):
        assert begins_message(octets) == 0


def test_messages_are_found_among_other_octets():
    octets = b"junk0" + REQUEST + b"0\x30\x00" + REQUEST + REQUEST[:20]
    assert list(find_messages(octets)) == [
        (5, REQUEST, False),
        (5 + len(REQUEST) + 3, REQUEST, False),
        (8 + 2 * len(REQUEST), REQUEST[:20], True),
    ]


def test_a_message_in_several_segments_is_one():
    found, notes = messages(segment(LONG[:100], 1), segment(LONG[100:], 101), segment(REQUEST, 1 + len(LONG)))
    assert found == [(LONG, 1), (REQUEST, 3)]
    assert notes == []


@pytest.mark.parametrize("start", [1, 2**32 - 60])
def test_segments_in_any_order_and_sent_twice_make_one_stream(start):
    stream = REQUEST * 10
    parts = [segment(stream[at : at + 30], start + at) for at in range(0, len(stream), 30)]
    shuffled = [*parts, *parts[3:6], segment(stream[10:70], start + 10)]
    random.Random(4).shuffle(shuffled)
    first = shuffled.index(parts[0])
    shuffled[0], shuffled[first] = shuffled[first], shuffled[0]
    found, _ = messages(*shuffled)
    assert sorted(octets for octets, _ in found) == [REQUEST] * 10


def test_both_directions_are_told_in_the_order_of_their_packets():
    found, _ = messages(
        segment(REQUEST, 1),
        segment(LONG, 1, B, A),
        segment(REQUEST, 1 + len(REQUEST)),
        segment(LONG, 1 + len(LONG), B, A),
    )
    assert found == [(REQUEST, 1), (LONG, 2), (REQUEST, 3), (LONG, 4)]


def test_a_gap_costs_only_the_messages_in_it():
    stream = REQUEST * 4
    found, _ = messages(segment(stream[:60], 1), segment(stream[70:], 71))
    assert [octets for octets, _ in found] == [REQUEST, REQUEST[:20], REQUEST, REQUEST]


def test_a_new_connection_between_the_same_ports_is_another_stream():
    found, _ = messages(
        segment(b"", 100, begins=True), segment(REQUEST, 101), segment(b"", 5000, begins=True), segment(LONG, 5001)
    )
    assert found == [(REQUEST, 2), (LONG, 4)]


def test_datagrams_have_one_message_each_and_what_is_broken_on_our_ports_is_kept():
    found, notes = messages(
        segment(REQUEST, protocol=17),
        segment(b"\x30\x00", protocol=17),
        segment(b"query", protocol=17, destination="192.0.2.2:53"),
        segment(b"", protocol=17),
    )
    assert found == [(REQUEST, 1), (b"\x30\x00", 2)]
    assert notes == ["1 datagrams or streams without SNMP"]


def test_tls_is_told_as_such():
    hello = b"\x16\x03\x01\x00\x05hello"
    found, notes = messages(
        segment(hello, destination="192.0.2.2:10161"), segment(b"\x17\x03\x03\0\1x", 1, "192.0.2.2:10161", A)
    )
    assert found == []
    assert len(notes) == 1
    assert notes[0].startswith("TLS between 192.0.2.1:40000 and 192.0.2.2:10161: its contents are encrypted")


@given(st.lists(st.tuples(st.binary(max_size=60), st.integers(0, 2**32 - 1), st.booleans()), max_size=20))
def test_any_segments_end_in_messages(parts):
    found, _ = messages(*(segment(octets, sequence, begins=begins) for octets, sequence, begins in parts))
    assert all(octets for octets, _ in found)
