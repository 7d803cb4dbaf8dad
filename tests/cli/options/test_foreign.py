"""net-snmp's options that are refused with the reason."""

from __future__ import annotations

import argparse

import pytest

from snmptcp.cli.options.foreign import FOREIGN_OPTIONS, add_foreign_options


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_foreign_options(parser)
    return parser


@pytest.mark.parametrize("option", FOREIGN_OPTIONS)
@pytest.mark.parametrize("form", ["{}", "{} value", "{}value"])
def test_each_is_refused_with_or_without_a_value(option: str, form: str) -> None:
    with pytest.raises(argparse.ArgumentError) as caught:
        parser().parse_args(form.format(option).split())
    assert str(caught.value) == f"{option} is not supported: {FOREIGN_OPTIONS[option]}"


def test_none_of_them_is_in_the_help() -> None:
    assert not any(option in parser().format_help().split() for option in FOREIGN_OPTIONS)
