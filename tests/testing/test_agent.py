"""The embedded agent as a whole: its connections, its records, its start and end."""

from __future__ import annotations

import asyncio

import pytest

import snmptcp.testing
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.errors import (
    ClosedError,
    ConfigurationError,
    TransportError,
)
from snmptcp.oid import OID
from snmptcp.testing import Agent, Mib
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    OctetString,
    TimeTicks,
    VarBind,
)
from tests.support.rawclient import V1, V2C, RawClient, message

pytestmark = pytest.mark.anyio

GET = PduType.GET
NEXT = PduType.GET_NEXT
BULK = PduType.GET_BULK
SET = PduType.SET

DESCR = "1.3.6.1.2.1.1.1.0"
UPTIME = "1.3.6.1.2.1.1.3.0"
NAME = "1.3.6.1.2.1.1.5.0"
IF_DESCR = "1.3.6.1.2.1.2.2.1.2"
IF_OCTETS = "1.3.6.1.2.1.2.2.1.10"
HC_OCTETS = "1.3.6.1.2.1.31.1.1.1.6"
LAST = "1.3.6.1.4.1.8072.1.0"

SWITCH = {
    DESCR: "a switch",
    UPTIME: TimeTicks(5),
    NAME: "x",
    f"{IF_DESCR}.1": "one",
    f"{IF_DESCR}.2": "two",
    f"{IF_OCTETS}.1": Counter32(10),
    f"{IF_OCTETS}.2": Counter32(20),
    f"{HC_OCTETS}.1": Counter64(2**40),
    f"{HC_OCTETS}.2": Counter64(2**41),
    LAST: Gauge32(1),
}


def client(agent: Agent) -> RawClient:
    return RawClient(agent.host, agent.port)


def texts(pdu: Pdu) -> list[str]:
    return [f"{varbind.oid}={varbind.value}" for varbind in pdu.varbinds]


async def test_lost_framing_closes_that_connection_and_no_other():
    async with Agent(SWITCH) as agent, client(agent) as bad, client(agent) as good:
        bad.send(b"\x30\x80")
        with pytest.raises(EOFError):
            await bad.frame()
        await good.request(GET, DESCR)
        assert agent.statistics.lost_framings == 1
        assert agent.connections == 1


# --------------------------------------------------------------------- requests and connections


async def test_requests_are_remembered_with_their_connection():
    async with Agent(SWITCH) as agent, client(agent) as first, client(agent) as second:
        await first.request(GET, DESCR)
        await second.request(NEXT, UPTIME, version=V1, community=b"private")
        seen = [
            (request.version, request.community, request.pdu.type, request.connection) for request in agent.requests
        ]
        assert seen == [(V2C, b"public", GET, 1), (V1, b"private", NEXT, 2)]
        assert agent.requests[1].pdu.varbinds[0].oid == OID(UPTIME)
        assert agent.statistics.connections == agent.connections == 2


async def test_many_requests_in_one_write_are_all_answered_in_order():
    async with Agent(SWITCH) as agent, client(agent) as manager:
        manager.send(b"".join(message(GET, DESCR, request_id=number) for number in range(500)))
        pdus = [(await manager.answer()).pdu for _ in range(500)]
        assert [pdu.request_id for pdu in pdus if isinstance(pdu, Pdu)] == list(range(500))


async def test_waiting_for_requests_ends_when_they_have_come_or_the_agent_closes():
    agent = Agent(SWITCH)
    async with agent, client(agent) as manager:
        waiting = asyncio.create_task(agent.wait_for_requests(2))
        await manager.request(GET, DESCR)
        assert not waiting.done()
        await manager.request(GET, DESCR)
        await waiting
        await agent.wait_for_requests(1)
        never = asyncio.create_task(agent.wait_for_requests(3))
        await asyncio.sleep(0)
        await agent.aclose()
        with pytest.raises(ClosedError):
            await never


@pytest.mark.parametrize("reset", [False, True])
async def test_dropped_connections_end_and_new_ones_are_accepted(reset):
    async with Agent(SWITCH) as agent, client(agent) as first, client(agent) as second:
        for manager in (first, second):
            await manager.request(GET, DESCR)
        agent.drop_connections(reset=reset)
        for manager in (first, second):
            with pytest.raises(ConnectionResetError if reset else EOFError):
                await manager.frame()
        async with client(agent) as third:
            assert (await third.request(GET, DESCR)).error_status == 0


async def test_an_agent_can_be_closed_twice_and_started_again_on_its_port():
    agent = Agent(SWITCH)
    assert agent.port == 0
    assert await agent.start() is agent
    port = agent.port
    async with client(agent) as manager:
        await manager.request(GET, DESCR)
        await agent.aclose()
        await agent.aclose()
        assert agent.connections == 0
        with pytest.raises(EOFError):
            await manager.frame()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(agent.host, port)
    async with agent:
        assert agent.port == port
        async with client(agent) as manager:
            await manager.request(GET, DESCR)


async def test_a_port_in_use_is_a_transport_error():
    async with Agent() as agent:
        with pytest.raises(TransportError, match="Address already in use"):
            await Agent(port=agent.port).start()


async def test_an_agent_on_ipv6_tells_its_address():
    async with Agent(SWITCH, host="::1") as agent, client(agent) as manager:
        assert agent.host == "::1"
        assert (await manager.request(GET, DESCR)).error_status == 0


async def test_a_recording_is_walked_to_its_end():
    lines = [f"1.3.6.1.2.1.2.2.1.{column}.{row}|65|{column * row}" for column in (10, 2) for row in range(1, 200)]
    async with Agent.from_snmprec(lines, read_community="other") as agent, client(agent) as manager:
        oid = OID("1.3")
        found: list[VarBind] = []
        while True:
            pdu = await manager.request(BULK, str(oid), second=7, community=b"other")
            found += pdu.varbinds
            oid = pdu.varbinds[-1].oid
            if pdu.varbinds[-1].value is EndOfMibView():
                break
        assert [varbind.oid for varbind in found[:-1]] == list(agent.mib)
        assert len(found) == len(lines) + 1


async def test_a_mib_is_shared_and_its_changes_are_seen_at_once():
    mib = Mib(SWITCH)
    async with Agent(mib) as one, Agent(mib) as other, client(one) as manager, client(other) as witness:
        assert one.mib is mib
        one.mib["1.3.6.1.2.1.1.4.0"] = OctetString("me")
        assert texts(await witness.request(NEXT, UPTIME)) == ["1.3.6.1.2.1.1.4.0=me"]
        del one.mib["1.3.6.1.2.1.1.4.0"]
        assert texts(await manager.request(NEXT, UPTIME)) == [f"{NAME}=x"]


@pytest.mark.parametrize(("what", "value"), [("max_message_size", 0), ("max_varbinds", 0), ("port", 70000)])
def test_impossible_options_are_refused(what, value):
    with pytest.raises(ConfigurationError):
        Agent(**{what: value})


def test_the_representation_shows_no_community():
    assert "secret" not in repr(Agent(read_community="secret"))


def test_everything_public_is_exported_by_name():
    assert isinstance(snmptcp.testing.__all__, tuple)
    assert all(hasattr(snmptcp.testing, name) for name in snmptcp.testing.__all__)
    assert list(snmptcp.testing.__all__) == sorted(snmptcp.testing.__all__)
