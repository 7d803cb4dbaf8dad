"""The types of arguments: an argument of a wrong type is refused by name, with what would be right.

Contains: kinds of arguments, and the check of a function's arguments against a table of kinds.
Does not contain: ranges, which their owners check.  No text shows a value: it may be a secret in the wrong place.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from snmptcp.errors import ArgumentTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = (
    "CALLABLE",
    "FLAG",
    "INTEGER",
    "MIB",
    "NUMBER",
    "OCTETS",
    "PATH",
    "PLAIN_FUNCTION",
    "SECONDS",
    "TEXT",
    "TEXT_OR_OCTETS",
    "Kind",
    "check_arguments",
    "instance_of",
    "optional",
    "several_of",
    "wrong_type",
)


class Kind(NamedTuple):
    """What an argument may be.

    Attributes:
        text: what is right, for the error.
        accepts: whether a value is of this kind.
    """

    text: str
    accepts: Callable[[Any], bool]


def _is_integer(value: object) -> bool:
    return hasattr(type(value), "__index__") and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, float) or _is_integer(value)


INTEGER = Kind("an int", _is_integer)
NUMBER = Kind("a number (int or float)", _is_number)
SECONDS = Kind("a number of seconds (int or float)", _is_number)
FLAG = Kind("True or False", lambda value: isinstance(value, bool))
TEXT = Kind("text (str)", lambda value: isinstance(value, str))
OCTETS = Kind("bytes", lambda value: isinstance(value, bytes | bytearray))
TEXT_OR_OCTETS = Kind("str or bytes", lambda value: isinstance(value, str | bytes | bytearray))
PATH = Kind("the name of a file (str or Path)", lambda value: isinstance(value, str | os.PathLike))
CALLABLE = Kind("a function", callable)
# Its room is not imported by programs without names.
MIB = Kind("a Mib", lambda value: hasattr(value, "table_names"))
#: For callbacks that are not awaited: a coroutine function would never run.
PLAIN_FUNCTION = Kind("a plain function", lambda value: callable(value) and not inspect.iscoroutinefunction(value))


def instance_of(text: str, *types: type) -> Kind:
    """Return the kind of the instances of some classes."""
    return Kind(text, lambda value: isinstance(value, types))


def optional(kind: Kind) -> Kind:
    """Return a kind that may also be ``None``."""
    return Kind(f"{kind.text}, or None", lambda value: value is None or kind.accepts(value))


def several_of(text: str, *types: type) -> Kind:
    """Return the kind of lists, tuples and sets of the instances of some classes, and of iterators, which are not read.

    Args:
        text: one of them.
        types: the classes.
    """

    def accepts(value: object) -> bool:
        if not isinstance(value, Iterable) or isinstance(value, str | bytes):
            return False
        return not isinstance(value, Collection) or all(isinstance(each, types) for each in value)

    return Kind(f"several of {text}", accepts)


def wrong_type(name: str, text: str, value: object) -> ArgumentTypeError:
    """Return the error for an argument of a wrong type.

    Args:
        name: the argument.
        text: what would be right.
        value: what was given; only its type is shown, and the types of what a list, a tuple or a set contains.
    """
    kind = type(value).__name__
    if isinstance(value, list | tuple | set | frozenset) and value:
        kind += f" of {', '.join(sorted({type(each).__name__ for each in value})[:3])}"
    return ArgumentTypeError(f"{name} must be {text}, not {kind}")


def check_arguments(kinds: Mapping[str, Kind], values: Mapping[str, object]) -> None:
    """Check arguments.

    Args:
        kinds: what each argument may be.
        values: the arguments by their names, as ``locals()`` has them; others are left alone.

    Raises:
        ArgumentTypeError: an argument is of another type.
    """
    for name, kind in kinds.items():
        value = values[name]
        if not kind.accepts(value):
            raise wrong_type(name, kind.text, value)
