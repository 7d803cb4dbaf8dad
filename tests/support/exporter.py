"""A small configuration of our own for the exporter, in snmp_exporter's format, and an agent that fits it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client.parser import text_string_to_metric_families

from snmptcp import OctetString
from snmptcp.values import Counter32, Counter64, Gauge32, Integer32, TimeTicks

if TYPE_CHECKING:
    from pathlib import Path

SMALL = """
auths:
  public_v1: {community: public, version: 1}
  public_v2: {community: public, version: 2}
  other: {community: secret-community}
modules:
  if_mib:
    walk: [1.3.6.1.2.1.2.2.1.2, 1.3.6.1.2.1.2.2.1.8, 1.3.6.1.2.1.2.2.1.10]
    get: [1.3.6.1.2.1.1.3.0]
    metrics:
    - {name: sysUpTime, oid: 1.3.6.1.2.1.1.3, type: gauge, help: Since the start., scale: 0.01}
    - name: ifOperStatus
      oid: 1.3.6.1.2.1.2.2.1.8
      type: EnumAsStateSet
      help: The state.
      indexes: &interface
      - {labelname: ifIndex, type: gauge}
      lookups: &names
      - {labels: [ifIndex], labelname: ifDescr, oid: 1.3.6.1.2.1.2.2.1.2, type: DisplayString}
      enum_values: {1: up, 2: down}
    - {name: ifInOctets, oid: 1.3.6.1.2.1.2.2.1.10, type: counter, help: Octets., indexes: *interface, lookups: *names}
  name:
    get: [1.3.6.1.2.1.1.5.0]
    metrics:
    - {name: sysName, oid: 1.3.6.1.2.1.1.5, type: DisplayString, help: The name.}
"""

#: What an agent has for :data:`SMALL`.
VARIABLES: dict[str, Any] = {
    "1.3.6.1.2.1.1.3.0": TimeTicks(12345),
    "1.3.6.1.2.1.1.5.0": OctetString('a "switch"\\\n'),
    "1.3.6.1.2.1.2.2.1.2.1": OctetString("lo"),
    "1.3.6.1.2.1.2.2.1.2.2": OctetString("eth0"),
    "1.3.6.1.2.1.2.2.1.8.1": Integer32(1),
    "1.3.6.1.2.1.2.2.1.8.2": Integer32(2),
    "1.3.6.1.2.1.2.2.1.10.1": Counter32(7),
    "1.3.6.1.2.1.2.2.1.10.2": Counter32(4294967295),
    "1.3.6.1.2.1.31.1.1.1.6.1": Counter64(2**53 + 5),
    "1.3.6.1.2.1.31.1.1.1.15.1": Gauge32(1000),
}


def write_small(folder: Path, text: str = SMALL) -> Path:
    """Write a configuration; return its file."""
    path = folder / "snmp.yml"
    path.write_text(text, encoding="utf-8")
    return path


def samples_of(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return what Prometheus' own parser reads: the values by name and labels; none comes twice."""
    found: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    for family in text_string_to_metric_families(text):
        renamed = f"# TYPE {family.name} counter\n" in text  # the parser adds _total, as OpenMetrics demands
        for sample in family.samples:
            name = sample.name.removesuffix("_total") if renamed else sample.name
            key = (name, frozenset(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def value(text: str, name: str, **labels: str) -> float:
    """Return one value of a text."""
    return samples_of(text)[name, frozenset(labels.items())]
