"""Names and values in both directions, with the standard modules and one of our own."""

from __future__ import annotations

import contextlib
import ipaddress
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError, MibError
from snmptcp.mib import Mib, NodeKind
from snmptcp.oid import OID
from snmptcp.values import Integer32, OctetString, TimeTicks, VarBind

if TYPE_CHECKING:
    from pathlib import Path

GATE = "1.3.6.1.4.1.9999.1.4.1.7.1.4.10.0.0.1.0.1.2.3.4.5.97.98"


@pytest.mark.parametrize(
    ("name", "oid"),
    [
        ("IF-MIB::ifDescr.1", "1.3.6.1.2.1.2.2.1.2.1"),
        ("ifDescr.1", "1.3.6.1.2.1.2.2.1.2.1"),
        (" ifDescr.1 ", "1.3.6.1.2.1.2.2.1.2.1"),
        ("SNMPv2-MIB::sysUpTime.0", "1.3.6.1.2.1.1.3.0"),
        ("ifTable", "1.3.6.1.2.1.2.2"),
        ("iso.3.6.1", "1.3.6.1"),
        (".iso.org.dod.internet.mgmt", "1.3.6.1.2"),
        ("system.sysDescr.0", "1.3.6.1.2.1.1.1.0"),
        ("enterprises.9999.1", "1.3.6.1.4.1.9999.1"),
        ("mib-2.2.2", "1.3.6.1.2.1.2.2"),
        ("acme-objects", "1.3.6.1.4.1.9999.1"),
        ('vacmGroupName.2."public"', "1.3.6.1.6.3.16.1.2.1.3.2.6.112.117.98.108.105.99"),
        ('ipAddressIfIndex[ipv4]["10.0.0.1"]', "1.3.6.1.2.1.4.34.1.3.1.4.10.0.0.1"),
        ("1.3.6.1", "1.3.6.1"),
        (".1.3.6.1", "1.3.6.1"),
        ("zeroDotZero", "0.0"),
    ],
)
def test_a_name_has_its_oid(acme_mib: Mib, name: str, oid: str) -> None:
    assert acme_mib.oid(name) == OID(oid)
    assert acme_mib.oid(name) == OID(oid)  # and again, from memory


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nothingOfTheKind.0", "no loaded MIB module defines nothingOfTheKind"),
        ("IFDESCR.1", "there is IF-MIB::ifDescr"),
        ("sysDesc.0", "no loaded MIB module defines sysDesc; there is SNMPv2-MIB::sysDescr"),
        ("IF-MIB::ifOperSttaus.1", "IF-MIB defines no ifOperSttaus; there is IF-MIB::ifOperStatus"),
        ("%.0", "is no name of an object"),
        ("sys Descr.0", "'sys Descr.0' is no name of an object"),
        ("sys\u00e9.0", "is no name of an object: labels of letters, digits and hyphens"),
        ("system.sysDesc.0", "defines sysDesc below SNMPv2-MIB::system; there is SNMPv2-MIB::sysDescr"),
        ("IF-MB::ifDescr", "and does not come with the compiler; there is IF-MIB"),
        ("IF-MIB::sysDescr.0", "IF-MIB defines no sysDescr"),
        ("NO-SUCH-MIB::x.0", "there is no MIB module NO-SUCH-MIB"),
        ('ifDescr."eth0"', "ifIndex is a number"),
        ("system.ifDescr", "defines ifDescr below SNMPv2-MIB::system"),
        ("::x", "is no name of an object"),
        ("", "is no name of an object"),
        ("ifTable[1]", "has no index"),
        ("enterprises." + "9" * 5000, "an arc is a number"),
    ],
)
def test_a_name_that_no_module_has_is_refused_with_the_reason(acme_mib: Mib, name: str, text: str) -> None:
    with pytest.raises(MibError) as caught:
        acme_mib.oid(name)
    assert text in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_is_refused(acme_mib: Mib, text: str) -> None:
    with contextlib.suppress(ConfigurationError):
        assert isinstance(acme_mib.oid(text), OID)


