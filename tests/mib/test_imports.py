"""Where symbols come from that are not imported, or from the wrong module."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from snmptcp.mib.imports import ImportSearch, is_built_in
from snmptcp.mib.sources import Sources

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Parsed:
    imports: dict[str, tuple[str, ...]] = field(default_factory=dict)
    defines: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    folder: Path = tmp_path_factory.mktemp("mibs")
    for name, body in {
        "ACME-SMI": "acme OBJECT IDENTIFIER ::= { iso 1 } AcmeType ::= INTEGER",
        "OTHER-MIB": "other OBJECT IDENTIFIER ::= { iso 2 }\ntwice OBJECT IDENTIFIER ::= { iso 2 }",
        "THIRD-MIB": "twice OBJECT IDENTIFIER ::= { iso 3 }",
    }.items():
        (folder / name).write_text(f"{name} DEFINITIONS ::= BEGIN\n{body}\nEND")
    return Sources([folder])


PARSED = {
    "A-MIB": Parsed({"B-MIB": ("b", "passed", "twice"), "Z-MIB": ("z", "OBJECT-TYPE")}, ("own",)),
    "B-MIB": Parsed({"C-MIB": ("passed",)}, ("b", "forgotten")),
    "C-MIB": Parsed({"D-MIB": ("passed",)}),
    "D-MIB": Parsed({}, ("passed",)),
    "LOOP-MIB": Parsed({"LOOP-MIB": ("x",)}),
}


@pytest.mark.parametrize(
    ("symbol", "source", "found"),
    [
        ("passed", "B-MIB", "D-MIB"),  # through two modules
        ("x", "LOOP-MIB", None),
        ("own", "Z-MIB", "A-MIB"),
        ("own", None, "A-MIB"),
        ("forgotten", None, "B-MIB"),  # of a module that others are imported from
        ("enterprises", None, "SNMPv2-SMI"),
        ("enterprises", "Z-MIB", "SNMPv2-SMI"),
        ("ifIndex", None, "IF-MIB"),  # not RFC1213-MIB
        ("egpNeighAddr", "RFC-1213", "RFC1213-MIB"),
        ("acme", "ACME_SMI", "ACME-SMI"),
        ("acme", None, "ACME-SMI"),
        ("acme", "Z-MIB", None),  # another module's acme may be another
        ("twice", None, None),
        ("nothing", None, None),
        ("InetPortNumber", "INET-ADDRESS-MIB", None),  # which defines it, but has not been read
    ],
)
def test_a_symbol_is_found_or_not_guessed(sources: Sources, symbol: str, source: str | None, found: str | None) -> None:
    assert ImportSearch(sources, PARSED).find("A-MIB", symbol, source) == found


def test_what_is_imported_from_where_it_is_not_is_found_out(sources: Sources) -> None:
    search = ImportSearch(sources, PARSED)
    assert search.unresolved("A-MIB") == {"passed": "B-MIB", "twice": "B-MIB", "z": "Z-MIB"}
    assert search.unresolved("B-MIB") == {"passed": "C-MIB"}


def test_macros_and_types_of_the_language_need_no_module() -> None:
    assert is_built_in("OBJECT-TYPE")
    assert not is_built_in("DisplayString")


def test_symbols_are_found_in_the_texts_of_the_folders(sources: Sources) -> None:
    assert sources.defining("twice") == ("OTHER-MIB", "THIRD-MIB")
    assert sources.defining("ifIndex") == ()
