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
        (["--", "-m", "-x", "-3m"], ["--", "-m", "-x", "-3m"]),
    ],
)
def test_the_words_are_those_that_argparse_knows_and_tell_what_was_given(words: list[str], spelled: list[str]) -> None:
    assert spell_options(words) == spelled
    assert as_given(spell_options(words)) == words
