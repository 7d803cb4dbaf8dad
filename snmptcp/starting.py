"""The command ``snmptcp`` while it loads: Ctrl-C ends it quietly, and the garbage collector does not run.

Contains: the signal's default action, without a traceback of whatever was being imported; the collector, which would
look at all modules again and again, though nothing of them is garbage.  Both are for the command alone.  Does not
contain: Ctrl-C while a command runs (:mod:`snmptcp.cli.main`).  A program that imports the library keeps its own
handler, and its collector.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading

__all__ = ("begin_loading", "collect_again", "end_loading", "is_command")

_loading = False
_uncollected = False


def is_command() -> bool:
    """Whether this process is the command ``snmptcp``, or ``python -m snmptcp``, and not a program that imports it."""
    first = sys.argv[0].replace("\\", "/") if getattr(sys, "argv", None) else ""
    # "-m" stands there while Python imports the package whose module it is to run.
    return (
        first == "-m" or first.endswith("snmptcp/__main__.py") or first.rpartition("/")[2] in ("snmptcp", "snmptcp.exe")
    )


def begin_loading() -> None:
    """Let Ctrl-C end the command at once, and keep the collector from running."""
    global _loading, _uncollected  # noqa: PLW0603 - one for the process, as signal handlers are
    if not _is_main_thread() or not is_command():
        return
    if gc.isenabled():
        gc.disable()
        _uncollected = True
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _loading = True


def end_loading() -> None:
    """Let Ctrl-C raise KeyboardInterrupt again."""
    global _loading  # noqa: PLW0603 - as above
    if _loading and _is_main_thread():
        _loading = False
        signal.signal(signal.SIGINT, signal.default_int_handler)


def collect_again() -> None:
    """Let the collector run from now on, and leave alone what has been loaded, to the end of the process."""
    global _uncollected  # noqa: PLW0603 - as above
    if _uncollected:
        _uncollected = False
        gc.freeze()
        gc.enable()


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


begin_loading()
