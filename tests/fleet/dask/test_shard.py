"""What a shard needs next: a run, a hand-over, another worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.fleet.dask.placing import ranking
from snmptcp.fleet.dask.shard import COUNTERS, START_PATIENCE, Phase, Shard

if TYPE_CHECKING:
    from typing import Any

    from snmptcp.fleet.dask.shard import Run

PATIENCE = 20.0
FIRST, SECOND, THIRD = ranking(0, ["a", "b", "c"])


def workers(*names: str) -> dict[str, str]:
    return {name: f"tcp://{name}" for name in names}


def report(state: str, **told: Any) -> dict[str, Any]:
    return {"state": state, "covered": None, "error": None, **dict.fromkeys(COUNTERS, 0), **told}


@pytest.fixture
def shard() -> Shard:
    shard = Shard(0, PATIENCE)
    shard.has_targets = True
    return shard


def submitted(shard: Shard, now: float, *names: str) -> Run:
    run = shard.plan(now, workers(*names))
    assert run is not None
    return run


def polling(shard: Shard, now: float, *names: str, covered: float = 100.0) -> Run:
    """Return a run that polls."""
    run = submitted(shard, now, *names)
    shard.reported(run, now, report("waiting"))
    shard.reported(run, now, report("polling", covered=covered))
    assert shard.current is run
    return run


def phases(shard: Shard) -> list[Phase]:
    return [run.phase for run in shard.runs]


def test_it_is_given_to_the_worker_that_it_prefers(shard: Shard) -> None:
    run = submitted(shard, 0.0, "a", "b", "c")
    assert (run.worker, run.address, run.phase) == (FIRST, f"tcp://{FIRST}", Phase.SUBMITTED)
    assert shard.plan(1.0, workers("a", "b", "c")) is None
    assert not shard.is_placed


def test_it_is_polled_once_its_run_has_reported(shard: Shard) -> None:
    run = submitted(shard, 0.0, "a", "b")
    shard.reported(run, 1.0, report("waiting"))
    assert (shard.current, run.phase) == (run, Phase.GRANTED)
    shard.reported(run, 2.0, report("polling", covered=50.0))
    assert run.phase is Phase.POLLING
    assert shard.covered == 50.0
    assert shard.is_placed


def test_without_workers_it_waits(shard: Shard) -> None:
    assert shard.plan(0.0, {}) is None
    assert not shard.is_placed
    assert submitted(shard, 1.0, "b").worker == "b"


def test_it_moves_to_a_worker_that_it_prefers_without_a_gap(shard: Shard) -> None:
    old = polling(shard, 0.0, SECOND)
    new = submitted(shard, 10.0, FIRST, SECOND)
    assert (shard.current, shard.coming) == (old, new)
    assert phases(shard) == [Phase.POLLING, Phase.SUBMITTED]  # until the other is ready

    shard.reported(new, 11.0, report("waiting"))
    assert phases(shard) == [Phase.ENDING, Phase.JOINED]  # until the first has ended

    shard.reported(old, 12.0, report("ended", covered=112.0))
    assert (shard.current, shard.coming, new.phase) == (new, None, Phase.GRANTED)
    assert shard.covered == 112.0
    assert (shard.moves, shard.losses) == (1, 0)


def test_it_stays_where_it_is_if_a_worker_comes_that_it_likes_less(shard: Shard) -> None:
    polling(shard, 0.0, FIRST)
    assert shard.plan(10.0, workers(FIRST, SECOND, THIRD)) is None
    assert shard.is_placed


def test_a_worker_that_comes_and_goes_before_it_has_started_disturbs_nothing(shard: Shard) -> None:
    old = polling(shard, 0.0, SECOND)
    new = submitted(shard, 1.0, FIRST, SECOND)
    assert shard.plan(2.0, workers(SECOND)) is None
    assert shard.runs == (old,)
    shard.lost(new, 3.0, "gone")  # told later, of a run that is forgotten
    assert shard.is_placed
    assert shard.losses == 0


def test_a_worker_that_is_gone_loses_it_at_once_and_gets_it_back_when_it_returns(shard: Shard) -> None:
    old = polling(shard, 0.0, FIRST, SECOND, covered=90.0)
    shard.lost(old, 10.0, "gone", gone=True)
    assert shard.current is None
    assert shard.covered == 90.0
    new = submitted(shard, 10.0, SECOND)
    shard.reported(new, 10.1, report("waiting"))
    shard.reported(new, 10.2, report("polling"))
    assert shard.current is new
    assert submitted(shard, 11.0, FIRST, SECOND).worker == FIRST
    assert shard.losses == 1


def test_a_worker_that_is_gone_again_and_again_is_left_alone_for_longer_and_longer(shard: Shard) -> None:
    now, pauses = 0.0, []
    for _ in range(8):
        shard.lost(polling(shard, now, FIRST), now, "gone", gone=True)
        lost_at = now
        while shard.plan(now, workers(FIRST)) is None:
            now += 1.0
        pauses.append(now - lost_at)
        shard.coming = None
    assert pauses == [0.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]


def test_a_worker_that_returns_while_another_starts_it_gets_it_afterwards(shard: Shard) -> None:
    shard.lost(polling(shard, 0.0, FIRST, SECOND), 10.0, "gone", gone=True)
    stopgap = submitted(shard, 10.0, SECOND)
    assert shard.plan(10.5, workers(FIRST, SECOND)) is None  # nobody polls it: what has begun goes on
    shard.reported(stopgap, 11.0, report("waiting"))
    assert shard.plan(11.1, workers(FIRST, SECOND)) is None  # it opens its sinks
    shard.reported(stopgap, 11.5, report("polling"))
    assert shard.current is stopgap
    assert submitted(shard, 12.0, FIRST, SECOND).worker == FIRST


def test_a_run_that_nobody_needs_any_more_is_not_started(shard: Shard) -> None:
    submitted(shard, 0.0, FIRST)
    shard.has_targets = False
    assert shard.plan(1.0, workers(FIRST)) is None
    assert shard.runs == ()


def test_failures_are_forgotten_after_a_while(shard: Shard) -> None:
    shard.lost(polling(shard, 0.0, FIRST), 0.0, "gone", gone=True)
    shard.lost(polling(shard, 1000.0, FIRST), 1000.0, "gone", gone=True)
    assert submitted(shard, 1000.0, FIRST).worker == FIRST


def test_while_a_run_is_lost_the_coming_one_takes_over(shard: Shard) -> None:
    old = polling(shard, 0.0, SECOND)
    new = submitted(shard, 1.0, FIRST, SECOND)
    shard.reported(new, 2.0, report("waiting"))
    shard.lost(old, 3.0, "gone", gone=True)
    assert (shard.current, new.phase) == (new, Phase.GRANTED)
    assert shard.moves == 0


def test_a_run_that_fails_goes_to_the_next_worker_and_tells_why(shard: Shard) -> None:
    run = submitted(shard, 0.0, "a", "b", "c")
    shard.reported(run, 1.0, report("waiting"))
    shard.reported(run, 2.0, report("ended", error="OSError: the disk is full"))
    assert shard.error == "OSError: the disk is full"
    following = submitted(shard, 2.0, "a", "b", "c")
    assert following.worker == SECOND
    shard.reported(following, 3.0, report("waiting"))
    shard.reported(following, 3.5, report("polling"))
    assert shard.error is None
    assert submitted(shard, 8.0, "a", "b", "c").worker == FIRST  # a quarter of the patience later


def test_if_all_workers_have_failed_they_are_tried_again_after_a_pause(shard: Shard) -> None:
    shard.lost(submitted(shard, 0.0, "a"), 1.0, "no such module")
    assert shard.plan(2.0, workers("a")) is None
    assert submitted(shard, 6.0, "a").worker == "a"


def test_a_run_that_is_not_started_is_given_up(shard: Shard) -> None:
    submitted(shard, 0.0, FIRST, SECOND)
    assert shard.plan(PATIENCE, workers(FIRST, SECOND)) is None
    assert submitted(shard, PATIENCE + 1.0, FIRST, SECOND).worker == SECOND
    assert shard.error == f"worker {FIRST} has not started it within 20 s"


def test_a_run_whose_sinks_do_not_open_is_given_up(shard: Shard) -> None:
    run = submitted(shard, 0.0, FIRST, SECOND)
    shard.reported(run, 1.0, report("waiting"))
    shard.reported(run, 1.5, report("starting"))
    assert submitted(shard, 2.0 + START_PATIENCE, FIRST, SECOND).worker == SECOND
    assert shard.error == f"worker {FIRST} has not begun to poll within 60 s"


def test_a_worker_that_closes_keeps_it_until_it_has_told_that_it_has_ended(shard: Shard) -> None:
    old = polling(shard, 0.0, FIRST)
    shard.leaves(old, 1.0)
    new = submitted(shard, 1.0, SECOND)
    shard.reported(new, 1.1, report("waiting"))
    assert shard.current is old
    shard.reported(old, 2.0, report("ended", covered=102.0))
    assert (shard.current, shard.covered, shard.losses) == (new, 102.0, 0)


def test_a_run_that_cannot_take_other_targets_tells_why(shard: Shard) -> None:
    run = polling(shard, 0.0, "a")
    shard.reported(run, 1.0, report("polling", error="ConfigurationError: odd"))
    assert (shard.error, shard.is_placed) == ("ConfigurationError: odd", True)
    shard.reported(run, 2.0, report("polling"))
    assert shard.error is None


def test_a_worker_that_closes_before_that_is_known_is_left_alone_for_a_moment(shard: Shard) -> None:
    old = polling(shard, 0.0, FIRST, SECOND)
    shard.reported(old, 1.0, report("ended", covered=101.0))
    assert submitted(shard, 1.0, FIRST, SECOND).worker == SECOND
    assert (shard.covered, shard.moves, shard.losses, shard.error) == (101.0, 1, 0, None)
    shard.coming = None
    assert submitted(shard, 1.0 + PATIENCE, FIRST, SECOND).worker == FIRST


def test_without_targets_its_run_ends_and_none_follows(shard: Shard) -> None:
    run = polling(shard, 0.0, "a")
    shard.has_targets = False
    assert shard.plan(1.0, workers("a")) is None
    assert run.phase is Phase.ENDING
    shard.reported(run, 2.0, report("ended", covered=102.0))
    assert shard.plan(3.0, workers("a")) is None
    assert shard.is_placed
    assert (shard.moves, shard.losses) == (0, 0)


def test_what_runs_have_counted_is_added_up(shard: Shard) -> None:
    old = polling(shard, 0.0, FIRST, SECOND)
    shard.reported(old, 1.0, report("polling", polls=7, made_up=1))
    shard.reported(old, 2.0, report("polling", polls=9, made_up=1))
    shard.lost(old, 3.0, "gone", gone=True)
    new = polling(shard, 4.0, SECOND)
    shard.reported(new, 5.0, report("polling", polls=2, made_up=2))
    assert (shard.counted("polls"), shard.counted("made_up"), shard.counted("failed")) == (11, 3, 0)
