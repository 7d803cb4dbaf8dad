"""SNMPv3 with an attacker and with wrong clocks: no forgery is accepted, no clock costs more than one exchange."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import (
    ConnectionLost,
    EngineInfo,
    KnownEngines,
    Manager,
    RequestTimeout,
    SecurityError,
    SecurityLevel,
    UsmUser,
)
from snmptcp.codec.pdu import PduType
from snmptcp.errors import (
    DecryptionFailed,
    NotInTimeWindow,
    ResponseMismatch,
    SecurityLevelTooLow,
    UnknownContext,
    UnknownEngine,
    UnknownUser,
    WrongDigest,
    WrongVersion,
)
from snmptcp.testing import (
    Agent,
    Close,
    Computed,
    CutCiphertext,
    CutMac,
    Drop,
    Fault,
    ForgedReport,
    GarbageCiphertext,
    Hold,
    LongMac,
    LowerLevel,
    NotAReport,
    OldTime,
    PrivWithoutAuth,
    Replay,
    ReportCounter,
    WrongContext,
    WrongEngineId,
    WrongMac,
    WrongMsgId,
    WrongRequestId,
    WrongSalt,
    WrongUser,
)
from snmptcp.testing import WrongVersion as AnotherVersion
from tests.support.clock import settle, skip
from tests.support.mibs import SYS_NAME, SYS_UPTIME, small_agent_mib

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.anyio

USER = UsmUser("alice", "SHA-256", "authentic alice", "AES", "private alice")
DES_USER = UsmUser("des", "MD5", "authentic des", "DES", "private des")
PLAIN_SIGNED = UsmUser("signed", "SHA", "authentic signed")
OTHER_ENGINE = bytes.fromhex("80007ed904") + b"elsewhere"
MAX_BOOTS = 2147483647
DAY = 86400


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(
        small_agent_mib(), users=[USER, DES_USER, PLAIN_SIGNED], contexts={"side": {SYS_NAME: "side"}}, engine_boots=7
    ) as agent:
        agent.jump(5000)
        yield agent


def manager_for(agent: Agent, user: UsmUser = USER, **options: object) -> Manager:
    return Manager(agent.host, agent.port, credentials=user, **options)  # type: ignore[arg-type]


@pytest.fixture
async def manager(agent: Agent) -> AsyncIterator[Manager]:
    async with manager_for(agent) as manager:
        yield manager


async def read_name(manager: Manager) -> None:
    (varbind,) = await manager.get(SYS_NAME)
    assert varbind.value == b"core"


async def engine_of(manager: Manager) -> EngineInfo:
    """Return what the manager knows about the engine, without a request."""
    engine = manager.engine
    assert engine is not None
    return engine


def sent_since(manager: Manager, before: dict[str, int]) -> dict[str, int]:
    now = manager.statistics.as_dict()
    return {name: now[name] - before[name] for name in ("requests", "probes", "reports", "resent", "responses")}


async def times_out(manager: Manager, agent: Agent) -> RequestTimeout:
    """Send one request, let its time pass, and return the timeout."""
    asked = len(agent.requests)
    request = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
    await agent.wait_for_requests(asked + 1)
    assert await manager.get(SYS_UPTIME)  # what came before on the connection has been looked at
    assert not request.done()
    skip(5)
    with pytest.raises(RequestTimeout) as caught:
        await request
    return caught.value


# ------------------------------------------------------------------------------ what is not accepted

REFUSED: dict[str, tuple[UsmUser, Fault, type[Exception]]] = {
    "flag cleared": (USER, LowerLevel(), SecurityLevelTooLow),
    "flag cleared, MAC kept": (USER, LowerLevel(keep_mac=True), SecurityLevelTooLow),
    "flag cleared on authNoPriv": (PLAIN_SIGNED, LowerLevel(), SecurityLevelTooLow),
    "flag cleared on authNoPriv, MAC kept": (PLAIN_SIGNED, LowerLevel(keep_mac=True), SecurityLevelTooLow),
    "authNoPriv for authPriv": (USER, LowerLevel(SecurityLevel.authNoPriv), SecurityLevelTooLow),
    "priv without auth": (USER, PrivWithoutAuth(), SecurityError),
    "priv without auth in plain": (PLAIN_SIGNED, PrivWithoutAuth(), SecurityError),
    "empty MAC": (USER, CutMac(0), WrongDigest),
    "MAC of 1": (USER, CutMac(1), WrongDigest),
    "MAC of 12 where it is 24": (USER, CutMac(12), WrongDigest),
    "MAC of 23 where it is 24": (USER, CutMac(23), WrongDigest),
    "MAC of 25 where it is 24": (USER, LongMac(), WrongDigest),
    "MAC of 64": (USER, LongMac(40), WrongDigest),
    "empty MAC on authNoPriv": (PLAIN_SIGNED, CutMac(0), WrongDigest),
    "MAC of 11 where it is 12": (PLAIN_SIGNED, CutMac(11), WrongDigest),
    "MAC of 13 where it is 12": (PLAIN_SIGNED, LongMac(), WrongDigest),
    "last bit of the MAC": (USER, WrongMac(0), WrongDigest),
    "first bit of the MAC": (USER, WrongMac(24 * 8 - 1), WrongDigest),
    "another user": (USER, WrongUser(b"bob"), UnknownUser),
    "no user": (USER, WrongUser(b""), UnknownUser),
    "another engine": (USER, WrongEngineId(OTHER_ENGINE), UnknownEngine),
    "no engine": (USER, WrongEngineId(b""), UnknownEngine),
    "another context name": (USER, WrongContext(b"other"), UnknownContext),
    "another context engine": (USER, WrongContext(None, OTHER_ENGINE), UnknownContext),
    "another request-id": (USER, WrongRequestId(), ResponseMismatch),
    "replayed under the new msgID": (USER, Replay(renumber=True), WrongDigest),
    "151 s old": (USER, OldTime(151), NotInTimeWindow),
    "1 h old": (USER, OldTime(3600), NotInTimeWindow),
    "from before the last start": (USER, OldTime(0, boots=1), NotInTimeWindow),
    "garbage encrypted": (USER, GarbageCiphertext(), DecryptionFailed),
    "garbage encrypted with DES": (DES_USER, GarbageCiphertext(), DecryptionFailed),
    "cut ciphertext": (USER, CutCiphertext(), DecryptionFailed),
    "half a DES block": (DES_USER, CutCiphertext(4), DecryptionFailed),
    "salt of 7": (USER, WrongSalt(7), DecryptionFailed),
    "salt of 9": (DES_USER, WrongSalt(9), DecryptionFailed),
    "no salt": (DES_USER, WrongSalt(0), DecryptionFailed),
    "SNMPv1": (USER, AnotherVersion(), WrongVersion),
    **{
        f"forged report {counter.name}": (USER, ForgedReport(counter), SecurityError)
        for counter in ReportCounter
        if counter is not ReportCounter.usmStatsUnknownEngineIDs
    },
    "forged notInTimeWindows of the last boots": (USER, ForgedReport(boots=2147483646, time=1), NotInTimeWindow),
    "forged notInTimeWindows of latched boots": (USER, ForgedReport(boots=MAX_BOOTS, time=1), NotInTimeWindow),
    "forged notInTimeWindows of the past": (USER, ForgedReport(boots=0, time=0), NotInTimeWindow),
    "forged unknownEngineIDs of the same engine": (
        USER,
        ForgedReport(ReportCounter.usmStatsUnknownEngineIDs, boots=2147483646, time=1),
        UnknownEngine,
    ),
    "forged unknownEngineIDs of no engine": (
        USER,
        ForgedReport(ReportCounter.usmStatsUnknownEngineIDs, engine_id=b""),
        UnknownEngine,
    ),
    "forged unknownEngineIDs of an impossible engine": (
        USER,
        ForgedReport(ReportCounter.usmStatsUnknownEngineIDs, engine_id=bytes(12)),
        UnknownEngine,
    ),
    "forged report on authNoPriv": (PLAIN_SIGNED, ForgedReport(ReportCounter.usmStatsWrongDigests), WrongDigest),
}


@pytest.mark.parametrize(("user", "fault", "reason"), REFUSED.values(), ids=REFUSED)
async def test_a_forged_reply_is_dropped_and_its_reason_told_at_the_deadline(
    agent: Agent, user: UsmUser, fault: Fault, reason: type[Exception]
) -> None:
    async with manager_for(agent, user) as manager:
        await read_name(manager)
        before, clock = manager.statistics.as_dict(), await engine_of(manager)
        agent.inject(fault)
        timeout = await times_out(manager, agent)

        assert isinstance(timeout.reason, reason)
        assert timeout.__cause__ is timeout.reason
        assert manager.statistics.refused == 1
        assert sent_since(manager, before)["resent"] == 0
        after = await engine_of(manager)
        assert after[:2] == clock[:2]
        assert 5 <= after.time - clock.time <= 6  # the five seconds that were skipped
        await read_name(manager)
        assert manager.statistics.connections == 1
        assert agent.statistics.not_in_time_windows == 0


@pytest.mark.parametrize("fault", [WrongMsgId(), WrongMsgId(-1), Replay()], ids=repr)
async def test_a_reply_to_another_message_ends_nothing(agent: Agent, manager: Manager, fault: Fault) -> None:
    await read_name(manager)
    agent.inject(fault)
    timeout = await times_out(manager, agent)

    assert isinstance(timeout.reason, ResponseMismatch)
    assert "the reply has msgID" in str(timeout.reason)
    statistics = manager.statistics
    assert statistics.unknown + statistics.duplicates == 1
    await read_name(manager)


@pytest.mark.parametrize("size", [*range(24), *range(25, 65)])
async def test_a_digest_of_any_length_but_its_own_is_refused(agent: Agent, manager: Manager, size: int) -> None:
    await read_name(manager)
    agent.inject(CutMac(size) if size < 24 else LongMac(size - 24))
    assert isinstance((await times_out(manager, agent)).reason, WrongDigest)


async def test_a_forged_reply_does_not_keep_the_true_one_out(agent: Agent, manager: Manager) -> None:
    await read_name(manager)
    agent.inject(Hold())
    request = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
    await agent.wait_for_requests(2)
    for fault in (CutMac(), LowerLevel(), WrongMac(), ForgedReport()):
        agent.inject(fault)
        await times_out_beside(manager, agent)
    assert not request.done()
    agent.release()
    assert (await request)[0].value == b"core"


async def times_out_beside(manager: Manager, agent: Agent) -> None:
    """Let another request time out, in a tenth of a second of the loop's time."""
    asked = len(agent.requests)
    request = asyncio.ensure_future(manager.get(SYS_UPTIME, timeout=0.1))
    await agent.wait_for_requests(asked + 1)
    await manager.get(SYS_UPTIME)
    skip(0.1)
    with pytest.raises(RequestTimeout):
        await request


