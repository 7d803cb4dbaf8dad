"""SNMPv3 with net-snmp: R16 (every pair of algorithms)."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp import Manager, UsmUser
from snmptcp.errors import SnmpError, WrongDigest
from snmptcp.values import OctetString
from tests.scorecard.row import Figure, Missing, Outcome, Row, Scale, share
from tests.support.mibs import SYS_NAME
from tests.support.notifications import Snmptrapd
from tests.support.sid import SidSnmpd
from tests.support.snmpd import PRIV_PASSWORD, Snmpd, SnmpdUser

if TYPE_CHECKING:
    from collections.abc import Awaitable

AUTHS = ("MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512")
PRIVS = ("", "DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C")
USERS = [SnmpdUser(f"{auth}{priv}".replace("-", "").lower(), auth, priv) for auth in AUTHS for priv in PRIVS]
TRAP = "1.3.6.1.4.1.8072.9999.0.17"
WRONG = "not the password"


async def _is(call: Awaitable[object], error: type[SnmpError] | None = None) -> bool:
    """Whether a call succeeds, or fails with this error."""
    try:
        await call
    except SnmpError as raised:
        return error is not None and isinstance(raised, error)
    return error is None


async def _reads(agent: Snmpd, user: SnmpdUser) -> list[bool]:
    """Return whether GET, SET with GET, GETBULK, and a wrong password give what they must."""
    async with Manager(agent.host, agent.port, credentials=user.credentials(), timeout=20) as manager:
        right = [await _is(manager.get(SYS_NAME)), await _is(manager.set((SYS_NAME, user.name)))]
        right[-1] = right[-1] and await manager.get_value(SYS_NAME) == OctetString(user.name)
        right.append(len(await manager.get_bulk("1.3.6.1.2.1.1", max_repetitions=20)) == 20)
    wrong = UsmUser(user.name, user.auth, WRONG, user.priv or "AES", PRIV_PASSWORD if user.priv else None)
    async with Manager(agent.host, agent.port, credentials=wrong, timeout=20, report_grace=0.1) as manager:
        right.append(await _is(manager.get(SYS_NAME), WrongDigest))
    return right


async def _informs(receiver: Snmptrapd, user: SnmpdUser) -> bool:
    credentials = user.credentials()
    async with Manager(receiver.host, receiver.port, credentials=credentials, timeout=20) as manager:
        return await _is(manager.inform(TRAP, (SYS_NAME, user.name)))


async def _with_agent(agent: Snmpd) -> tuple[int, int, int]:
    """Ask an agent as each user that it knows; return how many users, right results and results."""
    await asyncio.to_thread(agent.start)
    try:
        known = [user for user in USERS if agent.knows(user)]
        results = [result for user in known for result in await _reads(agent, user)]
    finally:
        agent.stop()
    return len(known), sum(results), len(results)


async def _with_receiver(receiver: Snmptrapd) -> tuple[int, int]:
    await asyncio.to_thread(receiver.start)
    try:
        acknowledged = [await _informs(receiver, user) for user in USERS]
        seen = {received.name for received in receiver.wait_for(len(USERS))}
    finally:
        receiver.stop()
    return sum(acknowledged), len(seen)


def _room(folder: str, name: str) -> Path:
    """Return a new folder for a peer."""
    place = Path(folder, name.replace(" ", "-"))
    place.mkdir()
    return place


async def pairs_of_algorithms(scale: Scale) -> Outcome:
    """R16: GET, SET, GETBULK and a wrong password with snmpd, and informs with snmptrapd, as 42 users."""
    figures: list[Figure] = []
    missing: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, kind in (("snmpd", Snmpd), ("snmpd of sid", SidSnmpd)):
            try:
                agent = kind(_room(folder, name), users=USERS)
            except pytest.skip.Exception as lacking:
                missing.append(str(lacking))
                continue
            users, right, total = await _with_agent(agent)
            figures += [
                Figure(f"{name}: users with keys", users, least=36),
                share(f"{name}: GET, SET, GETBULK, wrong password", right, total),
            ]
        try:
            receiver = Snmptrapd(_room(folder, "snmptrapd"), users=USERS)
        except pytest.skip.Exception as lacking:
            missing.append(str(lacking))
        else:
            acknowledged, seen = await _with_receiver(receiver)
            figures += [
                share("informs acknowledged by snmptrapd", acknowledged, len(USERS)),
                share("users whose inform it shows", seen, len(USERS)),
            ]
    if not figures:
        raise Missing("; ".join(missing))
    return Outcome(tuple(figures), tuple(missing))


ROWS = (
    Row(
        "R16",
        "6 digests and 5 ciphers, and both extensions of keys, with net-snmp of two versions",
        "GET, SET, GETBULK and inform with every pair; a wrong password is WrongDigest",
        pairs_of_algorithms,
        limit=300,
    ),
)
