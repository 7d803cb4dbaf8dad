"""The agent with SNMPv3, seen by a manager: users, contexts, sizes, its own objects, and faults."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp import (
    Community,
    Manager,
    OctetString,
    RequestTimeout,
    SecurityLevel,
    SnmpVersion,
    UsmUser,
    VarBind,
)
from snmptcp.codec.message import V3Message, decode_message
from snmptcp.errors import AuthorizationError, ConfigurationError, ErrorStatus, NoAccess, TooBig
from snmptcp.oid import OID
from snmptcp.testing import Agent, Close, CutMac, FailWith, Forgery, Mib, Replay, WrongCommunity
from snmptcp.testing.usm_engine import SecuredReply
from tests.support.clock import skip
from tests.support.mibs import BIG_ROWS, BIG_TABLE, SYS_NAME, small_agent_mib

pytestmark = pytest.mark.anyio

ALICE = UsmUser("alice", "SHA-512", "authentic alice", "AES-256", "private alice")
READER = UsmUser("reader", "SHA", "authentic reader", "DES", "private reader")
ENGINE_ID = bytes.fromhex("80007ed904") + b"agent"
SNMP_ENGINE = "1.3.6.1.6.3.10.2.1"


@pytest.fixture
async def agent(anyio_backend):
    async with Agent(
        small_agent_mib(), users=[ALICE], read_only_users=[READER], engine_id=ENGINE_ID, engine_boots=4
    ) as agent:
        yield agent


def manager_for(agent: Agent, user: UsmUser | Community = ALICE, **options: int) -> Manager:
    return Manager(agent.host, agent.port, credentials=user, **options)  # type: ignore[arg-type]


async def test_all_three_versions_are_spoken_side_by_side(agent):
    for credentials in (Community("public", "1"), Community("public"), ALICE):
        async with manager_for(agent, credentials) as manager:
            assert (await manager.get(SYS_NAME))[0].value == b"core"
    assert [
        (request.version, request.community, request.user, request.security_level) for request in agent.requests
    ] == [
        (SnmpVersion.V1, b"public", b"", SecurityLevel.noAuthNoPriv),
        (SnmpVersion.V2C, b"public", b"", SecurityLevel.noAuthNoPriv),
        (SnmpVersion.V3, b"", b"alice", SecurityLevel.authPriv),
    ]


async def test_users_write_and_read_only_users_do_not(agent):
    async with manager_for(agent, READER) as manager:
        assert (await manager.get(SYS_NAME))[0].value == b"core"
        with pytest.raises(NoAccess):
            await manager.set((SYS_NAME, "no"))
    async with manager_for(agent) as manager:
        await manager.set((SYS_NAME, "yes"))
    assert agent.mib[SYS_NAME] == b"yes"


@pytest.mark.parametrize(
    "user", [UsmUser("alice"), UsmUser("alice", "SHA-512", "authentic alice")], ids=["noAuthNoPriv", "authNoPriv"]
)
async def test_a_message_less_protected_than_its_user_may_do_nothing(agent, user):
    async with manager_for(agent, user) as manager:
        with pytest.raises(AuthorizationError):
            await manager.get(SYS_NAME)
        with pytest.raises(AuthorizationError):
            await manager.set((SYS_NAME, "no"))
    assert agent.mib[SYS_NAME] == b"core"


async def test_the_snmp_engine_group_can_be_read(agent):
    async with manager_for(agent) as manager:
        skip(100)
        varbinds = [varbind async for varbind in manager.walk(SNMP_ENGINE)]
    assert [varbind.oid for varbind in varbinds] == [OID(f"{SNMP_ENGINE}.{arc}.0") for arc in (1, 2, 3, 4)]
    engine_id, boots, time, size = (varbind.value for varbind in varbinds)
    assert (engine_id, boots, size) == (ENGINE_ID, 4, 65507)
    assert isinstance(time, int)
    assert 100 <= time <= 101


async def test_what_the_mib_says_of_the_engine_stays():
    mib = Mib({f"{SNMP_ENGINE}.1.0": OctetString(b"mine")})
    Agent(mib, users=[ALICE])
    assert mib.read(f"{SNMP_ENGINE}.1.0") == b"mine"
    assert len(mib) == 4
    assert len(Agent({SYS_NAME: "core"}).mib) == 1


async def test_without_users_there_is_no_v3():
    async with Agent({SYS_NAME: "core"}) as agent:
        with pytest.raises(ConfigurationError, match="no users"):
            agent.reboot()
        async with manager_for(agent) as manager:
            task = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
            while agent.statistics.unsupported_versions == 0:
                await asyncio.sleep(0)
            skip(5)
            with pytest.raises(RequestTimeout):
                await task


async def test_a_clock_of_ones_own():
    now = [0.0]
    async with Agent({}, users=[ALICE], clock=lambda: now[0]) as agent:
        now[0] = 77.5
        assert agent.engine_time == 77
        agent.reboot()
        assert (agent.engine_boots, agent.engine_time) == (2, 0)
        agent.jump(10)
        assert agent.engine_time == 10
        agent.replace_engine(b"another")
        assert (agent.engine_id, agent.engine_boots, agent.engine_time) == (b"another", 1, 0)


async def test_contexts_have_variables_of_their_own(anyio_backend):
    contexts = {"side": Mib({SYS_NAME: "side"})}
    async with Agent({SYS_NAME: "main"}, users=[ALICE], contexts=contexts) as agent:
        for name, value in (("", b"main"), ("side", b"side")):
            user = UsmUser("alice", "SHA-512", "authentic alice", "AES-256", "private alice", name)
            async with manager_for(agent, user) as manager:
                assert (await manager.get(SYS_NAME))[0].value == value
        assert [request.context_name for request in agent.requests] == [b"", b"side"]


async def test_the_engine_answers_for_the_local_engine_too(agent):
    user = UsmUser(
        "alice",
        "SHA-512",
        "authentic alice",
        "AES-256",
        "private alice",
        context_engine_id=bytes.fromhex("8000000006"),
    )
    async with manager_for(agent, user) as manager:
        assert (await manager.get(f"{SNMP_ENGINE}.1.0"))[0].value == ENGINE_ID


async def test_the_managers_longest_message_limits_every_answer(agent):
    received: list[bytes] = []
    agent.mib[SYS_NAME] = OctetString(bytes(10_000))
    async with Manager(
        agent.host,
        agent.port,
        credentials=ALICE,
        max_message_size=8192,
        packet_trace=lambda way, octets: received.append(octets) if way == "received" else None,
    ) as manager:
        varbinds = await manager.get_bulk(f"{BIG_TABLE}.1.1", max_repetitions=1000)
        assert 100 < len(varbinds) < BIG_ROWS * 3
        with pytest.raises(TooBig):
            await manager.get(SYS_NAME)
        walked = [varbind async for varbind in manager.walk(BIG_TABLE, max_repetitions=1000)]
        assert len(walked) == 3 * BIG_ROWS
    assert max(map(len, received)) <= 8192


async def test_the_agents_longest_message_is_told_and_kept_to():
    async with Agent(small_agent_mib(), users=[ALICE], max_message_size=8192) as agent, manager_for(agent) as manager:
        names = [f"{BIG_TABLE}.1.{column}.{row}" for column in (1, 2, 3) for row in range(1, BIG_ROWS + 1)]
        varbinds = await manager.get(*names)
        assert [str(varbind.oid) for varbind in varbinds] == names
        assert agent.statistics.lost_framings == 0


# -------------------------------------------------------------------------------------------- faults


async def test_faults_of_what_is_said_reach_v3_too(agent):
    async with manager_for(agent) as manager:
        agent.inject(FailWith(ErrorStatus.tooBig))
        with pytest.raises(TooBig):
            await manager.get(SYS_NAME)
        agent.inject(Close())
        await manager.get(SYS_NAME)
        assert manager.statistics.connections == 2


async def test_a_forgery_waits_for_a_response_of_v3(agent):
    agent.inject(CutMac())
    agent.inject(Replay(), reports=True)
    async with manager_for(agent, Community("public")) as manager:
        await manager.get(SYS_NAME)
    assert agent.statistics.faults == 0


async def test_reports_and_responses_have_faults_of_their_own(agent):
    class Witness(Forgery):
        def __init__(self) -> None:
            self.seen: list[SecuredReply] = []

        def forge(self, reply: SecuredReply) -> bytes:
            self.seen.append(reply)
            return reply.encode()

    reports, responses = Witness(), Witness()
    agent.inject(reports, times=None, reports=True)
    agent.inject(responses, times=None, when=lambda request: request.user == b"alice")
    async with manager_for(agent) as manager:
        for _ in range(3):
            await manager.get(SYS_NAME)
    assert len(reports.seen) == 1
    assert len(responses.seen) == 3
    varbind = VarBind(OID(SYS_NAME), OctetString(b"core"))
    assert {reply.scoped_pdu.pdu.varbinds for reply in responses.seen} == {(varbind,)}
    assert agent.statistics.faults == 4


async def test_what_is_replayed_is_the_last_response(agent):
    received: list[bytes] = []
    trace = lambda way, octets: received.append(octets) if way == "received" else None  # noqa: E731
    async with Manager(agent.host, agent.port, credentials=ALICE, packet_trace=trace) as manager:
        await manager.get(SYS_NAME)
        agent.inject(Replay())
        task = asyncio.ensure_future(manager.get(SYS_NAME))
        while len(received) < 3:
            await asyncio.sleep(0)
        task.cancel()
    assert received[2] == received[1]
    message = decode_message(received[1])
    assert isinstance(message, V3Message)


async def test_another_community_is_another_user_in_v3(agent):
    received: list[bytes] = []
    trace = lambda way, octets: received.append(octets) if way == "received" else None  # noqa: E731
    agent.inject(WrongCommunity(b"mallory"))
    async with Manager(agent.host, agent.port, credentials=ALICE, packet_trace=trace) as manager:
        task = asyncio.ensure_future(manager.get(SYS_NAME))
        while manager.statistics.refused == 0:
            await asyncio.sleep(0)
        task.cancel()
    assert b"mallory" in received[-1]
