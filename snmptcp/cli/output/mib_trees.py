"""Trees and lists of nodes, as net-snmp's snmptranslate prints them with ``-Tp``, ``-Ta``, ``-Tl``, ``-To`` and others.

Contains: a part of the tree of names with the arcs that have none, and its forms as lines.
Does not contain: the definition of a single node (:mod:`snmptcp.cli.output.definitions`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snmptcp.cli.output.definitions import filled, names_of_labels, pairs_of
from snmptcp.cli.output.mib_types import OTHER, type_of
from snmptcp.mib.objects import NodeKind
from snmptcp.oid import OID
from snmptcp.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from snmptcp.mib import Mib
    from snmptcp.mib.objects import Node, Syntax

__all__ = ("LISTS", "Branch", "above", "branch_at", "dump_lines", "list_lines", "roots", "tree_lines")

#: The label of arcs without a name; net-snmp numbers them in the order in which it meets them.
ANONYMOUS = "anonymous"

#: The roots in net-snmp's order.
_ROOTS = (1, 0, 2)


@dataclass(slots=True)
class Branch:
    """An arc of the tree, and those below it.

    Attributes:
        path: its arcs.
        node: its node; ``None`` if it has no name.
        below: the arcs below it, in order.
    """

    path: tuple[int, ...]
    node: Node | None = None
    below: list[Branch] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Its name."""
        return ANONYMOUS if self.node is None else self.node.label

    @property
    def arc(self) -> int:
        """The last number of its OID."""
        return self.path[-1]


def branch_at(mib: Mib, oid: OID) -> Branch | None:
    """Return the branch of the deepest named node at or above an OID; ``None`` if there is none."""
    node, _ = mib.find(oid)
    if node is None:
        return None
    return _grown(node.oid.arcs, [node, *mib.nodes(node.oid)])


def above(mib: Mib, branch: Branch) -> list[Branch]:
    """Return the branches above a branch, from the root."""
    found = []
    for length in range(1, len(branch.path)):
        node, tail = mib.find(OID(branch.path[:length]))
        found.append(Branch(branch.path[:length], None if tail else node))
    return found


def roots(mib: Mib) -> list[Branch]:
    """Return all branches, in net-snmp's order: iso, ccitt, joint-iso-ccitt."""
    nodes = mib.nodes()
    parts = {arc: [node for node in nodes if node.oid[0] == arc] for arc in _ROOTS}
    return [_grown((arc,), part) for arc, part in parts.items() if part]


def _grown(path: tuple[int, ...], nodes: Iterable[Node]) -> Branch:
    """Return a branch with nodes at it and below it, which are in the order of their OIDs."""
    trunk = Branch(path)
    line = [trunk]  # from the trunk to the branch that was added last
    for node in nodes:
        arcs = node.oid.arcs
        while line[-1].path != arcs[: len(line[-1].path)]:
            line.pop()
        while len(line[-1].path) < len(arcs):
            branch = Branch(arcs[: len(line[-1].path) + 1])
            line[-1].below.append(branch)
            line.append(branch)
        line[-1].node = node
    return trunk


# -------------------------------------------------------------------------------------------- trees

_ACCESS = {
    "not-accessible": "----",
    "read-only": "-R--",
    "write-only": "--W-",
    "read-write": "-RW-",
    "accessible-for-notify": "---N",
    "read-create": "CR--",
}

#: How wide the types of objects are.
_TYPE_WIDTH = 9


