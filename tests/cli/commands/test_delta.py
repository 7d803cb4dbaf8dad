"""``snmptcp delta`` against an agent whose counters move when the command waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Counter32, Counter64, Gauge32, OctetString, TimeTicks
from snmptcp.cli.commands.delta import DeltaCommand, watch
from snmptcp.cli.manager import RequestFailed
from snmptcp.testing import Agent, Drop
from tests.cli.helpers import parsed, where
from tests.support.watching import FakeClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

UP_TIME = "1.3.6.1.2.1.1.3.0"
COLUMN = "1.3.6.1.2.1.2.2.1.10"
SPEED = "1.3.6.1.2.1.2.2.1.5.1"
BIG = "1.3.6.1.2.1.31.1.1.1.6.1"


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    variables = {
        UP_TIME: TimeTicks(1000),
        f"{COLUMN}.1": Counter32(2**32 - 58),
        f"{COLUMN}.2": Counter32(1000),
        SPEED: Gauge32(10**9),
        BIG: Counter64(2**64 - 100),
    }
    async with Agent(variables) as agent:
        yield agent


def moving(agent: Agent, *steps: Callable[[], object], seconds: float = 1.0) -> Callable[[int], None]:
    """Return what happens between two readings: time passes, two counters grow, and then the step of that number."""

    def grow(oid: str, by: int) -> None:
        value = agent.mib.read(oid)
        assert isinstance(value, Counter32 | Counter64 | TimeTicks)
        agent.mib[oid] = type(value)((value + by) % (value.maximum + 1))

    def move(number: int) -> None:
        for oid, by in ((UP_TIME, int(100 * seconds)), (f"{COLUMN}.1", 158), (f"{COLUMN}.2", 100 * number), (BIG, 300)):
            if oid in agent.mib:
                grow(oid, by)
        if number <= len(steps):
            steps[number - 1]()

    return move


async def run(
    agent: Agent,
    capsys: pytest.CaptureFixture[str],
    *words: str,
    waits: int = 3,
    steps: Sequence[Callable[[], object]] = (),
    seconds: float = 1.0,
) -> tuple[int, list[str], str]:
    """Watch until the given wait; return the exit code, the lines and what stderr says."""
    command = parsed(DeltaCommand, "delta", "-t", "0.5", where(agent), *words)
    code = await watch(command, FakeClock(waits, moving(agent, *steps, seconds=seconds)))
    out, err = capsys.readouterr()
    return code, out.splitlines(), err


def contents(folder: Path) -> dict[str, list[str]]:
    return {path.name: path.read_text().splitlines() for path in folder.iterdir()}


async def test_differences_run_over_the_largest_values(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(agent, capsys, f"{COLUMN}.1", BIG, SPEED) == (
        0,
        [
            f".{COLUMN}.1 /1 sec: 158",
            f".{BIG} /1 sec: 300",
            f".{SPEED} = Gauge32: 1000000000",
        ]
        * 2,
        "",
    )


async def test_rates_are_those_of_the_agents_time(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    """Our clock says 10 s; the agent's says 8 s."""
    code, lines, _ = await run(agent, capsys, "-Ct", "--period", "10", f"{COLUMN}.1", waits=2, seconds=8.0)
    assert (code, lines) == (0, [f".{COLUMN}.1 /sec: 19.75"])


