"""What single words of the command line may be, for :mod:`snmptcp.cli.parser`.

What may live here: converters and actions for argparse.  What may not: which command takes which of them.
"""

from __future__ import annotations

import argparse
import math
import re
from typing import TYPE_CHECKING, Any

from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ("ApplicationOption", "OutputOption", "checked", "columns", "seconds", "version", "whole_number")

MAX_INTEGER = 0x7FFFFFFF  # RFC 3416 section 3: max-bindings, the most that max-repetitions can be


def checked(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a parser whose complaints argparse shows as they are."""

    def parse_argument(text: str) -> Any:
        try:
            return parse(text)
        except ConfigurationError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse_argument


def whole_number(least: int, what: str) -> Callable[[str], int]:
    """Return a parser of numbers from ``least`` on."""

    def parse(text: str) -> int:
        if not re.fullmatch("[0-9]{1,10}", text) or not least <= int(text) <= MAX_INTEGER:
            raise argparse.ArgumentTypeError(f"{what} is a number from {least} on, not {text!r}")
        return int(text)

    return parse


def seconds(text: str) -> float:
    """Read a time."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"a time is a number of seconds above 0, not {text!r}")
    return number


def version(text: str) -> str:
    """Read a version of SNMP, as net-snmp spells it."""
    spelled = text.lower()
    if spelled in {"1", "2c", "3"}:
        return spelled
    raise argparse.ArgumentTypeError(f"a version is 1, 2c or 3, not {text!r}")


def columns(text: str) -> list[int]:
    """Read the numbers of columns."""
    words = text.split(",")
    if not all(re.fullmatch("[0-9]{1,9}", word) for word in words):
        raise argparse.ArgumentTypeError(f"columns are numbers with commas between them, as in 2,5,10, not {text!r}")
    return [int(word) for word in words]


class OutputOption(argparse.Action):
    """``-Onq``: letters, each of which changes the style."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse's signature
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002 - argparse's signature
    ) -> None:
        """Change the style; argparse's contract."""
        try:
            namespace.style = namespace.style.with_letters(str(values))
        except ConfigurationError as error:
            raise argparse.ArgumentError(None, str(error)) from None


class ApplicationOption(argparse.Action):
    """``-Cr50c``: letters, some with a number, whose meaning is the command's own.

    Args:
        letters: for each letter the attribute that it sets, and whether a number belongs to it.
    """

    def __init__(self, *, letters: Mapping[str, tuple[str, bool]], **options: Any) -> None:
        super().__init__(**options)
        self._letters = letters

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse's signature
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002 - argparse's signature
    ) -> None:
        """Set the attributes; argparse's contract."""
        text = str(values)
        position = 0
        while position < len(text):
            letter = text[position]
            attribute, has_number = self._letters.get(letter, ("", False))
            number = re.compile("[0-9]*").match(text, position + 1)
            digits = number[0] if number is not None else ""
            # Only the letter is shown: somebody may have meant -c, and this is a community.
            if not attribute:
                known = ", ".join(f"-C{known}" for known in self._letters)
                raise argparse.ArgumentError(None, f"-C{letter} is unknown here: {known}")
            if has_number != bool(digits) or len(digits) > 9:
                wanted = "needs a number right behind it" if has_number else "takes no number"
                raise argparse.ArgumentError(None, f"-C{letter} {wanted}")
            setattr(namespace, attribute, int(digits) if has_number else True)
            position += 1 + len(digits)
