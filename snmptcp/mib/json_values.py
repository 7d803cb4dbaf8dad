"""Values as JSON: what stands for each type in the output of ``--json`` and in files of samples.

Contains: the value and the name of its type.  Does not contain: what is around them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from snmptcp.mib.values import plain_value
from snmptcp.oid import OID
from snmptcp.values import IpAddress, OctetString, Opaque

if TYPE_CHECKING:
    from snmptcp.values import Value

__all__ = ("json_type", "json_value")

#: The names of classes that were asked for: each value of a walk is.
_NAMES: dict[type, str] = {}


def json_type(value: Value) -> str:
    """Return the name of the SMI type of a value: ``"Counter64"``, ``"OctetString"``, ``"ObjectIdentifier"``."""
    kind = type(value)
    name = _NAMES.get(kind)
    if name is None:
        name = "ObjectIdentifier" if isinstance(value, OID) else type(plain_value(value)).__name__
        _NAMES[kind] = name
    return name


def json_value(value: Value, *, all_hex: bool = False) -> object:
    """Return what stands for a value in JSON.

    Args:
        value: the value; its text by a module is not looked at.
        all_hex: whether text is shown as octets, too.

    Returns:
        A number with all its digits, text, ``{"hex": "00ff"}`` for octets that are no text, with ``"number"`` if an
        Opaque has a finite one inside, or ``None`` for values without contents.
    """
    if isinstance(value, OID):
        return str(plain_value(value))
    if isinstance(value, IpAddress):
        return IpAddress.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, OctetString) and value.printable and not all_hex:
        return OctetString.__str__(value)
    if isinstance(value, bytes):
        number = value.number if isinstance(value, Opaque) else None
        octets: dict[str, object] = {"hex": value.hex()}
        return octets if number is None or not math.isfinite(number) else {**octets, "number": number}
    return None
