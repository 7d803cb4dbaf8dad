"""What a fleet counts."""

from __future__ import annotations

from snmptcp import RequestTimeout
from snmptcp.fleet import Lateness
from snmptcp.fleet.tally import Tally
from tests.fleet.making import poll


def test_polls_are_counted_with_what_they_tell() -> None:
    tally = Tally()
    tally.count(poll(samples=3))
    tally.count(poll(samples=0, error=RequestTimeout(5.0), skipped=2, backed_off=1))
    tally.count(poll(samples=1, error=RequestTimeout(5.0)))
    assert (tally.polls, tally.failed, tally.skipped, tally.backed_off, tally.samples) == (3, 2, 2, 1, 4)
    assert tally.errors == {"RequestTimeout": 2}


def test_lateness_is_told_by_quantiles() -> None:
    tally = Tally()
    assert tally.lateness == Lateness(0.0, 0.0, 0.0)
    for hundredths in range(101):
        tally.count(poll(due_at=0.0, started_at=hundredths / 100))
    assert tally.lateness == Lateness(0.5, 0.99, 1.0)
