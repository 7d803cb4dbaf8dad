"""Definitions split into clauses, and clauses as the grammar has them."""

from __future__ import annotations

import pytest

from snmptcp.mib.repairs.clauses import GRAMMAR, Clause, split, write_syntax, written
from snmptcp.mib.repairs.lexer import read_tokens
from snmptcp.mib.repairs.stand_ins import StandIns


@pytest.mark.parametrize(
    ("text", "macro", "clauses", "value"),
    [
        (
            "a OBJECT-TYPE ACCESS b SYNTAX OBJECT IDENTIFIER ::= { c 1 }",
            "OBJECT-TYPE",
            ["MAX-ACCESS", "SYNTAX"],
            "{ c 1 }",
        ),
        ("a SYNTAX INTEGER ACCESS b ::= { c 1 }", "OBJECT-TYPE", ["SYNTAX", "MAX-ACCESS"], "{ c 1 }"),
        ("a Object-Type INTEGER MAXACCESS b ::= { c 1 }", "OBJECT-TYPE", ["MAX-ACCESS", "SYNTAX"], "{ c 1 }"),
        ("a TRAP-TYPE ENTERPRISE b VARIABLES { c } ::= 5", "TRAP-TYPE", ["ENTERPRISE", "VARIABLES"], "5"),
        (
            'A ::= TEXTUAL-CONVENTION STATUS b DESCRIPTON "" SYNTAX C',
            "TEXTUAL-CONVENTION",
            ["STATUS", "DESCRIPTION", "SYNTAX"],
            "",
        ),
        ("A ::= INTEGER", "::=", [], "INTEGER"),
        (
            'a MODULE-IDENTITY DESCRIPTION "b" REVISION "c" DESCRIPTION "d" ::= { e 1 }',
            "MODULE-IDENTITY",
            ["DESCRIPTION"],
            "{ e 1 }",
        ),
        (
            "a NOTIFICATION-TYPE VARIABLES { b } STATUS current ::= { c 1 }",
            "NOTIFICATION-TYPE",
            ["OBJECTS", "STATUS"],
            "{ c 1 }",
        ),
    ],
)
def test_a_definition_is_split(text: str, macro: str, clauses: list[str], value: str) -> None:
    pieces = split(read_tokens(text).tokens)
    assert pieces is not None
    assert (pieces.macro, list(pieces.clauses)) == (macro, clauses)
    assert " ".join(token.text for token in pieces.value) == value


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("SYNTAX B read-only STATUS current", {"SYNTAX": "B", "MAX-ACCESS": "read-only", "STATUS": "current"}),
        ("SYNTAX B MAX-ACCESS Read-Write obsolete", {"SYNTAX": "B", "MAX-ACCESS": "Read-Write", "STATUS": "obsolete"}),
        ('SYNTAX B STATUS current "c"', {"SYNTAX": "B", "STATUS": "current", "DESCRIPTION": '"c"'}),
        ('SYNTAX B STATUS STATUS current DESCRIPTION DESCRIPTION "c"', {"STATUS": "current", "DESCRIPTION": '"c"'}),
        ("SYNTAX INTEGER { current(1) }", {"SYNTAX": "INTEGER { current ( 1 ) }"}),
        ("SYNTAX current", {"SYNTAX": "current"}),
    ],
)
def test_a_clause_may_be_without_its_first_word_or_have_it_twice(text: str, clauses: dict[str, str]) -> None:
    pieces = split(read_tokens(f"a OBJECT-TYPE {text} ::= {{ d 1 }}").tokens)
    assert pieces is not None
    found = {word: " ".join(token.text for token in tokens) for word, tokens in pieces.clauses.items()}
    assert {**found, **clauses} == found
    assert not pieces.left_out


def test_clauses_that_are_there_twice_or_of_another_macro_are_left_out() -> None:
    pieces = split(read_tokens("a OBJECT-TYPE SYNTAX B STATUS c STATUS d REVISION e ::= { f 1 }").tokens)
    assert pieces is not None
    assert [token.text for token in pieces.clauses["STATUS"]] == ["c"]
    assert [token.text for token in pieces.left_out] == ["STATUS", "REVISION"]


@pytest.mark.parametrize("text", ["a OBJECT IDENTIFIER ::= { b 1 }", "a MODULE-COMPLIANCE MODULE ::= { b 1 }", "a b"])
def test_what_has_no_clauses_is_not_split(text: str) -> None:
    assert split(read_tokens(text).tokens) is None


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("text", '"a"', '"a"'),
        ("text", 'words and "more"', '"words and more"'),
        ("text", "", '""'),
        ("word", "Read Only", "read-only"),
        ("word", '"current"', "current"),
        ("word", "read only for you", "read-only"),
        ("word", "soon for you", "soon"),
        ("word", "current more", "current"),
        ("word", "readonly", "read-only"),
        ("word", "read_write", "read-write"),
        ("word", "Other words", "other"),
        ("word", "", ""),
        ("names", "{ a b }", "{ a, b }"),
        ("names", "{ }", ""),
        ("arcs", "{ a.1 }", "a 1"),
        ("value", "{ x }", "{ x }"),
    ],
)
def test_a_clause_is_written_as_the_grammar_has_it(kind: str, text: str, expected: str) -> None:
    found, _ = written(Clause(("X",), kind), read_tokens(text).tokens, StandIns())
    assert found.strip() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INTEGER { up(1) b(2) }", "INTEGER { up(1), b(2) }"),
        ("INTEGER ( up(1), down(2) )", "INTEGER { up(1), down(2) }"),
        ("Octet String (SIZE 4)", "OCTET STRING (SIZE (4))"),
        ("Object Identifier", "OBJECT IDENTIFIER"),
        ("OCTET STRING (0..4)", "OCTET STRING (SIZE (0..4))"),
        ("INTEGER (SIZE (0..4))", "INTEGER (0..4)"),
        ("DisplayString (0..4)", "DisplayString (0..4)"),
        ("{ up(1) }", "INTEGER { up(1) }"),
        ("Integer32 { up(1) b(2) }", "Integer32 { up(1), b(2) }"),
        ("Gauge32 { }", "Gauge32"),
        ("OCTET STRING { up(1) }", "OCTET STRING"),
        ("IpAddress { up(1) }", "IpAddress"),
        ("SEQUENCE of FooEntry", "SEQUENCE OF FooEntry"),
        ("SEQUENCE { a INTEGER b C }", "SEQUENCE { a INTEGER, b INTEGER }"),
        ("[APPLICATION 1] IMPLICIT INTEGER (0...3)", "INTEGER (0..3)"),
        ("BITS", "BITS { (0) }"),
        ("fooType", "fooType"),
        ("OBJECT-TYPE", ""),
        ("STRING", ""),
        ("5", ""),
        ("OCTET", ""),
        ("", ""),
    ],
)
def test_a_syntax_is_written_as_the_grammar_has_it(text: str, expected: str) -> None:
    stand_ins = StandIns()
    found, _ = write_syntax(read_tokens(text).tokens, stand_ins)
    assert stand_ins.shown(found) == expected


def test_each_macro_has_its_description_behind_its_status() -> None:
    for clauses in GRAMMAR.values():
        words = [clause.words[0] for clause in clauses]
        assert len(set(words)) == len(words)
        if "STATUS" in words:
            assert words.index("STATUS") < words.index("DESCRIPTION")
