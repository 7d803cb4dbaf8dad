"""Forged SNMPv3: R17 (digests and flags), R19 (reports), at managers and listeners that know better."""

from __future__ import annotations

import asyncio
import itertools
import random
from typing import TYPE_CHECKING

from snmptcp import Manager, UsmUser
from snmptcp.errors import SnmpError
from snmptcp.listener import NotificationListener
from snmptcp.values import Integer32
from tests.scorecard.row import Figure, Outcome, Row, Scale, share
from tests.support import attacker
from tests.support.attacker import AUTH, COUNTERS, DIGESTS, PRIV, REPORTABLE, HostileEngine, HostileServer, User
from tests.support.mibs import SYS_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tests.support.attacker import Message, RawConnection

HERE = "127.0.0.1"
USERS = [
    User(f"{auth}{priv}", auth, "authentic!", priv, "privately!" if priv else "")
    for auth in DIGESTS
    for priv in ("", "AES")
]
TRUE, FALSE = attacker.integer(7), attacker.integer(666)
TRAP = "1.3.6.1.4.1.58888.0.7"

#: Forged messages beside each true one.
AT_ONCE = 50


def _credentials(user: User) -> UsmUser:
    return UsmUser(user.name, user.auth, user.auth_password, user.priv or "AES", user.priv_password or None)


# ---------------------------------------------------------------------------------- R17: digests, flags