async def test_a_forged_report_of_another_engine_is_not_followed(agent: Agent, manager: Manager) -> None:
    await read_name(manager)
    agent.inject(ForgedReport(ReportCounter.usmStatsUnknownEngineIDs, engine_id=OTHER_ENGINE))
    timeout = await times_out(manager, agent)

    assert isinstance(timeout.reason, UnknownEngine)
    assert manager.statistics.resent == 0
    await read_name(manager)
    assert (await engine_of(manager)).engine_id == agent.engine_id


async def test_a_forged_report_before_the_first_authentic_answer_is_followed_once_and_found_out(
    agent: Agent, manager: Manager
) -> None:
    # Nothing is known but what discovery claimed, and a replaced agent can only send this report (RFC 3414 4).
    agent.inject(ForgedReport(ReportCounter.usmStatsUnknownEngineIDs, engine_id=OTHER_ENGINE))
    task = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
    while manager.statistics.reports < 3:  # discovery's, the forged one, and the agent's about the false engine
        await asyncio.sleep(0)
    await settle()
    skip(5)
    await asyncio.gather(task, return_exceptions=True)

    assert manager.statistics.requests <= 2
    await read_name(manager)
    assert (await engine_of(manager)).engine_id == agent.engine_id


# -------------------------------------------------------------------------------------------- clocks


