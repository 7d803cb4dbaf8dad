"""One soak from its start to its result: processes, load, listener, a line each minute, and the marks at the end."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.soak.certificates import write_certificates
from tests.soak.gauges import Lag, Sample, take_sample
from tests.soak.listening import Listening
from tests.soak.load import Load
from tests.soak.plan import TIMEOUT, WALK_TIMEOUT, Plan
from tests.soak.polling import Polling
from tests.soak.report import COUNT_GROWTH, MB, MEMORY_GROWTH, Mark, Result, growths, line_of
from tests.soak.talking import Helper
from tests.soak.troubles import BUSY_ERRORS, EVERY, Episode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ("soak",)


async def soak(plan: Plan, tell: Callable[[str], None] = print) -> Result:
    """Run a soak in this process, which must do nothing else: its memory, files and tasks are measured.

    Args:
        plan: what to do.
        tell: called with a line each minute.

    Returns:
        The figures and whether they meet their marks.

    Raises:
        RuntimeError: one of the other processes has ended.
        OSError: the system has no ``/proc``.
    """
    with tempfile.TemporaryDirectory() as folder:
        certificates = Path(folder)
        write_certificates(certificates)
        before = take_sample(0.0)
        run = _Soak(plan, certificates, tell)
        try:
            await run.start()
            await run.run()
            await run.end()
        finally:
            await run.aclose()
        # What was closed in the last turn of the event loop is freed in the next ones.
        await asyncio.sleep(0.2)
        return run.result(before, take_sample(0.0))


@contextlib.contextmanager
def _ended_by_signals(task: asyncio.Task[None]) -> Iterator[None]:
    """Let the signals that end programs cancel a task instead."""
    loop, signals = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)
    for each in signals:
        loop.add_signal_handler(each, task.cancel)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)


class _Soak:
    """The parts of one soak."""

    def __init__(self, plan: Plan, certificates: Path, tell: Callable[[str], None]) -> None:
        self.plan = plan
        self.samples: list[Sample] = []
        self._certificates = certificates
        self._tell = tell
        self._lag = Lag()
        self._listening = Listening(certificates)
        self._agents = Helper("tests.soak.agents", plan.agents, certificates, plan.faults, plan.seed)
        self._senders: Helper | None = None
        self._load: Load | None = None
        self._polling: Polling | None = None
        self._measuring: asyncio.Task[None] | None = None
        self._judged: dict[str, Any] = {"missing": [], "forbidden": []}
        self._told: dict[str, Any] = {}
        self._requests = (0.0, 0)
        self._pending = 0
        self._seconds = 0.0

    async def start(self) -> None:
        """Start agents, managers, listeners and senders."""
        plan = self.plan
        ports = (await self._agents.start())["ports"]
        self._measuring = asyncio.ensure_future(self._lag.run())
        await self._listening.start()
        self._load = Load(ports, self._certificates, plan.rate, random.Random(plan.seed), self._lag)
        self._polling = Polling(ports, self._certificates, self._load.accounts)
        await self._polling.start()
        self._senders = Helper(
            "tests.soak.senders", *self._listening.ports, self._certificates, plan.notifications, plan.fill, plan.seed
        )
        await self._senders.start()

    async def run(self) -> None:
        """Ask and listen for the time of the plan, and measure."""
        assert self._load is not None
        began = time.monotonic()
        running = asyncio.ensure_future(self._load.run(self.plan.seconds))
        with _ended_by_signals(running):
            try:
                while not running.done():
                    await asyncio.wait({running}, timeout=self.plan.every)
                    await self._account(time.monotonic() - began)
                if not running.cancelled():
                    running.result()
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
        self._seconds = time.monotonic() - began

    async def _account(self, at: float) -> None:
        """Measure, look for the reasons of errors, and tell."""
        load = self._load
        assert load is not None
        self.samples.append(take_sample(at))
        await self._judge()
        requests, (then, sent) = load.requests, self._requests
        rate = (requests - sent) / (at - then)
        self._requests = at, requests
        self._tell(
            line_of(self.samples[-1], load.accounts, requests, rate, self._listening.received, self._listening.again)
        )
        for text in load.accounts.take_fresh():
            self._tell(f"  {text}")

    async def _judge(self) -> None:
        load = self._load
        assert load is not None
        judged = await self._agents.ask(load.take_sets())
        episodes = [Episode(*episode) for episode in judged.pop("episodes")]
        episodes += (Episode(EVERY, "manager busy", *times, BUSY_ERRORS) for times in self._lag.take_busy())
        load.accounts.explain(episodes, judged["until"])
        for kind in ("missing", "forbidden"):
            judged[kind] = self._judged[kind] + judged[kind]
        self._judged = judged

    async def end(self) -> None:
        """Let all requests end, and all notifications arrive; and take the last accounts."""
        assert self._load is not None
        assert self._polling is not None
        assert self._senders is not None
        await self._load.drain(WALK_TIMEOUT + 2 * TIMEOUT)
        self._pending = self._load.pending
        await self._polling.aclose()
        while not (told := await self._senders.ask({"stop": True}))["ended"]:
            await asyncio.sleep(0.2)
        await asyncio.sleep(1.0)  # what was written at the end is on its way
        self._told = told
        self._listening.settle(told["senders"])
        await self._judge()

    async def aclose(self) -> None:
        """End everything."""
        for part in (self._polling, self._load, self._senders, self._listening, self._agents):
            if part is not None:
                with contextlib.suppress(ProcessLookupError):
                    await part.aclose()
        if self._measuring is not None:
            self._measuring.cancel()
            await asyncio.gather(self._measuring, return_exceptions=True)

    def result(self, before: Sample, after: Sample) -> Result:
        """Return the figures, with what was measured before the start and after the end."""
        assert self._load is not None
        accounts, judged = self._load.accounts, self._judged
        for kind, pairs in (("SETs not carried out", judged["missing"]), ("SETs refused", judged["forbidden"])):
            for device, number in pairs:
                accounts.note(kind, f"device {device}: number {number}")
        warm = [sample for sample in self.samples if sample.at >= self.plan.warm_up]

        is_long = replace(self.plan, minutes=self._seconds / 60).is_long
        marks = (
            *(self._growth_marks() if is_long else ()),
            Mark("open files more than at the start", after.files - before.files),
            Mark("tasks more than at the start", after.tasks - before.tasks),
            Mark("operations that have not ended", accounts.unresolved),
            Mark("requests still pending", self._pending),
            Mark("operations that ended after their deadline", accounts.late),
            Mark("wrong answers", accounts.wrong),
            Mark("errors without a fault that explains them", accounts.unexplained),
            Mark("exceptions that are not documented", accounts.undocumented),
            Mark("SETs that were carried out twice", judged["repeated"]),
            Mark("SETs that were answered, but not carried out", len(judged["missing"])),
            Mark("SETs that were carried out, but told not to be", len(judged["forbidden"])),
            Mark("notifications lost", self._listening.lost),
            Mark("notifications more than once, without being sent again", self._listening.repeated),
            Mark("notifications with other contents", self._listening.strange),
        )
        return Result(self.plan, self._load.requests, marks, self._facts(warm), tuple(self.samples), accounts.texts)

    def _growth_marks(self) -> list[Mark]:
        memory, files, tasks = growths(self.samples, self.plan.warm_up)
        return [
            Mark("growth of memory in an hour", memory / MB, MEMORY_GROWTH / MB, "MB"),
            Mark("growth of open files in an hour", files, COUNT_GROWTH),
            Mark("growth of tasks in an hour", tasks, COUNT_GROWTH),
        ]

    def _facts(self, warm: list[Sample]) -> dict[str, str]:
        assert self._load is not None
        accounts, requests, senders = self._load.accounts, self._load.requests, self._told["senders"].values()

        def span(numbers: list[float], form: str = ",.0f") -> str:
            return f"{min(numbers):{form}} to {max(numbers):{form}}" if numbers else "not measured"

        def total(what: str) -> int:
            return sum(each[what] for each in senders)

        return {
            "time": f"{self._seconds / 60:.1f} minutes, {self.plan.agents} agents",
            "requests": f"{requests:,}, {requests / self._seconds:.0f} a second",
            "operations": f"{sum(accounts.begun.values()):,} begun, {accounts.answered:,} answered and right, "
            f"{sum(accounts.errors.values()):,} errors, {accounts.cancelled:,} cancelled",
            "operations by kind": ", ".join(f"{count:,} {name}" for name, count in accounts.begun.most_common()),
            "errors by kind": ", ".join(f"{count:,} {name}" for name, count in accounts.errors.most_common()) or "none",
            "errors because the machine was too busy": f"{accounts.busy:,}",
            "answers made faulty": f"{self._judged['faults']:,}",
            "SETs carried out": f"{self._judged['written']:,}",
            "latest end behind a deadline": f"{accounts.worst:.3f} s, without the event loop's lag",
            "greatest lag of the event loop": f"{self._lag.worst:.3f} s",
            "memory after the warm-up, MB": span([sample.memory / MB for sample in warm], ".1f"),
            "allocated by the C library, MB": span(
                [sample.in_use / MB for sample in warm if sample.in_use is not None], ".2f"
            ),
            "open files": span([sample.files for sample in warm]),
            "tasks": span([sample.tasks for sample in warm]),
            "Python objects": span([sample.objects for sample in warm]),
            "blocks of Python's allocator": span([sample.blocks for sample in warm]),
            "notifications": f"{total('sent'):,} sent, {self._listening.received:,} received, "
            f"{self._listening.again:,} again, {total('acknowledged'):,} informs acknowledged, "
            f"{self._listening.unacknowledged:,} given up, {total('connections'):,} connections",
            "garbage for the listener": f"{self._told['garbage']:,} connections, {self._listening.refused:,} refusals",
        }
