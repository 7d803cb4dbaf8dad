"""What the latest polls tell."""

from __future__ import annotations

from snmptcp import RequestTimeout
from snmptcp.cli.polling.recent import Failing, Recent, Slow
from tests.cli.polling.making import poll, sample, target

ERROR = RequestTimeout(5.0)


def test_a_job_fails_from_its_first_failure_until_it_succeeds() -> None:
    recent = Recent()
    assert recent.take(poll("a", at=100.0, error=ERROR)) is None
    recent.take(poll("b", at=105.0, error=ERROR))
    recent.take(poll("a", at=110.0, error=ERROR))
    assert recent.failing(5) == [Failing("b", "uptime", 105.0, 1, ERROR), Failing("a", "uptime", 100.0, 2, ERROR)]
    assert recent.failing(1)[0].target == "b"
    assert recent.take(poll("a", "other")) is None
    assert recent.take(poll("a")) == Failing("a", "uptime", 100.0, 2, ERROR)
    assert [each.target for each in recent.failing(5)] == ["b"]
    assert recent.polled == 2


def test_the_slowest_are_those_of_the_last_polls_that_succeeded() -> None:
    recent = Recent()
    for name, took in (("a", 0.5), ("b", 2.0), ("c", 1.0), ("b", 0.1)):
        recent.take(poll(name, took=took))
    assert recent.slowest(2) == [Slow("c", "uptime", 1.0), Slow("a", "uptime", 0.5)]
    recent.take(poll("c", error=ERROR))
    assert [slow.target for slow in recent.slowest(5)] == ["a", "b"]


def test_the_newest_rates_are_the_greatest_of_each_poll() -> None:
    recent = Recent()
    recent.take(poll("a", samples=(sample(1.0), sample(5.0), sample(None))))
    recent.take(poll("b", samples=(sample(None),)))
    recent.take(poll("c", samples=(sample(0.0),)))
    assert [each.rate for each in recent.rates(5)] == [0.0, 5.0]
    assert [each.rate for each in recent.rates(1)] == [0.0]


def test_targets_and_jobs_that_are_polled_no_more_are_forgotten() -> None:
    recent = Recent()
    recent.take(poll("a", error=ERROR))
    recent.take(poll("b"))
    recent.take(poll("c"))
    recent.take(poll("c", "a job of the past", error=ERROR))
    recent.keep({"c": target("c")})
    assert (recent.failing(5), [slow.target for slow in recent.slowest(5)], recent.polled) == ([], ["c"], 1)