class _Tree:
    """Draws a tree.

    Args:
        width: where lists are continued on the next line.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._is_tight = True  # no line between what was drawn last and what follows

    def lines(self, branch: Branch, before: str) -> Iterator[str]:
        """Yield the lines of a branch.

        Args:
            branch: the branch.
            before: what stands before each line but the first, whose last character is a plus there.
        """
        yield from self._own(branch, before)
        self._is_tight = _has_type(branch)
        inner = f"{before}  |"
        for position, below in enumerate(branch.below, 1):
            if not self._is_tight or not _has_type(below):
                yield inner
            yield from self.lines(below, inner if position < len(branch.below) else f"{before}   ")
        if branch.below:
            self._is_tight = False

    def _own(self, branch: Branch, before: str) -> Iterator[str]:
        node, corner = branch.node, f"{before[:-1]}+--"
        if node is None or node.syntax is None:
            yield f"{corner}{branch.label}({branch.arc})"
            if node is not None and node.kind is NodeKind.ROW and node.index and not node.augments:
                labels = [part.label for part in node.index]
                room = self._width - len(before) - 12
                yield f"{before}  |  Index: " + filled(labels, room, 0, f"\n{before}  |         ", 0)
            return
        access = _ACCESS.get(node.access, "    ")
        yield f"{corner} {access} {type_of(node).short:{_TYPE_WIDTH}} {node.label}({branch.arc})"
        yield from self._details(node.syntax, f"{before}        ")

    def _details(self, syntax: Syntax, before: str) -> Iterator[str]:
        if syntax.conventions:
            yield f"{before}Textual Convention: {syntax.conventions[0]}"
        if syntax.labels:
            room = self._width - len(before) - 9
            yield f"{before}Values: " + filled(names_of_labels(syntax), room, 0, f"\n{before}        ", 0)
        if syntax.ranges or syntax.sizes:
            yield f"{before}{'Range' if syntax.ranges else 'Size'}: {pairs_of(syntax)}"


def _has_type(branch: Branch) -> bool:
    return branch.node is not None and type_of(branch.node) != OTHER


def tree_lines(branch: Branch, width: int) -> Iterator[str]:
    """Yield the tree of ``-Tp``.

    Args:
        branch: where it begins.
        width: where lists are continued on the next line.
    """
    return _Tree(width).lines(branch, " ")


# -------------------------------------------------------------------------------------------- lists


def _labelled(line: Sequence[Branch]) -> str:
    return "".join(f".{branch.label}({branch.arc})" for branch in line)


def _numbers(line: Sequence[Branch]) -> str:
    return "".join(f".{branch.arc}" for branch in line)


def _names(line: Sequence[Branch]) -> str:
    return "".join(f".{branch.label}" for branch in line)


def _quoted(line: Sequence[Branch]) -> str:
    return f'"{line[-1].label}"\t\t\t"{_numbers(line)[1:]}"'


def _typed(line: Sequence[Branch]) -> str:
    branch = line[-1]
    node = branch.node
    words = [f"{'  ' * (len(line) - 1)}{branch.label}({branch.arc})"]
    words.append(f"type={OTHER.number if node is None else type_of(node).number}")
    if node is not None and node.syntax is not None and node.syntax.conventions:
        words.append(f"tc={node.syntax.conventions[0]}")
    if node is not None and node.syntax is not None and node.syntax.own_hint:
        words.append(f"hint={printable(node.syntax.own_hint, None)}")
    if node is not None and node.units:
        words.append(f"units={printable(node.units, None)}")
    return " ".join(words)


#: The lists by the letters of ``-T``: each makes a line of the branches from a root to a branch.
LISTS: Mapping[str, Callable[[Sequence[Branch]], str]] = {
    "l": _labelled,
    "o": _numbers,
    "s": _names,
    "z": _quoted,
    "t": _typed,
}


def list_lines(above: Sequence[Branch], branch: Branch, letters: str) -> Iterator[str]:
    """Yield the lists of a branch and what is below it.

    Args:
        above: the branches above it, from a root; net-snmp's lists leave out the roots themselves.
        branch: where the lists begin.
        letters: the lists, by the letters of :data:`LISTS`.
    """
    line = (*above, branch)
    if above:
        yield from (LISTS[letter](line) for letter in LISTS if letter in letters)
    for below in branch.below:
        yield from list_lines(line, below, letters)


def dump_lines(branches: Iterable[Branch]) -> Iterator[str]:
    """Yield the module of ``-Ta``: an OBJECT IDENTIFIER for each node below some branches."""
    yield "dump DEFINITIONS ::= BEGIN"
    for branch in branches:
        yield from _dumped(branch)
    yield "END"


def _dumped(branch: Branch) -> Iterator[str]:
    for below in branch.below:
        yield f"{below.label} OBJECT IDENTIFIER ::= {{ {branch.label} {below.arc} }}"
    for below in branch.below:
        yield from _dumped(below)
