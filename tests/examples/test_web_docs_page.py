"""docs/web.md: its program works, and its tables name all options and paths."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from snmptcp.testing import Agent
from snmptcp.web import Options, app
from tests.web.making import device, fleet_of, target_of

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "web.md").read_text(encoding="utf-8")


async def test_the_program_shows_its_targets() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(code, "web.md", "exec"), names)
    async with Agent(device()) as agent, TestClient(TestServer(names["application"])) as client:
        names["fleet"].add(target_of(agent))
        while True:
            async with client.get("/snmp/api/agents") as response:
                agents = (await response.json())["agents"]
            if len(agents) == 3:
                break
        assert {each["name"] for each in agents} == {"192.0.2.1", "192.0.2.2", "sw1"}


def test_the_table_of_options_is_complete_and_tells_the_defaults() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| ([^|]*) \|$", PAGE, re.MULTILINE))
    assert list(told) == [each.name for each in fields(Options)]
    for each in fields(Options):
        if isinstance(each.default, int | float):
            assert float(re.split(r"[ :]", told[each.name])[0]) == each.default, each.name


def test_the_table_of_paths_is_complete() -> None:
    told = set(re.findall(r"^\| `(api/\w+)", PAGE, re.MULTILINE))
    resources = [resource.canonical for resource in app(fleet_of()).router.resources()]
    assert told == {path.removeprefix("/") for path in resources if "/api/" in path}


async def test_the_keys_of_summaries_and_interfaces_are_told() -> None:
    from snmptcp.web.board import ShownAgent
    from snmptcp.web.history import History
    from snmptcp.web.interfaces import Interface
    from tests.web.making import TARGET

    told = set(re.findall(r"`(\w+)`", PAGE))
    keys = {*ShownAgent(TARGET, Options()).summary(), *Interface("1", History(2)).as_json()}
    assert keys - told == set()


def test_the_pictures_are_there() -> None:
    assert [name for name in re.findall(r"\]\((images/[^)]+)\)", PAGE) if not (ROOT / "docs" / name).is_file()] == []
