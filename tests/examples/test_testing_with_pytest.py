"""examples/testing_with_pytest: its tests pass as they stand, and show the conversation when they fail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import pytest_snmptcp
import snmptcp.testing.fixtures

pytest_plugins = ["pytester"]

FOLDER = Path(__file__).parents[2] / "examples" / "testing_with_pytest"

#: Loaded before pytest runs once more: what it imports itself, it would import anew.
_ = (pytest_snmptcp, snmptcp.testing.fixtures)


@pytest.fixture
def run(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    shutil.copytree(FOLDER, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))

    def run(*options):
        plain = ("-W", "error", "-W", "ignore::pytest.PytestAssertRewriteWarning")
        return pytester.runpytest_inprocess("-p", "pytest_snmptcp", "-p", "no:cacheprovider", *plain, *options)

    return run


def test_the_examples_pass(run):
    run().assert_outcomes(passed=8)


def test_an_example_whose_recording_has_changed_shows_the_conversation(pytester, run):
    recording = pytester.path / "switch.snmprec"
    recording.write_text(recording.read_text().replace("eth1", "eth9"))
    result = run("-k", "recorded_switch and v3")
    result.assert_outcomes(failed=1, deselected=7)
    result.stdout.fnmatch_lines(["*SNMP conversation with agent*", '*1.3.6.1.2.1.2.2.1.2.3* = "eth9"'])
