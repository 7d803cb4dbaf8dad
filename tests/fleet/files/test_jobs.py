"""Jobs of a fleet's file."""

from __future__ import annotations

from typing import Any

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.fleet import Get, Job, Table, Walk
from snmptcp.fleet.files.jobs import read_job
from tests.fleet.files.helpers import place


@pytest.mark.parametrize(
    ("table", "job"),
    [
        ({"get": "sysUpTime.0"}, Get("sysUpTime.0", name="j", interval=20)),
        ({"get": ["1.3.6", "x"], "interval": 5}, Get("1.3.6", "x", name="j", interval=5)),
        ({"walk": "1.3.6", "limit": 7, "rates": False}, Walk("1.3.6", name="j", interval=20, limit=7, rates=False)),
        (
            {"table": "ifTable", "columns": ["ifDescr", 10, "16"], "max_repetitions": 0, "timeout": 2},
            Table("ifTable", "ifDescr", 10, 16, name="j", interval=20, max_repetitions=0, timeout=2),
        ),
        ({"table": "ifTable", "columns": "1,2"}, Table("ifTable", 1, 2, name="j", interval=20)),
    ],
)
def test_a_table_becomes_a_job_with_the_name_of_the_table(table: dict[str, Any], job: Job) -> None:
    here = place()
    assert read_job("j", table, here, 20.0) == job
    here.mistakes.tell()


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({}, "here: give one of get, walk and table"),
        ({"wlk": "x"}, "there is no key 'wlk'; did you mean 'walk'?"),
        ({"get": "x", "walk": "y"}, "not get and walk"),
        ({"get": "x", "limit": 5}, "here: there is no key 'limit'"),
        ({"get": []}, "here.get: "),
        ({"walk": ["a", "b"]}, "here.walk: a text is right"),
        ({"table": "x", "columns": [0]}, "here.columns: "),
        ({"table": "x", "columns": [True]}, "here.columns: "),
        ({"get": "x", "interval": 0}, "here.interval: a number of seconds above 0 is right, not 0"),
    ],
)
def test_a_table_of_other_things_is_refused(table: dict[str, Any], text: str) -> None:
    here = place()
    assert read_job("j", table, here, 60.0) is None
    with pytest.raises(ConfigurationError) as caught:
        here.mistakes.tell()
    assert text in str(caught.value)


def test_a_job_needs_a_name() -> None:
    here = place()
    assert read_job("", {"get": "x"}, here, 60.0) is None
    with pytest.raises(ConfigurationError, match="a job needs a name"):
        here.mistakes.tell()
