"""The compiler's documents as rows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.mib.flatten import NodeRow, flatten
from snmptcp.mib.objects import IndexPart, NodeKind, Syntax
from snmptcp.oid import OID

NUMBER = {"type": "Integer32", "class": "type"}


class Nothing:
    """No other module is known."""

    def type_of(self, module: str, name: str) -> Syntax | None:
        return None

    def syntax_of(self, module: str, label: str) -> Syntax | None:
        return None

    def index_of(self, module: str, label: str) -> tuple[IndexPart, ...]:
        return ()


def rows(document: dict[str, Any], text: str = "", superseded: tuple[str, ...] = ()) -> dict[str, NodeRow]:
    made = flatten("ACME-MIB", text, document, superseded, Nothing())
    return {row.label: row for row in made.nodes}


def scalar(syntax: object, **more: object) -> dict[str, object]:
    return {"oid": "1.3.6.1.4.1.9999.1", "nodetype": "scalar", "class": "objecttype", "syntax": syntax, **more}


def test_names_are_spelled_as_in_the_module() -> None:
    made = rows({"a_b": scalar(NUMBER, name="a_b"), "c_d": scalar(NUMBER, name="c_d")}, "a-b OBJECT-TYPE ... c_d")
    assert set(made) == {"a-b", "c_d"}


def test_words_of_any_length_in_the_text_are_read_once() -> None:
    assert set(rows({"x4_b": scalar(NUMBER, name="x4_b")}, "x4-b -- " + "x" * 400_000)) == {"x4-b"}


def test_names_that_are_keywords_of_python_are_spelled_as_in_the_module() -> None:
    assert set(rows({"pysmi_global": scalar(NUMBER, name="pysmi_global")})) == {"global"}


def test_a_type_has_what_its_conventions_add() -> None:
    document = {
        "Inner": {"class": "textualconvention", "type": NUMBER, "displayhint": "d-1"},
        "Outer": {
            "class": "textualconvention",
            "type": {"type": "Inner", "class": "type", "constraints": {"range": [{"min": 1, "max": 9}]}},
        },
        "x": scalar({"type": "Outer", "class": "type"}),
    }
    syntax = rows(document)["x"].syntax
    assert syntax == Syntax(
        "Outer", "INTEGER", "d-1", ranges=((1, 9),), conventions=("Outer", "Inner"), primitive="Integer32"
    )


def test_types_that_are_made_of_thousands_of_others_cost_little() -> None:
    chain = {
        f"T{number}": {"class": "type", "type": {"type": f"T{number + 1}", "class": "type"}} for number in range(3000)
    }
    last: dict[str, Any] = {"T3000": {"class": "type", "type": NUMBER}}
    backwards = dict(reversed(chain.items()))
    deep = rows(last | backwards | {"x": scalar({"type": "T0", "class": "type"})})["x"].syntax
    assert deep is not None
    assert (deep.base, deep.conventions) == ("INTEGER", tuple(f"T{number}" for number in range(16)))
    unknown = rows(chain | last | {"x": scalar({"type": "T0", "class": "type"})})["x"].syntax
    assert unknown is not None
    assert (unknown.name, unknown.base) == ("T0", "")


def test_a_range_of_a_string_is_one_of_lengths_and_an_empty_one_is_none() -> None:
    made = rows(
        {
            "x": scalar({"type": "OCTET STRING", "constraints": {"range": [{"min": 0, "max": 64}]}}),
            "y": scalar({"type": "INTEGER", "constraints": {"range": [{"min": 5, "max": 0}, {"min": 7, "max": 7}]}}),
        }
    )
    assert made["x"].syntax == Syntax("OCTET STRING", "OCTET STRING", sizes=((0, 64),), primitive="OCTET STRING")
    assert made["y"].syntax == Syntax("INTEGER", "INTEGER", ranges=((7, 7),), primitive="INTEGER")


def test_a_type_of_the_name_that_the_compiler_gives_to_bits_is_another() -> None:
    document = {
        "Bits": {"class": "textualconvention", "type": NUMBER},
        "x": scalar({"type": "Bits", "class": "type", "bits": {"lamp": 0}}),
        "y": scalar({"type": "Bits", "class": "type"}),
    }
    made = rows(document)
    assert made["x"].syntax == Syntax("BITS", "BITS", labels={0: "lamp"}, primitive="BITS")
    assert made["y"].syntax == Syntax("Bits", "INTEGER", conventions=("Bits",), primitive="Integer32")


def test_a_type_that_is_made_of_itself_is_unknown() -> None:
    document = {
        "Loop": {"class": "textualconvention", "type": {"type": "Loop", "class": "type"}},
        "x": scalar({"type": "Loop", "class": "type"}),
    }
    syntax = rows(document)["x"].syntax
    assert syntax is not None
    assert (syntax.name, syntax.base) == ("Loop", "")


def test_a_type_that_no_module_has_is_unknown() -> None:
    assert rows({"x": scalar({"type": "Strange", "class": "type"})})["x"].syntax == Syntax("Strange", "")


@pytest.mark.parametrize(
    ("default", "text"),
    [
        ({"value": 30, "format": "decimal"}, "30"),
        ({"value": "up", "format": "enum"}, "up"),
        ({"value": "0a", "format": "hex"}, "'0a'H"),
        ({"value": "public", "format": "string"}, '"public"'),
        ({"value": ["a", "b"], "format": "bits"}, "{ a, b }"),
        ({"value": {"type": "Bits", "class": "type", "bits": {"a": 0, "b": 1}}, "format": "bits"}, "{ a, b }"),
        ({"value": "(0, 0)", "format": "oid"}, "0.0"),
        ("strange", ""),
    ],
)
def test_a_default_is_text_as_modules_write_it(default: object, text: str) -> None:
    assert rows({"x": scalar(NUMBER, default=default)})["x"].default == text


def test_rows_that_augment_each_other_have_no_index() -> None:
    def row(other: str, arc: int) -> dict[str, object]:
        return {
            "oid": f"1.3.6.1.4.1.9999.{arc}.1",
            "nodetype": "row",
            "class": "objecttype",
            "augmentation": {"module": "ACME-MIB", "object": other},
        }

    made = rows({"a": row("b", 1), "b": row("a", 2)})
    assert (made["a"].index, made["a"].augments) == ((), "ACME-MIB::b")


def test_an_index_may_be_a_type_without_an_object() -> None:
    document = {
        "pysmiFakeCol1": {
            "oid": "1.3.6.1.4.1.9999.1.1.1",
            "nodetype": "column",
            "class": "objecttype",
            "syntax": NUMBER,
        },
        "e": {
            "oid": "1.3.6.1.4.1.9999.1.1",
            "nodetype": "row",
            "class": "objecttype",
            "indices": [{"module": "ACME-MIB", "object": "pysmiFakeCol1", "implied": 0}],
        },
    }
    made = rows(document)
    assert [part.syntax.base for part in made["e"].index] == ["INTEGER"]
    assert "pysmiFakeCol1" not in made


def test_what_another_module_defines_now_is_marked() -> None:
    made = rows({"x": scalar(NUMBER), "y": scalar(NUMBER)}, superseded=("x",))
    assert (made["x"].superseded, made["y"].superseded) == (True, False)


def test_the_revision_is_the_day_of_the_last_update() -> None:
    def revision(updated: object) -> str:
        document = {"x": {"class": "moduleidentity", "oid": "1.3.6.1.4.1.9999", "lastupdated": updated}}
        return flatten("ACME-MIB", "", document, (), Nothing()).revision

    assert [revision(updated) for updated in ("2026-01-31 12:30", "yesterday", 7)] == ["2026-01-31", "", ""]


def test_an_object_identity_without_a_status_is_a_plain_node() -> None:
    made = rows({"x": {"oid": "1.3.6.1.4.1.9999", "class": "objectidentity"}})
    assert made["x"].kind is NodeKind.NODE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "class",
                    "type",
                    "oid",
                    "name",
                    "syntax",
                    "constraints",
                    "range",
                    "size",
                    "min",
                    "max",
                    "nodetype",
                    "bits",
                    "enumeration",
                    "indices",
                    "augmentation",
                    "object",
                    "module",
                    "objects",
                    "default",
                    "value",
                    "imports",
                ]
            )
            | st.text(max_size=4),
            inner
            | st.sampled_from(["objecttype", "column", "row", "textualconvention", "Integer32", "1.3.6.1.4.1.9999"]),
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4))
def test_any_document_has_rows(document: dict[str, Any]) -> None:
    flatten("ACME-MIB", "", document, (), Nothing())


def test_arcs_that_an_oid_names_on_its_way_are_nodes_that_count_less_than_any_definition() -> None:
    document = {
        "tools": {"oid": "1.3.6.1.4.1.9999.5", "class": "objectidentity"},
        "acme": {"oid": "1.3.6.1.4.1.9999.5.7", "class": "objectidentity"},
    }
    made = rows(document, "acme OBJECT IDENTIFIER ::= { enterprises corp(9999) tools(5) 7 }")
    assert set(made) == {"tools", "acme", "corp"}
    assert made["corp"] == NodeRow("corp", OID("1.3.6.1.4.1.9999"), NodeKind.NODE, superseded=True)
    assert not made["tools"].superseded


def test_the_hint_of_a_type_from_an_smiv1_module_is_lent_and_a_type_with_a_hint_of_its_own_owns_it() -> None:
    class Conventions(Nothing):
        def type_of(self, module: str, name: str) -> Syntax | None:
            return Syntax(name, "OCTET STRING", "255a", sizes=((0, 255),), conventions=(name,))

    display = {"type": "DisplayString", "class": "type"}
    document = {
        "Same": {"class": "type", "type": display},
        "Upper": {"class": "textualconvention", "type": display, "displayhint": "1x:"},
        "a": scalar(display, name="a"),
        "b": scalar({"type": "Same", "class": "type"}, name="b"),
        "c": scalar({"type": "Upper", "class": "type"}, name="c"),
    }
    for source, sizes, own in (
        ("RFC1213-MIB", (), ["", "", "1x:"]),
        ("SNMPv2-TC", ((0, 255),), ["255a", "255a", "1x:"]),
    ):
        text = f"IMPORTS DisplayString FROM {source};"
        nodes = flatten("ACME-MIB", text, document, (), Conventions()).nodes
        syntaxes = [node.syntax for node in nodes if node.syntax is not None]
        assert [syntax.own_hint for syntax in syntaxes] == own
        assert [syntax.hint for syntax in syntaxes] == ["255a", "255a", "1x:"]
        assert {syntax.sizes for syntax in syntaxes} == {sizes}
