"""What becomes of requests when their connection goes: R9 (lost with requests in flight), R10 (black hole)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING

from snmptcp import Community, Manager
from snmptcp.codec.pdu import PduType
from snmptcp.errors import ConnectionLost, SnmpError
from snmptcp.net.dialing import SocketOptions
from snmptcp.oid import OID
from snmptcp.testing import Agent, Hold
from snmptcp.values import Integer32
from tests.scorecard.row import Figure, Outcome, Row, Scale, share
from tests.support.mibs import BIG_ROWS, BIG_TABLE, SYS_NAME, small_mib
from tests.support.namespace import drop_packets, enter_own_network
from tests.support.netsnmp import free_port
from tests.support.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

HERE = "127.0.0.1"
WRITER = Community("private")

# --------------------------------------------------------------------- R9: lost with requests in flight

IN_FLIGHT = 1000
SETS = 100
WRITTEN = OID("1.3.6.1.4.1.58888.9")
READ = [OID(f"{BIG_TABLE}.1.{column}.{row}") for column in (1, 2, 3) for row in range(1, BIG_ROWS + 1)]


class _Ends:
    """Awaits calls, and notes when and how each has ended."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.results: Counter[str] = Counter()

    async def watch(self, kind: str, call: Coroutine[Any, Any, object]) -> None:
        try:
            await call
        except ConnectionLost:
            result = "lost"
        except SnmpError as error:
            result = type(error).__name__
        else:
            result = "answered"
        self.times.append(time.monotonic())
        self.results[f"{kind} {result}"] += 1


async def _lose_connection(retries: int, *, reset: bool) -> tuple[float, _Ends, Counter[tuple[PduType, OID]]]:
    """End a connection with 1000 requests in flight.

    Returns:
        The seconds until the last call ended, how they ended, and how often the agent saw each request.
    """
    variables = small_mib() | {WRITTEN + number: Integer32(0) for number in range(1, SETS + 1)}
    ends = _Ends()
    async with Agent(variables) as agent, Relay(HERE, agent.port) as relay:
        agent.inject(Hold(), times=None)
        async with Manager(HERE, relay.port, credentials=WRITER, retries=retries, timeout=20) as manager:
            calls = [ends.watch("read", manager.get(oid)) for oid in READ[: IN_FLIGHT - SETS]]
            calls += [ends.watch("set", manager.set((WRITTEN + number, number))) for number in range(1, SETS + 1)]
            tasks = [asyncio.ensure_future(call) for call in calls]
            await agent.wait_for_requests(IN_FLIGHT)
            agent.clear_faults()
            start = time.monotonic()
            await (relay.reset() if reset else relay.close())
            await asyncio.gather(*tasks)
        seen = Counter((request.pdu.type, request.pdu.varbinds[0].oid) for request in agent.requests)
    return max(ends.times) - start, ends, seen


async def lost_in_flight(scale: Scale) -> Outcome:
    """R9: RST and FIN with 1000 requests in flight, without and with a retry."""
    turns = scale.count(3)
    slowest = 0.0
    calls = ended = failed = retried = most_reads = most_sets = 0
    for reset in (True, False) * turns:
        seconds, ends, _ = await _lose_connection(0, reset=reset)
        slowest = max(slowest, seconds)
        failed += ends.results["read lost"] + ends.results["set lost"]
        ended += len(ends.times)
        _, again, seen = await _lose_connection(1, reset=reset)
        retried += again.results["read answered"]
        ended += len(again.times)
        calls += IN_FLIGHT
        most_reads = max(most_reads, *(count for (kind, _), count in seen.items() if kind is PduType.GET))
        most_sets = max(most_sets, *(count for (kind, _), count in seen.items() if kind is PduType.SET))
    return Outcome(
        (
            Figure("requests in flight", calls * 2),
            Figure("all failed after at most", 1000 * slowest, "ms", most=100),
            share("calls that ended, each once", ended, 2 * calls),
            share("failed as lost without retries", failed, calls),
            share("reads answered with 1 retry", retried, len(READ[: IN_FLIGHT - SETS]) * 2 * turns),
            Figure("a read was sent at most", most_reads, "times", most=2),
            Figure("a SET was sent at most", most_sets, "times", most=1),
        )
    )


