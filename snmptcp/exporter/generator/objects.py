"""What MIB objects are for the exporter: types of metrics, of indexes, and their texts.

Contains: the rules of snmp_exporter's generator.  Does not contain: which objects a module has
(:mod:`snmptcp.exporter.generator.building`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snmptcp.mib.objects import NodeKind

if TYPE_CHECKING:
    from snmptcp.mib.objects import Node, Syntax

__all__ = ("COMBINED_WITH", "help_of", "index_type", "is_metric", "label_of", "type_of")

#: Types that need the object before them, and its textual convention.
COMBINED_WITH = {
    "InetAddress": "InetAddressType",
    "InetAddressMissingSize": "InetAddressType",
    "LldpPortId": "LldpPortIdSubtype",
}

#: Textual conventions that are types of their own.
_BY_CONVENTION = {
    "DisplayString": "DisplayString",
    "PhysAddress": "PhysAddress48",
    "MacAddress": "PhysAddress48",
    "Float": "Float",
    "Double": "Double",
    "DateAndTime": "DateAndTime",
    "ParseDateAndTime": "ParseDateAndTime",
    "NTPTimeStamp": "NTPTimeStamp",
    "NtpTimeStamp": "NTPTimeStamp",
    "InetAddressIPv4": "InetAddressIPv4",
    "InetAddressIPv6": "InetAddressIPv6",
    "InetAddress": "InetAddress",
    "LldpPortId": "LldpPortId",
}

_BY_BASE = {
    **dict.fromkeys(("INTEGER", "Unsigned32", "Gauge32", "TimeTicks"), "gauge"),
    **dict.fromkeys(("Counter32", "Counter64"), "counter"),
    **dict.fromkeys(("OCTET STRING", "OBJECT IDENTIFIER", "Opaque"), "OctetString"),
    "BITS": "Bits",
    "IpAddress": "InetAddressIPv4",
}

_TEXT_HINT = re.compile("[0-9]+[at]")
_METRICS = frozenset((NodeKind.SCALAR, NodeKind.COLUMN))
_READABLE = frozenset(("read-only", "read-write", "read-create", "not-accessible"))

#: Types that are made of octets and cannot be read from an index.
_OCTETS = frozenset(("DateAndTime", "ParseDateAndTime", "NTPTimeStamp", "Bits", "Float", "Double"))

_NO_LABEL = re.compile("[^a-zA-Z0-9_]")


def type_of(syntax: Syntax | None) -> str:
    """Return the type of a metric; ``""`` for what can be none."""
    if syntax is None:
        return ""
    for convention in syntax.conventions:
        if convention in _BY_CONVENTION:
            return _BY_CONVENTION[convention]
    if syntax.hint == "1x:":
        return "PhysAddress48"
    if _TEXT_HINT.fullmatch(syntax.hint):
        return "DisplayString"
    return _BY_BASE.get(syntax.base, "")


def index_type(kind: str) -> str:
    """Return the type of an index for that of a metric."""
    return "OctetString" if kind in _OCTETS else kind


def is_metric(node: Node) -> bool:
    """Whether a node has values that can become samples.

    What cannot be read is among them: agents may send it nevertheless, and look-ups need it.
    """
    return node.kind in _METRICS and node.access in _READABLE


def help_of(node: Node) -> str:
    """Return the HELP text of a metric: the first sentence of the description, and the OID."""
    return f"{' '.join(node.description.split()).split('. ')[0]} - {node.oid}"


def label_of(name: str) -> str:
    """Return the name of an object as that of a label or a metric."""
    return _NO_LABEL.sub("_", name.rpartition("::")[2])
