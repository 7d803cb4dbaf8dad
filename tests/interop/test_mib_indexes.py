"""The text of indexes, compared with net-snmp's snmptranslate on a module of our own."""

from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from snmptcp.errors import MibError
from snmptcp.mib import IndexPart, Syntax
from snmptcp.mib.index_parsing import parse_index
from snmptcp.mib.index_text import IndexStyle
from tests.support.indexes import format_index
from tests.support.netsnmp import PATIENCE, environment, require_program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.interop

MODULE = "ACME-INDEX-MIB"
ROOT = "1.3.6.1.4.1.99999"


class Case(NamedTuple):
    """A syntax, as a module writes it and as the library has it."""

    text: str
    syntax: Syntax


def octets(name: str, hint: str = "", *sizes: tuple[int, int]) -> Syntax:
    return Syntax(name, "OCTET STRING", hint, sizes=sizes, conventions=(name,))


CONVENTIONS = {
    "MacAddress": ("1x:", "OCTET STRING (SIZE (6))", octets("MacAddress", "1x:", (6, 6))),
    "PhysAddress": ("1x:", "OCTET STRING", octets("PhysAddress", "1x:")),
    "DisplayString": ("255a", "OCTET STRING (SIZE (0..255))", octets("DisplayString", "255a", (0, 255))),
    "InetAddressIPv4": ("1d.1d.1d.1d", "OCTET STRING (SIZE (4))", octets("InetAddressIPv4", "1d.1d.1d.1d", (4, 4))),
    "InetAddressType": (
        "",
        "INTEGER { unknown(0), ipv4(1), ipv6(2), ipv4z(3), ipv6z(4), dns(16) }",
        Syntax(
            "InetAddressType",
            "INTEGER",
            labels={0: "unknown", 1: "ipv4", 2: "ipv6", 3: "ipv4z", 4: "ipv6z", 16: "dns"},
            conventions=("InetAddressType",),
        ),
    ),
    # net-snmp takes it for an address only directly behind its type.
    "InetAddress": ("", "OCTET STRING (SIZE (0..255))", octets("InetAddress", "", (0, 255))),
}

OBJECTS = {
    "Int": Case("INTEGER", Syntax("INTEGER", "INTEGER")),
    "Enum": Case(
        "INTEGER { up(1), down(2), big(300) }", Syntax("INTEGER", "INTEGER", labels={1: "up", 2: "down", 300: "big"})
    ),
    "Uns": Case("Unsigned32", Syntax("Unsigned32", "Unsigned32")),
    "Tick": Case("TimeTicks", Syntax("TimeTicks", "TimeTicks")),
    "Str": Case("OCTET STRING", Syntax("OCTET STRING", "OCTET STRING")),
    "Text": Case("OCTET STRING (SIZE (0..32))", Syntax("OCTET STRING", "OCTET STRING", sizes=((0, 32),))),
    "Fix": Case("OCTET STRING (SIZE (4))", Syntax("OCTET STRING", "OCTET STRING", sizes=((4, 4),))),
    "Oid": Case("OBJECT IDENTIFIER", Syntax("OBJECT IDENTIFIER", "OBJECT IDENTIFIER")),
    "Ip": Case("IpAddress", Syntax("IpAddress", "IpAddress")),
    "Bits": Case("BITS { a(0), b(1) }", Syntax("BITS", "BITS", labels={0: "a", 1: "b"})),
    **{name.removesuffix("Address"): Case(name, syntax) for name, (_, _, syntax) in CONVENTIONS.items()},
}

TABLES = [
    *((name,) for name in OBJECTS),
    *((name, "Int") for name in OBJECTS),
    *((f"IMPLIED {name}",) for name in ("Str", "Text", "Phys", "DisplayString", "Oid", "Mac")),
    ("InetAddressType", "Inet"),
    ("InetAddressType", "Inet", "Uns"),
    ("Int", "InetAddressType", "Inet"),
    ("Int", "Str", "Ip", "Mac"),
    ("DisplayString", "IMPLIED Str"),
]


