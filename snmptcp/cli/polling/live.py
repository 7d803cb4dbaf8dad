"""The view of a running fleet on a terminal: tables of rich if it is installed, else one line.

Contains: drawing.  Does not contain: what is drawn (:mod:`snmptcp.cli.polling.board`).
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING, Any, Protocol, cast

from snmptcp.cli.output.status_line import Instead, StatusLine, goes_back
from snmptcp.cli.polling.board import board_of, one_line

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self, TextIO

    from snmptcp.cli.polling.board import Board, Section, Speed
    from snmptcp.cli.polling.recent import Recent
    from snmptcp.fleet import Health

__all__ = ("LiveView",)

#: The lines of a section besides its rows: an empty one, and the titles.
_LINES_OF_A_SECTION = 2

#: How many rows a table has, at least and at most.
_FEWEST, _MOST = 2, 12


class LiveView:
    """Shows how a fleet is, in the same place of a terminal.

    While it is entered, other text on ``sys.stderr`` stands above it.

    Args:
        title: what is polled.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._stream = sys.stderr
        self._display: _Display = _rich_display(self._stream) or _OneLine(self._stream)

    @staticmethod
    def is_possible() -> bool:
        """Return whether stderr is a terminal that can show a view."""
        return goes_back(sys.stderr)

    @staticmethod
    def has_tables() -> bool:
        """Return whether rich is installed, which draws tables; without it, the view is one line."""
        return importlib.util.find_spec("rich") is not None

    def __enter__(self) -> Self:
        sys.stderr = cast("TextIO", Instead(self._stream, self._display.hide))
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._display.end()
        sys.stderr = self._stream

    def show(self, health: Health, speed: Speed, recent: Recent) -> None:
        """Show how a fleet is now."""
        self._display.show(self._title, health, speed, recent)


class _Display(Protocol):
    """What shows a fleet."""

    def show(self, title: str, health: Health, speed: Speed, recent: Recent) -> None:
        """Appear, or change."""

    def hide(self) -> None:
        """Disappear, until it is shown again."""

    def end(self) -> None:
        """Leave the last state on the terminal, or nothing."""


class _OneLine:
    """A line with the most important numbers."""

    def __init__(self, stream: TextIO) -> None:
        self._line = StatusLine(stream)

    def show(self, title: str, health: Health, speed: Speed, recent: Recent) -> None:  # noqa: ARG002 - as _Display
        self._line.show(one_line(health, speed))

    def hide(self) -> None:
        self._line.hide()

    def end(self) -> None:
        self._line.hide()


class _RichTables:
    """Tables of rich.

    Args:
        rich: its modules by their names.
        stream: the terminal.
    """

    def __init__(self, rich: dict[str, Any], stream: TextIO) -> None:
        self._rich = rich
        self._console = rich["console"].Console(file=stream)
        # rich hides the cursor, and a signal may end this process while it is hidden.
        self._console.show_cursor = lambda show=True: False  # noqa: ARG005
        self._live = rich["live"].Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )

    def show(self, title: str, health: Health, speed: Speed, recent: Recent) -> None:
        board = board_of(title, health, speed, recent, rows=_MOST)
        facts = len(board.facts) + 2
        sections = [section for section in board.sections if section.rows]
        shown = [self._section(section, rows) for section, rows in self._fitted(sections, facts)]
        self._live.update(self._rich["console"].Group(*self._head(board), *shown))
        self._live.start()
        self._live.refresh()

    def hide(self) -> None:
        self._live.stop()

    def end(self) -> None:
        self._live.transient = False
        self._live.stop()

    def _fitted(self, sections: list[Section], used: int) -> list[tuple[Section, int]]:
        """Return how many rows each section has on this terminal."""
        room = self._console.size.height - 1 - used - _LINES_OF_A_SECTION * len(sections)
        fitted = []
        for number, section in enumerate(sections):
            rows = min(len(section.rows), max(_FEWEST, room // (len(sections) - number)))
            room -= rows
            fitted.append((section, rows))
        return fitted

    def _head(self, board: Board) -> list[Any]:
        text = self._rich["text"].Text
        grid = self._rich["table"].Table.grid(padding=(0, 2))
        grid.add_column(style="cyan", no_wrap=True, min_width=max(len(name) for name, _ in board.facts))
        grid.add_column(no_wrap=True, overflow="ellipsis")
        for name, value in board.facts:
            grid.add_row(text(name), text(value))
        return [text(board.title, style="bold", no_wrap=True, overflow="ellipsis"), grid]

    def _section(self, section: Section, rows: int) -> Any:
        text = self._rich["text"].Text
        table = self._rich["table"].Table(box=None, padding=(0, 2, 0, 0), header_style="cyan", pad_edge=False)
        style = "red" if section.title == "failing" else ""
        for position, title in enumerate(section.columns):
            heading = f"{section.title}: {title}" if position == 0 else title
            justify = "right" if position in section.right else "left"
            table.add_column(text(heading), justify=justify, no_wrap=True, overflow="ellipsis")
        for row in section.rows[:rows]:
            table.add_row(*map(text, row), style=style)
        return self._rich["padding"].Padding(table, (1, 0, 0, 0))


def _rich_display(stream: TextIO) -> _RichTables | None:
    """Return a display of rich; ``None`` if rich is not installed."""
    names = ("console", "live", "padding", "table", "text")
    try:
        modules = {name: importlib.import_module(f"rich.{name}") for name in names}
    except ImportError:
        return None
    return _RichTables(modules, stream)
