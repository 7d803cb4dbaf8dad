"""A listener's options with net-snmp's senders; test_notifications.py has the notifications themselves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, Counter64, Integer32, OctetString, UsmUser
from snmptcp.errors import ErrorStatus
from snmptcp.listener import NotificationListener
from snmptcp.oid import OID
from tests.support.notifications import Notifiers, as_community, as_user
from tests.support.snmpd import AUTH_PASSWORD, PRIV_PASSWORD, SnmpdUser

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from snmptcp.protocol.notification import Notification

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

ENTERPRISE = "1.3.6.1.4.1.8072.9999"
TRAP = f"{ENTERPRISE}.0.17"
NAME = ("1.3.6.1.2.1.1.5.0", "s", "dev1")
ENGINE = bytes.fromhex("80001f8804") + b"device"

USERS = [
    SnmpdUser("plain"),
    SnmpdUser("md5", "MD5"),
    SnmpdUser("shades", "SHA", "DES"),
    SnmpdUser("sha2aes", "SHA-256", "AES"),
    SnmpdUser("sha5aes", "SHA-512", "AES-256"),
]


def ours(user: SnmpdUser) -> UsmUser:
    """Return our form of a user."""
    return UsmUser(
        user.name,
        user.auth or "SHA",
        AUTH_PASSWORD if user.auth else None,
        user.priv or "AES",
        PRIV_PASSWORD if user.priv else None,
    )


@pytest.fixture
def notifiers(tmp_path: Path) -> Notifiers:
    return Notifiers(tmp_path)


def went_well(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether a tool has succeeded without complaints; it may report the directories that it makes."""
    said = [line for line in done.stderr.splitlines() if not line.startswith("Created directory")]
    return done.returncode == 0 and not said


def address(listener: NotificationListener, which: int = 0) -> str:
    host, port = listener.addresses[which]
    return f"tcp6:[{host}]:{port}" if ":" in host else f"tcp:{host}:{port}"


def communities() -> list[Community]:
    return [Community("public", "1"), Community("public")]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_trap_of_version_2c(notifiers, host):
    async with NotificationListener(host, 0, credentials=communities()) as listener:
        more = ("1.3.6.1.2.1.2.2.1.1.3", "i", "3", "1.3.6.1.2.1.31.1.1.1.6.3", "C", "18446744073709551615")
        await asyncio.to_thread(notifiers.trap, as_community("2c"), address(listener), "4242", TRAP, *NAME, *more)
        notification = await anext(listener)
        assert notification.trap_oid == OID(TRAP)
        values = [varbind.value for varbind in notification.varbinds]
        assert values == [OctetString("dev1"), Integer32(3), Counter64(18446744073709551615)]
        assert notification.source is not None
        assert notification.source.host == host


async def test_snmpinform_takes_any_error_status_for_an_acknowledgement(notifiers):
    async def handle(notification: Notification) -> ErrorStatus:
        return ErrorStatus.resourceUnavailable

    async with NotificationListener("127.0.0.1", 0, credentials=communities(), handler=handle) as listener:
        done = await asyncio.to_thread(
            notifiers.inform, [*as_community("2c"), "-r0"], address(listener), "4242", TRAP, *NAME
        )
        assert went_well(done)
        assert listener.statistics.acknowledged == 1


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.name)
@pytest.mark.parametrize("engine_id", [None, ENGINE], ids=["any engine", "one engine"])
async def test_a_trap_of_version_3(notifiers, user, engine_id):
    credentials = ours(user) if engine_id is None else (ours(user), engine_id)
    async with NotificationListener("127.0.0.1", 0, credentials=credentials) as listener:
        session = as_user(user, ENGINE, boots=3, time=1000)
        done = await asyncio.to_thread(notifiers.trap, session, address(listener), "4242", TRAP, *NAME)
        assert went_well(done)
        notification = await anext(listener)
        assert notification.security_name == user.name.encode()
        assert notification.security_level == ours(user).security_level
        assert notification.engine_id == ENGINE
        assert notification.trap_oid == OID(TRAP)


async def test_a_wrong_password_is_refused(notifiers):
    stranger = UsmUser("sha2aes", "SHA-256", "another password", "AES", PRIV_PASSWORD)
    async with NotificationListener("127.0.0.1", 0, credentials=stranger) as listener:
        session = as_user(USERS[3], ENGINE, boots=3, time=1000)
        await asyncio.to_thread(notifiers.trap, session, address(listener), "4242", TRAP, *NAME)
        done = await asyncio.to_thread(
            notifiers.inform, [*as_user(USERS[3]), "-r0", "-t2"], address(listener), "4242", TRAP, *NAME
        )
        assert done.returncode != 0
        assert listener.statistics.refused["wrong_digests"] == 2
        assert listener.statistics.notifications == 0
