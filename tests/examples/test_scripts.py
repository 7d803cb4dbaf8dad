"""The examples, each run as a program against the embedded agent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

import snmptcp
from snmptcp import OID, RequestTimeout
from snmptcp.errors import ConnectFailed
from snmptcp.testing import Agent, Drop, FailWith, Hold
from tests.mib.acme import ACME
from tests.support.clock import skip

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

DESCR = "1.3.6.1.2.1.1.1.0"
UPTIME = "1.3.6.1.2.1.1.3.0"
NAME = "1.3.6.1.2.1.1.5.0"
LOCATION = "1.3.6.1.2.1.1.6.0"
TABLE = "1.3.6.1.2.1.2.2"

VARIABLES = {
    DESCR: "a switch",
    UPTIME: snmptcp.TimeTicks(4711),
    NAME: "switch-1",
    LOCATION: "a cupboard",
    f"{TABLE}.1.1.1": 1,
    f"{TABLE}.1.1.2": 2,
    f"{TABLE}.1.2.1": "lo",
    f"{TABLE}.1.2.2": "eth0",
    f"{TABLE}.1.6.2": bytes.fromhex("02fc00000001"),
}


@pytest.fixture
async def agent() -> AsyncIterator[Agent]:
    async with Agent(VARIABLES) as found:
        yield found


class Outcome(NamedTuple):
    status: int | None
    output: list[str]
    errors: str


async def start(*arguments: str, **environment: str) -> Process:
    """Start Python with warnings as errors."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "error",
        *arguments,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run(script: str, *arguments: str, **environment: str) -> Outcome:
    process = await start(str(EXAMPLES / script), *arguments, **environment)
    output, errors = await process.communicate()
    return Outcome(process.returncode, output.decode().splitlines(), errors.decode())


async def run_for(agent: Agent, script: str, *arguments: str) -> Outcome:
    return await run(script, "--host", agent.host, "--port", str(agent.port), *arguments)


async def free_port() -> int:
    """Return a port on which no program listens."""
    async with Agent() as agent:
        return agent.port


# ------------------------------------------------------------------------------------------- scripts


def test_every_script_has_its_test_here() -> None:
    scripts = {path.name for path in EXAMPLES.glob("*.py")}
    tested = Path(__file__).read_text(encoding="utf-8")
    assert scripts
    assert all(f'"{script}"' in tested for script in scripts)


#: Scripts without --help, or with libraries that tests do without; tests/examples/test_fleet_sinks.py runs the latter.
NOT_ALONE = {"embedded_agent.py", "fleet_kafka.py", "fleet_timescaledb.py"}


@pytest.mark.parametrize("script", sorted({path.name for path in EXAMPLES.glob("*.py")} - NOT_ALONE))
async def test_a_script_explains_itself(script: str) -> None:
    outcome = await run(script, "--help")
    assert outcome.status == 0
    assert outcome.output[0].startswith(f"usage: {script}")
    assert outcome.errors == ""


async def test_get_prints_variables(agent: Agent) -> None:
    assert await run_for(agent, "get.py") == (
        0,
        [f"{DESCR} = OctetString: a switch", f"{UPTIME} = TimeTicks: 4711"],
        "",
    )
    assert (await run_for(agent, "get.py", NAME, "1.3.6")).output == [
        f"{NAME} = OctetString: switch-1",
        "1.3.6 = NoSuchInstance: noSuchInstance",
    ]


@pytest.mark.parametrize("script", ["get.py", "walk.py", "table.py", "names.py"])
async def test_a_script_says_why_it_failed(script: str) -> None:
    port = str(await free_port())
    assert await run(script, "--port", port) == (
        1,
        [],
        f"ConnectFailed: cannot connect to 127.0.0.1:{port}: Connection refused\n",
    )


async def test_walk_prints_a_subtree(agent: Agent) -> None:
    assert await run_for(agent, "walk.py") == (
        0,
        [f"{DESCR} = a switch", f"{UPTIME} = 4711", f"{NAME} = switch-1", f"{LOCATION} = a cupboard"],
        "4 variables\n",
    )
    assert await run_for(agent, "walk.py", "--limit", "1", TABLE) == (0, [f"{TABLE}.1.1.1 = 1"], "1 variables\n")


