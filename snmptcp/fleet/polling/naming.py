"""The names of what a fleet reads: by MIB modules if there are any.

Contains: names of jobs to OIDs, and OIDs to the names of samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.oid import OID

if TYPE_CHECKING:
    from snmptcp.mib.mib import Mib
    from snmptcp.mib.objects import Node
    from snmptcp.oid import OidLike
    from snmptcp.values import Value

__all__ = ("Naming",)


class Naming:
    """Names by MIB modules, or by numbers alone.

    Args:
        mib: the modules; ``None`` for numbers.
    """

    __slots__ = ("mib",)

    def __init__(self, mib: Mib | None) -> None:
        self.mib = mib

    def oid(self, name: OidLike) -> OID:
        """Return the OID of a name.

        Raises:
            ConfigurationError: it is no OID, and no module defines it.
        """
        return OID(name) if self.mib is None else self.mib.oid(name)

    def locate(self, oid: OID) -> tuple[str, str, Node | None]:
        """Return the name of the object that an instance belongs to, the arcs behind it, and its definition.

        Without a definition the name is the OID, and there are no arcs.
        """
        if self.mib is not None:
            node, arcs = self.mib.find(oid)
            if node is not None and node.syntax is not None:  # else a branch, whose name would not tell more
                return node.label, str(arcs), node
        return str(oid), "", None

    def locate_column(self, column: OID) -> tuple[str, Node] | None:
        """Return the name of a table's column and its definition; ``None`` if no module has it."""
        name, _, node = self.locate(column)
        return None if node is None else (name, node)

    def typed(self, node: Node | None, value: Value) -> Value:
        """Return a value whose ``str()`` is its text by a definition."""
        return value if self.mib is None else self.mib.named(node, value)
