"""The values of properties and settings, and the rules for reading and writing them.

Contains: the values, the checks of the tables, and one rule for every write.
Does not contain: what single rows do beyond that (:mod:`snmptcp.ipworks.rows`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from snmptcp.ipworks.coerce import COERCIONS, code_page_codec, to_bool, to_bytes
from snmptcp.ipworks.errors import INVALID, IPWorksSNMPError
from snmptcp.ipworks.octets import Octets
from snmptcp.ipworks.tables.properties import PROPERTIES, Property
from snmptcp.ipworks.tables.settings import SETTINGS, Setting
from snmptcp.ipworks.unhonoured import not_honoured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ("Limits", "Store", "Values")

P = TypeVar("P")

_SETTINGS_BY_LOWER_NAME = {name.lower(): entry for name, entry in SETTINGS.items()}

#: The setting in which programs give the documented class its licence key: it is accepted, and neither kept nor shown.
_LICENSE = "runtimelicense"

#: How a number may be given that was True or False in earlier editions.
_WORDS = frozenset(("true", "false"))

#: How long connecting may take if neither ConnectionTimeout nor timeout limits it, in seconds.
_CONNECT_TIMEOUT = 60.0


_DEFAULTS: dict[str, Any] = {entry.name: entry.default for entry in PROPERTIES.values() if not entry.indexed} | {
    entry.name: entry.default for entry in SETTINGS.values() if not entry.property_name
}


class Limits(NamedTuple):
    """The time limits of a method.

    Attributes:
        seconds: how long its work may take, also if the method does not wait for it.
        is_absolute: whether that limits the method, and not the time without a packet.
        connects_apart: whether connecting has a limit of its own.
        waits: whether the method waits for its work.
    """

    seconds: float
    is_absolute: bool
    connects_apart: bool
    waits: bool


class Values(Mapping[str, Any]):
    """The current value of every property and setting, by its name.

    Names of properties are snake_case and names of settings CamelCase, so one mapping holds both.  A setting that is
    another name of a property has no value here.
    """

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}  # those that have been set
        #: Changes with every value.
        self.revision = 0
        self._limits: Limits | None = None  # made when they are asked for

    def __getitem__(self, name: str) -> Any:
        values = self._values
        return values[name] if name in values else _DEFAULTS[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_DEFAULTS)

    def __len__(self) -> int:
        return len(_DEFAULTS)

    def put(self, name: str, value: object) -> None:
        """Store a value that has been checked."""
        if value != self[name]:
            self._values[name] = value
            self.revision += 1
            self._limits = None

    def pick(self, names: Iterable[str]) -> tuple[object, ...]:
        """Return the values of several names."""
        return tuple([self[name] for name in names])

    @property
    def codec(self) -> str:
        """The codec of the code page."""
        return code_page_codec(self["CodePage"])

    def octets(self, name: str) -> bytes:
        """Return a text value, encoded in the code page."""
        return to_bytes(name, self[name], self.codec)

    @property
    def limits(self) -> Limits:
        """The time limits of methods."""
        limits = self._limits
        if limits is None:
            is_absolute = self["AbsoluteTimeout"]
            connects_apart = bool(self["ConnectionTimeout"]) and not is_absolute
            limits = self._limits = Limits(self.request_timeout, is_absolute, connects_apart, bool(self.timeout))
        return limits

    @property
    def timeout(self) -> float:
        """How long a method waits, in seconds; 0 if it does not wait."""
        seconds: float = self["timeout"]
        return seconds / 1000 if self["TimeoutInMilliseconds"] else seconds

    @property
    def connect_timeout(self) -> float:
        """How long connecting may take, in seconds."""
        return float(self["ConnectionTimeout"]) or self.timeout or _CONNECT_TIMEOUT

    @property
    def request_timeout(self) -> float:
        """How long a request waits for its answer, in seconds, also if its method does not wait."""
        return self.timeout or self.connect_timeout


class Store(Generic[P]):
    """Reads and writes properties and settings.

    Every write follows one rule: the value is converted and checked as its table says, the row's hook is called with
    it, and then it is stored.  If the hook raises, the old value stays.  A read returns the stored value, unless the
    row has a reader.

    Args:
        values: where the values are stored.
        parts: what all functions here take as their first argument.
        readers: for a row that does not read as what was stored: a function that returns its value.
        hooks: for a row that does more than store its value: a function that also takes the new value.
        is_active: whether the object is active; some properties are frozen then.
        is_connected: whether the object is connected to an agent; some settings are frozen then.
    """

    def __init__(
        self,
        values: Values,
        parts: P,
        readers: Mapping[str, Callable[[P], Any]],
        hooks: Mapping[str, Callable[[P, Any], object]],
        *,
        is_active: Callable[[P], bool],
        is_connected: Callable[[P], bool],
    ) -> None:
        self._values = values
        self._parts = parts
        self._readers = readers
        self._hooks = hooks
        self._is_active = is_active
        self._is_connected = is_connected

    def read(self, name: str) -> Any:
        """Return the value of a property or a setting."""
        reader = self._readers.get(name)
        value = self._values[name] if reader is None else reader(self._parts)
        return Octets(value) if isinstance(value, bytes) else value

    def write(self, entry: Property, value: object) -> None:
        """Set a property.

        Raises:
            IPWorksSNMPError: it is read-only or frozen, or the value is not allowed.
        """
        value = self._checked(entry, value)
        if entry.frozen and self._is_active(self._parts):
            raise IPWorksSNMPError(entry.frozen, f"{entry.name} cannot be changed while the object is active")
        self._put(entry.name, value)

    def config(self, text: str) -> str:
        """Read a setting (``Name``) or set it (``Name=Value``).

        Raises:
            IPWorksSNMPError: there is no such setting, it is read-only or frozen, or the value is not allowed.
        """
        name, assigned, value = text.partition("=")
        name = name.strip()
        # "SSLNegotiatedCipher[1]" is the documented form for one connection of several; there is one here.
        plain = name.partition("[")[0].strip().lower()
        if plain == _LICENSE:
            return ""
        entry = _SETTINGS_BY_LOWER_NAME.get(plain)
        if entry is None:
            raise IPWorksSNMPError(INVALID, f"unknown configuration setting {name!r}")
        if not assigned:
            return str(self.read(entry.property_name or entry.name))
        if entry.property_name:
            self.write(PROPERTIES[entry.property_name], value.strip())
        else:
            self._write_setting(entry, value.strip())
        return ""

    def _write_setting(self, entry: Setting, value: str) -> None:
        checked = self._checked(entry, value)
        if entry.frozen and self._is_connected(self._parts):
            raise IPWorksSNMPError(entry.frozen, f"{entry.name} cannot be changed while connected")
        self._put(entry.name, checked)

    def _put(self, name: str, value: object) -> None:
        hook = self._hooks.get(name)
        if hook is not None:
            hook(self._parts, value)
        self._values.put(name, value)

    def _checked(self, entry: Property | Setting, value: object) -> Any:
        """Return a value in the type of its table, if the table allows it."""
        name = entry.name
        if not entry.writable:
            raise IPWorksSNMPError(INVALID, f"{name} is read-only")
        if entry.words and str(value).strip().lower() in _WORDS:
            value = to_bool(name, value)
        if entry.kind == "bytes":
            value = to_bytes(name, value, self._values.codec)
        else:
            value = COERCIONS[entry.kind](name, value)
        if entry.choices and value not in entry.choices:
            if entry.otherwise:
                not_honoured(name, f"{value} has no effect: {entry.otherwise}")
                return value
            allowed = ", ".join(map(str, entry.choices))
            raise IPWorksSNMPError(INVALID, f"{name} must be one of {allowed}, not {value!r}")
        if isinstance(value, int) and entry.least is not None and value < entry.least:
            raise IPWorksSNMPError(INVALID, f"{name} must be at least {entry.least}, not {value}")
        if isinstance(value, int) and entry.most is not None and value > entry.most:
            raise IPWorksSNMPError(INVALID, f"{name} must be at most {entry.most}, not {value}")
        return value
