"""What an engine ID is made of (RFC 3411 section 5, SnmpEngineID).

What may live here: octets to what they say of an engine.  What may not: whose engine is the right one, and
how a packet is laid out.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("LOCAL_ENGINE_ID", "EngineIdParts", "read_engine_id")

#: RFC 5343 section 3: the engine, whoever it is, that gets the message.
LOCAL_ENGINE_ID: Final = b"\x80\x00\x00\x00\x06"

#: Some enterprise numbers that IANA has assigned, of those whose agents are met most.
_ENTERPRISES: Final[Mapping[int, str]] = {
    9: "Cisco",
    11: "Hewlett-Packard",
    311: "Microsoft",
    2011: "Huawei",
    2636: "Juniper",
    8072: "net-snmp",
    12356: "Fortinet",
    14988: "MikroTik",
    25506: "H3C",
    30065: "Arista",
}


class EngineIdParts(NamedTuple):
    """What an engine ID says.

    Attributes:
        enterprise: the enterprise number of whoever made the engine.
        enterprise_name: whose number that is, for a few of them; empty otherwise.
        format: what the fifth octet says of the rest: ``"IPv4"``, ``"IPv6"``, ``"MAC"``, ``"text"``, ``"octets"``,
            ``"localEngineID"`` (RFC 5343), ``"own format"`` where only the enterprise can read it, or
            ``"format"`` with a number that means nothing yet.
        value: the rest, as its format reads.
    """

    enterprise: int
    enterprise_name: str
    format: str
    value: str

    def __str__(self) -> str:
        if self.format == "localEngineID":
            return self.format
        name = f" ({self.enterprise_name})" if self.enterprise_name else ""
        value = f'"{self.value}"' if self.format == "text" else self.value
        return f"enterprise {self.enterprise}{name}, {self.format} {value}".rstrip()


def read_engine_id(engine_id: bytes) -> EngineIdParts | None:
    """Return what an engine ID is made of; ``None`` for octets that are none (it has 5 to 32 of them)."""
    if not 5 <= len(engine_id) <= 32:
        return None
    enterprise = int.from_bytes(engine_id[:4], "big") & 0x7FFFFFFF
    kind, value = _read_rest(engine_id)
    return EngineIdParts(enterprise, _ENTERPRISES.get(enterprise, ""), kind, value)


def _read_rest(engine_id: bytes) -> tuple[str, str]:
    """Return the format of what follows the enterprise number, and the rest as it reads."""
    if engine_id == LOCAL_ENGINE_ID:
        return "localEngineID", ""
    if not engine_id[0] & 0x80:  # as before SNMPv3: all of it is the enterprise's
        return "own format", engine_id[4:].hex()
    form, rest = engine_id[4], engine_id[5:]
    if form == 1 and len(rest) == 4:
        return "IPv4", str(ipaddress.IPv4Address(rest))
    if form == 2 and len(rest) == 16:
        return "IPv6", str(ipaddress.IPv6Address(rest))
    if form == 3 and len(rest) == 6:
        return "MAC", rest.hex(":")
    if form == 4 and rest and all(0x20 <= octet < 0x7F for octet in rest):
        return "text", rest.decode("ascii")
    if form == 5:
        return "octets", rest.hex()
    if form >= 128:
        return "own format", rest.hex()
    return f"format {form}", rest.hex()
