"""docs/security.md names a test for each promise, each named test exists, and no attack test is left out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")

#: A section of promises: its test module, and its text up to the next heading.
SECTIONS = dict(re.findall(r"^### [^\n]*: `(tests/[\w/]+\.py)`\n(.*?)(?=^#)", PAGE, re.DOTALL | re.MULTILINE))

ATTACKS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "attacks").glob("test_*.py"))


def functions_of(module: str) -> set[str]:
    """Return the names of a module's test functions."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in functions if node.name.startswith("test_")}


def promises(section: str) -> list[tuple[str, list[str]]]:
    """Return the rows of a section's table: the promise, and the tests that it names."""
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    return [(promise.strip(), re.findall(r"`(test_\w+)`", tests)) for promise, tests in rows[1:]]


def test_the_page_has_a_section_for_every_module_of_attacks() -> None:
    assert set(ATTACKS) - {"tests/attacks/test_the_builder.py"} <= set(SECTIONS)


@pytest.mark.parametrize("module", SECTIONS)
def test_each_promise_names_tests_that_exist(module: str) -> None:
    rows = promises(SECTIONS[module])
    assert rows
    for promise, names in rows:
        assert names, promise
        assert set(names) <= functions_of(module), promise


@pytest.mark.parametrize("module", [module for module in SECTIONS if module in ATTACKS])
def test_each_attack_that_is_tested_is_a_promise(module: str) -> None:
    named = {name for _, names in promises(SECTIONS[module]) for name in names}
    assert functions_of(module) == named


def test_tests_that_are_named_with_their_module_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)
    assert named
    for module, name in named:
        assert name in functions_of(module)
