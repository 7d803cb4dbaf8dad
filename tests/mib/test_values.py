"""Values by the MIB: their text, and text and Python values as SMI values."""

from __future__ import annotations

import copy
import datetime as dt
import ipaddress
import pickle
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ArgumentTypeError, ConfigurationError, MibError
from snmptcp.mib import Syntax
from snmptcp.mib.values import address_of, format_value, named_value, smi_class, to_smi_value
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
    Unsigned32,
    Value,
)

STATUS = Syntax("INTEGER", "INTEGER", labels={1: "up", 2: "down", 3: "testing"})
TRUTH = Syntax("TruthValue", "INTEGER", labels={1: "true", 2: "false"}, conventions=("TruthValue",))
TENTHS = Syntax("Tenths", "INTEGER", "d-1", ranges=((-100, 100), (500, 500)), conventions=("Tenths",))
BITS = Syntax("BITS", "BITS", labels={0: "a", 1: "b", 9: "c"})
TEXT = Syntax("DisplayString", "OCTET STRING", "255a", sizes=((0, 255),), conventions=("DisplayString",))
PLAIN = Syntax("OCTET STRING", "OCTET STRING")
MAC = Syntax("MacAddress", "OCTET STRING", "1x:", sizes=((6, 6),), conventions=("MacAddress",))
DATE = Syntax(
    "DateAndTime",
    "OCTET STRING",
    "2d-1d-1d,1d:1d:1d.1d,1a1d:1d",
    sizes=((8, 8), (11, 11)),
    conventions=("DateAndTime",),
)
INET = Syntax("InetAddress", "OCTET STRING", sizes=((0, 255),), conventions=("InetAddress",))
INET6 = Syntax("InetAddressIPv6", "OCTET STRING", "2x:2x:2x:2x:2x:2x:2x:2x", sizes=((16, 16),))
TICKS = Syntax("TimeTicks", "TimeTicks")
GAUGE = Syntax("Gauge32", "Gauge32")
UNSIGNED = Syntax("Unsigned32", "Unsigned32", ranges=((0, 10),))
WIDE = Syntax("Counter64", "Counter64")
NAME = Syntax("OBJECT IDENTIFIER", "OBJECT IDENTIFIER")
IP = Syntax("IpAddress", "IpAddress")
OPAQUE = Syntax("Opaque", "Opaque")

V6 = ipaddress.IPv6Address("2001:db8::1")

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


def test_an_address_is_an_object() -> None:
    assert address_of(b"\n\0\0\1", 1) == ipaddress.IPv4Address("10.0.0.1")
    assert address_of(V6.packed + b"\0\0\0\5", 4) == ipaddress.IPv6Address("2001:db8::1%5")
    assert address_of(b"\n\0\0\1\0\0\0\5") == ipaddress.IPv4Address("10.0.0.1")
    assert address_of(b"a.example", 16) is None
    assert address_of(b"\n\0\0", 1) is None


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


# -------------------------------------------------------------------------------------- values in


class Colour(IntEnum):
    RED = 2


