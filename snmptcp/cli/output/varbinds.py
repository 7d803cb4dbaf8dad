"""Variable bindings as JSON, and values as the cells of tables.

Contains: formatting values.  Does not contain: net-snmp's text (:mod:`snmptcp.mib.text`), and printing.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from snmptcp.mib.text import NUMERIC, TextFormatter, TextStyle, is_plain_text
from snmptcp.oid import OID
from snmptcp.values import IpAddress, OctetString, Opaque

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snmptcp.protocol.table import TableRow
    from snmptcp.values import Value, VarBind

__all__ = ("PLAIN", "format_cell", "format_row_json", "format_varbind_json", "varbind_object")

#: Prints numbers as names.
PLAIN = TextFormatter(None, NUMERIC)

_CELLS = TextFormatter(None, TextStyle(names="numeric", quick=True))

# ---------------------------------------------------------------------------------------- in a table


def format_cell(value: Value) -> str:
    """Return a value on one line, without its type."""
    if isinstance(value, OctetString) and is_plain_text(value):
        return " ".join(value.decode("ascii").split())
    if isinstance(value, bytes) and not isinstance(value, IpAddress):
        number = value.number if isinstance(value, Opaque) else None
        return value.hex(" ").upper() if number is None else f"{number:g}"
    if isinstance(value, OID):
        return str(value)
    return _CELLS.value(value)


# ------------------------------------------------------------------------------------------- as JSON


def format_varbind_json(varbind: VarBind, formatter: TextFormatter = PLAIN) -> str:
    """Return a variable binding as a JSON object on one line."""
    return json.dumps(varbind_object(varbind, formatter))


def varbind_object(varbind: VarBind, formatter: TextFormatter = PLAIN) -> dict[str, object]:
    """Return a variable binding as a dictionary for JSON."""
    return {"oid": str(varbind.oid), **_typed(varbind.value, formatter)}


def format_row_json(row: TableRow, formatter: TextFormatter = PLAIN) -> str:
    """Return a row of a table as a JSON object on one line."""
    cells: Iterable[tuple[int, Value]] = row.items()
    return json.dumps(
        {"index": str(row.index), "columns": {str(column): _typed(value, formatter) for column, value in cells}}
    )


def _typed(value: Value, formatter: TextFormatter) -> dict[str, object]:
    """Return a value with the name of its class."""
    kind = "ObjectIdentifier" if isinstance(value, OID) else type(value).__name__
    return {"type": kind, "value": _json_value(value, formatter.style)}


def _json_value(value: Value, style: TextStyle) -> object:
    if isinstance(value, (OID, IpAddress)):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, OctetString) and value.printable and style.strings != "hex":
        return str(value)
    if isinstance(value, bytes):
        number = value.number if isinstance(value, Opaque) else None
        octets: dict[str, object] = {"hex": value.hex()}
        return octets if number is None or not math.isfinite(number) else {**octets, "number": number}
    return None
