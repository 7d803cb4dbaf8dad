"""Definitions that a parser refuses, repaired, with a parser of our own; test_worker_repairs has the real one."""

from __future__ import annotations

from typing import Any

from snmptcp.mib.repairs.definitions import Refused, Repaired, repair_definition
from snmptcp.mib.repairs.outline import Part, read_outline

REFUSED = Refused("the compiler's words", 7)


def part(text: str) -> Part:
    outline = read_outline("A", f"A DEFINITIONS ::= BEGIN\n{text}\nEND")
    assert outline is not None
    return outline.parts[0]


def repaired(text: str, *refused: str) -> tuple[Repaired, list[str]]:
    """Return the repair by a parser that refuses what contains some texts, and what it has been asked."""
    asked: list[str] = []

    def parse(asking: str) -> Any:
        asked.append(" ".join(asking.split()))
        if any(word in asked[-1] for word in refused):
            raise Refused("no")
        return ("tree", asked[-1])

    return repair_definition(part(text), REFUSED, parse), asked


def test_the_first_step_that_suffices_is_the_last() -> None:
    found, asked = repaired('a OBJECT-TYPE SYNTAX INTEGER DESCRIPTION "b" more ::= { c 1 }')
    assert asked == ['a OBJECT-TYPE SYNTAX INTEGER DESCRIPTION "b" ::= { c 1 }']
    assert [text for _, text in found.notes] == ["the text behind a closing quote is left out"]


def test_each_clause_is_repaired_by_itself() -> None:
    found, _ = repaired("a OBJECT-TYPE SYNTAX B STATUS Current\nINDEX { b c } ::= { d 1 }", "Current", "{ b c }")
    assert found.tree == ("tree", "a OBJECT-TYPE SYNTAX B STATUS current INDEX { b, c } ::= { d 1 }")
    assert [tuple(note) for note in found.notes] == [
        (2, "a: STATUS is read as current"),
        (3, "a: INDEX is read as { b, c }"),
    ]


def test_the_name_and_the_oid_are_the_last_resort() -> None:
    found, _ = repaired("a OBJECT-TYPE SYNTAX B ::= { d 1 }", "OBJECT-TYPE")
    assert found.tree == ("tree", "a OBJECT IDENTIFIER ::= { d 1 }")
    assert [tuple(note) for note in found.notes] == [
        (7, "a cannot be read but for its name and OID: the compiler's words")
    ]


def test_a_trap_keeps_its_place_below_its_enterprise() -> None:
    found, _ = repaired("a TRAP-TYPE ENTERPRISE b ::= 5", "TRAP-TYPE")
    assert found.tree == ("tree", "a OBJECT IDENTIFIER ::= { b 0 5 }")


def test_what_has_no_oid_is_left_out() -> None:
    found, _ = repaired("A ::= TEXTUAL-CONVENTION SYNTAX B", "TEXTUAL-CONVENTION")
    assert found.tree is None
    assert [text for _, text in found.notes] == ["A cannot be read, and is left out: the compiler's words"]


def test_a_name_with_nothing_behind_it_is_left_out() -> None:
    found, _ = repaired("A ::= B ::= INTEGER", "A ::=")
    assert found.tree is None
    assert [text for _, text in found.notes] == ["A cannot be read, and is left out: the compiler's words"]


def test_a_text_that_is_no_definition_is_left_out_without_asking() -> None:
    found, asked = repaired("Acme Inc. [1]")
    assert (found.tree, asked) == (None, [])
    assert [text for _, text in found.notes] == ["'Acme Inc. [1]' is no definition, and is left out"]
