"""How much room text takes on a terminal.

Contains: the width of text in a terminal's cells; text on one line, and text shortened.
Does not contain: how columns share a line (:mod:`snmptcp.cli.output.layout`).
"""

from __future__ import annotations

import unicodedata

from snmptcp.printable import printable

__all__ = ("cell_width", "elided", "elided_inside", "octets_on_one_line", "on_one_line")

#: Stands for what is left out.
ELLIPSIS = "..."

#: Characters that take the cell of the one before: marks, and what has no shape of its own.
_WITHOUT_CELL = frozenset(("Mn", "Me", "Cf"))

#: The vowels and final consonants of Hangul syllables, which join the consonant before them.
_JOINING_JAMO = range(0x1160, 0x1200)


def cell_width(text: str) -> int:
    """Return how many cells of a terminal a printable text takes: two for an East Asian wide character."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.category(character) in _WITHOUT_CELL or ord(character) in _JOINING_JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def on_one_line(text: str) -> str:
    r"""Return a text with a blank for each run of white space, and escapes (``\x1b``) for unprintable characters."""
    return printable(" ".join(text.split()), None)


def octets_on_one_line(octets: bytes) -> str:
    r"""Return a device's text on one line: UTF-8, with escapes for other octets, and without zeros at its end."""
    return on_one_line(octets.rstrip(b"\0").decode("utf-8", "backslashreplace"))


def elided(text: str, width: int) -> str:
    """Return the start of a text, with an ellipsis, if it is wider than ``width`` cells."""
    if cell_width(text) <= width:
        return text
    return f"{_start(text, width - len(ELLIPSIS))}{ELLIPSIS}"[: max(width, 0)]


def elided_inside(text: str, width: int) -> str:
    """Return start and end of an ASCII text, with an ellipsis between them, if it is longer than ``width``."""
    room = width - len(ELLIPSIS)
    if len(text) <= width or room < 2:
        return elided(text, width)
    return f"{text[: room - room // 2]}{ELLIPSIS}{text[-(room // 2) :]}"


def _start(text: str, width: int) -> str:
    """Return as many of the first characters as fit into ``width`` cells."""
    used = 0
    for position, character in enumerate(text):
        used += _character_width(character)
        if used > width:
            return text[:position]
    return text
