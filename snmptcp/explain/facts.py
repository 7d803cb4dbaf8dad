"""What a packet has told so far: the facts that later fields are understood by, and the first line.

What may live here: remembering fields by name, and what follows from one for another: what a number stands
for, who is to blame, what is a community.  What may not: octets, offsets, and what is broken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snmptcp.codec import ber
from snmptcp.credentials import SnmpVersion
from snmptcp.explain.values import (
    GENERIC_TRAPS,
    OBJECTS,
    SECURITY_LEVELS,
    SECURITY_MODELS,
    counted,
    leaf_text,
    status_text,
    string_text,
)
from snmptcp.oid import OID

if TYPE_CHECKING:
    from snmptcp.explain.values import Leaf

__all__ = ("Facts",)

ENTERPRISE_SPECIFIC: Final = 6

#: Variables whose values are communities: snmpCommunityName and snmpTrapCommunity (RFC 3584).
_COMMUNITIES: Final = (OID("1.3.6.1.6.3.18.1.1.1.2"), OID("1.3.6.1.6.3.18.1.4"))


class Facts:
    """What one packet has told so far.

    Attributes:
        version: of the message; ``None`` as long as it is unknown.
        pdu: the name of its PDU; empty as long as it is unknown.
        subject: what a notification or a report is about; empty where that is unknown.
        varbinds: how many variable bindings have begun; ``None`` where their list has not.
        decrypted: whether what was encrypted is there in plain.
        doubts: what somebody with the keys holds against it, in a few words each.
    """

    def __init__(self) -> None:
        self.version: SnmpVersion | None = None
        self.pdu = ""
        self.subject = ""
        self.varbinds: int | None = None
        self.decrypted = False
        self.doubts: list[str] = []
        self._fields: dict[str, Leaf] = {}

    def learn(self, name: str, value: Leaf) -> None:
        """Remember the value of a field; of several with one name the latest counts."""
        self._fields[name] = value

    def forget(self, name: str) -> None:
        """Forget the value of a field, because another one of its name begins."""
        self._fields.pop(name, None)

    def number(self, name: str) -> int | None:
        """Return the value of a field that is a number; ``None`` where there is no such field."""
        value = self._fields.get(name)
        return value if isinstance(value, int) else None

    @property
    def flags(self) -> int:
        """The msgFlags; 0 as long as they are unknown."""
        flags = self._fields.get("msgFlags")
        return flags[0] if isinstance(flags, bytes) and flags else 0

    def is_community(self, name: str) -> bool:
        """Whether a field is the community, or a variable's value that is one."""
        if name == "community":
            return True
        variable = self._fields.get("name")
        return name == "value" and isinstance(variable, OID) and any(map(variable.startswith, _COMMUNITIES))

    def is_to_blame(self, varbind: str) -> bool:
        """Whether the error-index points at a variable binding."""
        return bool(self.number("error-status")) and varbind == f"VarBind {self.number('error-index')}"

    def find_subject(self, value: Leaf) -> None:
        """Learn what a notification or a report is about, where the variable binding that was read tells."""
        variable = str(self._fields.get("name"))
        if self.pdu == "report":
            self.subject = OBJECTS.get(variable, variable)
        elif OBJECTS.get(variable) == "snmpTrapOID.0" and isinstance(value, OID):
            self.subject = OBJECTS.get(str(value), str(value))

    def name_of(self, name: str, value: int) -> str | None:
        """Return what a number stands for, where it stands for something."""
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
        """Return what the packet is, and how much of it."""
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
        """Return what a refusal, a trap or a report says in one word."""
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
