"""Lines on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from snmptcp.cli.output.report import discard_stdout, report

if TYPE_CHECKING:
    import pytest


def test_a_line_has_escapes_for_what_could_control_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    report("a\x1b[31m\nb")
    assert capsys.readouterr() == ("", "snmptcp: a\\x1b[31m\\nb\n")


def test_an_output_that_is_no_file_can_be_discarded(capsys: pytest.CaptureFixture[str]) -> None:
    sys.stdout.write("kept")
    discard_stdout()
    report("an error")
    assert capsys.readouterr().err == "snmptcp: an error\n"
