"""Tables: searching for columns, and merging columns into rows."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.credentials import SnmpVersion
from snmptcp.errors import AgentError, AuthorizationError, GenErr, NoSuchName, SnmpError, TooBig
from snmptcp.oid import OID
from snmptcp.protocol.table import COLUMNS_PER_REQUEST, ColumnSearch, RowCollector, RowMerger, TableRow
from snmptcp.values import EndOfMibView, Gauge32, Integer32, OctetString, VarBind
from tests.support.wire import Outcome, SimulatedAgent, sane_successor, varbinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from snmptcp.protocol.request import Request

V1, V2C = SnmpVersion.V1, SnmpVersion.V2C
TABLE = OID("1.3.6.1.2.1.2.2")
ENTRY = TABLE + 1
NEIGHBOURS = varbinds(
    ("1.3.6.1.2.1.1.1.0", Integer32(1)),
    ("1.3.6.1.2.1.2.1.0", Integer32(2)),
    ("1.3.6.1.2.1.3.1.1.1.1", Integer32(3)),
    ("1.3.6.1.2.1.4.1.0", Integer32(4)),
)


def instances(columns: Iterable[int], indexes: Sequence[int | str] = (1, 2)) -> list[VarBind]:
    """Return an instance for each of these indexes in each of these columns."""
    return [VarBind(ENTRY + column + index, Gauge32(column)) for column in columns for index in indexes]


def columns_found(
    search: ColumnSearch, agent: Callable[[Request], Outcome], most_requests: int = 200
) -> tuple[list[int], int]:
    """Run a search to its end; return the column numbers and the number of requests."""
    count = 0
    while not search.finished:
        assert count < most_requests, "the search does not end"
        count += 1
        request = search.request()
        outcome = agent(request)
        if not isinstance(outcome, SnmpError):
            outcome = request.check(outcome) or outcome
        if isinstance(outcome, AgentError):
            if not search.failed(outcome):
                raise outcome
        elif isinstance(outcome, SnmpError):
            raise outcome
        else:
            search.receive(outcome)
    for column in search.columns:
        assert column[:-1] == search.columns[0][:-1]
    return [column[-1] for column in search.columns], count


COLUMN_SETS = {
    "none": [],
    "one": [1],
    "dense": list(range(1, 23)),
    "first not accessible": list(range(2, 10)),
    "sparse": [1, 3, 4, 9, 31],
    "far apart": [2, 33, 34, 500, 70000],
    "one far away": [4000000],
    "exactly one request's worth": list(range(1, COLUMNS_PER_REQUEST + 1)),
    "one more than a request's worth": list(range(1, COLUMNS_PER_REQUEST + 2)),
    "many": list(range(1, 101)),
}


@pytest.mark.parametrize("per_request", [1, 2, 5, COLUMNS_PER_REQUEST])
@pytest.mark.parametrize("columns", COLUMN_SETS.values(), ids=COLUMN_SETS.keys())
@pytest.mark.parametrize("last", [False, True], ids=["inside the MIB", "at the end of the MIB"])
@pytest.mark.parametrize("version", [V1, V2C])
def test_every_column_that_has_an_instance_is_found(
    version: SnmpVersion, last: bool, columns: list[int], per_request: int
) -> None:
    mib = [*(NEIGHBOURS[:2] if last else NEIGHBOURS), *instances(columns)]
    agent = SimulatedAgent(sane_successor(mib), version)

    assert columns_found(ColumnSearch(TABLE, per_request), agent)[0] == columns


@pytest.mark.parametrize("error_index", [None, 0])
@pytest.mark.parametrize("columns", COLUMN_SETS.values(), ids=COLUMN_SETS.keys())
def test_no_such_name_at_the_end_of_the_mib_loses_no_column_whether_its_index_is_right_or_missing(
    columns: list[int], error_index: int | None
) -> None:
    agent = SimulatedAgent(sane_successor([*NEIGHBOURS[:2], *instances(columns)]), V1, error_index=error_index)

    assert columns_found(ColumnSearch(TABLE), agent)[0] == columns


@pytest.mark.parametrize("error_index", [1, 2, 3, 40, 0x7FFFFFFF, -1])
@pytest.mark.parametrize("columns", [[], [1], [1, 2, 3], [2, 5, 40]], ids=str)
def test_any_error_index_is_survived_if_one_column_is_asked_for_at_a_time(columns: list[int], error_index: int) -> None:
    agent = SimulatedAgent(sane_successor([*NEIGHBOURS[:2], *instances(columns)]), V1, error_index=error_index)

    found, _ = columns_found(ColumnSearch(TABLE, 1), agent)

    assert found == columns[: len(found)]


@pytest.mark.parametrize(
    "columns", [[1, 2], list(range(1, 23)), [2, 3], [2], [7], [1, 40], list(range(1, 70))], ids=str
)
@pytest.mark.parametrize("version", [V1, V2C])
@pytest.mark.parametrize("last", [False, True], ids=["inside the MIB", "at the end of the MIB"])
def test_the_oid_of_the_entry_works_like_that_of_the_table(
    last: bool, version: SnmpVersion, columns: list[int]
) -> None:
    mib = [*(NEIGHBOURS[:2] if last else NEIGHBOURS), *instances(columns)]
    search = ColumnSearch(ENTRY)

    found, _ = columns_found(search, SimulatedAgent(sane_successor(mib), version))

    assert found == columns
    assert search.columns[0][:-1] == ENTRY


def test_a_table_whose_columns_fit_one_request_takes_no_second_one() -> None:
    agent = SimulatedAgent(sane_successor([*NEIGHBOURS, *instances(range(1, 23))]))

    assert columns_found(ColumnSearch(TABLE), agent) == (list(range(1, 23)), 1)


def test_the_columns_are_oids() -> None:
    search = ColumnSearch(TABLE)
    columns_found(search, SimulatedAgent(sane_successor([*NEIGHBOURS, *instances([2, 5])])))

    assert search.columns == [ENTRY + 2, ENTRY + 5]


def test_an_index_that_looks_like_columns_does_not_confuse_the_search() -> None:
    mib = [*NEIGHBOURS, *instances([1, 3], ["1.2.3", "2.1.1", "2.2"])]

    assert columns_found(ColumnSearch(TABLE), SimulatedAgent(sane_successor(mib)))[0] == [1, 3]


def test_a_table_that_begins_with_the_same_arcs_is_not_taken_for_this_one() -> None:
    mib = [*NEIGHBOURS, *varbinds(("1.3.6.1.2.1.2.20.1.1.1", Integer32(1)), ("1.3.6.1.2.1.2.256.1.1.1", Integer32(1)))]

    assert columns_found(ColumnSearch(TABLE), SimulatedAgent(sane_successor(mib)))[0] == []


def test_an_instance_of_the_table_itself_is_no_column() -> None:
    search = ColumnSearch(TABLE)
    request = search.request()
    search.receive(tuple(VarBind(TABLE, Integer32(1)) for _ in request.names))

    assert search.finished
    assert search.columns == []


def test_end_of_mib_view_under_a_name_of_the_table_is_no_instance() -> None:
    search = ColumnSearch(TABLE)
    request = search.request()
    search.receive(tuple(VarBind(name + 1, EndOfMibView()) for name in request.names))

    assert search.finished
    assert search.columns == []


@pytest.mark.parametrize("capacity", [2, 3, 7, 33])
@pytest.mark.parametrize("error", [TooBig(1), GenErr(5)])
def test_too_big_makes_the_search_ask_for_fewer_columns(error: AgentError, capacity: int) -> None:
    agent = SimulatedAgent(sane_successor([*NEIGHBOURS, *instances(range(1, 50))]))
    refused = []

    def small(request: Request) -> Outcome:
        if len(request.names) <= capacity:
            return agent(request)
        refused.append(len(request.names))
        return error

    found, _ = columns_found(ColumnSearch(TABLE), small)

    assert found == list(range(1, 50))
    assert len(refused) <= 5  # the number is halved each time, not decremented


@pytest.mark.parametrize("error", [TooBig(1), GenErr(5), AuthorizationError(16), AgentError(77)])
def test_an_error_that_stays_comes_out_of_the_search(error: AgentError) -> None:
    with pytest.raises(AgentError) as raised:
        columns_found(ColumnSearch(TABLE), lambda _: error)

    assert raised.value is error


@pytest.mark.parametrize("index", [0, 1, 2, 3, 5, 32, 33, 34, 100000, 0x7FFFFFFF, -1, -0x80000000])
def test_no_such_name_to_everything_is_an_empty_table_wherever_its_index_points(index: int) -> None:
    found, count = columns_found(ColumnSearch(TABLE), lambda _: NoSuchName(2, index))

    assert found == []
    assert count <= 8  # at most one more for each halving of the names


@pytest.mark.parametrize("index", [34, 35, 100000, 0x7FFFFFFF])
def test_an_error_index_does_not_make_the_next_request_larger(index: int) -> None:
    search = ColumnSearch(TABLE)
    most = len(search.request().names)
    for _ in range(8):  # at most one more for each halving of the names
        search.failed(NoSuchName(2, index))
        assert len(search.request().names) <= most

    assert search.finished


@pytest.mark.parametrize("per_request", [1, 2, COLUMNS_PER_REQUEST])
@pytest.mark.parametrize("columns", [[4294967295], [1, 4294967294], [4294967290, 4294967295], [5, 4294967264]], ids=str)
def test_the_largest_column_numbers_that_an_oid_can_hold_are_found(columns: list[int], per_request: int) -> None:
    agent = SimulatedAgent(sane_successor([*NEIGHBOURS, *instances(columns)]))

    assert columns_found(ColumnSearch(TABLE, per_request), agent)[0] == columns


@pytest.mark.parametrize("tail", ["1.1.1", "1.2", "1.5.9", "1.31.1", "1.32.1"])
def test_an_agent_that_always_gives_the_same_name_is_not_asked_for_ever(tail: str) -> None:
    _, count = columns_found(
        ColumnSearch(TABLE), lambda request: tuple(VarBind(TABLE + tail, Integer32(1)) for _ in request.names)
    )

    assert count <= 3


def test_an_agent_that_goes_backwards_is_not_asked_for_ever_and_no_column_is_found_twice() -> None:
    def backwards(request: Request) -> Outcome:
        return tuple(
            VarBind(ENTRY + f"{max(1, 40 - 3 * number)}.1", Integer32(1)) for number, _ in enumerate(request.names)
        )

    found, count = columns_found(ColumnSearch(TABLE), backwards)

    assert count <= 3
    assert found == sorted(set(found))


def test_a_column_before_the_one_asked_for_is_not_believed() -> None:
    search = ColumnSearch(TABLE)
    names = search.request().names[1:]
    answered = [1] * len(names)
    answered[19] = 15
    search.receive((NEIGHBOURS[-1], *(VarBind(ENTRY + f"{column}.1", Integer32(1)) for column in answered)))

    assert search.columns == [ENTRY + 1]


@settings(max_examples=60, deadline=None)
@given(
    columns=st.sets(st.integers(1, 200) | st.integers(1, 0x0FFFFFFF), max_size=40),
    per_request=st.integers(1, 40),
    version=st.sampled_from([V1, V2C]),
    last=st.booleans(),
)
def test_the_columns_of_any_table_are_found_whatever_the_size_of_requests(
    columns: set[int], per_request: int, version: SnmpVersion, last: bool
) -> None:
    mib = [*(NEIGHBOURS[:2] if last else NEIGHBOURS), *instances(sorted(columns), [1])]
    agent = SimulatedAgent(sane_successor(mib), version)

    found, count = columns_found(ColumnSearch(TABLE, per_request), agent)

    assert found == sorted(columns)
    assert count <= len(columns) + per_request + 4


# -------------------------------------------------------------------------------------- RowMerger


def cell(column: OID, index: str | tuple[int, ...], value: int = 1) -> VarBind:
    return VarBind(column + index, Integer32(value))


def merge(columns: Sequence[OID], *cells: Sequence[VarBind]) -> list[TableRow]:
    """Return the rows of complete columns."""
    merger = RowMerger(columns)
    for position, column in enumerate(cells):
        merger.feed(position, column)
    return list(merger.rows([True] * len(columns)))


ONE, TWO, THREE = ENTRY + 1, ENTRY + 2, ENTRY + 3


def test_rows_are_made_of_the_cells_with_one_index() -> None:
    rows = merge([ONE, TWO], [cell(ONE, "1", 11), cell(ONE, "2", 12)], [cell(TWO, "1", 21), cell(TWO, "2", 22)])

    assert [str(row.index) for row in rows] == ["1", "2"]
    assert [dict(row.items()) for row in rows] == [{1: 11, 2: 21}, {1: 12, 2: 22}]


def test_a_column_without_an_instance_is_missing_from_its_row_alone() -> None:
    rows = merge([ONE, TWO, THREE], [cell(ONE, "1"), cell(ONE, "3")], [cell(TWO, "2"), cell(TWO, "3")], [])

    assert [(str(row.index), list(row)) for row in rows] == [("1", [1]), ("2", [2]), ("3", [1, 2])]


@pytest.mark.parametrize(
    "indexes",
    [
        [
            "1",
            "2",
            "10",
            "100",
            "127",
            "128",
            "129",
            "255",
            "256",
            "16383",
            "16384",
            "2097151",
            "2097152",
            "4294967295",
        ],
        ["1", "1.1", "1.1.1", "1.2", "2", "2.0"],
        ["0", "0.0", "1"],
        ["10.0.0.1", "10.0.0.200", "10.0.1.1", "127.0.0.1", "192.0.2.1", "192.0.2.128"],
        ["3.97.98.99", "4.97.98.99.100", "200.1", "200.1.1"],
        ["", "1"],
    ],
    ids=lambda indexes: indexes[-1],
)
def test_rows_come_in_the_order_of_their_arcs(indexes: list[str]) -> None:
    """RFC 3416 section 4.2.2: the order is that of arcs, not of octets or text."""
    odd, even = indexes[::2], indexes[1::2]

    rows = merge(
        [ONE, TWO, THREE],
        [cell(ONE, tuple(OID.fragment(index))) for index in odd],
        [cell(TWO, tuple(OID.fragment(index))) for index in even],
        [cell(THREE, tuple(OID.fragment(index))) for index in indexes],
    )

    assert [row.index for row in rows] == [OID.fragment(index) for index in indexes]
    assert [list(row) for row in rows] == [[1, 3] if index in odd else [2, 3] for index in indexes]


def test_no_row_comes_before_every_column_that_goes_on_is_known_there() -> None:
    merger = RowMerger([ONE, TWO])
    merger.feed(0, [cell(ONE, "1"), cell(ONE, "2"), cell(ONE, "3")])
    assert list(merger.rows([False, False])) == []

    merger.feed(1, [cell(TWO, "2")])
    assert [(str(row.index), list(row)) for row in merger.rows([False, False])] == [("1", [1]), ("2", [1, 2])]
    assert list(merger.rows([True, False])) == []
    assert [(str(row.index), list(row)) for row in merger.rows([True, True])] == [("3", [1])]
    assert list(merger.rows([True, True])) == []


def test_the_merger_tells_which_columns_are_empty() -> None:
    merger = RowMerger([ONE, TWO])
    assert merger.empty(0)
    merger.feed(0, [cell(ONE, "1")])
    assert not merger.empty(0)
    assert merger.empty(1)
    list(merger.rows([False, True]))
    assert merger.empty(0)


def test_the_merger_counts_the_octets_of_answers_until_their_instances_have_become_rows() -> None:
    first, second = ENTRY + 1, ENTRY + 2
    merger = RowMerger([first, second])
    merger.feed(0, [cell(first, "1"), cell(first, "2")], 100)
    assert merger.octets == 100
    merger.feed(1, [cell(second, "1")], 50)
    assert len(list(merger.rows([False, False]))) == 1
    merger.feed(1, [cell(second, "2")], 10)  # its last answer has become a row
    assert merger.octets == 110
    assert len(list(merger.rows([False, False]))) == 1
    merger.feed(0, [], 7)
    assert merger.octets == 17


def test_cells_are_in_the_order_of_the_columns_that_were_asked_for() -> None:
    (row,) = merge([THREE, ONE], [cell(THREE, "1", 3)], [cell(ONE, "1", 1)])

    assert list(row.items()) == [(3, 3), (1, 1)]


@pytest.mark.parametrize("swapped", [False, True])
def test_columns_of_different_tables_that_share_an_index_are_merged(swapped: bool) -> None:
    """RFC 2863: ifXTable augments ifTable; its columns are two arcs deeper."""
    columns = [OID("1.3.6.1.2.1.2.2.1.2"), OID("1.3.6.1.2.1.31.1.1.1.1")]
    if swapped:
        columns.reverse()

    rows = merge(columns, *[[cell(column, "7"), cell(column, "128")] for column in columns])

    assert [row.index for row in rows] == [OID.fragment("7"), OID.fragment("128")]
    assert all(sorted(row) == [1, 2] for row in rows)


def test_no_columns_are_no_rows() -> None:
    assert merge([]) == []


ARCS = st.sampled_from([0, 1, 2, 3, 127, 128, 129, 255, 16383, 16384, 0xFFFFFFFF])
INDEXES = st.lists(ARCS, max_size=4).map(tuple)


@settings(max_examples=150, deadline=None)
@given(
    keys=st.sets(st.tuples(st.integers(1, 5), INDEXES), max_size=25),
    turns=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4), st.booleans()), max_size=30),
)
def test_any_cells_in_any_chunks_come_back_as_the_rows_they_make_in_order(
    keys: set[tuple[int, tuple[int, ...]]], turns: list[tuple[int, int, bool]]
) -> None:
    numbers = [1, 2, 3, 4, 5]
    table = {key: value for value, key in enumerate(sorted(keys))}
    waiting = [
        [cell(ENTRY + number, index, table[column, index]) for column, index in table if column == number]
        for number in numbers
    ]
    merger = RowMerger([ENTRY + number for number in numbers])
    rows: list[TableRow] = []
    finished = [False] * 5
    for position, count, known_to_be_over in [*turns, *((position, 100, True) for position in range(5))]:
        merger.feed(position, waiting[position][:count])
        del waiting[position][:count]
        # The end of a column may be known with its last cell, or only after another response.
        finished[position] = finished[position] or (not waiting[position] and known_to_be_over)
        rows.extend(merger.rows(finished))

    expected = [
        (index, [(number, table[number, index]) for number in numbers if (number, index) in table])
        for index in sorted({index for _, index in table})
    ]
    assert [(row.index.arcs, list(row.items())) for row in rows] == expected
    assert all(merger.empty(position) for position in range(5))


@pytest.mark.parametrize("merger_of", [RowMerger, RowCollector])
def test_columns_in_order_make_the_same_rows_either_way(merger_of: Callable[[Sequence[OID]], RowMerger]) -> None:
    merger = merger_of([ENTRY + 1, ENTRY + 2])
    merger.feed(0, instances([1], [1, 2, 3]), 300)
    merger.feed(1, instances([2], [1, 2, 3]), 300)

    rows = list(merger.rows([False, False]))

    assert [(str(row.index), dict(row)) for row in rows] == [(index, {1: 1, 2: 2}) for index in "123"]
    assert merger.empty(0)
    assert merger.empty(1)


def test_columns_that_are_out_of_order_make_whole_rows() -> None:
    collector = RowCollector([ENTRY + 1, ENTRY + 2, ENTRY + 3])
    collector.feed(0, instances([1], [3, 1, 2]), 90)
    collector.feed(1, instances([2], [2, 3, 1]), 90)

    assert list(collector.rows([True, True, False])) == []
    assert (collector.empty(0), collector.empty(1), collector.empty(2)) == (False, False, True)
    assert collector.octets == 180
    collector.feed(2, instances([3], [3]), 40)
    first = list(collector.rows([True, True, False]))
    rest = list(collector.rows([True, True, True]))

    assert [(str(row.index), dict(row)) for row in first] == [("3", {1: 1, 2: 2, 3: 3})]
    assert [(str(row.index), dict(row)) for row in rest] == [("1", {1: 1, 2: 2}), ("2", {1: 1, 2: 2})]
    assert collector.octets == 0
    assert collector.empty(0)


# --------------------------------------------------------------------------------------- TableRow

ROW = TableRow(OID.fragment("7"), {2: OctetString(b"eth0"), 10: Integer32(5)})


def test_a_row_reads_like_a_mapping_of_column_numbers() -> None:
    assert ROW[2] == b"eth0"
    assert ROW.get(10) == 5
    assert ROW.get(3) is None
    assert ROW.get(3, Integer32(0)) == 0
    assert 2 in ROW
    assert 3 not in ROW
    assert not any(key in ROW for key in ("2", None, 2.5))
    assert len(ROW) == 2
    assert list(ROW) == list(ROW.keys()) == [2, 10]
    assert list(ROW.items()) == [(2, b"eth0"), (10, 5)]
    assert dict(ROW.items()) == dict(ROW)


@pytest.mark.parametrize("index", ["7", "1.4", "0.0.0.0", "10.0.0.1.300"])
def test_a_row_tells_the_whole_name_of_an_instance(index: str) -> None:
    entry = OID("1.3.6.1.2.1.4.20.1")
    merger = RowMerger([entry + 2, entry + 300])
    merger.feed(0, [VarBind(entry + 2 + index, Integer32(1))])
    [row] = merger.rows([True, True])
    assert row.oid(2) == f"1.3.6.1.2.1.4.20.1.2.{index}"
    assert row.index == index
    with pytest.raises(KeyError, match=f"the row {index} has no column 300"):
        row.oid(300)


def test_a_row_that_was_made_without_columns_knows_no_names() -> None:
    with pytest.raises(KeyError):
        ROW.oid(2)


def test_a_row_can_be_made_a_dict() -> None:
    assert dict(ROW) == {2: b"eth0", 10: 5}
    assert {**ROW} == {2: b"eth0", 10: 5}


def test_a_column_that_the_row_lacks_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        ROW[3]


def test_rows_are_equal_if_index_and_cells_are() -> None:
    same = TableRow(OID.fragment("7"), {2: OctetString(b"eth0"), 10: Integer32(5)})

    assert same == ROW
    assert hash(same) == hash(ROW)
    assert len({same, ROW}) == 1
    assert TableRow(OID.fragment("8"), dict(ROW)) != ROW
    assert TableRow(OID.fragment("7"), {2: OctetString(b"eth0")}) != ROW
    assert TableRow(OID.fragment("7"), {2: OctetString(b"eth1"), 10: Integer32(5)}) != ROW
    assert ROW != {2: b"eth0", 10: 5}


def test_the_order_of_its_cells_does_not_make_a_row_another_one() -> None:
    reordered = TableRow(ROW.index, dict(reversed(list(ROW.items()))))

    assert list(reordered) != list(ROW)
    assert reordered == ROW
    assert hash(reordered) == hash(ROW)


def test_the_text_of_a_row_shows_its_index_and_cells() -> None:
    assert repr(ROW) == "TableRow(7, {2: OctetString(b'eth0'), 10: Integer32(5)})"


def test_a_row_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(ROW)) == ROW
