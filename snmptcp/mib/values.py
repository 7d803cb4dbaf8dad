"""Values by the MIB: their text, values that know their text, and text and Python values as SMI values.

Contains: enumerations, BITS, DISPLAY-HINTs, addresses (RFC 4001), ranges and sizes.
Does not contain: the hints themselves (:mod:`snmptcp.mib.hints`), or the names of OIDs (:mod:`snmptcp.mib.mib`).
"""

from __future__ import annotations

import datetime as dt
import difflib
import ipaddress
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, Union, cast

from snmptcp.errors import ArgumentTypeError, ConfigurationError, MibError
from snmptcp.mib.hints import format_integer, format_octets, is_text, parse_integer, parse_octets
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    NsapAddress,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
    Value,
    to_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.mib.objects import Syntax

__all__ = (
    "AddressType",
    "Named",
    "address_of",
    "format_value",
    "is_address",
    "is_address_type",
    "named_value",
    "smi_class",
    "to_smi_value",
)

V = TypeVar("V", bound=Value)

#: The class of the values of each type of the SMI, :attr:`Syntax.base`.
_CLASSES: dict[str, type[Value]] = {
    "INTEGER": Integer32,
    "Unsigned32": Gauge32,
    "Gauge32": Gauge32,
    "Counter32": Counter32,
    "Counter64": Counter64,
    "TimeTicks": TimeTicks,
    "IpAddress": IpAddress,
    "OCTET STRING": OctetString,
    "OBJECT IDENTIFIER": OID,
    "BITS": OctetString,
    "Opaque": Opaque,
}

_NUMBERS = (Integer32, Gauge32, Counter32, Counter64, TimeTicks, UInteger32)
_STRINGS = (OctetString, IpAddress, Opaque, NsapAddress)

#: How many labels an error lists.
_MOST_LABELS = 12


class AddressType:
    """The numbers of InetAddressType (RFC 4001)."""

    UNKNOWN = 0
    IPV4 = 1
    IPV6 = 2
    IPV4Z = 3
    IPV6Z = 4
    DNS = 16


#: The length of the addresses of each type in octets, and that of the address without its zone.
_ADDRESS_SIZES = {
    AddressType.IPV4: (4, 4),
    AddressType.IPV6: (16, 16),
    AddressType.IPV4Z: (8, 4),
    AddressType.IPV6Z: (20, 16),
}
_ADDRESS_NAMES = {1: "ipv4", 2: "ipv6", 3: "ipv4z", 4: "ipv6z", 16: "dns", 0: "unknown"}

IpObject: TypeAlias = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


def smi_class(syntax: Syntax) -> type[Value] | None:
    """Return the class of the values that an object with this syntax has; ``None`` if that is not known."""
    return _CLASSES.get(syntax.base)


def _has_convention(syntax: Syntax, name: str) -> bool:
    return syntax.name == name or name in syntax.conventions


def is_address_type(syntax: Syntax) -> bool:
    """Whether an object tells the type of the InetAddress that follows it (RFC 4001)."""
    return _has_convention(syntax, "InetAddressType")


def is_address(syntax: Syntax) -> bool:
    """Whether an object is an InetAddress, whose form another object tells (RFC 4001)."""
    return _has_convention(syntax, "InetAddress")


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
    if syntax is None or not isinstance(value, _CLASSES.get(syntax.base, ())):
        return str(value)
    if isinstance(value, _NUMBERS):
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
        return " ".join(syntax.labels.get(bit, str(bit)) for bit in _bits_of(octets))
    if is_address(syntax):
        return _address_text(octets, address_type) or OctetString.__str__(value)
    if syntax.hint:
        shown = format_octets(syntax.hint, octets)
        if shown is not None:
            return shown
    return OctetString.__str__(value)


def _bits_of(octets: bytes) -> Iterable[int]:
    """Return the numbers of the bits that are set; bit 0 is the highest of the first octet."""
    for place, octet in enumerate(octets):
        if octet:
            for bit in range(8):
                if octet & 0x80 >> bit:
                    yield place * 8 + bit


# --------------------------------------------------------------------------------------- addresses


