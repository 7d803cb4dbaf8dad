"""Variables that behave, as snmpsim's variation modules describe them in a recording.

Contains: the modules error, delay, numeric, writecache and notification.
Does not contain: modules that need a program or a store of their own (multiplex, sql, redis, subprocess, zabbix);
they are refused by name.

The options of a module are ``name=value``, separated by commas; as in snmpsim, doubled or tripled separators leave
single ones to the values.  ``op`` is get, set or any; GETNEXT and GETBULK count as get.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from snmptcp.credentials import Community, UsmUser
from snmptcp.errors import AgentError, ConfigurationError, ErrorStatus
from snmptcp.oid import OID
from snmptcp.testing.mib import Effects, Variation
from snmptcp.testing.outbox import Outgoing
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    OctetString,
    TimeTicks,
    UInteger32,
    Value,
    VarBind,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

__all__ = ("World", "make_variation")

#: snmpsim's limit: a response that would be this many milliseconds late is not sent.
NO_RESPONSE = 999_999

_OPERATIONS = ("get", "set", "any", "*")


@dataclass(frozen=True, slots=True)
class World:
    """What variables depend on, besides requests.

    Attributes:
        now: returns the seconds since 1970.
        random: random numbers.
        started: when the variables began to exist, by ``now``.
    """

    now: Callable[[], float]
    random: random.Random
    started: float


class Parse(Protocol):
    """Makes a value of the variable's type from text."""

    def __call__(self, value: bytes, *, hexadecimal: bool = False) -> Value:
        """Return the value; ValueError if the text is none."""


# ------------------------------------------------------------------------------------------ options


def _split(text: bytes, separator: bytes) -> list[bytes]:
    """Split text at a separator, or at the doubled or tripled one if the text has that."""
    for count in (3, 2):
        if separator * count in text:
            return text.split(separator * count)
    return text.split(separator)


class _Options:
    """The options of one variable; unknown ones are ignored, as snmpsim does.

    Raises:
        ConfigurationError: a part is not ``name=value``.
    """

    def __init__(self, module: str, text: bytes, parse: Parse) -> None:
        self.module = module
        self.parse = parse
        self._values: dict[str, bytes] = {}
        name = ""
        for part in _split(text, b",") if text else []:
            before, equals, after = part.partition(b"=")
            if equals and re.fullmatch(rb"\s*[A-Za-z]+\s*", before):
                name = before.decode().strip().lower()
                self._values[name] = after.lstrip(b"=")
            elif name:  # a comma inside a value
                self._values[name] += b"," + part
            else:
                raise ConfigurationError(f"{module} has options like name=value, not {ascii(part[:40])[1:]}")

    def take(self, name: str) -> bytes | None:
        """Return an option as octets."""
        return self._values.get(name)

    def word(self, name: str, default: str = "") -> str:
        """Return an option as lower-case text."""
        found = self.take(name)
        return default if found is None else found.decode("latin-1").strip().lower()

    def number(self, name: str, default: float) -> float:
        """Return an option as a number."""
        found = self.take(name)
        if found is None:
            return default
        try:
            number = float(found)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise ConfigurationError(f"{self.module}: {name} is a number, not {ascii(found[:40])[1:]}")
        return number

    def operation(self, default: str) -> tuple[bool, bool]:
        """Return whether the module acts on reads, and whether on writes."""
        word = self.word("op", default)
        if word not in _OPERATIONS:
            raise ConfigurationError(f"{self.module}: op is get, set or any, not {word[:40]!r}")
        return word != "set", word != "get"

    def value(self) -> Value | None:
        """Return the value that the variable has at first."""
        text, octets = self.take("value"), self.take("hexvalue")
        if octets is not None:
            return self.parse(octets, hexadecimal=True)
        return None if text is None else self.parse(text)

    def choices(self, name: str, parse: Callable[[bytes], object]) -> _Choices | None:
        """Return a list of ``operator:value:outcome``."""
        found = self.take(name)
        if found is None:
            return None
        words = _split(found, b":")
        if len(words) % 3:
            raise ConfigurationError(f"{self.module}: {name} has triples of operator, value and outcome")
        return _Choices(
            [
                (self._operator(name, words[at]), parse(words[at + 1]), words[at + 2].decode("latin-1").strip().lower())
                for at in range(0, len(words), 3)
            ]
        )

    def conditions(self, name: str) -> _Choices | None:
        """Return a list of ``operator:value``."""
        found = self.take(name)
        if found is None:
            return None
        words = _split(found, b":")
        if len(words) % 2:
            raise ConfigurationError(f"{self.module}: {name} has pairs of operator and value")
        return _Choices(
            [(self._operator(name, words[at]), self.parse(words[at + 1]), "yes") for at in range(0, len(words), 2)]
        )

    def _operator(self, name: str, word: bytes) -> str:
        operator = word.decode("latin-1").strip().lower()
        if operator not in {"eq", "lt", "gt"}:
            raise ConfigurationError(f"{self.module}: an operator of {name} is eq, lt or gt, not {operator[:40]!r}")
        return operator


