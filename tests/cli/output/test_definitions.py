"""Definitions as text and as JSON; tests/interop/test_translate.py compares their text with net-snmp's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.output.definitions import definition_json, definition_lines, filled
from snmptcp.mib import IndexPart, Mib, Node, NodeKind, Syntax
from snmptcp.oid import OID

if TYPE_CHECKING:
    from typing import Any

GUIDE = (Path(__file__).parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")

WIDE = 1_000_000


def text(mib: Any, name: str, width: int = WIDE) -> str:
    return "\n".join(definition_lines(mib, mib.oid(name), width))


def test_the_definition_of_a_row_has_its_index(acme_mib: Mib) -> None:
    path = "iso(1) org(3) dod(6) internet(1) private(4) enterprises(1) acmeMIB(9999) acme-objects(1) acmeGateTable(4)"
    assert text(acme_mib, "acmeGateEntry") == (
        "acmeGateEntry OBJECT-TYPE\n"
        "  -- FROM\tACME-MIB\n"
        "  MAX-ACCESS\tnot-accessible\n"
        "  STATUS\tcurrent\n"
        "  INDEX\t\t{ acmeGateType, acmeGateAddress, acmeGateMac, IMPLIED acmeGateName }\n"
        '  DESCRIPTION\t"A gate."\n'
        f"::= {{ {path} 1 }}"
    )


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("acmeState", "  -- TEXTUAL CONVENTION AcmeState"),
        ("acmeState", "  SYNTAX\tINTEGER {off(0), slow-start(1), on(2)} "),
        ("acmeState", "  DEFVAL\t{ on }"),
        ("acmeHeat", "  SYNTAX\tInteger32 (-500..1500) "),
        ("acmeHeat", '  DISPLAY-HINT\t"d-1"'),
        ("acmeHeat", '  UNITS\t\t"degrees Celsius"'),
        ("acmeGateAddress", "  SYNTAX\tOCTET STRING (4 | 16) "),
        ("acmeIfEntry", "  AUGMENTS\t{ ifEntry }"),
        ("acmeAlarm", "  OBJECTS\t{ acmeState, acmeHeat }"),
        ("ifTable", "  -- FROM\tIF-MIB, RFC1213-MIB"),
        ("schedVariable", "  DEFVAL\t{ zeroDotZero }"),
        ("linkUpDownNotificationsGroup", "linkUpDownNotificationsGroup NOTIFICATION-GROUP"),
        ("ifStackGroup2", "ifStackGroup2 OBJECT-GROUP"),
    ],
)
def test_a_definition_has_a_line_for_each_clause(acme_mib: Mib, name: str, line: str) -> None:
    assert line in text(acme_mib, name).split("\n")


def test_an_instance_is_shown_with_the_definition_of_its_object(acme_mib: Mib) -> None:
    lines = text(acme_mib, "ifDescr.7").split("\n")
    assert lines[0] == "ifDescr OBJECT-TYPE"
    assert lines[-1].endswith(" ifEntry(1) ifDescr(2) 7 }")


def test_an_oid_that_no_module_defines_has_no_description() -> None:
    class Nothing:
        def find(self, oid: OID) -> tuple[None, OID]:
            return None, oid

    nothing: Any = Nothing()
    assert list(definition_lines(nothing, OID("2.999.1"), WIDE)) == [
        "2.999.1 OBJECT-TYPE",
        "No description",
        "::= { 2 999 1 }",
    ]


def test_a_macro_has_a_description_even_if_it_is_empty() -> None:
    def definition(kind: NodeKind) -> list[str]:
        node = Node("EMPTY-MIB", "empty", OID("1.3"), kind)

        class Empty:
            def find(self, oid: OID) -> tuple[Node, OID]:
                return node, OID.fragment(())

            def definitions(self, oid: OID) -> tuple[Node, ...]:
                return (node,)

        empty: Any = Empty()
        return list(definition_lines(empty, node.oid, WIDE))

    assert '  DESCRIPTION\t""' in definition(NodeKind.NOTIFICATION)
    assert '  DESCRIPTION\t""' not in definition(NodeKind.NODE)


def test_lists_are_continued_before_the_width(acme_mib: Mib) -> None:
    assert "{ acmeGateType, \n\t\t  acmeGateAddress, \n\t\t  acmeGateMac, " in text(acme_mib, "acmeGateEntry", 40)
    assert "::= { iso(1) org(3) dod(6) internet(1)\n      private(4)" in text(acme_mib, "acmeGateEntry", 45)
    assert filled(["one", "two", "three"], 12, 0, "|", 0) == "one, two, |three"


def test_what_controls_a_terminal_has_escapes() -> None:
    """Texts of modules are strangers' texts."""
    node = Node(
        "EVIL-MIB",
        "evil",
        OID("1.3"),
        NodeKind.SCALAR,
        syntax=Syntax("INTEGER", "INTEGER", hint="d\x1b", primitive="INTEGER"),
        units="\x1b[2J",
        default='"\x07"',
        index=(IndexPart("x", "EVIL-MIB", Syntax("", "")),),
        _read_texts=lambda: ("one\n\ttwo\x1b]0;title\x07", ""),
    )

    class Evil:
        def find(self, oid: OID) -> tuple[Node, OID]:
            return node, OID.fragment(())

        def definitions(self, oid: OID) -> tuple[Node, ...]:
            return (node,)

    evil: Any = Evil()
    lines = list(definition_lines(evil, node.oid, WIDE))
    assert '  DESCRIPTION\t"one\n\ttwo\\x1b]0;title\\x07"' in lines
    assert "\x1b" not in "".join(lines)
    assert "\x07" not in "".join(lines)


def test_json_has_what_is_defined_and_nothing_empty(acme_mib: Mib) -> None:
    oid = acme_mib.oid("acmeHeat.0")
    assert definition_json(acme_mib, oid, "acmeHeat.0") == {
        "name": "acmeHeat.0",
        "oid": "1.3.6.1.4.1.9999.1.2.0",
        "module": "ACME-MIB",
        "label": "acmeHeat",
        "index": "0",
        "kind": "scalar",
        "textual_convention": "AcmeCelsius",
        "syntax": "Integer32",
        "ranges": [[-500, 1500]],
        "display_hint": "d-1",
        "units": "degrees Celsius",
        "max_access": "read-only",
        "status": "deprecated",
        "description": "How hot it is.",
        "reference": "The manual.",
    }
    assert definition_json(acme_mib, acme_mib.oid("acmeGateEntry"), "x")["implied"] is True
    assert definition_json(acme_mib, acme_mib.oid("ifTable"), "x")["also_in"] == ["RFC1213-MIB"]
    assert definition_json(acme_mib, acme_mib.oid("acmeState"), "x")["labels"] == {"off": 0, "slow-start": 1, "on": 2}


def test_the_page_names_all_fields_of_json(acme_mib: Mib) -> None:
    paragraph = GUIDE.partition("A definition as JSON has")[2].partition("\n\n")[0]
    names = (
        "acmeHeat.0",
        "acmeFlags",
        "acmeState",
        "acmeGateEntry",
        "acmeGateName",
        "acmeIfEntry",
        "acmeAlarm",
        "ifTable",
    )
    fields = {field for name in names for field in definition_json(acme_mib, acme_mib.oid(name), name)}
    assert sorted(re.findall("`(.*?)`", paragraph)) == sorted(fields)
