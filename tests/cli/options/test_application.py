"""``-C`` and its letters."""

from __future__ import annotations

import argparse

import pytest

from snmptcp.cli.options.application import MAX_REPETITIONS_LETTER, add_application_option, add_max_repetitions


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_max_repetitions(parser)
    add_application_option(parser, {**MAX_REPETITIONS_LETTER, "p": ("count", False)}, "letters")
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("words", "max_repetitions", "count"),
    [
        ("", 25, False),
        ("-Cr50", 50, False),
        ("-Cp", 25, True),
        ("-Cpr7", 7, True),
        ("-Cr7p", 7, True),
        ("--max-repetitions 9 -Cp", 9, True),
    ],
)
def test_letters_set_numbers_and_switches(words: str, max_repetitions: int, count: bool) -> None:
    arguments = parse(*words.split())
    assert (arguments.max_repetitions, arguments.count) == (max_repetitions, count)


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("-Cx", "-Cx is unknown; this command takes -Cr, -Cp"),
        ("-Cr", "-Cr needs a number directly after it, as in -Cr10"),
        ("-Cp5", "-Cp takes no number"),
    ],
)
def test_another_letter_is_refused(word: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(word)
    assert complaint in capsys.readouterr().err