@dataclass(frozen=True, slots=True)
class _Choices:
    """Outcomes by value, in the order of a list."""

    choices: list[tuple[str, object, str]]

    def outcome(self, value: object) -> str | None:
        """Return the first outcome whose condition holds."""
        for operator, limit, outcome in self.choices:
            if operator == "eq":
                holds = value == limit
            elif operator == "lt":
                holds = value < limit  # type: ignore[operator]  # both are of the variable's type
            else:
                holds = value > limit  # type: ignore[operator]
            if holds:
                return outcome
        return None


#: The exceptions among the statuses: they are values.
_ABSENT: Mapping[str, Value] = {
    "nosuchobject": NoSuchObject(),
    "nosuchinstance": NoSuchInstance(),
    "endofmib": EndOfMibView(),
    "endofmibview": EndOfMibView(),
}

_STATUSES = {status.name.lower(): status for status in ErrorStatus if status} | {"generror": ErrorStatus.genErr}


def _check_status(module: str, name: str) -> str:
    if name and name not in _STATUSES and name not in _ABSENT:
        raise ConfigurationError(f"{module}: unknown status {name[:40]!r}")
    return name


def _fail(name: str) -> Value | None:
    """Raise the error of a status; return the exception that it names, if it is one."""
    if name in _STATUSES:
        raise AgentError(_STATUSES[name])
    return _ABSENT.get(name)


# ------------------------------------------------------------------------------------------ modules


class _Stored(Variation):
    """A variable with a value that a SET can change.

    Args:
        kind: the class of its values.
        options: the options; the value is taken from them.
    """

    module: ClassVar[str]

    def __init__(self, kind: type, options: _Options) -> None:
        self.kind = kind
        value = options.value()
        self._value: Value = NoSuchInstance() if value is None else value

    @property
    def is_writable(self) -> bool:
        return True

    def peek(self) -> Value:
        return self._value

    def get(self, effects: Effects) -> Value:  # noqa: ARG002 - see the base class
        return self._value

    def set(self, value: Value, effects: Effects) -> None:  # noqa: ARG002 - see the base class
        self._value = value

    def restore(self, value: Value) -> None:
        self._value = value


class _Failing(_Stored):
    """The module error, and with it writecache: an error-status for some requests."""

    def __init__(self, kind: type, options: _Options) -> None:
        super().__init__(kind, options)
        self._on_get, self._on_set = options.operation("any")
        self._status = _check_status(options.module, options.word("status"))
        self._choices = options.choices("vlist", options.parse)
        self._only_choices = options.module == "error"  # with vlist, status is for reads
        for _, _, status in self._choices.choices if self._choices else ():
            _check_status(options.module, status)

    def get(self, effects: Effects) -> Value:
        found = _fail(self._status) if self._on_get and self._status else None
        return super().get(effects) if found is None else found

    def set(self, value: Value, effects: Effects) -> None:
        status = self._choices.outcome(value) if self._choices is not None else None
        if status is None and self._on_set and not (self._only_choices and self._choices is not None):
            status = self._status
        if status:
            if status in _ABSENT:
                raise AgentError(ErrorStatus.noSuchName)
            _fail(status)
        super().set(value, effects)


