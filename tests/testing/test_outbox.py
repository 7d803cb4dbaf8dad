"""Notifications that an agent sends in the background."""

from __future__ import annotations

import asyncio
import logging

import pytest

from snmptcp import Community, NotificationListener, UsmUser
from snmptcp.oid import OID
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.testing import outbox as outbox_module
from snmptcp.testing.outbox import Outbox, Outgoing
from snmptcp.values import Integer32, VarBind

pytestmark = pytest.mark.anyio

COLD_START = OID("1.3.6.1.6.3.1.1.5.1")


def outgoing(port, credentials=None, *, is_inform=False):
    varbinds = (VarBind(OID("1.3.6.1.9"), Integer32(5)),)
    return Outgoing("127.0.0.1", port, credentials or Community("public"), is_inform, COLD_START, None, None, varbinds)


@pytest.mark.parametrize("is_inform", [False, True])
async def test_a_notification_arrives_and_the_outbox_forgets_it(is_inform):
    async with NotificationListener("127.0.0.1", 0, credentials=[Community("public")]) as listener:
        outbox = Outbox()
        outbox.send(outgoing(listener.port, is_inform=is_inform))
        notification = await anext(listener)
        assert notification.trap_oid == COLD_START
        await asyncio.gather(*outbox._tasks)
        await outbox.aclose()
        assert not outbox._tasks


async def test_an_snmpv3_trap_comes_from_the_agents_engine():
    user = UsmUser("bert", "SHA-256", "authentic!")
    engine = EngineInfo(bytes.fromhex("8000000001020304"), 3, 500)
    async with NotificationListener("127.0.0.1", 0, credentials=[(user, engine.engine_id)]) as listener:
        outbox = Outbox()
        outbox.send(outgoing(listener.port, user), engine)
        notification = await anext(listener)
        await outbox.aclose()
    assert notification.engine_id == engine.engine_id


async def test_a_receiver_that_is_not_there_is_logged(caplog):
    async with NotificationListener("127.0.0.1", 0, credentials=[Community("public")]) as listener:
        port = listener.port
    outbox = Outbox()
    outbox.send(outgoing(port))
    await asyncio.gather(*outbox._tasks)
    (record,) = [each for each in caplog.records if each.name == outbox_module.__name__]
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(f"no notification to 127.0.0.1:{port}: ")


async def test_only_so_many_are_under_way_and_closing_ends_them(caplog, monkeypatch):
    monkeypatch.setattr(outbox_module, "MAX_UNDER_WAY", 2)
    async with NotificationListener("127.0.0.1", 0, credentials=[Community("public")]) as listener:
        outbox = Outbox()
        for _ in range(3):
            outbox.send(outgoing(listener.port))
        assert len(outbox._tasks) == 2
        assert "dropped a notification" in caplog.text
        await outbox.aclose()
        assert not outbox._tasks
