"""Variable bindings and notifications as their MIB modules describe them.

Contains: :class:`Description` and :class:`NotificationDescription`, typed data.  Does not contain: how they are made
(:mod:`snmptcp.mib.mib`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snmptcp.mib.objects import Node
    from snmptcp.oid import OID
    from snmptcp.values import Value

__all__ = ("Description", "NotificationDescription")


@dataclass(frozen=True, slots=True)
class Description:
    """A variable binding as its MIB module describes it.

    Attributes:
        oid: its name.
        name: the same as text: ``"IF-MIB::ifOperStatus.3"``.
        node: the definition of the object; ``None`` if no loaded module defines it.
        index: the values of the INDEX, each shown by its own syntax; empty for a scalar, and if the arcs do not fit.
        value: the value, which is shown by the object's syntax: ``str(value)`` is ``"up"``.
        units: the object's UNITS; ``""`` if it has none.
    """

    oid: OID
    name: str
    node: Node | None
    index: tuple[Value, ...]
    value: Value
    units: str

    @property
    def text(self) -> str:
        """The value as text, with its units."""
        return f"{self.value} {self.units}" if self.units else str(self.value)

    def __str__(self) -> str:
        return f"{self.name} = {self.text}"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


@dataclass(frozen=True, slots=True)
class NotificationDescription:
    """A notification as its MIB module describes it.

    Attributes:
        oid: the kind of event (snmpTrapOID.0).
        name: the same as text: ``"IF-MIB::linkDown"``.
        node: its definition, whose ``objects`` are those that it should have; ``None`` if no loaded module defines it.
        varbinds: its variable bindings, described, in the order in which they came.
    """

    oid: OID
    name: str
    node: Node | None
    varbinds: tuple[Description, ...]

    @property
    def values(self) -> dict[str, Value]:
        """The values by the names of their objects: ``values["ifOperStatus"]``; of several, the first.

        What no module defines is left out.
        """
        found: dict[str, Value] = {}
        for varbind in self.varbinds:
            if varbind.node is not None and varbind.node.syntax is not None:
                found.setdefault(varbind.node.label, varbind.value)
        return found

    @property
    def missing(self) -> tuple[str, ...]:
        """The objects that its definition tells and that it does not have, as ``"IF-MIB::ifIndex"``."""
        had = {varbind.node.name for varbind in self.varbinds if varbind.node is not None}
        return tuple(name for name in self.node.objects if name not in had) if self.node is not None else ()

    def __str__(self) -> str:
        return ", ".join((self.name, *map(str, self.varbinds)))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)