async def test_a_column_is_watched_with_its_new_instances(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    def add() -> None:
        agent.mib[f"{COLUMN}.3"] = Counter32(7)

    _, lines, _ = await run(agent, capsys, COLUMN, steps=[add], waits=3)
    assert lines == [
        f".{COLUMN}.1 /1 sec: 158",
        f".{COLUMN}.2 /1 sec: 100",
        f".{COLUMN}.1 /1 sec: 158",
        f".{COLUMN}.2 /1 sec: 200",
        f".{COLUMN}.3 /1 sec: 0",
    ]


async def test_a_restart_is_told_and_not_counted(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    def restart() -> None:
        agent.mib[UP_TIME] = TimeTicks(20)
        agent.mib[f"{COLUMN}.2"] = Counter32(3)

    code, lines, err = await run(agent, capsys, "--json", f"{COLUMN}.2", steps=[restart])
    samples = [json.loads(line) for line in lines]
    assert [sample["restarted"] for sample in samples] == [True, False]
    assert [sample["variables"][0]["difference"] for sample in samples] == [None, 200]
    assert "the agent has restarted: sysUpTime was 0:00:10.00 and is 0:00:00.20; nothing is compared" in err
    assert code == 0


async def test_several_readings_make_one_line_with_their_peak(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = await run(agent, capsys, "-CP", "3", "-CSm", f"{COLUMN}.2", waits=5)
    assert lines == [
        f".{COLUMN}.2 /1 sec: 200\t(1 sec Peak: 300)\t(Max: 300)",
        "Sum /1 sec: 200\t(1 sec Peak: 300)\t(Max: 300)",
    ]


async def test_the_table_with_tabs_repeats_its_names_when_they_change(
    agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    def add() -> None:
        agent.mib[f"{COLUMN}.3"] = Counter32(7)

    _, lines, _ = await run(agent, capsys, "-CT", COLUMN, steps=[lambda: None, add], waits=4)
    assert lines == [
        f"\t.{COLUMN}.1\t.{COLUMN}.2",
        "\t158.00\t100.00",
        f"\t.{COLUMN}.1\t.{COLUMN}.2\t.{COLUMN}.3",
        "\t158.00\t200.00\t-",
        "\t158.00\t300.00\t0.00",
    ]


async def test_lines_go_to_a_file_for_each_variable(
    agent: Agent, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, lines, _ = await run(agent, capsys, "-ClSs", f"{COLUMN}.1", f"{COLUMN}.2")
    assert (code, lines) == (0, [])
    files = contents(tmp_path)
    start = where(agent)
    assert sorted(files) == [f"{start}-.{COLUMN}.1", f"{start}-.{COLUMN}.2", f"{start}-Sum"]
    assert files[f"{start}-Sum"] == ["[20:15:44 6/14] Sum /1 sec: 258", "[20:15:45 6/14] Sum /1 sec: 358"]

    await run(agent, capsys, "-ClS", "-CL", "sums", f"{COLUMN}.1", waits=2)
    assert contents(tmp_path)["sums"] == ["Sum /1 sec: 158"]


async def test_a_reading_that_fails_is_told_and_the_watch_goes_on(
    agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines, err = await run(
        agent, capsys, f"{COLUMN}.1", steps=[lambda: agent.inject(Drop()), lambda: None], waits=4
    )
    assert code == 1
    assert lines == [f".{COLUMN}.1 /1 sec: 316", f".{COLUMN}.1 /1 sec: 158"]
    assert "no answer within 0.5 s" in err


async def test_a_count_ends_the_watch_also_if_the_agent_is_gone(
    agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    agent_is_gone = [lambda: None, lambda: agent.inject(Drop(), None)]
    code, lines, err = await run(agent, capsys, "--count", "3", f"{COLUMN}.1", steps=agent_is_gone, waits=99)
    assert (code, len(lines), err.count("no answer")) == (1, 1, 2)


async def test_if_the_first_reading_fails_there_is_nothing_to_watch(
    agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RequestFailed, match="there is nothing to watch"):
        await run(agent, capsys, "1.3.6.1.4.1.99999")
    assert "1.3.6.1.4.1.99999: the agent has no such variable" in capsys.readouterr().err
    agent.inject(Drop(), None)
    with pytest.raises(RequestFailed, match="no answer"):
        await run(agent, capsys, COLUMN)


async def test_a_name_that_is_missing_is_told_once(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, err = await run(agent, capsys, f"{COLUMN}.9", f"{COLUMN}.2", waits=3)
    assert (code, len(lines), err.count("no such variable")) == (1, 2, 1)


async def test_many_names_go_in_requests_of_the_wanted_size(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    names = (f"{COLUMN}.1", f"{COLUMN}.2", SPEED, BIG)
    await run(agent, capsys, "-Cv", "2", *names, waits=2)
    assert max(len(request.pdu.varbinds) for request in agent.requests) == 2


async def test_interfaces_have_a_table_with_a_line_of_its_own_for_the_sum(
    agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    agent.mib["1.3.6.1.2.1.2.2.1.2.1"] = OctetString("lo")
    agent.mib["1.3.6.1.2.1.2.2.1.2.2"] = OctetString("eth0")
    agent.mib["1.3.6.1.2.1.2.2.1.13.1"] = agent.mib["1.3.6.1.2.1.2.2.1.13.2"] = Counter32(0)
    del agent.mib[BIG]
    code, lines, _ = await run(agent, capsys, "--interfaces", "-CSm", waits=2)
    assert code == 0
    assert lines[0] == f"{where(agent)}  [20:15:44 6/14]  up 0:00:11.00  1.00 s"
    assert [line.split()[:3] for line in lines[3:]] == [
        ["lo", "-", "1.26k"],
        ["eth0", "-", "800"],
        ["Sum", "2.06k", "-"],
    ]


async def test_interfaces_as_json_are_one_object_for_each_sample(
    agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    _, lines, _ = await run(agent, capsys, "--interfaces", "--json", "-Cm", "1", waits=3)
    first, second = map(json.loads, lines)
    (row,) = first["interfaces"]
    assert (row["name"], row["in_bits"], row["out_bits"]) == ("1", 2400.0, None)
    assert (row["max_in_bits"], row["max_out_bits"]) == (2400.0, 0.0)
    assert second["seconds"] == 1.0


async def test_the_command_runs_in_real_time_and_ends_with_its_count(cli: Cli, agent: Agent) -> None:
    outcome = await cli("delta", "--period", "0.01", "--count", "2", where(agent), f"{COLUMN}.2")
    assert outcome == (0, f".{COLUMN}.2 /0.01 sec: 0\n" * 2, "")
    names = {varbind.oid for request in agent.requests for varbind in request.pdu.varbinds}
    assert names == {OID(UP_TIME), OID(f"{COLUMN}.2")}
