"""The modules of the facade import one another in one direction, for type checkers too."""

from __future__ import annotations

import ast
import graphlib
from pathlib import Path

import snmptcp.ipworks

PACKAGE = Path(snmptcp.ipworks.__file__).parent


def imports_of(path: Path) -> set[str]:
    """Return the modules of the facade that a module imports, for type checkers too."""
    nodes = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom))
    return {node.module for node in nodes if node.module is not None and node.module.startswith("snmptcp.ipworks.")}


def test_there_is_no_circular_import_even_for_type_checkers() -> None:
    graph = {
        ".".join(("snmptcp.ipworks", *path.relative_to(PACKAGE).with_suffix("").parts)): imports_of(path)
        for path in PACKAGE.rglob("*.py")
    }
    order = list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError
    assert set(order) == set(graph)
