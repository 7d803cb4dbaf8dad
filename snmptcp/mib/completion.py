"""Names that begin with a text, for completion in shells, from the file of compiled modules alone.

Contains: the search.  Does not contain: compiling: where nothing has been compiled, there are no names.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from snmptcp.errors import MibError
from snmptcp.mib.library import ALL_MODULES, Library, cache_path
from snmptcp.mib.objects import NodeKind
from snmptcp.mib.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ("names_like",)

_PREFIX = re.compile(
    r"(?:(?P<module>[A-Za-z][\w-]*)::)?(?P<above>\.?(?:[\w-]+\.)*)(?P<label>[A-Za-z][\w-]*)?", re.ASCII
)

#: Nodes that no request is about.
_CONFORMANCE = frozenset(
    (NodeKind.GROUP, NodeKind.NOTIFICATION_GROUP, NodeKind.COMPLIANCE, NodeKind.CAPABILITIES, NodeKind.MODULE_IDENTITY)
)


def names_like(
    prefix: str, modules: Sequence[str] = (), *, standard: bool = True, path: Path | None = None
) -> list[str]:
    """Return names that begin with a text, sorted: modules, labels behind them, labels of the modules that are loaded.

    A label behind dots is one directly below what is before the dot.  Scalars have ``.0``.

    Args:
        prefix: the text; an empty one has no names.
        modules: the names of modules to load; ``ALL`` for all that have been compiled.
        standard: whether the standard modules are loaded.
        path: the file of compiled modules; optional, default the user's.  Nothing is compiled or written.
    """
    path = cache_path() if path is None else path
    found = _PREFIX.fullmatch(prefix)
    if not prefix or found is None or not path.is_file():
        return []
    try:
        store = Store(path, read_only=not os.access(path, os.W_OK))
    except MibError:  # of another version, or damaged: the next command that needs names replaces it
        return []
    if standard:
        Library(store).load_compiled_standard()
    named = store.names() if ALL_MODULES in modules else modules
    store.load(identity for name in named if (identity := store.newest(name)) is not None)
    return sorted(_names(store, prefix, found))


def _names(store: Store, prefix: str, found: re.Match[str]) -> Iterable[str]:
    module, above, label = found["module"], found["above"], found["label"] or ""
    start = prefix[: len(prefix) - len(label)]
    identity = None if module is None else store.newest(module)
    if module is not None and identity is None:
        return ()
    if identity is not None:
        store.load([identity])
    if above:
        return _below(store, identity, above, start, label)
    names = {f"{start}{name}" for name in _labels(store.labels(label, identity))}
    if module is None:
        names |= {f"{name}::" for name in store.names() if name.startswith(prefix)}
    return names


def _labels(found: Iterable[tuple[str, NodeKind]]) -> Iterator[str]:
    for label, kind in found:
        if kind not in _CONFORMANCE:
            yield f"{label}.0" if kind is NodeKind.SCALAR else label


def _below(store: Store, identity: int | None, above: str, start: str, label: str) -> Iterator[str]:
    """Yield the names directly below a label, which is the last one before the last dot."""
    parent = above.rstrip(".").rpartition(".")[2]
    node = store.by_label(parent) if identity is None else store.node_of(identity, parent)
    if node is None:
        return
    if node.kind is NodeKind.SCALAR and not label:
        yield f"{start}0"
    below = ((child.label, child.kind) for child in store.children(node.oid) if child.label.startswith(label))
    yield from (f"{start}{name}" for name in _labels(below))
