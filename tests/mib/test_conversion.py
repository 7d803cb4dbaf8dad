"""Text and Python values as SMI values of MIB objects."""

from __future__ import annotations

import datetime as dt
import ipaddress
from enum import IntEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ArgumentTypeError, ConfigurationError, MibError
from snmptcp.mib import Syntax
from snmptcp.mib.conversion import smi_class, to_smi_value
from snmptcp.mib.values import format_value, named_value
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    Unsigned32,
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
    TRUTH,
    UNSIGNED,
    V6,
    WIDE,
)

# -------------------------------------------------------------------------------------- values in


NAMELESS = Syntax("BITS", "BITS")
ZONED = Syntax("InetAddressIPv6z", "OCTET STRING", "2x:2x:2x:2x:2x:2x:2x:2x%4d", sizes=((20, 20),))
TRANSPORT = Syntax("TransportAddressIPv6", "OCTET STRING", "0a[2x:2x:2x:2x:2x:2x:2x:2x]0a:2d", sizes=((18, 18),))


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
        (INET6, "2001:db8:0:0:0:0:0:1", OctetString(V6.packed)),
        (ZONED, "fe80::1%5", OctetString(bytes.fromhex("fe80000000000000000000000000000100000005"))),
        (TRANSPORT, "[2001:db8::1]:161", OctetString(V6.packed + b"\0\xa1")),
        (NAMELESS, "0 9", OctetString(b"\x80\x40")),
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
        (BITS, "a (", r"acmeThing is several labels or numbers of bits, not 'a \('"),
        (BITS, [5], r"acmeThing is one of a\(0\), b\(1\), c\(9\), not 5"),
        (NAMELESS, [10**9], "acmeThing: a bit is a number from 0 to 524279, not 1000000000"),
        (NAMELESS, "a", "acmeThing has no labels: give numbers, not 'a'"),
        (INET6, "2001:::1", "does not fit the display hint"),
        (IP, "10.0.0", "acmeThing is an IPv4 address, not '10.0.0'"),
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
    st.sampled_from([Integer32(1), Gauge32(1), Counter64(1), OctetString(b"x"), IpAddress(), OID("1.3"), Null()]),
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


@pytest.mark.parametrize("syntax", [STATUS, TENTHS, TICKS, BITS, MAC, DATE, INET, INET6, ZONED, TRANSPORT, IP, NAME])
@pytest.mark.parametrize("text", [" " * 40_000, "up" + " " * 40_000 + "(", "(" * 40_000, "1:" * 20_000, "9" * 40_000])
def test_long_text_is_refused_in_linear_time(syntax: Syntax, text: str) -> None:
    try:
        to_smi_value(syntax, text, "acmeThing")
    except MibError as error:
        shown = str(error)
    else:
        shown = ""
    assert len(shown) < 1000
