"""Facts learned from the fields of a packet, and the summary line.

Contains: the fields read so far, by name, and what they tell about other fields: the meaning of a number,
the variable binding at fault, which values are communities.
Does not contain: octets, offsets, and problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snmptcp.codec import ber
from snmptcp.credentials import SnmpVersion
from snmptcp.explain.values import (
    GENERIC_TRAPS,
    SECURITY_LEVELS,
    SECURITY_MODELS,
    counted,
    leaf_text,
    status_text,
    string_text,
)
from snmptcp.oid import OID

if TYPE_CHECKING:
    from snmptcp.explain.names import ObjectNames
    from snmptcp.explain.values import Leaf

__all__ = ("Facts",)

ENTERPRISE_SPECIFIC: Final = 6

#: Variables whose values are communities: snmpCommunityName and snmpTrapCommunity (RFC 3584 section 5.3).
_COMMUNITIES: Final = (OID("1.3.6.1.6.3.18.1.1.1.2"), OID("1.3.6.1.6.3.18.1.4"))

#: snmpTrapOID.0 (RFC 3418).
_TRAP_OID: Final = OID("1.3.6.1.6.3.1.1.4.1.0")


class Facts:
    """The facts learned from one packet so far.

    Args:
        names: the names of OIDs.

    Attributes:
        version: the version of the message; ``None`` until known.
        pdu: the name of its PDU; empty until known.
        subject: the name of the trap, or of the counter that a report carries; empty until known.
        varbinds: the number of variable bindings begun so far; ``None`` before their list.
        decrypted: whether the encrypted PDU was decrypted.
        doubts: problems found with the user's keys, in a few words each.
    """

    def __init__(self, names: ObjectNames) -> None:
        self._names = names
        self.version: SnmpVersion | None = None
        self.pdu = ""
        self.subject = ""
        self.varbinds: int | None = None
        self.decrypted = False
        self.doubts: list[str] = []
        self._fields: dict[str, Leaf] = {}

    def learn(self, name: str, value: Leaf) -> None:
        """Store the value of a field, replacing an earlier one with the same name."""
        self._fields[name] = value

    def forget(self, name: str) -> None:
        """Drop the value of a field, because another field of the same name begins."""
        self._fields.pop(name, None)

    def number(self, name: str) -> int | None:
        """Return the value of a numeric field; ``None`` if there is none."""
        value = self._fields.get(name)
        return value if isinstance(value, int) else None

    @property
    def flags(self) -> int:
        """The msgFlags; 0 until known."""
        flags = self._fields.get("msgFlags")
        return flags[0] if isinstance(flags, bytes) and flags else 0

    def is_community(self, name: str) -> bool:
        """Whether a field is the community, or the value of a variable that holds communities."""
        if name == "community":
            return True
        variable = self.variable
        return name == "value" and variable is not None and any(map(variable.startswith, _COMMUNITIES))

    def is_to_blame(self, varbind: str) -> bool:
        """Whether the error-index points at a variable binding."""
        return bool(self.number("error-status")) and varbind == f"VarBind {self.number('error-index')}"

    def find_subject(self, value: Leaf) -> None:
        """Learn :attr:`subject` from the value of the variable binding being read, if it tells."""
        variable = self.variable
        if self.pdu == "report":
            self.subject = str(variable) if variable is None else self._names.of(variable) or str(variable)
        elif variable == _TRAP_OID and isinstance(value, OID):
            self.subject = self._names.of(value) or str(value)

    @property
    def variable(self) -> OID | None:
        """The name in the variable binding being read; ``None`` if it could not be read."""
        variable = self._fields.get("name")
        return variable if isinstance(variable, OID) else None

    def name_of(self, name: str, value: int) -> str | None:
        """Return the meaning of a number; ``None`` if it has none."""
        if name in {"version", "msgVersion"}:
            return f"SNMPv{self.version}"
        if name == "error-status":
            return status_text(value)
        if name == "msgSecurityModel":
            return SECURITY_MODELS.get(value)
        if name == "specific-trap" and self.number("generic-trap") == ENTERPRISE_SPECIFIC:
            return f"for SNMPv2 {self._fields.get('enterprise')!s}.0.{value}"  # RFC 3584 section 3.1
        return GENERIC_TRAPS.get(value) if name == "generic-trap" else None

    # ------------------------------------------------------------------------------- the first line

    def summary(self, data: bytes) -> str:
        """Return the kind of packet, its outcome and its size."""
        facts = (self._what(data), self._outcome(), self._how_many(), *self.doubts, counted(len(data), "octet"))
        return ", ".join(filter(None, facts))

    def _what(self, data: bytes) -> str:
        if self.version is None:
            if not data:
                return "No message"
            return "Unreadable message" if data[0] == ber.SEQUENCE else "Not an SNMP message"
        what = f"SNMPv{self.version} {self.pdu}".rstrip()
        if self.version != SnmpVersion.V3:
            return what
        level = SECURITY_LEVELS[self.flags & 3] if "msgFlags" in self._fields else ""
        user = self._fields.get("msgUserName")
        named = f"user {string_text(user)}" if isinstance(user, bytes) and user else ""
        pdu = self._fields.get("encryptedPDU")
        encrypted = ""
        if pdu is not None:
            encrypted = "decrypted" if self.decrypted else leaf_text("encryptedPDU", ber.OCTET_STRING, pdu)
        return ", ".join(part for part in (what, level, named, encrypted) if part)

    def _outcome(self) -> str:
        """Return the error-status, the trap or the counter of a report; empty if there is none."""
        status, index = self.number("error-status"), self.number("error-index")
        if status:
            return status_text(status) + (f" at variable binding {index}" if index else "")
        generic = self.number("generic-trap")
        if generic == ENTERPRISE_SPECIFIC:
            return f"{self._fields.get('enterprise')!s} specific-trap {self.number('specific-trap')}"
        if generic is not None:
            return GENERIC_TRAPS.get(generic, f"generic-trap {generic}")
        return self.subject

    def _how_many(self) -> str:
        return "" if self.varbinds is None else counted(self.varbinds, "variable binding")
