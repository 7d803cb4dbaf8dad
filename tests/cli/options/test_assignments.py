"""Types and values of ``snmptcp set``, with net-snmp's letters."""

from __future__ import annotations

import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp import (
    OID,
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    VarBind,
)
from snmptcp.cli.options.assignments import LETTERS, parse_assignments, parse_value
from snmptcp.errors import ConfigurationError
from snmptcp.values import Value


@pytest.mark.parametrize(
    ("letter", "text", "value"),
    [
        ("i", "-5", Integer32(-5)),
        ("i", "+5", Integer32(5)),
        ("i", "0x10", Integer32(16)),
        ("i", "007", Integer32(7)),
        ("u", "4294967295", Gauge32(4294967295)),
        ("c", "5", Counter32(5)),
        ("C", "18446744073709551615", Counter64(2**64 - 1)),
        ("t", "4752", TimeTicks(4752)),
        ("a", "10.0.0.1", IpAddress("10.0.0.1")),
        ("o", ".1.3.6", OID("1.3.6")),
        ("s", "", OctetString(b"")),
        ("s", "a switch", OctetString(b"a switch")),
        ("s", "café", OctetString("café")),
        ("s", "\udcff", OctetString(b"\xff")),
        ("x", "0a0b", OctetString(b"\x0a\x0b")),
        ("x", "0x0A0B", OctetString(b"\x0a\x0b")),
        ("x", "0a 0b", OctetString(b"\x0a\x0b")),
        ("x", "0a:0b", OctetString(b"\x0a\x0b")),
        ("x", "0a-0b", OctetString(b"\x0a\x0b")),
        ("x", "", OctetString(b"")),
        ("d", "10.0.255", OctetString(b"\x0a\x00\xff")),
        ("d", "10 0 255", OctetString(b"\x0a\x00\xff")),
        ("d", "", OctetString(b"")),
        ("b", "0,3,9", OctetString(b"\x90\x40")),
        ("b", "9 0", OctetString(b"\x80\x40")),
        ("b", "", OctetString(b"")),
        ("n", "anything", Null()),
        ("F", "1.5", Opaque(b"\x9f\x78\x04" + struct.pack(">f", 1.5))),
        ("D", "-1e300", Opaque(b"\x9f\x79\x08" + struct.pack(">d", -1e300))),
    ],
)
def test_a_letter_and_a_text_make_a_value_of_that_type(letter: str, text: str, value: Value) -> None:
    parsed = parse_value(letter, text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("letter", "text"),
    [
        ("i", ""),
        ("i", "5x"),
        ("i", "1_0"),
        ("i", "٣"),
        ("i", "2147483648"),
        ("i", "9" * 5000),
        ("u", "-1"),
        ("u", "4294967296"),
        ("c", "-1"),
        ("C", "18446744073709551616"),
        ("t", "1:00"),
        ("a", "1.2"),
        ("a", "::1"),
        ("o", "sysDescr"),
        ("o", "1"),
        ("o", ""),
        ("x", "abc"),
        ("x", "0g"),
        ("d", "1.256"),
        ("d", "1..2"),
        ("b", "-1"),
        ("b", "524280"),
        ("b", "one"),
        ("s", "x" * 65536),
        ("F", "one"),
        ("F", "1e39"),
    ],
)
def test_a_text_that_is_no_value_of_its_type_is_refused(letter: str, text: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_value(letter, text)


@pytest.mark.parametrize("letter", ["", "q", "ii", "S", "="])
def test_an_unknown_type_is_refused_with_the_known_ones(letter: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(", ".join(LETTERS))):
        parse_value(letter, "5")


def test_the_type_of_a_mib_is_refused_with_the_reason() -> None:
    with pytest.raises(ConfigurationError, match="reads no MIB files"):
        parse_value("=", "5")


def test_triples_become_variable_bindings_in_order() -> None:
    assert parse_assignments(["1.3.1", "i", "5", ".1.3.2", "s", "x"]) == [
        VarBind(OID("1.3.1"), Integer32(5)),
        VarBind(OID("1.3.2"), OctetString(b"x")),
    ]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["1.3"], "1 words"),
        (["1.3", "i"], "2 words"),
        (["1.3", "i", "5", "1.3"], "4 words"),
        (["sysName.0", "s", "x"], "MIB files"),
        (["1", "i", "5"], "cannot be sent"),
        (["1.3.6", "i", "x"], "1.3.6: not a whole number"),
    ],
)
def test_words_that_are_no_triples_are_refused(words: list[str], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(complaint)):
        parse_assignments(words)


@given(st.sampled_from(sorted(LETTERS)), st.text(max_size=30))
def test_any_text_is_a_value_or_is_refused(letter: str, text: str) -> None:
    try:
        value = parse_value(letter, text)
    except ConfigurationError:
        return
    assert parse_assignments(["1.3.6", letter, text]) == [VarBind(OID("1.3.6"), value)]
