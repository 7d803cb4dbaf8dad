"""What is kept of large files: the same as the file says, without its secrets."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.exporter import cache
from snmptcp.exporter.cache import CACHE_VARIABLE, cache_folder, parse_cached
from snmptcp.exporter.document import parse, parse_with_spans

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "a-secret-community"
MODULES = "modules:\n  a: {walk: [1.3.6], help: ü}\n"
AUTHS = f"auths:\n  p:\n    community: {SECRET}\n    password: '0123'\n"


@pytest.fixture(autouse=True)
def _small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_SHORTEST", 1)


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("*"))


def count_parsing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the text of each whole document that is parsed."""
    parsed: list[str] = []

    def counted(text: str, where: str) -> object:
        parsed.append(text)
        return parse_with_spans(text, where)

    monkeypatch.setattr(cache, "parse_with_spans", counted)
    return parsed


@pytest.mark.parametrize(
    "text",
    [
        AUTHS + MODULES,
        MODULES + AUTHS,
        MODULES,
        f"modules: {{a: 1}}\nauths: {{p: {{community: {SECRET}}}}}\nversion: 2\n",
        f"auths:\n# a comment\n\n  p: {{community: '{SECRET}'}}\n{MODULES}",
    ],
)
def test_a_document_is_parsed_once_and_kept_without_secrets(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = count_parsing(monkeypatch)
    folder = tmp_path / "cache"
    first = parse_cached(text, "f", folder)
    second = parse_cached(text, "f", folder)
    assert first == second == parse(text, "f")
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert list(first) == list(second)
    assert len(parsed) == 1
    (file,) = files_of(folder)
    assert SECRET not in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "text",
    [
        f"x: &a {{community: {SECRET}}}\nauths: {{p: *a}}\n{MODULES}",
        f"<<: {{auths: {{p: {{community: {SECRET}}}}}}}\n{MODULES}",
    ],
)
def test_secrets_that_come_from_elsewhere_are_not_kept(text: str, tmp_path: Path) -> None:
    assert parse_cached(text, "f", tmp_path) == parse(text, "f")
    assert files_of(tmp_path) == []


def test_a_changed_document_is_parsed_again(tmp_path: Path) -> None:
    assert parse_cached("a: 1", "f", tmp_path) == {"a": "1"}
    assert parse_cached("a: 2", "f", tmp_path) == {"a": "2"}
    assert len(files_of(tmp_path)) == 2


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"document": [], "span": null, "place": -1}', '{"document": {}}'])
def test_a_damaged_file_of_the_cache_is_made_again(damage: str, tmp_path: Path) -> None:
    text = AUTHS + MODULES
    parse_cached(text, "f", tmp_path)
    (file,) = files_of(tmp_path)
    file.write_text(damage)
    assert parse_cached(text, "f", tmp_path) == parse(text, "f")
    assert json.loads(file.read_text(encoding="utf-8"))["place"] == 0


def test_a_document_that_is_wrong_is_not_kept(tmp_path: Path) -> None:
    for text in ("a: [", "- 1", ""):
        with contextlib.suppress(ConfigurationError):
            parse_cached(text, "f", tmp_path)
    assert files_of(tmp_path) == []


def test_only_the_newest_files_are_kept(tmp_path: Path) -> None:
    for number in range(12):
        parse_cached(f"a: {number}", "f", tmp_path)
        for file in files_of(tmp_path):
            os.utime(file, (file.stat().st_mtime - 10,) * 2)
    assert len(files_of(tmp_path)) == 8


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert parse_cached("a: 1", "f", tmp_path / "file") == {"a": "1"}
    assert parse_cached("a: 1", "f", None) == {"a": "1"}


def test_short_documents_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_SHORTEST", 100)
    parse_cached("a: 1", "f", tmp_path)
    assert files_of(tmp_path) == []


def test_the_folder_is_that_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv(CACHE_VARIABLE, "")
    assert cache_folder() is None
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "snmptcp" / "exporter"
