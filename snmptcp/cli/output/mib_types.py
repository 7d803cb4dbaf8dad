"""The types of nodes, as net-snmp's snmptranslate calls them in its forms.

Contains: their names and numbers.  Does not contain: the forms (:mod:`snmptcp.cli.output.definitions`,
:mod:`snmptcp.cli.output.mib_trees`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snmptcp.mib.objects import NodeKind

if TYPE_CHECKING:
    from snmptcp.mib.objects import Node

__all__ = ("OTHER", "NodeType", "clause_of", "type_of")


class NodeType(NamedTuple):
    """The type of a node.

    Attributes:
        number: net-snmp's number of it, which ``-Tt`` prints.
        syntax: its name behind SYNTAX, in ``-Td``; ``""`` if nodes of this type have no values.
        short: its name in the tree of ``-Tp``.
    """

    number: int
    syntax: str = ""
    short: str = ""


#: What has no values and no clause of its own: OBJECT IDENTIFIER, tables, rows.
OTHER = NodeType(0)

_OF_SYNTAX = {
    kind.syntax: kind
    for kind in (
        NodeType(1, "OBJECT IDENTIFIER", "ObjID"),
        NodeType(2, "OCTET STRING", "String"),
        NodeType(3, "INTEGER", "INTEGER"),
        NodeType(4, "NetworkAddress", "NetAddr"),
        NodeType(5, "IpAddress", "IpAddr"),
        NodeType(6, "Counter32", "Counter"),
        NodeType(7, "Gauge32", "Gauge"),
        NodeType(8, "TimeTicks", "TimeTicks"),
        NodeType(9, "Opaque", "Opaque"),
        NodeType(11, "Counter64", "Counter64"),
        NodeType(12, "BITS", "BitString"),
        NodeType(14, "UInteger32", "UInteger"),
        NodeType(15, "Unsigned32", "Unsigned"),
        NodeType(16, "Integer32", "Integer32"),
    )
}

_ENUMERATION = NodeType(3, "INTEGER", "EnumVal")

_OF_KIND = {
    NodeKind.NOTIFICATION: NodeType(21),
    NodeKind.GROUP: NodeType(22),
    NodeKind.NOTIFICATION_GROUP: NodeType(23),
    NodeKind.MODULE_IDENTITY: NodeType(24),
    NodeKind.CAPABILITIES: NodeType(25),
    NodeKind.COMPLIANCE: NodeType(26),
    NodeKind.OBJECT_IDENTITY: NodeType(27),
}

_CLAUSES = {
    NodeKind.NOTIFICATION: "NOTIFICATION-TYPE",
    NodeKind.GROUP: "OBJECT-GROUP",
    NodeKind.NOTIFICATION_GROUP: "NOTIFICATION-GROUP",
    NodeKind.MODULE_IDENTITY: "MODULE-IDENTITY",
    NodeKind.CAPABILITIES: "AGENT-CAPABILITIES",
    NodeKind.COMPLIANCE: "MODULE-COMPLIANCE",
    NodeKind.OBJECT_IDENTITY: "OBJECT-IDENTITY",
}


def type_of(node: Node) -> NodeType:
    """Return the type of a node."""
    syntax = node.syntax
    if syntax is None:
        return _OF_KIND.get(node.kind, OTHER)
    found = _OF_SYNTAX.get(syntax.primitive) or _OF_SYNTAX.get(syntax.base) or OTHER
    return _ENUMERATION if found.syntax == "INTEGER" and syntax.labels else found


def clause_of(node: Node) -> str:
    """Return the macro that defines a node; all without one of their own are OBJECT-TYPE for net-snmp."""
    return _CLAUSES.get(node.kind, "OBJECT-TYPE")
