"""SNMPv3 with the User-based Security Model against a real agent, net-snmp's snmpd, over TCP."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from snmptcp import (
    OID,
    AuthProtocol,
    Community,
    EngineInfo,
    Integer32,
    KnownEngines,
    Manager,
    OctetString,
    PrivProtocol,
    RequestTimeout,
    TimeTicks,
    UsmUser,
    VarBind,
)
from snmptcp.codec.framer import Framer
from snmptcp.errors import (
    AuthorizationError,
    GenErr,
    SecurityLevelTooLow,
    UnknownEngine,
    UnknownUser,
    WrongDigest,
)
from snmptcp.ipworks import IPWorksSNMPError, SNMPTCPMgr
from snmptcp.security.keys import localize_key, localize_priv_key, password_to_key
from tests.support.clock import skip
from tests.support.netsnmp import PATIENCE
from tests.support.snmpd import AUTH_PASSWORD, PRIV_PASSWORD, Snmpd, SnmpdUser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
SNMP_ENGINE_TIME = "1.3.6.1.6.3.10.2.1.3.0"

AUTH_NAMES = ("MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512")
PRIV_NAMES = ("DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C")


def user_of(auth: str, priv: str) -> SnmpdUser:
    """Return the user with these protocols: ``sha256aes`` for ``SHA-256`` and ``AES``."""
    return SnmpdUser(f"{auth}{priv}".replace("-", "").lower() or "open", auth, priv)


#: net-snmp has every protocol but 3DES.
AUTHENTICATED = [user_of(auth, "") for auth in AUTH_NAMES]
ENCRYPTED = [user_of(auth, priv) for auth in AUTH_NAMES for priv in PRIV_NAMES]
EVERYBODY = [user_of("", ""), *AUTHENTICATED, *ENCRYPTED]
MATRIX = [pytest.param(user, id=f"{user.auth or 'none'}+{user.priv or 'none'}") for user in EVERYBODY]
ENCRYPTED_MATRIX = [pytest.param(user, id=f"{user.auth}+{user.priv}") for user in ENCRYPTED]

#: May read and write at any level that its keys allow.
EASY = SnmpdUser("easy", "SHA-256", "AES", least="noauth")
#: Sees the contexts that begin with "vlan", and not the default one.
GUEST = SnmpdUser("guest", "SHA-256", "AES", context="vlan")
#: Is created from master keys by :func:`master_key_lines`.
MINTED = SnmpdUser("minted", "SHA-512", "AES-256")


def manager_of(snmpd: Snmpd, user: SnmpdUser | UsmUser = EASY, **options) -> Manager:
    credentials = user if isinstance(user, UsmUser) else user.credentials()
    return Manager(snmpd.host, snmpd.port, credentials=credentials, **{"timeout": PATIENCE, **options})


def require_user(snmpd: Snmpd, user: SnmpdUser) -> None:
    """Skip if this build of snmpd lacks the user's protocols, or fail if it must have them."""
    if not snmpd.knows(user):
        missing = f"this build of snmpd lacks {user.auth} or {user.priv}"
        if os.environ.get("SNMPTCP_REQUIRE_INTEROP"):
            pytest.fail(missing)
        pytest.skip(missing)


def master_key_lines(user: SnmpdUser) -> str:
    """Return configuration lines with a user's keys instead of its passwords."""
    auth = AuthProtocol(user.auth)
    keys = [password_to_key(auth, password.encode()).hex() for password in (AUTH_PASSWORD, PRIV_PASSWORD)]
    return f"createUser {user.name} {user.auth} -m 0x{keys[0]} {user.priv} -m 0x{keys[1]}\nrwuser {user.name} priv\n"


def master_keys(user: SnmpdUser) -> UsmUser:
    auth = AuthProtocol(user.auth)
    return UsmUser(
        user.name,
        auth,
        priv_protocol=user.priv,
        auth_key=password_to_key(auth, AUTH_PASSWORD.encode()),
        priv_key=password_to_key(auth, PRIV_PASSWORD.encode()),
    )


