"""What is shown again and again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from snmptcp.cli.output.screen import Screen

if TYPE_CHECKING:
    import pytest


def test_in_a_pipe_each_is_below_the_one_before(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    screen.show(["a", "b"])
    screen.show(["c"])
    assert capsys.readouterr().out == "a\nb\n\nc\n"


def test_on_a_terminal_each_is_in_the_place_of_the_one_before(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((80, 4)))
    screen = Screen()
    screen.show(["a", "b"])
    screen.show(["1", "2", "3", "4", "5"])
    out = capsys.readouterr().out
    assert out == ("\x1b[H\x1b[Ja\x1b[K\nb\x1b[K\n\x1b[J\x1b[H1\x1b[K\n2\x1b[K\n... and 3 more lines\x1b[K\n\x1b[J")
