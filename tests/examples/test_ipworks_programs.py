"""The programs of ``examples/ipworks``, run against the testing agent and snmpd."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp import OctetString, UsmUser
from tests.support.mibs import IF_TABLE, SYS_DESCR, SYS_NAME, SYS_UPTIME
from tests.support.netsnmp import free_port
from tests.support.notifications import Notifiers, as_community
from tests.support.snmpd import AUTH_PASSWORD, PRIV_PASSWORD, Snmpd, SnmpdUser
from tests.support.threaded import ThreadedAgent

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "examples" / "ipworks"
USER = SnmpdUser("ursula", "SHA", "AES")


def command(name: str, *arguments: object) -> list[str]:
    return [sys.executable, "-X", "dev", "-W", "error", str(PROGRAMS / name), *map(str, arguments)]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def run(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(name, *arguments), env=ENVIRONMENT, capture_output=True, text=True, timeout=50, check=False
    )
    assert done.stderr == ""
    return done


@pytest.fixture(scope="module", params=["embedded", "snmpd"])
def where(request, tmp_path_factory) -> Iterator[tuple[str, int]]:
    if request.param == "embedded":
        users = [UsmUser("ursula", "SHA", AUTH_PASSWORD, "AES", PRIV_PASSWORD)]
        with ThreadedAgent(users=users) as agent:
            yield agent.host, agent.port
    else:
        snmpd = Snmpd(tmp_path_factory.mktemp("snmpd"), users=[USER])
        snmpd.start()
        yield snmpd.host, snmpd.port
        snmpd.stop()


def test_the_manager_gets(where) -> None:
    done = run("manager.py", *where, "get", SYS_DESCR, SYS_UPTIME)
    assert done.returncode == 0
    first, second = done.stdout.splitlines()
    assert first.startswith(f"{SYS_DESCR} (OctetString) = ")
    assert second.startswith(f"{SYS_UPTIME} (TimeTicks) = ")


def test_the_manager_prints_octets_that_are_not_text() -> None:
    with ThreadedAgent({SYS_NAME: OctetString(b"\x00\xc1ok")}) as agent:
        done = run("manager.py", agent.host, agent.port, "get", SYS_NAME)
    assert done.returncode == 0
    assert done.stdout == f"{SYS_NAME} (OctetString) = \x00\\xc1ok\n"


@pytest.mark.parametrize("words", [("set", SYS_NAME), ("bla", SYS_NAME), ("-v3", "ursula", "x"), ("get",)])
def test_the_manager_prints_its_usage(words) -> None:
    done = run("manager.py", "127.0.0.1", 161, *words)
    assert done.returncode == 2
    assert "python manager.py HOST PORT" in done.stdout
    assert done.stderr == ""


def test_the_manager_sets(where) -> None:
    done = run("manager.py", *where, "set", SYS_NAME, 4, "renamed")
    assert done.stdout == f"{SYS_NAME} (OctetString) = renamed\n"
    assert run("manager.py", *where, "get", SYS_NAME).stdout == f"{SYS_NAME} (OctetString) = renamed\n"


def test_the_manager_prints_an_error_status(where) -> None:
    done = run("manager.py", *where, "set", SYS_NAME, 2, "5")
    assert done.stdout == "Error status 7: Wrong object type.\n"


def test_the_manager_discovers_and_gets_in_version_3(where) -> None:
    done = run("manager.py", *where, "-v3", "ursula", AUTH_PASSWORD, PRIV_PASSWORD, "get", SYS_DESCR)
    first, second = done.stdout.splitlines()
    assert first.startswith("Discovered engine 80")
    assert second.startswith(f"{SYS_DESCR} (OctetString) = ")


def test_the_manager_prints_why_it_cannot_connect() -> None:
    done = run("manager.py", "127.0.0.1", free_port(), "get", SYS_DESCR)
    assert done.returncode == 1
    assert done.stdout.startswith("ERROR 10061: [10061] ")


def test_the_walker_walks(where) -> None:
    done = run("walker.py", *where, f"{IF_TABLE}.1.1")
    *objects, summary = done.stdout.splitlines()
    assert objects
    assert all(line.startswith(f"{IF_TABLE}.1.1.") for line in objects)
    assert summary == f"{len(objects)} objects by events, {len(objects)} in the arrays"


def test_the_walker_stops_at_its_limit(where) -> None:
    done = run("walker.py", *where, "1.3.6.1.2.1.1", 3)
    assert done.stdout.splitlines()[-1] == "3 objects by events, 3 in the arrays"


def test_the_trap_receiver_prints_and_acknowledges(tmp_path) -> None:
    port = free_port()
    with subprocess.Popen(
        command("trap_receiver.py", port, 2),
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as receiver:
        try:
            assert receiver.stdout is not None
            assert receiver.stdout.readline() == f"Listening on port {port}\n"
            notifiers = Notifiers(tmp_path)
            words = ("100", "1.3.6.1.6.3.1.1.5.3", SYS_NAME, "s", "dev1")
            notifiers.trap(as_community("2c"), f"tcp:127.0.0.1:{port}", *words)
            assert notifiers.inform(as_community("2c"), f"tcp:127.0.0.1:{port}", *words).returncode == 0
            output, errors = receiver.communicate(timeout=30)
        finally:
            receiver.kill()
    assert receiver.returncode == 0
    assert errors == ""
    lines = output.splitlines()
    assert lines[0] == "Trap 1.3.6.1.6.3.1.1.5.3 of public from 127.0.0.1, uptime 100"
    assert lines[4] == "Inform of public from 127.0.0.1"
    assert lines.count(f"  {SYS_NAME} = dev1") == 2


def test_a_program_without_arguments_prints_its_usage() -> None:
    for name in ("manager.py", "walker.py", "trap_receiver.py"):
        done = run(name)
        assert done.returncode == 2
        assert f"python {name}" in done.stdout
