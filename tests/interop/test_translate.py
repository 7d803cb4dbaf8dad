"""The forms of ``snmptcp translate``, compared with those of net-snmp's snmptranslate on the same modules.

What differs on purpose is a row of docs/cli.md; :func:`as_ours` and :func:`as_theirs` make it equal.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.output.definitions import definition_lines
from snmptcp.cli.output.mib_trees import dump_lines, list_lines, roots, tree_lines
from snmptcp.mib import Mib, TextFormatter, TextStyle
from snmptcp.mib.sources import Sources
from tests.mib.acme import ACME
from tests.support.netsnmp import PATIENCE, environment, require_program

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pytestmark = pytest.mark.interop

#: Modules with objects of all kinds that no other module repeats.
MODULES = (
    "IF-MIB",
    "IP-MIB",
    "HOST-RESOURCES-MIB",
    "SNMP-VIEW-BASED-ACM-MIB",
    "SNMP-USER-BASED-SM-MIB",
    "SNMP-TARGET-MIB",
    "ACME-MIB",
)

#: net-snmp shows no more characters of a DESCRIPTION.
LONGEST = 4095

WIDE = 1_000_000


class SnmpTranslate:
    """net-snmp's snmptranslate with our own module and those of the compiler's bundle.

    Args:
        folder: where the modules are written.
    """

    def __init__(self, folder: Path) -> None:
        self._program = require_program("snmptranslate", "snmp")
        sources = Sources()
        for name in sources.bundled_names():
            source = sources.find(name)
            assert source is not None
            (folder / name).write_text(source.text, encoding="utf-8")
        (folder / "ACME-MIB").write_text(ACME)
        self._environment = {**environment(folder), "MIBDIRS": str(folder), "MIBS": ":".join(MODULES)}

    def run(self, *words: str) -> str:
        """Return what it prints."""
        done = subprocess.run(
            [self._program, *words], env=self._environment, capture_output=True, check=True, timeout=PATIENCE
        )
        return done.stdout.decode("utf-8", "backslashreplace")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> SnmpTranslate:
    return SnmpTranslate(tmp_path_factory.mktemp("translate"))


@pytest.fixture(scope="module")
def ours(acme_folder: Path) -> Mib:
    mib = Mib(folders=[acme_folder], standard=False)
    assert mib.load(*MODULES) == ()
    return mib


def test_every_name_has_the_same_text_in_all_forms(theirs: SnmpTranslate, ours: Mib) -> None:
    nodes = [node for node in ours.nodes() if len(node.oid) > 1][::7]
    assert len(nodes) > 100
    numbers = [f".{node.oid}" for node in nodes]
    for letter in "nfsSu":
        formatter = TextFormatter(ours, TextStyle().with_letters(letter))
        assert [formatter.name(node.oid) for node in nodes] == theirs.run(f"-O{letter}", *numbers).split()


def test_every_definition_has_the_same_text(theirs: SnmpTranslate, ours: Mib) -> None:
    nodes = [node for node in ours.nodes() if len(node.oid) > 1]
    shown = theirs.run("-Td", *(f".{node.oid}" for node in nodes))
    found = re.findall(r"(.*?\n::= \{ (?:iso|ccitt)[^\n]*\})\n\n?", shown, re.DOTALL)
    formatter = TextFormatter(ours)
    made = ["\n".join([formatter.name(node.oid), *definition_lines(ours, node.oid, WIDE)]) for node in nodes]
    assert [as_theirs(text) for text in made] == [as_ours(text) for text in found]


def as_theirs(text: str) -> str:
    """Return a definition of ours with what net-snmp shows otherwise on purpose."""
    text = re.sub(r"DEFVAL\t\{ '([0-9A-Fa-f]*)'H \}", lambda match: f"DEFVAL\t{{ {int(match[1] or '0', 16)} }}", text)
    description = re.search(r'  DESCRIPTION\t"(.*)"\n(?:  DEFVAL|::=)', text, re.DOTALL)
    return text if description is None else text.replace(description[1], description[1][:LONGEST])


def as_ours(text: str) -> str:
    """Return a definition of net-snmp's with what we show otherwise on purpose."""
    text = re.sub(r'DEFVAL\t\{ \\"(.*)\\" \}', r'DEFVAL\t{ "\1" }', text)
    return text.replace(" type_23\n", " NOTIFICATION-GROUP\n")


@pytest.mark.parametrize("width", [WIDE, 80])
def test_the_tree_is_the_same(theirs: SnmpTranslate, ours: Mib, width: int) -> None:
    shown = re.sub(r"anonymous#\d+", "anonymous", theirs.run("-Tp", "-w", str(width)))
    assert "\n".join(tree_lines(roots(ours)[0], width)) == shown.rstrip("\n")


def test_the_definition_of_a_narrow_line_is_the_same(theirs: SnmpTranslate, ours: Mib) -> None:
    for name in ("ipAddressPrefixEntry", "ifType", "linkDown", "ifTable"):
        oid = ours.oid(name)
        shown = theirs.run("-Td", "-w", "60", f".{oid}").rstrip("\n").partition("\n")[2]
        assert "\n".join(definition_lines(ours, oid, 60)) == shown


def test_the_lists_are_the_same(theirs: SnmpTranslate, ours: Mib) -> None:
    shown = re.sub(r"anonymous#\d+", "anonymous", theirs.run("-Tlosz"))
    assert lists(ours, "losz") == shown.splitlines()
    typed = [re.sub(r" tc=\d+", "", line) for line in theirs.run("-Tt").splitlines()]
    assert [re.sub(r" tc=\S+", "", line) for line in lists(ours, "t")] == [
        re.sub(r"anonymous#\d+", "anonymous", line) for line in typed
    ]


def lists(mib: Mib, letters: str) -> list[str]:
    return [line for branch in roots(mib) for line in list_lines((), branch, letters)]


def test_the_module_of_the_tree_has_the_same_lines(theirs: SnmpTranslate, ours: Mib) -> None:
    shown = re.sub(r"anonymous#\d+", "anonymous", theirs.run("-Ta"))
    assert sorted(dump_lines(roots(ours)[:1])) == sorted(shown.splitlines())


def test_a_search_finds_the_same_labels(theirs: SnmpTranslate, ours: Mib) -> None:
    def found(pattern: str) -> Iterable[str]:
        return (node.name for node in ours.nodes() if re.search(pattern, node.label, re.IGNORECASE))

    for pattern in ("^vacm.*status$", "ifStack"):
        assert sorted(found(pattern)) == sorted(theirs.run("-TB", pattern).splitlines())
