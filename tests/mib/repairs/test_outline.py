"""Modules taken apart."""

from __future__ import annotations

import pytest

from snmptcp.mib.repairs.lexer import read_tokens
from snmptcp.mib.repairs.outline import Outline, begins, read_outline


def outline(body: str, name: str = "A-MIB") -> Outline:
    found = read_outline("A-MIB", f"{name} DEFINITIONS ::= BEGIN\n{body}")
    assert found is not None
    return found


def names(body: str) -> list[str]:
    return [part.name for part in outline(body).parts]


@pytest.mark.parametrize(
    ("body", "imports", "notes"),
    [
        ("IMPORTS a, B FROM C d FROM E;", {"C": ["a", "B"], "E": ["d"]}, []),
        ("IMPORTS a B FROM C;", {"C": ["a", "B"]}, ["a comma is missing before B in IMPORTS"]),
        ("IMPORTS a,, B, FROM C;", {"C": ["a", "B"]}, ["a comma too many in IMPORTS is left out"]),
        ("IMPORTS a FROM C; b FROM D;", {"C": ["a"], "D": ["b"]}, ["a semicolon within IMPORTS is left out"]),
        ("IMPORTS a FROM C\nx OBJECT-TYPE SYNTAX", {"C": ["a"]}, ["the semicolon behind IMPORTS is missing"]),
        (
            "IMPORTS OBJECT-TYPE FROM C\nX ::= INTEGER",
            {"C": ["OBJECT-TYPE"]},
            ["the semicolon behind IMPORTS is missing"],
        ),
        (
            "IMPORTS a OBJECT-TYPE FROM C;",
            {"C": ["a", "OBJECT-TYPE"]},
            ["a comma is missing before OBJECT-TYPE in IMPORTS"],
        ),
        ("IMPORTS Object-Type FROM C;", {"C": ["OBJECT-TYPE"]}, ["Object-Type is read as OBJECT-TYPE"]),
        ("IMPORTS a FROM C b;", {"C": ["a"]}, ["no module is named from which to import b"]),
        ("IMPORTS\nA [Page 1]\nb FROM C;", {"C": ["b"]}, ["the lines between two pages are left out"]),
        ("IMPORTS ;", {}, []),
        ("EXPORTS a; IMPORTS b FROM C;", {"C": ["b"]}, []),
        ("x OBJECT IDENTIFIER ::= { y 1 }", {}, []),
    ],
)
def test_imports_are_read(body: str, imports: dict[str, list[str]], notes: list[str]) -> None:
    found = outline(f"{body}\nEND")
    assert found.imports == imports
    assert [text for _, text in found.notes][: len(notes)] == notes


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a OBJECT-TYPE SYNTAX B ::= { c 1 }\nd OBJECT IDENTIFIER ::= { e 1 }\nF ::= INTEGER END", ["a", "d", "F"]),
        ("a OBJECT-TYPE SYNTAX {{{ b OBJECT-TYPE SYNTAX C END", ["a", "b"]),
        ("a OBJECT-TYPE INDEX { b,\nc ::= { d 1 } END", ["a"]),
        ("a OBJECT-TYPE STATUS\ncurrent ::= { d 1 } END", ["a"]),
        ("a OBJECT-TYPE ::= { b 1 } } text c OBJECT-TYPE X ::= { d 1 } END", ["a", "", "c"]),
        ('A ::= SEQUENCE { b OBJECT IDENTIFIER, c INTEGER }\nd Object_Type SYNTAX "e" END', ["A", "d"]),
        ("OBJECT-TYPE MACRO ::= BEGIN A ::= b END\nc ::= { d 1 } END", ["OBJECT-TYPE", "c"]),
        ("A SEQUENCE { b INTEGER } END", ["A"]),
        (
            "a OBJECT IDNTIFIER ::= { b 1 }\nc object-identifier ::= { b 2 }\nd OBJECT ::= { b 3 } END",
            ["a", "c", "d"],
        ),
        (
            "e OBJECTIDENTIFIER ::= { b 4 }\nf IDENTIFIER ::= { b 5 } END",
            ["e", "f"],
        ),
        ("a OBJECT-TYPE ACCESS\nread-only STATUS mandatory ::= { b 1 } END", ["a"]),
        ("a OBJECT-TYPE ::= { b 1 }\nc SYNTAX INTEGER ::= { b 2 } END", ["a", "c"]),
        ("a MODULE-COMPLIANCE OBJECT\nb SYNTAX INTEGER ::= { c 1 } END", ["a"]),
        ("END", []),
    ],
)
def test_definitions_are_found(body: str, expected: list[str]) -> None:
    assert names(f"\n{body}") == expected


def test_a_type_whose_syntax_has_lost_its_first_word_ends_before_the_next() -> None:
    convention = 'TEXTUAL-CONVENTION\n STATUS current\n DESCRIPTION\n "B"\n SYNTAX Integer32\n\n'
    body = f"A ::= {convention}C ::= {convention}END".replace("SYNTAX", "", 1)
    assert names(body) == ["A", "C"]


def test_each_part_has_its_text_and_its_line() -> None:
    found = outline(
        'a OBJECT IDENTIFIER ::= { b 1 } -- c\n\nd OBJECT-TYPE\n  DESCRIPTION "e" text\n ::= { f 1 }\nEND\nmore'
    )
    assert [(part.line, part.text.strip()) for part in found.parts] == [
        (2, "a OBJECT IDENTIFIER ::= { b 1 } -- c"),
        (4, 'd OBJECT-TYPE\n  DESCRIPTION "e" text\n ::= { f 1 }'),
    ]
    assert [note.line for note in found.parts[1].notes] == [5]
    assert [tuple(note) for note in found.notes] == [(8, "what stands behind END is left out")]


@pytest.mark.parametrize("header", ["A-MIB { iso 3 }", "x A-MIB", "B-MIB DEFINITIONS ::= BEGIN END A-MIB"])
def test_the_first_line_is_found(header: str) -> None:
    assert [part.name for part in outline("\na OBJECT IDENTIFIER ::= { b 1 } END", header).parts] == ["a"]


def test_a_text_of_another_module_is_none() -> None:
    assert read_outline("A-MIB", "B-MIB DEFINITIONS ::= BEGIN END") is None
    assert read_outline("A-MIB", "") is None


@pytest.mark.parametrize("text", ["a", "a OBJECT-TYPE", "OBJECT-TYPE MODULE-IDENTITY x", "a OBJECT-TYPE, b", "::= a b"])
def test_what_begins_no_definition(text: str) -> None:
    assert not begins(read_tokens(text).tokens, 0)