async def test_table_prints_rows(agent: Agent) -> None:
    assert await run_for(agent, "table.py", TABLE, "2", "6") == (
        0,
        ["1\tlo\t", "2\teth0\t0x02fc00000001"],
        "",
    )
    assert (await run_for(agent, "table.py")).output == ["1\t1=1\t2=lo", "2\t1=2\t2=eth0\t6=0x02fc00000001"]


async def test_names_are_shown_and_written(agent: Agent, tmp_path: Path) -> None:
    assert await run_for(agent, "names.py") == (
        0,
        ["ifIndex=1  ifDescr=lo", "ifIndex=2  ifDescr=eth0  ifPhysAddress=2:fc:0:0:0:1"],
        "",
    )
    assert (await run_for(agent, "names.py", "ifDescr")).output == [
        "IF-MIB::ifDescr.1 = STRING: lo",
        "IF-MIB::ifDescr.2 = STRING: eth0",
    ]
    written = await run_for(agent, "names.py", "--community", "private", "sysLocation.0", "room 4")
    assert written == (0, ["SNMPv2-MIB::sysLocation.0 = STRING: room 4"], "")
    assert agent.mib.read(LOCATION) == snmptcp.OctetString("room 4")


async def test_a_module_of_a_folder_is_known_and_its_value_is_checked(agent: Agent, tmp_path: Path) -> None:
    (tmp_path / "acme").write_text(ACME)
    where = ("--mibs", str(tmp_path))
    assert (await run_for(agent, "names.py", *where, "acmeState")).output == []
    outcome = await run_for(agent, "names.py", *where, "acmeState.0", "fast")
    assert (outcome.status, outcome.output) == (1, [])
    assert outcome.errors.endswith(": acmeState is one of off(0), slow-start(1), on(2), not 'fast'\n")
    agent.mib[OID("1.3.6.1.4.1.9999.1.1.0")] = snmptcp.Integer32(1)
    written = await run_for(agent, "names.py", *where, "--community", "private", "acmeState.0", "on")
    assert written == (0, ["ACME-MIB::acmeState.0 = INTEGER: on(2)"], "")
    (tmp_path / "broken").write_text("BROKEN-MIB DEFINITIONS ::= BEGIN oops END")
    outcome = await run_for(agent, "names.py", *where, "acmeState")
    assert outcome.output == ["ACME-MIB::acmeState.0 = INTEGER: on(2)"]
    assert outcome.errors.startswith(f"{tmp_path}/broken:1: BROKEN-MIB: ")


def samples_in(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in folder.glob("*.ndjson") for line in path.read_text("utf-8").splitlines()]


async def test_a_fleet_on_dask_writes_its_samples_on_its_workers(agent: Agent, tmp_path: Path) -> None:
    where = ("local", f"127.0.0.1:{agent.port}", "--folder", str(tmp_path), "--shards", "2")
    outcome = await run("fleet_dask.py", *where, "--interval", "0.5", "--seconds", "2")
    assert (outcome.status, outcome.errors) == (0, "")
    assert outcome.output[0] == "all targets are polled"
    assert re.fullmatch(r"\d+ polls, 0 failed, \d+ samples", outcome.output[-1])
    assert {sample["value"] for sample in samples_in(tmp_path)} == {4711, "switch-1"}


async def test_a_fleet_of_a_file_is_polled(agent: Agent, tmp_path: Path) -> None:
    text = (EXAMPLES / "fleet.toml").read_text(encoding="utf-8")
    file = tmp_path / "fleet.toml"
    file.write_text(text.replace("port = 1161", f"port = {agent.port}"), encoding="utf-8")
    outcome = await run("fleet.py", str(file), "--polls", "2")
    assert (outcome.status, outcome.output, outcome.errors) == (0, ["2 polls, 0 failed, 4 samples"], "")
    file.write_text(text.replace("[[targets]]", "[[target]]"), encoding="utf-8")
    outcome = await run("fleet.py", str(file))
    assert (outcome.status, outcome.output) == (1, [])
    assert outcome.errors == f"{file}: there is no table [target]; did you mean 'targets'?\n"


