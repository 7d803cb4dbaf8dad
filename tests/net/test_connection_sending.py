"""When a connection sends what had to wait: for a TLS record, for the rate."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from snmptcp import Community
from snmptcp.errors import ClosedError
from snmptcp.net.connection import Connection
from snmptcp.net.send_gate import MAX_RECORD_SIZE
from snmptcp.net.tls import ClientTls
from snmptcp.protocol.request import get_request
from snmptcp.protocol.session import Session
from snmptcp.security.community import CommunitySecurity
from tests.support.certificates import certificates
from tests.support.clock import settle, skip
from tests.support.deadlines import within
from tests.support.tls import VERSIONS

pytestmark = pytest.mark.anyio

C = certificates()
NAME = "1.3.6.1.2.1.1.5.0"


@pytest.fixture(params=VERSIONS, ids=lambda version: f"TLS {version}")
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# ------------------------------------------------------------------------------ sessions that break


# ------------------------------------------------------------------------------------ certificates


# ---------------------------------------------------------------------------------- what is left behind


# ------------------------------------------------------------------------------- what leaves, and when


class Transport(asyncio.Transport):
    """Keeps what is written to it."""

    def __init__(self, extra: dict[str, Any] | None = None) -> None:
        super().__init__(extra)
        self.written = bytearray()
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True


def start(connection: Connection, names: int = 1) -> None:
    request = get_request((NAME,) * names)
    connection.start(request, within(60, asyncio.get_running_loop().time()))


async def test_what_a_record_has_no_room_for_leaves_in_time_even_if_the_record_is_not_answered() -> None:
    tls = SimpleNamespace(established=lambda *_: None)
    connection = Connection(Session(CommunitySecurity(Community("public"))), "agent", tls=cast("ClientTls", tls))
    transport = Transport({"ssl_object": SimpleNamespace(session=None, session_reused=False)})
    connection.connection_made(transport)
    connection.pause_writing()
    for _ in range(3):
        start(connection, MAX_RECORD_SIZE // 24)  # each nearly fills a record
    connection.resume_writing()
    first = len(transport.written)
    for _ in range(2):
        skip(1.5)
        await settle()
    assert first > 0
    assert len(transport.written) == 3 * first
    connection.close(ClosedError("done"))


async def test_requests_that_wait_for_the_rate_wait_for_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection(Session(CommunitySecurity(Community("public"))), "agent", max_rate=100)
    connection.connection_made(Transport())
    loop = asyncio.get_running_loop()
    timers: list[asyncio.TimerHandle] = []
    call_at = loop.call_at

    def counted(*args: Any) -> asyncio.TimerHandle:
        timers.append(call_at(*args))
        return timers[-1]

    monkeypatch.setattr(loop, "call_at", counted)
    for _ in range(50):
        start(connection)
        await settle(2)
    assert len(timers) <= 2  # the first request's deadline, and then when the rate lets the next one leave
    assert [timer.cancelled() for timer in timers].count(False) == 1
    connection.close(ClosedError("done"))
    assert all(timer.cancelled() for timer in timers)
