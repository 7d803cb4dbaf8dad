"""Values with net-snmp's letters for their types."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

import pytest

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
)
from snmptcp.cli.options.mibs import InputStyle
from snmptcp.cli.options.values import LETTERS, parse_plain_value, parse_value
from snmptcp.errors import ConfigurationError, MibError
from snmptcp.mib import Mib

if TYPE_CHECKING:
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
    parsed = parse_plain_value(letter, text)
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
        parse_plain_value(letter, text)


@pytest.mark.parametrize("letter", ["", "q", "ii", "S"])
def test_an_unknown_type_is_refused_with_the_known_ones(letter: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(", ".join(LETTERS))):
        parse_plain_value(letter, "5")


UNCHECKED = InputStyle(check_ranges=False)
WITHOUT_HINTS = InputStyle(use_hints=False)


@pytest.fixture(scope="module")
def mib() -> Mib:
    return Mib()


def of_object(mib: Mib, name: str, letter: str, text: str, style: InputStyle | None = None) -> Value:
    return parse_value(letter, text, mib.object_of(name), name, style=style or InputStyle(), resolve=mib.oid)


@pytest.mark.parametrize(
    ("name", "letter", "text", "value"),
    [
        ("ifAdminStatus.3", "i", "down", Integer32(2)),
        ("ifAdminStatus.3", "i", "2", Integer32(2)),
        ("ifAdminStatus.3", "=", "down", Integer32(2)),
        ("ifAdminStatus.3", "=", "down(2)", Integer32(2)),
        ("ifSpeed.3", "=", "5", Gauge32(5)),
        ("ifInOctets.3", "=", "0x10", Counter32(16)),
        ("ifHCInOctets.3", "C", "5", Counter64(5)),
        ("sysUpTime.0", "=", "500", TimeTicks(500)),
        ("sysUpTime.0", "t", "0:00:05.00", TimeTicks(500)),
        ("ipAdEntAddr.10.0.0.1", "=", "10.0.0.1", IpAddress("10.0.0.1")),
        ("sysObjectID.0", "o", "ifTable", OID("1.3.6.1.2.1.2.2")),
        ("sysObjectID.0", "=", ".1.3.6", OID("1.3.6")),
        ("sysName.0", "s", "\udcff", OctetString(b"\xff")),
        ("sysName.0", "=", "café", OctetString("café")),
        ("sysName.0", "x", "61 62", OctetString(b"ab")),
        ("sysName.0", "d", "97.98", OctetString(b"ab")),
        ("ifPhysAddress.1", "s", "0:1:2:3:4:5", OctetString(bytes(range(6)))),
        ("ifPhysAddress.1", "=", "0:1:2:3:4:5", OctetString(bytes(range(6)))),
        ("hrSystemDate.0", "=", "2024-1-2,3:4:5.0", OctetString(b"\x07\xe8\x01\x02\x03\x04\x05\x00")),
        ("ipDefaultRouterAddress.1", "s", "10.0.0.1", OctetString("10.0.0.1")),
        ("schedWeekDay.1", "b", "sunday tuesday", OctetString(b"\xa0")),
        ("schedWeekDay.1", "=", "0, 2", OctetString(b"\xa0")),
        ("schedWeekDay.1", "x", "a0", OctetString(b"\xa0")),
        ("schedWeekDay.1", "s", "a", OctetString(b"a")),
        ("sysName.0", "n", "", Null()),
    ],
)
def test_the_definition_of_an_object_tells_what_a_text_means(
    name: str, letter: str, text: str, value: Value, mib: Mib
) -> None:
    style = UNCHECKED if letter == "n" else InputStyle()
    parsed = of_object(mib, name, letter, text, style)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "letter", "text", "why"),
    [
        ("ifAdminStatus.3", "i", "foo", "ifAdminStatus.3 is one of up(1), down(2), testing(3), not 'foo'"),
        ("ifAdminStatus.3", "i", "9", "ifAdminStatus.3 is one of up(1), down(2), testing(3), not 9"),
        ("ifAdminStatus.3", "u", "1", "ifAdminStatus.3 is of type INTEGER: give i, not u; -Ir sends it so"),
        ("sysName.0", "i", "4", "sysName.0 is of type DisplayString (OCTET STRING): give s or x or d, not i"),
        ("sysName.0", "s", "x" * 256, "sysName.0 has 0 to 255 octets, not 256"),
        ("hrSystemDate.0", "x", "0102", "hrSystemDate.0 has 8 or 11 octets, not 2"),
        ("schedWeekDay.1", "b", "someday", "schedWeekDay.1 is one of sunday(0)"),
        ("sysObjectID.0", "o", "nothing", "no loaded MIB module defines nothing"),
        ("sysUpTime.0", "t", "1:2:3.4", "sysUpTime.0 is a number, not '1:2:3.4'"),
    ],
)
def test_a_value_that_an_object_cannot_have_is_refused_with_the_words_of_its_module(
    name: str, letter: str, text: str, why: str, mib: Mib
) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(why)):
        of_object(mib, name, letter, text)


@pytest.mark.parametrize(
    ("name", "letter", "text", "value"),
    [
        ("ifAdminStatus.3", "i", "9", Integer32(9)),
        ("ifAdminStatus.3", "=", "9", Integer32(9)),
        ("ifAdminStatus.3", "i", "down", Integer32(2)),
        ("ifAdminStatus.3", "u", "1", Gauge32(1)),
        ("sysName.0", "s", "x" * 256, OctetString("x" * 256)),
    ],
)
def test_what_is_not_checked_is_sent(name: str, letter: str, text: str, value: Value, mib: Mib) -> None:
    parsed = of_object(mib, name, letter, text, UNCHECKED)
    assert (parsed, type(parsed)) == (value, type(value))


def test_a_text_is_octets_if_hints_are_turned_off(mib: Mib) -> None:
    assert of_object(mib, "ifPhysAddress.1", "s", "0:1", WITHOUT_HINTS) == OctetString("0:1")


def test_an_object_that_no_module_defines_has_values_by_letters_alone(mib: Mib) -> None:
    assert of_object(mib, "1.3.6.1.4.1.99999.1", "i", "5") == Integer32(5)
    for name in ("1.3.6.1.4.1.99999.1", "ifTable"):
        with pytest.raises(ConfigurationError, match="no loaded MIB module tells its type: give a letter instead of ="):
            of_object(mib, name, "=", "5")


def test_an_unknown_name_as_a_value_is_a_mib_error(mib: Mib) -> None:
    with pytest.raises(MibError):
        parse_plain_value("o", "nothing", mib.oid)