async def costs(agent: Agent, manager: Manager) -> dict[str, int]:
    """Read a variable, which must succeed; return what the manager counted meanwhile."""
    before, accepted = manager.statistics.as_dict(), len(agent.requests)
    await read_name(manager)
    assert len(agent.requests) == accepted + 1
    return sent_since(manager, before)


PLAIN = {"requests": 1, "probes": 0, "reports": 0, "resent": 0, "responses": 1}
RESENT = {"requests": 2, "probes": 0, "reports": 1, "resent": 1, "responses": 1}


@pytest.mark.parametrize("seconds", [149, 151, 3600, 25 * DAY, 1000 * DAY])
async def test_however_long_nothing_is_asked_the_next_request_is_in_its_window(
    agent: Agent, manager: Manager, seconds: int
) -> None:
    await read_name(manager)
    skip(seconds)
    assert await costs(agent, manager) == PLAIN
    assert agent.statistics.not_in_time_windows == 0


@pytest.mark.parametrize("seconds", [151, 3600, 25 * DAY])
async def test_what_was_only_discovered_keeps_time_too(agent: Agent, seconds: int) -> None:
    engines = KnownEngines()
    async with manager_for(agent, engines=engines) as first:
        await first.discover()
    skip(seconds)
    async with manager_for(agent, engines=engines) as second:
        assert await costs(agent, second) == PLAIN


