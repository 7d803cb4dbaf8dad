"""The programs on pages that have no tests elsewhere, run against the embedded agent.

The pages: docs/index.md, docs/embedding.md, docs/exporter.md, docs/fleets.md (its beginning), docs/ipworks.md,
docs/sans-io.md, docs/web.md and examples/README.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from snmptcp import Community, Counter64, Manager, TimeTicks
from snmptcp.errors import ConnectFailed
from snmptcp.fleet import Fleet
from snmptcp.manager import Connection
from snmptcp.testing import Agent
from tests.support.clock import until
from tests.support.pages import blocks
from tests.support.threaded import ThreadedAgent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

DESCR, UPTIME, NAME = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0"
IF = "1.3.6.1.2.1.2.2.1"
VARIABLES = {
    DESCR: "a switch",
    UPTIME: TimeTicks(4711),
    NAME: "sw1",
    f"{IF}.2.1": "port 1",
    f"{IF}.10.1": 7,
    "1.3.6.1.2.1.31.1.1.1.6.1": Counter64(70),
    "1.3.6.1.2.1.31.1.1.1.10.1": Counter64(80),
}

SNMP_YML = f"""
auths:
  public_v2: {{community: public, version: 2}}
modules:
  if_mib:
    walk: [{IF}.10]
    metrics:
      - {{name: ifInOctets, oid: {IF}.10, type: counter, indexes: [{{labelname: ifIndex, type: gauge}}]}}