@pytest.mark.parametrize(
    ("oid", "name"),
    [
        ("1.3.6.1.2.1.2.2.1.2.1", "IF-MIB::ifDescr.1"),
        ("1.3.6.1.2.1.2.2.1.2.300", "IF-MIB::ifDescr.300"),
        ("1.3.6.1.2.1.2.2.1.2.4294967295", "IF-MIB::ifDescr.4294967295"),
        ("1.3.6.1.2.1.2.2.1.2.1.2", "IF-MIB::ifDescr.1.2"),
        ("1.3.6.1.2.1.1.3.0", "SNMPv2-MIB::sysUpTime.0"),
        ("1.3.6.1.2.1.2.2", "IF-MIB::ifTable"),
        ("1.3.6.1.4.1.8072.3", "SNMPv2-SMI::enterprises.8072.3"),
        (GATE, "ACME-MIB::acmeGateState.ipv4.\"10.0.0.1\".'......'.'ab'"),
        ("1.3.6.1.4.1.9999.1.5.1.1.7", "ACME-MIB::acmeIfColor.7"),
        ("2.5.4", "joint-iso-ccitt.5.4"),
        ("0.0", "SNMPv2-SMI::zeroDotZero"),
        ("1.3", "SNMPv2-SMI::org"),
    ],
)
def test_an_oid_has_its_name(acme_mib: Mib, oid: str, name: str) -> None:
    assert acme_mib.name(oid) == name
    assert acme_mib.name(OID(oid)) == name


@given(st.lists(st.integers(0, 2**32 - 1), max_size=20))
def test_the_name_of_any_oid_is_found_again(acme_mib: Mib, arcs: list[int]) -> None:
    for root in ("1.3.6.1.2.1.2.2.1.2", "1.3.6.1.4.1.9999.1.5.1.1", "1.3.6.1.2.1.1.1", "1.3.6.1.4.1"):
        oid = OID(root) + OID.fragment(arcs)
        assert acme_mib.oid(acme_mib.name(oid)) == oid


def test_an_instance_is_named_by_the_values_of_its_index(acme_mib: Mib) -> None:
    gate = acme_mib.instance("acmeGateState", "ipv4", "10.0.0.1", "0:1:2:3:4:5", "ab")
    assert gate == OID(GATE)
    assert acme_mib.instance("acmeGateState", *acme_mib.describe(VarBind(gate, Integer32(1))).index) == gate
    assert acme_mib.instance("IF-MIB::ifDescr", 7) == OID("1.3.6.1.2.1.2.2.1.2.7")
    assert acme_mib.instance("sysDescr") == OID("1.3.6.1.2.1.1.1.0")


@pytest.mark.parametrize(
    ("name", "index", "text"),
    [
        ("ifDescr", (), "the index is ifIndex: 1 values, not 0"),
        ("ifDescr", ("eth0",), "ifIndex"),
        ("ifTable", (1,), "IF-MIB::ifTable is no column"),
        ("sysDescr", (0,), "SNMPv2-MIB::sysDescr is no column"),
    ],
)
def test_an_instance_that_cannot_be_is_refused(acme_mib: Mib, name: str, index: tuple[object, ...], text: str) -> None:
    with pytest.raises(MibError) as caught:
        acme_mib.instance(name, *index)
    assert text in str(caught.value)


def test_a_definition_has_all_that_the_module_says(acme_mib: Mib) -> None:
    heat = acme_mib.node("acmeHeat.0")
    assert (heat.name, heat.kind, heat.access, heat.status) == (
        "ACME-MIB::acmeHeat",
        NodeKind.SCALAR,
        "read-only",
        "deprecated",
    )
    assert (heat.units, heat.description, heat.reference) == ("degrees Celsius", "How hot it is.", "The manual.")
    assert heat.syntax is not None
    assert (heat.syntax.name, heat.syntax.base, heat.syntax.hint) == ("AcmeCelsius", "INTEGER", "d-1")
    assert heat.syntax.ranges == ((-500, 1500),)
    state = acme_mib.node("acmeState")
    assert state.default == "on"
    assert state.syntax is not None
    assert state.syntax.labels == {0: "off", 1: "slow-start", 2: "on"}
    assert acme_mib.node("acmeAlarm").objects == ("ACME-MIB::acmeState", "ACME-MIB::acmeHeat")
    row = acme_mib.node("acmeIfEntry")
    assert (row.augments, [part.label for part in row.index]) == ("IF-MIB::ifEntry", ["ifIndex"])
    gate = acme_mib.node(GATE)
    assert [(part.label, part.implied) for part in gate.index] == [
        ("acmeGateType", False),
        ("acmeGateAddress", False),
        ("acmeGateMac", False),
        ("acmeGateName", True),
    ]


