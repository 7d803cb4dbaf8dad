"""Internet addresses in OCTET STRINGs (RFC 4001): which objects are addresses, their octets and their text.

Contains: InetAddress with its types, and the conventions of one type each.
Does not contain: how they stand in an index (:mod:`snmptcp.mib.indexes`).
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, TypeAlias, Union

from snmptcp.errors import MibError
from snmptcp.printable import quoted

if TYPE_CHECKING:
    from snmptcp.mib.objects import Syntax

__all__ = (
    "AddressType",
    "IpObject",
    "address_octets",
    "address_of",
    "address_text",
    "has_convention",
    "ip_octets",
    "is_address",
    "is_address_type",
    "type_of_convention",
)


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
#: The conventions of addresses of one type (RFC 4001, RFC 2465).
_CONVENTIONS = {
    "InetAddressIPv4": AddressType.IPV4,
    "InetAddressIPv6": AddressType.IPV6,
    "InetAddressIPv4z": AddressType.IPV4Z,
    "InetAddressIPv6z": AddressType.IPV6Z,
    "Ipv6Address": AddressType.IPV6,
}
_ADDRESS_NAMES = {1: "ipv4", 2: "ipv6", 3: "ipv4z", 4: "ipv6z", 16: "dns", 0: "unknown"}

IpObject: TypeAlias = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


def has_convention(syntax: Syntax, name: str) -> bool:
    """Whether a syntax is a textual convention, or is made of it."""
    return syntax.name == name or name in syntax.conventions


def is_address_type(syntax: Syntax) -> bool:
    """Whether an object tells the type of the InetAddress that follows it (RFC 4001)."""
    return has_convention(syntax, "InetAddressType")


def is_address(syntax: Syntax) -> bool:
    """Whether an object is an InetAddress, whose form another object tells (RFC 4001)."""
    return has_convention(syntax, "InetAddress")


def type_of_convention(syntax: Syntax) -> int | None:
    """Return the InetAddressType of a convention that has one alone, as InetAddressIPv6; ``None`` for all others."""
    if not syntax.conventions and syntax.name not in _CONVENTIONS:
        return None
    names = (syntax.name, *syntax.conventions)
    return next((_CONVENTIONS[name] for name in names if name in _CONVENTIONS), None)


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


#: A name of the DNS, with a dot; and what only names are made of.
_NAME = re.compile(rb"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\.?")
_NAME_CHARACTERS = re.compile(rb"[A-Za-z0-9.-]+")
_TYPE_OF_SIZE = {size: kind for kind, (size, _) in _ADDRESS_SIZES.items()}


def _guess_address_type(octets: bytes) -> int | None:
    """Return the type of an address by its length; ``None`` for what is a name rather than an address."""
    kind = _TYPE_OF_SIZE.get(len(octets))
    if kind is None:
        return None
    is_name = (_NAME if kind == AddressType.IPV4 else _NAME_CHARACTERS).fullmatch(octets) is not None
    return None if is_name else kind


def address_text(octets: bytes, address_type: int | None = None) -> str | None:
    """Return the text of an InetAddress: ``10.0.0.1``, ``fe80::1%2``; ``None`` where :func:`address_of` has none."""
    address = address_of(octets, address_type)
    if isinstance(address, ipaddress.IPv4Address) and len(octets) == 8:
        return f"{address}%{int.from_bytes(octets[4:], 'big')}"
    return None if address is None else str(address)


def address_octets(text: str | IpObject, address_type: int | None, name: str) -> bytes:
    """Return the octets of an InetAddress.

    Args:
        text: an address, with ``%`` and a number for its zone; or a name.
        address_type: its InetAddressType; ``None`` if that is not known: then what is no address is a name.
        name: the object's name, for errors.

    Raises:
        MibError: the text is no address of this type.
    """
    given = str(text)
    size, plain_size = _ADDRESS_SIZES.get(address_type or AddressType.UNKNOWN, (None, None))
    if size is None and address_type is not None:
        return _name_octets(given, name)
    plain, _, zone = given.partition("%")
    octets = ip_octets(plain, plain_size)
    if zone and octets is not None:
        octets = octets + int(zone).to_bytes(4, "big") if _is_zone(zone) else None
    if address_type is None:
        return _name_octets(given, name) if octets is None else octets
    if octets is None or len(octets) != size:
        wanted = {1: "an IPv4 address", 2: "an IPv6 address", 3: "an IPv4 address with %zone"}
        right = wanted.get(address_type, "an IPv6 address with %zone")
        raise MibError(f"{name} is {right}, as its type is {_ADDRESS_NAMES[address_type]}, not {quoted(given)}")
    return octets


def _name_octets(text: str, name: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise MibError(f"{name} is an address or a name, not {quoted(text)}") from None


def _is_zone(text: str) -> bool:
    return re.fullmatch("[0-9]{1,10}", text, re.ASCII) is not None and int(text) <= 0xFFFFFFFF


def ip_octets(text: str, size: int | None) -> bytes | None:
    """Return the octets of an address without zone; IPv6 also as net-snmp writes it, 16 octets with colons.

    Args:
        text: the address.
        size: 4 for IPv4, 16 for IPv6; ``None`` for either.

    Returns:
        The octets; ``None`` if it is no such address.
    """
    if re.fullmatch("[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){15}", text, re.ASCII):
        return bytes(int(octet, 16) for octet in text.split(":")) if size in {None, 16} else None
    try:
        packed = ipaddress.ip_address(text).packed
    except ValueError:
        return None
    return packed if size in {None, len(packed)} else None
