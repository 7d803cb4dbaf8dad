"""The variables of an agent, in the order of their names.

Contains: names and values, and the search for a name or its successor (the "lexicographically ordered list" of
RFC 3416 section 4.2.2).
Does not contain: requests, versions, communities.
"""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

from snmptcp.arguments import Kind, wrong_type
from snmptcp.codec import ber
from snmptcp.codec.pdu import decode_varbinds, encode_varbind
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID, OidLike
from snmptcp.values import Value, to_value

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

__all__ = (
    "Binding",
    "Computed",
    "Effects",
    "Mib",
    "Source",
    "Variable",
    "Variables",
    "Variation",
    "bind",
    "sort_key",
)

#: Up to this many additions and deletions are merged one by one; more are sorted with everything else.
_FEW_CHANGES = 16

_LONG_ARC = re.compile(rb"[\x80-\xff]+[\x00-\x7f]")

# ------------------------------------------------------------------------------------ sources of values


@dataclass(frozen=True, slots=True)
class Computed:
    """A variable whose value is computed for each request.

    Args:
        getter: returns the value: a :data:`~snmptcp.values.Value`, or anything that
            :func:`~snmptcp.values.to_value` takes.  It returns ``NoSuchInstance()`` while the variable does not
            exist.  An :class:`~snmptcp.errors.AgentError` that it raises chooses the error-status; any other
            exception becomes genErr.  The event loop calls it: it must not block or be a coroutine function.
        setter: takes a new value of the getter's type; ``None`` for a read-only variable.  It may raise as the
            getter may; any other exception becomes commitFailed.  If a later assignment of the same request
            fails, it is called again with the old value.

    Raises:
        ConfigurationError: a function is a coroutine function.
    """

    getter: Callable[[], object]
    setter: Callable[[Value], None] | None = None

    def __post_init__(self) -> None:
        for function in (self.getter, self.setter):
            if inspect.iscoroutinefunction(function):
                raise ConfigurationError("the getter and the setter of a variable cannot be coroutine functions")


@dataclass(slots=True)
class Effects:
    """What the variables of one request ask for, besides their values.

    Attributes:
        delay: seconds to wait before the response is sent; infinite for no response.
        actions: objects for the agent to carry out after the request, such as notifications to send.
    """

    delay: float = 0.0
    actions: list[object] = field(default_factory=list)


class Variation(ABC):
    """A variable that behaves: it can refuse a request, delay the response, and have other effects.

    Attributes:
        kind: the class of its values; a SET needs a value of this class.
    """

    kind: type

    @property
    @abstractmethod
    def is_writable(self) -> bool:
        """Whether a SET can change it."""

    @abstractmethod
    def get(self, effects: Effects) -> Value:
        """Return the value for a request; :class:`~snmptcp.errors.AgentError` chooses the error-status."""

    @abstractmethod
    def peek(self) -> Value:
        """Return the value without any effect, and without an error."""

    @abstractmethod
    def set(self, value: Value, effects: Effects) -> None:
        """Take a new value; :class:`~snmptcp.errors.AgentError` chooses the error-status."""

    @abstractmethod
    def restore(self, value: Value) -> None:
        """Take the old value back, because another assignment of the request failed."""


#: The source of a variable's value: a stored value, functions, or a behaviour.
Source: TypeAlias = Union[Value, Computed, Variation]


class Binding(NamedTuple):
    """A variable binding with its encoding."""

    oid: OID
    value: Value
    octets: bytes


def bind(oid: OID, value: Value) -> Binding:
    """Return a variable binding with its encoding."""
    return Binding(oid, value, encode_varbind(oid, value))


# ------------------------------------------------------------------------------------- one variable


