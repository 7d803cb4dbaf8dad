"""What an agent tells of itself: the system group (RFC 3418).

Contains: its names, and samples to facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snmptcp.oid import OID
from snmptcp.printable import printable
from snmptcp.values import TimeTicks

if TYPE_CHECKING:
    from snmptcp.fleet import Sample

__all__ = ("SYSTEM_NAMES", "System")

_FIELDS: Final = {
    OID("1.3.6.1.2.1.1.1.0"): "description",
    OID("1.3.6.1.2.1.1.3.0"): "uptime",
    OID("1.3.6.1.2.1.1.4.0"): "contact",
    OID("1.3.6.1.2.1.1.5.0"): "name",
    OID("1.3.6.1.2.1.1.6.0"): "location",
}

#: sysDescr.0, sysUpTime.0, sysContact.0, sysName.0 and sysLocation.0.
SYSTEM_NAMES: Final = tuple(_FIELDS)


class System:
    """What an agent tells of itself."""

    __slots__ = ("_facts", "up_since")

    def __init__(self) -> None:
        self._facts: dict[str, str] = {}
        #: When it started by its sysUpTime, in seconds since 1970; ``None`` if that is not known.
        self.up_since: float | None = None

    def take(self, sample: Sample) -> bool:
        """Look at a sample; return whether it was one of the system group."""
        field = _FIELDS.get(sample.oid)
        if field is None:
            return False
        if field != "uptime":
            line = " ".join(str(sample.value).split())  # descriptions often have several lines
            self._facts[field] = printable(line)
        elif isinstance(sample.value, TimeTicks):
            self.up_since = sample.answered_at - int(sample.value) / 100
        return True

    def as_json(self) -> dict[str, object]:
        """Return what is known, for JSON."""
        return {**self._facts, "up_since": self.up_since}
