"""What a module asks of an agent: filters first, then single instances, then subtrees.

Contains: the requests, and limits of what is kept of their answers.  Does not contain: connections
(:mod:`snmptcp.exporter.pool`), samples (:mod:`snmptcp.exporter.samples`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snmptcp.credentials import SnmpVersion
from snmptcp.errors import LimitExceeded, NoSuchName, SnmpError, TransportError
from snmptcp.exporter.text import value_text
from snmptcp.oid import OID
from snmptcp.values import EndOfMibView, NoSuchInstance, NoSuchObject

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from snmptcp.exporter.config import Arcs, Filter, Module
    from snmptcp.manager.manager import Manager
    from snmptcp.values import Value, VarBind

__all__ = ("DEFAULT_MAX_OCTETS", "DEFAULT_MAX_VARIABLES", "Answers", "ask")

logger = logging.getLogger("snmptcp.exporter")

#: How much one module may read from one agent: variables, and octets that their names and values take here.  A full
#: routing table of the internet has about a million routes with 13 columns; that is no work for Prometheus.
DEFAULT_MAX_VARIABLES = 500_000
DEFAULT_MAX_OCTETS = 128 * 1024 * 1024

#: What stands in the place of a value that the agent does not have.
_MISSING = (NoSuchObject, NoSuchInstance, EndOfMibView)


@dataclass(slots=True)
class Answers:
    """What an agent has answered to a module.

    Attributes:
        variables: the values, by the arcs of their names.
        count: how many variables came, those that came twice counted twice.
        octets: how much memory their names and values take, about.
        max_variables: how many may come.
        max_octets: how much memory they may take.
    """

    variables: dict[Arcs, Value] = field(default_factory=dict)
    count: int = 0
    octets: int = 0
    max_variables: int = DEFAULT_MAX_VARIABLES
    max_octets: int = DEFAULT_MAX_OCTETS

    def take(self, varbind: VarBind) -> None:
        """Keep a variable.

        Raises:
            LimitExceeded: that would be too many, or too much.
        """
        name, value = varbind.oid.arcs, varbind.value
        self.count += 1
        self.octets += 8 * len(name) + (len(value) if isinstance(value, bytes) else 8)
        if self.count > self.max_variables:
            raise LimitExceeded(
                f"the agent has more than {self.max_variables:,} variables for one module; walk less, or raise "
                "--snmp.max-variables",
                self.max_variables,
            )
        if self.octets > self.max_octets:
            raise LimitExceeded(
                f"the agent's names and values take more than {self.max_octets:,} octets", self.max_octets
            )
        self.variables[name] = value


async def ask(manager: Manager, module: Module, answers: Answers) -> None:
    """Read what a module wants.

    Args:
        manager: the agent's.
        module: what to read.
        answers: takes the answers.

    Raises:
        LimitExceeded: the agent has too much.
        SnmpError: as a manager's ``get`` and ``walk``.

    Safe to cancel.
    """
    names, subtrees = await _filtered(manager, module, answers)
    await _get(manager, module, names, answers)
    for subtree in subtrees:
        async for varbind in _walk(manager, module, subtree):
            answers.take(varbind)


def _walk(manager: Manager, module: Module, root: Arcs) -> AsyncGenerator[VarBind, None]:
    return manager.walk(
        OID(root),
        max_repetitions=module.max_repetitions,
        timeout=module.timeout,
        tolerate_non_increasing=module.allow_nonincreasing_oids,
        skip_broken=True,
    )


async def _get(manager: Manager, module: Module, names: Iterable[Arcs], answers: Answers) -> None:
    """Read single instances; those that the agent does not have are left out."""
    is_v1 = manager.version == SnmpVersion.V1  # its error is about all names of a request
    at_once = 1 if is_v1 else max(module.max_repetitions, 1)
    wanted = list(map(OID, names))
    for start in range(0, len(wanted), at_once):
        try:
            found = await manager.get(*wanted[start : start + at_once], timeout=module.timeout)
        except NoSuchName:
            if not is_v1:
                raise
            continue
        for varbind in found:
            if not isinstance(varbind.value, _MISSING):
                answers.take(varbind)


# ---------------------------------------------------------------------------------------------- filters


async def _filtered(manager: Manager, module: Module, answers: Answers) -> tuple[list[Arcs], list[Arcs]]:
    """Return the instances and the subtrees to read once the dynamic filters are evaluated.

    A target of several filters is read where all of them allow it.
    """
    names, subtrees = list(module.get), list(module.walk)
    rows: dict[Arcs, list[Arcs]] = {}  # by target
    for each in module.filters:
        try:
            allowed = await _allowed(manager, module, each, answers.max_variables)
        except TransportError:
            raise  # what follows would fail as well
        except SnmpError as error:
            logger.info("a filter of module %s is not applied: %s", module.name, error)
            continue
        subtrees = [subtree for subtree in subtrees if subtree not in each.targets]
        for target in each.targets:
            before = rows.get(target)
            rows[target] = allowed if before is None else [row for row in before if row in set(allowed)]
    for target, allowed in rows.items():
        names = [name for name in names if name[: len(target)] != target]
        names += [target + row for row in allowed]
    return names, subtrees


async def _allowed(manager: Manager, module: Module, rule: Filter, limit: int) -> list[Arcs]:
    """Return the rows that a filter allows: the arcs behind its OID."""
    found: list[Arcs] = []
    count = 0
    async for varbind in _walk(manager, module, rule.oid):
        count += 1
        if count > limit:
            raise LimitExceeded(f"the agent has more than {limit:,} variables for one filter", limit)
        text = value_text(varbind.value, "DisplayString")
        if any(pattern.found_in(text) for pattern in rule.values):
            found.append(varbind.oid.arcs[len(rule.oid) :])
    return found
