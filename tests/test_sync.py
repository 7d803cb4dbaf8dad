"""Blocking calls on a loop of their own."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import inspect
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from snmptcp import (
    ClosedError,
    Community,
    Manager,
    NotificationListener,
    RequestTimeout,
    SnmpVersion,
    Tsm,
    UsmUser,
    sync,
)
from snmptcp.errors import NoSuchName
from snmptcp.sync import PrivateLoop, SyncManager
from snmptcp.testing import Drop
from tests.support.forks import in_child, needs_fork
from tests.support.mibs import BIG_TABLE, IF_TABLE, SYS_DESCR, SYS_NAME, SYS_UPTIME
from tests.support.threaded import LoopThread, ThreadedAgent

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, Self

    from snmptcp import Notification

USER = UsmUser("sha", "SHA", "authpass123")
PUBLIC = Community("private")


class NotificationThread:
    """A listener in a thread, and what it has received."""

    def __enter__(self) -> Self:
        self.received: list[Notification] = []

        async def keep(notification: Notification) -> None:
            self.received.append(notification)

        self._thread = LoopThread()
        self._listener = self._thread.call(
            lambda: NotificationListener("127.0.0.1", 0, credentials=PUBLIC, handler=keep)
        )
        self._thread.run(self._listener.start())
        self.host, self.port = self._listener.addresses[0]
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.run(self._listener.aclose())
        self._thread.close()


@pytest.fixture
def agent():
    with ThreadedAgent(users=[USER]) as agent:
        yield agent


@pytest.fixture
def manager(agent):
    with SyncManager(agent.host, agent.port, credentials=Community("private"), timeout=20) as manager:
        yield manager


def test_each_request_blocks_until_it_is_answered(manager) -> None:
    assert str(manager.get(SYS_DESCR)[0].value) == "a switch"
    assert str(manager.get_next(SYS_DESCR)[0].oid) == "1.3.6.1.2.1.1.2.0"
    assert len(manager.get_bulk(SYS_DESCR, max_repetitions=3)) == 3
    assert str(manager.set((SYS_NAME, "renamed"))[0].value) == "renamed"


def test_one_value_is_read_by_name(manager) -> None:
    assert manager.get_value(SYS_DESCR) == b"a switch"
    assert manager.get_value("1.3.6.1.9.0", default=None) is None
    assert manager.get(SYS_DESCR)[SYS_DESCR] == b"a switch"
    with pytest.raises(NoSuchName):
        manager.get_value("1.3.6.1.9.0")


def test_one_connection_serves_all_calls(manager, agent) -> None:
    for _ in range(3):
        manager.get(SYS_UPTIME)
    assert agent.agent.statistics.connections == 1


def test_walks_and_tables_are_generators(manager) -> None:
    assert sum(1 for _ in manager.walk(BIG_TABLE)) == 900
    assert [int(row[1]) for row in manager.table(IF_TABLE)] == [1, 2, 7, 300]


def test_a_walk_runs_the_loop_once_for_an_answer_and_not_for_each_item(manager, monkeypatch) -> None:
    runs: list[object] = []
    run = PrivateLoop.run

    def counted(self: PrivateLoop, coroutine: Coroutine[Any, Any, Any], **options: bool) -> Any:
        runs.append(None)
        return run(self, coroutine, **options)

    monkeypatch.setattr(PrivateLoop, "run", counted)
    assert sum(1 for _ in manager.walk(BIG_TABLE, max_repetitions=100)) == 900
    assert len(runs) < 15
    runs.clear()
    assert sum(1 for _ in manager.table(BIG_TABLE)) == 300
    assert len(runs) < 100


def test_a_walk_yields_what_has_come_before_it_tells_of_a_lost_agent(manager, agent) -> None:
    names = manager.walk(BIG_TABLE, max_repetitions=10, timeout=0.05)
    first = next(names)
    agent.inject(Drop(), times=None)
    taken = [first]
    with pytest.raises(RequestTimeout):
        taken.extend(names)
    assert len(taken) >= 10


def test_a_walk_may_be_left_and_other_calls_made_meanwhile(manager) -> None:
    for varbind in manager.walk(BIG_TABLE):
        assert manager.get(varbind.oid)[0] == varbind
        break
    assert len(manager.get(SYS_DESCR)) == 1


def test_an_engine_is_discovered(agent) -> None:
    with SyncManager(agent.host, agent.port, credentials=USER, timeout=20) as manager:
        assert manager.discover().engine_id == agent.agent.engine_id


def test_exceptions_are_those_of_the_asynchronous_manager(manager, agent) -> None:
    manager.get(SYS_DESCR)
    agent.inject(Drop())
    with pytest.raises(RequestTimeout):
        manager.get(SYS_DESCR, timeout=0.5)


def test_in_a_notebook_where_a_loop_is_running_already_calls_work(agent) -> None:
    """A helper thread runs the manager's own loop: calls with and without a running loop share the connection."""

    def cell_of(manager: SyncManager) -> None:
        threads = threading.active_count()
        assert manager.get_value(SYS_DESCR) == b"a switch"
        assert sum(1 for _ in manager.walk(BIG_TABLE)) == 900
        assert [str(row[1]) for row in manager.table(IF_TABLE)] == ["1", "2", "7", "300"]
        assert threading.active_count() <= threads + 1
        walk = manager.walk(BIG_TABLE)
        next(walk)
        walk.close()
        manager.hold()
        manager.hold(held=False)
        manager.get(SYS_DESCR)  # its loop runs, and takes note that the walk has ended
        assert manager.pending == 0

    async def cell(manager: SyncManager) -> None:
        cell_of(manager)

    with SyncManager(agent.host, agent.port, credentials=PUBLIC, timeout=20) as manager:
        asyncio.run(cell(manager))
        assert manager.get_value(SYS_DESCR) == b"a switch"
        asyncio.run(cell(manager))
        assert manager.statistics.connections == 1


