"""Hashing: even, the same in every process, and whoever comes or goes moves no more than its own part."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from snmptcp.fleet.dask.placing import ranking, shard_of

NAMES = [f"router-{number}" for number in range(4000)]


@given(name=st.text(), shards=st.integers(1, 500))
def test_a_target_is_in_one_of_the_shards(name: str, shards: int) -> None:
    assert 0 <= shard_of(name, shards) < shards


@given(name=st.text(), shards=st.integers(1, 500))
def test_a_shard_that_is_added_takes_targets_and_moves_no_others(name: str, shards: int) -> None:
    assert shard_of(name, shards + 1) in (shard_of(name, shards), shards)


def test_targets_are_spread_evenly_over_shards() -> None:
    counts = Counter(shard_of(name, 16) for name in NAMES)
    assert len(counts) == 16
    assert all(180 < count < 320 for count in counts.values())  # 250 each, give or take four deviations


def test_a_shard_that_is_added_takes_its_part() -> None:
    moved = sum(shard_of(name, 16) != shard_of(name, 17) for name in NAMES)
    assert 180 < moved < 300  # a 17th is 235


@given(shard=st.integers(0, 10_000), workers=st.sets(st.text(max_size=8), min_size=1, max_size=12))
def test_a_worker_that_goes_changes_nothing_in_the_order_of_the_others(shard: int, workers: set[str]) -> None:
    order = ranking(shard, workers)
    assert sorted(order) == sorted(workers)
    for gone in workers:
        assert ranking(shard, workers - {gone}) == [worker for worker in order if worker != gone]


@given(shard=st.integers(0, 10_000), workers=st.lists(st.text(max_size=8), unique=True, min_size=1, max_size=12))
def test_the_order_in_which_workers_are_told_does_not_matter(shard: int, workers: list[str]) -> None:
    assert ranking(shard, workers) == ranking(shard, reversed(workers))


def test_a_worker_that_comes_takes_about_its_part_of_the_shards() -> None:
    workers = [f"worker-{number}" for number in range(9)]
    before = [ranking(shard, workers)[0] for shard in range(1000)]
    after = [ranking(shard, [*workers, "worker-9"])[0] for shard in range(1000)]
    moved = {(one, other) for one, other in zip(before, after, strict=True) if one != other}
    assert {other for _, other in moved} == {"worker-9"}
    assert 60 < after.count("worker-9") < 140  # a tenth is 100


def test_every_process_comes_to_the_same_result() -> None:
    code = """if True:
        from snmptcp.fleet.dask.placing import ranking, shard_of
        print([shard_of(f"router-{number}", 64) for number in range(20)], ranking(7, ["a", "b", "c", "d"]))
    """
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "12345", "PYTHONPATH": ":".join(sys.path)},
    )
    here = [shard_of(name, 64) for name in NAMES[:20]]
    assert found.stdout == f"{here} {ranking(7, ['a', 'b', 'c', 'd'])}\n"
