"""Values and indexes as the text of labels, by the types of snmp.yml.

Contains: pure functions, one for each type.  Does not contain: which label has which type
(:mod:`snmptcp.exporter.labels`).
"""

from __future__ import annotations

import math
import re
import struct
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.exporter.hints import by_hint
from snmptcp.oid import OID
from snmptcp.values import IpAddress, Null, Opaque

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.exporter.config import Arcs
    from snmptcp.values import Value

__all__ = ("COMBINED", "Taken", "index_text", "number_text", "utf8", "value_text")

#: What stands for a run of octets that are no UTF-8.
_REPLACEMENT = "\ufffd"
_ESCAPED_RUN = re.compile("[\udc80-\udcff]+")

#: No index has more arcs: an OID has at most 128 (RFC 2578 section 3.5).  A longer one is claimed, and not there.
_MOST_ARCS = 128

#: Types that a number before them decides on, and what that number means (RFC 4001, LLDP-MIB).
COMBINED: Mapping[str, Mapping[int, str]] = {
    "InetAddress": {1: "InetAddressIPv4", 2: "InetAddressIPv6"},
    "InetAddressMissingSize": {1: "InetAddressIPv4", 2: "InetAddressIPv6"},
    "LldpPortId": {
        1: "DisplayString",
        2: "DisplayString",
        3: "PhysAddress48",
        5: "DisplayString",
        7: "DisplayString",
    },
}

_NUMBERS = frozenset(("gauge", "counter", "Integer", "Integer32"))
_ENUMS = frozenset(("EnumAsInfo", "EnumAsStateSet"))


class Taken(NamedTuple):
    """What an index is made of.

    Attributes:
        text: the label.
        arcs: its arcs, for look-ups.
        rest: the arcs of the next indexes.
    """

    text: str
    arcs: Arcs
    rest: Arcs


def utf8(octets: bytes) -> str:
    """Return octets as text; each run of octets that are no UTF-8 becomes one replacement character."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return _ESCAPED_RUN.sub(_REPLACEMENT, octets.decode(errors="surrogateescape"))


def number_text(number: float, *, single: bool = False) -> str:
    """Return the shortest decimal text of a number, without an exponent.

    Args:
        number: the number.
        single: whether it has the precision of four octets.
    """
    if isinstance(number, int):
        return str(number)
    if not math.isfinite(number):
        return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}[str(number)]
    text = repr(number)
    if single:
        digits = (f"{number:.{precision}g}" for precision in range(1, 10))
        text = next((each for each in digits if _as_single(float(each)) == number), text)
    shown = format(Decimal(text), "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _as_single(number: float) -> float:
    """Return a number with the precision of four octets."""
    try:
        single: float = struct.unpack(">f", struct.pack(">f", number))[0]
    except OverflowError:  # rounded up, it is above the largest
        return math.inf
    return single


# ---------------------------------------------------------------------------------------------- values


def value_text(value: Value, kind: str, hint: str = "") -> str:
    """Return a value as text.

    Args:
        value: what the agent sent.
        kind: the type of snmp.yml; numbers, OIDs and addresses have their own text in any case.
        hint: the DISPLAY-HINT of an octet string of no other type.
    """
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, IpAddress | OID):
        return str(value)
    if isinstance(value, Opaque):
        number = value.number
        if number is not None:
            return number_text(number, single=len(value) == 7 and value[1] == 0x78)
    if isinstance(value, bytes):
        return _octets_text(value, kind, hint)
    return "" if isinstance(value, Null) else str(value)


def _octets_text(octets: bytes, kind: str, hint: str) -> str:
    if hint and kind in {"", "OctetString"}:
        shown = by_hint(hint, octets)
        if shown is not None:
            return utf8(shown)
    if kind == "DisplayString":
        return utf8(octets)
    if kind in _NUMBERS or kind in {"PhysAddress48", "InetAddressIPv4", "InetAddressIPv6", "IpAddr"}:
        return index_text(tuple(octets), kind).text
    return _hex(octets)


def _hex(octets: bytes) -> str:
    return f"0x{octets.hex().upper()}" if octets else ""


# ---------------------------------------------------------------------------------------------- indexes


def index_text(
    arcs: Arcs,
    kind: str,
    *,
    fixed_size: int = 0,
    implied: bool = False,
    enum_values: Mapping[int, str] | None = None,
) -> Taken:
    """Return the text of the first index in some arcs (RFC 2578 section 7.7).

    Arcs that are missing at the end are zeros: some routers leave them out.

    Args:
        arcs: the index, and those after it.
        kind: its type.
        fixed_size: the length of a string that always has it; 0 if the first arc is the length.
        implied: whether a string goes to the end.
        enum_values: names of numbers.
    """
    if kind in COMBINED:
        return _combined(arcs, kind)
    if kind in _NUMBERS or kind in _ENUMS:
        first, rest = _split(arcs, 1)
        text = str(first[0])
        if kind in _ENUMS and enum_values:
            text = enum_values.get(first[0], text)
        return Taken(text, first, rest)
    if kind == "PhysAddress48":
        first, rest = _split(arcs, 6)
        return Taken(":".join(f"{arc:02X}" for arc in first), first, rest)
    if kind in {"InetAddressIPv4", "IpAddr"}:
        first, rest = _split(arcs, 4)
        return Taken(".".join(map(str, first)), first, rest)
    if kind == "InetAddressIPv6":
        first, rest = _split(arcs, 16)
        digits = [f"{arc:02X}" for arc in first]
        return Taken(":".join(map("".join, zip(digits[::2], digits[1::2], strict=True))), first, rest)
    taken, octets, rest = _string(arcs, fixed_size, implied=implied)
    return Taken(utf8(octets) if kind == "DisplayString" else _hex(octets), taken, rest)


def _split(arcs: Arcs, count: int) -> tuple[Arcs, Arcs]:
    """Return so many arcs, with zeros in the place of those that are missing, and the rest."""
    first = arcs[:count]
    if len(first) < count:
        first += (0,) * (min(count, max(len(first), _MOST_ARCS)) - len(first))
    return first, arcs[count:]


def _string(arcs: Arcs, fixed_size: int, *, implied: bool) -> tuple[Arcs, bytes, Arcs]:
    """Return the arcs of a string, its octets, and the rest."""
    head: Arcs = ()
    length = len(arcs) if implied else fixed_size
    if length == 0:
        head, arcs = _split(arcs, 1)
        length = head[0]
    content, rest = _split(arcs, length)
    return head + content, bytes(arc & 0xFF for arc in content), rest


def _combined(arcs: Arcs, kind: str) -> Taken:
    """Return an address or a port behind the number that tells its type, and its length."""
    head, rest = _split(arcs, 1 if kind == "InetAddressMissingSize" else 2)
    actual = COMBINED[kind].get(head[0])
    if actual is not None:
        # The length was before it: a string must not look for another one.
        size = head[1] if actual == "DisplayString" else 0
        if actual == "DisplayString" and size == 0:
            return Taken("", head, rest)
        taken = index_text(rest, actual, fixed_size=size)
        return Taken(taken.text, head + taken.arcs, taken.rest)
    if kind == "InetAddressMissingSize":  # nothing tells where it ends
        return index_text(arcs, "OctetString", implied=True)
    return index_text(arcs, "OctetString", fixed_size=min(head[1], _MOST_ARCS) + 2)
