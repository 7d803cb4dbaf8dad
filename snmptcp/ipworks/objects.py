"""The object arrays: the name, type and value of each object, as text and numbers.

Contains: rows, and their conversion to and from variable bindings.  Does not contain: requests and events.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from snmptcp.errors import SnmpError
from snmptcp.ipworks.errors import INVALID, IPWorksSNMPError
from snmptcp.ipworks.octets import Octets
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    NsapAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
    Value,
    VarBind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("NULL", "TYPE_NAMES", "ObjectArrays", "ObjectRow", "to_oid")

NULL = 5

#: The obj_type_string of each obj_type.
TYPE_NAMES = {
    2: "Integer",
    4: "OctetString",
    NULL: "Null",
    6: "ObjectID",
    64: "IPAddress",
    65: "Counter32",
    66: "Gauge32",
    67: "TimeTicks",
    68: "Opaque",
    69: "NSAP",
    70: "Counter64",
    71: "UnsignedInteger32",
    128: "NoSuchObject",
    129: "NoSuchInstance",
    130: "EndOfMibView",
}

_NUMBERS = {kind.tag: kind for kind in (Integer32, Counter32, Gauge32, TimeTicks, Counter64, UInteger32)}
_STRINGS = {kind.tag: kind for kind in (OctetString, Opaque, NsapAddress)}
_EMPTY = {kind.tag: kind for kind in (Null, NoSuchObject, NoSuchInstance, EndOfMibView)}


class ObjectRow:
    """One object: its dotted name, its type, and its value as octets.

    Args:
        source: the variable binding that it came with; ``None`` for a new row.  Its text and octets are made when they
            are asked for: a walk leaves many rows, of which a program may look at few.

    Attributes:
        type: the number of the type.
    """

    __slots__ = ("_name", "_source", "_value", "type")

    def __init__(self, source: VarBind | None = None) -> None:
        self._source = source
        self._name: str | None = None if source else ""
        self._value: bytes | None = None if source else b""
        self.type: int = source.value.tag if source else NULL

    @property
    def name(self) -> str:
        """The dotted name."""
        name = self._name
        if name is None:
            name = self._name = str(self._source.oid) if self._source else ""
        return name

    @name.setter
    def name(self, name: str) -> None:
        self._value = self.value
        self._source, self._name = None, name

    @property
    def value(self) -> bytes:
        """The value as octets."""
        value = self._value
        if value is None:
            value = self._value = _octets_of(self._source.value) if self._source else b""
        return value

    @value.setter
    def value(self, octets: bytes) -> None:
        self._value = octets

    @property
    def oid(self) -> OID:
        """The name as an OID.

        Raises:
            IPWorksSNMPError: the text is not an OID.
        """
        return to_oid("obj_id", self.name) if self._source is None else self._source.oid

    def varbind(self) -> VarBind:
        """Return the row as a variable binding.

        Raises:
            IPWorksSNMPError: the name is not an OID, or the value does not fit the type.
        """
        try:
            return VarBind(self.oid, self._typed())
        except (SnmpError, ValueError) as error:
            kind = TYPE_NAMES[self.type]
            text = f"the value of {self.name} is not a valid {kind}: {error}"
            raise IPWorksSNMPError(INVALID, text, error) from None

    def _typed(self) -> Value:
        if self.type in _NUMBERS:
            return _NUMBERS[self.type](_number_of(self.value or b"0"))
        if self.type in _STRINGS:
            return _STRINGS[self.type](self.value)
        if self.type == IpAddress.tag:
            return IpAddress(str(Octets(self.value)))
        if self.type == OID.tag:
            return to_oid("obj_value", str(Octets(self.value)))
        return _EMPTY[self.type]()


def _number_of(octets: bytes) -> int:
    try:
        return int(octets)
    except ValueError:
        raise ValueError(f"it must be a number, not {str(Octets(octets))!r}") from None


def _octets_of(value: Value) -> bytes:
    if isinstance(value, IpAddress | OID):
        return str(value).encode()
    if isinstance(value, bytes):
        return bytes(value)
    return b"%d" % int(value) if isinstance(value, int) else b""


class ObjectArrays:
    """The rows: the next request is built from them, and each packet received replaces them."""

    def __init__(self) -> None:
        self._rows: list[ObjectRow] = []
        #: The rows by their names, each as the octets of its OID; ``None`` until it is asked for.
        self._by_name: dict[bytes, ObjectRow] | None = None
        self._asked: list[VarBind] = []  # what names() has returned last

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self._rows)

    def resize(self, count: int) -> None:
        """Set the number of rows; new rows are NULL."""
        self._by_name = None
        del self._rows[count:]
        self._rows.extend(ObjectRow() for _ in range(count - len(self._rows)))

    def row(self, index: int) -> ObjectRow:
        """Return the row at an index.

        Raises:
            IPWorksSNMPError: the index is out of range.
        """
        if not 0 <= index < len(self._rows):
            text = f"index {index} is out of range: obj_count is {len(self._rows)}, and indexes start at 0"
            raise IPWorksSNMPError(INVALID, text)
        return self._rows[index]

    def rename(self, index: int, name: str) -> None:
        """Set the name of the row at an index.

        Raises:
            IPWorksSNMPError: the index is out of range.
        """
        self.row(index).name = name
        self._by_name = None

    def fill(self, varbinds: Iterable[VarBind]) -> None:
        """Replace all rows by these variable bindings."""
        self._by_name = None
        self._rows = [ObjectRow(varbind) for varbind in varbinds]

    def find(self, name: str) -> ObjectRow:
        """Return the first row with a name.

        Raises:
            IPWorksSNMPError: no row has this name.
        """
        wanted = to_oid("the name", name)
        if self._by_name is None:
            self._by_name = self._index()
        row = self._by_name.get(wanted.key)
        if row is None:
            raise IPWorksSNMPError(INVALID, f"no object in the arrays is named {name}")
        return row

    def _index(self) -> dict[bytes, ObjectRow]:
        """Return the rows by their names; texts that are no OIDs name nothing."""
        found: dict[bytes, ObjectRow] = {}
        for row in self._rows:
            with contextlib.suppress(IPWorksSNMPError):
                found.setdefault(row.oid.key, row)
        return found

    def names(self) -> list[VarBind]:
        """Return each name with NULL, for a request that reads.

        Programs ask for the same names again and again.  The names of a response are new objects, whose text a request
        would make anew; those that were asked for before have it.
        """
        names = [row.oid for row in self._rows]
        if [name.key for name in names] != [varbind.oid.key for varbind in self._asked]:
            self._asked = [VarBind(name, Null()) for name in names]
        return self._asked

    def varbinds(self) -> list[VarBind]:
        """Return all rows with their values, for a request that writes or notifies."""
        return [row.varbind() for row in self._rows]


def to_oid(what: str, text: str) -> OID:
    """Return the OID that a text is, with or without a leading dot.

    Raises:
        IPWorksSNMPError: the text is not an OID.
    """
    try:
        return OID(text.strip().removeprefix("."))
    except (SnmpError, ValueError) as error:
        raise IPWorksSNMPError(INVALID, f"{what} must be a dotted object identifier, not {text!r}", error) from None
