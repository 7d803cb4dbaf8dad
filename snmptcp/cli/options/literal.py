"""Words behind HOST that are never options, however they begin, as for net-snmp's snmpset and snmptrap."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from snmptcp.cli.options.spelling import as_given
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("add_literal_words", "has_literal_words", "read_literal_words", "refuse_options")

#: Tells that a parser has such words.
_MARK = "literal_words"


def add_literal_words(parser: argparse.ArgumentParser, metavar: str, text: str) -> None:
    """Add the words; HOST must have been added before.

    Args:
        parser: the command's parser.
        metavar: what to call them.
        text: the help text.
    """
    parser.add_argument("words", metavar=metavar, nargs=argparse.REMAINDER, help=text)
    parser.set_defaults(**{_MARK: True})


def has_literal_words(parser: argparse.ArgumentParser) -> bool:
    """Whether a parser has such words."""
    return bool(parser.get_default(_MARK))


def read_literal_words(arguments: argparse.Namespace, missing: str) -> list[str]:
    """Return the words.

    Args:
        arguments: the parsed arguments.
        missing: what is missing if there are none.

    Raises:
        ConfigurationError: there are none.
    """
    words = as_given(arguments.words)
    if words[:1] == ["--"]:
        del words[0]
    if not words:
        raise ConfigurationError(f"the following arguments are required: {missing}")
    return words


def refuse_options(words: Iterable[str]) -> None:
    """Refuse words that look like options where there can be none, without showing them: they may be passwords.

    Args:
        words: those of the words that are no values.

    Raises:
        ConfigurationError: one of them begins with a minus, and is no number.
    """
    if any(re.match(r"-(?![0-9])", word) for word in words):
        raise ConfigurationError("options stand before HOST: behind it every word belongs to the variables")
