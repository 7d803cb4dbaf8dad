r"""net-snmp's text of names and variable bindings, by all letters of its option ``-O``.

Contains: the text that net-snmp's tools print.  Does not contain: indexes (:mod:`snmptcp.mib.index_text`), display
hints (:mod:`snmptcp.mib.hints`), and the tree of names (:mod:`snmptcp.mib.mib`), without which names are numbers.

The text has no control sequences for a terminal.  A string without a display hint is shown in hex unless it consists
of printable ASCII, tabs and line ends (``\n`` and ``\r\n``): net-snmp has the same rule, but prints form feeds,
vertical tabs and single carriage returns as text.  What a display hint shows has escapes (``\x1b``) for other
characters that are not printable, and for octets that are not UTF-8, which net-snmp writes as they are.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeAlias

from snmptcp.errors import ConfigurationError
from snmptcp.mib.addresses import has_convention
from snmptcp.mib.conversion import format_ticks, smi_class
from snmptcp.mib.hints import format_integer, format_octets
from snmptcp.mib.index_text import IndexFormatter, dotted
from snmptcp.mib.objects import NodeKind
from snmptcp.mib.values import NamedOid, bits_of
from snmptcp.oid import OID
from snmptcp.values import (
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
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.mib.index_text import IndexStyle
    from snmptcp.mib.objects import Node, Syntax
    from snmptcp.values import Value, VarBind

__all__ = ("DEFAULT", "NUMERIC", "OUTPUT_LETTERS", "TextFormatter", "TextStyle", "Tree", "is_plain_text")

#: The form of names: ``module`` is net-snmp's default, ``IF-MIB::ifDescr.1`` (``-OS``), ``suffix`` that of ``-Os``
#: (``ifDescr.1``), ``full`` that of ``-Of`` (``.iso.org.dod...ifEntry.ifDescr.1``), ``ucd`` that of ``-Ou``
#: (``interfaces.ifTable.ifEntry.ifDescr.1``), ``numeric`` that of ``-On``, ``none`` no text; that one has no letter.
NameStyle: TypeAlias = Literal["module", "suffix", "full", "ucd", "numeric", "none"]


class Tree(Protocol):
    """Knows the names of OIDs."""

    def find(self, oid: OID) -> tuple[Node | None, OID]:
        """Return the deepest named node above or at an OID, and the fragment behind it."""
        ...


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How to print names and values; the fields are the letters of net-snmp's option ``-O``.

    Attributes:
        names: the form of names (``s``, ``S``, ``f``, ``u``, ``n``).
        numeric_index: indexes are numbers (``b``).
        extended_index: indexes are in brackets (``X``).
        escape_quotes: quotes in indexes have a backslash (``E``).
        numeric_enums: enumerations are numbers (``e``).
        quick: leave out the type (``q``, ``Q``).
        equals_sign: print `` = `` between name and value (the default, and ``Q``).
        wrong_types: say so if a value is not of its object's type (not with ``Q``).
        values_only: leave out the name (``v``).
        strings: strings without a display hint are hex (``x``) or text (``a``), or what their octets are.
        plain_ticks: TimeTicks are a number (``t``).
        text_behind_hex: print text after hex (``T``).
        units: print the units of numbers (not with ``U``).
        two_digits: print two digits of each octet that a hint shows in hexadecimal (``0``).
        precision: the width and precision of floats, as in ``%.2f`` (``p.2``); six digits behind the point if empty.
        hex_length: how many octets of hex stand in a line, 0 for all; there is no letter for it.
        hints: whether values, not indexes, are shown by their display hints (not with net-snmp's ``-Ih``).
    """

    names: NameStyle = "module"
    numeric_index: bool = False
    extended_index: bool = False
    escape_quotes: bool = False
    numeric_enums: bool = False
    quick: bool = False
    equals_sign: bool = True
    wrong_types: bool = True
    values_only: bool = False
    strings: Literal["suggested", "hex", "text"] = "suggested"
    plain_ticks: bool = False
    text_behind_hex: bool = False
    units: bool = True
    two_digits: bool = False
    precision: str = ""
    hex_length: int = 16
    hints: bool = True

    def with_letters(self, letters: str) -> TextStyle:
        """Return the style after more letters of ``-O``, which change it as net-snmp's do: most of them toggle.

        Raises:
            ConfigurationError: an unknown letter, or a precision that is none.
        """
        style = self
        for position, letter in enumerate(letters):
            if letter == "p":
                return dataclasses.replace(style, precision=_precision(letters[position + 1 :]))
            change = _CHANGES.get(letter)
            if change is None:
                raise ConfigurationError(f"-O takes the letters {', '.join(OUTPUT_LETTERS)}, not {letter!r}")
            style = dataclasses.replace(style, **change(style))
        return style

    @property
    def index_style(self) -> IndexStyle:
        """The form of indexes."""
        if self.numeric_index:
            return "numeric"
        if self.extended_index:
            return "extended-escaped" if self.escape_quotes else "extended"
        return "escaped" if self.escape_quotes else "quoted"