def test_the_definition_of_what_no_module_has_is_refused(acme_mib: Mib) -> None:
    with pytest.raises(MibError, match=r"defines 1\.3\.6\.1\.4\.1\.1\.2"):
        acme_mib.node("1.3.6.1.4.1.1.2")


def test_the_nodes_below_a_place_are_in_order(acme_mib: Mib) -> None:
    labels = [node.label for node in acme_mib.nodes("acmeIfTable")]
    assert labels == ["acmeIfEntry", "acmeIfColor"]
    nodes = acme_mib.nodes()
    assert [node.oid for node in nodes] == sorted({node.oid for node in nodes})
    assert (nodes[0].label, nodes[-1].oid[0]) == ("ccitt", 2)


def test_a_node_that_a_later_module_repeats_has_two_definitions(acme_mib: Mib) -> None:
    assert [node.name for node in acme_mib.definitions("ifTable")] == ["IF-MIB::ifTable", "RFC1213-MIB::ifTable"]
    assert acme_mib.definitions("enterprises.9999.77") == ()


def test_the_children_of_a_node_are_those_directly_below(acme_mib: Mib) -> None:
    assert [node.label for node in acme_mib.children("acmeGateTable")] == ["acmeGateEntry"]
    assert [node.label for node in acme_mib.children("acme-objects")][:3] == ["acmeState", "acmeHeat", "acmeFlags"]
    assert "org" in [node.label for node in acme_mib.children("iso")]
    assert acme_mib.children("acmeState") == ()


def test_the_deepest_named_node_is_found_with_what_is_behind_it(acme_mib: Mib) -> None:
    node, tail = acme_mib.find("1.3.6.1.4.1.8072.3.2")
    assert (node and node.label, tail) == ("enterprises", OID.fragment("8072.3.2"))
    node, tail = acme_mib.find("1.3.6.1.2.1.2.2.1.2.7")
    assert (node and node.label, tail) == ("ifDescr", OID.fragment("7"))


@pytest.mark.parametrize(
    ("name", "given_value", "value"),
    [
        ("ifAdminStatus.3", "down", Integer32(2)),
        ("acmeState.0", "slow-start", Integer32(1)),
        ("acmeHeat.0", "21.5", Integer32(215)),
        ("acmeFlags.0", "fans horn", OctetString(b"\x80\x40")),
        ("sysName.0", "sw1", OctetString(b"sw1")),
        ("sysUpTime.0", 5, TimeTicks(5)),
        ("1.3.6.1.4.1.1.2.0", 5, Integer32(5)),
    ],
)
def test_a_value_becomes_what_its_object_has(acme_mib: Mib, name: str, given_value: object, value: object) -> None:
    made = acme_mib.value(name, given_value)
    assert (type(made), made) == (type(value), value)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("acmeState.0", "dwn", "acmeState is one of off(0), slow-start(1), on(2), not 'dwn'"),
        ("acmeHeat.0", 2000, "acmeHeat"),
        ("sysName.0", "x" * 300, "sysName"),
    ],
)
def test_a_value_that_an_object_cannot_have_is_refused_in_the_words_of_its_module(
    acme_mib: Mib, name: str, value: object, text: str
) -> None:
    with pytest.raises(MibError) as caught:
        acme_mib.value(name, value)
    assert text in str(caught.value)


