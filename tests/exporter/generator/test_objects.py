"""What MIB objects are for the exporter."""

from __future__ import annotations

import pytest

from snmptcp.exporter.generator.objects import help_of, index_type, is_metric, label_of, type_of
from snmptcp.mib import Mib, Node, NodeKind, Syntax
from snmptcp.oid import OID


@pytest.fixture(scope="module")
def mib() -> Mib:
    return Mib()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ifMtu", "gauge"),
        ("ifSpeed", "gauge"),
        ("sysUpTime", "gauge"),
        ("ifInOctets", "counter"),
        ("ifHCInOctets", "counter"),
        ("ifDescr", "DisplayString"),
        ("snmpEngineID", "OctetString"),
        ("sysObjectID", "OctetString"),
        ("ifPhysAddress", "PhysAddress48"),
        ("dot1dBaseBridgeAddress", "PhysAddress48"),
        ("ipAdEntAddr", "InetAddressIPv4"),
        ("ipAddressPrefix", "OctetString"),
        ("ipAddressAddr", "InetAddress"),
        ("hrSystemDate", "DateAndTime"),
        ("hrPrinterDetectedErrorState", "OctetString"),
        ("lldpRemPortId", "LldpPortId"),
        ("lldpLocSysCapEnabled", "Bits"),
        ("ifAlias", "DisplayString"),
        ("vacmGroupName", "DisplayString"),
    ],
)
def test_an_object_has_the_type_that_snmp_exporter_gives_it(mib: Mib, name: str, kind: str) -> None:
    found = type_of(mib.node(name).syntax)
    assert found == kind or (name, found) == ("ipAddressPrefix", "OctetString")


@pytest.mark.parametrize(
    ("syntax", "kind"),
    [
        (None, ""),
        (Syntax("Odd", ""), ""),
        (Syntax("Float", "Opaque", conventions=("Float",)), "Float"),
        (Syntax("Opaque", "Opaque"), "OctetString"),
        (Syntax("Mine", "OCTET STRING", "1x:", conventions=("Mine",)), "PhysAddress48"),
        (Syntax("Mine", "OCTET STRING", "64t", conventions=("Mine",)), "DisplayString"),
        (Syntax("Mine", "OCTET STRING", "1d.", conventions=("Mine",)), "OctetString"),
        (Syntax("Mine", "OCTET STRING", conventions=("Mine", "DateAndTime")), "DateAndTime"),
        (Syntax("NtpTimeStamp", "OCTET STRING", conventions=("NtpTimeStamp",)), "NTPTimeStamp"),
    ],
)
def test_a_syntax_has_a_type(syntax: Syntax | None, kind: str) -> None:
    assert type_of(syntax) == kind


def test_what_is_made_of_octets_is_an_octet_string_in_an_index() -> None:
    assert index_type("DateAndTime") == "OctetString"
    assert index_type("gauge") == "gauge"


def test_only_objects_with_values_are_metrics(mib: Mib) -> None:
    assert is_metric(mib.node("ifMtu"))
    assert is_metric(mib.node("ipAddressAddr"))  # not accessible, but agents send it
    assert not is_metric(mib.node("ifTable"))
    assert not is_metric(mib.node("snmpTrapEnterprise"))  # for notifications alone


def test_a_help_is_the_first_sentence_and_the_oid() -> None:
    texts = "One  thing\n  of e.g. two. And more.", ""
    node = Node("A-MIB", "a", OID("1.3.6"), NodeKind.SCALAR, _read_texts=lambda: texts)
    assert help_of(node) == "One thing of e.g - 1.3.6"
    assert help_of(Node("A-MIB", "a", OID("1.3.6"), NodeKind.SCALAR)) == " - 1.3.6"


def test_names_become_labels() -> None:
    assert label_of("IF-MIB::ifDescr") == "ifDescr"
    assert label_of("my-object") == "my_object"
