"""How much room text takes on a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.cli.output.cells import cell_width, elided, elided_inside, octets_on_one_line, on_one_line


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("eth0", 4),
        ("\N{LATIN SMALL LETTER U WITH DIAERESIS}", 1),
        ("u\N{COMBINING DIAERESIS}", 1),
        ("\u6771\u4eac", 4),  # Tokyo
        ("\uff34", 2),  # a full-width T
        ("\uff76\uff9e", 2),  # half-width Katakana, with a mark that has a cell of its own
        ("\ud55c", 2),  # a Hangul syllable
        ("\u1112\u1161\u11ab", 2),  # the same, in its parts
        ("\N{GRINNING FACE}", 2),
    ],
)
def test_wide_characters_take_two_cells_and_marks_take_none(text: str, cells: int) -> None:
    assert cell_width(text) == cells


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("eth0", 4, "eth0"),
        ("Ethernet", 7, "Ethe..."),
        ("\u6771\u4eac\u5927\u5b66", 7, "\u6771\u4eac..."),
        ("\u6771\u4eac\u5927\u5b66", 6, "\u6771..."),  # the second character would need a seventh cell
        ("\u6771\u4eac\u5927\u5b66", 8, "\u6771\u4eac\u5927\u5b66"),
        ("Ethernet", 2, ".."),
        ("Ethernet", 0, ""),
    ],
)
def test_what_is_wider_than_its_room_ends_with_an_ellipsis(text: str, width: int, shown: str) -> None:
    assert elided(text, width) == shown


def test_a_long_index_keeps_its_start_and_its_end() -> None:
    assert elided_inside("4294967295.1.2.3.4.5", 12) == "42949....4.5"
    assert elided_inside("1.2.3", 5) == "1.2.3"
    assert elided_inside("1.2.3.4", 4) == "1..."


@given(st.text(), st.integers(0, 30))
def test_any_text_fits_its_room_on_one_line_without_control_characters(text: str, width: int) -> None:
    line = on_one_line(text)
    assert line.isprintable()
    assert cell_width(elided(line, width)) <= width
    assert cell_width(elided_inside(line, width)) <= width or not line.isascii()


def test_octets_of_a_device_are_one_line_of_text() -> None:
    assert octets_on_one_line(b"C:\\ Label:Data\r\n  Serial\0") == "C:\\ Label:Data Serial"
    assert octets_on_one_line("München".encode()) == "München"
    assert octets_on_one_line("München".encode("latin-1")) == "M\\xfcnchen"
    assert octets_on_one_line(b"\x1b[31mred") == "\\x1b[31mred"
