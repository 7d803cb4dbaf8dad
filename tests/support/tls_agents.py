"""Agents over TLS for managers, and servers that record what they receive."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING, Any

from snmptcp import Manager, TlsOptions, Tsm
from snmptcp.codec.framer import Framer
from snmptcp.net.tls import CertificateMap, MapType, ServerTls
from snmptcp.testing import Agent
from tests.support.certificates import certificates
from tests.support.mibs import small_agent_mib
from tests.support.tls import TIMEOUT, options
from tests.support.wire import answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from tests.support.certificates import Issued

C = certificates()

#: Maps the manager's certificate to the security name "boss".
BOSS = CertificateMap(C.client.fingerprint, MapType.SPECIFIED, "boss")


def agent_options(version: str | None = None, **given: Any) -> TlsOptions:
    """Return an agent's options: clients need a certificate, and the manager is called ``boss``."""
    given = {"certificate": C.server.pem, "ca_pem": C.ca_pem, "certificate_maps": (BOSS,), **given}
    return TlsOptions(**given) if version is None else options(version, **given)


def open_options(version: str | None = None, **given: Any) -> TlsOptions:
    """Return the options of an agent that requests no client certificate."""
    given = {"certificate": C.server.pem, **given}
    return TlsOptions(**given) if version is None else options(version, **given)


def manager_options(version: str | None = None, who: Issued | None = C.client, **given: Any) -> TlsOptions:
    """Return a manager's options: it trusts the authority and presents a certificate."""
    given = {"ca_pem": C.ca_pem, "certificate": who.pem if who is not None else None, **given}
    return TlsOptions(**given) if version is None else options(version, **given)


def tsm_agent(version: str | None = None, **given: Any) -> Agent:
    """Return an agent on which the boss may do everything."""
    given = {"tls": agent_options(version), "tsm_names": ["boss"], **given}
    return Agent(small_agent_mib(), **given)


def tsm_manager(agent: Agent, version: str | None = None, **given: Any) -> Manager:
    """Return the boss's manager."""
    patient = {"timeout": TIMEOUT, "connect_timeout": TIMEOUT}
    given = {"credentials": Tsm(), "tls": manager_options(version), **patient, **given}
    return Manager(agent.host, agent.port, **given)


class Recorder:
    """Accepts TCP connections, records what it receives, and sends a reply; an async context manager.

    Args:
        reply: sent after the first octets; ``None`` for nothing.
        close: whether the connection is closed after the reply, or after the first octets.
        half_close: whether only its writing half is closed.
        close_at_once: whether it is closed before any octet.
    """

    def __init__(
        self, reply: bytes = b"", *, close: bool = False, half_close: bool = False, close_at_once: bool = False
    ) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.received = b""
        self._reply = reply
        self._close = close
        self._half_close = half_close
        self._close_at_once = close_at_once
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            if self._close_at_once:
                return
            first = True
            while octets := await reader.read(65536):
                self.received += octets
                if first:
                    first = False
                    writer.write(self._reply)
                    if self._close:
                        await writer.drain()
                        return
                    if self._half_close:
                        writer.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            pass  # it ends in any case
        finally:
            writer.close()


