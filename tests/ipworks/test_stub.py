"""The tables, the stub, the docs page and the list of documented names agree."""

from __future__ import annotations

import ast
import re

import pytest

from snmptcp.ipworks import SNMPTCPMgr
from snmptcp.ipworks.stub import METHODS, STUB, stub_text, with_tables
from snmptcp.ipworks.tables.events import EVENTS
from snmptcp.ipworks.tables.properties import PROPERTIES
from snmptcp.ipworks.tables.settings import SETTINGS
from tests.ipworks.support import NAMES, ROOT

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


def test_the_stub_matches_the_tables() -> None:
    assert STUB.read_text() == stub_text()


def stub_members(name: str) -> set[str]:
    module = ast.parse(STUB.read_text())
    (found,) = (node for node in module.body if isinstance(node, ast.ClassDef) and node.name == name)
    return {node.name for node in found.body if isinstance(node, ast.FunctionDef)}


def test_the_stub_names_all_members_of_the_class() -> None:
    assert stub_members("SNMPTCPMgr") == {name for name in dir(SNMPTCPMgr) if not name.startswith("_")} | {"__init__"}


def test_an_editor_shows_what_each_member_does() -> None:
    module = ast.parse(STUB.read_text())
    shown = {}
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            shown[node.name] = ast.get_docstring(node)
            for member in node.body if node.name == "SNMPTCPMgr" else ():
                if isinstance(member, ast.FunctionDef) and not any(
                    isinstance(decorator, ast.Attribute) for decorator in member.decorator_list
                ):
                    shown[member.name] = ast.get_docstring(member)
    del shown["__init__"]
    assert [name for name, text in shown.items() if not text] == []
    assert shown["walk"] == SNMPTCPMgr.walk.__doc__
    assert shown["get_timeout"] == shown["set_timeout"] == shown["timeout"] == PROPERTIES["timeout"].doc
    assert shown["get_obj_value"] == PROPERTIES["obj_value"].doc
    assert shown["on_trap"] == f"{EVENTS['on_trap'].doc} Attributes: {_attributes('on_trap')}."
    assert shown["SNMPTCPMgrTrapEventParams"] == f"The argument of a handler of on_trap. {EVENTS['on_trap'].doc}"


def _attributes(event: str) -> str:
    return ", ".join(attribute.name for attribute in EVENTS[event].attributes)


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
def test_the_stub_names_the_attributes_of_an_event(event) -> None:
    attributes = {attribute.name for attribute in event.attributes}

    assert stub_members(event.class_name) == attributes | {"__init__", "event_name"}


def test_the_docs_page_matches_the_tables() -> None:
    page = PAGE.read_text()

    assert with_tables(page) == page


def test_the_docs_page_has_a_row_for_every_documented_name() -> None:
    rows = re.findall(r"^\| `(\w+)", PAGE.read_text(), re.MULTILINE)

    assert sorted(rows) == sorted(name for names in NAMES.values() for name in names)


def test_every_row_of_the_docs_page_works_or_says_why_not() -> None:
    states = re.findall(r"^\| `\w+.*\| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE)

    assert len(states) == 137
    assert all(state == "works" or state.startswith(("accepted: ", "partly: ", "no effect: ")) for state in states)
