"""INDEX values: arcs behind a column, as typed values in both directions (RFC 2578 section 7.7).

Contains: how the arcs of each object are laid out, and RFC 1212's NetworkAddress.
Does not contain: net-snmp's text of an index (:mod:`snmptcp.mib.index_text`), and reading it
(:mod:`snmptcp.mib.index_parsing`).
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple, cast

from snmptcp.codec.ber import MAX_ARC
from snmptcp.errors import ConfigurationError, MibError
from snmptcp.mib.addresses import has_convention, is_address_type
from snmptcp.mib.conversion import smi_class, to_smi_value
from snmptcp.oid import OID
from snmptcp.values import Integer32, IpAddress, OctetString

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.mib.objects import IndexPart, Syntax
    from snmptcp.values import Value

__all__ = (
    "AddressTypes",
    "PreparedIndex",
    "PreparedPart",
    "Shape",
    "append_arcs",
    "decode_index",
    "encode_index",
    "fragment_of",
    "prepare_index",
    "span_of",
)


class Shape(enum.Enum):
    """How the arcs of an object are laid out."""

    NUMBER = "one arc"
    IP = "four arcs"
    NETWORK = "1 and four arcs"
    OCTETS = "an arc for each octet"
    OID = "the arcs of an OID"
    UNKNOWN = "no module says"


class PreparedPart(NamedTuple):
    """An object of the INDEX, prepared.

    Attributes:
        part: the object.
        shape: how its arcs are laid out.
        fixed: the number of octets of a string of one length that is not IMPLIED; ``None`` otherwise.
        implied: whether it takes all arcs that remain.
        shown: whether net-snmp knows how to show it: it leaves BITS, Opaque and counters as numbers.
        address: whether net-snmp shows it as an address: it is an InetAddress whose type is before it.
    """

    part: IndexPart
    shape: Shape
    fixed: int | None
    implied: bool
    shown: bool
    address: bool


_SHAPES = {
    "INTEGER": Shape.NUMBER,
    "Unsigned32": Shape.NUMBER,
    "Gauge32": Shape.NUMBER,
    "Counter32": Shape.NUMBER,
    "Counter64": Shape.NUMBER,
    "TimeTicks": Shape.NUMBER,
    "IpAddress": Shape.IP,
    "OCTET STRING": Shape.OCTETS,
    "BITS": Shape.OCTETS,
    "Opaque": Shape.OCTETS,
    "OBJECT IDENTIFIER": Shape.OID,
}

#: What is before an internet address in a NetworkAddress (RFC 1212 section 4.1.6); nothing else was ever defined.
_INTERNET = 1

_NOT_SHOWN = frozenset(("BITS", "Opaque", "Counter32", "Counter64", ""))


class PreparedIndex(NamedTuple):
    """The objects of an INDEX, prepared; ``numbers`` if each is one number whose text is the number."""

    parts: tuple[PreparedPart, ...]
    numbers: bool


#: Prepared indexes by the identity of their parts, which the entry keeps alive.
_prepared: dict[int, tuple[Sequence[IndexPart], PreparedIndex]] = {}
_MOST_PREPARED = 8192


def prepare_index(parts: Sequence[IndexPart]) -> PreparedIndex:
    """Return an INDEX, prepared.  Hashing the parts would cost more than formatting an index does."""
    if not isinstance(parts, tuple):
        return _index_of(parts)
    known = _prepared.get(id(parts))
    if known is not None:
        return known[1]
    if len(_prepared) >= _MOST_PREPARED:
        _prepared.clear()
    index = _index_of(parts)
    _prepared[id(parts)] = parts, index
    return index


def _index_of(parts: Sequence[IndexPart]) -> PreparedIndex:
    prepared = tuple(map(_part_of, parts, (None, *parts)))
    numbers = all(each.shape is Shape.NUMBER and not each.part.syntax.labels and each.shown for each in prepared)
    return PreparedIndex(prepared, numbers)


def _part_of(part: IndexPart, before: IndexPart | None) -> PreparedPart:
    syntax = part.syntax
    shape = _SHAPES.get(syntax.base, Shape.UNKNOWN)
    if has_convention(syntax, "NetworkAddress"):
        shape = Shape.NETWORK
    fixed = syntax.fixed_size if shape is Shape.OCTETS and not part.implied else None
    # net-snmp knows the names of the conventions alone, not what others make of them.  It wants the type to be the
    # object before this one in the module, which it nearly always is if it is the one before it in the INDEX.
    address = syntax.name == "InetAddress" and (before is None or before.syntax.name == "InetAddressType")
    address = address and fixed is None and not part.implied
    return PreparedPart(part, shape, fixed, part.implied, syntax.base not in _NOT_SHOWN, address)


def span_of(part: PreparedPart, arcs: Sequence[int], place: int) -> tuple[int, int] | None:
    """Return where the arcs of an object begin, behind its length, and where they end; ``None`` if some are missing."""
    end = len(arcs)
    if part.shape is Shape.NUMBER:
        return (place, place + 1) if place < end else None
    if part.shape is Shape.IP:
        return (place, place + 4) if place + 4 <= end else None
    if part.shape is Shape.NETWORK:
        return (place, place + 5) if place + 5 <= end and arcs[place] == _INTERNET else None
    if part.fixed is not None:
        return (place, place + part.fixed) if place + part.fixed <= end else None
    if part.implied:
        return place, end
    if place < end and 0 <= arcs[place] < end - place:
        return place + 1, place + 1 + arcs[place]
    return None


# ------------------------------------------------------------------------------------------ values


def decode_index(parts: Sequence[IndexPart], arcs: Sequence[int]) -> tuple[Value, ...] | None:
    """Return the values of an index (RFC 2578 section 7.7).

    Args:
        parts: the objects of the INDEX.
        arcs: the arcs behind the column's name.

    Returns:
        A value for each part, of its SMI type.  An arc of 2**31 and more of an INTEGER is a negative number, as
        net-snmp reads it.  ``None`` if the arcs do not fit: too few, too many, an octet above 255.
    """
    values: list[Value] = []
    place = 0
    for part in prepare_index(parts).parts:
        span = span_of(part, arcs, place)
        if span is None or part.shape is Shape.UNKNOWN:
            return None
        start, place = span
        value = _value_of(part, arcs[start:place])
        if value is None:
            return None
        values.append(value)
    return tuple(values) if place == len(arcs) else None


def _value_of(part: PreparedPart, arcs: Sequence[int]) -> Value | None:
    if part.shape is Shape.NUMBER:
        arc = arcs[0]
        if not 0 <= arc <= MAX_ARC:
            return None
        kind = cast("type[Integer32]", smi_class(part.part.syntax))
        return kind(arc - (1 << 32) if kind is Integer32 and arc >> 31 else arc)
    if part.shape is Shape.OID:
        try:
            return OID.fragment(arcs)
        except ConfigurationError:
            return None
    if part.shape is Shape.NETWORK:
        arcs = arcs[1:]
    try:
        octets = bytes(arcs)
    except ValueError:
        return None
    if part.shape is not Shape.OCTETS:
        return IpAddress(octets)
    return cast("type[OctetString]", smi_class(part.part.syntax))(octets)


def encode_index(
    parts: Sequence[IndexPart], values: Sequence[object], *, resolve: Callable[[str], OID] | None = None
) -> OID:
    """Return the arcs of the values of an index (RFC 2578 section 7.7).

    Args:
        parts: the objects of the INDEX.
        values: a value for each: an SMI value, a Python value, or its text (see
            :func:`snmptcp.mib.conversion.to_smi_value`).
        resolve: finds the OID of a name; optional, default dotted numbers only.

    Raises:
        MibError: an object cannot have its value, or the number of values is another.
        ArgumentTypeError: a Python type that cannot be converted.
    """
    prepared = prepare_index(parts).parts
    if len(values) != len(prepared):
        names = ", ".join(part.part.label for part in prepared)
        raise MibError(f"the index is {names}: {len(prepared)} values, not {len(values)}")
    arcs: list[int] = []
    types = AddressTypes()
    for part, value in zip(prepared, values, strict=True):
        append_arcs(arcs, part, value, types, resolve)
    return fragment_of(arcs)


class AddressTypes:
    """Follows the InetAddressType of the InetAddress that comes next (RFC 4001)."""

    __slots__ = ("current",)

    def __init__(self) -> None:
        self.current: int | None = None

    def see(self, syntax: Syntax, number: int) -> None:
        """Keep the value of an object if it is an InetAddressType."""
        if is_address_type(syntax):
            self.current = number


def append_arcs(
    arcs: list[int], part: PreparedPart, value: object, types: AddressTypes, resolve: Callable[[str], OID] | None
) -> None:
    """Append the arcs of a value."""
    syntax = part.part.syntax
    smi = to_smi_value(syntax, value, part.part.label, resolve=resolve, address_type=types.current)
    if isinstance(smi, int):
        if smi > MAX_ARC:
            raise MibError(f"{part.part.label}: {smi} is too large for an index: an arc is at most {MAX_ARC}")
        arcs.append(smi & MAX_ARC)
        types.see(syntax, int(smi))
    elif isinstance(smi, bytes | OID):
        inner = tuple(smi)
        if part.shape is Shape.NETWORK:
            arcs.append(_INTERNET)
        elif part.shape is not Shape.IP and part.fixed is None and not part.implied:
            arcs.append(len(inner))
        arcs.extend(inner)
    else:
        raise MibError(f"{part.part.label} has no value that can be in an index: {smi}")


def fragment_of(arcs: Sequence[int]) -> OID:
    """Return the arcs of an index as a fragment; an OID has at most 128."""
    try:
        return OID.fragment(arcs)
    except ConfigurationError as error:
        raise MibError(f"the index is too long: {error}") from None
