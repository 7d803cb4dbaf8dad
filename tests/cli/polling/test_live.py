"""The view on a terminal."""

from __future__ import annotations

import importlib
import io
import sys
from types import SimpleNamespace
from typing import Any

import pyte
import pytest

from snmptcp import RequestTimeout
from snmptcp.cli.polling import live
from snmptcp.cli.polling.board import Speed
from snmptcp.cli.polling.live import LiveView
from snmptcp.cli.polling.recent import Recent
from tests.cli.polling.making import health, poll, sample, sink


class Terminal(io.StringIO):
    """A terminal of 24 lines."""

    def isatty(self) -> bool:
        return True

    @property
    def screen(self) -> list[str]:
        screen = pyte.Screen(80, 24)
        stream = pyte.Stream(screen)
        stream.feed(self.getvalue().replace("\n", "\r\n"))
        return [line.rstrip() for line in screen.display]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name, value in (("TERM", "xterm"), ("COLUMNS", "80"), ("LINES", "24")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Terminal()


def busy() -> Recent:
    recent = Recent()
    for number in range(30):
        recent.take(poll(f"slow-{number}", took=number, samples=(sample(number * 1000.0),)))
        recent.take(poll(f"gone-{number}", at=100.0 + number, error=RequestTimeout(5.0)))
    return recent


def test_tables_fit_the_terminal_and_stay_in_their_place(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal)
    with LiveView("snmptcp poll fleet.toml") as view:
        for at in (200.0, 260.0):
            view.show(health(at=at, targets=60, failing=30, sinks=(sink(),)), Speed(), busy())
            sys.stderr.write("snmptcp: a line above the view\n")
        view.show(health(at=320.0, targets=60, failing=30, sinks=(sink(),)), Speed(), busy())
    assert sys.stderr is terminal
    shown = terminal.screen
    assert sum("for 0:0" in line for line in shown) == 1
    assert any(line.startswith("snmptcp poll fleet.toml, for 0:03:40") for line in shown)
    for start in ("targets      60: 30 answer, 30 fail", "failing: target", "gone-29", "slowest: target", "slow-29"):
        assert any(line.startswith(start) for line in shown), start
    assert any(line.startswith("sinks: sink") for line in shown)
    assert shown[-1] == ""


def test_without_rich_one_line_changes_and_disappears(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def import_module(name: str) -> Any:
        if name.startswith("rich"):
            raise ImportError(name)
        return importlib.import_module(name)

    monkeypatch.setattr(live, "importlib", SimpleNamespace(import_module=import_module))
    monkeypatch.setattr(sys, "stderr", terminal)
    with LiveView("x") as view:
        view.show(health(targets=7), Speed(), Recent())
        assert terminal.screen[0].startswith("7 targets, 0 failing; 0.0 polls/s")
        sys.stderr.write("other text\n")
        assert terminal.screen[:2] == ["other text", ""]
        view.show(health(targets=8), Speed(), Recent())
        assert terminal.screen[1].startswith("8 targets")
    assert terminal.screen[:2] == ["other text", ""]


def test_a_view_needs_a_terminal_that_can_go_back(monkeypatch: pytest.MonkeyPatch, terminal: Terminal) -> None:
    monkeypatch.setattr(sys, "stderr", terminal)
    assert LiveView.is_possible()
    assert LiveView.has_tables()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert not LiveView.is_possible()
