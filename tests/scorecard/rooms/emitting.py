"""What this library sends, read by others: R33."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from snmptcp import Community, Manager, UsmUser
from snmptcp.codec.framer import Framer
from snmptcp.codec.message import decode_message, encode_message
from snmptcp.errors import AgentError
from snmptcp.listener import NotificationListener
from snmptcp.oid import OID
from snmptcp.testing import Agent
from snmptcp.values import (
    Counter32,
    Gauge32,
    Integer32,
    IpAddress,
    NsapAddress,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
)
from tests.properties.strategies import community_messages
from tests.scorecard.row import Figure, Outcome, Row, Scale, share
from tests.support import gosnmp, perl, tshark
from tests.support.attacker import User
from tests.support.mibs import BIG_ROWS, BIG_TABLE, SYS_NAME, small_mib
from tests.support.vectors import packets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.codec.message import CommunityMessage
    from snmptcp.security.choose import Credentials

HERE = "127.0.0.1"
AUTHS = ("MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512")
PRIVS = ("", "DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C")

#: Ciphers whose keys tshark cannot make: it reads what surrounds the encrypted part.
UNREADABLE = ("AES-192", "AES-256")

USERS = tuple(
    User(f"{auth} {priv}".strip(), auth, "authentic!", priv, "privately!" if priv else "")
    for auth, priv in itertools.product(AUTHS, PRIVS)
)
#: Types of SNMPv2's first version (RFC 1442), which tshark does not know.
OBSOLETE = (NsapAddress, UInteger32)

WRITTEN = OID("1.3.6.1.4.1.58888.5")
TRAP = OID("1.3.6.1.4.1.58888.0.7")
VALUES = (
    Integer32(-129),
    OctetString(b"\x80\xff"),
    OID("2.999.4294967295"),
    IpAddress("192.0.2.1"),
    Counter32(2**32 - 1),
    Gauge32(128),
    TimeTicks(0),
    Opaque(b"\x9f\x78\x04\x42\xf6\0\0"),
)


def _credentials(user: User) -> UsmUser:
    return UsmUser(user.name, user.auth, user.auth_password, user.priv or "AES", user.priv_password or None)


class _Emitted:
    """The messages of both ends of connections, cut out of the octets."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def trace(self) -> functools.partial[None]:
        """Return a packet trace for one manager."""
        return functools.partial(self._note, {"sent": Framer(), "received": Framer()})

    def _note(self, framers: dict[str, Framer], direction: str, octets: bytes) -> None:
        self.messages += framers[direction].feed(octets)


async def _ask_everything(manager: Manager, *, bulk: bool) -> None:
    """Send every kind of request, with every type of value, also one that the agent refuses."""
    await manager.get(SYS_NAME, f"{BIG_TABLE}.1.3.7")
    await manager.get_next("1.3", SYS_NAME)
    if bulk:
        await manager.get_bulk(SYS_NAME, f"{BIG_TABLE}.1", non_repeaters=1, max_repetitions=20)
    with contextlib.suppress(AgentError):
        await manager.set(*((WRITTEN + number, value) for number, value in enumerate(VALUES, 1)))
    with contextlib.suppress(AgentError):
        await manager.set((SYS_NAME, Integer32(1)))


async def _notify(manager: Manager, *, inform: bool) -> None:
    """Send a trap, and an inform."""
    pairs = [(WRITTEN + number, value) for number, value in enumerate(VALUES, 1)]
    await manager.send_trap(TRAP, *pairs)
    if inform:
        await manager.inform(TRAP, *pairs)


async def _conversations(count: int) -> list[bytes]:
    """Return what managers, agents and a listener send each other, with each version and pair of algorithms."""
    emitted = _Emitted()
    v1, v2c = Community("public", "1"), Community("public")
    users = [_credentials(user) for user in USERS]
    everybody: list[Credentials] = [v1, v2c, *users]
    async with AsyncExitStack() as stack:
        agent = await stack.enter_async_context(
            Agent({**small_mib(), **{WRITTEN + number: value for number, value in enumerate(VALUES, 1)}}, users=users)
        )
        listener = await stack.enter_async_context(
            NotificationListener(HERE, 0, credentials=[v1, v2c, *users], handler=_take)
        )
        port = listener.addresses[0][1]
        managers = []
        for credentials in everybody:
            asks = Manager(HERE, agent.port, credentials=credentials, packet_trace=emitted.trace())
            tells = Manager(HERE, port, credentials=credentials, packet_trace=emitted.trace())
            managers.append((await stack.enter_async_context(asks), await stack.enter_async_context(tells)))
        while len(emitted.messages) < count:
            for credentials, (asks, tells) in zip(everybody, managers, strict=True):
                await _ask_everything(asks, bulk=credentials is not v1)
                await _notify(tells, inform=credentials is not v1)
    return emitted.messages


