"""docs/tutorial.md: its programs do what it says, on its own agent and on net-snmp's."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, Manager, NotificationListener, UsmUser
from snmptcp.cli.main import main
from snmptcp.testing import Agent
from tests.support.clock import until
from tests.support.pages import blocks
from tests.support.snmpd import Snmpd
from tests.support.threaded import ThreadedAgent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from snmptcp.values import Value

PAGE = "docs/tutorial.md"
FILES = {
    name: code
    for block in blocks(PAGE)
    if block.language == "python"
    for name, code in re.findall(r"\A# (\w+\.py)\n(.*)", block.code, re.DOTALL)
}
#: The commands that ask an agent, and what they print.
COMMANDS = [
    (command, output)
    for block in blocks(PAGE)
    if block.language == "console" and not block.reason
    for command, output in re.findall(r"^\$ snmptcp (.*)\n((?:[^$].*\n)*)", block.code, re.MULTILINE)
]


def load(name: str, agent: ThreadedAgent | None = None, **names: Any) -> dict[str, Any]:
    """Run a file of the page as a module, with an agent in the place of the page's; return what it defines."""
    code = FILES[name]
    if agent is not None:
        assert '"127.0.0.1", 1161' in code
        code = code.replace('"127.0.0.1", 1161', f'"{agent.host}", {agent.port}')
    scope: dict[str, Any] = {"__name__": name.removesuffix(".py"), **names}
    exec(compile(code, name, "exec"), scope)
    return scope


