"""The progress bar: when it appears, and what it shows."""

from __future__ import annotations

import importlib
import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from snmptcp.cli import progress
from snmptcp.cli.progress import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def terminal_of(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make stderr a terminal; pytest itself replaces it between fixtures and test."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    def import_module(name: str) -> Any:
        if name.startswith("rich"):
            raise ImportError(name)
        return importlib.import_module(name)

    monkeypatch.setattr(progress, "importlib", SimpleNamespace(import_module=import_module))


def test_a_second_passes_before_a_line_appears_and_the_end_takes_it_away(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = terminal_of(monkeypatch)
    without_rich(monkeypatch)
    with ProgressBar("reading \x1b[31ma") as bar:
        bar(1, 10)
        assert terminal.getvalue() == ""
        clock.now = 1.5
        bar(5, 10)
        bar(6, 10)  # too early for a change
        assert terminal.getvalue() == "\rreading \\x1b[31ma: 50 %"
        clock.now = 1.7
        bar(7, 0)
        assert terminal.getvalue().endswith("\rreading \\x1b[31ma: 7 octets")
    assert terminal.getvalue().endswith("\r" + " " * len("reading \\x1b[31ma: 7 octets") + "\r")


def test_nothing_is_shown_where_stderr_is_no_terminal(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    monkeypatch.setattr(sys, "stderr", output)
    with ProgressBar("reading") as bar:
        clock.now = 5
        bar(1, 2)
    assert output.getvalue() == ""


def test_rich_draws_the_bar_if_it_is_installed(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    terminal = terminal_of(monkeypatch)
    with ProgressBar("reading [red]a[/red]", "variables") as bar:
        clock.now = 1.5
        bar(1234, 5000)
        clock.now = 1.7
        bar(2345, 0)
    assert "reading" in terminal.getvalue()
    assert "variables" in terminal.getvalue()
    assert "[red]a" in terminal.getvalue()
