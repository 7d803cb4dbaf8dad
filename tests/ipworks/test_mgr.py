"""The class: its names, its handlers, its arrays' accessors, and what happens when it is garbage collected."""

from __future__ import annotations

import asyncio
import copy
import gc
import os
import pickle
import subprocess
import sys

import pytest

import snmptcp.ipworks
from snmptcp.ipworks import (
    IPWorksSNMPError,
    SNMPTCPMgr,
)
from snmptcp.ipworks.tables.events import EVENT_CLASSES, EVENTS
from snmptcp.ipworks.tables.properties import PROPERTIES
from tests.ipworks.proofs import proves
from tests.ipworks.support import NAMES, ROOT, ask, choose_port, put, record, values
from tests.support.mibs import IF_TABLE, SYS_DESCR, SYS_NAME, SYS_UPTIME


def test_the_class_has_every_name_and_no_other() -> None:
    expected = set(NAMES["methods"]) | set(NAMES["events"])
    expected |= {"runtime_license", "get_runtime_license", "set_runtime_license"}  # of every class of its product
    for name, entry in PROPERTIES.items():
        expected |= {f"get_{name}"} | ({f"set_{name}"} if entry.writable else set())
        expected |= set() if entry.indexed else {name}

    assert {name for name in dir(SNMPTCPMgr) if not name.startswith("_")} == expected


def test_the_star_import_gives_the_class_the_error_and_the_arguments_of_the_events() -> None:
    namespace: dict[str, object] = {}
    exec("from snmptcp.ipworks import *", namespace)
    del namespace["__builtins__"]

    arguments = {kind.__name__ for kind in EVENT_CLASSES.values()}
    assert set(namespace) == {"SNMPTCPMgr", "IPWorksSNMPError", "NotHonouredWarning"} | arguments
    assert set(namespace) == set(snmptcp.ipworks.__all__)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_handler_can_be_set_read_and_removed(name, idle) -> None:
    assert getattr(idle, name) is None

    def handler(e: object) -> None: ...

    setattr(idle, name, handler)
    assert getattr(idle, name) is handler
    with pytest.raises(IPWorksSNMPError, match="function of one argument"):
        setattr(idle, name, "handler")
    setattr(idle, name, None)
    assert getattr(idle, name) is None


@pytest.mark.parametrize("call", ["walk", "value", "config"])
@pytest.mark.parametrize("argument", [None, 5, 1.5, b"sysDescr"])
def test_an_argument_that_is_not_text_is_an_error(call, argument, idle) -> None:
    with pytest.raises(IPWorksSNMPError) as caught:
        getattr(idle, call)(argument)
    assert caught.value.code == 10022


def test_octets_are_accepted_as_text(mgr) -> None:
    mgr.walk(f"{IF_TABLE}.1.1".encode())
    assert mgr.obj_count == 4
    assert mgr.value(f"{IF_TABLE}.1.1.7".encode()) == "7"
    assert mgr.config(b"SelectWaitMillis") == "20"


@proves("reset")
def test_reset_clears_the_arrays_and_nothing_else(mgr) -> None:
    mgr.community = "private"
    mgr.reset()
    assert mgr.obj_count == 0
    assert mgr.community == "private"


@proves("value")
def test_value_is_the_text_of_an_object_in_the_arrays(mgr) -> None:
    ask(mgr, SYS_DESCR, SYS_UPTIME)
    mgr.send_get_request()
    assert mgr.value(SYS_DESCR) == "a switch"
    assert mgr.value("." + SYS_UPTIME) == "4752"
    with pytest.raises(IPWorksSNMPError, match="no object in the arrays is named"):
        mgr.value(SYS_NAME)


def test_value_finds_an_object_beside_one_without_a_name(idle) -> None:
    ask(idle, "sysDescr", "", f".{SYS_NAME}")
    idle.set_obj_value(2, "found")
    assert idle.value(SYS_NAME) == "found"


def test_the_value_of_octets_that_are_not_text_can_be_printed_and_assigned_again(idle) -> None:
    put(idle, SYS_NAME, 4, b"a\xff")
    text = idle.value(SYS_NAME)
    assert text == "a\\xff"
    assert text.encode() == b"a\\xff"
    idle.set_obj_value(0, "")
    idle.set_obj_value(0, text)
    assert idle.get_obj_value(0) == b"a\xff"


def test_garbage_collection_closes_the_connection(agent) -> None:
    mgr = SNMPTCPMgr()
    mgr.remote_host, mgr.remote_port = agent.host, agent.port
    ask(mgr, SYS_DESCR)
    mgr.send_get_request()
    assert agent.call(lambda: agent.agent.connections) == 1
    del mgr
    gc.collect()
    agent.wait_until(lambda: agent.agent.connections == 0)


def test_an_async_handler_which_nothing_would_await_is_refused(idle) -> None:
    async def handler(e: object) -> None: ...

    with pytest.raises(IPWorksSNMPError, match="on_trap must be a function without async"):
        idle.on_trap = handler
    assert idle.on_trap is None


def test_an_object_whose_handlers_refer_to_it_is_collected(agent) -> None:
    mgr = SNMPTCPMgr()
    mgr.remote_host, mgr.remote_port = agent.host, agent.port
    told = []

    def handler(e: object, mgr: SNMPTCPMgr = mgr) -> None:
        told.append(mgr.obj_count)

    mgr.on_response = handler
    ask(mgr, SYS_DESCR)
    mgr.send_get_request()
    assert told == [1]
    del mgr, handler
    gc.collect()
    agent.wait_until(lambda: agent.agent.connections == 0)