@pytest.mark.parametrize(
    ("syntax", "given_value", "value"),
    [
        (STATUS, "down", Integer32(2)),
        (STATUS, " down(2) ", Integer32(2)),
        (STATUS, "2", Integer32(2)),
        (STATUS, 2, Integer32(2)),
        (STATUS, Colour.RED, Integer32(2)),
        (STATUS, Integer32(2), Integer32(2)),
        (STATUS, named_value(STATUS, Integer32(2)), Integer32(2)),
        (TRUTH, True, Integer32(1)),
        (TRUTH, False, Integer32(2)),
        (TENTHS, "-1.5", Integer32(-15)),
        (TENTHS, "50.0", Integer32(500)),
        (TENTHS, 15, Integer32(15)),
        (UNSIGNED, 10, Unsigned32(10)),
        (UNSIGNED, Gauge32(10), Unsigned32(10)),
        (WIDE, "18446744073709551615", Counter64(2**64 - 1)),
        (TICKS, dt.timedelta(seconds=1.5), TimeTicks(150)),
        (TICKS, "1 day, 0:00:00.05", TimeTicks(8640005)),
        (TICKS, "(123) 0:00:01.23", TimeTicks(123)),
        (TICKS, "123", TimeTicks(123)),
        (BITS, "a c", OctetString(b"\x80\x40")),
        (BITS, "a, c(9)", OctetString(b"\x80\x40")),
        (BITS, ["a", "c"], OctetString(b"\x80\x40")),
        (BITS, {"b"}, OctetString(b"\x40\0")),
        (BITS, (0, 9), OctetString(b"\x80\x40")),
        (BITS, "", OctetString(b"\0\0")),
        (BITS, b"\x80", OctetString(b"\x80")),
        (TEXT, "abc", OctetString(b"abc")),
        (TEXT, b"abc", OctetString(b"abc")),
        (PLAIN, "0x00", OctetString(b"0x00")),
        (MAC, "0:1:2:a:b:c", OctetString(bytes((0, 1, 2, 10, 11, 12)))),
        (MAC, "00-01-02-0A-0B-0C", OctetString(bytes((0, 1, 2, 10, 11, 12)))),
        (MAC, "0x0001020a0b0c", OctetString(bytes((0, 1, 2, 10, 11, 12)))),
        (MAC, bytes(6), OctetString(bytes(6))),
        (DATE, "2010-1-2,3:4:5.6", OctetString(bytes((7, 218, 1, 2, 3, 4, 5, 6)))),
        (DATE, dt.datetime(2010, 1, 2, 3, 4, 5, 600000), OctetString(bytes((7, 218, 1, 2, 3, 4, 5, 6)))),  # noqa: DTZ001
        (
            DATE,
            dt.datetime(2010, 1, 2, 3, 4, 5, tzinfo=dt.timezone(-dt.timedelta(hours=5, minutes=30))),
            OctetString(bytes((7, 218, 1, 2, 3, 4, 5, 0, 0x2D, 5, 30))),
        ),
        (INET, "10.0.0.1", OctetString(b"\n\0\0\1")),
        (INET, V6, OctetString(V6.packed)),
        (INET, "a.example", OctetString(b"a.example")),
        (INET6, "2001:db8::1", OctetString(V6.packed)),
        (INET6, V6, OctetString(V6.packed)),
        (IP, "10.0.0.1", IpAddress("10.0.0.1")),
        (IP, b"\n\0\0\1", IpAddress("10.0.0.1")),
        (IP, ipaddress.IPv4Address("10.0.0.1"), IpAddress("10.0.0.1")),
        (NAME, "1.3.6.1", OID("1.3.6.1")),
        (NAME, (1, 3, 6), OID("1.3.6")),
        (NAME, OID("1.3"), OID("1.3")),
        (OPAQUE, b"\1", Opaque(b"\1")),
        (None, 5, Integer32(5)),
        (Syntax("What", ""), "x", OctetString(b"x")),
    ],
)
def test_text_and_python_values_become_smi_values(syntax: Syntax | None, given_value: object, value: Value) -> None:
    converted = to_smi_value(syntax, given_value, "acmeThing")
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("syntax", "given_value", "reason"),
    [
        (STATUS, "dwn", r"acmeThing is one of up\(1\), down\(2\), testing\(3\), not 'dwn'"),
        (STATUS, "down(3)", r"acmeThing is one of up\(1\), down\(2\), testing\(3\), not 'down\(3\)'"),
        (STATUS, 7, r"acmeThing is one of up\(1\), down\(2\), testing\(3\), not 7"),
        (STATUS, "", "acmeThing is one of"),
        (TENTHS, 101, "acmeThing is a number from -100 to 100 or 500, not 101"),
        (TENTHS, "1.23", "acmeThing: '1.23' does not fit the display hint 'd-1'"),
        (UNSIGNED, -1, "acmeThing is a number from 0 to 10, not -1"),
        (UNSIGNED, "x", "acmeThing is a number, not 'x'"),
        (GAUGE, 2**32, "acmeThing is a number from 0 to 4294967295, not 4294967296"),
        (TEXT, "x" * 300, "acmeThing has 0 to 255 octets, not 300"),
        (TEXT, "\ud800", "acmeThing takes text that UTF-8 can encode"),
        (MAC, "0:1", "acmeThing has 6 octets, not 2"),
        (MAC, "zz", "acmeThing: 'zz' does not fit the display hint '1x:'"),
        (MAC, b"", "acmeThing has 6 octets, not 0"),
        (DATE, bytes(9), "acmeThing has 8 or 11 octets, not 9"),
        (BITS, "a d", r"acmeThing is one of a\(0\), b\(1\), c\(9\), not 'd'"),
        (BITS, [5], r"acmeThing is one of a\(0\), b\(1\), c\(9\), not 5"),
        (IP, "10.0.0", "acmeThing: not an IPv4 address"),
        (NAME, "1.x", "acmeThing: not an object identifier"),
        (STATUS, OctetString(b"x"), "acmeThing is of type INTEGER, not OctetString: x"),
        (MAC, Integer32(1), r"acmeThing is of type MacAddress \(OCTET STRING\), not Integer32: 1"),
        (TICKS, Counter32(1), "acmeThing is of type TimeTicks, not Counter32: 1"),
        (NAME, OctetString(b"x"), "acmeThing is of type OBJECT IDENTIFIER, not OctetString"),
    ],
)
def test_a_value_that_the_object_cannot_have_is_refused(syntax: Syntax, given_value: object, reason: str) -> None:
    with pytest.raises(MibError, match=reason):
        to_smi_value(syntax, given_value, "acmeThing")


