"""The file of compiled modules: one SQLite database, from which single nodes are read when they are needed.

Contains: the tables, what is written into them, and the look-ups.  Does not contain: which modules are up to date
(:mod:`snmptcp.mib.library`), names and values.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sqlite3
import threading
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from snmptcp.errors import MibError
from snmptcp.mib.basis import Basis
from snmptcp.mib.objects import IndexPart, Module, Node, NodeKind, Problem, Syntax
from snmptcp.oid import OID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from snmptcp.mib.flatten import ModuleRows, NodeRow

__all__ = ("FORMAT", "BrokenStore", "Failure", "Made", "Origin", "Store")

#: Changes with the tables, with the repairs, and with what :mod:`snmptcp.mib.flatten` writes; a file of another format
#: is not read.
FORMAT = 6

_TABLES = """
CREATE TABLE module (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, compiler TEXT NOT NULL, path TEXT NOT NULL,
    imports TEXT NOT NULL, repairs TEXT NOT NULL, revision TEXT NOT NULL, basis TEXT NOT NULL,
    fingerprint TEXT NOT NULL, standard INTEGER NOT NULL, UNIQUE (name, digest, compiler, fingerprint));
CREATE TABLE failure (
    name TEXT NOT NULL, digest TEXT NOT NULL, compiler TEXT NOT NULL, basis TEXT NOT NULL, fingerprint TEXT NOT NULL,
    stage TEXT NOT NULL, path TEXT NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (name, digest, compiler, fingerprint));
