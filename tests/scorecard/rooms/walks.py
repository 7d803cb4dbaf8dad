"""Walks: R14 (agents that repeat, fail, or never come to an end), R15 (recorded devices, byte for byte)."""

from __future__ import annotations

import math
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from snmptcp import Community, Manager
from snmptcp.codec.pdu import encode_varbind
from snmptcp.errors import AgentError, GenErr, OidNotIncreasing, ResponseMismatch, SnmpError, TooBig
from snmptcp.oid import OID
from snmptcp.testing import Agent, Cycle, EmptyVarbinds, FailWith, NonIncreasing
from tests.scorecard.row import Figure, Outcome, Row, Scale, share
from tests.support import attacker
from tests.support.mibs import BIG_ROWS, BIG_TABLE, small_mib
from tests.support.vectors import VECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from snmptcp.testing import Fault

HERE = "127.0.0.1"
PUBLIC = Community("public")

# ---------------------------------------------------------------------------------- R14: walks that end

COLUMN = OID(f"{BIG_TABLE}.1.1")
END = OID(f"{BIG_TABLE}.9")


class _Case(NamedTuple):
    """An agent's fault from the first answer on.

    Attributes:
        name: what it is.
        fault: the fault; None for an agent that comes to the end of its variables.
        error: what must end the walk; None for no error.
        names: how many names the agent gives before it repeats itself.
        halves: whether the walk asks for half as much again and again before it gives up.
    """

    name: str
    fault: Fault | None
    error: type[SnmpError] | None
    names: int = 0
    halves: bool = False


def _cycle(*arcs: int) -> Cycle:
    return Cycle(tuple(COLUMN + arc for arc in arcs))


CASES = (
    _Case("the same name", NonIncreasing(), OidNotIncreasing),
    _Case("a lower name", _cycle(9, 5), OidNotIncreasing, 1),
    _Case("a cycle of 3", _cycle(1, 2, 3), OidNotIncreasing, 3),
    _Case("a cycle of 1,000", _cycle(*range(1, 1001)), OidNotIncreasing, 1000),
    _Case("no names", EmptyVarbinds(), ResponseMismatch, halves=True),
    _Case("genErr", FailWith(5, 1), GenErr, halves=True),
    _Case("tooBig", FailWith(1), TooBig, halves=True),
    _Case("authorizationError", FailWith(16, 1), AgentError),
    _Case("the end of the column", None, None, BIG_ROWS),
)


async def _walk(case: _Case, version: str, repetitions: int, *, tolerant: bool) -> tuple[bool, int, int]:
    """Walk with a fault; return whether it ended right, names that came twice, and requests beyond those needed."""
    async with (
        Agent(small_mib()) as agent,
        Manager(HERE, agent.port, credentials=Community("public", version), timeout=10) as manager,
    ):
        if case.fault is not None:
            agent.inject(case.fault, times=None)
        names: list[OID] = []
        error: SnmpError | None = None
        walk = manager.walk(COLUMN, max_repetitions=repetitions, tolerate_non_increasing=tolerant, instance=False)
        try:
            async for varbind in walk:
                names.append(varbind.oid)
        except SnmpError as raised:
            error = raised
        at_once = repetitions if version != "1" and repetitions else 1
        needed = math.ceil(max(case.names, 1) / at_once)
        if case.halves:
            needed += math.floor(math.log2(at_once)) if at_once > 1 else 0
        asked = len(agent.requests)
    right = error is None if case.error is None else isinstance(error, case.error)
    return right, len(names) - len(set(names)), asked - needed


async def walks_that_must_end(scale: Scale) -> Outcome:
    """R14: each fault, in SNMPv1 and SNMPv2c, by GETNEXT and by GETBULK, strict and tolerant of disorder."""
    total = right = twice = extra = 0
    wrong: list[str] = []
    for case in CASES:
        for version, repetitions in (("1", 0), ("2c", 0), ("2c", 1), ("2c", 10), ("2c", 25)):
            for tolerant in (False, True):
                ended_right, repeated, beyond = await _walk(case, version, repetitions, tolerant=tolerant)
                total += 1
                right += ended_right
                twice += repeated
                extra = max(extra, beyond)
                if not ended_right or beyond > 2:
                    wrong.append(f"{case.name} v{version} {repetitions} tolerant={tolerant}: {ended_right} +{beyond}")
    return Outcome(
        (
            Figure("walks", total),
            share("ended with the right error, or none", right, total),
            Figure("names that came twice", twice, most=0),
            Figure("requests beyond those that the answers need, at most", extra, most=2),
        ),
        notes=tuple(wrong),
    )


