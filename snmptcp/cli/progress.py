"""A progress bar on stderr, for what takes longer than a second.

Contains: the bar of rich if it is installed (``pip install snmptcp[progress]``), else a line with the percentage.
Does not contain: what takes the time.
"""

from __future__ import annotations

import importlib
import sys
import time
from typing import TYPE_CHECKING, Any

from snmptcp.printable import printable

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ("ProgressBar",)

#: Seconds without a bar, and between two changes of the line.
PATIENCE = 1.0
INTERVAL = 0.1


class ProgressBar:
    """Shows progress on a terminal; on anything else it shows nothing.

    Args:
        title: what is done.
        unit: what is counted if the total is unknown.
    """

    def __init__(self, title: str, unit: str = "octets") -> None:
        self._title = printable(title, None)
        self._unit = unit
        self._shows = sys.stderr.isatty()
        self._next = time.monotonic() + PATIENCE
        self._bar: Any = None
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif self._width:
            sys.stderr.write(f"\r{' ' * self._width}\r")
            sys.stderr.flush()

    def __call__(self, done: int, total: int) -> None:
        """Show that so much of the total is done; a total of 0 is unknown."""
        if not self._shows or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + INTERVAL
        if self._bar is None and not self._width:
            self._bar = _rich_bar(self._title, self._unit)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done, total=total or None)
        else:
            text = f"{self._title}: {f'{100 * done // total} %' if total else f'{done:,} {self._unit}'}"
            sys.stderr.write(f"\r{text:<{self._width}}")
            sys.stderr.flush()
            self._width = max(self._width, len(text))


def _rich_bar(title: str, unit: str) -> Any:
    """Return a running bar of rich; ``None`` if rich is not installed."""
    try:
        console, progress = importlib.import_module("rich.console"), importlib.import_module("rich.progress")
        text = importlib.import_module("rich.text")
    except ImportError:
        return None
    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TextColumn(f"{{task.completed:,}} {unit}"),
    )
    bar = progress.Progress(*columns, console=console.Console(stderr=True), transient=True)
    bar.add_task(text.Text(title).markup, total=None)
    bar.start()
    return bar