def address_of(octets: bytes, address_type: int | None = None) -> IpObject | None:
    """Return the address that the octets of an InetAddress are (RFC 4001).

    Args:
        octets: the octets.
        address_type: its InetAddressType; ``None`` if that is not known: then the length decides.

    Returns:
        The address, with its zone for ``ipv6z``; ``None`` for a name, and if the length does not fit the type.
    """
    if address_type is None:
        address_type = _guess_address_type(octets)
    size, plain = _ADDRESS_SIZES.get(address_type or AddressType.UNKNOWN, (-1, 0))
    if len(octets) != size:
        return None
    if plain == 4:
        return ipaddress.IPv4Address(octets[:4])
    address = ipaddress.IPv6Address(octets[:16])
    return address if size == 16 else ipaddress.IPv6Address(f"{address}%{int.from_bytes(octets[16:], 'big')}")


def _guess_address_type(octets: bytes) -> int | None:
    if len(octets) in {4, 8, 16, 20} and not re.fullmatch(rb"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\.?", octets):
        return {4: AddressType.IPV4, 8: AddressType.IPV4Z, 16: AddressType.IPV6, 20: AddressType.IPV6Z}[len(octets)]
    return None


def _address_text(octets: bytes, address_type: int | None) -> str | None:
    address = address_of(octets, address_type)
    if address is None:
        return None
    if isinstance(address, ipaddress.IPv4Address) and len(octets) == 8:
        return f"{address}%{int.from_bytes(octets[4:], 'big')}"
    return str(address)


def _address_octets(text: str | IpObject, address_type: int | None, name: str) -> bytes:
    """Return the octets of an InetAddress; of a name if its type is ``dns``, or if it is no address."""
    if address_type in {AddressType.DNS, AddressType.UNKNOWN}:
        return str(text).encode()
    plain, _, zone = str(text).partition("%")
    octets = _ip_octets(plain, _ADDRESS_SIZES[address_type][1] if address_type in _ADDRESS_SIZES else None)
    if zone and octets is not None:
        octets = octets + int(zone).to_bytes(4, "big") if _is_zone(zone) else None
    if address_type is None or address_type not in _ADDRESS_SIZES:
        return str(text).encode() if octets is None else octets
    if octets is None or len(octets) != _ADDRESS_SIZES[address_type][0]:
        wanted = {1: "an IPv4 address", 2: "an IPv6 address", 3: "an IPv4 address with %zone"}
        right = wanted.get(address_type, "an IPv6 address with %zone")
        raise MibError(f"{name} is {right}, as its type is {_ADDRESS_NAMES[address_type]}, not {_shown(str(text))}")
    return octets


def _is_zone(text: str) -> bool:
    return re.fullmatch("[0-9]{1,10}", text, re.ASCII) is not None and int(text) <= 0xFFFFFFFF


def _ip_octets(text: str, size: int | None) -> bytes | None:
    """Return the octets of an address without zone; IPv6 also as net-snmp writes it, 16 octets with colons."""
    if re.fullmatch("[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){15}", text, re.ASCII):
        return bytes(int(octet, 16) for octet in text.split(":"))
    try:
        packed = ipaddress.ip_address(text).packed
    except ValueError:
        return None
    return packed if size in {None, len(packed)} else None


# ------------------------------------------------------------------------------------ named values


