"""Traps and informs between us and net-snmp's snmptrap, snmpinform and snmptrapd, over TCP and over TLS."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import (
    OID,
    Community,
    ConnectionLost,
    Counter64,
    EngineInfo,
    IpAddress,
    Manager,
    ObjectIdentifier,
    OctetString,
    RequestTimeout,
    SecurityLevel,
    SnmpVersion,
    TimeTicks,
    TlsFailed,
    Tsm,
    UsmUser,
    VarBind,
)
from snmptcp.errors import TlsFailure, UnknownUser
from snmptcp.listener import NotificationListener
from snmptcp.net.tls import TlsOptions
from snmptcp.security.tls_names import CertificateMap, MapType
from tests.support.clock import skip
from tests.support.notifications import Notifiers, Snmptrapd, TlsSnmptrapd, as_community, as_user
from tests.support.snmpd import SnmpdUser

from .conftest import BERT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from snmptcp.protocol.notification import Notification
    from tests.support.certificates import Certificates, Issued
    from tests.support.notifications import Received
    from tests.support.sid import CertificateTree, TlsTools

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

SYS_UPTIME = "1.3.6.1.2.1.1.3.0"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
IF_HC_IN_OCTETS = "1.3.6.1.2.1.31.1.1.1.6.3"
SNMP_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
SNMP_TRAPS = "1.3.6.1.6.3.1.1.5"
ENTERPRISE = "1.3.6.1.4.1.8072.9999"
TRAP_OID = f"{ENTERPRISE}.0.17"

#: What the tests say to net-snmp's tools, and what is to arrive.
ARGUMENTS = ("4242", TRAP_OID, SYS_NAME, "s", "dev1", IF_HC_IN_OCTETS, "C", "18446744073709551615")
VARBINDS = (
    VarBind(OID(SYS_NAME), OctetString("dev1")),
    VarBind(OID(IF_HC_IN_OCTETS), Counter64(18446744073709551615)),
)
#: The same in the words of snmptrapd.
TOLD = {
    f".{SYS_UPTIME}": "Timeticks: (4242) 0:00:42.42",
    f".{SNMP_TRAP_OID}": f"OID: .{TRAP_OID}",
    f".{SYS_NAME}": 'STRING: "dev1"',
    f".{IF_HC_IN_OCTETS}": "Counter64: 18446744073709551615",
}

SENDER = bytes.fromhex("80001f880473656e646572")
USERS = [
    BERT,
    SnmpdUser("md5des", "MD5", "DES"),
    SnmpdUser("sha512aes256", "SHA-512", "AES-256"),
    SnmpdUser("shaonly", "SHA"),
    SnmpdUser("open"),
]
USER_IDS = [user.name for user in USERS]
LEVELS = {"noauth": SecurityLevel.noAuthNoPriv, "auth": SecurityLevel.authNoPriv, "priv": SecurityLevel.authPriv}
VERSIONS = ("1.2", "1.3")


@pytest.fixture(scope="module")
def notifiers(tmp_path_factory: pytest.TempPathFactory) -> Notifiers:
    return Notifiers(tmp_path_factory.mktemp("notifiers"))


@pytest.fixture(scope="module")
def snmptrapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmptrapd]:
    receiver = Snmptrapd(tmp_path_factory.mktemp("snmptrapd"), users=USERS, senders=[(SENDER, user) for user in USERS])
    receiver.start()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="module")
def tls_snmptrapd(tree: CertificateTree, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsSnmptrapd]:
    receiver = TlsSnmptrapd(
        tmp_path_factory.mktemp("tls-snmptrapd"),
        tree,
        identity="agent",
        trusted=["authority"],
        names={"manager": "--sn boss"},
        accepted=["boss"],
    )
    receiver.start()
    yield receiver
    receiver.stop()


def listener_of(*credentials, **options) -> NotificationListener:
    return NotificationListener("127.0.0.1", 0, credentials=credentials, **options)


def address_of(listener: NotificationListener, transport: str = "tcp") -> str:
    return f"{transport}:127.0.0.1:{listener.port}"


async def first_of(listener: NotificationListener) -> Notification:
    async with asyncio.timeout(30):
        return await anext(listener)


async def told_after(receiver: Snmptrapd, count: int) -> Received:
    """Return the output of a snmptrapd for the notification after ``count`` others."""
    return (await asyncio.to_thread(receiver.wait_for, count + 1))[count]


def server_options(certificates: Certificates, version: str, **changes) -> TlsOptions:
    """Return the options of a listener that maps the manager's certificate to ``boss``."""
    maps = (CertificateMap(certificates.client.fingerprint, MapType.SPECIFIED, b"boss"),)
    return TlsOptions(
        **{
            "ca_pem": certificates.ca_pem,
            "certificate": certificates.server.chain_pem,
            "key": certificates.server.key_pem,
            "minimum_version": version,
            "maximum_version": version,
            "certificate_maps": maps,
            **changes,
        }
    )


