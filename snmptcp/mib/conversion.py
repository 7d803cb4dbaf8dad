"""Text and Python values as SMI values of an object, checked before anything is sent.

Contains: labels of enumerations and of BITS, what DISPLAY-HINTs show, addresses, dates, ranges and sizes.
Does not contain: the text of values (:mod:`snmptcp.mib.values`); the names of OIDs, which the caller finds.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import operator
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, SupportsIndex, cast

from snmptcp.errors import ArgumentTypeError, ConfigurationError, MibError
from snmptcp.mib.addresses import IpObject, address_octets, has_convention, ip_octets, is_address
from snmptcp.mib.hints import format_integer, is_text, parse_integer, parse_octets
from snmptcp.oid import OID
from snmptcp.printable import quoted
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

__all__ = ("format_ticks", "smi_class", "to_smi_value")

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

#: The types that have contents: one of them is refused where another is right.
_TYPES = (
    Integer32,
    Gauge32,
    Counter32,
    Counter64,
    TimeTicks,
    UInteger32,
    OctetString,
    IpAddress,
    Opaque,
    NsapAddress,
    OID,
)

#: How many labels an error lists.
_MOST_LABELS = 12

#: The last bit of the longest string.
_MOST_BIT = 8 * 0xFFFF - 1


def smi_class(syntax: Syntax) -> type[Value] | None:
    """Return the class of the values that an object with this syntax has; ``None`` if that is not known."""
    return _CLASSES.get(syntax.base)


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
        value: an SMI value, a Python value, or text as :func:`snmptcp.mib.values.format_value` returns it: a label
            (``"down"``, ``"down(2)"``), labels of bits (``"a b"``), what the DISPLAY-HINT shows, an address, a number.
        name: the object's name, for errors.
        resolve: finds the OID of a name, where the value is an OID; optional, default dotted numbers only.
        address_type: the InetAddressType of an InetAddress; optional: then its text decides.

    Raises:
        MibError: the object cannot have this value.
        ArgumentTypeError: a Python type that cannot be converted.
    """
    if syntax is None or syntax.base not in _CLASSES:
        return to_value(value)
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
        if isinstance(value, _TYPES) and not isinstance(value, right):
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
        given = value[:64] if isinstance(value, str) else ""
        import difflib  # noqa: PLC0415 - only for the text of an error

        close = difflib.get_close_matches(given, syntax.labels.values(), _MOST_LABELS)
        items = [item for item in items if item[1] in close] or items
        shown = ", ".join(f"{label}({number})" for number, label in items[:_MOST_LABELS])
        return f"{shown}, ... ({len(syntax.labels)} in all)"
    return ", ".join(f"{label}({number})" for number, label in items)


def _shown_value(value: object) -> str:
    return quoted(value) if isinstance(value, str) else quoted(repr(value))[1:-1]


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
        if has_convention(syntax, "TruthValue"):
            return 1 if value else 2
        raise target.wrong_type("a number or text", value)
    if isinstance(value, dt.timedelta) and syntax.base == "TimeTicks":
        return value // dt.timedelta(milliseconds=10)
    if not isinstance(value, SupportsIndex):
        raise target.wrong_type("a number or text", value)
    return int(operator.index(value))  # without what an IntEnum adds


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
    raise MibError(f"{target.name} is a number, not {quoted(text)}")


def _number_of_label(target: _Target, text: str) -> int:
    """Return the number of a label, of a label with its number, or of the number alone."""
    labels = target.syntax.labels
    label, number = _split_label(text)
    for known, name in labels.items():
        if name == label and number in {None, known}:
            return known
    if number is None and _WHOLE.fullmatch(text):
        return int(text)
    raise (
        target.no_label(text) if labels else MibError(f"{target.name} has no labels: give numbers, not {quoted(text)}")
    )


def _split_label(text: str) -> tuple[str, int | None]:
    """Return the parts of ``down(2)``; a label alone has no number."""
    label, bracket, number = text.rpartition("(")
    number = number.rstrip()
    if not bracket or not number.endswith(")") or not _WHOLE.fullmatch(number[:-1].strip()):
        return text, None
    return label.rstrip(), int(number[:-1])


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


