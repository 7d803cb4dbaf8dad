"""Traps and informs of an agent, as a raw client receives them."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp import Community, IpAddress
from snmptcp.codec.message import CommunityMessage, encode_message
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.errors import ConfigurationError, ConnectionLost, GenErr, RequestTimeout
from snmptcp.oid import OID
from snmptcp.testing import Agent
from snmptcp.values import Integer32, TimeTicks, VarBind
from tests.support.clock import skip
from tests.support.rawclient import V2C, RawClient, message

pytestmark = pytest.mark.anyio

UPTIME, TRAP_OID = "1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.1.1.4.1.0"
NAME, LINK_DOWN = "1.3.6.1.2.1.1.5.0", "1.3.6.1.6.3.1.1.5.3"
INDEX = VarBind(OID("1.3.6.1.2.1.2.2.1.1.7"), Integer32(7))


@pytest.fixture
async def agent():
    async with Agent({UPTIME: TimeTicks(5), NAME: "core"}) as agent:
        yield agent


@pytest.fixture
async def manager(agent):
    async with RawClient(agent.host, agent.port) as manager:
        await manager.request(PduType.GET, NAME)
        yield manager


async def informed(manager: RawClient) -> Pdu:
    """Return the inform that arrives next."""
    pdu = (await manager.answer()).pdu
    assert isinstance(pdu, Pdu)
    assert pdu.type is PduType.INFORM
    return pdu


def answer_to(pdu: Pdu, status: int = 0, community: bytes = b"public") -> bytes:
    return encode_message(CommunityMessage(V2C, community, pdu._replace(type=PduType.RESPONSE, error_status=status)))


async def test_a_trap_has_the_uptime_of_the_mib_and_the_community_of_the_latest_request(agent, manager):
    agent.send_trap(LINK_DOWN, INDEX)
    trap = await manager.answer()
    assert (trap.version, trap.community) == (V2C, b"public")
    assert isinstance(trap.pdu, Pdu)
    assert trap.pdu.type is PduType.TRAP_V2
    assert trap.pdu.varbinds == (
        VarBind(OID(UPTIME), TimeTicks(5)),
        VarBind(OID(TRAP_OID), OID(LINK_DOWN)),
        INDEX,
    )
    assert agent.statistics.notifications == 1


async def test_a_trap_of_version_1_has_the_agents_address(agent, manager):
    agent.send_trap(LINK_DOWN, INDEX, uptime=9, credentials=Community("other", "1"))
    trap = await manager.answer()
    assert trap.community == b"other"
    assert isinstance(trap.pdu, TrapV1Pdu)
    assert (trap.pdu.agent_address, trap.pdu.generic_trap, trap.pdu.timestamp) == (IpAddress("127.0.0.1"), 2, 9)
    assert trap.pdu.varbinds == (INDEX,)


async def test_an_inform_ends_with_its_acknowledgement_and_requests_go_on_meanwhile(agent, manager):
    informing = asyncio.ensure_future(agent.inform(LINK_DOWN, INDEX, timeout=60))
    pdu = await informed(manager)
    assert (await manager.request(PduType.GET, NAME)).error_status == 0
    assert not informing.done()
    manager.send(answer_to(pdu))
    assert await informing == pdu.varbinds
    assert agent.statistics.acknowledged == 1
    assert agent.statistics.unexpected_pdus == 0


async def test_an_inform_that_the_manager_refuses_is_its_error(agent, manager):
    informing = asyncio.ensure_future(agent.inform(LINK_DOWN, timeout=60))
    manager.send(answer_to(await informed(manager), status=5))
    with pytest.raises(GenErr):
        await informing
    assert agent.statistics.acknowledged == 0


async def test_an_answer_in_another_community_is_no_acknowledgement(agent, manager):
    informing = asyncio.ensure_future(agent.inform(LINK_DOWN, timeout=60))
    manager.send(answer_to(await informed(manager), community=b"other"))
    await manager.request(PduType.GET, NAME)
    assert not informing.done()
    assert agent.statistics.unexpected_pdus + agent.statistics.bad_communities == 1
    skip(60)
    with pytest.raises(RequestTimeout):
        await informing


@pytest.mark.parametrize("reset", [False, True])
async def test_an_inform_ends_with_its_connection(agent, manager, reset):
    informing = asyncio.ensure_future(agent.inform(LINK_DOWN, timeout=60))
    await informed(manager)
    agent.drop_connections(reset=reset)
    with pytest.raises(ConnectionLost):
        await informing


async def test_a_notification_needs_a_connection(agent, manager):
    with pytest.raises(ConnectionLost, match="connection 7 is not open"):
        agent.send_trap(LINK_DOWN, connection=7)
    async with Agent() as lonely:
        with pytest.raises(ConnectionLost, match="no manager is connected"):
            lonely.send_trap(LINK_DOWN)


async def test_version_1_has_no_informs(agent, manager):
    with pytest.raises(ConfigurationError, match="SNMPv1 has no informs"):
        await agent.inform(LINK_DOWN, credentials=Community("public", "1"))


async def test_a_response_without_an_inform_is_unexpected(agent, manager):
    manager.send(message(PduType.RESPONSE, NAME))
    await manager.request(PduType.GET, NAME)
    assert agent.statistics.unexpected_pdus == 1