def client_options(certificates: Certificates, version: str, issued: Issued | None = None) -> TlsOptions:
    issued = issued or certificates.client
    return TlsOptions(
        ca_pem=certificates.ca_pem,
        certificate=issued.chain_pem,
        key=issued.key_pem,
        minimum_version=version,
        maximum_version=version,
    )


# ---------------------------------------------------------------------------------- we receive, over TCP


@pytest.mark.parametrize(
    ("generic", "specific", "trap_oid"),
    [
        *((str(number), "0", f"{SNMP_TRAPS}.{number + 1}") for number in range(6)),
        ("6", "17", f"{ENTERPRISE}.0.17"),
    ],
)
async def test_a_trap_of_version_1_arrives(notifiers: Notifiers, generic: str, specific: str, trap_oid: str) -> None:
    arguments = (ENTERPRISE, "192.0.2.7", generic, specific, "4242", SYS_NAME, "s", "dev1")
    async with listener_of(Community("public", "1")) as listener:
        completed = await asyncio.to_thread(notifiers.trap, as_community("1"), address_of(listener), *arguments)
        notification = await first_of(listener)

    assert completed.returncode == 0, completed.stderr
    assert notification.version is SnmpVersion.V1
    assert notification.trap_oid == OID(trap_oid)
    assert notification.uptime == TimeTicks(4242)
    assert notification.varbinds[0] == VARBINDS[0]
    assert notification.agent_address == IpAddress("192.0.2.7")
    assert notification.community == b"public"
    assert not notification.is_inform


@pytest.mark.parametrize("inform", [False, True], ids=["trap", "inform"])
async def test_a_notification_of_version_2c_arrives(notifiers: Notifiers, inform: bool) -> None:
    send = notifiers.inform if inform else notifiers.trap
    async with listener_of(Community("public")) as listener:
        completed = await asyncio.to_thread(send, as_community("2c"), address_of(listener), *ARGUMENTS)
        notification = await first_of(listener)
        statistics = listener.statistics

    assert completed.returncode == 0, completed.stderr
    assert notification.version is SnmpVersion.V2C
    assert (notification.trap_oid, notification.uptime) == (OID(TRAP_OID), TimeTicks(4242))
    assert notification.varbinds == VARBINDS
    assert (notification.community, notification.is_inform) == (b"public", inform)
    assert notification.source is not None
    assert notification.source.host == "127.0.0.1"
    assert (statistics.notifications, statistics.acknowledged, statistics.refused) == (1, int(inform), {})


@pytest.mark.parametrize("user", USERS, ids=USER_IDS)
async def test_a_trap_of_version_3_arrives(notifiers: Notifiers, user: SnmpdUser) -> None:
    session = as_user(user, SENDER, boots=3, time=500)
    async with listener_of((user.credentials(), SENDER)) as listener:
        completed = await asyncio.to_thread(notifiers.trap, session, address_of(listener), *ARGUMENTS)
        notification = await first_of(listener)

    assert completed.returncode == 0, completed.stderr
    assert notification.version is SnmpVersion.V3
    assert (notification.trap_oid, notification.uptime) == (OID(TRAP_OID), TimeTicks(4242))
    assert notification.varbinds == VARBINDS
    assert notification.security_name == user.name.encode()
    assert notification.security_level is LEVELS[user.level]
    assert (notification.engine_id, notification.is_inform) == (SENDER, False)


