"""``snmptcp mib``: lists, compiles and checks MIB modules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.commands.mib import MibCommand
from snmptcp.mib import Mib
from tests.cli.conftest import Cli
from tests.cli.helpers import parsed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Return a folder with a module that cannot be read."""
    folder = tmp_path / "mibs"
    folder.mkdir()
    (folder / "bad.txt").write_text("BAD-MIB DEFINITIONS ::= BEGIN\n\nx !! y\nEND\n")
    return folder


@pytest.fixture
def saved(acme_mib: Mib, tmp_path: Path) -> Path:
    path = tmp_path / "acme.mib"
    acme_mib.save(path)
    return path


async def test_modules_are_listed_with_what_is_in_them(cli: Cli, acme_folder: Path, acme_mib: Mib) -> None:
    code, out, err = await cli("mib", "list", "-M", acme_folder, "acme-*", "IF-MIB", "ADSL-LINE-MIB")
    assert (code, err) == (0, "")
    assert [" ".join(line.split()) for line in out.splitlines()] == [
        "module revision compiled objects tables notifications from",
        f"ACME-MIB 2026-01-01 yes 11 2 1 {acme_folder}/acme.txt",
        "ADSL-LINE-MIB 1999-08-19 no - - - pysnmp-pysmi",
        "IF-MIB 2000-06-14 yes 56 5 2 pysnmp-pysmi",
    ]
    code, out, _ = await cli("mib", "list", "--json", "-M", acme_folder, "ACME-MIB", "SNMPv2-TC")
    assert [json.loads(line) for line in out.splitlines()] == [
        {
            "module": "ACME-MIB",
            "path": f"{acme_folder}/acme.txt",
            "revision": "2026-01-01",
            "compiled": True,
            "counts": {
                "column": 8,
                "module-identity": 1,
                "node": 1,
                "notification": 1,
                "row": 2,
                "scalar": 3,
                "table": 2,
            },
        },
        {"module": "SNMPv2-TC", "path": "pysnmp-pysmi", "revision": None, "compiled": True, "counts": {}},
    ]


async def test_a_file_of_compiled_modules_is_listed(cli: Cli, saved: Path) -> None:
    code, out, _ = await cli("mib", "list", "--mib-file", saved, "*ACME*", "ADSL-LINE-MIB")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["module", "ACME-MIB"]
    assert await cli("mib", "list", "--mib-file", saved, "X*", "Y*") == (
        1,
        "",
        "snmptcp: no module has a name like X* or Y*\n",
    )


async def test_a_compiled_file_answers_alone(cli: Cli, acme_folder: Path, acme_mib: Mib, tmp_path: Path) -> None:
    path = tmp_path / "acme.mib"
    code, out, err = await cli("mib", "compile", "-M", acme_folder, "-o", path, "ACME-MIB")
    assert (code, err) == (0, "")
    made = Mib.from_file(path)
    assert out == f"{path}: {len(made.modules)} modules with {len(made.nodes())} names\n"
    assert made.name("1.3.6.1.4.1.9999.1.1.0") == "ACME-MIB::acmeState.0"
    assert made.name("1.3.6.1.2.1.1.1.0") == "SNMPv2-MIB::sysDescr.0"
    assert await cli("translate", "--mib-file", path, "-On", "acmeState") == (0, ".1.3.6.1.4.1.9999.1.1\n", "")


async def test_the_standard_modules_can_be_left_out(cli: Cli, acme_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "acme.mib"
    code, _, _ = await cli("mib", "compile", "--no-standard", "-o", path, acme_folder / "acme.txt")
    assert code == 0
    names = {module.name for module in Mib.from_file(path).modules}
    assert {"ACME-MIB", "IF-MIB", "SNMPv2-SMI"} <= names  # it imports from these
    assert "HOST-RESOURCES-MIB" not in names


async def test_a_broken_module_is_told_once_and_the_others_are_written(
    cli: Cli, broken: Path, acme_folder: Path, acme_mib: Mib, tmp_path: Path
) -> None:
    path = tmp_path / "some.mib"
    code, out, err = await cli("mib", "compile", "-o", path, broken / "bad.txt", acme_folder)
    assert code == 1
    assert out.startswith(f"{path}: ")
    (line,) = err.splitlines()
    assert line.startswith(f"snmptcp: {broken}/bad.txt:3: BAD-MIB: ")
    assert Mib.from_file(path).oid("acmeState.0")


async def test_nothing_is_written_if_no_module_can_be_read(cli: Cli, broken: Path, tmp_path: Path) -> None:
    path = tmp_path / "none.mib"
    code, out, err = await cli("mib", "compile", "-o", path, broken / "bad.txt", "NO-SUCH-MIB")
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 2
    assert not path.exists()


async def test_a_check_tells_of_each_module_whether_it_can_be_read(
    cli: Cli, broken: Path, acme_folder: Path, acme_mib: Mib
) -> None:
    code, out, err = await cli("mib", "check", acme_folder, broken)
    assert (code, err) == (1, "")
    good, bad, last = out.splitlines()
    assert last == "2 modules: 0 repaired, 1 cannot be read"
    assert good == f"{acme_folder}/acme.txt: ACME-MIB: ok"
    assert bad.startswith(f"{broken}/bad.txt:3: BAD-MIB: ")
    assert await cli("mib", "check", acme_folder) == (0, f"{good}\n", "")


async def test_a_check_as_json_is_one_object_for_each_module(cli: Cli, broken: Path, acme_folder: Path) -> None:
    code, out, _ = await cli("mib", "check", "--json", acme_folder, broken / "bad.txt")
    assert code == 1
    good, bad = map(json.loads, out.splitlines())
    assert good == {
        "readable": True,
        "module": "ACME-MIB",
        "path": f"{acme_folder}/acme.txt",
        "revision": "2026-01-01",
    }
    assert (bad["readable"], bad["module"]) == (False, "BAD-MIB")
    assert [(problem["path"], problem["line"]) for problem in bad["problems"]] == [(f"{broken}/bad.txt", 3)]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("compile", "ACME-MIB"), "compile needs -o FILE"),
        (("compile", "-o", "x"), "compile needs names of modules, files or folders"),
        (("compile", "-o", "x", "--json", "ACME-MIB"), "--json is for list and check"),
        (("check",), "check needs names of modules"),
        (("check", "-o", "x", "ACME-MIB"), "-o is for compile, not for check"),
        (("list", "--no-standard"), "--no-standard is for compile, not for list"),
        (("check", "--mib-file", "{saved}", "ACME-MIB"), "--mib-file is for list"),
        (("eat",), "invalid choice: 'eat'"),
        (("list", "-M", "/nowhere"), "there is no folder /nowhere"),
    ],
)
async def test_wrong_usage_is_told(cli: Cli, saved: Path, words: tuple[str, ...], text: str) -> None:
    code, out, err = await cli("mib", *(word.replace("{saved}", str(saved)) for word in words))
    assert (code, out) == (2, "")
    assert text in err


def test_options_may_stand_between_words() -> None:
    command = parsed(MibCommand, "mib", "compile", "A-MIB", "-o", "file", "B-MIB")
    assert (command.words, str(command.output), command.standard) == (("A-MIB", "B-MIB"), "file", True)
