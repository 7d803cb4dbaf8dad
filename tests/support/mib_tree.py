"""A tree of names made by hand, so that tests of text need no compiler: every type, and indexes of every form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.mib import IndexPart, Node, NodeKind, Syntax
from snmptcp.oid import OID

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("ACME", "ACME_TREE", "HandMadeTree")

#: Where the module ACME-TEXT-MIB is.
ACME = OID("1.3.6.1.4.1.55555")


class HandMadeTree:
    """Finds nodes as :class:`snmptcp.mib.Mib` does.

    Attributes:
        nodes: the nodes by OID.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = {node.oid: node for node in nodes}

    def find(self, oid: OID) -> tuple[Node | None, OID]:
        """Return the deepest named node above or at an OID, and the fragment behind it."""
        for length in range(len(oid), 0, -1):
            node = self.nodes.get(oid[:length])
            if node is not None:
                return node, OID.fragment(oid.arcs[length:])
        return None, oid


def _octets(name: str, hint: str = "") -> Syntax:
    conventions = () if name == "OCTET STRING" else (name,)
    return Syntax(name, "OCTET STRING", hint, conventions=conventions)


_STATES = {1: "up", 2: "down", 3: "testing"}
_COLORS = {1: "red", 2: "green", -3: "blue"}
_COLOR = Syntax("AcmeColor", "INTEGER", labels=_COLORS, conventions=("AcmeColor",))

#: The scalars: label, syntax, units.
_SCALARS: list[tuple[str, Syntax, str]] = [
    ("acInt", Syntax("Integer32", "INTEGER"), "volts"),
    ("acEnum", Syntax("INTEGER", "INTEGER", labels=_STATES), "states"),
    ("acTenth", Syntax("Tenth", "INTEGER", "d-1"), "degrees"),
    ("acHex", Syntax("Hex", "Unsigned32", "x"), "hexes"),
    ("acGauge", Syntax("Gauge32", "Gauge32"), "g"),
    ("acCounter", Syntax("Counter32", "Counter32"), "c"),
    ("acCounter64", Syntax("Counter64", "Counter64"), "cc"),
    ("acTicks", Syntax("TimeTicks", "TimeTicks"), "centis"),
    ("acIp", Syntax("IpAddress", "IpAddress"), "ips"),
    ("acOctets", _octets("OCTET STRING"), "octets"),
    ("acDisplay", _octets("DisplayString", "255a"), "chars"),
    ("acMac", _octets("MacAddress", "1x:"), "macs"),
    ("acOid", Syntax("OBJECT IDENTIFIER", "OBJECT IDENTIFIER"), "oids"),
    ("acBits", Syntax("BITS", "BITS", labels={0: "first", 1: "second", 9: "third"}), "bits"),
    ("acOpaque", Syntax("Opaque", "Opaque"), "ops"),
    ("acColor", _COLOR, ""),
    ("acBadHint", _octets("BadHint", "1z"), "u"),
    ("acNet", Syntax("NetworkAddress", "IpAddress"), ""),
    ("acUnknown", Syntax("Whatever", ""), "u"),
]

_INDEX = (
    IndexPart("acName", "ACME-TEXT-MIB", _octets("DisplayString", "255a")),
    IndexPart("acColorIndex", "ACME-TEXT-MIB", _COLOR),
    IndexPart("acTail", "ACME-TEXT-MIB", _octets("OCTET STRING"), implied=True),
)


def _node(module: str, label: str, oid: str | OID, kind: NodeKind = NodeKind.NODE, **more: object) -> Node:
    return Node(module, label, OID(oid), kind, **more)  # type: ignore[arg-type]  # passed on as they are


def _nodes() -> Iterable[Node]:
    for label, oid in (
        ("iso", "1"),
        ("org", "1.3"),
        ("dod", "1.3.6"),
        ("internet", "1.3.6.1"),
        ("mgmt", "1.3.6.1.2"),
        ("mib-2", "1.3.6.1.2.1"),
        ("experimental", "1.3.6.1.3"),
        ("private", "1.3.6.1.4"),
        ("enterprises", "1.3.6.1.4.1"),
        ("zeroDotZero", "0.0"),
    ):
        yield _node("SNMPv2-SMI", label, oid)
    yield _node("SNMPv2-MIB", "system", "1.3.6.1.2.1.1")
    yield _node("SNMPv2-MIB", "sysDescr", "1.3.6.1.2.1.1.1", NodeKind.SCALAR, syntax=_octets("DisplayString", "255a"))
    module = "ACME-TEXT-MIB"
    yield _node(module, "acme", ACME, NodeKind.MODULE_IDENTITY)
    yield _node(module, "acScalars", ACME + 1)
    for number, (label, syntax, units) in enumerate(_SCALARS, 1):
        yield _node(module, label, ACME + f"1.{number}", NodeKind.SCALAR, syntax=syntax, units=units)
    yield _node(module, "acTable", ACME + 2, NodeKind.TABLE)
    yield _node(module, "acEntry", ACME + "2.1", NodeKind.ROW, index=_INDEX)
    integer = Syntax("Integer32", "INTEGER")
    yield _node(module, "acValue", ACME + "2.1.4", NodeKind.COLUMN, syntax=integer, units="v", index=_INDEX)


#: The tree: SNMPv2-SMI, a part of SNMPv2-MIB, and ACME-TEXT-MIB, a module with objects of all types.
ACME_TREE = HandMadeTree(_nodes())