class _Delayed(_Stored):
    """The module delay: responses that come late, or never."""

    def __init__(self, kind: type, options: _Options, world: World) -> None:
        super().__init__(kind, options)
        self._world = world
        self._wait = options.number("wait", 500.0)
        self._deviation = abs(options.number("deviation", 0.0))
        self._by_value = options.choices("vlist", options.parse)
        self._by_time = options.choices("tlist", lambda text: _milliseconds(options.module, text.decode("latin-1")))
        for choices in (self._by_value, self._by_time):
            for _, _, wait in choices.choices if choices else ():
                _milliseconds(options.module, wait)

    def get(self, effects: Effects) -> Value:
        self._delay(effects, None)
        return super().get(effects)

    def set(self, value: Value, effects: Effects) -> None:
        self._delay(effects, self._by_value.outcome(value) if self._by_value is not None else None)
        super().set(value, effects)

    def _delay(self, effects: Effects, chosen: str | None) -> None:
        if chosen is None and self._by_time is not None:
            chosen = self._by_time.outcome(int(self._world.now()))
        wait = self._wait if chosen is None else float(chosen)
        if self._deviation:
            wait += self._world.random.uniform(-self._deviation, self._deviation)
        if wait > NO_RESPONSE:
            effects.delay = inf
        else:
            effects.delay += max(wait, 0.0) / 1000


def _milliseconds(module: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ConfigurationError(f"{module}: a time is a number, not {text[:40]!r}")
    return number


_NUMBERS = (Integer32, Counter32, Gauge32, TimeTicks, UInteger32, Counter64)

#: The functions of :mod:`math` that take and return numbers.
_FUNCTIONS = frozenset(
    (
        *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "cos", "cosh", "degrees", "erf", "erfc"),
        *("exp", "expm1", "fabs", "floor", "fmod", "gamma", "hypot", "lgamma", "log", "log10", "log1p", "log2", "pow"),
        *("radians", "sin", "sinh", "sqrt", "tan", "tanh", "trunc"),
    )
)


