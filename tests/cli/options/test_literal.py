"""Words behind HOST that are never options."""

from __future__ import annotations

import argparse

import pytest

from snmptcp import ConfigurationError
from snmptcp.cli.options.literal import add_literal_words, has_literal_words, read_literal_words
from snmptcp.cli.options.spelling import spell_options


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("-V", action="version", version="1")
    parser.add_argument("--auth-key")
    parser.add_argument("host")
    add_literal_words(parser, "WORDS", "help")
    return parser


@pytest.mark.parametrize("words", [["-V"], ["a", "-V", "--", "-x"], ["-3m"], ["--auth-key"], ["--auth-key=5"]])
def test_they_come_as_they_stand(words: list[str]) -> None:
    arguments = parser().parse_args(spell_options(["--auth-key", "k", "host", *words]))
    assert read_literal_words(arguments, "WORDS") == words
    assert (arguments.host, arguments.auth_key) == ("host", "k")


@pytest.mark.parametrize("words", [["--", "host", "-V"], ["host", "--", "-V"]])
def test_two_minuses_may_come_before_them(words: list[str]) -> None:
    assert read_literal_words(parser().parse_args(words), "WORDS") == ["-V"]


def test_none_is_wrong_usage() -> None:
    with pytest.raises(ConfigurationError, match="required: OID TYPE VALUE"):
        read_literal_words(parser().parse_args(["host"]), "OID TYPE VALUE")


def test_a_parser_tells_whether_it_has_them() -> None:
    assert has_literal_words(parser())
    assert not has_literal_words(argparse.ArgumentParser())
