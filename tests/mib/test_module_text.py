"""What is found in the text of a module: names for arcs, and types without a display hint."""

from __future__ import annotations

import pytest

from snmptcp.mib import Mib
from snmptcp.mib.module_text import arc_names, types_without_hint
from snmptcp.oid import OID

ACME = OID("1.3.6.1.4.1.9999.5.7")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("acme OBJECT IDENTIFIER ::= { enterprises corp(9999) 5 7 }", {"corp": ACME[:7]}),
        ("acme OBJECT IDENTIFIER ::= { enterprises corp(9999) tools(5) 7 }", {"corp": ACME[:7], "tools": ACME[:8]}),
        ("acme OBJECT\n  IDENTIFIER\n ::={corp tools ( 5 ) acme(7)}", {"tools": ACME[:8]}),
        ('acme MODULE-IDENTITY ORGANIZATION "::= { a b(1) 2 }" ::= { corp tools(5) 7 }', {"tools": ACME[:8]}),
        ("acme OBJECT-TYPE SYNTAX INTEGER { on(1), off(2) } ::= { corp tools(5) 7 }", {"tools": ACME[:8]}),
        (
            "acme OBJECT IDENTIFIER ::= { iso(1) org(3) dod(6) 1 4 1 9999 5 7 }",
            {"org": OID("1.3"), "dod": OID("1.3.6")},
        ),
        ("acme OBJECT-IDENTITY -- foo OBJECT-TYPE\n STATUS current ::= { corp tools(5) 7 }", {"tools": ACME[:8]}),
        # No names, or not those of arcs on the way:
        ("acme OBJECT IDENTIFIER ::= { enterprises 9999 5 7 }", {}),
        ("acme OBJECT IDENTIFIER ::= { tools acme(7) }", {}),
        ("acme OBJECT IDENTIFIER ::= { enterprises corp(1234) 5 7 }", {}),
        ("-- acme OBJECT IDENTIFIER ::= { corp tools(5) 7 }", {}),
        ("other OBJECT IDENTIFIER ::= { corp tools(5) 7 }", {}),
        ("State ::= INTEGER { on(1), off(2) }", {}),
        ("acme OBJECT IDENTIFIER ::= { 1(1) a(2) b(3) c(4) d(5) e(66) f(7) g(8) h(9) i(10) j(11) 7 }", {}),
        (f"acme OBJECT IDENTIFIER ::= {{ corp tools({'5' * 5000}) 7 }}", {}),
        ("acme OBJECT IDENTIFIER ::= { corp tools(5) ", {}),
        ("acme OBJECT IDENTIFIER ::= { (5) }", {}),
        ("", {}),
    ],
)
def test_arcs_have_the_names_that_oid_values_give_to_them(text: str, names: dict[str, OID]) -> None:
    assert dict(arc_names(text, {"acme": ACME})) == names


def test_the_standard_modules_name_the_arcs_above_them_as_in_net_snmp(acme_mib: Mib) -> None:
    assert acme_mib.name("1.0.8802.1.1") == "LLDP-MIB::ieee802dot1mibs"
    assert acme_mib.name("1.2.840.113549") == "IEEE8023-LAG-MIB::us.113549"
    assert acme_mib.oid(".iso.std.iso8802.ieee802dot1.ieee802dot1mibs.lldpMIB") == OID("1.0.8802.1.1.2")
    assert acme_mib.name("1.3.6.1.2.1") == "SNMPv2-SMI::mib-2"  # which others name on their way, too


@pytest.mark.parametrize(
    ("imports", "types"),
    [
        (
            "IMPORTS enterprises FROM RFC1155-SMI DisplayString, PhysAddress FROM RFC1213-MIB;",
            "DisplayString PhysAddress",
        ),
        ("IMPORTS DisplayString\n  FROM RFC1158-MIB\n  OBJECT-TYPE FROM RFC-1212;", "DisplayString"),
        ("IMPORTS mib-2, -- not this: DisplayString\n ifEntry FROM RFC1213-MIB;", ""),
        ("IMPORTS mib-2 FROM RFC1213-MIB DisplayString, PhysAddress FROM SNMPv2-TC;", ""),
        ("IMPORTS DisplayString FROM SNMPv2-TC mib-2 FROM RFC1213-MIB;", ""),
        ("IMPORTS myDisplayString FROM RFC1213-MIB;", ""),
        ("x DisplayString FROM RFC1213-MIB;", ""),
        ("IMPORTS DisplayString", ""),
        ("IMPORTS ;", ""),
    ],
)
def test_smiv1_modules_have_no_display_hint_for_the_types_of_mib_2(imports: str, types: str) -> None:
    assert types_without_hint(f"ACME-MIB DEFINITIONS ::= BEGIN {imports} END") == set(types.split())


def test_long_words_are_read_once() -> None:
    assert not list(arc_names("::= { a(" + "x-" * 200_000, {}))
