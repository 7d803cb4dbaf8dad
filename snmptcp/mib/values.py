"""Values by the MIB: their text, and values that know their text.

Contains: labels of enumerations and of BITS, what DISPLAY-HINTs show, addresses.
Does not contain: the hints themselves (:mod:`snmptcp.mib.hints`), what people give for values
(:mod:`snmptcp.mib.conversion`), or the names of OIDs (:mod:`snmptcp.mib.mib`).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from snmptcp.mib.addresses import IpObject, address_of, address_text, is_address, type_of_convention
from snmptcp.mib.conversion import smi_class
from snmptcp.mib.hints import format_integer, format_octets
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    OctetString,
    Opaque,
    TimeTicks,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snmptcp.mib.objects import Syntax

__all__ = ("Named", "NamedOid", "bits_of", "format_value", "named_value", "plain_value")

V = TypeVar("V", bound=Value)

# -------------------------------------------------------------------------------------------- text


def format_value(syntax: Syntax | None, value: Value, *, address_type: int | None = None) -> str:
    """Return the text of a value by its syntax.

    Args:
        syntax: the syntax of its object; ``None`` for the plain text.
        value: the value.
        address_type: the InetAddressType (RFC 4001) of an InetAddress; without it, its length decides.

    Returns:
        The label of an enumeration, the labels of the bits, the address, or what the DISPLAY-HINT shows; otherwise,
        and for a value that is not of this syntax, the plain text of the value.  OIDs are numbers.
    """
    if syntax is None or not isinstance(value, smi_class(syntax) or ()):
        return str(value)
    if isinstance(value, int):
        return _number_text(syntax, value)
    if isinstance(value, OctetString):
        return _octets_text(syntax, value, address_type)
    if isinstance(value, Opaque) and value.number is not None:
        return str(value.number)
    return str(value)


def _number_text(syntax: Syntax, value: int) -> str:
    label = syntax.labels.get(value) if syntax.labels else None
    if label is not None:
        return label
    if syntax.hint:
        shown = format_integer(syntax.hint, value)
        if shown is not None:
            return shown
    return int.__repr__(value)


def _octets_text(syntax: Syntax, value: OctetString, address_type: int | None) -> str:
    octets = bytes(value)
    if syntax.base == "BITS":
        return " ".join(syntax.labels.get(bit, str(bit)) for bit in bits_of(octets))
    if is_address(syntax):
        return address_text(octets, address_type) or OctetString.__str__(value)
    if syntax.hint:
        shown = format_octets(syntax.hint, octets)
        if shown is not None:
            return shown
    return OctetString.__str__(value)


def bits_of(octets: bytes) -> Iterator[int]:
    """Return the numbers of the bits that are set; bit 0 is the highest of the first octet."""
    for place, octet in enumerate(octets):
        if octet:
            for bit in range(8):
                if octet & 0x80 >> bit:
                    yield place * 8 + bit


# ------------------------------------------------------------------------------------ named values


class Named:
    """A value with its syntax: it is equal to the plain value, and is shown as its text by the MIB.

    Attributes:
        syntax: the syntax of its object; ``None`` if that is not known.
        label: the label of its number, if it is an enumeration that has one; otherwise ``None``.
    """

    syntax: Syntax | None
    label: str | None = None
    _text: str
    _address_type: int | None

    @property
    def address(self) -> IpObject | None:
        """The address, if it is an IpAddress, or an InetAddress or InetAddressIPv6 or the like that is one."""
        return None

    def plain(self) -> Value:
        """Return the value without its syntax."""
        plain: Value = _PLAIN[type(self)](self)
        return plain

    def __str__(self) -> str:
        return self._text

    def __format__(self, spec: str) -> str:
        return format(self._text, spec)

    def __repr__(self) -> str:
        return f"<{self.plain()!r}: {self._text}>"

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return named_value, (self.syntax, self.plain(), self._text, self._address_type)


class _NamedNumber(Named, int):
    def __format__(self, spec: str) -> str:
        number = int(self)
        if spec and (self._text == str(number) or spec[-1] in "bcdeEfFgGnoxX%" or "," in spec or "_" in spec):
            return format(number, spec)
        return format(self._text, spec)


class _NamedOctets(Named, bytes):
    @property
    def address(self) -> IpObject | None:
        if self.syntax is None:
            return None
        if is_address(self.syntax):
            return address_of(bytes(self), self._address_type)
        only_type = type_of_convention(self.syntax)
        return None if only_type is None else address_of(bytes(self), only_type)


class NamedInteger32(_NamedNumber, Integer32):
    """An :class:`~snmptcp.values.Integer32` with its syntax."""


class NamedGauge32(_NamedNumber, Gauge32):
    """A :class:`~snmptcp.values.Gauge32` with its syntax."""


class NamedCounter32(_NamedNumber, Counter32):
    """A :class:`~snmptcp.values.Counter32` with its syntax."""


class NamedCounter64(_NamedNumber, Counter64):
    """A :class:`~snmptcp.values.Counter64` with its syntax."""


class NamedTimeTicks(_NamedNumber, TimeTicks):
    """A :class:`~snmptcp.values.TimeTicks` with its syntax."""


class NamedOctetString(_NamedOctets, OctetString):
    """An :class:`~snmptcp.values.OctetString` with its syntax."""


class NamedIpAddress(_NamedOctets, IpAddress):
    """An :class:`~snmptcp.values.IpAddress` with its syntax."""

    @property
    def address(self) -> ipaddress.IPv4Address:
        """The address."""
        return ipaddress.IPv4Address(bytes(self))


class NamedOpaque(_NamedOctets, Opaque):
    """An :class:`~snmptcp.values.Opaque` with its syntax."""


class NamedOid(Named, OID):  # type: ignore[misc]  # OID is final for users; this one is equal and hashes alike
    """An :class:`~snmptcp.oid.OID` with its syntax.  It is equal to its dotted numbers, whatever its text."""

    def plain(self) -> OID:
        """Return the OID without its syntax."""
        return OID.from_ber(self.key)

    def __eq__(self, other: object) -> bool:
        return self.plain() == other

    def __hash__(self) -> int:
        return hash(self.plain())


_NAMED: dict[type, type[Any]] = {
    Integer32: NamedInteger32,
    Gauge32: NamedGauge32,
    Counter32: NamedCounter32,
    Counter64: NamedCounter64,
    TimeTicks: NamedTimeTicks,
    OctetString: NamedOctetString,
    IpAddress: NamedIpAddress,
    Opaque: NamedOpaque,
}

#: The plain classes of the named numbers and strings.
_PLAIN: dict[type, type[Any]] = {named: plain for plain, named in _NAMED.items()}


def named_value(syntax: Syntax | None, value: V, text: str | None = None, address_type: int | None = None) -> V:
    """Return a value that is equal to another, and is shown as its text by the MIB.

    Args:
        syntax: the syntax of its object; ``None`` if that is not known.
        value: the value.
        text: its text; optional, default that of :func:`format_value`.
        address_type: the InetAddressType of an InetAddress; optional, default by its length.

    Returns:
        A :class:`Named` value of the same SMI type; the value itself if it has no contents (noSuchInstance, NULL) or
        is of a type that no MIB module has.
    """
    if text is None:
        text = format_value(syntax, value, address_type=address_type)
    if isinstance(value, Named):
        value = cast("V", value.plain())
    kind = _NAMED.get(type(value))
    named: Any
    if kind is None:
        if not isinstance(value, OID):
            return value
        named = object.__new__(NamedOid)
        named.key = value.key
    elif issubclass(kind, int):
        number = cast("int", value)
        named = int.__new__(kind, number)
        named.label = syntax.labels.get(number) if syntax is not None and syntax.base == "INTEGER" else None
    else:
        named = bytes.__new__(kind, cast("bytes", value))
    named.syntax = syntax
    named._text = text  # noqa: SLF001 - filling a new instance
    named._address_type = address_type  # noqa: SLF001 - filling a new instance
    return cast("V", named)


def plain_value(value: Value) -> Value:
    """Return a value without its syntax."""
    return value.plain() if isinstance(value, Named) else value
