"""A limit on octets per second.

Contains: the arithmetic.  Does not contain: clocks and timers; times are arguments, delays are results.
"""

from __future__ import annotations

from snmptcp.errors import ConfigurationError

__all__ = ("BURST", "RateLimit")

#: The burst, in seconds of the rate, allowed after idle time.  It also makes up for late timers.
BURST = 0.1


class RateLimit:
    """A token bucket for one direction of one connection.

    A message is always spent whole: it may exceed the bucket, and then the next ones wait longer.  In any
    period, at most ``rate`` times the period, plus the burst and one message, may pass.

    Args:
        rate: octets per second; more than 0.
        burst: the burst after idle time, in seconds of the rate; at least 0.

    Raises:
        ConfigurationError: a number out of range.
    """

    __slots__ = ("_burst", "_free_at", "rate")

    def __init__(self, rate: float, burst: float = BURST) -> None:
        if not 0 < rate < float("inf"):
            raise ConfigurationError(f"rate must be more than 0 octets per second, not {rate}")
        if not 0 <= burst < float("inf"):
            raise ConfigurationError(f"burst must be at least 0 s, not {burst}")
        self.rate = rate
        self._burst = burst
        self._free_at = float("-inf")  # when all octets spent so far have passed at the rate

    def delay(self, now: float) -> float:
        """Return the seconds to wait before spending more; 0 if none."""
        return max(0.0, self._free_at - self._burst - now)

    def spend(self, octets: int, now: float) -> float:
        """Count octets that pass now, even if :meth:`delay` is not 0.

        Args:
            octets: the number of octets.
            now: the time in seconds, always from the same clock.

        Returns:
            The new :meth:`delay`.
        """
        self._free_at = max(self._free_at, now) + octets / self.rate
        return self.delay(now)