def test_in_a_notebook_a_manager_is_opened_and_closed_in_one_cell(agent) -> None:
    async def cell() -> None:
        with SyncManager(agent.host, agent.port, credentials=PUBLIC, timeout=20) as manager:
            manager.connect()
            assert manager.connected

    asyncio.run(cell())
    agent.wait_until(lambda: agent.agent.connections == 0)


def test_in_a_notebook_a_call_sees_the_context_of_its_caller(agent) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="?")
    seen: list[str] = []

    async def see(connection: object) -> None:
        seen.append(variable.get())

    async def cell() -> None:
        variable.set("the caller's")
        with SyncManager(agent.host, agent.port, credentials=PUBLIC, timeout=20, on_connect=see) as manager:
            manager.connect()

    asyncio.run(cell())
    assert seen == ["the caller's"]


def test_in_a_notebook_managers_share_their_helper_thread(agent) -> None:
    async def cell() -> None:
        for _ in range(5):
            with SyncManager(agent.host, agent.port, credentials=PUBLIC, timeout=20) as manager:
                manager.get(SYS_DESCR)

    before = threading.active_count()
    asyncio.run(cell())
    assert threading.active_count() <= before + 1


@pytest.mark.parametrize("in_loop", [False, True], ids=["script", "notebook"])
def test_a_loop_runs_until_it_is_stopped_or_its_time_is_over(in_loop: bool) -> None:
    private = PrivateLoop()
    told: list[str] = []

    def run() -> None:
        private.stop()  # it does not run
        private.loop.call_soon(told.append, "one turn")
        private.run_until_stopped(0)
        assert told == ["one turn"]
        private.loop.call_later(0.001, private.stop)
        private.loop.call_later(3600, told.append, "never")
        private.run_until_stopped()
        private.run_until_stopped(0.001)
        private.loop.call_soon(private.stop)
        private.run_until_stopped(3600)
        told.append("stopped")

        async def stopping() -> str:
            private.stop()  # a coroutine runs to its end
            await asyncio.sleep(0)
            return "to its end"

        told.append(private.run(stopping()))

    async def cell() -> None:
        run()

    asyncio.run(cell()) if in_loop else run()
    assert told == ["one turn", "stopped", "to its end"]
    private.close()
    with pytest.raises(ClosedError):
        private.run_until_stopped(0)