def _flipped(digest: bytes, bit: int) -> bytes:
    place = bit % (8 * len(digest))
    return bytes(octet ^ (1 << place % 8 if place // 8 == position else 0) for position, octet in enumerate(digest))


def _changes(user: User, true_digest: bytes, numbers: random.Random) -> Iterator[dict[str, Any]]:
    """Yield, again and again, what to change in a message: its digest, or its flags."""
    size = len(true_digest)
    while True:
        for length in range(65):
            if length != size:
                yield {"digest": (true_digest + bytes(64))[:length]}
        for _ in range(20):
            yield {"digest": _flipped(true_digest, numbers.randrange(8 * size))}
            yield {"digest": numbers.randbytes(size)}
        yield {"digest": bytes(size)}
        yield {"flags": 0}
        yield {"flags": PRIV}
        yield {"flags": REPORTABLE}
        if user.priv:
            yield {"flags": AUTH}  # authentic, but less protected than what it answers


def _digest_of(message: bytes, user: User) -> bytes:
    """Return the digest of a message, cut out of its octets."""
    header = attacker.read_message(message, [user])
    size = DIGESTS[user.auth][1]
    start = message.index(attacker.tlv(attacker.OCTET_STRING, user.name.encode()), 20) + 2 + len(user.name)
    assert header.flags & AUTH
    return message[start + 2 : start + 2 + size]


async def _forged_answers(user: User, count: int) -> tuple[int, int, int]:
    """Ask an agent whose true answer comes behind forged ones; return forged, accepted, and unanswered requests."""
    engine = HostileEngine(users=(user,))
    numbers = random.Random(17)
    forged = 0

    def script(_: RawConnection, message: bytes) -> list[bytes]:
        nonlocal forged
        asked = engine.read(message)
        honest = engine.honest(message, TRUE)
        assert honest is not None
        if not asked.flags & AUTH:
            return [honest]  # the discovery
        made = [
            engine.answer(asked, value=FALSE, **change)
            for change in itertools.islice(_changes(user, _digest_of(honest, user), numbers), AT_ONCE * 3)
        ]
        chosen = numbers.sample(made, AT_ONCE)
        forged += len(chosen)
        return [*chosen, honest]

    accepted = unanswered = 0
    async with (
        HostileServer(script) as server,
        Manager(server.host, server.port, credentials=_credentials(user), max_unreadable=None) as manager,
    ):
        while forged < count:
            try:
                value = await manager.get_value(SYS_NAME, timeout=20)
            except SnmpError:
                unanswered += 1
            else:
                accepted += value != Integer32(7)
    return forged, accepted, unanswered


async def _forged_traps(user: User, count: int) -> tuple[int, int]:
    """Send forged traps to a listener, and a true one at the end; return how many were forged, and accepted."""
    engine = HostileEngine(users=(user,))
    numbers = random.Random(19)
    sent = 0
    async with (
        NotificationListener(HERE, 0, credentials=[_credentials(user)], max_unreadable=None) as listener,
        await attacker.RawConnection.open(*listener.addresses[0]) as connection,
    ):
        pdu = attacker.pdu(attacker.TRAP_V2, 1, attacker.notification(TRAP))
        true = engine.send(pdu, user)
        for change in itertools.islice(_changes(user, _digest_of(true, user), numbers), count):
            flags = change.pop("flags", None)
            connection.send(engine.send(pdu, user, flags=flags, **change))
            sent += 1
            if sent % 100 == 0:
                await connection.drain()
        connection.send(true)
        async with asyncio.timeout(60):
            await anext(listener)
            while listener.statistics.notifications + sum(listener.statistics.refused.values()) < sent + 1:
                await asyncio.sleep(0.01)
        accepted = listener.statistics.notifications - 1
    return sent, accepted


async def digests_and_flags(scale: Scale) -> Outcome:
    """R17: answers and traps with digests of 0 to 64 octets, wrong digests, and other flags; each user in turn."""
    each = scale.count(60_000, least=5000) // len(USERS) // 2
    forged = accepted = unanswered = traps = traps_accepted = 0
    for user in USERS:
        made, taken, lost = await _forged_answers(user, each)
        forged, accepted, unanswered = forged + made, accepted + taken, unanswered + lost
        made, taken = await _forged_traps(user, each)
        traps, traps_accepted = traps + made, traps_accepted + taken
    return Outcome(
        (
            Figure("forged answers", forged),
            Figure("accepted", accepted, most=0),
            Figure("requests that lost their true answer", unanswered, most=0),
            Figure("forged traps", traps),
            Figure("accepted by the listener", traps_accepted, most=0),
        )
    )


# ---------------------------------------------------------------------------------- R19: forged reports

VICTIM = User("victim", "SHA-256", "authentic!", "AES", "privately!")


def _reports(engine: HostileEngine, asked: Message) -> Iterator[bytes]:
    """Yield forged reports of every counter, with any boots and times, and of another engine."""
    for counter in COUNTERS:
        for boots, time in ((0, 0), (engine.boots, engine.time + 100_000), (2**31 - 2, 5), (2**31 - 1, 0)):
            yield engine.report(asked, counter, boots=boots, time=time)
        yield engine.report(asked, counter, engine_id=attacker.ENGINE_B)
        yield engine.report(asked, counter, flags=AUTH, digest=bytes(24))


async def forged_reports(scale: Scale) -> Outcome:
    """R19: requests whose true answers come behind forged reports."""
    engine = HostileEngine(users=(VICTIM,))
    requests = scale.count(300, least=50)
    forged = 0
    lying = False

    def script(_: RawConnection, message: bytes) -> list[bytes]:
        nonlocal forged
        asked = engine.read(message)
        honest = engine.honest(message, TRUE)
        assert honest is not None
        if not (lying and asked.flags & AUTH):
            return [honest]
        made = list(_reports(engine, asked))
        forged += len(made)
        return [*made, honest]

    right = changed = 0
    async with (
        HostileServer(script) as server,
        Manager(server.host, server.port, credentials=_credentials(VICTIM), max_unreadable=None) as manager,
    ):
        await manager.get(SYS_NAME)
        lying = True
        for _ in range(requests):
            before = manager.engine
            try:
                right += await manager.get_value(SYS_NAME, timeout=20) == Integer32(7)
            except SnmpError:
                continue
            after = manager.engine
            assert before is not None
            assert after is not None
            changed += before[:2] != after[:2] or not 0 <= after.time - before.time <= 60
        resent = manager.statistics.resent
    return Outcome(
        (
            Figure("requests", requests),
            Figure("forged reports", forged),
            share("requests answered right", right, requests),
            Figure("changes of engine, boots or time", changed, most=0),
            Figure("requests sent again", resent, most=0),
        )
    )


ROWS = (
    Row(
        "R17", "digests of 0 to 64 octets, wrong digests, other flags", "none is accepted", digests_and_flags, limit=240
    ),
    Row(
        "R19",
        "forged reports of every counter before the true answer",
        "every request is answered; engine, boots and time stay as they are",
        forged_reports,
    ),
)
