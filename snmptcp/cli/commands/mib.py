"""``snmptcp mib``: which MIB modules there are, a file of compiled ones, and what is wrong with modules.

Contains: the arguments and what is printed.  Does not contain: finding out about modules (:mod:`snmptcp.cli.modules`).
"""

from __future__ import annotations

import fnmatch
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.cli.modules import Finding, find_modules
from snmptcp.cli.names import told_once
from snmptcp.cli.options.mibs import MibOptions, add_place_options, read_mib_options
from snmptcp.cli.options.printing import add_json_option
from snmptcp.cli.options.progress import add_progress_option
from snmptcp.cli.options.snmp_conf import add_snmp_conf_options
from snmptcp.cli.output.cells import on_one_line
from snmptcp.cli.output.layout import Column, lay_out, terminal_width
from snmptcp.cli.output.report import report
from snmptcp.cli.progress import ProgressBar
from snmptcp.errors import ConfigurationError
from snmptcp.mib import Mib, NodeKind
from snmptcp.printable import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from snmptcp.mib import AvailableModule

__all__ = ("ACTIONS", "MibCommand", "add_arguments", "read_arguments", "run")

#: What the command can do: the words behind each action, and what it is.
ACTIONS = {
    "list": ("[PATTERN...]", "list the modules at hand whose name has a pattern, as IF-* (default: all)"),
    "compile": ("MODULE|FILE|FOLDER...", "write a file of compiled modules, for --mib-file and Mib.from_file"),
    "check": ("MODULE|FILE|FOLDER...", "tell what was repaired in modules, and what cannot be read"),
}

_OBJECTS = (NodeKind.SCALAR, NodeKind.COLUMN)


@dataclass(frozen=True, slots=True)
class MibCommand:
    """The arguments of the command.

    Attributes:
        action: one of :data:`ACTIONS`.
        words: patterns, or modules, files and folders.
        modules: where modules are.
        output: the file to write.
        standard: whether the file has the standard modules, too.
        progress: whether to show progress on a terminal.
        json: whether to print JSON.
    """

    action: str
    words: tuple[str, ...]
    modules: MibOptions
    output: Path | None
    standard: bool
    progress: bool
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    lines = (f"snmptcp mib {action} [OPTIONS] {words}" for action, (words, _) in ACTIONS.items())
    parser.usage = "\n       ".join((f"snmptcp mib {'|'.join(ACTIONS)} ...", *lines))
    parser.epilog = "ALL stands for all modules of the folders that -M names."
    add_place_options(parser)
    add_snmp_conf_options(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="compile: the file to write, in the place of an old one")
    parser.add_argument(
        "--no-standard",
        dest="standard",
        action="store_false",
        help="compile: leave out the standard modules, unless the others import from them",
    )
    add_progress_option(parser)
    add_json_option(parser, "list and check: one JSON object per line")
    actions = "; ".join(f"{action}: {text}" for action, (_, text) in ACTIONS.items())
    parser.add_argument("action", choices=tuple(ACTIONS), metavar="ACTION", help=actions)
    parser.add_argument("words", metavar="MODULE|FILE|FOLDER", nargs="*", help="what the action is about")


def read_arguments(arguments: argparse.Namespace) -> MibCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    action, words, output = arguments.action, tuple(arguments.words or ()), arguments.output
    if action != "list" and not words:
        raise ConfigurationError(f"{action} needs names of modules, files or folders; ALL for all of the folders of -M")
    if (action == "compile") != (output is not None):
        raise ConfigurationError("compile needs -o FILE" if output is None else f"-o is for compile, not for {action}")
    if not arguments.standard and action != "compile":
        raise ConfigurationError(f"--no-standard is for compile, not for {action}")
    if arguments.json and action == "compile":
        raise ConfigurationError("--json is for list and check, not for compile")
    modules = read_mib_options(arguments)
    if modules.compiled is not None and action != "list":
        raise ConfigurationError(f"--mib-file is for list: a file of compiled modules has no texts to {action}")
    path = None if output is None else Path(output)
    return MibCommand(action, words, modules, path, arguments.standard, arguments.progress, arguments.json)