def test_a_loop_that_runs_until_it_is_stopped_is_not_for_a_second_thread() -> None:
    private = PrivateLoop()
    refused: list[str] = []

    def intrude() -> None:
        with pytest.raises(RuntimeError, match="another thread") as caught:
            private.run_until_stopped(0)
        refused.append(str(caught.value))
        private.loop.call_soon_threadsafe(private.stop)

    thread = threading.Thread(target=intrude)
    private.loop.call_soon(thread.start)
    private.run_until_stopped()
    thread.join(20)
    assert len(refused) == 1
    private.close()


def interrupt_when(arrived: Callable[[], object]) -> threading.Thread:
    """Press Ctrl-C for the main thread once something has happened."""

    def press() -> None:
        arrived()
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


@pytest.mark.parametrize("in_loop", [False, True], ids=["script", "notebook"])
def test_ctrl_c_ends_a_call_and_the_manager_goes_on(manager, agent, in_loop: bool) -> None:
    manager.get(SYS_DESCR)
    agent.inject(Drop())
    count = len(agent.requests)

    async def cell() -> None:
        with pytest.raises(KeyboardInterrupt):  # here, where it is raised: asyncio.run would take it for its own
            manager.get(SYS_DESCR, timeout=60)

    def arrived() -> None:
        agent.wait_until(lambda: len(agent.agent.requests) > count)

    thread = interrupt_when(arrived)
    if in_loop:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(cell())
        loop.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            manager.get(SYS_DESCR, timeout=60)
    thread.join(20)

    assert manager.pending == 0
    assert str(manager.get(SYS_DESCR)[0].value) == "a switch"
    assert manager.statistics.connections == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="the signal is for systems with fork")
@pytest.mark.parametrize("call", ["get", "walk"])
def test_a_handler_of_a_signal_that_raises_ends_a_call_with_its_own_exception(manager, agent, call: str) -> None:
    """As of SIGALRM, by which some programs limit the time of whatever they do."""

    def alarm(*_: object) -> None:
        raise LookupError("the time is over")

    manager.get(SYS_DESCR)
    agent.inject(Drop())
    before = signal.signal(signal.SIGALRM, alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(LookupError, match="the time is over"):
            list(manager.get(SYS_DESCR) if call == "get" else manager.walk(IF_TABLE))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert str(manager.get(SYS_DESCR)[0].value) == "a switch"
    assert (manager.pending, manager.statistics.abandoned, manager.statistics.timeouts) == (0, 1, 0)


def test_a_handler_of_ctrl_c_that_the_program_has_set_is_left_alone(manager, agent) -> None:
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        manager.get(SYS_DESCR)
        os.kill(os.getpid(), signal.SIGINT)
        manager.get(SYS_DESCR)
    finally:
        signal.signal(signal.SIGINT, before)
    assert pressed == [signal.SIGINT]


def test_one_that_is_collected_without_being_closed_warns_and_closes(agent) -> None:
    forgotten = [SyncManager(agent.host, agent.port, credentials=PUBLIC, timeout=20)]
    forgotten[0].get(SYS_DESCR)
    with pytest.warns(ResourceWarning, match="unclosed <SyncManager of <Manager") as caught:
        forgotten.clear()
    assert [str(each.message) for each in caught if "transport" in str(each.message)] == []


def test_one_that_was_closed_or_never_used_does_not_warn(agent) -> None:
    SyncManager(agent.host, agent.port, credentials=PUBLIC)
    with SyncManager(agent.host, agent.port, credentials=PUBLIC) as manager:
        manager.get(SYS_DESCR)
    del manager
    gc.collect()  # warnings are errors here


def test_a_closed_manager_says_so_and_closes_twice(manager) -> None:
    manager.get(SYS_DESCR)
    manager.close()
    manager.close()
    with pytest.raises(ClosedError) as caught:
        manager.get(SYS_DESCR)
    peer = f"{manager.host}:{manager.port}"
    assert (caught.value.peer, str(caught.value)) == (peer, f"{peer}: the manager is closed")


def test_one_that_was_never_used_has_nothing_to_close(agent) -> None:
    SyncManager(agent.host, agent.port, credentials=Community()).close()


def test_a_walk_outlives_its_closed_manager_without_a_word(manager) -> None:
    walk = manager.walk(BIG_TABLE)
    next(walk)
    manager.close()
    walk.close()


def test_a_second_thread_is_told_that_the_loop_is_busy() -> None:
    loop = PrivateLoop()
    begun, done = threading.Event(), threading.Event()

    async def wait() -> None:
        begun.set()
        while not done.is_set():
            await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: loop.run(wait()))
    thread.start()
    assert begun.wait(20)
    with pytest.raises(RuntimeError, match="another thread"):
        loop.run(asyncio.sleep(0))
    done.set()
    thread.join(20)
    loop.close()


