"""The counters of a listener."""

from __future__ import annotations

from dataclasses import fields

from snmptcp.listener.statistics import ListenerStatistics
from snmptcp.protocol.receiver import ReceiverStatistics


def test_a_listeners_counters_begin_at_zero_and_include_those_of_its_messages():
    statistics = ListenerStatistics()
    assert isinstance(statistics, ReceiverStatistics)
    assert {field.name for field in fields(ReceiverStatistics)} < {field.name for field in fields(statistics)}
    assert not any(getattr(statistics, field.name) for field in fields(statistics))
