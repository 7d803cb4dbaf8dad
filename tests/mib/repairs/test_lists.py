"""Lists of definitions, however they are written."""

from __future__ import annotations

import pytest

from snmptcp.mib.repairs.lexer import read_tokens
from snmptcp.mib.repairs.lists import Listed, read_arcs, read_columns, read_names, read_numbers, read_ranges
from snmptcp.mib.repairs.stand_ins import StandIns


@pytest.mark.parametrize(
    ("text", "numbers", "left_out"),
    [
        ("{ up(1), down(2) }", "up(1), down(2)", ()),
        ("{ up(1) down(2), }", "up(1), down(2)", ()),
        ("{ up(1,, down(2 ; }", "up(1), down(2)", ()),
        ('{ a/b(1), 10G (2), "on"(3), not x(-4) }', "a/b(1), 10G(2), on(3), not-x(-4)", ()),
        ('{ up(\'0A\'h), down(0x0b), "c"("3") }', "up(10), down(11), c(3)", ()),
        ('{ "u\x1bp"(1), do\x03wn(2) }', "u-p(1), do-wn(2)", ()),
        ("{ up, down(2), x(y) }", "down(2)", ("up", "x", "y")),
        ("{ up(1)\nSTATUS current", "up(1)", ()),
        ("{ STATUS(1) }", "STATUS(1)", ()),
        ("{ up(1),\nAcme Inc.\ndown(2) }", "up(1), down(2)", ()),
        ("{ }", "", ()),
        ("{", "", ()),
        ("{ ( ) ( ( ) }", "", ()),
        (f"{{ a({'9' * 5000}) }}", "", ("a", "9" * 5000)),
    ],
)
def test_named_numbers(text: str, numbers: str, left_out: tuple[str, ...]) -> None:
    stand_ins = StandIns()
    listed = read_numbers(read_tokens(text).tokens, 0, stand_ins)
    assert (stand_ins.shown(listed.text), listed.left_out) == (numbers, left_out)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{ a, b }", "a, b"),
        ("{ a b, }", "a, b"),
        ("{ IMPLIED a INTEGER, OCTET STRING }", "IMPLIED a, INTEGER, OCTET STRING"),
        ("a, b\n::=", "a, b"),
        ("{ a, b\nSTATUS", "a, b"),
        ("{ a . 0 # }", "a"),
        ("{ 3Com }", "3Com"),
        ("{ }", ""),
        ("", ""),
    ],
)
def test_names(text: str, names: str) -> None:
    stand_ins = StandIns()
    assert stand_ins.shown(read_names(read_tokens(text).tokens, 0, stand_ins).text) == names


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("{ a INTEGER, b OCTET STRING (SIZE (1..2)), c D { e(1) } }", "a INTEGER, b INTEGER, c INTEGER"),
        ("{ a INTEGER b Counter c OBJECT IDENTIFIER }", "a INTEGER, b INTEGER, c INTEGER"),
        ("{ a, b INTEGER (0..3, C D }", "a INTEGER, b INTEGER, C INTEGER"),
        ("{ a INTEGER,, }", "a INTEGER"),
        ("{ }", ""),
    ],
)
def test_columns(text: str, columns: str) -> None:
    stand_ins = StandIns()
    assert stand_ins.shown(read_columns(read_tokens(text).tokens, 0, stand_ins).text) == columns


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("(0..255)", "(0..255)"),
        ("(0...255)", "(0..255)"),
        ("(0 to 255)", "(0..255)"),
        ("(0-255)", "(0..255)"),
        ("(-10..-5)", "(-10..-5)"),
        ("(0 - 255)", "(0..255)"),
        ("(-1, 5..MAX)", "(-1 | 5..MAX)"),
        ("(MIN..0)", "(-2147483648..0)"),
        ("(SIZE (0..8 | 16))", "(SIZE (0..8 | 16))"),
        ("SIZE (MIN..8)", "(SIZE (0..8))"),
        ("(SIZE 4)", "(SIZE (4))"),
        ("(0x00..'ff'h)", "(0..255)"),
        ("(0..255 STATUS", "(0..255)"),
        ("(low..high)", ""),
        ("(1 2 3)", ""),
        ("()", ""),
        ("(0..99999999999999999999)", ""),
    ],
)
def test_ranges(text: str, ranges: str) -> None:
    listed = read_ranges(read_tokens(text).tokens, 0)
    assert isinstance(listed, Listed)
    assert listed.text == ranges


@pytest.mark.parametrize(
    ("text", "arcs"),
    [
        ("{ enterprises 9 1 }", "enterprises 9 1"),
        ("enterprises.9.1", "enterprises 9 1"),
        ("{ iso org(3) 6 } junk", "iso org(3) 6"),
        ("{ ccitt 0 }", "0 0"),
        ("{ joint-iso-ccitt, 1 }", "2 1"),
        ("{ a # }", ""),
        ("( a 9 )", "a 9"),
        ("( a b(9) )", "a b(9)"),
        ("{ }", ""),
    ],
)
def test_arcs(text: str, arcs: str) -> None:
    assert read_arcs(read_tokens(text).tokens, StandIns()) == arcs
