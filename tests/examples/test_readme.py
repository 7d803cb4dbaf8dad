"""README.md: every block of Python runs, and every module and name that it mentions can be imported."""

from __future__ import annotations

import asyncio
import importlib
import json
import re
import statistics
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, Manager, OctetString, TimeTicks
from snmptcp.fleet.files import load
from snmptcp.testing import Agent
from tests.support.certificates import certificates

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
MIB = {
    "1.3.6.1.2.1.1.1.0": "a switch",
    "1.3.6.1.2.1.1.3.0": TimeTicks(42),
    "1.3.6.1.2.1.1.5.0": "core",
    "1.3.6.1.2.1.2.2.1.2.1": "port 1",
    "1.3.6.1.2.1.2.2.1.10.1": 7,
}


@pytest.fixture
def agent() -> Iterator[Agent]:
    """Return an agent that listens in a thread of its own: the blocks block, or run loops of their own."""
    agent = Agent(MIB)
    ready, done = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with agent:
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(20)
        yield agent
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(20)
        loop.close()


def run(code: str, agent: Agent | None = None) -> dict[str, Any]:
    """Run a block, with the address of an agent in the place of the README's; return what it defines."""
    if agent is not None:
        code = code.replace('"192.0.2.1"', f'"{agent.host}", {agent.port}')
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    return names


def test_there_are_six_blocks() -> None:
    assert len(BLOCKS) == 6


def test_the_first_block_gets_walks_and_reads_a_table(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    run(BLOCKS[0], agent)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["a switch", "core 42"]
    assert lines[2:4] == ["1.3.6.1.2.1.2.2.1.2.1 port 1", "1.3.6.1.2.1.2.2.1.10.1 7"]
    assert lines[4:] == ["1 port 1 7"]


def test_the_block_about_snmpv3_makes_a_manager() -> None:
    assert isinstance(run(BLOCKS[1])["manager"], Manager)


def test_the_block_about_tls_makes_a_manager_for_port_10161(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = certificates()
    (tmp_path / "ca.pem").write_text(found.authority.pem, encoding="utf-8")
    (tmp_path / "manager.pem").write_text(found.client.pem, encoding="utf-8")
    (tmp_path / "manager.key").write_text(found.client.key_pem, encoding="utf-8")
    assert run(BLOCKS[2])["manager"].port == 10161


async def _notify(receive: Any, listeners: list[Any]) -> None:
    task = asyncio.create_task(receive())
    while not (listeners and listeners[0].port):
        await asyncio.sleep(0)
    async with Manager("127.0.0.1", listeners[0].port, credentials=Community("public")) as manager:
        await manager.inform("1.3.6.1.6.3.1.1.5.3", ("1.3.6.1.2.1.2.2.1.2.1", OctetString("port 1")))
    await listeners[0].aclose()
    await task


def test_the_block_about_notifications_prints_an_inform(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = run(BLOCKS[3].replace("port=1162", 'host="127.0.0.1", port=0'))
    listeners: list[Any] = []
    listener_class = names["NotificationListener"]

    def make(*arguments: Any, **options: Any) -> Any:
        listeners.append(listener_class(*arguments, **options))
        return listeners[0]

    names["NotificationListener"] = make
    asyncio.run(_notify(names["receive"], listeners))
    assert "1.3.6.1.6.3.1.1.5.3 (VarBind(" in capsys.readouterr().out


def test_the_block_about_blocking_calls_walks(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    run(BLOCKS[4], agent)
    assert capsys.readouterr().out.splitlines() == [
        "a switch",
        "1.3.6.1.2.1.2.2.1.2.1 port 1",
        "1.3.6.1.2.1.2.2.1.10.1 7",
    ]


def test_the_block_about_names_reads_a_table_and_writes(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    for column in (7, 8):
        agent.mib[f"1.3.6.1.2.1.2.2.1.{column}.1"] = 1
    run(BLOCKS[5], agent)
    assert capsys.readouterr().out.splitlines() == ["a switch", "port 1 up"]
    assert agent.mib.read("1.3.6.1.2.1.2.2.1.7.1") == 2


def test_every_module_and_name_of_the_table_of_modules_can_be_imported() -> None:
    table = PAGE.split("| module | contents |")[1].split("\n\n")[0]
    for row in table.splitlines()[2:]:
        first, contents = row.split("|")[1:3]
        modules = [importlib.import_module(name) for name in re.findall(r"`([\w.]+)`", first)]
        assert modules
        for name in re.findall(r"`(\w+)`", contents):
            assert any(hasattr(module, name) for module in modules), name


def test_every_file_that_the_readme_links_to_exists() -> None:
    for page in (PAGE, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        for target in re.findall(r"\]\(([\w./]+)\)", page):
            assert (ROOT / target).exists(), target


#: The contestants of the comparison, in the order of its columns.
CONTESTANTS = ("snmptcp", "gufo_snmp asyncio", "easysnmp", "pysnmp", "libsnmp in C, tcp")
WORKS = {
    "GET, one at a time": "get",
    "GET, 100 in flight": "many",
    "walk by default, each variable": "plain",
    "walk with max-repetitions 50, each variable": "walk",
    "GET of SNMPv3, authPriv": "get3",
}


def microseconds(measured: dict[str, Any], contestant: str, work: str) -> str:
    """Return what a run of the benchmarks has measured, as the page shows it; ``""`` for what cannot do the work."""
    figures = measured["contestants"][contestant]["works"].get(work)
    if figures is None:
        return ""
    value = 1e6 * statistics.median(cpu for cpu, _ in figures)
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


@pytest.mark.parametrize("row", WORKS)
def test_the_figures_of_the_comparison_are_those_of_the_benchmarks(row: str) -> None:
    measured = json.loads((ROOT / "docs" / "benchmarks" / "compare.json").read_text(encoding="utf-8"))
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| {row} |"))
    ours, *others = (cell.strip() for cell in line.split("|")[2:-1])
    assert others == [microseconds(measured, name, WORKS[row]) for name in CONTESTANTS[1:]]
    pure, compiled = (microseconds(measured, name, WORKS[row]) for name in ("snmptcp", "snmptcp, compiled"))
    assert ours in (pure, f"{pure} (compiled {compiled})")


def test_the_figures_of_names_are_those_of_the_page_about_performance() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("| a name of a MIB module |"))
    figures = [cell.strip() for cell in line.split("|")[2:-1] if cell.strip()]
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert len(figures) == 3
    assert all(f"{figure} us" in page for figure in figures)


def test_the_fleet_of_the_page_can_be_read(tmp_path: Path) -> None:
    document, jobs = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    path = tmp_path / "fleet.toml"
    path.write_text(jobs + document)
    (target,) = load(path).targets
    assert (target.host, [job.name for job in target.jobs]) == ("192.0.2.1", ["uptime", "interfaces"])
