"""Mistakes: told together, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.mistakes import Mistakes, Place, alternatives


def test_all_mistakes_are_told_together_each_in_a_line() -> None:
    mistakes = Mistakes()
    mistakes.tell()  # nothing is wrong
    place = Place("a.toml", Path(), mistakes, ": ")
    place.key("jobs").key("x").add("is wrong")
    with place.noting():
        raise ConfigurationError("is bad")
    with pytest.raises(ConfigurationError) as caught:
        mistakes.tell()
    assert str(caught.value) == "a.toml: jobs.x: is wrong\na.toml: is bad"


def test_what_many_lines_have_wrong_is_counted_after_the_first_ones() -> None:
    mistakes = Mistakes()
    for number in range(1000):
        mistakes.add(f"line {number}")
    with pytest.raises(ConfigurationError) as caught:
        mistakes.tell()
    lines = str(caught.value).splitlines()
    assert len(lines) == 26
    assert lines[-1] == "and 975 more mistakes"


def test_a_mistake_cannot_write_controls_to_a_terminal() -> None:
    mistakes = Mistakes()
    mistakes.add("a\x1b[31m\nb")
    with pytest.raises(ConfigurationError, match=r"^a\\x1b\[31m\\nb$"):
        mistakes.tell()


def test_files_are_relative_to_the_folder_of_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    place = Place("a.toml", tmp_path, Mistakes())
    assert place.file("b/c") == tmp_path / "b/c"
    assert place.file("/b") == Path("/b")
    assert place.file("~/b") == Path("/home/me/b")
    for name in ("~nobody-of-this-name/b", "a\0b"):
        with pytest.raises(ConfigurationError):
            place.file(name)


@pytest.mark.parametrize(
    ("word", "known", "text"),
    [
        ("intervall", ["interval", "timeout"], "; did you mean 'interval'?"),
        ("xyz", ["interval", "timeout"], "; there are interval, timeout"),
        ("xyz", ["one"], "; there is one"),
        ("xyz", [], "; there is none"),
        ("xyz", [f"name-{number}" for number in range(15)], None),
    ],
)
def test_unknown_words_are_answered_with_similar_ones_or_with_all(
    word: str, known: list[str], text: str | None
) -> None:
    if text is None:
        assert alternatives(word, known).endswith("name-11 and 3 more")
    else:
        assert alternatives(word, known) == text
