"""When commands on a terminal show progress, and that it never disturbs the output."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from snmptcp import Integer32, OctetString
from snmptcp.testing import Agent, FailWith
from tests.cli.helpers import where
from tests.support.terminal import TERMINAL, run_on_terminal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

ENTRY = "1.3.6.1.2.1.2.2.1"
VARIABLES = {f"{ENTRY}.1.{row}": Integer32(row) for row in range(1, 4)}
VARIABLES_LINES = [f".{ENTRY}.1.{row} = INTEGER: {row}" for row in range(1, 4)]
TABLE_LINES = ["index  1", "    1  1", "    2  2", "    3  3"]

#: The command without the patience of a second; with or without rich, whether it is installed or not.
IMPATIENT = "import sys; from snmptcp.cli import main, progress; progress.PATIENCE = progress.INTERVAL = 0"
RUN = "sys.exit(main.main())"
PLAIN = (sys.executable, "-c", f"{IMPATIENT}; sys.modules['rich.console'] = None; {RUN}")
RICH = (sys.executable, "-c", f"{IMPATIENT}; {RUN}")


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(VARIABLES) as agent:
        yield agent


@pytest.mark.parametrize("program", [PLAIN, RICH], ids=["a line", "rich"])
async def test_a_walk_into_a_file_shows_its_progress_and_takes_it_away(
    agent: Agent, tmp_path: Path, program: tuple[str, ...]
) -> None:
    with (tmp_path / "out").open("w") as file:
        finished = await run_on_terminal([*program, "walk", where(agent), ENTRY], stdout=file)
    assert (tmp_path / "out").read_text().splitlines() == VARIABLES_LINES
    assert "3 variables, " in finished.written
    assert "per second" in finished.written
    assert (finished.code, finished.screen) == (0, [])


@pytest.mark.parametrize("words", [["walk"], ["walk", "--json"], ["table", "--json"]], ids=" ".join)
async def test_nothing_is_mixed_into_output_on_the_terminal(agent: Agent, words: list[str]) -> None:
    finished = await run_on_terminal([*PLAIN, *words, where(agent), ENTRY[:-2]], stdout=TERMINAL)
    assert len(finished.screen) == 3
    assert "per second" not in finished.written


@pytest.mark.parametrize("program", [PLAIN, RICH], ids=["a line", "rich"])
async def test_the_rows_of_a_table_come_when_its_progress_has_gone(agent: Agent, program: tuple[str, ...]) -> None:
    finished = await run_on_terminal([*program, "table", where(agent), ENTRY[:-2]], stdout=TERMINAL)
    assert "3 rows, " in finished.written
    assert finished.screen == TABLE_LINES


@pytest.mark.parametrize("program", [PLAIN, RICH], ids=["a line", "rich"])
async def test_an_error_has_a_line_of_its_own_after_progress(
    agent: Agent, tmp_path: Path, program: tuple[str, ...]
) -> None:
    agent.inject(FailWith(16), times=None, when=lambda request: str(request.pdu.varbinds[0].oid) == f"{ENTRY}.1.2")
    with (tmp_path / "out").open("w") as file:
        finished = await run_on_terminal([*program, "walk", "-Cr2", where(agent), ENTRY], stdout=file, columns=200)
    assert "2 variables, " in finished.written
    assert finished.code == 1
    (line,) = finished.screen
    assert line.startswith("snmptcp: ")
    assert "authorizationError (16)" in line


@pytest.mark.parametrize("option", ["-d", "--debug"])
@pytest.mark.parametrize("program", [PLAIN, RICH], ids=["a line", "rich"])
async def test_other_lines_on_stderr_take_the_place_of_progress(
    agent: Agent, tmp_path: Path, program: tuple[str, ...], option: str
) -> None:
    words = ["walk", option, "-Cr1", where(agent), ENTRY]
    with (tmp_path / "out").open("w") as file:
        finished = await run_on_terminal([*program, *words], stdout=file, columns=200)
    assert "1 variables, " in finished.written
    assert "3 variables, " in finished.written
    assert not [line for line in finished.screen if "per second" in line]


@pytest.mark.parametrize(
    ("words", "environment"),
    [(["--no-progress"], {}), ([], {"TERM": "dumb"})],
    ids=["the option", "a terminal that cannot"],
)
@pytest.mark.parametrize("command", ["walk", "table"])
async def test_no_progress_is_shown_where_it_is_not_wanted_or_cannot_be(
    agent: Agent, command: str, words: list[str], environment: dict[str, str]
) -> None:
    finished = await run_on_terminal([*PLAIN, command, *words, where(agent), ENTRY[:-2]], environment=environment)
    assert finished.out
    assert finished.written == ""


@pytest.mark.parametrize(
    ("reader", "shown"),
    [("cat > {file}", True), ("cat | cat > {file}", True), ("cat", False), ("cat | cat", False), ("tee {file}", False)],
)
async def test_progress_is_shown_beside_a_pipeline_unless_that_writes_to_the_terminal(
    agent: Agent, tmp_path: Path, reader: str, shown: bool
) -> None:
    walk = shlex.join([*PLAIN, "walk", where(agent), ENTRY])
    file = tmp_path / "out"
    finished = await run_on_terminal(["sh", "-c", f"{walk} | {reader.format(file=file)}; :"], stdout=TERMINAL)
    assert ("per second" in finished.written) == shown
    assert finished.screen == ([] if shown else VARIABLES_LINES)


async def test_a_recording_on_the_terminal_has_no_progress_between_its_lines(agent: Agent) -> None:
    agent.mib[f"{ENTRY}.2.1"] = OctetString("lo")
    finished = await run_on_terminal([*PLAIN, "walk", "--record", "/dev/stdout", where(agent)], stdout=TERMINAL)
    assert finished.screen[:2] == [f"{ENTRY}.1.1|2|1", f"{ENTRY}.1.2|2|2"]
    assert "per second" not in finished.written


async def test_a_line_of_progress_is_shortened_to_the_terminal(agent: Agent, tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as file:
        finished = await run_on_terminal([*PLAIN, "walk", where(agent), ENTRY], stdout=file, columns=20)
    assert max(map(len, finished.written.split("\r"))) == 19
    assert finished.screen == []


async def test_a_table_fits_the_terminal_that_shows_it(anyio_backend: object) -> None:
    cells = {f"{ENTRY}.{column}.{row}": OctetString("x" * 10 * column) for column in range(1, 8) for row in (1, 2)}
    async with Agent(cells) as agent:
        finished = await run_on_terminal([*PLAIN, "table", where(agent), ENTRY[:-2]], stdout=TERMINAL, columns=50)
        whole = await run_on_terminal([*PLAIN, "table", where(agent), ENTRY[:-2]])
    assert max(map(len, finished.screen)) <= 50
    assert [line.split() for line in finished.screen if "index" in line] == [
        ["index", "1", "2"],
        ["index", "3"],
        ["index", "4"],
        ["index", "5"],
        ["index", "6"],
        ["index", "7"],
    ]
    assert "x" * 70 in whole.out
    assert len(whole.out.splitlines()) == 3
