"""``-O`` and ``--json``: how a command prints values.

Contains: these options, and the printer that they ask for.  Does not contain: formatting
(:mod:`snmptcp.cli.output`), and the letters of ``-O`` (:mod:`snmptcp.cli.options.styles`).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snmptcp.cli.names import Names
from snmptcp.cli.options.mibs import read_names
from snmptcp.cli.options.styles import add_style_option, read_style
from snmptcp.cli.output.varbinds import format_varbind_json
from snmptcp.mib.text import DEFAULT

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from snmptcp.mib import Mib
    from snmptcp.mib.text import TextFormatter, TextStyle
    from snmptcp.values import VarBind

__all__ = ("OutputOptions", "add_json_option", "add_output_options", "read_output_options")


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """How to print values.

    Attributes:
        style: what the letters of ``-O`` ask for.
        json: whether to print JSON instead of net-snmp's format.
        names: the names of MIB modules.
    """

    style: TextStyle = DEFAULT
    json: bool = False
    names: Names = field(default_factory=Names, compare=False)

    def formatter(self) -> TextFormatter:
        """Return what prints names and values."""
        return self.names.formatter(self.style)

    @property
    def mib(self) -> Mib | None:
        """The modules of the names that are printed; ``None`` for numbers."""
        return self.names.shown(self.style)

    def printer(self) -> Callable[[VarBind], str]:
        """Return what prints a variable binding."""
        formatter = self.formatter()
        return functools.partial(format_varbind_json, formatter=formatter) if self.json else formatter.varbind


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add ``-O`` and ``--json``; :func:`snmptcp.cli.options.mibs.add_mib_options` must have been called, too."""
    group = parser.add_argument_group("output")
    add_style_option(group)
    group.add_argument("--json", action="store_true", help="one JSON object per line")


def add_json_option(parser: argparse.ArgumentParser, text: str) -> None:
    """Add ``--json`` alone."""
    parser.add_argument_group("output").add_argument("--json", action="store_true", help=text)


def read_output_options(arguments: argparse.Namespace) -> OutputOptions:
    """Return the options that :func:`add_output_options` added.

    Raises:
        ConfigurationError: as :func:`~snmptcp.cli.options.mibs.read_mib_options`.
    """
    return OutputOptions(read_style(arguments), arguments.json, read_names(arguments))
