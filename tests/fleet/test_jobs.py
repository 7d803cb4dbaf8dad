"""Jobs: their names, and the arguments that they refuse."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, ConfigurationError
from snmptcp.errors import ArgumentTypeError
from snmptcp.fleet import DEFAULT_INTERVAL, Get, Table, Walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.fleet import Job


@pytest.mark.parametrize(
    ("job", "name"),
    [
        (Get("sysUpTime.0", "sysName.0"), "get sysUpTime.0"),
        (Get(OID("1.3.6.1.2.1.1.3.0")), "get 1.3.6.1.2.1.1.3.0"),
        (Get((1, 3, 6, 1)), "get 1.3.6.1"),
        (Walk("ifTable"), "walk ifTable"),
        (Table("ifTable", "ifDescr"), "table ifTable"),
        (Table("ifTable", name="interfaces"), "interfaces"),
    ],
)
def test_a_job_is_named_after_what_it_reads_unless_it_has_a_name(job: Job, name: str) -> None:
    assert job.name == name
    assert job.interval == DEFAULT_INTERVAL


def test_equal_jobs_are_equal_and_survive_pickling() -> None:
    job = Table("ifTable", 1, "ifDescr", interval=30, timeout=2, limit=10, max_repetitions=5, rates=False)
    assert job == Table("ifTable", 1, "ifDescr", interval=30.0, timeout=2, limit=10, max_repetitions=5, rates=False)
    assert job != Table("ifTable", 1, interval=30)
    assert pickle.loads(pickle.dumps(job)) == job


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (Get, "a Get needs at least one name, such as Get('sysUpTime.0')"),
        (lambda: Table("a", -1), "the number of a column is from 1 to 4294967295, not -1"),
        (lambda: Get("a", interval=0), "interval is a number of seconds from 0.001 to 1000000000, not 0"),
        (lambda: Get("a", interval=float("nan")), "interval is a number of seconds from 0.001 to 1000000000, not nan"),
        (lambda: Walk("a", interval=float("inf")), "interval is a number of seconds from 0.001 to 1000000000, not inf"),
        (lambda: Walk("a", timeout=0), "timeout is a number of seconds above 0, not 0"),
        (lambda: Walk("a", limit=0), "limit is a number from 1 on, not 0"),
        (lambda: Table("a", max_repetitions=-1), "max_repetitions is a number from 0 on, not -1"),
    ],
)
def test_a_value_out_of_range_is_refused_with_what_would_be_right(make: Callable[[], object], text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Get(3), "names"),  # type: ignore[arg-type]
        (lambda: Get("a", interval="60"), "interval"),  # type: ignore[arg-type]
        (lambda: Walk(3), "root"),  # type: ignore[arg-type]
        (lambda: Walk("a", limit="3"), "limit"),  # type: ignore[arg-type]
        (lambda: Table("a", name=3), "name"),  # type: ignore[arg-type]
        (lambda: Table("a", 1.5), "columns"),  # type: ignore[arg-type]
    ],
)
def test_an_argument_of_a_wrong_type_is_refused_by_name(make: Callable[[], object], name: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"^{name} must be "):
        make()
