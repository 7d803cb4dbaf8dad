"""What the text of a module says, and the compiler's document of it does not.

Contains: the names that OID values give to the arcs on their way (``std`` in ``{ iso std(0) iso8802(8802) 1 }``), and
which textual conventions an SMIv1 module takes from a module in which they have no display hint.
Does not contain: the document (:mod:`snmptcp.mib.flatten`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from snmptcp.oid import OID

__all__ = ("arc_names", "types_without_hint")

# ---------------------------------------------------------------------------------- names of arcs

_NAMED = re.compile(r"::=\s*\{[^{}()]*\(")

#: Comments and strings, which are passed over, the begin of a definition, and an OID value.
_TOKEN = re.compile(
    r'--[^\n]*|"[^"]*"'
    r"|(?<![A-Za-z0-9_-])(?P<label>[a-z][A-Za-z0-9_-]*)\s+(?:OBJECT\s+IDENTIFIER\s*(?=::=)|(?:MODULE-IDENTITY|MODULE-COMPLIANCE|"
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


# --------------------------------------------------------------------------- types without hints

#: The modules that define DisplayString and PhysAddress as plain strings.  RFC 2579 gave them display hints, and the
#: compiler takes them from there (RFC 3584 section 2.1.1).
_MIB_2 = frozenset(("RFC1213-MIB", "RFC1158-MIB"))
_IMPORTS = re.compile(r"\bIMPORTS\b([^;]*)")
_COMMENT = re.compile(r"--[^\n]*")
_FROM = re.compile(r"\bFROM\s+([A-Za-z][A-Za-z0-9-]*)")


def types_without_hint(text: str) -> frozenset[str]:
    """Return the names of DisplayString and PhysAddress that a module imports from where they have no display hint.

    Args:
        text: the text of the module.
    """
    imports = _IMPORTS.search(_COMMENT.sub("", text))
    parts = _FROM.split(imports[1]) if imports is not None else []
    words = " ".join(names for names, source in zip(parts[::2], parts[1::2], strict=False) if source in _MIB_2)
    return frozenset(re.findall(r"\b(?:DisplayString|PhysAddress)\b", words))
