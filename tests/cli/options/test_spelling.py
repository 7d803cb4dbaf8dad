"""Forms of net-snmp's options that argparse does not know."""

from __future__ import annotations

import pytest

from snmptcp.cli.options.spelling import as_given, spell_options


@pytest.mark.parametrize(
    ("words", "spelled"),
    [
        (["-3m", "0a"], ["--auth-key", "0a"]),
        (["--defVersion=3"], ["-YdefVersion=3"]),
        (["-m", "-ACME-MIB", "h"], ["-m-ACME-MIB", "h"]),
        (["-M", "-/mibs", "h"], ["-M-/mibs", "h"]),
        (["-m", "", "h"], ["-m", "", "h"]),
        (["-m", "+ACME-MIB", "h"], ["-m", "+ACME-MIB", "h"]),
        (["-Is", "0", "h"], ["-Is0", "h"]),
        (["-IS", "system.", "h"], ["-ISsystem.", "h"]),
        (["-Is.0", "h"], ["-Is.0", "h"]),
        (["h", "-m"], ["h", "-m"]),
        (["table", "-Cf", ","], ["table", "-Cf", ","]),
        (["walk", "-CE", "sysName"], ["walk", "-CE", "sysName"]),
        (["walk", "-Cf"], ["walk", "-Cf"]),
        (["--", "-m", "-x", "-3m"], ["--", "-m", "-x", "-3m"]),
    ],
)
def test_the_words_are_those_that_argparse_knows_and_tell_what_was_given(words: list[str], spelled: list[str]) -> None:
    assert spell_options(words) == spelled
    assert as_given(spell_options(words)) == words


def test_letters_before_one_that_takes_the_next_word_are_an_option_of_their_own() -> None:
    assert spell_options(["table", "-CHf", ",", "h"]) == ["table", "-CH", "-Cf", ",", "h"]
    assert spell_options(["walk", "-CpE", "sysName", "h"]) == ["walk", "-Cp", "-CE", "sysName", "h"]
    assert spell_options(["get", "-CHf", "h"]) == ["get", "-CHf", "h"]
