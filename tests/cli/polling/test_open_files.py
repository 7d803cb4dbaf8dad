"""The limit of open files."""

from __future__ import annotations

from typing import Any

import pytest

from snmptcp.cli.polling import open_files
from snmptcp.cli.polling.open_files import allow_open_files
from snmptcp.fleet.polling.connections import OTHER_FILES


class Limits:
    """The limits of a process."""

    RLIMIT_NOFILE = 7
    RLIM_INFINITY = -1

    def __init__(self, soft: int, hard: int, error: Exception | None = None) -> None:
        self.values = (soft, hard)
        self._error = error

    def getrlimit(self, number: int) -> tuple[int, int]:
        assert number == self.RLIMIT_NOFILE
        return self.values

    def setrlimit(self, number: int, values: tuple[int, int]) -> None:
        if self._error is not None:
            raise self._error
        self.values = values


def limits(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, error: Exception | None = None) -> Limits:
    found = Limits(soft, hard, error)
    monkeypatch.setattr(open_files, "resource", found)
    return found


@pytest.mark.parametrize(("soft", "hard"), [(1024, 4096), (-1, -1), (890 + OTHER_FILES, 1 << 20)])
def test_a_limit_that_is_high_enough_stays(soft: int, hard: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = limits(monkeypatch, soft, hard)
    assert allow_open_files(890) == []
    assert found.values == (soft, hard)


def test_the_soft_limit_is_raised_to_the_hard_one_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = limits(monkeypatch, 1024, 4096)
    assert allow_open_files(2000) == ["the limit of open files was raised from 1,024 to 4,096"]
    assert found.values == (4096, 4096)
    limits(monkeypatch, 1024, -1)
    assert allow_open_files(2000) == ["the limit of open files was raised from 1,024 to infinity"]


def test_a_hard_limit_that_is_too_low_is_told_with_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    limits(monkeypatch, 1024, 1024)
    (told,) = allow_open_files(5000)
    assert told.startswith("5,000 connections need more open files than 1,024: set max_connections to 896 or less")
    assert allow_open_files(5000, fixed=False) == []
    limits(monkeypatch, 1024, 4096, OSError("not permitted"))
    told, more = allow_open_files(5000)
    assert told == "the limit of open files (1,024) could not be raised: not permitted"
    assert "896 or less" in more


def test_a_system_without_such_a_limit_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: Any = None
    monkeypatch.setattr(open_files, "resource", nothing)
    assert allow_open_files(1 << 30) == []