def _boots(boots: int) -> Callable[[Agent], None]:
    return lambda agent: setattr(agent, "engine_boots", boots)


def _jump(seconds: int) -> Callable[[Agent], None]:
    return lambda agent: agent.jump(seconds)


CLOCK_STORIES: dict[str, Callable[[Agent], None]] = {
    "reboot": Agent.reboot,
    "boots + 10": _boots(17),
    "boots reset to 1": _boots(1),
    "boots reset to 0": _boots(0),
    "boots one before the last": _boots(2147483646),
    "151 s forward": _jump(152),
    "an hour forward": _jump(3600),
    "25 days forward": _jump(25 * DAY),
    "151 s back": _jump(-152),
    "an hour back": _jump(-3600),
    "back to 0": _jump(-25 * DAY),
}


@pytest.mark.parametrize("user", [USER, PLAIN_SIGNED], ids=["authPriv", "authNoPriv"])
@pytest.mark.parametrize("story", CLOCK_STORIES)
async def test_a_clock_story_costs_one_exchange_and_the_caller_notices_nothing(
    agent: Agent, story: str, user: UsmUser
) -> None:
    async with manager_for(agent, user) as manager:
        await read_name(manager)
        CLOCK_STORIES[story](agent)
        first = await costs(agent, manager)
        assert first == RESENT
        assert await costs(agent, manager) == PLAIN
        engine = await engine_of(manager)
        assert engine[:2] == (agent.engine_id, agent.engine_boots)
        assert abs(engine.time - agent.engine_time) <= 1


@pytest.mark.parametrize("user", [USER, PLAIN_SIGNED], ids=["authPriv", "authNoPriv"])
async def test_a_replaced_agent_is_an_error_until_it_is_discovered_afresh(agent: Agent, user: UsmUser) -> None:
    async with manager_for(agent, user) as manager:
        await read_name(manager)
        agent.replace_engine()
        for call in (manager.get(SYS_NAME, timeout=5), manager.set((SYS_NAME, "once"), timeout=5)):
            reports = manager.statistics.reports
            task = asyncio.ensure_future(call)
            while manager.statistics.reports == reports:
                await asyncio.sleep(0)
            skip(5)
            with pytest.raises(RequestTimeout) as caught:
                await task
            assert isinstance(caught.value.reason, UnknownEngine)
        assert manager.statistics.resent == 0

        assert (await manager.discover(afresh=True)).engine_id == agent.engine_id
        await manager.set((SYS_NAME, "then"))
        assert agent.mib[SYS_NAME] == b"then"


