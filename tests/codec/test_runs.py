"""Runs of variable bindings: what is read in one step is what is read one by one, whole, cut or damaged."""

from __future__ import annotations

import pickle
import random
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.codec import runs
from snmptcp.codec.pdu import decode_varbinds, encode_varbind
from snmptcp.codec.runs import MAX_NAME, MAX_STRING, MIN_RUN, MIN_RUN_SIZE, STEP_SIZE, read_runs
from snmptcp.codec.varbinds import decode_varbind
from snmptcp.errors import DecodeError
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    VarBind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snmptcp.values import Value

COLUMN = OID("1.3.6.1.2.1.2.2.1.10")


@pytest.fixture(autouse=True)
def _all_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read each form as if it had been met often."""
    monkeypatch.setattr(runs, "USES_BEFORE_FORM", 0)


def listed(values: Iterable[Value], column: OID = COLUMN, first: int = 1) -> bytes:
    return b"".join(encode_varbind(column + index, value) for index, value in enumerate(values, first))


def one_by_one(contents: bytes) -> object:
    """What the general path makes of a list; of a refused one, where it is refused."""
    varbinds, offset = [], 0
    try:
        while offset < len(contents):
            varbind, offset = decode_varbind(contents, offset, len(contents))
            varbinds.append(varbind)
    except DecodeError as error:
        return error.offset
    return [(varbind, type(varbind.value)) for varbind in varbinds]


def as_list(contents: bytes) -> object:
    try:
        varbinds = decode_varbinds(contents, 0, len(contents))
    except DecodeError as error:
        return error.offset
    assert all(type(varbind) is VarBind and type(varbind.oid) is OID for varbind in varbinds)
    return [(varbind, type(varbind.value)) for varbind in varbinds]


def in_runs(contents: bytes) -> tuple[list[VarBind], int]:
    varbinds: list[VarBind] = []
    return varbinds, read_runs(contents, 0, len(contents), varbinds)


WHOLE_RUNS: dict[str, list[Value]] = {
    "Counter32 of every length": [Counter32(2**bits - 1) for bits in range(33)],
    "Gauge32": [Gauge32(number) for number in range(20)],
    "TimeTicks": [TimeTicks(2**32 - 1 - number) for number in range(20)],
    "Counter64 of every length": [Counter64(2**bits - 1) for bits in range(65)],
    "INTEGER of one octet": [Integer32(number) for number in range(128)],
    "INTEGER of every length": [Integer32(sign * 2**bits) for bits in range(31) for sign in (1, -1)],
    "STRING of every length": [OctetString(b"x" * length) for length in range(MAX_STRING + 1)],
    "STRING of octets that mean something": [OctetString(b"0\x06\x04" * 5)] * 20,
    "IpAddress": [IpAddress(f"192.0.2.{number}") for number in range(20)],
}


@pytest.mark.parametrize("values", WHOLE_RUNS.values(), ids=WHOLE_RUNS)
def test_a_run_of_each_type_is_read_in_one_step(values: list[Value]) -> None:
    contents = listed(values[:127])
    varbinds, offset = in_runs(contents)
    assert offset == len(contents)
    assert [(varbind.oid, varbind.value, type(varbind.value)) for varbind in varbinds] == [
        (COLUMN + index, value, type(value)) for index, value in enumerate(values[:127], 1)
    ]


def test_what_is_read_in_one_step_is_as_any_other_variable_binding() -> None:
    (first, *_) = in_runs(listed([Counter32(7)] * 10))[0]
    alone = decode_varbinds(contents := encode_varbind(COLUMN + 1, Counter32(7)), 0, len(contents))[0]
    assert type(first) is VarBind
    assert (repr(first), hash(first), str(first), first.oid.arcs) == (
        repr(alone),
        hash(alone),
        str(alone),
        alone[0].arcs,
    )
    assert pickle.loads(pickle.dumps(first)) == alone


def test_runs_of_several_columns_follow_each_other() -> None:
    columns = [
        listed([Integer32(index) for index in range(1, 21)], COLUMN[:-1] + 1),
        listed([OctetString(f"eth{index}") for index in range(1, 21)], COLUMN[:-1] + 2),
        listed([Counter32(0)] * 20, COLUMN),
    ]
    contents = b"".join(columns)
    varbinds, offset = in_runs(contents)
    assert (len(varbinds), offset) == (60, len(contents))
    assert as_list(contents) == one_by_one(contents)


def test_a_longer_index_begins_a_new_run() -> None:
    contents = listed([Counter32(index) for index in range(100, 160)], first=100)
    varbinds, offset = in_runs(contents)
    assert (len(varbinds), offset) == (60, len(contents))
    assert as_list(contents) == one_by_one(contents)


def test_a_run_ends_where_another_type_begins_and_the_rest_is_read_one_by_one() -> None:
    run = listed([Counter32(1)] * 20)
    rest = listed([Null(), Opaque(b"x"), Counter32(1), OID("1.3")] * 5, COLUMN + 9)
    varbinds, offset = in_runs(run + rest)
    assert (len(varbinds), offset) == (20, len(run))
    assert as_list(run + rest) == one_by_one(run + rest)


@pytest.mark.parametrize(
    "contents",
    [
        listed([Counter32(1), Integer32(1)] * 20),
        listed([Counter32(1)] * (MIN_RUN - 1) + [Integer32(1), Null()] * 20),
        listed([Opaque(b"x")] * 20),
        listed([OctetString(b"x" * (MAX_STRING + 1))] * 20),
        listed([Counter32(1)] * 20, OID((1, 3) + (1,) * MAX_NAME)),
        b"".join(b"\x30\x05\x06\x00\x41\x01\x07" for _ in range(40)),  # empty names
        bytes(MIN_RUN_SIZE),
        b"\xff" * MIN_RUN_SIZE,
    ],
    ids=["mixed", "short", "rare type", "long strings", "long names", "empty names", "zeros", "ones"],
)
def test_what_is_no_run_is_left_to_the_general_path(contents: bytes) -> None:
    assert in_runs(contents) == ([], 0)
    assert as_list(contents) == one_by_one(contents)


@pytest.mark.parametrize(
    "index",
    ["8005", "818005", "ff", "8fffffff7f", "9080808000", "81818101", "8181818101"],
    ids=["padded", "0x80 inside", "cut off", "32 bits", "33 bits", "three octets more", "four octets more"],
)
def test_a_name_that_needs_a_look_is_left_to_the_general_path(index: str) -> None:
    plain = [COLUMN.ber + bytes.fromhex("81" * (len(index) // 2 - 1) + "01")] * 20
    plain[7] = COLUMN.ber + bytes.fromhex(index)
    contents = b"".join(b"\x30%c\x06%c%b\x41\x01\x07" % (len(name) + 5, len(name), name) for name in plain)
    assert as_list(contents) == one_by_one(contents)


def test_a_form_is_made_only_after_it_was_met_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "USES_BEFORE_FORM", 2)
    monkeypatch.setattr(runs, "_uses", {})
    contents = listed([Counter32(1)] * 20)
    assert [in_runs(contents)[1] for _ in range(4)] == [0, 0, len(contents), len(contents)]


@given(st.lists(st.tuples(st.sampled_from(list(WHOLE_RUNS)), st.integers(0, 40)), max_size=4), st.data())
def test_runs_and_the_general_path_agree_also_on_damaged_octets(
    parts: list[tuple[str, int]], data: st.DataObject
) -> None:
    contents = bytearray()
    for column, (kind, length) in enumerate(parts, 1):
        first = data.draw(st.sampled_from([1, 100, 16380, 2**28 - 20]))
        contents += listed((WHOLE_RUNS[kind] * 2)[:length], COLUMN + column, first)
    for _ in range(data.draw(st.integers(0, 3))):
        if contents:
            contents[data.draw(st.integers(0, len(contents) - 1))] = data.draw(
                st.sampled_from([0, 1, 4, 5, 6, 0x30, 0x40, 0x41, 0x46, 0x7F, 0x80, 0x81, 0xFF])
            )
    cut = bytes(contents[: data.draw(st.integers(max(0, len(contents) - 30), len(contents)))])
    assert as_list(cut) == one_by_one(cut)


def test_each_damaged_octet_of_a_run_is_read_or_refused_as_one_by_one() -> None:
    contents = listed([Counter32(0x7FFFFFFF + index) for index in range(12)], first=128)
    for position in range(len(contents)):
        for octet in (0, 1, 5, 0x7F, 0x80, 0xFF, contents[position] ^ 1, contents[position] ^ 0x80):
            damaged = contents[:position] + bytes((octet,)) + contents[position + 1 :]
            assert as_list(damaged) == one_by_one(damaged), (position, octet)


def test_short_runs_of_changing_types_are_looked_through_once() -> None:
    """Each step goes past a whole run, or leaves the rest, and copies no more than so many octets.

    So hostile lists take no more time than their size.
    """
    contents = b"".join(
        listed([kind(1)] * MIN_RUN, COLUMN + number)
        for number in range(100)
        for kind in (Counter32, Gauge32, TimeTicks, Integer32)
    )
    assert len(contents) > 2 * STEP_SIZE
    seen: list[int] = []
    copied: list[int] = []

    class Octets(bytes):
        def __getitem__(self, key: Any) -> Any:
            if isinstance(key, slice):
                seen.append(key.start)
                copied.append(key.stop - key.start)
            return super().__getitem__(key)

    varbinds: list[VarBind] = []
    assert read_runs(Octets(contents), 0, len(contents), varbinds) == len(contents)
    assert len(varbinds) == 3200
    assert all(first < second for first, second in pairwise(seen))
    assert max(copied) <= STEP_SIZE


@pytest.mark.parametrize("value", [Counter32(1), OctetString(b"text"), OctetString(b"")], ids=repr)
def test_a_run_goes_on_wherever_a_step_ends(value: Value, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = listed([value] * 100)
    for more in range(len(encode_varbind(COLUMN + 1, value))):  # a step ends behind each octet of a variable binding
        monkeypatch.setattr(runs, "STEP_SIZE", 400 + more)
        varbinds, offset = in_runs(contents)
        varbinds += decode_varbinds(contents, offset, len(contents))  # the last few are no run any more
        assert len(contents) - offset < MIN_RUN * 20
        assert varbinds == [VarBind(COLUMN + index, value) for index in range(1, 101)]


def test_a_random_order_of_names_is_kept() -> None:
    indexes = random.Random(1).sample(range(1, 120), 60)
    contents = b"".join(encode_varbind(COLUMN + index, Gauge32(index)) for index in indexes)
    assert [varbind.value for varbind in in_runs(contents)[0]] == indexes
