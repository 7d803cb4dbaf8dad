"""The polls of one target: in time, never two at once, with pauses after failures."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from snmptcp import Counter32, RequestTimeout, TimeTicks, VarBind
from snmptcp.errors import GenErr, UnknownUser
from snmptcp.fleet import BackOff, Get
from snmptcp.fleet.polling.connections import Connections
from snmptcp.fleet.polling.naming import Naming
from snmptcp.fleet.polling.poller import Poller, Shared
from snmptcp.fleet.polling.reading import Readers
from snmptcp.fleet.polling.slots import Slots
from snmptcp.fleet.tally import Tally
from snmptcp.oid import OID
from tests.fleet.making import target
from tests.support.clock import settle, skip, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any

    from snmptcp.fleet import Job, Poll, Target
    from snmptcp.values import Value

pytestmark = pytest.mark.anyio

COUNTER = OID("1.3.6.1.2.1.2.2.1.10.1")
UPTIME = OID("1.3.6.1.2.1.1.3.0")
JOB = Get(COUNTER, interval=10.0, name="counter")
BACK_OFF = BackOff(first=15.0, most=60.0, jitter=0.0)
OTHER = Get(COUNTER, interval=10.0, name="other")


class FakeManager:
    """An agent's manager: its answers are given by the test."""

    host, port = "192.0.2.1", 161

    def __init__(self) -> None:
        self.count = 1000
        self.errors: list[BaseException] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self.running = self.most_running = self.asked = self.closed = 0

    async def get(self, *names: OID, timeout: float | None = None) -> list[VarBind]:
        self.asked += 1
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.answers.wait()
        finally:
            self.running -= 1
        if self.errors:
            raise self.errors.pop(0)
        seconds = asyncio.get_running_loop().time()
        values: dict[OID, Value] = {COUNTER: Counter32(self.count), UPTIME: TimeTicks(int(seconds * 100) % 2**32)}
        return [VarBind(name, values[name]) for name in names]

    async def aclose(self) -> None:
        self.closed += 1


class Fixture:
    def __init__(self, *jobs: Job, back_off: BackOff = BACK_OFF) -> None:
        self.manager = FakeManager()
        self.cannot_make: Exception | None = None
        self.polls: list[Poll] = []
        self.times: list[float] = []  # of their ends, by the loop's clock, which the tests move on
        self._read = 0
        self.tally = Tally()
        self.connections = Connections(self)
        self.slots = Slots(1)
        shared = Shared(
            connections=self.connections,
            slots=self.slots,
            readers=Readers(Naming(None)),
            tally=self.tally,
            back_off=back_off,
            first_within=0.0,
            deliver=self._deliver,
        )
        self.poller = Poller(target("a"), jobs or [JOB], shared)
        self.task: asyncio.Task[None] | None = None

    def start(self) -> asyncio.Task[None]:
        if self.task is None:
            self.task = asyncio.ensure_future(self.poller.run())
        return self.task

    def _deliver(self, poll: Poll) -> None:
        self.polls.append(poll)
        self.times.append(asyncio.get_running_loop().time())

    def make(self, _: Target) -> Any:
        if self.cannot_make is not None:
            raise self.cannot_make
        return self.manager

    def forget(self, _: str) -> None:
        raise AssertionError

    async def next_poll(self) -> Poll:
        """Move the time on until the next poll has ended."""
        self.start()
        while len(self.polls) == self._read:
            skip(0.5)
            await settle()
        self._read += 1
        return self.polls[self._read - 1]

    @property
    def gaps(self) -> list[float]:
        """The times between the ends of polls."""
        return [later - earlier for earlier, later in zip(self.times, self.times[1:], strict=False)]

    async def end(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])
        await self.connections.aclose()


@pytest.fixture
async def made() -> AsyncIterator[Fixture]:
    made = Fixture()
    yield made
    await made.end()


async def test_a_poll_has_samples_with_times_and_from_the_second_on_rates(made: Fixture) -> None:
    first = await made.next_poll()
    made.manager.count = 2000
    second = await made.next_poll()
    assert (first.samples[0].rate, first.error) == (None, None)
    sample = second.samples[0]
    assert sample.rate == pytest.approx(1000 / made.gaps[0], rel=0.01)
    assert (sample.target.name, sample.job, sample.value) == ("a", "counter", 2000)
    assert second.due_at <= second.started_at <= sample.answered_at <= second.ended_at
    assert sample.requested_at == second.started_at
    assert made.manager.closed == 0


async def test_runs_are_an_interval_apart(made: Fixture) -> None:
    for _ in range(6):
        await made.next_poll()
    assert 5 <= made.gaps[0] <= 16  # the first run is not on the grid
    assert made.gaps[1:] == pytest.approx([10.0] * 4, abs=1.0)


async def test_what_becomes_due_while_a_poll_runs_is_left_out_and_counted(made: Fixture) -> None:
    await made.next_poll()
    made.manager.answers.clear()
    asked = made.manager.asked
    while made.manager.asked == asked:
        skip(1.0)
        await settle()
    for _ in range(35):
        skip(1.0)
        await settle()
    made.manager.answers.set()
    late = await made.next_poll()
    assert late.skipped == 0
    following = await made.next_poll()
    assert following.skipped in {3, 4}  # counted by the run behind them
    assert made.manager.most_running == 1


async def test_two_jobs_of_one_target_never_run_at_once() -> None:
    made = Fixture(JOB, OTHER)
    for _ in range(6):
        await made.next_poll()
    assert made.manager.most_running == 1
    assert {poll.job for poll in made.polls} == {"counter", "other"}
    await made.end()