@pytest.fixture(autouse=True)
def names_of_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands use the names of MIB modules, as they do outside of tests."""
    monkeypatch.delenv("MIBS", raising=False)
    monkeypatch.setenv("SNMPCONFPATH", "/nonexistent")


@pytest.fixture
def agent() -> Iterator[ThreadedAgent]:
    with ThreadedAgent(load("agent.py")["VARIABLES"]) as found:
        yield found


def test_every_file_of_the_page_is_tested_here() -> None:
    assert set(FILES) == {
        *("agent.py", "ask.py", "careful.py", "poller.py", "traps.py", "watch.py", "v3.py", "device.py"),
    }
    assert len([block for block in blocks(PAGE) if block.language == "python"]) == len(FILES)


def test_the_agent_listens_and_its_counters_count(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = load("agent.py")
    agents: list[Agent] = []

    def make(variables: object, port: int) -> Agent:
        assert port == 1161
        agents.append(Agent(variables))  # type: ignore[arg-type]
        return agents[0]

    names["Agent"] = make

    async def ask() -> list[Value]:
        serving = asyncio.create_task(names["main"]())
        await until(lambda: bool(agents and agents[0].port))
        async with Manager(agents[0].host, agents[0].port, credentials=Community("public")) as manager:
            monkeypatch.setitem(names, "seconds", lambda: 2.0)
            counted = [await manager.get_value(f"1.3.6.1.2.1.31.1.1.1.6.{row}") for row in (1, 2)]
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return counted

    assert asyncio.run(ask()) == [500_000, 8_000]
    assert capsys.readouterr().out.startswith("an agent listens at 127.0.0.1:")


@pytest.mark.parametrize(("command", "output"), COMMANDS[:2])
def test_the_command_prints_what_the_page_shows(
    command: str, output: str, agent: ThreadedAgent, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command.replace("127.0.0.1:1161", f"{agent.host}:{agent.port}").split()) == 0
    assert capsys.readouterr().out == output


def test_the_first_program_reads_values_a_walk_and_a_table(
    agent: ThreadedAgent, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(load("ask.py", agent)["main"]())
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["name: core-1", "description: a switch that does not exist"]
    assert re.match(r"up for: 0:00:0\d", lines[2])
    assert [line.rpartition(" = ")[2] for line in lines[3:5]] == ["uplink", "office"]
    assert [re.sub(r"\d+$", "N", line) for line in lines[5:]] == ["row: 1 uplink N", "row: 2 office N"]


def test_the_careful_program_tells_a_wrong_community_a_missing_variable_and_no_agent(
    agent: ThreadedAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_of = load("careful.py", agent)["name_of"]
    assert asyncio.run(name_of(agent.host, agent.port, "public")) == "core-1"
    agent.call(agent.agent.mib.__delitem__, "1.3.6.1.2.1.1.5.0")
    assert asyncio.run(name_of(agent.host, agent.port, "public")).startswith("it has no such variable: ")
    monkeypatch.setitem(FILES, "hasty.py", FILES["careful.py"].replace("timeout=2", "timeout=0.2"))
    late = asyncio.run(load("hasty.py", agent)["name_of"](agent.host, agent.port, "wrong"))
    assert late.startswith("connected, but no answer")
    assert "no answer within 0.2 s" in late
    agent.thread.run(agent.agent.aclose())
    assert asyncio.run(name_of(agent.host, agent.port, "public")).startswith("no connection: cannot connect to ")


class Programs:
    """The poller and the receiver of traps, and what both have printed."""

    def __init__(self, agent: ThreadedAgent, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        monkeypatch.chdir(folder)
        monkeypatch.setitem(FILES, "poller.py", FILES["poller.py"].replace("interval=5", "interval=0.2"))
        monkeypatch.setitem(FILES, "poller.py", FILES["poller.py"].replace("first_within=1", "first_within=0.1"))
        monkeypatch.setitem(FILES, "traps.py", FILES["traps.py"].replace('"127.0.0.1", 1162', '"127.0.0.1", 0'))
        self.listeners: list[NotificationListener] = []
        start = NotificationListener.start

        async def noting(listener: NotificationListener) -> NotificationListener:
            self.listeners.append(await start(listener))
            return listener

        monkeypatch.setattr(NotificationListener, "start", noting)
        for name, names in {"poller": load("poller.py", agent), "traps": load("traps.py")}.items():
            module = type(sys)(name)
            vars(module).update(names)
            monkeypatch.setitem(sys.modules, name, module)
        self.watch = load("watch.py")["main"]


def test_the_whole_program_polls_rates_and_prints_a_trap(
    agent: ThreadedAgent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    programs = Programs(agent, monkeypatch, tmp_path)
    printed: list[str] = []

    async def watch() -> None:
        task = asyncio.create_task(programs.watch())
        await until(lambda: programs.listeners and programs.listeners[0].port)
        place = f"127.0.0.1:{programs.listeners[0].port}"
        [trap] = [command for command, _ in COMMANDS if command.startswith("trap")]
        words = [place if word == "127.0.0.1:1162" else word.replace("''", "") for word in trap.split()]
        assert await asyncio.to_thread(main, words) == 0
        async with asyncio.timeout(30):
            while not any("octets/s" in line for line in printed) or "IF-MIB::linkDown" not in " ".join(printed):
                printed.extend(capsys.readouterr().out.splitlines())
                await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(watch())
    assert (tmp_path / "poller.db").exists()
    assert "127.0.0.1: IF-MIB::linkDown" in printed
    assert "  IF-MIB::ifOperStatus.2 = INTEGER: down(2)" in printed
    assert any(re.match(r"core-1 ifHCInOctets\.1: 2\d\d,\d\d\d octets/s", line) for line in printed)


def test_a_device_is_asked_with_passwords_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNMP_AUTH", "authentic!")
    monkeypatch.setenv("SNMP_PRIV", "privately!")
    target = load("device.py")["target"]("192.0.2.1")
    assert (target.host, target.credentials) == ("192.0.2.1", load("v3.py")["USER"])
    assert isinstance(target.credentials, UsmUser)


# ------------------------------------------------------------------------------------------ net-snmp


class ConfiguredSnmpd(Snmpd):
    """An snmpd that listens where its configuration says."""

    def _addresses(self) -> list[str]:
        return []


@pytest.mark.interop
def test_snmpd_with_the_lines_of_the_page_answers_over_tcp(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [block.code for block in blocks(PAGE) if block.language == "text"]
    assert lines[0] == "agentAddress udp:161,tcp:161\n"
    snmpd = ConfiguredSnmpd(tmp_path)
    place = f"127.0.0.1:{snmpd.port}"
    with (tmp_path / "snmpd.conf").open("a") as file:
        file.write("".join(lines).replace(":161", f":{place}") + "sysName core-2\n")
    snmpd.start()
    try:
        assert asyncio.run(load("v3.py")["name_of"]("127.0.0.1", snmpd.port)) == "core-2"
        [words] = [
            words
            for block in blocks(PAGE)
            for words in re.findall(r"^\$ snmptcp (get -v3.*)$", block.code, re.MULTILINE)
        ]
        command = [place if word == "127.0.0.1" else word.strip("'") for word in words.split()]
        assert main(command) == 0
        assert capsys.readouterr().out == "SNMPv2-MIB::sysName.0 = STRING: core-2\n"
    finally:
        snmpd.stop()
