"""Recordings of other programs: ``.sapwalk``, ``.dump`` files, and the JSON of ``snmptcp walk``.

Contains: one line to a name and a value.
Does not contain: snmpsim's own format (:mod:`~snmptcp.testing.snmprec`), walks of net-snmp
(:mod:`~snmptcp.testing.walk_text`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.testing.snmprec import parse_value, shown
from snmptcp.testing.walk_text import parse_ticks
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
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("parse_dump_line", "parse_json_line", "parse_sap_line")

_SAP_TAGS: Mapping[bytes, int] = {
    b"counter": Counter32.tag,
    b"counter32": Counter32.tag,
    b"counter64": Counter64.tag,
    b"gauge": Gauge32.tag,
    b"gauge32": Gauge32.tag,
    b"unsigned32": Gauge32.tag,
    b"integer": Integer32.tag,
    b"integer32": Integer32.tag,
    b"ipaddress": IpAddress.tag,
    b"null": Null.tag,
    b"objectid": OID.tag,
    b"oid": OID.tag,
    b"octetstr": OctetString.tag,
    b"octetstring": OctetString.tag,
    b"opaque": Opaque.tag,
    b"timeticks": TimeTicks.tag,
}

_SAP_WORDS = (b"OID=", b"Type=", b"Value=")

_DUMP_TAGS: Mapping[bytes, int] = {
    b"0": Counter32.tag,
    b"1": Gauge32.tag,
    b"2": Integer32.tag,
    b"3": IpAddress.tag,
    b"4": Null.tag,
    b"5": OID.tag,
    b"6": OctetString.tag,
    b"7": TimeTicks.tag,
    b"8": Counter32.tag,
    b"9": Counter64.tag,
}

_JSON_NUMBERS = {kind.__name__: kind for kind in (Integer32, Counter32, Gauge32, TimeTicks, UInteger32, Counter64)}
_JSON_STRINGS = {kind.__name__: kind for kind in (OctetString, Opaque, NsapAddress)}
_JSON_EMPTY: Mapping[str, Value] = {"Null": Null()}
_JSON_ABSENT = frozenset(kind.__name__ for kind in (NoSuchObject, NoSuchInstance, EndOfMibView))


def parse_sap_line(line: bytes) -> tuple[bytes, Value]:
    """Return name and value of ``oid , type , value``; octets in hex begin with ``0x``.

    This is SimpleAgentPro's form.  SnmpSoft's SnmpWalk for Windows prints ``OID=oid, Type=type, Value=value``.

    Raises:
        ValueError: not such a line.
    """
    fields = [field.strip() for field in line.split(b",", 2)]
    if len(fields) != 3:
        raise ConfigurationError(f"a line is oid, type, value, not {shown(line)}")
    name, kind, text = (field.removeprefix(word) for field, word in zip(fields, _SAP_WORDS, strict=True))
    tag = _SAP_TAGS.get(kind.lower())
    if tag is None:
        raise ConfigurationError(f"unknown type {shown(kind)}")
    if tag == TimeTicks.tag and b":" in text:
        return name, parse_ticks(text)
    in_hex = tag in {OctetString.tag, Opaque.tag} and text[:2].lower() == b"0x"
    return name, parse_value(tag, "x" if in_hex else "", text[2:] if in_hex else text)


def parse_dump_line(line: bytes) -> tuple[bytes, Value]:
    """Return name and value of ``oid|tag|value`` with tags from 0 to 9; octets in hex are ``hex: 0.1A.FF``.

    Raises:
        ValueError: not such a line.
    """
    fields = line.split(b"|", 2)
    if len(fields) != 3:
        raise ConfigurationError(f"a line is oid|tag|value, not {shown(line)}")
    name, kind, text = fields
    tag = _DUMP_TAGS.get(kind.strip())
    if tag is None:
        raise ConfigurationError(f"unknown tag {shown(kind)}")
    text = text.strip()
    if tag == OctetString.tag:
        if text[:4].lower() == b"hex:":
            words = text[4:].strip().split(b".")
            return name, OctetString(bytes(int(word, 16) for word in words if word))
        if len(text) > 1 and text.startswith(b'"') and text.endswith(b'"'):
            text = text[1:-1]
    return name, parse_value(tag, "", text)


def parse_json_line(line: bytes) -> tuple[bytes, Value | None]:
    """Return name and value of a JSON object, as ``snmptcp walk --json`` prints it.

    The value is ``None`` if the line says that there is no such variable.

    Raises:
        ValueError: not such a line.
    """
    found = json.loads(line.strip().rstrip(b","))
    if not isinstance(found, dict) or not isinstance(found.get("oid"), str):
        raise ConfigurationError('a line is an object with "oid", "type" and "value"')
    return found["oid"].encode(), _json_value(found.get("type"), found.get("value"))


def _json_value(kind: object, value: object) -> Value | None:
    if not isinstance(kind, str):
        raise ConfigurationError('a line is an object with "oid", "type" and "value"')
    if kind in _JSON_ABSENT:
        return None
    if kind in _JSON_EMPTY:
        return _JSON_EMPTY[kind]
    if kind in _JSON_NUMBERS and isinstance(value, int) and not isinstance(value, bool):
        return _JSON_NUMBERS[kind](value)
    if kind == "ObjectIdentifier" and isinstance(value, str):
        oid = OID(value)
        _ = oid.ber  # an encoding exists
        return oid
    if kind == "IpAddress" and isinstance(value, str):
        return IpAddress(value)
    if kind in _JSON_STRINGS:
        if isinstance(value, dict) and isinstance(value.get("hex"), str):
            return _JSON_STRINGS[kind](bytes.fromhex(value["hex"]))
        if isinstance(value, str):
            return _JSON_STRINGS[kind](value.encode())
    raise ConfigurationError(f"no value of {kind[:40]}")