def module() -> str:
    lines = [f"{MODULE} DEFINITIONS ::= BEGIN", f"acme OBJECT IDENTIFIER ::= {{ {named(ROOT)} }}"]
    for name, (hint, syntax, _) in CONVENTIONS.items():
        shown = f'DISPLAY-HINT "{hint}" ' if hint else ""
        lines.append(f'{name} ::= TEXTUAL-CONVENTION {shown}STATUS current DESCRIPTION "x" SYNTAX {syntax}')
    lines += [
        object_type(f"acme{name}", case.text, f"acme {number}")
        for number, (name, case) in enumerate(OBJECTS.items(), 1)
    ]
    for number, names in enumerate(TABLES, 100):
        row = f"Row{number}"
        index = ", ".join(name.replace("IMPLIED ", "IMPLIED acme") if " " in name else f"acme{name}" for name in names)
        lines += [
            object_type(f"acmeTable{number}", f"SEQUENCE OF {row}", f"acme {number}"),
            object_type(f"acmeRow{number}", row, f"acmeTable{number} 1", f"INDEX {{ {index} }}"),
            f"{row} ::= SEQUENCE {{ acmeVal{number} INTEGER }}",
            object_type(f"acmeVal{number}", "INTEGER", f"acmeRow{number} 1"),
        ]
    return "\n".join([*lines, "END", ""])


def named(oid: str) -> str:
    """Return an OID as a module writes it without imports."""
    names = ("iso", "org(3)", "dod(6)", "internet(1)", "private(4)", "enterprises(1)")
    return " ".join((*names, *oid.split(".")[len(names) :]))


def object_type(name: str, syntax: str, place: str, more: str = "") -> str:
    text = 'MAX-ACCESS read-write STATUS current DESCRIPTION "x"'
    return f"{name} OBJECT-TYPE SYNTAX {syntax} {text} {more} ::= {{ {place} }}"


def parts(names: Sequence[str]) -> tuple[IndexPart, ...]:
    return tuple(
        IndexPart(f"acme{name.split()[-1]}", MODULE, OBJECTS[name.split()[-1]].syntax, implied=" " in name)
        for name in names
    )


