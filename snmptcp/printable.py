"""Text of other programs, made fit for a log, an error and a terminal.

Contains: escaping.  Does not contain: the text of SNMP values (:mod:`snmptcp.values`), which programs get unchanged.
"""

from __future__ import annotations

__all__ = ("printable", "printable_lines", "quoted")

#: How many characters of a peer's text are shown.
MOST = 200


def printable(text: str, most: int | None = MOST) -> str:
    r"""Return a text with escapes (``\x1b``) for controls, line ends, and other characters that are not printable.

    Args:
        text: the text.
        most: how many of its characters to show; ``None`` for all.
    """
    shown = text if most is None or len(text) <= most else f"{text[:most]}..."
    if shown.isprintable():  # most text is, and this looks at all characters at once
        return shown
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in shown)


def printable_lines(text: str) -> str:
    r"""Return a text of several lines with escapes for what is not printable; tabs and line ends stay."""
    return "\n".join("\t".join(printable(part, None) for part in line.split("\t")) for line in text.split("\n"))


def quoted(text: str, most: int = 64) -> str:
    """Return a text in quotes for an error, with the escapes of :func:`repr`.

    Args:
        text: the text.
        most: how many of its characters to show.
    """
    return repr(text if len(text) <= most else f"{text[:most]}...")
