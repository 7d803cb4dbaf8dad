"""The cases: requests, walks and tables over the wire, and the codec alone.

A case over the wire compares the library, other ways to do the same (for SNMPv3 also SNMPv2c), the peers, and a
replay of the octets that the library sent.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from benchmarks.agents import COLUMNS, TABLE, UPTIME
from benchmarks.measure import Case, Subject
from benchmarks.peers import Peers
from benchmarks.wire import Wire, split_messages
from snmptcp import (
    OID,
    Community,
    Counter32,
    Counter64,
    Integer32,
    IpAddress,
    Manager,
    OctetString,
    SnmpVersion,
    TimeTicks,
    VarBind,
)
from snmptcp.codec.message import CommunityMessage, decode_message, encode_message
from snmptcp.codec.pdu import Pdu, PduType

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from contextlib import ExitStack

    from benchmarks.agents import RunningAgent
    from snmptcp import UsmUser
    from snmptcp.codec.message import Message
    from snmptcp.net.connection import PacketTrace

__all__ = ("agent_cases", "codec_cases", "response")

OURS = "snmptcp"
WIRE = "raw wire"

WINDOW = 64
MAX_REPETITIONS = 50

#: GETs in one batch; a multiple of the window.
GETS = 640

#: Messages in one batch of the codec.
MESSAGES = 100

#: Does some work with a manager and returns the number of operations.
Work: TypeAlias = "Callable[[Manager], Coroutine[None, None, int]]"


# -------------------------------------------------------------------------------------------- works


async def get_in_turn(manager: Manager, count: int = GETS) -> int:
    for _ in range(count):
        await manager.get(UPTIME)
    return count


async def get_in_flight(manager: Manager) -> int:
    await asyncio.gather(*(get_in_turn(manager, GETS // WINDOW) for _ in range(WINDOW)))
    return GETS


async def walk(manager: Manager, root: str = TABLE) -> int:
    found = 0
    async for _ in manager.walk(root, max_repetitions=MAX_REPETITIONS):
        found += 1
    return found


async def walk_as_text(manager: Manager) -> int:
    found = 0
    async for varbind in manager.walk(TABLE, max_repetitions=MAX_REPETITIONS):
        str(varbind.oid)
        found += 1
    return found


async def columns_side_by_side(manager: Manager) -> int:
    found = 0
    columns = range(1, COLUMNS + 1)
    async for row in manager.table(TABLE, columns, max_repetitions=MAX_REPETITIONS):
        found += len(row)
    return found


async def columns_in_turn(manager: Manager) -> int:
    found = 0
    for column in range(1, COLUMNS + 1):
        found += await walk(manager, f"{TABLE}.1.{column}")
    return found


# ---------------------------------------------------------------------------------------- the cases


class _Bench:
    """Makes subjects for one agent.

    Args:
        agent: the agent.
        runner: the event loop of asynchronous subjects.
        stack: closes the connections.
    """

    def __init__(self, agent: RunningAgent, runner: asyncio.Runner, stack: ExitStack) -> None:
        self._agent = agent
        self._runner = runner
        self._stack = stack

    def subject(self, work: Work, name: str = OURS, user: UsmUser | None = None) -> Subject:
        """Return the library as a subject, with its own connection."""
        manager = self._manager(user)
        return Subject(name, lambda: self._runner.run(work(manager)))

    def replay(self, work: Work, window: int, name: str = WIRE, user: UsmUser | None = None) -> Subject:
        """Return a replay of the octets that some work sends.

        An agent accepts a repeated authenticated message within the time window of 150 s.
        """
        chunks: list[bytes] = []
        manager = self._manager(user, lambda direction, octets: chunks.append(octets) if direction == "sent" else None)
        if user is not None:
            self._runner.run(manager.discover())
            chunks.clear()
        operations = self._runner.run(work(manager))
        requests = split_messages(chunks)
        wire = Wire(self._agent.host, self._agent.port)
        self._stack.callback(wire.close)

        def batch() -> int:
            wire.replay(requests, window)
            return operations

        return Subject(name, batch)

    def ways(self, work: Work) -> list[Subject]:
        """Return the library with each SNMPv3 user, and then with a community."""
        users = [self.subject(work, _protected(user), user) for user in self._agent.users]
        return [*users, self.subject(work, f"{OURS}, v2c")]

    def _manager(self, user: UsmUser | None, packet_trace: PacketTrace | None = None) -> Manager:
        agent = self._agent
        credentials = Community(agent.community) if user is None else user
        manager = Manager(agent.host, agent.port, credentials=credentials, timeout=30.0, packet_trace=packet_trace)
        self._stack.callback(lambda: self._runner.run(manager.aclose()))
        return manager


def _protected(user: UsmUser) -> str:
    return f"{OURS}, {user.auth_protocol} + {user.priv_protocol}"


def agent_cases(agent: RunningAgent, runner: asyncio.Runner, stack: ExitStack) -> Iterator[Case]:
    """Return the cases that need an agent.

    Args:
        agent: the agent.
        runner: the event loop of asynchronous subjects.
        stack: closes the connections after the last case.
    """
    bench = _Bench(agent, runner, stack)
    peers = Peers(agent, runner, stack)
    yield Case(
        "GET, one at a time",
        "request",
        [bench.subject(get_in_turn), *peers.get_in_turn(GETS), bench.replay(get_in_turn, 1)],
        WIRE,
    )
    yield Case(
        f"GET, {WINDOW} in flight on one connection",
        "request",
        [bench.subject(get_in_flight), *peers.get_in_flight(GETS, WINDOW), bench.replay(get_in_flight, WINDOW)],
        WIRE,
    )
    yield Case(
        f"GETBULK walk of {agent.cells} instances, max-repetitions {MAX_REPETITIONS}",
        "varbind",
        [
            bench.subject(walk),
            bench.subject(walk_as_text, f"{OURS}, names as text"),
            *peers.walk(MAX_REPETITIONS),
            bench.replay(walk, 1),
        ],
        WIRE,
    )
    yield Case(
        f"table of {COLUMNS} columns and {agent.rows} rows, side by side on one connection",
        "varbind",
        [
            bench.subject(columns_side_by_side),
            bench.subject(columns_in_turn, f"{OURS}, one column after another"),
            bench.replay(columns_side_by_side, COLUMNS),
        ],
        WIRE,
    )
    if agent.users:
        yield from _v3_cases(bench, peers, agent)


def _v3_cases(bench: _Bench, peers: Peers, agent: RunningAgent) -> Iterator[Case]:
    """Return the cases at authPriv, each with SNMPv2c beside it."""
    user = agent.users[0]
    yield Case(
        "SNMPv3 authPriv: GET, one at a time",
        "request",
        [*bench.ways(get_in_turn), *peers.get_in_turn(GETS, user), bench.replay(get_in_turn, 1, user=user)],
        WIRE,
    )
    yield Case(
        f"SNMPv3 authPriv: GET, {WINDOW} in flight on one connection",
        "request",
        [
            *bench.ways(get_in_flight),
            *peers.get_in_flight(GETS, WINDOW, user),
            bench.replay(get_in_flight, WINDOW, user=user),
        ],
        WIRE,
    )
    yield Case(
        f"SNMPv3 authPriv: GETBULK walk of {agent.cells} instances, max-repetitions {MAX_REPETITIONS}",
        "varbind",
        [*bench.ways(walk), *peers.walk(MAX_REPETITIONS, user), bench.replay(walk, 1, user=user)],
        WIRE,
    )


# -------------------------------------------------------------------------------------------- codec


def _cell(column: int, row: int) -> OID:
    return OID(f"1.3.6.1.2.1.2.2.1.{column}.{row}")


_SHAPES: dict[str, Callable[[int], VarBind]] = {
    "counters": lambda row: VarBind(_cell(10, row), Counter32(row * 2_654_435_761 % 2**32)),
    "strings": lambda row: VarBind(_cell(2, row), OctetString(f"GigabitEthernet0/{row}")),
    "mixed": lambda row: VarBind(
        _cell(row % 5 + 1, row),
        (
            Integer32(row - 2),
            Counter64(row * 2_654_435_761 << 20),
            TimeTicks(row * 100_000),
            IpAddress(bytes((10, 0, 0, row))),
            OID("1.3.6.1.4.1.8072.3.2.10"),
        )[row % 5],
    ),
}

_SIZES = (1, 50)


def response(shape: str, size: int) -> CommunityMessage:
    """Return a response with this many variable bindings: ``counters``, ``strings`` or ``mixed``."""
    varbinds = tuple(_SHAPES[shape](row) for row in range(101, 101 + size))
    return CommunityMessage(SnmpVersion.V2C, b"public", Pdu(PduType.RESPONSE, 0x12345678, varbinds=varbinds))


def codec_cases() -> Iterator[Case]:
    """Return the codec's cases: encoding and decoding responses, with all checks."""
    responses = {f"{size} x {shape}": response(shape, size) for size in _SIZES for shape in _SHAPES}
    yield Case("codec: decode a response", "message", [_decoding(*item) for item in responses.items()])
    yield Case("codec: encode a response", "message", [_encoding(*item) for item in responses.items()])


def _decoding(name: str, message: Message) -> Subject:
    octets = encode_message(message)
    if decode_message(octets) != message:
        raise AssertionError(f"{name} does not survive the codec")

    def batch() -> int:
        for _ in range(MESSAGES):
            decode_message(octets)
        return MESSAGES

    return Subject(name, batch)


def _encoding(name: str, message: Message) -> Subject:
    def batch() -> int:
        for _ in range(MESSAGES):
            encode_message(message)
        return MESSAGES

    return Subject(name, batch)
