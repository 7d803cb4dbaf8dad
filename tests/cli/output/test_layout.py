"""Columns within a width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snmptcp.cli.output.cells import cell_width
from snmptcp.cli.output.layout import Column, lay_out

INDEX = Column("index", ["1", "12"], right=True)


def test_a_table_that_fits_is_printed_whole_whatever_the_width_of_single_cells() -> None:
    assert list(lay_out([INDEX], [Column("name", ["x" * 70, "y"])], 80)) == [
        "index  name",
        f"    1  {'x' * 70}",
        "   12  y",
    ]


def test_wide_characters_keep_the_columns_straight() -> None:
    columns = [Column("name", ["\u6771\u4eac", "eth0"]), Column("n", ["1", "22"], right=True)]
    assert list(lay_out((), columns)) == ["name   n", "\u6771\u4eac   1", "eth0  22"]


def test_long_cells_are_elided_to_the_room_that_the_other_columns_leave() -> None:
    columns = [Column("a", ["a" * 100, "a"]), Column("b", ["b" * 20, "b"])]
    title, first, second = lay_out([INDEX], columns, 80)
    assert first == f"    1  {'a' * 48}...  {'b' * 20}"
    assert len(first) == 80
    assert second.split() == ["12", "a", "b"]
    assert title.split() == ["index", "a", "b"]


def test_columns_that_do_not_fit_into_one_line_are_folded_without_being_narrower_than_need_be() -> None:
    columns = [Column(name, [name * 30, name]) for name in "abc"]
    lines = list(lay_out([INDEX], columns, 70))
    assert lines[1] == f"    1  {'a' * 30}  {'b' * 30}"
    assert lines[3] == ""
    assert lines[5] == f"    1  {'c' * 30}"


def test_a_long_index_leaves_half_of_the_line_to_the_columns() -> None:
    index = Column("index", [".".join(["4294967295"] * 9)])
    (_, line) = lay_out([index], [Column("1", ["1"], right=True)], 40)
    assert line == "429496729...94967295  1"


def test_without_an_index_each_part_has_its_own_columns() -> None:
    assert list(lay_out((), [Column("a", ["x" * 8]), Column("b", ["y" * 8])], 10)) == [
        "a",
        "x" * 8,
        "",
        "b",
        "y" * 8,
    ]


def test_several_columns_can_say_which_row_it_is() -> None:
    first = [Column("a", ["1", "22"], right=True), Column("b", ["x", "y"])]
    assert list(lay_out(first, [Column("c", ["c" * 30] * 2), Column("d", ["d" * 30] * 2)], 40)) == [
        " a  b  c",
        f" 1  x  {'c' * 30}",
        f"22  y  {'c' * 30}",
        "",
        " a  b  d",
        f" 1  x  {'d' * 30}",
        f"22  y  {'d' * 30}",
    ]


def test_headings_can_be_left_out() -> None:
    assert list(lay_out([INDEX], [Column("a", ["x", "y"])], headings=False)) == ["    1  x", "   12  y"]


_TEXTS = st.text(st.sampled_from("a\u6771\u0308 "), max_size=60)


@given(st.lists(st.lists(_TEXTS, min_size=2, max_size=2), min_size=1, max_size=6), st.integers(20, 90), st.booleans())
def test_no_line_is_longer_than_the_width(cells: list[list[str]], width: int, index: bool) -> None:
    columns = [Column("title", texts) for texts in cells]
    lines = list(lay_out([INDEX] if index else [], columns, width))
    assert max(map(cell_width, lines)) <= width
    assert sum(line.count("title") for line in lines) == len(columns)
