"""The file of compiled modules."""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import MibError
from snmptcp.mib.basis import Basis
from snmptcp.mib.flatten import ModuleRows, NodeRow
from snmptcp.mib.objects import IndexPart, Module, NodeKind, Problem, Syntax
from snmptcp.mib.store import Failure, Origin, Store
from snmptcp.oid import OID

if TYPE_CHECKING:
    from pathlib import Path

COLOR = Syntax("Color", "INTEGER", "d", {1: "red", 2: "blue"}, ((1, 2),), (), ("Color",), "Integer32", lent_hint=True)
ROWS = ModuleRows(
    (
        NodeRow("acme", OID("1.3.6.1.4.1.9999"), NodeKind.NODE),
        NodeRow("acmeTable", OID("1.3.6.1.4.1.9999.1"), NodeKind.TABLE, description="Things."),
        NodeRow("acmeEntry", OID("1.3.6.1.4.1.9999.1.1"), NodeKind.ROW, index=(IndexPart("i", "M", COLOR, True),)),
        NodeRow("acmeColor", OID("1.3.6.1.4.1.9999.1.1.200"), NodeKind.COLUMN, COLOR, "read-write", units="colors"),
    ),
    {"Color": COLOR},
)
MODULE = Module("ACME-MIB", "acme.mib", "00", ("SNMPv2-SMI",), ("a repair",), "2026-01-31")


def filled(path: Path | None = None) -> tuple[Store, int]:
    store = Store(path)
    return store, store.write(MODULE, "compiler 1", ROWS)


def test_what_is_written_is_read_again() -> None:
    store, identity = filled()
    assert store.module(identity) == MODULE
    assert store.type_of(identity, "Color") == COLOR
    assert store.type_of(identity, "Shape") is None
    node = store.node_of(identity, "acmeTable")
    assert node is not None
    assert (node.name, node.kind, node.description) == ("ACME-MIB::acmeTable", NodeKind.TABLE, "Things.")


def test_only_loaded_modules_are_seen() -> None:
    store, identity = filled()
    assert store.by_label("acmeColor") is None
    store.load([identity])
    color = store.by_label("acmeColor")
    assert color is not None
    assert (color.syntax, color.access, color.units) == (COLOR, "read-write", "colors")
    assert color.index == (IndexPart("i", "M", COLOR, implied=True),)
    assert store.loaded() == (identity,)


@pytest.mark.parametrize(
    ("oid", "label"),
    [
        ("1.3.6.1.4.1.9999.1.1.200.7", "acmeColor"),
        ("1.3.6.1.4.1.9999.1.1.200", "acmeColor"),
        ("1.3.6.1.4.1.9999.1.1.201", "acmeEntry"),  # 200 and 201 begin with the same octet
        ("1.3.6.1.4.1.9999.7", "acme"),
        ("1.3.6.1.4.1.9998", None),
        ("1", None),
    ],
)
def test_the_deepest_node_above_an_oid_is_found(oid: str, label: str | None) -> None:
    store, identity = filled()
    store.load([identity])
    node = store.above(OID(oid))
    assert (node.label if node is not None else None) == label


def test_what_is_below_an_oid_is_in_order_and_once() -> None:
    store, identity = filled()
    other = store.write(Module("OTHER-MIB", "o", "11"), "compiler 1", ROWS)
    store.load([other, identity])
    below = store.below(OID("1.3.6.1.4.1.9999.1"))
    assert [node.name for node in below] == ["OTHER-MIB::acmeEntry", "OTHER-MIB::acmeColor"]
    assert [node.label for node in store.below(OID("1"))] == ["acme", "acmeTable", "acmeEntry", "acmeColor"]
    assert store.has_below(OID("1.3.6.1.4.1.9999.1.1"))
    assert not store.has_below(OID("1.3.6.1.4.1.9999.1.1.200"))