class _Numeric(Variation):
    """The module numeric: numbers that change with the time."""

    def __init__(self, kind: type, options: _Options, world: World) -> None:
        if kind not in _NUMBERS and kind is not OctetString:
            raise ConfigurationError("numeric is for numbers, and for strings that show them")
        self.kind = kind
        self._world = world
        self._minimum = options.number("min", 0)
        self._maximum = options.number("max", getattr(kind, "maximum", Gauge32.maximum))
        self._initial = options.number("initial", self._minimum)
        self._rate = options.number("rate", 1)
        self._scale = options.number("scale", 1)
        self._offset = options.number("offset", 0)
        self._deviation = abs(options.number("deviation", 0))
        # As in snmpsim, these are on when they are there, whatever their number is.
        self._absolute, self._cumulative, self._wraps = (
            options.take(name) is not None for name in ("atime", "cumulative", "wrap")
        )
        self._function, self._arguments = self._read_function(options)
        self._last = (self._initial, world.started)

    @staticmethod
    def _read_function(options: _Options) -> tuple[Callable[..., float] | None, list[float | None]]:
        """Return a function, and its arguments; ``None`` stands for the time."""
        text = options.take("function")
        if text is None:
            return None, []
        name, *words = (word.decode("latin-1").strip() for word in _split(text, b"%"))
        if name not in _FUNCTIONS:
            raise ConfigurationError(f"numeric: unknown function {name[:40]!r}")
        try:
            arguments = [None if word == "<time>" else float(word) for word in words] or [None]
        except ValueError:
            raise ConfigurationError(f"numeric: an argument of {name} is a number or <time>") from None
        function: Callable[..., float] = getattr(math, name)
        try:
            function(*(1.0 if argument is None else argument for argument in arguments))
        except TypeError:
            raise ConfigurationError(f"numeric: {name} does not take {len(arguments)} arguments") from None
        except (ValueError, OverflowError):
            pass  # it takes them, but not these numbers
        return function, arguments

    @property
    def is_writable(self) -> bool:
        return False

    def get(self, effects: Effects) -> Value:  # noqa: ARG002 - see the base class
        now = self._world.now()
        before, then = self._last if self._cumulative else (self._initial, self._world.started)
        try:
            number = self._compute(before, now, now - then)
        except OverflowError:
            number = self._maximum
        except ValueError:  # the function has no value for this time
            number = self._minimum
        number = self._bounded(number)
        if self._cumulative:
            self._last = number, now
        return self._value(number)

    def peek(self) -> Value:
        last = self._last
        try:
            return self.get(Effects())
        finally:
            self._last = last

    def set(self, value: Value, effects: Effects) -> None:  # noqa: ARG002 - see the base class
        raise AgentError(ErrorStatus.notWritable)

    def restore(self, value: Value) -> None:
        """Do nothing: it is never set."""

    def _compute(self, before: float, now: float, elapsed: float) -> float:
        time = (now if self._absolute else now - self._world.started) * self._rate
        if self._function is not None:
            time = self._function(*(time if argument is None else argument for argument in self._arguments))
        step = time * self._scale
        step += self._offset * elapsed * self._rate if self._cumulative else self._offset
        if self._deviation:
            step += self._world.random.uniform(-self._deviation, self._deviation)
        if self._cumulative:
            step = max(step, 0)
        return before + step

    def _bounded(self, number: float) -> float:
        if number < self._minimum:
            return self._minimum
        if number > self._maximum:
            return number % self._maximum + self._minimum if self._wraps and self._maximum else self._maximum
        return number

    def _value(self, number: float) -> Value:
        kind: Any = self.kind
        if kind is OctetString:
            return OctetString(f"{number:.2f}".encode())
        value: Value = kind(min(max(int(number), kind.minimum), kind.maximum))
        return value


#: The letters of a notification's variable bindings.
_LETTERS: Mapping[str, Callable[[str], Value]] = {
    "s": lambda text: OctetString(text.encode("latin-1")),
    "h": lambda text: OctetString(bytes.fromhex(text)),
    "i": lambda text: Integer32(int(text)),
    "o": OID,
    "a": IpAddress,
    "u": lambda text: Gauge32(int(text)),
    "g": lambda text: Gauge32(int(text)),
    "t": lambda text: TimeTicks(int(text)),
    "b": lambda text: OctetString(bytes.fromhex(text)),
    "I": lambda text: Counter64(int(text)),
}

_ENTERPRISE = OID("1.3.6.1.6.3.1.1.4.3.0")


class _Notifying(_Stored):
    """The module notification: a trap or inform for some requests.

    It leaves over TCP, whatever ``proto`` says.
    """

    def __init__(self, kind: type, options: _Options) -> None:
        super().__init__(kind, options)
        self._on_get, self._on_set = options.operation("set")
        self._conditions = options.conditions("vlist")
        self._what = _outgoing(options)

    def get(self, effects: Effects) -> Value:
        if self._on_get:
            effects.actions.append(self._what)
        return super().get(effects)

    def set(self, value: Value, effects: Effects) -> None:
        if self._on_set and (self._conditions is None or self._conditions.outcome(value)):
            effects.actions.append(self._what)
        super().set(value, effects)


