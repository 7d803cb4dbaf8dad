"""Variable bindings: what the fast path returns or refuses is what the general path does, to the text of the error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.codec.pdu import encode_varbind
from snmptcp.codec.varbinds import decode_varbind, decode_varbinds
from snmptcp.errors import DecodeError
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    Integer32,
    IpAddress,
    NoSuchInstance,
    Null,
    OctetString,
    TimeTicks,
    VarBind,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.values import Value

NAME = OID("1.3.6.1.2.1.1.3.0")

VALUES: list[Value] = [
    Integer32(-1),
    Integer32(5),
    OctetString(b"text"),
    Null(),
    NAME,
    IpAddress("192.0.2.1"),
    Counter32(7),
    TimeTicks(2**32 - 1),
    Counter64(2**64 - 1),
    NoSuchInstance(),
]


def one_by_one(contents: bytes) -> tuple[VarBind, ...]:
    varbinds, offset = [], 0
    while offset < len(contents):
        varbind, offset = decode_varbind(contents, offset, len(contents))
        varbinds.append(varbind)
    return tuple(varbinds)


def at_once(contents: bytes) -> tuple[VarBind, ...]:
    return decode_varbinds(contents, 0, len(contents))


def outcome(decode: Callable[[bytes], tuple[VarBind, ...]], contents: bytes) -> object:
    """Return names, values and their types; of a refused list, what the error says and where."""
    try:
        return [(name.key, value, type(value)) for name, value in decode(contents)]
    except DecodeError as error:
        return str(error), error.offset


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.name)
def test_what_is_decoded_has_the_hash_of_what_it_is_equal_to(value: Value) -> None:
    expected = VarBind(NAME, value)
    for count in (1, 2):
        for varbind in at_once(encode_varbind(NAME, value) * count):
            assert varbind == expected
            assert hash(varbind) == hash(expected)
            assert hash(varbind.oid) == hash(NAME)
            assert hash(varbind.value) == hash(value)


def test_each_tag_is_read_or_refused_alike_by_both_paths() -> None:
    for tag in range(256):
        for size in range(11):
            field = bytes((tag, size)) + bytes(size)
            contents = ber.tlv(0x30, ber.tlv(0x06, NAME.ber) + field)
            assert outcome(at_once, contents) == outcome(one_by_one, contents), (tag, size)


@given(st.lists(st.sampled_from(VALUES), min_size=1, max_size=20), st.data())
def test_damaged_lists_are_read_or_refused_alike_by_both_paths(values: list[Value], data: st.DataObject) -> None:
    contents = bytearray(b"".join(encode_varbind(NAME, value) for value in values))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(contents)))
        contents[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    damaged = bytes(contents)
    assert outcome(at_once, damaged) == outcome(one_by_one, damaged)
