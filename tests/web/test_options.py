"""The page's options and their ranges."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from snmptcp.errors import ArgumentTypeError, ConfigurationError
from snmptcp.web import Options

COUNTS = [each.name for each in fields(Options) if each.type == "int"]


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is a number from [12] on, not 0"):
        Options(**{name: 0})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["refresh", "heartbeat"])
@pytest.mark.parametrize("seconds", [0, -1.0, float("inf"), float("nan")])
def test_a_time_is_more_than_0(name: str, seconds: float) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is a number of seconds above 0"):
        Options(**{name: seconds})  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"title": 1}, {"history": "2"}, {"hosts": "localhost"}, {"hosts": [1]}])
def test_a_wrong_type_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentTypeError, match=next(iter(wrong))):
        Options(**wrong)
