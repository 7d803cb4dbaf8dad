"""Symbol tables and documents of syntax trees that do not fit."""

from __future__ import annotations

from typing import Any

import pytest
from pysmi.error import PySmiError

from snmptcp.mib.generating import UNKNOWN, Generator, words_of
from snmptcp.mib.parsing import ModuleParser, Tree


@pytest.fixture(scope="module")
def parser() -> ModuleParser:
    return ModuleParser()


def tree_of(parser: ModuleParser, body: str, name: str = "A") -> Tree:
    return parser.parse(name, f"{name} DEFINITIONS ::= BEGIN {body}\nEND").tree


def generated(parser: ModuleParser, body: str) -> tuple[dict[str, Any], list[str]]:
    generator = Generator()
    table = generator.table(tree_of(parser, body), complete=True)
    document, remarks = generator.document(table.tree)
    return document, [remark.text for remark in (*table.remarks, *remarks)]


OBJECT = "{name} OBJECT-TYPE SYNTAX {syntax} ACCESS read-only STATUS current {more} ::= {{ iso {arc} }}"


def test_what_is_missing_is_told_before_anything_is_given_up(parser: ModuleParser) -> None:
    body = (
        f"IMPORTS x FROM Y; {OBJECT.format(name='a', syntax='B-C', more='', arc=1)} d OBJECT IDENTIFIER ::= {{ e-f 1 }}"
    )
    table = Generator().table(tree_of(parser, body))
    assert (table.missing, table.defines, table.needs) == (("B-C", "e-f"), ("a", "d"), ("Y",))
    complete = Generator().table(tree_of(parser, body), complete=True)
    assert (complete.missing, complete.defines) == ((), ("a",))
    assert complete.tree.imports == {"Y": ["x"], UNKNOWN: ["B-C"]}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("DEFVAL { { x } }", 'a is read without its DEFVAL: no such bit as "x" for symbol "a"'),
        ("DEFVAL { x }", "a is read without its DEFVAL: no such bit"),
    ],
)
def test_an_impossible_default_is_left_out(parser: ModuleParser, more: str, reason: str) -> None:
    document, remarks = generated(parser, OBJECT.format(name="a", syntax="BITS { b(0) }", more=more, arc=1))
    assert document["a"]["syntax"]["bits"] == {"b": 0}
    assert "default" not in document["a"]
    assert [text[: len(reason)] for text in remarks] == [reason]


def test_many_that_are_left_out_for_one_reason_are_one_remark(parser: ModuleParser) -> None:
    objects = " ".join(f"a{number} OBJECT IDENTIFIER ::= {{ b {number} }}" for number in range(9))
    document, remarks = generated(parser, f"IMPORTS b FROM B; {objects} c OBJECT IDENTIFIER ::= {{ iso 1 }}")
    assert document["c"]["oid"] == "1.1"
    assert remarks == ["a0, a1, a2, a3, a4 and 4 more are left out: B cannot be read, or is not at hand"]


def test_a_module_of_which_nothing_is_left_fails(parser: ModuleParser) -> None:
    with pytest.raises(PySmiError, match="B cannot be read, or is not at hand"):
        generated(parser, "IMPORTS b FROM B; a OBJECT IDENTIFIER ::= { b 1 }")


def test_oids_and_types_in_a_circle_end(parser: ModuleParser) -> None:
    document, remarks = generated(
        parser,
        "a OBJECT IDENTIFIER ::= { b 1 } b OBJECT IDENTIFIER ::= { a 1 } C ::= D D ::= C "
        + OBJECT.format(name="e", syntax="C", more="", arc=1),
    )
    assert document["e"]["oid"] == "1.1"
    assert "a" not in document
    assert [text.partition(":")[0] for text in remarks] == [
        "C is defined by itself, and is left out",
        "D is defined by itself, and is left out",
        "a is left out",
        "b is left out",
    ]


@pytest.mark.parametrize("count", [1, 3, 50])
def test_types_may_be_used_before_they_are_defined(parser: ModuleParser, count: int) -> None:
    types = " ".join(f"T{number} ::= T{number + 1}" for number in range(count))
    document, remarks = generated(
        parser, f"{OBJECT.format(name='a', syntax='T0', more='', arc=1)} {types} T{count} ::= INTEGER {{ b(1) }}"
    )
    assert document["a"]["syntax"]["type"] == "T0"
    assert document[f"T{count}"]["type"]["constraints"] == {"enumeration": {"b": 1}}
    assert remarks == []


