"""The framer: chunks of any size, the size limit, and streams that are not SNMP."""

from __future__ import annotations

import functools
import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.codec.framer import DEFAULT_MAX_MESSAGE_SIZE, MIN_MESSAGE_SIZE, Framer
from snmptcp.errors import FramingError, MessageTooLarge
from tests.support.vectors import exchanges

SHORT = bytes.fromhex("3003020105")
EMPTY = bytes.fromhex("3000")
LONG = bytes.fromhex("30820100") + bytes(256)
PADDED = bytes.fromhex("308400000003") + b"\x02\x01\x05"


def feed_all(framer: Framer, stream: bytes, cuts: list[int]) -> list[bytes]:
    """Feed a stream in the chunks between the cuts."""
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    chunks = (stream[start:stop] for start, stop in itertools.pairwise(edges))
    return [message for chunk in chunks for message in framer.feed(chunk)]


# ---------------------------------------------------------------------------------------- whole streams


@pytest.mark.parametrize("message", [SHORT, EMPTY, LONG, PADDED, bytes.fromhex("30820000"), b"\x30\x7f" + bytes(127)])
def test_one_message_in_one_chunk_is_given_at_once(message):
    framer = Framer()
    assert framer.feed(message) == [message]
    assert not framer.mid_message
    assert framer.failure is None


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_message_in_small_chunks_takes_little_more_memory_than_its_octets(size):
    message = bytes.fromhex("308300ea60") + bytes(60000)
    framer = Framer()
    tracemalloc.start()
    try:
        messages = [
            done for start in range(0, len(message), size) for done in framer.feed(message[start : start + size])
        ]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert messages == [message]
    assert peak < 3 * len(message)


def test_a_long_message_in_chunks_is_not_copied_when_it_is_complete():
    message = bytes.fromhex("30831e8480") + bytes(2_000_000)
    framer = Framer()
    for start in range(0, 1_900_000, 100_000):
        framer.feed(message[start : start + 100_000])
    tracemalloc.start()
    try:
        assert framer.feed(message[1_900_000:]) == [message]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * len(message)


@pytest.mark.parametrize("budget", [1, 600, 2000, 10**9])
def test_a_chunk_is_cut_in_parts_and_in_order(budget):
    messages = [SHORT, LONG, PADDED, EMPTY] * 10
    framer = Framer()
    found = framer.feed(b"".join(messages) + LONG[:7], budget)
    parts = [len(found)]
    while framer.waiting:
        parts.append(len(more := framer.more(budget)))
        found += more
    assert found == messages
    assert max(parts) <= budget // 512 + 1
    assert framer.mid_message
    assert framer.feed(LONG[7:]) == [LONG]


def test_what_comes_while_octets_wait_to_be_cut_is_behind_them():
    framer = Framer()
    assert framer.feed(SHORT + LONG + SHORT[:1], 1) == [SHORT]
    assert framer.feed(SHORT[1:] + EMPTY, 1) == [LONG]
    assert framer.more() == [SHORT, EMPTY]
    assert not framer.waiting


def test_a_message_that_a_chunk_completes_counts_towards_its_part():
    framer = Framer()
    framer.feed(LONG[:100])
    assert framer.feed(LONG[100:] + SHORT + EMPTY, 600) == [LONG]
    assert framer.more() == [SHORT, EMPTY]


def test_framing_that_is_lost_behind_waiting_messages_is_told_after_them():
    framer = Framer()
    assert framer.feed(SHORT + EMPTY + b"HTTP", 1) == [SHORT]
    assert framer.failure is None
    assert framer.more() == [EMPTY]
    assert framer.failure is not None
    assert framer.more() == []


def test_octets_that_are_dropped_are_forgotten():
    framer = Framer()
    framer.feed(SHORT + EMPTY, 1)
    framer.drop()
    assert not framer.waiting
    framer.feed(LONG[:3])
    framer.drop()
    assert not framer.mid_message
    assert framer.feed(SHORT) == [SHORT]


def test_a_message_that_is_the_whole_chunk_is_not_copied():
    data = bytes(SHORT)
    assert Framer().feed(data)[0] is data


def test_many_messages_in_one_chunk_come_in_order():
    assert Framer().feed(SHORT + LONG + EMPTY + PADDED + SHORT) == [SHORT, LONG, EMPTY, PADDED, SHORT]


def test_octet_by_octet_each_message_comes_with_its_last_octet():
    framer = Framer()
    for message in (SHORT, LONG, EMPTY, PADDED):
        for position in range(len(message) - 1):
            assert framer.feed(message[position : position + 1]) == []
            assert framer.mid_message
        assert framer.feed(message[-1:]) == [message]
        assert not framer.mid_message


