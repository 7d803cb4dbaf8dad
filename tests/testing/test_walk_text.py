"""Walks as net-snmp prints them: the text of a value, values of several lines, and what stands around a walk."""

from __future__ import annotations

import struct

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.testing.recording import read_recording
from snmptcp.testing.walk_text import numbered, parse_walk_value, walk_records
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    NsapAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("INTEGER: 6", Integer32(6)),
        ("INTEGER: up(1)", Integer32(1)),
        ("INTEGER: ethernetCsmacd(6)", Integer32(6)),
        ("INTEGER: -1", Integer32(-1)),
        ("INTEGER: 60 seconds", Integer32(60)),
        ("INTEGER: 4294967295", Integer32(-1)),
        ("Gauge32: 10000 milli-seconds", Gauge32(10000)),
        ("Unsigned32: 3", Gauge32(3)),
        ("UInteger32: 3", UInteger32(3)),
        ("Counter32: 4294967296", Counter32(0)),
        ("Counter64: 18446744073709551615", Counter64(2**64 - 1)),
        ("COUNTER64: 5", Counter64(5)),
        ("Timeticks: (123) 0:00:01.23", TimeTicks(123)),
        ("Timeticks: (678617700) 78 days, 13:02:57.00", TimeTicks(678617700)),
        ("Timeticks: 123", TimeTicks(123)),
        ("Timeticks: 78:13:02:57.00", TimeTicks(678617700)),
        ("121722922", TimeTicks(121722922)),
        ("OID: .1.3.6.1.4.1.9", OID("1.3.6.1.4.1.9")),
        ("OID: iso.3.6.1", OID("1.3.6.1")),
        ("OID: .0.0", OID("0.0")),
        ("OID: ccitt.0", OID("0.0")),
        ("OID: ", OID("0.0")),
        ("OID: .0", OID("0.0")),
        ("IpAddress: 192.0.2.1", IpAddress("192.0.2.1")),
        ("IPAddress: 192.0.2.1", IpAddress("192.0.2.1")),
        ("Network Address: C0:00:02:01", IpAddress("192.0.2.1")),
        ('""', OctetString()),
        ("STRING: ", OctetString()),
        ("STRING:", OctetString()),
        ('STRING: ""', OctetString()),
        ('STRING: "a \\"quoted\\" C:\\\\path"', OctetString(b'a "quoted" C:\\path')),
        ('STRING: "a "quoted" word"', OctetString(b'a "quoted" word')),
        ('STRING: "INTEGER: 5"', OctetString(b"INTEGER: 5")),
        ("STRING: without quotes", OctetString(b"without quotes")),
        ("STRING: 0:12:79:62:f9:40", OctetString(bytes.fromhex("00127962f940"))),
        ("STRING: 10:30", OctetString(b"10:30")),
        ('STRING: "0:12:79:62:f9:40"', OctetString(b"0:12:79:62:f9:40")),
        ('STRING: "caf\xe9"', OctetString(b"caf\xe9")),
        ('"without a type"', OctetString(b"without a type")),
        ("Hex-STRING: 00 03 0F ", OctetString(b"\x00\x03\x0f")),
        ("Hex-STRING: 00 03\n0F \n", OctetString(b"\x00\x03\x0f")),
        ("Hex-STRING: 41 00 42   [A.B]", OctetString(b"A\0B")),
        ("Hex-STRING: 41 5D 5B   [A][]\n43   [C]", OctetString(b"A][C")),
        ("Hex-STRING: 00029929AE3C", OctetString(bytes.fromhex("00029929ae3c"))),
        ("HEX-STRING: 00:02:99", OctetString(b"\x00\x02\x99")),
        ("BITS: ", OctetString()),
        ("BITS: 80 ", OctetString(b"\x80")),
        ("BITS: 80 clear(0) ", OctetString(b"\x80")),
        ("BITS: 00 30 10 11", OctetString(b"\x00\x30")),  # the octets 00 30, and the bits 10 and 11
        ("BITS: 80 00 00 00 lowerLayerDown(0)", OctetString(b"\x80\0\0\0")),
        ("BITS: 5B 00 00 00   [[...]1 3 4 6 7 ", OctetString(b"\x5b\0\0\0")),
        ("Opaque: Float: 1.500000", Opaque(b"\x9f\x78\x04" + struct.pack(">f", 1.5))),
        ("Opaque: Float: 6.000000 V", Opaque(b"\x9f\x78\x04" + struct.pack(">f", 6))),
        ("Opaque: Float: nan", Opaque(b"\x9f\x78\x04" + struct.pack(">f", float("nan")))),
        ("Opaque: Double: 1.5", Opaque(b"\x9f\x79\x08" + struct.pack(">d", 1.5))),
        ("Opaque: Int64: -2", Opaque(b"\x9f\x7a\x01\xfe")),
        ("Opaque: UInt64: 18446744073709551614", Opaque(b"\x9f\x7b\x09\x00" + b"\xff" * 7 + b"\xfe")),
        ("OPAQUE: 04 01 41 ", Opaque(b"\x04\x01\x41")),
        ("NsapAddress: 47 00 ", NsapAddress(b"\x47\0")),
        ("NULL", Null()),
        ("NULL: ", Null()),
        ("Wrong Type (should be Counter32): Gauge32: 19191036", Gauge32(19191036)),
        ("Wrong Type (should be OBJECT IDENTIFIER): INTEGER: 1", Integer32(1)),
        ('Wrong Type (should be INTEGER): STRING: "C"', OctetString(b"C")),
        ("Wrong Type (should be Timeticks): 1632295600", TimeTicks(1632295600)),
        ("No Such Object available on this agent at this OID", None),
        ("No Such Instance currently exists at this OID", None),
        ("No more variables left in this MIB View (It is past the end of the MIB tree)", None),
    ],
)
def test_a_text_is_read_as_its_value(text, value):
    found = parse_walk_value(text.encode("latin-1"))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("INTEGER: ", "not a whole number"),
        ("INTEGER: 1.5", "not a whole number"),
        ("Counter32: many", "not a whole number"),
        ("Timeticks: soon", "no time"),
        ("OID: NET-SNMP-MIB::netSnmp.9", "not an object identifier"),
        ("IpAddress: 192.0.2", "not an IPv4 address"),
        ("IpAddress: 1:2", "not an IPv4 address"),
        ("Hex-STRING: 0G", "not octets in hex"),
        ("BITS: clear(0)", "not octets in hex"),
        ("Opaque: Float: ", "could not convert"),
        ("Integer64: 5", "no type of SNMP"),
        ("five", "no type of SNMP"),
        ("Wrong Type (should be OCTET STRING)", "no type of SNMP"),
    ],
)
def test_a_text_that_is_no_value_is_refused(text, problem):
    with pytest.raises(ValueError, match=problem):
        parse_walk_value(text.encode())