def test_all_definitions_of_an_oid_are_found_the_best_first() -> None:
    store, identity = filled()
    other = store.write(Module("OTHER-MIB", "o", "11"), "compiler 1", ROWS)
    store.load([other, identity])
    names = [node.name for node in store.definitions(OID("1.3.6.1.4.1.9999.1"))]
    assert names == ["OTHER-MIB::acmeTable", "ACME-MIB::acmeTable"]
    assert store.definitions(OID("1.3.6.1.4.1.9999.2")) == ()


def test_the_nodes_of_a_module_are_counted_by_kind() -> None:
    store, identity = filled()
    kinds = (NodeKind.NODE, NodeKind.TABLE, NodeKind.ROW, NodeKind.COLUMN)
    assert store.counts(identity) == dict.fromkeys(kinds, 1)


def test_a_module_that_is_there_is_not_written_again() -> None:
    store, identity = filled()
    assert store.write(Module("ACME-MIB", "acme.mib", "00"), "compiler 1", ROWS) == identity
    (made,) = store.made_of("ACME-MIB", "00", "compiler 1")
    assert made.identity == store.newest("ACME-MIB") == identity
    assert store.made_of("ACME-MIB", "00", "compiler 2") == ()


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mib"
    filled(path)[0].close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(MibError, match="format 99"):
        Store(path)


def test_a_file_in_a_folder_that_cannot_be_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mib"
    store, identity = filled(path)
    store.close()
    path.chmod(0o400)
    read = Store(path, read_only=True)
    assert read.module(identity).name == "ACME-MIB"
    with pytest.raises(MibError, match="cannot be used"):
        read.write(Module("OTHER-MIB", "o", "11"), "compiler 1", ROWS)
    read.close()


def test_several_threads_look_up_at_once() -> None:
    store, identity = filled()
    store.load([identity])
    found: list[object] = []

    def look() -> None:
        found.extend(store.by_label("acmeColor") for _ in range(50))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 200
    assert None not in found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.parametrize("in_memory", [False, True])
def test_a_child_process_after_a_fork_looks_up_by_itself(tmp_path: Path, *, in_memory: bool) -> None:
    store, identity = filled(None if in_memory else tmp_path / "mib")
    store.load([identity])
    child = os.fork()
    if not child:
        node = store.by_label("acmeColor")
        os._exit(0 if node is not None and node.module == "ACME-MIB" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.by_label("acmeColor") is not None


def test_one_text_with_other_imports_is_another_module() -> None:
    store, first = filled()
    module = store.module(first)
    second = store.write(module, "compiler 1", ROWS, Origin(Basis(("B-MIB",), ("b",)), "ff"))
    assert store.write(module, "compiler 1", ROWS, Origin(Basis(("B-MIB",)), "ff")) == second
    assert [
        (made.identity, made.basis, made.fingerprint) for made in store.made_of("ACME-MIB", "00", "compiler 1")
    ] == [
        (second, Basis(("B-MIB",), ("b",)), "ff"),
        (first, Basis(), ""),
    ]


def test_a_failure_is_kept_until_the_module_can_be_compiled() -> None:
    store = Store()
    failure = Failure(Problem("ACME-MIB", "acme.mib", 7, "no"), "00", Basis(("B-MIB",), ("b",)), "ff", "generate")
    store.write_failure(failure, "compiler 1")
    store.write_failure(failure, "compiler 1")
    assert store.failures("ACME-MIB", "00", "compiler 1") == (failure,)
    assert store.failures("ACME-MIB", "00", "compiler 2") == store.failures("ACME-MIB", "01", "compiler 1") == ()
    store.write(Module("ACME-MIB", "acme.mib", "00"), "compiler 1", ROWS, Origin(failure.basis, "ff"))
    assert store.failures("ACME-MIB", "00", "compiler 1") == ()


def test_the_modules_of_the_bundle_are_those_made_of_it_alone() -> None:
    store = Store()
    module = Module("ACME-MIB", "bundle", "00")
    identity = store.write(module, "compiler 1", ROWS, standard=True)
    store.write(module, "compiler 1", ROWS, Origin(Basis(), "ff"))
    assert store.bundled("compiler 1", "bundle") == store.newest_of("bundle") == {"ACME-MIB": identity}