@pytest.mark.parametrize(
    ("syntax", "given_value", "reason"),
    [
        (STATUS, 1.5, "acmeThing takes a number or text, not float"),
        (STATUS, None, "acmeThing takes a number or text, not NoneType"),
        (STATUS, True, "acmeThing takes a number or text, not bool"),
        (STATUS, b"up", "acmeThing takes a number or text, not bytes"),
        (TEXT, 5, "acmeThing takes text or bytes, not int"),
        (MAC, ["0"], "acmeThing takes text or bytes, not list"),
        (BITS, 5, "acmeThing takes text, or several names or numbers of bits, not int"),
        (BITS, [1.5], "acmeThing takes names or numbers of bits, not float"),
        (IP, 5, "acmeThing takes an IPv4 address as text, four octets or an IPv4Address, not int"),
        (NAME, 5, "acmeThing takes an OID, its text or its arcs, not int"),
        (NAME, ("1", "3"), "acmeThing takes an OID, its text or its arcs, not tuple"),
        (OPAQUE, "x", "acmeThing takes bytes, not str"),
    ],
)
def test_a_python_value_of_a_wrong_type_is_refused_by_name(syntax: Syntax, given_value: object, reason: str) -> None:
    with pytest.raises(ArgumentTypeError, match=reason):
        to_smi_value(syntax, given_value, "acmeThing")


def test_an_address_must_be_of_its_type() -> None:
    assert to_smi_value(INET, "10.0.0.1", "a", address_type=1) == b"\n\0\0\1"
    assert to_smi_value(INET, "10.0.0.1", "a", address_type=16) == b"10.0.0.1"
    assert to_smi_value(INET, "fe80::1%5", "a", address_type=4)[16:] == b"\0\0\0\5"  # type: ignore[index]
    for kind, text in ((1, "::1"), (2, "10.0.0.1"), (3, "10.0.0.1"), (4, "fe80::1%eth0"), (1, "host")):
        with pytest.raises(MibError, match="a is an IPv. address"):
            to_smi_value(INET, text, "a", address_type=kind)


def test_an_error_names_the_labels_that_are_close_if_there_are_many() -> None:
    many = Syntax("Type", "INTEGER", labels={number: f"kind{number}" for number in range(300)} | {300: "ethernet"})
    with pytest.raises(MibError, match=r"is one of ethernet\(300\), \.\.\. \(301 in all\), not 'ethernt'"):
        to_smi_value(many, "ethernt", "acmeThing")
    with pytest.raises(MibError, match=r"is one of kind0\(0\), .*\(301 in all\), not 999"):
        to_smi_value(many, 999, "acmeThing")


def test_names_of_oids_are_found_by_the_caller() -> None:
    assert (
        to_smi_value(NAME, "sysDescr", "a", resolve={"sysDescr": OID("1.3.6.1.2.1.1.1")}.__getitem__)
        == "1.3.6.1.2.1.1.1"
    )


def test_each_type_of_the_smi_has_its_class() -> None:
    assert smi_class(UNSIGNED) is smi_class(GAUGE) is Gauge32
    assert smi_class(BITS) is OctetString
    assert smi_class(Syntax("What", "")) is None


@given(st.sampled_from([STATUS, TENTHS, UNSIGNED, TICKS, TEXT, MAC, BITS, DATE, INET, IP, NAME]), st.data())
def test_what_is_shown_can_be_given_back(syntax: Syntax, data: st.DataObject) -> None:
    value: object
    if syntax.base in {"INTEGER", "Unsigned32", "TimeTicks"}:
        value = data.draw(st.sampled_from(sorted(syntax.labels)) if syntax.labels else st.integers(0, 10))
    elif syntax is BITS:
        value = data.draw(st.sets(st.sampled_from(sorted(BITS.labels))))
    elif syntax is TEXT:
        value = data.draw(st.text(max_size=50))
    elif syntax is NAME:
        value = (1, 3, *data.draw(st.lists(st.integers(0, 2**32 - 1), max_size=5)))
    else:
        size = {id(MAC): 6, id(DATE): 8}.get(id(syntax), 4)
        value = data.draw(st.binary(min_size=size, max_size=size))
    smi = to_smi_value(syntax, value, "acmeThing")
    kind = 1 if syntax is INET else None
    assert to_smi_value(syntax, format_value(syntax, smi, address_type=kind), "acmeThing", address_type=kind) == smi


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.lists(st.one_of(st.integers(), st.text(max_size=5)), max_size=4),
    st.sampled_from([value for _, value, _ in NAMED]),
)


@given(
    st.sampled_from([STATUS, TENTHS, UNSIGNED, TICKS, TEXT, MAC, BITS, DATE, INET, INET6, IP, NAME, OPAQUE]), ANYTHING
)
def test_whatever_is_given_becomes_a_value_or_one_error(syntax: Syntax, value: object) -> None:
    try:
        converted = to_smi_value(syntax, value, "acmeThing")
    except ConfigurationError:
        return
    kind = smi_class(syntax)
    assert kind is not None
    assert isinstance(converted, kind)