class Translate:
    """net-snmp's snmptranslate with the module.

    Args:
        folder: where the module is written.
    """

    def __init__(self, folder: Path) -> None:
        self._program = require_program("snmptranslate", "snmp")
        (folder / MODULE).write_text(module())
        self._environment = {**environment(folder), "MIBDIRS": str(folder), "MIBS": MODULE}

    def all_of(self, names: Sequence[str], *options: str) -> dict[str, str]:
        """Return the text of each name that is not refused.  The program ends at the first one that is."""
        texts: dict[str, str] = {}
        while names:
            shown = self._run(names, *options)
            texts.update(zip(names, shown, strict=False))
            names = names[len(shown) + 1 :]
        return texts

    def _run(self, names: Sequence[str], *options: str) -> list[str]:
        done = subprocess.run(
            [self._program, *options, *names],
            env=self._environment,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
        text = done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
        return text.split("\n\n") if text else []


@pytest.fixture(scope="module")
def translate(tmp_path_factory: pytest.TempPathFactory) -> Translate:
    return Translate(tmp_path_factory.mktemp("translate"))


V6 = "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"
ARCS = [
    (0, 1, 2, 3, 4),
    (97, 98, 46, 34, 39, 92, 32, 126),
    tuple(range(256)),
    (1, 4, 10, 255, 256, 300),
]


def some_arcs(source: random.Random) -> list[int]:
    """Return arcs that are an index more often than by chance."""
    arcs = [source.choice(source.choice(ARCS)) for _ in range(source.choice((1, 2, 3, 4, 5, 6, 8, 12, 20)))]
    if source.random() < 0.7:
        place = source.choice((0, min(1, len(arcs) - 1)))
        arcs[place] = max(0, len(arcs) - place - source.choice((1, 1, 2, 3)))
    return arcs


def cases() -> list[tuple[int, list[int]]]:
    """Return tables and arcs below their column: all kinds of addresses, and arcs by chance, the same each time."""
    source = random.Random(13)
    table = 100 + TABLES.index(("InetAddressType", "Inet"))
    fixed = [
        "1.4.10.0.0.1",
        f"2.16.{V6}",
        "3.8.10.0.0.1.0.0.0.5",
        f"4.20.{V6}.0.0.0.9",
        "16.3.97.46.98",
        "0.0",
        "2.4.1.2.3.4",
    ]
    listed = [(table, list(map(int, arcs.split(".")))) for arcs in fixed]
    return listed + [(source.randrange(100, 100 + len(TABLES)), some_arcs(source)) for _ in range(400)]


#: The options of snmptranslate, and the arguments that are the same.
OPTIONS: list[tuple[tuple[str, ...], IndexStyle, dict[str, Any]]] = [
    ((), "quoted", {}),
    (("-OE",), "escaped", {}),
    (("-Ob",), "numeric", {}),
    (("-OX",), "extended", {}),
    (("-OXE",), "extended-escaped", {}),
    (("-OXQ",), "extended", {"quick": True}),
    (("-OXt",), "extended", {"raw_ticks": True}),
]


def shows_more_than_was_sent(table: int, text: str, options: Sequence[str]) -> bool:
    """Whether net-snmp shows names of OIDs, or what its memory has behind a string that is too short for its hint."""
    names = " ".join(TABLES[table - 100])
    return "X" in "".join(options) and ("Oid" in names or "IPv4" in names or "TRUNCATED" in text)


@pytest.mark.parametrize(("options", "style", "more"), OPTIONS, ids=lambda value: "".join(value) if value else None)
def test_indexes_have_the_text_of_snmptranslate(
    translate: Translate, options: tuple[str, ...], style: IndexStyle, more: dict[str, Any]
) -> None:
    chosen = cases()
    names = [f".{ROOT}.{table}.1.1.{'.'.join(map(str, arcs))}" for table, arcs in chosen]
    compared = 0
    texts = translate.all_of(names, "-Ir", *options)
    for (table, arcs), name in zip(chosen, names, strict=True):
        text = texts.get(name)
        if text is None or shows_more_than_was_sent(table, text, options):
            continue
        ours = format_index(parts(TABLES[table - 100]), arcs, style=style, before=1, **more)
        assert f"{MODULE}::acmeVal{table}{ours}" == text, (TABLES[table - 100], arcs)
        compared += 1
    assert compared > 300


#: Text that net-snmp reads: the table, and what follows its column.
TEXTS = [
    (("Text",), '."ab"'),
    (("Text",), '."a\\"b"'),
    (("Text",), '."a\\\\b"'),
    (("Text",), '.""'),
    (("Text", "Int"), '."ab".5'),
    (("Int",), ".0x10"),
    (("Int",), '.5."a"'),
    (("Int",), ".5.'a'"),
    (("Enum",), ".down"),
    (("Enum",), ".7"),
    (("Fix",), ".'abcd'"),
    (("Mac", "Int"), ".'0:1:2:a:b:c'.5"),
    (("InetAddressIPv4",), ".'10.0.0.1'"),
    (("IMPLIED DisplayString",), ".'ab'"),
    (("IMPLIED DisplayString",), ".'a\\'b'"),
    (("InetAddressType", "Inet"), ".ipv4.4.10.0.0.1"),
    (("InetAddressType", "Inet"), '.dns."a.example"'),
    (("Ip", "Int"), ".10.0.0.1.5"),
    (("Oid",), ".2.1.3"),
    # Refused by both:
    (("Text",), ".'ab'"),
    (("Text",), '."ab'),
    (("Text",), '."ab"x'),
    (("Text",), ".ab"),
    (("Fix",), '."abcd"'),
    (("Fix",), ".'abc'"),
    (("IMPLIED DisplayString",), '."ab"'),
    (("Mac",), ".'0:1'"),
    (("Mac",), ".'abcdef'"),
    (("Enum",), ".nope"),
    (("Enum",), '."up"'),
    (("Int",), "..5"),
    (("Int",), "."),
]


@pytest.mark.parametrize(("names", "text"), TEXTS)
def test_text_is_read_as_snmptranslate_reads_it(translate: Translate, names: tuple[str, ...], text: str) -> None:
    table = 100 + TABLES.index(names)
    name = f"{MODULE}::acmeVal{table}{text}"
    theirs = translate.all_of([name], "-On").get(name, "")
    try:
        ours = f".{ROOT}.{table}.1.1.{parse_index(parts(names), text)}".rstrip(".")
    except MibError:
        ours = ""
    assert ours == theirs