async def test_a_target_that_cannot_be_reached_makes_pauses_with_all_its_jobs() -> None:
    made = Fixture(JOB, OTHER)
    made.manager.errors = [RequestTimeout(5.0)] * 3
    failed = [await made.next_poll() for _ in range(3)]
    assert 15 <= made.gaps[0] < 27
    assert 30 <= made.gaps[1] < 42
    assert made.poller.failing
    assert made.poller.state.failures == 3
    assert made.poller.state.failing_since == failed[0].ended_at
    assert isinstance(made.poller.state.error, RequestTimeout)
    good = await made.next_poll()
    assert good.error is None
    assert good.backed_off + sum(poll.backed_off for poll in failed) >= 2
    assert made.poller.state.failures == 0
    assert made.manager.closed == 3
    await made.end()


async def test_a_job_that_always_fails_puts_no_other_off_for_ever() -> None:
    made = Fixture(JOB, OTHER)
    made.manager.errors = [RequestTimeout(5.0)] * 100
    jobs = [(await made.next_poll()).job for _ in range(12)]
    assert min(jobs.count("counter"), jobs.count("other")) >= 4
    await made.end()


async def test_without_pauses_a_job_that_is_due_runs_although_another_one_has_failed() -> None:
    made = Fixture(JOB, OTHER, back_off=BackOff(first=0.0))
    made.manager.errors = [RequestTimeout(5.0)]
    failed, good = await made.next_poll(), await made.next_poll()
    assert {failed.job, good.job} == {"counter", "other"}
    assert made.gaps[0] < 1
    assert (good.error, good.backed_off) == (None, 0)
    await made.end()


async def test_an_agent_that_answers_with_an_error_is_there_and_makes_no_pause(made: Fixture) -> None:
    made.manager.errors = [GenErr()]
    failed = await made.next_poll()
    assert isinstance(failed.error, GenErr)
    assert not made.poller.failing
    assert (await made.next_poll()).backed_off == 0
    assert made.manager.closed == 0


async def test_an_agent_that_does_not_know_the_user_makes_a_pause(made: Fixture) -> None:
    made.manager.errors = [UnknownUser()]
    await made.next_poll()
    assert made.poller.failing


async def test_any_other_exception_is_a_failed_poll_and_is_logged(
    made: Fixture, caplog: pytest.LogCaptureFixture
) -> None:
    made.manager.errors = [ZeroDivisionError("as if a callback had a fault")]
    failed = await made.next_poll()
    assert isinstance(failed.error, ZeroDivisionError)
    assert "counter of a failed" in caplog.text
    assert (await made.next_poll()).error is None


async def test_only_the_first_exception_of_a_kind_is_logged_as_an_error(
    made: Fixture, caplog: pytest.LogCaptureFixture
) -> None:
    made.manager.errors = [ZeroDivisionError("a fault") for _ in range(3)]
    for _ in range(3):
        await made.next_poll()
    assert [record.levelno for record in caplog.records if record.levelno > logging.DEBUG] == [logging.ERROR]


async def test_a_cancellation_that_a_callback_lets_out_is_a_failed_poll(made: Fixture) -> None:
    made.manager.errors = [asyncio.CancelledError("of something else")]
    failed = await made.next_poll()
    assert str(failed.error) == "a callback raised CancelledError('of something else')"
    assert (await made.next_poll()).error is None


async def test_a_manager_that_cannot_be_made_is_a_failed_poll(made: Fixture) -> None:
    made.cannot_make = UnicodeError("as if a host were odd")
    failed = await made.next_poll()
    assert failed.error is made.cannot_make
    made.cannot_make = None
    assert (await made.next_poll()).error is None


async def test_many_samples_leave_the_loop_time_for_others() -> None:
    made = Fixture(Get(*[COUNTER] * 5000, interval=10.0))
    turns_before = 0

    async def count() -> None:
        nonlocal turns_before
        while not made.polls:
            if made.manager.asked and not made.manager.running:
                turns_before += 1
            await asyncio.sleep(0)

    counting = asyncio.ensure_future(count())
    assert len((await made.next_poll()).samples) == 5000
    await counting
    assert turns_before >= 4
    await made.end()


async def test_the_shortest_and_the_longest_interval_are_polled() -> None:
    for interval in (0.001, 1e9):
        made = Fixture(Get(COUNTER, interval=interval))
        assert (await made.next_poll()).error is None
        await settle()
        assert not made.start().done()
        await made.end()


async def test_a_poll_waits_for_room_and_tells_how_late_it_was(made: Fixture) -> None:
    slot = await made.slots.acquire(int)
    made.start()
    await settle()
    assert made.polls == []
    skip(0.5)
    await settle()
    slot.release()
    await until(lambda: made.polls)
    assert made.polls[0].lateness == pytest.approx(0.5, abs=0.4)


async def test_a_poller_that_is_cancelled_while_it_polls_gives_everything_back(made: Fixture) -> None:
    made.manager.answers.clear()
    task = made.start()
    await until(lambda: made.manager.running)
    task.cancel()
    await asyncio.wait([task])
    assert made.tally.running == 0
    await made.connections.aclose()
    assert made.manager.closed == 1
    await made.slots.acquire(int)


async def test_the_state_of_a_target_tells_when_it_is_due(made: Fixture) -> None:
    assert made.poller.state.polls == 0
    assert made.poller.state.polled_at is None
    poll = await made.next_poll()
    state = made.poller.state
    assert state.polls == 1
    assert state.polled_at == poll.ended_at
    assert state.due_at is not None
    assert state.due_at > poll.due_at
    made.manager.answers.clear()
    while made.poller.state.due_at is not None:
        skip(1.0)
        await settle()
