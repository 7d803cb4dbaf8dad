"""Modules from names: metrics, indexes, look-ups, filters, and what must be read for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.errors import MibError
from snmptcp.exporter.generator.building import build_module
from snmptcp.exporter.generator.orders import LookupOrder, ModuleOrder, Override, StaticFilter
from snmptcp.mib import Mib

if TYPE_CHECKING:
    from pathlib import Path

IF_NAME = LookupOrder(("ifIndex",), "ifName")
ENTRY = "1.3.6.1.2.1.2.2.1"


@pytest.fixture(scope="module")
def mib() -> Mib:
    return Mib()


def build(mib: Mib, *walk: str, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    """Return a module, and what was warned of."""
    warned: list[str] = []
    return build_module(ModuleOrder(walk, **fields), mib, warned.append), warned


def metric(module: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in module["metrics"] if each["name"] == name]
    assert isinstance(found, dict)
    return found


def test_a_table_is_walked_with_all_its_columns(mib: Mib) -> None:
    module, warned = build(mib, "ifTable")
    assert module["walk"] == ["1.3.6.1.2.1.2.2"]
    assert "get" not in module
    assert [each["name"] for each in module["metrics"]][:3] == ["ifIndex", "ifDescr", "ifType"]
    assert len(module["metrics"]) == 22
    assert metric(module, "ifInOctets") == {
        "name": "ifInOctets",
        "oid": f"{ENTRY}.10",
        "type": "counter",
        "help": f"The total number of octets received on the interface, including framing characters - {ENTRY}.10",
        "indexes": [{"labelname": "ifIndex", "type": "gauge"}],
    }
    assert metric(module, "ifAdminStatus")["enum_values"] == {1: "up", 2: "down", 3: "testing"}
    assert warned == []


def test_scalars_and_instances_are_read_alone(mib: Mib) -> None:
    module, _ = build(mib, "sysUpTime", "sysName.0", "1.3.6.1.2.1.31.1.1.1.6.40", lookups=(IF_NAME,))
    assert module["get"] == [
        "1.3.6.1.2.1.1.3.0",
        "1.3.6.1.2.1.1.5.0",
        "1.3.6.1.2.1.31.1.1.1.1.40",
        "1.3.6.1.2.1.31.1.1.1.6.40",
    ]
    assert "walk" not in module
    assert [each["name"] for each in module["metrics"]] == ["sysUpTime", "sysName", "ifHCInOctets"]


def test_a_subtree_inside_of_another_is_walked_once(mib: Mib) -> None:
    module, _ = build(mib, "ifMtu", "ifTable", "interfaces", "IF-MIB::ifNumber")
    assert module["walk"] == ["1.3.6.1.2.1.2"]
    assert [each["name"] for each in module["metrics"]].count("ifMtu") == 1


def test_a_lookup_adds_a_label_and_its_column(mib: Mib) -> None:
    module, _ = build(mib, "ifMtu", lookups=(IF_NAME,))
    assert module["walk"] == [f"{ENTRY}.4", "1.3.6.1.2.1.31.1.1.1.1"]
    found = {"labels": ["ifIndex"], "labelname": "ifName", "oid": "1.3.6.1.2.1.31.1.1.1.1", "type": "DisplayString"}
    assert metric(module, "ifMtu")["lookups"] == [found]


def test_source_indexes_can_be_dropped_and_a_lookup_without_its_index_is_left_out(mib: Mib) -> None:
    lookups = (
        LookupOrder(("ifIndex",), "IF-MIB::ifDescr", drop_source_indexes=True),
        LookupOrder(("ifIndex", "other"), "ifAlias"),
    )
    module, _ = build(mib, "ifMtu", lookups=lookups)
    assert [lookup["labelname"] for lookup in metric(module, "ifMtu")["lookups"]] == ["ifDescr", "ifIndex"]
    assert metric(module, "ifMtu")["lookups"][-1] == {"labels": [], "labelname": "ifIndex"}


def test_lookups_are_chained_by_an_index_that_is_looked_up(mib: Mib) -> None:
    lookups = (
        LookupOrder(("dot1dBasePort",), "dot1dBasePortIfIndex"),
        LookupOrder(("dot1dBasePortIfIndex",), "ifName"),
    )
    module, _ = build(mib, "dot1dBasePortDelayExceededDiscards", lookups=lookups)
    found = metric(module, "dot1dBasePortDelayExceededDiscards")
    assert [index["labelname"] for index in found["indexes"]] == ["dot1dBasePort", "dot1dBasePortIfIndex"]
    assert [lookup["labels"] for lookup in found["lookups"]] == [["dot1dBasePort"], ["dot1dBasePortIfIndex"]]


def test_a_lookup_of_an_enumeration_shows_its_names(mib: Mib) -> None:
    module, _ = build(mib, "ifMtu", lookups=(LookupOrder(("ifIndex",), "ifAdminStatus"),))
    (lookup,) = metric(module, "ifMtu")["lookups"]
    assert (lookup["type"], lookup["enum_values"]) == ("EnumAsInfo", {1: "up", 2: "down", 3: "testing"})
    overrides = {"ifAdminStatus": Override(type="gauge")}
    module, _ = build(mib, "ifMtu", lookups=(LookupOrder(("ifIndex",), "ifAdminStatus"),), overrides=overrides)
    assert metric(module, "ifMtu")["lookups"][0]["type"] == "gauge"


def test_an_address_in_an_index_takes_its_type_along(mib: Mib) -> None:
    module, warned = build(mib, "ipAddressIfIndex")
    assert metric(module, "ipAddressIfIndex")["indexes"] == [{"labelname": "ipAddressAddr", "type": "InetAddress"}]
    assert warned == []


def test_an_address_needs_the_column_before_it(mib: Mib) -> None:
    module, _ = build(mib, "ipAddressAddr")
    assert module["walk"] == ["1.3.6.1.2.1.4.34.1.1", "1.3.6.1.2.1.4.34.1.2"]
    assert metric(module, "ipAddressAddr")["type"] == "InetAddress"
    module, _ = build(mib, "ifDescr", overrides={"ifDescr": Override(type="InetAddress")})
    assert metric(module, "ifDescr")["type"] == "OctetString"


def test_strings_of_fixed_length_and_implied_ones_are_told(mib: Mib) -> None:
    module, _ = build(mib, "vacmAccessStatus", "usmUserStatus", "dot1dTpFdbPort", "snmpNotifyTag")
    assert metric(module, "dot1dTpFdbPort")["indexes"] == [
        {"labelname": "dot1dTpFdbAddress", "type": "PhysAddress48", "fixed_size": 6}
    ]
    assert metric(module, "snmpNotifyTag")["indexes"] == [
        {"labelname": "snmpNotifyName", "type": "DisplayString", "implied": True}
    ]
    assert metric(module, "vacmAccessStatus")["indexes"][3]["enum_values"][3] == "authPriv"


def test_overrides_change_metrics(mib: Mib) -> None:
    overrides = {
        "ifMtu": Override(ignore=True),
        "IF-MIB::ifSpeed": Override(fields={"name": "speed", "help": "Fast.", "scale": 0.125}),
        "ifType": Override(type="EnumAsInfo"),
        "1.3.6.1.2.1.2.2.1.6": Override(type="OctetString", fields={"display_hint": "@mib"}),
        "ifNothing": Override(ignore=True),
    }
    module, warned = build(mib, "ifTable", overrides=overrides)
    names = [each["name"] for each in module["metrics"]]
    assert "ifMtu" not in names
    assert metric(module, "speed")["help"] == "Fast."
    assert metric(module, "speed")["scale"] == 0.125
    assert metric(module, "ifType")["type"] == "EnumAsInfo"
    assert metric(module, "ifPhysAddress")["display_hint"] == "1x:"
    assert len(warned) == 1
    assert warned[0].startswith("the override of ifNothing has no effect: no loaded MIB module defines ifNothing")


def test_a_hint_that_there_is_not_is_told(mib: Mib) -> None:
    lookups = (LookupOrder(("ifIndex",), "ifSpeed", display_hint="@mib"),)
    _, warned = build(mib, "ifMtu", lookups=lookups)
    assert warned == ["IF-MIB::ifSpeed has no DISPLAY-HINT, which display_hint: @mib asks for"]


def test_static_filters_read_rows_in_the_place_of_columns(mib: Mib) -> None:
    rules = (StaticFilter(("ifMtu",), ("2", "3")), StaticFilter(("ifName",), ("7",)))
    module, _ = build(mib, "ifMtu", "ifSpeed", lookups=(IF_NAME,), static_filters=rules)
    assert "walk" not in module
    assert module["get"] == [
        f"{ENTRY}.4.2",
        f"{ENTRY}.4.3",
        f"{ENTRY}.4.7",
        f"{ENTRY}.5.7",
        "1.3.6.1.2.1.31.1.1.1.1.7",
    ]


def test_dynamic_filters_and_parameters_are_passed_on_with_numbers(mib: Mib) -> None:
    rule = {"oid": "ifAdminStatus", "targets": ["ifMtu", f"{ENTRY}.5"], "values": ["1"]}
    module, _ = build(mib, "ifTable", dynamic_filters=(rule,), parameters={"max_repetitions": 0, "timeout": "3s"})
    assert module["filters"] == [{"oid": f"{ENTRY}.7", "targets": [f"{ENTRY}.4", f"{ENTRY}.5"], "values": ["1"]}]
    assert (module["max_repetitions"], module["timeout"]) == (0, "3s")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"walk": ("ifTablle",)}, "walk: no loaded MIB module defines ifTablle"),
        ({"walk": ("1.3.6.1.4.1.99999.1",)}, "walk: no loaded MIB module defines 1.3.6.1.4.1.99999.1; name the module"),
        ({"walk": ("ifMtu",), "lookups": (LookupOrder(("ifIndex",), "ifNothing"),)}, "lookup: no loaded MIB module"),
        (
            {"walk": ("ifMtu",), "lookups": (LookupOrder(("ifIndex",), "ifTable"),)},
            "lookup: IF-MIB::ifTable has no",
        ),
        ({"walk": ("ifMtu",), "static_filters": (StaticFilter(("x1",), ("1",)),)}, "a target of a filter: no loaded"),
    ],
)
def test_names_that_there_are_not_are_errors(mib: Mib, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(MibError, match=said):
        build_module(ModuleOrder(**fields), mib, lambda _: None)


def test_modules_of_a_vendor_are_found_by_their_name(acme_folder: Path) -> None:
    module, warned = build(Mib(folders=[acme_folder]), "ACME-MIB::acmeGateTable")
    types = [index["type"] for index in metric(module, "acmeGateState")["indexes"]]
    assert types == ["InetAddress", "PhysAddress48", "DisplayString"]
    assert warned == []
