"""Where names end: subtrees in which no further node has a name, so that one look-up serves all that is in them.

The instances of a column are such a region, and so is all that an agent has below a number that no module defines.
The variables of a walk follow one another, so most of them are in the region of the one before.

Contains: the regions that were met so far.  Does not contain: the nodes (:mod:`snmptcp.mib.store`), the text of names
(:mod:`snmptcp.mib.text`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.codec.ber import decode_arcs
from snmptcp.mib.indexes import prepare_index

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.mib.objects import Node
    from snmptcp.mib.store import Store
    from snmptcp.oid import OID

__all__ = ("Region", "Regions")

#: How many regions are remembered.  The tables of large agents have some thousand columns.
MOST_REGIONS = 65536


class Region:
    """A subtree below whose root nothing has a name.

    Args:
        root: its root.
        node: the deepest node at or above the root.
        prefix: the name of the root.
    """

    __slots__ = ("key", "node", "prefix", "shows_numbers", "size")

    def __init__(self, root: OID, node: Node, prefix: str) -> None:
        self.key = root.key
        self.size = len(root.key)
        self.node = node
        self.prefix = prefix
        #: Whether what is behind the root is shown as numbers: no index with text, and no labels of enumerations.
        self.shows_numbers = prepare_index(node.index).numbers

    def name(self, key: bytes) -> str:
        """Return the name of an OID in a region that shows numbers."""
        tail = key[self.size :]
        # Most indexes are one number, in one octet or in two.
        if len(tail) == 1:
            return f"{self.prefix}.{tail[0]}"
        if len(tail) == 2 and tail[0] >= 0x80:
            return f"{self.prefix}.{(tail[0] & 0x7F) << 7 | tail[1]}"
        return ".".join((self.prefix, *map(str, decode_arcs(tail)))) if tail else self.prefix


class Regions:
    """The regions of a store.

    Args:
        store: the nodes.
        name_of: returns the name of an OID.
    """

    def __init__(self, store: Store, name_of: Callable[[OID], str]) -> None:
        self._store = store
        self._name_of = name_of
        self._regions: dict[bytes, Region] = {}
        self._sizes: tuple[int, ...] = ()
        self._last: Region | None = None

    def find(self, key: bytes) -> Region | None:
        """Return the region that a key is in, if one of its OIDs was met before."""
        region = self._last
        if region is not None and key.startswith(region.key):
            return region
        for size in self._sizes:
            region = self._regions.get(key[:size])
            if region is not None:
                self._last = region
                return region
        return None

    def node_above(self, oid: OID) -> Node | None:
        """Return the deepest node at or above an OID that is in no region met before; remember its region."""
        node = self._store.above(oid)
        if node is None:
            return None
        for length in range(max(2, len(node.oid)), len(oid) + 1):
            root = oid[:length]
            if not self._store.has_below(root):
                self._remember(root, node)
                break
        return node

    def _remember(self, root: OID, node: Node) -> None:
        if len(self._regions) >= MOST_REGIONS:
            self._regions.clear()
        prefix = node.name
        if root != node.oid:
            prefix = ".".join((self._name_of(node.oid), *map(str, root[len(node.oid) :])))
        region = self._regions[root.key] = self._last = Region(root, node, prefix)
        if region.size not in self._sizes:
            self._sizes = tuple(sorted((*self._sizes, region.size), reverse=True))