"""


@pytest.fixture(scope="module")
def agent() -> Iterator[ThreadedAgent]:
    with ThreadedAgent(VARIABLES) as found:
        yield found


def program(page: str, position: int, **changes: str) -> str:
    """Return a block of Python of a page, with changes: each text for the one that a key stands for."""
    code = [block.code for block in blocks(page) if block.language == "python" and not block.reason][position]
    for old, new in changes.items():
        assert CHANGED[old] in code, f"{page}: there is no {CHANGED[old]}"
        code = code.replace(CHANGED[old], new)
    return code


#: What is changed in programs.
CHANGED = {
    "place": '"192.0.2.1", 161',
    "host": '"192.0.2.1"',
    "remote_host": 'mgr.remote_host = "192.0.2.1"',
    "hosts": '["192.0.2.1", "192.0.2.2"]',
    "more_hosts": '("192.0.2.1", "192.0.2.2")',
    "target": "Target(host, ",
    "options": "Fleet(targets, ",
    "port": "port=1161",
    "scraped": "tcp://192.0.2.1",
}


def run(code: str, name: str = "__main__") -> dict[str, Any]:
    """Run a program, and return what it defines."""
    names: dict[str, Any] = {"__name__": name}
    exec(compile(code, "<page>", "exec"), names)
    return names


@contextlib.asynccontextmanager
async def started(main: Callable[[], Any]) -> AsyncIterator[asyncio.Task[None]]:
    """Run a program that does not end by itself."""
    task = asyncio.ensure_future(main())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def test_the_first_page_reads_a_description_and_a_table(
    agent: ThreadedAgent, capsys: pytest.CaptureFixture[str]
) -> None:
    run(program("docs/index.md", 0, host=f'"{agent.host}", {agent.port}'))
    assert capsys.readouterr().out.splitlines() == ["a switch", "1 port 1 7"]


# ---------------------------------------------------------------------------------- docs/embedding.md


def test_the_minimal_service_gets_walks_and_answers_errors(agent: ThreadedAgent) -> None:
    names = run(program("docs/embedding.md", 0), "page")

    async def ask() -> None:
        async with TestServer(names["create_app"](agent.host, agent.port)) as server, ClientSession() as client:
            async with client.get(server.make_url(f"/get?oid={NAME}")) as answer:
                assert await answer.json() == {NAME: "sw1"}
            async with client.get(server.make_url(f"/walk/{IF}")) as answer:
                assert (await answer.text()).splitlines() == [f"{IF}.2.1 = port 1", f"{IF}.10.1 = 7"]
            async with client.get(server.make_url("/get?oid=nothing")) as answer:
                assert (answer.status, (await answer.json())["error"]) == (502, "ConfigurationError")

    asyncio.run(ask())


def test_the_manager_with_all_options_reads_and_its_hooks_work(agent: ThreadedAgent) -> None:
    names = run(program("docs/embedding.md", 1))
    observer = names["FailedRequests"]()

    async def ask() -> None:
        async with names["create_manager"](agent.host, agent.port, observer) as manager:
            assert await manager.get_value(NAME) == b"sw1"
            with pytest.raises(TypeError):
                await manager.get_value(NAME, timeout="soon")

    asyncio.run(ask())
    assert observer.failed == []

    class Elsewhere(Connection):
        addresses = (("192.0.2.7", 4000), ("8.8.8.8", 161))

        def __init__(self) -> None: ...

    with pytest.raises(ConnectFailed, match=r"8\.8\.8\.8 is not a private address"):
        asyncio.run(names["only_private"](Elsewhere()))


# ----------------------------------------------------------------------------------- docs/exporter.md


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SNMPTCP_EXPORTER_CACHE", "")
    (tmp_path / "snmp.yml").write_text(SNMP_YML)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_the_exporter_of_the_page_is_an_application(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[object, dict[str, Any]]] = []
    monkeypatch.setattr(web, "run_app", lambda application, **options: served.append((application, options)))
    run(program("docs/exporter.md", 0))
    [(application, options)] = served
    assert isinstance(application, web.Application)
    assert options["port"] == 9116


@pytest.mark.usefixtures("folder")
def test_a_scrape_without_http(agent: ThreadedAgent) -> None:
    names = run(program("docs/exporter.md", 1, scraped=f"tcp://{agent.host}:{agent.port}"))
    assert 'ifInOctets{ifIndex="1"} 7' in str(asyncio.run(names["scrape"]()))


# ------------------------------------------------------------------------------------- docs/fleets.md


@pytest.mark.usefixtures("folder")
def test_the_first_fleet_prints_samples_and_rates(
    agent: ThreadedAgent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = program(
        "docs/fleets.md",
        0,
        hosts=f'["{agent.host}"]',
        target=f"Target(host, {agent.port}, ",
        options="Fleet(targets, first_within=0.1, ",
    )
    monkeypatch.setattr(asyncio, "run", lambda main: main.close())
    names = run(re.sub(r"interval=\d+", "interval=0.2", code))
    monkeypatch.setattr(asyncio, "run", asyncio.runners.run)
    printed: list[str] = []

    async def watch() -> None:
        async with started(names["main"]):
            async with asyncio.timeout(20):
                while not any(re.search(r"ifHCInOctets\.1 70 \d", line) for line in printed):
                    await asyncio.sleep(0.01)
                    printed.extend(capsys.readouterr().out.splitlines())

    asyncio.run(watch())
    assert any("sysName.0 sw1 None" in line for line in printed)


def test_a_fleet_of_a_file(folder: Path) -> None:
    (folder / "fleet.toml").write_text(
        '[credentials.ops]\ncommunity = "public"\n[jobs.uptime]\nget = ["sysUpTime.0"]\ninterval = 30\n'
        '[[targets]]\nhost = "192.0.2.1"\ncredentials = "ops"\n'
    )
    fleet = run(program("docs/fleets.md", 1))["fleet"]
    assert isinstance(fleet, Fleet)


# ---------------------------------------------------------------- docs/ipworks.md, examples/README.md


def test_the_programs_of_the_synchronous_class(agent: ThreadedAgent, capsys: pytest.CaptureFixture[str]) -> None:
    place = f'mgr.remote_host = "{agent.host}"\nmgr.remote_port = {agent.port}'
    assert "SNMPTCPMgr" in run(program("docs/ipworks.md", 0))
    run(program("docs/ipworks.md", 1, remote_host=place))
    assert capsys.readouterr().out == "It is a switch\n"
    assert "SNMPTCPMgr" in run(program("docs/ipworks.md", 2))


def test_the_agent_of_the_examples_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    agents: list[Agent] = []
    start = Agent.start

    async def noting(self: Agent) -> Agent:
        agents.append(await start(self))
        return agents[-1]

    monkeypatch.setattr(Agent, "start", noting)
    monkeypatch.setattr(asyncio, "run", lambda main: main.close())
    names = run(program("examples/README.md", 0, port="port=0"))
    monkeypatch.setattr(asyncio, "run", asyncio.runners.run)

    async def ask() -> None:
        async with started(names["main"]):
            await until(lambda: bool(agents))
            async with Manager(agents[0].host, agents[0].port, credentials=Community("public")) as manager:
                assert await manager.get_value(DESCR) == b"a switch"

    asyncio.run(ask())


# ------------------------------------------------------------------------------------ docs/sans-io.md


def test_a_session_on_a_blocking_socket(agent: ThreadedAgent, capsys: pytest.CaptureFixture[str]) -> None:
    names = run(program("docs/sans-io.md", 0, place=f'"{agent.host}", {agent.port}'))
    assert capsys.readouterr().out.splitlines() == [f"{DESCR} a switch", f"{NAME} sw1"]
    with pytest.raises(TimeoutError, match=r"no answer within 0\.2 s"):
        names["get"](agent.host, agent.port, Community("wrong"), NAME, timeout=0.2)


def test_a_session_on_another_event_loop(agent: ThreadedAgent, capsys: pytest.CaptureFixture[str]) -> None:
    run(program("docs/sans-io.md", 1, place=f'"{agent.host}", {agent.port}'))
    assert [re.search(r"a switch|sw1", line) is not None for line in capsys.readouterr().out.splitlines()] == [
        True,
        True,
    ]


def test_a_session_without_a_transport() -> None:
    names = run(program("docs/sans-io.md", 2))
    assert names["answered"].varbinds
    assert names["session"].pending == 0


# ---------------------------------------------------------------------------------------- docs/web.md


def test_the_live_page_in_a_program(agent: ThreadedAgent) -> None:
    changes = {"more_hosts": f'("{agent.host}",)', "target": f"Target(host, {agent.port}, "}
    names = run(program("docs/web.md", 0, **changes), "page")

    async def ask() -> None:
        async with (
            TestServer(names["application"]) as server,
            ClientSession() as client,
            client.get(server.make_url("/snmp/")) as answer,
        ):
            assert (answer.status, answer.content_type) == (200, "text/html")

    asyncio.run(ask())
