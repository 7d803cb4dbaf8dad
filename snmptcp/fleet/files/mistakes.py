"""The mistakes of a fleet's files: collected, so that all are told together.

Contains: places in the files, where mistakes are, and the text of several mistakes.  Does not contain: what is right
(:mod:`snmptcp.fleet.files.fields`).
"""

from __future__ import annotations

import contextlib
import difflib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError
from snmptcp.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ("Mistakes", "Place", "alternatives")

#: How many mistakes are shown; a wrong column of a long file makes one in each line.
MOST_SHOWN = 25

#: How many of the right words are shown where none of them is similar to the wrong one.
_MOST_WORDS = 12


class Mistakes:
    """Collects what is wrong with a file and the files that it names."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, text: str) -> None:
        """Note a mistake."""
        self._found.append(printable(text, None))

    def tell(self) -> None:
        """Raise what was noted, if there is anything.

        Raises:
            ConfigurationError: there are mistakes; each is a line of the text.
        """
        if not self._found:
            return
        shown = list(dict.fromkeys(self._found))
        if len(shown) > MOST_SHOWN + 1:
            shown[MOST_SHOWN:] = [f"and {len(shown) - MOST_SHOWN:,} more mistakes"]
        raise ConfigurationError("\n".join(shown))


@dataclass(frozen=True, slots=True)
class Place:
    """A file, a table or a line: where a mistake can be.

    Attributes:
        name: what errors call it: the file, and the table or the line in it.
        folder: what the names of files there are relative to.
        mistakes: takes the mistakes.
        joint: what stands between the name and a key.
    """

    name: str
    folder: Path
    mistakes: Mistakes
    joint: str = "."

    def key(self, key: str) -> Place:
        """Return the place of a key of this table."""
        return replace(self, name=f"{self.name}{self.joint}{key}", joint=".")

    def called(self, name: str) -> Place:
        """Return a place with another name, whose files are relative to the same folder."""
        return replace(self, name=name)

    def add(self, text: str) -> None:
        """Note a mistake here.

        Args:
            text: the value, and what would be right; no secret.
        """
        self.mistakes.add(f"{self.name}: {text}")

    @contextlib.contextmanager
    def noting(self) -> Iterator[None]:
        """Note the ConfigurationError that a block raises as a mistake here."""
        try:
            yield
        except ConfigurationError as error:
            self.add(str(error))

    def file(self, name: str) -> Path:
        """Return the path of a file; ``~`` is the user's home.

        Raises:
            ConfigurationError: the home of a user who does not exist, or a name that no file can have.
        """
        if "\0" in name:
            raise ConfigurationError("the name of a file has no NUL character")
        try:
            return self.folder / Path(name).expanduser()
        except RuntimeError:
            raise ConfigurationError(f"there is no home of the user in {name[:60]!r}") from None


def alternatives(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown word: the similar words that are known, or else all.

    Args:
        word: the unknown word.
        known: the words that are right.
    """
    words = list(dict.fromkeys(known))
    if close := difflib.get_close_matches(word, words, n=2, cutoff=0.6):
        return f"; did you mean {' or '.join(map(repr, close))}?"
    if not words:
        return "; there is none"
    more = f" and {len(words) - _MOST_WORDS} more" if len(words) > _MOST_WORDS else ""
    return f"; there {'are' if len(words) > 1 else 'is'} {', '.join(words[:_MOST_WORDS])}{more}"
