"""Times of agents as seconds since 1970."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.exporter.dates import check_pattern, date_and_time, ntp_timestamp, parsed_time


def octets(*fields: int) -> bytes:
    return fields[0].to_bytes(2, "big") + bytes(fields[1:])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (octets(2018, 8, 15, 8, 1, 15, 0), 1534320075),
        (octets(2018, 8, 15, 8, 1, 15, 9, ord("+"), 2, 0), 1534312875),
        (octets(2018, 8, 15, 8, 1, 15, 0, ord("-"), 2, 30), 1534320075 + 9000),
        (octets(1970, 1, 1, 0, 0, 0, 0), 0),
        (octets(2024, 2, 29, 0, 0, 0, 0), 1709164800),
        (octets(2016, 12, 31, 23, 59, 60, 0), 1483228800),  # a leap second
        (octets(2018, 13, 1, 0, 0, 0, 0), 1546300800),  # the thirteenth month is January
        (octets(2018, 1, 0, 0, 0, 0, 0), 1514678400),  # the day before the first is New Year's Eve
    ],
)
def test_a_date_and_time_is_read(value: bytes, seconds: float) -> None:
    assert date_and_time(value) == seconds


@pytest.mark.parametrize(
    "value", [b"", b"\0", bytes(9), octets(2018, 8, 15, 8, 1, 15, 0, ord("*"), 0, 0), bytes(8) + b"+\x19\0"]
)
def test_what_is_no_date_and_time_is_none(value: bytes) -> None:
    assert date_and_time(value) is None


@given(st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31)))  # noqa: DTZ001
def test_every_date_is_that_of_the_standard_library(moment: dt.datetime) -> None:
    fields = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, 0)
    expected = (moment.replace(microsecond=0) - dt.datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001
    assert date_and_time(octets(*fields)) == expected


@given(st.binary(min_size=8, max_size=11))
def test_any_octets_are_a_time_or_none(value: bytes) -> None:
    assert date_and_time(value) is None or isinstance(date_and_time(value), float)


def test_a_timestamp_of_ntp_is_read() -> None:
    assert ntp_timestamp(bytes.fromhex("eb0677f630d10b3b")) == 1734080886
    assert ntp_timestamp(bytes(8)) == -2208988800
    assert ntp_timestamp(bytes(7)) is None


@pytest.mark.parametrize(
    ("text", "pattern", "seconds"),
    [
        ("Apr 01 2025", "%b %d %Y", 1743465600),
        ("Apr  1 2025", "%h %e %Y", 1743465600),
        ("2025-04-01 00:00:01", "%F %T", 1743465601),
        ("2025-04-01T02:00:00+0200", "%Y-%m-%dT%H:%M:%S%z", 1743465600),
        ("Tue Apr 01 00:00:00 2025", "%a %b %d %H:%M:%S %Y", 1743465600),
        ("1 % 2025", "%j %% %Y", 1735689600),
        ("1960", "%Y", -315619200),
    ],
)
def test_a_text_is_read_by_its_pattern(text: str, pattern: str, seconds: float) -> None:
    assert parsed_time(text, pattern) == seconds


@pytest.mark.parametrize("text", ["", "ABC", "Apr 31 2025", "Apr 01 2025 "])
def test_a_text_of_another_form_is_none(text: str) -> None:
    assert parsed_time(text, "%b %d %Y") is None


@pytest.mark.parametrize(("pattern", "said"), [("", "needs a pattern"), ("%Q", "has %Q"), ("%d %", "has %,")])
def test_a_pattern_that_there_is_not_is_an_error(pattern: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        check_pattern(pattern)
