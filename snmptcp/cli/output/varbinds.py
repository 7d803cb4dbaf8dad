r"""Variable bindings as text: the format of net-snmp's tools with ``-On``, and JSON.

Contains: formatting values.  Does not contain: printing.

The text is ASCII, without control sequences for a terminal: a string is shown in hex unless it consists of printable
ASCII, tabs and line ends (``\n`` and ``\r\n``).  net-snmp has the same rule, but prints form feeds, vertical tabs and
single carriage returns as text.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from typing import TYPE_CHECKING, Any, Literal

from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.values import (
    EndOfMibView,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    NsapAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snmptcp.protocol.table import TableRow
    from snmptcp.values import Value, VarBind

__all__ = (
    "OUTPUT_LETTERS",
    "PLAIN",
    "Style",
    "format_cell",
    "format_row_json",
    "format_time",
    "format_value",
    "format_varbind",
    "format_varbind_json",
    "varbind_object",
)

_TEXT = re.compile(rb"(?:[\x20-\x7e\t\n]|\r\n)*")
_NOT_TEXT = re.compile(rb"\r(?!\n)|[^\x20-\x7e\t\n\r]")
_NOT_PRINTABLE = re.compile(rb"[^\x20-\x7e]")

OCTETS_PER_LINE = 16

#: Hundredths of a second.
_DAY, _HOUR, _MINUTE = 8640000, 360000, 6000

_ABSENCE: dict[type, str] = {
    NoSuchObject: "No Such Object available on this agent at this OID",
    NoSuchInstance: "No Such Instance currently exists at this OID",
    EndOfMibView: "No more variables left in this MIB View (It is past the end of the MIB tree)",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Style:
    """How to print values; each field is a letter of net-snmp's option ``-O``."""

    #: ``q``, ``Q``: omit the type.
    quick: bool = False
    #: ``Q``, and the default: " = " between name and value.
    equals_sign: bool = True
    #: ``v``: omit the name.
    values_only: bool = False
    #: ``x``: strings in hex; ``a``: strings as text; otherwise it depends on their octets.
    strings: Literal["suggested", "hex", "text"] = "suggested"
    #: ``t``: TimeTicks as a number.
    plain_ticks: bool = False
    #: ``T``: text after hex.
    text_behind_hex: bool = False

    def with_letters(self, letters: str) -> Style:
        """Return the style after more letters of ``-O``.

        Raises:
            ConfigurationError: a letter that is unknown, or that needs MIB files.
        """
        style = self
        for letter in letters:
            change = _CHANGES.get(letter)
            if letter in _NAME_LETTERS:
                raise ConfigurationError(f"-O{letter} is for names of MIB files, and snmptcp reads none: use -On")
            if letter == "p":
                raise ConfigurationError("-Op is not supported: numbers have six digits behind the point")
            if change is None:
                raise ConfigurationError(f"-O takes the letters {', '.join(OUTPUT_LETTERS)}, not {letter!r}")
            style = dataclasses.replace(style, **change)
        return style


#: The letters of ``-O``.
OUTPUT_LETTERS = {
    "n": "names as numbers (always)",
    "q": "quick: no types",
    "Q": "quick, with equals signs",
    "v": "values only",
    "x": "strings in hex",
    "a": "strings as text, with dots for unprintable octets",
    "t": "TimeTicks as a number",
    "T": "text after hex",
    "e": "enumerations as numbers (always)",
    "U": "no units (always)",
    "b": "indexes as numbers (always)",
    "E": "quotes in indexes escaped (indexes have none)",
    "0": "two digits for each octet in hex (always)",
}

#: net-snmp's letters that choose a form of names other than numbers.
_NAME_LETTERS = frozenset("sSfuX")

_CHANGES: dict[str, dict[str, Any]] = {
    "n": {},
    "q": {"quick": True, "equals_sign": False},
    "Q": {"quick": True, "equals_sign": True},
    "v": {"values_only": True},
    "x": {"strings": "hex"},
    "a": {"strings": "text"},
    "t": {"plain_ticks": True},
    "T": {"text_behind_hex": True},
    "e": {},
    "U": {},
    "b": {},
    "E": {},
    "0": {},
}

PLAIN = Style()

# --------------------------------------------------------------------------------------- as net-snmp


def format_varbind(varbind: VarBind, style: Style = PLAIN) -> str:
    """Return a variable binding in net-snmp's format; a long value has several lines."""
    text = format_value(varbind.value, style)
    if style.values_only:
        return text
    return f".{varbind.oid}{' = ' if style.equals_sign else ' '}{text}"


