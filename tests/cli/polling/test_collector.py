"""The garbage collector while a fleet is polled."""

from __future__ import annotations

import gc

import pytest

from snmptcp.cli.polling.collector import THRESHOLDS, collected_seldom


def test_the_collector_runs_seldom_in_the_block_and_as_before_behind_it() -> None:
    before = gc.get_threshold()
    with collected_seldom():
        assert gc.get_threshold() == THRESHOLDS
    assert gc.get_threshold() == before


def test_a_collector_that_was_stopped_in_the_block_runs_behind_it() -> None:
    before = gc.get_threshold()
    with pytest.raises(ZeroDivisionError), collected_seldom():
        gc.disable()
        raise ZeroDivisionError
    assert gc.isenabled()
    assert gc.get_threshold() == before
