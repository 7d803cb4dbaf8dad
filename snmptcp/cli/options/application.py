"""``-C``: net-snmp's option whose letters belong to one command, and ``--max-repetitions``.

Contains: the action for ``-C``, and the options that several commands spell in both ways.  Does not contain: which
command has which letters.
"""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

from snmptcp.cli.options.words import whole_number
from snmptcp.protocol.answer_sizes import DEFAULT_MAX_REPETITIONS, MOST_REPETITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = (
    "MAX_REPETITIONS_LETTER",
    "NON_INCREASING_LETTER",
    "add_application_option",
    "add_max_repetitions",
    "add_non_increasing",
    "add_skip_broken",
)

#: ``-CrN``, for commands that call :func:`add_max_repetitions`.
MAX_REPETITIONS_LETTER = {"r": ("max_repetitions", True)}

#: ``-Cc``, for commands that call :func:`add_non_increasing`.
NON_INCREASING_LETTER = {"c": ("tolerate_non_increasing", False)}


class ApplicationOption(argparse.Action):
    """``-Cr50c``: letters, some with a number.

    Args:
        letters: for each letter, the attribute that it sets, and whether the letter takes a number.
    """

    def __init__(self, *, letters: Mapping[str, tuple[str, bool]], **options: Any) -> None:
        super().__init__(**options)
        self._letters = letters

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002 - argparse's signature
    ) -> None:
        """Set the attributes; argparse calls this."""
        text = str(values)
        position = 0
        while position < len(text):
            letter = text[position]
            attribute, has_number = self._letters.get(letter, ("", False))
            number = re.compile("[0-9]*").match(text, position + 1)
            digits = number[0] if number is not None else ""
            # Show the letter alone: the rest may be a community, typed after -C instead of -c.
            if not attribute:
                known = dict.fromkeys((*(f"-C{known}" for known in self._letters), *_options_of_their_own(parser)))
                raise argparse.ArgumentError(None, f"-C{letter} is unknown; this command takes {', '.join(known)}")
            if has_number != bool(digits) or len(digits) > 9:
                wanted = f"needs a number directly after it, as in -C{letter}10" if has_number else "takes no number"
                if has_number and digits:
                    wanted = "takes a number of nine digits at most"
                raise argparse.ArgumentError(None, f"-C{letter} {wanted}")
            setattr(namespace, attribute, int(digits) if has_number else True)
            position += 1 + len(digits)


def _options_of_their_own(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the letters with their ``-C`` that are options of a command, because their values are words."""
    for option in parser._option_string_actions:  # noqa: SLF001 - argparse has no public way to read a parser
        if re.fullmatch("-C[A-Za-z]", option):
            yield option


def add_application_option(parser: argparse.ArgumentParser, letters: Mapping[str, tuple[str, bool]], text: str) -> None:
    """Add ``-C``; attributes of letters without a number are False by default."""
    parser.set_defaults(**{attribute: False for attribute, has_number in letters.values() if not has_number})
    parser.add_argument("-C", metavar="LETTERS", action=ApplicationOption, letters=letters, help=text)


def add_max_repetitions(parser: argparse.ArgumentParser, *, adapts: bool = False) -> None:
    """Add ``--max-repetitions``.

    Args:
        parser: the parser of a command.
        adapts: whether the number adapts to the agent if it is not given.
    """
    usual = f"{DEFAULT_MAX_REPETITIONS}, and up to {MOST_REPETITIONS} if the agent can" if adapts else "%(default)s"
    parser.add_argument(
        "--max-repetitions",
        metavar="N",
        type=whole_number(0, "max-repetitions"),
        default=None if adapts else DEFAULT_MAX_REPETITIONS,
        help=f"how many rows to request at once (default: {usual}); -CrN means the same",
    )


def add_non_increasing(parser: argparse.ArgumentParser) -> None:
    """Add ``--tolerate-non-increasing``."""
    parser.add_argument(
        "--tolerate-non-increasing",
        action="store_true",
        help="accept names out of order, as long as none comes twice; -Cc means the same",
    )


def add_skip_broken(parser: argparse.ArgumentParser) -> None:
    """Add ``--skip-broken``."""
    parser.add_argument(
        "--skip-broken", action="store_true", help="go on past variables that cannot be decoded, and leave them out"
    )
