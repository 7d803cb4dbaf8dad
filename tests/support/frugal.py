"""An agent that takes little at a time: one request, or one request for each connection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from snmptcp.codec.framer import Framer
from snmptcp.codec.pdu import PduType
from snmptcp.oid import OID
from snmptcp.values import EndOfMibView, Integer32, VarBind
from tests.support.wire import parse, response, sane_successor

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ("TABLE", "FrugalAgent")

#: The table that it has, with three columns.
TABLE = OID("1.3.6.1.2.1.50.1")


class FrugalAgent:
    """Answers one request at a time; what arrives while it works on one is lost.

    Args:
        closes: whether it closes the connection after each answer.
        half: whether it then only ends its own side of the stream.
        rows: how many rows its table has.

    Attributes:
        taken: the requests that it has answered.
        lost: how many requests have arrived while it was busy.
        most: the most requests that have arrived at once.
        connections: how many connections were made.
    """

    def __init__(self, *, closes: bool = False, half: bool = False, rows: int = 3) -> None:
        self._closes = closes
        self._half = half
        self._successor = sane_successor(
            VarBind(TABLE + 1 + column + row, Integer32(row)) for column in (1, 2, 3) for row in range(1, rows + 1)
        )
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.taken: list[tuple[PduType, tuple[OID, ...]]] = []
        self.lost = 0
        self.most = 0
        self.connections = 0

    @property
    def port(self) -> int:
        """The port that it listens on."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        framer = Framer()
        try:
            while data := await reader.read(65536):
                messages = framer.feed(data)
                if not messages:
                    continue
                self.most = max(self.most, len(messages))
                self.lost += len(messages) - 1  # the others came in the same segment
                writer.write(self._answer(messages[0]))
                if self._closes:
                    await writer.drain()
                    break
            if self._half:
                writer.write_eof()
                await reader.read()
        finally:
            writer.close()
            self._tasks.discard(task)

    def _answer(self, message: bytes) -> bytes:
        pdu = parse(message)
        names = tuple(varbind.oid for varbind in pdu.varbinds)
        self.taken.append((pdu.type, names))
        if pdu.type in (PduType.GET, PduType.SET):
            return response(pdu.request_id, [VarBind(name, Integer32(1)) for name in names])
        repetitions = pdu.max_repetitions if pdu.type is PduType.GET_BULK else 1
        bindings: list[VarBind] = []
        for _ in range(repetitions):
            following = [self._successor(name) or VarBind(name, EndOfMibView()) for name in names]
            names = tuple(binding.oid for binding in following)
            bindings += following
        return response(pdu.request_id, bindings)
