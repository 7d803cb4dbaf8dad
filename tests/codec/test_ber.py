"""The Basic Encoding Rules: lengths, tags, integers, sub-identifiers, and the offset of each error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.errors import DecodeError
from tests.support.vectors import field_octets, load

PRIMITIVES = load("gosnmp/ber_primitives.json")


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


# ------------------------------------------------------------------------------------------- headers


@pytest.mark.parametrize(
    ("header", "length"),
    [
        ("3000", 0),
        ("3001", 1),
        ("307f", 127),
        ("308100", 0),
        ("30817f", 127),
        ("308180", 128),
        ("3081ff", 255),
        ("30820000", 0),
        ("30820039", 57),
        ("30820100", 256),
        ("3083000005", 5),
        ("3083010000", 65536),
        ("308400000000", 0),
        ("308400000005", 5),
    ],
)
def test_every_definite_length_of_up_to_four_octets_is_read(header, length):
    data = octets(header) + bytes(length)
    start = len(octets(header))
    assert ber.read_header(data, 0, len(data)) == (0x30, start, start + length)
    shifted = b"\xee" * 7 + data + b"\xee"
    assert ber.read_header(shifted, 7, 7 + len(data)) == (0x30, 7 + start, 7 + start + length)


@pytest.mark.parametrize(
    ("header", "offset", "problem"),
    [
        ("", 0, "a tag and length are cut off"),
        ("30", 0, "a tag and length are cut off"),
        ("3080", 1, "an indefinite length"),
        ("30800000", 1, "an indefinite length"),
        ("3081", 1, "a length is cut off"),
        ("308201", 1, "a length is cut off"),
        ("3084000000", 1, "a length is cut off"),
        ("30850000000001ff", 1, "a length in 5 octets"),
        ("3088ffffffffffffffff", 1, "a length in 8 octets"),
        ("30ff", 1, "a length in 127 octets"),
        ("3001", 1, "a length of 1 runs past the end of the container"),
        ("30820001", 1, "a length of 1 runs past"),
        ("3084ffffffff00", 1, "a length runs past"),
        ("1f8100", 0, "tag 0x1f has a high tag number"),
        ("3f00", 0, "tag 0x3f has a high tag number"),
        ("bf00", 0, "tag 0xbf has a high tag number"),
        ("ff7f00", 0, "tag 0xff has a high tag number"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused_where_it_breaks(header, offset, problem):
    for before in (b"", b"\x02\x01\x05"):
        data = before + octets(header)
        with pytest.raises(DecodeError, match=problem) as caught:
            ber.read_header(data, len(before), len(data))
        assert caught.value.offset == len(before) + offset
        assert caught.value.octets == data


def test_a_value_may_not_run_past_its_container_even_if_octets_follow():
    data = octets("0403616263 0101")
    assert ber.read_header(data, 0, 5) == (0x04, 2, 5)
    with pytest.raises(DecodeError, match=r"a length of 3 runs past the end of the container \(4\)"):
        ber.read_header(data, 0, 4)


def test_a_header_at_the_end_of_its_container_is_cut_off_even_if_octets_follow():
    with pytest.raises(DecodeError, match="cut off") as caught:
        ber.read_header(b"\x02\x01\x05\x02\x01\x05", 3, 4)
    assert caught.value.offset == 3


def test_a_length_is_not_read_from_beyond_its_container():
    with pytest.raises(DecodeError, match="a length is cut off") as caught:
        ber.read_header(octets("04820001ff"), 0, 3)
    assert caught.value.offset == 1


def test_read_tagged_gives_the_place_of_the_value():
    assert ber.read_tagged(octets("02020005"), 0, 4, ber.INTEGER, "request-id") == (2, 4)


def test_another_tag_is_refused_at_its_offset_and_by_the_name_of_the_field():
    with pytest.raises(DecodeError, match=r"^request-id has tag 0x04, not 0x02 \(offset 1: 04 00\)$") as caught:
        ber.read_tagged(octets("ff0400"), 1, 3, ber.INTEGER, "request-id")
    assert caught.value.offset == 1


def test_constructed_strings_are_not_strings():
    with pytest.raises(DecodeError, match="has tag 0x24, not 0x04"):
        ber.read_tagged(octets("240504036162 63"), 0, 7, ber.OCTET_STRING, "the community")


@pytest.mark.parametrize(("length", "expected"), PRIMITIVES["ber_length"])
def test_lengths_are_written_as_recorded_from_gosnmp(length, expected):
    assert ber.encode_length(length) == octets(expected)


@given(st.one_of(st.integers(0, 1000), st.integers(0, 2**32 - 1)))
def test_a_length_is_written_in_its_shortest_form_and_read_back(length):
    written = ber.encode_length(length)
    assert len(written) == (1 if length < 0x80 else 1 + (length.bit_length() + 7) // 8)
    if length < 0x80:
        assert written[0] == length
    else:
        assert written[0] == 0x80 + len(written) - 1
        assert int.from_bytes(written[1:], "big") == length


@pytest.mark.parametrize("length", [0, 1, 127, 128, 129, 255, 256, 65535, 65536])
def test_a_field_written_is_the_field_read(length):
    value = bytes(length)
    field = ber.tlv(0x04, value)
    tag, start, stop = ber.read_header(field, 0, len(field))
    assert (tag, field[start:stop], stop) == (0x04, value, len(field))
    assert field == b"\x04" + ber.encode_length(length) + value


# ------------------------------------------------------------------------------------------ integers


def read_integer(content: str) -> int:
    data = b"\x80\x7f" + octets(content) + b"\xff"
    return ber.read_integer(data, 2, len(data) - 1)


def read_unsigned(content: str, bits: int = 32) -> int:
    data = b"\x80\x7f" + octets(content) + b"\xff"
    return ber.read_unsigned(data, 2, len(data) - 1, bits)


@pytest.mark.parametrize(("value", "content"), PRIMITIVES["int32_content"])
def test_integers_are_written_and_read_as_recorded_from_gosnmp(value, content):
    assert ber.encode_integer(value) == ber.tlv(0x02, octets(content))
    assert read_integer(content) == value


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("00", 0),
        ("7f", 127),
        ("80", -128),
        ("ff", -1),
        ("0000", 0),
        ("00ff", 255),
        ("ff80", -128),
        ("ffff", -1),
        ("ffffff", -1),
        ("7fffffff", 2**31 - 1),
        ("80000000", -(2**31)),
        ("ffffffff", -1),
        ("007fffffff", 2**31 - 1),
        ("ff80000000", -(2**31)),
        ("0000000000000005", 5),
        ("ffffffffffffffff", -1),
        ("00ffffffff", -1),
        ("0080000000", -(2**31)),
        ("0100000005", 5),
        ("ff7fffffff", 2**31 - 1),
        ("7fffffffffffffff", -1),
        ("8000000000000000", 0),
    ],
)
def test_an_integer_in_more_octets_than_it_needs_is_read_and_kept_to_32_bits(content, value):
    assert read_integer(content) == value


@pytest.mark.parametrize("count", [0, 9, 10, 127])
def test_an_integer_of_no_octets_or_of_more_than_eight_is_refused(count):
    data = b"\x02" + bytes(count)
    with pytest.raises(DecodeError, match=f"an integer of {count} octets") as caught:
        ber.read_integer(data, 1, 1 + count)
    assert caught.value.offset == 1


@given(st.integers(-(2**31), 2**31 - 1), st.integers(0, 4))
def test_an_integer_is_read_back_however_often_its_sign_is_repeated(value, padding):
    field = ber.encode_integer(value)
    length = field[1]
    assert 1 <= length <= 4
    assert length == 1 or not -(2 ** (8 * length - 9)) <= value < 2 ** (8 * length - 9), "not the fewest octets"
    sign = b"\xff" if value < 0 else b"\0"
    content = sign * padding + field[2:]
    assert ber.read_integer(content, 0, len(content)) == value


@pytest.mark.parametrize(("value", "content"), PRIMITIVES["uint32_content"])
def test_unsigned_numbers_are_written_and_read_as_recorded_from_gosnmp(value, content):
    assert ber.encode_unsigned(value, 0x42) == ber.tlv(0x42, octets(content))
    assert read_unsigned(content) == value


@pytest.mark.parametrize(("value", "content"), PRIMITIVES["uint64_content"])
def test_counter64_is_written_and_read_as_recorded_from_gosnmp(value, content):
    assert ber.encode_unsigned(value, 0x46) == ber.tlv(0x46, octets(content))
    assert read_unsigned(content, 64) == value


@pytest.mark.parametrize(
    ("content", "bits", "value"),
    [
        ("ff", 32, 255),
        ("80", 32, 128),
        ("ffff", 32, 65535),
        ("ffffffff", 32, 2**32 - 1),
        ("00ffffffff", 32, 2**32 - 1),
        ("0000", 32, 0),
        ("ffffffffff", 32, 2**32 - 1),
        ("0100000000", 32, 0),
        ("0000000000000005", 32, 5),
        ("ffffffff00000005", 32, 5),
        ("00ffffffff00000005", 32, 5),
        ("", 64, 0),
        ("ff", 64, 255),
        ("ffffffffffffffff", 64, 2**64 - 1),
        ("00ffffffffffffffff", 64, 2**64 - 1),
    ],
)
def test_an_unsigned_number_is_a_plain_big_endian_number(content, bits, value):
    assert read_unsigned(content, bits) == value


@pytest.mark.parametrize(
    ("content", "bits"),
    [("", 32), ("010000000000000000", 32), ("010000000000000000", 64), ("00" * 10, 32), ("00" * 10, 64)],
)
def test_an_unsigned_number_of_too_few_or_too_many_octets_is_refused(content, bits):
    count = len(octets(content))
    data = b"\x41" + octets(content)
    with pytest.raises(DecodeError, match=f"an unsigned integer of {count} octets") as caught:
        ber.read_unsigned(data, 1, 1 + count, bits)
    assert caught.value.offset == 1


@given(st.integers(0, 2**64 - 1))
def test_an_unsigned_number_is_written_in_the_fewest_octets_and_read_back(value):
    field = ber.encode_unsigned(value, 0x46)
    content = field[2:]
    assert field[:2] == bytes((0x46, len(content)))
    assert content[0] < 0x80
    assert len(content) == 1 or content[0] or content[1] >= 0x80
    assert ber.read_unsigned(field, 2, len(field), 64) == value


# ------------------------------------------------------------------------------- object identifiers


def check(content: str | bytes) -> None:
    value = octets(content) if isinstance(content, str) else content
    data = b"\x06\x7f" + value
    ber.check_oid(value, data, 2)


@pytest.mark.parametrize(("content", "expected"), [row for row in PRIMITIVES["base128"] if row[1] != "ERROR"], ids=str)
def test_sub_identifiers_are_written_and_read_as_recorded_from_gosnmp(content, expected):
    assert ber.decode_arcs(octets(content)) == [expected]
    assert ber.encode_arcs((expected,)) == octets(content)
    check("2b" + content)


@pytest.mark.parametrize("content", [row[0] for row in PRIMITIVES["base128"] if row[1] == "ERROR" and row[0]])
def test_sub_identifiers_that_gosnmp_records_as_errors_are_refused(content):
    with pytest.raises(DecodeError):
        check("2b" + content)


@pytest.mark.parametrize(
    "content",
    [
        "00",
        "2b",
        "7f",
        "8100",
        "2b8fffffff7f",
        "908080804f",
        "ff7f",
        "2b817f817f817f817f817f",
        "2bffffff7f",
        "2b818000",
        "2b8180808000",
    ],
)
def test_sound_object_identifiers_pass(content):
    check(content)


@pytest.mark.parametrize(
    ("content", "offset", "problem"),
    [
        ("", 0, "an object identifier of 0 octets"),
        ("80", 0, "a sub-identifier begins with 0x80"),
        ("8001", 0, "a sub-identifier begins with 0x80"),
        ("2b8001", 1, "a sub-identifier begins with 0x80"),
        ("2b0681008001", 4, "a sub-identifier begins with 0x80"),
        ("81", 0, "ends inside a sub-identifier"),
        ("2b81", 1, "ends inside a sub-identifier"),
        ("2b0681828384", 5, "ends inside a sub-identifier"),
        ("2b9080808000", 5, "a sub-identifier of more than 32 bits"),
        ("2bffffffff7f", 5, "a sub-identifier of more than 32 bits"),
        ("2b818080808000", 6, "a sub-identifier of more than 32 bits"),
        ("9080808050", 4, "a sub-identifier of more than 32 bits"),
        ("908080807f", 4, "a sub-identifier of more than 32 bits"),
        ("ffffffff7f", 4, "a sub-identifier of more than 32 bits"),
    ],
)
def test_an_unsound_object_identifier_is_refused_where_it_breaks(content, offset, problem):
    with pytest.raises(DecodeError, match=problem) as caught:
        check(content)
    assert caught.value.offset == 2 + offset


@pytest.mark.parametrize("sub_identifier", [b"\x01", b"\x81\x01", b"\x8f\xff\xff\xff\x7f"], ids=bytes.hex)
def test_128_arcs_pass_and_129_are_refused(sub_identifier):
    check(b"\x2b" + sub_identifier * 126)
    with pytest.raises(DecodeError, match="more than 128 sub-identifiers"):
        check(b"\x2b" + sub_identifier * 127)


def test_no_number_of_octets_makes_the_check_look_at_all_of_them():
    """60,000 octets of one endless sub-identifier, or of too many, are refused after a few octets."""

    class Counted(bytes):
        looked_at = 0

        def __iter__(self):
            for octet in bytes(self):
                Counted.looked_at += 1
                yield octet

    for content, most in ((b"\x81" * 60_000, 6), (b"\x01" * 60_000, 128), (b"\x81\x01" * 30_000, 256)):
        Counted.looked_at = 0
        with pytest.raises(DecodeError):
            ber.check_oid(Counted(content), content, 0)
        assert Counted.looked_at <= most


@pytest.mark.parametrize(
    ("padded", "shortest"),
    [
        ("2b8001", "2b01"),
        ("802b06", "2b06"),
        ("80802b", "2b"),
        ("2b80808000", "2b00"),
        ("2b808f7f", "2b8f7f"),
        ("2b818000", "2b818000"),  # 0x80 inside of a sub-identifier counts
        ("2b8080818000", "2b818000"),
        ("2b80808fffffff7f01", "2b8fffffff7f01"),
    ],
)
def test_padding_of_sub_identifiers_is_taken_out(padded, shortest):
    assert ber.shortest_oid(bytes.fromhex(padded), b"", 0) == bytes.fromhex(shortest)


@pytest.mark.parametrize("octets", ["", "80", "2b80", "2b8081", "2b8090ffffffff00", "2b" + "80" * 2000 + "01"])
def test_padding_saves_no_object_identifier_that_is_broken_in_another_way(octets):
    with pytest.raises(DecodeError):
        ber.shortest_oid(bytes.fromhex(octets), b"", 0)


@given(st.lists(st.tuples(st.integers(0, ber.MAX_ARC), st.integers(0, 4)), min_size=1, max_size=100))
def test_the_shortest_form_of_any_padding_is_the_unpadded_one(arcs):
    plain = ber.encode_arcs(tuple(arc for arc, _ in arcs))
    padded = b"".join(b"\x80" * padding + ber.encode_arcs((arc,)) for arc, padding in arcs)
    assert ber.shortest_oid(padded, padded, 0) == plain


@given(st.lists(st.integers(0, ber.MAX_ARC), min_size=1, max_size=127))
def test_sub_identifiers_are_written_in_the_fewest_octets_and_read_back(arcs):
    arcs[0] = min(arcs[0], ber.MAX_ARC)
    content = ber.encode_arcs(tuple(arcs))
    assert ber.decode_arcs(content) == arcs
    assert len(content) == sum(max(1, (arc.bit_length() + 6) // 7) for arc in arcs)
    check(content)


@given(st.binary(min_size=1, max_size=40))
def test_the_check_takes_exactly_the_octets_that_arcs_are_written_in(content):
    """The fast path of ``check_oid`` accepts nothing that the general path refuses."""
    try:
        check(content)
    except DecodeError:
        sound = False
    else:
        sound = True
    complete = content[-1] < 0x80
    arcs = ber.decode_arcs(content)
    in_range = all(arc <= ber.MAX_ARC for arc in arcs[1:]) and bool(arcs) and arcs[0] <= ber.MAX_ARC + 80
    assert sound is (complete and in_range and ber.encode_arcs(tuple(arcs)) == content)


def test_the_fields_recorded_by_snmpio_are_read():
    for name, value in (("counter32_max", 2**32 - 1), ("timeticks", 12345), ("gauge32", 256)):
        data = field_octets(name)
        _, start, stop = ber.read_header(data, 0, len(data))
        assert ber.read_unsigned(data, start, stop, 32) == value
    data = field_octets("counter64_max")
    assert ber.read_unsigned(data, 2, len(data), 64) == 2**64 - 1
    data = field_octets("integer_min")
    assert ber.read_integer(data, 2, len(data)) == -(2**31)
    data = field_octets("octet_string_long")
    assert ber.read_tagged(data, 0, len(data), 0x04, "x") == (3, 131)
