"""The variables of an agent, in the order of their names.

Contains: names and values, and the search for a name or its successor (the "lexicographically ordered list" of
RFC 3416 section 4.2.2).
Does not contain: requests, versions, communities.
"""

from __future__ import annotations

import inspect
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

from snmptcp.codec.pdu import encode_varbind
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID, OidLike
from snmptcp.values import Value, to_value

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("Binding", "Computed", "Mib", "Source", "Variable", "Variables", "bind")


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


#: The source of a variable's value: a stored value, or functions.
Source: TypeAlias = Union[Value, Computed]


class Binding(NamedTuple):
    """A variable binding with its encoding."""

    oid: OID
    value: Value
    octets: bytes


def bind(oid: OID, value: Value) -> Binding:
    """Return a variable binding with its encoding."""
    return Binding(oid, value, encode_varbind(oid, value))


class Variable:
    """One variable: its name and the source of its value."""

    __slots__ = ("_source", "constant", "oid")

    def __init__(self, oid: OID, source: Source) -> None:
        self.oid = oid
        self._source = source
        #: The binding of a stored value, after its first use.
        self.constant: Binding | None = None

    @property
    def source(self) -> Source:
        """The stored value, or the :class:`Computed`."""
        return self._source

    @source.setter
    def source(self, source: Source) -> None:
        self._source = source
        self.constant = None

    @property
    def is_writable(self) -> bool:
        """Whether a SET can change it: it has a stored value or a setter."""
        return not isinstance(self._source, Computed) or self._source.setter is not None

    def binding(self) -> Binding:
        """Return the name with its current value; exceptions of the getter pass."""
        if self.constant is not None:
            return self.constant
        binding = bind(self.oid, self.read())
        if not isinstance(self._source, Computed):
            self.constant = binding
        return binding

    def read(self) -> Value:
        """Return the current value; exceptions of the getter pass."""
        source = self._source
        return to_value(source.getter()) if isinstance(source, Computed) else source

    def assign(self, value: Value) -> None:
        """Change the value; exceptions of the setter pass."""
        source = self._source
        if not isinstance(source, Computed):
            self.source = value
        elif source.setter is not None:
            source.setter(value)


def _to_source(value: object) -> Source:
    if isinstance(value, Computed):
        return value
    if callable(value):
        return Computed(value)
    found = to_value(value)
    if isinstance(found, OID):
        _ = found.ber  # refuse a fragment now and not in a response
    return found


class Mib(MutableMapping[OID, Source]):
    """The variables of an agent: a mapping of names to values, iterated in the order of the names.

    A name is an :class:`~snmptcp.oid.OID`, dotted text or arcs.  A value is anything that
    :func:`~snmptcp.values.to_value` takes, a function without arguments, which becomes ``Computed(function)``, or a
    :class:`Computed`.  A change counts from the next request on.

    Args:
        variables: a mapping, or pairs of name and value.

    Raises:
        ConfigurationError: SNMP cannot carry a name or a value.
        TypeError: SNMP has no type for a value.
    """

    def __init__(self, variables: Variables = ()) -> None:
        self._variables: dict[bytes, Variable] = {}
        # Both are rebuilt after a change when they are needed, and never changed in place: a GETBULK walks over them
        # while getters change the mapping.
        self._arcs: list[tuple[int, ...]] | None = None
        self._order: list[Variable] = []
        pairs: Iterable[tuple[OidLike, object]] = variables.items() if isinstance(variables, Mapping) else variables
        for name, value in pairs:
            self[name] = value

    def __getitem__(self, name: OidLike) -> Source:
        return self._variables[OID(name).key].source

    def __setitem__(self, name: OidLike, value: object) -> None:
        oid = OID(name)
        source = _to_source(value)
        variable = self._variables.get(oid.ber)
        if variable is not None:
            variable.source = source
        else:
            self._variables[oid.key] = Variable(oid, source)
            self._arcs = None

    def __delitem__(self, name: OidLike) -> None:
        del self._variables[OID(name).key]
        self._arcs = None

    def __iter__(self) -> Iterator[OID]:
        self._sorted()
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
        arcs = self._sorted()
        return self._order, bisect_right(arcs, oid.arcs)

    def has_below(self, prefix: tuple[int, ...]) -> bool:
        """Whether any variable's name begins with these arcs."""
        arcs = self._sorted()
        position = bisect_left(arcs, prefix)
        return position < len(arcs) and arcs[position][: len(prefix)] == prefix

    def _sorted(self) -> list[tuple[int, ...]]:
        arcs = self._arcs
        if arcs is None:
            self._order = sorted(self._variables.values(), key=lambda variable: variable.oid.arcs)
            self._arcs = arcs = [variable.oid.arcs for variable in self._order]
        return arcs


#: The variables of an agent: a :class:`Mib`, or the argument of a new one.
Variables: TypeAlias = Union[Mib, Mapping[OID, object], Mapping[str, object], Iterable[tuple[OidLike, object]]]
