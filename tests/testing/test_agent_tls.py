"""The agent over TLS: access by security name, counters, and faults."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp import (
    Community,
    ConfigurationError,
    Manager,
    RequestTimeout,
    SecurityLevel,
    SnmpVersion,
    Tsm,
    UsmUser,
)
from snmptcp.codec.message import MsgFlags, V3Message, decode_message
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.errors import AuthorizationError, NoAccess
from snmptcp.net.tls import ClientTls
from snmptcp.net.tls.counters import TlsCounters
from snmptcp.oid import OID
from snmptcp.testing import Agent, CutMac, FailWith, WrongRequestId
from snmptcp.values import Null, VarBind
from tests.support.clock import skip
from tests.support.mibs import SYS_NAME, small_agent_mib
from tests.support.senders import tsm_message
from tests.support.tls import VERSIONS, Client, connect
from tests.support.tls_agents import (
    BOSS,
    C,
    agent_options,
    manager_options,
    open_options,
    tsm_agent,
    tsm_manager,
    until,
)

pytestmark = pytest.mark.anyio

ALICE = UsmUser("alice", "SHA-256", "authentic alice", "AES", "private alice")
LOCAL = bytes.fromhex("8000000006")


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def raw_client(agent: Agent) -> Client:
    return await connect(ClientTls(manager_options(), agent.host), agent.host, agent.port)


def ask_for_name(**given: object) -> bytes:
    """Return a GET of sysName in the Transport Security Model; its msgID is 77."""
    pdu = Pdu(PduType.GET, 9, 0, 0, (VarBind(OID(SYS_NAME), Null()),))
    return tsm_message(pdu, **{"context_engine_id": LOCAL, "flags": 7, **given})  # type: ignore[arg-type]


def test_names_of_tsm_need_tls():
    with pytest.raises(ConfigurationError, match="give tls="):
        Agent(tsm_names=["boss"])


async def test_all_versions_and_security_models_are_spoken_side_by_side(version):
    async with tsm_agent(version, users=[ALICE]) as agent:
        for credentials in (Community("public", "1"), Community("public"), ALICE, Tsm()):
            async with tsm_manager(agent, version, credentials=credentials) as manager:
                assert (await manager.get(SYS_NAME))[0].value == b"core"
    asked = [request for request in agent.requests if str(request.pdu.varbinds[0].oid) == SYS_NAME]
    assert [(request.version, request.user, request.security_level) for request in asked] == [
        (SnmpVersion.V1, b"", SecurityLevel.noAuthNoPriv),
        (SnmpVersion.V2C, b"", SecurityLevel.noAuthNoPriv),
        (SnmpVersion.V3, b"alice", SecurityLevel.authPriv),
        (SnmpVersion.V3, b"boss", SecurityLevel.authPriv),
    ]


async def test_names_decide_who_reads_and_who_writes(version):
    for names, may_read, may_write in (
        ({"tsm_names": ["boss"]}, True, True),
        ({"read_only_tsm_names": [b"boss"], "tsm_names": ["else"]}, True, False),
        ({"read_only_tsm_names": ["boss"], "tsm_names": ["boss"]}, True, True),
        ({"tsm_names": ["else"]}, False, False),
    ):
        async with tsm_agent(version, **names) as agent, tsm_manager(agent, version) as manager:
            if may_read:
                assert (await manager.get(SYS_NAME))[0].value == b"core"
            else:
                with pytest.raises(AuthorizationError):
                    await manager.get(SYS_NAME)
            if not may_write:
                with pytest.raises(NoAccess if may_read else AuthorizationError):
                    await manager.set((SYS_NAME, "x"))
                assert agent.mib[SYS_NAME] == b"core"
            else:
                await manager.set((SYS_NAME, "x"))
                assert agent.mib[SYS_NAME] == b"x"


async def test_with_prefixes_names_begin_with_the_transports(version):
    async with tsm_agent(version, tsm_names=["tls:boss"], tsm_prefix=True) as agent:
        async with tsm_manager(agent, version) as manager:
            await manager.set((SYS_NAME, "x"))
        assert {request.user for request in agent.requests} == {b"tls:boss"}
    async with (
        tsm_agent(version, tsm_names=["boss"], tsm_prefix=True) as agent,
        tsm_manager(agent, version) as manager,
    ):
        with pytest.raises(AuthorizationError):
            await manager.get(SYS_NAME)


async def test_without_maps_no_certificate_has_a_security_name():
    async with tsm_agent(tls=agent_options(certificate_maps=())) as agent, tsm_manager(agent) as manager:
        request = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
        await until(lambda: agent.statistics.tsm_invalid_caches)
        skip(5)
        with pytest.raises(RequestTimeout):
            await request
    assert agent.statistics.tsm_invalid_caches == 1
    assert not agent.requests


async def test_tsm_without_names_is_another_security_model():
    async with Agent(small_agent_mib(), tls=agent_options(), users=[ALICE]) as agent:
        client = await raw_client(agent)
        client.transport.write(ask_for_name())
        await until(lambda: agent.statistics.unknown_security_models == 1)
        await client.aclose()


async def test_a_response_has_the_level_of_its_request():
    async with tsm_agent() as agent:
        client = await raw_client(agent)
        for flags in (MsgFlags.REPORTABLE, MsgFlags.AUTH, MsgFlags.AUTH | MsgFlags.PRIV):
            client.received = b""
            client.transport.write(ask_for_name(flags=flags))
            await until(lambda: client.received)
            answer = decode_message(client.received)
            assert isinstance(answer, V3Message)
            assert answer.msg_flags == flags & 3
            assert (answer.security_model, answer.security_parameters, answer.msg_id) == (4, b"", 77)
        client.transport.write(ask_for_name(flags=MsgFlags.PRIV))
        await until(lambda: agent.statistics.invalid_msgs == 1)
        await client.aclose()


async def test_a_request_for_another_engine_or_context_is_reported():
    async with tsm_agent() as agent:
        client = await raw_client(agent)
        for given, counter in (
            ({"context_engine_id": b"\x80somebody"}, "1.3.6.1.6.3.11.2.1.3.0"),
            ({"context_name": b"nowhere"}, "1.3.6.1.6.3.12.1.5.0"),
        ):
            client.received = b""
            client.transport.write(ask_for_name(**given))
            await until(lambda: client.received)
            answer = decode_message(client.received)
            assert isinstance(answer, V3Message)
            assert answer.scoped_pdu is not None
            assert answer.scoped_pdu.context_engine_id == agent.engine_id
            pdu = answer.scoped_pdu.pdu
            assert isinstance(pdu, Pdu)
            assert (pdu.type, pdu.request_id, str(pdu.varbinds[0].oid)) == (PduType.REPORT, 9, counter)
        assert agent.statistics.reports == 2
        await client.aclose()


async def test_faults_of_messages_happen_inside_tls_and_forgeries_are_left_to_usm(version):
    async with tsm_agent(version, users=[ALICE]) as agent, tsm_manager(agent, version) as manager:
        await manager.get(SYS_NAME)
        agent.inject(CutMac(0))
        assert (await manager.get(SYS_NAME))[0].value == b"core"
        assert agent.statistics.faults == 0
        agent.inject(FailWith(16, 1))
        with pytest.raises(AuthorizationError):
            await manager.get(SYS_NAME)
        agent.inject(WrongRequestId())
        request = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
        await until(lambda: manager.statistics.refused)
        skip(5)
        with pytest.raises(RequestTimeout):
            await request
        assert agent.statistics.faults == 2


async def test_sessions_are_counted_on_both_sides(version):
    async with tsm_agent(version) as agent:
        async with tsm_manager(agent, version) as manager:
            await manager.connect()
            assert agent.tls_counters == TlsCounters(session_accepts=1)
            assert manager.tls_counters == TlsCounters(session_opens=1)
        await until(lambda: not agent.connections)
        assert agent.tls_counters == TlsCounters(session_accepts=1, session_server_closes=1)
        assert manager.tls_counters == TlsCounters(session_opens=1, session_client_closes=1)


async def test_a_community_needs_no_certificate_if_none_is_required(version):
    async with Agent(small_agent_mib(), tls=open_options(version)) as agent:
        tls = manager_options(version, None)
        async with Manager(agent.host, agent.port, credentials=Community("public"), tls=tls) as manager:
            assert (await manager.get(SYS_NAME))[0].value == b"core"


def test_maps_are_part_of_the_options():
    assert agent_options().certificate_maps == (BOSS,)
    assert str(BOSS.fingerprint).replace(":", "").lower().endswith(C.client.fingerprint)