def _outgoing(options: _Options) -> Outgoing:
    host = options.word("host")
    if not host:
        raise ConfigurationError("notification needs the option host")
    port = options.number("port", 162)
    if not 0 < port <= 0xFFFF or port % 1:
        raise ConfigurationError(f"notification: a port is a number from 1 to 65535, not {port:g}")
    kind = options.word("ntftype", "trap")
    if kind not in {"trap", "inform"}:
        raise ConfigurationError(f"notification: ntftype is trap or inform, not {kind[:40]!r}")
    credentials = _credentials(options)
    is_v1 = isinstance(credentials, Community) and str(credentials.version) == "1"
    if is_v1 and kind == "inform":
        raise ConfigurationError("notification: SNMPv1 has no informs")
    uptime, address, enterprise = options.take("uptime"), options.take("agentaddress"), options.take("enterprise")
    varbinds = _varbinds(options.take("varbinds"))
    if is_v1 and enterprise is not None:
        varbinds += (VarBind(_ENTERPRISE, OID(enterprise.decode("latin-1").strip())),)
    return Outgoing(
        host=host,
        port=int(port),
        credentials=credentials,
        is_inform=kind == "inform",
        trap_oid=OID((options.take("trapoid") or b"1.3.6.1.6.3.1.1.5.1").decode("latin-1").strip()),
        uptime=None if uptime is None else TimeTicks(int(uptime)),
        agent_address=str(IpAddress(address.decode("latin-1").strip())) if is_v1 and address is not None else None,
        varbinds=varbinds,
    )


def _credentials(options: _Options) -> Community | UsmUser:
    version = options.word("version", "2c")
    community = options.take("community") or b"public"
    user, auth, priv = (options.take(name) for name in ("user", "authkey", "privkey"))
    auth_protocol, priv_protocol = options.word("authproto", "md5"), options.word("privproto", "des")
    if version in {"1", "2c"}:
        return Community(community, version)
    if version != "3" or not user:
        raise ConfigurationError("notification: version is 1, 2c or 3, and 3 needs the option user")
    if auth is None or auth_protocol == "none":
        return UsmUser(user)
    if priv is None or priv_protocol == "none":
        return UsmUser(user, auth_protocol, auth)
    return UsmUser(user, auth_protocol, auth, priv_protocol, priv)


def _varbinds(text: bytes | None) -> tuple[VarBind, ...]:
    words = [word.decode("latin-1") for word in _split(text, b":")] if text else []
    if len(words) % 3:
        raise ConfigurationError("notification: varbinds has triples of name, letter and value")
    varbinds = []
    for at in range(0, len(words), 3):
        name, letter, value = words[at : at + 3]
        if letter not in _LETTERS:
            raise ConfigurationError(f"notification: unknown letter {letter[:40]!r} in varbinds")
        varbinds.append(VarBind(OID(name.strip()), _LETTERS[letter](value)))
    return tuple(varbinds)


# ------------------------------------------------------------------------------------------- choice

_MODULES: Mapping[str, Callable[[type, _Options, World], Variation]] = {
    "error": lambda kind, options, _: _Failing(kind, options),
    "writecache": lambda kind, options, _: _Failing(kind, options),
    "delay": _Delayed,
    "numeric": _Numeric,
    "notification": lambda kind, options, _: _Notifying(kind, options),
}


def make_variation(module: str, kind: type | None, text: bytes, parse: Parse, world: World) -> Variation:
    """Return a variable that behaves as its module says.

    Args:
        module: the module's name.
        kind: the class of the variable's values; ``None`` for an unknown tag.
        text: the options.
        parse: makes values of the variable's type.
        world: the time and the random numbers.

    Raises:
        ValueError: the module is not supported, or has other options.
    """
    make = _MODULES.get(module)
    if make is None:
        raise ConfigurationError(f"the variation module {module[:40]!r} is not supported")
    if kind is None:
        raise ConfigurationError(f"{module} needs the tag of an SNMP type")
    return make(kind, _Options(module, text, parse), world)
