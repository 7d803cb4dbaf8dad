"""Polls as points: names, attributes, and counters that only grow."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import OID, Counter32, Counter64, Gauge32, Integer32, IpAddress, OctetString, Opaque, TimeTicks
from snmptcp.errors import RequestTimeout
from snmptcp.fleet.sinks import otlp_points
from snmptcp.fleet.sinks.otlp_points import LONGEST_TEXT, Metric, Point, PointMaker
from snmptcp.mib.objects import Syntax
from snmptcp.mib.values import named_value
from tests.support.polls import NOON, TARGET, make_poll, make_sample, make_target

if TYPE_CHECKING:
    from snmptcp.fleet import Poll

NOON_NS = int(NOON) * 10**9
MINUTE_NS = 60 * 10**9


@pytest.fixture
def maker() -> PointMaker:
    return PointMaker({"ifHCInOctets": "By", "sysUpTime": "wrong"}, texts=True)


def of_samples(points: list[Point]) -> list[Point]:
    """Return the points of samples, without those of the polls themselves."""
    return [point for point in points if not point.metric.name.startswith(("snmp.up", "snmp.poll"))]


def written(maker: PointMaker, *polls: Poll) -> list[Point]:
    points = of_samples(maker.points(polls))
    maker.keep()
    return points


def counted(maker: PointMaker, value: Counter32 | Counter64, minute: int = 0, **given: Any) -> tuple[float, int]:
    """Return value and start of the point of one counter, polled at a minute; the start in minutes after noon."""
    rate = given.pop("rate", None)
    at = NOON + minute * 60
    (point,) = written(maker, make_poll(make_sample(value, at=at, rate=rate), at=at, **given))
    assert point.at == NOON_NS + minute * MINUTE_NS
    return point.value, (point.since - NOON_NS) // MINUTE_NS


def test_a_counter_is_a_point_with_target_labels_and_index(maker: PointMaker) -> None:
    (point,) = written(maker, make_poll(make_sample(Counter64(7))))
    assert point == Point(
        Metric("ifHCInOctets", "By", is_counter=True),
        {"target": "switch-1", "site": "Lyon", "index": "3"},
        7,
        NOON_NS,
        NOON_NS,
    )


def test_each_poll_tells_whether_it_has_succeeded_and_how_long_it_took(maker: PointMaker) -> None:
    points = maker.points([make_poll(), make_poll(error=RequestTimeout(5.0))])
    told = [(point.metric.name, point.metric.unit, point.value) for point in points]
    assert told == [
        ("snmp.up", "", 1),
        ("snmp.poll.duration", "s", 0.5),
        ("snmp.up", "", 0),
        ("snmp.poll.duration", "s", 0.5),
    ]
    assert points[0].attributes == {"target": "switch-1", "site": "Lyon", "snmp.job": "interfaces"}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (Gauge32(2**32 - 1), 2**32 - 1),
        (Integer32(-5), -5),
        (Opaque(b"\x9f\x78\x04" + struct.pack(">f", 1.5)), 1.5),
        (named_value(Syntax("INTEGER", base="INTEGER", labels={2: "down"}), Integer32(2)), 2),
    ],
)
def test_other_numbers_are_states(maker: PointMaker, value: Any, number: float) -> None:
    (point,) = written(maker, make_poll(make_sample(value, name="x")))
    assert (point.metric, point.value, point.since) == (Metric("x", "", is_counter=False), number, 0)


def test_time_ticks_are_hundredths_of_a_second_whatever_the_module_says(maker: PointMaker) -> None:
    (point,) = written(maker, make_poll(make_sample(TimeTicks(100), 0, name="sysUpTime")))
    assert point.metric == Metric("sysUpTime", "cs", is_counter=False)


def test_a_number_that_is_none_has_no_point(maker: PointMaker) -> None:
    nan = Opaque(b"\x9f\x78\x04" + struct.pack(">f", math.nan))
    assert written(maker, make_poll(make_sample(nan))) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (OctetString("eth0"), "eth0"),
        (IpAddress("192.0.2.9"), "192.0.2.9"),
        (OID("1.3.6.1"), "1.3.6.1"),
        (OctetString(b"\xff\x00"), "0xff00"),
        (OctetString("x" * 5000), "x" * LONGEST_TEXT),
    ],
)
def test_a_text_is_an_attribute_of_a_point_with_the_value_1(maker: PointMaker, value: Any, text: str) -> None:
    (point,) = written(maker, make_poll(make_sample(value, name="ifName")))
    assert point.metric == Metric("ifName", "", is_counter=False)
    assert point.attributes == {"target": "switch-1", "site": "Lyon", "index": "3", "ifName": text}
    assert point.value == 1


def test_texts_can_be_left_out() -> None:
    assert written(PointMaker({}, texts=False), make_poll(make_sample(OctetString("eth0")))) == []


def test_without_names_the_oid_is_an_attribute(maker: PointMaker) -> None:
    oid = "1.3.6.1.2.1.31.1.1.1.6.3"
    values = (Counter32(1), Integer32(2), OctetString("a"))
    samples = [make_sample(value, name=oid) for value in values]
    for sample in samples:
        sample.index = ""
    points = written(maker, make_poll(*samples))
    assert [point.metric.name for point in points] == ["snmp.counter", "snmp.gauge", "snmp.text"]
    assert [point.attributes["oid"] for point in points] == [oid] * 3
    assert points[2].attributes["text"] == "a"


def test_labels_give_way_to_attributes_of_points(maker: PointMaker) -> None:
    labels = {"target": "x", "exported_target": "y", "ifName": "z", "room": "caf\xe9"}
    target = make_target(labels=labels)
    (point,) = written(maker, make_poll(make_sample(OctetString("eth0"), name="ifName", target=target), target=target))
    assert point.attributes == {
        "target": "switch-1",
        "exported_target": "y",
        "exported_target_": "x",
        "room": "caf\xe9",
        "index": "3",
        "ifName": "z",
        "ifName_text": "eth0",
    }


# ------------------------------------------------------------------------------------------ counters


def test_a_counter_of_an_agent_whose_start_is_known_counts_since_then(maker: PointMaker) -> None:
    assert counted(maker, Counter64(10), 0, up_since=NOON - 600) == (10, -10)
    assert counted(maker, Counter64(15), 1, up_since=NOON - 599.8) == (15, -10), (
        "it is read a little differently each time"
    )


def test_a_counter_of_unknown_start_counts_since_its_first_point_even_if_the_start_is_learned_later(
    maker: PointMaker,
) -> None:
    assert counted(maker, Counter64(10), 0) == (10, 0)
    assert counted(maker, Counter64(15), 1, up_since=NOON - 600) == (15, 0)


def test_after_a_restart_a_counter_counts_since_that(maker: PointMaker) -> None:
    counted(maker, Counter64(10), 0, up_since=NOON - 600)
    assert counted(maker, Counter64(20), 10, up_since=NOON + 300, restarted=True) == (20, 5)
    assert counted(maker, Counter64(25), 11, up_since=NOON + 300) == (25, 5)


def test_a_counter32_that_has_wrapped_goes_on_growing(maker: PointMaker) -> None:
    assert counted(maker, Counter32(2**32 - 10), 0) == (2**32 - 10, 0)
    assert counted(maker, Counter32(5), 1, rate=0.25) == (2**32 + 5, 0)
    assert counted(maker, Counter32(6), 2, rate=0.1) == (2**32 + 6, 0)
    assert counted(maker, Counter32(1), 3, rate=7e7) == (2 * 2**32 + 1, 0)


@pytest.mark.parametrize("kind", [Counter32, Counter64])
def test_a_counter_that_has_fallen_otherwise_counts_anew(maker: PointMaker, kind: type[Counter32 | Counter64]) -> None:
    counted(maker, kind(100), 0, up_since=NOON - 600)
    assert counted(maker, kind(5), 1) == (5, 1)
    assert counted(maker, kind(6), 2) == (6, 1)


def test_a_counter_beyond_the_integers_of_points_is_a_floating_point_number(maker: PointMaker) -> None:
    assert isinstance(counted(maker, Counter64(2**63 - 1), 0)[0], int)
    number, since = counted(maker, Counter64(2**64 - 1), 1)
    assert isinstance(number, float)
    assert (number, since) == (float(2**64 - 1), 0)


def test_a_batch_that_was_not_written_makes_the_same_points_again(maker: PointMaker) -> None:
    polls = [
        make_poll(make_sample(Counter32(value), at=NOON + 60 * minute, rate=rate), at=NOON + 60 * minute)
        for minute, (value, rate) in enumerate([(2**32 - 1, None), (3, 0.1), (7, 0.1)])
    ]
    first = of_samples(maker.points(polls[:2]))
    again = of_samples(maker.points(polls))
    assert again[:2] == first
    assert [point.value for point in again] == [2**32 - 1, 2**32 + 3, 2**32 + 7]
    assert {point.since for point in again} == {NOON_NS}
    maker.keep()
    later = make_poll(make_sample(Counter32(8), at=NOON + 180, rate=0.1), at=NOON + 180)
    assert written(maker, later)[0].value == 2**32 + 8


def test_a_counter_that_is_gone_is_forgotten_but_not_by_a_poll_that_fails(maker: PointMaker) -> None:
    counted(maker, Counter64(10), 0)
    written(maker, make_poll(at=NOON + 60, error=RequestTimeout(5.0)))
    assert counted(maker, Counter64(11), 2) == (11, 0)
    written(maker, make_poll(at=NOON + 180))
    assert counted(maker, Counter64(12), 4) == (12, 4)


def test_targets_and_jobs_have_counters_of_their_own(maker: PointMaker) -> None:
    other = make_target("switch-2")
    counted(maker, Counter64(100), 0)
    point = written(maker, make_poll(make_sample(Counter64(1), target=other, at=NOON + 60), target=other, at=NOON + 60))
    assert (point[0].value, point[0].since) == (1, NOON_NS + MINUTE_NS)
    assert counted(maker, Counter64(101), 2, target=TARGET) == (101, 0)


def test_the_counters_of_a_target_that_was_removed_are_forgotten_after_a_while(
    maker: PointMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp_points, "FORGET_AFTER", 90.0)
    counted(maker, Counter64(10), 0)
    other = make_target("switch-2")
    written(maker, make_poll(at=NOON + 60, target=other))
    assert len(maker._jobs) == 2
    written(maker, make_poll(at=NOON + 100, target=other))
    assert list(maker._jobs) == [("switch-2", "interfaces")]
