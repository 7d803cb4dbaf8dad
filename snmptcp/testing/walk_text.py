"""Walks as net-snmp's tools print them with ``-On``: lines of ``.oid = TYPE: value``.

Contains: lines to records, the text of a value to the value, and the names that tools know without MIB files.
Does not contain: other names of MIBs.  A name or an OID that has any cannot be read.

A value can have several lines: strings with line feeds, and octets in hex.  It does not matter whether the letters b,
e, E, t, T, U and x of ``-O`` were given: ``up(1)``, ``60 seconds``, ``Timeticks: (123) 0:00:01.23`` and MAC addresses
with colons are read, too.  ``-OQ`` and ``-Oq`` leave the types out, so that what they print cannot be read.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.codec import ber
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.testing.snmprec import shown
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    NsapAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from snmptcp.values import Value

__all__ = ("IS_TYPED", "MARGIN", "START", "WalkRecord", "numbered", "parse_ticks", "parse_walk_value", "walk_records")

#: The start of a record: a name, and a name of a MIB.
START = re.compile(
    rb"(?P<name>\.?(?:iso|[0-9]+)(?:\.[0-9]+)*|[\w.-]*::[^ =]*|\.?[A-Za-z][\w-]*(?:\.[\w\"'-]+)+)\s=(?:\s|$)"
)

#: What stands before each line of a walk that was quoted or indented.
MARGIN = re.compile(rb"[ \t>]*")

#: A value that names its type.
IS_TYPED = re.compile(
    rb"(?:Wrong Type \(should be [^)]*\): )?"
    rb"(?:OID|NULL|INTEGER|(?:Hex-)?STRING|BITS|Gauge(?:32)?|Unsigned32|Counter(?:32|64)?|UInteger32|IpAddress|"
    rb"Network Address|Timeticks|OPAQUE|NsapAddress)(?::|$)",
    re.IGNORECASE,
)

_WRONG_TYPE = re.compile(rb"Wrong Type \(should be [^)]*\):\s?", re.IGNORECASE)
_TYPE = re.compile(rb"([A-Za-z][\w-]*(?: [A-Za-z]\w*)?):(?: |$|(?=\n))")
_ABSENT = re.compile(rb"No (?:Such (?:Object|Instance)|more variables left)\b")

#: Lines that tools print around a walk.
_AROUND = re.compile(
    rb"#|Variables found:|Total |Timeout\b|No Response|Error in packet|Reason:|Failed object:|End of MIB|snmp\w*:|"
    rb"Error: OID not increasing|\s*>=? \S|\s*$",
)

_QUOTE = re.compile(rb'\\.|"', re.DOTALL)
_ESCAPE = re.compile(rb'\\([\\"])')
_OCTET = re.compile(rb"[0-9A-Fa-f]{2}")
_HEX_LINE = re.compile(rb"\s*((?:[0-9A-Fa-f]{2}(?:[ :-]|$))*[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2})*)\s*(?:\[.*)?", re.DOTALL)
_MAC = re.compile(rb"[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){3,}")
_WHOLE = re.compile(rb"(?:[^\s(]*\((-?[0-9]+)\)|(-?[0-9]+)(?:\s.*)?)", re.DOTALL)
_TICKS = re.compile(rb"\s*(?:\(([0-9]+)\).*|([0-9]+)|(?:([0-9]+):)?([0-9]+):([0-9]+):([0-9]+)\.([0-9]+))\s*", re.DOTALL)


#: The names of RFC 2578 for the roots of all others.
_ROOTS: Mapping[str, str] = {
    "zeroDotZero": "0.0",
    "internet": "1.3.6.1",
    "directory": "1.3.6.1.1",
    "mgmt": "1.3.6.1.2",
    "mib-2": "1.3.6.1.2.1",
    "transmission": "1.3.6.1.2.1.10",
    "experimental": "1.3.6.1.3",
    "private": "1.3.6.1.4",
    "enterprises": "1.3.6.1.4.1",
    "security": "1.3.6.1.5",
    "snmpV2": "1.3.6.1.6",
    "snmpDomains": "1.3.6.1.6.1",
    "snmpProxys": "1.3.6.1.6.2",
    "snmpModules": "1.3.6.1.6.3",
}

_ROOT = re.compile(
    r"(?:SNMPv2-SMI::|RFC1155-SMI::|\.?iso\.org\.dod\.(?:internet\.(?:(?:mgmt|private|snmpV2)\.)?)?)?"
    rf"({'|'.join(_ROOTS)})(?=\.|$)"
)


def numbered(name: str) -> str:
    """Return a name whose root is a name of RFC 2578, such as ``SNMPv2-SMI::enterprises.9``, in numbers."""
    match = _ROOT.match(name)
    return name if match is None else _ROOTS[match[1]] + name[match.end() :]


class WalkRecord(NamedTuple):
    """One variable of a walk, or a line that belongs to none.

    Attributes:
        line: the number of its first line.
        name: the name; empty for a line that belongs to no variable.
        text: the rest, maybe of several lines.
    """

    line: int
    name: bytes
    text: bytes


def walk_records(lines: Sequence[bytes]) -> Iterator[WalkRecord]:
    """Yield the records of a walk, and the lines that belong to none and are not empty."""
    if lines and all(line.endswith(b"\r\n") for line in lines[:-1]):  # not only those inside a string
        lines = [line.replace(b"\r\n", b"\n") for line in lines]
    lines = _without_margin(lines)
    position = 0
    while position < len(lines):
        line = lines[position].removesuffix(b"\n")
        start = START.match(line)
        if start is None:
            if not _AROUND.match(line):
                yield WalkRecord(position + 1, b"", line)
            position += 1
            continue
        text = line[start.end() :]
        stop = _end(lines, position + 1, text)
        rest = b"".join(lines[position + 1 : stop])
        whole = text + (b"\n" + rest if stop > position + 1 else b"")
        yield WalkRecord(position + 1, start["name"], _without_end(whole))
        position = stop


def _without_margin(lines: Sequence[bytes]) -> Sequence[bytes]:
    """Return lines without what stands before the first record, if it is a margin."""
    for line in lines:
        margin = MARGIN.match(line)
        assert margin is not None  # noqa: S101 - it may be empty
        if START.match(line, margin.end()):
            break
    else:
        return lines
    return [line.removeprefix(margin[0]) for line in lines] if margin[0] else lines


def _without_end(text: bytes) -> bytes:
    """Return text without the end of its last line."""
    return text.removesuffix(b"\n").removesuffix(b"\r")


def _end(lines: Sequence[bytes], position: int, text: bytes) -> int:
    """Return the number of the first line that does not belong to a value any more.

    Args:
        lines: all lines.
        position: the line after the first one.
        text: the value's part in its first line.
    """
    found = _TYPE.match(_WRONG_TYPE.sub(b"", text, count=1))
    kind = found[1].lower() if found else b""
    quote = text.find(b'"') if kind == b"string" or text.startswith(b'"') else -1
    if quote >= 0 and not text[text.find(b":") + 1 : quote].strip():
        return _end_of_quoted(lines, position, text[quote + 1 :])
    if kind in {b"hex-string", b"bits", b"opaque", b"nsapaddress"}:
        while position < len(lines) and _is_hex_line(lines[position]):
            position += 1
    elif kind == b"string":  # without quotes, as old tools print it
        while position < len(lines) and not START.match(lines[position]) and not _AROUND.match(lines[position]):
            position += 1
    return position


def _is_hex_line(line: bytes) -> bool:
    stripped = line.strip()
    return bool(stripped) and bool(_OCTET.match(stripped)) and not START.match(line)


def _end_of_quoted(lines: Sequence[bytes], position: int, text: bytes) -> int:
    """Return the end of a quoted string: its quote is the last character of a line.

    If there is no such quote before other text follows a quote, the string was cut off, or its quotes are not escaped:
    then it ends before the next record.
    """
    first = position
    while True:
        for match in _QUOTE.finditer(text):
            if match[0] == b'"':
                if not text[match.end() :].strip():
                    return position
                break
        else:
            if position < len(lines):
                text = lines[position]
                position += 1
                continue
        position = first
        while position < len(lines) and not START.match(lines[position]):
            position += 1
        return position


# ------------------------------------------------------------------------------------------- values


def parse_walk_value(text: bytes) -> Value | None:
    """Return the value of a record; ``None`` if it says that there is no such variable.

    Raises:
        ValueError: the value cannot be read.
    """
    text = _WRONG_TYPE.sub(b"", text, count=1)
    if _ABSENT.match(text):
        return None
    match = _TYPE.match(text)
    if match is not None:
        parse = _PARSERS.get(match[1].lower())
        if parse is not None:
            return parse(text[match.end() :])
    stripped = text.strip()
    if stripped.startswith(b'"'):
        return _string(stripped)
    if stripped.upper() == b"NULL":
        return Null()
    if stripped.isdigit():  # -Ot
        return TimeTicks(int(stripped) & TimeTicks.maximum)
    raise ConfigurationError(f"no type of SNMP: {shown(stripped)}")


def _number(text: bytes) -> int:
    match = _WHOLE.fullmatch(text.strip())
    if match is None:
        raise ConfigurationError(f"not a whole number: {shown(text.strip())}")
    return int(match[1] or match[2])


def _unsigned(kind: type[Counter32 | Gauge32 | UInteger32 | Counter64]) -> Callable[[bytes], Value]:
    return lambda text: kind(_number(text) & kind.maximum)


def _integer(text: bytes) -> Value:
    return Integer32(((_number(text) & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000)


def parse_ticks(text: bytes) -> Value:
    """Return the time of ``(123) 0:00:01.23``, of ``0:00:01.23``, or of hundredths of a second.

    Raises:
        ValueError: it is none of them.
    """
    match = _TICKS.fullmatch(text)
    if match is None:
        raise ConfigurationError(f"no time: {shown(text.strip())}")
    number = match[1] or match[2]
    if number is not None:
        return TimeTicks(int(number) & TimeTicks.maximum)
    days, hours, minutes, seconds, hundredths = (int(part or 0) for part in match.groups()[2:])
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return TimeTicks(total * 100 + hundredths & TimeTicks.maximum)


def _string(text: bytes) -> Value:
    stripped = text.strip(b" ")
    if stripped.startswith(b'"'):
        inner = stripped.rstrip()[1:]
        return OctetString(_ESCAPE.sub(rb"\1", inner.removesuffix(b'"')))
    if _MAC.fullmatch(stripped):
        return OctetString(bytes(int(octet, 16) for octet in stripped.split(b":")))
    return OctetString(text)


def _hex(text: bytes) -> bytes:
    """Return octets in hex, on lines that can end with the same octets as text in brackets (``-OT``)."""
    octets = bytearray()
    for line in text.split(b"\n"):
        match = _HEX_LINE.fullmatch(line)
        if match is None:
            raise ConfigurationError(f"not octets in hex: {shown(line.strip())}")
        octets += bytes.fromhex(re.sub(rb"[ :-]", b"", match[1]).decode())
    return bytes(octets)


def _bits(text: bytes) -> Value:
    """Return BITS: octets in hex, and then the numbers or names of the bits that are set."""
    words = text.split()
    count = 0
    while count < len(words) and len(words[count]) == 2 and _OCTET.fullmatch(words[count]):
        count += 1
    most = count
    octets = bytes.fromhex(b"".join(words[:most]).decode())
    while count > 0:
        bits = int.from_bytes(octets[:count], "big")
        if bits.bit_count() == len(words) - count:
            numbers = [re.sub(rb".*\(([0-9]+)\)$", rb"\1", word) for word in words[count:]]
            if numbers == [b"%d" % bit for bit in range(count * 8) if bits >> count * 8 - 1 - bit & 1]:
                return OctetString(octets[:count])
        count -= 1
    if words and not most:
        raise ConfigurationError(f"not octets in hex: {shown(text.strip())}")
    return OctetString(octets)


def _opaque(text: bytes) -> Value:
    kind, colon, number = text.partition(b":")
    word = kind.strip().lower() if colon else b""
    if word in {b"float", b"double"}:
        tag, size = (b"\x9f\x78\x04", ">f") if word == b"float" else (b"\x9f\x79\x08", ">d")
        return Opaque(tag + struct.pack(size, float(number.split()[0] if number.strip() else b"")))
    if word in {b"int64", b"uint64", b"counter64"}:
        octets = ber.encode_integer(_number(number))[2:]
        tag = {b"int64": b"\x9f\x7a", b"uint64": b"\x9f\x7b", b"counter64": b"\x9f\x76"}[word]
        return Opaque(tag + bytes((len(octets),)) + octets)
    return Opaque(_hex(text))


def _oid(text: bytes) -> Value:
    name = re.sub(r"^\.?iso\b", "1", numbered(text.strip().decode("latin-1")))
    name = re.sub(r"^\.?ccitt\b", "0", name)
    oid = OID(name or "0.0")
    if len(oid) == 1:
        oid = OID((*oid.arcs, 0))
    _ = oid.ber  # an encoding exists
    return oid


def _address(text: bytes) -> Value:
    word = text.strip()
    if b":" in word:  # Network Address
        return IpAddress(bytes(int(octet, 16) for octet in word.split(b":")))
    return IpAddress(word.decode("latin-1"))


_PARSERS: Mapping[bytes, Callable[[bytes], Value]] = {
    b"integer": _integer,
    b"string": _string,
    b"hex-string": lambda text: OctetString(_hex(text)),
    b"bits": _bits,
    b"oid": _oid,
    b"timeticks": parse_ticks,
    b"counter": _unsigned(Counter32),  # as old tools print it
    b"counter32": _unsigned(Counter32),
    b"gauge": _unsigned(Gauge32),
    b"gauge32": _unsigned(Gauge32),
    b"unsigned32": _unsigned(Gauge32),
    b"uinteger32": _unsigned(UInteger32),
    b"counter64": _unsigned(Counter64),
    b"ipaddress": _address,
    b"network address": _address,
    b"opaque": _opaque,
    b"nsapaddress": lambda text: NsapAddress(_hex(text)),
    b"null": lambda _: Null(),
}
