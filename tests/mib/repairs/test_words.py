"""Words of the SMI, and words that are meant as such."""

from __future__ import annotations

import pytest

from snmptcp.mib.repairs.words import closest, is_label, is_name, spelled


@pytest.mark.parametrize(
    ("word", "same_letters", "nearly"),
    [
        ("Max-Access", "MAX-ACCESS", "MAX-ACCESS"),
        ("MAX_ACCESS", "MAX-ACCESS", "MAX-ACCESS"),
        ("MAXACCESS", "MAX-ACCESS", "MAX-ACCESS"),
        ("DESCRIPTON", None, "DESCRIPTION"),
        ("Integer", "INTEGER", "INTEGER"),
        ("DESCRIPTION", None, None),
        ("DisplayString", None, None),
        ("descripton", None, None),
        ("size", None, None),
    ],
)
def test_a_misspelt_keyword_is_found(word: str, same_letters: str | None, nearly: str | None) -> None:
    assert (spelled(word), closest(word)) == (same_letters, nearly)


@pytest.mark.parametrize(
    ("word", "label", "name"),
    [
        ("ifIndex", True, True),
        ("a-b_c9", True, True),
        ("10baseT", True, True),
        ("10GBase", False, False),
        ("IfEntry", False, True),
        ("INDEX", False, False),
        ("TRUE", False, False),
        ("EXPORTSall", False, False),
        ("on-", False, False),
        ("a/b", False, False),
        ("\u00e9t\u00e9", False, False),
        ("9", False, False),
        ("", False, False),
    ],
)
def test_what_the_compiler_takes_for_a_name(word: str, label: bool, name: bool) -> None:
    assert (is_label(word), is_name(word)) == (label, name)
