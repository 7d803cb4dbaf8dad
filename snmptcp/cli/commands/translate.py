"""``snmptcp translate``: names to numbers and back, definitions, and the tree of names.

Contains: the options ``-T`` and ``-w``, and which form is printed of which names.  Does not contain: the forms
(:mod:`snmptcp.cli.output.definitions`, :mod:`snmptcp.cli.output.mib_trees`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.options.foreign import add_foreign_options
from snmptcp.cli.options.mibs import add_mib_options
from snmptcp.cli.options.printing import OutputOptions, add_output_options, read_output_options
from snmptcp.cli.options.snmp_conf import add_snmp_conf_options
from snmptcp.cli.options.words import checked
from snmptcp.cli.output.definitions import definition_json, definition_lines
from snmptcp.cli.output.mib_trees import LISTS, above, branch_at, dump_lines, list_lines, roots, tree_lines
from snmptcp.errors import ConfigurationError, MibError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from snmptcp.oid import OID

__all__ = ("FORMS", "TranslateCommand", "add_arguments", "read_arguments", "run")

#: The letters of ``-T``.
FORMS = {
    "d": "the definition",
    "B": "all labels that match a regular expression",
    "p": "the tree",
    "a": "the tree as a MIB module",
    "l": "a list of labels with numbers",
    "o": "a list of OIDs",
    "s": "a list of labels",
    "t": "a list of labels with types, indented",
    "z": "a list of labels and OIDs in quotes",
}

#: The forms that need no name: of the whole tree.
_OF_TREES = frozenset(("p", "a", *LISTS))

#: net-snmp's width: no line is continued.
_WIDTH = 1_000_000


@dataclass(frozen=True, slots=True)
class TranslateCommand:
    """The arguments of the command.

    Attributes:
        oids: the OIDs of names and numbers; none for the whole tree, or with patterns.
        patterns: regular expressions for labels (``-TB``).
        output: the MIB modules, and how to print names.
        forms: letters of :data:`FORMS`.
        width: where lists are continued on the next line.
    """

    oids: tuple[OID, ...]
    patterns: tuple[str, ...]
    output: OutputOptions
    forms: str
    width: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_mib_options(parser)
    add_snmp_conf_options(parser)
    add_foreign_options(parser)
    add_output_options(parser)
    letters = "; ".join(f"{letter} {meaning}" for letter, meaning in FORMS.items())
    parser.add_argument(
        "-T",
        dest="forms",
        metavar="LETTERS",
        action="append",
        default=[],
        type=checked(_forms),
        help=f"what to print: {letters}; trees and lists are of NAME and what is below it; without NAME, of everything",
    )
    parser.add_argument(
        "-w",
        dest="width",
        metavar="N",
        type=checked(_width),
        default=_WIDTH,
        help="continue lists of -Td and -Tp on the next line before this column (default: never)",
    )
    parser.add_argument(
        "names_of_objects",
        metavar="NAME|OID",
        nargs="*",
        help="IF-MIB::ifDescr.1, ifDescr.1, 1.3.6.1.2.1.2.2.1.2.1, ...",
    )


def _forms(text: str) -> str:
    """Convert letters of ``-T``.

    Raises:
        ConfigurationError: an unknown letter.
    """
    unknown = next((letter for letter in text if letter not in FORMS), None)
    if unknown is not None or not text:
        raise ConfigurationError(f"-T takes the letters {', '.join(FORMS)}, not {unknown or ''!r}")
    return text


def _width(text: str) -> int:
    """Convert a width.

    Raises:
        ConfigurationError: not a number, or none of a line.
    """
    if not re.fullmatch("[0-9]{1,7}", text) or not int(text):
        raise ConfigurationError(f"-w is a number of characters from 1 to 9999999, not {text!r}")
    return int(text)


def read_arguments(arguments: argparse.Namespace) -> TranslateCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    forms, words = "".join(arguments.forms), tuple(arguments.names_of_objects)
    output = read_output_options(arguments)
    if not words and not _OF_TREES.intersection(forms):
        raise ConfigurationError("give a NAME; without one, -Tp, -Ta, -Tl, -To, -Ts, -Tt and -Tz print the whole tree")
    if output.json and _OF_TREES.intersection(forms):
        raise ConfigurationError("--json prints definitions, not trees and lists")
    patterns = words if "B" in forms else ()
    oids = () if patterns else tuple(map(output.names.oid, words))
    return TranslateCommand(oids, patterns, output, forms, arguments.width)


def run(command: TranslateCommand) -> int:
    """Print what is asked for; return the exit code."""
    for line in _lines(command):
        print(line)
    return 0


def _lines(command: TranslateCommand) -> Iterator[str]:
    for pattern in command.patterns:
        yield from _of_pattern(command, pattern)
    for position, oid in enumerate(command.oids):
        if position and not command.output.json:
            yield ""
        yield from _of_tree(command, oid) if _OF_TREES.intersection(command.forms) else _of_oid(command, oid)
    if not command.patterns and not command.oids:
        yield from _of_everything(command)


def _of_everything(command: TranslateCommand) -> Iterator[str]:
    """Yield the lines of the whole tree; net-snmp's tree and module are those of iso alone."""
    branches = roots(command.output.names.required())
    if not branches:
        raise MibError("no MIB module is loaded")
    if "p" in command.forms:
        yield from tree_lines(branches[0], command.width)
    elif "a" in command.forms:
        yield from dump_lines(branches[:1])
    else:
        for branch in branches:
            yield from list_lines((), branch, command.forms)


def _of_pattern(command: TranslateCommand, pattern: str) -> Iterator[str]:
    found = [node.oid for node in command.output.names.matching(pattern)]
    if not found:
        raise MibError(f"no loaded MIB module defines a label that matches {pattern!r}")
    for oid in found:
        yield from _of_oid(command, oid)


def _of_tree(command: TranslateCommand, oid: OID) -> Iterator[str]:
    branch = branch_at(command.output.names.required(), oid)
    if branch is None:
        raise MibError(f"no loaded MIB module defines {oid}")
    if "p" in command.forms:
        yield from tree_lines(branch, command.width)
    elif "a" in command.forms:
        yield from dump_lines([branch])
    else:
        yield from list_lines(above(command.output.names.required(), branch), branch, command.forms)


def _of_oid(command: TranslateCommand, oid: OID) -> Iterator[str]:
    name = command.output.formatter().name(oid)
    if command.output.json:
        yield json.dumps(definition_json(command.output.names.required(), oid, name))
        return
    if "d" not in command.forms:
        yield name
        return
    mib = command.output.names.required()
    yield name
    yield from definition_lines(mib, oid, command.width)
