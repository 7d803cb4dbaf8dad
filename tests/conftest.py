"""Shared by all tests: a loop that can skip time, an embedded agent, managers for it, and the Hypothesis profile."""

from __future__ import annotations

import asyncio.constants
import atexit
import gc
import logging
import os
import shutil
import signal
import tempfile
import traceback
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from snmptcp import Community, Manager
from snmptcp.mib import Mib
from snmptcp.testing import Agent
from tests.mib.acme import ACME
from tests.support.clock import ClockLoop
from tests.support.mibs import small_agent_mib

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

# How long an example takes depends on the machine's load; tests measure no time.
settings.register_profile("any load", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any load")

# In debug mode asyncio logs each callback that takes 0.1 s, as any can on a busy machine.
logging.getLogger("asyncio").addFilter(lambda record: not str(record.msg).startswith("Executing "))

# In debug mode asyncio also keeps the stack that made each future, task and callback, which costs more than half of the
# CPU of tests that use a network.  SNMPTCP_TEST_STACKS=20 shows where something was made.
asyncio.constants.DEBUG_STACK_DEPTH = int(os.environ.get("SNMPTCP_TEST_STACKS", "0"))  # type: ignore[misc]
traceback.extract_stack.__defaults__ = (None, asyncio.constants.DEBUG_STACK_DEPTH)  # futures in C set no limit

# No test reads the snmp.conf of the user who runs it, nor does a program that a test starts.
os.environ["SNMPCONFPATH"] = "/nonexistent"

# Commands read and print numbers alone; tests of names take the variable away.
os.environ["MIBS"] = ""

# A shell that starts the tests in the background ignores Ctrl-C for them, and so for the programs that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Tests start hundreds of programs.  Where Python may not keep its bytecode, each of them compiles all that it imports:
# 0.24 s of CPU for a command's help instead of 0.16.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# One file of compiled MIB modules for this run: its processes inherit the name, and the user's own file is left alone.
if "SNMPTCP_MIB_CACHE" not in os.environ:
    _folder = tempfile.mkdtemp(prefix="snmptcp-tests-")
    os.environ["SNMPTCP_MIB_CACHE"] = f"{_folder}/mib.sqlite"
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep the collector from the tests themselves: half a million objects, which stay to the end.

    Many tests call the collector, to see that nothing leaks.  It would look at all of these each time: half a second.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Collect what a file has left, so that a leak is told of its last test, and keep the collector from the rest."""
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"loop_factory": ClockLoop, "debug": True}


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(small_agent_mib()) as agent:
        yield agent


@pytest.fixture
async def manager(agent: Agent) -> AsyncIterator[Manager]:
    async with Manager(agent.host, agent.port, credentials=Community("private")) as manager:
        yield manager


@pytest.fixture
async def manager_v1(agent: Agent) -> AsyncIterator[Manager]:
    async with Manager(agent.host, agent.port, credentials=Community("private", "1")) as manager:
        yield manager


@pytest.fixture(scope="session")
def acme_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ACME-MIB, a module of our own."""
    folder = tmp_path_factory.mktemp("mibs")
    (folder / "acme.txt").write_text(ACME)
    return folder


@pytest.fixture(scope="session")
def acme_mib(acme_folder: Path) -> Mib:
    """Return a Mib with the standard modules and ACME-MIB."""
    mib = Mib(folders=[acme_folder])
    assert mib.load("ACME-MIB") == ()
    return mib
