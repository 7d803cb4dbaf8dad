"""The jobs that read what the page shows."""

from __future__ import annotations

import pytest

from snmptcp import ConfigurationError
from snmptcp.fleet import Fleet, Get, Table
from snmptcp.web import interface_jobs


def test_counters_are_read_often_and_names_seldom() -> None:
    jobs = interface_jobs(10)
    assert [(type(job), job.interval) for job in jobs] == [
        (Table, 10),
        (Table, 10),
        (Get, 120),
        (Table, 120),
        (Table, 120),
    ]
    assert [job.limit for job in jobs if isinstance(job, Table)] == [1000] * 4


def test_they_need_no_mib_modules_and_have_names_of_their_own() -> None:
    Fleet(jobs=(*interface_jobs(), Get("1.3.6.1.2.1.1.3.0", name="interfaces")))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"interval": 0}, "interval is a number of seconds from .*, not 0"),
        ({"limit": 0}, "limit is a number from 1 on"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, float], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        interface_jobs(**arguments)  # type: ignore[arg-type]