def format_value(value: Value, style: Style = PLAIN) -> str:
    """Return a value in net-snmp's format."""
    if isinstance(value, OctetString):
        return _format_string(value, style)
    if isinstance(value, Opaque):
        return _format_opaque(value, style)
    if isinstance(value, TimeTicks):
        return _format_ticks(value, style)
    if isinstance(value, Null):
        return "NULL"
    if isinstance(value, (NoSuchObject, NoSuchInstance, EndOfMibView)):
        return _ABSENCE[type(value)]
    if isinstance(value, NsapAddress):
        label, text = value.name, _hex_lines(value, style)
    elif isinstance(value, OID):
        label, text = "OID", f".{value}"
    else:
        label, text = value.name, str(value)
    return text if style.quick else f"{label}: {text}"


def _format_string(value: OctetString, style: Style) -> str:
    if not value:
        return '""'
    if style.strings == "text" or (style.strings == "suggested" and _TEXT.fullmatch(value)):
        text = _NOT_TEXT.sub(b".", value).decode("ascii").replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"' if style.quick else f'STRING: "{text}"'
    octets = _hex_lines(value, style)
    return f'"{octets}"' if style.quick else f"Hex-STRING: {octets}"


def _format_opaque(value: Opaque, style: Style) -> str:
    number = value.number
    if number is not None:
        return f"{number:f}" if style.quick else f"Opaque: Float: {number:f}"
    octets = _hex_lines(value, style)
    return octets if style.quick else f"OPAQUE: {octets}"


def _format_ticks(value: TimeTicks, style: Style) -> str:
    if style.plain_ticks:
        return str(value)
    if style.quick:
        days, time = _days_and_time(value)
        return f"{days}:{time}"
    return f"Timeticks: ({value}) {format_time(value)}"


def format_time(value: TimeTicks) -> str:
    """Return a time as net-snmp does: ``12 days, 1:02:03.04``."""
    days, time = _days_and_time(value)
    count = "" if not days else "1 day, " if days == 1 else f"{days} days, "
    return f"{count}{time}"


def _days_and_time(value: TimeTicks) -> tuple[int, str]:
    days, rest = divmod(int(value), _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    seconds, hundredths = divmod(rest, 100)
    return days, f"{hours}:{minutes:02}:{seconds:02}.{hundredths:02}"


def _hex_lines(octets: bytes, style: Style) -> str:
    """Return octets in hex, each followed by a blank, 16 to a line."""
    lines = []
    for start in range(0, len(octets), OCTETS_PER_LINE) or (0,):
        line = octets[start : start + OCTETS_PER_LINE]
        text = f"{line.hex(' ').upper()} " if line else ""
        if style.text_behind_hex:
            text += f"  [{_NOT_PRINTABLE.sub(b'.', line).decode('ascii')}]"
        lines.append(text)
    return "\n".join(lines)


# ---------------------------------------------------------------------------------------- in a table


def format_cell(value: Value) -> str:
    """Return a value on one line, without its type."""
    if isinstance(value, OctetString) and _TEXT.fullmatch(value):
        return " ".join(value.decode("ascii").split())
    if isinstance(value, bytes) and not isinstance(value, IpAddress):
        number = value.number if isinstance(value, Opaque) else None
        return value.hex(" ").upper() if number is None else f"{number:g}"
    if isinstance(value, OID):
        return str(value)
    return format_value(value, Style(quick=True))


# ------------------------------------------------------------------------------------------- as JSON


def format_varbind_json(varbind: VarBind, style: Style = PLAIN) -> str:
    """Return a variable binding as a JSON object on one line."""
    return json.dumps(varbind_object(varbind, style))


def varbind_object(varbind: VarBind, style: Style = PLAIN) -> dict[str, object]:
    """Return a variable binding as a dictionary for JSON."""
    return {"oid": str(varbind.oid), **_typed(varbind.value, style)}


def format_row_json(row: TableRow, style: Style = PLAIN) -> str:
    """Return a row of a table as a JSON object on one line."""
    cells: Iterable[tuple[int, Value]] = row.items()
    return json.dumps(
        {"index": str(row.index), "columns": {str(column): _typed(value, style) for column, value in cells}}
    )


def _typed(value: Value, style: Style) -> dict[str, object]:
    """Return a value with the name of its class."""
    kind = "ObjectIdentifier" if isinstance(value, OID) else type(value).__name__
    return {"type": kind, "value": _json_value(value, style)}


def _json_value(value: Value, style: Style) -> object:
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
