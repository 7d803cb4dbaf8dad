"""Names, and triples of a name, a letter and a value."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp import (
    OID,
    Integer32,
    OctetString,
    VarBind,
)
from snmptcp.cli.names import Names
from snmptcp.cli.options.assignments import parse_assignments, parse_name, parse_names, parse_root
from snmptcp.cli.options.mibs import InputStyle, MibOptions
from snmptcp.cli.options.values import LETTERS, parse_plain_value
from snmptcp.errors import ConfigurationError


def test_triples_become_variable_bindings_in_order() -> None:
    assert parse_assignments(["1.3.1", "i", "5", ".1.3.2", "s", "x"], Names()) == [
        VarBind(OID("1.3.1"), Integer32(5)),
        VarBind(OID("1.3.2"), OctetString(b"x")),
    ]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["1.3"], "1 words"),
        (["1.3", "i"], "2 words"),
        (["1.3", "i", "5", "1.3"], "4 words"),
        (["sysName.0", "s", "x"], "'sysName.0' needs MIB modules: names are turned off"),
        (["1", "i", "5"], "cannot be sent"),
        (["1.3.6", "i", "x"], "1.3.6: not a whole number"),
        (["1.3.6", "=", "x"], "1.3.6: there are no MIB modules: names are turned off"),
        (["1.3.6", "q", "x"], "1.3.6: the type is one of i, u"),
    ],
)
def test_words_that_are_no_triples_are_refused(words: list[str], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(complaint)):
        parse_assignments(words, Names())


@given(st.sampled_from(sorted(LETTERS)), st.text(max_size=30))
def test_any_text_is_a_value_or_is_refused(letter: str, text: str) -> None:
    try:
        value = parse_plain_value(letter, text)
    except ConfigurationError:
        return
    assert parse_assignments(["1.3.6", letter, text], Names()) == [VarBind(OID("1.3.6"), value)]


@pytest.mark.parametrize(
    ("words", "varbind"),
    [
        (["ifAdminStatus.3", "i", "down"], VarBind(OID("1.3.6.1.2.1.2.2.1.7.3"), Integer32(2))),
        (["1.3.6.1.2.1.2.2.1.7.3", "i", "down"], VarBind(OID("1.3.6.1.2.1.2.2.1.7.3"), Integer32(2))),
        (["1.3.6.1.2.1.2.2.1.7.3", "=", "down"], VarBind(OID("1.3.6.1.2.1.2.2.1.7.3"), Integer32(2))),
        (["1.3.6.1.2.1.2.2.1.7.3", "i", "9"], VarBind(OID("1.3.6.1.2.1.2.2.1.7.3"), Integer32(9))),
        (["sysObjectID.0", "o", "ifTable"], VarBind(OID("1.3.6.1.2.1.1.2.0"), OID("1.3.6.1.2.1.2.2"))),
    ],
)
def test_names_and_values_are_read_by_mib_modules_where_that_is_needed(words: list[str], varbind: VarBind) -> None:
    assert parse_assignments(words, Names(MibOptions())) == [varbind]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["ifAdminStatus.3", "i", "9"], "ifAdminStatus.3 is one of up(1), down(2), testing(3), not 9"),
        (["1.3.6.1.2.1.2.2.1.5.3", "i", "down"], "1.3.6.1.2.1.2.2.1.5.3 is of type Gauge32: give u"),
        (["1.3.6.1.2.1.2.2.1.7.3", "i", "9", "sysName.0", "s", "x"], "1.3.6.1.2.1.2.2.1.7.3 is one of up(1)"),
        (["sysname.0", "s", "x"], "no loaded MIB module defines sysname; there is SNMPv2-MIB::sysName"),
        (["1.3.6", "i", "x"], "1.3.6: not a whole number"),
    ],
)
def test_a_wrong_name_or_value_is_refused_with_the_words_of_its_module(words: list[str], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(complaint)):
        parse_assignments(words, Names(MibOptions()))


def test_letters_of_input_change_what_is_checked() -> None:
    names = Names(MibOptions(input=InputStyle(check_ranges=False, suffix="3")))
    assert parse_assignments(["ifAdminStatus", "i", "9"], names) == [
        VarBind(OID("1.3.6.1.2.1.2.2.1.7.3"), Integer32(9))
    ]


@pytest.mark.parametrize("word", ["192.0.2.1:161", "tcp:switch", "switch:161", "[::1]:161"])
def test_an_address_among_names_is_told_as_one(word: str) -> None:
    with pytest.raises(ConfigurationError, match="looks like an address: HOST comes first"):
        parse_names(["1.3.6", word], Names(MibOptions(standard=False)))


def test_the_whole_tree_is_a_root_and_as_a_name_comes_before_all_others() -> None:
    assert parse_root(".", Names()) == OID.fragment(())
    assert parse_root("1", Names()) == OID.fragment((1,))
    assert parse_name(".", Names()) == OID("0.0")
