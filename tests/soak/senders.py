"""The process of the senders: numbered traps and informs, over connections that end in every way, and garbage.

Every trap must arrive: a connection is reset only behind an inform whose acknowledgement says that all before it have.
Informs may be under way then; they are sent again, and may arrive twice.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp import Integer32, Manager, SnmpError
from snmptcp.security.authority import random_engine_id
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.remote import MAX_ENGINES
from tests.soak.certificates import client_tls
from tests.soak.devices import NAMES, credentials_of
from tests.soak.line import Line
from tests.soak.listening import FILLING, NUMBER, SENDER, TRAP
from tests.soak.talking import serve

if TYPE_CHECKING:
    from snmptcp import TlsOptions

#: How many senders of each kind there are.
SENDERS = 3

#: How many notifications are sent on one connection, about.
PER_CONNECTION = 150

#: What is no SNMP, or not for this listener: each on a connection of its own.
GARBAGE = (
    b"\xde\xad\xbe\xef",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    bytes(5000),
    bytes.fromhex("3084ffffffff"),
    bytes.fromhex("302602010104036e6f70a71c020101020100020100301130"),  # cut off
    bytes.fromhex("16030100050100000100"),  # the beginning of a handshake of TLS
)


class Sender:
    """Sends numbered notifications.

    Args:
        kind: the credentials: ``"v2c"``, ``"usm"`` or ``"tsm"``.
        port: the listener's.
        tls: that of senders with TSM.
        dice: random choices.

    Attributes:
        sent: the last number.
        doubtful: the numbers of informs that were not acknowledged, and of traps that could not be sent.
        acknowledged: how many informs were.
        retried: how many informs were sent again.
        connections: how many connections were made.
    """

    def __init__(self, kind: str, port: int, tls: TlsOptions, dice: random.Random) -> None:
        self.kind = kind
        self.sent = 0
        self.doubtful: list[int] = []
        self.acknowledged = 0
        self.retried = 0
        self.connections = 0
        self._line = Line("127.0.0.1", port)
        self._tls = tls
        self._dice = dice
        # One of three has a new engine with each connection, as a device without a lasting engine ID does.
        self._engine_id = random_engine_id()

    async def start(self) -> None:
        """Make the way to the listener."""
        await self._line.start()

    def _manager(self) -> Manager:
        engine = None
        if self._dice.randrange(3):
            engine = EngineInfo(self._engine_id, self.connections, 0)
        return Manager(
            "127.0.0.1",
            self._line.port,
            credentials=credentials_of(self.kind),
            tls=self._tls if self.kind == "tsm" else False,
            local_engine=engine,
        )

    async def run(self, name: str, rate: float, stopping: asyncio.Event) -> None:
        """Send at a rate, with a new connection now and then.

        Args:
            name: what the notifications call this sender.
            rate: notifications a second.
            stopping: ends it, between two notifications.
        """
        while not stopping.is_set():
            self.connections += 1
            manager = self._manager()
            try:
                for _ in range(self._dice.randint(1, 2 * PER_CONNECTION)):
                    await asyncio.sleep(self._dice.expovariate(rate))
                    if stopping.is_set():
                        break
                    await self._notify(manager, name)
                await self._end(manager, name)
            finally:
                self.retried += manager.statistics.retried + manager.statistics.resent
                await manager.aclose()

    async def _notify(self, manager: Manager, name: str) -> None:
        if self._dice.randrange(2):
            await self._inform(manager, name)
            return
        number = self._next()
        try:
            await manager.send_trap(TRAP, (SENDER, name), (NUMBER, Integer32(number)))
        except SnmpError:
            self.doubtful.append(number)

    async def _inform(self, manager: Manager, name: str) -> bool:
        """Send an inform; return whether it was acknowledged."""
        number = self._next()
        try:
            await manager.inform(TRAP, (SENDER, name), (NUMBER, Integer32(number)))
        except SnmpError:
            self.doubtful.append(number)
            return False
        self.acknowledged += 1
        return True

    def _next(self) -> int:
        self.sent += 1
        return self.sent

    async def _end(self, manager: Manager, name: str) -> None:
        """End the connection in one of three ways."""
        way = self._dice.randrange(3)
        # In order, what was sent must arrive; a reset may lose it, unless an inform behind it was acknowledged.
        if way == 0 or not await self._inform(manager, name):
            return
        informs = [asyncio.ensure_future(self._inform(manager, name)) for _ in range(10 if way == 2 else 0)]
        await asyncio.sleep(self._dice.uniform(0, 0.01))
        self._line.reset()
        await asyncio.gather(*informs)


class Senders:
    """All senders, and a peer that sends garbage.

    Args:
        port: the listener's for TCP.
        tls_port: the listener's for TLS.
        certificates: the folder of the certificates.
        rate: notifications a second, of all senders.
        fill: how many traps of SNMPv3 are sent first, without numbers, to fill what the listener remembers; the first
            ones, :data:`~snmptcp.security.remote.MAX_ENGINES`, are of an engine each.
        seed: of all random choices.
    """

    def __init__(self, port: int, tls_port: int, certificates: Path, rate: float, fill: int, seed: int) -> None:
        self._dice = random.Random(seed)
        tls = client_tls(certificates, NAMES[1])
        self._senders = {
            f"{kind} {number}": Sender(kind, tls_port if kind == "tsm" else port, tls, self._dice)
            for kind in ("v2c", "usm", "tsm")
            for number in range(SENDERS)
        }
        self._ports = (port, tls_port)
        self._rate = rate
        self._fill = fill
        self._stopping = asyncio.Event()
        self._garbage = 0
        self._ended = False

    async def run(self) -> None:
        """Send until :meth:`account` is told to stop."""
        for sender in self._senders.values():
            await sender.start()
        rate = self._rate / len(self._senders)
        garbage = asyncio.ensure_future(self._send_garbage())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send_fill())
                for name, sender in self._senders.items():
                    group.create_task(sender.run(name, rate, self._stopping))
        finally:
            garbage.cancel()
            await asyncio.gather(garbage, return_exceptions=True)
        self._ended = True

    async def _send_fill(self) -> None:
        for number in range(min(self._fill, MAX_ENGINES)):
            if self._stopping.is_set():
                return
            engine = EngineInfo(random_engine_id(), 1, 0)
            async with Manager(
                "127.0.0.1", self._ports[0], credentials=credentials_of("usm"), local_engine=engine
            ) as manager:
                await manager.send_trap(FILLING, (NUMBER, Integer32(number)))
            await asyncio.sleep(0.005)
        async with Manager("127.0.0.1", self._ports[0], credentials=credentials_of("usm")) as manager:
            for number in range(self._fill):
                if self._stopping.is_set():
                    break
                await manager.send_trap(FILLING, (NUMBER, Integer32(number)))
                if number % 20 == 0:
                    await asyncio.sleep(0.01)  # the others have their turns

    async def _send_garbage(self) -> None:
        while True:
            await asyncio.sleep(self._dice.uniform(1, 5))
            self._garbage += 1
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._dice.choice(self._ports))
                writer.write(self._dice.choice(GARBAGE))
                async with asyncio.timeout(self._dice.uniform(0, 20)):
                    await reader.read()
            except (OSError, TimeoutError):
                continue  # the listener has closed it, or it is left as it is
            finally:
                writer.close()

    def account(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return what was sent so far.

        Args:
            request: ``stop`` tells whether to send no more.
        """
        if request["stop"]:
            self._stopping.set()
        return {
            "ended": self._ended,
            "garbage": self._garbage,
            "senders": {
                name: {
                    "sent": sender.sent,
                    "doubtful": sender.doubtful,
                    "acknowledged": sender.acknowledged,
                    "retried": sender.retried,
                    "connections": sender.connections,
                }
                for name, sender in self._senders.items()
            },
        }


async def main() -> None:
    """Send until there is nothing more to answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("tls_port", type=int)
    parser.add_argument("certificates", type=Path)
    parser.add_argument("rate", type=float)
    parser.add_argument("fill", type=int)
    parser.add_argument("seed", type=int)
    arguments = parser.parse_args()
    senders = Senders(
        arguments.port, arguments.tls_port, arguments.certificates, arguments.rate, arguments.fill, arguments.seed
    )
    await serve({"ready": True}, senders.account, beside=senders.run)


if __name__ == "__main__":
    asyncio.run(main())
