"""What is shown again and again: on a terminal in the same place, elsewhere one below the other.

Contains: drawing lines.  Does not contain: what they say.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("Screen",)

#: Control sequences of terminals (ECMA-48): the cursor to the top left, and everything behind it erased.
_HOME, _ERASE_LINE, _ERASE_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"


class Screen:
    """Shows lines in the place of those before; in a pipe or a file, below them."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout.isatty()
        self._is_first = True

    def show(self, lines: Sequence[str]) -> None:
        """Show lines; those that a terminal has no room for are left out, and counted."""
        if self._is_terminal:
            self._draw(lines)
            return
        if not self._is_first:
            print()
        self._is_first = False
        print("\n".join(lines), flush=True)

    def _draw(self, lines: Sequence[str]) -> None:
        room = max(2, shutil.get_terminal_size().lines - 1)
        shown = list(lines)
        if len(shown) > room:
            shown[room - 1 :] = [f"... and {len(shown) - room + 1} more lines"]
        start = f"{_HOME}{_ERASE_BELOW}" if self._is_first else _HOME
        self._is_first = False
        text = "".join(f"{line}{_ERASE_LINE}\n" for line in shown)
        sys.stdout.write(f"{start}{text}{_ERASE_BELOW}")
        sys.stdout.flush()
