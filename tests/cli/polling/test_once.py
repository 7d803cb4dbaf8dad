"""One poll of each job."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import OctetString
from snmptcp.cli.polling.once import poll_once
from snmptcp.testing import Agent, Drop
from tests.fleet.files.helpers import PUBLIC, loaded
from tests.fleet.making import Notebook

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

JOBS = f"""{PUBLIC}
[jobs.name]
get = ["1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.6.0"]
interval = 0.01
[jobs.all]
walk = "1.3.6.1.2.1.1"
interval = 0.01
[jobs.table]
table = "1.3.6.1.2.1.2.2"
columns = [2]
interval = 0.01
[defaults]
credentials = "public"
timeout = 20
"""

VARIABLES: dict[str, Any] = {"1.3.6.1.2.1.1.5.0": "sw1", "1.3.6.1.2.1.2.2.1.2.7": "eth7"}


def show(sample: Any) -> str:
    return f"{sample.target.name} {sample.job} {sample.value}"


def target_of(agent: Agent, name: str) -> str:
    return f'[[targets]]\nhost = "{agent.host}"\nport = {agent.port}\nname = "{name}"\n'


async def test_each_job_of_each_target_runs_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sink = Notebook()
    async with Agent(VARIABLES) as one, Agent(VARIABLES) as other:
        file = loaded(tmp_path, JOBS + target_of(one, "one") + target_of(other, "other"))
        assert await poll_once(file, [sink], None, asyncio.Event(), show)
        out, err = capsys.readouterr()
        assert sorted(out.splitlines()) == [
            f"{name} {what}" for name in ("one", "other") for what in ("all sw1", "name sw1", "table eth7")
        ]
        assert sorted(err.splitlines()) == [
            f"snmptcp: {name}, job name: the agent has no 1.3.6.1.2.1.1.6.0" for name in ("one", "other")
        ]
        assert len(sink.polls) == 6
        assert sink.calls[-1] == "close"


async def test_what_fails_is_told_and_the_other_jobs_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with Agent(VARIABLES) as agent, Agent(VARIABLES) as gone:
        file = loaded(tmp_path, JOBS + target_of(agent, "here") + target_of(gone, "gone"))
        await gone.aclose()
        assert await poll_once(file, [], None, asyncio.Event(), None) is False
    out, err = capsys.readouterr()
    assert out == ""
    failed = [line for line in err.splitlines() if "cannot connect" in line]
    assert sorted(line.split(":")[1] for line in failed) == [f" gone, job {name}" for name in ("all", "name", "table")]


async def test_a_sink_that_writes_nothing_is_told_and_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sink = Notebook()
    sink.errors = [OSError("the disk is full")] * 5
    async with Agent(VARIABLES) as agent:
        file = loaded(tmp_path, "[fleet]\ngrace = 0.2\n" + JOBS + target_of(agent, "one"))
        assert await poll_once(file, [sink], None, asyncio.Event(), None) is False
    assert capsys.readouterr().err.splitlines()[-1] == "snmptcp: samples that were not written: notebook 3"


async def test_a_file_without_targets_polls_nothing(tmp_path: Path) -> None:
    assert await poll_once(loaded(tmp_path, JOBS), [], None, asyncio.Event(), None)


async def test_it_can_be_stopped(tmp_path: Path) -> None:
    async with Agent({"1.3.6.1.2.1.1.5.0": OctetString("x")}) as agent:
        agent.inject(Drop(), times=None)
        file = loaded(tmp_path, JOBS + target_of(agent, "silent"))
        stop = asyncio.Event()
        polling = asyncio.ensure_future(poll_once(file, [], None, stop, None))
        await agent.wait_for_requests(1)
        stop.set()
        assert await polling is None
