"""snmptcp exporter generate: an snmp.yml from names of MIB objects, or from a generator.yml.

Contains: words and options to what is generated, and where it is written.  Does not contain: generating
(:mod:`snmptcp.exporter.generator`).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.cli.names import told_once
from snmptcp.cli.options.mibs import MibOptions, add_mib_options, read_mib_options
from snmptcp.cli.options.snmp_conf import add_names_conf_option
from snmptcp.cli.options.words import checked
from snmptcp.cli.output.report import report
from snmptcp.errors import ConfigurationError, MibError
from snmptcp.printable import quoted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from snmptcp.mib import Mib

__all__ = ("GenerateCommand", "add_generate_arguments", "generate_configuration", "read_generate_arguments")

#: The endings of generator.yml.
_ENDINGS = (".yml", ".yaml")


@dataclass(frozen=True, slots=True)
class GenerateCommand:
    """The arguments of ``generate``.

    Attributes:
        file: a generator.yml; ``None`` if names are given.
        names: the objects of the one module.
        module: its name.
        lookups: its look-ups: the indexes, and the object that has the label's value.
        output: the file to write; ``None`` for stdout.
        mibs: the MIB modules.
    """

    file: Path | None
    names: tuple[str, ...]
    module: str
    lookups: tuple[tuple[tuple[str, ...], str], ...]
    output: Path | None
    mibs: MibOptions


def add_generate_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    group = parser.add_argument_group("generate")
    group.add_argument("-o", "--output", metavar="FILE", help="generate: the file to write (default: stdout)")
    group.add_argument(
        "--module",
        metavar="NAME",
        help="generate: the name of the module that has the given objects (default: generated)",
    )
    group.add_argument(
        "--lookup",
        dest="lookups",
        metavar="INDEX=OBJECT",
        action="append",
        type=checked(_lookup),
        help="generate: a label with the value of OBJECT in the row of INDEX, as ifIndex=ifName; INDEX,INDEX for "
        "several; can be repeated",
    )
    add_mib_options(parser)
    add_names_conf_option(parser)


def _lookup(text: str) -> tuple[tuple[str, ...], str]:
    sources, equals, name = text.partition("=")
    indexes = tuple(filter(None, sources.split(",")))
    if not equals or not name or not indexes:
        raise ConfigurationError(f"a look-up is INDEX=OBJECT or INDEX,INDEX=OBJECT, not {quoted(text)}")
    return indexes, name


def read_generate_arguments(arguments: argparse.Namespace, words: Sequence[str]) -> GenerateCommand:
    """Return the parsed arguments.

    Args:
        arguments: the options.
        words: what is behind ``generate``.

    Raises:
        ConfigurationError: wrong usage.
    """
    files = [word for word in words if word.lower().endswith(_ENDINGS)]
    names = tuple(word for word in words if word not in files)
    if not words:
        raise ConfigurationError("generate needs a generator.yml, or names of objects, such as ifTable ifXTable")
    if len(files) > 1 or (files and names):
        raise ConfigurationError("generate takes one generator.yml, or names of objects")
    if files and (arguments.module or arguments.lookups):
        raise ConfigurationError("--module and --lookup are for names of objects; a generator.yml has its own")
    return GenerateCommand(
        Path(files[0]) if files else None,
        names,
        arguments.module or "generated",
        tuple(arguments.lookups or ()),
        None if arguments.output is None else Path(arguments.output),
        read_mib_options(arguments),
    )


def generate_configuration(command: GenerateCommand) -> int:
    """Generate and write; return the exit code.

    Raises:
        ConfigurationError: what is asked for cannot be generated, or the file cannot be written.
    """
    from snmptcp.exporter.generator import generate, generate_file  # noqa: PLC0415 - reads YAML
    from snmptcp.exporter.generator.orders import LookupOrder, ModuleOrder  # noqa: PLC0415

    mib = _open_mib(command.mibs)
    if command.file is not None:
        text = generate_file(command.file, mib, _warn)
    else:
        lookups = tuple(LookupOrder(indexes, name) for indexes, name in command.lookups)
        text = generate({command.module: ModuleOrder(command.names, lookups)}, mib, _warn)
    if command.output is None:
        sys.stdout.write(text)
    else:
        _write(command.output, text)
    return 0


def _warn(text: str) -> None:
    report(f"warning: {text}")


def _open_mib(options: MibOptions) -> Mib:
    """Return the MIB modules that options name; those that cannot be read are told."""
    from snmptcp.mib import Mib  # noqa: PLC0415 - the exporter itself needs none

    if options.off:
        raise MibError("there are no MIB modules: names are turned off (-m '' or MIBS)")
    if options.compiled is not None:
        return Mib.from_file(options.compiled)
    mib = Mib(standard=options.standard, folders=options.folders)
    modules = list(options.modules)
    with told_once(problems=options.tell_problems) as told:
        for file in options.files:
            modules += mib.add_file(file)
        for problem in mib.load(*modules):
            told.problem(str(problem))
    return mib


def _write(path: Path, text: str) -> None:
    """Write a file in the place of an old one, which stays if that fails."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise ConfigurationError(f"{path} cannot be written: {error.strerror or error}") from None