#: The letters of ``-O``.
OUTPUT_LETTERS = {
    "n": "names as numbers",
    "s": "names without module",
    "S": "names with module (the default)",
    "f": "names with all that is above them",
    "u": "names as UCD-SNMP prints them",
    "b": "indexes as numbers",
    "X": "indexes in brackets",
    "E": "quotes in indexes escaped",
    "q": "quick: no types",
    "Q": "quick, with equals signs",
    "v": "values only",
    "e": "enumerations as numbers",
    "x": "strings in hex",
    "a": "strings as text, with dots for unprintable octets",
    "t": "TimeTicks as a number",
    "T": "text after hex",
    "U": "no units",
    "0": "two digits for each octet in hex",
    "p": "the precision of floats, as in -Op.2",
}


def _toggle(field: str) -> Callable[[TextStyle], dict[str, Any]]:
    return lambda style: {field: not getattr(style, field)}


def _set(field: str, value: str) -> Callable[[TextStyle], dict[str, Any]]:
    return lambda _: {field: value}


_CHANGES: dict[str, Callable[[TextStyle], dict[str, Any]]] = {
    "n": _set("names", "numeric"),
    "s": _set("names", "suffix"),
    "S": _set("names", "module"),
    "f": _set("names", "full"),
    "u": _set("names", "ucd"),
    "b": _toggle("numeric_index"),
    "X": _toggle("extended_index"),
    "E": _toggle("escape_quotes"),
    "q": lambda style: {"quick": not style.quick, "equals_sign": style.quick or not style.wrong_types},
    "Q": lambda style: {"quick": not style.quick, "equals_sign": True, "wrong_types": False},
    "v": _toggle("values_only"),
    "e": _toggle("numeric_enums"),
    "x": _set("strings", "hex"),
    "a": _set("strings", "text"),
    "t": _toggle("plain_ticks"),
    "T": _toggle("text_behind_hex"),
    "U": _toggle("units"),
    "0": _toggle("two_digits"),
}


def _precision(text: str) -> str:
    """Return the width and precision of floats, without the percent sign and the letter that may be around them."""
    match = re.fullmatch(r"%?([-+ #0]{0,5}[0-9]{0,2}(?:\.[0-9]{0,3})?)f?", text, re.ASCII)
    if match is None or not match[1]:
        raise ConfigurationError(f"-Op needs a precision directly after it, as in -Op.2, not {text!r}")
    return match[1]


#: net-snmp's style without ``-O``, and that with ``-On``.
DEFAULT = TextStyle()
NUMERIC = TextStyle(names="numeric")

# ------------------------------------------------------------------------------------------- names

#: The names of the first arcs, which no module defines (X.660).
_ROOTS = {0: "ccitt", 1: "iso", 2: "joint-iso-ccitt"}

#: What ``-Ou`` leaves out.
_UCD_PREFIXES = (
    ".iso.org.dod.internet.mgmt.mib-2.",
    ".iso.org.dod.internet.experimental.",
    ".iso.org.dod.internet.private.",
)