async def test_set_writes_a_value(agent: Agent) -> None:
    assert await run_for(agent, "set.py", LOCATION, "OctetString", "room 4") == (0, [f"{LOCATION} = room 4"], "")
    assert agent.mib.read(LOCATION) == snmptcp.OctetString("room 4")
    assert (await run_for(agent, "set.py", UPTIME, "TimeTicks", "1")).status == 0
    assert agent.mib.read(UPTIME) == snmptcp.TimeTicks(1)


async def test_set_says_what_the_agent_refused(agent: Agent) -> None:
    outcome = await run_for(agent, "set.py", LOCATION, "Integer32", "4")
    assert outcome == (1, [], f"refused: {agent.host}:{agent.port}: wrongType (7) for {LOCATION} (error-index 1)\n")
    assert agent.mib.read(LOCATION) == b"a cupboard"


async def test_set_refuses_a_value_out_of_range(agent: Agent) -> None:
    outcome = await run_for(agent, "set.py", LOCATION, "Integer32", "2147483648")
    assert outcome.status == 1
    assert outcome.errors.startswith("ConfigurationError: Integer32 is a number from")
    assert not agent.requests


V3_USER = snmptcp.UsmUser("monitor", "SHA-256", "authentic!", "AES", "privately!")


@pytest.fixture
async def v3_agent() -> AsyncIterator[Agent]:
    async with Agent(VARIABLES, users=(V3_USER,), engine_id=b"\x80\0\x1f\x88\4shelf", engine_boots=3) as found:
        yield found


async def test_v3_discovers_and_prints_variables_with_passwords_from_the_environment(v3_agent: Agent) -> None:
    where = ("--host", v3_agent.host, "--port", str(v3_agent.port))
    passwords = {"SNMPTCP_AUTH_PASSWORD": "authentic!", "SNMPTCP_PRIV_PASSWORD": "privately!"}
    outcome = await run("v3.py", *where, **passwords)
    assert (outcome.status, outcome.errors) == (0, "")
    assert re.fullmatch(r"engine 80001f88047368656c66, started 3 times, the last time \d+ s ago", outcome.output[0])
    assert outcome.output[1:] == [f"{DESCR} = OctetString: a switch", f"{UPTIME} = TimeTicks: 4711"]


@pytest.mark.parametrize(
    ("auth", "priv", "reason"),
    [
        ("wrong wrong", "privately!", "WrongDigest: "),
        ("authentic!", "wrong wrong", "DecryptionFailed: "),
        ("short", "privately!", "ConfigurationError: "),
    ],
)
async def test_v3_says_which_password_is_wrong(v3_agent: Agent, auth: str, priv: str, reason: str) -> None:
    where = ("--host", v3_agent.host, "--port", str(v3_agent.port), "--timeout", "1")
    outcome = await run("v3.py", *where, SNMPTCP_AUTH_PASSWORD=auth, SNMPTCP_PRIV_PASSWORD=priv)
    assert (outcome.status, outcome.output) == (1, [])
    assert outcome.errors.startswith(reason)
    assert "Traceback" not in outcome.errors


async def test_many_agents_are_polled_and_one_that_is_down_does_not_matter() -> None:
    async with contextlib.AsyncExitStack() as stack:
        agents = [
            await stack.enter_async_context(Agent({UPTIME: snmptcp.TimeTicks(number), NAME: f"switch-{number}"}))
            for number in range(1, 21)
        ]
        dead = await free_port()
        agents[3].inject(FailWith(5), times=None)  # a genErr without an index is asked again, name by name
        addresses = [f"{agent.host}:{agent.port}" for agent in agents]
        outcome = await run("many_agents.py", "--concurrency", "8", *addresses, f"127.0.0.1:{dead}")
        expected = {
            f"127.0.0.1\t{agent.port}\tswitch-{number}\t{number}"
            for number, agent in enumerate(agents, 1)
            if number != 4
        }
        assert (outcome.status, outcome.errors) == (0, "")
        assert set(outcome.output) == expected | {
            f"127.0.0.1\t{agents[3].port}\tGenErr: genErr (5) for {NAME} (error-index 1)",
            f"127.0.0.1\t{dead}\tConnectFailed: cannot connect to 127.0.0.1:{dead}: Connection refused",
        }


