"""The run of a fleet until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.cli.polling import running
from snmptcp.cli.polling.running import Run, run_until, tell_mistakes
from snmptcp.cli.polling.source import FileSource
from snmptcp.errors import ConfigurationError
from snmptcp.fleet import Fleet, Get
from snmptcp.testing import Agent
from tests.fleet.files.helpers import PUBLIC, loaded
from tests.fleet.making import Notebook, target_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path
    from typing import Self

pytestmark = pytest.mark.anyio

NAME = "1.3.6.1.2.1.1.5.0"
JOB = Get(NAME, interval=0.02, name="name")


class Told:
    """What was told on stderr, and when it was."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._new = asyncio.Event()

    def __call__(self, text: str) -> None:
        self.lines.append(text)
        self._new.set()

    async def line(self, start: str) -> str:
        """Wait for a line."""
        async with asyncio.timeout(30):
            while True:
                for line in self.lines:
                    if line.startswith(start):
                        return line
                self._new.clear()
                await self._new.wait()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    found = Told()
    monkeypatch.setattr(running, "report", found)
    return found


@contextlib.asynccontextmanager
async def run_of(run: Run, reload: asyncio.Event | None = None) -> AsyncIterator[asyncio.Task[Any]]:
    """Run a fleet, and stop it."""
    stop = asyncio.Event()
    task = asyncio.ensure_future(run_until(run, stop, reload))
    try:
        yield task
    finally:
        stop.set()
        await task


def run_with(agent: Agent, **more: Any) -> Run:
    fleet = Fleet([target_of(agent, name="core")], jobs=[JOB], first_within=0.0, **more)
    return Run(fleet, "a test", "polling", live=False)


async def until(found: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not found():
            await asyncio.sleep(0.005)


async def test_it_tells_its_start_its_state_and_its_end(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_LOG_INTERVAL", 0.05)
    sink = Notebook()
    async with Agent({NAME: "x"}) as agent, run_of(run_with(agent, sinks=[sink])) as task:
        await told.line("1 target, 0 failing; ")
        assert told.lines[0] == "polling"
    assert told.lines[-1].endswith(f" polls, 0 failed, {len(sink.polls)} samples")
    board = task.result()
    assert dict(board.facts)["targets"] == "1: 1 answer, 0 fail, 0 not polled yet"


async def test_targets_that_fail_and_work_again_are_logged(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "snmptcp.poll")
    async with Agent({NAME: "x"}) as agent:
        run = run_with(agent)
        async with run_of(run):
            await until(lambda: run.fleet.health().polls > 1)
            await agent.aclose()
            await until(lambda: "core, job name: " in caplog.text)
    assert "cannot connect" in caplog.text or "connection" in caplog.text


async def test_a_view_takes_the_place_of_lines(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = asyncio.Event()

    class View:
        is_possible = staticmethod(lambda: True)

        def __init__(self, title: str) -> None:
            assert title == "a test"

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def show(self, *_: object) -> None:
            shown.set()

    monkeypatch.setattr(running, "LiveView", View)
    monkeypatch.setattr(running, "_VIEW_INTERVAL", 0.01)
    async with Agent({NAME: "x"}) as agent:
        run = run_with(agent)
        run.live = True
        async with run_of(run), asyncio.timeout(30):
            await shown.wait()


async def test_a_reload_tells_what_has_changed_and_a_broken_file_changes_nothing(told: Told, tmp_path: Path) -> None:
    async with Agent({NAME: "x"}) as agent:
        base = f'{PUBLIC}[jobs.name]\nget = "{NAME}"\n[defaults]\ncredentials = "public"\nport = {agent.port}\n'
        one = f'{base}[[targets]]\nhost = "127.0.0.1"\nname = "one"\n'
        source = FileSource(loaded(tmp_path, one), None)
        run = Run(Fleet(source, first_within=0.0), "a test", "polling", source, live=False)
        reload = asyncio.Event()
        async with run_of(run, reload):
            await told.line("polling")
            loaded(tmp_path, f'{one}[[targets]]\nhost = "localhost"\nname = "two"\n[fleet]\nmax_polls = 5')
            reload.set()
            assert (await told.line(f"{source.file.path} was read")).endswith("was read again: 1 added (two)")
            await told.line("[fleet] has changed, too; that takes effect at the next start")
            assert len(run.fleet) == 2
            source.file.path.write_text("[[targets")
            reload.set()
            line = await told.line(f"{source.file.path} was not")
            assert line.endswith("was not read again: the present 2 targets stay")
            assert any("is not TOML" in line for line in told.lines)
            assert len(run.fleet) == 2


async def test_a_fleet_that_is_stopped_while_it_starts_ends_at_once(told: Told) -> None:
    class Slow(Notebook):
        async def open(self) -> None:
            await asyncio.Event().wait()

    async with Agent({NAME: "x"}) as agent, run_of(run_with(agent, sinks=[Slow()])) as task:
        await asyncio.sleep(0)
    assert task.result() is None
    assert told.lines == []


async def test_a_sink_that_cannot_be_opened_is_the_failure_of_the_run(told: Told) -> None:
    class Broken(Notebook):
        async def open(self) -> None:
            raise OSError("no such folder")

    async with Agent({NAME: "x"}) as agent:
        with pytest.raises(OSError, match="no such folder"):
            await run_until(run_with(agent, sinks=[Broken()]), asyncio.Event())


def test_each_mistake_is_a_line(told: Told) -> None:
    tell_mistakes(ConfigurationError("one\ntwo"))
    assert told.lines == ["one", "two"]
