"""The SMI types of RFC 2578 and RFC 1155, :class:`VarBind`, and :class:`VarBinds`.

Numbers are ``int`` and strings are ``bytes``, with their SMI type: they compare, add, hash and pickle as
these.  Every class has its BER ``tag`` and the ``name`` that net-snmp shows.  Constructors check ranges; the
codec checks values itself and bypasses the constructors.

``format()`` takes the specifications of ``int`` for numbers, and those of ``str`` for everything else.
"""

from __future__ import annotations

import functools
import operator
import struct
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, SupportsIndex, TypeAlias, TypeVar, Union, cast, overload

from snmptcp.errors import ArgumentTypeError, ConfigurationError
from snmptcp.oid import OID

if TYPE_CHECKING:
    import datetime as dt
    import ipaddress
    from collections.abc import Callable, Mapping
    from typing import Self, TypeGuard

    from snmptcp.oid import OidLike

__all__ = (
    "Counter32",
    "Counter64",
    "EndOfMibView",
    "Gauge32",
    "Integer32",
    "IpAddress",
    "NoSuchInstance",
    "NoSuchObject",
    "NsapAddress",
    "Null",
    "ObjectIdentifier",
    "OctetString",
    "Opaque",
    "TimeTicks",
    "UInteger32",
    "Unsigned32",
    "Value",
    "VarBind",
    "VarBinds",
    "to_value",
)

T = TypeVar("T")

# ----------------------------------------------------------------------------------------- numbers


class _Number(int):
    """The base of the numeric types: a range, and a ``repr`` that names the type."""

    __slots__ = ()

    tag: ClassVar[int]
    name: ClassVar[str]
    minimum: ClassVar[int] = 0
    maximum: ClassVar[int] = 0xFFFFFFFF

    def __new__(cls, value: SupportsIndex = 0) -> Self:
        try:
            number = operator.index(value)
        except TypeError:
            raise ArgumentTypeError(f"{cls.__name__} takes an int, not {type(value).__name__}") from None
        if not cls.minimum <= number <= cls.maximum:
            raise ConfigurationError(f"{cls.__name__} is a number from {cls.minimum} to {cls.maximum}, not {number}")
        return int.__new__(cls, number)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int.__repr__(self)})"

    __str__ = int.__repr__

    def __getnewargs__(self) -> tuple[int]:
        return (int(self),)


class Integer32(_Number):
    """INTEGER, Integer32 and enumerations: -2**31 to 2**31 - 1 (RFC 2578 section 7.1.1)."""

    __slots__ = ()
    tag = 0x02
    name = "INTEGER"
    minimum = -0x80000000
    maximum = 0x7FFFFFFF


class Counter32(_Number):
    """A counter that wraps at 2**32 (RFC 2578 section 7.1.6)."""

    __slots__ = ()
    tag = 0x41
    name = "Counter32"


class Gauge32(_Number):
    """A gauge, 0 to 2**32 - 1 (RFC 2578 section 7.1.7).  Unsigned32 has the same tag and is an alias."""

    __slots__ = ()
    tag = 0x42
    name = "Gauge32"


Unsigned32 = Gauge32


class TimeTicks(_Number):
    """Hundredths of a second since an epoch; wraps at 2**32, after 497 days (RFC 2578 section 7.1.8)."""

    __slots__ = ()
    tag = 0x43
    name = "Timeticks"

    @property
    def seconds(self) -> float:
        """The time in seconds."""
        return int(self) / 100

    @property
    def timedelta(self) -> dt.timedelta:
        """The time as a :class:`datetime.timedelta`."""
        import datetime as dt  # noqa: PLC0415 - few programs need it

        return dt.timedelta(milliseconds=int(self) * 10)


class UInteger32(_Number):
    """The obsolete UInteger32 of RFC 1442; old agents send it."""

    __slots__ = ()
    tag = 0x47
    name = "UInteger32"


