"""Compiling modules in a child process: the order, what goes wrong, and the limits."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import MibError
from snmptcp.mib import Problem
from snmptcp.mib.compiler import CompiledModule, Limits, check_compiler, compile_modules, compiler_version
from snmptcp.mib.sources import Source, Sources

if TYPE_CHECKING:
    from pathlib import Path

ACME = """ACME-MIB DEFINITIONS ::= BEGIN
IMPORTS enterprises FROM SNMPv2-SMI
        {imports};
acme OBJECT IDENTIFIER ::= {{ enterprises 99999 }}
{body}
END
"""


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)


def compile_all(folder: Path, *names: str, limits: Limits | None = None) -> list[CompiledModule | Problem]:
    sources = Sources([folder])
    given = [found for name in names if (found := sources.find(name)) is not None]
    return list(compile_modules(given, sources, limits=limits))


def names_of(results: list[CompiledModule | Problem]) -> list[str]:
    return [result.source.module for result in results if isinstance(result, CompiledModule)]


def problems_of(results: list[CompiledModule | Problem]) -> list[Problem]:
    return [result for result in results if isinstance(result, Problem)]


def test_the_compiler_is_named_with_its_version() -> None:
    assert compiler_version() == f"pysnmp-pysmi {importlib.metadata.version('pysnmp-pysmi')}"
    assert check_compiler() == compiler_version()


def test_modules_come_once_and_after_what_they_import(tmp_path: Path) -> None:
    write(tmp_path, "a", "A-MIB DEFINITIONS ::= BEGIN IMPORTS b FROM B-MIB;\na OBJECT IDENTIFIER ::= { b 1 } END")
    write(
        tmp_path, "b", "B-MIB DEFINITIONS ::= BEGIN IMPORTS acme FROM ACME-MIB;\nb OBJECT IDENTIFIER ::= { acme 2 } END"
    )
    write(tmp_path, "acme", ACME.format(imports="", body=""))

    results = compile_all(tmp_path, "A-MIB", "B-MIB", "IF-MIB")

    names = names_of(results)
    assert problems_of(results) == []
    assert len(set(names)) == len(names)
    assert [name for name in names if name in ("ACME-MIB", "B-MIB", "A-MIB")] == ["ACME-MIB", "B-MIB", "A-MIB"]
    assert names.index("SNMPv2-SMI") < names.index("ACME-MIB")
    module = next(
        result for result in results if isinstance(result, CompiledModule) and result.source.module == "A-MIB"
    )
    assert module.imports == ("B-MIB",)
    assert module.document["a"]["oid"] == "1.3.6.1.4.1.99999.2.1"
    assert module.repairs == ()


def test_what_another_module_has_taken_over_is_known() -> None:
    sources = Sources()
    old = sources.find("RFC1213-MIB")
    assert old is not None

    results = {
        result.source.module: result for result in compile_modules([old], sources) if isinstance(result, CompiledModule)
    }

    assert {"sysUpTime", "ifDescr"} <= results["RFC1213-MIB"].superseded
    assert "egpNeighState" not in results["RFC1213-MIB"].superseded


def test_a_broken_module_is_a_problem_with_its_line_and_affects_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, "acme", ACME.format(imports="", body="\nbroken OBJECT-TYPE SYNTAX ::= {{{{"))
    write(tmp_path, "other", "OTHER-MIB DEFINITIONS ::= BEGIN other OBJECT IDENTIFIER ::= { iso 9 } END")

    results = compile_all(tmp_path, "ACME-MIB", "OTHER-MIB")

    (problem,) = problems_of(results)
    assert (problem.module, problem.path, problem.line) == ("ACME-MIB", str(tmp_path / "acme"), 6)
    assert "\n" not in str(problem)
    assert "OTHER-MIB" in names_of(results)
    assert "ACME-MIB" not in names_of(results)


def test_a_text_that_is_too_long_is_not_compiled(tmp_path: Path) -> None:
    write(tmp_path, "acme", ACME.format(imports="", body=""))

    (problem,) = compile_all(tmp_path, "ACME-MIB", limits=Limits(text_size=50))

    assert isinstance(problem, Problem)
    assert "more than the limit of 50" in problem.reason


@pytest.mark.parametrize(
    ("installed", "text"),
    [
        ({}, r"needs pysnmp-pysmi 6: pip install 'snmptcp\[mib\]'"),
        ({"pysmi": "2.0.1"}, "the distribution pysmi 2.0.1 is installed"),
        ({"pysmi": "2.0.1", "pysnmp-pysmi": "6.0.1"}, "both pysnmp-pysmi 6.0.1 and pysmi 2.0.1"),
        ({"pysnmp-pysmi": "5.1.0"}, "pysnmp-pysmi 5.1.0 is not supported"),
        ({"pysnmp-pysmi": "7.0.0"}, "pysnmp-pysmi 7.0.0 is not supported"),
    ],
)
def test_a_compiler_that_cannot_be_used_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, installed: dict[str, str], text: str
) -> None:
    def version(name: str) -> str:
        if name not in installed:
            raise importlib.metadata.PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(importlib.metadata, "version", version)

    with pytest.raises(MibError, match=text):
        list(compile_modules([Source("A", "a", "", "")], Sources(bundled=False)))
