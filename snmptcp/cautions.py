"""Warnings about settings that protect little, or that do not do what they say.

Contains: the class of the former, and giving each warning once, at the program's line.
Does not contain: what is warned of, which is decided where the setting is used.
"""

from __future__ import annotations

import os
import stat
import sys
import warnings
from typing import Final

__all__ = ("SecurityWarning", "caution", "caution_about_file", "forget")

#: How many warnings of one kind are given: a program may have thousands of users.
MOST_OF_A_KIND = 100

#: Modules whose lines are not the program's.
_NOT_THE_PROGRAM: Final = frozenset(
    {"asyncio", "concurrent", "contextlib", "functools", "snmptcp", "threading", "uvloop"}
)

#: Others than the owner may read the file, or write to it.
_READABLE = stat.S_IRGRP | stat.S_IROTH
_WRITABLE = stat.S_IWGRP | stat.S_IWOTH

#: The subjects that were warned of, by kind.
_given: dict[str, set[str]] = {}


class SecurityWarning(UserWarning):
    """A setting protects little: MD5 or DES, ``verify=False``, or the mode of a file with secrets or an engine's boots.

    Each warning is given once in a process.  ``warnings.filterwarnings("ignore", category=SecurityWarning)`` silences
    them.
    """

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def caution(kind: str, subject: str, text: str, category: type[Warning] = SecurityWarning) -> None:
    """Give a warning, unless it or :data:`MOST_OF_A_KIND` others of its kind were given in this process.

    Args:
        kind: what is warned of.
        subject: the user or the file; with ``kind`` it identifies the warning.
        text: the warning, in one line and without secrets.
        category: its class.
    """
    subjects = _given.setdefault(kind, set())
    if subject in subjects or len(subjects) >= MOST_OF_A_KIND:
        return
    if len(subjects) == MOST_OF_A_KIND - 1:
        text += " (further warnings of this kind are not shown)"
    warnings.warn(text, category, stacklevel=_stack_level())
    subjects.add(subject)  # not before: as an exception, it is raised each time


def caution_about_file(path: str | os.PathLike[str], what: str, *, secret: bool = True) -> None:
    """Warn of a file that others than its owner can read; without effect on systems without such modes.

    Args:
        path: the file.
        what: what is in it, for the text.
        secret: whether others must not read it; if not, the warning is that they can write to it.
    """
    if os.name != "posix":
        return
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - pathlib takes long to load
    except (OSError, ValueError):
        return  # reading it fails with the reason
    if stat.S_ISREG(mode) and mode & (_READABLE if secret else _WRITABLE):
        can, name = "read" if secret else "write to", str(os.fspath(path))
        caution("file", name, f"other users can {can} {what} {name} (mode {stat.S_IMODE(mode):04o}): chmod 600")


def forget() -> None:
    """Give every warning again; for tests."""
    _given.clear()


def _stack_level() -> int:
    """Return the stack level, for the caller's ``warnings.warn``, of the first line outside of this package."""
    level = 1
    frame = sys._getframe(1)  # noqa: SLF001 - Python 3.12 has skip_file_prefixes for this
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _NOT_THE_PROGRAM:
        frame = frame.f_back
        level += 1
    return level
