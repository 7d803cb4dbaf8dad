"""The observer's base class: a subclass overrides only what it wants to know."""

from __future__ import annotations

import inspect

from snmptcp.errors import ConnectionLost, WrongCommunity
from snmptcp.protocol.observer import Observer


def test_every_method_does_nothing_and_returns_none() -> None:
    observer = Observer()
    error = WrongCommunity()
    arguments: dict[str, tuple[object, ...]] = {
        **dict.fromkeys(("request_started", "request_ended", "walk_started", "walk_ended"), (object(),)),
        **dict.fromkeys(("connection_started", "connection_opened", "connection_ended"), (object(),)),
        "message_sent": (b"0",),
        "message_received": (b"0",),
        "exchange_ended": (object(),),
        "message_refused": (b"0", error),
        "ready_to_send": (),
        "connection_closed": (ConnectionLost("gone"),),
    }
    methods = {name for name, _ in inspect.getmembers(Observer, inspect.isfunction) if not name.startswith("_")}
    assert methods == {*arguments, "report_received"}
    for name, values in arguments.items():
        assert getattr(observer, name)(*values) is None
    assert observer.report_received(b"0", (), error, probe=True) is None  # type: ignore[func-returns-value]
