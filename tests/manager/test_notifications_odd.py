"""Manager.notifications: odd notifications are delivered, and refused messages reach a hook."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, Manager
from snmptcp.codec.pdu import PduType
from snmptcp.listener import Oddity, RefusedMessage
from snmptcp.sync import SyncManager
from snmptcp.testing import Agent
from tests.support.mibs import SYS_DESCR, small_agent_mib
from tests.support.odd import BROKEN, KIND, NAME, ODD, ODD_V1, PLAIN_V1, UP, community, pdu, usm
from tests.support.senders import ALICE, UsmSender, community_message, notification_pdu, trap
from tests.support.threaded import ThreadedAgent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

PUBLIC = Community("public")


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(small_agent_mib(), users=[ALICE]) as agent:
        yield agent


def manager_of(agent: Agent, credentials: Any = PUBLIC, **options: Any) -> Manager:
    return Manager(agent.host, agent.port, credentials=credentials, **options)


def push(agent: Agent, *messages: bytes) -> None:
    """Let the agent write whole messages, whatever they are, on its only connection."""
    (outlet,) = agent._outlets.values()
    outlet.send(b"".join(messages))


@pytest.mark.parametrize("kind", [PduType.TRAP_V2, PduType.INFORM], ids=lambda kind: kind.name)
@pytest.mark.parametrize("name", ODD)
async def test_an_odd_notification_is_delivered_beside_answers(agent: Agent, name: str, kind: PduType) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications()
        await manager.get(SYS_DESCR)
        octets = ODD[name].make(kind)
        push(agent, community(octets))
        notification = await anext(stream)
        assert (notification.oddities, notification.octets) == (ODD[name].oddities, octets)
        await manager.get(SYS_DESCR)
        assert manager.notification_statistics.refused == {}


@pytest.mark.parametrize("name", ODD_V1)
async def test_an_odd_trap_of_version_1_is_delivered(agent: Agent, name: str) -> None:
    async with manager_of(agent, Community("public", "1")) as manager:
        stream = manager.notifications()
        await manager.get(SYS_DESCR)
        push(agent, community(ODD_V1[name][0], "1"))
        assert (await anext(stream)).oddities == ODD_V1[name][1]


async def test_pdus_of_other_versions_are_delivered(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications()
        await manager.get(SYS_DESCR)
        push(agent, community(PLAIN_V1))
        assert (await anext(stream)).oddities == {Oddity.PDU_VERSION}


@pytest.mark.parametrize("octets", [PLAIN_V1, pdu(PduType.TRAP_V2, KIND, UP, BROKEN, NAME)])
async def test_a_user_gets_them_too(agent: Agent, octets: bytes) -> None:
    async with manager_of(agent, ALICE) as manager:
        stream = manager.notifications()
        await manager.get(SYS_DESCR)
        push(agent, usm(octets))
        assert (await anext(stream)).octets == octets


async def test_each_stream_is_told_of_refused_messages_while_it_is_open(agent: Agent) -> None:
    first: list[RefusedMessage] = []
    second: list[RefusedMessage] = []
    strange = community_message(notification_pdu(), Community("Secret"))
    async with manager_of(agent) as manager:
        stream, other = manager.notifications(on_refused=first.append), manager.notifications(on_refused=second.append)
        plain = manager.notifications()
        await manager.get(SYS_DESCR)
        push(agent, strange, trap())
        await anext(plain)
        await anext(stream)
        await other.aclose()
        push(agent, b"\x30\x00", strange, trap())
        await anext(plain)
        assert [refused.counter for refused in first] == ["bad_communities"] * 2
        assert [refused.octets for refused in second] == [strange]
        assert first[0].source == (agent.host, agent.port)
        assert "Secret" not in repr(first)


async def test_a_hook_that_fails_is_counted_and_logged(agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    def fail(refused: RefusedMessage) -> None:
        raise RuntimeError(refused.reason)

    async with manager_of(agent) as manager:
        stream = manager.notifications(on_refused=fail)
        await manager.get(SYS_DESCR)
        push(agent, community_message(notification_pdu(), Community("other")), trap())
        await anext(stream)
        assert manager.statistics.callback_failures == 1
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == [
        "on_refused failed; requests are not affected"
    ]


async def test_an_odd_engine_id_is_logged_once(agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    async with manager_of(agent, ALICE) as manager:
        stream = manager.notifications()
        await manager.get(SYS_DESCR)
        for number in range(2):
            push(agent, UsmSender(engine_id=b"1234", message_id=number).trap(number))
            assert (await anext(stream)).oddities == {Oddity.ENGINE_ID}
    assert [record.getMessage() for record in caplog.records if "odd engine ID" in record.getMessage()] == [
        f"{agent.host}:{agent.port} sends with the odd engine ID 31323334"
    ]


@pytest.mark.parametrize("credentials", [PUBLIC, ALICE], ids=["v2c", "v3"])
async def test_a_strict_manager_refuses_what_is_odd(agent: Agent, credentials: Any) -> None:
    told: list[RefusedMessage] = []
    wrap = community if credentials is PUBLIC else usm
    async with manager_of(agent, credentials, strict=True) as manager:
        stream = manager.notifications(on_refused=told.append)
        await manager.get(SYS_DESCR)
        odd = wrap(pdu(PduType.TRAP_V2, KIND, UP))
        push(agent, odd, wrap(pdu(PduType.TRAP_V2, UP, KIND)))
        assert (await anext(stream)).oddities == frozenset()
        assert [refused.octets for refused in told] == [odd]


async def test_a_manager_for_a_frozen_clock_takes_its_traps_too(agent: Agent) -> None:
    for frozen in (False, True):
        async with manager_of(agent, ALICE, frozen_clock=frozen) as manager:
            stream = manager.notifications()
            await manager.get(SYS_DESCR)
            push(agent, UsmSender(time=5000).trap(1), UsmSender(time=0).trap(2), UsmSender(time=5000).trap(3))
            for _ in range(2 + frozen):
                await anext(stream)
            await manager.get(SYS_DESCR)
            refused = {} if frozen else {"not_in_time_windows": 1}
            assert manager.notification_statistics.refused == refused


def test_a_blocking_manager_has_the_hook_too() -> None:
    told: list[RefusedMessage] = []
    with (
        ThreadedAgent() as agent,
        SyncManager(agent.host, agent.port, credentials=Community("public")) as manager,
    ):
        notifications = manager.notifications(on_refused=told.append)
        manager.get(SYS_DESCR)
        agent.call(lambda: push(agent.agent, community_message(notification_pdu(), Community("other")), trap()))
        assert next(notifications).community == b"public"
        notifications.close()
    assert [refused.counter for refused in told] == ["bad_communities"]
