"""The file of an engine's boots: counted at every start, replaced in one step, never restarted by mistake."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from snmptcp import ConfigurationError
from snmptcp.listener.engine_file import EngineIdentity, start_engine

ENGINE = bytes.fromhex("80001f8804") + b"engine"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "engine.json"


def test_the_first_start_makes_the_file(file):
    identity = start_engine(file, ENGINE)
    assert identity == EngineIdentity(ENGINE, 1)
    assert json.loads(file.read_text()) == {"engine_id": ENGINE.hex(), "boots": 1}


def test_every_start_counts_and_the_engine_id_stays(file):
    first = start_engine(file)
    assert [start_engine(file), start_engine(str(file), first.engine_id)] == [
        EngineIdentity(first.engine_id, 2),
        EngineIdentity(first.engine_id, 3),
    ]
    assert os.listdir(file.parent) == [file.name]  # noqa: PTH208 - hidden files would count, too


def test_boots_stay_at_their_end(file):
    file.write_text(json.dumps({"engine_id": ENGINE.hex(), "boots": 2147483646}))
    assert [start_engine(file).boots, start_engine(file).boots] == [2147483647, 2147483647]


def test_a_file_of_another_engine_is_refused_and_left_alone(file):
    start_engine(file, ENGINE)
    before = file.read_text()
    with pytest.raises(ConfigurationError, match=f"is the file of engine {ENGINE.hex()}"):
        start_engine(file, ENGINE + b"2")
    assert file.read_text() == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        "null",
        "{}",
        '{"engine_id": "80001f880465", "boots": "7"}',
        '{"engine_id": "80001f880465", "boots": true}',
        '{"engine_id": "80001f880465", "boots": -1}',
        '{"engine_id": "80001f880465", "boots": 2147483648}',
        '{"engine_id": "80001f880465"}',
        '{"engine_id": "8000", "boots": 1}',
        '{"engine_id": 5, "boots": 1}',
        '{"engine_id": "something", "boots": 1}',
        "é",
    ],
)
def test_a_file_that_cannot_be_read_does_not_begin_anew(file, text):
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is not an engine file"):
        start_engine(file)
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("text", "what"),
    [("{}", "it has no 'engine_id'"), ("garbage", "Expecting value: line 1 column 1 (char 0)"), ("[]", "")],
)
def test_what_is_wrong_with_a_file_is_told_in_words(file, text, what):
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        start_engine(file)
    assert str(caught.value).startswith(f"{file} is not an engine file: {what}")


def test_a_folder_that_is_not_there_is_told_with_the_name_that_was_given(tmp_path):
    file = tmp_path / "none" / "engine.json"
    with pytest.raises(FileNotFoundError) as caught:
        start_engine(file)
    assert caught.value.filename == str(file)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(file, monkeypatch):
    start_engine(file, ENGINE)

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        start_engine(file)
    assert json.loads(file.read_text())["boots"] == 1
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_directory_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError):
        start_engine(tmp_path / "nowhere" / "engine.json")


@pytest.mark.parametrize("engine_id", [b"1234", bytes(12)])
def test_an_impossible_engine_id_is_refused(file, engine_id):
    with pytest.raises(ConfigurationError, match="engine ID"):
        start_engine(file, engine_id)
    assert not Path(file).exists()


def test_boots_are_counted_where_a_link_leads(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    link = tmp_path / "engine.json"
    link.symlink_to(kept / "engine.json")
    first = start_engine(link)
    assert start_engine(link) == (first.engine_id, 2)
    assert link.is_symlink()
    assert start_engine(kept / "engine.json") == (first.engine_id, 3)
    assert [each.name for each in kept.iterdir()] == ["engine.json"]


def test_a_file_that_is_nested_too_deep_is_no_engine_file(tmp_path: Path) -> None:
    file = tmp_path / "engine.json"
    file.write_text("[" * (10 * sys.getrecursionlimit()))
    with pytest.raises(ConfigurationError, match="not an engine file"):
        start_engine(file)
