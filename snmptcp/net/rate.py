"""A limit on octets per second.

What may live here: the arithmetic.  What may not: clocks and timers; times come in, and waits go out.
"""

from __future__ import annotations

from snmptcp.errors import ConfigurationError

__all__ = ("RateLimit",)

#: Seconds' worth of octets that may leave in one go after a silence, and that make up for timers that ring late.
BURST = 0.1


class RateLimit:
    """A token bucket for one direction of one connection.

    What is spent is spent whole: a message may be greater than the bucket, and those after it wait for longer.
    In any stretch of time no more passes than ``rate`` allows for it, the burst, and one message.

    Args:
        rate: octets per second.
        burst: how many seconds' worth may pass at once after a silence.

    Raises:
        ConfigurationError: a rate that is not more than 0, or a burst below 0.
    """

    __slots__ = ("_burst", "_free_at", "rate")

    def __init__(self, rate: float, burst: float = BURST) -> None:
        if not 0 < rate < float("inf"):
            raise ConfigurationError(f"a rate is more than 0 octets per second, not {rate}")
        if not 0 <= burst < float("inf"):
            raise ConfigurationError(f"a burst is at least 0 s, not {burst}")
        self.rate = rate
        self._burst = burst
        self._free_at = float("-inf")  # when everything that was spent has passed at the rate

    def delay(self, now: float) -> float:
        """Return how many seconds have to pass before more may be spent; 0 for none."""
        return max(0.0, self._free_at - self._burst - now)

    def spend(self, octets: int, now: float) -> float:
        """Count octets that pass now, whether or not they should have waited.

        Args:
            octets: how many.
            now: the time, by whatever clock is used for this bucket.

        Returns:
            What :meth:`delay` says afterwards.
        """
        self._free_at = max(self._free_at, now) + octets / self.rate
        return self.delay(now)
