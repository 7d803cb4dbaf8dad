"""``snmptcp exporter generate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.generating import GenerateCommand
from snmptcp.cli.main import main
from snmptcp.cli.parser import parse_command
from snmptcp.exporter import load_config

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIBS")


def test_words_are_names_or_a_file() -> None:
    command = parse_command(["exporter", "generate", "ifTable", "--lookup", "a,b=c", "ifXTable", "--module=m"]).command
    assert isinstance(command, GenerateCommand)
    assert (command.file, command.names, command.module) == (None, ("ifTable", "ifXTable"), "m")
    assert command.lookups == ((("a", "b"), "c"),)
    command = parse_command(["exporter", "generate", "generator.yml", "-o", "snmp.yml"]).command
    assert isinstance(command, GenerateCommand)
    assert (str(command.file), command.names, str(command.output)) == ("generator.yml", (), "snmp.yml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["generate"], "generate needs a generator.yml, or names of objects"),
        (["generate", "a.yml", "b.yml"], "generate takes one generator.yml, or names of objects"),
        (["generate", "a.yml", "ifTable"], "generate takes one generator.yml, or names of objects"),
        (["generate", "a.yml", "--module=x"], "--module and --lookup are for names of objects"),
        (["generate", "ifTable", "--lookup=ifIndex"], "a look-up is INDEX=OBJECT or INDEX,INDEX=OBJECT, not 'ifIndex'"),
        (["-o", "x"], "-o, --module and --lookup are for generate"),
        (["serve"], "the word behind exporter is generate, or none, not 'serve'"),
    ],
)
def test_wrong_usage_is_told(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exporter", *words]) == 2
    assert said in capsys.readouterr().err


def test_names_become_a_file_that_the_exporter_reads(tmp_path: Path) -> None:
    path = tmp_path / "snmp.yml"
    path.write_text("old")
    words = ["generate", "ifTable", "sysUpTime", "--lookup", "ifIndex=ifName", "--module=m", "-o", str(path)]
    assert main(["exporter", *words]) == 0
    module = load_config([path]).modules["m"]
    assert module.metrics[1].labels.lookups[0].labelname == "ifName"
    assert [file.name for file in tmp_path.iterdir()] == ["snmp.yml"]


def test_a_generator_yml_becomes_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "generator.yml"
    path.write_text("modules: {m: {walk: [sysName], overrides: {x1: {ignore: true}}}}\n")
    assert main(["exporter", "generate", str(path)]) == 0
    captured = capsys.readouterr()
    assert "- name: sysName" in captured.out
    assert "warning: " in captured.err
    assert "the override of x1 has no effect: no loaded MIB module defines x1" in captured.err


def test_vendors_modules_are_found_in_folders(acme_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exporter", "generate", "-M", str(acme_folder), "-m", "+ACME-MIB", "ACME-MIB::acmeHeat"]) == 0
    captured = capsys.readouterr()
    assert "name: acmeHeat" in captured.out, captured.err


def test_failures_are_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for words, said in (
        (["generate", "ifTablle"], "module generated: walk: no loaded MIB module defines ifTablle"),
        (["generate", "ifMtu", "-o", f"{tmp_path}/none/x.yml"], "x.yml cannot be written: No such file or directory"),
        (["generate", f"{tmp_path}/none.yml"], "none.yml cannot be read: No such file or directory"),
    ):
        assert main(["exporter", *words]) == 1
        error = capsys.readouterr().err
        assert said in error
        assert error.count("\n") == 1
    monkeypatch.setenv("MIBS", "")
    assert main(["exporter", "generate", "ifMtu"]) == 1
    assert "names are turned off" in capsys.readouterr().err
