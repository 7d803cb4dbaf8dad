"""The state of a fleet in numbers and rows."""

from __future__ import annotations

import pytest

from snmptcp import ConnectFailed, RequestTimeout
from snmptcp.cli.polling.board import Speed, board_lines, board_of, duration, error_text, one_line, short
from snmptcp.cli.polling.recent import Recent
from tests.cli.polling.making import health, poll, sample, sink


def test_the_board_shows_states_speed_lateness_errors_and_the_latest_polls() -> None:
    recent, speed = Recent(), Speed()
    recent.take(poll("core-1", took=1.25, samples=(sample(123_456.0, target="core-1"),)))
    recent.take(poll("core-2", at=130.0, error=RequestTimeout(5.0)))
    now = health(
        at=160.0,
        targets=1000,
        failing=1,
        running=3,
        connections=999,
        polls=600,
        failed=12,
        skipped=2,
        backed_off=7,
        samples=120_000,
        lag=0.004,
        errors={"RequestTimeout": 5, "ConnectFailed": 7},
        sinks=(sink(waiting=10, written=119_990, dropped=3, failures=1, error="OSError: the disk is full"),),
    )
    speed.take(now)
    assert (
        "\n".join(board_lines(board_of("snmptcp poll fleet.toml", now, speed, recent)))
        == """\
snmptcp poll fleet.toml, for 0:01:00
targets      1,000: 1 answer, 1 fail, 998 not polled yet
speed        10.0 polls/s, 2,000 samples/s, 3 running
late         half within 1 ms, 99 % within 250 ms, all within 1.50 s
so far       600 polls, 12 failed, 120,000 samples
connections  999
loop lag     4 ms
left out     2 by long polls, 7 by pauses after failures
errors       ConnectFailed 7, RequestTimeout 5

failing: target  job       since  polls  error
core-2           uptime  0:00:30      1  no answer within 5 s

slowest: target  job       took
core-1           uptime  1.25 s

newest rates: target  object          per second
core-1                ifHCInOctets.3        123k

sinks: sink  waiting  written  dropped  failures  error
sqlite            10  119,990        3         1  OSError: the disk is full"""
    )


def test_the_line_has_what_is_most_important() -> None:
    speed = Speed()
    now = health(at=110.0, targets=5, failing=1, polls=1000, samples=10, sinks=(sink(), sink(name="b", dropped=2)))
    speed.take(now)
    assert one_line(now, speed) == (
        "5 targets, 1 failing; 100 polls/s, 1.0 samples/s; 99 % late by 250 ms or less, all by 1.50 s; "
        "b: 0 waiting, 2 dropped, 0 failures"
    )
    assert "; errors: RequestTimeout 3" in one_line(health(errors={"RequestTimeout": 3}), speed)


def test_speed_is_that_between_two_looks() -> None:
    speed = Speed()
    speed.take(health(at=100.0))
    assert (speed.polls, speed.samples) == (0.0, 0.0)
    speed.take(health(at=110.0, polls=20, samples=100))
    speed.take(health(at=112.0, polls=30, samples=200))
    assert (speed.polls, speed.samples) == (5.0, 50.0)


def test_the_rarest_kinds_of_errors_are_added_up() -> None:
    now = health(errors={f"Error{number}": 10 - number for number in range(7)})
    errors = dict(board_of("x", now, Speed(), Recent()).facts)["errors"]
    assert errors == "Error0 10, Error1 9, Error2 8, Error3 7, Error4 6, others 9"


def test_text_of_agents_cannot_control_the_terminal() -> None:
    recent = Recent()
    recent.take(poll("a\x1b[2J", error=ConnectFailed("\x1b]0;x\x07")))
    lines = "\n".join(board_lines(board_of("x", health(), Speed(), recent)))
    assert "\x1b" not in lines
    assert r"a\x1b[2J" in lines


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00:00"), (-5, "0:00:00"), (3725, "1:02:05"), (90_000, "1 d 1:00:00")]
)
def test_durations_are_hours_minutes_and_seconds(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0 ms"), (0.0124, "12 ms"), (0.9999, "1.00 s"), (59.0, "59.00 s"), (90.0, "0:01:30")]
)
def test_short_times_have_units(seconds: float, text: str) -> None:
    assert short(seconds) == text


def test_an_error_without_a_text_is_its_class() -> None:
    assert error_text(ZeroDivisionError("x")) == "ZeroDivisionError: x"
    assert error_text(ConnectFailed("")) == "ConnectFailed"
