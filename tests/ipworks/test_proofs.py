"""Every row of the tables has a test of its effect."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.ipworks.support import NAMES


def test_every_row_has_a_test_of_its_effect() -> None:
    proved: set[str] = set()
    for path in Path(__file__).parent.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "proves":
                proved |= {str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)}
    documented = {name for names in NAMES.values() for name in names}

    assert proved == documented