class Named:
    """A value with its syntax: it is equal to the plain value, and is shown as its text by the MIB.

    Attributes:
        syntax: the syntax of its object; ``None`` if that is not known.
        label: the label of its number, if it is an enumeration that has one; otherwise ``None``.
        address: the address, if it is an IpAddress or an InetAddress that is one; otherwise ``None``.
    """

    syntax: Syntax | None
    label: str | None
    address: IpObject | None
    _text: str
    _address_type: int | None

    def plain(self) -> Value:
        """Return the value without its syntax."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self._text

    def __format__(self, spec: str) -> str:
        return format(self._text, spec)

    def __repr__(self) -> str:
        return f"<{self.plain()!r}: {self._text}>"

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return named_value, (self.syntax, self.plain(), self._text, self._address_type)


class _NamedNumber(Named):
    address = None

    def __format__(self, spec: str) -> str:
        number = int(self)  # type: ignore[call-overload]  # the subclasses are ints
        if spec and (self._text == str(number) or spec[-1] in "bcdeEfFgGnoxX%" or "," in spec or "_" in spec):
            return format(number, spec)
        return format(self._text, spec)


class _NamedOctets(Named):
    label = None

    @property
    def address(self) -> IpObject | None:  # type: ignore[override]  # it is computed, and read-only
        octets = bytes(self)  # type: ignore[call-overload]  # the subclasses are bytes
        if isinstance(self, IpAddress):
            return ipaddress.IPv4Address(octets)
        if self.syntax is None or not is_address(self.syntax):
            return None
        return address_of(octets, self._address_type)


class NamedInteger32(_NamedNumber, Integer32):
    """An :class:`~snmptcp.values.Integer32` with its syntax."""

    def plain(self) -> Integer32:
        """Return the value without its syntax."""
        return Integer32(int(self))


class NamedGauge32(_NamedNumber, Gauge32):
    """A :class:`~snmptcp.values.Gauge32` with its syntax."""

    def plain(self) -> Gauge32:
        """Return the value without its syntax."""
        return Gauge32(int(self))


class NamedCounter32(_NamedNumber, Counter32):
    """A :class:`~snmptcp.values.Counter32` with its syntax."""

    def plain(self) -> Counter32:
        """Return the value without its syntax."""
        return Counter32(int(self))


class NamedCounter64(_NamedNumber, Counter64):
    """A :class:`~snmptcp.values.Counter64` with its syntax."""

    def plain(self) -> Counter64:
        """Return the value without its syntax."""
        return Counter64(int(self))


class NamedTimeTicks(_NamedNumber, TimeTicks):
    """A :class:`~snmptcp.values.TimeTicks` with its syntax."""

    def plain(self) -> TimeTicks:
        """Return the value without its syntax."""
        return TimeTicks(int(self))


class NamedOctetString(_NamedOctets, OctetString):
    """An :class:`~snmptcp.values.OctetString` with its syntax."""

    def plain(self) -> OctetString:
        """Return the value without its syntax."""
        return OctetString(bytes(self))


class NamedIpAddress(_NamedOctets, IpAddress):  # type: ignore[misc]  # both addresses are the same
    """An :class:`~snmptcp.values.IpAddress` with its syntax."""

    def plain(self) -> IpAddress:
        """Return the value without its syntax."""
        return IpAddress(bytes(self))


class NamedOpaque(_NamedOctets, Opaque):
    """An :class:`~snmptcp.values.Opaque` with its syntax."""

    def plain(self) -> Opaque:
        """Return the value without its syntax."""
        return Opaque(bytes(self))


class NamedOid(Named, OID):  # type: ignore[misc]  # OID is final for users; this one is equal and hashes alike
    """An :class:`~snmptcp.oid.OID` with its syntax.  It is equal to its dotted numbers, whatever its text."""

    label = None
    address = None

    def plain(self) -> OID:
        """Return the value without its syntax."""
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


# ------------------------------------------------------------------------------------- values in


def to_smi_value(
    syntax: Syntax | None,
    value: object,
    name: str,
    *,
    resolve: Callable[[str], OID] | None = None,
    address_type: int | None = None,
) -> Value:
    """Return what a program or a person gives for an object, as an SMI value that the object can have.

    Args:
        syntax: the syntax of the object; ``None`` if that is not known: then SMI values and what
            :func:`snmptcp.values.to_value` converts are accepted.
        value: an SMI value, a Python value, or text as :func:`format_value` returns it: a label (``"down"``,
            ``"down(2)"``), labels of bits (``"a b"``), what the DISPLAY-HINT shows, an address, a number.
        name: the object's name, for errors.
        resolve: finds the OID of a name, where the value is an OID; optional, default dotted numbers only.
        address_type: the InetAddressType of an InetAddress; optional: then its text decides.

    Raises:
        MibError: the object cannot have this value.
        ArgumentTypeError: a Python type that cannot be converted.
    """
    if syntax is None or syntax.base not in _CLASSES:
        return to_value(value)
    if isinstance(value, Named):
        value = value.plain()
    return _CONVERTERS[syntax.base](_Target(syntax, name, resolve, address_type), value)


class _Target:
    """The object that a value is for, with the checks of its syntax.

    Args:
        syntax: its syntax.
        name: its name.
        resolve: finds the OID of a name.
        address_type: the InetAddressType of an InetAddress.
    """

    __slots__ = ("address_type", "name", "resolve", "syntax")

    def __init__(
        self, syntax: Syntax, name: str, resolve: Callable[[str], OID] | None, address_type: int | None
    ) -> None:
        self.syntax = syntax
        self.name = name
        self.resolve = resolve
        self.address_type = address_type

    def wrong_type(self, right: str, value: object) -> ArgumentTypeError:
        return ArgumentTypeError(f"{self.name} takes {right}, not {type(value).__name__}")

    def check_kind(self, value: object) -> None:
        """Refuse an SMI value of another type."""
        right = _CLASSES[self.syntax.base]
        if isinstance(value, (*_NUMBERS, *_STRINGS, OID)) and not isinstance(value, right):
            raise MibError(f"{self.name} is of type {self._type_name()}, not {type(value).__name__}: {value}")

    def _type_name(self) -> str:
        return self.syntax.base if self.syntax.name == self.syntax.base else f"{self.syntax.name} ({self.syntax.base})"

    def check_range(self, number: int) -> None:
        """Refuse a number that is in none of the ranges, or has no label where only labels are allowed."""
        syntax = self.syntax
        if syntax.labels and syntax.base == "INTEGER":
            if number not in syntax.labels:
                raise self.no_label(number)
            return
        right = cast("type[Integer32]", _CLASSES[syntax.base])
        ranges = syntax.ranges or ((right.minimum, right.maximum),)
        if not any(low <= number <= high for low, high in ranges):
            raise MibError(f"{self.name} is a number from {_ranges(ranges)}, not {number}")
        if not right.minimum <= number <= right.maximum:
            raise MibError(f"{self.name} is a number from {right.minimum} to {right.maximum}, not {number}")

    def check_size(self, octets: bytes) -> None:
        """Refuse a string of a length that the syntax does not allow."""
        sizes = self.syntax.sizes or ((0, 0xFFFF),)
        if not any(low <= len(octets) <= high for low, high in sizes):
            raise MibError(f"{self.name} has {_ranges(sizes)} {_octets_word(sizes)}, not {len(octets)}")

    def no_label(self, value: object) -> MibError:
        return MibError(f"{self.name} is one of {_labels(self.syntax, value)}, not {_shown_value(value)}")


def _ranges(ranges: Sequence[tuple[int, int]]) -> str:
    return " or ".join(str(low) if low == high else f"{low} to {high}" for low, high in ranges)


def _octets_word(sizes: Sequence[tuple[int, int]]) -> str:
    return "octet" if sizes[-1] == (1, 1) else "octets"


def _labels(syntax: Syntax, value: object) -> str:
    """Return the labels of a syntax; of many, those that are like what was given come first."""
    items = list(syntax.labels.items())
    if len(items) > _MOST_LABELS:
        close = (
            difflib.get_close_matches(value[:64], syntax.labels.values(), _MOST_LABELS)
            if isinstance(value, str)
            else []
        )
        items = [item for item in items if item[1] in close] or items
        shown = ", ".join(f"{label}({number})" for number, label in items[:_MOST_LABELS])
        return f"{shown}, ... ({len(syntax.labels)} in all)"
    return ", ".join(f"{label}({number})" for number, label in items)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 64 else f"{text[:64]}...")


def _shown_value(value: object) -> str:
    return _shown(value) if isinstance(value, str) else _shown(repr(value))[1:-1]


_LABELLED = re.compile(r"(.+?)\s*\(\s*(-?[0-9]{1,20})\s*\)", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)


def _number_of(target: _Target, value: object) -> Value:
    """Convert to one of the numeric types."""
    target.check_kind(value)
    number = _plain_number(target, value)
    target.check_range(number)
    return cast("type[Integer32]", _CLASSES[target.syntax.base])(number)


def _plain_number(target: _Target, value: object) -> int:
    syntax = target.syntax
    if isinstance(value, str):
        return _number_from_text(target, value.strip())
    if isinstance(value, bool):
        if _has_convention(syntax, "TruthValue"):
            return 1 if value else 2
        raise target.wrong_type("a number or text", value)
    if isinstance(value, dt.timedelta) and syntax.base == "TimeTicks":
        return value // dt.timedelta(milliseconds=10)
    index = getattr(type(value), "__index__", None)
    if index is None:
        raise target.wrong_type("a number or text", value)
    return int(index(value))


def _number_from_text(target: _Target, text: str) -> int:
    syntax = target.syntax
    if syntax.labels:
        return _number_of_label(target, text)
    if syntax.base == "TimeTicks":
        ticks = _ticks(text)
        if ticks is not None:
            return ticks
    elif syntax.hint and format_integer(syntax.hint, 0) is not None:
        try:
            return parse_integer(syntax.hint, text)
        except MibError as error:
            raise MibError(f"{target.name}: {error}") from None
    if _WHOLE.fullmatch(text):
        return int(text)
    raise MibError(f"{target.name} is a number, not {_shown(text)}")


def _number_of_label(target: _Target, text: str) -> int:
    """Return the number of a label, of a label with its number, or of the number alone."""
    labels = target.syntax.labels
    label, number = text, None
    match = _LABELLED.fullmatch(text)
    if match is not None:
        label, number = match[1], int(match[2])
    for known, name in labels.items():
        if name == label and number in {None, known}:
            return known
    if match is None and _WHOLE.fullmatch(text):
        return int(text)
    raise target.no_label(text)


_TICKS = re.compile(
    r"(?:(?P<days>[0-9]{1,5})(?: days?,\s*|:))?"
    r"(?P<hours>[0-9]{1,2}):(?P<minutes>[0-9]{2}):(?P<seconds>[0-9]{2})(?:\.(?P<ticks>[0-9]{2}))?",
    re.ASCII,
)


def _ticks(text: str) -> int | None:
    """Return the hundredths of a second of net-snmp's forms: ``1 day, 2:03:04.05``, ``1:2:03:04.05``, ``(5) ...``."""
    match = re.fullmatch(r"\(([0-9]{1,10})\).*", text, re.ASCII)
    if match is not None:
        return int(match[1])
    match = _TICKS.fullmatch(text)
    if match is None:
        return None
    hours = int(match["days"] or 0) * 24 + int(match["hours"])
    return ((hours * 60 + int(match["minutes"])) * 60 + int(match["seconds"])) * 100 + int(match["ticks"] or 0)


