"""Forms of net-snmp's options that argparse does not know, and the forms that it knows in their place.

Contains: the replacement of words, and the words as they were given.  Does not contain: what the options mean.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snmptcp.cli.options.snmp_conf import spell_token
from snmptcp.cli.options.users import KEY_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ("as_given", "spell_options")

#: Options whose value may begin with a minus, and letters behind which the value may be the next word.
_WITH_MINUS = frozenset(("-m", "-M"))
_WITH_TEXT = frozenset(("-Is", "-IS"))

#: For single commands, letters of ``-C`` before one whose value is the next word.
_LETTERS_BEFORE_VALUE = {"table": "(-C[A-Za-z]+)([fwr])", "walk": "(-C[A-Za-z]+)(E)"}


class _Spelled(str):
    """An option as argparse knows it, in the place of net-snmp's.

    Attributes:
        given: the words of the command line.
    """

    __slots__ = ("given",)

    given: tuple[str, ...]

    @classmethod
    def of(cls, option: str, *given: str) -> _Spelled:
        """Return an option in the place of words."""
        spelled = cls(option)
        spelled.given = given
        return spelled


def spell_options(words: Sequence[str]) -> list[str]:
    """Return a command line with the forms of net-snmp's that argparse does not know replaced by others.

    These are the letters for keys, ``--TOKEN=VALUE`` for a token of snmp.conf, ``-m -MODULE``, ``-M -DIR``,
    ``-Is SUFFIX``, and letters of ``-C`` before one whose value is the next word (``-CHf ,``).

    Args:
        words: the command, and its words.
    """
    end = words.index("--") if "--" in words else len(words)
    splits = re.compile(_LETTERS_BEFORE_VALUE.get(words[0] if words else "", "(?!)"))
    return [*_spelled(iter(words[:end]), splits), *words[end:]]


def _spelled(words: Iterator[str], splits: re.Pattern[str]) -> Iterator[str]:
    for word in words:
        letters = splits.fullmatch(word)
        if letters is not None:
            yield letters[1]
            yield f"-C{letters[2]}"
            continue
        if word not in _WITH_MINUS and word not in _WITH_TEXT:
            option = KEY_OPTIONS.get(word) or spell_token(word)
            yield word if option is None else _Spelled.of(option, word)
            continue
        value = next(words, None)
        if value is None:
            yield word
        elif word in _WITH_TEXT or value.startswith("-"):
            yield _Spelled.of(word + value, word, value)
        else:
            yield word
            yield value


def as_given(words: Sequence[str]) -> list[str]:
    """Return words that turned out to be no options, as they stand on the command line."""
    return [given for word in words for given in (word.given if isinstance(word, _Spelled) else (word,))]
