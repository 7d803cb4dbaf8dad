"""Text of other programs, made fit for a log, an error and a terminal."""

from __future__ import annotations

import pytest

from snmptcp.printable import printable, printable_lines, quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, äöü", "plain text, äöü"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("two\r\nlines", r"two\r\nlines"),
        ("\u202ereversed", r"\u202ereversed"),
        ("\x9b31m", r"\x9b31m"),
        ("a\0b\x7f", r"a\x00b\x7f"),
    ],
)
def test_what_a_terminal_would_act_on_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_long_text_is_cut() -> None:
    assert printable("x" * 1000) == "x" * 200 + "..."
    assert printable("x" * 1000, None) == "x" * 1000


def test_lines_and_tabs_stay_in_a_text_of_several_lines() -> None:
    assert printable_lines("one\n\ttwo\x1b[2J\r\n") == "one\n\ttwo\\x1b[2J\\r\n"


def test_a_text_in_quotes_is_escaped_and_cut() -> None:
    assert quoted("it's \x1b[31m") == r'''"it's \x1b[31m"'''
    assert quoted("x" * 1000) == f"'{'x' * 64}...'"