class Variable:
    """One variable: its name and the source of its value."""

    __slots__ = ("_encoded", "_source", "constant", "key")

    _source: Source | None

    def __init__(self, oid: OID, source: Source) -> None:
        #: The BER contents of the name.
        self.key = oid.ber
        self._source = source
        self._encoded = b""
        #: The binding of a stored value, after its first use.
        self.constant: Binding | None = None

    @classmethod
    def encoded(cls, key: bytes, value: bytes) -> Self:
        """Return a variable with a stored value that is decoded on first use.

        Args:
            key: the BER contents of the name.
            value: the encoded value, with its tag and length.
        """
        variable = cls.__new__(cls)
        variable.key = key
        variable._source = None  # noqa: SLF001 - filling a new instance
        variable._encoded = value  # noqa: SLF001
        variable.constant = None
        return variable

    @property
    def oid(self) -> OID:
        """The name."""
        return OID.from_ber(self.key)

    @property
    def source(self) -> Source:
        """The stored value, the :class:`Computed`, or the :class:`Variation`."""
        return self._decode().value if self._source is None else self._source

    @source.setter
    def source(self, source: Source) -> None:
        self._source = source
        self._encoded = b""
        self.constant = None

    @property
    def is_writable(self) -> bool:
        """Whether a SET can change it: it has a stored value or a setter."""
        source = self._source
        if isinstance(source, Computed):
            return source.setter is not None
        return source.is_writable if isinstance(source, Variation) else True

    def binding(self, effects: Effects | None = None) -> Binding:
        """Return the name with its current value; exceptions of the getter pass.

        Args:
            effects: takes what a :class:`Variation` asks for; without it, the value alone is read.
        """
        if self.constant is not None:
            return self.constant
        source = self._source
        if source is None:
            return self._decode()
        if isinstance(source, Variation):
            return bind(self.oid, source.peek() if effects is None else source.get(effects))
        if isinstance(source, Computed):
            return bind(self.oid, to_value(source.getter()))
        self.constant = bind(self.oid, source)
        return self.constant

    def _decode(self) -> Binding:
        """Return the binding of an encoded value."""
        if self.constant is None:
            octets = ber.tlv(ber.SEQUENCE, ber.tlv(ber.OBJECT_IDENTIFIER, self.key) + self._encoded)
            ((oid, value),) = decode_varbinds(octets, 0, len(octets))
            self.constant = Binding(oid, value, octets)
        return self.constant

    def read(self) -> Value:
        """Return the current value, without effects; exceptions of the getter pass."""
        return self.binding().value

    @property
    def kind(self) -> type | None:
        """The class of values that a SET may have; ``None`` for that of the current value."""
        return self._source.kind if isinstance(self._source, Variation) else None

    def assign(self, value: Value, effects: Effects | None = None) -> None:
        """Change the value; exceptions of the setter pass.

        Args:
            value: the value.
            effects: takes what a :class:`Variation` asks for; without it, an old value is restored.
        """
        source = self._source
        if isinstance(source, Variation):
            if effects is None:
                source.restore(value)
            else:
                source.set(value, effects)
        elif not isinstance(source, Computed):
            self.source = value
        elif source.setter is not None:
            source.setter(value)


def _to_source(value: object) -> Source:
    if isinstance(value, (Computed, Variation)):
        return value
    if callable(value):
        return Computed(value)
    found = to_value(value)
    if isinstance(found, OID):
        _ = found.ber  # refuse a fragment now and not in a response
    return found


# ------------------------------------------------------------------------------------ all variables


def sort_key(key: bytes) -> bytes:
    """Return octets that sort as the arcs of a name do (RFC 3416 section 4.2.2).

    The BER contents of two names sort as their arcs, unless arcs have different lengths.  So each arc of several
    octets gets an octet with its length in front, which sorts after all arcs of one octet.

    Args:
        key: the BER contents of the name.
    """
    if key.isascii():
        return key
    return _LONG_ARC.sub(lambda match: bytes((0x80 | len(match[0]),)) + match[0], key)


_VARIABLES = Kind(
    "a mapping of names to values, or pairs of them",
    lambda value: isinstance(value, Iterable) and not isinstance(value, str | bytes | bytearray),
)


