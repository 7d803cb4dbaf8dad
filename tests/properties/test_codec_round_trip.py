"""Encoded messages decode to the same; anything else raises DecodeError and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.codec.framer import Framer
from snmptcp.codec.message import V3Message, decode_message, decode_scoped_pdu, encode_message, encode_scoped_pdu
from snmptcp.codec.pdu import Pdu, decode_pdu, decode_varbinds, encode_pdu, encode_varbinds
from snmptcp.errors import DecodeError
from tests.properties import strategies

if TYPE_CHECKING:
    from snmptcp.codec.message import Message, ScopedPdu
    from snmptcp.codec.pdu import TrapV1Pdu
    from snmptcp.values import VarBind


def assert_same(first: object, second: object) -> None:
    """Check that messages are equal and of the same types; a Counter32 equals an Integer32 but has another repr."""
    assert first == second
    assert repr(first) == repr(second)


def long_form(tag: int, value: bytes, width: int) -> bytes:
    """Return a field whose length has at least ``width`` octets after the first; 0 for the shortest form."""
    if width == 0:
        return ber.tlv(tag, value)
    width = max(width, (len(value).bit_length() + 7) // 8)
    return bytes((tag, 0x80 | width)) + len(value).to_bytes(width, "big") + value


def relengthened(data: bytes, widths: list[int]) -> bytes:
    """Return the same fields with long-form lengths, in constructed fields too."""
    fields = []
    offset = 0
    while offset < len(data):
        tag, start, stop = ber.read_header(data, offset, len(data))
        value = relengthened(data[start:stop], widths) if tag & 0x20 else data[start:stop]
        fields.append(long_form(tag, value, widths[(offset + len(value)) % len(widths)]))
        offset = stop
    return b"".join(fields)


widths = st.lists(st.integers(0, 4), min_size=1, max_size=7)


@given(strategies.messages)
def test_a_message_decodes_to_what_was_encoded(message: Message):
    data = encode_message(message)
    decoded = decode_message(data)
    if isinstance(decoded, V3Message):
        start = decoded.security_parameters_start
        assert data[start : start + len(decoded.security_parameters)] == decoded.security_parameters
        decoded = decoded._replace(security_parameters_start=0)
    assert_same(decoded, message)


@given(strategies.pdus | strategies.pdus_v1)
def test_a_pdu_decodes_to_what_was_encoded_wherever_it_stands(pdu: Pdu | TrapV1Pdu):
    data = encode_pdu(pdu)
    assert_same(decode_pdu(b"before" + data + b"after", 6, 6 + len(data)), pdu)


@given(strategies.scoped_pdus, st.binary(max_size=16))
def test_a_scoped_pdu_ends_where_the_padding_of_a_cipher_begins(scoped_pdu: ScopedPdu, padding: bytes):
    data = encode_scoped_pdu(scoped_pdu)
    decoded, stop = decode_scoped_pdu(data + padding, 0, len(data + padding))
    assert stop == len(data)
    assert_same(decoded, scoped_pdu)


@given(strategies.varbind_lists(), widths)
def test_both_ways_of_reading_variable_bindings_agree(varbinds: tuple[VarBind, ...], widths: list[int]):
    short = encode_varbinds(varbinds)
    _, start, stop = ber.read_header(short, 0, len(short))
    assert_same(decode_varbinds(short, start, stop), varbinds)
    inside = relengthened(short[start:stop], widths)
    assert_same(decode_varbinds(inside, 0, len(inside)), varbinds)


@given(strategies.messages, widths)
def test_lengths_in_any_number_of_octets_change_nothing(message: Message, widths: list[int]):
    decoded = decode_message(relengthened(encode_message(message), widths))
    if isinstance(decoded, V3Message):
        decoded = decoded._replace(security_parameters_start=0)
    assert_same(decoded, message)


def test_relengthening_does_what_its_name_says():
    assert relengthened(bytes.fromhex("3003020105"), [4]).hex() == "30840000000702840000000105"


@given(st.lists(strategies.messages.map(encode_message), max_size=6), st.data())
def test_any_chunking_of_a_stream_gives_the_same_messages(messages: list[bytes], data: st.DataObject):
    stream = b"".join(messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    framer = Framer()
    frames = []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        frames += framer.feed(stream[start:stop])
    assert frames == messages
    assert framer.failure is None
    assert not framer.mid_message


@settings(max_examples=30)
@given(st.lists(strategies.messages.map(encode_message), min_size=1, max_size=3))
def test_a_stream_that_comes_octet_by_octet_gives_the_same_messages(messages: list[bytes]):
    stream = b"".join(messages)
    framer = Framer()
    frames = [frame for position in range(len(stream)) for frame in framer.feed(stream[position : position + 1])]
    assert frames == messages


@settings(max_examples=40)
@given(strategies.messages)
def test_every_truncation_of_a_message_is_a_decode_error(message: Message):
    data = encode_message(message)
    for length in range(len(data)):
        with pytest.raises(DecodeError) as caught:
            decode_message(data[:length])
        assert 0 <= caught.value.offset <= length


@settings(max_examples=40)
@given(strategies.messages)
def test_a_message_cut_short_under_a_length_that_knows_it_is_a_decode_error(message: Message):
    data = encode_message(message)
    _, start, stop = ber.read_header(data, 0, len(data))
    for end in range(start, stop):
        with pytest.raises(DecodeError):
            decode_message(ber.tlv(ber.SEQUENCE, data[start:end]))


def decodes_or_fails_cleanly(data: bytes) -> None:
    offset = 0
    try:
        assert decode_message(data).version in (0, 1, 3)
    except DecodeError as error:
        offset = error.offset
    assert 0 <= offset <= len(data)


@settings(max_examples=300)
@given(st.binary(max_size=200))
@example(b"")
@example(b"\x30\x80" * 1000)
def test_random_octets_decode_or_fail_cleanly(data: bytes):
    decodes_or_fails_cleanly(data)


@settings(max_examples=300)
@given(st.binary(max_size=60))
def test_random_octets_inside_an_envelope_decode_or_fail_cleanly(data: bytes):
    for tag in (0xA0, 0xA2, 0xA4):
        decodes_or_fails_cleanly(ber.tlv(ber.SEQUENCE, b"\x02\x01\x01\x04\x00" + ber.tlv(tag, data)))
    varbinds = b"\x02\x01\x01\x02\x01\x00\x02\x01\x00" + ber.tlv(ber.SEQUENCE, data)
    decodes_or_fails_cleanly(ber.tlv(ber.SEQUENCE, b"\x02\x01\x01\x04\x00" + ber.tlv(0xA2, varbinds)))


@settings(max_examples=300)
@given(strategies.messages.map(encode_message), st.data())
def test_a_message_with_changed_octets_decodes_or_fails_cleanly(message: bytes, data: st.DataObject):
    changed = bytearray(message)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    decodes_or_fails_cleanly(bytes(changed))


@given(strategies.oids)
def test_an_oid_survives_its_text_its_arcs_and_its_octets(oid):
    ber.check_oid(oid.ber, oid.ber, 0)
    assert oid == type(oid).from_ber(oid.ber) == type(oid)(str(oid)) == type(oid)(tuple(oid.arcs))
    assert type(oid).from_ber(oid.ber).arcs == oid.arcs
