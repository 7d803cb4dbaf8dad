"""Ctrl-C while the command ``snmptcp`` loads ends it quietly, without a traceback of whatever was being imported.

Contains: the signal's default action while modules load, for the command alone.  Does not contain: Ctrl-C while a
command runs (:mod:`snmptcp.cli.main`).  A program that imports the library keeps its own handler.
"""

from __future__ import annotations

import signal
import sys
import threading

__all__ = ("begin_loading", "end_loading", "is_command")

_loading = False


def is_command() -> bool:
    """Whether this process is the command ``snmptcp``, or ``python -m snmptcp``, and not a program that imports it."""
    first = sys.argv[0].replace("\\", "/") if getattr(sys, "argv", None) else ""
    # "-m" stands there while Python imports the package whose module it is to run.
    return (
        first == "-m" or first.endswith("snmptcp/__main__.py") or first.rpartition("/")[2] in ("snmptcp", "snmptcp.exe")
    )


def begin_loading() -> None:
    """Let Ctrl-C end the command at once."""
    global _loading  # noqa: PLW0603 - one for the process, as signal handlers are
    if _is_main_thread() and is_command() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _loading = True


def end_loading() -> None:
    """Let Ctrl-C raise KeyboardInterrupt again."""
    global _loading  # noqa: PLW0603 - as above
    if _loading and _is_main_thread():
        _loading = False
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


begin_loading()
