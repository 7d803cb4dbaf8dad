"""Names on the command line, and net-snmp's triples of a name, a letter for the type, and a value.

Contains: parsing them.  Does not contain: values (:mod:`snmptcp.cli.options.values`), MIB modules
(:mod:`snmptcp.cli.names`), and sending.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snmptcp.cli.options.literal import refuse_options
from snmptcp.cli.options.mibs import InputStyle
from snmptcp.cli.options.values import LETTERS, parse_value
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.values import VarBind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.cli.names import Names
    from snmptcp.mib import Node
    from snmptcp.values import Value

__all__ = ("WHOLE_TREE", "parse_assignments", "parse_columns", "parse_name", "parse_names", "parse_root")

#: What is an address for certain: with a port or a transport, or IPv4 or IPv6.
_ADDRESS = re.compile(
    r"(?:tcp|tcp6|tlstcp|udp|udp6):.+|[\w.-]+:[0-9]{1,5}|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[?[0-9a-fA-F]*:[0-9a-fA-F:.]+.*"
)

#: What net-snmp's "." is: everything.  As a name it is 0.0, which comes before all others.
WHOLE_TREE = "."


def _parse_oid(text: str, names: Names) -> OID:
    try:
        return names.oid(text)
    except ConfigurationError:
        if _ADDRESS.fullmatch(text):
            raise ConfigurationError(f"{text!r} looks like an address: HOST comes first, then the names") from None
        raise


def parse_name(text: str, names: Names) -> OID:
    """Parse a name that a message can carry.

    Raises:
        ConfigurationError: no name that a MIB module defines and no object identifier in numbers, or a single arc.
    """
    oid = OID("0.0") if text == WHOLE_TREE else _parse_oid(text, names)
    _ = oid.ber
    return oid


def parse_names(words: Sequence[str], names: Names) -> tuple[OID, ...]:
    """Parse several names that a message can carry.

    Raises:
        ConfigurationError: as :func:`parse_name`.
    """
    return tuple(parse_name(word, names) for word in words)


def parse_columns(text: str, table: OID, names: Names) -> tuple[int, ...]:
    """Parse a list of columns: numbers, or names.

    Args:
        text: the list, with commas.
        table: the table, or its entry.
        names: the names.

    Raises:
        ConfigurationError: an empty word, no name that a MIB module defines, or that of another table's column.
    """
    return tuple(_parse_column(word, table, names) for word in text.split(","))


def _parse_column(word: str, table: OID, names: Names) -> int:
    if re.fullmatch("[0-9]{1,9}", word):
        return int(word)
    if not re.match("[A-Za-z]", word):
        raise ConfigurationError(f"columns are names or numbers separated by commas, as in ifDescr,8, not {word!r}")
    oid = names.oid(word)
    if not oid.startswith(table) or len(oid) - len(table) not in {1, 2}:
        raise ConfigurationError(f"{word} is no column of {names.formatter().name(table)}")
    return int(oid[-1])


def parse_root(text: str, names: Names) -> OID:
    """Parse the root of a walk: a name, a single arc, or ``.`` for everything.

    Raises:
        ConfigurationError: no name that a MIB module defines, and no object identifier in numbers.
    """
    return OID.fragment(()) if text == WHOLE_TREE else _parse_oid(text, names)


def parse_assignments(words: Sequence[str], names: Names) -> list[VarBind]:
    """Parse ``OID TYPE VALUE`` triples.

    Raises:
        ConfigurationError: a wrong number of words, an option, or an invalid name, type or value.
    """
    refuse_options(word for position, word in enumerate(words) if position % 3 < 2)
    if len(words) % 3:
        raise ConfigurationError(f"OID TYPE VALUE must come in threes, not {len(words)} words")
    oids = parse_names(words[::3], names)
    return [
        VarBind(oid, _value(oid, name, letter, text, names))
        for oid, name, letter, text in zip(oids, words[::3], words[1::3], words[2::3], strict=True)
    ]


def _value(oid: OID, name: str, letter: str, text: str, names: Names) -> Value:
    """Return a value; a letter and a text that make one by themselves open no MIB modules."""
    style = names.input or InputStyle()

    def parse(node: Node | None) -> Value:
        return parse_value(letter, text, node, name, style=style, resolve=names.oid)

    try:
        if letter == "=":
            names.required()
        node = names.object_at(oid)
        try:
            return parse(node)
        except ConfigurationError:
            node = names.object_at(oid, needed=True) if node is None and letter in LETTERS else None
            if node is None:
                raise
            return parse(node)
    except ConfigurationError as error:
        said = str(error)
        raise ConfigurationError(said if said.startswith(name) else f"{name}: {said}") from None