def read(text: str):
    recording = read_recording([f"{line}\n" for line in text.split("\n")])
    return list(recording.variables.values()), [bad.line for bad in recording.skipped]


def test_a_string_has_all_its_lines():
    values, bad = read(
        '.1.3.6.1.1 = STRING: "two\n\nlines with a \\" and\n.1.3.6.1.9 = INTEGER: 5\ninside"\n.1.3.6.1.2 = INTEGER: 1'
    )
    assert values == [b'two\n\nlines with a " and\n.1.3.6.1.9 = INTEGER: 5\ninside', 1]
    assert bad == []


def test_a_string_that_was_cut_off_does_not_swallow_the_next_variables():
    values, bad = read('.1.3.6.1.1 = STRING: "cut\n.1.3.6.1.2 = STRING: "whole"\n.1.3.6.1.3 = INTEGER: 1')
    assert values == [b"cut", b"whole", 1]
    assert bad == []


def test_a_string_without_quotes_has_all_its_lines():
    values, bad = read(
        ".1.3.6.1.1 = STRING: Cisco IOS\r\nTechnical Support\r\n.1.3.6.1.2 = Hex-STRING: 00 01 \n02 03 \n"
    )
    assert values == [b"Cisco IOS\r\nTechnical Support", b"\0\1\2\3"]
    assert bad == []


def test_line_ends_of_the_file_are_not_those_of_a_string():
    inside = '.1.3.6.1.1 = STRING: "one\r\ntwo"\n.1.3.6.1.2 = INTEGER: 1'
    assert read(inside)[0] == [b"one\r\ntwo", 1]
    assert read(inside.replace("\r", "").replace("\n", "\r\n"))[0] == [b"one\ntwo", 1]


