"""A line of a terminal that changes in its place."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from snmptcp.cli.output.status_line import Instead, StatusLine, goes_back
from tests.support.terminal import screen_after

if TYPE_CHECKING:
    import pytest


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_shorter_text_leaves_nothing_of_the_longer_one_before() -> None:
    terminal = Terminal()
    line = StatusLine(terminal)
    line.show("a longer text")
    line.show("short")
    assert screen_after(terminal.getvalue()) == ["short"]
    line.hide()
    line.hide()
    assert screen_after(terminal.getvalue()) == []


def test_a_long_text_is_shortened_to_the_width() -> None:
    terminal = Terminal()
    StatusLine(terminal).show("x" * 200)  # a terminal whose width is not known has 80 columns
    (line,) = screen_after(terminal.getvalue())
    assert line == "x" * 76 + "..."


def test_other_text_takes_the_place_of_the_line() -> None:
    terminal = Terminal()
    line = StatusLine(terminal)
    stream = Instead(terminal, line.hide)
    line.show("running")
    stream.write("done\n")
    stream.flush()
    assert screen_after(terminal.getvalue()) == ["done"]


def test_a_dumb_terminal_cannot_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert goes_back(Terminal())
    assert not goes_back(io.StringIO())
    monkeypatch.setenv("TERM", "dumb")
    assert not goes_back(Terminal())
