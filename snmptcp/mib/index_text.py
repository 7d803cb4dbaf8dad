"""net-snmp's text of INDEX values, in the forms of its ``-O`` letters.

Contains: formatting the arcs behind a column.  Does not contain: the text of the object before the index
(:mod:`snmptcp.mib.text`), and reading the text of an index (:mod:`snmptcp.mib.index_parsing`).

It differs in one thing: an InetAddress whose type is before it in the INDEX is an address.  net-snmp asks instead
whether the type is the object before it in the module; the two differ for very few tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from snmptcp.mib.addresses import AddressType
from snmptcp.mib.conversion import format_ticks
from snmptcp.mib.hints import format_octets
from snmptcp.mib.indexes import Shape, prepare_index, span_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.mib.indexes import PreparedPart
    from snmptcp.mib.objects import IndexPart, Syntax

__all__ = ("IndexFormatter", "IndexStyle", "dotted")

#: The form of an index: ``quoted`` is net-snmp's default (``.2."public"``), ``escaped`` that of ``-OE``
#: (``.2.\"public\"``), ``extended`` that of ``-OX`` (``[2]["public"]``), ``extended-escaped`` that of ``-OXE``, and
#: ``numeric`` that of ``-Ob`` (``.2.6.112.117.98.108.105.99``).
IndexStyle: TypeAlias = Literal["quoted", "escaped", "extended", "extended-escaped", "numeric"]


class IndexFormatter:
    """Prints indexes as net-snmp's tools print them behind an object's name.

    Args:
        style: the form, see :data:`IndexStyle`; optional, default ``quoted``.
        name_of: returns the name of an OID, for ``extended``; optional, default dotted numbers.
        quick: leave out ``STRING: `` (``-Oq``, ``-OQ``), which ``extended`` has before what a hint shows; optional.
        raw_ticks: show TimeTicks as numbers (``-Ot``); optional.
        two_digits: show two digits of each octet that a hint shows in hexadecimal (``-O0``); optional.
    """

    def __init__(
        self,
        style: IndexStyle = "quoted",
        *,
        name_of: Callable[[Sequence[int]], str] | None = None,
        quick: bool = False,
        raw_ticks: bool = False,
        two_digits: bool = False,
    ) -> None:
        self._numeric = style == "numeric"
        self._extended = style.startswith("extended")
        self._escape = "\\" if style.endswith("escaped") else ""
        self._name_of = name_of
        self._quick = quick
        self._raw_ticks = raw_ticks
        self._two_digits = two_digits

    def format(self, parts: Sequence[IndexPart], arcs: Sequence[int], before: int = 0) -> str:
        """Return the text of an index.

        Where arcs do not fit, the rest is numbers, as net-snmp prints it; with ``extended`` an open bracket shows
        where.

        Args:
            parts: the objects of the INDEX; none for a scalar.
            arcs: the arcs behind the object's name.
            before: the arc of the column, which is before the first of ``arcs``: net-snmp takes it for the type of an
                InetAddress that is the first object; optional.

        Returns:
            The text with the dot or bracket it begins with; ``""`` if there are no arcs.
        """
        if self.shows_numbers(parts):
            return dotted(arcs)
        return self._format(prepare_index(parts).parts, arcs, before)

    def shows_numbers(self, parts: Sequence[IndexPart]) -> bool:
        """Whether the text of an index is its arcs as numbers, whatever they are."""
        return self._numeric or (not self._extended and prepare_index(parts).numbers)

    def _format(self, parts: Sequence[PreparedPart], arcs: Sequence[int], before: int) -> str:
        out: list[str] = []
        opening, closing = ("[", "]") if self._extended else (".", "")
        place, end = 0, len(arcs)
        for part in parts:
            if place >= end:
                break
            span = span_of(part, arcs, place) if part.shown else None
            if span is None:
                return "".join(out) + self._rest(part, arcs[place:])
            start, stop = span
            previous = arcs[place - 1] if place else before
            out.append(f"{opening}{self._text(part, arcs, (place, start, stop), previous)}{closing}")
            place = stop
        out.append(dotted(arcs[place:]))
        return "".join(out)

    def _rest(self, part: PreparedPart, arcs: Sequence[int]) -> str:
        """Return arcs that do not fit, as net-snmp prints them."""
        if not self._extended:
            return dotted(arcs)
        return "[" + (dotted(arcs)[1:] if part.shape is Shape.NETWORK else dotted(arcs))

    def _text(self, part: PreparedPart, arcs: Sequence[int], where: tuple[int, int, int], previous: int) -> str:
        """Return the text of one object.

        Args:
            part: the object.
            arcs: all arcs.
            where: where its arcs begin, where they begin without their number, and where they end.
            previous: the arc before it.
        """
        place, start, stop = where
        if part.shape is Shape.NUMBER:
            return self._number(part.part.syntax, arcs[start])
        if part.shape is Shape.OCTETS:
            return self._octets(part, arcs[start:stop], previous)
        if part.shape is Shape.OID:
            if not self._extended:
                return dotted(arcs[place:stop])[1:]
            inner = arcs[start:stop]
            return self._name_of(inner) if self._name_of is not None else dotted(inner)
        return dotted(arcs[start:stop])[1:]

    def _number(self, syntax: Syntax, arc: int) -> str:
        if syntax.labels:
            label = syntax.labels.get(arc - (1 << 32) if arc >> 31 else arc)
            return str(arc) if label is None else label
        if self._extended and syntax.base == "TimeTicks" and not self._raw_ticks:
            return format_ticks(arc, days_alone=self._quick)
        return str(arc)

    def _octets(self, part: PreparedPart, arcs: Sequence[int], previous: int) -> str:
        syntax = part.part.syntax
        if part.address:
            address = _address(arcs, previous)
            if address is not None:
                return f'"{address}"'
        if self._extended and syntax.own_hint:
            return self._by_hint(syntax.own_hint, bytes(arc & 0xFF for arc in arcs))
        quote = "'" if part.implied or part.fixed is not None else '"'
        quote = self._escape + quote
        return quote + "".join([chr(arc) if 32 <= arc < 127 else "." for arc in arcs]) + quote

    def _by_hint(self, hint: str, octets: bytes) -> str:
        shown = format_octets(hint, octets, net_snmp=True, two_digits=self._two_digits)
        if shown is not None:
            return shown if self._quick else f"STRING: {shown}"
        if octets.isascii() and octets.decode("ascii").isprintable():
            kind, shown = "STRING: ", f'"{octets.decode("ascii")}"'
        else:
            kind, shown = "Hex-STRING: ", octets.hex(" ").upper() + " "
        return f"(Bad hint ignored: {hint}) {'' if self._quick else kind}{shown}"


def dotted(arcs: Sequence[int]) -> str:
    """Return arcs as numbers, each behind a dot."""
    return "." + ".".join(map(str, arcs)) if arcs else ""


def _address(arcs: Sequence[int], address_type: int) -> str | None:
    """Return an InetAddress as net-snmp prints it; ``None`` if it does not fit its type, or is a name."""
    sizes = {AddressType.IPV4: 4, AddressType.IPV6: 16, AddressType.IPV4Z: 8, AddressType.IPV6Z: 20}
    if sizes.get(address_type) != len(arcs) or max(arcs) > 255:
        return None
    if address_type in {AddressType.IPV4, AddressType.IPV4Z}:
        text, zone = ".".join(map(str, arcs[:4])), arcs[4:]
    else:
        text, zone = ":".join([f"{arc:02x}" for arc in arcs[:16]]), arcs[16:]
    return f"{text}%{int.from_bytes(bytes(zone), 'big')}" if zone else text
