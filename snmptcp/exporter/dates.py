"""Times that agents send, as seconds since 1970: DateAndTime, NTP's timestamps, and text by a pattern.

Contains: RFC 2579's DateAndTime, RFC 5905's timestamps, strptime's patterns.  Does not contain: metrics.
"""

from __future__ import annotations

import datetime as dt
import functools
import re

from snmptcp.errors import ConfigurationError
from snmptcp.printable import quoted

__all__ = ("check_pattern", "date_and_time", "ntp_timestamp", "parsed_time")

#: Seconds from 1900, where NTP's era 0 begins, to 1970 (RFC 5905 section 6).
_NTP_OFFSET = 2_208_988_800

#: Directives of strptime(3) that Python does not have, as those that it has.
_OTHERS = {
    "e": "%d",
    "h": "%b",
    "k": "%H",
    "l": "%I",
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "R": "%H:%M",
    "T": "%H:%M:%S",
    "r": "%I:%M:%S %p",
    "n": " ",
    "t": " ",
}
_DIRECTIVE = re.compile("%(.?)", re.DOTALL)
_KNOWN = frozenset("aAbBcdfHIjmMpSuUVwWxXyYzZ%G")


def date_and_time(octets: bytes) -> float | None:
    """Return the time of a DateAndTime (RFC 2579 section 2); UTC if it has no time zone.

    Fields that are out of range carry over into the next one, as in Go's ``time.Date``.

    Args:
        octets: 8 octets, or 11 with a time zone.

    Returns:
        Whole seconds since 1970; ``None`` for what is no DateAndTime.
    """
    if len(octets) not in {8, 11}:
        return None
    offset = 0
    if len(octets) == 11:
        sign, hours, minutes = octets[8], octets[9], octets[10]
        if sign not in b"+-" or hours > 24 or minutes > 60:
            return None
        offset = (hours * 60 + minutes) * (60 if sign == ord("+") else -60)
    year, month, day = int.from_bytes(octets[:2], "big"), octets[2], octets[3]
    days = _days_before(year, month) + day - 1
    return float(days * 86400 + octets[4] * 3600 + octets[5] * 60 + octets[6] + octets[7] // 10 - offset)


def _days_before(year: int, month: int) -> int:
    """Return the days from 1970-01-01 to the first day of a month of any number, of any year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    shifted = year - (month <= 2)  # years that begin in March, so that the leap day is their last
    leap_days = shifted // 4 - shifted // 100 + shifted // 400
    return shifted * 365 + leap_days + (153 * ((month + 9) % 12) + 2) // 5 - 719468


def ntp_timestamp(octets: bytes) -> float | None:
    """Return the time of an NTP timestamp (RFC 5905 section 6), in whole seconds since 1970.

    Returns:
        ``None`` for less than 8 octets.
    """
    if len(octets) < 8:
        return None
    return float(int.from_bytes(octets[:4], "big") - _NTP_OFFSET)


@functools.lru_cache(maxsize=256)
def check_pattern(pattern: str) -> str:
    """Return a pattern of strptime(3) as Python takes it.

    Raises:
        ConfigurationError: it is empty, or has a directive that there is not.
    """
    if not pattern:
        raise ConfigurationError("ParseDateAndTime needs a pattern of strptime, such as '%b %d %Y'")

    def directive(found: re.Match[str]) -> str:
        if found[1] in _OTHERS:
            return _OTHERS[found[1]]
        if found[1] not in _KNOWN or not found[1]:
            raise ConfigurationError(f"{quoted(pattern)} has %{found[1]}, which strptime does not have")
        return found[0]

    return _DIRECTIVE.sub(directive, pattern)


def parsed_time(text: str, pattern: str) -> float | None:
    """Return the time that a text tells, in whole seconds since 1970; UTC if it names no time zone.

    Args:
        text: the text.
        pattern: its form, for strptime(3).

    Returns:
        ``None`` if the text has another form, or no such time exists.

    Raises:
        ConfigurationError: as for :func:`check_pattern`.
    """
    try:
        found = dt.datetime.strptime(text, check_pattern(pattern))  # noqa: DTZ007 - %z may be in the pattern
        return float(int((found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)).timestamp() // 1))
    except (ValueError, OverflowError):
        return None
