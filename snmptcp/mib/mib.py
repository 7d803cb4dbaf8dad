"""The public face of MIB modules: names and values in both directions.

Contains: :class:`Mib`.  Does not contain: compiling (:mod:`snmptcp.mib.library`), the file of compiled modules
(:mod:`snmptcp.mib.store`), the forms of indexes (:mod:`snmptcp.mib.index_text`) and of values
(:mod:`snmptcp.mib.values`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, overload

from snmptcp.arguments import FLAG, PATH, TEXT, check_arguments, optional, several_of
from snmptcp.errors import MibError
from snmptcp.mib.addresses import is_address_type
from snmptcp.mib.answers import NamedVarBinds, TableNames
from snmptcp.mib.conversion import to_smi_value
from snmptcp.mib.descriptions import Description, NotificationDescription
from snmptcp.mib.index_parsing import parse_index
from snmptcp.mib.indexes import decode_index, encode_index
from snmptcp.mib.library import Library, hint_at
from snmptcp.mib.objects import NodeKind
from snmptcp.mib.regions import Regions
from snmptcp.mib.text import TextFormatter
from snmptcp.mib.values import named_value
from snmptcp.oid import OID, fragment_behind
from snmptcp.printable import quoted
from snmptcp.values import VarBind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from snmptcp.mib.objects import AvailableModule, IndexPart, Module, Node, Problem
    from snmptcp.mib.store import Store
    from snmptcp.oid import OidLike
    from snmptcp.protocol.notification import Notification
    from snmptcp.values import Value

__all__ = ("Mib",)

_NUMERIC = re.compile(r"\.?[0-9]+(?:\.[0-9]+)*\.?", re.ASCII)
_MODULE = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)::", re.ASCII)
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?=[.\[]|$)", re.ASCII)
_ARC = re.compile(r"\.([0-9]+)(?=[.\[]|$)", re.ASCII)

#: How names look, for errors.
_FORM = ": labels of letters, digits and hyphens, with dots between them, as in IF-MIB::ifDescr.1"

#: Nodes that have instances or stand at the end of the tree: no named node is below them.
_LEAVES = frozenset((NodeKind.SCALAR, NodeKind.COLUMN, NodeKind.NOTIFICATION))

#: How many names are remembered with their OIDs.
_MOST_NAMES = 4096


#: What the arguments of a Mib may be.
_KINDS = {
    "folders": several_of("str or Path", str, Path),
    "standard": FLAG,
    "cache": optional(PATH),
}


class Mib:
    """MIB modules: names for OIDs, OIDs for names, and values by their definitions.

    The standard modules are loaded from the start; the first use on a machine compiles them, which takes some seconds
    and the extra ``mib``.  What is compiled is kept in a file in the user's cache folder.  An instance may be shared by
    threads and by managers.

    Args:
        folders: where :meth:`load` and names such as ``ACME-MIB::acmeFans.0`` look for modules, see :meth:`add_folder`.
        standard: whether the standard modules are loaded.
        cache: the file of compiled modules; optional, default a file in ``snmptcp/`` of the user's cache folder, or
            what the environment variable ``SNMPTCP_MIB_CACHE`` names.

    Raises:
        MibError: the standard modules have not been compiled yet, and the compiler is not installed; or a folder or
            the file cannot be used.
    """

    def __init__(
        self,
        *,
        folders: Iterable[str | Path] = (),
        standard: bool = True,
        cache: str | Path | None = None,
    ) -> None:
        check_arguments(_KINDS, locals())
        self._start(Library.with_cache(folders, cache))
        if standard:
            self._library.load_standard()

    def _start(self, library: Library) -> None:
        self._library = library
        self._store: Store = library.store
        self._forget()

    def _forget(self) -> None:
        """Forget what look-ups have found, because other modules are loaded."""
        self._names: dict[str, OID] = {}
        self._labels: dict[tuple[str | None, str], Node] = {}
        self._formatter = TextFormatter(self)
        self._regions = Regions(self._store, self._formatter.name)

    @classmethod
    def from_file(cls, path: str | Path) -> Mib:
        """Return the modules of a file that :meth:`save` or ``snmptcp mib compile -o FILE`` has written, all loaded.

        No compiler is needed.

        Raises:
            MibError: the file does not exist, or is none of this version.
        """
        check_arguments({"path": PATH}, {"path": path})
        mib = cls.__new__(cls)
        mib._start(Library.of_file(Path(path)))  # noqa: SLF001 - an instance of its own
        return mib

    @staticmethod
    def has_compiled_standard(cache: str | Path | None = None) -> bool:
        """Whether the standard modules have been compiled, so that ``Mib()`` opens a file and takes no more time.

        Args:
            cache: the file of compiled modules; optional, default that of the user.
        """
        check_arguments({"cache": _KINDS["cache"]}, {"cache": cache})
        return Library.has_standard(cache)

    def save(self, path: str | Path) -> None:
        """Write the loaded modules into a file for :meth:`from_file`, in the place of an old one.

        Raises:
            MibError: the file cannot be written; an old one is unchanged.
        """
        check_arguments({"path": PATH}, {"path": path})
        self._library.save(Path(path))

    # -------------------------------------------------------------------------------------- modules

    @property
    def modules(self) -> tuple[Module, ...]:
        """The loaded modules."""
        return self._library.modules

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The modules that could not be read so far, and why."""
        return self._library.problems

    def add_folder(self, path: str | Path) -> None:
        """Look for modules in a folder, too.

        Files are found by the module names in them, whatever they are called.  Nothing is loaded.

        Raises:
            MibError: there is no such folder.
        """
        check_arguments({"path": PATH}, {"path": path})
        self._library.add_folder(path)

    def add_file(self, path: str | Path) -> tuple[str, ...]:
        """Look for modules in a file, too.  Nothing is loaded.

        Returns:
            The names of the modules in it.

        Raises:
            MibError: the file cannot be read, or defines no module.
        """
        check_arguments({"path": PATH}, {"path": path})
        return self._library.add_file(path)

    def available(self) -> tuple[AvailableModule, ...]:
        """Return the modules that can be loaded, by their names: those of the folders and of the compiler's bundle.

        Without the compiler, and for :meth:`from_file`, those are the compiled ones.  Files of folders are read.
        """
        return self._library.available()

    def load(
        self, *modules: str, on_progress: Callable[[int, int], object] | None = None, again: bool = False
    ) -> tuple[Problem, ...]:
        """Load modules, and those that they import from; compile them if that is needed.

        Compiling takes some milliseconds to seconds for a module, in a child process.  In a coroutine call it as
        ``await asyncio.to_thread(mib.load, "ACME-MIB")``.

        Args:
            *modules: names of modules; ``"ALL"`` for all that the folders have.
            on_progress: called before each module is compiled, with the number of those that are finished, and of all.
            again: whether to compile again what could not be compiled before, although nothing has changed since, such
                as what took too long on a busy machine; optional, default ``False``.

        Returns:
            The modules that could not be read, each with its reason; the others are loaded.

        Raises:
            MibError: a module must be compiled, and the compiler is not installed.
        """
        for module in modules:
            check_arguments({"a module's name": TEXT}, {"a module's name": module})
        check_arguments({"again": FLAG}, {"again": again})
        problems = self._library.load(modules, on_progress, again=again)
        self._forget()
        return problems

    # ------------------------------------------------------------------------------------- names in

    def oid(self, name: OidLike) -> OID:
        """Return the OID of a name.

        Args:
            name: ``"IF-MIB::ifDescr.1"``, ``"ifDescr.1"``, ``".iso.org.dod.internet.mgmt"``, ``"iso.3.6.1"``, an index
                in quotes or brackets (``'vacmGroupName.2."public"'``, ``'ipAddressIfIndex[ipv4]["10.0.0.1"]'``),
                dotted numbers, arcs, or an OID.

        Raises:
            MibError: no loaded module defines the name, or its object has no such index.
            ConfigurationError: an impossible OID.
        """
        if not isinstance(name, str) or _NUMERIC.fullmatch(name):
            return OID(name)
        found = self._names.get(name)
        if found is None:
            found = self._resolve(name)
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            self._names[name] = found
        return found

    def _resolve(self, name: str) -> OID:
        """Read a name from left to right: a module, a label or the root, labels and arcs below it, an index."""
        text = name.strip()
        qualified = _MODULE.match(text)
        rest = text[qualified.end() :] if qualified else text.removeprefix(".")
        label = _LABEL.match(rest)
        if label is None:
            if qualified and _NUMERIC.fullmatch(rest):
                return OID(rest)
            raise MibError(f"{quoted(name)} is no name of an object{_FORM}")
        node = self._labelled(label[0], qualified[1] if qualified else None)
        return self._below(name, node, rest[label.end() :])

    def _below(self, name: str, node: Node, rest: str) -> OID:
        """Return the OID of a node with what follows it in a name: labels and arcs of the tree, then the index."""
        oid: OID = node.oid
        current: Node | None = node
        while rest:
            if current is not None and current.kind in _LEAVES:
                return self._instance(name, current, rest)
            arc = _ARC.match(rest)
            label = _LABEL.match(rest, 1) if rest.startswith(".") else None
            if label is not None:
                current = self._child(name, oid, label[0])
                oid, rest = current.oid, rest[label.end() :]
            elif arc is not None:
                oid, rest = oid + _arc(name, arc[1]), rest[arc.end() :]
                current = self._store.by_oid(oid)
            elif rest == ".":
                break
            else:
                raise MibError(f"{name!r}: {oid} has no index, so {rest!r} cannot follow")
        return oid

    def _instance(self, name: str, node: Node, rest: str) -> OID:
        try:
            return node.oid + parse_index(node.index, rest, resolve=self.oid)
        except MibError as error:
            raise MibError(f"{name!r}: {error}") from None

    def _child(self, name: str, oid: OID, label: str) -> Node:
        child = self._store.child(oid, label)
        if child is not None:
            return child
        raise MibError(f"{name!r}: no loaded MIB module defines {label} below {self.name(oid)}{self._alike(label)}")

    def _labelled(self, label: str, module: str | None) -> Node:
        """Return the node of a label, of a certain module or of the one that defines it now."""
        known = self._labels.get((module, label))
        if known is not None:
            return known
        if module is None:
            node = self._store.by_label(label)
            if node is None:
                raise MibError(f"no loaded MIB module defines {label}{self._alike(label)}")
        else:
            node = self._store.node_of(self._loaded(module), label)
            if node is None:
                raise MibError(f"{module} defines no {label}{self._alike(label)}")
        self._labels[module, label] = node
        return node

    def _loaded(self, module: str) -> int:
        """Return the id of a module, which is loaded now if it was not.

        Raises:
            MibError: there is no such module, or it cannot be compiled.
        """
        identity = self._store.loaded_as(module)
        if identity is None:
            identity = self._library.identity_of(module)
            if identity is None:
                raise MibError(self._library.missing(module))
            self._library.load_compiled(identity)
            self._forget()
        return identity

    def _alike(self, label: str) -> str:
        """Return a hint at names of any module that differ in case only, or else at similar names of loaded modules."""
        names: Sequence[str] = self._store.alike(label)
        if not names:
            known = self._store.loaded_like(label)
            import difflib  # noqa: PLC0415 - only for the text of an error

            names = [known[found] for found in difflib.get_close_matches(label, known, n=2, cutoff=0.85)]
        return hint_at(names)

    def instance(self, name: OidLike, *index: object) -> OID:
        """Return the OID of an instance by the values of its INDEX: ``mib.instance("vacmGroupName", 2, "public")``.

        Args:
            name: the column; or a scalar, which has no INDEX.
            *index: a value for each object of the INDEX, as for :meth:`value`.

        Raises:
            MibError: no module defines the object, it has no instances, an object of the INDEX cannot have its value,
                or their number is another.
            ArgumentTypeError: a Python type that cannot be converted.
        """
        node = self.node(name)
        if node.kind is NodeKind.SCALAR and not index:
            return node.oid + 0
        if node.kind is not NodeKind.COLUMN:
            raise MibError(f"{node.name} is no column, so no INDEX can follow it")
        return node.oid + encode_index(node.index, index, resolve=self.oid)

    def node(self, name: OidLike) -> Node:
        """Return the definition of a name: of the node itself, or of the object that an instance belongs to.

        Raises:
            MibError: no loaded module defines it.
        """
        oid = self.oid(name)
        node, tail = self.find(oid)
        if node is None or (tail and node.kind not in _LEAVES):
            raise MibError(f"no loaded MIB module defines {oid}")
        return node

    # ------------------------------------------------------------------------------------ names out

    def find(self, oid: OidLike) -> tuple[Node | None, OID]:
        """Return the deepest named node at or above an OID, and the arcs behind it."""
        oid = OID(oid)
        region = self._regions.find(oid.key)
        node = region.node if region is not None else self._regions.node_above(oid)
        if node is None:
            return None, OID.fragment(oid.arcs)
        if len(node.oid) == 1:  # its key is no prefix of other keys
            return node, OID.fragment(oid.arcs[1:])
        return node, fragment_behind(oid.key, len(node.oid.key))

    def object_of(self, name: OidLike) -> Node | None:
        """Return the definition of the object that an instance belongs to; ``None`` if no loaded module has it.

        Raises:
            MibError: as :meth:`oid`.
        """
        node, _ = self._object(self.oid(name))
        return node if node is not None and node.syntax is not None else None

    def _object(self, oid: OID) -> tuple[Node | None, OID]:
        """Return the object that an instance belongs to, even if the instance has a name of its own."""
        node, tail = self.find(oid)
        if node is not None and node.syntax is None and not tail and len(oid) > 2:
            above = self._store.above(oid[:-1])
            if above is not None and above.kind is NodeKind.SCALAR:
                return above, oid[len(above.oid) :]
        return node, tail

    def children(self, oid: OidLike) -> tuple[Node, ...]:
        """Return the named nodes directly below an OID, in order; arcs without a name are passed over."""
        return self._store.children(self.oid(oid))

    def nodes(self, below: OidLike | None = None) -> tuple[Node, ...]:
        """Return all named nodes below a place in the tree, or all there are, in the order of their OIDs.

        Of several nodes at one OID, the one that counts; see :meth:`definitions`.
        """
        return self._store.below(None if below is None else self.oid(below))

    def definitions(self, oid: OidLike) -> tuple[Node, ...]:
        """Return the nodes that loaded modules define at an OID: first the one that counts, which others repeat."""
        return self._store.definitions(self.oid(oid))

    def name(self, oid: OidLike) -> str:
        """Return the name of an OID as net-snmp's tools print it: ``"IF-MIB::ifDescr.1"``.

        What no module defines is numbers behind the deepest name: ``"SNMPv2-SMI::enterprises.9999.1"``.
        """
        oid = oid if isinstance(oid, OID) else OID(oid)
        region = self._regions.find(oid.key)
        if region is not None and region.shows_numbers:
            return region.name(oid.key)
        return self._formatter.name(oid)

    @overload
    def describe(self, item: VarBind | tuple[OidLike, Value]) -> Description: ...

    @overload
    def describe(self, item: Notification) -> NotificationDescription: ...

    def describe(self, item: VarBind | tuple[OidLike, Value] | Notification) -> Description | NotificationDescription:
        """Return what was received with its definition, and its index and value as typed values.

        Args:
            item: a variable binding, a pair of an OID and a value, or a notification.
        """
        return self._variable(*item) if isinstance(item, tuple) else self._notification(item)

    def _notification(self, notification: Notification) -> NotificationDescription:
        oid = notification.trap_oid
        node, tail = self.find(oid)
        varbinds = tuple(self._variable(*varbind) for varbind in notification.varbinds)
        return NotificationDescription(oid, self.name(oid), None if tail else node, varbinds)

    def _variable(self, oid: OidLike, value: Value) -> Description:
        oid = OID(oid)
        node, tail = self._object(oid)
        if node is None or node.syntax is None:
            return Description(oid, self.name(oid), node, (), self.named(None, value), "")
        index = self._index(node, tail) if node.kind is NodeKind.COLUMN else ()
        return Description(oid, self.name(oid), node, index, self.named(node, value), node.units)

    def _index(self, node: Node, tail: OID) -> tuple[Value, ...]:
        values = decode_index(node.index, tail.arcs)
        return () if values is None else self.shown_index(node.index, values)

    def shown_index(self, parts: Sequence[IndexPart], values: Sequence[Value]) -> tuple[Value, ...]:
        """Return the values of an INDEX so that each ``str()`` is its text by the definition.

        Args:
            parts: the objects of the INDEX.
            values: a value for each.
        """
        named: list[Value] = []
        address_type: int | None = None
        for part, value in zip(parts, values, strict=True):
            named.append(
                named_value(part.syntax, value, self.name(value) if isinstance(value, OID) else None, address_type)
            )
            address_type = int(value) if isinstance(value, int) and is_address_type(part.syntax) else None
        return tuple(named)

    def format(self, varbind: VarBind | tuple[OidLike, Value]) -> str:
        """Return a variable binding as net-snmp's tools print it: ``"IF-MIB::ifOperStatus.3 = INTEGER: up(1)"``.

        A long value has several lines.  :class:`snmptcp.mib.TextFormatter` prints it in other styles.
        """
        oid, value = varbind
        return self._formatter.varbind(VarBind(OID(oid), value))

    def named(self, node: Node | None, value: Value, address_type: int | None = None) -> Value:
        """Return a value that is equal to another, and whose ``str()`` is its text by a definition.

        Args:
            node: the object's definition; ``None`` if it has none.
            value: the value.
            address_type: the InetAddressType of an InetAddress (RFC 4001); optional, default by its length.
        """
        text = self.name(value) if isinstance(value, OID) else None
        return named_value(node.syntax if node is not None else None, value, text, address_type)

    def answer(self, varbinds: Iterable[VarBind]) -> NamedVarBinds:
        """Return variable bindings that are found by name: ``answer["sysDescr.0"]``."""
        return NamedVarBinds(varbinds, self)

    def table_names(self, table: OidLike) -> TableNames | None:
        """Return the columns of a table by their names; ``None`` if no module defines them.

        Args:
            table: the table, or its entry.
        """
        oid = self.oid(table)
        node = self._store.by_oid(oid)
        if node is None or node.kind not in {NodeKind.TABLE, NodeKind.ROW}:
            return None
        entry = oid if node.kind is NodeKind.ROW else oid + 1
        columns = {column.oid[-1]: column for column in self.children(entry) if len(column.oid) == len(entry) + 1}
        if not columns:
            return None
        return TableNames(self, columns, next(iter(columns.values())).index)

    # ------------------------------------------------------------------------------------ values in

    def value(self, name: OidLike, value: object) -> Value:
        """Return a value that an object can have, of the type that its definition tells.

        Args:
            name: the object, or an instance of it.
            value: an SMI value, a Python value or text: a label of the enumeration (``"down"``), labels of bits
                (``"a b"``), what the DISPLAY-HINT shows, an address, the name of an OID, a number.

        Raises:
            MibError: the object cannot have this value; the text says which it can have.
            ArgumentTypeError: a Python type that cannot be converted.
        """
        node, _ = self._object(self.oid(name))
        if node is None or node.syntax is None:
            return to_smi_value(None, value, str(name))
        return to_smi_value(node.syntax, value, node.label, resolve=self.oid)

    def varbind(self, name: OidLike, value: object) -> VarBind:
        """Return a variable binding of a name and a value, both as for :meth:`oid` and :meth:`value`."""
        oid = self.oid(name)
        return VarBind(oid, self.value(oid, value))


def _arc(name: str, digits: str) -> tuple[int]:
    try:
        return (int(digits),)
    except ValueError:  # thousands of digits
        raise MibError(f"{name[:64]!r}: an arc is a number from 0 to {2**32 - 1}") from None
