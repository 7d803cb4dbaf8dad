"""Logs of warnings that a peer can cause at will: the first ones in full, then one summary a minute; or each once.

Contains: what is logged in full, the summary's text and time.  Does not contain: levels other than WARNING and DEBUG.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

__all__ = ("LimitedLog", "OnceLog")

#: How many warnings are logged in full before there was a quiet interval.
FIRST = 5

#: The time between two summaries, in seconds.
INTERVAL = 60.0

#: How many addresses, and how many reasons, a summary counts and names.
_MAX_COUNTED = 1000
_MAX_NAMED = 3


class LimitedLog:
    """Logs warnings of one kind without letting peers fill the log.

    The first warning of each reason and address is logged in full, up to :data:`FIRST` of them.  All others are counted
    and logged at DEBUG, and every :data:`INTERVAL` one WARNING tells how many there were.  After an interval without
    any, it begins anew.  Use it in a running event loop, whose clock it reads.

    Args:
        logger: the logger.
        what: what is counted, for the summary: ``"TLS handshakes failed"``.
    """

    def __init__(self, logger: logging.Logger, what: str) -> None:
        self._logger = logger
        self._what = what
        self._told: set[tuple[str, str]] = set()
        self._reasons: Counter[str] = Counter()
        self._hosts: Counter[str] = Counter()
        self._since = 0.0
        self._quiet = True  # nothing has come in this interval
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, text: str, *, reason: str, host: str) -> None:
        """Log a warning, or count it.

        Args:
            text: the warning in full.
            reason: its reason, for the summary.
            host: the peer's address.
        """
        self._quiet = False
        if self._timer is None:
            self._begin_interval()
        if (reason, host) not in self._told and len(self._told) < FIRST:
            self._told.add((reason, host))
            self._logger.warning("%s", text)
            return
        self._logger.debug("%s", text)
        _count(self._reasons, reason)
        _count(self._hosts, host)

    def close(self) -> None:
        """Log what was counted, and begin anew."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._summarize()
        self._told.clear()
        self._quiet = True

    def _begin_interval(self) -> None:
        loop = asyncio.get_running_loop()
        self._since = loop.time()
        self._timer = loop.call_later(INTERVAL, self._end_interval)

    def _end_interval(self) -> None:
        self._timer = None
        if self._quiet:
            self._told.clear()
            return
        self._summarize()
        self._quiet = True
        self._begin_interval()

    def _summarize(self) -> None:
        count = self._reasons.total()
        if count:
            seconds = asyncio.get_running_loop().time() - self._since
            reasons, hosts = _named(self._reasons, "reasons"), _named(self._hosts, "addresses")
            self._logger.warning("%d more %s in %.0f s: %s; from %s", count, self._what, seconds, reasons, hosts)
        self._reasons.clear()
        self._hosts.clear()


class OnceLog:
    """Logs one warning for each subject, for the first of them.

    Args:
        logger: the logger.
        most: for how many subjects.
    """

    def __init__(self, logger: logging.Logger, most: int = 100) -> None:
        self._logger = logger
        self._most = most
        self._told: set[object] = set()

    def tell(self, subject: object, text: str) -> None:
        """Log a warning, unless one about this subject was logged."""
        if subject not in self._told and len(self._told) < self._most:
            self._told.add(subject)
            self._logger.warning("%s", text)


def _count(counter: Counter[str], name: str) -> None:
    """Count under a name; under an empty one if there are too many names."""
    counter[name if name in counter or len(counter) < _MAX_COUNTED else ""] += 1


def _named(counter: Counter[str], what: str) -> str:
    """Return the most frequent names with their counts, and how many others there were."""
    named = [(name, count) for name, count in counter.most_common(_MAX_NAMED + 1) if name][:_MAX_NAMED]
    text = ", ".join(f"{name} ({count})" for name, count in named)
    others = counter.total() - sum(count for _, count in named)
    return f"{text}, other {what} ({others})" if others else text