def localized_keys(user: SnmpdUser, engine_id: bytes) -> UsmUser:
    auth, priv = AuthProtocol(user.auth), PrivProtocol(user.priv)
    return UsmUser(
        user.name,
        auth,
        priv_protocol=priv,
        auth_localized_key=localize_key(auth, password_to_key(auth, AUTH_PASSWORD.encode()), engine_id),
        priv_localized_key=localize_priv_key(auth, priv, password_to_key(auth, PRIV_PASSWORD.encode()), engine_id),
    )


def snmpget(snmpd: Snmpd, user: SnmpdUser, *arguments: str) -> list[str]:
    """Return the lines that net-snmp's snmpget prints, at the user's highest level."""
    path = shutil.which("snmpget")
    if path is None:
        if os.environ.get("SNMPTCP_REQUIRE_INTEROP"):
            pytest.fail("net-snmp's snmpget is not installed (Debian: apt-get install snmp)")
        pytest.skip("net-snmp's snmpget is not installed (Debian: apt-get install snmp)")
    keys = ["-a", user.auth, "-A", AUTH_PASSWORD, "-x", user.priv, "-X", PRIV_PASSWORD]
    completed = subprocess.run(
        [path, "-v3", "-u", user.name, "-l", "authPriv", *keys, "-Onqx", snmpd.address, *arguments],
        env={**os.environ, "MIBS": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return completed.stdout.splitlines()


async def reason_of_the_timeout(manager: Manager, reports: int) -> RequestTimeout:
    """Send a request, skip its time when ``reports`` reports have come, and return the timeout."""
    request = asyncio.ensure_future(manager.get(SYS_NAME, timeout=60))
    while manager.statistics.reports < reports and not request.done():
        await asyncio.sleep(0.01)  # the reports come from another process
    skip(60)
    with pytest.raises(RequestTimeout) as caught:
        await request
    return caught.value


@pytest.fixture(scope="module")
def agent(snmpd: Snmpd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    """A snmpd with all users and a second context: the other agent's system group."""
    context = f"proxy -Cn vlan7 -v2c -c public tcp:{snmpd.host}:{snmpd.port} .{SYSTEM}\n"
    extra = f"{context}{master_key_lines(MINTED)}sysLocation the next shelf\n"
    running = Snmpd(tmp_path_factory.mktemp("snmpd-v3"), extra, [*EVERYBODY, EASY, GUEST])
    running.start()
    yield running
    running.stop()


@contextmanager
def one_of_its_own(directory: Path) -> Iterator[Snmpd]:
    """Run a snmpd that a test may stop."""
    running = Snmpd(directory, users=[EASY])
    running.start()
    try:
        yield running
    finally:
        running.stop()


# ------------------------------------------------------------------------------------- algorithms


@pytest.mark.parametrize("user", MATRIX)
async def test_get_with_every_algorithm(agent: Snmpd, user: SnmpdUser) -> None:
    require_user(agent, user)
    async with manager_of(agent, user) as manager:
        location, uptime = await manager.get(SYS_LOCATION, SYS_UPTIME)
        statistics = manager.statistics

    assert location == VarBind(OID(SYS_LOCATION), OctetString("the next shelf"))
    assert isinstance(uptime.value, TimeTicks)
    assert (statistics.probes, statistics.reports, statistics.requests, statistics.responses) == (1, 1, 1, 1)


@pytest.mark.parametrize("user", MATRIX)
async def test_get_bulk_with_every_algorithm(agent: Snmpd, user: SnmpdUser) -> None:
    require_user(agent, user)
    async with manager_of(agent, user) as manager:
        varbinds = await manager.get_bulk(SYS_DESCR, f"{IF_TABLE}.1.1", non_repeaters=1, max_repetitions=200)

    assert len(varbinds) == 201
    assert str(varbinds[0].oid) == f"{SYSTEM}.2.0"
    assert varbinds[1].oid.startswith(OID(f"{IF_TABLE}.1.1"))


@pytest.mark.parametrize("user", MATRIX)
async def test_a_walk_with_every_algorithm_gives_what_version_2c_gives(
    agent: Snmpd, plain_walk: list[OID], user: SnmpdUser
) -> None:
    require_user(agent, user)
    async with manager_of(agent, user) as manager:
        names = [varbind.oid async for varbind in manager.walk(SYSTEM, max_repetitions=10)]

    assert names == plain_walk


@pytest.fixture(scope="module")
def plain_walk(agent: Snmpd) -> list[OID]:
    """The names that a walk by community finds."""

    async def walk() -> list[OID]:
        async with Manager(agent.host, agent.port, credentials=Community("public")) as manager:
            return [varbind.oid async for varbind in manager.walk(SYSTEM)]

    names = asyncio.run(walk())
    assert len(names) > 10
    return names


@pytest.mark.parametrize("user", MATRIX)
async def test_a_table_with_every_algorithm(agent: Snmpd, user: SnmpdUser) -> None:
    require_user(agent, user)
    async with manager_of(agent, user) as manager:
        rows = [row async for row in manager.table(IF_TABLE, columns=[1, 2])]

    assert rows
    assert all(row[1] == int(str(row.index)) for row in rows)
    assert rows[0][2] == b"lo"


@pytest.mark.parametrize("user", MATRIX)
async def test_set_with_every_algorithm(agent: Snmpd, user: SnmpdUser) -> None:
    require_user(agent, user)
    async with manager_of(agent, user) as manager:
        answered = await manager.set((SYS_NAME, user.name))
        (read,) = await manager.get(SYS_NAME)

    assert answered == (VarBind(OID(SYS_NAME), OctetString(user.name)),)
    assert read.value == user.name.encode()


@pytest.mark.parametrize("user", ENCRYPTED_MATRIX)
async def test_master_keys_do_what_passwords_do(agent: Snmpd, user: SnmpdUser) -> None:
    require_user(agent, user)
    async with manager_of(agent, master_keys(user)) as manager:
        (varbind,) = await manager.get(SYS_LOCATION)

    assert varbind.value == b"the next shelf"


@pytest.mark.parametrize("user", ENCRYPTED_MATRIX)
async def test_localized_keys_do_what_passwords_do(agent: Snmpd, user: SnmpdUser) -> None:
    require_user(agent, user)
    async with manager_of(agent, user) as manager:
        engine_id = (await manager.discover()).engine_id
    async with manager_of(agent, localized_keys(user, engine_id)) as manager:
        (varbind,) = await manager.get(SYS_LOCATION)

    assert varbind.value == b"the next shelf"


async def test_passwords_do_for_a_user_that_the_agent_made_from_master_keys(agent: Snmpd) -> None:
    require_user(agent, MINTED)
    async with manager_of(agent, MINTED) as manager:
        (varbind,) = await manager.get(SYS_LOCATION)

    assert varbind.value == b"the next shelf"


# ----------------------------------------------------------------------------------------- levels


@pytest.mark.parametrize(
    ("auth_password", "priv_password"),
    [(None, None), (AUTH_PASSWORD, None), (AUTH_PASSWORD, PRIV_PASSWORD)],
    ids=["noAuthNoPriv", "authNoPriv", "authPriv"],
)
async def test_a_user_may_ask_at_any_level_that_the_agent_allows(
    agent: Snmpd, auth_password: str | None, priv_password: str | None
) -> None:
    user = UsmUser(EASY.name, EASY.auth, auth_password, EASY.priv, priv_password)
    received = bytearray()

    def trace(direction: str, octets: bytes) -> None:
        if direction == "received":
            received.extend(octets)

    async with manager_of(agent, user, packet_trace=trace) as manager:
        (varbind,) = await manager.get(SYS_LOCATION)

    assert varbind.value == b"the next shelf"
    assert (b"the next shelf" in received) == (priv_password is None)


async def test_a_level_below_the_agents_rule_is_an_authorization_error(agent: Snmpd) -> None:
    async with manager_of(agent, UsmUser("shaaes", "SHA", AUTH_PASSWORD)) as manager:
        with pytest.raises(AuthorizationError):
            await manager.get(SYS_NAME)


async def test_a_level_above_the_users_keys_is_the_reason_of_the_timeout(agent: Snmpd) -> None:
    user = UsmUser("sha", "SHA", AUTH_PASSWORD, "AES", PRIV_PASSWORD)
    async with manager_of(agent, user) as manager:
        timeout = await reason_of_the_timeout(manager, reports=2)

    assert isinstance(timeout.reason, SecurityLevelTooLow)


async def test_an_unknown_user_is_the_reason_of_the_timeout(agent: Snmpd) -> None:
    async with manager_of(agent, UsmUser("nobody", "SHA", AUTH_PASSWORD)) as manager:
        timeout = await reason_of_the_timeout(manager, reports=2)

    assert isinstance(timeout.reason, UnknownUser)


async def test_an_unknown_user_without_keys_is_told_at_once(agent: Snmpd) -> None:
    async with manager_of(agent, UsmUser("nobody")) as manager:
        with pytest.raises(UnknownUser):
            await manager.get(SYS_NAME)


@pytest.mark.parametrize(
    "user",
    [UsmUser("shaaes", "SHA", "anotherpass", "AES", PRIV_PASSWORD), UsmUser("shaaes", "MD5", AUTH_PASSWORD)],
    ids=["password", "protocol"],
)
async def test_another_authentication_is_the_reason_of_the_timeout(agent: Snmpd, user: UsmUser) -> None:
    async with manager_of(agent, user) as manager:
        timeout = await reason_of_the_timeout(manager, reports=2)

    assert isinstance(timeout.reason, WrongDigest)
    assert "anotherpass" not in str(timeout)


async def test_with_a_grace_a_wrong_password_and_an_unknown_user_fail_soon(agent: Snmpd) -> None:
    for user, kind in [
        (UsmUser("sha", "SHA", "anotherpass"), WrongDigest),
        (UsmUser("nobody", "SHA", "x" * 8), UnknownUser),
    ]:
        async with manager_of(agent, user, timeout=1000, report_grace=0.1) as manager:
            for call in (manager.get(SYS_NAME), manager.set((SYS_NAME, "x")), manager.discover()):
                with pytest.raises(kind) as caught:
                    await call
                assert (caught.value.unproved, caught.value.uncertain) == (True, False)


async def test_a_grace_changes_nothing_for_a_user_who_must_resynchronize(agent: Snmpd) -> None:
    """snmpd refuses the first request, whose time is wrong; the manager has its whole time for the second one."""
    async with manager_of(agent) as manager:
        info = await manager.discover()
    stale = EngineInfo(info.engine_id, info.boots, max(info.time - 1000, 0))
    async with manager_of(agent, engine=stale, report_grace=0) as manager:
        await manager.get(SYS_NAME)
        assert manager.statistics.resent <= 1


def test_the_facade_tells_a_wrong_password_a_second_after_snmpds_report(agent: Snmpd) -> None:
    mgr = SNMPTCPMgr()
    mgr.remote_host, mgr.remote_port = agent.host, agent.port
    mgr.snmp_version, mgr.user, mgr.authentication_protocol, mgr.authentication_password = 3, "sha", 2, "anotherpass"
    mgr.obj_count = 1
    mgr.set_obj_id(0, SYS_NAME)
    begun = time.monotonic()
    with pytest.raises(IPWorksSNMPError, match="wrong digest") as caught:
        mgr.send_get_request()
    mgr.active = False
    assert caught.value.code == 1302
    assert 1 <= time.monotonic() - begun < mgr.timeout / 2


@pytest.mark.parametrize(
    "user",
    [
        UsmUser("shaaes", "SHA", AUTH_PASSWORD, "AES", "anotherpass"),
        UsmUser("shaaes", "SHA", AUTH_PASSWORD, "DES", PRIV_PASSWORD),
        UsmUser("shaaes256", "SHA", AUTH_PASSWORD, "AES-256-C", PRIV_PASSWORD),
    ],
    ids=["password", "protocol", "key extension"],
)
async def test_another_privacy_is_met_with_silence(agent: Snmpd, user: UsmUser) -> None:
    async with manager_of(agent) as manager:
        info = await manager.discover()
    async with manager_of(agent, user, engine=info) as manager:
        await manager.connect()
        with pytest.raises(RequestTimeout) as caught:
            await manager.get(SYS_NAME, timeout=0.5)
        statistics = manager.statistics

    assert caught.value.reason is None  # snmpd decrypts it to something that is not a ScopedPDU, and sends no report
    assert (statistics.requests, statistics.reports, statistics.refused) == (1, 0, 0)


async def test_what_is_refused_does_not_harm_what_follows(agent: Snmpd) -> None:
    async with manager_of(agent) as manager:
        await manager.get(SYS_NAME)
        async with manager_of(agent, UsmUser("nobody", "SHA", AUTH_PASSWORD)) as other:
            await reason_of_the_timeout(other, reports=2)
        await manager.get(SYS_NAME)

        assert manager.statistics.connections == 1


# --------------------------------------------------------------------------------------- contexts


async def test_a_context_holds_variables_of_its_own(agent: Snmpd) -> None:
    async with manager_of(agent, GUEST.credentials("vlan7")) as manager:
        (varbind,) = await manager.get(SYS_LOCATION)

    assert varbind.value == b"a shelf in the lab"


async def test_a_context_that_the_user_may_not_see_is_an_authorization_error(agent: Snmpd) -> None:
    async with manager_of(agent, GUEST) as manager:
        with pytest.raises(AuthorizationError):
            await manager.get(SYS_LOCATION)


async def test_a_context_that_does_not_exist_is_met_with_silence(agent: Snmpd) -> None:
    async with manager_of(agent) as manager:
        info = await manager.discover()
    async with manager_of(agent, EASY.credentials("vlan8"), engine=info) as manager:
        await manager.connect()
        with pytest.raises(RequestTimeout) as caught:
            await manager.get(SYS_LOCATION, timeout=0.5)

    assert caught.value.reason is None


async def test_a_context_engine_id_comes_back_as_it_was_sent(agent: Snmpd) -> None:
    elsewhere = UsmUser(
        EASY.name,
        EASY.auth,
        AUTH_PASSWORD,
        EASY.priv,
        PRIV_PASSWORD,
        context_engine_id=b"\x80\x00\x1f\x88\x04elsewhere",
    )
    async with manager_of(agent, elsewhere) as manager:
        (varbind,) = await manager.get(SYS_LOCATION)  # snmpd ignores the context engine ID

    assert varbind.value == b"the next shelf"


# --------------------------------------------------------------------------------------- discovery


async def test_discovery_tells_what_the_agent_says_of_itself(agent: Snmpd) -> None:
    async with manager_of(agent) as manager:
        info = await manager.discover()
        engine_id, boots, time = await manager.get(SNMP_ENGINE_ID, SNMP_ENGINE_BOOTS, SNMP_ENGINE_TIME)

    assert engine_id.value == info.engine_id
    assert boots.value == info.boots
    assert isinstance(time.value, Integer32)
    assert 0 <= time.value - info.time <= 5


async def test_the_command_line_tools_and_the_manager_agree_on_the_engine(agent: Snmpd) -> None:
    lines = snmpget(agent, EASY, SNMP_ENGINE_ID, SNMP_ENGINE_BOOTS)
    async with manager_of(agent) as manager:
        info = await manager.discover()

    engine_id, boots = " ".join(lines).replace('"', " ").split(f".{SNMP_ENGINE_BOOTS}")
    assert bytes.fromhex(engine_id.removeprefix(f".{SNMP_ENGINE_ID}")) == info.engine_id
    assert int(boots) == info.boots


async def test_tasks_that_start_at_once_cause_one_discovery(agent: Snmpd) -> None:
    async with manager_of(agent) as manager:
        answers = await asyncio.gather(*(manager.get(SYS_LOCATION) for _ in range(100)))
        statistics = manager.statistics

    assert {answer[0].value for answer in answers} == {OctetString("the next shelf")}
    assert (statistics.probes, statistics.requests, statistics.resent) == (1, 100, 0)


async def test_nothing_is_discovered_if_the_engine_is_given(agent: Snmpd) -> None:
    async with manager_of(agent) as manager:
        info = await manager.discover()
    async with manager_of(agent, engine=info) as manager:
        await manager.get(SYS_NAME)
        statistics = manager.statistics

    assert (statistics.probes, statistics.reports, statistics.requests) == (0, 0, 1)


@pytest.mark.parametrize(
    ("boots", "time"),
    [(0, 0), (0, 1000), (1, 100_000), (7, 0), (0x7FFFFFFF, 0)],
    ids=["unknown", "past boots", "time ahead", "boots ahead", "boots at their end"],
)
async def test_a_given_engine_at_another_time_costs_one_more_exchange(agent: Snmpd, boots: int, time: int) -> None:
    async with manager_of(agent) as manager:
        info = await manager.discover()
    async with manager_of(agent, engine=EngineInfo(info.engine_id, boots, time)) as manager:
        await manager.get(SYS_NAME)
        await manager.get(SYS_NAME)
        now = await manager.discover()
        statistics = manager.statistics

    assert (statistics.probes, statistics.reports, statistics.resent) == (0, 1, 1)
    assert now.engine_id == info.engine_id
    assert now.boots == info.boots
    assert 0 <= now.time - info.time <= 5


async def test_known_engines_are_discovered_once_for_several_managers(agent: Snmpd) -> None:
    engines = KnownEngines()
    async with manager_of(agent, engines=engines) as first, manager_of(agent, GUEST, engines=engines) as second:
        await first.get(SYS_NAME)
        with pytest.raises(AuthorizationError):
            await second.get(SYS_NAME)

        assert first.statistics.probes == 1
        assert second.statistics.probes == second.statistics.reports == 0
        assert (await first.discover()).engine_id == (await second.discover()).engine_id
    assert len(engines) == 1


async def test_discovery_afresh_does_not_harm_requests_that_are_under_way(agent: Snmpd) -> None:
    async with manager_of(agent) as manager:
        before = await manager.discover()
        requests = [asyncio.ensure_future(manager.get(SYS_NAME)) for _ in range(50)]
        await asyncio.sleep(0)
        after = await manager.discover(afresh=True, timeout=2)
        answers = await asyncio.gather(*requests)

        assert manager.statistics.probes == 2
    assert after.engine_id == before.engine_id
    assert all(str(answer[0].oid) == SYS_NAME for answer in answers)


# ---------------------------------------------------------------------------------- restarts, size


@pytest.mark.parametrize("number", [1, 50], ids=["one request", "50 in flight"])
async def test_another_engine_in_its_place_is_found_by_itself_if_it_may_be(tmp_path: Path, number: int) -> None:
    with one_of_its_own(tmp_path) as snmpd:
        async with manager_of(snmpd, timeout=20, volatile_engine=True) as manager:
            before = await manager.discover()
            snmpd.stop()
            snmpd.forget()
            snmpd.start()
            answers = await asyncio.gather(*(manager.get(SNMP_ENGINE_ID) for _ in range(number)))
            await manager.get(SYS_NAME)
            after = await manager.discover()
            statistics = manager.statistics

    assert after.engine_id != before.engine_id
    assert [answer[0].value for answer in answers] == [after.engine_id] * number
    assert (statistics.probes, statistics.connections) == (1, 2)


async def test_another_engine_in_its_place_is_found_when_the_program_asks(tmp_path: Path) -> None:
    with one_of_its_own(tmp_path) as snmpd:
        async with manager_of(snmpd) as manager:
            before = await manager.discover()
            snmpd.stop()
            snmpd.forget()
            snmpd.start()
            timeout = await reason_of_the_timeout(manager, manager.statistics.reports + 1)
            after = await manager.discover(afresh=True)
            answers = await manager.get(SNMP_ENGINE_ID)

    assert isinstance(timeout.reason, UnknownEngine)
    assert after.engine_id != before.engine_id
    assert answers[0].value == after.engine_id


async def test_localized_keys_are_of_no_use_at_another_engine(tmp_path: Path) -> None:
    with one_of_its_own(tmp_path) as snmpd:
        async with manager_of(snmpd) as manager:
            engine_id = (await manager.discover()).engine_id
        async with manager_of(snmpd, localized_keys(EASY, engine_id)) as manager:
            await manager.get(SYS_NAME)
            snmpd.stop()
            snmpd.forget()
            snmpd.start()
            timeout = await reason_of_the_timeout(manager, manager.statistics.reports + 1)

    assert isinstance(timeout.reason, UnknownEngine | WrongDigest)


async def test_500_requests_in_flight_are_each_given_their_own_answer(agent: Snmpd) -> None:
    names = [SYS_DESCR, SYS_UPTIME, SYS_CONTACT, SYS_NAME, SYS_LOCATION] * 100
    async with manager_of(agent) as manager:
        answers = await asyncio.gather(*(manager.get(name) for name in names))
        statistics = manager.statistics

    assert [str(answer[0].oid) for answer in answers] == names
    assert statistics.requests == statistics.responses == 500
    assert (statistics.connections, statistics.refused, statistics.resent) == (1, 0, 0)


@pytest.mark.parametrize("priv", ["", "DES", "AES", "AES-256-C"], ids=lambda name: name or "none")
async def test_an_answer_far_above_64_kibibytes_is_read(agent: Snmpd, priv: str) -> None:
    user = user_of("SHA-512", priv)
    require_user(agent, user)
    async with manager_of(agent, user) as manager:
        varbinds = await manager.get_bulk(*[SYSTEM] * 500, max_repetitions=20)
        received = manager.statistics.octets_received

    assert len(varbinds) == 10_000
    assert received > 200_000


async def test_the_agent_keeps_to_the_size_that_the_manager_accepts(agent: Snmpd) -> None:
    framer = Framer()
    lengths: list[int] = []

    def trace(direction: str, octets: bytes) -> None:
        if direction == "received":
            lengths.extend(map(len, framer.feed(octets)))

    async with manager_of(agent, max_message_size=8192, packet_trace=trace) as manager:
        with pytest.raises(GenErr):  # snmpd answers genErr instead of a shorter response
            await manager.get_bulk(*[SYSTEM] * 500, max_repetitions=20)
        walked = [varbind async for varbind in manager.walk("1.3.6.1.2.1.1", max_repetitions=1000)]
        asked = await manager.get(*[SYS_DESCR] * 400)

    assert len(walked) > 10
    assert [str(varbind.oid) for varbind in asked] == [SYS_DESCR] * 400
    assert max(lengths) <= 8192


async def test_more_names_than_fit_one_message_come_back_in_order(agent: Snmpd) -> None:
    names = [SYS_DESCR, SYS_UPTIME, SYS_CONTACT, SYS_NAME, SYS_LOCATION] * 300
    async with manager_of(agent) as manager:
        answered = await manager.get(*names)

    assert [str(varbind.oid) for varbind in answered] == names
