"""Declarations of a syntax tree, changed so that the compiler can take them."""

from __future__ import annotations

from typing import Any

import pytest

from snmptcp.mib.declarations import Changed, change_declaration, indexed_by, oid_of


def oid(*arcs: Any) -> tuple[str, list[Any]]:
    return ("objectIdentifier", list(arcs))


def an_object(*arcs: Any, syntax: Any = ("SimpleSyntax", "INTEGER"), augments: Any = None, index: Any = None) -> Any:
    return ("objectTypeClause", "x", syntax, None, None, None, None, None, augments, index, None, oid(*arcs))


@pytest.mark.parametrize(
    ("arcs", "changed", "note"),
    [
        (["a", 1], ["a", 1], None),
        (["iso", ("org", 3), 6], ["iso", ("org", 3), 6], None),
        ([1, 3, 6], [1, 3, 6], None),
        (["a", "a", 2], ["a", 2], ": its OID is read as { a 2 }, by the last name in it"),
        (
            ["iso", "org", ("b", 3), "c", ("d", 4), 5],
            ["c", ("d", 4), 5],
            ": its OID is read as { c d(4) 5 }, by the last name in it",
        ),
        (["a"], None, " is left out: its OID { a } has no number of its own"),
        ([2], None, " is left out: its OID { 2 } has no number of its own"),
        ([17, 1], None, " is left out: its OID { 17 1 } is impossible"),
        ([1, 40], None, " is left out: its OID { 1 40 } is impossible"),
        ([2, 40], [2, 40], None),
    ],
)
def test_the_oid_of_an_object_begins_with_its_last_name_and_is_possible(
    arcs: list[Any], changed: list[Any] | None, note: str | None
) -> None:
    expected = None if changed is None else an_object(*changed)
    assert change_declaration(an_object(*arcs)) == Changed(expected, () if note is None else (note,))


@pytest.mark.parametrize("kind", ["valueDeclaration", "moduleIdentityClause", "objectIdentityClause"])
def test_what_has_no_instances_may_be_another_name_for_a_node(kind: str) -> None:
    assert change_declaration((kind, "x", oid("a"))) == Changed((kind, "x", oid("a")))


@pytest.mark.parametrize(
    ("arcs", "note"),
    [
        ([1, "a"], " is left out: its OID { 1 a } has a name behind a number"),
        (["a", "b"], " is left out: its OID { a b } has no number of its own"),
    ],
)
def test_a_name_at_the_end_of_an_oid_has_no_place(arcs: list[Any], note: str) -> None:
    assert change_declaration(("valueDeclaration", "x", oid(*arcs))) == Changed(None, (note,))


def test_a_root_is_a_value_alone() -> None:
    assert change_declaration(("valueDeclaration", "iso", oid(1))).declaration is not None
    assert change_declaration(("moduleIdentityClause", "x", oid(1))).notes == (
        " is left out: its OID { 1 } has no name",
    )


def test_the_enterprise_of_a_trap_begins_with_its_last_name() -> None:
    trap: Any = ("trapTypeClause", "t", oid("a", "b", 2), [], None, None, 7)
    changed = change_declaration(trap).declaration
    assert (oid_of(trap), oid_of(changed), changed[3:]) == (["a", "b", 2], ["b", 2], trap[3:])
    assert oid_of(change_declaration(("trapTypeClause", "t", oid("a", "b"), [], None, None, 7)).declaration) == ["b"]
    assert oid_of(("typeDeclaration", "T", None)) == []


def test_a_row_whose_columns_are_within_its_syntax_is_one() -> None:
    changed = change_declaration(an_object("a", 1, syntax=("SEQUENCE", [("b", "INTEGER")])))
    assert changed.declaration == an_object("a", 1, syntax=("row", "?"))
    assert changed.notes == (": the columns within its SYNTAX are found by their OIDs",)


@pytest.mark.parametrize("kind", ["enumSpec", "BITS"])
def test_a_label_of_several_numbers_and_a_number_with_several_labels(kind: str) -> None:
    def typed(*numbers: tuple[str, int]) -> Any:
        return ("typeDeclaration", "T", ("typeDeclarationRHS", ("SimpleSyntax", "INTEGER", (kind, list(numbers)))))

    changed = change_declaration(typed(("a", 1), ("a", 2), ("b", 2), ("c", 3), ("a", 4)))
    assert changed == Changed(typed(("a", 1), ("a\ue0232", 2), ("c", 3), ("a\ue0234", 4)))


def test_an_object_is_indexed_by_objects_or_by_those_of_a_row_that_it_augments() -> None:
    assert list(indexed_by(an_object("a", 1, index=("INDEX", [(0, "b"), (1, "c")])))) == ["b", "c"]
    assert list(indexed_by(an_object("a", 1, augments="d"))) == ["d"]
    assert list(indexed_by(("valueDeclaration", "x", oid("a", 1)))) == []