@pytest.mark.parametrize("user", USERS, ids=USER_IDS)
async def test_an_inform_of_version_3_finds_the_listener_and_is_acknowledged(
    notifiers: Notifiers, user: SnmpdUser
) -> None:
    async with listener_of(user.credentials()) as listener:
        completed = await asyncio.to_thread(notifiers.inform, as_user(user), address_of(listener), *ARGUMENTS)
        notification = await first_of(listener)
        statistics, engine_id = listener.statistics, listener.engine_id

    assert completed.returncode == 0, completed.stderr
    assert notification.varbinds == VARBINDS
    assert notification.security_name == user.name.encode()
    assert notification.security_level is LEVELS[user.level]
    assert (notification.engine_id, notification.is_inform) == (engine_id, True)
    assert (statistics.informs, statistics.acknowledged) == (1, 1)


async def test_informs_reach_a_listener_that_has_been_started_anew(notifiers: Notifiers, tmp_path: Path) -> None:
    seen = []
    for _ in range(3):
        async with listener_of(BERT.credentials(), engine_file=tmp_path / "engine") as listener:
            completed = await asyncio.to_thread(notifiers.inform, as_user(BERT), address_of(listener), *ARGUMENTS)
            assert completed.returncode == 0, completed.stderr
            assert (await first_of(listener)).varbinds == VARBINDS
            seen.append((listener.engine_id, listener.engine_boots))

    assert seen == [(seen[0][0], 1), (seen[0][0], 2), (seen[0][0], 3)]


@pytest.mark.parametrize(
    ("session", "counter"),
    [
        (as_community("2c", "private"), "bad_communities"),
        (as_community("1"), "bad_communities"),
        (as_user(SnmpdUser("nobody", "SHA", "AES"), SENDER), "unknown_user_names"),
        (as_user(BERT, bytes.fromhex("80001f8804736f6d65626f6479")), "unknown_engine_ids"),
        (as_user(SnmpdUser("bert", "SHA", "AES"), SENDER), "wrong_digests"),
    ],
    ids=["community", "version", "user", "engine", "protocol"],
)
async def test_a_trap_of_an_unauthorized_sender_is_counted_and_the_next_one_arrives(
    notifiers: Notifiers, session: list[str], counter: str
) -> None:
    arguments = (ENTERPRISE, "", "6", "17", "4242") if session[0] == "-v1" else ARGUMENTS
    async with listener_of(Community("public"), (BERT.credentials(), SENDER)) as listener:
        for words, parameters in ((session, arguments), (as_community("2c"), ARGUMENTS)):
            completed = await asyncio.to_thread(notifiers.trap, words, address_of(listener), *parameters)
            assert completed.returncode == 0, completed.stderr
        notification = await first_of(listener)
        refused = listener.statistics.refused

    assert notification.community == b"public"
    assert refused == {counter: 1}


# ------------------------------------------------------------------------------------- we send, over TCP


async def test_a_trap_of_version_1_is_sent(snmptrapd: Snmptrapd) -> None:
    before = len(snmptrapd.received)
    async with Manager(snmptrapd.host, snmptrapd.port, credentials=Community("public", "1")) as manager:
        await manager.send_trap(TRAP_OID, VARBINDS[0], uptime=4242, agent_address="192.0.2.7")
        told = await told_after(snmptrapd, before)

    assert (told.version, told.name, told.agent_address) == ("1", "public", "192.0.2.7")
    assert (told.enterprise, told.generic, told.specific, told.uptime) == (f".{ENTERPRISE}", "6", ".17", "4242")
    assert told.varbinds == {f".{SYS_NAME}": 'STRING: "dev1"'}


async def test_notifications_of_version_2c_are_sent(snmptrapd: Snmptrapd) -> None:
    before = len(snmptrapd.received)
    async with Manager(snmptrapd.host, snmptrapd.port, credentials=Community("public")) as manager:
        await manager.send_trap(TRAP_OID, *VARBINDS, uptime=4242)
        trap = await told_after(snmptrapd, before)
        acknowledged = await manager.inform(TRAP_OID, *VARBINDS, uptime=4242)
        inform = await told_after(snmptrapd, before + 1)

    assert (trap.version, trap.kind) == ("2c", "TRAP2, SNMP v2c, community public")
    assert inform.kind == "INFORM, SNMP v2c, community public"
    assert trap.varbinds == inform.varbinds == TOLD
    assert acknowledged[:2] == (
        VarBind(OID(SYS_UPTIME), TimeTicks(4242)),
        VarBind(OID(SNMP_TRAP_OID), ObjectIdentifier(TRAP_OID)),
    )
    assert acknowledged[2:] == VARBINDS


