"""The generated files are those that the parsers ask for now."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from snmptcp.cli.generators.files import FILES, write_files

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_generated_file_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path](), "run: python -m snmptcp.cli.generators.files"


def test_the_wheel_has_the_generated_files_where_man_and_the_shells_look() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert {ROOT / path for path in shared} == set(FILES)
    assert shared["docs/man/snmptcp.1"] == "share/man/man1/snmptcp.1"


def test_files_are_written_where_they_belong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snmptcp.cli.generators.files.FILES", {tmp_path / "folder" / "file": lambda: "text\n"})
    write_files()
    assert (tmp_path / "folder" / "file").read_text() == "text\n"
