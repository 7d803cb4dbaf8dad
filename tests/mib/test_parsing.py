"""Syntax trees of modules."""

from __future__ import annotations

import pytest

from snmptcp.mib.parsing import ModuleParser
from snmptcp.mib.repairs.definitions import Refused
from snmptcp.mib.sources import Sources


@pytest.fixture(scope="module")
def parser() -> ModuleParser:
    return ModuleParser()


def test_a_text_without_faults_is_read_as_a_whole(parser: ModuleParser) -> None:
    tree, notes = parser.parse("A", "A DEFINITIONS ::= BEGIN IMPORTS b FROM C; a OBJECT IDENTIFIER ::= { b 1 } END")
    assert tree.imports == {"C": ["b"]}
    assert [item[1] for item in tree.declarations or ()] == ["a"]
    assert notes == []


@pytest.mark.parametrize("module", ["SNMPv2-TC", "RFC-1212", "RFC1155-SMI", "IF-MIB", "RFC1213-MIB", "OSPFV3-MIB"])
def test_a_module_without_faults_is_the_same_when_it_is_read_part_by_part(parser: ModuleParser, module: str) -> None:
    source = Sources().find(module)
    assert source is not None
    whole = parser.parse(module, source.text).tree

    tree, notes = parser.parse(module, f"{source.text}\n!")

    assert [text for _, text in notes] == ["what stands behind END is left out"]
    assert tree.imports == (whole.imports or {})
    assert tree.declarations == [item for item in whole.declarations or () if item]


def test_a_name_that_begins_with_a_digit_is_one_name(parser: ModuleParser) -> None:
    text = "A DEFINITIONS ::= BEGIN 3Com OBJECT IDENTIFIER ::= { b 1 }\na OBJECT IDENTIFIER ::= { 3Com 7 }\nEND"
    tree, _ = parser.parse("A", text)
    assert tree.declarations == [
        ("valueDeclaration", "3Com", ("objectIdentifier", ["b", 1])),
        ("valueDeclaration", "a", ("objectIdentifier", ["3Com", 7])),
    ]
    assert parser.parse("A", text.replace("3Com", "aCom").replace("END", "-- of 3Com Corp\nEND")).notes == []


def test_a_comment_directly_behind_a_word_is_no_part_of_it(parser: ModuleParser) -> None:
    text = (
        "A DEFINITIONS ::= BEGIN\na OBJECT-TYPE SYNTAX INTEGER--it\n ACCESS read-only-- more\n STATUS mandatory\n"
        ' DESCRIPTION "one--two\nthree--four" ::= { b 1 }\nEND'
    )
    tree, notes = parser.parse("A", text)
    clean = parser.parse("A", text.replace("INTEGER--it", "INTEGER").replace("read-only-- more", "read-only"))
    assert tree.declarations == clean.tree.declarations
    assert [tuple(note) for note in notes] == [(2, "a: '--' directly behind a word begins a comment")]
    assert clean.notes == []


def test_definitions_that_can_be_read_are_kept_and_the_others_told(parser: ModuleParser) -> None:
    tree, notes = parser.parse("A", "A DEFINITIONS ::= BEGIN\na OBJECT IDENTIFIER ::= { b 1 }\nc OBJECT-TYPE ]\nEND")
    assert [item[1] for item in tree.declarations or ()] == ["a"]
    assert [tuple(note) for note in notes] == [(3, "c cannot be read, and is left out: bad grammar near ]")]


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("A DEFINITIONS ::= BEGIN\na OBJECT-TYPE ]\nEND", "bad grammar near ]", 2),
        ("A DEFINITIONS ::= BEGIN\n\n?", "Illegal character '?', 0 characters left unparsed at this stage", 3),
        ("B DEFINITIONS ::= BEGIN END", "it is not in its text", 0),
        ("", "the text ends before the END of the module", 1),
    ],
)
def test_a_text_of_which_nothing_can_be_read_is_refused(
    parser: ModuleParser, text: str, reason: str, line: int
) -> None:
    with pytest.raises(Refused) as caught:
        parser.parse("A", text)
    assert caught.value.reason.startswith(reason)
    assert caught.value.line == line


def test_a_number_of_thousands_of_digits_is_left_out(parser: ModuleParser) -> None:
    tree, notes = parser.parse("A", f"A DEFINITIONS ::= BEGIN B ::= INTEGER (0..{'9' * 5000}) END")
    assert next(iter(tree.declarations or ()))[:2] == ("typeDeclaration", "B")
    assert notes[0].text.startswith("B: it is read as INTEGER, without (0..9999")
    assert len(notes[0].text) < 200


def test_no_name_of_a_list_without_commas_is_lost(parser: ModuleParser) -> None:
    tree, notes = parser.parse(
        "A",
        "A DEFINITIONS ::= BEGIN a OBJECT-TYPE SYNTAX B ACCESS c STATUS d INDEX { e f IMPLIED g } ::= { h 1 }\n"
        "i TRAP-TYPE ENTERPRISE j VARIABLES { k l } ::= 1 END",
    )
    assert tree.declarations is not None
    entry, trap = tree.declarations
    assert entry[9] == ("INDEX", [(0, "e"), (0, "f"), (1, "g")])
    assert trap[3] == ("VarTypes", ["k", "l"])
    assert len(notes) == 2


def test_what_stands_behind_a_closed_comment_is_read_only_if_it_fits(parser: ModuleParser) -> None:
    text = "A DEFINITIONS ::= BEGIN\nB ::= INTEGER {{ a(1), -- one -- b(2), -- two --\nc(3) }}\n{more}\nEND"
    for more in ("", "C ::= INTEGER { -- a(1), -- old -- b(2) }\nd(3) }"):
        tree, notes = parser.parse("A", text.format(more=more))
        labels = next(iter(tree.declarations or ()))[2][1][2][1]
        assert labels == [("a", 1), ("b", 2), ("c", 3)]
        assert (2, "B: a second '--' in a line ends a comment") in [tuple(note) for note in notes]
