"""Averages, peaks and maxima."""

from __future__ import annotations

from snmptcp import OID, Counter32, Gauge32
from snmptcp.cli.watch.averages import Entry, Figure, Reporter
from snmptcp.cli.watch.counters import Interval, Moment
from snmptcp.cli.watch.variables import Change, Sample
from snmptcp.values import VarBind

A, B, GAUGE = (OID(f"1.3.6.1.2.1.99.{arc}.0") for arc in (1, 2, 3))


def sample(seconds: float, *differences: int | None, restarted: bool = False) -> Sample:
    changes = [
        Change(VarBind(oid, Counter32(0)), difference, counts=True)
        for oid, difference in zip((A, B), differences, strict=False)
    ]
    gauge = Change(VarBind(GAUGE, Gauge32(7)), None, counts=False)
    return Sample(Interval(Moment(0.0, 1), Moment(seconds, 2), seconds, restarted), [*changes, gauge])


def test_each_sample_is_a_report_with_the_largest_so_far() -> None:
    reporter = Reporter()
    reporter.add(sample(2.0, 100, 10))
    report = reporter.add(sample(0.5, 30, 10))
    assert report is not None
    assert (report.uptime, report.seconds, report.restarted) == (2, 0.5, False)
    assert report.entries == [
        Entry(VarBind(A, Counter32(0)), counts=True, figure=Figure(30, 60.0, 30, 60.0, 100, 60.0)),
        Entry(VarBind(B, Counter32(0)), counts=True, figure=Figure(10, 20.0, 10, 20.0, 10, 20.0)),
        Entry(VarBind(GAUGE, Gauge32(7)), counts=False, figure=None),
    ]
    assert report.total == Figure(40, 80.0, 40, 80.0, 110, 80.0)


def test_several_samples_have_an_average_and_a_peak() -> None:
    reporter = Reporter(3)
    assert reporter.add(sample(1.0, 1)) is None
    assert reporter.add(sample(1.0, 100)) is None
    report = reporter.add(sample(2.0, 0))
    assert report is not None
    assert report.entries[0].figure == Figure(33, 25.25, 100, 100.0, 100, 100.0)
    assert report.seconds == 4.0


def test_samples_without_a_difference_do_not_count() -> None:
    reporter = Reporter(2)
    reporter.add(sample(1.0, None, restarted=True))
    report = reporter.add(sample(1.0, 8))
    assert report is not None
    assert report.restarted
    assert report.entries[0].figure == Figure(8, 8.0, 8, 8.0, 8, 8.0)
    nothing = Reporter().add(sample(1.0, None))
    assert nothing is not None
    assert (nothing.entries[0].figure, nothing.total) == (None, None)


def test_no_time_between_two_readings_makes_no_rate() -> None:
    report = Reporter().add(sample(0.0, 5))
    assert report is not None
    assert report.entries[0].figure == Figure(5, 0.0, 5, 0.0, 5, 0.0)
