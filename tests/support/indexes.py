"""Objects of an INDEX of every kind, and their arcs, for tests of indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snmptcp.mib import IndexPart, Syntax
from snmptcp.mib.index_text import IndexFormatter

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("SYNTAXES", "V6", "V6_TEXT", "arcs", "format_index", "octets", "parts")


def octets(name: str = "OCTET STRING", hint: str = "", *sizes: tuple[int, int]) -> Syntax:
    return Syntax(name, "OCTET STRING", hint, sizes=sizes, conventions=(name,) if name != "OCTET STRING" else ())


SYNTAXES = {
    "int": Syntax("Integer32", "INTEGER"),
    "enum": Syntax("INTEGER", "INTEGER", labels={1: "up", 2: "down", -1: "minus", 300: "big"}),
    "uns": Syntax("Unsigned32", "Unsigned32"),
    "gauge": Syntax("Gauge32", "Gauge32"),
    "counter": Syntax("Counter32", "Counter32"),
    "tick": Syntax("TimeTicks", "TimeTicks"),
    "str": octets(),
    "text": octets("SnmpAdminString", "255t", (0, 255)),
    "fix": octets("OCTET STRING", "", (4, 4)),
    "mac": octets("MacAddress", "1x:", (6, 6)),
    "phys": octets("PhysAddress", "1x:"),
    "date": octets("DateAndTime", "2d-1d-1d,1d:1d:1d.1d,1a1d:1d", (8, 8), (11, 11)),
    "odd": octets("OddString", "1z"),
    "oid": Syntax("OBJECT IDENTIFIER", "OBJECT IDENTIFIER"),
    "ip": Syntax("IpAddress", "IpAddress"),
    "net": Syntax("NetworkAddress", "IpAddress"),
    "bits": Syntax("BITS", "BITS", labels={0: "a", 1: "b", 9: "c"}),
    "type": Syntax(
        "InetAddressType",
        "INTEGER",
        labels={0: "unknown", 1: "ipv4", 2: "ipv6", 3: "ipv4z", 4: "ipv6z", 16: "dns"},
        conventions=("InetAddressType",),
    ),
    "inet": octets("InetAddress", "", (0, 255)),
    "own": Syntax("AcmeAddress", "OCTET STRING", conventions=("AcmeAddress", "InetAddress")),
    "what": Syntax("Whatever", ""),
}


def parts(names: str) -> tuple[IndexPart, ...]:
    """Return the objects of an INDEX: ``"int str!"``, with ``!`` for IMPLIED."""
    return tuple(
        IndexPart(name.rstrip("!"), "ACME-MIB", SYNTAXES[name.rstrip("!")], implied=name.endswith("!"))
        for name in names.split()
    )


def arcs(text: str) -> list[int]:
    return [int(arc) for arc in text.split(".")] if text else []


V6 = "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"
V6_TEXT = "20:01:0d:b8:00:00:00:00:00:00:00:00:00:00:00:01"


def format_index(parts: Sequence[IndexPart], arcs: Sequence[int], before: int = 0, **style: Any) -> str:
    """Return the text of one index in one style."""
    return IndexFormatter(**style).format(parts, arcs, before)