def test_handlers_are_not_called_when_a_program_ends(mgr, agent) -> None:
    told = record(mgr, "on_disconnected", "on_connection_status")
    mgr.send_get_request()
    told.clear()
    mgr._core.dispose()  # as Python does at its end
    agent.wait_until(lambda: agent.agent.connections == 0)
    assert (told, mgr.active) == ([], False)


def test_garbage_collection_inside_a_running_loop_closes_the_connection(agent) -> None:
    objects = [SNMPTCPMgr()]
    objects[0].remote_host, objects[0].remote_port = agent.host, agent.port
    ask(objects[0], SYS_DESCR)
    objects[0].send_get_request()

    async def forget() -> None:
        objects.clear()
        gc.collect()

    asyncio.run(forget())
    agent.wait_until(lambda: agent.agent.connections == 0)


def test_two_objects_are_independent(agent) -> None:
    first, second = SNMPTCPMgr(), SNMPTCPMgr()
    for mgr in (first, second):
        mgr.remote_host, mgr.remote_port = agent.host, agent.port
        ask(mgr, SYS_DESCR)
    first.send_get_request()
    second.send_get_request()
    assert values(first) == values(second) == [b"a switch"]
    first.active = False
    second.send_get_request()
    second.active = False


@pytest.mark.parametrize("index", [-1, 1, 1000])
def test_an_index_outside_the_arrays_is_an_error(index, idle) -> None:
    idle.obj_count = 1
    with pytest.raises(IPWorksSNMPError, match="obj_count is 1"):
        idle.get_obj_id(index)
    with pytest.raises(IPWorksSNMPError, match="obj_count is 1"):
        idle.set_obj_id(index, "1.3")


def test_an_unknown_type_is_an_error(idle) -> None:
    idle.obj_count = 1
    with pytest.raises(IPWorksSNMPError, match="obj_type"):
        idle.set_obj_type(0, 3)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_an_object_is_not_copied_and_says_why(copied, mgr) -> None:
    mgr.send_get_request()
    with pytest.raises(TypeError, match="belongs to one object in one process: make another SNMPTCPMgr"):
        copied(mgr)
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


FORKS = """
import os, sys
from snmptcp.ipworks import *

mgr = SNMPTCPMgr()
mgr.remote_host, mgr.remote_port, mgr.timeout = "127.0.0.1", sys.argv[1], 20
mgr.obj_count = 1
for step in ("parent", "child", "parent"):
    child = os.fork() if step == "child" else 0
    if child:
        os.waitpid(child, 0)
    elif step in sys.argv[2:]:
        mgr.set_obj_id(0, "1.3.6.1.2.1.1.1.0")
        mgr.send_get_request()
    if step == "child" and not child:
        sys.exit(0)
mgr.active = False
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize(
    ("steps", "connections"), [(["parent"], [1, 1]), (["parent", "child"], [1, 2, 1])], ids=["exits", "asks"]
)
def test_a_child_process_leaves_the_connection_of_its_parent_alone(steps, connections, agent) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKS, str(agent.port), *steps],  # the child leaves the parent's socket unclosed
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [request.connection for request in agent.requests] == connections


@pytest.mark.parametrize(
    "program", ["from ipworkssnmp import *", "import ipworkssnmp\nfrom ipworkssnmp import SNMPTCPMgr"]
)
def test_a_file_of_one_line_stands_for_the_documented_module(program, tmp_path, monkeypatch) -> None:
    (tmp_path / "ipworkssnmp.py").write_text("from snmptcp.ipworks import *\n")
    monkeypatch.syspath_prepend(tmp_path)
    namespace: dict[str, object] = {}
    try:
        exec(program, namespace)
        assert namespace["SNMPTCPMgr"] is SNMPTCPMgr
        with pytest.raises(ImportError):
            exec("from ipworkssnmp import SNMPMgr", namespace)
    finally:
        sys.modules.pop("ipworkssnmp", None)


OPEN_AT_EXIT = """
import asyncio, logging, sys, threading
from snmptcp.ipworks import *

# In debug mode asyncio logs each callback that takes 0.1 s, as any can on a busy machine.
logging.getLogger("asyncio").addFilter(lambda record: not str(record.msg).startswith("Executing "))

def make(timeout=20, port=0):
    mgr = SNMPTCPMgr()
    mgr.remote_host, mgr.remote_port, mgr.timeout, mgr.local_port = "localhost", sys.argv[1], timeout, port
    mgr.on_connected = lambda e: mgr
    mgr.obj_count = 1
    mgr.set_obj_id(0, "1.3.6.1.2.1.1.1.0")
    mgr.send_get_request()
    return mgr

async def cell():
    make()
    return make()

in_cell = asyncio.run(cell())
asked, listening, waiting = make(), make(port=int(sys.argv[2])), make(timeout=0)
thread = threading.Thread(target=make)
thread.start()
thread.join()
waiting.send_get_request()
print(asked.get_obj_value(0), in_cell.get_obj_value(0))
"""


def test_an_interpreter_ends_with_open_objects_without_a_word(agent, idle) -> None:
    choose_port(idle)
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", OPEN_AT_EXIT, str(agent.port), str(idle.local_port)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "a switch a switch\n", "")
    agent.wait_until(lambda: agent.agent.connections == 0)
