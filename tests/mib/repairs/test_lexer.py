"""Tokens of odd texts, and texts of tokens."""

from __future__ import annotations

import pytest

from snmptcp.mib.repairs.lexer import INNER_QUOTE, read_tokens, render


def texts(text: str, *, closed_comments: bool = False) -> list[str]:
    return [token.text for token in read_tokens(text, closed_comments=closed_comments).tokens]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a-b OBJECT\tIDENTIFIER::={x 1}", ["a-b", "OBJECT", "IDENTIFIER", "::=", "{", "x", "1", "}"]),
        ("up(1)--comment\nb", ["up", "(", "1", ")", "b"]),
        ("foo-- c\nfoo- (", ["foo", "foo-", "("]),
        ("(-5..'0F'h|10)", ["(", "-5", "..", "'0F'h", "|", "10", ")"]),
        ("a := b ::c : = d", ["a", "::=", "b", "::=", "c", "::=", "d"]),
        ("a = { b } c = d", ["a", "::=", "{", "b", "}", "c", "=", "d"]),
        ("a\x03b\x1b\x7f\x85c", ["a", "b", "c"]),
        ("10GBase 2.5 packet/attack", ["10GBase", "2", ".", "5", "packet", "/", "attack"]),
        ("a -- b -- c", ["a"]),
        ("\u00a0a\x1a\x0cb", ["a", "b"]),
        ("a // b\nc /* d\n-- e */ f", ["a", "c", "f"]),
        ("", []),
    ],
)
def test_tokens_of_a_text(text: str, tokens: list[str]) -> None:
    assert texts(text) == tokens


def test_comments_of_asn1_end_at_the_second_pair_of_hyphens_but_lines_of_hyphens_do_not() -> None:
    assert texts("a -- b -- c\n-----\n--- x --- y\nd", closed_comments=True) == ["a", "c", "d"]


@pytest.mark.parametrize(
    ("text", "string", "behind", "note"),
    [
        ('"a" STATUS', '"a"', "STATUS", None),
        ('"a\n OBJECT-TYPE ::= { b 1 }\nEND" }', '"a\n OBJECT-TYPE ::= { b 1 }\nEND"', "}", None),
        ('"a" \n::=', '"a"', "::=", None),
        ('"a" REFRENCE', '"a', "REFRENCE", "a text without its closing quote ends here"),
        ('"a"\nREFRENCE', '"a"', "REFRENCE", None),
        ('"a "b" c" ::=', '"a "b" c"', "::=", "quotes within a text are read as its characters"),
        ('"a""b" ::=', '"a""b"', "::=", "quotes within a text are read as its characters"),
        ('"a" and more.\n  STATUS current', '"a"', "STATUS", "the text behind a closing quote is left out"),
        ('"a"\n = { b 1 }', '"a"', "::=", "'=' is read as '::='"),
        ('"a" b\nc OBJECT-TYPE\n := { d 1 }', '"a"', "c", "the text behind a closing quote is left out"),
        ('"a ::= { b 1 }', '"a"', "::=", "a text without its closing quote ends here"),
        (
            '"a\n  ::= { b 1 }\nc OBJECT-TYPE\n DESCRIPTION "d"',
            '"a"',
            "::=",
            "a text without its closing quote ends here",
        ),
        ("\u201ca\u201d ::=", '"a"', "::=", "the quotes of a word processor are read as quotes"),
        ('"on"(2)', '"on"', "(", None),
    ],
)
def test_a_string_ends_where_something_follows_that_can(text: str, string: str, behind: str, note: str | None) -> None:
    read = read_tokens(text)
    if string.endswith('"'):
        assert [token.text for token in read.tokens][:2] == [string, behind]
    assert [said for _, said in read.notes][:1] == ([note] if note else [])


def test_a_string_without_its_closing_quote_does_not_reach_into_the_next_type() -> None:
    text = '"a\n  SYNTAX INTEGER { b(1) }\n\nC ::= TEXTUAL-CONVENTION\n  DESCRIPTION "d"\n  SYNTAX INTEGER { e(1) }'
    assert texts(text)[:5] == ['"a"', "SYNTAX", "INTEGER", "{", "b"]


def test_a_line_of_a_token_is_that_of_the_text() -> None:
    text = 'a\n"b\nc"\n-- d\n STATUS "f" STATUS\n'
    read = read_tokens(text, 10)
    assert [(token.text, token.line, token.first) for token in read.tokens] == [
        ("a", 10, True),
        ('"b\nc"', 11, True),
        ("STATUS", 14, True),
        ('"f"', 14, False),
        ("STATUS", 14, False),
    ]
    assert render(read.tokens) == ' a\n"b\nc"\n\nSTATUS "f" STATUS'
    assert [text[token.start] for token in read.tokens] == ["a", '"', "S", '"', "S"]


PAGE = """
Acme & Sons          Standards Track               [Page 12]
\x0c
RFC 9999               A Module               June 2000

"""


def test_the_lines_between_two_pages_are_left_out() -> None:
    text = f'a OBJECT-TYPE\n "b"\n{PAGE}STATUS up(1),\n{PAGE}"c{PAGE}"\nEnd [Page 13]\n'
    read = read_tokens(text)
    assert [(token.text, token.line) for token in read.tokens] == [
        ("a", 1),
        ("OBJECT-TYPE", 1),
        ('"b"', 2),
        ("STATUS", 8),
        ("up", 8),
        ("(", 8),
        ("1", 8),
        (")", 8),
        (",", 8),
        (f'"c{PAGE}"', 14),
    ]
    assert [tuple(note) for note in read.notes] == [
        (line, "the lines between two pages are left out") for line in (4, 10, 20)
    ]


def test_the_inside_of_a_macro_is_left_out() -> None:
    text = 'A MACRO ::=\nBEGIN\n TYPE NOTATION ::= "SYNTAX" type "x" value\nEND\nb "c" END'
    assert [(token.text, token.line) for token in read_tokens(text).tokens] == [
        ("A", 1),
        ("MACRO", 1),
        ("END", 4),
        ("b", 5),
        ('"c"', 5),
        ("END", 5),
    ]


def test_quotes_within_a_text_stand_aside_in_what_the_compiler_reads() -> None:
    assert render(read_tokens('"a "b" c" ::=').tokens) == f' "a {INNER_QUOTE}b{INNER_QUOTE} c" ::='
