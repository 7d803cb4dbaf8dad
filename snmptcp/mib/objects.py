"""What MIB modules define: nodes of the OID tree, their syntaxes and indexes, and what could not be read.

Contains: plain typed data.  Does not contain: where it is kept (:mod:`snmptcp.mib.store`), or how names and values
become text (:mod:`snmptcp.mib.mib`).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snmptcp.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from snmptcp.oid import OID

__all__ = ("AvailableModule", "IndexPart", "Module", "Node", "NodeKind", "Problem", "Syntax")


class NodeKind(enum.StrEnum):
    """What a node of the OID tree is (RFC 2578, RFC 2580)."""

    #: An OBJECT IDENTIFIER value, without a macro.
    NODE = "node"
    MODULE_IDENTITY = "module-identity"
    OBJECT_IDENTITY = "object-identity"
    SCALAR = "scalar"
    TABLE = "table"
    ROW = "row"
    COLUMN = "column"
    NOTIFICATION = "notification"
    GROUP = "group"
    NOTIFICATION_GROUP = "notification-group"
    COMPLIANCE = "compliance"
    CAPABILITIES = "capabilities"


@dataclass(frozen=True, slots=True)
class Syntax:
    """The SYNTAX of an object, with all that its textual conventions add (RFC 2578 section 7.1, RFC 2579).

    Attributes:
        name: the type as the module writes it: ``"InterfaceIndex"``, ``"INTEGER"``, ``"DisplayString"``.
        base: the type of the SMI that it is made of: one of ``INTEGER``, ``Unsigned32``, ``Gauge32``, ``Counter32``,
            ``Counter64``, ``TimeTicks``, ``IpAddress``, ``OCTET STRING``, ``OBJECT IDENTIFIER``, ``BITS``, ``Opaque``,
            or ``""`` if that is not known.
        hint: the DISPLAY-HINT (RFC 2579 section 3.1); ``""`` if there is none.
        labels: the names of an enumeration's numbers, or of the bits of a BITS, in the module's order.
        ranges: the values that a number may have, as pairs of the least and the greatest; any if it is empty.
        sizes: the lengths that a string may have, in octets, as such pairs; any if it is empty.
        conventions: the textual conventions that it goes through, from ``name`` on; empty for a plain type.
        primitive: the type of the SMI behind the conventions, as its module writes it: ``"Integer32"``, ``"Counter"``;
            ``""`` if that is not known.
        lent_hint: whether the hint is RFC 2579's, for DisplayString and PhysAddress that are RFC 1213's, without one.
    """

    name: str
    base: str
    hint: str = ""
    labels: Mapping[int, str] = field(default_factory=dict, hash=False)
    ranges: tuple[tuple[int, int], ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    conventions: tuple[str, ...] = ()
    primitive: str = ""
    lent_hint: bool = False

    @property
    def own_hint(self) -> str:
        """The DISPLAY-HINT that the module has, which is the one that net-snmp knows."""
        return "" if self.lent_hint else self.hint

    @property
    def fixed_size(self) -> int | None:
        """The length of a string that may have one length only; otherwise ``None``."""
        if len(self.sizes) == 1 and self.sizes[0][0] == self.sizes[0][1]:
            return self.sizes[0][0]
        return None


@dataclass(frozen=True, slots=True)
class IndexPart:
    """One object of the INDEX of a table (RFC 2578 section 7.7).

    Attributes:
        label: the object's name without its module.
        module: the module that defines it.
        syntax: its syntax.
        implied: whether its length is not in the index (IMPLIED): it goes to the end.
    """

    label: str
    module: str
    syntax: Syntax
    implied: bool = False


def _no_texts() -> tuple[str, str]:
    return "", ""


@dataclass(frozen=True, slots=True)
class Node:
    """A named node of the OID tree.

    Attributes:
        module: the module that defines it.
        label: its name in that module: ``"ifDescr"``.
        oid: where it is.
        kind: what it is.
        syntax: the type of its values; ``None`` if it has none.
        access: its MAX-ACCESS: ``"read-only"``, ``"read-write"``, ``"not-accessible"``, ...; ``""`` if it has none.
        status: ``"current"``, ``"deprecated"``, ``"obsolete"``, ``"mandatory"``, ...; ``""`` if it has none.
        units: its UNITS; ``""`` if it has none.
        default: its DEFVAL as text: ``"up"``, ``"'00'H"``, ``"{ lamp, horn }"``, an OID as ``"0.0"``; ``""`` if it has
            none.
        index: the objects of the INDEX, for a row and for its columns; for a row that AUGMENTS another, the other's.
        augments: the row that a row AUGMENTS: ``"IF-MIB::ifEntry"``; ``""`` if it does not.
        objects: the OBJECTS of a notification or a group, as ``"IF-MIB::ifIndex"``.
    """

    module: str
    label: str
    oid: OID
    kind: NodeKind
    syntax: Syntax | None = None
    access: str = ""
    status: str = ""
    units: str = ""
    default: str = ""
    index: tuple[IndexPart, ...] = ()
    augments: str = ""
    objects: tuple[str, ...] = ()
    _read_texts: Callable[[], tuple[str, str]] = field(default=_no_texts, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The name with its module: ``"IF-MIB::ifDescr"``."""
        return f"{self.module}::{self.label}"

    @property
    def description(self) -> str:
        """The DESCRIPTION; ``""`` if it has none."""
        return self._read_texts()[0]

    @property
    def reference(self) -> str:
        """The REFERENCE; ``""`` if it has none."""
        return self._read_texts()[1]

    def __str__(self) -> str:
        return self.name

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


@dataclass(frozen=True, slots=True)
class Module:
    """A module that is loaded.

    Attributes:
        name: its name.
        path: the file that it was read from; ``"pysnmp-pysmi"`` for those that come with the compiler.
        digest: the SHA-256 of its text, in hex.
        imports: the modules that it imports from.
        repairs: what was repaired while it was read, one line each, with file, line and module as a :class:`Problem`
            has them: ``"acme.txt:9: ACME-MIB: the module has no END"``.
        revision: the day of its LAST-UPDATED, as ``"2000-06-14"``; ``""`` if it has none.
    """

    name: str
    path: str
    digest: str
    imports: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    revision: str = ""

    def __str__(self) -> str:
        return self.name

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


@dataclass(frozen=True, slots=True)
class AvailableModule:
    """A module that can be loaded.

    Attributes:
        name: its name.
        path: its file; ``"pysnmp-pysmi"`` for those that come with the compiler.
        revision: the day of its LAST-UPDATED, as ``"2000-06-14"``; ``""`` if it has none.
        is_compiled: whether its present text has been compiled.
        counts: how many nodes of each kind it has; empty if it has not been compiled.
    """

    name: str
    path: str
    revision: str
    is_compiled: bool
    counts: Mapping[NodeKind, int] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.name

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


@dataclass(frozen=True, slots=True)
class Problem:
    """A module that could not be read, and why; what it would name stays numeric.

    Attributes:
        module: the module's name.
        path: its file; ``""`` if none was found.
        line: the line of the fault, from 1; 0 if it is not known.
        reason: what is wrong, in one line.
    """

    module: str
    path: str
    line: int
    reason: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return printable(f"{place}: {self.module}: {self.reason}" if place else f"{self.module}: {self.reason}", None)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)