_ABSENCE: dict[type, str] = {
    NoSuchObject: "No Such Object available on this agent at this OID",
    NoSuchInstance: "No Such Instance currently exists at this OID",
    EndOfMibView: "No more variables left in this MIB View (It is past the end of the MIB tree)",
}


#: The types of objects that net-snmp calls otherwise than their modules do.
_NETWORK = "NetworkAddress"
_TYPE_NAMES = {"Unsigned32": "Gauge32 or Unsigned32", "Gauge32": "Gauge32 or Unsigned32", "TimeTicks": "Timeticks"}


class _Known(NamedTuple):
    """How a node is printed in one style.

    Attributes:
        node: the node.
        name: its name.
        tail: prints the arcs behind it.
    """

    node: Node
    name: str
    tail: Callable[[Sequence[int]], str]


class TextFormatter:
    """Prints names, values and variable bindings as net-snmp's tools do.

    Args:
        tree: the names; ``None`` for numbers alone, and for values as their types say.
        style: how to print; by default as net-snmp without ``-O``.
    """

    def __init__(self, tree: Tree | None, style: TextStyle = DEFAULT) -> None:
        self.tree = tree
        self.style = style
        self._known: dict[bytes, _Known] = {}
        self._paths: dict[OID, str] = {}  # what -Of prints of the nodes above others
        self._indexes = IndexFormatter(
            style.index_style,
            name_of=self._name_of_arcs,
            quick=style.quick,
            raw_ticks=style.plain_ticks,
            two_digits=style.two_digits,
        )

    def varbind(self, varbind: VarBind) -> str:
        """Return the text of a variable binding; a long value has several lines."""
        node, fragment = self._find(varbind.oid)
        text = self._value(varbind.value, node)
        if self.style.values_only:
            return text
        return f"{self._name(varbind.oid, node, fragment)}{' = ' if self.style.equals_sign else ' '}{text}"

    def name(self, oid: OID) -> str:
        """Return the text of an OID."""
        if self.style.names == "numeric":
            return f".{oid}"
        return self._name(oid, *self._find(oid))

    def value(self, value: Value, oid: OID | None = None) -> str:
        """Return the text of a value of the object at an OID; without one, what its type says."""
        return self._value(value, None if oid is None else self._find(oid)[0])

    def _find(self, oid: OID) -> tuple[Node | None, OID]:
        return (None, oid) if self.tree is None else self.tree.find(oid)

    # --------------------------------------------------------------------------------------- names

    def _name(self, oid: OID, node: Node | None, fragment: OID) -> str:
        style = self.style.names
        if style == "numeric":
            return f".{oid}"
        if style == "none":
            return ""
        if node is None:
            text = self._rooted(oid)
        else:
            known = self._known.get(node.oid.key)
            if known is None or known.node is not node:
                known = self._known[node.oid.key] = _Known(node, self._node_name(node), self._tail(node))
            arcs = fragment.arcs
            text = known.name + known.tail(arcs) if arcs else known.name
        if style == "ucd":
            return next((text[len(prefix) :] for prefix in _UCD_PREFIXES if text.startswith(prefix)), text)
        return text

    def _rooted(self, oid: OID) -> str:
        """Return the text of an OID of which no module names a part."""
        arcs = oid.arcs
        if not arcs or arcs[0] not in _ROOTS:
            return f".{oid}"
        dot = "." if self.style.names in {"full", "ucd"} else ""
        return dot + ".".join((_ROOTS[arcs[0]], *map(str, arcs[1:])))

    def _node_name(self, node: Node) -> str:
        if len(node.oid) == 1:
            return self._rooted(node.oid)
        if self.style.names == "suffix":
            return node.label
        if self.style.names == "module":
            return node.name
        return f"{self._path(node.oid[:-1])}.{node.label}"

    def _path(self, oid: OID) -> str:
        """Return the labels of an OID and of all above it."""
        known = self._paths.get(oid)
        if known is None:
            above = self._path(oid[:-1]) if len(oid) > 1 else ""
            known = self._paths[oid] = f"{above}.{self._label_at(oid)}"
        return known

    def _label_at(self, oid: OID) -> str:
        """Return the label of a node, or its last arc if it has none."""
        if len(oid) == 1:
            return _ROOTS.get(oid[0], str(oid))
        node, fragment = self._find(oid)
        return node.label if node is not None and not len(fragment) else str(oid[-1])

    def _tail(self, node: Node) -> Callable[[Sequence[int]], str]:
        """Return how to print what is behind a node: an index behind a column, or behind an unknown column of a row."""
        if node.kind is NodeKind.ROW:
            return lambda arcs: f".{arcs[0]}{self._index_of(node, arcs[1:], arcs[0])}"
        if node.kind is NodeKind.COLUMN and not self._indexes.shows_numbers(node.index):
            before = node.oid[-1]
            return lambda arcs: self._index_of(node, arcs, before)
        return dotted

    def _index_of(self, node: Node, arcs: Sequence[int], before: int) -> str:
        return _safe(self._indexes.format(node.index, arcs, before))

    def _name_of_arcs(self, arcs: Sequence[int]) -> str:
        try:
            return self.name(OID(arcs))
        except ConfigurationError:
            return "".join(f".{arc}" for arc in arcs)

    # -------------------------------------------------------------------------------------- values

    def _value(self, value: Value, node: Node | None) -> str:
        absence = _ABSENCE.get(type(value))
        if absence is not None:
            return absence
        if node is None or node.kind not in _WITH_VALUES or node.syntax is None:
            return self._by_type(value)
        syntax = node.syntax
        kind = smi_class(syntax)
        if kind is None:
            return self._by_type(value)
        if not isinstance(value, kind) and not (kind is Counter64 and _is_opaque_integer(value)):
            name = _NETWORK if has_convention(syntax, _NETWORK) else _TYPE_NAMES.get(syntax.base, syntax.base)
            complaint = f"Wrong Type (should be {name}): " if self.style.wrong_types else ""
            return complaint + self._by_type(value)
        text, has_units = self._by_syntax(value, syntax)
        return f"{text} {node.units}" if node.units and has_units and self.style.units else text

    def _by_syntax(self, value: Value, syntax: Syntax) -> tuple[str, bool]:
        """Return the text of a value of the right type, and whether the unit of its object follows."""
        if syntax.base == "BITS" and isinstance(value, OctetString):
            return self._bits(value, syntax), False
        if isinstance(value, OctetString):
            return self._hinted_octets(value, syntax.own_hint if self.style.hints else "")
        if isinstance(value, (Integer32, Gauge32)):
            return self._label(value.name) + self._number(value, syntax), True
        if isinstance(value, IpAddress):
            return self._address(value, syntax), False
        return self._by_type(value), not (isinstance(value, TimeTicks) and self.style.plain_ticks)

    def _label(self, name: str) -> str:
        return "" if self.style.quick else f"{name}: "

    def _number(self, value: int, syntax: Syntax) -> str:
        label = syntax.labels.get(value) if syntax.base == "INTEGER" and not self.style.numeric_enums else None
        if label is not None:
            return label if self.style.quick else f"{label}({int(value)})"
        shown = format_integer(syntax.hint, value) if syntax.hint and self.style.hints else None
        return str(int(value)) if shown is None else shown

    def _hinted_octets(self, value: OctetString, hint: str) -> tuple[str, bool]:
        if not hint:
            return self._octets(value), bool(value)
        shown = format_octets(hint, value, net_snmp=True, two_digits=self.style.two_digits)
        if shown is None:
            return f"(Bad hint ignored: {hint}) {self._octets(value)}", False
        return self._label("STRING") + _safe(shown), True

    def _bits(self, value: OctetString, syntax: Syntax) -> str:
        octets = self._hex_lines(value)
        if self.style.quick:
            return f'"{octets}"'
        labels = {} if self.style.numeric_enums else syntax.labels
        names = [f"{labels[bit]}({bit}) " if bit in labels else f"{bit} " for bit in bits_of(value)]
        return f"BITS: {octets}{''.join(names)}"

    def _address(self, value: IpAddress, syntax: Syntax) -> str:
        if has_convention(syntax, _NETWORK):
            return self._label("Network Address") + value.hex(":").upper()
        return self._by_type(value)

    def _by_type(self, value: Value) -> str:
        """Return the text of a value by its own type alone."""
        if isinstance(value, TimeTicks):
            return self._ticks(value)
        if isinstance(value, int):
            return f"{self._label(value.name)}{int(value)}"
        if isinstance(value, OctetString):
            return self._octets(value)
        if isinstance(value, Opaque):
            return self._opaque(value)
        if isinstance(value, OID):
            return self._label("OID") + self.name(value.plain() if isinstance(value, NamedOid) else value)
        if isinstance(value, NsapAddress):
            return self._label(value.name) + self._hex_lines(value)
        if isinstance(value, Null):
            return "NULL"
        return f"{self._label(value.name)}{value}"

    def _octets(self, value: OctetString) -> str:
        if not value:
            return '""'
        strings = self.style.strings
        if strings == "text" or (strings == "suggested" and is_plain_text(value)):
            text = _NOT_TEXT.sub(b".", value).decode("ascii").replace("\\", "\\\\").replace('"', '\\"')
            return f'{self._label("STRING")}"{text}"'
        octets = self._hex_lines(value)
        return f'"{octets}"' if self.style.quick else f"Hex-STRING: {octets}"

    def _opaque(self, value: Opaque) -> str:
        number = value.number
        if number is None:
            return self._label("OPAQUE") + self._hex_lines(value)
        if isinstance(number, int):
            return self._label(f"Opaque: {_OPAQUE_INTEGERS[value[1]]}") + str(number)
        return self._label("Opaque: Float") + f"%{self.style.precision}f" % number

    def _ticks(self, value: TimeTicks) -> str:
        if self.style.plain_ticks:
            return str(int(value))
        time = format_ticks(value, days_alone=self.style.quick)
        return time if self.style.quick else f"Timeticks: ({int(value)}) {time}"

    def _hex_lines(self, octets: bytes) -> str:
        """Return octets in hex, each followed by a blank, in lines."""
        lines = []
        length = self.style.hex_length or len(octets) or 1
        for start in range(0, len(octets), length) or (0,):
            line = octets[start : start + length]
            text = f"{line.hex(' ').upper()} " if line else ""
            if self.style.text_behind_hex:
                text += f"  [{_NOT_PRINTABLE.sub(b'.', line).decode('ascii')}]"
            lines.append(text)
        return "\n".join(lines)


