"""A manager over TLS, from one end to the other: what it can do, whom it does not talk to, and what it tells of it."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import sys
from typing import TYPE_CHECKING, Any

import pytest
import uvloop
from cryptography import x509

from snmptcp import (
    OID,
    Community,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    Manager,
    OctetString,
    RequestTimeout,
    SecurityError,
    TlsFailed,
    Tsm,
    UsmUser,
)
from snmptcp.codec.pdu import PduType
from snmptcp.errors import AuthorizationError, NoAccess, TlsFailure, UnknownContext, UnknownEngine
from snmptcp.listener import NotificationListener
from snmptcp.net import connection as connection_module
from snmptcp.net.tls import CertificateMap, MapType
from snmptcp.net.tls.counters import TlsCounters
from snmptcp.testing import Agent, Drop, Hold
from tests.support.certificates import certificates
from tests.support.clock import skip
from tests.support.mibs import BIG_ROWS, BIG_TABLE, IF_TABLE, SYS_DESCR, SYS_NAME, SYS_UPTIME, small_agent_mib
from tests.support.tls import VERSIONS, TlsServer
from tests.support.tls_agents import (
    BOSS,
    Recorder,
    agent_options,
    manager_options,
    open_options,
    tsm_agent,
    tsm_manager,
    until,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.certificates import Issued

pytestmark = pytest.mark.anyio

C = certificates()
F = TlsFailure
USER = UsmUser("alice", "SHA-256", "authentic alice", "AES", "private alice")
COMMUNITY = b"private"
CREDENTIALS: dict[str, Community | UsmUser | Tsm] = {
    "community": Community(COMMUNITY),
    "v1": Community(COMMUNITY, "1"),
    "usm": USER,
    "tsm": Tsm(),
}
OTHER_ENGINE = bytes.fromhex("80007ed904") + b"elsewhere"


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def agent(anyio_backend: object, version: str) -> AsyncIterator[Agent]:
    async with tsm_agent(version, users=[USER], contexts={"side": {SYS_NAME: "side"}}) as agent:
        yield agent


@pytest.fixture
async def manager(agent: Agent, version: str) -> AsyncIterator[Manager]:
    async with tsm_manager(agent, version) as manager:
        yield manager


# ------------------------------------------------------------------------------------- what managers do


async def do_everything(manager: Manager, agent: Agent, *, bulk: bool = True) -> None:
    """Ask in every way there is, and look at each answer."""
    assert [varbind.value for varbind in await manager.get(SYS_DESCR, SYS_NAME)] == [b"a switch", b"core"]
    assert str((await manager.get_next(SYS_DESCR))[0].oid) == "1.3.6.1.2.1.1.2.0"
    if bulk:
        assert len(await manager.get_bulk(f"{BIG_TABLE}.1.1", max_repetitions=100)) == 100
    assert await manager.set((SYS_NAME, "edge")) == ((OID(SYS_NAME), OctetString("edge")),)
    assert agent.mib[SYS_NAME] == b"edge"
    walked = [varbind.oid async for varbind in manager.walk(f"{BIG_TABLE}.1", max_repetitions=70)]
    assert len(walked) == 3 * BIG_ROWS
    assert walked == sorted(walked)
    rows = [row async for row in manager.table(IF_TABLE)]
    assert len(rows) == 4
    names = [SYS_DESCR, SYS_UPTIME, SYS_NAME, f"{BIG_TABLE}.1.2.7"]
    many = [names[number % 4] for number in range(1000)]
    answers = await asyncio.gather(*(manager.get(name) for name in many))
    assert [str(varbind.oid) for (varbind,) in answers] == many
    assert manager.pending == 0
    assert manager.statistics.connections == 1
    assert manager.statistics.refused == manager.statistics.malformed == manager.statistics.timeouts == 0


@pytest.mark.timeout(300)
@pytest.mark.parametrize("who", CREDENTIALS)
async def test_every_version_of_snmp_does_everything_inside_tls(agent: Agent, version: str, who: str) -> None:
    async with tsm_manager(agent, version, credentials=CREDENTIALS[who]) as manager:
        await do_everything(manager, agent, bulk=who != "v1")
        assert manager.tls is not None
        assert manager.tls.version == f"TLSv{version}"
    assert agent.statistics.connections == 1
    if who == "tsm":
        assert {request.user for request in agent.requests} == {b"boss"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("who", CREDENTIALS)
def test_every_version_of_snmp_does_everything_inside_tls_on_uvloop(version: str, who: str) -> None:
    async def main() -> None:
        async with (
            tsm_agent(version, users=[USER]) as agent,
            tsm_manager(agent, version, credentials=CREDENTIALS[who]) as manager,
        ):
            await do_everything(manager, agent, bulk=who != "v1")
            await manager.connect()
            agent.inject(Hold())
            pending = asyncio.ensure_future(manager.get(SYS_NAME))
            await agent.wait_for_requests(len(agent.requests) + 1)
            agent.drop_connections(reset=True)
            assert (await pending)[0].value == b"edge"  # on the next connection
        async with tsm_agent(version) as agent:
            stranger = manager_options(version, C.of_other_authority)
            async with tsm_manager(agent, version, tls=stranger) as manager:
                with pytest.raises(TlsFailed) as caught:
                    await manager.get(SYS_NAME)
            assert caught.value.failure is F.REFUSED_BY_PEER
            async with tsm_manager(agent, version, tls=manager_options(version, server_name="h")) as manager:
                with pytest.raises(TlsFailed) as caught:
                    await manager.get(SYS_NAME)
            assert caught.value.failure is F.HOST_NAME

    with asyncio.Runner(loop_factory=uvloop.new_event_loop, debug=True) as runner:
        runner.run(main())


async def test_a_get_of_more_names_than_a_record_holds_comes_back_in_order(manager: Manager) -> None:
    names = [f"{BIG_TABLE}.1.2.{row}" for row in range(1, BIG_ROWS + 1)] * 5
    answers = await manager.get(*names)
    assert [str(varbind.oid) for varbind in answers] == names


async def test_a_message_longer_than_a_record_arrives_and_is_answered(manager: Manager, agent: Agent) -> None:
    text = b"x" * 40_000
    assert (await manager.set((SYS_NAME, text)))[0].value == text
    assert agent.mib[SYS_NAME] == text


async def test_informs_are_acknowledged_over_tls(version: str) -> None:
    listener = NotificationListener(
        "127.0.0.1", 0, credentials=[Tsm(), Community(COMMUNITY)], tls=agent_options(version)
    )
    async with listener:
        host, port = listener.addresses[0]
        for credentials, name in ((Tsm(), b"boss"), (Community(COMMUNITY), b"")):
            async with Manager(host, port, credentials=credentials, tls=manager_options(version)) as manager:
                sent = asyncio.gather(*(manager.inform("1.3.6.1.6.3.1.1.5.3", (SYS_NAME, str(n))) for n in range(100)))
                received = [await anext(listener) for _ in range(100)]
                await sent
            texts = [notification.varbinds[-1].value for notification in received]
            assert set(texts) == {OctetString(str(number)) for number in range(100)}
            if name:
                assert {notification.security_name for notification in received} == {name}


async def test_a_ticket_that_does_not_come_is_looked_for_a_few_times_only(monkeypatch) -> None:
    """CPython loses memory with each look."""
    looks: list[object] = []
    told = 0 if sys.platform.startswith("linux") else 12  # Linux tells that nothing has come

    def look(ssl_object: object) -> bytes:
        looks.append(ssl_object)
        return b""  # as before the first ticket

    monkeypatch.setattr(connection_module, "_session_id", look)
    async with tsm_agent("1.3") as agent, tsm_manager(agent, "1.3") as manager:
        await manager.connect()
        assert len(looks) <= told
        monkeypatch.setattr(connection_module, "octets_arrived", lambda _: None)
        agent.drop_connections()
        while manager.connected:
            await asyncio.sleep(0)
        await manager.connect()
    assert 1 <= len(looks) <= told + 12


async def test_a_listener_that_uses_prefixes_calls_senders_by_their_transport(version: str) -> None:
    listener = NotificationListener("127.0.0.1", 0, credentials=Tsm(prefix=True), tls=agent_options(version))
    async with listener:
        host, port = listener.addresses[0]
        async with Manager(host, port, credentials=Tsm(), tls=manager_options(version)) as manager:
            sent = asyncio.ensure_future(manager.inform("1.3.6.1.6.3.1.1.5.3"))
            assert (await anext(listener)).security_name == b"tls:boss"
            await sent


# ---------------------------------------------------------------------------------------------- TSM


async def test_the_engine_is_discovered_once(manager: Manager, agent: Agent) -> None:
    await asyncio.gather(*(manager.get(SYS_NAME) for _ in range(20)))
    assert manager.statistics.probes == 1
    assert [request.context_name for request in agent.requests] == [b""] * 21
    assert str(agent.requests[0].pdu.varbinds[0].oid) == "1.3.6.1.6.3.10.2.1.1.0"


async def test_discover_returns_the_engine_and_its_time(manager: Manager, agent: Agent) -> None:
    agent.reboot()
    agent.jump(5000)
    found = await manager.discover()
    assert found.engine_id == agent.engine_id
    assert found.boots == 2
    assert 5000 <= found.time <= 5100
    agent.replace_engine()
    assert (await manager.discover(afresh=True)).engine_id == agent.engine_id != found.engine_id


async def test_another_engine_behind_the_same_session_is_found(manager: Manager, agent: Agent) -> None:
    await manager.get(SYS_NAME)
    agent.replace_engine()
    assert (await manager.get(SYS_NAME))[0].value == b"core"
    agent.replace_engine()
    with pytest.raises(SecurityError, match="no handler"):
        await manager.set((SYS_NAME, "for the other one"))
    assert (await manager.get(SYS_NAME))[0].value == b"core"
    assert manager.statistics.probes == 3
    assert manager.statistics.connections == 1


async def test_contexts_are_told_apart(agent: Agent, version: str) -> None:
    async with tsm_manager(agent, version, credentials=Tsm("side")) as side:
        assert (await side.get(SYS_NAME))[0].value == b"side"
        with pytest.raises(UnknownContext):
            async with tsm_manager(agent, version, credentials=Tsm("nowhere")) as nowhere:
                await nowhere.get(SYS_NAME)
        with pytest.raises(SecurityError, match="no handler"):
            async with tsm_manager(agent, version, credentials=Tsm(context_engine_id=OTHER_ENGINE)) as other:
                await other.get(SYS_NAME)
        here = Tsm("side", context_engine_id=agent.engine_id)
        async with tsm_manager(agent, version, credentials=here) as given:
            assert (await given.get(SYS_NAME))[0].value == b"side"
            assert given.statistics.probes == 0
    assert agent.statistics.unknown_contexts == agent.statistics.unknown_pdu_handlers == 1


async def test_an_agent_that_does_not_tell_its_engine_id_is_called_that(manager: Manager, agent: Agent) -> None:
    del agent.mib["1.3.6.1.6.3.10.2.1.1.0"]
    with pytest.raises(UnknownEngine, match="give the engine instead"):
        await manager.get(SYS_NAME)


def test_tsm_needs_tls_and_has_a_port_of_its_own() -> None:
    with pytest.raises(ConfigurationError, match="needs TLS"):
        Manager("h", credentials=Tsm())
    assert Manager("h", credentials=Tsm(), tls=True).port == 10161
    assert Manager("h", credentials=Community(), tls=True).port == 161


# --------------------------------------------------------------------- who does not get an octet of SNMP

UNTRUSTED: dict[str, tuple[Issued, dict[str, Any], TlsFailure]] = {
    "expired": (C.expired, {}, F.EXPIRED),
    "not yet valid": (C.not_yet_valid, {}, F.NOT_YET_VALID),
    "unknown authority": (C.of_other_authority, {}, F.UNKNOWN_CA),
    "self-signed": (C.self_signed, {}, F.SELF_SIGNED),
    "another host": (C.elsewhere, {}, F.HOST_NAME),
    "another name": (C.server, {"server_name": "elsewhere.test"}, F.HOST_NAME),
    "another address": (C.server, {"server_name": "127.0.0.2"}, F.HOST_NAME),
    "revoked": (C.revoked, {"crl": C.crl_pem}, F.REVOKED),
    "no list": (C.server, {"crl": C.other_authority.crl_pem()}, F.NO_CRL),
    "fingerprint": (C.server, {"ca_pem": None, "fingerprints": C.self_signed.fingerprint}, F.FINGERPRINT),
    "fingerprint and authority": (C.server, {"fingerprints": C.self_signed.fingerprint}, F.FINGERPRINT),
    "system's authorities": (C.server, {"ca_pem": None}, F.UNKNOWN_CA),
}


@pytest.mark.parametrize("who", ["community", "usm", "tsm"])
@pytest.mark.parametrize("case", UNTRUSTED)
async def test_who_is_not_the_agent_gets_no_octet_of_snmp(version: str, case: str, who: str) -> None:
    issued, given, failure = UNTRUSTED[case]
    sent: list[bytes] = []
    async with TlsServer(open_options(version, certificate=issued.pem)) as server:
        manager = Manager(
            "127.0.0.1",
            server.server.port,
            credentials=CREDENTIALS[who],
            tls=manager_options(version, **given),
            packet_trace=lambda _, octets: sent.append(octets),
        )
        async with manager:
            for ask in (manager.get(SYS_NAME), manager.set((SYS_NAME, "x")), manager.connect()):
                with pytest.raises(TlsFailed) as caught:
                    await ask
                assert caught.value.failure is failure
                assert f"127.0.0.1:{server.server.port}" in str(caught.value)
            assert not manager.connected
            assert manager.tls is None
        await server.until(lambda: len(server.failed) + len(server.closed) == 3)
        assert server.messages == sent == []
    unknown = failure in {F.UNKNOWN_CA, F.SELF_SIGNED, F.FINGERPRINT}
    assert manager.tls_counters == TlsCounters(
        session_open_errors=3,
        session_unknown_server_certificate=3 * unknown,
        session_invalid_server_certificates=3 * (not unknown),
    )
    assert manager.statistics.requests == manager.statistics.octets_sent == 0


@pytest.mark.parametrize(
    "who",
    [None, C.of_other_authority, C.self_signed, C.expired],
    ids=["nobody", "another authority", "self-signed", "expired"],
)
async def test_a_manager_that_is_refused_is_told_before_it_sends_anything(
    agent: Agent, version: str, who: Issued | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with tsm_manager(agent, version, tls=manager_options(version, who)) as manager:
        for ask in (manager.get(SYS_NAME), manager.set((SYS_NAME, "x"))):
            with pytest.raises(TlsFailed) as caught:
                await ask
            assert caught.value.failure is F.REFUSED_BY_PEER
        assert manager.statistics.requests == manager.statistics.probes == 0
    assert agent.mib[SYS_NAME] == b"core"
    assert agent.statistics.messages_in == 0
    counters = agent.tls_counters
    assert (counters.session_accepts, counters.session_invalid_client_certificates) == (0, 2)
    assert manager.tls_counters == TlsCounters(session_open_errors=2)


async def test_a_manager_without_a_name_is_let_go_and_its_requests_fail(agent: Agent, version: str) -> None:
    async with tsm_manager(agent, version, tls=manager_options(version, C.other_client)) as manager:
        for ask in (manager.get(SYS_NAME), manager.set((SYS_NAME, "x"))):
            with pytest.raises((TlsFailed, ConnectionLost)) as caught:
                await ask
            if version == "1.3":
                assert isinstance(caught.value, TlsFailed)
                assert caught.value.failure is F.CLOSED
                assert "may not accept our certificate" in str(caught.value)
    assert agent.mib[SYS_NAME] == b"core"
    assert agent.statistics.messages_in == 0


async def test_no_version_in_common_is_told_as_such() -> None:
    async with tsm_agent("1.3") as agent, tsm_manager(agent, "1.2") as manager:
        with pytest.raises(TlsFailed) as caught:
            await manager.get(SYS_NAME)
        assert caught.value.failure is F.VERSION


STRANGE_ANSWERS = {
    "plain SNMP": bytes.fromhex("300b020101040670726976617465"),
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "nothing but zeros": bytes(64),
    "noise": bytes(range(255, 0, -1)),
}


@pytest.mark.parametrize("reply", STRANGE_ANSWERS)
async def test_a_peer_that_does_not_answer_in_tls_gets_no_octet_of_snmp(version: str, reply: str) -> None:
    async with Recorder(STRANGE_ANSWERS[reply]) as recorder:
        async with _community_manager(recorder, version) as manager:
            with pytest.raises(TlsFailed) as caught:
                await manager.get(SYS_NAME)
        assert caught.value.failure is F.NOT_TLS
        assert _is_nothing_but_a_hello(recorder.received)


@pytest.mark.parametrize(
    "behaviour",
    [
        {"close_at_once": True},
        {"close": True},
        {"half_close": True},
        {"reply": bytes.fromhex("16030300"), "close": True},
        {"reply": bytes.fromhex("160303007a02000076"), "half_close": True},
    ],
    ids=["closed at once", "closed", "half closed", "cut off in a header", "cut off in a record"],
)
async def test_an_end_in_the_handshake_is_told_as_such(version: str, behaviour: dict[str, Any]) -> None:
    async with Recorder(**behaviour) as recorder:
        async with _community_manager(recorder, version) as manager:
            with pytest.raises(TlsFailed) as caught:
                await manager.get(SYS_NAME)
        assert caught.value.failure is F.CLOSED
        assert _is_nothing_but_a_hello(recorder.received)


async def test_silence_in_the_handshake_ends_with_the_time_to_connect(version: str) -> None:
    async with Recorder() as recorder, _community_manager(recorder, version, connect_timeout=60) as manager:
        asking = asyncio.ensure_future(manager.get(SYS_NAME, timeout=100))
        await until(lambda: recorder.received)
        skip(60)
        with pytest.raises(TlsFailed) as caught:
            await asking
        assert caught.value.failure is F.TIMEOUT
        assert _is_nothing_but_a_hello(recorder.received)
        assert manager.tls_counters == TlsCounters(session_open_errors=1)


async def test_a_refused_connection_is_no_tls_failure_but_is_counted() -> None:
    async with Recorder() as recorder:
        pass
    async with _community_manager(recorder, None) as manager:
        with pytest.raises(ConnectFailed) as caught:
            await manager.get(SYS_NAME)
    assert not isinstance(caught.value, TlsFailed)
    assert manager.tls_counters == TlsCounters(session_open_errors=1)


async def test_tls_at_an_agent_without_it_is_told_as_such(version: str) -> None:
    async with Agent(small_agent_mib()) as agent, _community_manager(agent, version) as manager:
        with pytest.raises(TlsFailed) as caught:
            await manager.get(SYS_NAME)
        assert caught.value.failure is F.CLOSED
        assert "does this port speak TLS" in str(caught.value)
        assert agent.statistics.messages_in == 0


async def test_no_tls_at_an_agent_with_it_is_no_answer(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=Community(COMMUNITY), retries=0) as manager:
        with pytest.raises((ConnectionLost, SecurityError, RequestTimeout)):
            await manager.get(SYS_NAME)
    assert agent.statistics.messages_in == 0


def _community_manager(other: Recorder | Agent, version: str | None, **given: Any) -> Manager:
    tls = manager_options(version)
    return Manager(other.host, other.port, credentials=Community(COMMUNITY), tls=tls, **given)


def _is_nothing_but_a_hello(octets: bytes) -> bool:
    """Whether all there is are records of handshake, alert or change of cipher, which nothing can be hidden in."""
    while octets:
        if octets[0] not in {20, 21, 22}:
            return False
        octets = octets[5 + int.from_bytes(octets[3:5], "big") :]
    return True


# ---------------------------------------------------------------------------------- what was negotiated


async def test_what_was_negotiated_can_be_read(manager: Manager, agent: Agent, version: str) -> None:
    assert manager.tls is None
    await manager.connect()
    session = manager.tls
    assert session is not None
    assert session.version == f"TLSv{version}"
    assert session.bits >= 128
    assert session.key_exchange == ("ECDHE" if version == "1.2" else None)
    assert session.peer_certificate == C.server.der
    assert session.chain == (C.server.der, C.authority.der)
    assert session.fingerprint == C.server.fingerprint
    assert not session.resumed
    await manager.aclose()
    assert manager.tls == session


@pytest.mark.parametrize("reuse", [True, False])
async def test_a_next_connection_takes_the_session_up(version: str, reuse: bool) -> None:
    tls = manager_options(version, reuse_sessions=reuse)
    async with Agent(small_agent_mib(), tls=open_options(version)) as agent:
        async with tsm_manager(agent, credentials=Community(COMMUNITY), tls=tls) as manager:
            resumed = []
            for _ in range(3):
                await manager.get(SYS_NAME)
                assert manager.tls is not None
                assert manager.tls.peer_certificate == C.server.der
                resumed.append(manager.tls.resumed)
                agent.drop_connections()
                await until(lambda: not manager.connected)
        assert resumed == [False, reuse, reuse]
        await until(lambda: not agent.connections)
        assert manager.tls_counters == TlsCounters(session_opens=3, session_client_closes=3)
        assert agent.tls_counters == TlsCounters(session_accepts=3, session_server_closes=3)


async def test_an_agent_that_asks_for_certificates_verifies_each_connection(manager: Manager, agent: Agent) -> None:
    for _ in range(2):
        await manager.get(SYS_NAME)
        assert manager.tls is not None
        if manager.tls.version == "TLSv1.3":
            assert not manager.tls.resumed
        agent.drop_connections()
        await until(lambda: not manager.connected)
    assert {request.user for request in agent.requests} == {b"boss"}


# ------------------------------------------------------------------------------ what the agent calls us

MANY_NAMES = C.authority.issue(
    "Many Names",
    x509.RFC822Name("Who@Example.COM"),
    x509.DNSName("Manager.Example.COM"),
    x509.IPAddress(ipaddress.ip_address("192.0.2.7")),
)
BY_IPV6 = C.authority.issue("six", x509.IPAddress(ipaddress.ip_address("2001:db8::7")))
NAMES: dict[str, tuple[Issued, MapType, bytes]] = {
    "specified": (MANY_NAMES, MapType.SPECIFIED, b"told"),
    "e-mail address": (MANY_NAMES, MapType.SAN_RFC822_NAME, b"Who@example.com"),
    "DNS name": (MANY_NAMES, MapType.SAN_DNS_NAME, b"manager.example.com"),
    "address": (MANY_NAMES, MapType.SAN_IP_ADDRESS, b"192.0.2.7"),
    "IPv6 address": (BY_IPV6, MapType.SAN_IP_ADDRESS, b"20010db8000000000000000000000007"),
    "any": (MANY_NAMES, MapType.SAN_ANY, b"Who@example.com"),
    "common name": (MANY_NAMES, MapType.COMMON_NAME, b"Many Names"),
}


@pytest.mark.parametrize("of_authority", [False, True], ids=["own fingerprint", "the authority's"])
@pytest.mark.parametrize("case", NAMES)
async def test_every_map_gives_the_name_that_the_agent_knows(version: str, case: str, of_authority: bool) -> None:
    issued, how, name = NAMES[case]
    fingerprint = C.authority.fingerprint if of_authority else issued.fingerprint
    row = CertificateMap(fingerprint, how, "told" if how is MapType.SPECIFIED else "")
    tls = agent_options(version, certificate_maps=(BOSS, row))
    async with tsm_agent(tls=tls, tsm_names=[name]) as agent:
        async with tsm_manager(agent, version, tls=manager_options(version, issued)) as manager:
            await manager.set((SYS_NAME, "x"))
        assert {request.user for request in agent.requests} == {name}
        async with tsm_manager(agent, version) as boss:
            with pytest.raises(AuthorizationError):
                await boss.get(SYS_NAME)


async def test_a_name_that_may_only_read_does_not_write(version: str) -> None:
    async with (
        tsm_agent(version, tsm_names=["else"], read_only_tsm_names=["boss"]) as agent,
        tsm_manager(agent, version) as manager,
    ):
        assert (await manager.get(SYS_NAME))[0].value == b"core"
        with pytest.raises(NoAccess):
            await manager.set((SYS_NAME, "x"))
        assert agent.mib[SYS_NAME] == b"core"


# -------------------------------------------------------------------------------- what is never sent twice


async def test_a_set_whose_connection_is_lost_is_not_sent_again(manager: Manager, agent: Agent) -> None:
    await manager.connect()
    agent.inject(Drop(), when=lambda request: request.pdu.type is PduType.SET)
    writing = asyncio.ensure_future(manager.set((SYS_NAME, "x")))
    await agent.wait_for_requests(2)
    agent.drop_connections(reset=True)
    with pytest.raises(ConnectionLost):
        await writing
    await manager.get(SYS_NAME)
    assert [request.pdu.type for request in agent.requests].count(PduType.SET) == 1
    assert manager.statistics.connections == 2