# -------------------------------------------------------------------------------------- R10: black hole

#: For the run of ten minutes the connection keeps the default options, which detect a dead peer in 30 s.
_QUICK = SocketOptions(keep_alive_idle=3, keep_alive_interval=1, keep_alive_count=3)


async def _deadlines(manager: Manager, count: int) -> float:
    """Ask with deadlines from 0.5 to 4 s; return the greatest difference of an end from its deadline, in seconds."""

    async def late_by(timeout: float) -> float:
        start = time.monotonic()
        try:
            await manager.get(SYS_NAME, timeout=timeout)
        except SnmpError:
            return abs(time.monotonic() - start - timeout)
        return float("inf")

    return max(await asyncio.gather(*(late_by(0.5 + 3.5 * number / count) for number in range(count))))


async def _until_lost(manager: Manager, bound: float) -> float:
    """Return the seconds until a manager has given up its connection."""
    start = time.monotonic()
    while manager.connected and time.monotonic() - start < 3 * bound:
        await asyncio.sleep(0.05)
    return float("inf") if manager.connected else time.monotonic() - start


async def _answers(manager: Manager) -> bool:
    try:
        await manager.get(SYS_NAME, timeout=2)
    except SnmpError:
        return False
    return True


async def black_hole(scale: Scale) -> Outcome:
    """R10: a firewall forgets a flow while it is idle, or busy; calls meanwhile."""
    why = enter_own_network()
    options = SocketOptions() if scale.factor >= 0.5 else _QUICK
    bound = options.effective_user_timeout
    count = scale.count(200, least=20, most=5000)
    async with Agent(small_mib()) as agent:
        if why:
            async with Relay(HERE, agent.port) as relay, Manager(HERE, relay.port, credentials=WRITER) as manager:
                await manager.get(SYS_NAME)
                relay.stall()
                off = await _deadlines(manager, count)
            deadlines = Figure("calls ended off their deadline by at most", 1000 * off, "ms", most=100)
            missing = f"the loss of a dead connection, which needs packets dropped ({why}); a relay stalled instead"
            return Outcome((Figure("calls", count), deadlines), (missing,))
        ports = free_port(), free_port()
        idle, busy = (
            Manager(HERE, agent.port, credentials=WRITER, socket_options=options, local_address=(HERE, port))
            for port in ports
        )
        async with idle, busy:
            await idle.get(SYS_NAME)
            await busy.get(SYS_NAME)
            for port in ports:
                drop_packets(port)
            off, idle_lost, busy_lost = await asyncio.gather(
                _deadlines(busy, count), _until_lost(idle, bound), _until_lost(busy, bound)
            )
        # A new connection, as after the loss: from another port, which the firewall lets through.
        async with Manager(HERE, agent.port, credentials=WRITER) as fresh:
            answers = await _answers(fresh)
    return Outcome(
        (
            Figure("calls", count),
            Figure("calls ended off their deadline by at most", 1000 * off, "ms", most=100),
            Figure("an idle dead connection was given up after", idle_lost, "s", most=bound + 1),
            Figure("a busy dead connection was given up after", busy_lost, "s", most=bound + 1),
            share("a new connection answers", int(answers), 1),
        ),
        notes=("packets dropped by nft in a network namespace",),
    )


ROWS = (
    Row(
        "R9",
        "RST or FIN with 1,000 requests in flight",
        "all end in 100 ms, none twice; reads are sent again as often as retries say, a SET never",
        lost_in_flight,
    ),
    Row(
        "R10",
        "a black hole: packets vanish",
        "calls end at their deadline ± 100 ms; a dead connection is given up within the keep-alive bound, 30 s (+ 1 s)",
        black_hole,
        limit=150,
    ),
)
