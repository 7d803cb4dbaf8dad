"""One line of a terminal that changes in its place, and makes room for other text.

Contains: the line, and the stream that hides it before something else is written.  Does not contain: what it says.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from snmptcp.cli.output.cells import cell_width, elided

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

__all__ = ("Instead", "StatusLine", "goes_back")

#: The terminals that cannot go back to the start of a line.
_DUMB = frozenset(("dumb", "unknown"))


def goes_back(stream: TextIO) -> bool:
    """Return whether a stream is a terminal that can go back to the start of a line."""
    return stream.isatty() and os.environ.get("TERM") not in _DUMB


class StatusLine:
    """A line that changes in its place.

    Args:
        stream: the terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._width = 0

    def show(self, text: str) -> None:
        """Show a printable text, shortened to the terminal's width."""
        shown = elided(text, _columns_of(self._stream) - 1)
        width = cell_width(shown)
        self._stream.write(f"\r{shown}{' ' * (self._width - width)}")
        self._stream.flush()
        self._width = max(self._width, width)

    def hide(self) -> None:
        """Disappear, until it is shown again."""
        if self._width:
            self._stream.write(f"\r{' ' * self._width}\r")
            self._stream.flush()
            self._width = 0


def _columns_of(terminal: TextIO) -> int:
    try:
        return os.get_terminal_size(terminal.fileno()).columns or 80
    except (OSError, ValueError):  # no terminal, or no file
        return 80


class Instead:
    """A stream like stderr, which hides what is shown there before it writes.

    Args:
        stream: where it writes.
        hide: hides what is shown.
    """

    def __init__(self, stream: TextIO, hide: Callable[[], None]) -> None:
        self._stream = stream
        self._hide = hide

    def write(self, text: str) -> int:
        """Write text in the place of what is shown."""
        self._hide()
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
