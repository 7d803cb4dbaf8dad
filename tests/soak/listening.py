"""The listener of the soak, over TCP and TLS, and the accounts of what it has received."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from snmptcp import OID, NotificationListener, Tsm
from tests.soak.certificates import server_tls
from tests.soak.devices import COMMUNITY, USER
from tests.soak.numbers import Numbers

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ("FILLING", "NUMBER", "SENDER", "TRAP", "Listening")

TRAP = OID("1.3.6.1.4.1.58888.29.0.1")

#: What fills the memory of messages; it has no sender's name.
FILLING = OID("1.3.6.1.4.1.58888.29.0.2")

#: The sender's name, and the number of the notification.
SENDER = OID("1.3.6.1.4.1.58888.29.3.1.0")
NUMBER = OID("1.3.6.1.4.1.58888.29.3.2.0")


class Listening:
    """Two listeners, one for TCP and one for TLS.

    Args:
        certificates: the folder of the certificates.

    Attributes:
        lost: the notifications that have not arrived, as far as :meth:`settle` knows.
        repeated: those that have arrived more often than their senders have sent them again.
        unacknowledged: the informs that the senders have given up.
    """

    def __init__(self, certificates: Path) -> None:
        self._numbers: dict[str, Numbers] = {}
        self._tcp = NotificationListener("127.0.0.1", 0, credentials=(COMMUNITY, USER), first_message_timeout=10.0)
        self._tls = NotificationListener(
            "127.0.0.1", 0, credentials=Tsm(), tls=server_tls(certificates), first_message_timeout=10.0
        )
        self._tasks: list[asyncio.Task[None]] = []
        self.lost = 0
        self.repeated = 0
        self.unacknowledged = 0
        self.strange = 0

    @property
    def ports(self) -> tuple[int, int]:
        """The ports for TCP and TLS."""
        return self._tcp.port, self._tls.port

    @property
    def received(self) -> int:
        """How many different notifications have arrived."""
        return sum(numbers.received for numbers in self._numbers.values())

    @property
    def again(self) -> int:
        """How many have arrived again."""
        return sum(numbers.repeated for numbers in self._numbers.values())

    @property
    def refused(self) -> int:
        """How many messages and connections were refused, of those that send garbage."""
        return sum(
            sum(listener.statistics.refused.values())
            + listener.statistics.lost_framings
            + listener.statistics.failed_handshakes
            + listener.statistics.cut_off
            + listener.statistics.silent_closed
            for listener in (self._tcp, self._tls)
        )

    async def start(self) -> None:
        """Listen."""
        for listener in (self._tcp, self._tls):
            await listener.start()
            self._tasks.append(asyncio.ensure_future(self._receive(listener)))

    async def aclose(self) -> None:
        """Stop listening."""
        for listener in (self._tcp, self._tls):
            await listener.aclose()
        await asyncio.gather(*self._tasks)

    async def _receive(self, listener: NotificationListener) -> None:
        async for notification in listener:
            if notification.trap_oid == FILLING:
                continue
            values = notification.varbinds
            if notification.trap_oid != TRAP or notification.oddities or len(values) != 2:
                self.strange += 1
                continue
            name, number = values[0].value, values[1].value
            assert isinstance(name, bytes)
            assert isinstance(number, int)
            self._numbers.setdefault(name.decode(), Numbers()).add(int(number))

    def settle(self, senders: dict[str, Any]) -> None:
        """Compare with what the senders say, at the end.

        Args:
            senders: what their process tells.
        """
        self.lost = self.repeated = self.unacknowledged = 0
        for name, told in senders.items():
            numbers = self._numbers.setdefault(name, Numbers())
            self.lost += len(numbers.missing(told["sent"]) - set(told["doubtful"]))
            self.repeated += max(0, numbers.repeated - told["retried"])
            self.unacknowledged += len(told["doubtful"])