class Counter64(_Number):
    """A counter that wraps at 2**64 (RFC 2578 section 7.1.10).  SNMPv1 cannot carry it."""

    __slots__ = ()
    tag = 0x46
    name = "Counter64"
    maximum = 0xFFFFFFFFFFFFFFFF


# ----------------------------------------------------------------------------------------- strings


class _Octets(bytes):
    """The base of the string types: bytes, or text that is encoded as UTF-8."""

    __slots__ = ()

    tag: ClassVar[int]
    name: ClassVar[str]

    def __new__(cls, value: bytes | bytearray | memoryview | str = b"") -> Self:
        if isinstance(value, str):
            value = _encoded(value, cls.__name__)
        elif not isinstance(value, (bytes, bytearray, memoryview)):
            raise ArgumentTypeError(f"{cls.__name__} takes bytes or str, not {type(value).__name__}")
        if len(value) > 0xFFFF:
            raise ConfigurationError(f"{cls.__name__} has at most 65535 octets, not {len(value)}")
        return bytes.__new__(cls, value)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({bytes.__repr__(self)})"

    def __getnewargs__(self) -> tuple[bytes]:
        return (bytes(self),)


def _encoded(text: str, name: str) -> bytes:
    """Return text as UTF-8."""
    try:
        return text.encode()
    except UnicodeEncodeError:  # as of file names and command lines that are not UTF-8
        raise ConfigurationError(f"{name} takes text that UTF-8 can encode; this has a surrogate: give bytes") from None


class OctetString(_Octets):
    """OCTET STRING: up to 65535 octets, text or binary (RFC 2578 section 7.1.2).

    ``str()`` returns the text if the octets are printable UTF-8, else ``0x`` and hex digits.
    """

    __slots__ = ()
    tag = 0x04
    name = "STRING"

    @property
    def printable(self) -> bool:
        """Whether the octets are UTF-8 text of printable characters and white space."""
        try:
            text = self.decode()
        except UnicodeDecodeError:
            return False
        return all(character.isprintable() or character in "\t\n\r\f\v" for character in text)

    def __str__(self) -> str:
        return self.decode() if self.printable else f"0x{self.hex()}"


#: The second octet of the tag inside an Opaque (net-snmp's asn1.h): the size and the reader of a floating-point number.
_OPAQUE_FLOATS = {0x78: (4, struct.Struct(">f").unpack), 0x79: (8, struct.Struct(">d").unpack)}
_OPAQUE_INT64 = 0x7A
_OPAQUE_UNSIGNED = frozenset((0x76, 0x7B))  # Counter64, UInt64


class Opaque(_Octets):
    """Opaque: any ASN.1 value inside a string (RFC 2578 section 7.1.9); not decoded.

    :attr:`number` decodes the uses that are still common: net-snmp's numbers.
    """

    __slots__ = ()
    tag = 0x44
    name = "Opaque"

    @property
    def number(self) -> float | None:
        """The number inside, as net-snmp wraps it; ``None`` if there is none.

        A ``float`` for Float (``9f 78``) and Double (``9f 79``), an ``int`` for Counter64 (``9f 76``), Int64
        (``9f 7a``) and UInt64 (``9f 7b``).
        """
        if len(self) < 4 or self[0] != 0x9F or self[2] != len(self) - 3:
            return None
        kind, octets = self[1], self[3:]
        if kind in _OPAQUE_FLOATS:
            size, read = _OPAQUE_FLOATS[kind]
            if len(octets) != size:
                return None
            number: float = read(octets)[0]
            return number
        if kind == _OPAQUE_INT64 and len(octets) <= 8:
            return int.from_bytes(octets, "big", signed=True)
        if kind in _OPAQUE_UNSIGNED and (len(octets) <= 8 or (len(octets) == 9 and not octets[0])):
            return int.from_bytes(octets, "big")
        return None

    def __str__(self) -> str:
        return f"0x{self.hex()}"


class NsapAddress(_Octets):
    """The obsolete NsapAddress of RFC 1442; old agents send it."""

    __slots__ = ()
    tag = 0x45
    name = "NsapAddress"

    def __str__(self) -> str:
        return f"0x{self.hex()}"


