"""The accounts of numbered notifications: what has arrived, what twice, and what is missing."""

from __future__ import annotations

from bisect import bisect_right

__all__ = ("Numbers",)


class Numbers:
    """The numbers of one sender that have arrived.

    They are kept as runs without a gap, so their size depends on how many are missing and not on how many have come:
    the soak measures memory, and must not use ever more of it itself.

    Attributes:
        received: how many different numbers.
        repeated: how many came again.
    """

    def __init__(self) -> None:
        self.received = 0
        self.repeated = 0
        # Run i goes from _first[i] to _last[i], and there is a gap behind each.
        self._first: list[int] = []
        self._last: list[int] = []

    def add(self, number: int) -> None:
        """Take a number that has arrived; the first one is 1."""
        behind = bisect_right(self._first, number)  # the first run that begins after it
        if behind and number <= self._last[behind - 1]:
            self.repeated += 1
            return
        self.received += 1
        follows = behind > 0 and self._last[behind - 1] == number - 1
        precedes = behind < len(self._first) and self._first[behind] == number + 1
        if follows and precedes:
            self._last[behind - 1] = self._last.pop(behind)
            del self._first[behind]
        elif follows:
            self._last[behind - 1] = number
        elif precedes:
            self._first[behind] = number
        else:
            self._first.insert(behind, number)
            self._last.insert(behind, number)

    @property
    def gaps(self) -> int:
        """How many gaps there are before the last number that has arrived."""
        return len(self._first) - (self._first[:1] == [1])

    def missing(self, sent: int) -> set[int]:
        """Return the numbers up to one that have not arrived."""
        missing = set(range(1, sent + 1))
        for first, last in zip(self._first, self._last, strict=True):
            missing.difference_update(range(first, last + 1))
        return missing
