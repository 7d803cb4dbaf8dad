"""What client and workers tell each other: it can be sent, and a lost report costs no lease."""

from __future__ import annotations

import pickle

from snmptcp.fleet import BackOff, Get
from snmptcp.fleet.dask import Place
from snmptcp.fleet.dask.messages import Grant, Order, tick_of
from tests.fleet.dask.cluster import Sinks, settings_of
from tests.fleet.making import NAME


def make_sinks(place: Place) -> list[object]:
    return []


def test_settings_and_orders_arrive_as_they_were() -> None:
    settings = settings_of(make_sinks, [Get(NAME)])  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(settings)) == settings
    order = Order("c0", 1.5, (Grant("3-1", 2, b"targets", None),), ("4-1",))
    assert pickle.loads(pickle.dumps(order)) == order
    assert pickle.loads(pickle.dumps(BackOff(first=3.0))) == BackOff(first=3.0)


def test_three_reports_may_be_lost_before_a_lease_runs_out() -> None:
    assert 3 * tick_of(20.0) < 20.0


def test_the_place_tells_sinks_where_they_are() -> None:
    made = Sinks()
    made(Place("fleet", 3, 64, "worker-7"))
    assert made.made[0][0]._asdict() == {"fleet": "fleet", "shard": 3, "shards": 64, "worker": "worker-7"}
