"""net-snmp's triples of a name, a letter for the type, and a value, as ``snmptcp set`` takes them.

Contains: parsing them.  Does not contain: sending the values.
"""

from __future__ import annotations

import os
import re
import struct
from typing import TYPE_CHECKING

from snmptcp.cli.options.literal import refuse_options
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    VarBind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from snmptcp.values import Value

__all__ = ("LETTERS", "WHOLE_TREE", "parse_assignments", "parse_name", "parse_oid", "parse_root", "parse_value")

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,24}|0[xX][0-9a-fA-F]{1,16})", re.ASCII)
_MAX_BIT = 0xFFFF * 8 - 1

#: What is an address for certain: with a port or a transport, or IPv4 or IPv6.
_ADDRESS = re.compile(
    r"(?:tcp|tcp6|tlstcp|udp|udp6):.+|[\w.-]+:[0-9]{1,5}|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[?[0-9a-fA-F]*:[0-9a-fA-F:.]+.*"
)

#: What net-snmp's "." is: everything.  As a name it is 0.0, which comes before all others.
WHOLE_TREE = "."


def parse_oid(text: str) -> OID:
    """Parse a name.

    Raises:
        ConfigurationError: not an object identifier in numbers.
    """
    try:
        return OID(text)
    except ConfigurationError as error:
        if _ADDRESS.fullmatch(text):
            raise ConfigurationError(f"{text!r} looks like an address: HOST comes first, then the names") from None
        if re.search("[A-Za-z]", text):
            raise ConfigurationError(f"{error} (snmptcp reads no MIB files: give numbers)") from None
        raise


def parse_name(text: str) -> OID:
    """Parse a name that a message can carry.

    Raises:
        ConfigurationError: not an object identifier in numbers, or a single arc.
    """
    oid = OID("0.0") if text == WHOLE_TREE else parse_oid(text)
    _ = oid.ber
    return oid


def parse_root(text: str) -> OID:
    """Parse the root of a walk: a name, a single arc, or ``.`` for everything.

    Raises:
        ConfigurationError: not an object identifier in numbers.
    """
    return OID.fragment(()) if text == WHOLE_TREE else parse_oid(text)


def parse_assignments(words: Sequence[str]) -> list[VarBind]:
    """Parse ``OID TYPE VALUE`` triples.

    Raises:
        ConfigurationError: a wrong number of words, an option, or an invalid name, type or value.
    """
    refuse_options(word for position, word in enumerate(words) if position % 3 < 2)
    if len(words) % 3:
        raise ConfigurationError(f"OID TYPE VALUE must come in threes, not {len(words)} words")
    return list(_triples(words))


def _triples(words: Sequence[str]) -> Iterator[VarBind]:
    for position in range(0, len(words), 3):
        name, letter, text = words[position : position + 3]
        oid = parse_name(name)
        try:
            yield VarBind(oid, parse_value(letter, text))
        except ConfigurationError as error:
            raise ConfigurationError(f"{oid}: {error}") from None


def parse_value(letter: str, text: str) -> Value:
    """Parse a value of the type that a letter stands for.

    Raises:
        ConfigurationError: an unknown letter, or text that is not a value of its type.
    """
    parse = _PARSERS.get(letter)
    if parse is None:
        why = " (it takes the type from a MIB, and snmptcp reads no MIB files)" if letter == "=" else ""
        raise ConfigurationError(f"the type is one of {', '.join(LETTERS)}, not {letter!r}{why}")
    return parse(text)


def _number(text: str) -> int:
    """Parse a decimal number, or a hexadecimal one after ``0x``."""
    if not _NUMBER.fullmatch(text):
        raise ConfigurationError(f"not a whole number: {text!r}")
    return int(text, 16 if "x" in text.lower() else 10)


def _text(text: str) -> OctetString:
    return OctetString(os.fsencode(text))  # the same octets as on the command line


def _hexadecimal(text: str) -> OctetString:
    """Parse octets in hex: ``0a0b``, ``0x0a0b``, ``0a 0b``, ``0a:0b`` or ``0a-0b``."""
    digits = re.sub(r"[\s:-]+", " ", re.sub(r"^0[xX]", "", text.strip()))
    try:
        return OctetString(bytes.fromhex(digits))
    except ValueError:
        raise ConfigurationError(f"not octets in hex: {text!r}") from None


def _decimal(text: str) -> OctetString:
    """Parse octets in decimal: ``10.0.255`` or ``10 0 255``."""
    numbers = re.split(r"\s+|\.", text.strip()) if text.strip() else []
    try:
        return OctetString(bytes(map(_number, numbers)))
    except ValueError:
        raise ConfigurationError(f"not octets in decimal: {text!r}") from None


def _bits(text: str) -> OctetString:
    """Parse the numbers of the bits that are set; bit 0 is the highest of the first octet (RFC 2578 section 7.1.4)."""
    octets = bytearray()
    for word in re.split(r"[\s,]+", text.strip()) if text.strip() else ():
        bit = _number(word)
        if not 0 <= bit <= _MAX_BIT:
            raise ConfigurationError(f"a bit is a number from 0 to {_MAX_BIT}, not {bit}")
        octets.extend(bytes(max(0, bit // 8 + 1 - len(octets))))
        octets[bit // 8] |= 0x80 >> bit % 8
    return OctetString(octets)


def _floating(code: str, header: bytes) -> Callable[[str], Opaque]:
    def parse(text: str) -> Opaque:
        try:
            return Opaque(header + struct.pack(code, float(text)))
        except (ValueError, OverflowError):
            raise ConfigurationError(f"not a number, or too large for the type: {text!r}") from None

    return parse


_PARSERS: Mapping[str, Callable[[str], Value]] = {
    "i": lambda text: Integer32(_number(text)),
    "u": lambda text: Gauge32(_number(text)),
    "c": lambda text: Counter32(_number(text)),
    "C": lambda text: Counter64(_number(text)),
    "t": lambda text: TimeTicks(_number(text)),
    "a": IpAddress,
    "o": parse_name,
    "s": _text,
    "x": _hexadecimal,
    "d": _decimal,
    "b": _bits,
    "n": lambda _: Null(),
    "F": _floating(">f", b"\x9f\x78\x04"),
    "D": _floating(">d", b"\x9f\x79\x08"),
}

#: The type of each letter.
LETTERS: Mapping[str, str] = {
    "i": "INTEGER",
    "u": "Unsigned32",
    "c": "Counter32",
    "C": "Counter64",
    "t": "TimeTicks",
    "a": "IpAddress",
    "o": "OID",
    "s": "text",
    "x": "octets in hex",
    "d": "octets in decimal",
    "b": "BITS",
    "n": "NULL",
    "F": "Float",
    "D": "Double",
}
