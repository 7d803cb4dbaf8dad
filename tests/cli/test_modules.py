"""Modules, files and folders as words of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.modules import Finding, find_modules
from snmptcp.errors import MibError
from snmptcp.mib import Mib, Module, Problem

if TYPE_CHECKING:
    from pathlib import Path


def module(name: str, arc: int, imports: str = "", updated: str = "") -> str:
    """Return a module with one node and, if it has a date, a MODULE-IDENTITY."""
    identity = (
        f'acmeModule{arc} MODULE-IDENTITY LAST-UPDATED "{updated}" ORGANIZATION "." CONTACT-INFO "." DESCRIPTION "."\n'
        f"::= {{ enterprises 9998 {arc + 100} }}\n"
    )
    return (
        f"{name} DEFINITIONS ::= BEGIN\nIMPORTS MODULE-IDENTITY, enterprises FROM SNMPv2-SMI {imports};\n"
        f"{identity if updated else ''}acmeThing{arc} OBJECT IDENTIFIER ::= {{ enterprises 9998 {arc} }}\nEND\n"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mibs"
    made.mkdir()
    (made / "one.txt").write_text(module("ONE-MIB", 1))
    (made / "two.txt").write_text(module("TWO-MIB", 2, "nothing FROM NOWHERE-MIB"))
    (made / "bad.txt").write_text("BAD-MIB DEFINITIONS ::= BEGIN\n\nx !! y\nEND\n")
    (made / "page.txt").write_text("<html>Not found</html>")
    (made / "notes").write_text("Nothing of the kind.")
    return made


@pytest.fixture
def mib() -> Mib:
    return Mib(standard=False)


def by_name(found: list[Finding]) -> dict[str, Finding]:
    return {finding.module: finding for finding in found}


def test_a_folder_stands_for_all_that_is_in_it(mib: Mib, folder: Path) -> None:
    found = by_name(find_modules(mib, [str(folder)], []))
    assert set(found) == {"ONE-MIB", "TWO-MIB", "BAD-MIB", "page"}
    assert list(found["ONE-MIB"].lines()) == [f"{folder}/one.txt: ONE-MIB: ok"]
    assert found["TWO-MIB"].loaded is not None
    assert found["TWO-MIB"].missing == ("NOWHERE-MIB",)
    assert list(found["TWO-MIB"].lines())[-1] == (
        f"{folder}/two.txt: TWO-MIB: it imports from NOWHERE-MIB, which cannot be read"
    )
    assert found["BAD-MIB"].loaded is None
    assert [problem.line for problem in found["BAD-MIB"].problems] == [3]
    assert [str(problem) for problem in found["page"].problems] == [
        f"{folder}/page.txt:1: page: this is a page of HTML without a MIB module in it"
    ]


def test_all_stands_for_the_folders_that_options_name(folder: Path) -> None:
    found = by_name(find_modules(Mib(standard=False, folders=[folder]), ["all"], [folder]))
    assert {"ONE-MIB", "TWO-MIB", "BAD-MIB", "page"} == set(found)


def test_a_file_stands_for_its_modules(mib: Mib, folder: Path) -> None:
    file = folder / "both.txt"
    file.write_text(module("THREE-MIB", 3) + module("FOUR-MIB", 4))
    seen: list[tuple[int, int]] = []
    found = find_modules(mib, [str(file)], [], lambda done, total: seen.append((done, total)))
    assert [finding.module for finding in found] == ["THREE-MIB", "FOUR-MIB"]
    assert seen == [(0, 2), (1, 2)]


def test_a_module_is_looked_for_in_the_bundle_too(mib: Mib) -> None:
    known, unknown = find_modules(mib, ["SNMPv2-TC", "NO-SUCH-MIB"], [])
    assert list(known.lines()) == ["pysnmp-pysmi: SNMPv2-TC: ok"]
    assert unknown.loaded is None
    assert "NO-SUCH-MIB: " in "\n".join(unknown.lines())


def test_a_copy_that_is_not_used_is_told(mib: Mib, folder: Path) -> None:
    for name, updated in (("old", "200001010000Z"), ("new", "202001010000Z")):
        (folder / f"{name}.txt").write_text(module("FIVE-MIB", 5, updated=updated))
    (found,) = find_modules(mib, [f"{folder}/new.txt", f"{folder}/old.txt"], [])
    assert list(found.lines()) == [
        f"{folder}/new.txt: FIVE-MIB: ok",
        f"{folder}/old.txt: FIVE-MIB: this copy is not used: {folder}/new.txt is newer, or was found first",
    ]
    assert found.json() == {
        "readable": True,
        "module": "FIVE-MIB",
        "path": f"{folder}/new.txt",
        "revision": "2020-01-01",
        "unused": [f"{folder}/old.txt"],
    }


def test_a_file_that_is_none_is_an_error(mib: Mib, folder: Path) -> None:
    for name, reason in (("absent", "No such file"), ("notes", "there is no MIB module in it")):
        with pytest.raises(MibError, match=reason):
            find_modules(mib, [str(folder / name)], [])


def test_folders_without_modules_are_an_error(mib: Mib, tmp_path: Path) -> None:
    with pytest.raises(MibError, match=f"there is no MIB module in {tmp_path}"):
        find_modules(mib, [str(tmp_path)], [])
    with pytest.raises(MibError, match=f"there is no MIB module in {tmp_path} or {tmp_path}"):
        find_modules(mib, ["ALL"], [tmp_path, tmp_path])
    with pytest.raises(MibError, match="there is no MIB module in the folders of -M"):
        find_modules(mib, ["ALL"], [])
    (empty,) = find_modules(mib, [""], [])
    assert "no module can have this name" in "".join(empty.lines())


def test_repairs_follow_the_module() -> None:
    loaded = Module("ACME-MIB", "acme.txt", "00", repairs=("acme.txt:7: ACME-MIB: a comma was missing",))
    finding = Finding("ACME-MIB", loaded, (Problem("ACME-MIB", "old.txt", 3, "bad grammar"),))
    assert list(finding.lines()) == [
        "acme.txt: ACME-MIB: repaired",
        "acme.txt:7: ACME-MIB: a comma was missing",
        "old.txt:3: ACME-MIB: bad grammar",
    ]
    assert list(finding.faults()) == ["old.txt:3: ACME-MIB: bad grammar"]
    assert finding.json()["problems"] == [{"path": "old.txt", "line": 3, "reason": "bad grammar"}]