class SingleRecordAgent:
    """An agent that takes one TLS record each time its socket becomes readable, as net-snmp does.

    It reads ahead: octets that arrived with that record have left the socket, and wait until the socket becomes
    readable again.  The response to an SNMPv2c GET is the number 7.

    Args:
        tls: its options.
        busy: seconds between readability and reading, so that records arrive together.
        deaf: tells of each message whether it gets no response.
        tickets: the number of TLS 1.3 session tickets to send.
        hesitant: whether it stops after its ServerHello, before it checks a certificate.
    """

    def __init__(
        self,
        tls: TlsOptions,
        *,
        busy: float = 0.001,
        deaf: Callable[[bytes], bool] = lambda _: False,
        tickets: int = 2,
        hesitant: bool = False,
    ) -> None:
        self.host = "127.0.0.1"
        self.records: list[int] = []  # the number of messages in each
        self.context = ServerTls(tls).context
        self.context.num_tickets = tickets
        self.busy = busy
        self.deaf = deaf
        self.hesitant = hesitant
        self.stopped = False
        self._loop = asyncio.get_running_loop()
        self._listener = socket.create_server((self.host, 0))
        self._listener.setblocking(False)
        self.port = int(self._listener.getsockname()[1])
        self._peers: list[_Peer] = []

    async def __aenter__(self) -> Self:
        self._loop.add_reader(self._listener, self._accept)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for peer in self._peers:
            peer.close()

    def stop(self) -> None:
        """Do nothing, like a stopped process."""
        self.stopped = True

    def go_on(self) -> None:
        """Continue after :meth:`stop`."""
        self.stopped = False

    def end(self) -> None:
        """End all connections without close_notify."""
        for peer in self._peers:
            peer.close()

    @property
    def established(self) -> int:
        """The number of sessions so far."""
        return sum(peer.established for peer in self._peers)

    @property
    def open(self) -> int:
        """The number of open connections."""
        return sum(peer.open for peer in self._peers)

    @property
    def unread(self) -> int:
        """The number of octets that have left the sockets and were not decrypted."""
        return sum(peer.unread for peer in self._peers)

    def _accept(self) -> None:
        sock, _ = self._listener.accept()
        self._peers.append(_Peer(self, sock))


class _Peer:
    """One connection of a :class:`SingleRecordAgent`."""

    def __init__(self, agent: SingleRecordAgent, sock: socket.socket) -> None:
        self._agent = agent
        self._socket = sock
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._ssl = agent.context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.established = False
        self._framer = Framer()
        self._unsent = b""
        self._loop = asyncio.get_running_loop()
        self._rest: asyncio.TimerHandle | None = None
        sock.setblocking(False)
        self._loop.add_reader(sock, self._on_readable)

    @property
    def unread(self) -> int:
        return self._incoming.pending

    @property
    def open(self) -> bool:
        return self._socket.fileno() >= 0

    def close(self) -> None:
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()
        if self._rest is not None:
            self._rest.cancel()

    def _on_readable(self) -> None:
        self._loop.remove_reader(self._socket)
        self._rest = self._loop.call_later(self._agent.busy, self._look)

    def _look(self) -> None:
        self._rest = None
        self._loop.add_reader(self._socket, self._on_readable)
        if self._agent.stopped:
            return
        try:
            if not self.established:
                self._receive()
                self._ssl.do_handshake()  # what arrived after it has left the socket
                self.established = True
            else:
                self._read()
        except ssl.SSLWantReadError:
            if self._agent.hesitant and not self.established:
                self._agent.stop()
        except (ConnectionError, EOFError):
            self.close()
            return
        except ssl.SSLError:
            self._flush()  # the alert
            self.close()
            return
        self._flush()

    def _receive(self) -> None:
        octets = self._socket.recv(32768)
        if not octets:
            raise EOFError
        self._incoming.write(octets)

    def _read(self) -> None:
        """Take one record, first of those that have left the socket."""
        try:
            record = self._ssl.read(16384)
        except ssl.SSLWantReadError:
            self._receive()
            record = self._ssl.read(16384)
        if not record:
            raise EOFError
        messages = self._framer.feed(record)
        self._agent.records.append(len(messages))
        answers = b"".join(answer(message) for message in messages if not self._agent.deaf(message))
        view = memoryview(answers)
        while view:
            view = view[self._ssl.write(view) :]

    def _flush(self) -> None:
        self._unsent += self._outgoing.read()
        if self._unsent:
            try:
                sent = self._socket.send(self._unsent)
            except BlockingIOError:
                sent = 0
            self._unsent = self._unsent[sent:]
        if self._unsent:
            self._loop.add_writer(self._socket, self._flush)
        else:
            self._loop.remove_writer(self._socket)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until a condition holds."""
    async with asyncio.timeout(TIMEOUT):
        while not condition():
            await asyncio.sleep(0)
