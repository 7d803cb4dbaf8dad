"""The options of ``snmptcp delta``: net-snmp's letters of ``-C``, and our own.

Contains: their definitions, and which of them exclude each other.  Does not contain: what they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from snmptcp.cli.options.application import add_application_option
from snmptcp.cli.options.words import seconds, whole_number
from snmptcp.cli.output.deltas import DeltaStyle
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    import argparse

__all__ = ("DeltaForm", "DeltaOptions", "add_delta_options", "read_delta_options", "read_names_file")

#: net-snmp's lines, net-snmp's table with tabs, or a table in one place of the terminal.
DeltaForm = Literal["lines", "tabs", "table"]

_LETTERS = {
    "f": ("give_up", False),
    "s": ("stamps", False),
    "t": ("rates", False),
    "S": ("total", False),
    "m": ("maxima", False),
    "k": ("keep_seconds", False),
    "T": ("tabs", False),
    "l": ("to_files", False),
    "p": ("whole_period", True),
    "P": ("samples", True),
    "v": ("names_per_packet", True),
}

_MEANINGS = (
    "s time of day; t rates per second; S the sum of all counters; m the largest so far; k seconds in the time of day; "
    "T a table with tabs; l write to files HOST-NAME; f give up if a name fails; p N seconds between readings; "
    "P N readings in each line, with their peak; v N names in one request"
)


@dataclass(frozen=True, slots=True)
class DeltaOptions:
    """How to watch.

    Attributes:
        style: how lines look.
        form: which form they have.
        count: how many reports to make; ``None`` for no end.
        interfaces: whether to watch interfaces.
        give_up: whether a name without a variable is a failure.
        names_per_packet: how many names one request may have; ``None`` for as many as fit.
        to_files: whether to write a file for each variable.
        sum_file: the file for the sum; ``None`` for a name made of the host's.
        names_file: a file with more names.
    """

    style: DeltaStyle
    form: DeltaForm
    count: int | None
    interfaces: bool
    give_up: bool
    names_per_packet: int | None
    to_files: bool
    sum_file: Path | None
    names_file: Path | None


def add_delta_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_application_option(parser, _LETTERS, _MEANINGS)
    period = whole_number(1, "a period")
    # ``-Cp5`` is a letter of ``-C``; ``-Cp 5`` needs an option of its own.
    parser.add_argument("-Cp", dest="whole_period", metavar="SECONDS", type=period, help="as --period")
    parser.add_argument(
        "-CP",
        dest="samples",
        metavar="N",
        type=whole_number(1, "a number of readings"),
        default=1,
        help="tell the average of N readings, and their peak (default 1)",
    )
    parser.add_argument(
        "-Cv",
        dest="names_per_packet",
        metavar="N",
        type=whole_number(1, "a number of names"),
        help="how many names one request may have; --max-names means the same",
    )
    parser.add_argument(
        "-CF", dest="names_file", metavar="FILE", type=Path, help="read more names from a file, one on each line"
    )
    parser.add_argument("-CL", dest="sum_file", metavar="FILE", type=Path, help="with -ClS: the file for the sum")
    parser.add_argument("--period", metavar="SECONDS", type=seconds, help="time between two readings (default 1)")
    parser.add_argument("--count", metavar="N", type=whole_number(1, "a count"), help="stop after N reports")
    parser.add_argument(
        "--interfaces",
        action="store_true",
        help="watch interfaces: bits and packets per second, errors and discards; the words behind HOST are names, "
        "descriptions, aliases or numbers of interfaces, and may have * and ?",
    )
    parser.add_argument(
        "--watch", action="store_true", help="a table that stays in its place on a terminal; interfaces always have one"
    )


def read_delta_options(arguments: argparse.Namespace, *, json: bool) -> DeltaOptions:
    """Return the options.

    Raises:
        ConfigurationError: options that exclude each other.
    """
    if arguments.whole_period == 0 or arguments.samples == 0 or arguments.names_per_packet == 0:
        raise ConfigurationError("-Cp, -CP and -Cv take numbers from 1 on")
    if arguments.whole_period is not None and arguments.period not in {None, arguments.whole_period}:
        raise ConfigurationError("-Cp and --period are the same: give one of them")
    forms = [name for name, given in _forms(arguments, json=json).items() if given]
    if len(forms) > 1:
        raise ConfigurationError(f"{' and '.join(forms)} exclude each other")
    if arguments.sum_file is not None and not (arguments.to_files and arguments.total):
        raise ConfigurationError("-CL names the file for the sum: it needs -ClS")
    if arguments.interfaces:
        _check_interfaces(arguments)
    style = DeltaStyle(
        arguments.period or arguments.whole_period or 1.0,
        stamps=arguments.stamps,
        rates=arguments.rates,
        total=arguments.total,
        maxima=arguments.maxima,
        samples=arguments.samples,
        keep_seconds=arguments.keep_seconds,
    )
    return DeltaOptions(
        style,
        "tabs" if arguments.tabs else "table" if arguments.watch or arguments.interfaces else "lines",
        arguments.count,
        arguments.interfaces,
        arguments.give_up,
        arguments.names_per_packet,
        arguments.to_files,
        arguments.sum_file,
        arguments.names_file,
    )


def _forms(arguments: argparse.Namespace, *, json: bool) -> dict[str, bool]:
    return {"-CT": arguments.tabs, "-Cl": arguments.to_files, "--watch": arguments.watch, "--json": json}


def _check_interfaces(arguments: argparse.Namespace) -> None:
    """Refuse the letters that are for single variables."""
    others = {
        "-CT": arguments.tabs,
        "-Cl": arguments.to_files,
        "-Cf": arguments.give_up,
        "-Ct": arguments.rates,
        "-CF": arguments.names_file is not None,
        "-CP": arguments.samples > 1,
        "-Cv": arguments.names_per_packet is not None,
    }
    given = [letter for letter, is_given in others.items() if is_given]
    if given:
        raise ConfigurationError(f"{given[0]} is for variables: it has no meaning with --interfaces")


def read_names_file(path: Path) -> list[str]:
    """Return the names in a file: one on each line, without empty lines and those that begin with ``#``.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise ConfigurationError(f"-CF: {path}: {reason}") from None
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
