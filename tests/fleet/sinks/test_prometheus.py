"""The Prometheus sink: when its file is replaced, and what happens when it cannot be."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Counter64
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.sinks import PrometheusSink
from tests.support.files import content, overwrite
from tests.support.polls import NOON, make_poll

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


class Clock:
    """The time of day, and the time that passes, as a test sets them."""

    def __init__(self, sink: PrometheusSink) -> None:
        self.passed = 0.0
        sink._now = lambda: NOON + self.passed
        sink._monotonic = lambda: self.passed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "textfiles"
    folder.mkdir()
    return folder / "snmp.prom"


def value_in(path: Path) -> str:
    """Return the value of the only sample in a file."""
    (line,) = [line for line in content(path).splitlines() if line.startswith("ifHCInOctets")]
    return line.split()[-1]


async def test_the_file_is_replaced_as_a_whole_and_not_too_often(path: Path) -> None:
    sink = PrometheusSink(path, interval=10)
    clock = Clock(sink)
    await sink.open()
    await sink.write([make_poll(Counter64(1))])
    with path.open() as reader:
        clock.passed = 5.0
        await sink.write([make_poll(Counter64(2))])
        assert value_in(path) == "1"
        clock.passed = 10.0
        sink.tick_now()
        assert value_in(path) == "2"
        assert 'site="Lyon"} 1\n' in reader.read()
    await sink.write([make_poll(Counter64(3))])
    assert value_in(path) == "2"
    await sink.aclose()
    assert value_in(path) == "3"
    assert [each.name for each in path.parent.iterdir()] == ["snmp.prom"]


async def test_a_file_without_changes_is_left_alone_until_values_become_stale(path: Path) -> None:
    sink = PrometheusSink(path, interval=10, stale_after=60)
    clock = Clock(sink)
    await sink.open()
    await sink.write([make_poll(Counter64(1), at=NOON - 1), make_poll(Counter64(1))])
    overwrite(path, "seen\n")
    clock.passed = 60.0
    sink.tick_now()
    assert content(path) == "seen\n"
    clock.passed = 61.0
    sink.tick_now()
    assert content(path) == ""
    await sink.aclose()


async def test_what_an_earlier_run_has_left_stays_until_there_is_something_new(path: Path) -> None:
    overwrite(path, "old\n")
    sink = PrometheusSink(path)
    Clock(sink)
    await sink.open()
    assert content(path) == "old\n"
    await sink.write([make_poll(Counter64(1))])
    assert value_in(path) == "1"
    await sink.aclose()


async def test_a_program_serves_the_text_itself() -> None:
    sink = PrometheusSink(stale_after=60)
    clock = Clock(sink)
    await sink.open()
    await sink.write([make_poll(Counter64(1), at=NOON - 1), make_poll(Counter64(1))])
    assert 'ifHCInOctets{target="switch-1",index="1",site="Lyon"} 1\n' in sink.text()
    clock.passed = 61.0
    assert sink.text() == ""
    await sink.aclose()


async def test_a_folder_that_is_gone_is_told_again_and_again_until_it_is_back(path: Path) -> None:
    sink = PrometheusSink(path)
    clock = Clock(sink)
    await sink.open()
    shutil.rmtree(path.parent)
    for _ in range(2):
        with pytest.raises(FileNotFoundError, match=f"metrics cannot be written to {path}: No such file or directory$"):
            await sink.write([make_poll(Counter64(1))])
    sink.tick_now()  # too early
    clock.passed = 10.0
    with pytest.raises(FileNotFoundError):
        sink.tick_now()
    path.parent.mkdir()
    await sink.write([make_poll(Counter64(1))])
    assert value_in(path) == "1"
    await sink.aclose()


async def test_a_file_that_cannot_be_written_is_told_at_the_start(path: Path) -> None:
    sink = PrometheusSink(path / "nowhere.prom")
    with pytest.raises(FileNotFoundError, match=f"metrics cannot be written to {path}/nowhere.prom"):
        await sink.open()
    await sink.aclose()


@pytest.mark.parametrize("options", [{"interval": 0}, {"stale_after": float("inf")}])
def test_arguments_out_of_range_are_refused(options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(ConfigurationError, match=f"^{name} is a number of seconds above 0, not {options[name]}$"):
        PrometheusSink("a.prom", **options)
