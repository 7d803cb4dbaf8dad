"""Slow consumers, hosts that do not answer, and failing columns."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from snmptcp import OID, Community, ConnectFailed, Manager
from snmptcp.errors import AuthorizationError
from snmptcp.testing import FailWith
from tests.support.clock import settle, skip
from tests.support.mibs import BIG_ROWS, BIG_TABLE, SYS_NAME

if TYPE_CHECKING:
    from snmptcp.testing import Agent
    from snmptcp.testing import Request as AgentRequest

pytestmark = pytest.mark.anyio


async def test_a_row_is_not_yielded_without_the_cells_of_a_column_that_failed(manager: Manager, agent: Agent) -> None:
    def asks_column_2_beyond_row_10(request: AgentRequest) -> bool:
        oid = request.pdu.varbinds[0].oid
        return oid.startswith(OID(f"{BIG_TABLE}.1.2")) and len(oid) > 10 and oid[-1] >= 10

    agent.inject(FailWith(16, 1), times=None, when=asks_column_2_beyond_row_10)
    rows = []
    with pytest.raises(AuthorizationError):
        async for row in manager.table(BIG_TABLE, columns=[1, 2, 3], max_repetitions=10):
            rows.append(row)

    assert [list(row) for row in rows] == [[1, 2, 3]] * 10


async def test_a_walk_survives_a_connection_lost_while_its_consumer_takes_long(manager: Manager, agent: Agent) -> None:
    found = []
    async for varbind in manager.walk(f"{BIG_TABLE}.1.1", max_repetitions=10, timeout=20):
        found.append(varbind.oid[-1])
        if len(found) % 50 == 0:
            agent.drop_connections()
            await settle(20)
            skip(100)

    assert found == list(range(1, BIG_ROWS + 1))
    assert manager.statistics.connections > 3


async def test_connecting_to_a_dark_host_tells_the_true_reason_and_leaves_nothing_behind() -> None:
    never = asyncio.Event()

    async def hang(*_: object, **__: object) -> None:
        await never.wait()

    manager = Manager("2001:db8::1", credentials=Community("public"))
    with patch.object(asyncio.get_running_loop(), "create_connection", hang):
        connecting = asyncio.ensure_future(manager.connect())
        asking = asyncio.ensure_future(manager.get(SYS_NAME))
        await settle()
        skip(5)
        with pytest.raises(ConnectFailed, match=r"cannot connect to \[2001:db8::1\]:161: no answer within 5 s"):
            await connecting
        with pytest.raises(ConnectFailed, match=r"\[2001:db8::1\]:161"):
            await asking
        abandoned = asyncio.ensure_future(manager.get(SYS_NAME, timeout=1))
        await settle()
        skip(1)
        with pytest.raises(ConnectFailed, match="no answer within 1 s"):
            await abandoned
        skip(5)
        await settle()
    await manager.aclose()
    gc.collect()  # an attempt whose exception was not retrieved would be reported now


async def test_an_attempt_that_is_cancelled_from_outside_is_not_taken_for_closing(manager: Manager) -> None:
    asking = asyncio.ensure_future(manager.get(SYS_NAME))
    await asyncio.sleep(0)
    for task in asyncio.all_tasks():
        if task.get_name().startswith("snmptcp connect"):
            task.cancel()
    with pytest.raises(ConnectFailed, match="cancelled"):
        await asking

    assert (await manager.get(SYS_NAME))[0].value == b"core"
