"""Ctrl-C and the garbage collector while the command loads."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading

import pytest

from snmptcp import starting


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("-m", True),
        ("/usr/bin/snmptcp", True),
        ("snmptcp", True),
        ("C:\\Scripts\\snmptcp.exe", True),
        ("/lib/snmptcp/__main__.py", True),
        ("/usr/bin/pytest", False),
        ("poller.py", False),
        ("", False),
    ],
)
def test_the_command_is_known_by_its_name(first: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [first])
    assert starting.is_command() == expected


def test_ctrl_c_ends_the_command_quietly_until_it_has_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/snmptcp", "get"])
    try:
        starting.begin_loading()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
        starting.end_loading()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_the_collector_does_not_run_while_the_command_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/snmptcp", "get"])
    try:
        starting.begin_loading()
        assert not gc.isenabled()
        starting.collect_again()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        starting.end_loading()
        gc.unfreeze()
        gc.enable()


def test_a_program_keeps_its_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["poller.py"])
    before = gc.get_freeze_count()
    starting.begin_loading()
    assert gc.isenabled()
    starting.collect_again()
    assert gc.get_freeze_count() == before


def test_a_collector_that_was_disabled_stays_disabled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["snmptcp"])
    gc.disable()
    try:
        starting.begin_loading()
        starting.collect_again()
        assert not gc.isenabled()
    finally:
        starting.end_loading()
        gc.enable()


def test_a_program_keeps_its_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["poller.py"])
    starting.begin_loading()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_thread_leaves_signals_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["snmptcp"])
    thread = threading.Thread(target=starting.begin_loading)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_process_that_imports_the_library_has_pythons_handler() -> None:
    program = (
        "import signal, snmptcp, snmptcp.cli.main; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout == "True\n"


#: Runs the command, and interrupts it when a module of the library begins to load.
INTERRUPTED = """
import os, runpy, signal, sys
class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupter())
sys.argv = ["-m", "get"]
runpy.run_module("snmptcp", run_name="__main__", alter_sys=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another matter there")
@pytest.mark.parametrize("module", ["snmptcp.errors", "snmptcp.manager", "snmptcp.cli.main", "snmptcp.cli.parser"])
def test_ctrl_c_while_modules_load_shows_no_traceback(module: str) -> None:
    found = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(module=module)], capture_output=True, text=True, check=False
    )
    assert (found.stdout, found.stderr) == ("", "")
    assert found.returncode in (-signal.SIGINT, 130)
