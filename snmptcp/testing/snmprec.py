"""Records in snmpsim's ``.snmprec`` format: lines of ``oid|tag|value``.

Contains: the fields of a line to a value, and values to lines.
Does not contain: files and other forms (:mod:`~snmptcp.testing.recording`), and what variation modules do
(:mod:`~snmptcp.testing.variation`).

The tag is the BER tag in decimal.  After it, ``x`` marks a hexadecimal value and ``e`` a value with Python's
backslash escapes.  A colon and the name of a variation module may follow; then the value is a list of
``option=value``.  A number outside its type's range is reduced to 32 or 64 bits, as a decoder reads it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias, Union

from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.testing.mib import Mib
from snmptcp.testing.variation import World, make_variation
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
    from collections.abc import Mapping

    from snmptcp.testing.mib import Variation
    from snmptcp.values import Value

__all__ = ("dump_snmprec", "format_record", "parse_fields", "parse_value", "shown")

_Unsigned: TypeAlias = Union[type[Counter32], type[Gauge32], type[TimeTicks], type[UInteger32], type[Counter64]]
_String: TypeAlias = Union[type[OctetString], type[Opaque], type[NsapAddress], type[IpAddress]]

_UNSIGNED: Mapping[int, _Unsigned] = {kind.tag: kind for kind in (Counter32, Gauge32, TimeTicks, UInteger32, Counter64)}
_STRINGS: Mapping[int, _String] = {kind.tag: kind for kind in (OctetString, Opaque, NsapAddress, IpAddress)}
_EMPTY: Mapping[int, Value] = {kind.tag: kind() for kind in (Null, NoSuchObject, NoSuchInstance, EndOfMibView)}

_KINDS: Mapping[int, type] = {
    Integer32.tag: Integer32,
    OID.tag: OID,
    **_UNSIGNED,
    **_STRINGS,
    **{tag: type(value) for tag, value in _EMPTY.items()},
}

_TAG = re.compile(rb"(?P<number>[0-9]{0,3})(?P<encoding>[xe]?)(?::(?P<module>.+))?")
_NUMBER = re.compile(rb"-?[0-9]{1,40}")

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


def shown(octets: bytes, limit: int = 64) -> str:
    """Return octets of a file as text for an error."""
    text = ascii(octets[:limit])[1:]
    return text if len(octets) <= limit else f"{text}..."


def parse_fields(tag: bytes, text: bytes, world: World) -> Value | Variation:
    """Return the source of a record's value.

    Args:
        tag: the second field.
        text: the third field, without white space at its end.
        world: the clock and the random numbers of variation modules.

    Raises:
        ValueError: not a record's fields; a :class:`~snmptcp.errors.ConfigurationError` in most cases.
    """
    match = _TAG.fullmatch(tag)
    if match is None or not (match["number"] or match["module"]):
        raise ConfigurationError(f"a tag is like 4, 4x or 4:module, not {shown(tag)}")
    number, encoding, module = match["number"], match["encoding"].decode(), match["module"]
    if module is None:
        return parse_value(int(number), encoding, text)
    # Modules do not look at the encoding: a hexadecimal value has its own option.  But recordings have it.
    kind = _KINDS.get(int(number)) if number else None

    def parse(value: bytes, *, hexadecimal: bool = False) -> Value:
        return parse_value(int(number), "x" if hexadecimal else encoding, value)

    return make_variation(module.decode("latin-1"), kind, text, parse, world)


def parse_value(tag: int, encoding: str, text: bytes) -> Value:
    """Return a constant.

    Args:
        tag: the BER tag of its type.
        encoding: ``"x"``, ``"e"`` or empty.
        text: the value.

    Raises:
        ValueError: not a value of that type.
    """
    string = _STRINGS.get(tag)
    if string is not None:
        return _parse_string(string, encoding, text)
    if encoding:
        raise ConfigurationError(f"only the tag of a string can have {encoding!r}, not tag {tag}")
    if tag == Integer32.tag:
        return Integer32(((_parse_number(text) & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000)
    unsigned = _UNSIGNED.get(tag)
    if unsigned is not None:
        return unsigned(_parse_number(text) & unsigned.maximum)
    if tag == OID.tag:
        return _parse_oid(text)
    if tag in _EMPTY:
        return _EMPTY[tag]
    raise ConfigurationError(f"no SNMP type has tag {tag}")


def _parse_number(text: bytes) -> int:
    digits = text.strip()
    if not _NUMBER.fullmatch(digits):
        raise ConfigurationError(f"not a whole number: {shown(text)}")
    return int(digits)


def _parse_oid(text: bytes) -> OID:
    """Return an OID.  A single arc is the octet that encodes it: ``0`` is 0.0, as agents send it."""
    name = text.decode("latin-1").strip()
    oid = OID(name or "0.0")
    if len(oid) == 1:
        oid = OID((*oid.arcs, 0))
    _ = oid.ber  # an encoding exists
    return oid


def _parse_string(kind: _String, encoding: str, text: bytes) -> Value:
    if encoding == "x":
        digits = text.decode("latin-1").strip().removeprefix("0x")
        try:
            return kind(bytes.fromhex(digits))
        except ConfigurationError:
            raise
        except ValueError:
            raise ConfigurationError(f"not octets in hex: {shown(text)}") from None
    if kind is IpAddress and not encoding and len(text) != 4:  # four characters are the four octets
        return IpAddress(text.decode("latin-1"))
    return kind(_ESCAPE.sub(_unescape, text) if encoding else text)


def _unescape(match: re.Match[bytes]) -> bytes:
    if match[1] is not None:
        return bytes.fromhex(match[1].decode())
    try:
        return _ESCAPED[match[2]]
    except KeyError:
        raise ConfigurationError(f"unknown escape {match[0].decode('latin-1')}") from None


# ----------------------------------------------------------------------------------------- writing


def dump_snmprec(variables: Mapping[OID, object] | Mapping[str, object]) -> list[str]:
    """Return the lines of a recording, in the order of the names, as :func:`load_recording` reads them.

    Args:
        variables: a :class:`~snmptcp.testing.Mib`, or the argument of one.  Getters are called once; a variable of a
            variation module becomes the value that it has now.

    Returns:
        The lines, without line ends.  Strings that are not printable ASCII are in hexadecimal.
    """
    mib = variables if isinstance(variables, Mib) else Mib(variables)
    return [format_record(oid, mib.read(oid)) for oid in mib]


def format_record(oid: OID, value: Value) -> str:
    """Return one line of a recording, without a line end."""
    return f"{oid}|{_format_value(value)}"


def _format_value(value: Value) -> str:
    if isinstance(value, OID):
        return f"{OID.tag}|{value}"
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
