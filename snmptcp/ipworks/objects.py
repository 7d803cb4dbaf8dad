"""The object arrays: names, types and values as numbers and text.

What may live here: rows to variable bindings and back.  What may not: who asks for them.
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

__all__ = ("NULL", "TYPE_NAMES", "ObjectArrays", "ObjectRow")

NULL = 5

#: What obj_type_string says of each obj_type.
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
        """Return the row of a variable binding."""
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
        """The name.

        Raises:
            IPWorksSNMPError: it is not one.
        """
        return _oid("obj_id", self.name)

    def varbind(self) -> VarBind:
        """Return the variable binding to send.

        Raises:
            IPWorksSNMPError: the name or the value cannot be sent.
        """
        try:
            return VarBind(self.oid, self._typed())
        except (SnmpError, ValueError) as error:
            kind = TYPE_NAMES[self.type]
            raise IPWorksSNMPError(INVALID, f"the value of {self.name} is no {kind}: {error}") from error

    def _typed(self) -> Value:
        if self.type in _NUMBERS:
            return _NUMBERS[self.type](int(self.value or b"0"))
        if self.type in _STRINGS:
            return _STRINGS[self.type](self.value)
        if self.type == IpAddress.tag:
            return IpAddress(self.value.decode("ascii"))
        if self.type == OID.tag:
            return _oid("obj_value", self.value.decode("ascii"))
        return _EMPTY[self.type]()


class ObjectArrays:
    """The rows that requests are made of and that responses fill."""

    def __init__(self) -> None:
        self.rows: list[ObjectRow] = []

    def resize(self, count: int) -> None:
        """Have so many rows; new ones are NULL."""
        del self.rows[count:]
        self.rows.extend(ObjectRow() for _ in range(count - len(self.rows)))

    def row(self, index: int) -> ObjectRow:
        """Return a row.

        Raises:
            IPWorksSNMPError: there is none with this index.
        """
        if not 0 <= index < len(self.rows):
            text = f"there is no object {index}: obj_count is {len(self.rows)}, and the first one has index 0"
            raise IPWorksSNMPError(INVALID, text)
        return self.rows[index]

    def fill(self, varbinds: Iterable[VarBind]) -> None:
        """Hold these variable bindings and nothing else."""
        self.rows = [ObjectRow.of(varbind) for varbind in varbinds]

    def find(self, name: str) -> ObjectRow:
        """Return the row of an object.

        Raises:
            IPWorksSNMPError: it is not there.
        """
        wanted = str(_oid("the name", name))
        for row in self.rows:
            if row.name.strip().removeprefix(".") == wanted:  # compared as text: a walk leaves thousands of rows
                return row
        raise IPWorksSNMPError(INVALID, f"no object in the arrays is named {name}")

    def names(self) -> list[VarBind]:
        """Return the rows for a read: names with NULL, whatever their types and values are."""
        return [VarBind(row.oid, Null()) for row in self.rows]

    def varbinds(self) -> list[VarBind]:
        """Return the rows for a write or a notification."""
        return [row.varbind() for row in self.rows]


def _oid(what: str, text: str) -> OID:
    try:
        return OID(text.strip().removeprefix("."))
    except (SnmpError, ValueError) as error:
        raise IPWorksSNMPError(INVALID, f"{what} is no object identifier: {text!r}") from error
