"""Progress on stderr, for what takes longer than a second.

Contains: the bar of rich if it is installed (``pip install snmptcp[progress]``), else a line with the percentage or the
count.  Does not contain: what takes the time.
"""

from __future__ import annotations

import importlib
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol, cast

from snmptcp.cli.output.status_line import Instead, StatusLine, goes_back
from snmptcp.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self, TextIO

__all__ = ("ProgressBar",)

#: Seconds without a bar, and between two changes of it.
PATIENCE = 1.0
INTERVAL = 0.1


class ProgressBar:
    """Shows progress on a terminal; on anything else it shows nothing.

    While it is entered, other text on ``sys.stderr`` takes the place of the bar, which appears again below.

    Args:
        title: what is done.
        unit: what is counted if the total is unknown.
        rate: whether to show how many come in a second.
        shown: asked once, before the bar appears: whether it may.
    """

    def __init__(
        self, title: str, unit: str = "octets", *, rate: bool = False, shown: Callable[[], bool] = lambda: True
    ) -> None:
        self._title = printable(title, None)
        self._unit = unit
        self._rate = rate
        self._may_show = shown
        self._stream = sys.stderr
        self._shows = goes_back(self._stream)
        self._start = time.monotonic()
        self._next = self._start + PATIENCE
        self._display: _Display | None = None

    def __enter__(self) -> Self:
        if self._shows:
            sys.stderr = cast("TextIO", Instead(self._stream, self._hide))
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._hide()
        self._shows = False
        if isinstance(sys.stderr, Instead):
            sys.stderr = self._stream

    def __call__(self, done: int, total: int) -> None:
        """Show that so much of the total is done; a total of 0 is unknown."""
        if not self._shows:
            return
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + INTERVAL
        if self._display is None:
            self._shows = self._may_show()
            if not self._shows:
                return
            self._display = _rich_bar(self._stream, self._title) or _Line(self._stream, self._title)
        amount = f"{done:,} {self._unit}"
        if self._rate:
            amount += f", {done / max(now - self._start, INTERVAL):,.0f} per second"
        self._display.show(done, total, amount)

    def _hide(self) -> None:
        if self._display is not None:
            self._display.hide()


class _Display(Protocol):
    """What shows progress."""

    def show(self, done: int, total: int, amount: str) -> None:
        """Appear, or change; the amount is a text for ``done``."""

    def hide(self) -> None:
        """Disappear, until it is shown again."""


class _Line:
    """A line with the percentage, or with the amount if the total is unknown."""

    def __init__(self, stream: TextIO, title: str) -> None:
        self._line = StatusLine(stream)
        self._title = title

    def show(self, done: int, total: int, amount: str) -> None:
        self._line.show(f"{self._title}: {f'{100 * done // total} %' if total else amount}")

    def hide(self) -> None:
        self._line.hide()


class _RichBar:
    """A running bar of rich.

    Args:
        progress: rich's own; it is not started.
        title: what is done.
    """

    def __init__(self, progress: Any, title: Any) -> None:
        self._progress = progress
        self._task = progress.add_task(title.markup, total=None, amount="")

    def show(self, done: int, total: int, amount: str) -> None:
        self._progress.update(self._task, completed=done, total=total or None, amount=amount)
        self._progress.start()
        self._progress.refresh()

    def hide(self) -> None:
        self._progress.stop()


def _rich_bar(stream: TextIO, title: str) -> _RichBar | None:
    """Return a bar of rich; ``None`` if rich is not installed."""
    try:
        console, progress = importlib.import_module("rich.console"), importlib.import_module("rich.progress")
        text = importlib.import_module("rich.text")
    except ImportError:
        return None
    screen = console.Console(file=stream)
    screen.show_cursor = lambda show=True: False  # noqa: ARG005 - a signal may end this process while it is hidden
    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TextColumn("{task.fields[amount]}"),
    )
    # rich would write what is printed to stdout, which may be a file, onto this terminal.
    bar = progress.Progress(
        *columns, console=screen, transient=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
    )
    return _RichBar(bar, text.Text(title))