# ---------------------------------------------------------------------------------- R15: recorded devices

#: A folder with more recordings of the form .snmprec, such as those of snmpsim-data.
RECORDINGS = "SNMPTCP_RECORDINGS"

_MAKERS = {
    "2": attacker.integer,
    "65": attacker.counter32,
    "66": attacker.gauge32,
    "67": attacker.time_ticks,
    "70": attacker.counter64,
}


def _value(tag: str, text: bytes) -> bytes:
    """Return the BER of a recorded value, made without the library."""
    if tag.endswith("x"):
        return attacker.tlv(int(tag[:-1]), bytes.fromhex(text.decode()))
    if tag in _MAKERS:
        return _MAKERS[tag](int(text))
    if tag == "6":
        return attacker.oid(text.decode())
    if tag == "64":  # dotted, or the four octets
        return attacker.tlv(64, text) if len(text) == 4 else attacker.ip_address(text.decode())
    return attacker.null() if tag == "5" else attacker.octet_string(text)


def _recorded(path: Path) -> dict[OID, bytes]:
    """Return the variable bindings of a recording in BER, in the order of their names."""
    found: dict[OID, bytes] = {}
    for line in path.read_bytes().splitlines():
        if line.startswith(b"#") or not line.strip():
            continue
        name, tag, text = line.rstrip().split(b"|", 2)  # as snmpsim reads it: without blanks at the end
        found[OID(name.decode())] = attacker.varbind(name.decode().lstrip("."), _value(tag.decode(), text))
    return dict(sorted(found.items()))


def _is_steady(path: Path) -> bool:
    """Whether every value of a recording is the same at each reading."""
    lines = path.read_bytes().splitlines()
    return not any(b":" in line.split(b"|", 2)[1] for line in lines if line.count(b"|") >= 2 and line[:1] != b"#")


def _recordings() -> Iterator[Path]:
    yield from sorted((VECTORS / "recordings").glob("*.snmprec"))
    folder = os.environ.get(RECORDINGS)
    here = {path.name for path in (VECTORS / "recordings").glob("*.snmprec")}
    if folder:
        yield from (path for path in sorted(Path(folder).glob("*.snmprec")) if path.name not in here)


async def _replay(path: Path, repetitions: int, expected: Sequence[bytes]) -> int:
    """Walk an agent with a recording; return how many variable bindings are not as recorded, or missing."""
    async with (
        Agent.from_snmprec(path) as agent,
        Manager(HERE, agent.port, credentials=PUBLIC, timeout=20) as manager,
    ):
        walk = manager.walk("1", max_repetitions=repetitions, instance=False)
        found = Counter([encode_varbind(varbind.oid, varbind.value) async for varbind in walk])
    wanted = Counter(expected)
    return (wanted - found).total() + (found - wanted).total()


async def recorded_devices(scale: Scale) -> Outcome:
    """R15: every recording that is here, by GETNEXT and by GETBULK."""
    most = scale.count(20_000, least=1000)
    recordings = variables = different = read = 0
    notes = []
    for path in _recordings():
        if not _is_steady(path):
            notes.append(f"{path.name} left out: its values vary")
            continue
        expected = list(_recorded(path).values())
        if len(expected) > most:
            notes.append(f"{path.name} left out at this scale: {len(expected):,} variables")
            continue
        recordings += 1
        variables += len(expected)
        for repetitions in (0, 50):
            different += await _replay(path, repetitions, expected)
            read += len(expected)
    figures = (
        Figure("recordings", recordings, least=1),
        Figure("variables", variables),
        Figure("read by GETNEXT and GETBULK", read),
        Figure("not equal to the octet, missing or invented", different, most=0),
    )
    return Outcome(figures, notes=tuple(notes))


ROWS = (
    Row(
        "R14",
        "walks of agents that repeat themselves, fail, or say nothing",
        "each ends with its typed error, after at most 2 more requests than the answers need; no name comes twice",
        walks_that_must_end,
    ),
    Row(
        "R15",
        "recorded devices, read by GETNEXT and GETBULK",
        "every variable is as recorded, to the octet",
        recorded_devices,
        limit=240,
    ),
)