async def _take(_: object) -> None:
    """Take a notification."""


def _random_messages(count: int) -> list[bytes]:
    """Return messages of SNMPv1 and SNMPv2c with anything in them that SNMP can carry; a few less than asked for."""
    made: list[bytes] = []

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(community_messages)
    def make(message: CommunityMessage) -> None:
        if not any(isinstance(value, OBSOLETE) for _, value in message.pdu.varbinds):
            # tshark shows a community as text, and warns of what follows a NUL.
            made.append(encode_message(message._replace(community=message.community.replace(b"\0", b"0"))))

    make()
    return made


def _is_right(table: Mapping[str, str]) -> bool:
    """Whether another manager has read the whole table as it is."""
    rows = range(1, BIG_ROWS + 1)
    wanted = {f"{BIG_TABLE}.1.1.{row}": str(row) for row in rows}
    wanted |= {f"{BIG_TABLE}.1.2.{row}": f"GigE0/{row}" for row in rows}
    wanted |= {f"{BIG_TABLE}.1.3.{row}": str(row * 7) for row in rows}
    return table == wanted


async def _other_managers(folder: Path) -> tuple[list[Figure], list[str]]:
    """Let managers of other authors read a table; return the figures, and which of them are missing."""
    figures, lacking = [], []
    async with Agent(small_mib(), users=[_credentials(user) for user in USERS]) as agent:
        try:
            program = await asyncio.to_thread(gosnmp.build, folder)
            tables = [await asyncio.to_thread(gosnmp.walk, program, agent, BIG_TABLE, user) for user in (None, *USERS)]
            figures.append(
                share("gosnmp reads a table: SNMPv2c and 42 users", sum(map(_is_right, tables)), len(tables))
            )
        except pytest.skip.Exception as missing:
            lacking.append(str(missing))
        try:
            options = [("-version", version, "-community", "public") for version in ("1", "2c")]
            tables = [await asyncio.to_thread(perl.get_table, agent, BIG_TABLE, *words) for words in options]
            figures.append(
                share("Perl's Net::SNMP reads it: SNMPv1, SNMPv2c", sum(map(_is_right, tables)), len(tables))
            )
        except pytest.skip.Exception as missing:
            lacking.append(str(missing))
    return figures, lacking


async def read_by_others(scale: Scale) -> Outcome:
    """R33: tshark reads and decrypts what we send, other managers read our agent, libsnmp's messages are ours, too."""
    count = scale.count(10_000, least=500)
    golden = [packet.octets for packet in packets("gosnmp/netsnmp_golden_set.json")]
    same = sum(encode_message(decode_message(octets)) == octets for octets in golden)
    figures = [share("messages of libsnmp, one of each type, encoded alike", same, len(golden))]
    wrong: list[bytes] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        others, lacking = await _other_managers(folder)
        messages = _random_messages(count // 2)
        messages += await _conversations(count - len(messages))
        readable = [user for user in USERS if user.priv and user.priv not in UNREADABLE]
        try:
            verdict = await asyncio.to_thread(tshark.ask, messages, folder, readable)
        except pytest.skip.Exception as missing:
            lacking.append(str(missing))
        else:
            wrong = [messages[position] for position in verdict.wrong[:3]]
            figures += [
                Figure("messages", len(messages)),
                Figure("malformed for tshark", len(verdict.wrong), most=0),
                Figure("decrypted and authenticated by tshark", verdict.decrypted, least=1),
            ]
    failure = "; ".join(f"tshark refuses {octets.hex()}" for octets in wrong)
    return Outcome((*figures, *others), tuple(lacking), failure)


ROWS = (
    Row(
        "R33",
        "independent decoders read what we send",
        "tshark finds no message malformed; gosnmp and Perl's Net::SNMP read a table; 13 messages of libsnmp, one of "
        "each type, are encoded alike",
        read_by_others,
        limit=240,
    ),
)
