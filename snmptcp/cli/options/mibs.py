"""``-m``, ``-M``, ``--mib-file``, ``-I`` and ``-P``: which MIB modules a command uses, and how it reads names.

Contains: these options with the environment variables ``MIBS`` and ``MIBDIRS`` and the tokens of ``snmp.conf`` that
mean the same.  Does not contain: opening modules (:mod:`snmptcp.cli.names`).

Each of the places adds to the one before it, or replaces it: the standard modules and folders, ``snmp.conf``, the
environment, the command line.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp.cli.names import Names
from snmptcp.cli.options.snmp_conf import add_snmp_conf_options, snmp_conf
from snmptcp.cli.options.styles import read_style
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = (
    "ALL_MODULES",
    "InputStyle",
    "MibOptions",
    "add_mib_options",
    "add_place_options",
    "default_mib_options",
    "read_mib_options",
    "read_names",
)

#: The environment variables of net-snmp's tools.
MODULES_VARIABLE = "MIBS"
FOLDERS_VARIABLE = "MIBDIRS"

#: The word for all modules of the folders; net-snmp's tools ignore its case.
ALL_MODULES = "ALL"

#: Where modules are looked for by default, if they exist.
DEFAULT_FOLDERS = ("~/.snmp/mibs", "/usr/share/snmp/mibs")

INPUT_HELP = (
    "how to read names: b a regular expression for a label; u numbers without a dot at the start are below mib-2; "
    "sSUFFIX and SPREFIX for all names; r do not check ranges of values; h read and print values without DISPLAY-HINT; "
    "R find labels wherever they are, as always"
)


@dataclass(frozen=True, slots=True)
class InputStyle:
    """How names and values of the command line are read; the fields are the letters of net-snmp's option ``-I``.

    Attributes:
        best_match: names are regular expressions for labels (``b``).
        relative: numbers without a dot at their start are below mib-2 (``u``).
        check_ranges: values are checked against the ranges and sizes of their object (not with ``r``).
        use_hints: values are read and printed by the DISPLAY-HINT of their object (not with ``h``).
        prefix: text before each name (``S``).
        suffix: text behind each name (``s``).
    """

    best_match: bool = False
    relative: bool = False
    check_ranges: bool = True
    use_hints: bool = True
    prefix: str = ""
    suffix: str = ""

    def with_letters(self, letters: str) -> InputStyle:
        """Return the style after more letters of ``-I``.

        Raises:
            ConfigurationError: an unknown letter, or a suffix or prefix that is missing.
        """
        style = self
        changed: dict[str, Any]
        for position, letter in enumerate(letters):
            if letter in "sS":
                text = letters[position + 1 :]
                if not text:
                    raise ConfigurationError(f"-I{letter} needs text directly after it, as in -Is.0")
                changed = {"suffix" if letter == "s" else "prefix": text}
                return dataclasses.replace(style, **changed)
            field = _INPUT_FLAGS.get(letter)
            if field is None:
                raise ConfigurationError(f"-I takes the letters {', '.join((*_INPUT_FLAGS, 's', 'S'))}, not {letter!r}")
            if field:
                changed = {field: not getattr(style, field)}
                style = dataclasses.replace(style, **changed)
        return style


#: The letters of ``-I`` that toggle a field; labels are always found wherever they are, which is what ``R`` asks for.
_INPUT_FLAGS = {"b": "best_match", "h": "use_hints", "r": "check_ranges", "R": "", "u": "relative"}

#: The letters of ``-P``; all but ``e`` are about texts that the compiler reads either way.
_PARSING_LETTERS = "ucdewWR"


@dataclass(frozen=True, slots=True)
class MibOptions:
    """Which modules a command uses, and how it reads names.

    Attributes:
        standard: whether the standard modules are loaded.
        modules: the names of other modules to load; ``ALL`` for all of the folders.
        files: files whose modules are loaded, too.
        folders: the folders in which modules are looked for; they exist.
        compiled: the file of compiled modules that takes the place of all others.
        asked: whether the user named modules or a file of them, instead of having the standard modules.
        tell_problems: whether modules that cannot be read are told (not with ``-Pe``).
        input: how names are read.
    """

    standard: bool = True
    modules: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()
    compiled: Path | None = None
    asked: bool = False
    tell_problems: bool = True
    input: InputStyle = InputStyle()

    @property
    def off(self) -> bool:
        """Whether there are no names at all: ``-m ''``."""
        return self.compiled is None and not (self.standard or self.modules or self.files)


def add_mib_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = parser.add_argument_group("MIB modules", "Names for numbers; the standard modules are always at hand.")
    group.add_argument(
        "-m",
        dest="mibs",
        metavar="MODULE:...",
        help="modules to load instead of the standard ones; +MODULE:... for more; ALL for all of the folders; '' for "
        f"none: numbers alone (default: the environment variable {MODULES_VARIABLE})",
    )
    _add_places(group)
    group.add_argument(
        "-I", dest="input_style", metavar="LETTERS", action=_InputOption, default=InputStyle(), help=INPUT_HELP
    )
    group.add_argument(
        "-P",
        dest="parsing",
        metavar="LETTERS",
        action=_ParsingOption,
        default="",
        help="e do not tell which modules cannot be read; net-snmp's other letters have no effect",
    )


def add_place_options(parser: argparse.ArgumentParser) -> None:
    """Add ``-M`` and ``--mib-file`` alone: where modules are, for a command whose words name them."""
    _add_places(parser.add_argument_group("MIB modules"))
    parser.set_defaults(mibs=None, input_style=InputStyle(), parsing="")


def _add_places(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "-M",
        dest="mib_folders",
        metavar="DIR:...",
        help="folders of MIB modules; +DIR:... for more "
        f"(default: the environment variable {FOLDERS_VARIABLE}, or else {' and '.join(DEFAULT_FOLDERS)})",
    )
    group.add_argument(
        "--mib-file", metavar="FILE", help="use the modules of a file that snmptcp mib compile has written, no others"
    )


def read_names(arguments: argparse.Namespace) -> Names:
    """Return the names for a command line, always the same object.

    Raises:
        ConfigurationError: as :func:`read_mib_options`.
    """
    known: Names | None = getattr(arguments, "names", None)
    if known is None:
        known = arguments.names = Names(read_mib_options(arguments), read_style(arguments))
    return known


def default_mib_options() -> MibOptions:
    """Return the options of a command line that has none: those of the environment and of snmp.conf.

    Raises:
        ConfigurationError: as :func:`read_mib_options`.
    """
    parser = argparse.ArgumentParser(add_help=False)
    add_mib_options(parser)
    add_snmp_conf_options(parser)
    return read_mib_options(parser.parse_args([]))


def read_mib_options(arguments: argparse.Namespace) -> MibOptions:
    """Return the options that :func:`add_mib_options` added.

    Raises:
        ConfigurationError: a folder or a file of the command line does not exist, or options exclude each other.
    """
    conf = snmp_conf(arguments).mib
    style: InputStyle = arguments.input_style
    style = dataclasses.replace(
        style,
        check_ranges=style.check_ranges != bool(conf.no_range_check),
        use_hints=style.use_hints != bool(conf.no_display_hint),
    )
    told = arguments.parsing.count("e") % 2 == 0
    if arguments.mib_file is not None:
        return MibOptions(compiled=_compiled(arguments), asked=True, tell_problems=told, input=style)
    choice = _Choice()
    for text in conf.mibs:
        choice.add(text, of_file=True)
    choice.files += [Path(text).expanduser() for text in conf.mibfiles]
    for given in (os.environ.get(MODULES_VARIABLE), arguments.mibs):
        if given is not None:
            choice.add(given)
    return MibOptions(
        choice.standard,
        tuple(dict.fromkeys(choice.modules)),
        tuple(dict.fromkeys(choice.files)),
        _folders(conf.mibdirs, arguments.mib_folders),
        asked=choice.asked or bool(choice.files),
        tell_problems=told,
        input=style,
    )


def _compiled(arguments: argparse.Namespace) -> Path:
    if arguments.mibs is not None or arguments.mib_folders is not None:
        raise ConfigurationError("--mib-file has all modules that are used: omit -m and -M")
    path = Path(arguments.mib_file)
    if not path.is_file():
        raise ConfigurationError(f"--mib-file: there is no file {path}; snmptcp mib compile -o FILE writes one")
    return path


class _Choice:
    """The modules that the values of ``-m`` and ``MIBS`` and the tokens ``mibs`` choose, one after the other."""

    def __init__(self) -> None:
        self.standard = True
        self.modules: list[str] = []
        self.files: list[Path] = []
        self.asked = False

    def add(self, text: str, *, of_file: bool = False) -> None:
        """Take one value.

        Debian's snmp.conf has an empty one because its packages come without modules; ours are there.
        """
        adds = text[:1] in {"+", "-"}
        words = [word for word in text[1 if adds else 0 :].split(os.pathsep) if word]
        if not words and (adds or of_file):
            return
        names = [ALL_MODULES if word.upper() == ALL_MODULES else word for word in words]
        if not adds:
            self.modules, self.files = [], []
        self.standard = ALL_MODULES in names or (adds and (self.standard or not (self.modules or self.files)))
        self.modules += [name for name in names if "/" not in name]
        self.files += [Path(name).expanduser() for name in names if "/" in name]
        self.asked = bool(names)


def _folders(conf: Sequence[str], given: str | None) -> tuple[Path, ...]:
    """Return the folders that exist; the later one has the better copy of a module."""
    folders = _existing(DEFAULT_FOLDERS)
    for text in (*conf, os.environ.get(FOLDERS_VARIABLE)):
        if text:
            folders = _with_folders(folders, text, _existing(_split_folders(text)))
    if given is not None:
        named = [Path(word).expanduser() for word in _split_folders(given)]
        missing = next((folder for folder in named if not _is_readable(folder)), None)
        if missing is not None:
            raise ConfigurationError(f"-M: there is no folder {missing} that can be read")
        folders = _with_folders(folders, given, named)
    return tuple(dict.fromkeys(folders))


def _split_folders(text: str) -> list[str]:
    return [word for word in text.removeprefix(text[0] if text[:1] in {"+", "-"} else "").split(os.pathsep) if word]


def _with_folders(folders: list[Path], text: str, more: list[Path]) -> list[Path]:
    if text[:1] == "-":
        return [*more, *folders]
    return [*folders, *more] if text[:1] == "+" else more


def _existing(words: Iterable[str]) -> list[Path]:
    return [folder for word in words if _is_readable(folder := Path(word).expanduser())]


def _is_readable(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.X_OK) and folder.is_dir()  # is_dir alone raises below a closed folder


class _InputOption(argparse.Action):
    """``-Ir``: letters, each of which changes the style."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse's signature
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        """Change the style; argparse calls this."""
        try:
            namespace.input_style = namespace.input_style.with_letters(str(values))
        except ConfigurationError as error:
            raise argparse.ArgumentError(None, str(error)) from None


class _ParsingOption(argparse.Action):
    """``-Pe``: letters, which are collected."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse's signature
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        """Collect the letters; argparse calls this."""
        unknown = next((letter for letter in str(values) if letter not in _PARSING_LETTERS), None)
        if unknown is not None:
            raise argparse.ArgumentError(None, f"-P takes the letters {', '.join(_PARSING_LETTERS)}, not {unknown!r}")
        namespace.parsing += str(values)