class IpAddress(_Octets):
    """An IPv4 address in four octets (RFC 2578 section 7.1.5).

    Args:
        value: dotted text, four octets, or an :class:`ipaddress.IPv4Address`; default 0.0.0.0.

    Raises:
        ConfigurationError: not an IPv4 address.
        ArgumentTypeError: an ``int``, which is more likely a mistake than an address.
    """

    __slots__ = ()
    tag = 0x40
    name = "IpAddress"

    def __new__(cls, value: bytes | bytearray | memoryview | str | ipaddress.IPv4Address = b"\0\0\0\0") -> Self:
        """Check and pack the address."""
        import ipaddress  # noqa: PLC0415 - addresses off the wire are octets already

        if not isinstance(value, bytes | bytearray | memoryview | str | ipaddress.IPv4Address):
            raise ArgumentTypeError(
                f"not an IPv4 address: IpAddress takes text, four octets or an IPv4Address, not {type(value).__name__}"
            )
        try:
            octets = ipaddress.IPv4Address(bytes(value) if isinstance(value, (bytearray, memoryview)) else value).packed
        except ValueError as error:
            raise ConfigurationError(f"not an IPv4 address: {error}") from None
        return bytes.__new__(cls, octets)

    @property
    def address(self) -> ipaddress.IPv4Address:
        """The address as an :class:`ipaddress.IPv4Address`."""
        import ipaddress  # noqa: PLC0415 - as above

        return ipaddress.IPv4Address(bytes(self))

    def __str__(self) -> str:
        return "{}.{}.{}.{}".format(*self)

    def __repr__(self) -> str:
        return f"IpAddress({str(self)!r})"


# ------------------------------------------------------------------------------ values without content


class _Singleton:
    """The base of the values without contents: one instance each, false in a condition."""

    __slots__ = ()

    tag: ClassVar[int]
    name: ClassVar[str]
    _instance: ClassVar[Any]

    def __init_subclass__(cls) -> None:
        cls._instance = object.__new__(cls)

    def __new__(cls) -> Self:
        instance: Self = cls._instance
        return instance

    def __bool__(self) -> bool:
        return False

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __str__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[type[Self], tuple[()]]:
        return type(self), ()


class Null(_Singleton):
    """NULL: no value; requests carry it in the place of a value (unSpecified in RFC 3416)."""

    __slots__ = ()
    tag = 0x05
    name = "NULL"


class NoSuchObject(_Singleton):
    """The exception noSuchObject: the agent has no such object type (RFC 3416 section 4.2.1)."""

    __slots__ = ()
    tag = 0x80
    name = "noSuchObject"


class NoSuchInstance(_Singleton):
    """The exception noSuchInstance: the object type exists, but not this instance (RFC 3416 section 4.2.1)."""

    __slots__ = ()
    tag = 0x81
    name = "noSuchInstance"


class EndOfMibView(_Singleton):
    """The exception endOfMibView: no name follows this one (RFC 3416 section 4.2.2)."""

    __slots__ = ()
    tag = 0x82
    name = "endOfMibView"


ObjectIdentifier = OID

#: Any value of a variable binding.
Value: TypeAlias = Union[
    Integer32,
    OctetString,
    OID,
    IpAddress,
    Counter32,
    Gauge32,
    TimeTicks,
    Opaque,
    NsapAddress,
    Counter64,
    UInteger32,
    Null,
    NoSuchObject,
    NoSuchInstance,
    EndOfMibView,
]