def test_no_thread_is_started(manager) -> None:
    before = threading.active_count()
    manager.get(SYS_DESCR)
    assert threading.active_count() == before


# --------------------------------------------------------------------------------------- the surface


def test_every_public_name_of_the_asynchronous_manager_is_here() -> None:
    renamed = {"aclose": "close"}
    names = {renamed.get(name, name) for name in dir(Manager) if not name.startswith("_")}
    names -= {"begin_exchange"}  # a future means nothing without an event loop
    names |= {"statistics", "timeout"}  # attributes

    with SyncManager("localhost", credentials=Community()) as manager:
        missing = {name for name in names if not hasattr(manager, name)}
    assert missing == set()


def test_arguments_are_those_of_the_asynchronous_manager() -> None:
    for name in ("get", "get_bulk", "set", "exchange", "walk", "table", "inform", "send_trap", "discover", "use"):
        assert inspect.signature(getattr(SyncManager, name)) == inspect.signature(getattr(Manager, name)), name
    assert inspect.signature(SyncManager.__init__) == inspect.signature(Manager.__init__)


def test_the_port_is_that_of_the_credentials() -> None:
    with SyncManager("localhost", credentials=Tsm(), tls=True) as manager:
        assert manager.port == 10161
    with SyncManager("localhost", credentials=Community()) as manager:
        assert manager.port == 161


def test_settings_reach_the_manager_inside(manager, agent) -> None:
    manager.timeout, manager.connect_timeout = 7.0, 3.0
    assert (manager.manager.timeout, manager.manager.connect_timeout) == (7.0, 3.0)
    manager.connect()
    assert manager.connected
    assert (manager.host, manager.port, manager.retries, manager.pending) == (agent.host, agent.port, 1, 0)
    assert (manager.engine, manager.tls, manager.max_message_size) == (None, None, 4 * 1024 * 1024)
    assert manager.statistics is manager.manager.statistics
    assert manager.tls_counters is manager.manager.tls_counters
    assert manager.notification_statistics.messages == 0
    assert manager.version is SnmpVersion.V2C


def test_other_credentials_are_used_on_the_same_connection(agent) -> None:
    with SyncManager(agent.host, agent.port, credentials=Community("private"), timeout=20) as manager:
        manager.get(SYS_DESCR)
        manager.use(USER)
        assert str(manager.get(SYS_DESCR)[0].value) == "a switch"
        assert manager.engine is not None
        assert manager.statistics.connections == 1


def test_notifications_are_received_and_informs_sent(manager, agent) -> None:
    notifications = manager.notifications()
    manager.get(SYS_DESCR)  # the agent sends to connections that have asked
    agent.call(lambda: agent.agent.send_trap("1.3.6.1.6.3.1.1.5.3", (SYS_NAME, "down")))
    assert str(next(notifications).trap_oid) == "1.3.6.1.6.3.1.1.5.3"
    notifications.close()
    with NotificationThread() as receiver, SyncManager(receiver.host, receiver.port, credentials=PUBLIC) as sender:
        sender.send_trap("1.3.6.1.6.3.1.1.5.1")
        sender.inform("1.3.6.1.6.3.1.1.5.2")
        assert [str(each.trap_oid)[-1] for each in receiver.received] == ["1", "2"]


# ---------------------------------------------------------------------------------------------- fork


