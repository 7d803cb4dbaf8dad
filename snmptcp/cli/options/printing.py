"""``-O`` and ``--json``: how a command prints values.

Contains: these options.  Does not contain: formatting (:mod:`snmptcp.cli.output`).
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from snmptcp.cli.output.varbinds import format_varbind_json
from snmptcp.errors import ConfigurationError
from snmptcp.mib.text import DEFAULT, OUTPUT_LETTERS, TextFormatter, TextStyle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.values import VarBind

__all__ = ("OutputOptions", "add_json_option", "add_output_options", "read_output_options")


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """How to print values.

    Attributes:
        style: what the letters of ``-O`` ask for.
        json: whether to print JSON instead of net-snmp's format.
    """

    style: TextStyle = DEFAULT
    json: bool = False

    def formatter(self) -> TextFormatter:
        """Return what prints names and values."""
        style = self.style
        if style.names == "module":  # of no module: numbers
            style = dataclasses.replace(style, names="numeric")
        return TextFormatter(None, style)

    def printer(self) -> Callable[[VarBind], str]:
        """Return what prints a variable binding."""
        formatter = self.formatter()
        return functools.partial(format_varbind_json, formatter=formatter) if self.json else formatter.varbind


class OutputOption(argparse.Action):
    """``-Onq``: letters, each of which changes the style."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse's signature
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002 - argparse's signature
    ) -> None:
        """Change the style; argparse calls this."""
        try:
            namespace.style = namespace.style.with_letters(str(values))
        except ConfigurationError as error:
            raise argparse.ArgumentError(None, str(error)) from None


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add ``-O`` and ``--json``."""
    group = parser.add_argument_group("output")
    letters = "; ".join(f"{letter} {meaning}" for letter, meaning in OUTPUT_LETTERS.items())
    group.add_argument("-O", dest="style", metavar="LETTERS", action=OutputOption, default=DEFAULT, help=letters)
    group.add_argument("--json", action="store_true", help="one JSON object per line")


def add_json_option(parser: argparse.ArgumentParser, text: str) -> None:
    """Add ``--json`` alone."""
    parser.add_argument_group("output").add_argument("--json", action="store_true", help=text)


def read_output_options(arguments: argparse.Namespace) -> OutputOptions:
    """Return the options that :func:`add_output_options` added."""
    return OutputOptions(arguments.style, arguments.json)