@pytest.mark.parametrize("user", USERS, ids=USER_IDS)
async def test_notifications_of_version_3_are_sent(snmptrapd: Snmptrapd, user: SnmpdUser) -> None:
    before = len(snmptrapd.received)
    async with Manager(
        snmptrapd.host, snmptrapd.port, credentials=user.credentials(), local_engine=EngineInfo(SENDER, 3, 500)
    ) as manager:
        await manager.send_trap(TRAP_OID, *VARBINDS, uptime=4242)
        trap = await told_after(snmptrapd, before)
        await manager.inform(TRAP_OID, *VARBINDS, uptime=4242)
        inform = await told_after(snmptrapd, before + 1)

    assert (trap.version, trap.security_model, trap.name) == ("3", "3", user.name)
    assert trap.engine_id == SENDER
    assert (inform.version, inform.security_model, inform.name) == ("3", "3", user.name)
    assert inform.kind.startswith("INFORM")
    assert trap.varbinds == inform.varbinds == TOLD


async def test_100_informs_in_flight_are_all_acknowledged(snmptrapd: Snmptrapd) -> None:
    before = len(snmptrapd.received)
    async with Manager(snmptrapd.host, snmptrapd.port, credentials=BERT.credentials()) as manager:
        await asyncio.gather(*(manager.inform(TRAP_OID, (SYS_NAME, f"dev{number}")) for number in range(100)))
        received = await asyncio.to_thread(snmptrapd.wait_for, before + 100)

    names = [told.varbinds[f".{SYS_NAME}"] for told in received[before:]]
    assert sorted(names) == sorted(f'STRING: "dev{number}"' for number in range(100))


async def test_an_inform_of_an_unknown_user_is_not_acknowledged(snmptrapd: Snmptrapd) -> None:
    stranger = UsmUser("stranger", "SHA", "authpass123")
    async with Manager(snmptrapd.host, snmptrapd.port, credentials=stranger) as manager:
        request = asyncio.ensure_future(manager.inform(TRAP_OID, timeout=60))
        while manager.statistics.reports < 2 and not request.done():
            await asyncio.sleep(0.01)  # the reports come from another process
        skip(60)
        with pytest.raises(RequestTimeout) as caught:
            await request

    assert isinstance(caught.value.reason, UnknownUser)


# ---------------------------------------------------------------------------------------------- over TLS


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["snmptrap", "snmpinform"])
async def test_a_notification_arrives_over_tls(
    tls_tools: TlsTools, certificates: Certificates, version: str, name: str
) -> None:
    async with listener_of(Tsm(), tls=server_options(certificates, version)) as listener:
        completed = await asyncio.to_thread(
            tls_tools.run, name, address_of(listener, "tlstcp"), *ARGUMENTS, their_identity="agent"
        )
        notification = await first_of(listener)
        statistics = listener.statistics

    assert completed.returncode == 0, completed.stderr
    assert (notification.trap_oid, notification.uptime) == (OID(TRAP_OID), TimeTicks(4242))
    assert notification.varbinds == VARBINDS
    assert (notification.version, notification.security_name) == (SnmpVersion.V3, b"boss")
    assert notification.security_level is SecurityLevel.authPriv
    assert notification.is_inform == (name == "snmpinform")
    # An inform is for the receiver's engine, which the sender asks for first (RFC 5343).
    assert (statistics.probes, statistics.acknowledged) == ((1, 1) if name == "snmpinform" else (0, 0))
    assert statistics.refused == {}


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_sender_without_a_security_name_is_not_heard_over_tls(
    tls_tools: TlsTools, certificates: Certificates, version: str
) -> None:
    maps = (CertificateMap(certificates.other_client.fingerprint, MapType.SPECIFIED, b"boss"),)
    options = server_options(certificates, version, certificate_maps=maps)
    async with listener_of(Tsm(), tls=options) as listener:
        completed = await asyncio.to_thread(
            tls_tools.run,
            *("snmpinform", address_of(listener, "tlstcp"), *ARGUMENTS),
            their_identity="agent",
            options=("-r0", "-t2"),
        )
        statistics = listener.statistics

    assert completed.returncode != 0
    assert (statistics.notifications, statistics.probes) == (0, 0)
    assert statistics.failed_handshakes >= 1


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_sender_does_not_talk_to_a_listener_with_another_certificate(
    tls_tools: TlsTools, certificates: Certificates, version: str
) -> None:
    other = certificates.elsewhere
    options = server_options(certificates, version, certificate=other.chain_pem, key=other.key_pem)
    async with listener_of(Tsm(), tls=options) as listener:
        completed = await asyncio.to_thread(
            tls_tools.run,
            *("snmpinform", address_of(listener, "tlstcp"), *ARGUMENTS),
            their_hostname="localhost",
            options=("-r0", "-t2"),
        )
        statistics = listener.statistics

    assert completed.returncode != 0
    assert statistics.messages == 0


