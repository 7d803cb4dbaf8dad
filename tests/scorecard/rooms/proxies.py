"""Ways through proxies: R31 (five programs, and what proxies do wrong)."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, Manager, Proxy
from snmptcp.errors import ConnectFailed, ConnectionLost, ProxyFailed, RequestTimeout, SnmpError
from snmptcp.testing import Agent
from tests.scorecard.row import Figure, Outcome, Row, Scale, share
from tests.support.mibs import BIG_ROWS, BIG_TABLE, SYS_NAME, small_mib
from tests.support.proxies import ScriptedProxy, dante, microsocks, squid, ssh, tinyproxy
from tests.support.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

HERE = "127.0.0.1"
PUBLIC = Community("public")

PROGRAMS: dict[str, tuple[str, Callable[[Path], AbstractContextManager[int]]]] = {
    "microsocks": ("socks5", microsocks),
    "dante": ("socks5", dante),
    "tinyproxy": ("http", tinyproxy),
    "squid": ("http", squid),
    "ssh -D": ("socks5", ssh),
}


async def _works(proxy: Proxy, requests: int) -> bool:
    """Whether many requests at once, and a walk, are answered right through a proxy."""
    async with (
        Agent(small_mib()) as agent,
        Manager(HERE, agent.port, credentials=PUBLIC, proxy=proxy, timeout=20) as manager,
    ):
        answers = await asyncio.gather(
            *(manager.get_value(f"{BIG_TABLE}.1.1.{number % BIG_ROWS + 1}") for number in range(requests))
        )
        walked = [varbind async for varbind in manager.walk(f"{BIG_TABLE}.1.1")]
    return answers == [number % BIG_ROWS + 1 for number in range(requests)] and len(walked) == BIG_ROWS


async def _failure(proxy: Proxy, port: int, timeout: float) -> tuple[type[SnmpError] | None, float]:
    """Ask through a proxy that fails; return the error, and how long it took."""
    start = time.monotonic()
    async with Manager(HERE, port, credentials=PUBLIC, proxy=proxy, retries=0) as manager:
        try:
            await manager.get(SYS_NAME, timeout=timeout)
        except SnmpError as error:
            return type(error), time.monotonic() - start
    return None, time.monotonic() - start


async def _failures(kind: str, timeout: float) -> tuple[int, float]:
    """Let a proxy refuse, stall, hang up, and drop a connection; return how many errors are right, and the latest.

    Returns:
        How many of the four failures had the right error, and by how many seconds the latest was past its time: at
        once, or its deadline.
    """
    right, late = 0, 0.0
    refusal: tuple[int | bytes, bytes] = (b"\r\n\r\n", b"HTTP/1.1 403 Forbidden\r\n\r\n")
    if kind == "socks5":
        refusal = (3, b"\x05\xff")
    silent: tuple[int | bytes, bytes] = (100_000, b"")
    for scripted, error, due in (
        (ScriptedProxy(refusal), ProxyFailed, 0.0),
        (ScriptedProxy(silent), ConnectFailed, timeout),
        (ScriptedProxy((3, b""), hang_up=True), ProxyFailed, 0.0),
    ):
        async with scripted as proxy:
            found, seconds = await _failure(Proxy(kind, HERE, proxy.port), 1, timeout)
            right += found is not None and issubclass(found, error)
            late = max(late, seconds - due)
    return right, late


async def _dropped(kind: str, port: int) -> tuple[bool, float]:
    """Cut the connection to a real proxy with a request in flight; return whether it was lost, and after how long."""
    lost = asyncio.get_running_loop().create_future()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        if not lost.done():
            lost.set_result(None)
        await reader.read()
        writer.close()

    async with (
        await asyncio.start_server(swallow, HERE, 0) as agent,
        Relay(HERE, port) as relay,
        Manager(
            HERE,
            agent.sockets[0].getsockname()[1],
            credentials=PUBLIC,
            proxy=Proxy(kind, HERE, relay.port),
            retries=0,
        ) as manager,
    ):
        asking = asyncio.ensure_future(manager.get(SYS_NAME, timeout=20))
        await lost
        start = time.monotonic()
        await relay.drop()
        try:
            await asking
        except ConnectionLost as error:
            return not isinstance(error, RequestTimeout), time.monotonic() - start
    return False, float("inf")


async def ways_through_proxies(scale: Scale) -> Outcome:
    """R31: requests through five programs, and a refusing, stalling, closing and dropping proxy of each kind."""
    requests = scale.count(300, least=50)
    timeout = 1.0
    worked: dict[str, bool] = {}
    missing, dropped, after = [], 0, 0.0
    for name, (kind, program) in PROGRAMS.items():
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            try:
                port = stack.enter_context(program(Path(folder)))
            except pytest.skip.Exception as lacking:
                missing.append(str(lacking))
                continue
            worked[name] = await _works(Proxy(kind, HERE, port), requests)
            was_lost, seconds = await _dropped(kind, port)
            dropped += was_lost
            after = max(after, seconds)
    right, late = 0, 0.0
    for kind in ("http", "socks5"):
        found, latest = await _failures(kind, timeout)
        right += found
        late = max(late, latest)
    return Outcome(
        (
            Figure("programs", len(worked)),
            share("programs through which requests and walks work", sum(worked.values()), len(worked)),
            share("programs whose lost connection is ConnectionLost", dropped, len(worked)),
            Figure("told after at most", 1000 * after, "ms", most=100),
            share("refusals, silences and ends of a proxy told as such", right, 6),
            Figure("later than at once, or than the deadline, by at most", 1000 * late, "ms", most=100),
        ),
        tuple(missing),
        notes=tuple(f"{name} does not work" for name, good in worked.items() if not good),
    )


ROWS = (
    Row(
        "R31",
        "proxies: SOCKS5, HTTP CONNECT and ssh -D; they refuse, stall, close or drop",
        "five programs work; each failure is typed, at once or at the deadline",
        ways_through_proxies,
        limit=180,
    ),
)
