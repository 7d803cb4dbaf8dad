"""Warnings that peers cause: the first ones in full, then a summary a minute."""

from __future__ import annotations

import logging

import pytest

from snmptcp.net.limited_log import FIRST, LimitedLog
from tests.support.clock import settle, skip

pytestmark = pytest.mark.anyio

logger = logging.getLogger("tests.limited_log")


@pytest.fixture
def limited() -> LimitedLog:
    return LimitedLog(logger, "things failed")


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno == logging.WARNING and record.name == logger.name
    ]


async def later(seconds: float) -> None:
    skip(seconds)
    await settle()


async def test_different_warnings_are_logged_in_full(limited, caplog):
    limited.tell("one", reason="late", host="a")
    limited.tell("two", reason="late", host="b")
    limited.tell("three", reason="wrong", host="a")
    limited.close()
    assert warned(caplog) == ["one", "two", "three"]


async def test_equal_ones_are_counted_and_told_once_a_minute(limited, caplog):
    for number in range(40):
        limited.tell(f"number {number}", reason="late" if number % 4 else "wrong", host="a")
    assert warned(caplog) == ["number 0", "number 1"]
    await later(59)
    assert len(warned(caplog)) == 2
    await later(2)
    assert warned(caplog)[2:] == ["38 more things failed in 61 s: late (29), wrong (9); from a (38)"]
    limited.close()


async def test_while_they_go_on_there_is_one_line_a_minute(limited, caplog):
    for _ in range(10):
        for _ in range(100):
            limited.tell("again", reason="late", host="a")
        await later(60)
    assert len(warned(caplog)) == 1 + 10
    limited.close()


async def test_after_a_quiet_minute_it_begins_anew(limited, caplog):
    limited.tell("first", reason="late", host="a")
    await later(61)
    await later(61)
    limited.tell("second", reason="late", host="a")
    assert warned(caplog) == ["first", "second"]
    limited.close()


async def test_many_hosts_do_not_make_many_lines(limited, caplog):
    for number in range(5000):
        limited.tell("again", reason="late", host=str(number))
    assert len(warned(caplog)) == FIRST
    await later(61)
    (summary,) = warned(caplog)[FIRST:]
    assert summary.startswith("4995 more things failed in 61 s: late (4995); from ")
    assert summary.endswith(", other addresses (4992)")
    limited.close()


async def test_closing_tells_what_was_counted_and_leaves_no_timer(limited, caplog):
    for _ in range(3):
        limited.tell("again", reason="late", host="a")
    limited.close()
    assert warned(caplog) == ["again", "2 more things failed in 0 s: late (2); from a (2)"]
    await later(61)
    assert len(warned(caplog)) == 2
    limited.close()
    assert len(warned(caplog)) == 2


async def test_at_debug_level_each_one_is_in_the_log(limited, caplog):
    with caplog.at_level(logging.DEBUG, logger=logger.name):
        for number in range(7):
            limited.tell(f"number {number}", reason="late", host="a")
        limited.close()
    assert [f"number {number}" in caplog.text for number in range(7)] == [True] * 7
