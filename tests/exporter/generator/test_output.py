"""Whole files: what is generated is what the exporter reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.exporter import load_config
from snmptcp.exporter.generator import ModuleOrder, generate, generate_file
from snmptcp.exporter.generator.orders import LookupOrder
from snmptcp.mib import Mib

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def mib() -> Mib:
    return Mib()


def test_what_is_generated_is_what_the_exporter_reads(mib: Mib, tmp_path: Path) -> None:
    warned: list[str] = []
    order = ModuleOrder(("ifTable", "sysUpTime", "ipAddressTable"), (LookupOrder(("ifIndex",), "ifName"),))
    text = generate({"mine": order}, mib, warned.append)
    (tmp_path / "snmp.yml").write_text(text)
    config = load_config([tmp_path / "snmp.yml"])
    module = config.modules["mine"]
    assert module.get == ((1, 3, 6, 1, 2, 1, 1, 3, 0),)
    assert {metric.name for metric in module.metrics} > {"ifMtu", "sysUpTime", "ipAddressIfIndex"}
    assert (config.auths["public_v1"].version, config.auths["public_v2"].version) == (1, 2)
    assert warned == []


def test_a_generator_yml_keeps_its_auths(mib: Mib, tmp_path: Path) -> None:
    path = tmp_path / "generator.yml"
    path.write_text("auths: {own: {community: '0123', version: 1}}\nmodules: {m: {walk: [system]}}\n")
    (tmp_path / "snmp.yml").write_text(generate_file(path, mib, lambda _: None))
    config = load_config([tmp_path / "snmp.yml"])
    assert {name: (auth.community, auth.version) for name, auth in config.auths.items()} == {"own": ("0123", 1)}
    assert [metric.name for metric in config.modules["m"].metrics][:2] == ["sysDescr", "sysObjectID"]


def test_a_module_without_metrics_is_told(mib: Mib) -> None:
    warned: list[str] = []
    generate({"m": ModuleOrder(("snmpTraps",))}, mib, warned.append)
    assert warned == ["module m: there are no objects with values below what it walks"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "modules: {m: {walk: [ifTablle]}}",
            r"generator\.yml: modules\.m: walk: no loaded MIB module defines ifTablle",
        ),
        ("auths: {a: {version: 9}}\nmodules: {m: {walk: [ifMtu]}}", "the generated file: auths.a.version: must be"),
        (
            "modules: {m: {walk: [ifDescr], overrides: {ifDescr: {type: ParseDateAndTime}}}}",
            r"the generated file: modules\.m\.metrics\[0\]\.datetime_pattern",
        ),
        ("a: [", "is no YAML"),
    ],
)
def test_what_cannot_be_generated_is_an_error_with_its_place(text: str, said: str, mib: Mib, tmp_path: Path) -> None:
    path = tmp_path / "generator.yml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        generate_file(path, mib, lambda _: None)
