"""One mapping of a document, whose fields are taken one by one; each error names the file, the place and what is right.

Contains: texts, numbers, durations, flags, lists.  Does not contain: which fields there are
(:mod:`snmptcp.exporter.reading`).
"""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING, TypeVar

from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from snmptcp.exporter.config import Arcs
    from snmptcp.exporter.document import Data

__all__ = ("Section", "arcs_of")

T = TypeVar("T")

_TRUE = frozenset(("true", "yes", "on", "y"))
_FALSE = frozenset(("false", "no", "off", "n"))

_NUMERIC = re.compile(r"\.?[0-9][0-9.]*")
_INTEGER = re.compile("[+-]?[0-9]{1,20}")
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+")
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def _kind(value: Data) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return quoted(value)
    return "a list" if isinstance(value, list) else "a mapping"


class Section:
    """One mapping of a document.

    Args:
        data: the value that should be a mapping; ``None`` is an empty one.
        where: the file.
        path: the place in the file: ``"modules.if_mib"``.
        secret: the fields whose values no error shows.

    Raises:
        ConfigurationError: it is no mapping.
    """

    def __init__(self, data: Data, where: str, path: str, *, secret: frozenset[str] = frozenset()) -> None:
        self.where = where
        self.path = path
        if data is None:
            data = {}
        if not isinstance(data, dict):
            raise ConfigurationError(f"{where}: {path or 'the document'} must be a mapping, not {_kind(data)}")
        self.data: Mapping[str, Data] = data
        self._secret = secret
        self._taken: set[str] = set()

    def fault(self, key: str, text: str) -> ConfigurationError:
        """Return the error about a field; an empty key is the mapping itself."""
        place = ".".join(part for part in (self.path, key) if part)
        return ConfigurationError(f"{self.where}: {place}: {text}")

    def _wrong(self, key: str, right: str) -> ConfigurationError:
        value = "another value" if key in self._secret else _kind(self.data.get(key))
        return self.fault(key, f"must be {right}, not {value}")

    def _take(self, key: str) -> Data:
        self._taken.add(key)
        return self.data.get(key)

    def end(self) -> None:
        """Refuse fields that nothing has taken.

        Raises:
            ConfigurationError: there is one.
        """
        for key in self.data:
            if key not in self._taken:
                alike = difflib.get_close_matches(key, self._taken, n=1)
                hint = f"; did you mean {alike[0]}?" if alike else f"; known are {', '.join(sorted(self._taken))}"
                raise self.fault("", f"the field {quoted(key)} is unknown here{hint}")

    # ------------------------------------------------------------------------------------- one value

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there and not be empty."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (default is None and not value):
            raise self._wrong(key, "text")
        return value

    def optional_text(self, key: str) -> str | None:
        """Return a text, or ``None`` if there is none."""
        return None if self._take(key) is None else self.text(key)

    def choice(self, key: str, default: str, choices: tuple[str, ...]) -> str:
        """Return one of some words."""
        value = self.text(key, default)
        if value not in choices:
            raise self._wrong(key, f"one of {', '.join(choices)}")
        return value

    def integer(self, key: str, default: int, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, str) or not _INTEGER.fullmatch(value) or not least <= int(value) <= most:
            raise self._wrong(key, f"a whole number from {least} to {most}")
        return int(value)

    def number(self, key: str, default: float) -> float:
        """Return a finite number."""
        value = self._take(key)
        if value is None:
            return default
        try:
            number = float(value) if isinstance(value, str) and "_" not in value else math.nan
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise self._wrong(key, "a number")
        return number

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key)
        if value is None:
            return default
        folded = value.lower() if isinstance(value, str) else ""
        if folded not in _TRUE | _FALSE:
            raise self._wrong(key, "true or false")
        return folded in _TRUE

    def duration(self, key: str, default: float) -> float:
        """Return a time in seconds, above 0, which the document has with its unit: ``5s``."""
        value = self._take(key)
        if value is None:
            return default
        seconds = 0.0
        if isinstance(value, str) and len(value) < 100 and _DURATION.fullmatch(value):
            seconds = sum(float(amount) * _UNITS[unit] for amount, unit in _DURATION_PART.findall(value))
        if not 0 < seconds < math.inf:
            raise self._wrong(key, "a time above 0 with its unit, such as 5s, 500ms or 1m30s")
        return seconds

    def arcs(self, key: str) -> Arcs:
        """Return an OID that is written as numbers."""
        value = self._take(key)
        try:
            return arcs_of(value if isinstance(value, str) else "")
        except ConfigurationError:
            raise self._wrong(key, "an OID in numbers, such as 1.3.6.1.2.1.2") from None

    # --------------------------------------------------------------------------------------- several

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; none is an empty list."""
        value = self._take(key)
        items = [] if value is None else value
        if not isinstance(items, list):
            raise self._wrong(key, "a list")
        for place, item in enumerate(items):
            if not isinstance(item, str):
                raise self.fault(f"{key}[{place}]", f"must be text, not {_kind(item)}")
        return tuple(item for item in items if isinstance(item, str))

    def arcs_list(self, key: str) -> tuple[Arcs, ...]:
        """Return a list of OIDs that are written as numbers."""
        found = []
        for place, text in enumerate(self.texts(key)):
            try:
                found.append(arcs_of(text))
            except ConfigurationError:
                wrong = f"must be an OID in numbers, such as 1.3.6.1.2.1.2, not {quoted(text)}"
                raise self.fault(f"{key}[{place}]", wrong) from None
        return tuple(found)

    def names_of_numbers(self, key: str) -> dict[int, str]:
        """Return a mapping of whole numbers to texts."""
        value = self._take(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._wrong(key, "a mapping of numbers to names")
        found = {}
        for number, name in value.items():
            if not _INTEGER.fullmatch(number) or not isinstance(name, str):
                raise self.fault(f"{key}.{number}", f"must be a whole number with a name, not {_kind(name)}")
            found[int(number)] = name
        return found

    def skip(self, *keys: str) -> None:
        """Take fields without looking at them."""
        self._taken.update(keys)

    def sections(self, key: str) -> Iterator[Section]:
        """Yield the mappings of a list."""
        value = self._take(key)
        items = [] if value is None else value
        if not isinstance(items, list):
            raise self._wrong(key, "a list of mappings")
        for place, item in enumerate(items):
            yield Section(item, self.where, f"{self.path}.{key}[{place}]" if self.path else f"{key}[{place}]")

    def named_sections(self, key: str, *, secret: frozenset[str] = frozenset()) -> Iterator[tuple[str, Section]]:
        """Yield the mappings of a mapping, by name."""
        value = self._take(key)
        if value is None:
            return
        if not isinstance(value, dict):
            raise self._wrong(key, "a mapping of names")
        path = f"{self.path}.{key}" if self.path else key
        for name, item in value.items():
            yield name, Section(item, self.where, f"{path}.{name}", secret=secret)

    def section(self, key: str, *, secret: frozenset[str] = frozenset()) -> Section | None:
        """Return a mapping, or ``None`` if there is none."""
        value = self._take(key)
        if value is None:
            return None
        return Section(value, self.where, f"{self.path}.{key}" if self.path else key, secret=secret)

    def parsed(self, key: str, text: str, parse: Callable[[str], T]) -> T:
        """Return what a function makes of a text; its error becomes one about the field."""
        try:
            return parse(text)
        except ConfigurationError as error:
            raise self.fault(key, str(error)) from None


def arcs_of(text: str) -> Arcs:
    """Return the arcs of an OID in numbers.

    Raises:
        ConfigurationError: it is none.
    """
    if not _NUMERIC.fullmatch(text):
        raise ConfigurationError(f"{quoted(text)} is no OID in numbers")
    return OID(text).arcs
