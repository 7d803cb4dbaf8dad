"""The object arrays: the name, type and value of each object, as text and numbers.

Contains: rows, and their conversion to and from variable bindings.  Does not contain: requests and events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.errors import SnmpError
from snmptcp.ipworks.errors import INVALID, IPWorksSNMPError
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
    """One object: its dotted name, its type, and its value as octets."""

    __slots__ = ("name", "type", "value")

    def __init__(self, name: str = "", kind: int = NULL, value: bytes = b"") -> None:
        self.name = name
        self.type = kind
        self.value = value

    @classmethod
    def of(cls, varbind: VarBind) -> ObjectRow:
        """Return a variable binding as a row."""
        value = varbind.value
        if isinstance(value, IpAddress | OID):
            octets = str(value).encode()
        elif isinstance(value, bytes):
            octets = bytes(value)
        elif isinstance(value, int):
            octets = b"%d" % int(value)
        else:
            octets = b""
        return cls(str(varbind.oid), value.tag, octets)

    @property
    def oid(self) -> OID:
        """The name as an OID.

        Raises:
            IPWorksSNMPError: the text is not an OID.
        """
        return to_oid("obj_id", self.name)

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
            return _NUMBERS[self.type](int(self.value or b"0"))
        if self.type in _STRINGS:
            return _STRINGS[self.type](self.value)
        if self.type == IpAddress.tag:
            return IpAddress(self.value.decode("ascii"))
        if self.type == OID.tag:
            return to_oid("obj_value", self.value.decode("ascii"))
        return _EMPTY[self.type]()


class ObjectArrays:
    """The rows: the next request is built from them, and each packet received replaces them."""

    def __init__(self) -> None:
        self.rows: list[ObjectRow] = []

    def resize(self, count: int) -> None:
        """Set the number of rows; new rows are NULL."""
        del self.rows[count:]
        self.rows.extend(ObjectRow() for _ in range(count - len(self.rows)))

    def row(self, index: int) -> ObjectRow:
        """Return the row at an index.

        Raises:
            IPWorksSNMPError: the index is out of range.
        """
        if not 0 <= index < len(self.rows):
            text = f"index {index} is out of range: obj_count is {len(self.rows)}, and indexes start at 0"
            raise IPWorksSNMPError(INVALID, text)
        return self.rows[index]

    def fill(self, varbinds: Iterable[VarBind]) -> None:
        """Replace all rows by these variable bindings."""
        self.rows = [ObjectRow.of(varbind) for varbind in varbinds]

    def find(self, name: str) -> ObjectRow:
        """Return the first row with a name.

        Raises:
            IPWorksSNMPError: no row has this name.
        """
        wanted = str(to_oid("the name", name))
        for row in self.rows:
            if row.name.strip().removeprefix(".") == wanted:  # as text, which is faster: a walk leaves many rows
                return row
        raise IPWorksSNMPError(INVALID, f"no object in the arrays is named {name}")

    def names(self) -> list[VarBind]:
        """Return each name with NULL, for a request that reads."""
        return [VarBind(row.oid, Null()) for row in self.rows]

    def varbinds(self) -> list[VarBind]:
        """Return all rows with their values, for a request that writes or notifies."""
        return [row.varbind() for row in self.rows]


def to_oid(what: str, text: str) -> OID:
    """Return the OID that a text is, with or without a leading dot.

    Raises:
        IPWorksSNMPError: the text is not an OID.
    """
    try:
        return OID(text.strip().removeprefix("."))
    except (SnmpError, ValueError) as error:
        raise IPWorksSNMPError(INVALID, f"{what} must be a dotted object identifier, not {text!r}", error) from None
