"""Values as the columns of a table: type, number, text and octets.

Contains: what each type of value has in these columns, in SQLite and in Parquet alike.  Does not contain: tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from snmptcp.mib.json_values import json_type
from snmptcp.oid import OID
from snmptcp.values import Counter32, Counter64, Gauge32, Integer32, IpAddress, OctetString, Opaque, TimeTicks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.values import Value

__all__ = ("Columns", "encodable", "encodable_labels", "value_columns")


#: The plain numbers, which most values are.
_NUMBERS: dict[type, str] = {each: each.__name__ for each in (Counter32, Counter64, Gauge32, Integer32, TimeTicks)}


class Columns(NamedTuple):
    """A value in columns.

    Attributes:
        type: the SMI type: ``"Counter64"``, ``"OctetString"``, ``"ObjectIdentifier"``.
        number: the number, also that inside an Opaque; ``None`` for what is none.
        text: what is shown: all digits of a number or its label, text, an address, an OID, ``0x`` and hex digits;
            ``None`` for values without contents.
        octets: the octets of a string that is no text; ``None`` for everything else.
    """

    type: str
    number: float | None
    text: str | None
    octets: bytes | None


def value_columns(value: Value) -> Columns:
    """Return a value in columns; its text is that of its module if it has one."""
    kind = _NUMBERS.get(type(value))
    if kind is not None:
        return Columns(kind, int(cast("int", value)), str(value), None)
    kind = json_type(value)
    if isinstance(value, int):
        return Columns(kind, int(value), encodable(str(value)), None)
    if isinstance(value, Opaque):
        number = value.number
        return Columns(kind, number, str(value) if number is None else str(number), bytes(value))
    if isinstance(value, bytes):
        is_text = isinstance(value, IpAddress) or (isinstance(value, OctetString) and value.printable)
        return Columns(kind, None, encodable(str(value)), None if is_text else bytes(value))
    return Columns(kind, None, encodable(str(value)) if isinstance(value, OID) else None, None)


def encodable(text: str) -> str:
    r"""Return a text that UTF-8 can encode: what it cannot, as in a name in another encoding, becomes ``\udcff``."""
    if text.isascii():
        return text
    return text.encode(errors="backslashreplace").decode()


def encodable_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return labels that UTF-8 can encode, in the order of their names."""
    return {encodable(name): encodable(value) for name, value in sorted(labels.items())}