def test_a_message_and_the_beginning_of_the_next_are_told_apart():
    framer = Framer()
    assert framer.feed(SHORT + LONG[:1]) == [SHORT]
    assert framer.mid_message
    assert framer.feed(LONG[1:3]) == []
    assert framer.feed(LONG[3:100]) == []
    assert framer.feed(LONG[100:] + SHORT[:4]) == [LONG]
    assert framer.feed(SHORT[4:] + EMPTY) == [SHORT, EMPTY]
    assert not framer.mid_message


def test_no_octets_change_nothing():
    framer = Framer()
    assert framer.feed(b"") == []
    assert not framer.mid_message
    framer.feed(SHORT[:2])
    assert framer.feed(b"") == []
    assert framer.mid_message
    assert framer.feed(SHORT[2:]) == [SHORT]


@pytest.mark.parametrize("message", [SHORT, EMPTY, PADDED], ids=bytes.hex)
def test_every_split_of_three_messages_into_two_chunks_gives_all(message):
    stream = message + LONG + message
    for cut in range(len(stream) + 1):
        framer = Framer()
        assert framer.feed(stream[:cut]) + framer.feed(stream[cut:]) == [message, LONG, message]
        assert not framer.mid_message


MESSAGES = st.lists(
    st.builds(
        lambda body, form: b"\x30" + form(len(body)) + body,
        st.one_of(st.binary(max_size=40), st.integers(100, 400).map(bytes)),
        st.sampled_from(
            [
                lambda length: bytes((length,)) if length < 128 else b"\x82" + length.to_bytes(2, "big"),
                lambda length: b"\x82" + length.to_bytes(2, "big"),
                lambda length: b"\x83" + length.to_bytes(3, "big"),
                lambda length: b"\x84" + length.to_bytes(4, "big"),
            ]
        ),
    ),
    max_size=8,
)


@given(MESSAGES, st.lists(st.integers(0, 4000), max_size=30))
def test_any_chunks_give_the_same_messages(messages, cuts):
    framer = Framer()
    assert feed_all(framer, b"".join(messages), cuts) == messages
    assert framer.failure is None
    assert not framer.mid_message


@given(
    MESSAGES, st.lists(st.integers(0, 4000), max_size=30), st.sampled_from([b"\x02", b"\x30\x80", b"\x30\xff", b"\0"])
)
def test_messages_before_a_broken_one_are_still_given_however_the_stream_is_cut(messages, cuts, broken):
    framer = Framer()
    assert feed_all(framer, b"".join(messages) + broken, cuts) == messages
    assert type(framer.failure) is FramingError


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=10))
def test_any_octets_in_any_chunks_end_the_same_way(stream, cuts):
    whole, cut = Framer(), Framer()
    assert whole.feed(stream) == feed_all(cut, stream, cuts)
    assert (whole.failure is None) is (cut.failure is None)
    if whole.failure is not None and cut.failure is not None:
        assert whole.failure.problem == cut.failure.problem
        assert whole.failure.offset == cut.failure.offset


@functools.cache
def recorded_streams() -> list[tuple[str, tuple[bytes, ...]]]:
    return [
        (exchange.name, messages)
        for name in ("manager_agent", "notifications", "large_messages")
        for exchange in exchanges(f"netsnmp-tcp/{name}.json")
        for messages in (exchange.client, exchange.server)
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1448, 65536])
def test_recorded_streams_are_cut_as_they_were_sent(size):
    for name, messages in recorded_streams():
        stream = b"".join(messages)
        if size < 64:
            stream = stream[:20_000]
        framer = Framer()
        got = [
            message for start in range(0, len(stream), size) for message in framer.feed(stream[start : start + size])
        ]
        assert got == list(messages)[: len(got)], name
        assert len(b"".join(got)) == len(stream) or framer.mid_message, name
        if size >= 64:
            assert got == list(messages), name


# ------------------------------------------------------------------------------------------ the limit


def test_the_limits_are_those_of_the_rfc_and_the_design():
    assert MIN_MESSAGE_SIZE == 8192
    assert DEFAULT_MAX_MESSAGE_SIZE == 4 * 1024 * 1024 == Framer().max_message_size


def test_the_limit_counts_the_header_and_is_inclusive():
    message = bytes.fromhex("30821ffc") + bytes(0x1FFC)
    assert len(message) == 8192
    assert Framer(8192).feed(message) == [message]
    framer = Framer(8191)
    assert framer.feed(message) == []
    assert isinstance(framer.failure, MessageTooLarge)
    assert (framer.failure.length, framer.failure.limit) == (8192, 8191)


def test_a_short_length_is_held_to_the_limit_too():
    framer = Framer(20)
    assert framer.feed(b"\x30\x12" + bytes(18)) == [b"\x30\x12" + bytes(18)]
    assert framer.feed(b"\x30\x13" + bytes(19)) == []
    assert isinstance(framer.failure, MessageTooLarge)