class VarBind(NamedTuple):
    """A variable binding: a name and its value.  Unpacks as ``oid, value``."""

    oid: OID
    value: Value

    def __str__(self) -> str:
        return f"{self.oid} = {self.value}"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class VarBinds(tuple[VarBind, ...]):  # noqa: SLOT001 - it keeps a dictionary of its names once one is looked up
    """The variable bindings of an answer: a tuple that also finds values by their names.

    ::

        answer = await manager.get("1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0")
        answer["1.3.6.1.2.1.1.5.0"]             # the value with this name; KeyError if there is none
        answer.get("1.3.6.1.2.1.1.6.0")         # the same; None if there is none
        "1.3.6.1.2.1.1.3.0" in answer           # whether there is one
        answer[0], answer[1:]                   # by position, as in any tuple
        (uptime, name) = answer

    A name is an :class:`OID`, dotted text, or a sequence of arcs.  If two have one name, the first is found.
    SNMPv2c's exceptions (:class:`NoSuchObject`, ...) stand in the place of values.

    Raises:
        ConfigurationError: a name is not an object identifier.
        KeyError: no variable binding has the name.
    """

    @overload
    def __getitem__(self, key: SupportsIndex) -> VarBind: ...

    @overload
    def __getitem__(self, key: slice) -> VarBinds: ...

    @overload
    def __getitem__(self, key: OidLike) -> Value: ...

    def __getitem__(self, key: OidLike | SupportsIndex | slice) -> Value | VarBind | VarBinds:
        if isinstance(key, slice):
            return VarBinds(super().__getitem__(key))
        if isinstance(key, int) or hasattr(key, "__index__"):
            return super().__getitem__(cast("SupportsIndex", key))
        name = OID(key)
        try:
            return self._by_name[name.key]
        except KeyError:
            raise KeyError(f"no variable binding has the name {name}") from None

    @overload
    def get(self, name: OidLike) -> Value | None: ...

    @overload
    def get(self, name: OidLike, default: T) -> Value | T: ...

    def get(self, name: OidLike, default: object = None) -> object:
        """Return the value with a name, or ``default`` if there is none."""
        return self._by_name.get(OID(name).key, default)

    def __contains__(self, item: object) -> bool:
        if isinstance(item, (OID, str)) or _is_arcs(item):
            return OID(cast("OidLike", item)).key in self._by_name
        return super().__contains__(item)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __reduce__(self) -> tuple[type[VarBinds], tuple[tuple[VarBind, ...]]]:
        return VarBinds, (tuple(self),)

    @functools.cached_property
    def _by_name(self) -> dict[bytes, Value]:
        return {oid.key: value for oid, value in reversed(self)}


def _is_arcs(item: object) -> bool:
    """Whether this is a name as a sequence of arcs, and not a variable binding."""
    return isinstance(item, tuple | list) and bool(item) and all(type(arc) is int for arc in item)


def _is_ipv4_address(value: object) -> TypeGuard[ipaddress.IPv4Address]:
    import ipaddress  # noqa: PLC0415 - few programs write addresses

    return isinstance(value, ipaddress.IPv4Address)


_FROM_PYTHON: Mapping[type, Callable[[Any], Value]] = {
    int: Integer32,
    str: OctetString,
    bytes: OctetString,
    bytearray: OctetString,
    type(None): lambda _: Null(),
}


def to_value(value: object) -> Value:
    """Convert a Python value to an SMI value.

    Args:
        value: an SMI value, which is returned unchanged; ``int`` becomes :class:`Integer32`, ``str``,
            ``bytes`` and ``bytearray`` become :class:`OctetString`, :class:`ipaddress.IPv4Address` becomes
            :class:`IpAddress`, and ``None`` becomes :class:`Null`.

    Raises:
        ConfigurationError: a number or string out of range.
        ArgumentTypeError: any other type, ``bool`` and ``float`` included.
    """
    if isinstance(value, (_Number, _Octets, _Singleton, OID)):
        return value  # type: ignore[return-value]  # the subclasses are exactly Value's members
    for python_type, convert in _FROM_PYTHON.items():
        if isinstance(value, python_type) and not isinstance(value, bool):
            return convert(value)
    if _is_ipv4_address(value):
        return IpAddress(value)
    raise ArgumentTypeError(f"no SNMP type for {type(value).__name__}; use a type of snmptcp.values, int, str or bytes")
