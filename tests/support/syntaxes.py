"""Syntaxes of objects, for tests of the values of MIB objects."""

from __future__ import annotations

import ipaddress

from snmptcp.mib import Syntax

__all__ = (
    "BITS",
    "DATE",
    "GAUGE",
    "INET",
    "INET6",
    "IP",
    "MAC",
    "NAME",
    "OPAQUE",
    "PLAIN",
    "STATUS",
    "TENTHS",
    "TEXT",
    "TICKS",
    "TRUTH",
    "UNSIGNED",
    "V6",
    "WIDE",
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
INET6 = Syntax(
    "InetAddressIPv6", "OCTET STRING", "2x:2x:2x:2x:2x:2x:2x:2x", sizes=((16, 16),), conventions=("InetAddressIPv6",)
)
TICKS = Syntax("TimeTicks", "TimeTicks")
GAUGE = Syntax("Gauge32", "Gauge32")
UNSIGNED = Syntax("Unsigned32", "Unsigned32", ranges=((0, 10),))
WIDE = Syntax("Counter64", "Counter64")
NAME = Syntax("OBJECT IDENTIFIER", "OBJECT IDENTIFIER")
IP = Syntax("IpAddress", "IpAddress")
OPAQUE = Syntax("Opaque", "Opaque")

V6 = ipaddress.IPv6Address("2001:db8::1")
