"""The TLS Transport Model against a real agent, the snmpd of net-snmp 5.9.5 or newer: TLS 1.2 and 1.3."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import (
    OID,
    Community,
    ConnectionLost,
    Integer32,
    Manager,
    OctetString,
    RequestTimeout,
    TimeTicks,
    TlsFailed,
    Tsm,
    VarBind,
)
from snmptcp.errors import AuthorizationError, GenErr, NotWritable, TlsFailure, WrongType
from snmptcp.net.tls import TlsOptions
from tests.support.netsnmp import PATIENCE
from tests.support.relay import Relay
from tests.support.sid import TlsSnmpd
from tests.support.snmpd import HIDDEN

from .conftest import BERT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.certificates import Certificates, Issued
    from tests.support.sid import CertificateTree, TlsTools

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

SYSTEM = "1.3.6.1.2.1.1"
SYS_DESCR = f"{SYSTEM}.1.0"
SYS_UPTIME = f"{SYSTEM}.3.0"
SYS_CONTACT = f"{SYSTEM}.4.0"
SYS_NAME = f"{SYSTEM}.5.0"
SYS_LOCATION = f"{SYSTEM}.6.0"
IF_TABLE = "1.3.6.1.2.1.2.2"
SNMP_ENGINE_ID = "1.3.6.1.6.3.10.2.1.1.0"
SNMP_ENGINE_BOOTS = "1.3.6.1.6.3.10.2.1.2.0"

#: What one TLS record holds.
RECORD = 16_384

VERSIONS = ("1.2", "1.3")


def identity(issued: Issued) -> dict[str, Any]:
    """Return the options for our certificate."""
    return {"certificate": issued.chain_pem, "key": issued.key_pem}


def manager_of(agent: TlsSnmpd, options: TlsOptions, **more) -> Manager:
    return Manager(agent.host, agent.tls_port, credentials=Tsm(), tls=options, **{"timeout": PATIENCE, **more})


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def options(certificates: Certificates, version: str) -> TlsOptions:
    """The manager's certificate, trust in the agent's issuer, and one version of TLS."""
    return TlsOptions(
        ca_pem=certificates.ca_pem,
        minimum_version=version,
        maximum_version=version,
        **identity(certificates.client),
    )


@contextmanager
def another(directory: Path, tree: CertificateTree, **given) -> Iterator[TlsSnmpd]:
    """Run an agent with other options than the shared one."""
    arguments: dict[str, Any] = {
        "identity": "agent",
        "trusted": ["authority"],
        "names": {"manager": "--sn boss"},
        "users": ["boss"],
    }
    agent = TlsSnmpd(directory, tree, **{**arguments, **given})
    agent.start()
    try:
        yield agent
    finally:
        agent.stop()


# ------------------------------------------------------------------------------------- what managers do


async def test_get_over_tls(tls_snmpd: TlsSnmpd, options: TlsOptions, version: str) -> None:
    async with manager_of(tls_snmpd, options) as manager:
        location, uptime = await manager.get(SYS_LOCATION, SYS_UPTIME)
        session, statistics = manager.tls, manager.statistics

    assert location == VarBind(OID(SYS_LOCATION), OctetString("a shelf in the lab"))
    assert isinstance(uptime.value, TimeTicks)
    assert session is not None
    assert session.version == f"TLSv{version}"
    assert session.bits >= 128
    assert (statistics.probes, statistics.requests, statistics.responses, statistics.resent) == (1, 1, 1, 0)


async def test_the_agent_is_known_by_its_certificate(
    tls_snmpd: TlsSnmpd, options: TlsOptions, certificates: Certificates
) -> None:
    async with manager_of(tls_snmpd, options) as manager:
        await manager.connect()
        session = manager.tls

    assert session is not None
    assert session.peer_certificate == certificates.server.der
    assert session.fingerprint == certificates.server.fingerprint
    assert session.chain == (certificates.server.der, certificates.authority.der)


async def test_get_next_and_get_bulk_over_tls(tls_snmpd: TlsSnmpd, options: TlsOptions) -> None:
    async with manager_of(tls_snmpd, options) as manager:
        (following,) = await manager.get_next(SYSTEM)
        varbinds = await manager.get_bulk(SYS_DESCR, f"{IF_TABLE}.1.1", non_repeaters=1, max_repetitions=200)

    assert str(following.oid) == SYS_DESCR
    assert len(varbinds) == 201
    assert str(varbinds[0].oid) == f"{SYSTEM}.2.0"
    assert varbinds[1].oid.startswith(OID(f"{IF_TABLE}.1.1"))


async def test_set_over_tls(tls_snmpd: TlsSnmpd, options: TlsOptions, version: str) -> None:
    async with manager_of(tls_snmpd, options) as manager:
        answered = await manager.set((SYS_NAME, f"core-{version}"))
        (read,) = await manager.get(SYS_NAME)
        with pytest.raises(NotWritable):
            await manager.set((SYS_UPTIME, TimeTicks(5)))
        with pytest.raises(WrongType):
            await manager.set((SYS_NAME, Integer32(5)))

    assert answered == (VarBind(OID(SYS_NAME), OctetString(f"core-{version}")),)
    assert read.value == f"core-{version}".encode()


async def test_a_walk_over_tls_gives_what_snmpbulkwalk_gives(
    tls_snmpd: TlsSnmpd, tls_tools: TlsTools, options: TlsOptions
) -> None:
    subtree = "1.3.6.1.2.1.11"
    completed = tls_tools.run("snmpbulkwalk", tls_snmpd.tls_address, subtree, their_identity="agent")
    assert completed.returncode == 0, completed.stderr

    async with manager_of(tls_snmpd, options) as manager:
        found = [f".{varbind.oid}" async for varbind in manager.walk(subtree, max_repetitions=7)]

    assert len(found) > 20
    assert found == [line.split(" ", 1)[0] for line in completed.stdout.splitlines()]


async def test_a_walk_of_everything_over_tls_comes_in_order(tls_snmpd: TlsSnmpd, options: TlsOptions) -> None:
    async with manager_of(tls_snmpd, options) as manager:
        names = [varbind.oid async for varbind in manager.walk("1", max_repetitions=100)]

    assert len(names) > 500
    assert all(earlier < later for earlier, later in itertools.pairwise(names))
    assert not [name for name in names if any(name.startswith(OID(hidden)) for hidden in HIDDEN)]


async def test_a_table_over_tls(tls_snmpd: TlsSnmpd, options: TlsOptions) -> None:
    async with manager_of(tls_snmpd, options) as manager:
        rows = [row async for row in manager.table(IF_TABLE, columns=[1, 2])]

    assert rows
    assert all(row[1] == int(str(row.index)) for row in rows)
    assert rows[0][2] == b"lo"


async def test_the_engine_is_found_by_asking_for_its_id(tls_snmpd: TlsSnmpd, options: TlsOptions) -> None:
    async with manager_of(tls_snmpd, options) as manager:
        info = await manager.discover()
        engine_id, boots = await manager.get(SNMP_ENGINE_ID, SNMP_ENGINE_BOOTS)

    assert engine_id.value == info.engine_id
    assert boots.value == info.boots


# ------------------------------------------------------------------------- many messages, long messages


@pytest.mark.parametrize("number", [100, 1000])
async def test_requests_in_flight_over_tls_are_each_given_their_own_answer(
    tls_snmpd: TlsSnmpd, options: TlsOptions, number: int
) -> None:
    names = list(itertools.islice(itertools.cycle([SYS_DESCR, SYS_UPTIME, SYS_CONTACT, SYS_NAME]), number))
    async with manager_of(tls_snmpd, options) as manager:
        answers = await asyncio.gather(*(manager.get(name) for name in names))
        statistics = manager.statistics

    assert [str(answer[0].oid) for answer in answers] == names
    assert statistics.requests == statistics.responses == number
    assert (statistics.connections, statistics.refused, statistics.resent) == (1, 0, 0)


async def test_no_record_leaves_before_the_last_one_has_been_answered(tls_snmpd: TlsSnmpd, options: TlsOptions) -> None:
    # This agent reads one record each time its socket becomes readable; a second one that arrived with it stays in its
    # buffer until something else comes.
    chunks: list[tuple[str, int]] = []
    async with manager_of(
        tls_snmpd, options, packet_trace=lambda direction, octets: chunks.append((direction, len(octets)))
    ) as manager:
        await asyncio.gather(*(manager.get(SYS_NAME, SYS_LOCATION) for _ in range(500)))

    sent = [length for direction, length in chunks if direction == "sent"]
    assert sum(sent) > RECORD
    assert max(sent) <= RECORD
    assert len(sent) < 20  # messages share records
    assert all({earlier, later} != {"sent"} for (earlier, _), (later, _) in itertools.pairwise(chunks))


async def test_single_requests_over_many_new_connections_are_all_answered(
    tls_snmpd: TlsSnmpd, options: TlsOptions
) -> None:
    # With TLS 1.3 a client can send its first request together with the end of the handshake; this agent would not read
    # it.
    for _ in range(20):
        async with manager_of(tls_snmpd, options) as manager:
            (varbind,) = await manager.get(SYS_LOCATION)
            assert varbind.value == b"a shelf in the lab"
            assert manager.statistics.resent == 0


async def test_an_answer_of_several_records_is_read(tls_snmpd: TlsSnmpd, options: TlsOptions) -> None:
    async with manager_of(tls_snmpd, options) as manager:
        varbinds = await manager.get_bulk(*[SYSTEM] * 100, max_repetitions=15)
        received = manager.statistics.octets_received

    assert len(varbinds) == 1500
    assert received > 2 * RECORD


async def test_a_walk_finds_its_way_around_answers_that_the_agent_cannot_make(
    tls_snmpd: TlsSnmpd, options: TlsOptions
) -> None:
    # Over TLS this agent answers genErr instead of an answer longer than 64 KiB.
    async with manager_of(tls_snmpd, options) as manager:
        with pytest.raises(GenErr):
            await manager.get_bulk(*[SYSTEM] * 500, max_repetitions=20)
        with pytest.raises(GenErr):
            await manager.get_bulk("1.3.6.1.2.1", max_repetitions=5000)
        names = [varbind.oid async for varbind in manager.walk("1.3.6.1.2.1", max_repetitions=5000)]

    assert len(names) > 500
    assert all(earlier < later for earlier, later in itertools.pairwise(names))
    assert not [name for name in names if any(name.startswith(OID(hidden)) for hidden in HIDDEN)]


@pytest.mark.parametrize("number", [900, 1500, 5000])
async def test_more_names_than_fit_one_record_come_back_in_order(
    tls_snmpd: TlsSnmpd, options: TlsOptions, number: int
) -> None:
    names = list(itertools.islice(itertools.cycle([SYS_DESCR, SYS_UPTIME, SYS_CONTACT, SYS_NAME]), number))
    async with manager_of(tls_snmpd, options) as manager:
        answered = await manager.get(*names)

    assert [str(varbind.oid) for varbind in answered] == names


# ------------------------------------------------------------------------------------------ connections


async def test_a_connection_over_tls_that_is_lost_is_made_anew(
    tls_snmpd: TlsSnmpd, options: TlsOptions, certificates: Certificates
) -> None:
    async with (
        Relay(tls_snmpd.host, tls_snmpd.tls_port) as relay,
        Manager(relay.host, relay.port, credentials=Tsm(), tls=options) as manager,
    ):
        for number in (1, 2, 3):
            (varbind,) = await manager.get(SYS_LOCATION)
            assert varbind.value == b"a shelf in the lab"
            assert manager.tls is not None
            assert manager.tls.chain == (certificates.server.der, certificates.authority.der)
            assert manager.statistics.connections == number
            await relay.drop()


async def test_an_agent_that_stops_ends_what_is_asked_over_tls(
    tree: CertificateTree, options: TlsOptions, tmp_path: Path
) -> None:
    with another(tmp_path, tree) as agent:
        async with manager_of(agent, options, retries=0, timeout=20) as manager:
            await manager.get(SYS_NAME)
            requests = [asyncio.ensure_future(manager.get_bulk("1.3.6.1.2.1", max_repetitions=500)) for _ in range(50)]
            await asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
            agent.stop()
            outcomes = await asyncio.gather(*requests, return_exceptions=True)

            assert any(isinstance(outcome, ConnectionLost) for outcome in outcomes)
            assert all(isinstance(outcome, tuple | ConnectionLost) for outcome in outcomes)
            assert manager.pending == 0


# -------------------------------------------------------------------------------- whom the agent refuses


async def test_a_manager_without_a_certificate_is_refused_in_the_handshake(
    tls_snmpd: TlsSnmpd, options: TlsOptions
) -> None:
    async with manager_of(tls_snmpd, replace(options, certificate=None, key=None)) as manager:
        with pytest.raises(TlsFailed) as caught:
            await manager.get(SYS_NAME)
        sent = manager.statistics.octets_sent

    assert caught.value.failure in (TlsFailure.REFUSED_BY_PEER, TlsFailure.CLOSED)
    assert sent == 0


@pytest.mark.parametrize("who", ["other_client", "self_signed"], ids=["no security name", "not trusted"])
async def test_a_manager_whom_the_agent_has_no_name_for_gets_no_answer(
    tls_snmpd: TlsSnmpd, options: TlsOptions, certificates: Certificates, who: str
) -> None:
    # This agent maps the manager's certificate when it reads the first message, and closes the connection then.
    async with manager_of(tls_snmpd, replace(options, **identity(getattr(certificates, who)))) as manager:
        with pytest.raises((TlsFailed, ConnectionLost)) as caught:
            await manager.get(SYS_NAME)

    assert getattr(caught.value, "failure", None) is not TlsFailure.OTHER


async def test_the_agent_makes_the_security_name_of_the_certificate(
    tree: CertificateTree, options: TlsOptions, certificates: Certificates, tmp_path: Path
) -> None:
    # In a security name the host of a mail address is in lower case (RFC 6353 section 4.1.1).
    names = {"manager": "--rfc822", "stranger": "--dns"}
    with another(tmp_path, tree, names=names, users=["Manager@example.com"]) as agent:
        async with manager_of(agent, options) as manager:
            assert len(await manager.get(SYS_NAME)) == 1
        async with manager_of(agent, replace(options, **identity(certificates.other_client))) as manager:
            with pytest.raises(AuthorizationError):
                await manager.get(SYS_NAME)


async def test_usm_inside_tls(tls_snmpd: TlsSnmpd, options: TlsOptions) -> None:
    async with Manager(tls_snmpd.host, tls_snmpd.tls_port, credentials=BERT.credentials(), tls=options) as manager:
        (varbind,) = await manager.get(SYS_LOCATION)
        found = [varbind async for varbind in manager.walk(SYSTEM)]

    assert varbind.value == b"a shelf in the lab"
    assert len(found) > 10


async def test_a_community_inside_tls_is_met_with_silence(tls_snmpd: TlsSnmpd, options: TlsOptions) -> None:
    async with Manager(tls_snmpd.host, tls_snmpd.tls_port, credentials=Community("public"), tls=options) as manager:
        await manager.connect()
        with pytest.raises(RequestTimeout) as caught:
            await manager.get(SYS_NAME, timeout=0.5)

    assert caught.value.reason is None


# -------------------------------------------------------------------------------- whom the manager refuses


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        ("another authority", TlsFailure.UNKNOWN_CA),
        ("another name", TlsFailure.HOST_NAME),
        ("another fingerprint", TlsFailure.FINGERPRINT),
    ],
)
async def test_an_agent_that_is_not_the_right_one_is_sent_nothing(
    tls_snmpd: TlsSnmpd, options: TlsOptions, certificates: Certificates, change: str, failure: TlsFailure
) -> None:
    changes: dict[str, dict[str, Any]] = {
        "another authority": {"ca_pem": certificates.other_authority.pem},
        "another name": {"server_name": "elsewhere.test"},
        "another fingerprint": {"fingerprints": certificates.elsewhere.fingerprint},
    }
    async with manager_of(tls_snmpd, replace(options, **changes[change])) as manager:
        with pytest.raises(TlsFailed) as caught:
            await manager.get(SYS_NAME)
        sent = manager.statistics.octets_sent

    assert caught.value.failure is failure
    assert sent == 0


async def test_an_agent_whose_certificate_has_expired_is_sent_nothing(
    tree: CertificateTree, options: TlsOptions, tmp_path: Path
) -> None:
    with another(tmp_path, tree, identity="expired") as agent:
        async with manager_of(agent, options) as manager:
            with pytest.raises(TlsFailed) as caught:
                await manager.get(SYS_NAME)
            sent = manager.statistics.octets_sent

    assert caught.value.failure is TlsFailure.EXPIRED
    assert sent == 0


@pytest.mark.parametrize("how", ["fingerprint", "certificate", "name", "fingerprint without authority"])
async def test_an_agent_is_accepted_for_what_it_is(
    tls_snmpd: TlsSnmpd, options: TlsOptions, certificates: Certificates, how: str
) -> None:
    changes: dict[str, dict[str, Any]] = {
        "fingerprint": {"fingerprints": certificates.server.fingerprint},
        "certificate": {"ca_pem": None, "accepted_certificates": certificates.server.certificate_pem},
        "name": {"server_name": "agent.test"},
        "fingerprint without authority": {"ca_pem": None, "fingerprints": certificates.server.fingerprint},
    }
    async with manager_of(tls_snmpd, replace(options, **changes[how])) as manager:
        (varbind,) = await manager.get(SYS_LOCATION)

    assert varbind.value == b"a shelf in the lab"


async def test_no_version_in_common_is_told_as_such(
    tree: CertificateTree, certificates: Certificates, tmp_path: Path
) -> None:
    options = TlsOptions(ca_pem=certificates.ca_pem, maximum_version="1.2", **identity(certificates.client))
    with another(tmp_path, tree, lowest="TLSv1.3") as agent:
        async with manager_of(agent, options) as manager:
            with pytest.raises(TlsFailed) as caught:
                await manager.get(SYS_NAME)

    assert caught.value.failure is TlsFailure.VERSION


# --------------------------------------------------------------------------------- the other kind of port


async def test_plain_snmp_at_the_port_for_tls_ends_the_connection(tls_snmpd: TlsSnmpd) -> None:
    async with Manager(tls_snmpd.host, tls_snmpd.tls_port, credentials=Community("public")) as manager:
        with pytest.raises(ConnectionLost):
            await manager.get(SYS_NAME)


async def test_tls_at_the_port_for_plain_snmp_is_told_as_such(tls_snmpd: TlsSnmpd, options: TlsOptions) -> None:
    async with Manager(tls_snmpd.host, tls_snmpd.port, credentials=Tsm(), tls=options) as manager:
        with pytest.raises(TlsFailed) as caught:
            await manager.get(SYS_NAME)

    assert caught.value.failure in (TlsFailure.NOT_TLS, TlsFailure.CLOSED)