#: The nodes whose syntax values have.
_WITH_VALUES = (NodeKind.SCALAR, NodeKind.COLUMN)

_TEXT = re.compile(rb"(?:[\x20-\x7e\t\n]|\r\n)*")
_NOT_TEXT = re.compile(rb"\r(?!\n)|[^\x20-\x7e\t\n\r]")
_NOT_PRINTABLE = re.compile(rb"[^\x20-\x7e]")

#: The names of the integers that net-snmp puts into an Opaque, by their second octet.
_OPAQUE_INTEGERS = {0x76: "Counter64", 0x7A: "Int64", 0x7B: "UInt64"}


def is_plain_text(octets: bytes) -> bool:
    """Whether a string without a display hint is shown as text."""
    return _TEXT.fullmatch(octets) is not None


def _is_opaque_integer(value: Value) -> bool:
    return isinstance(value, Opaque) and isinstance(value.number, int)


def _safe(text: str) -> str:
    """Return a text with escapes for what could control a terminal, and for octets that are not UTF-8."""
    return text if text.isprintable() else _CONTROL.sub(_escaped, text)


#: A carriage return without line feed, and single characters that may be unprintable.
_CONTROL = re.compile(r"\r\n|[^\t\n\x20-\x7e]")


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\r\n" or character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":  # surrogateescape
        return f"\\x{ord(character) - 0xDC00:02x}"
    return f"\\x{ord(character):02x}" if character < "\x80" else ascii(character)[1:-1]