@pytest.mark.parametrize("story", ["reboot", "an hour forward", "an hour back"])
async def test_a_set_in_a_clock_story_fails_at_once_and_the_next_one_is_carried_out(
    agent: Agent, manager: Manager, story: str
) -> None:
    await read_name(manager)
    CLOCK_STORIES[story](agent)
    with pytest.raises(NotInTimeWindow):
        await manager.set((SYS_NAME, "once"))
    assert manager.statistics.resent == 0
    assert agent.mib[SYS_NAME] != b"once"

    await manager.set((SYS_NAME, "then"))
    assert [request.pdu.type for request in agent.requests] == [PduType.GET, PduType.SET]
    assert agent.mib[SYS_NAME] == b"then"


@pytest.mark.parametrize("story", ["reboot", "an hour forward", "an hour back"])
@pytest.mark.parametrize("where", ["on a new connection", "after a pause"])
async def test_a_set_in_a_clock_story_is_carried_out_once(
    agent: Agent, manager: Manager, story: str, where: str
) -> None:
    await read_name(manager)
    if where == "after a pause":
        skip(151)
    else:
        agent.drop_connections(reset=True)
        while manager.connected:
            await asyncio.sleep(0)
    CLOCK_STORIES[story](agent)
    await manager.set((SYS_NAME, "once"))

    # The read that asked for the time was refused, so it is not among the requests.
    assert [request.pdu.type for request in agent.requests] == [PduType.GET, PduType.SET]
    assert agent.mib[SYS_NAME] == b"once"
    assert manager.statistics.probes == 2


@pytest.mark.parametrize("story", ["reboot", "an hour back"])
async def test_a_hundred_requests_in_a_clock_story_all_succeed(agent: Agent, manager: Manager, story: str) -> None:
    await read_name(manager)
    CLOCK_STORIES[story](agent)
    await asyncio.gather(*(read_name(manager) for _ in range(100)))

    assert manager.statistics.resent <= 100
    assert manager.statistics.timeouts == 0
    assert len(agent.requests) == 101


@pytest.mark.parametrize("seconds", [-149, 149])
async def test_a_clock_within_its_window_costs_nothing(agent: Agent, manager: Manager, seconds: int) -> None:
    await read_name(manager)
    agent.jump(seconds)
    assert await costs(agent, manager) == PLAIN
    assert await costs(agent, manager) == PLAIN


async def test_latched_boots_are_an_error_at_once_and_no_loop(agent: Agent, manager: Manager) -> None:
    await read_name(manager)
    agent.engine_boots = MAX_BOOTS
    for _ in range(3):
        before = manager.statistics.requests
        with pytest.raises(NotInTimeWindow):
            await manager.get(SYS_NAME, timeout=1000)
        assert manager.statistics.requests - before <= 2
    agent.replace_engine()
    await manager.discover(afresh=True)
    await read_name(manager)


async def test_latched_boots_from_the_first_message_on(agent: Agent) -> None:
    agent.engine_boots = MAX_BOOTS
    async with manager_for(agent) as manager:
        with pytest.raises(NotInTimeWindow):
            await manager.get(SYS_NAME, timeout=1000)
        assert manager.statistics.requests <= 2
        assert manager.pending == 0


async def test_an_engine_that_changes_all_the_time_is_given_up_after_one_repetition(agent: Agent) -> None:
    async with manager_for(agent) as manager:
        await manager.connect()
        agent.inject(ForgedReport(ReportCounter.usmStatsUnknownEngineIDs, engine_id=OTHER_ENGINE), times=None)
        task = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
        while manager.statistics.resent == 0:
            await asyncio.sleep(0)
        await settle()
        skip(5)
        with pytest.raises((RequestTimeout, UnknownEngine)):
            await task
        assert manager.statistics.requests == 2
        agent.clear_faults()
        await read_name(manager)


# ----------------------------------------------------------------------------------------- discovery


async def test_a_hundred_tasks_at_an_unknown_engine_cause_one_discovery(agent: Agent, manager: Manager) -> None:
    await asyncio.gather(*(read_name(manager) for _ in range(100)))

    assert manager.statistics.probes == 1
    assert agent.statistics.unknown_engine_ids == 1
    assert agent.statistics.reports == 1
    assert len(agent.requests) == 100


async def probed(agent: Agent) -> None:
    while agent.statistics.unknown_engine_ids == 0:
        await asyncio.sleep(0)


