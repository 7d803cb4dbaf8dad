"""Files as text: read whole, in UTF-8, up to a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ("read_text",)

#: The longest file, in octets: more than a million targets.
MOST_OCTETS = 256 * 1024 * 1024


def read_text(path: Path) -> str:
    """Return the text of a file, without a byte order mark.

    Args:
        path: the file.

    Raises:
        ConfigurationError: it cannot be read, is not in UTF-8, or is too long.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(MOST_OCTETS + 1)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(octets) > MOST_OCTETS:
        raise ConfigurationError(f"has more than {MOST_OCTETS:,} octets")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"line {line}: is not text in UTF-8") from None
