"""The packets of one request, and what they say.

Contains: recording and explaining.  Communities, passwords and keys are not shown.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.credentials import UsmUser
from snmptcp.errors import ConfigurationError, SnmpError
from snmptcp.explain import explain
from snmptcp.printable import printable, printable_lines
from snmptcp.protocol.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from snmptcp.mib import Mib
    from snmptcp.security.choose import Credentials

__all__ = ("Packet", "Recorder", "explained")

#: How many packets are kept, and how many octets of each are explained.
_MOST = 50
_MOST_OCTETS = 8192


class Packet(NamedTuple):
    """A message.

    Attributes:
        direction: ``"sent"`` or ``"received"``.
        at: when, in seconds since 1970.
        octets: the message.
    """

    direction: str
    at: float
    octets: bytes


class Recorder(Observer):
    """Keeps the messages of one request.

    Attributes:
        packets: the messages, in order.
        omitted: how many further ones there were.
    """

    __slots__ = ("omitted", "packets")

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.omitted = 0

    def message_sent(self, message: bytes) -> None:
        """Keep a message."""
        self._keep("sent", message)

    def message_received(self, message: bytes) -> None:
        """Keep a message."""
        self._keep("received", message)

    def _keep(self, direction: str, message: bytes) -> None:
        if len(self.packets) < _MOST:
            self.packets.append(Packet(direction, time.time(), bytes(message)))
        else:
            self.omitted += 1

    @staticmethod
    async def record(request: Awaitable[object]) -> str | None:
        """Await a request; return why it failed, or ``None``.

        Raises:
            ConfigurationError: it was not sent.
        """
        try:
            await request
        except ConfigurationError:
            raise
        except SnmpError as error:
            return printable(f"{type(error).__name__}: {error}", 500)
        return None


def explained(packets: Sequence[Packet], credentials: Credentials, mib: Mib | None) -> list[dict[str, object]]:
    """Return packets with their explanations, for JSON.

    Args:
        packets: the packets.
        credentials: the agent's; a user's keys decrypt.
        mib: the names of MIB modules; ``None`` for numbers.
    """
    users = (credentials,) if isinstance(credentials, UsmUser) else ()
    return [
        {
            "direction": packet.direction,
            "at": packet.at,
            "size": len(packet.octets),
            "text": _text(packet.octets, users, mib),
        }
        for packet in packets
    ]


def _text(octets: bytes, users: tuple[UsmUser, ...], mib: Mib | None) -> str:
    if len(octets) > _MOST_OCTETS:
        return f"{len(octets):,} octets are too many to explain here"
    return printable_lines(explain(octets, users=users, mib=mib).rstrip())
