"""PDUs and variable bindings: every type and tag, fast and general path, error offsets, docs/leniency.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.codec.pdu import (
    Pdu,
    PduType,
    TrapV1Pdu,
    check_exact,
    check_fits_v1,
    decode_pdu,
    decode_varbinds,
    encode_pdu,
    encode_varbind,
    encode_varbinds,
    has_more_varbinds,
    read_pdu_header,
    salvage_varbinds,
)
from snmptcp.codec.varbinds import decode_varbind
from snmptcp.errors import BrokenVariable, ConfigurationError, DecodeError
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    NsapAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
    VarBind,
)
from tests.support.vectors import load

if TYPE_CHECKING:
    from snmptcp.values import Value

NAME = OID("1.3.6.1.2.1.1.5.0")

#: Every SMI type with its encoding by X.690 and RFC 2578.
VALUES: list[tuple[Value, str]] = [
    (Integer32(-129), "0202ff7f"),
    (Integer32(2**31 - 1), "02047fffffff"),
    (OctetString(b""), "0400"),
    (OctetString(b"\0\xffabc"), "040500ff616263"),
    (OctetString(b"x" * 127), "047f" + "78" * 127),
    (OctetString(b"x" * 128), "048180" + "78" * 128),
    (OctetString(b"x" * 256), "04820100" + "78" * 256),
    (Null(), "0500"),
    (OID("1.3.6.1.4.1.8072"), "06072b06010401bf08"),
    (OID("0.0"), "060100"),
    (OID("2.999"), "06028837"),
    (IpAddress("192.0.2.1"), "4004c0000201"),
    (Counter32(0), "410100"),
    (Counter32(2**32 - 1), "410500ffffffff"),
    (Gauge32(128), "42020080"),
    (TimeTicks(12345), "43023039"),
    (Opaque(b"\x9f\x78\x04\x41\x20\0\0"), "44079f780441200000"),
    (NsapAddress(b"\x47"), "450147"),
    (Counter64(2**64 - 1), "460900ffffffffffffffff"),
    (UInteger32(2**31), "47050080000000"),
    (NoSuchObject(), "8000"),
    (NoSuchInstance(), "8100"),
    (EndOfMibView(), "8200"),
]


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


def decode_list(contents: bytes, before: bytes = b"") -> tuple[VarBind, ...]:
    """Decode the contents of a VarBindList; the octets after it must not be read."""
    data = before + contents + b"\x30\x05\x06\x01\x2b\x05\x00"
    return decode_varbinds(data, len(before), len(before) + len(contents))


def field(tag: int, *parts: bytes) -> bytes:
    return ber.tlv(tag, b"".join(parts))


def long_field(tag: int, *parts: bytes) -> bytes:
    """The same with a length in more octets than needed, which takes the general path."""
    value = b"".join(parts)
    return bytes((tag, 0x82)) + len(value).to_bytes(2, "big") + value


# ------------------------------------------------------------------------------------ variable bindings


@pytest.mark.parametrize(("value", "encoded"), VALUES, ids=lambda part: type(part).__name__)
@pytest.mark.parametrize("name", [NAME, OID("1.3"), OID("2.999.4294967295"), OID((1, 3) + (300,) * 60)], ids=len)
@pytest.mark.parametrize("wrap", [field, long_field])
def test_every_type_is_written_and_read_in_short_and_long_forms(value, encoded, name, wrap):
    contents = wrap(0x30, wrap(0x06, name.ber), octets(encoded))
    if wrap is field:
        assert encode_varbind(name, value) == contents
    (varbind,) = decode_list(contents, before=b"\x30\x82")
    assert varbind == (name, value)
    assert type(varbind) is VarBind
    assert type(varbind.value) is type(value)
    assert varbind.oid.arcs == name.arcs


def test_a_list_keeps_its_order_and_mixes_both_forms():
    parts = [encode_varbind(NAME, value) for value, _ in VALUES]
    parts[1:1] = [long_field(0x30, field(0x06, NAME.ber), b"\x05\x81\x00")]
    varbinds = decode_list(b"".join(parts))
    values = [value for value, _ in VALUES]
    assert [varbind.value for varbind in varbinds] == [values[0], Null(), *values[1:]]
    assert encode_varbinds(varbinds)[-len(b"".join(parts[2:])) :] == b"".join(parts[2:])


def test_an_empty_list_has_no_variable_bindings():
    assert decode_list(b"") == ()
    assert encode_varbinds([]) == b"\x30\x00"


def test_the_name_of_a_fragment_cannot_be_written():
    for fragment in (OID.fragment("6.1"), OID("1")):
        with pytest.raises(ConfigurationError, match="cannot be sent"):
            encode_varbind(fragment, Null())
    with pytest.raises(ConfigurationError, match="cannot be sent"):
        encode_varbind(NAME, OID.fragment("6.1"))


BROKEN = [
    # (octets of a variable binding, offset of the error, problem)
    ("3106 06012b 020105", 0, "a variable binding has tag 0x31, not 0x30"),
    ("0406 06012b 020105", 0, "a variable binding has tag 0x04, not 0x30"),
    ("30", 0, "a tag and length are cut off"),
    ("3006 06012b 0201", 1, "a length of 6 runs past"),
    ("3080 06012b 020105 0000", 1, "an indefinite length"),
    ("3000", 2, "a tag and length are cut off"),
    ("3003 06012b", 5, "a tag and length are cut off"),
    ("3004 06012b 02", 5, "a tag and length are cut off"),
    ("3005 06012b 0201", 6, "a length of 1 runs past"),
    ("3006 05012b 020105", 2, "a variable binding's name has tag 0x05, not 0x06"),
    ("3006 26012b 020105", 2, "a variable binding's name has tag 0x26, not 0x06"),
    ("3006 0d012b 020105", 2, "a variable binding's name has tag 0x0d, not 0x06"),
    ("3006 060181 020105", 4, "ends inside a sub-identifier"),
    ("3007 06022b81 020105", 5, "ends inside a sub-identifier"),
    ("3007 06022b80 020105", 5, "ends inside a sub-identifier"),
    ("300b 06062b9080808000 020105", 9, "a sub-identifier of more than 32 bits"),
    ("3006 06062b 020105", 3, "a length of 6 runs past"),
    ("3007 06012b 020105 00", 8, "octets follow the value"),
    ("3008 06012b 020105 0500", 8, "octets follow the value"),
    ("3006 06012b 020205", 6, "a length of 2 runs past"),
    ("3005 06012b 0200", 7, "an integer of 0 octets"),
    ("3005 06012b 4100", 7, "an unsigned integer of 0 octets"),
    ("300e 06012b 0209000000000000000005", 7, "an integer of 9 octets"),
    ("300e 06012b 4609010000000000000000", 7, "an unsigned integer of 9 octets"),
    ("3008 06012b 4003c00002", 7, "an IpAddress of 3 octets"),
    ("300a 06012b 4005c000020105", 7, "an IpAddress of 5 octets"),
    ("3005 06012b 4000", 7, "an IpAddress of 0 octets"),
    ("3006 06012b 050100", 7, "NULL of 1 octets"),
    ("3006 06012b 800100", 7, "noSuchObject of 1 octets"),
    ("3006 06012b 810100", 7, "noSuchInstance of 1 octets"),
    ("3006 06012b 820100", 7, "endOfMibView of 1 octets"),
    ("3006 06012b 060181", 7, "ends inside a sub-identifier"),
    ("3007 06012b 06022b80", 8, "ends inside a sub-identifier"),
    ("3006 06012b 1f0105", 5, "tag 0x1f"),
    ("3007 06012b 1f810105", 5, "tag 0x1f has a high tag number"),
    ("3007 06012b bf7f0105", 5, "tag 0xbf has a high tag number"),
    ("3007 06012b 02800500", 6, "an indefinite length"),
]


@pytest.mark.parametrize(("contents", "offset", "problem"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_variable_binding_is_refused_where_it_breaks(contents, offset, problem):
    good = encode_varbind(NAME, Integer32(5))
    for before in (b"", b"\x02\x01\x05", b"\x30\x82\x01\x00"):
        for earlier in (b"", good, good * 3):
            with pytest.raises(DecodeError) as caught:
                decode_list(earlier + octets(contents), before)
            assert problem in caught.value.problem
            assert caught.value.offset == len(before) + len(earlier) + offset


def test_octets_after_a_broken_variable_binding_do_not_heal_it():
    with pytest.raises(DecodeError):
        decode_list(octets("3005 06012b 0201") + octets("3006 06012b 020105"))


@pytest.mark.parametrize("tag", ["01", "03", "07", "0a", "10", "24", "30", "48", "60", "83", "a0", "a2", "c0"])
def test_a_value_with_a_tag_that_the_smi_has_not_is_refused_at_its_tag(tag):
    contents = octets(f"3006 06012b {tag}0105")
    for wrap in (contents, long_field(0x30, contents[2:])):
        with pytest.raises(DecodeError, match=f"tag 0x{tag}") as caught:
            decode_list(wrap)
        assert wrap[caught.value.offset] == int(tag, 16)
        assert caught.value.offset == len(wrap) - 3


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("908080804f", "908080807f"),
        ("8fffffff7f", "ffffffff7f"),
        ("2b8100", "2b8181"),
        ("2b8fffffff7f", "2b8fffffffff"),
    ],
)
def test_a_name_is_checked_in_full_whatever_name_came_before(first, second):
    """Names of one column share all but their last octet; the shared part is checked once."""
    sound = field(0x30, field(0x06, octets(first)), b"\x05\x00")
    unsound = field(0x30, field(0x06, octets(second)), b"\x05\x00")
    assert len(decode_list(sound + sound)) == 2
    with pytest.raises(DecodeError):
        decode_list(unsound)
    with pytest.raises(DecodeError) as caught:
        decode_list(sound + unsound)
    assert caught.value.offset >= len(sound)


@pytest.mark.parametrize("length", range(1, 9))
def test_a_short_name_is_checked_in_full_whatever_name_came_before(length):
    """In a short name, the last octet may belong to the first sub-identifier and make it too large."""
    for head in ("2b", "", "8f", "90"):
        column = octets(head) + b"\xff" * max(length - 1 - len(octets(head)), 0)
        for first in range(0, 0x80, 0x0F):
            for second in (*range(0, 0x80, 0x0F), 0x80, 0xFF):
                one, other = (
                    field(0x30, field(0x06, column + bytes((last,))), b"\x05\x00") for last in (first, second)
                )
                sound = "refused" not in (outcome(one), outcome(other))
                assert outcome(one + other) == (general_outcome(one + other) if sound else "refused")


SIGNED = [
    ("00", 0),
    ("7f", 127),
    ("80", -128),
    ("ff", -1),
    ("0000", 0),
    ("0080", 128),
    ("ff7f", -129),
    ("7fff", 32767),
    ("8000", -32768),
    ("008000", 32768),
    ("7fffff", 2**23 - 1),
    ("800000", -(2**23)),
    ("ffffff", -1),
    ("00000001", 1),
    ("7fffffff", 2**31 - 1),
    ("80000000", -(2**31)),
    ("fffffffe", -2),
    ("ffffffff", -1),
]


@pytest.mark.parametrize(("contents", "number"), SIGNED, ids=[row[0] for row in SIGNED])
@pytest.mark.parametrize("wrap", [field, long_field])
def test_an_integer_of_one_to_four_octets_is_signed_on_both_paths(wrap, contents, number):
    (varbind,) = decode_list(wrap(0x30, field(0x06, NAME.ber), field(0x02, octets(contents))))
    assert varbind.value == number
    assert type(varbind.value) is Integer32


@given(st.integers(-(2**31), 2**31 - 1), st.integers(0, 3))
def test_any_integer_is_read_back_on_both_paths_padded_or_not(number, padding):
    shortest = ber.encode_integer(number)[2:]
    padded = (b"\xff" if number < 0 else b"\0") * padding + shortest
    for wrap in (field, long_field):
        (varbind,) = decode_list(wrap(0x30, field(0x06, NAME.ber), field(0x02, padded)))
        assert varbind.value == number
        assert type(varbind.value) is Integer32


def test_names_that_differ_in_their_last_octet_alone_are_all_read():
    names = [OID("1.3.6.1.4.1.8072.200") + index for index in (1, 2, 127, 128, 129, 16383, 16384, 2**32 - 1)]
    contents = b"".join(encode_varbind(name, Integer32(1)) for name in names)
    assert [varbind.oid.arcs for varbind in decode_list(contents)] == [name.arcs for name in names]


@given(st.binary(max_size=40), st.integers(0, 10))
def test_any_octets_are_a_list_or_a_decode_error_at_an_offset_inside(contents, shift):
    before = bytes(shift)
    try:
        varbinds = decode_list(contents, before)
    except DecodeError as error:
        assert shift <= error.offset <= shift + len(contents)  # noqa: PT017 - either outcome is right
    else:
        assert decode_list(encode_varbinds(varbinds)[2:]) == varbinds


@given(
    st.lists(st.tuples(st.sampled_from(VALUES), st.booleans(), st.integers(0, 2**32 - 1)), max_size=6),
    st.data(),
)
def test_both_ways_of_reading_agree(rows, data):
    """Fast and general path accept and refuse the same, also for damaged octets."""
    parts = []
    for (_, encoded), long_name, index in rows:
        wrap = long_field if long_name else field
        parts.append(field(0x30, wrap(0x06, (NAME + index).ber), octets(encoded)))
    short = bytearray(b"".join(parts))
    if short:
        short[data.draw(st.integers(0, len(short) - 1))] = data.draw(st.integers(0, 255))
    assert outcome(bytes(short)) == general_outcome(bytes(short))


def test_nothing_behind_the_message_is_read():
    contents = encode_varbind(NAME, OctetString(b"router"))
    for claimed in (1, 7, 100, 100_000):
        with pytest.raises((DecodeError, IndexError)):
            decode_varbinds(contents, 0, len(contents) + claimed)


def test_small_integers_are_shared_and_all_are_read():
    for number in (-1, 0, 1, 127, 128):
        contents = encode_varbind(NAME, Integer32(number)) * 2
        (first, second) = decode_list(contents)
        assert (first.value, second.value, type(first.value)) == (number, number, Integer32)


def outcome(contents: bytes) -> object:
    try:
        return decode_varbinds(contents, 0, len(contents))
    except DecodeError:
        return "refused"


def general_outcome(contents: bytes) -> object:
    """Decode a list with the general path alone, one variable binding at a time."""
    varbinds, offset = [], 0
    try:
        while offset < len(contents):
            varbind, offset = decode_varbind(contents, offset, len(contents))
            varbinds.append(varbind)
    except DecodeError:
        return "refused"
    return tuple(varbinds)


# ------------------------------------------------------------------------------------------------ PDUs

SHAPED = [kind for kind in PduType if kind is not PduType.TRAP_V1]
VARBINDS = (VarBind(NAME, OctetString(b"router")), VarBind(OID("1.3.6.1.2.1.1.3.0"), TimeTicks(5)))


SMALLEST = bytes.fromhex("300506012b0500")


@pytest.mark.parametrize("one", [SMALLEST, bytes.fromhex("30820005" + "06012b0500")])
def test_more_variable_bindings_than_allowed_are_counted_by_their_headers_alone(one):
    assert has_more_varbinds(one * 1000, 0, 1000 * len(one), 10)
    assert not has_more_varbinds(one * 1000, 0, 1000 * len(one), 1000)


def test_long_variable_bindings_within_their_number_are_not_too_many():
    long = encode_varbind(NAME, OctetString(b"x" * 1000))
    assert not has_more_varbinds(long * 10, 0, 10 * len(long), 10)
    assert has_more_varbinds(long * 11, 0, 11 * len(long), 10)


def test_a_list_that_breaks_is_counted_to_there_and_left_to_the_decoder():
    broken = b"0\x80" + SMALLEST * 100
    assert not has_more_varbinds(broken, 0, len(broken), 1)
    assert not has_more_varbinds(b"0\x7f" * 40, 0, 80, 1)


@pytest.mark.parametrize("version_1", [False, True])
def test_a_pdu_with_more_variable_bindings_than_allowed_is_refused_where_they_begin(version_1):
    binding = (VarBind(OID("1.3"), Null()),) * 1000
    trap = TrapV1Pdu(OID("1.3.6.1.4.1.1"), IpAddress("192.0.2.1"), 6, 1, TimeTicks(1), binding)
    octets = encode_pdu(trap if version_1 else Pdu(PduType.INFORM, 1, 0, 0, binding))
    with pytest.raises(DecodeError, match="more than 10 variable bindings"):
        decode_pdu(octets, 0, len(octets), 10)
    assert len(decode_pdu(octets, 0, len(octets), 1000).varbinds) == 1000


def test_pdu_types_have_the_tags_of_the_rfcs():
    assert {kind.name: int(kind) for kind in PduType} == {
        "GET": 0xA0,
        "GET_NEXT": 0xA1,
        "RESPONSE": 0xA2,
        "SET": 0xA3,
        "TRAP_V1": 0xA4,
        "GET_BULK": 0xA5,
        "INFORM": 0xA6,
        "TRAP_V2": 0xA7,
        "REPORT": 0xA8,
    }


@pytest.mark.parametrize("kind", SHAPED, ids=lambda kind: kind.name)
@pytest.mark.parametrize("request_id", [0, 1, -1, 127, 128, 2**31 - 1, -(2**31), 0x01020304])
@pytest.mark.parametrize(("status", "index"), [(0, 0), (2, 1), (127, 127), (128, 128), (0, 2**31 - 1), (-1, -1)])
@pytest.mark.parametrize("varbinds", [(), VARBINDS, VARBINDS * 5, VARBINDS * 20], ids=len)
def test_every_pdu_of_rfc_3416s_shape_is_written_and_read(kind, request_id, status, index, varbinds):
    pdu = Pdu(kind, request_id, status, index, varbinds)
    encoded = encode_pdu(pdu)
    assert encoded[0] == kind
    data = b"\x02\x01\x05" + encoded + b"\x05\x00"
    back = decode_pdu(data, 3, 3 + len(encoded))
    assert back == pdu
    assert isinstance(back, Pdu)
    assert back.type is kind
    header = read_pdu_header(data, 3, 3 + len(encoded))
    assert header[:4] == (kind, request_id, status, index)
    assert decode_varbinds(data, header.varbinds_start, header.varbinds_end) == varbinds
    assert header.varbinds_end == 3 + len(encoded)


def header_outcome(data: bytes) -> object:
    """The header without its offsets, and how far the list is from the end; of a refused one how far that is."""
    try:
        header = read_pdu_header(data, 0, len(data))
    except DecodeError as error:
        return len(data) - error.offset
    return *header[:4], len(data) - header.varbinds_start, len(data) - header.varbinds_end


def test_both_ways_of_reading_a_long_header_agree_also_on_damaged_octets():
    usual = encode_pdu(Pdu(PduType.RESPONSE, 0x12345678, 0, 1, VARBINDS * 20))
    assert usual[1] == 0x82
    for position in range(4, 21):
        for octet in {0, 1, 2, 3, 5, 0x7F, 0x80, 0x81, 0x82, 0x83, 0xFF, usual[position]}:
            damaged = usual[:position] + bytes((octet,)) + usual[position + 1 :]
            general = damaged[:1] + b"\x83\0" + damaged[2:]
            assert header_outcome(damaged) == header_outcome(general), (position, octet)


def test_a_get_bulk_request_reads_its_numbers_by_their_own_names():
    pdu = Pdu(PduType.GET_BULK, 1, 2, 30)
    assert (pdu.non_repeaters, pdu.max_repetitions) == (2, 30)


def test_the_example_of_rfc_3417_is_read_with_its_long_length():
    record = load("rfc/rfc_vectors.json")["rfc3417_8.1_getbulk_pdu"]
    data = octets(record["hex"])
    assert data[:4] == b"\xa5\x82\x00\x39"
    pdu = decode_pdu(data, 0, len(data))
    assert isinstance(pdu, Pdu)
    assert (pdu.type, pdu.request_id) == (PduType.GET_BULK, record["request_id"])
    assert (pdu.non_repeaters, pdu.max_repetitions) == (record["non_repeaters"], record["max_repetitions"])
    assert [str(varbind.oid) for varbind in pdu.varbinds] == record["varbinds"]
    assert all(varbind.value is Null() for varbind in pdu.varbinds)
    assert encode_pdu(pdu) == b"\xa5\x39" + data[4:]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ("020105 020100 020100", (5, 0, 0)),
        ("02020005 020100 020100", (5, 0, 0)),
        ("0204fffffffe 020100 020100", (-2, 0, 0)),
        ("020400000005 020105 020101", (5, 5, 1)),
        ("020400000005 0201ff 020101", (5, -1, 1)),
        ("020400000005 020105 020180", (5, 5, -128)),
        ("020400000005 02020005 020101", (5, 5, 1)),
        ("020400000005 020105 02020100", (5, 5, 256)),
        ("02810105 02810100 0282000100", (5, 0, 0)),
        ("02050000000005 020100 020100", (5, 0, 0)),
        ("020500c271e030 020100 020100", (0xC271E030 - 2**32, 0, 0)),
    ],
)
def test_the_three_numbers_are_read_in_any_length(numbers, expected):
    data = field(0xA2, octets(numbers), b"\x30\x00")
    assert read_pdu_header(data, 0, len(data))[1:4] == expected
    pdu = decode_pdu(data, 0, len(data))
    assert isinstance(pdu, Pdu)
    assert (pdu.request_id, pdu.error_status, pdu.error_index) == expected


BROKEN_PDUS = [
    ("", 0, "a tag and length are cut off"),
    ("a2", 0, "a tag and length are cut off"),
    ("a200", 2, "a tag and length are cut off"),
    ("a280 0000", 1, "an indefinite length"),
    ("a20c 020101 020100 020100 3000", 1, "a length of 12 runs past"),
    ("a20b 020101 020100 020100 3000 00", 13, "octets follow the PDU"),
    ("a20d 020101 020100 020100 3000 0500", 13, "octets follow the list of variable bindings"),
    ("a20b 040101 020100 020100 3000", 2, "request-id has tag 0x04, not 0x02"),
    ("a20b 020101 040100 020100 3000", 5, "error-status has tag 0x04, not 0x02"),
    ("a20b 020101 020100 040100 3000", 8, "error-index has tag 0x04, not 0x02"),
    ("a20b 020101 020100 020100 3100", 11, "the list of variable bindings has tag 0x31, not 0x30"),
    ("a20b 020101 020100 020100 a000", 11, "the list of variable bindings has tag 0xa0, not 0x30"),
    ("a20e 020400000001 020100 040100 3000", 11, "error-index has tag 0x04, not 0x02"),
    ("a20e 020400000001 020100 020100 0400", 14, "the list of variable bindings has tag 0x04, not 0x30"),
    ("a20a 0200 020100 020100 3000", 4, "an integer of 0 octets"),
    ("a20a 020101 0200 020100 3000", 7, "an integer of 0 octets"),
    ("a20a 020101 020100 0200 3000", 10, "an integer of 0 octets"),
    ("a20b 020109 020100 020100 3001", 12, "a length of 1 runs past"),
    ("a209 020101 020100 020100", 11, "a tag and length are cut off"),
    ("a20c 020400000001 020100 020100", 14, "a tag and length are cut off"),
    ("a20b 020101 020100 020100 3080", 12, "an indefinite length"),
    ("bf0b 020101 020100 020100 3000", 0, "high tag number"),
]


@pytest.mark.parametrize(("contents", "offset", "problem"), BROKEN_PDUS, ids=[row[0] for row in BROKEN_PDUS])
def test_a_broken_pdu_is_refused_where_it_breaks(contents, offset, problem):
    data = octets(contents)
    for read in (decode_pdu, read_pdu_header):
        for before in (b"", b"\x02\x01\x05\xff"):
            with pytest.raises(DecodeError) as caught:
                read(before + data, len(before), len(before) + len(data))
            assert problem in caught.value.problem
            assert caught.value.offset == len(before) + offset


@pytest.mark.parametrize("tag", [0x02, 0x30, 0x80, 0x9E, 0xA9, 0xAF, 0xC2, 0xE0])
@pytest.mark.parametrize("length", ["0b", "810b"])
def test_a_pdu_of_an_unknown_type_is_refused_at_its_tag(tag, length):
    data = bytes((tag,)) + octets(f"{length} 020101 020100 020100 3000")
    for before in (b"", b"\xff" * 5):
        with pytest.raises(DecodeError, match=f"tag 0x{tag:02x}") as caught:
            decode_pdu(before + data, len(before), len(before) + len(data))
        assert caught.value.offset == len(before)


# ------------------------------------------------------------------------------ the Trap-PDU of SNMPv1

TRAP = TrapV1Pdu(OID("1.3.6.1.4.1.8072.9999"), IpAddress("192.0.2.7"), 6, 17, TimeTicks(4242), VARBINDS[:1])


@pytest.mark.parametrize(
    "trap",
    [
        TRAP,
        TRAP._replace(varbinds=()),
        TRAP._replace(generic_trap=0, specific_trap=-(2**31)),
        TRAP._replace(timestamp=TimeTicks(2**32 - 1), specific_trap=2**31 - 1),
    ],
)
def test_a_trap_pdu_is_written_and_read(trap):
    encoded = encode_pdu(trap)
    assert encoded[0] == 0xA4
    back = decode_pdu(b"\xff" + encoded + b"\xff", 1, 1 + len(encoded))
    assert back == trap
    assert back.type is PduType.TRAP_V1
    assert [type(part) for part in back] == [type(part) for part in trap]


def test_a_trap_pdu_has_no_pdu_header_of_the_usual_shape():
    encoded = encode_pdu(TRAP)
    with pytest.raises(DecodeError, match="tag 0xa4") as caught:
        read_pdu_header(encoded, 0, len(encoded))
    assert caught.value.offset == 0


def test_an_empty_enterprise_is_read_as_0_0():
    data = field(0xA4, octets("0600 4004c0000207 020100 020100 430100 3000"))
    back = decode_pdu(data, 0, len(data))
    assert isinstance(back, TrapV1Pdu)
    assert back.enterprise == OID("0.0")


BROKEN_TRAPS = [
    ("", 2, "a tag and length are cut off"),
    ("04022b06 4004c0000207 020106 020111 430100 3000", 2, "enterprise has tag 0x04, not 0x06"),
    ("06022b86 4004c0000207 020106 020111 430100 3000", 5, "ends inside a sub-identifier"),
    ("06022b06 0404c0000207 020106 020111 430100 3000", 6, "agent-addr has tag 0x04, not 0x40"),
    ("06022b06 4003c00002 020106 020111 430100 3000", 8, "an IpAddress of 3 octets"),
    ("06022b06 4004c0000207 410106 020111 430100 3000", 12, "generic-trap has tag 0x41, not 0x02"),
    ("06022b06 4004c0000207 0200 020111 430100 3000", 14, "an integer of 0 octets"),
    ("06022b06 4004c0000207 020106 430111 430100 3000", 15, "specific-trap has tag 0x43, not 0x02"),
    ("06022b06 4004c0000207 020106 020111 020100 3000", 18, "time-stamp has tag 0x02, not 0x43"),
    ("06022b06 4004c0000207 020106 020111 4300 3000", 20, "an unsigned integer of 0 octets"),
    ("06022b06 4004c0000207 020106 020111 430100 3100", 21, "the list of variable bindings has tag 0x31"),
    ("06022b06 4004c0000207 020106 020111 430100 3000 00", 23, "octets follow the list of variable bindings"),
    ("06022b06 4004c0000207 020106 020111 430100", 21, "a tag and length are cut off"),
]


@pytest.mark.parametrize(("contents", "offset", "problem"), BROKEN_TRAPS, ids=[row[0] for row in BROKEN_TRAPS])
def test_a_broken_trap_pdu_is_refused_where_it_breaks(contents, offset, problem):
    data = field(0xA4, octets(contents))
    for before in (b"", b"\x02\x01\x00"):
        with pytest.raises(DecodeError) as caught:
            decode_pdu(before + data, len(before), len(before) + len(data))
        assert problem in caught.value.problem
        assert caught.value.offset == len(before) + offset


def test_octets_after_a_trap_pdu_are_refused():
    data = encode_pdu(TRAP) + b"\0"
    with pytest.raises(DecodeError, match="octets follow the PDU") as caught:
        decode_pdu(data, 0, len(data))
    assert caught.value.offset == len(data) - 1


@pytest.mark.parametrize("value", [Counter64(1), NoSuchObject(), NoSuchInstance(), EndOfMibView()], ids=str)
def test_what_snmpv1_lacks_does_not_fit_it(value):
    check_fits_v1(VARBINDS, b"")
    with pytest.raises(DecodeError, match=f"SNMPv1 cannot carry the {value.name} of {NAME}"):
        check_fits_v1([*VARBINDS, VarBind(NAME, value)], b"")


def test_what_snmpv1_lacks_is_reported_at_its_name():
    other = OID("1.3.6.1.2.1.31.1.1.1.6.1")
    data = b"\x30\x82\x01\x00" + encode_varbinds([*VARBINDS, VarBind(other, Counter64(1))])
    with pytest.raises(DecodeError) as caught:
        check_fits_v1([*VARBINDS, VarBind(other, Counter64(1))], data)
    assert data[caught.value.offset :].startswith(b"\x06\x0b" + other.ber)


# --------------------------------------------------------------------------- lists that are broken in places


def salvaged(contents: bytes) -> BrokenVariable:
    with pytest.raises(DecodeError) as refused:
        decode_varbinds(contents, 0, len(contents))
    return salvage_varbinds(contents, 0, len(contents), refused.value)


def row(number: int, value: bytes = b"\x02\x01\x05") -> bytes:
    return field(0x30, field(0x06, bytes((0x2B, number))), value)


def names(varbinds: tuple[VarBind, ...]) -> list[str]:
    return [str(varbind.oid) for varbind in varbinds]


@pytest.mark.parametrize(
    "value",
    ["4003c00002", "4100", "0a0105", "0209000000000000000005", "050100", "24030401ff", "0602cb80"],
)
def test_a_value_that_cannot_be_read_costs_only_itself(value: str):
    error = salvaged(row(1) + row(2, octets(value)) + row(3))
    assert (error.position, error.oid, error.after) == (1, OID("1.3.2"), OID("1.3.1"))
    assert names(error.varbinds) == ["1.3.1", "1.3.3"]
    assert error.broken == ((1, OID("1.3.2")),)
    assert 8 <= error.offset <= 8 + len(row(2, octets(value))) + 1


@pytest.mark.parametrize("value", ["020105ff", "1f0105", "02800500", "0205ff", "0501", "02010502", ""])
def test_behind_a_variable_whose_parts_do_not_fill_it_only_the_names_of_a_get_tell_what_comes(value: str):
    contents = row(1) + row(2, octets(value)) + row(3)
    error = salvaged(contents)
    assert error.broken == ((1, OID("1.3.2")),)
    assert names(error.varbinds) == ["1.3.1"]

    asked = (OID("1.3.1"), OID("1.3.2"), OID("1.3.3"))
    error = salvage_varbinds(contents, 0, len(contents), DecodeError("?"), asked, follow=False)
    assert names(error.varbinds) == ["1.3.1", "1.3.3"]


def test_each_of_several_broken_variables_is_told():
    bad = octets("4003c00002")
    error = salvaged(row(1, bad) + row(2) + row(3, bad) + b"\x31" + row(4)[1:] + row(5))
    assert names(error.varbinds) == ["1.3.2", "1.3.5"]
    assert error.broken == ((0, OID("1.3.1")), (2, OID("1.3.3")), (3, OID("1.3.4")))
    assert (error.position, error.oid, error.after) == (0, OID("1.3.1"), None)


def test_a_name_that_cannot_be_read_costs_its_variable():
    error = salvaged(row(1) + field(0x30, b"\x06\x02\x2b\x81", b"\x05\x00") + row(3))
    assert names(error.varbinds) == ["1.3.1", "1.3.3"]
    assert error.broken == ((1, None),)
    assert "the variable after 1.3.1 cannot be read" in str(error)


@pytest.mark.parametrize("claimed", [b"\x30\x7f", b"\x30\x84\xff\xff\xff\xff"])
def test_what_comes_behind_a_length_that_overruns_is_lost_but_the_name_inside_is_told(claimed: bytes):
    error = salvaged(row(1) + claimed + row(2)[2:] + row(3))
    assert names(error.varbinds) == ["1.3.1"]
    assert error.broken == ((1, OID("1.3.2")),)


@pytest.mark.parametrize("rest", ["30", "3080", "30ff", "3082ff", "307f06", "307f067f2b", "0500", "00"])
def test_the_end_of_a_list_may_be_anything(rest: str):
    error = salvaged(row(1) + octets(rest))
    assert names(error.varbinds) == ["1.3.1"]
    assert error.position == 1
    assert error.broken[0] == (1, None)


@given(st.lists(st.binary(max_size=8), max_size=6).map(b"".join), st.integers(0, 3))
def test_salvaging_ends_and_keeps_what_came_before(rest: bytes, before: int):
    contents = b"".join(row(number) for number in range(before)) + rest
    try:
        decode_varbinds(contents, 0, len(contents))
    except DecodeError as refused:
        error = salvage_varbinds(contents, 0, len(contents), refused)
        assert error.position >= before
        assert names(error.varbinds)[:before] == [f"1.3.{number}" for number in range(before)]
        assert str(error)


# ------------------------------------------------------------------------------------- nothing but the rules


@pytest.mark.parametrize(("value", "encoding"), VALUES, ids=lambda value: str(value)[:20])
def test_what_the_rules_demand_is_exact(value: Value, encoding: str):
    contents = field(0x30, field(0x06, NAME.ber), octets(encoding))
    check_exact(contents, 0, len(contents), decode_varbinds(contents, 0, len(contents)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("2b8001", "0500"),
        ("", "0500"),
        ("2b01", "06032b8001"),
        ("2b01", "0600"),
        ("2b01", "4101ff"),
        ("2b01", "02020005"),
        ("2b01", "4204000000 05"),
        ("2b01", "410501000000 00"),
        ("2b01", "4600"),
    ],
)
def test_a_form_that_is_only_tolerated_is_not_exact(name: str, value: str):
    contents = row(1) + field(0x30, field(0x06, octets(name)), octets(value))
    varbinds = decode_varbinds(contents, 0, len(contents))
    with pytest.raises(DecodeError, match="not encoded in its shortest form"):
        check_exact(contents, 0, len(contents), varbinds)


# -------------------------------------------------------------------------------------- docs/leniency.md

ROW = re.compile(r"\| `(?P<octets>[0-9a-f ]+)` \| (?P<peer>[^|]+) \| (?P<ours>[^|]+) \| (?P<why>[^|]+) \|")


def documented(section: str) -> list[tuple[str, str]]:
    text = (Path(__file__).parents[2] / "docs" / "leniency.md").read_text(encoding="utf-8")
    _, _, rest = text.partition(f"\n## {section}\n")
    table, _, _ = rest.partition("\n## ")
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    matches = [ROW.fullmatch(row) for row in rows]
    return [(match["octets"], match["ours"].strip()) for match in matches if match] if all(matches) else []


@pytest.mark.parametrize(("section", "rows"), [("Values", 33), ("Names", 7), ("Lengths", 8)])
def test_docs_leniency_has_all_its_rows(section, rows):
    assert len(documented(section)) == rows


@pytest.mark.parametrize("wrap", [field, long_field])
@pytest.mark.parametrize(("contents", "ours"), documented("Values"))
def test_docs_leniency_values_are_read_as_the_page_says(contents, ours, wrap):
    data = wrap(0x30, field(0x06, NAME.ber), octets(contents))
    assert text_of(data, "value") == ours


@pytest.mark.parametrize("wrap", [field, long_field])
@pytest.mark.parametrize(("contents", "ours"), documented("Names"))
def test_docs_leniency_names_are_read_as_the_page_says(contents, ours, wrap):
    assert text_of(wrap(0x30, octets(contents), b"\x05\x00"), "oid") == ours


def text_of(varbind: bytes, part: str) -> str:
    try:
        (read,) = decode_list(varbind)
    except DecodeError:
        return "refused"
    return str(getattr(read, part))


@pytest.mark.parametrize(("contents", "ours"), documented("Lengths"))
def test_docs_leniency_lengths_are_read_as_the_page_says(contents, ours):
    data = field(0xA2, octets("020101 020100 020100"), octets(contents))
    expected = (VarBind(OID("1.3"), Integer32(5)),) if "2b" in contents else ()
    if ours == "refused":
        with pytest.raises(DecodeError):
            decode_pdu(data, 0, len(data))
    else:
        assert ours == "read"
        assert decode_pdu(data, 0, len(data)).varbinds == expected


# ------------------------------------------------------------------------- the cases recorded from gosnmp

CASES = load("gosnmp/varbindlist_cases.json")["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_lists_of_variable_bindings_recorded_from_gosnmp(case):
    data = octets(case["hex"])
    if case["name"] == "zero_length_OID":  # gosnmp refuses it, net-snmp and snmptcp read it (docs/leniency.md)
        assert read_list(data) == (VarBind(OID("0.0"), OctetString(b"test")),)
    elif case["must_fail"]:
        with pytest.raises(DecodeError):
            read_list(data)
    else:
        varbinds = read_list(data)
        assert [str(varbind.value) for varbind in varbinds] == case["values"]
        assert read_list(encode_varbinds(varbinds)) == varbinds


def read_list(data: bytes) -> tuple[VarBind, ...]:
    start, stop = ber.read_tagged(data, 0, len(data), ber.SEQUENCE, "the list of variable bindings")
    assert stop == len(data)
    return decode_varbinds(data, start, stop)
