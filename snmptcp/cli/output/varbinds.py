"""Variable bindings as JSON, and values as the cells of tables.

Contains: formatting values.  Does not contain: net-snmp's text (:mod:`snmptcp.mib.text`), and printing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from snmptcp.mib.conversion import smi_class
from snmptcp.mib.json_values import json_type, json_value
from snmptcp.mib.text import NUMERIC, TextFormatter, TextStyle, is_plain_text
from snmptcp.mib.values import format_value, plain_value
from snmptcp.oid import OID
from snmptcp.values import IpAddress, OctetString, Opaque

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from snmptcp.protocol.table import TableRow
    from snmptcp.values import Value, VarBind

__all__ = ("PLAIN", "format_cell", "format_row_json", "format_varbind_json", "has_names", "varbind_object")

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
    """Return a variable binding as a dictionary for JSON; with names, if the formatter has some."""
    oid, value = varbind
    named = has_names(formatter)
    name = {"name": formatter.name(oid)} if named else {}
    return {"oid": str(oid), **name, **_typed(value, formatter), **(_described(value, oid, formatter) if named else {})}


def format_row_json(row: TableRow, formatter: TextFormatter = PLAIN, entry: OID | None = None) -> str:
    """Return a row of a table as a JSON object on one line.

    Args:
        row: the row.
        formatter: prints names and values.
        entry: what the columns stand below; ``None`` for columns without names.
    """
    named = {"indexes": _json_indexes(row.indexes)} if row.indexes else {}
    columns = {str(column): _cell_object(value, column, formatter, entry) for column, value in _cells_of(row)}
    return json.dumps({"index": str(row.index), **named, "columns": columns})


def _cells_of(row: TableRow) -> Iterable[tuple[int, Value]]:
    cells: Iterable[tuple[int, Value]] = row.items()
    return ((column, plain_value(value)) for column, value in cells)


def _cell_object(value: Value, column: int, formatter: TextFormatter, entry: OID | None) -> dict[str, object]:
    if entry is None or not has_names(formatter):
        return _typed(value, formatter)
    oid = entry + column
    return {"name": formatter.name(oid), **_typed(value, formatter), **_described(value, oid, formatter)}


def _json_indexes(indexes: Mapping[str, Value]) -> dict[str, object]:
    """Return the values of the INDEX by name: numbers, and the text of others."""
    return {label: int(value) if isinstance(value, int) else str(value) for label, value in indexes.items()}


def has_names(formatter: TextFormatter) -> bool:
    """Whether a formatter prints names."""
    return formatter.tree is not None and formatter.style.names not in {"numeric", "none"}


def _typed(value: Value, formatter: TextFormatter) -> dict[str, object]:
    """Return a value with the name of its class."""
    return {"type": json_type(value), "value": json_value(value, all_hex=formatter.style.strings == "hex")}


def _described(value: Value, oid: OID, formatter: TextFormatter) -> dict[str, object]:
    """Return what the definition of an object adds: the label of its number, or its text, and its units."""
    if isinstance(value, OID):
        return {"text": formatter.name(value)}
    node = None if formatter.tree is None else formatter.tree.find(oid)[0]
    syntax = None if node is None else node.syntax
    if node is None or syntax is None or not isinstance(value, smi_class(syntax) or ()):
        return {}
    units: dict[str, object] = {"units": node.units} if node.units else {}
    text = format_value(syntax, value)
    if isinstance(value, int) and syntax.labels.get(value) is not None:
        return {"label": text, **units}
    plain = {str(value), str(json_value(value, all_hex=formatter.style.strings == "hex"))}
    return units if text in plain else {"text": text, **units}
