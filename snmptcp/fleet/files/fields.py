"""The fields of a fleet's files: what each value may be, in TOML and in a cell of CSV.

Contains: kinds of values, and reading a table of them.  Does not contain: which table has which fields; each module
beside this one lists its own.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.mistakes import alternatives
from snmptcp.net.options import check_host

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from snmptcp.fleet.files.mistakes import Place

__all__ = (
    "ADDRESS",
    "ANYTHING",
    "COUNT",
    "FLAG",
    "FOLDERS",
    "HEX",
    "HOST",
    "LABELS",
    "MESSAGE_SIZE",
    "NUMBER_FROM_0",
    "PATH",
    "PATHS",
    "PORT",
    "RATE",
    "SECONDS",
    "SECONDS_FROM_0",
    "SECRET",
    "TEXT",
    "WORDS",
    "Field",
    "named_tables",
    "read_table",
    "read_values",
    "table_of",
    "text_of",
)

#: How much of a wrong text is shown.
_MOST_SHOWN = 60

#: What separates words in one cell of CSV, and in one text of TOML.
_BETWEEN_WORDS = re.compile(r"[\s;,]+")

#: The least of the longest message (RFC 3430 section 2.2).
_LEAST_MESSAGE_SIZE = 8192

_WORDS_OF_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Field:
    """What a value may be.

    Attributes:
        right: what is right, for the error.
        read: makes the value that is used; raises ValueError if it is wrong, and ConfigurationError with a text of
            its own.
        secret: whether errors must not show it.
    """

    right: str
    read: Callable[[Any, Place], Any]
    secret: bool = False

    def value(self, given: object, place: Place) -> Any:
        """Return the value that is used.

        Raises:
            ConfigurationError: it is wrong.
        """
        try:
            return self.read(given, place)
        except ConfigurationError:
            raise
        except OSError as error:
            raise ConfigurationError(f"{error.filename} cannot be read: {error.strerror}") from None
        except (ValueError, TypeError, OverflowError):
            raise ConfigurationError(f"{self.right} is right, not {_shown(given, secret=self.secret)}") from None


def _shown(value: object, *, secret: bool) -> str:
    """Return a wrong value for an error."""
    kind = {bool: "a boolean", int: "an integer", float: "a number", str: "a text"}
    if isinstance(value, list):
        return "an array of other values" if value else "an empty array"
    if isinstance(value, dict):
        return "a table of other values" if value else "an empty table"
    if secret or (isinstance(value, int) and value.bit_length() > _MOST_SHOWN):
        return kind.get(type(value), f"a {type(value).__name__}")
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


# -------------------------------------------------------------------------------------------- kinds


def text_of(value: object) -> str:
    """Return a text; ValueError is for anything else."""
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _words(value: object, _: Place) -> tuple[str, ...]:
    """Take an array of texts, or words in one text."""
    words = _BETWEEN_WORDS.split(value.strip(" \t\r\n;,")) if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words) or not words:
        raise ValueError
    return tuple(words)


def _flag(value: object, _: Place) -> bool:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - the field makes the error that is shown
    try:
        return _WORDS_OF_FLAGS[value.strip().lower()]
    except KeyError:
        raise ValueError from None


def _number(value: object) -> float:
    """Return a number of TOML, or the text of one in a cell of CSV."""
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - the field makes the error that is shown
    number = float(value) if isinstance(value, str | int | float) else math.nan
    if not math.isfinite(number):
        raise ValueError
    return number


def _integer(value: object) -> int:
    number = _number(value)
    if number != int(number) or abs(number) > 1 << 53:
        raise ValueError
    return int(number)


def _seconds(value: object, _: Place) -> float:
    if (number := _number(value)) <= 0:
        raise ValueError
    return number


def _seconds_from_0(value: object, _: Place) -> float:
    if (number := _number(value)) < 0:
        raise ValueError
    return number


def _within(least: int, most: int) -> Callable[[object, Place], int]:
    def read(value: object, _: Place) -> int:
        if not least <= (number := _integer(value)) <= most:
            raise ValueError
        return number

    return read


def _host(value: object, _: Place) -> str:
    host = text_of(value)
    check_host(host)
    if not host.isprintable() or re.search(r"\s", host):
        raise ValueError
    return host


def _labels(value: object, _: Place) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ValueError
    return dict(value)


def _path(value: object, place: Place) -> Path:
    return place.file(text_of(value))


def _existing(value: object, place: Place) -> Path:
    path = _path(value, place)
    if not path.is_file():
        raise ConfigurationError(f"there is no file {path}")
    return path


def _each(read: Callable[[object, Place], Any]) -> Callable[[object, Place], tuple[Any, ...]]:
    """Return what takes one text, or an array of them."""

    def read_each(value: object, place: Place) -> tuple[Any, ...]:
        values = value if isinstance(value, list) else [value]
        return tuple(read(each, place) for each in values)

    return read_each


def _folder(value: object, place: Place) -> Path:
    path = _path(value, place)
    if not path.is_dir():
        raise ConfigurationError(f"there is no folder {path}")
    return path


def _hex(value: object, _: Place) -> bytes:
    return bytes.fromhex(text_of(value).removeprefix("0x"))


_LARGEST = 0x7FFFFFFF

TEXT = Field("a text", lambda value, _: text_of(value))
SECRET = Field("a text", lambda value, _: text_of(value), secret=True)
WORDS = Field("an array of texts, or a text", _words)
FLAG = Field("true or false", _flag)
SECONDS = Field("a number of seconds above 0", _seconds)
SECONDS_FROM_0 = Field("a number of seconds from 0 on", _seconds_from_0)
RATE = Field("a number above 0", _seconds)
COUNT = Field("a whole number from 1 on", _within(1, _LARGEST))
NUMBER_FROM_0 = Field("a whole number from 0 on", _within(0, _LARGEST))
MESSAGE_SIZE = Field(f"a whole number from {_LEAST_MESSAGE_SIZE} on", _within(_LEAST_MESSAGE_SIZE, _LARGEST))
PORT = Field("a port from 1 to 65535", _within(1, 0xFFFF))
HOST = Field("the name or the address of an agent", _host)
ADDRESS = Field("an address of this machine", _host)
LABELS = Field('a table of texts, such as { site = "Lyon" }', _labels)
PATH = Field("the name of a file", _existing)
PATHS = Field("the name of a file, or an array of them", _each(_existing))
FOLDERS = Field("the name of a folder, or an array of them", _each(_folder))
HEX = Field("octets in hexadecimal digits", _hex, secret=True)
ANYTHING = Field("any value", lambda value, _: value)


# ------------------------------------------------------------------------------------------- tables


def table_of(value: object, place: Place) -> Mapping[str, object] | None:
    """Return a table; note a mistake if it is none."""
    if isinstance(value, dict):
        return value
    place.add(f"a table is right, not {_shown(value, secret=True)}")
    return None


def named_tables(value: object, place: Place) -> dict[str, Mapping[str, object]]:
    """Return the tables of a table, such as those of ``[jobs.NAME]``; note what is none."""
    found = {} if value is None else table_of(value, place) or {}
    tables = {name: table_of(each, place.key(name)) for name, each in found.items()}
    return {name: table for name, table in tables.items() if table is not None}


def read_table(table: Mapping[str, object], fields: Mapping[str, Field], place: Place) -> dict[str, Any] | None:
    """Return the values of a table by their keys.

    Args:
        table: what the file says.
        fields: the keys that the table can have.
        place: the table; takes unknown keys and wrong values.

    Returns:
        The values; ``None`` if there was a mistake.
    """
    before = len(place.mistakes)
    values = read_values(table, fields, place)
    return values if len(place.mistakes) == before else None


def read_values(table: Mapping[str, object], fields: Mapping[str, Field], place: Place) -> dict[str, Any]:
    """Do the same as :func:`read_table`, but return the values that are right even if there was a mistake."""
    values: dict[str, Any] = {}
    for key, given in table.items():
        field = fields.get(key)
        if field is None:
            place.add(f"there is no key {key[:_MOST_SHOWN]!r}{alternatives(key, fields)}")
            continue
        try:
            values[key] = field.value(given, place)
        except ConfigurationError as error:
            place.key(key).add(str(error))
    return values
