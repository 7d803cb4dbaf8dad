"""Who asks: the credentials that a manager presents and an agent knows.

All are frozen, checked when made, and never show a secret in ``repr``.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from snmptcp.errors import ConfigurationError

__all__ = ("Community", "SnmpVersion")


class SnmpVersion(enum.IntEnum):
    """The version field of a message (RFC 1157, RFC 3417, RFC 3412)."""

    V1 = 0
    V2C = 1
    V3 = 3

    def __str__(self) -> str:
        return _VERSION_TEXT[self]


_VERSION_TEXT = {SnmpVersion.V1: "1", SnmpVersion.V2C: "2c", SnmpVersion.V3: "3"}

_COMMUNITY_VERSIONS = {
    "1": SnmpVersion.V1,
    "2": SnmpVersion.V2C,
    "2c": SnmpVersion.V2C,
}


@dataclass(frozen=True, slots=True)
class Community:
    """A community string, for SNMPv1 or SNMPv2c (RFC 1157, RFC 1901).

    Args:
        name: the community; text is encoded as UTF-8.
        version: ``"2c"`` or ``"1"``, as net-snmp spells them, or an :class:`SnmpVersion`.

    Raises:
        ConfigurationError: another version, or more than 65535 octets.
    """

    name: bytes = field(repr=False)
    version: SnmpVersion

    def __init__(self, name: str | bytes = b"public", version: str | SnmpVersion = SnmpVersion.V2C) -> None:
        if not isinstance(name, str | bytes | bytearray):
            raise TypeError(f"a community is str or bytes, not {type(name).__name__}")
        octets = name.encode() if isinstance(name, str) else bytes(name)
        if len(octets) > 0xFFFF:
            raise ConfigurationError(f"a community has at most 65535 octets, not {len(octets)}")
        known = _COMMUNITY_VERSIONS.get(str(version).lower().removeprefix("v"))
        # A bare number would be ambiguous: 1 is SNMPv1 to a person, and SNMPv2c on the wire.
        if known is None or not isinstance(version, str | SnmpVersion):
            raise ConfigurationError(f"a community is for version 1 or 2c, not {version!r}")
        object.__setattr__(self, "name", octets)
        object.__setattr__(self, "version", known)
