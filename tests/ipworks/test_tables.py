"""The tables, the class, the stub, the docs page and the list of documented names say the same."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import snmptcp.ipworks
from snmptcp.ipworks import SNMPTCPMgr
from snmptcp.ipworks.stub import METHODS, STUB, stub_text, with_tables
from snmptcp.ipworks.tables.events import EVENT_CLASSES, EVENTS
from snmptcp.ipworks.tables.properties import PROPERTIES
from snmptcp.ipworks.tables.settings import SETTINGS

ROOT = Path(__file__).parents[2]
NAMES: dict[str, list[str]] = json.loads((ROOT / "tests" / "ipworks_names.json").read_text())
PAGE = ROOT / "docs" / "ipworks.md"


def test_there_are_as_many_names_as_are_documented() -> None:
    assert {kind: len(names) for kind, names in NAMES.items()} == {
        "properties": 38,
        "methods": 13,
        "events": 17,
        "settings": 69,
    }


@pytest.mark.parametrize(
    ("kind", "table"), [("properties", PROPERTIES), ("methods", METHODS), ("events", EVENTS), ("settings", SETTINGS)]
)
def test_a_table_has_exactly_the_documented_names(kind, table) -> None:
    assert sorted(table) == sorted(NAMES[kind])


def test_the_class_has_every_name_and_no_other() -> None:
    expected = set(NAMES["methods"]) | set(NAMES["events"])
    for name, entry in PROPERTIES.items():
        expected |= {f"get_{name}"} | ({f"set_{name}"} if entry.writable else set())
        expected |= set() if entry.indexed else {name}

    assert {name for name in dir(SNMPTCPMgr) if not name.startswith("_")} == expected


def test_the_star_import_gives_the_class_the_error_and_the_arguments_of_the_events() -> None:
    namespace: dict[str, object] = {}
    exec("from snmptcp.ipworks import *", namespace)
    del namespace["__builtins__"]

    assert set(namespace) == {"SNMPTCPMgr", "IPWorksSNMPError"} | {kind.__name__ for kind in EVENT_CLASSES.values()}
    assert set(namespace) == set(snmptcp.ipworks.__all__)


def test_the_stub_is_what_the_tables_make() -> None:
    assert STUB.read_text() == stub_text()


def stub_members(name: str) -> set[str]:
    module = ast.parse(STUB.read_text())
    (found,) = (node for node in module.body if isinstance(node, ast.ClassDef) and node.name == name)
    return {node.name for node in found.body if isinstance(node, ast.FunctionDef)}


def test_the_stub_names_all_members_of_the_class() -> None:
    assert stub_members("SNMPTCPMgr") == {name for name in dir(SNMPTCPMgr) if not name.startswith("_")} | {"__init__"}


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
def test_the_stub_names_the_attributes_of_an_event(event) -> None:
    attributes = {attribute.name for attribute in event.attributes}

    assert stub_members(event.class_name) == attributes | {"__init__", "event_name"}


def test_the_docs_page_is_what_the_tables_make() -> None:
    page = PAGE.read_text()

    assert with_tables(page) == page


def test_the_docs_page_has_a_row_for_every_documented_name() -> None:
    rows = re.findall(r"^\| `(\w+)", PAGE.read_text(), re.MULTILINE)

    assert sorted(rows) == sorted(name for names in NAMES.values() for name in names)


def test_every_row_of_the_docs_page_works_or_says_why_not() -> None:
    states = re.findall(r"^\| `\w+.*\| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE)

    assert len(states) == 137
    assert all(state == "works" or state.startswith("only as it is: ") for state in states)


def test_every_row_has_a_test_of_its_effect() -> None:
    proved: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "proves":
                proved |= {str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)}
    documented = {name for names in NAMES.values() for name in names}

    assert proved == documented
