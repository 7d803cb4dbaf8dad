"""Small files, read and written in tests that are coroutines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ("content", "make_folder", "overwrite")


def content(path: Path) -> str:
    """Return the text of a file."""
    return path.read_text(encoding="utf-8")


def overwrite(path: Path, text: str) -> None:
    """Make a file that has this text."""
    path.write_text(text, encoding="utf-8")


def make_folder(path: Path) -> None:
    """Make a folder."""
    path.mkdir()
