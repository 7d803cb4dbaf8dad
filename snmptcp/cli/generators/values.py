"""Which values an argument takes, as far as a shell can complete them.

Contains: reading the arguments of parsers.  Does not contain: the scripts of the shells.
"""

from __future__ import annotations

import argparse
import enum
import re
from typing import TYPE_CHECKING

from snmptcp.credentials import AuthProtocol, PrivProtocol, SecurityLevel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ("Kind", "all_commands", "help_of", "is_hidden", "subcommands_of", "takes_value", "values_of")


class Kind(enum.Enum):
    """Values that the shell or the program knows."""

    FILE = "file"
    FOLDER = "dir"
    HOST = "host"
    #: A name of a MIB module or object.
    NAME = "name"


#: By the name for the value in help texts; a name of several kinds, as in ``FILE|DIR``, is the first that is here.
_KINDS = {"FILE": Kind.FILE, "DIR": Kind.FOLDER, "FOLDER": Kind.FOLDER, "HOST": Kind.HOST, "OID": Kind.NAME}

#: Words for the values of options whose converters accept other spellings too, by where they are stored.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "level": tuple(level.name for level in SecurityLevel),
    "auth_protocol": tuple(map(str, AuthProtocol)),
    "priv_protocol": tuple(map(str, PrivProtocol)),
}

#: A name for the value that lists the values themselves: ``1|2c|3``.
_LIST = re.compile(r"[0-9a-z.]+(\|[0-9a-z.]+)*")


def values_of(action: argparse.Action) -> Kind | tuple[str, ...] | None:
    """Return the values of an argument: a kind, the words themselves, or ``None`` if they cannot be known."""
    if action.choices is not None:
        return tuple(map(str, action.choices))
    if action.dest in _WORDS:
        return _WORDS[action.dest]
    name = action.metavar if isinstance(action.metavar, str) else ""
    if _LIST.fullmatch(name):
        return tuple(name.split("|"))
    return next((_KINDS[word] for word in re.split(r"[^A-Z-]+", name) if word in _KINDS), None)


def takes_value(action: argparse.Action) -> bool:
    """Return whether an option needs a value behind it."""
    return action.nargs != 0


def is_hidden(action: argparse.Action) -> bool:
    """Return whether help does not show an argument."""
    return action.help == argparse.SUPPRESS


def help_of(action: argparse.Action) -> str:
    """Return the text of help about an argument."""
    return (action.help or "") % {**vars(action), "prog": "snmptcp"}


def all_commands(parser: argparse.ArgumentParser, path: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield a parser and those of its commands, each with its words on the command line; the program has none."""
    yield path, parser
    for name, (_, command) in subcommands_of(parser).items():
        yield from all_commands(command, f"{path} {name}".lstrip())


def subcommands_of(parser: argparse.ArgumentParser) -> dict[str, tuple[str, argparse.ArgumentParser]]:
    """Return the commands of a parser by their names, each with its summary and its parser."""
    return {
        choice.dest: (choice.help or "", action.choices[choice.dest])
        for action in parser._actions  # noqa: SLF001 - argparse has no public way to read a parser
        if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
        for choice in action._choices_actions  # noqa: SLF001
        if choice.help != argparse.SUPPRESS
    }
