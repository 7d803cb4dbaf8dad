"""Files that sinks write."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.sinks import files

if TYPE_CHECKING:
    from pathlib import Path


def test_a_path_does_not_follow_the_folder_of_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert files.absolute("a.db") == tmp_path / "a.db"
    with pytest.raises(ConfigurationError, match="^the name of a file cannot have a NUL character$"):
        files.absolute("a\0.db")


def test_an_error_tells_what_failed_and_keeps_its_class() -> None:
    with (
        pytest.raises(PermissionError, match=r"^\[Errno 13\] the file a cannot be written: Permission denied$") as told,
        files.errors_about("the file a cannot be written"),
    ):
        raise PermissionError(13, "Permission denied", "a")
    assert isinstance(told.value.__cause__, PermissionError)
    with pytest.raises(OSError, match="^its own words$"), files.errors_about("b"):
        raise OSError("its own words")


def test_a_file_is_at_its_path_until_that_leads_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as file:
        assert files.is_at(path, file.fileno())
        path.rename(tmp_path / "b")
        assert not files.is_at(path, file.fileno())
        path.touch()
        assert not files.is_at(path, file.fileno())


def test_a_lock_keeps_others_out_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as first, path.open("rb") as second:
        assert files.lock(first.fileno())
        assert not files.lock(second.fileno(), wait=False)
        files.unlock(first.fileno())
        assert files.lock(second.fileno(), wait=False)


def test_a_file_that_is_created_can_be_read_by_whom_the_umask_lets(tmp_path: Path) -> None:
    path, old = tmp_path / "a", os.umask(0o027)
    try:
        os.close(files.create(path))
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_complete_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    part, path = tmp_path / "part", tmp_path / "a"
    path.write_text("old")
    part.write_text("new")
    with path.open() as reader:
        files.replace(part, path)
        assert (reader.read(), path.read_text(), part.exists()) == ("old", "new", False)