@pytest.mark.parametrize("cancelled", [0, 5, 9])
async def test_cancelling_one_that_waits_for_discovery_cancels_no_other(
    agent: Agent, manager: Manager, cancelled: int
) -> None:
    agent.inject(Hold(), reports=True)
    tasks = [asyncio.ensure_future(read_name(manager)) for _ in range(10)]
    await probed(agent)
    tasks[cancelled].cancel()
    await settle()
    agent.release()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(outcomes.pop(cancelled), asyncio.CancelledError)
    assert outcomes == [None] * 9
    assert manager.statistics.probes == 1
    assert len(agent.requests) == 9


async def test_when_all_that_wait_for_discovery_are_cancelled_the_next_request_works(
    agent: Agent, manager: Manager
) -> None:
    agent.inject(Hold(), reports=True)
    tasks = [asyncio.ensure_future(read_name(manager)) for _ in range(3)]
    await probed(agent)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    agent.release()
    await read_name(manager)
    assert len(agent.requests) == 1


async def test_a_lost_probe_is_sent_again_after_the_deadline(agent: Agent, manager: Manager) -> None:
    agent.inject(Drop(), reports=True)
    task = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
    await probed(agent)
    skip(5)
    with pytest.raises(RequestTimeout):
        await task
    assert agent.requests.maxlen
    assert not agent.requests
    await read_name(manager)
    assert manager.statistics.probes == 2


async def test_one_that_gives_up_waiting_for_discovery_does_not_keep_the_others_waiting(
    agent: Agent, manager: Manager
) -> None:
    agent.inject(Hold(), reports=True)
    hasty = asyncio.ensure_future(manager.get(SYS_NAME, timeout=1))
    patient = asyncio.ensure_future(manager.get(SYS_NAME, timeout=60))
    await probed(agent)
    skip(1)
    with pytest.raises(RequestTimeout):
        await hasty
    agent.release()
    for _ in range(1000):
        if patient.done():
            break
        await asyncio.sleep(0)
    skip(60)
    assert (await patient)[0].value == b"core"


async def test_four_pollers_that_give_up_early_survive_one_lost_report(agent: Agent, manager: Manager) -> None:
    # Each of them is cancelled after 0.8 s, and at any time others wait: the lost report must not stop all of them.
    agent.inject(Drop(), reports=True)
    answered, given_up = 0, 0

    async def poll() -> None:
        nonlocal answered, given_up
        for _ in range(10):
            try:
                async with asyncio.timeout(0.8):
                    await read_name(manager)
                answered += 1
            except TimeoutError:
                given_up += 1

    pollers = []
    for _ in range(4):
        pollers.append(asyncio.ensure_future(poll()))
        await settle()
        skip(0.2)
    while not all(poller.done() for poller in pollers):
        await settle(200)
        skip(0.05)

    assert given_up <= 8
    assert answered >= 32
    assert manager.statistics.probes <= 3


async def test_discovery_afresh_does_not_keep_the_answers_of_others_out(agent: Agent, manager: Manager) -> None:
    await read_name(manager)
    agent.inject(Hold())
    other = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
    await agent.wait_for_requests(2)
    agent.inject(Hold(), reports=True)
    afresh = asyncio.ensure_future(manager.discover(afresh=True, timeout=60))
    while agent.statistics.unknown_engine_ids < 2:
        await asyncio.sleep(0)
    agent.release()
    assert (await afresh).engine_id == agent.engine_id
    await settle(100)
    skip(5)
    assert (await other)[0].value == b"core"


async def test_a_response_in_place_of_the_report_does_not_discover_anything(agent: Agent, manager: Manager) -> None:
    agent.inject(NotAReport(), reports=True)
    task = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
    await probed(agent)
    while manager.statistics.refused + manager.statistics.unknown + manager.statistics.unexpected == 0:
        await asyncio.sleep(0)
    assert not agent.requests
    skip(5)
    with pytest.raises(RequestTimeout):
        await task
    await read_name(manager)


async def test_what_a_forged_discovery_says_of_time_is_put_right_by_the_first_authentic_report(
    agent: Agent, manager: Manager
) -> None:
    agent.inject(ForgedReport(ReportCounter.usmStatsUnknownEngineIDs, boots=2147483646, time=1), reports=True)
    await read_name(manager)
    assert (await engine_of(manager))[:2] == (agent.engine_id, 7)
    assert manager.statistics.resent == 1


