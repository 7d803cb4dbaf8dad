"""The types of nodes."""

from __future__ import annotations

import pytest

from snmptcp.cli.output.mib_types import clause_of, type_of
from snmptcp.mib import Mib


@pytest.mark.parametrize(
    ("name", "number", "syntax", "short", "clause"),
    [
        ("acmeState", 3, "INTEGER", "EnumVal", "OBJECT-TYPE"),
        ("acmeHeat", 16, "Integer32", "Integer32", "OBJECT-TYPE"),
        ("acmeFlags", 12, "BITS", "BitString", "OBJECT-TYPE"),
        ("acmeGateMac", 2, "OCTET STRING", "String", "OBJECT-TYPE"),
        ("ifSpeed", 7, "Gauge32", "Gauge", "OBJECT-TYPE"),
        ("snmpInPkts", 6, "Counter32", "Counter", "OBJECT-TYPE"),
        ("sysUpTime", 8, "TimeTicks", "TimeTicks", "OBJECT-TYPE"),
        ("RFC1213-MIB::ifSpeed", 7, "Gauge32", "Gauge", "OBJECT-TYPE"),  # Gauge in its text
        ("RFC1213-MIB::atNetAddress", 4, "NetworkAddress", "NetAddr", "OBJECT-TYPE"),
        ("vacmAccessTable", 0, "", "", "OBJECT-TYPE"),
        ("acme-objects", 0, "", "", "OBJECT-TYPE"),
        ("acmeAlarm", 21, "", "", "NOTIFICATION-TYPE"),
        ("ifStackGroup2", 22, "", "", "OBJECT-GROUP"),
        ("linkUpDownNotificationsGroup", 23, "", "", "NOTIFICATION-GROUP"),
        ("acmeMIB", 24, "", "", "MODULE-IDENTITY"),
        ("ifCompliance3", 26, "", "", "MODULE-COMPLIANCE"),
    ],
)
def test_a_node_has_the_type_that_net_snmp_gives_it(
    acme_mib: Mib, name: str, number: int, syntax: str, short: str, clause: str
) -> None:
    node = next(node for node in acme_mib.definitions(name) if name in {node.label, node.name})
    assert (*type_of(node), clause_of(node)) == (number, syntax, short, clause)
