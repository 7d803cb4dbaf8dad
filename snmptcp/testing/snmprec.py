"""Recordings of devices in snmpsim's ``.snmprec`` format: lines of ``oid|tag|value``.

Contains: lines to values and back.
Does not contain: the use of the values.

The tag is the BER tag in decimal.  After it, ``x`` marks a hexadecimal value and ``e`` a value with Python's
backslash escapes.  A colon and the name of a variation module may follow; then the value is a list of
``option=value``, and the variable becomes a constant: the first of ``value``, ``hexvalue``, ``initial``, ``offset``
and ``min`` that is given, or else zero or the empty string.

Lines may have any order; the last line with a name counts.  Empty lines, lines that begin with ``#`` and white space
at the end of a line are ignored.  A number outside its type's range is reduced to 32 or 64 bits, as a decoder reads
it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.testing.mib import Mib
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    NsapAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from snmptcp.values import Value

__all__ = ("dump_snmprec", "load_snmprec")

_Unsigned: TypeAlias = Union[type[Counter32], type[Gauge32], type[TimeTicks], type[UInteger32], type[Counter64]]
_String: TypeAlias = Union[type[OctetString], type[Opaque], type[NsapAddress], type[IpAddress]]

_UNSIGNED: Mapping[str, _Unsigned] = {
    str(kind.tag): kind for kind in (Counter32, Gauge32, TimeTicks, UInteger32, Counter64)
}
_STRINGS: Mapping[str, _String] = {str(kind.tag): kind for kind in (OctetString, Opaque, NsapAddress, IpAddress)}
_EMPTY: Mapping[str, Value] = {str(kind.tag): kind() for kind in (Null, NoSuchObject, NoSuchInstance, EndOfMibView)}
_INTEGER = str(Integer32.tag)
_OID = "6"

_TAG = re.compile(r"(?P<number>[0-9]+)(?P<encoding>[xe]?)(?::(?P<module>.+))?", re.ASCII)
_CONSTANT_OPTIONS = ("value", "hexvalue", "initial", "offset", "min")

_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.?))", re.DOTALL)
_ESCAPED = {
    b"\\": b"\\",
    b"'": b"'",
    b'"': b'"',
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
}

# ----------------------------------------------------------------------------------------- reading


def load_snmprec(source: str | os.PathLike[str] | Iterable[str]) -> dict[OID, Value]:
    """Read a recording.

    Args:
        source: a file's path (UTF-8; other octets pass unchanged), or lines.

    Returns:
        The values by name, in the order of the names.

    Raises:
        ConfigurationError: a line cannot be read; the text names the file and the line.
        OSError: the file cannot be read.
    """
    if isinstance(source, (str, os.PathLike)):
        # Split at line feeds only: a string may contain Unicode's other line ends.
        lines: Iterable[str] = Path(source).read_text("utf-8", "surrogateescape").split("\n")
        where = f"{os.fspath(source)}, "
    else:
        lines = source
        where = ""
    values: dict[OID, Value] = {}
    for number, line in enumerate(lines, 1):
        record = line.strip()
        if record and not record.startswith("#"):
            try:
                oid, value = _parse_record(record)
            except ValueError as error:
                raise ConfigurationError(f"{where}line {number}: {error}") from error
            values[oid] = value
    return dict(sorted(values.items(), key=lambda item: item[0].arcs))


def _parse_record(record: str) -> tuple[OID, Value]:
    fields = record.split("|", 2)
    if len(fields) != 3:
        raise ConfigurationError(f"a record is oid|tag|value, not {record[:64]!r}")
    name, tag, text = fields
    oid = OID(name)
    _ = oid.ber  # a single arc has no encoding
    match = _TAG.fullmatch(tag)
    if match is None:
        raise ConfigurationError(f"a tag is like 4, 4x or 4x:module, not {tag!r}")
    number, encoding = match["number"], match["encoding"]
    if match["module"] is not None:
        encoding, text = _constant_of(text, encoding, is_number=number in _UNSIGNED or number == _INTEGER)
    return oid, _parse_value(number, encoding, text)


def _constant_of(text: str, encoding: str, *, is_number: bool) -> tuple[str, str]:
    """Return the encoding and the text of the constant that replaces a variation module."""
    options: dict[str, str] = {}
    name = ""
    for part in text.split(","):
        before, equals, after = part.partition("=")
        if equals:
            name = before.strip()
            options[name] = after
        elif name:  # a comma inside a value
            options[name] += f",{part}"
    for name in _CONSTANT_OPTIONS:
        if name in options:
            constant = options[name]
            if is_number and "." in constant:
                constant = str(int(float(constant)))
            return ("x" if name == "hexvalue" else encoding), constant
    return "", "0" if is_number else ""


def _parse_value(number: str, encoding: str, text: str) -> Value:
    string = _STRINGS.get(number)
    if string is not None:
        return _parse_string(string, encoding, text)
    if encoding:
        raise ConfigurationError(f"only the tag of a string can have {encoding!r}, not tag {number}")
    if number == _INTEGER:
        return Integer32(((int(text) & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000)
    unsigned = _UNSIGNED.get(number)
    if unsigned is not None:
        return unsigned(int(text) & unsigned.maximum)
    if number == _OID:
        oid = OID(text or "0.0")
        _ = oid.ber  # a single arc has no encoding
        return oid
    if number in _EMPTY:
        return _EMPTY[number]
    raise ConfigurationError(f"no SNMP type has tag {number}")


def _parse_string(kind: _String, encoding: str, text: str) -> Value:
    if encoding == "x":
        return kind(bytes.fromhex(text))
    octets = text.encode("utf-8", "surrogateescape")
    if kind is IpAddress and not encoding and len(octets) != 4:  # four characters are the four octets
        return IpAddress(text)
    return kind(_ESCAPE.sub(_unescape, octets) if encoding else octets)


def _unescape(match: re.Match[bytes]) -> bytes:
    if match[1] is not None:
        return bytes.fromhex(match[1].decode())
    try:
        return _ESCAPED[match[2]]
    except KeyError:
        raise ConfigurationError(f"unknown escape {match[0].decode('latin-1')}") from None


# ----------------------------------------------------------------------------------------- writing


def dump_snmprec(variables: Mapping[OID, object] | Mapping[str, object]) -> list[str]:
    """Return the lines of a recording, in the order of the names, as :func:`load_snmprec` reads them.

    Args:
        variables: a :class:`~snmptcp.testing.Mib`, or the argument of one.  Getters are called once.

    Returns:
        The lines, without line ends.  Strings that are not printable ASCII are in hexadecimal.
    """
    mib = variables if isinstance(variables, Mib) else Mib(variables)
    return [f"{oid}|{_format_value(mib.read(oid))}" for oid in mib]


def _format_value(value: Value) -> str:
    if isinstance(value, OID):
        return f"{_OID}|{value}"
    if isinstance(value, OctetString) and _is_plain(value):
        return f"{value.tag}|{value.decode('ascii')}"
    if isinstance(value, IpAddress):
        return f"{value.tag}|{value}"
    if isinstance(value, bytes):
        return f"{value.tag}x|{value.hex()}"
    if isinstance(value, int):
        return f"{value.tag}|{int(value)}"
    return f"{value.tag}|"


def _is_plain(octets: bytes) -> bool:
    """Whether octets can be written as they are."""
    return all(0x20 <= octet < 0x7F for octet in octets) and octets == octets.strip()