async def test_known_engines_are_shared_and_the_second_manager_sends_no_probe(agent: Agent) -> None:
    engines = KnownEngines()
    async with manager_for(agent, engines=engines) as first, manager_for(agent, DES_USER, engines=engines) as second:
        await read_name(first)
        await read_name(second)
        assert (first.statistics.probes, second.statistics.probes) == (1, 0)
        agent.reboot()
        await read_name(first)
        assert await costs(agent, second) == PLAIN
    assert agent.statistics.unknown_engine_ids == 1


async def test_a_given_engine_needs_no_discovery(agent: Agent) -> None:
    info = EngineInfo(agent.engine_id, agent.engine_boots, agent.engine_time)
    async with manager_for(agent, engine=info) as manager:
        assert await costs(agent, manager) == PLAIN
    assert agent.statistics.reports == 0


async def test_a_given_engine_without_its_time_costs_one_exchange(agent: Agent) -> None:
    async with manager_for(agent, engine=EngineInfo(agent.engine_id)) as manager:
        assert await costs(agent, manager) == RESENT
        assert await costs(agent, manager) == PLAIN


async def test_an_engine_survives_its_connection(agent: Agent, manager: Manager) -> None:
    await read_name(manager)
    agent.inject(Close())
    await read_name(manager)
    agent.drop_connections(reset=True)
    while manager.connected:
        await asyncio.sleep(0)
    await read_name(manager)

    assert manager.statistics.connections == 3
    assert manager.statistics.probes == 1


async def test_a_connection_lost_during_discovery_fails_or_serves_everybody(agent: Agent) -> None:
    async with manager_for(agent, retries=0) as manager:
        agent.inject(Close(), reports=True)
        tasks = [asyncio.ensure_future(read_name(manager)) for _ in range(5)]
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(outcome, ConnectionLost) for outcome in outcomes)
        await read_name(manager)


async def test_a_discovery_that_names_another_engine_is_put_right_by_the_true_one(
    agent: Agent, manager: Manager
) -> None:
    agent.inject(ForgedReport(ReportCounter.usmStatsUnknownEngineIDs, engine_id=OTHER_ENGINE), reports=True)
    await read_name(manager)
    assert (await engine_of(manager)).engine_id == agent.engine_id
    assert len(agent.requests) == 1


@pytest.mark.parametrize("engine_id", [b"", bytes(256)], ids=["none", "too long"])
async def test_a_discovery_without_a_possible_engine_id_fails_at_once_and_can_be_repeated(
    agent: Agent, manager: Manager, engine_id: bytes
) -> None:
    agent.inject(ForgedReport(ReportCounter.usmStatsUnknownEngineIDs, engine_id=engine_id), reports=True)
    with pytest.raises(UnknownEngine):
        await manager.get(SYS_NAME, timeout=1000)
    await read_name(manager)


@pytest.mark.parametrize("engine_id", [b"1234", bytes(12), b"\xff" * 12, bytes(33)], ids=lambda octets: octets.hex())
async def test_a_forged_engine_id_that_is_not_valid_delays_the_first_request_and_no_more(
    agent: Agent, manager: Manager, engine_id: bytes
) -> None:
    agent.inject(ForgedReport(ReportCounter.usmStatsUnknownEngineIDs, engine_id=engine_id), reports=True)
    await read_name(manager)
    assert (await engine_of(manager)).engine_id == agent.engine_id


@pytest.mark.parametrize("counter", [ReportCounter.usmStatsNotInTimeWindows, ReportCounter.usmStatsUnknownEngineIDs])
async def test_a_forged_report_never_lets_a_set_be_carried_out_twice(agent: Agent, counter: ReportCounter) -> None:
    # The agent has carried the SET out already when the report comes.
    done: list[object] = []
    agent.mib[SYS_NAME] = Computed(lambda: "core", done.append)
    async with manager_for(agent) as manager:
        await read_name(manager)
        agent.inject(ForgedReport(counter))
        task = asyncio.ensure_future(manager.set((SYS_NAME, "once"), timeout=5))
        await agent.wait_for_requests(2)
        reports = manager.statistics.reports
        while manager.statistics.reports == reports:
            await asyncio.sleep(0)
        await settle()
        skip(5)
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert len(done) == 1
    assert isinstance(outcome, RequestTimeout)


