"""Converts SNMP values to JSON and back: the JSON of ``/get`` can be POSTed to ``/set`` unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snmptcp import (
    OID,
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
from snmptcp.values import NsapAddress, UInteger32

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.values import Value

__all__ = ("BadInput", "value_to_json", "varbind_from_json", "varbind_to_json")


class BadInput(ValueError):
    """The HTTP request is malformed."""


# ------------------------------------------------------------------------------------------ to JSON


def value_to_json(value: Value) -> dict[str, Any]:
    """Return a value as ``{"type": ..., "value": ...}``, with ``"hex"`` for octets that are not text."""
    if isinstance(value, OID):
        return {"type": "ObjectIdentifier", "value": str(value)}
    kind = type(value).__name__
    if isinstance(value, Counter64):
        return {"type": kind, "value": str(value)}  # many JSON readers round numbers above 2**53
    if isinstance(value, int):
        return {"type": kind, "value": int(value)}
    if isinstance(value, IpAddress) or (isinstance(value, OctetString) and value.printable):
        return {"type": kind, "value": str(value)}
    if isinstance(value, bytes):
        return {"type": kind, "hex": value.hex()}
    return {"type": kind, "value": None}  # Null and the exceptions of SNMPv2c


def varbind_to_json(varbind: VarBind) -> dict[str, Any]:
    """Return a variable binding as one flat object."""
    return {"oid": str(varbind.oid), **value_to_json(varbind.value)}


# ---------------------------------------------------------------------------------------- from JSON

_NUMBERS: Mapping[str, type[Integer32 | Counter32 | Gauge32 | TimeTicks | UInteger32 | Counter64]] = {
    "Integer32": Integer32,
    "Counter32": Counter32,
    "Gauge32": Gauge32,
    "Unsigned32": Gauge32,
    "TimeTicks": TimeTicks,
    "UInteger32": UInteger32,
    "Counter64": Counter64,
}
_TEXTS: Mapping[str, type[OctetString | IpAddress | OID]] = {
    "OctetString": OctetString,
    "IpAddress": IpAddress,
    "ObjectIdentifier": OID,
}
_STRINGS: Mapping[str, type[OctetString | Opaque | NsapAddress]] = {
    "OctetString": OctetString,
    "Opaque": Opaque,
    "NsapAddress": NsapAddress,
}


def varbind_from_json(item: object) -> VarBind:
    """Parse an object like those of :func:`varbind_to_json`.

    ``"type"`` is optional; default Integer32 for a number, OctetString for a text or ``"hex"``.

    Raises:
        BadInput: not such an object.
        ConfigurationError: an invalid name, or a value out of range.
    """
    if not isinstance(item, dict):
        raise BadInput("a variable binding must be an object with oid, type and value")
    oid = item.get("oid")
    if not isinstance(oid, str):
        raise BadInput("a variable binding needs an oid that is text")
    if ("value" in item) == ("hex" in item):
        raise BadInput(f"{oid} needs either value or hex")
    if "hex" in item:
        return VarBind(OID(oid), _from_hex(oid, item.get("type", "OctetString"), item["hex"]))
    value = item["value"]
    default = "Integer32" if isinstance(value, int) else "OctetString"
    return VarBind(OID(oid), _from_value(oid, item.get("type", default), value))


def _from_hex(oid: str, kind: object, text: object) -> Value:
    if not isinstance(kind, str) or kind not in _STRINGS:
        raise BadInput(f"{oid} has hex, which is only for {', '.join(_STRINGS)}")
    try:
        return _STRINGS[kind](bytes.fromhex(text))  # type: ignore[arg-type]  # a TypeError is caught
    except (TypeError, ValueError):
        raise BadInput(f"{oid} has hex that is not hexadecimal or too long") from None


def _from_value(oid: str, kind: object, value: object) -> Value:
    if kind == "Null" and value is None:
        return Null()
    if not isinstance(kind, str) or (kind not in _NUMBERS and kind not in _TEXTS):
        raise BadInput(f"{oid} has an unknown type: {kind!r}")
    if kind in _NUMBERS:
        return _NUMBERS[kind](_number(oid, value))
    if not isinstance(value, str):
        raise BadInput(f"{oid} is a {kind}, so its value must be text")
    return _TEXTS[kind](value)


def _number(oid: str, value: object) -> int:
    """Return a number, also from text: a Counter64 is shown as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit() and len(value) <= 20:
        return int(value)
    raise BadInput(f"{oid} needs a whole number")
