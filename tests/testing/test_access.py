"""Access to the agent: which messages it drops, counts and answers, and with which rights."""

from __future__ import annotations

import pytest

from snmptcp.codec.message import CommunityMessage, V3Message, encode_message
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.oid import OID
from snmptcp.testing import Agent
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    IpAddress,
    TimeTicks,
)
from tests.support.rawclient import V1, RawClient, message

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


async def test_getbulk_in_v1_is_dropped_as_malformed():
    async with Agent(SWITCH) as agent, client(agent) as manager:
        manager.send(message(BULK, "1.3", version=V1, second=5))
        await manager.request(GET, DESCR)
        assert agent.statistics.malformed == 1
        assert agent.statistics.messages_out == 1


# ---------------------------------------------------------------------------- what is not answered


UNANSWERED = {
    "bad_communities": message(GET, DESCR, community=b"other"),
    "malformed": b"\x30\x03\x02\x01\x05",
    "unsupported_versions": encode_message(V3Message(1, 65507, 4, 3, b"", encrypted_pdu=b"\x00")),
    "unexpected_pdus": message(PduType.RESPONSE, DESCR),
}


@pytest.mark.parametrize(
    ("counter", "octets"),
    [
        *UNANSWERED.items(),
        ("unexpected_pdus", message(PduType.INFORM, DESCR)),
        ("unexpected_pdus", message(PduType.TRAP_V2, DESCR)),
        (
            "unexpected_pdus",
            encode_message(
                CommunityMessage(V1, b"public", TrapV1Pdu(OID("1.3.6"), IpAddress("192.0.2.1"), 0, 0, TimeTicks(1)))
            ),
        ),
        ("malformed", message(SET, (HC_OCTETS, Counter64(1)), version=V1, community=b"private")),
        ("malformed", b"\x30\x00"),
    ],
)
async def test_what_is_not_answered_is_counted_and_the_connection_goes_on(counter, octets):
    async with Agent(SWITCH) as agent, client(agent) as manager:
        manager.send(octets)
        assert texts(await manager.request(GET, UPTIME)) == [f"{UPTIME}=5"]
        assert getattr(agent.statistics, counter) == 1
        assert agent.statistics.messages_in == 2
        assert agent.statistics.messages_out == 1
        assert [request.pdu.type for request in agent.requests] == [GET]


async def test_only_known_communities_have_access():
    async with Agent(SWITCH, read_community=None, write_community=b"secret") as agent, client(agent) as manager:
        assert (await manager.request(GET, DESCR, community=b"secret")).error_status == 0
        manager.send(message(GET, DESCR))
        await manager.request(GET, DESCR, community=b"secret")
        assert agent.statistics.bad_communities == 1
