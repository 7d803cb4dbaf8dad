"""Names of OIDs and meanings of values, by MIB modules if there are any.

Contains: the text beside a number.  Does not contain: the numbers themselves (:mod:`snmptcp.explain.values`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snmptcp.explain.values import OBJECTS
from snmptcp.oid import OID
from snmptcp.printable import printable
from snmptcp.values import Counter32, Counter64, Gauge32, Integer32, IpAddress, OctetString, UInteger32

if TYPE_CHECKING:
    from snmptcp.explain.values import Leaf
    from snmptcp.mib.mib import Mib
    from snmptcp.values import Value

__all__ = ("ObjectNames",)

#: The most characters of a name or a meaning.
MAX_CHARACTERS: Final = 200

#: The values that definitions can tell more about, by their tags.  TimeTicks are told as they are.
_CLASSES: Final = {
    kind.tag: kind for kind in (Integer32, OctetString, Counter32, Gauge32, IpAddress, Counter64, UInteger32)
}


class ObjectNames:
    """Names of variables, and what their values mean.

    Args:
        mib: the definitions; ``None`` for the names that SNMP itself needs, and no meanings.
    """

    def __init__(self, mib: Mib | None = None) -> None:
        self._mib = mib

    def of(self, oid: OID) -> str:
        """Return the name of an OID; empty if it has none."""
        if self._mib is None:
            return OBJECTS.get(str(oid), "")
        node, _ = self._mib.find(oid)
        return "" if node is None or len(node.oid) < 2 else printable(self._mib.name(oid), MAX_CHARACTERS)

    def meaning(self, variable: OID, tag: int, value: Leaf, shown: str) -> str:
        """Return what a value of a variable means; empty if the definition tells no more than what is shown.

        Args:
            variable: the variable.
            tag: the tag of its value.
            value: the value.
            shown: its text without the definition.
        """
        smi_value = _smi_value(tag, value)
        if self._mib is None or smi_value is None:
            return ""
        described = self._mib.describe((variable, smi_value))
        if described.node is None or described.node.syntax is None:
            return ""
        text = printable(str(described.value), MAX_CHARACTERS)
        parts = ("" if text.strip('"') == shown.strip('"') else text, printable(described.units, MAX_CHARACTERS))
        return " ".join(filter(None, parts))


def _smi_value(tag: int, value: Leaf) -> Value | None:
    """Return a value with its type; ``None`` for types about which definitions tell nothing."""
    kind = _CLASSES.get(tag)
    if kind is None or value is None or isinstance(value, OID):
        return None
    return kind(value)  # type: ignore[arg-type]  # its tag tells that it fits
