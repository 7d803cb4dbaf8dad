"""The text of values by the MIB, and values that know their text."""

from __future__ import annotations

import copy
import ipaddress
import pickle
from typing import Any

import pytest

from snmptcp.mib import Syntax
from snmptcp.mib.values import format_value, named_value
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    Value,
)
from tests.support.syntaxes import (
    BITS,
    DATE,
    GAUGE,
    INET,
    INET6,
    IP,
    MAC,
    NAME,
    OPAQUE,
    PLAIN,
    STATUS,
    TENTHS,
    TEXT,
    TICKS,
    V6,
    WIDE,
)

# -------------------------------------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("syntax", "value", "text"),
    [
        (STATUS, Integer32(1), "up"),
        (STATUS, Integer32(7), "7"),
        (TENTHS, Integer32(215), "21.5"),
        (GAUGE, Gauge32(5), "5"),
        (BITS, OctetString(b"\xa0\x40"), "a 2 c"),
        (BITS, OctetString(b""), ""),
        (TEXT, OctetString(b"abc"), "abc"),
        (PLAIN, OctetString(b"\0\1"), "0x0001"),
        (MAC, OctetString(bytes((0, 26, 1, 2, 3, 4))), "0:1a:1:2:3:4"),
        (DATE, OctetString(bytes((7, 218, 1, 2, 3, 4, 5, 6))), "2010-1-2,3:4:5.6"),
        (INET, OctetString(b"\n\0\0\1"), "10.0.0.1"),
        (INET, OctetString(V6.packed), "2001:db8::1"),
        (INET, OctetString(b"a.example"), "a.example"),
        (INET, OctetString(b"a.io"), "a.io"),
        (IP, IpAddress("10.0.0.1"), "10.0.0.1"),
        (NAME, OID("1.3.6.1"), "1.3.6.1"),
        (OPAQUE, Opaque(bytes.fromhex("9f78043f800000")), "1.0"),
        (Syntax("X", "OCTET STRING", "1z"), OctetString(b"abc"), "abc"),
        (STATUS, OctetString(b"odd"), "odd"),
        (STATUS, NoSuchInstance(), "noSuchInstance"),
        (None, Integer32(1), "1"),
        (Syntax("What", ""), Integer32(1), "1"),
    ],
)
def test_a_value_has_the_text_of_its_syntax(syntax: Syntax | None, value: Value, text: str) -> None:
    assert format_value(syntax, value) == text


@pytest.mark.parametrize(
    ("octets", "kind", "text"),
    [
        (b"\n\0\0\1", 1, "10.0.0.1"),
        (V6.packed, 2, "2001:db8::1"),
        (b"\n\0\0\1\0\0\0\5", 3, "10.0.0.1%5"),
        (V6.packed + b"\0\0\0\5", 4, "2001:db8::1%5"),
        (b"abcd", 16, "abcd"),
        (b"abcd", 1, "97.98.99.100"),
        (b"\n\0\0", 1, "0x0a0000"),
        (b"", 0, ""),
    ],
)
def test_an_address_is_shown_by_its_type(octets: bytes, kind: int, text: str) -> None:
    assert format_value(INET, OctetString(octets), address_type=kind) == text


# ------------------------------------------------------------------------------------ named values


def named_as(syntax: Syntax, value: Value, text: str | None = None, address_type: int | None = None) -> Any:
    return named_value(syntax, value, text, address_type)


NAMED: list[tuple[Syntax, Value, str]] = [
    (STATUS, Integer32(1), "up"),
    (TENTHS, Integer32(215), "21.5"),
    (GAUGE, Gauge32(5), "5"),
    (Syntax("Counter32", "Counter32"), Counter32(5), "5"),
    (WIDE, Counter64(5), "5"),
    (TICKS, TimeTicks(5), "5"),
    (MAC, OctetString(bytes(6)), "0:0:0:0:0:0"),
    (IP, IpAddress("10.0.0.1"), "10.0.0.1"),
    (OPAQUE, Opaque(b"\1"), "0x01"),
    (NAME, OID("1.3.6.1"), "1.3.6.1"),
]


@pytest.mark.parametrize(("syntax", "value", "text"), NAMED)
def test_a_named_value_is_the_value_with_its_text(syntax: Syntax, value: Value, text: str) -> None:
    named = named_as(syntax, value)
    assert named == value
    assert value == named
    assert hash(named) == hash(value)
    assert issubclass(type(named), type(value))
    assert (named.tag, named.name) == (value.tag, value.name)
    assert str(named) == f"{named}" == text
    assert named.syntax is syntax
    assert text in repr(named)
    for again in (pickle.loads(pickle.dumps(named)), copy.deepcopy(named)):
        assert again == value
        assert str(again) == text
        assert again.syntax == syntax
    assert str(named_as(syntax, named, "other")) == "other"


def test_a_named_number_knows_its_label() -> None:
    assert named_as(STATUS, Integer32(2)).label == "down"
    assert named_as(STATUS, Integer32(7)).label is None
    assert named_as(MAC, OctetString(bytes(6))).label is None


def test_a_named_number_is_formatted_as_text_or_as_a_number() -> None:
    named = named_as(STATUS, Integer32(2))
    assert f"{named:>6}" == "  down"
    assert f"{named:d}" == "2"
    assert f"{named:03d}" == "002"
    assert f"{named_as(GAUGE, Gauge32(5000)):,}" == "5,000"
    assert f"{named_as(GAUGE, Gauge32(5)):>3}" == "  5"
    assert f"{named_as(MAC, OctetString(bytes(6))):>12}" == " 0:0:0:0:0:0"
    assert named + 1 == 3


def test_a_named_address_is_an_object() -> None:
    assert named_as(INET, OctetString(b"\n\0\0\1"), address_type=1).address == ipaddress.ip_address("10.0.0.1")
    assert named_as(INET, OctetString(b"a.b"), address_type=16).address is None
    assert named_as(INET6, OctetString(V6.packed)).address == V6
    assert named_as(IP, IpAddress("10.0.0.1")).address == ipaddress.ip_address("10.0.0.1")
    assert named_as(MAC, OctetString(bytes(6))).address is None
    assert named_as(STATUS, Integer32(1)).address is None


def test_a_named_oid_is_equal_to_its_numbers_whatever_its_text() -> None:
    named = named_as(NAME, OID("1.3.6.1"), "SNMPv2-SMI::internet")
    assert str(named) == "SNMPv2-SMI::internet"
    assert named == OID("1.3.6.1")
    assert named == "1.3.6.1"
    assert OID("1.3.6.1") == named
    assert {OID("1.3.6.1"): 1}[named] == 1
    assert (named.key, named.arcs, named[:2]) == (OID("1.3.6.1").key, (1, 3, 6, 1), OID("1.3"))
    assert named < OID("1.3.6.2")
    assert OID("1.3.6.1.2").startswith(named)


def test_a_value_without_contents_stays_as_it_is() -> None:
    assert named_as(STATUS, NoSuchInstance()) is NoSuchInstance()
    assert named_as(STATUS, Null()) is Null()


def test_an_agents_value_of_another_type_keeps_its_type() -> None:
    named = named_as(STATUS, OctetString(b"odd"))
    assert isinstance(named, OctetString)
    assert str(named) == "odd"
    assert named_as(BITS, Integer32(1)).label is None
