"""``snmptcp completion``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.generators.bash_zsh import bash_script, zsh_script
from snmptcp.cli.generators.fish import fish_script
from snmptcp.cli.parser import full_parser

if TYPE_CHECKING:
    from pathlib import Path

    from snmptcp.mib import Mib
    from tests.cli.configuration.helpers import ConfFiles
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("shell", "make"), [("bash", bash_script), ("zsh", zsh_script), ("fish", fish_script)])
async def test_the_script_of_a_shell_is_printed(cli: Cli, shell: str, make: object) -> None:
    assert callable(make)
    assert await cli("completion", shell) == (0, make(full_parser()), "")


@pytest.mark.parametrize("words", [(), ("bash", "--names", "if")], ids=["none", "two"])
async def test_one_shell_has_to_be_named(cli: Cli, words: tuple[str, ...]) -> None:
    outcome = await cli("completion", *words)
    assert outcome.code == 2
    assert outcome.err.endswith("error: name one shell: bash, zsh or fish\n")


async def test_a_shell_without_a_script_is_refused_by_name(cli: Cli) -> None:
    outcome = await cli("completion", "tcsh")
    assert outcome.code == 2
    assert "'tcsh'" in outcome.err


async def test_names_are_listed_for_the_scripts(
    cli: Cli, acme_mib: Mib, conf_files: ConfFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme_mib.save(tmp_path / "mib.sqlite")  # other tests compile other modules of this name
    monkeypatch.setenv("SNMPTCP_MIB_CACHE", str(tmp_path / "mib.sqlite"))
    assert await cli("completion", "--names", "ifStackS") == (0, "", "")  # names are turned off in tests
    monkeypatch.delenv("MIBS")
    assert await cli("completion", "--names", "ifStackS") == (0, "ifStackStatus\n", "")
    assert await cli("completion", "--names", "acmeHea") == (0, "", "")
    assert await cli("completion", "--names", "") == (0, "", "")
    conf_files.write("mibs +ACME-MIB")
    assert await cli("completion", "--names", "acmeHea") == (0, "acmeHeat.0\n", "")
    assert await cli("completion", "--names", "ifStackS") == (0, "ifStackStatus\n", "")


async def test_without_compiled_modules_there_are_no_names(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIBS")
    monkeypatch.setenv("SNMPTCP_MIB_CACHE", "/nonexistent/mib.sqlite")
    assert await cli("completion", "--names", "ifStackS") == (0, "", "")