def test_what_needs_a_word_of_the_language_is_left_out_alone(parser: ModuleParser) -> None:
    row = "e OBJECT-TYPE SYNTAX E ACCESS b STATUS c AUGMENTS { OBJECT-TYPE } ::= { iso 2 }"
    document, remarks = generated(
        parser, f"{row} a OBJECT IDENTIFIER ::= {{ e 1 }} d OBJECT IDENTIFIER ::= {{ iso 3 }}"
    )
    assert {key for key, entry in document.items() if "oid" in entry} == {"d"}
    assert "e is left out: OBJECT-TYPE is a word of the language" in remarks
    assert "a is left out: e is not defined" in remarks


def test_names_that_are_defined_twice(parser: ModuleParser) -> None:
    document, remarks = generated(
        parser,
        "a OBJECT IDENTIFIER ::= { iso 1 } a OBJECT IDENTIFIER ::= { iso 1 } a OBJECT IDENTIFIER ::= { iso 2 }"
        " a OBJECT IDENTIFIER ::= { iso 3 } B ::= INTEGER B ::= OCTET STRING",
    )
    assert {key: entry.get("oid") for key, entry in document.items() if key[0] in "aB"} == {
        "a": "1.1",
        "a_2": "1.2",
        "a_3": "1.3",
        "B": None,
    }
    assert remarks == [
        "a is defined twice; the first definition counts",
        "a is defined twice; the second is called a_2",
        "a is defined twice; the second is called a_3",
        "B is defined twice; the first definition counts",
    ]


def test_the_types_in_an_index_stay_with_their_numbers_when_a_table_is_made_again(parser: ModuleParser) -> None:
    """The compiler counts on when it makes a table a second time, because something is not imported."""
    body = (
        "a OBJECT IDENTIFIER ::= { enterprises 1 } t OBJECT-TYPE SYNTAX SEQUENCE OF E ACCESS b STATUS c ::= { a 1 }"
        " e OBJECT-TYPE SYNTAX E ACCESS b STATUS c INDEX { INTEGER } ::= { t 1 } E ::= SEQUENCE { f INTEGER }"
    )
    generator = Generator()
    generator.table(tree_of(parser, "enterprises OBJECT IDENTIFIER ::= { iso 9 }", "SNMPv2-SMI"))
    table = generator.table(tree_of(parser, body))
    document, _ = generator.document(table.tree)
    assert [remark.text for remark in table.remarks] == ["enterprises is not imported; it is taken from SNMPv2-SMI"]
    assert document[document["e"]["indices"][0]["object"]]["syntax"]["type"] == "INTEGER"


def test_words_are_those_of_the_definitions(parser: ModuleParser) -> None:
    words = words_of(tree_of(parser, "IMPORTS x FROM Y; a OBJECT IDENTIFIER ::= { b 1 }"))
    assert {"a", "b"} <= words
    assert not {"x", "Y"} & words


def test_names_that_differ_from_their_definition_in_case_only_are_those(parser: ModuleParser) -> None:
    document, remarks = generated(
        parser,
        "acmeMIB OBJECT IDENTIFIER ::= { iso 1 } a OBJECT IDENTIFIER ::= { acmeMib 1 } B-Type ::= INTEGER { b(1) } "
        + OBJECT.format(name="c", syntax="B-type", more='DESCRIPTION "acmeMib"', arc=2),
    )
    assert document["a"]["oid"] == "1.1.1"
    assert document["c"]["syntax"]["type"] == "B_Type"
    assert document["c"]["description"] == "acmeMib"
    assert remarks == ["B-type is read as B-Type", "acmeMib is read as acmeMIB"]


def test_a_row_whose_table_names_another_is_no_unknown_type(parser: ModuleParser) -> None:
    document, remarks = generated(
        parser,
        "t OBJECT-TYPE SYNTAX SEQUENCE OF Other ACCESS b STATUS c ::= { iso 1 } e OBJECT-TYPE SYNTAX Entry ACCESS b"
        " STATUS c INDEX { f } ::= { t 1 } Entry ::= SEQUENCE { f INTEGER }",
    )
    assert document["e"]["indices"][0]["object"] == "f"
    assert remarks == []
