"""Callbacks of the program: what they raise is logged once, counted always, and goes no further."""

from __future__ import annotations

import asyncio
import inspect
import logging
from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import ConnectionLost
from snmptcp.net.callbacks import GuardedObserver, guarded
from snmptcp.protocol.observer import Observer

if TYPE_CHECKING:
    from snmptcp.protocol.trace import WalkTrace


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def fail(*_: object) -> None:
    raise ValueError("a fault of the program")


def test_a_callback_that_works_is_called_with_its_arguments() -> None:
    seen: list[object] = []
    guarded("callback", lambda *args: seen.append(args), fail)(1, 2)

    assert seen == [(1, 2)]


def test_failures_are_counted_and_the_first_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    count = Counter()
    call = guarded("packet_trace", fail, count)
    with caplog.at_level(logging.INFO):
        for _ in range(5):
            call()

    assert count.count == 5
    (record,) = caplog.records
    assert record.getMessage() == "packet_trace failed; requests are not affected"
    assert record.exc_info is not None


@pytest.mark.parametrize("wrong", [ValueError("wrong"), asyncio.CancelledError()], ids=repr)
def test_a_failure_is_passed_on_with_the_arguments_of_the_callback(
    wrong: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    def call_back(number: int, *, name: str) -> None:
        raise wrong

    seen: list[object] = []
    guarded(
        "on_message",
        call_back,
        Counter(),
        failed=lambda error, number, *, name: seen.append((error, number, name)),
        effect="the connection is reset",
    )(7, name="seven")

    assert seen == [(wrong, 7, "seven")]
    assert caplog.messages == ["on_message failed; the connection is reset"]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_is_not_swallowed(kind: type[BaseException]) -> None:
    def end() -> None:
        raise kind

    with pytest.raises(kind):
        guarded("callback", end, Counter())()


def test_every_method_of_an_observer_is_guarded(caplog: pytest.LogCaptureFixture) -> None:
    names = [name for name, _ in inspect.getmembers(Observer, inspect.isfunction) if not name.startswith("_")]
    broken = type("Broken", (Observer,), dict.fromkeys(names, fail))()
    for name in names:  # called with keywords, too
        setattr(type(broken), name, lambda *_, **__: fail())
    count = Counter()
    guard = GuardedObserver(broken, count)
    guard.message_sent(b"")
    guard.message_received(b"")
    guard.exchange_ended(None)  # type: ignore[arg-type]  # it does not look at it
    guard.report_received(b"", (), ConnectionLost("x"), probe=False)
    guard.message_refused(b"", ConnectionLost("x"))
    guard.ready_to_send()
    guard.connection_closed(ConnectionLost("x"))
    for kind in ("request", "walk", "connection"):
        for moment in ("started", "ended"):
            getattr(guard, f"{kind}_{moment}")(None)
    guard.connection_opened(None)  # type: ignore[arg-type]

    assert count.count == len(names) == 14
    assert len(caplog.records) == 14


def test_only_what_an_observer_overrides_is_called_and_told_whether_it_follows_requests() -> None:
    class Watcher(Observer):
        def message_sent(self, message: bytes) -> None:
            told.append(message)

    class Follower(Observer):
        def walk_ended(self, trace: WalkTrace) -> None:
            told.append(trace)

    told: list[object] = []
    watcher, follower = GuardedObserver(Watcher(), fail), GuardedObserver(Follower(), fail)
    watcher.message_sent(b"sent")
    watcher.message_received(b"received")
    assert told == [b"sent"]
    assert set(vars(watcher)) == {"message_sent", "follows_requests"}
    assert (watcher.follows_requests, follower.follows_requests) == (False, True)
    assert not GuardedObserver(Observer(), fail).follows_requests
