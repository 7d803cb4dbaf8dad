"""The accounts of numbered notifications: what has arrived, what twice, and what is missing."""

from __future__ import annotations

__all__ = ("Numbers",)


class Numbers:
    """The numbers of one sender that have arrived.

    Attributes:
        received: how many different numbers.
        repeated: how many came again.
    """

    def __init__(self) -> None:
        self.received = 0
        self.repeated = 0
        self._all_up_to = 0
        self._beyond: set[int] = set()

    def add(self, number: int) -> None:
        """Take a number that has arrived; the first one is 1."""
        if number <= self._all_up_to or number in self._beyond:
            self.repeated += 1
            return
        self.received += 1
        self._beyond.add(number)
        while self._all_up_to + 1 in self._beyond:
            self._all_up_to += 1
            self._beyond.remove(self._all_up_to)

    def missing(self, sent: int) -> set[int]:
        """Return the numbers up to one that have not arrived."""
        return set(range(self._all_up_to + 1, sent + 1)) - self._beyond
