"""The targets of a file, read again, and what changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import ConfigurationError
from snmptcp.cli.polling.source import FileSource, changes_text
from snmptcp.fleet import Changes
from tests.fleet.files.helpers import SMALL, loaded

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

ONE = f'{SMALL}[[targets]]\nhost = "a"\n'
TWO = f'{ONE}[[targets]]\nhost = "b"\n'


async def test_the_file_is_read_again_after_the_first_time(tmp_path: Path) -> None:
    source = FileSource(loaded(tmp_path, ONE), None)
    assert [target.name for target in await source()] == ["a"]
    loaded(tmp_path, TWO)
    assert [target.name for target in await source()] == ["a", "b"]
    assert len(source.file.targets) == 2
    assert source.needs_restart == []


@pytest.mark.parametrize("text", [f"{ONE}[[targets]]\nhost = 5", ONE.replace("1.3.6.1.2.1.1.3.0", "sysUpTime.0")])
async def test_a_file_with_mistakes_changes_nothing(text: str, tmp_path: Path) -> None:
    source = FileSource(loaded(tmp_path, ONE), None)
    await source()
    source.file.path.write_text(text)
    with pytest.raises(ConfigurationError):
        await source()
    assert [target.name for target in source.file.targets] == ["a"]


async def test_what_needs_a_restart_is_known(tmp_path: Path) -> None:
    source = FileSource(loaded(tmp_path, ONE), None)
    await source()
    loaded(tmp_path, f'{ONE}[[sinks]]\ntype = "ndjson"\npath = "x"\n[fleet]\nmax_polls = 5\n[mib]\nstandard = false')
    await source()
    assert source.needs_restart == ["fleet", "sinks", "mib"]


def test_changes_are_counted_and_named() -> None:
    assert changes_text(Changes((), (), ())) == "no target has changed"
    changes = Changes(("a", "b"), (), tuple(f"c{number}" for number in range(1234)))
    assert changes_text(changes) == "2 added (a, b), 1,234 changed (c0, c1, c2, c3, c4, ...)"