def test_what_tools_print_around_a_walk_is_no_bad_line_and_other_text_is_one():
    values, bad = read(
        "# net-snmp 5.9\n\n.1.3.6.1.1 = INTEGER: 1\nmore\n.1.3.6.1.2 = No more variables left in this MIB View\n"
        "Variables found: 1\nTimeout: No Response from 192.0.2.1\nsnmpwalk: Timeout\nError in packet.\n"
        "Reason: (genError) A general failure occured\nFailed object: .1.3\nEnd of MIB\n"
    )
    assert (values, bad) == ([1], [4])


def test_records_know_their_lines():
    lines = [b'.1.3.1 = STRING: "a\n', b'b"\n', b"oops\n", b".1.3.2 = NULL\n"]
    assert [(record.line, record.name) for record in walk_records(lines)] == [(1, b".1.3.1"), (3, b""), (4, b".1.3.2")]


def test_a_bad_value_costs_only_its_variable():
    recording = read_recording([".1.3.6.1.1 = INTEGER: one\n", ".1.3.6.1.2 = INTEGER: 2\n"])
    assert list(recording.variables.values()) == [2]
    assert [bad.reason for bad in recording.skipped] == ["not a whole number: 'one'"]


def test_a_symbolic_oid_is_refused_as_such():
    with pytest.raises(ConfigurationError, match="netSnmp"):
        parse_walk_value(b"OID: NET-SNMP-MIB::netSnmp.9")


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("SNMPv2-SMI::mib-2.47.1.0", "1.3.6.1.2.1.47.1.0"),
        ("SNMPv2-SMI::enterprises.9.1", "1.3.6.1.4.1.9.1"),
        ("SNMPv2-SMI::zeroDotZero", "0.0"),
        ("RFC1155-SMI::experimental.94", "1.3.6.1.3.94"),
        ("enterprises.9", "1.3.6.1.4.1.9"),
        (".iso.org.dod.internet.mgmt.mib-2.1.5.0", "1.3.6.1.2.1.1.5.0"),
        (".iso.org.dod.internet.private.enterprises.9", "1.3.6.1.4.1.9"),
        (".iso.org.dod.internet.snmpV2.snmpModules.1", "1.3.6.1.6.3.1"),
    ],
)
def test_the_roots_have_names_that_need_no_mib_file(name, numbers):
    assert numbered(name) == numbers
    assert parse_walk_value(f"OID: {name}".encode()) == OID(numbers)
    if numbers != "0.0":
        assert list(read_recording([f"{name} = INTEGER: 5"], strict=True).variables) == [OID(numbers)]


@pytest.mark.parametrize("name", ["enterprisesX.9", "SNMPv2-MIB::sysDescr.0", "iso.3", "1.3", "mib-22.1", ""])
def test_other_names_stay(name):
    assert numbered(name) == name


@pytest.mark.parametrize("margin", ["    ", "\t", "> ", "> > ", ">> "])
def test_a_walk_that_was_quoted_or_indented_loses_its_margin(margin):
    lines = [
        "$ snmpwalk -v2c -c public 192.0.2.1",
        '.1.3.6.1.1.1 = STRING: "two',
        '  lines"',
        ".1.3.6.1.1.2 = Hex-STRING: 00 01",
        "02 03",
        ".1.3.6.1.1.3 = INTEGER: 5",
    ]
    recording = read_recording([f"{margin}{line}\n" for line in lines])
    assert dict(recording.variables) == {
        OID("1.3.6.1.1.1"): b"two\n  lines",
        OID("1.3.6.1.1.2"): b"\0\1\2\3",
        OID("1.3.6.1.1.3"): 5,
    }
    assert [bad.line for bad in recording.skipped] == [1]


def test_a_string_that_looks_like_an_indented_variable_stays_one():
    lines = ['.1.3.6.1.1.1 = STRING: "a\n', "  .1.3.6.1.1.9 = INTEGER: 5\n", '"\n', ".1.3.6.1.1.2 = INTEGER: 5\n"]
    assert list(read_recording(lines, strict=True).variables) == [OID("1.3.6.1.1.1"), OID("1.3.6.1.1.2")]


def test_the_types_of_old_tools_are_read():
    assert parse_walk_value(b"Gauge: 5") == Gauge32(5)
    assert type(parse_walk_value(b"Counter: 5")) is Counter32