def format_ticks(ticks: int, *, days_alone: bool) -> str:
    """Return TimeTicks as net-snmp prints them: ``1 day, 2:03:04.05``, or ``1:2:03:04.05``."""
    seconds, hundredths = divmod(ticks, 100)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    rest = f"{hours}:{minutes:02}:{seconds:02}.{hundredths:02}"
    if days_alone:
        return f"{days}:{rest}"
    return rest if not days else f"{days} day{'' if days == 1 else 's'}, {rest}"


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
    if isinstance(value, dt.datetime) and has_convention(syntax, "DateAndTime"):
        return _date_octets(value)
    if not isinstance(value, str):
        raise target.wrong_type("text or bytes", value)
    if is_address(syntax):
        return address_octets(value, target.address_type, target.name)
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
        return address_octets(value, target.address_type, target.name)
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
    if _IPV6_HINT in target.syntax.hint and len(text) <= _MOST_IPV6_TEXT:
        text = _SHORT_IPV6.sub(_expanded, text)
    try:
        return parse_octets(target.syntax.hint, text)
    except MibError as error:
        raise MibError(f"{target.name}: {error}") from None


#: The hint of IPv6 addresses, which have a shorter form than the hint has; and that form.
_IPV6_HINT = "2x:2x:2x:2x:2x:2x:2x:2x"
_MOST_IPV6_TEXT = 100
_SHORT_IPV6 = re.compile("[0-9A-Fa-f:]*::[0-9A-Fa-f:.]*", re.ASCII)


def _expanded(match: re.Match[str]) -> str:
    """Return an IPv6 address with all its zeros."""
    octets = ip_octets(match[0], 16)
    return match[0] if octets is None else octets.hex(":", 2)


def _bits_value(target: _Target, value: object) -> Value:
    """Convert to BITS: all octets of the bits that have names (RFC 3417 section 8, number 3)."""
    target.check_kind(value)
    if isinstance(value, bytes | bytearray | memoryview):
        target.check_size(bytes(value))
        return OctetString(value)
    if isinstance(value, str):
        items: Iterable[object] = _split_bits(target, value)
    elif isinstance(value, Iterable):
        items = value
    else:
        raise target.wrong_type("text, or several names or numbers of bits", value)
    bits = {_bit_of(target, item) for item in items}
    octets = bytearray(max((*bits, *target.syntax.labels), default=-1) // 8 + 1)
    for bit in bits:
        octets[bit // 8] |= 0x80 >> bit % 8
    target.check_size(bytes(octets))
    return OctetString(octets)


#: A bit in text: its label, its number, or both.
_BIT = re.compile(r"[^\s,()]+(?:\s*\(\s*[0-9]{1,20}\s*\))?", re.ASCII)


def _split_bits(target: _Target, text: str) -> list[str]:
    """Return the bits of ``a b``, ``a, b`` and ``a(0) b(1)``."""
    between = _BIT.sub("", text).replace(",", " ")
    if between.strip():
        raise MibError(f"{target.name} is several labels or numbers of bits, not {quoted(text)}")
    return _BIT.findall(text)


def _bit_of(target: _Target, item: object) -> int:
    """Return the number of a bit."""
    if isinstance(item, str):
        bit = _number_of_label(target, item.strip())
    elif isinstance(item, bool) or not isinstance(item, SupportsIndex):
        raise target.wrong_type("names or numbers of bits", item)
    else:
        bit = operator.index(item)
    labels = target.syntax.labels
    if labels and bit not in labels:
        raise target.no_label(item)
    if not 0 <= bit <= _MOST_BIT:
        raise MibError(f"{target.name}: a bit is a number from 0 to {_MOST_BIT}, not {bit}")
    return bit


def _ip_value(target: _Target, value: object) -> Value:
    target.check_kind(value)
    if not isinstance(value, str | bytes | bytearray | memoryview | ipaddress.IPv4Address):
        raise target.wrong_type("an IPv4 address as text, four octets or an IPv4Address", value)
    try:
        return IpAddress(value.strip() if isinstance(value, str) else value)
    except ConfigurationError:
        raise MibError(f"{target.name} is an IPv4 address, not {_shown_value(value)}") from None


def _oid_value(target: _Target, value: object) -> Value:
    target.check_kind(value)
    if isinstance(value, OID):
        return OID.from_ber(value.key)  # without what a named value adds
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