@pytest.mark.parametrize("header", ["3084ffffffff", "308440000000", "308400400001", "3083400001", "30847fffffff"])
def test_a_claim_above_the_limit_fails_from_the_header_alone(header):
    framer = Framer()
    octets = bytes.fromhex(header)
    for position in range(len(octets) - 1):
        assert framer.feed(octets[position : position + 1]) == []
        assert framer.failure is None
    framer.feed(octets[-1:])
    failure = framer.failure
    assert isinstance(failure, MessageTooLarge)
    assert failure.length == len(octets) + int.from_bytes(octets[2:], "big")
    assert failure.limit == DEFAULT_MAX_MESSAGE_SIZE
    assert failure.octets == octets


def test_nothing_of_a_message_that_is_too_large_is_kept():
    framer = Framer(8192)
    framer.feed(bytes.fromhex("308301ffff") + bytes(100_000))
    assert framer.failure is not None
    assert len(framer.failure.octets) <= 16
    assert not framer.mid_message


# ------------------------------------------------------------------------- streams that are not SNMP


@pytest.mark.parametrize(
    ("stream", "offset", "problem"),
    [
        (b"\x30\x80", 1, "indefinite length"),
        (b"\x30\x80\x02\x01\x05\x00\x00", 1, "indefinite length"),
        (b"\x30\xff", 1, "a message length in 127 octets"),
        (b"\x30\x85\x00\x00\x00\x00\x01\xff", 1, "a message length in 5 octets"),
        (b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff", 1, "a message length in 8 octets"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 0, "begins with 0x30, not 0x47"),
        (b"HTTP/1.1 400 Bad Request\r\n", 0, "begins with 0x30, not 0x48"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 0, "begins with 0x30, not 0x16"),
        (b"\x15\x03\x01\x00\x02\x02\x46", 0, "begins with 0x30, not 0x15"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", 0, "begins with 0x30, not 0x53"),
        (b"\x00", 0, "begins with 0x30, not 0x00"),
        (b"\x31\x03\x02\x01\x05", 0, "begins with 0x30, not 0x31"),
        (b"\xa0\x03\x02\x01\x05", 0, "begins with 0x30, not 0xa0"),
    ],
)
def test_a_stream_that_cannot_be_cut_fails_at_its_first_wrong_octet(stream, offset, problem):
    for before in (b"", SHORT):
        framer = Framer()
        assert framer.feed(before + stream) == ([before] if before else [])
        failure = framer.failure
        assert type(failure) is FramingError
        assert problem in failure.problem
        assert failure.offset == offset
        assert failure.octets == stream[:16]
        assert not framer.mid_message
        single = Framer()
        for position in range(offset):
            single.feed(stream[position : position + 1])
            assert single.failure is None
        single.feed(stream[offset : offset + 1])
        assert single.failure is not None


def test_a_failure_is_final_and_what_follows_is_ignored():
    framer = Framer()
    framer.feed(SHORT + b"\x30\x80")
    failure = framer.failure
    assert failure is not None
    assert framer.feed(SHORT) == []
    assert framer.feed(b"\xff" * 1000) == []
    assert framer.failure is failure


def test_framers_share_nothing():
    first, second = Framer(), Framer()
    first.feed(SHORT[:3])
    assert second.feed(SHORT) == [SHORT]
    assert first.feed(SHORT[3:]) == [SHORT]


def test_held_is_how_much_of_the_incomplete_message_has_arrived():
    framer = Framer()
    assert framer.held == 0
    framer.feed(b"\x30")
    assert framer.held == 1
    framer.feed(b"\x82\x03\xe8")
    assert framer.held == 4
    for _ in range(10):
        framer.feed(b"\x00")
    assert framer.held == 14
    framer.feed(bytes(990))
    assert framer.held == 0
    framer.feed(b"\x30\x00" * 5 + b"\x30\x82\x03")
    assert framer.held == 3


def test_a_message_that_is_cut_off_is_told_by_its_first_octets_and_lengths():
    framer = Framer()
    assert framer.cut_off is None
    framer.feed(SHORT)
    assert framer.cut_off is None
    framer.feed(b"\x30")
    assert framer.cut_off == (b"\x30", 1, None)
    framer.feed(b"\x82\x03\xe8" + bytes(range(30)))
    assert framer.cut_off == (b"\x30\x82\x03\xe8" + bytes(range(12)), 34, 1004)
    framer.feed(bytes(970))
    assert framer.cut_off is None


def test_what_follows_a_failure_is_no_message_that_is_cut_off():
    framer = Framer()
    framer.feed(b"\x30\x80")
    assert framer.failure is not None
    assert framer.cut_off is None
