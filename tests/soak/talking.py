"""Lines of JSON between the soak's processes: one asks on stdin, the other answers on stdout."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ("Helper", "serve")

#: The longest line, in octets.
LINE = 2**26


class Helper:
    """Another process of the soak.

    Args:
        module: the module that it runs.
        arguments: its command line.
    """

    def __init__(self, module: str, *arguments: object) -> None:
        self._command = (sys.executable, "-m", module, *map(str, arguments))
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> dict[str, Any]:
        """Start it; return its first line.

        Raises:
            RuntimeError: it has ended.
        """
        root = Path(__file__).parents[2]
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, cwd=root, limit=LINE
        )
        return await self._line()

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return what it says to a request.

        Raises:
            RuntimeError: it has ended.
        """
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        await self._process.stdin.drain()
        return await self._line()

    async def _line(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self._command[1:3])} has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def aclose(self) -> None:
        """Let it end; after ten seconds it is killed."""
        if self._process is None or self._process.returncode is not None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


async def serve(
    ready: dict[str, Any],
    answer: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    beside: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    """Answer lines of stdin until there are no more.

    Args:
        ready: what to print first.
        answer: returns what to say to a line.
        beside: what runs meanwhile; it is cancelled at the end.
    """
    reader = asyncio.StreamReader(LINE)
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    running = asyncio.ensure_future(beside())
    try:
        _say(ready)
        while line := await _next_line(reader, running):
            _say(answer(json.loads(line)))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        transport.close()


async def _next_line(reader: asyncio.StreamReader, running: asyncio.Task[None]) -> bytes:
    """Return the next line; raise what has ended the work beside, if it has failed."""
    reading = asyncio.ensure_future(reader.readline())
    await asyncio.wait({reading, running}, return_when=asyncio.FIRST_COMPLETED)
    if running.done() and (error := running.exception()) is not None:
        reading.cancel()
        raise error
    return await reading


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
