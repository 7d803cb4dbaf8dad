"""One module of snmp.yml, built from the names of MIB objects.

Contains: which objects become metrics, their indexes and look-ups, and what must be read for them.  Does not contain:
files (:mod:`snmptcp.exporter.generator.output`), types of objects (:mod:`snmptcp.exporter.generator.objects`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snmptcp.errors import ConfigurationError, MibError
from snmptcp.exporter.generator.objects import COMBINED_WITH, help_of, index_type, is_metric, label_of, type_of
from snmptcp.exporter.generator.orders import MIB_HINT, Override
from snmptcp.mib.objects import NodeKind
from snmptcp.oid import OID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from snmptcp.exporter.config import Arcs
    from snmptcp.exporter.generator.orders import LookupOrder, ModuleOrder
    from snmptcp.mib.mib import Mib
    from snmptcp.mib.objects import IndexPart, Node

__all__ = ("build_module",)

_NO_OVERRIDE = Override()


def build_module(order: ModuleOrder, mib: Mib, warn: Callable[[str], object]) -> dict[str, Any]:
    """Return a module as snmp.yml has it.

    Args:
        order: what it should have.
        mib: the names.
        warn: called with each thing that is not as it was asked for, in one line.

    Raises:
        ConfigurationError: a name that no MIB module defines, or an object that cannot be what it should be.
    """
    return _Builder(order, mib, warn).build()


class _Builder:
    """The module in the making.

    Attributes:
        walks: the subtrees to read.
        gets: the instances to read.
        metrics: the metrics, by OID.
    """

    def __init__(self, order: ModuleOrder, mib: Mib, warn: Callable[[str], object]) -> None:
        self._order = order
        self._mib = mib
        self._warn = warn
        self.walks: set[Arcs] = set()
        self.gets: set[Arcs] = set()
        self.metrics: dict[Arcs, dict[str, Any]] = {}
        self._nodes: dict[Arcs, Node] = {}
        self._instances: dict[Arcs, list[Arcs]] = {}  # the rows that are read of a column, if not all
        self._overrides = dict(self._resolved_overrides())
        self._filters = {
            self._oid(target, "a target of a filter"): [OID.fragment(row).arcs for row in rule.indices]
            for rule in order.static_filters
            for target in rule.targets
        }

    def build(self) -> dict[str, Any]:
        """Return the module."""
        for root in self._roots():
            for node in (root, *self._mib.nodes(root.oid)):
                self._add_metric(node)
        for oid, metric in self.metrics.items():
            self._add_lookups(oid, metric)
            self._check_combined(oid, metric)
        for oid, metric in self.metrics.items():
            self._override(oid, metric)
        for target, rows in self._filters.items():
            self.walks.discard(target)
            self.gets.update(target + row for row in rows)
        return self._module()

    def _module(self) -> dict[str, Any]:
        walks = _minimal(self.walks)
        gets = sorted(get for get in self.gets if not any(get[: len(walk)] == walk for walk in walks))
        module: dict[str, Any] = {}
        if walks:
            module["walk"] = _texts(walks)
        if gets:
            module["get"] = _texts(gets)
        module["metrics"] = list(self.metrics.values())
        module.update(self._order.parameters)
        filters = [
            {
                "oid": str(OID(self._oid(rule["oid"], "the object of a filter"))),
                "targets": [str(OID(self._oid(target, "a target of a filter"))) for target in rule["targets"]],
                "values": rule["values"],
            }
            for rule in self._order.dynamic_filters
        ]
        if filters:
            module["filters"] = filters
        return module

    # ----------------------------------------------------------------------------------------- names

    def _oid(self, name: str, what: str) -> Arcs:
        try:
            return self._mib.oid(name).arcs
        except ConfigurationError as error:
            raise MibError(f"{what}: {error}") from None

    def _resolved_overrides(self) -> Iterable[tuple[Arcs, Override]]:
        for name, override in self._order.overrides.items():
            try:
                yield self._mib.oid(name).arcs, override
            except ConfigurationError as error:
                self._warn(f"the override of {name} has no effect: {error}")

    def _roots(self) -> list[Node]:
        """Return the nodes whose metrics are asked for, and note what must be read for them."""
        wanted = _minimal(self._oid(name, "walk") for name in self._order.walk)
        roots: dict[Arcs, Node] = {}
        for oid in wanted:
            node, tail = self._mib.find(OID(oid))
            if node is None or (tail and not is_metric(node)):
                raise MibError(
                    f"walk: no loaded MIB module defines {OID(oid)}; name the module before the object (MODULE::name), "
                    "or the folder that has it (-M)"
                )
            if node.kind is NodeKind.SCALAR:
                self.gets.add(oid if tail else (*oid, 0))
            elif tail:
                self.gets.add(oid)
                self._instances.setdefault(node.oid.arcs, []).append(tail.arcs)
            else:
                self.walks.add(oid)
            roots[node.oid.arcs] = node
        return [roots[oid] for oid in sorted(roots, key=_text)]

    # --------------------------------------------------------------------------------------- metrics

    def _kind(self, node: Node) -> str:
        """Return the type of an object: that of its override, or else of its syntax."""
        kind = self._overrides.get(node.oid.arcs, _NO_OVERRIDE).type or type_of(node.syntax)
        return "InetAddressIPv4" if kind == "IpAddr" else kind

    def _add_metric(self, node: Node) -> None:
        oid = node.oid.arcs
        kind = self._kind(node)
        if not is_metric(node) or not kind or oid in self.metrics:
            return
        if self._overrides.get(oid, _NO_OVERRIDE).ignore:
            return
        metric: dict[str, Any] = {"name": label_of(node.label), "oid": str(node.oid), "type": kind}
        metric["help"] = help_of(node)
        indexes = self._indexes(node)
        if indexes:
            metric["indexes"] = indexes
        if node.syntax is not None and node.syntax.labels:
            metric["enum_values"] = dict(node.syntax.labels)
        self.metrics[oid] = metric
        self._nodes[oid] = node

    def _indexes(self, node: Node) -> list[dict[str, Any]]:
        indexes: list[dict[str, Any]] = []
        before: list[tuple[str, ...]] = []  # the conventions of the indexes before
        for part in node.index:
            kind = self._index_kind(part)
            needed = COMBINED_WITH.get(kind)
            if needed is not None:
                places = [place for place in (1, 2) if len(before) >= place and needed in before[-place]]
                if places:
                    del indexes[-places[0] :]
                else:
                    self._warn(f"{node.name}: there is no {needed} before {part.label}: it is an octet string then")
                    kind = "OctetString"
            indexes.append(_index(part, kind))
            before.append(part.syntax.conventions)
        return indexes

    def _index_kind(self, part: IndexPart) -> str:
        try:
            oid = self._mib.oid(f"{part.module}::{part.label}").arcs
        except ConfigurationError:  # an index that is a type, of SMIv1
            return index_type(type_of(part.syntax))
        kind = self._overrides.get(oid, _NO_OVERRIDE).type or type_of(part.syntax)
        return index_type("InetAddressIPv4" if kind == "IpAddr" else kind) or "gauge"

    def _check_combined(self, oid: Arcs, metric: dict[str, Any]) -> None:
        """Read the object before an address, which tells its type; without one it is an octet string."""
        needed = COMBINED_WITH.get(metric["type"])
        if needed is None:
            return
        before = (*oid[:-1], oid[-1] - 1)
        node, tail = self._mib.find(OID(before)) if oid[-1] else (None, OID.fragment(()))
        if node is None or tail or node.syntax is None or needed not in node.syntax.conventions:
            metric["type"] = "OctetString"
        else:
            self._read(before, oid)

    def _read(self, column: Arcs, metric: Arcs) -> None:
        """Note that another column is needed wherever a metric is read."""
        rows = self._instances.get(metric)
        if rows:
            self.gets.update(column + row for row in rows)
        else:
            self.walks.add(column)

    # --------------------------------------------------------------------------------------- look-ups

    def _add_lookups(self, oid: Arcs, metric: dict[str, Any]) -> None:
        found: list[dict[str, Any]] = []
        dropped: list[str] = []
        needed = {label_of(name) for order in self._order.lookups for name in order.source_indexes}
        indexes = metric.get("indexes", [])
        for order in self._order.lookups:
            sources = [label_of(name) for name in order.source_indexes]
            if not {*sources} <= {index["labelname"] for index in indexes}:
                continue
            lookup = self._lookup(order, sources, oid)
            found.append(lookup)
            if lookup["labelname"] in needed and lookup["labelname"] not in sources:
                indexes.append({"labelname": lookup["labelname"], "type": index_type(lookup["type"])})
            if order.drop_source_indexes:
                dropped += sources
        found += [{"labels": [], "labelname": name} for name in dict.fromkeys(dropped)]
        if found:
            metric["lookups"] = found
            metric["indexes"] = indexes

    def _lookup(self, order: LookupOrder, sources: list[str], oid: Arcs) -> dict[str, Any]:
        try:
            node = self._mib.node(order.lookup)
        except ConfigurationError as error:
            raise MibError(f"lookup: {error}") from None
        kind = self._kind(node)
        if not kind or not is_metric(node):
            raise MibError(f"lookup: {node.name} has no values")
        column = node.oid.arcs
        labels = {} if node.syntax is None else node.syntax.labels
        if kind == "gauge" and labels and not self._overrides.get(column, _NO_OVERRIDE).type:
            kind = "EnumAsInfo"  # a label is text: the name says more than the number
        lookup: dict[str, Any] = {"labels": sources, "labelname": label_of(node.label), "oid": str(node.oid)}
        lookup["type"] = kind
        if kind in {"EnumAsInfo", "EnumAsStateSet"} and labels:
            lookup["enum_values"] = dict(labels)
        hint = self._hint(order.display_hint, node)
        if hint:
            lookup["display_hint"] = hint
        self._read(column, oid)
        if column in self._filters:
            self.walks.discard(oid)
            self.gets.update(oid + row for row in self._filters[column])
        return lookup

    def _hint(self, given: str, node: Node) -> str:
        if given != MIB_HINT:
            return given
        hint = node.syntax.hint if node.syntax is not None else ""
        if not hint:
            self._warn(f"{node.name} has no DISPLAY-HINT, which display_hint: {MIB_HINT} asks for")
        return hint

    def _override(self, oid: Arcs, metric: dict[str, Any]) -> None:
        override = self._overrides.get(oid)
        if override is None:
            return
        fields = dict(override.fields)
        if "display_hint" in fields:
            fields["display_hint"] = self._hint(fields["display_hint"], self._nodes[oid])
        metric.update({name: value for name, value in fields.items() if value})


def _index(part: IndexPart, kind: str) -> dict[str, Any]:
    index: dict[str, Any] = {"labelname": label_of(part.label), "type": kind}
    if part.syntax.fixed_size and part.syntax.base == "OCTET STRING":
        index["fixed_size"] = part.syntax.fixed_size
    if part.implied:
        index["implied"] = True
    if part.syntax.labels:
        index["enum_values"] = dict(part.syntax.labels)
    return index


def _text(oid: Arcs) -> str:
    return ".".join(map(str, oid))


def _texts(oids: Iterable[Arcs]) -> list[str]:
    return sorted(map(_text, oids))


def _minimal(oids: Iterable[Arcs]) -> list[Arcs]:
    """Return subtrees without those that lie in others."""
    found: list[Arcs] = []
    for oid in sorted(set(oids)):
        if not found or oid[: len(found[-1])] != found[-1]:
            found.append(oid)
    return found