CREATE TABLE node (
    id INTEGER PRIMARY KEY, module INTEGER NOT NULL, label TEXT NOT NULL, oid BLOB NOT NULL, kind TEXT NOT NULL,
    superseded INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE text (node INTEGER PRIMARY KEY, description TEXT NOT NULL, reference TEXT NOT NULL);
CREATE TABLE type (module INTEGER NOT NULL, name TEXT NOT NULL, syntax TEXT NOT NULL, PRIMARY KEY (module, name));
CREATE INDEX node_oid ON node (oid);
CREATE INDEX node_label ON node (label);
"""

_LOADED = "CREATE TEMP TABLE loaded (module INTEGER PRIMARY KEY, place INTEGER NOT NULL)"

#: The nodes of loaded modules: what is superseded comes last, then the module that was loaded first comes first.
_FROM_LOADED = "FROM node JOIN loaded ON loaded.module = node.module"
_BEST_FIRST = "ORDER BY node.superseded, loaded.place"
_COLUMNS = "node.id, node.module, node.label, node.oid, node.kind, node.body"

#: The first octet of the key of a single arc: it is no prefix of other keys.
_SINGLE_ARC = 0x80

_Row = tuple[int, int, str, bytes, str, str]


P = ParamSpec("P")
T = TypeVar("T")


def _guarded(method: Callable[Concatenate[Store, P], T]) -> Callable[Concatenate[Store, P], T]:
    """Serialize look-ups of several threads, and make a failure of the file an error of this library."""

    @functools.wraps(method)
    def guarded(store: Store, /, *arguments: P.args, **options: P.kwargs) -> T:
        if store.process != os.getpid():
            store.reopen()
        with store.lock:
            try:
                return method(store, *arguments, **options)
            except sqlite3.Error as error:
                # What is not operational is not the file's fault: it is locked, or its folder cannot be written.
                kind = MibError if isinstance(error, sqlite3.OperationalError) else BrokenStore
                raise kind(f"the file of compiled MIB modules {store.path} cannot be used: {error}") from error

    return guarded


class Origin(NamedTuple):
    """What a compiled module was made of besides its text, and the fingerprint of that."""

    basis: Basis
    fingerprint: str


class Made(NamedTuple):
    """A compiled module, and what it was made of besides its text."""

    identity: int
    basis: Basis
    fingerprint: str


class Failure(NamedTuple):
    """How the compilation of a module has failed.

    Attributes:
        problem: the reason.
        digest: the digest of its text.
        basis: what else could make a difference.
        fingerprint: the fingerprint of that.
        stage: where it failed (:class:`snmptcp.mib.compiler.FailedModule`).
    """

    problem: Problem
    digest: str
    basis: Basis
    fingerprint: str
    stage: str


def _in_utf8(path: str) -> str:
    """Return a path as the file can hold it: with escapes for octets that are not UTF-8."""
    return path.encode(errors="backslashreplace").decode()


class BrokenStore(MibError):
    """A file that is none of compiled modules, of another version, or damaged."""


class Store:
    """A file of compiled modules, some of which are loaded.

    Args:
        path: the file; ``None`` for one in memory.
        read_only: whether nothing may be written; the file must exist then.

    Raises:
        MibError: the file cannot be opened, or is no file of compiled modules of this format.
    """

    def __init__(self, path: Path | None = None, *, read_only: bool = False) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.process = os.getpid()
        self._read_only = read_only
        self._modules: dict[int, Module] = {}
        self._order: list[int] = []  # the loaded modules
        self._of_parents: list[sqlite3.Connection] = []
        self._open(read_only=read_only)

    @_guarded
    def _open(self, *, read_only: bool) -> None:
        if self.path is None:
            self._database = sqlite3.connect(":memory:", check_same_thread=False)
        elif read_only:
            # immutable: neither locks nor journals, for files in folders that cannot be written.
            uri = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
            self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
        else:
            self._database = sqlite3.connect(self.path, timeout=30, check_same_thread=False)
        self._database.isolation_level = None
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and not read_only:
            with self._transaction():
                if not self._database.execute("SELECT 1 FROM sqlite_master").fetchone():
                    for statement in filter(str.strip, _TABLES.split(";")):
                        self._database.execute(statement)
                    self._database.execute(f"PRAGMA user_version = {FORMAT}")
            version = self._database.execute("PRAGMA user_version").fetchone()[0]
        if version != FORMAT:
            raise BrokenStore(f"{self.path} is no file of compiled MIB modules of this version (format {version})")
        self._database.execute(_LOADED)

    @classmethod
    def copy_in_memory(cls, path: Path) -> Store:
        """Return what a file that cannot be written has, in memory, where more can be added.

        Raises:
            MibError: as for a file.
        """
        source, store = cls(path, read_only=True), cls()
        with contextlib.closing(source):
            source._database.backup(store._database)
        return store

    @_guarded
    def move_to_memory(self) -> None:
        """Go on with a copy in memory, because the file cannot be written any more; ids stay the same."""
        database = sqlite3.connect(":memory:", check_same_thread=False)
        database.isolation_level = None
        self._database.backup(database)
        database.execute(_LOADED)
        self._database.close()
        self._database, self.path = database, None
        loaded, self._order = self._order, []
        self.load(loaded)

    def reopen(self) -> None:
        """Open the file again in a child process after a fork; the parent's connection must not be used there."""
        self.process = os.getpid()
        self.lock = threading.RLock()  # a thread that held the old one does not exist here
        if self.path is None:  # its memory is a copy already
            return
        self._of_parents.append(self._database)  # closing it here would end the parent's locks
        loaded, self._order = self._order, []
        self._open(read_only=self._read_only)
        self.load(loaded)

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self._database.close()

    def __del__(self) -> None:
        if hasattr(self, "_database") and self.process == os.getpid():
            self._database.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._database.in_transaction:  # SQLite ends it by itself if the disk is full
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    # -------------------------------------------------------------------------------------- modules

    @_guarded
    def made_of(self, name: str, digest: str, compiler: str) -> tuple[Made, ...]:
        """Return what has been made of a text with different imports, the newest first."""
        rows = self._database.execute(
            "SELECT id, basis, fingerprint FROM module WHERE name = ? AND digest = ? AND compiler = ? ORDER BY id DESC",
            (name, digest, compiler),
        )
        return tuple(Made(identity, _unpack_basis(basis), fingerprint) for identity, basis, fingerprint in rows)

    @_guarded
    def failures(self, name: str, digest: str, compiler: str) -> tuple[Failure, ...]:
        """Return how the compilation of a text has failed."""
        rows = self._database.execute(
            "SELECT basis, fingerprint, stage, path, line, reason FROM failure"
            " WHERE name = ? AND digest = ? AND compiler = ?",
            (name, digest, compiler),
        )
        return tuple(
            Failure(Problem(name, path, line, reason), digest, _unpack_basis(basis), fingerprint, stage)
            for basis, fingerprint, stage, path, line, reason in rows
        )

    @_guarded
    def write_failure(self, failure: Failure, compiler: str) -> None:
        """Write how the compilation of a text has failed."""
        problem = failure.problem
        self._database.execute(
            "INSERT OR REPLACE INTO failure (name, digest, compiler, basis, fingerprint, stage, path, line, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                problem.module,
                failure.digest,
                compiler,
                _pack_basis(failure.basis),
                failure.fingerprint,
                failure.stage,
                _in_utf8(problem.path),
                problem.line,
                problem.reason,
            ),
        )

    @_guarded
    def newest(self, name: str) -> int | None:
        """Return the id of a module, whatever it was made of: the one that was written last."""
        if not name.isascii():  # the name of no module; the file may not be able to hold it
            return None
        row = self._database.execute("SELECT max(id) FROM module WHERE name = ?", (name,)).fetchone()
        return None if row[0] is None else int(row[0])

    @_guarded
    def bundled(self, compiler: str, path: str) -> dict[str, int]:
        """Return the ids of the modules that come with a compiler and were made of such modules only, by name."""
        query = "SELECT name, id FROM module WHERE compiler = ? AND path = ? AND standard ORDER BY id"
        return dict(self._database.execute(query, (compiler, path)).fetchall())

    @_guarded
    def newest_of(self, path: str) -> dict[str, int]:
        """Return the ids of the modules of a path, by name, whatever compiler made them."""
        return dict(
            self._database.execute(
                "SELECT name, id FROM module WHERE path = ? AND standard ORDER BY id", (path,)
            ).fetchall()
        )

    @_guarded
    def module_ids(self) -> tuple[int, ...]:
        """Return the ids of all modules, in the order in which they were written."""
        return tuple(row[0] for row in self._database.execute("SELECT id FROM module ORDER BY id"))

    @_guarded
    def names(self) -> tuple[str, ...]:
        """Return the names of all modules."""
        return tuple(row[0] for row in self._database.execute("SELECT DISTINCT name FROM module"))

    @_guarded
    def module(self, identity: int) -> Module:
        """Return what is known of a module."""
        if identity not in self._modules:
            row = self._database.execute(
                "SELECT name, path, digest, imports, repairs, revision FROM module WHERE id = ?", (identity,)
            ).fetchone()
            name, path, digest, imports, repairs, revision = row
            self._modules[identity] = Module(
                name, path, digest, tuple(json.loads(imports)), tuple(json.loads(repairs)), revision
            )
        return self._modules[identity]

    @_guarded
    def counts(self, identity: int) -> dict[NodeKind, int]:
        """Return how many nodes of each kind a module has."""
        rows = self._database.execute("SELECT kind, count(*) FROM node WHERE module = ? GROUP BY kind", (identity,))
        return {NodeKind(kind): count for kind, count in rows}

    @_guarded
    def write(
        self, module: Module, compiler: str, rows: ModuleRows, origin: Origin | None = None, *, standard: bool = False
    ) -> int:
        """Write a compiled module, unless it is there; return its id.

        Another process may have written it meanwhile, and read it: what is written is never changed.

        Args:
            module: what is known of it.
            compiler: the compiler's name and version.
            rows: its nodes and types.
            origin: what it was made of besides its text; ``None`` for nothing.
            standard: whether it was made of modules that come with the compiler only.
        """
        origin = origin if origin is not None else Origin(Basis(), "")
        with self._transaction():
            for made in self.made_of(module.name, module.digest, compiler):
                if made.fingerprint == origin.fingerprint:
                    return made.identity
            self._database.execute(
                "DELETE FROM failure WHERE name = ? AND digest = ? AND compiler = ? AND fingerprint = ?",
                (module.name, module.digest, compiler, origin.fingerprint),
            )
            cursor = self._database.execute(
                "INSERT INTO module (name, digest, compiler, path, imports, repairs, revision, basis, fingerprint,"
                " standard) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    module.name,
                    module.digest,
                    compiler,
                    _in_utf8(module.path),
                    json.dumps(module.imports),
                    json.dumps(module.repairs),
                    module.revision,
                    _pack_basis(origin.basis),
                    origin.fingerprint,
                    int(standard),
                ),
            )
            identity = int(cursor.lastrowid or 0)
            for row in rows.nodes:
                self._write_node(identity, row)
            self._database.executemany(
                "INSERT OR REPLACE INTO type (module, name, syntax) VALUES (?, ?, ?)",
                [(identity, name, json.dumps(_pack_syntax(syntax))) for name, syntax in rows.types.items()],
            )
        return identity

    def _write_node(self, identity: int, row: NodeRow) -> None:
        cursor = self._database.execute(
            "INSERT INTO node (module, label, oid, kind, superseded, body) VALUES (?, ?, ?, ?, ?, ?)",
            (identity, row.label, row.oid.key, row.kind.value, int(row.superseded), json.dumps(_pack_node(row))),
        )
        if row.description or row.reference:
            self._database.execute(
                "INSERT INTO text (node, description, reference) VALUES (?, ?, ?)",
                (cursor.lastrowid, row.description, row.reference),
            )

    @_guarded
    def copy(self, identities: Sequence[int], path: Path) -> None:
        """Write some modules into a file of their own."""
        Store(path).close()  # with empty tables
        self._database.execute("ATTACH ? AS other", (os.fsencode(path),))  # as octets: it may be no UTF-8
        try:
            with self._transaction():
                for identity in identities:
                    where = "WHERE module = ?"
                    for table, condition in (("module", "WHERE id = ?"), ("node", where), ("type", where)):
                        self._database.execute(
                            f"INSERT INTO other.{table} SELECT * FROM main.{table} {condition}",  # noqa: S608
                            (identity,),
                        )
                    self._database.execute(
                        "INSERT INTO other.text SELECT * FROM main.text"
                        " WHERE node IN (SELECT id FROM main.node WHERE module = ?)",
                        (identity,),
                    )
        finally:
            self._database.execute("DETACH other")

    # --------------------------------------------------------------------- what the flattener needs

    @_guarded
    def type_of(self, identity: int, name: str) -> Syntax | None:
        """Return a type of a module."""
        row = self._database.execute(
            "SELECT syntax FROM type WHERE module = ? AND name = ?", (identity, name)
        ).fetchone()
        return None if row is None else _unpack_syntax(json.loads(row[0]))

    @_guarded
    def node_of(self, identity: int, label: str) -> Node | None:
        """Return a node of a module, whether that is loaded or not."""
        row = self._database.execute(
            f"SELECT {_COLUMNS} FROM node WHERE module = ? AND label = ?",  # noqa: S608 - constants
            (identity, label),
        ).fetchone()
        return None if row is None else self._node(row)

    # ------------------------------------------------------------------------- loaded modules' nodes

    @_guarded
    def load(self, identities: Iterable[int]) -> None:
        """Load modules: look-ups see the nodes of loaded modules only."""
        known = len(self._order)
        self._order += [identity for identity in dict.fromkeys(identities) if identity not in self._order]
        self._database.executemany(
            "INSERT INTO loaded (module, place) VALUES (?, ?)",
            [(self._order[place], place) for place in range(known, len(self._order))],
        )

    def loaded(self) -> tuple[int, ...]:
        """Return the ids of the loaded modules, in the order in which they were loaded."""
        return tuple(self._order)

    @_guarded
    def loaded_as(self, name: str) -> int | None:
        """Return the id of the loaded module of a name: the one that was loaded first."""
        return next((identity for identity in self._order if self.module(identity).name == name), None)

    @_guarded
    def by_label(self, label: str) -> Node | None:
        """Return the best node of a name."""
        return self._one(f"SELECT {_COLUMNS} {_FROM_LOADED} WHERE node.label = ? {_BEST_FIRST}", label)

    @_guarded
    def labels(self, prefix: str, module: int | None = None) -> tuple[tuple[str, NodeKind], ...]:
        """Return the names that begin with a text, each with the kind of its best node.

        Args:
            prefix: the text.
            module: the id of the module that defines them; ``None`` for all that are loaded.
        """
        query = f"SELECT node.label, node.kind {_FROM_LOADED} WHERE true"
        values: tuple[object, ...] = (prefix, prefix + "\U0010ffff")
        if module is not None:
            query, values = "SELECT node.label, node.kind FROM node WHERE node.module = ?", (module, *values)
        order = "" if module is not None else _BEST_FIRST
        best: dict[str, NodeKind] = {}
        for label, kind in self._database.execute(f"{query} AND node.label BETWEEN ? AND ? {order}", values):
            best.setdefault(label, NodeKind(kind))
        return tuple(best.items())

    @_guarded
    def alike(self, label: str) -> tuple[str, ...]:
        """Return up to three names of any module that differ from a label in case only."""
        rows = self._database.execute(
            "SELECT DISTINCT module.name || '::' || node.label FROM node JOIN module ON module.id = node.module"
            " WHERE node.label = ? COLLATE NOCASE LIMIT 3",
            (label,),
        )
        return tuple(row[0] for row in rows)

    @_guarded
    def loaded_like(self, label: str) -> dict[str, str]:
        """Return labels of loaded modules with the first letter and about the length of another, each with its name."""
        rows = self._database.execute(
            f"SELECT node.label, module.name {_FROM_LOADED} JOIN module ON module.id = node.module"
            f" WHERE node.label LIKE ? AND length(node.label) BETWEEN ? AND ? {_BEST_FIRST}",
            (f"{label[:1]}%", len(label) - 2, len(label) + 2),
        )
        names: dict[str, str] = {}
        for found, module in rows:
            names.setdefault(found, f"{module}::{found}")
        return names

    @_guarded
    def by_oid(self, oid: OID) -> Node | None:
        """Return the best node at an OID."""
        return self._one(f"SELECT {_COLUMNS} {_FROM_LOADED} WHERE node.oid = ? {_BEST_FIRST}", oid.key)

    @_guarded
    def definitions(self, oid: OID) -> tuple[Node, ...]:
        """Return all nodes at an OID, the best first."""
        query = f"SELECT {_COLUMNS} {_FROM_LOADED} WHERE node.oid = ? {_BEST_FIRST}"
        return tuple(map(self._node, self._database.execute(query, (oid.key,)).fetchall()))

    @_guarded
    def above(self, oid: OID) -> Node | None:
        """Return the best node at an OID or, if it has none, the deepest node above it."""
        prefixes = list(_prefixes(oid.key))
        marks = ", ".join("?" * len(prefixes))
        node = self._one(
            f"SELECT {_COLUMNS} {_FROM_LOADED} WHERE node.oid IN ({marks})"
            " ORDER BY length(node.oid) DESC, node.superseded, loaded.place",
            *prefixes,
        )
        return self.by_oid(oid[:1]) if node is None and len(oid) > 1 else node

    @_guarded
    def child(self, oid: OID, label: str) -> Node | None:
        """Return the best node of a name directly below an OID."""
        rows = self._database.execute(
            f"SELECT {_COLUMNS} {_FROM_LOADED} WHERE node.label = ? {_BEST_FIRST}",
            (label,),
        ).fetchall()
        nodes = (self._node(row) for row in rows if row[3][0] != _SINGLE_ARC)
        return next((node for node in nodes if node.oid[:-1] == oid), None)

    @_guarded
    def has_below(self, oid: OID) -> bool:
        """Whether a node is below an OID."""
        low, high = oid.key, _after(oid.key)
        query = f"SELECT 1 {_FROM_LOADED} WHERE node.oid > ? AND node.oid < ? LIMIT 1"
        return self._database.execute(query, (low, high)).fetchone() is not None

    @_guarded
    def below(self, oid: OID | None = None) -> tuple[Node, ...]:
        """Return all nodes below an OID, or all there are, in the order of their OIDs; one for each OID."""
        return tuple(sorted(map(self._node, self._rows_below(oid).values()), key=_oid_of))

    @_guarded
    def children(self, oid: OID) -> tuple[Node, ...]:
        """Return the nodes directly below an OID, in the order of their OIDs; one for each OID."""
        rows, last, found = self._rows_below(oid), b"", []
        for key in sorted(rows):  # a key is a prefix of those below it, and sorts before them
            if not last or not key.startswith(last):
                last = key
                found.append(self._node(rows[key]))
        return tuple(sorted(found, key=_oid_of))

    def _rows_below(self, oid: OID | None) -> dict[bytes, _Row]:
        """Return the best row of each OID below an OID."""
        query = f"SELECT {_COLUMNS} {_FROM_LOADED}"
        limits: tuple[bytes, ...] = ()
        if oid is not None and len(oid) > 1:
            query, limits = f"{query} WHERE node.oid > ? AND node.oid < ?", (oid.key, _after(oid.key))
        best: dict[bytes, _Row] = {}
        for row in self._database.execute(f"{query} {_BEST_FIRST}", limits):
            # The key of a single arc is no prefix of others' keys, so its subtree is no range.
            if oid is None or len(oid) > 1 or _first_arc(row[3]) == oid[0]:
                best.setdefault(row[3], row)
        return best

    def _one(self, query: str, *values: object) -> Node | None:
        row = self._database.execute(f"{query} LIMIT 1", values).fetchone()
        return None if row is None else self._node(row)

    def _node(self, row: _Row) -> Node:
        identity, module, label, key, kind, body = row
        packed = json.loads(body)
        oid = OID.from_ber(key)
        return Node(
            module=self.module(module).name,
            label=label,
            oid=oid,
            kind=NodeKind(kind),
            syntax=_unpack_syntax(packed["y"]) if "y" in packed else None,
            access=packed.get("a", ""),
            status=packed.get("s", ""),
            units=packed.get("u", ""),
            default=packed.get("d", ""),
            index=self._index(packed, kind, oid),
            augments=packed.get("g", ""),
            objects=tuple(packed.get("o", ())),
            _read_texts=functools.partial(self._texts, identity),
        )

    def _index(self, packed: dict[str, Any], kind: str, oid: OID) -> tuple[IndexPart, ...]:
        """Return the index of a row, or that of the row that a column belongs to."""
        if kind == NodeKind.COLUMN:
            row = self.by_oid(oid[:-1])
            return () if row is None else row.index
        return tuple(
            IndexPart(label, module, _unpack_syntax(syntax), implied)
            for label, module, syntax, implied in packed.get("i", ())
        )

    @_guarded
    def _texts(self, identity: int) -> tuple[str, str]:
        row = self._database.execute("SELECT description, reference FROM text WHERE node = ?", (identity,)).fetchone()
        return ("", "") if row is None else (row[0], row[1])