class Mib(MutableMapping[OID, Source]):
    """The variables of an agent: a mapping of names to values, iterated in the order of the names.

    A name is an :class:`~snmptcp.oid.OID`, dotted text or arcs.  A value is anything that
    :func:`~snmptcp.values.to_value` takes, a function without arguments, which becomes ``Computed(function)``, a
    :class:`Computed`, or a :class:`Variation`.  A change counts from the next request on.

    Args:
        variables: a mapping, or pairs of name and value.

    Raises:
        ConfigurationError: SNMP cannot carry a name or a value.
        TypeError: SNMP has no type for a value.
    """

    def __init__(self, variables: Variables = ()) -> None:
        self._variables: dict[bytes, Variable] = {}  # by BER contents
        # The sort keys, and the variables in their order.  Both are replaced after a change when they are needed, and
        # never changed in place: a GETBULK walks over them while getters change the mapping.
        self._keys: list[bytes] = []
        self._order: list[Variable] = []
        #: The variables that were added since, or None for those that were deleted, by BER contents.
        self._changes: dict[bytes, Variable | None] = {}
        if not _VARIABLES.accepts(variables):
            raise wrong_type("the variables", _VARIABLES.text, variables)
        pairs: Iterable[tuple[OidLike, object]] = variables.items() if isinstance(variables, Mapping) else variables
        for name, value in pairs:
            self[name] = value

    @classmethod
    def of_sorted(cls, keys: list[bytes], order: list[Variable]) -> Self:
        """Return a MIB of variables that are in order already; the lists are used as they are.

        Args:
            keys: the variables' sort keys, increasing.
            order: the variables.
        """
        mib = cls()
        mib._variables = {variable.key: variable for variable in order}
        mib._keys = keys
        mib._order = order
        return mib

    def __getitem__(self, name: OidLike) -> Source:
        return self._variables[OID(name).key].source

    def __setitem__(self, name: OidLike, value: object) -> None:
        oid = OID(name)
        source = _to_source(value)
        variable = self._variables.get(oid.ber)
        if variable is not None:
            variable.source = source
        else:
            self._changes[oid.key] = self._variables[oid.key] = Variable(oid, source)

    def __delitem__(self, name: OidLike) -> None:
        key = OID(name).key
        del self._variables[key]
        self._changes[key] = None

    def __iter__(self) -> Iterator[OID]:
        self.sort()
        return (variable.oid for variable in self._order)

    def __len__(self) -> int:
        return len(self._variables)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} variables>"

    def read(self, name: OidLike) -> Value:
        """Return a variable's current value; calls its getter.

        Raises:
            KeyError: there is no such variable.
        """
        return self._variables[OID(name).key].read()

    def variable(self, oid: OID) -> Variable | None:
        """Return the variable with exactly this name, if there is one."""
        return self._variables.get(oid.key)

    def following(self, oid: OID) -> tuple[list[Variable], int]:
        """Return all variables in order, and the position of the first one after a name."""
        self.sort()
        return self._order, bisect_right(self._keys, sort_key(oid.ber))

    def has_below(self, prefix: tuple[int, ...]) -> bool:
        """Whether any variable's name begins with these arcs."""
        self.sort()
        # One octet holds the first two arcs.
        key = sort_key(OID(prefix).ber) if len(prefix) > 1 else bytes((40 * prefix[0],)) if prefix else b""
        position = bisect_left(self._keys, key)
        return position < len(self._order) and self._order[position].oid.arcs[: len(prefix)] == prefix

    def sort(self) -> None:
        """Put the variables in order now, instead of in the next request."""
        changes = self._changes
        if not changes:
            return
        if len(changes) > _FEW_CHANGES:
            entries = sorted((sort_key(key), key) for key in self._variables)
            self._keys = [entry[0] for entry in entries]
            self._order = [self._variables[key] for _, key in entries]
        else:
            self._merge()
        self._changes = {}

    def _merge(self) -> None:
        """Add and delete a few variables."""
        keys, order = self._keys.copy(), self._order.copy()
        for key, variable in self._changes.items():
            sorted_by = sort_key(key)
            position = bisect_left(keys, sorted_by)
            if position < len(keys) and keys[position] == sorted_by:
                if variable is None:
                    del keys[position], order[position]
                else:  # deleted and added again
                    order[position] = variable
            elif variable is not None:
                keys.insert(position, sorted_by)
                order.insert(position, variable)
        self._keys, self._order = keys, order


#: The variables of an agent: a :class:`Mib`, or the argument of a new one.
Variables: TypeAlias = Union[Mib, Mapping[OID, object], Mapping[str, object], Iterable[tuple[OidLike, object]]]
