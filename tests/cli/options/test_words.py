"""Converters for single words."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.options.words import checked, seconds, version, whole_number
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("convert", "text", "value"),
    [
        (whole_number(0, "it"), "0", 0),
        (whole_number(1, "it"), "2147483647", 2147483647),
        (seconds, "1.5", 1.5),
        (version, "2C", "2c"),
        (checked(str.upper), "a", "A"),
    ],
)
def test_a_word_becomes_a_value(convert: Callable[[str], object], text: str, value: object) -> None:
    assert convert(text) == value


@pytest.mark.parametrize(
    ("convert", "text", "complaint"),
    [
        (whole_number(1, "it"), "0", "it is a number from 1 on, not '0'"),
        (whole_number(0, "it"), "٣", "it is a number from 0 on"),
        (whole_number(0, "it"), "2147483648", "it is a number from 0 on"),
        (seconds, "nan", "a time is a number of seconds above 0, not 'nan'"),
        (version, "4", "a version is 1, 2c or 3, not '4'"),
    ],
)
def test_another_word_is_refused_with_what_would_be_right(
    convert: Callable[[str], object], text: str, complaint: str
) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        convert(text)
    assert complaint in str(caught.value)


def test_argparse_shows_the_text_of_a_configuration_error() -> None:
    def refuse(_: str) -> None:
        raise ConfigurationError("no such thing")

    with pytest.raises(argparse.ArgumentTypeError, match="no such thing"):
        checked(refuse)("x")