# ---------------------------------------------------------------------------------------------- packing


def _oid_of(node: Node) -> OID:
    return node.oid


def _prefixes(key: bytes) -> Iterator[bytes]:
    """Yield a key and the keys of all OIDs above it, of two arcs or more: each ends where an arc ends."""
    if key[0] == _SINGLE_ARC:
        yield key
        return
    for end in range(len(key), 0, -1):
        if key[end - 1] < 0x80:
            yield key[:end]


def _first_arc(key: bytes) -> int | None:
    """Return the first arc of a key of two arcs or more; ``None`` for a single arc."""
    return None if key[0] == _SINGLE_ARC else 2 if key[0] >= 80 else key[0] // 40


def _after(key: bytes) -> bytes:
    """Return the least octets behind all that begin with a key, whose last octet is below 0x80."""
    return key[:-1] + bytes([key[-1] + 1])


def _pack_basis(basis: Basis) -> str:
    return json.dumps([basis.modules, basis.symbols])


def _unpack_basis(packed: str) -> Basis:
    modules, symbols = json.loads(packed)
    return Basis(tuple(modules), tuple(symbols))


def _pack_node(row: NodeRow) -> dict[str, Any]:
    packed = {
        "y": None if row.syntax is None else _pack_syntax(row.syntax),
        "a": row.access,
        "s": row.status,
        "u": row.units,
        "d": row.default,
        "i": [(part.label, part.module, _pack_syntax(part.syntax), part.implied) for part in row.index],
        "g": row.augments,
        "o": row.objects,
    }
    return {key: value for key, value in packed.items() if value}


def _pack_syntax(syntax: Syntax) -> dict[str, Any]:
    packed = {
        "n": syntax.name,
        "b": syntax.base,
        "h": syntax.hint,
        "l": list(syntax.labels.items()),
        "r": syntax.ranges,
        "s": syntax.sizes,
        "c": syntax.conventions,
        "p": syntax.primitive,
        "z": syntax.lent_hint,
    }
    return {key: value for key, value in packed.items() if value}


def _unpack_syntax(packed: dict[str, Any]) -> Syntax:
    return Syntax(
        name=packed.get("n", ""),
        base=packed.get("b", ""),
        hint=packed.get("h", ""),
        labels=dict(packed.get("l", ())),
        ranges=tuple((low, high) for low, high in packed.get("r", ())),
        sizes=tuple((low, high) for low, high in packed.get("s", ())),
        conventions=tuple(packed.get("c", ())),
        primitive=packed.get("p", ""),
        lent_hint=packed.get("z", False),
    )
