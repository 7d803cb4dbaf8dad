"""Object identifiers.

An :class:`OID` stores its BER content octets: names from the wire need no conversion, equality of OIDs is that
of ``bytes``, and a subtree test is ``bytes.startswith``.  Arcs and text are computed on first use and cached.

An OID equals its dotted text, and has the same hash: text finds it in a dictionary or a set.

A part of an OID, such as the index of a table row, is an :class:`OID`, too: a *fragment*.  It compares,
slices and concatenates, but cannot be sent.

Contains: :class:`OID` and its text form.  Does not contain: MIB names.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, SupportsIndex, TypeAlias, Union, final, overload

from snmptcp.codec.ber import MAX_ARC, MAX_ARCS, OBJECT_IDENTIFIER, decode_arcs, encode_arcs
from snmptcp.errors import ArgumentTypeError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("OID", "OidLike", "fragment_behind", "precedes")

#: An OID, dotted text (a leading dot is allowed), or arcs: every function that needs an OID accepts these.
OidLike: TypeAlias = Union["OID", str, "Iterable[int]"]

_DOTTED = re.compile(r"\.?[0-9]{1,10}(?:\.[0-9]{1,10}){0,127}", re.ASCII)

#: net-snmp's names of the first arc, as its tools print them.
_FIRST_ARCS = {"ccitt": "0", "iso": "1", "joint-iso-ccitt": "2"}

#: The first octet of a fragment's key; no OBJECT IDENTIFIER can begin with it (X.690 8.19.2).
_FRAGMENT = 0x80


@final
@functools.total_ordering
class OID:
    """An object identifier, immutable.

    ``OID("1.3.6.1.2.1")``, ``OID(".1.3.6.1.2.1")``, ``OID("iso.3.6.1.2.1")`` (as net-snmp's tools print it) and
    ``OID((1, 3, 6, 1, 2, 1))`` are equal.
    An OID is a sequence of its arcs: ``oid[-1]``, ``len(oid)``, ``tuple(oid)``.  Slices and ``+`` return an
    :class:`OID`.  OIDs are ordered by their arcs, as agents order their variables.

    An OID is equal to the text that ``str()`` returns (``OID("1.3.6") == "1.3.6"``), so a dictionary of OIDs takes
    text: ``dict(varbinds)["1.3.6.1.2.1.1.3.0"]``.  Another spelling (``".1.3.6"``) is not equal: convert it with
    ``OID(text)``.

    Args:
        value: dotted text, arcs, or another OID.  A single arc (``"1"``) is allowed, as the root of a walk.

    Raises:
        ConfigurationError: an arc above 2**32 - 1, more than 128 arcs (RFC 2578 section 3.5), a first arc
            above 2, or a second arc above 39 after a first of 0 or 1 (X.690 8.19.4).
        ArgumentTypeError: the value is something else, or an arc is not an integer.
    """

    __slots__ = ("_arcs", "_text", "key")

    tag: ClassVar[int] = OBJECT_IDENTIFIER
    name: ClassVar[str] = "OID"

    #: The octets that identify this OID: its BER contents; for a fragment, 0x80 and the encoded arcs.  Read-only.
    key: bytes
    _arcs: tuple[int, ...]
    _text: str

    def __new__(cls, value: OidLike) -> OID:
        """Parse or convert; dotted text is cached."""
        if isinstance(value, OID):
            return value
        if isinstance(value, str):
            return _parse(value)
        arcs = _checked(value)
        _check_absolute(arcs)
        return _from_arcs(arcs)

    @staticmethod
    def from_ber(octets: bytes) -> OID:
        """Return the OID of BER content octets that :func:`snmptcp.codec.ber.check_oid` has accepted."""
        oid = _new(OID)
        oid.key = octets
        return oid

    @staticmethod
    def fragment(value: OidLike) -> OID:
        """Return a part of an OID, such as an index: 0 to 128 arcs, each 0 to 2**32 - 1.

        Raises:
            ConfigurationError: an arc above 2**32 - 1, or more than 128 arcs.
            ArgumentTypeError: the value is something else, or an arc is not an integer.
        """
        if isinstance(value, OID):
            return value
        if isinstance(value, str):
            return _from_arcs(_arcs_of(value)) if value else _from_arcs(())
        return _from_arcs(_checked(value))

    @property
    def ber(self) -> bytes:
        """The BER content octets (X.690 8.19).

        Raises:
            ConfigurationError: a fragment or a single arc has no encoding.
        """
        if self.key[0] == _FRAGMENT:
            raise ConfigurationError(f"{self} is a fragment, not a whole object identifier, and cannot be sent")
        return self.key

    @property
    def arcs(self) -> tuple[int, ...]:
        """The arcs, as a tuple."""
        try:
            return self._arcs
        except AttributeError:
            self._arcs = _split(self.key)
            return self._arcs

    def startswith(self, prefix: OidLike) -> bool:
        """Whether this OID is ``prefix`` or lies below it.

        Raises:
            ConfigurationError: ``prefix`` is not an OID.
        """
        if not isinstance(prefix, OID):
            prefix = OID.fragment(prefix)
        if prefix.key[0] != _FRAGMENT:
            return self.key.startswith(prefix.key)
        arcs = prefix.arcs
        return self.arcs[: len(arcs)] == arcs

    def __eq__(self, other: object) -> bool:
        if isinstance(other, OID):
            return self.key == other.key
        return str(self) == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(str(self))  # that of the text, which it is equal to

    def __lt__(self, other: object) -> bool:
        return self.arcs < other.arcs if isinstance(other, OID) else NotImplemented

    def __len__(self) -> int:
        return len(self.arcs)

    def __iter__(self) -> Iterator[int]:
        return iter(self.arcs)

    def __contains__(self, arc: object) -> bool:
        return arc in self.arcs

    @overload
    def __getitem__(self, index: SupportsIndex) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> OID: ...

    def __getitem__(self, index: SupportsIndex | slice) -> int | OID:
        if isinstance(index, slice):
            return _from_arcs(self.arcs[index])
        return self.arcs[index]

    def __add__(self, other: OidLike | int) -> OID:
        if type(other) is OID and other.key[0] == _FRAGMENT != self.key[0] and len(self.key) + len(other.key) <= 128:
            return OID.from_ber(self.key + other.key[1:])  # 128 arcs at most
        if isinstance(other, int):
            other = (other,)
        try:
            tail = OID.fragment(other).arcs
        except TypeError:
            return NotImplemented
        return _from_arcs(_checked(self.arcs + tail))

    def __str__(self) -> str:
        try:
            return self._text
        except AttributeError:
            self._text = _text_of(self.key)
            return self._text

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __repr__(self) -> str:
        arcs = self.arcs
        whole = self.key[0] != _FRAGMENT or (len(arcs) == 1 and arcs[0] <= 2)
        return f"OID({str(self)!r})" if whole else f"OID.fragment({str(self)!r})"

    def __reduce__(self) -> tuple[object, tuple[bytes]]:
        return OID.from_ber, (self.key,)


_new = object.__new__


def fragment_behind(key: bytes, size: int) -> OID:
    """Return the arcs behind the first octets of a key, which end where an arc ends: the index behind a column."""
    octets = key[size:]
    if len(octets) > 1 and octets[0] <= 2:  # arcs that could also be a whole OID have its key
        return _from_arcs(tuple(decode_arcs(octets)))
    oid = _new(OID)
    oid.key = b"\x80" + octets
    return oid


def precedes(first: bytes, second: bytes) -> bool:
    """Whether the OID of one key precedes that of another (RFC 3416 section 4.2.2: by arcs, not by octets).

    Fast path: two names of a column usually differ in their last octet only.  The last octet never has a
    continuation bit, so comparing it gives the order of the arcs.
    """
    if len(first) > 1 and first[:-1] == second[:-1]:
        return first[-1] < second[-1]
    return _split(first) < _split(second)


def _split(key: bytes) -> tuple[int, ...]:
    """Return the arcs of a key; the first sub-identifier encodes the first two (X.690 8.19.4)."""
    if key[0] == _FRAGMENT:
        return tuple(decode_arcs(key[1:]))
    first, *rest = decode_arcs(key)
    root = min(first // 40, 2)
    return (root, first - 40 * root, *rest)


def _text_of(key: bytes) -> str:
    """Return a key as dotted text.  The text of all but the last arc is cached: instances of a column share it."""
    head, last = key[:-1], key[-1:]
    if len(head) > 1 and head[-1] & 0x80 and head[-2] < 0x80:
        head, last = head[:-1], key[-2:]
    if len(head) < 2 or head[-1] & 0x80:
        return ".".join(map(str, _split(key)))
    return f"{_head_text(head)}.{decode_arcs(last)[0]}"


@functools.lru_cache(maxsize=1024)
def _head_text(key: bytes) -> str:
    return ".".join(map(str, _split(key)))


def _from_arcs(arcs: tuple[int, ...]) -> OID:
    """Return the OID of arcs that :func:`_checked` has accepted."""
    oid = _new(OID)
    oid._arcs = arcs  # noqa: SLF001 - filling a new instance
    if _is_absolute(arcs):
        oid.key = encode_arcs((arcs[0] * 40 + arcs[1], *arcs[2:]))
    else:
        oid.key = b"\x80" + encode_arcs(arcs)
    return oid


def _is_absolute(arcs: tuple[int, ...]) -> bool:
    return len(arcs) > 1 and (arcs[0] == 2 or (arcs[0] < 2 and arcs[1] < 40))


def _check_absolute(arcs: tuple[int, ...]) -> None:
    if not arcs:
        raise ConfigurationError("an object identifier has at least one arc")
    if arcs[0] > 2:
        raise ConfigurationError(f"the first arc of an object identifier must be 0, 1 or 2, not {arcs[0]}")
    if len(arcs) > 1 and arcs[0] < 2 and arcs[1] > 39:
        raise ConfigurationError(f"the arc after {arcs[0]} must be at most 39, not {arcs[1]}")


def _checked(values: Iterable[int]) -> tuple[int, ...]:
    """Check the number and range of arcs; return them as a tuple of plain ints."""
    try:
        arcs = tuple(map(operator.index, values))
    except TypeError:
        raise _no_oid(values) from None
    if isinstance(values, bytes | bytearray):
        raise _no_oid(values)
    if len(arcs) > MAX_ARCS:
        raise ConfigurationError(f"an object identifier has at most {MAX_ARCS} arcs, not {len(arcs)}")
    for arc in arcs:
        if not 0 <= arc <= MAX_ARC:
            raise ConfigurationError(f"an arc is a number from 0 to {MAX_ARC}, not {arc}")
    return arcs


def _arcs_of(text: str, given: str | None = None) -> tuple[int, ...]:
    """Return the arcs of dotted numbers; an error shows the text that was given for them."""
    if not _DOTTED.fullmatch(text):
        given = text if given is None else given
        shown = given if len(given) <= 64 else f"{given[:64]}..."
        hint = "; names need MIB modules" if given.lstrip(".")[:1].isalpha() else ""
        raise ConfigurationError(f"not an object identifier in dotted numbers: {shown!r}{hint}")
    return _checked(int(arc) for arc in text.removeprefix(".").split("."))


@functools.lru_cache(maxsize=4096)
def _parse(text: str) -> OID:
    first, dot, rest = text.removeprefix(".").partition(".")
    arcs = _arcs_of(f"{_FIRST_ARCS[first]}{dot}{rest}" if first in _FIRST_ARCS else text, text)
    _check_absolute(arcs)
    return _from_arcs(arcs)


def _no_oid(value: object) -> ArgumentTypeError:
    """Return the error for what is neither an OID, nor text, nor arcs."""
    right = "an OID is text ('1.3.6.1'), a sequence of int arcs, or an OID"
    if isinstance(value, str | bytes | bytearray) or not isinstance(value, Iterable):
        return ArgumentTypeError(f"{right}, not {type(value).__name__}")
    kind = next((type(arc).__name__ for arc in value if not hasattr(arc, "__index__")), "")
    if kind in {"str", "OID"}:
        return ArgumentTypeError(f"{right}, not a {type(value).__name__} of {kind}: give several names one by one")
    return ArgumentTypeError(f"{right}, not a {type(value).__name__}" + (f" with a {kind}" if kind else ""))