def _octets_of(target: _Target, value: object) -> Value:
    """Convert to an OCTET STRING."""
    target.check_kind(value)
    octets = _plain_octets(target, value)
    target.check_size(octets)
    return OctetString(octets)


def _plain_octets(target: _Target, value: object) -> bytes:
    syntax = target.syntax
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, ipaddress.IPv4Address | ipaddress.IPv6Address):
        return _octets_of_ip(target, value)
    if isinstance(value, dt.datetime) and _has_convention(syntax, "DateAndTime"):
        return _date_octets(value)
    if not isinstance(value, str):
        raise target.wrong_type("text or bytes", value)
    if is_address(syntax):
        return _address_octets(value, target.address_type, target.name)
    if syntax.hint and not is_text(syntax.hint):
        return _octets_by_hint(target, value)
    return _encoded(target, value)


def _encoded(target: _Target, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise MibError(f"{target.name} takes text that UTF-8 can encode; this has a surrogate: give bytes") from None


def _octets_of_ip(target: _Target, value: IpObject) -> bytes:
    if is_address(target.syntax):
        return _address_octets(value, target.address_type, target.name)
    if any(low <= len(value.packed) <= high for low, high in target.syntax.sizes):
        return value.packed
    raise target.wrong_type("text or bytes", value)


def _date_octets(moment: dt.datetime) -> bytes:
    """Return DateAndTime (RFC 2579): 8 octets of local time, 11 with the offset from UTC."""
    octets = moment.year.to_bytes(2, "big") + bytes(
        (moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond // 100_000)
    )
    offset = moment.utcoffset()
    if offset is None:
        return octets
    minutes = abs(offset) // dt.timedelta(minutes=1)
    return octets + (b"-" if offset < dt.timedelta() else b"+") + bytes(divmod(minutes, 60))


def _octets_by_hint(target: _Target, text: str) -> bytes:
    """Return the octets that the hint shows as a text; hexadecimal digits behind ``0x`` are octets as well."""
    if not text:
        return b""
    match = re.fullmatch(r"0[xX]((?:[0-9A-Fa-f]{2})*)", text, re.ASCII)
    if match is not None:
        return bytes.fromhex(match[1])
    if _is_ipv6_hint(target.syntax.hint):
        octets = _ip_octets(text, 16)
        if octets is not None:
            return octets
    try:
        return parse_octets(target.syntax.hint, text)
    except MibError as error:
        raise MibError(f"{target.name}: {error}") from None


def _is_ipv6_hint(hint: str) -> bool:
    return hint == "2x:2x:2x:2x:2x:2x:2x:2x"


def _bits_value(target: _Target, value: object) -> Value:
    """Convert to BITS: all octets of the bits that have names (RFC 3417 section 8, number 3)."""
    target.check_kind(value)
    if isinstance(value, bytes | bytearray | memoryview):
        target.check_size(bytes(value))
        return OctetString(value)
    if isinstance(value, str):
        items: Iterable[object] = re.findall(r"[^\s,()]+(?:\s*\([0-9]{1,20}\))?", value)
    elif isinstance(value, Iterable):
        items = value
    else:
        raise target.wrong_type("text, or several names or numbers of bits", value)
    bits = {_bit_of(target, item) for item in items}
    known = target.syntax.labels
    octets = bytearray(max((*bits, *known), default=-1) // 8 + 1)
    for bit in bits:
        octets[bit // 8] |= 0x80 >> bit % 8
    target.check_size(bytes(octets))
    return OctetString(octets)


def _bit_of(target: _Target, item: object) -> int:
    """Return the number of a bit."""
    if isinstance(item, str):
        bit = _number_of_label(target, item.strip())
    elif isinstance(item, bool) or not hasattr(type(item), "__index__"):
        raise target.wrong_type("names or numbers of bits", item)
    else:
        bit = int(item)  # type: ignore[call-overload]  # it has __index__
    if bit not in target.syntax.labels:
        raise target.no_label(item)
    return bit


def _ip_value(target: _Target, value: object) -> Value:
    target.check_kind(value)
    if not isinstance(value, str | bytes | bytearray | memoryview | ipaddress.IPv4Address):
        raise target.wrong_type("an IPv4 address as text, four octets or an IPv4Address", value)
    try:
        return IpAddress(value.strip() if isinstance(value, str) else value)
    except ConfigurationError as error:
        raise MibError(f"{target.name}: {error}") from None


def _oid_value(target: _Target, value: object) -> Value:
    target.check_kind(value)
    if isinstance(value, OID):
        return value
    if isinstance(value, str) and target.resolve is not None:
        return target.resolve(value)
    if not isinstance(value, str | tuple | list):
        raise target.wrong_type("an OID, its text or its arcs", value)
    try:
        return OID(value)
    except ArgumentTypeError:
        raise target.wrong_type("an OID, its text or its arcs", value) from None
    except ConfigurationError as error:
        raise MibError(f"{target.name}: {error}") from None


def _opaque_value(target: _Target, value: object) -> Value:
    target.check_kind(value)
    if not isinstance(value, bytes | bytearray | memoryview):
        raise target.wrong_type("bytes", value)
    target.check_size(bytes(value))
    return Opaque(value)


_CONVERTERS: dict[str, Callable[[_Target, object], Value]] = {
    **dict.fromkeys(("INTEGER", "Unsigned32", "Gauge32", "Counter32", "Counter64", "TimeTicks"), _number_of),
    "OCTET STRING": _octets_of,
    "BITS": _bits_value,
    "IpAddress": _ip_value,
    "OBJECT IDENTIFIER": _oid_value,
    "Opaque": _opaque_value,
}
