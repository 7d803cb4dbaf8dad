"""The exporter and the original, snmp_exporter, make the same metrics of one agent: a real snmpd, over TCP and UDP."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from snmptcp.exporter import Exporter, Scrape
from snmptcp.exporter.document import to_yaml
from snmptcp.exporter.generator import ModuleOrder, build_module
from snmptcp.exporter.generator.orders import LookupOrder, Override
from snmptcp.mib import Mib
from tests.support import served
from tests.support.snmp_exporter import SnmpExporter
from tests.support.snmpd import Snmpd

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

BASE = "1.3.6.1.4.1.8072.9999.9999"

OCTETS = (
    "",
    "41 42",
    "7f 00",
    "0a 00 00 01",
    "01 02 03 04 05 06",
    "01 02",
    "07 62 08 0f 08 01 0f 00",
    "07 62 08 0f 08 01 0f 00 2b 02 00",
    "07 62 0d 00 19 3d 3d 0c 2d 0b 0f",
    "3b 06 77 76 30 51 0b 3b",
    "40 41 01",
    "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10",
    "22 5c 0a 09 c3 a9",
    "61 20 22",
)
NUMBERS = (("integer", "-5"), ("integer", "2"), ("gauge", "4294967295"), ("counter", "7"))
OTHERS = (("ipaddress", "10.0.0.1"), ("objectid", ".1.3.6.1"), ("string", "42.5 C"), ("string", "Apr 01 2025"))
INDEXES = (
    (0,),
    (4,),
    (100,),
    (2, 65),
    (1, 4, 10, 0, 0, 1),
    (1, 10, 0, 0, 1),
    (2, 16, *range(1, 17)),
    (3, 3, 65, 66, 67),
    (5, 65, 66, 67, 68, 69, 9),
    (6, 1, 2, 3, 4, 5, 6),
)
ADDRESSES = ((1, "0a 00 00 01"), (2, "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10"), (3, "41 42"), (16, "61 62"))
ENUM = {0: "zero", 1: "one", 2: "two", 7: "seven", 8: "eight", 23: "last", 40: "beyond"}


def rows() -> list[tuple[str, str, str]]:
    """Return what snmpd serves: numbers, octets, a column with odd indexes, addresses with their types, look-ups."""
    found = [(f"{BASE}.1.{n}", kind, text) for n, (kind, text) in enumerate(NUMBERS, 1)]
    texts = [("octet", octets) for octets in OCTETS] + [*OTHERS]
    found += [(f"{BASE}.2.{n}", kind, text) for n, (kind, text) in enumerate(texts, 1)]
    found += [(f"{BASE}.3.{'.'.join(map(str, index))}", "integer", "1") for index in INDEXES]
    for n, (kind, octets) in enumerate(ADDRESSES, 1):
        found += [(f"{BASE}.4.1.{n}", "integer", str(kind)), (f"{BASE}.4.2.{n}", "octet", octets)]
    return [
        *found,
        (f"{BASE}.6.1", "counter64", "19007199254740992"),
        (f"{BASE}.5.1.1.7", "integer", "77"),
        (f"{BASE}.5.2.77", "string", "gold"),
        (f"{BASE}.5.3.1.7", "integer", "5"),
        (f"{BASE}.5.3.2.8", "integer", "6"),
    ]


def module(column: str, kind: str, *indexes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    walk = f"{BASE}.{column.partition('.')[0]}"
    metric = {"name": "m", "oid": f"{BASE}.{column}", "type": kind, "help": "A \\ help\nof two lines", **fields}
    return {"walk": [walk], "metrics": [{**metric, "indexes": list(indexes) or [{"labelname": "i", "type": "gauge"}]}]}


def modules() -> dict[str, Any]:
    """Return a module for each type of values and of indexes, and for each rule."""
    found: dict[str, Any] = {"wrapped": module("6", "counter")}
    for kind in ("gauge", "counter", "EnumAsInfo", "EnumAsStateSet"):
        found[f"numbers_{kind}"] = module("1", kind, enum_values=ENUM)
    texts = ("OctetString", "DisplayString", "PhysAddress48", "InetAddressIPv4", "InetAddressIPv6", "DateAndTime", "")
    for kind in texts:
        found[f"texts_{kind}"] = module("2", kind)
    for kind in ("PhysAddress48", "InetAddressIPv4", "InetAddressIPv6", "InetAddress", "InetAddressMissingSize"):
        found[f"index_{kind}"] = module(
            "3", "gauge", {"labelname": "a", "type": kind}, {"labelname": "b", "type": "gauge"}
        )
    for kind in ("OctetString", "DisplayString"):
        for option in ({}, {"fixed_size": 2}, {"implied": True}):
            index = {"labelname": "a", "type": kind, **option}
            found[f"index_{kind}_{''.join(option)}"] = module("3", "gauge", index, {"labelname": "b", "type": "gauge"})
    for kind in ("InetAddress", "InetAddressMissingSize", "LldpPortId"):
        found[f"address_{kind}"] = module("4.2", kind)
    found["bits"] = {
        **module("2", "Bits", enum_values=ENUM),
        "walk": [],
        "get": [f"{BASE}.2.{n}" for n in range(1, 15)],
    }
    extracts = {
        "A": [{"regex": "([0-9.]+).*"}],
        "B": [{"regex": "no", "value": "1"}, {"regex": "(?P<x>.*) C", "value": "${x}e1"}],
        "C": [{"regex": ".*"}],
        "": [{"regex": "(?s:.*)", "value": "3"}],
    }
    found["extracts"] = module("2", "DisplayString", regex_extracts=extracts)
    lookups = [
        {"labels": ["p", "o"], "labelname": "c", "oid": f"{BASE}.5.1", "type": "gauge"},
        {"labels": ["c"], "labelname": "name", "oid": f"{BASE}.5.2", "type": "DisplayString"},
        {"labels": [], "labelname": "p"},
        {"labels": ["none"], "labelname": "q", "oid": f"{BASE}.5.3", "type": "gauge"},
        {"labels": ["o"], "labelname": "s", "oid": f"{BASE}.1", "type": "OctetString"},
    ]
    indexes = [{"labelname": name, "type": "gauge"} for name in "poc"]
    found["lookups"] = module("5.3", "gauge", *indexes, lookups=lookups)
    return found


def standard(mib: Mib) -> dict[str, Any]:
    """Return a module with all that snmpd has of the standard MIB modules."""
    order = ModuleOrder(
        ("system", "interfaces", "ifMIB", "ip", "host", "snmp", "1.3.6.1.6.3"),
        (
            LookupOrder(("ifIndex",), "ifName"),
            LookupOrder(("hrStorageIndex",), "hrStorageDescr", drop_source_indexes=True),
        ),
        {"ifOperStatus": Override(type="EnumAsStateSet"), "ifType": Override(type="EnumAsInfo")},
    )
    return build_module(order, mib, pytest.fail)


class BothSnmpd(Snmpd):
    """An agent that listens on TCP and UDP."""

    def _addresses(self) -> list[str]:
        return [f"tcp:{self.host}:{self.port}", f"udp:{self.host}:{self.port}"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def both(tmp_path: Path) -> Iterator[BothSnmpd]:
    (tmp_path / "rows.json").write_text(json.dumps(rows()))
    program = f"{sys.executable} {Path(served.__file__)} {tmp_path / 'rows.json'}"
    agent = BothSnmpd(tmp_path, extra=f"pass_persist .{BASE} {program}\n")
    agent.start()
    yield agent
    agent.stop()


def parsed(text: str) -> tuple[dict[tuple[str, tuple[tuple[str, str], ...]], float], set[str]]:
    """Return the samples, and the lines before them, without those about the scrape."""
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): float(sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.startswith("snmp_scrape_")
    }
    return samples, {line for line in text.splitlines() if line.startswith("#") and " snmp_scrape_" not in line}


async def test_the_metrics_are_those_of_snmp_exporter(both: BothSnmpd, tmp_path: Path) -> None:
    made = {**modules(), "standard": standard(Mib())}
    for name, each in made.items():
        assert each["metrics"], name
    path = tmp_path / "snmp.yml"
    path.write_text(to_yaml({"auths": {"public_v2": {"version": 2}}, "modules": made}), encoding="utf-8")
    original = SnmpExporter(tmp_path, copy.deepcopy(made))
    target = f"{both.host}:{both.port}"
    try:
        async with Exporter(path) as exporter:
            for name in made:
                samples, heads = parsed(await exporter.scrape(Scrape(target, (name,))))
                expected, expected_heads = parsed(original.scrape(target, name))
                assert samples.keys() == expected.keys(), name
                assert heads == expected_heads, name
                if name != "standard":  # counters and clocks go on meanwhile
                    assert samples == expected, name
                    assert samples, name
                else:
                    assert len(samples) > 300
    finally:
        original.stop()
