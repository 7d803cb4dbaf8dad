"""Values of the command line: a letter for the type, and text, as net-snmp's ``snmpset`` takes them.

Contains: parsing by the letter alone, and by the definition of an object.  Does not contain: names
(:mod:`snmptcp.cli.options.assignments`), and what definitions allow (:mod:`snmptcp.mib.conversion`).
"""

from __future__ import annotations

import dataclasses
import os
import re
import struct
from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError
from snmptcp.mib.conversion import to_smi_value
from snmptcp.mib.hints import is_text
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
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from snmptcp.cli.options.mibs import InputStyle
    from snmptcp.mib import Node, Syntax
    from snmptcp.values import Value

__all__ = ("LETTERS", "parse_plain_value", "parse_value")

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,24}|0[xX][0-9a-fA-F]{1,16})", re.ASCII)
_MAX_BIT = 0xFFFF * 8 - 1


def parse_value(
    letter: str, text: str, node: Node | None, name: str, *, style: InputStyle, resolve: Callable[[str], OID]
) -> Value:
    """Parse a value of an object.

    Args:
        letter: the type; ``=`` for that of the object.
        text: the value.
        node: the object's definition; ``None`` if that is not known.
        name: the object's name, for errors.
        style: what is checked, and how text is read.
        resolve: returns the OID of a name.

    Raises:
        ConfigurationError: an unknown letter, text that is not a value of its type, or a value that the object cannot
            have.
    """
    syntax = None if node is None else node.syntax
    letters = _LETTERS_OF.get(syntax.base, "") if syntax is not None else ""
    if letter == "=":
        if not letters:
            raise ConfigurationError("no loaded MIB module tells its type: give a letter instead of =")
        letter = letters[0]
    if syntax is None or letter not in letters or syntax.base == "Opaque":
        if letters and letter in LETTERS and letter not in letters and style.check_ranges:
            right = " or ".join(letters)
            raise ConfigurationError(f"{name} is of type {_type(syntax)}: give {right}, not {letter}; -Ir sends it so")
        return parse_plain_value(letter, text, resolve)
    given = _given(letter, text, syntax, style)
    return to_smi_value(_checked(syntax, given, style), given, name, resolve=resolve)


#: The letters of the values of each type of the SMI; the first one stands for ``=``.
_LETTERS_OF = {
    "INTEGER": "i",
    "Unsigned32": "u",
    "Gauge32": "u",
    "Counter32": "c",
    "Counter64": "C",
    "TimeTicks": "t",
    "IpAddress": "a",
    "OBJECT IDENTIFIER": "o",
    "OCTET STRING": "sxd",
    "BITS": "bsxd",
    "Opaque": "xsdFD",
}


def _type(syntax: Syntax | None) -> str:
    if syntax is None or syntax.name == syntax.base:
        return "" if syntax is None else syntax.base
    return f"{syntax.name} ({syntax.base})"


def _given(letter: str, text: str, syntax: Syntax, style: InputStyle) -> object:
    """Return what the object's definition is to read: numbers and octets as they are, or a text.

    A whole number is the number that is sent, whatever the hint of its object shows, as for net-snmp's tools.
    """
    if letter in _NUMBERS and _NUMBER.fullmatch(text):
        return _number(text)
    if letter == "x":
        return _hexadecimal(text)
    if letter == "d":
        return _decimal(text)
    if letter == "s" and (syntax.base == "BITS" or not style.use_hints or not syntax.hint or is_text(syntax.hint)):
        return _text(text)
    return text


#: The letters of types that are numbers.
_NUMBERS = "iucCt"


def _checked(syntax: Syntax, given: object, style: InputStyle) -> Syntax:
    """Return what is checked of a syntax."""
    if not style.check_ranges:
        labels = {} if isinstance(given, int) else syntax.labels
        syntax = dataclasses.replace(syntax, ranges=(), sizes=(), labels=labels)
    return syntax if style.use_hints else dataclasses.replace(syntax, hint="")


def parse_plain_value(letter: str, text: str, resolve: Callable[[str], OID] = OID) -> Value:
    """Parse a value of the type that a letter stands for.

    Args:
        letter: the type.
        text: the value.
        resolve: returns the OID of a name; optional, default dotted numbers only.

    Raises:
        ConfigurationError: an unknown letter, or text that is not a value of its type.
    """
    if letter == "o":
        oid = resolve(text)
        _ = oid.ber  # a message can carry it
        return oid
    parse = _PARSERS.get(letter)
    if parse is None:
        raise ConfigurationError(f"the type is one of {', '.join(LETTERS)}, =, not {letter!r}")
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
