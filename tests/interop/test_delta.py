"""``snmptcp delta``, compared with net-snmp's snmpdelta on an agent whose counters grow with each reading."""

from __future__ import annotations

import re
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.commands.delta import DeltaCommand, watch
from snmptcp.testing import Computed
from snmptcp.values import Counter32, TimeTicks
from tests.cli.helpers import parsed
from tests.support.netsnmp import environment, require_program
from tests.support.threaded import ThreadedAgent
from tests.support.watching import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.interop, pytest.mark.anyio]

UP_TIME = "1.3.6.1.2.1.1.3.0"
IN, OUT = "1.3.6.1.2.1.2.2.1.10.3", "1.3.6.1.2.1.2.2.1.16.3"

#: What a reading finds: the second counter runs over its largest value.
READINGS: dict[str, tuple[type[Counter32 | TimeTicks], list[int]]] = {
    UP_TIME: (TimeTicks, [1000, 1100, 1300, 1350]),
    IN: (Counter32, [100, 258, 300, 1000]),
    OUT: (Counter32, [2**32 - 10, 2**32 - 1, 5, 5]),
}
REPORTS = 3

#: The letters, and how many lines they make of three reports.
LETTERS = {"": 6, "s": 6, "sS": 9, "mS": 9, "t": 6, "tmS": 9, "tT": 4, "tTsm": 4}


def scripted() -> dict[str, Computed]:
    """Return variables with one value after the other, and then the last one again and again."""

    def played(kind: type[Counter32 | TimeTicks], numbers: list[int]) -> Computed:
        following = iter(numbers)
        return Computed(lambda: kind(next(following, numbers[-1])))

    return {name: played(kind, numbers) for name, (kind, numbers) in READINGS.items()}


@pytest.fixture(scope="module")
def agent() -> Iterator[ThreadedAgent]:
    """An agent with a device for each tool and its letters."""
    with ThreadedAgent(
        communities={f"{who}{letters}": scripted() for who in ("o", "t") for letters in LETTERS}
    ) as agent:
        yield agent


@pytest.fixture(scope="module")
def their_lines(agent: ThreadedAgent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], list[str]]]:
    """What snmpdelta prints; it reads once a second, so all letters are watched at once."""
    folder: Path = tmp_path_factory.mktemp("snmpdelta")
    (folder / "cert_indexes").mkdir()
    buffered = (require_program("stdbuf", "coreutils"), "-oL")
    processes = {
        letters: subprocess.Popen(
            [
                *(*buffered, require_program("snmpdelta", "snmp"), "-v2c", "-t20", "-On", "-c", f"t{letters}"),
                *((f"-C{letters}",) if letters else ()),
                *(f"tcp:{agent.host}:{agent.port}", f".{IN}", f".{OUT}"),
            ],
            env=environment(folder),
            stdout=subprocess.PIPE,
            text=True,
        )
        for letters in LETTERS
    }

    def read(letters: str) -> list[str]:
        stream = processes[letters].stdout
        assert stream is not None
        return [stream.readline().removesuffix("\n") for _ in range(LETTERS[letters])]

    yield read
    for process in processes.values():
        process.send_signal(signal.SIGINT)
        process.communicate()


def without_time(lines: list[str]) -> list[str]:
    """Return lines without the time of day, and without the name of the agent and of the sum in a table."""
    untimed = [re.sub(r"\[\d\d:\d\d:\d\d \d+/\d+\]", "[now]", line) for line in lines]
    return [re.sub(r"^(?:tcp:)?127\.0\.0\.1(?::\d+)?\t", "here\t", line) for line in untimed]


@pytest.mark.parametrize("letters", LETTERS)
async def test_delta_prints_what_snmpdelta_prints(
    agent: ThreadedAgent, their_lines: Callable[[str], list[str]], capsys: pytest.CaptureFixture[str], letters: str
) -> None:
    options = (f"-C{letters}",) if letters else ()
    words = ("delta", "-v2c", "-On", "-c", f"o{letters}", *options, f"{agent.host}:{agent.port}", IN, OUT)
    assert await watch(parsed(DeltaCommand, *words), FakeClock(REPORTS + 1, lambda _: None)) == 0
    ours = capsys.readouterr().out.splitlines()
    assert without_time(ours) == without_time(their_lines(letters))