def run(command: MibCommand) -> int:
    """Do what is asked for; return the exit code."""
    return _ACTIONS[command.action](command)


# ---------------------------------------------------------------------------------------------- list


def _list(command: MibCommand) -> int:
    if command.modules.compiled is not None:
        mib = Mib.from_file(command.modules.compiled)
    else:
        mib = Mib(standard=False, folders=command.modules.folders)
    patterns = command.words or ("*",)
    found = [
        module
        for module in mib.available()
        if any(fnmatch.fnmatchcase(module.name.lower(), word.lower()) for word in patterns)
    ]
    if command.json:
        for module in found:
            print(json.dumps(_as_json(module)))
    elif found:
        for line in _table(found):
            print(line)
    if not found:
        report(f"no module has a name like {' or '.join(patterns)}")
    return 0 if found else 1


def _as_json(module: AvailableModule) -> dict[str, object]:
    return {
        "module": module.name,
        "path": module.path,
        "revision": module.revision or None,
        "compiled": module.is_compiled,
        "counts": {kind.value: count for kind, count in sorted(module.counts.items())},
    }


def _table(modules: Sequence[AvailableModule]) -> Sequence[str]:
    def counts(*kinds: NodeKind) -> list[str]:
        return [
            str(sum(module.counts.get(kind, 0) for kind in kinds)) if module.is_compiled else "-" for module in modules
        ]

    columns = [
        Column("revision", [module.revision or "-" for module in modules]),
        Column("compiled", ["yes" if module.is_compiled else "no" for module in modules]),
        Column("objects", counts(*_OBJECTS), right=True),
        Column("tables", counts(NodeKind.TABLE), right=True),
        Column("notifications", counts(NodeKind.NOTIFICATION), right=True),
        Column("from", [on_one_line(module.path) or "-" for module in modules]),
    ]
    names = Column("module", [on_one_line(module.name) for module in modules])
    return list(lay_out([names], columns, terminal_width()))


# --------------------------------------------------------------------------------- compile and check


def _compile(command: MibCommand) -> int:
    mib, found = _found(command, standard=command.standard)
    problems = (str(problem) for problem in mib.problems)  # also of modules that the others import from
    for line in dict.fromkeys((*(line for finding in found for line in finding.faults()), *problems)):
        report(line)
    readable = [finding for finding in found if finding.loaded is not None]
    if command.output is not None and readable:
        mib.save(command.output)
        nodes = len(mib.nodes())
        print(f"{command.output}: {len(mib.modules)} modules with {nodes} names")
    return 0 if len(readable) == len(found) else 1


def _check(command: MibCommand) -> int:
    _, found = _found(command, standard=False)
    for finding in found:
        if command.json:
            print(json.dumps(finding.json()))
        else:
            for line in finding.lines():
                print(printable(line, None))
    if not command.json and len(found) > 1:
        print(_summary(found))
    return 0 if all(finding.loaded is not None for finding in found) else 1


def _summary(found: Sequence[Finding]) -> str:
    repaired = sum(finding.loaded is not None and bool(finding.loaded.repairs) for finding in found)
    unreadable = sum(finding.loaded is None for finding in found)
    return f"{len(found)} modules: {repaired} repaired, {unreadable} cannot be read"


def _found(command: MibCommand, *, standard: bool) -> tuple[Mib, list[Finding]]:
    """Load what the words name."""
    with (
        told_once(problems=False),
        ProgressBar("compiling", "modules", shown=lambda: command.progress) as progress,
    ):
        mib = Mib(standard=standard, folders=command.modules.folders)
        return mib, find_modules(mib, command.words, command.modules.folders, progress)


_ACTIONS: dict[str, Callable[[MibCommand], int]] = {"list": _list, "compile": _compile, "check": _check}
