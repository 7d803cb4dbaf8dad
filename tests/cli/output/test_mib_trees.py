"""Trees and lists of nodes; tests/interop/test_translate.py compares them with net-snmp's."""

from __future__ import annotations

import pytest

from snmptcp.cli.output.mib_trees import above, branch_at, dump_lines, list_lines, roots, tree_lines
from snmptcp.mib import Mib
from snmptcp.oid import OID

TREE = """\
+--acmeMIB(9999)
   |
   +--anonymous(0)
   |  |
   |  +--acmeAlarm(1)
   |
   +--acme-objects(1)
      |
      +-- -RW- EnumVal   acmeState(1)
      |        Textual Convention: AcmeState
      |        Values: off(0), slow-start(1), on(2)
      +-- -R-- Integer32 acmeHeat(2)
      |        Textual Convention: AcmeCelsius
      |        Range: -500..1500
      +-- -RW- BitString acmeFlags(3)
      |        Values: fans(0), lamp(1), horn(9)
      |
      +--acmeGateTable(4)
"""


def lines_of(mib: Mib, name: str, letters: str) -> list[str]:
    branch = branch_at(mib, mib.oid(name))
    assert branch is not None
    return list(list_lines(above(mib, branch), branch, letters))


def test_a_tree_shows_arcs_without_a_name_too(acme_mib: Mib) -> None:
    branch = branch_at(acme_mib, acme_mib.oid("acmeMIB"))
    assert branch is not None
    lines = [line.rstrip() for line in tree_lines(branch, 1000)]
    assert lines[: TREE.count("\n")] == TREE.splitlines()


def test_a_tree_begins_at_the_object_of_an_instance(acme_mib: Mib) -> None:
    branch = branch_at(acme_mib, acme_mib.oid("acmeHeat.0"))
    assert branch is not None
    assert next(tree_lines(branch, 1000)) == "+-- -R-- Integer32 acmeHeat(2)"
    assert branch_at(Mib(standard=False), OID("1.3")) is None


@pytest.mark.parametrize(
    ("letters", "lines"),
    [
        ("o", [".1.3.6.1.4.1.9999.1.5", ".1.3.6.1.4.1.9999.1.5.1", ".1.3.6.1.4.1.9999.1.5.1.1"]),
        (
            "z",
            [
                f'"acmeIf{part}"\t\t\t"1.3.6.1.4.1.9999.1.5{arcs}"'
                for part, arcs in (("Table", ""), ("Entry", ".1"), ("Color", ".1.1"))
            ],
        ),
        (
            "t",
            [
                "                acmeIfTable(5) type=0",
                "                  acmeIfEntry(1) type=0",
                "                    acmeIfColor(1) type=2 tc=DisplayString hint=255a",
            ],
        ),
    ],
)
def test_a_list_has_a_branch_and_what_is_below_it(acme_mib: Mib, letters: str, lines: list[str]) -> None:
    assert lines_of(acme_mib, "acmeIfTable", letters) == lines


def test_lists_of_several_letters_have_their_lines_side_by_side(acme_mib: Mib) -> None:
    labels = ".iso.org.dod.internet.private.enterprises.acmeMIB.acme-objects.acmeHeat"
    assert lines_of(acme_mib, "acmeHeat", "so") == [".1.3.6.1.4.1.9999.1.2", labels]
    assert lines_of(acme_mib, "acmeHeat", "t")[0].endswith("(2) type=16 tc=AcmeCelsius hint=d-1 units=degrees Celsius")


def test_the_roots_are_in_net_snmps_order_and_not_in_lists(acme_mib: Mib) -> None:
    branches = roots(acme_mib)
    assert [branch.label for branch in branches] == ["iso", "ccitt", "joint-iso-ccitt"]
    lists = [line for branch in branches for line in list_lines((), branch, "o")]
    assert (lists[0], lists[-1]) == (".1.0", ".0.0")


def test_a_module_of_the_tree_has_the_nodes_of_one_arc_together(acme_mib: Mib) -> None:
    branch = branch_at(acme_mib, acme_mib.oid("acmeMIB"))
    assert branch is not None
    lines = list(dump_lines([branch]))
    assert lines[:4] == [
        "dump DEFINITIONS ::= BEGIN",
        "anonymous OBJECT IDENTIFIER ::= { acmeMIB 0 }",
        "acme-objects OBJECT IDENTIFIER ::= { acmeMIB 1 }",
        "acmeAlarm OBJECT IDENTIFIER ::= { anonymous 1 }",
    ]
    assert lines[-1] == "END"