async def test_a_forged_report_of_another_engine_does_not_keep_the_others_answers_out(
    agent: Agent, manager: Manager
) -> None:
    await read_name(manager)
    agent.inject(Hold(), times=10)
    others = [asyncio.ensure_future(read_name(manager)) for _ in range(10)]
    await agent.wait_for_requests(11)
    agent.inject(ForgedReport(ReportCounter.usmStatsUnknownEngineIDs, engine_id=OTHER_ENGINE))
    target = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
    while manager.statistics.reports < 2:  # the discovery's, and the forged one
        await asyncio.sleep(0)
    agent.release()
    await settle(100)
    skip(5)
    outcomes = await asyncio.gather(*others, return_exceptions=True)
    await asyncio.gather(target, return_exceptions=True)
    assert outcomes == [None] * 10


# -------------------------------------------------------------------------------------- perseverance


@pytest.mark.timeout(180)
async def test_ten_thousand_authenticated_and_encrypted_gets_without_one_failure(agent: Agent) -> None:
    async with manager_for(agent) as manager:

        async def many() -> None:
            for _ in range(200):
                await read_name(manager)

        await asyncio.gather(*(many() for _ in range(50)))
        statistics = manager.statistics

        assert statistics.responses == statistics.requests == 10_000
        assert (statistics.probes, statistics.reports, statistics.resent, statistics.refused) == (1, 1, 0, 0)
    assert agent.statistics.wrong_digests + agent.statistics.decryption_errors == 0


async def test_contexts_are_kept_apart(agent: Agent) -> None:
    side = UsmUser("alice", "SHA-256", "authentic alice", "AES", "private alice", "side")
    nowhere = UsmUser("alice", "SHA-256", "authentic alice", "AES", "private alice", "nowhere")
    async with manager_for(agent, side) as manager:
        assert (await manager.get(SYS_NAME))[0].value == b"side"
    async with manager_for(agent, nowhere) as manager:
        task = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
        while agent.statistics.unknown_contexts == 0:
            await asyncio.sleep(0)
        while manager.statistics.refused == 0:
            await asyncio.sleep(0)
        skip(5)
        with pytest.raises(RequestTimeout) as caught:
            await task
        assert isinstance(caught.value.reason, UnknownContext)


WRONG_CREDENTIALS = {
    "another user": (UsmUser("bob", "SHA-256", "authentic alice"), UnknownUser, "unknown_user_names"),
    "another password": (UsmUser("alice", "SHA-256", "authentic bob 1"), WrongDigest, "wrong_digests"),
    "another protocol": (UsmUser("alice", "SHA-512", "authentic alice"), WrongDigest, "wrong_digests"),
    "another privacy password": (
        UsmUser("alice", "SHA-256", "authentic alice", "AES", "private bob 1"),
        DecryptionFailed,
        "decryption_errors",
    ),
    "another privacy protocol": (
        UsmUser("alice", "SHA-256", "authentic alice", "DES", "private alice"),
        DecryptionFailed,
        "decryption_errors",
    ),
    "privacy that the agent does not have": (
        UsmUser("signed", "SHA", "authentic signed", "AES", "private signed"),
        SecurityLevelTooLow,
        "unsupported_sec_levels",
    ),
}


@pytest.mark.parametrize(("user", "reason", "counter"), WRONG_CREDENTIALS.values(), ids=WRONG_CREDENTIALS)
async def test_wrong_credentials_are_the_reason_of_the_timeout(
    agent: Agent, user: UsmUser, reason: type[Exception], counter: str
) -> None:
    async with manager_for(agent, user) as manager:
        task = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
        while manager.statistics.refused == 0:
            await asyncio.sleep(0)
        skip(5)
        with pytest.raises(RequestTimeout) as caught:
            await task
    assert isinstance(caught.value.reason, reason)
    assert getattr(agent.statistics, counter) == 1
