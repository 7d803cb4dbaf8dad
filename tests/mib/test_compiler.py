"""Compiling modules in a child process: the order, what goes wrong, and the limits."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import MibError
from snmptcp.mib import Problem, compiler
from snmptcp.mib.compiler import CompiledModule, FailedModule, Limits, check_compiler, compile_modules, compiler_version
from snmptcp.mib.sources import BUNDLE_PATH, Source, Sources

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


def compile_all(folder: Path, *names: str, limits: Limits | None = None) -> list[CompiledModule | FailedModule]:
    sources = Sources([folder])
    given = [found for name in names if (found := sources.find(name)) is not None]
    return list(compile_modules(given, sources, limits=limits))


def names_of(results: list[CompiledModule | FailedModule]) -> list[str]:
    return [result.source.module for result in results if isinstance(result, CompiledModule)]


def problems_of(results: list[CompiledModule | FailedModule]) -> list[Problem]:
    return [result.problem for result in results if isinstance(result, FailedModule)]


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
    write(tmp_path, "acme", ACME.format(imports="", body="").replace("acme OBJECT", "acme !"))
    write(tmp_path, "other", "OTHER-MIB DEFINITIONS ::= BEGIN other OBJECT IDENTIFIER ::= { iso 9 } END")

    results = compile_all(tmp_path, "ACME-MIB", "OTHER-MIB")

    (problem,) = problems_of(results)
    assert (problem.module, problem.path, problem.line) == ("ACME-MIB", str(tmp_path / "acme"), 4)
    assert "\n" not in str(problem)
    assert "OTHER-MIB" in names_of(results)
    assert "ACME-MIB" not in names_of(results)


def repairs_of(results: list[CompiledModule | FailedModule], module: str) -> list[str]:
    (found,) = [result for result in results if isinstance(result, CompiledModule) and result.source.module == module]
    return [repair.partition(f": {module}: ")[2] for repair in found.repairs]


def test_imports_that_are_missing_or_misspelt_are_looked_for(tmp_path: Path) -> None:
    write(tmp_path, "acme", ACME.format(imports="", body="AcmeColor ::= INTEGER { red(1) }"))
    write(
        tmp_path,
        "b",
        "B-MIB DEFINITIONS ::= BEGIN\nIMPORTS OBJECT-TYPE FROM RFC1212 mib-2 FROM RFC-1213 acme FROM C-MIB;\n"
        "b OBJECT IDENTIFIER ::= { acme 2 }\nb2 OBJECT IDENTIFIER ::= { mib-2 4711 }\nb3 OBJECT-TYPE\n"
        "SYNTAX AcmeColor ACCESS read-only STATUS mandatory ::= { b 1 }\nb4 OBJECT-TYPE SYNTAX InterfaceIndex ACCESS"
        " read-only STATUS mandatory ::= { enterprises 3 }\nEND",
    )
    write(
        tmp_path, "c", "C-MIB DEFINITIONS ::= BEGIN IMPORTS acme FROM ACME-MIB;\nc OBJECT IDENTIFIER ::= { acme 5 } END"
    )

    results = compile_all(tmp_path, "B-MIB")

    assert problems_of(results) == []
    (module,) = [result for result in results if isinstance(result, CompiledModule) and result.source.module == "B-MIB"]
    oids = {key: entry["oid"] for key, entry in module.document.items() if "oid" in entry}
    assert oids == {
        "b": "1.3.6.1.4.1.99999.2",
        "b2": "1.3.6.1.2.1.4711",
        "b3": "1.3.6.1.4.1.99999.2.1",
        "b4": "1.3.6.1.4.1.3",
    }
    assert {"ACME-MIB", "IF-MIB", "RFC1213-MIB"} <= set(module.imports)
    assert repairs_of(results, "B-MIB") == [
        "acme is taken from ACME-MIB, not from C-MIB",
        "mib-2 is taken from RFC1213-MIB, not from RFC-1213",
        "AcmeColor is taken from ACME-MIB, although it is not imported",
        "InterfaceIndex is taken from IF-MIB, although it is not imported",
        "enterprises is not imported; it is taken from SNMPv2-SMI",
    ]
    assert {"ACME-MIB", "C-MIB", "RFC-1213", "RFC1213-MIB", "SNMPv2-SMI"} <= set(module.basis.modules)
    assert module.basis.symbols == ("AcmeColor", "InterfaceIndex")


def test_what_a_module_defines_in_a_way_that_cannot_be_read_is_not_that_of_another(tmp_path: Path) -> None:
    body = """snmpInPkts OBJECT-TYPE SYNTAX INTEGER ::= { $ }
lost OBJECT IDENTIFIER ::= { snmpInPkts 1 }
rows OBJECT-TYPE SYNTAX Rows ACCESS not-accessible STATUS current INDEX { ifIndex } ::= { acme 1 }"""
    write(tmp_path, "acme", ACME.format(imports="", body=body))

    results = compile_all(tmp_path, "ACME-MIB")

    (module,) = [found for found in results if isinstance(found, CompiledModule) and found.source.path != BUNDLE_PATH]
    assert {"snmpInPkts", "lost"}.isdisjoint(module.document)
    assert "ifIndex" in module.document["imports"]["IF-MIB"]
    said = repairs_of(results, "ACME-MIB")
    assert "lost is left out: snmpInPkts is not defined" in said
    assert "ifIndex is taken from IF-MIB, although it is not imported" in said


def test_what_several_modules_define_is_not_guessed(tmp_path: Path) -> None:
    for name in ("A-MIB", "C-MIB"):
        write(tmp_path, name, f"{name} DEFINITIONS ::= BEGIN Color ::= INTEGER {{ red(1) }} END")
    write(
        tmp_path,
        "b",
        "B-MIB DEFINITIONS ::= BEGIN b OBJECT-TYPE SYNTAX Color ACCESS read-only STATUS mandatory ::= { iso 9 } END",
    )

    results = compile_all(tmp_path, "B-MIB")

    assert repairs_of(results, "B-MIB") == [
        "Color is not defined in any module that is at hand: its values have no known type"
    ]


def test_modules_that_import_from_one_another_are_compiled(tmp_path: Path) -> None:
    for name, other in (("A", "B"), ("B", "A")):
        low = name.lower()
        write(
            tmp_path,
            name,
            f"{name}-MIB DEFINITIONS ::= BEGIN IMPORTS {other.lower()} FROM {other}-MIB;\n"
            f"{low} OBJECT IDENTIFIER ::= {{ iso {ord(name)} }}\n"
            f"{low}2 OBJECT IDENTIFIER ::= {{ {other.lower()} 2 }} END",
        )

    results = compile_all(tmp_path, "A-MIB")

    assert sorted(name for name in names_of(results) if name in ("A-MIB", "B-MIB")) == ["A-MIB", "B-MIB"]
    assert problems_of(results) == []


def test_a_compiler_that_fails_tells_its_last_words() -> None:
    child = compiler._Child(Limits())
    with pytest.raises(compiler._ChildEnded, match="the compiler ended with status 1: KeyError: 'generate'"):
        child.ask({"nothing": 1})
    child.close()


def test_a_text_that_is_too_long_is_not_compiled(tmp_path: Path) -> None:
    write(tmp_path, "acme", ACME.format(imports="", body=""))

    (problem,) = problems_of(compile_all(tmp_path, "ACME-MIB", limits=Limits(text_size=50)))

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
