"""The testing agent's SNMPv3 engine: an authoritative engine whose clock and ID can be changed.

Contains: changes to the engine, and replies whose parts can be replaced.
Does not contain: what an engine accepts and how it answers (:mod:`snmptcp.security.authority`), and the forgeries
(:mod:`~snmptcp.testing.forgeries`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from snmptcp.codec.message import MsgFlags, ScopedPdu, encode_scoped_pdu
from snmptcp.security.authority import SNMP_ENGINE, AuthoritativeEngine, SecuredMessage, SecureRequest, random_engine_id
from snmptcp.security.engine_clock import check_engine_id
from snmptcp.security.usm_message import encode_usm_message
from snmptcp.testing.mib import Computed

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from snmptcp.codec.pdu import AnyPdu, Pdu
    from snmptcp.credentials import UsmUser
    from snmptcp.testing.mib import Mib

__all__ = ("AgentEngine", "SecuredReply")


@dataclass(frozen=True, slots=True)
class SecuredReply(SecuredMessage):
    """A response or report of SNMPv3 that is not encoded yet; each part can be replaced.

    Attributes:
        header: msgID, msgMaxSize and msgFlags.
        parameters: engine ID, boots, time and user; :meth:`encode` makes digest and salt.
        scoped_pdu: contextEngineID, contextName and PDU.
        keys: the keys to protect it with.
        counter: the counter that it reports; ``None`` in a response.
        earlier: the previous response as a whole message; empty if there is none.
    """

    earlier: bytes = b""

    def encode(self) -> bytes:
        """Return the whole message, protected as its flags say; a forgery may claim privacy without a key."""
        scoped_pdu = encode_scoped_pdu(self.scoped_pdu)
        flags = self.header.flags
        if not flags & MsgFlags.PRIV or self.keys.privacy is not None:
            return encode_usm_message(self.header, self.parameters, scoped_pdu, self.keys)
        honest = self.header._replace(flags=flags & ~MsgFlags.PRIV)
        message = encode_usm_message(honest, self.parameters, scoped_pdu, self.keys)
        return message.replace(bytes((4, 1, honest.flags)), bytes((4, 1, flags)), 1)

    def with_pdu(self, pdu: AnyPdu) -> Self:
        """Return a copy with another PDU."""
        return replace(self, scoped_pdu=self.scoped_pdu._replace(pdu=pdu))


class AgentEngine(AuthoritativeEngine):
    """An authoritative engine whose clock, ID and replies tests can change."""

    def jump(self, seconds: float, now: float) -> None:
        """Move the clock forward or back, at most back to 0."""
        self._started = now - max(0.0, self.time(now) + seconds)

    def replace(self, engine_id: bytes | None, now: float) -> None:
        """Take another engine ID, with boots 1 and time 0; ``None`` means a random ID."""
        self.engine_id = random_engine_id() if engine_id is None else check_engine_id(engine_id)
        self._keys.clear()
        self.boots = 1
        self._started = now

    @property
    def users(self) -> tuple[UsmUser, ...]:
        """The users, with their present keys."""
        return tuple(user for candidates in self._users.values() for user in candidates)

    def user(self, name: bytes) -> UsmUser:
        """Return a user with its present keys.

        Raises:
            KeyError: there is none of this name.
        """
        return self._users[name][0]

    def replace_user(self, user: UsmUser) -> None:
        """Give other keys to a user; the response to a request in progress still has the old ones."""
        self._users[user.name] = [user]

    def serve_scalars(self, mib: Mib, clock: Callable[[], float]) -> None:
        """Add the snmpEngine group to a MIB (RFC 3411 section 5), except for objects that exist already."""
        for arc, getter in enumerate(
            (
                lambda: self.engine_id,
                lambda: self.boots,
                lambda: self.time(clock()),
                lambda: self._max_message_size,
            ),
            1,
        ):
            name = SNMP_ENGINE + arc + 0
            if name not in mib:
                mib[name] = Computed(getter)

    def receive(self, message: bytes, now: float) -> SecureRequest | SecuredReply:
        """Take an SNMPv3 message, as the base class does; a report is returned as a :class:`SecuredReply`."""
        found = super().receive(message, now)
        if not isinstance(found, SecuredMessage):
            return found
        return SecuredReply(found.header, found.parameters, found.scoped_pdu, found.keys, found.counter)

    def reply(self, request: SecureRequest, pdu: Pdu, earlier: bytes, now: float) -> SecuredReply:
        """Return the response to a request, not encoded yet, so that it can be changed."""
        return SecuredReply(
            self._header(request.header, request.level),
            self._parameters(request.user.name, now),
            ScopedPdu(request.context_engine_id, request.context_name, pdu),
            request.keys,
            earlier=earlier,
        )
