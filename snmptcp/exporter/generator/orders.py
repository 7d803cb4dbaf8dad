"""What a generator.yml asks for, as typed data.

Contains: the fields of its modules.  Does not contain: the MIB objects that they name
(:mod:`snmptcp.exporter.generator.building`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from snmptcp.exporter.fields import Section
from snmptcp.exporter.patterns import Pattern
from snmptcp.exporter.reading import METRIC_NAME, TYPES
from snmptcp.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.exporter.document import Data

__all__ = ("MIB_HINT", "LookupOrder", "ModuleOrder", "Override", "StaticFilter", "read_orders")

#: Stands for the DISPLAY-HINT of the MIB module.
MIB_HINT = "@mib"

_MAX_REPETITIONS = 0x7FFFFFFF


@dataclass(frozen=True, slots=True)
class LookupOrder:
    """A label that is looked up with indexes.

    Attributes:
        source_indexes: the indexes; a look-up above may have made them.
        lookup: the object that has the label's value.
        drop_source_indexes: whether the indexes are no labels then.
        display_hint: how an octet string is shown; ``@mib`` as its module says.
    """

    source_indexes: tuple[str, ...]
    lookup: str
    drop_source_indexes: bool = False
    display_hint: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """What is not as its MIB module says.

    Attributes:
        ignore: whether there is no metric.
        type: the metric's type.
        fields: what is passed on: ``name``, ``help``, ``regex_extracts``, ``datetime_pattern``, ``offset``, ``scale``,
            ``display_hint``.
    """

    ignore: bool = False
    type: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StaticFilter:
    """Rows that are read instead of whole columns.

    Attributes:
        targets: the columns.
        indices: the rows.
    """

    targets: tuple[str, ...]
    indices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModuleOrder:
    """A module to generate.

    Attributes:
        walk: names or OIDs of subtrees, scalars and instances.
        lookups: labels, in the order in which they are looked up.
        overrides: what is not as MIB modules say, by the names or OIDs of objects.
        static_filters: rows that are read instead of whole columns.
        dynamic_filters: filters that the exporter evaluates, as in snmp.yml, but with names.
        parameters: what is passed on: ``max_repetitions``, ``retries``, ``timeout`` and others.
    """

    walk: tuple[str, ...]
    lookups: tuple[LookupOrder, ...] = ()
    overrides: Mapping[str, Override] = field(default_factory=dict)
    static_filters: tuple[StaticFilter, ...] = ()
    dynamic_filters: tuple[Mapping[str, Any], ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)


def read_orders(data: Data, where: str) -> tuple[Mapping[str, Data], dict[str, ModuleOrder]]:
    """Return the auths and the modules of a generator.yml.

    Args:
        data: the document.
        where: the file, for errors.

    Returns:
        The auths as they are, and the modules by name.

    Raises:
        ConfigurationError: it has what is wrong.
    """
    root = Section(data, where, "")
    root.skip("version")
    auths = root.section("auths")
    modules = {name: _module(section) for name, section in root.named_sections("modules")}
    if not modules:
        raise root.fault("modules", "there is no module to generate")
    root.end()
    return {} if auths is None else auths.data, modules


def _module(section: Section) -> ModuleOrder:
    for old in ("auth", "version"):
        if old in section.data:
            raise section.fault(
                old, "this form is older than snmp_exporter 0.23: version and auth belong into auths, beside modules"
            )
    filters = section.section("filters")
    order = ModuleOrder(
        walk=section.texts("walk"),
        lookups=tuple(map(_lookup, section.sections("lookups"))),
        overrides={name: _override(each) for name, each in section.named_sections("overrides")},
        static_filters=() if filters is None else tuple(map(_static_filter, filters.sections("static"))),
        dynamic_filters=() if filters is None else tuple(map(_dynamic_filter, filters.sections("dynamic"))),
        parameters=_parameters(section),
    )
    if filters is not None:
        filters.end()
    section.end()
    if not order.walk:
        raise section.fault("walk", "there is nothing to walk: give names of objects, or OIDs")
    return order


def _parameters(section: Section) -> dict[str, Any]:
    """Return what the exporter takes unchanged, checked."""
    found: dict[str, Any] = {}
    if section.data.get("max_repetitions") is not None:
        found["max_repetitions"] = section.integer("max_repetitions", 25, 0, _MAX_REPETITIONS)
    if section.data.get("retries") is not None:
        found["retries"] = section.integer("retries", 3, 0, 1000)
    if section.data.get("timeout") is not None:
        section.duration("timeout", 5)
        found["timeout"] = section.data["timeout"]
    for name in ("use_unconnected_udp_socket", "allow_nonincreasing_oids"):
        if section.flag(name, default=False):
            found[name] = True
    section.skip("max_repetitions", "retries", "timeout")
    return found


def _lookup(section: Section) -> LookupOrder:
    order = LookupOrder(
        section.texts("source_indexes"),
        section.text("lookup"),
        section.flag("drop_source_indexes", default=False),
        section.text("display_hint", ""),
    )
    if not order.source_indexes:
        raise section.fault("source_indexes", "there are none")
    section.end()
    return order


def _override(section: Section) -> Override:
    fields: dict[str, Any] = {}
    for name in ("name", "help", "datetime_pattern", "display_hint"):
        if section.text(name, ""):
            fields[name] = section.text(name)
    if "name" in fields and not METRIC_NAME.fullmatch(fields["name"]):
        raise section.fault("name", f"{quoted(fields['name'])} is no name of a metric")
    for name in ("offset", "scale"):
        if section.number(name, 0):
            fields[name] = section.number(name, 0)
    extracts = section.section("regex_extracts")
    if extracts is not None:
        fields["regex_extracts"] = {
            suffix: [_extract(each) for each in extracts.sections(suffix)] for suffix in extracts.data
        }
    order = Override(section.flag("ignore", default=False), section.choice("type", "", ("", *TYPES, "IpAddr")), fields)
    section.end()
    return order


def _extract(section: Section) -> dict[str, str]:
    regex, value = section.text("regex", ""), section.text("value", "$1")
    section.parsed("regex", regex, Pattern)
    section.end()
    return {"value": value, "regex": regex}


def _static_filter(section: Section) -> StaticFilter:
    found = StaticFilter(section.texts("targets"), section.texts("indices"))
    section.end()
    return found


def _dynamic_filter(section: Section) -> dict[str, Any]:
    found = {
        "oid": section.text("oid"),
        "targets": list(section.texts("targets")),
        "values": list(section.texts("values")),
    }
    for value in found["values"]:
        section.parsed("values", value, Pattern)
    section.end()
    return found