async def test_tracing_prints_spans_and_metrics(agent: Agent) -> None:
    outcome = await run_for(agent, "tracing.py")
    assert (outcome.status, outcome.errors) == (0, "")
    tree = [line.rstrip("0123456789. ms") for line in (line.partition(" ms")[0] for line in outcome.output)]
    assert tree[:5] == ["poll", "  SNMP GET", "    SNMP connect", "  SNMP table", "    SNMP GETNEXT"]
    assert "snmp.walk.rows=2" in outcome.output[3]
    assert "snmp.client.open_connections 0 {connection}" in outcome.output


async def test_tracing_prints_the_spans_of_what_failed() -> None:
    outcome = await run("tracing.py", "--port", str(await free_port()))
    assert outcome.status == 1
    assert outcome.errors.startswith("ConnectFailed: cannot connect to 127.0.0.1:")
    assert [
        line for line in outcome.output if line.startswith("    SNMP connect") and "error.type='ConnectFailed'" in line
    ]


async def test_the_embedded_agent_passes_its_own_tests() -> None:
    outcome = await run("embedded_agent.py")
    assert (outcome.status, outcome.errors) == (0, "")
    assert len(outcome.output) == 4
    assert all(line.endswith(": passed") for line in outcome.output)


async def test_the_embedded_agent_passes_its_own_tests_under_pytest() -> None:
    process = await start("-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLES / "embedded_agent.py"))
    output, _ = await process.communicate()
    assert process.returncode == 0
    assert b"4 passed" in output


IF_INDEX = "1.3.6.1.2.1.2.2.1.1"


def notified(version: str, *kinds: str) -> list[str]:
    lines = []
    for number, kind in enumerate(kinds, 1):
        lines += [f"{kind} 1.3.6.1.6.3.1.1.5.3 from 127.0.0.1, version {version}", f"  {IF_INDEX}.{number} = {number}"]
    return [*lines, f"{len(kinds)} received, {kinds.count('inform')} acknowledged"]


async def test_notifications_are_sent_and_received_without_any_arguments() -> None:
    outcome = await run("notifications.py")
    assert outcome == (0, notified("2c", "trap", "inform", "inform"), "")


async def test_notifications_are_sent_and_received_in_version_3() -> None:
    passwords = {"SNMPTCP_AUTH_PASSWORD": "authentic!", "SNMPTCP_PRIV_PASSWORD": "privately!"}
    outcome = await run("notifications.py", "--user", "monitor", "--informs", "3", **passwords)
    assert outcome == (0, notified("3", "trap", "inform", "inform", "inform"), "")


async def test_the_listener_of_notifications_says_why_it_cannot_listen(agent: Agent) -> None:
    outcome = await run("notifications.py", "--port", str(agent.port))
    assert (outcome.status, outcome.output) == (1, [])
    assert outcome.errors.startswith(f"TransportError: cannot listen on 127.0.0.1:{agent.port}: ")
    assert "Traceback" not in outcome.errors


# ------------------------------------------------------------------------------------------- service


@contextlib.asynccontextmanager
async def running_service(agent: Agent, **environment: str) -> AsyncIterator[str]:
    """Run the service as a program; it must exit with 0 on SIGTERM."""
    process = await start(
        "-m", "examples.aiohttp_service", "--agent", f"{agent.host}:{agent.port}", "--port", "0", **environment
    )
    assert process.stdout is not None
    try:
        found = re.search(rb"http://[0-9.]+:[0-9]+", await process.stdout.readline())
        assert found is not None
        yield found.group().decode()
        process.send_signal(signal.SIGTERM)
        _, errors = await process.communicate()
        assert (process.returncode, errors) == (0, b"")
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def fetch(session: ClientSession, url: str) -> Any:
    async with session.get(url) as response:
        assert response.status == 200
        return await response.json()


async def test_the_service_runs_as_a_program_with_its_community_from_the_environment(agent: Agent) -> None:
    async with running_service(agent, SNMP_COMMUNITY="private") as url, ClientSession() as session:
        body = {"varbinds": [{"oid": LOCATION, "value": "room 4"}]}
        async with session.post(f"{url}/set", json=body) as response:
            assert response.status == 200
        assert agent.mib.read(LOCATION) == b"room 4"
        assert agent.requests[-1].community == b"private"


async def test_the_program_abandons_the_request_of_a_client_that_disconnects(agent: Agent) -> None:
    """The program sets handler_cancellation, which aiohttp's TestServer always sets."""
    agent.inject(Hold(), when=lambda request: request.pdu.varbinds[0].oid == OID("1.3.6.1.4.1.1"), times=None)
    async with running_service(agent) as url, ClientSession() as session:
        name = f"{agent.host}:{agent.port}"
        path = f"{url}/page/api/walk?agent={name}&root=1.3.6.1.4.1.1&client=one"
        walking = asyncio.create_task(session.get(path))
        while not any(request.pdu.varbinds[0].oid == OID("1.3.6.1.4.1.1") for request in agent.requests):
            await asyncio.sleep(0.01)
        walking.cancel()
        agent.clear_faults()
        while True:  # until the service has noticed the end of the connection
            async with session.get(path) as response:
                if response.status == 200:
                    break
                assert response.status == 429
        assert (await fetch(session, f"{url}/get?oid={DESCR}"))["varbinds"][0]["value"] == "a switch"


# --------------------------------------------------------------------------------------------- docs


def embedding_page(block: int) -> dict[str, Any]:
    """Return what a block of Python on the page about embedding defines."""
    page = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 2
    names: dict[str, Any] = {"__name__": "embedding"}
    exec(compile(blocks[block], "embedding.md", "exec"), names)
    return names


async def test_the_service_on_the_page_about_embedding_works(agent: Agent) -> None:
    names = embedding_page(0)
    app: web.Application = names["create_app"](agent.host, agent.port)
    async with TestClient(TestServer(app)) as client:
        async with client.get("/get", params={"oid": DESCR}) as response:
            assert await response.json() == {DESCR: "a switch"}
        async with client.get("/get", params={"oid": "x"}) as response:
            assert (await response.json())["error"] == "ConfigurationError"
        async with client.get("/walk/1.3.6.1.2.1.1") as response:
            assert (await response.text()).splitlines()[0] == f"{DESCR} = a switch"
        async with client.get("/walk/1.3.6.1.9") as response:
            assert (response.status, await response.text()) == (200, "")
    assert agent.statistics.connections == 1


async def test_a_walk_that_breaks_is_no_success_on_the_page_about_embedding() -> None:
    """Before its first line it has a status of its own; after that the last line tells."""
    rows = {f"1.3.6.1.4.1.9.{row}.0": row for row in range(1, 61)}
    async with Agent(rows) as agent:
        app: web.Application = embedding_page(0)["create_app"](agent.host, agent.port)
        async with TestClient(TestServer(app)) as client:
            agent.inject(FailWith(16))
            async with client.get("/walk/1.3.6.1.4.1.9") as response:
                assert response.status == 502
                assert (await response.json())["error"] == "AuthorizationError"
            agent.inject(FailWith(16), when=lambda request: str(request.pdu.varbinds[0].oid) in rows)
            async with client.get("/walk/1.3.6.1.4.1.9") as response:
                lines = (await response.text()).splitlines()
            assert response.status == 200
            assert len(lines) > 20
            assert lines[-1].startswith(f"error: {agent.host}:{agent.port}: authorizationError")


async def test_the_hooks_on_the_page_about_embedding_work(agent: Agent) -> None:
    names = embedding_page(1)
    observer = names["FailedRequests"]()
    async with names["create_manager"](agent.host, agent.port, observer) as manager:
        assert [str(value) for _, value in await manager.get(DESCR)] == ["a switch"]
        agent.inject(Drop())
        waiting = asyncio.ensure_future(manager.get(DESCR))
        await agent.wait_for_requests(2)
        skip(manager.timeout)
        with pytest.raises(RequestTimeout):
            await waiting
    assert [request.pdu.request_id for request in agent.requests] == [1, 2]
    assert [trace.request_id for trace in observer.failed] == [2]
    assert manager.statistics.callback_failures == 0
    outsider = SimpleNamespace(addresses=(("192.0.2.7", 1), ("8.8.8.8", 161)))
    with pytest.raises(ConnectFailed, match="8.8.8.8 is not a private address"):
        await names["only_private"](outsider)
