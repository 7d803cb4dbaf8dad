"""Rows as aligned text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snmptcp import OID, Counter32, Integer32, OctetString
from snmptcp.cli.output.tables import text_table
from snmptcp.manager import TableRow
from snmptcp.values import Value

ROWS = [
    TableRow(OID.fragment("1"), {2: OctetString(b"lo"), 10: Counter32(123456)}),
    TableRow(OID.fragment("12"), {2: OctetString(b"eth0")}),
]


def test_numbers_stand_right_and_text_stands_left_under_their_titles() -> None:
    assert list(text_table(ROWS, {2: "2", 10: "10"})) == [
        "index  2         10",
        "    1  lo    123456",
        "   12  eth0       -",
    ]


def test_an_index_of_several_arcs_stands_left() -> None:
    rows = [TableRow(OID.fragment("10.0.0.1"), {1: Integer32(1)}), TableRow(OID.fragment("9.1"), {1: Integer32(2)})]
    assert list(text_table(rows, {1: "1"})) == ["index     1", "10.0.0.1  1", "9.1       2"]


def test_a_table_without_a_width_has_its_cells_whole() -> None:
    rows = [TableRow(OID.fragment((4294967295,) * 9), {1: OctetString(b"x" * 100)})]
    (_, line) = text_table(rows, {1: "1"})
    assert line.split() == [".".join(["4294967295"] * 9), "x" * 100]


def test_names_of_values_and_titles_control_no_terminal() -> None:
    lines = list(text_table(ROWS, {2: "a\x1b[2J"}, names={2: lambda value: f"{value}\r\n\x9b\u202e"}))
    assert lines == [
        r"index  a\x1b[2J",
        r"    1  lo \x9b\u202e",
        r"   12  eth0 \x9b\u202e",
    ]


def test_a_wide_table_is_folded_with_the_index_before_each_part() -> None:
    assert list(text_table(ROWS, {2: "2", 10: "10"}, width=16)) == [
        "index  2",
        "    1  lo",
        "   12  eth0",
        "",
        "index      10",
        "    1  123456",
        "   12       -",
    ]


def test_a_column_that_is_wider_than_a_line_stands_alone() -> None:
    lines = list(text_table(ROWS, {2: "2", 10: "10"}, width=1))
    assert lines.count("") == 1
    assert lines[1] == "    1  lo"


def test_a_column_can_have_names_for_its_values() -> None:
    lines = text_table(ROWS, {2: "2"}, names={2: lambda value: f"<{value}>"})
    assert list(lines) == ["index  2", "    1  <lo>", "   12  <eth0>"]


_CELLS: st.SearchStrategy[Value] = st.binary(max_size=60).map(OctetString) | st.integers(0, 2**32 - 1).map(Counter32)


@given(
    st.lists(st.dictionaries(st.integers(1, 5), _CELLS, min_size=1), min_size=1, max_size=5),
    st.none() | st.integers(1, 100),
)
def test_any_table_keeps_all_its_rows_in_printable_lines(cells: list[dict[int, Value]], width: int | None) -> None:
    rows = [TableRow(OID.fragment((number,)), row) for number, row in enumerate(cells, 1)]
    lines = list(text_table(rows, {column: str(column) for column in range(1, 6)}, width))
    assert all(width is None or len(line) <= max(width, 18) for line in lines)
    parts = "\n".join(lines).split("\n\n")
    assert all(len(part.split("\n")) == len(rows) + 1 for part in parts)
    assert all(line.isprintable() for line in lines)
    if width is None:
        assert len(parts) == 1
