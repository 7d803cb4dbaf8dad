"""The structure of an engine ID (RFC 3411 section 5, SnmpEngineID).

Contains: decoding an engine ID for display.  Does not contain: which engine to trust, and message layout.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("LOCAL_ENGINE_ID", "EngineIdParts", "read_engine_id")

#: The engine that receives the message, whatever its engine ID is (RFC 5343 section 3).
LOCAL_ENGINE_ID: Final = b"\x80\x00\x00\x00\x06"

#: IANA's enterprise numbers of some vendors whose agents are common.
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
    """The parts of an engine ID.

    Attributes:
        enterprise: the vendor's enterprise number.
        enterprise_name: the vendor's name; empty if it is not a well-known one.
        format: the format of the rest, from the fifth octet: ``"IPv4"``, ``"IPv6"``, ``"MAC"``, ``"text"``,
            ``"octets"``, ``"localEngineID"`` (RFC 5343), ``"own format"`` if the enterprise defines it, or
            ``"format"`` with a number that is not assigned.
        value: the rest, as text in that format.
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
    """Return the parts of an engine ID; ``None`` if it does not have 5 to 32 octets."""
    if not 5 <= len(engine_id) <= 32:
        return None
    enterprise = int.from_bytes(engine_id[:4], "big") & 0x7FFFFFFF
    kind, value = _read_rest(engine_id)
    return EngineIdParts(enterprise, _ENTERPRISES.get(enterprise, ""), kind, value)


def _read_rest(engine_id: bytes) -> tuple[str, str]:
    """Return the format of what follows the enterprise number, and its value as text."""
    if engine_id == LOCAL_ENGINE_ID:
        return "localEngineID", ""
    if not engine_id[0] & 0x80:  # the older format: what follows the number is up to the enterprise
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
