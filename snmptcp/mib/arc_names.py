"""The names that OID values give to the arcs on their way: ``std`` in ``{ iso std(0) iso8802(8802) 1 }``.

The compiler's documents do not have them; net-snmp's tools print them.

Contains: finding them in the text of a module.  Does not contain: all other names (:mod:`snmptcp.mib.flatten`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from snmptcp.oid import OID

__all__ = ("arc_names",)

_NAMED = re.compile(r"::=\s*\{[^{}()]*\(")

#: Comments and strings, which are passed over, the begin of a definition, and an OID value.
_TOKEN = re.compile(
    r'--[^\n]*|"[^"]*"'
    r"|\b(?P<label>[a-z][A-Za-z0-9_-]*)\s+(?:OBJECT\s+IDENTIFIER\s*(?=::=)|(?:MODULE-IDENTITY|MODULE-COMPLIANCE|"
    r"(?:OBJECT|NOTIFICATION)-(?:IDENTITY|TYPE|GROUP)|AGENT-CAPABILITIES)\b)"
    r"|::=\s*\{(?P<value>[^{}]*)\}"
)
_PARTS = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\s*\([^()]*\)|[A-Za-z0-9_-]+")
_PART = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)\s*\(\s*([0-9]+)\s*\)")


def arc_names(text: str, oids: Mapping[str, OID]) -> Iterator[tuple[str, OID]]:
    """Yield the names of arcs in a module, each with its OID.

    Args:
        text: the text of the module.
        oids: the OIDs of the module's nodes by their labels.
    """
    if not _NAMED.search(text):
        return
    oid: OID | None = None
    for token in _TOKEN.finditer(text):
        if token["label"]:
            oid = oids.get(token["label"])
        elif token["value"] and oid is not None:
            yield from _names_on_the_way(token["value"], oid)
            oid = None


def _names_on_the_way(value: str, oid: OID) -> Iterator[tuple[str, OID]]:
    """Yield the names of arcs in the value of an OID; the last one is the node itself, the first has a name already."""
    parts = [_PART.fullmatch(part) for part in _PARTS.findall(value)]
    above = len(oid) - len(parts)
    for place, part in enumerate(parts[:-1], above + 1):
        if part is not None and part[1] and place > 1 and str(oid[place - 1]) == part[2]:
            yield part[1], oid[:place]