@pytest.mark.parametrize("version", VERSIONS)
async def test_notifications_are_sent_over_tls(
    tls_snmptrapd: TlsSnmptrapd, certificates: Certificates, version: str
) -> None:
    before = len(tls_snmptrapd.received)
    async with Manager(
        tls_snmptrapd.host,
        tls_snmptrapd.tls_port,
        credentials=Tsm(),
        tls=client_options(certificates, version),
        local_engine=EngineInfo(SENDER, 3, 500),
    ) as manager:
        await manager.send_trap(TRAP_OID, *VARBINDS, uptime=4242)
        trap = await told_after(tls_snmptrapd, before)
        await manager.inform(TRAP_OID, *VARBINDS, uptime=4242)
        inform = await told_after(tls_snmptrapd, before + 1)

    assert (trap.version, trap.security_model, trap.name) == ("3", "4", "boss")
    assert (inform.version, inform.security_model, inform.name) == ("3", "4", "boss")
    assert trap.engine_id == SENDER
    assert trap.kind.startswith("TRAP2")
    assert inform.kind.startswith("INFORM")
    assert trap.varbinds == inform.varbinds == TOLD


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_burst_of_traps_arrives_over_tls(
    tls_snmptrapd: TlsSnmptrapd, certificates: Certificates, version: str
) -> None:
    before = len(tls_snmptrapd.received)
    async with Manager(
        tls_snmptrapd.host, tls_snmptrapd.tls_port, credentials=Tsm(), tls=client_options(certificates, version)
    ) as manager:
        for number in range(60):
            await manager.send_trap(TRAP_OID, (SYS_NAME, f"trap {number}"))
        # This receiver reads one TLS record each time its socket becomes readable.  If several arrive together, as they
        # do while it is busy, the others wait until another one comes.
        while not await asyncio.to_thread(tls_snmptrapd.has, before + 60):
            await manager.send_trap(TRAP_OID, (SYS_NAME, "move on"))
        sent = manager.statistics.traps

    received = await asyncio.to_thread(tls_snmptrapd.wait_for, before + sent)
    told = [str(each.varbinds) for each in received[before:]]
    assert [text for text in told if "move on" not in text] == told[:60]
    assert all(f'"trap {number}"' in text for number, text in enumerate(told[:60]))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("attempt", range(3))
async def test_an_inform_right_behind_a_trap_is_acknowledged_by_a_receiver_that_has_just_started(
    tree: CertificateTree, certificates: Certificates, tmp_path: Path, version: str, attempt: int
) -> None:
    receiver = TlsSnmptrapd(
        tmp_path, tree, identity="agent", trusted=["authority"], names={"manager": "--sn boss"}, accepted=["boss"]
    )
    receiver.start()
    try:
        async with Manager(
            receiver.host, receiver.tls_port, credentials=Tsm(), tls=client_options(certificates, version)
        ) as manager:
            await manager.send_trap(TRAP_OID, *VARBINDS, uptime=attempt)
            await manager.inform(TRAP_OID, *VARBINDS, uptime=attempt, timeout=20)
            await told_after(receiver, 1)
    finally:
        receiver.stop()


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_inform_whose_sender_is_not_known_is_not_acknowledged_over_tls(
    tls_snmptrapd: TlsSnmptrapd, certificates: Certificates, version: str
) -> None:
    before = len(tls_snmptrapd.received)
    async with Manager(
        tls_snmptrapd.host,
        tls_snmptrapd.tls_port,
        credentials=Tsm(),
        tls=client_options(certificates, version, certificates.other_client),
    ) as manager:
        # This receiver maps the sender's certificate when it reads the first message, and closes the connection then.
        with pytest.raises((TlsFailed, ConnectionLost)) as caught:
            await manager.inform(TRAP_OID)

    assert getattr(caught.value, "failure", None) is not TlsFailure.OTHER
    assert len(tls_snmptrapd.received) == before
