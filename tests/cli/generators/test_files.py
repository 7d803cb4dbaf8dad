"""The generated files are those that the parsers ask for now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.generators.files import FILES, write_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_generated_file_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path](), "run: python -m snmptcp.cli.generators.files"


def test_files_are_written_where_they_belong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snmptcp.cli.generators.files.FILES", {tmp_path / "folder" / "file": lambda: "text\n"})
    write_files()
    assert (tmp_path / "folder" / "file").read_text() == "text\n"