def test_a_variable_binding_is_described(acme_mib: Mib) -> None:
    told = acme_mib.describe(VarBind(OID(GATE), Integer32(1)))
    assert told.node is not None
    assert told.node.label == "acmeGateState"
    assert [str(value) for value in told.index] == ["ipv4", "10.0.0.1", "0:1:2:3:4:5", "ab"]
    assert getattr(told.index[1], "address", None) == ipaddress.IPv4Address("10.0.0.1")
    assert (told.value, str(told.value)) == (Integer32(1), "slow-start")
    heat = acme_mib.describe(acme_mib.varbind("acmeHeat.0", 215))
    assert str(heat) == f"{heat}" == "ACME-MIB::acmeHeat.0 = 21.5 degrees Celsius"


def test_the_value_of_an_oid_is_shown_by_its_name(acme_mib: Mib) -> None:
    told = acme_mib.describe(VarBind(OID("1.3.6.1.2.1.1.2.0"), OID("1.3.6.1.4.1.9999.1.1")))
    assert told.text == "ACME-MIB::acmeState"


def test_an_instance_with_a_name_of_its_own_belongs_to_its_object(acme_mib: Mib) -> None:
    mib = Mib()
    mib.load("DISMAN-EVENT-MIB")
    assert mib.name("1.3.6.1.2.1.1.3.0") == "DISMAN-EVENT-MIB::sysUpTimeInstance"
    told = mib.describe(VarBind(OID("1.3.6.1.2.1.1.3.0"), TimeTicks(5)))
    assert told.node is not None
    assert told.node.label == "sysUpTime"
    assert mib.value("sysUpTimeInstance", 5) == TimeTicks(5)


def test_the_newer_of_two_modules_defines_a_name(acme_mib: Mib) -> None:
    assert acme_mib.node("sysUpTime").module == "SNMPv2-MIB"
    assert acme_mib.node("ifDescr").module == "IF-MIB"
    assert acme_mib.node("RFC1213-MIB::ifDescr").oid == acme_mib.node("ifDescr").oid


def test_a_module_of_the_bundle_is_loaded_when_a_name_needs_it(acme_mib: Mib) -> None:
    mib = Mib()
    assert "OSPF-TRAP-MIB" not in [module.name for module in mib.modules]
    assert mib.oid("OSPF-TRAP-MIB::ospfTraps") == "1.3.6.1.2.1.14.16.2"
    assert "OSPF-TRAP-MIB" in [module.name for module in mib.modules]


def test_a_saved_file_answers_without_the_compiler(acme_mib: Mib, tmp_path: Path) -> None:
    path = tmp_path / "acme.mib"
    acme_mib.save(path)
    acme_mib.save(path)  # in the place of the old one
    code = (
        "import sys\n"
        "sys.modules['pysmi'] = None\n"
        "from snmptcp.mib import Mib\n"
        f"mib = Mib.from_file({str(path)!r})\n"
        "print(mib.oid('acmeState.0'), mib.name('1.3.6.1.2.1.1.3.0'), mib.node('acmeHeat').description)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "1.3.6.1.4.1.9999.1.1.0 SNMPv2-MIB::sysUpTime.0 How hot it is.\n"


def test_a_file_that_is_none_of_compiled_modules_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MibError, match="there is no file"):
        Mib.from_file(tmp_path / "missing")
    other = tmp_path / "other"
    other.write_text("no database at all, and long enough to be looked at " * 50)
    with pytest.raises(MibError, match="cannot be used") as caught:
        Mib.from_file(other)
    assert type(caught.value) is MibError
    with pytest.raises(MibError, match="to which no folder can be added"):
        sealed(tmp_path).add_folder(tmp_path)


def test_a_saved_file_does_not_have_other_modules(tmp_path: Path) -> None:
    (problem,) = sealed(tmp_path).load("OSPFV3-MIB")
    assert (problem.module, "does not have it" in problem.reason) == ("OSPFV3-MIB", True)


def sealed(folder: Path) -> Mib:
    path = folder / "saved"
    Mib().save(path)
    return Mib.from_file(path)
