"""Users of a real agent, net-snmp's snmpd, created, changed and deleted over the network."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import Manager, RequestTimeout, UsmUser
from snmptcp.cli.main import main
from snmptcp.errors import InconsistentName, InconsistentValue
from snmptcp.usm import RowStatus, UserTable
from tests.support.netsnmp import PATIENCE, environment, require_program, run
from tests.support.snmpd import AUTH_PASSWORD, PRIV_PASSWORD, Snmpd, SnmpdUser

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path
    from typing import Any, TypeAlias

    Usm: TypeAlias = Callable[..., Coroutine[Any, Any, tuple[int, str, str]]]

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"

#: Every authentication protocol, and every length of privacy keys: shorter, as long and longer than a digest.
USERS = [
    SnmpdUser(f"{auth}{priv}".replace("-", "").lower(), auth, priv)
    for auth, priv in (
        ("MD5", ""),
        ("MD5", "DES"),
        ("MD5", "AES-256"),
        ("SHA", "AES"),
        ("SHA", "AES-256-C"),
        ("SHA-224", "AES-192"),
        ("SHA-256", "AES"),
        ("SHA-384", "AES-192-C"),
        ("SHA-512", "AES-256"),
    )
]
BOSS = SnmpdUser("boss", "SHA-256", "AES")


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    agent = Snmpd(tmp_path_factory.mktemp("snmpd"), "rwuser wes priv\n", [BOSS, *USERS])
    agent.start()
    # snmpd refuses to change users that it has created since it was started.
    agent.stop()
    agent.keep_users()
    agent.start()
    yield agent
    agent.stop()


@pytest.fixture
def usm(capsys: pytest.CaptureFixture[str]) -> Usm:
    """Return a coroutine function that runs snmptcp usm, and returns its exit code and its output."""

    async def run_command(*words: str) -> tuple[int, str, str]:
        code = await asyncio.to_thread(main, ["usm", *words])
        return (code, *capsys.readouterr())

    return run_command


def manager_of(snmpd: Snmpd, user: UsmUser) -> Manager:
    return Manager(snmpd.host, snmpd.port, credentials=user, timeout=PATIENCE)


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.name)
async def test_new_passwords_work_and_the_old_ones_do_not(snmpd: Snmpd, user: SnmpdUser) -> None:
    if not snmpd.knows(user):
        pytest.skip(f"this build of snmpd lacks {user.auth} or {user.priv}")
    old = user.credentials()
    async with manager_of(snmpd, old) as manager:
        new = await UserTable(manager).change_passwords(
            old, auth_password="another-auth", priv_password="another-priv" if user.priv else None, own=True
        )
        manager.use(new)
        await manager.get(SYS_UP_TIME)
        manager.use(old)
        with pytest.raises(RequestTimeout, match="wrong digest"):
            await manager.get(SYS_UP_TIME, timeout=0.3)
        manager.use(new)
        if user.priv:
            half = new.with_keys(priv_password=old.priv.password)
            manager.use(half)
            with pytest.raises(RequestTimeout):
                await manager.get(SYS_UP_TIME, timeout=0.3)


async def test_the_life_of_a_user(snmpd: Snmpd) -> None:
    boss = BOSS.credentials()
    async with manager_of(snmpd, boss) as manager:
        table = UserTable(manager)
        assert {entry.name.decode() for entry in await table.users()} == {
            user.name for user in (BOSS, *USERS) if snmpd.knows(user)
        }
        with pytest.raises(InconsistentName):
            await table.create("wes", "nobody")
        await table.create("wes", "boss", wait=True)
        assert await table.status("wes") in {RowStatus.notInService, RowStatus.notReady}
        await table.activate("wes")
        assert await table.status("wes") is RowStatus.active
        with pytest.raises(InconsistentValue):
            await table.create("wes", "boss")

        wes = UsmUser("wes", "SHA-256", boss.auth.password, "AES", boss.priv.password)
        new = await table.change_passwords(wes, auth_password="auth of wes", priv_password="priv of wes")
        async with manager_of(snmpd, new) as own:
            await own.get(SYS_UP_TIME)
            await table.deactivate("wes")
            assert await table.status("wes") is RowStatus.notInService
            await table.delete("wes")
            assert await table.status("wes") is None
            with pytest.raises(RequestTimeout, match="does not know the user"):
                await own.get(SYS_UP_TIME, timeout=0.3)


async def test_the_command_changes_passwords_and_rows(snmpd: Snmpd, usm: Usm) -> None:
    host = f"{snmpd.host}:{snmpd.port}"
    boss = ("-u", "boss", "-A", AUTH_PASSWORD, "-X", PRIV_PASSWORD)
    assert (await usm(*boss, host, "create", "wes", "boss")) == (0, "User successfully created.\n", "")
    own = ("-u", "wes", "-A", AUTH_PASSWORD, "-X", PRIV_PASSWORD)
    outcome = await usm(*own, "-Ca", host, "passwd", AUTH_PASSWORD, "new auth of wes")
    assert outcome == (0, "SNMPv3 Key(s) successfully changed.\n", "")
    own = ("-u", "wes", "-A", "new auth of wes", "-X", PRIV_PASSWORD)
    outcome = await usm(*own, "-Cx", host, "passwd", PRIV_PASSWORD, "new priv of wes")
    assert outcome == (0, "SNMPv3 Key(s) successfully changed.\n", "")
    assert "wes  " in (await usm(*boss, host, "list"))[1]
    assert (await usm(*boss, host, "delete", "wes")) == (0, "User successfully deleted.\n", "")
    assert "wes  " not in (await usm(*boss, host, "list"))[1]


async def test_net_snmp_reads_with_the_password_that_the_command_has_set(
    snmpd: Snmpd, usm: Usm, tmp_path: Path
) -> None:
    host = f"{snmpd.host}:{snmpd.port}"
    boss = ("-u", "boss", "-A", AUTH_PASSWORD, "-X", PRIV_PASSWORD)
    await usm(*boss, host, "create", "wes", "boss")
    await usm(*boss, "-Ca", host, "passwd", AUTH_PASSWORD, "new auth of wes", "wes")
    path = require_program("snmpget", "snmp")
    words = ["-v3", "-u", "wes", "-l", "authPriv", "-a", "SHA-256", "-x", "AES", "-X", PRIV_PASSWORD, "-Onqv"]
    found = run([path, *words, "-A", "new auth of wes", snmpd.address, SYS_UP_TIME], environment(tmp_path))
    refused = run([path, *words, "-A", AUTH_PASSWORD, snmpd.address, SYS_UP_TIME], environment(tmp_path))
    await usm(*boss, host, "delete", "wes")
    assert (found.returncode, refused.returncode) == (0, 1)