@needs_fork
def test_parent_and_child_each_have_a_connection_of_their_own(manager, agent) -> None:
    whole = len(list(manager.walk(BIG_TABLE)))
    assert in_child(lambda: len(list(manager.walk(BIG_TABLE)))) == str(whole) == "900"
    assert len(list(manager.walk(BIG_TABLE))) == whole
    assert manager.statistics.connections == 1
    assert agent.call(lambda: agent.agent.statistics.connections) == 2


@needs_fork
def test_both_may_walk_at_once_and_neither_loses_a_name(manager) -> None:
    mine = manager.walk(BIG_TABLE, max_repetitions=5)
    found = [next(mine) for _ in range(20)]
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # it goes on with the walk that the parent began
        os.write(writing, str(20 + len(list(mine))).encode())
        os._exit(0)
    os.close(writing)
    found += list(mine)
    with os.fdopen(reading) as pipe:
        assert pipe.read() == "900"
    os.waitpid(child, 0)
    assert len({varbind.oid for varbind in found}) == 900


@needs_fork
def test_a_child_that_closes_or_collects_the_manager_does_not_harm_the_parent(agent) -> None:
    manager = SyncManager(agent.host, agent.port, credentials=PUBLIC, timeout=20)
    manager.get(SYS_DESCR)

    def close_and_forget() -> str:
        manager.close()
        manager._loop = None  # type: ignore[assignment]  # the last reference to the loop
        return "closed"

    assert in_child(close_and_forget) == "closed"
    assert str(manager.get(SYS_DESCR)[0].value) == "a switch"
    assert manager.statistics.connections == 1
    manager.close()


@needs_fork
def test_ids_of_a_child_are_not_those_of_the_parent(manager, agent) -> None:
    manager.get(SYS_DESCR)
    in_child(lambda: [manager.get(SYS_DESCR) for _ in range(20)])
    for _ in range(20):
        manager.get(SYS_DESCR)
    ids = [request.pdu.request_id for request in agent.requests]
    assert len(set(ids)) == len(ids) == 41


@needs_fork
def test_a_child_that_holds_its_manager_does_not_deafen_the_parent(manager) -> None:
    manager.get(SYS_DESCR)

    def hold() -> int:
        manager.hold(held=True)
        manager.hold(held=False)
        manager.hold(held=True)
        return int(manager.pending)

    assert in_child(hold) == "0"
    assert str(manager.get(SYS_DESCR)[0].value) == "a switch"
    assert manager.statistics.connections == 1


def test_a_generator_that_is_dropped_inside_of_another_loop_says_nothing(manager) -> None:
    walk = manager.walk(BIG_TABLE)
    next(walk)

    async def drop() -> None:
        nonlocal walk
        del walk
        gc.collect()

    asyncio.run(drop())
    assert str(manager.get(SYS_DESCR)[0].value) == "a switch"


def test_another_thread_that_asks_while_the_loop_is_being_made_makes_no_second_one(monkeypatch) -> None:
    private = sync.PrivateLoop()
    made: list[asyncio.AbstractEventLoop] = []

    def make() -> asyncio.AbstractEventLoop:
        if not made:
            made.append(asyncio.SelectorEventLoop())
            other = threading.Thread(target=private.check)
            other.start()
            other.join(30)
            return made[0]
        made.append(asyncio.SelectorEventLoop())
        return made[-1]

    async def nothing() -> None:
        pass

    monkeypatch.setattr(sync, "new_loop", make)
    private.run(nothing())
    private.close()
    count = len(made)
    for loop in made:
        loop.close()
    assert count == 1


def test_of_many_threads_at_once_one_is_served_and_the_others_are_told(manager) -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    outcomes: list[object] = []

    def ask() -> None:
        for _ in range(10):
            try:
                outcomes.append(str(manager.get(SYS_DESCR)[0].value))
            except RuntimeError as error:
                outcomes.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    finally:
        sys.setswitchinterval(interval)
    assert len(outcomes) == 100
    assert set(outcomes) <= {"a switch", "another thread is waiting in a call on the same object"}
    assert "a switch" in outcomes


def test_a_closed_manager_does_not_open_again() -> None:
    manager = SyncManager("192.0.2.1", credentials=Community("public"))
    manager.close()

    with pytest.raises(ClosedError, match=r"192\.0\.2\.1:161: the manager is closed"), manager:
        pass
