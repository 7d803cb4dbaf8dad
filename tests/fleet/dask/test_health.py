"""Healths of several shards as one, and on their way through dask's topics."""

from __future__ import annotations

import json

from snmptcp.fleet import Health, Lateness, SinkHealth
from snmptcp.fleet.dask.health import health_from_dict, health_to_dict, merged


def health(**told: object) -> Health:
    numbers = dict.fromkeys(
        ("targets", "failing", "running", "connections", "polls", "failed", "skipped", "backed_off", "samples"), 1
    )
    return Health(
        **{
            **numbers,
            "started_at": 10.0,
            "at": 20.0,
            "lag": 0.1,
            "lateness": Lateness(0.1, 0.2, 0.3),
            "errors": {"RequestTimeout": 2},
            "sinks": (SinkHealth("sqlite", 1, 2, 3, 4, None),),
            "unread": 5,
            "source_error": None,
            "made_up": 6,
            **told,
        }  # type: ignore[arg-type]
    )


def test_counters_are_added_and_of_times_the_worst_is_told() -> None:
    other = health(
        started_at=5.0,
        at=30.0,
        polls=9,
        lag=0.4,
        lateness=Lateness(0.05, 0.9, 0.9),
        errors={"RequestTimeout": 1, "ConnectionLost": 1},
        sinks=(SinkHealth("sqlite", 10, 20, 30, 40, "OSError: full"), SinkHealth("parquet", 1, 1, 1, 1, None)),
        source_error="ValueError: odd",
    )
    both = merged([health(), other])
    assert (both.targets, both.polls, both.unread, both.made_up) == (2, 10, 10, 12)
    assert (both.started_at, both.at, both.lag) == (5.0, 30.0, 0.4)
    assert both.lateness == Lateness(0.1, 0.9, 0.9)
    assert both.errors == {"RequestTimeout": 3, "ConnectionLost": 1}
    assert both.sinks == (
        SinkHealth("sqlite", 11, 22, 33, 44, "OSError: full"),
        SinkHealth("parquet", 1, 1, 1, 1, None),
    )
    assert both.source_error == "ValueError: odd"


def test_of_one_health_nothing_changes() -> None:
    assert merged([health()]) == health()


def test_of_none_everything_is_zero() -> None:
    nothing = merged([])
    assert (nothing.targets, nothing.polls, nothing.sinks, nothing.errors) == (0, 0, (), {})


def test_a_topic_carries_a_health_as_numbers_and_text() -> None:
    told = json.loads(json.dumps(health_to_dict(health())))
    assert health_from_dict(told) == health()
