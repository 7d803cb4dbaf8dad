"""Lines of other programs' recordings."""

from __future__ import annotations

import pytest

from snmptcp.oid import OID
from snmptcp.testing.foreign import parse_dump_line, parse_json_line, parse_sap_line
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
)


@pytest.mark.parametrize(
    ("parse", "line", "value"),
    [
        (parse_sap_line, "1.3.6.1 , Integer , 76", Integer32(76)),
        (parse_sap_line, "1.3.6.1,Counter,5", Counter32(5)),
        (parse_sap_line, "1.3.6.1, Counter64, 5", Counter64(5)),
        (parse_sap_line, "1.3.6.1, Gauge, 5", Gauge32(5)),
        (parse_sap_line, "1.3.6.1, TimeTicks, 5", TimeTicks(5)),
        (parse_sap_line, "1.3.6.1, IpAddress, 192.0.2.1", IpAddress("192.0.2.1")),
        (parse_sap_line, "1.3.6.1, ObjectID, 0.0", OID("0.0")),
        (parse_sap_line, "1.3.6.1, OctetString, Moscow, Russia", OctetString(b"Moscow, Russia")),
        (parse_sap_line, "OID=1.3.6.1, Type=OctetString, Value=a, b", OctetString("a, b")),
        (parse_sap_line, "OID=1.3.6.1, Type=OID, Value=1.3.6.1.4.1", OID("1.3.6.1.4.1")),
        (parse_sap_line, "OID=1.3.6.1, Type=TimeTicks, Value=1:02:03.04", TimeTicks(372304)),
        (parse_sap_line, "1.3.6.1, OctetString, 0x000e35d33d53", OctetString(bytes.fromhex("000e35d33d53"))),
        (parse_sap_line, "1.3.6.1, OCTETSTR,", OctetString()),
        (parse_dump_line, "1.3.6.1|0|5", Counter32(5)),
        (parse_dump_line, "1.3.6.1|1|5", Gauge32(5)),
        (parse_dump_line, "1.3.6.1|2|-5", Integer32(-5)),
        (parse_dump_line, "1.3.6.1|3|192.0.2.1", IpAddress("192.0.2.1")),
        (parse_dump_line, "1.3.6.1|4|whatever", Null()),
        (parse_dump_line, "1.3.6.1|5|1.3.6", OID("1.3.6")),
        (parse_dump_line, '1.3.6.1|6|"a|b"', OctetString(b"a|b")),
        (parse_dump_line, "1.3.6.1|6|hex: 0.1A.ff", OctetString(b"\0\x1a\xff")),
        (parse_dump_line, "1.3.6.1|6|hex: ", OctetString()),
        (parse_dump_line, "1.3.6.1|7|5", TimeTicks(5)),
        (parse_dump_line, "1.3.6.1|8|5", Counter32(5)),
        (parse_dump_line, "1.3.6.1|9|5", Counter64(5)),
        (parse_json_line, '{"oid": "1.3.6.1", "type": "Integer32", "value": 5}', Integer32(5)),
        (parse_json_line, '{"oid": "1.3.6.1", "type": "Null", "value": null},', Null()),
        (parse_json_line, '{"oid": "1.3.6.1", "type": "OctetString", "value": "\\u00e9"}', OctetString("é")),
        (
            parse_json_line,
            '{"oid": "1.3.6.1", "type": "OctetString", "value": {"hex": "00ff"}}',
            OctetString(b"\0\xff"),
        ),
        (
            parse_json_line,
            '{"oid": "1.3.6.1", "type": "Opaque", "value": {"hex": "9f78043fc00000", "number": 1.5}}',
            Opaque(bytes.fromhex("9f78043fc00000")),
        ),
        (parse_json_line, '{"oid": "1.3.6.1", "type": "IpAddress", "value": "192.0.2.1"}', IpAddress("192.0.2.1")),
        (parse_json_line, '{"oid": "1.3.6.1", "type": "EndOfMibView", "value": null}', None),
    ],
)
def test_a_line_is_read_as_its_value(parse, line, value):
    name, found = parse(line.encode())
    assert (name.strip(), found, type(found)) == (b"1.3.6.1", value, type(value))


@pytest.mark.parametrize(
    ("parse", "line"),
    [
        (parse_sap_line, "1.3.6.1, Integer"),
        (parse_sap_line, "1.3.6.1, Integer, x"),
        (parse_sap_line, "1.3.6.1, OctetString, 0x0"),
        (parse_sap_line, "1.3.6.1, Sheep, 5"),
        (parse_dump_line, "1.3.6.1|2"),
        (parse_dump_line, "1.3.6.1|65|5"),
        (parse_dump_line, "1.3.6.1|6|hex: 100"),
        (parse_dump_line, "1.3.6.1|6|hex: no"),
        (parse_json_line, "[]"),
        (parse_json_line, "{"),
        (parse_json_line, '{"oid": "1.3.6.1"}'),
        (parse_json_line, '{"oid": "1.3.6.1", "type": "Integer32", "value": true}'),
        (parse_json_line, '{"oid": "1.3.6.1", "type": "Sheep", "value": 5}'),
        (parse_json_line, '{"oid": "1.3.6.1", "type": "OctetString", "value": {"hex": 5}}'),
        (parse_json_line, '{"oid": "1.3.6.1", "type": "ObjectIdentifier", "value": "1"}'),
    ],
)
def test_a_line_that_is_none_is_a_value_error(parse, line):
    with pytest.raises(ValueError, match=r"."):
        parse(line.encode())
