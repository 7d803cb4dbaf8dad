"""How long a target is left alone after it has failed.

Contains: arithmetic.  Does not contain: clocks and random numbers, which are given.
"""

from __future__ import annotations

from dataclasses import dataclass

from snmptcp.arguments import NUMBER, SECONDS, check_arguments
from snmptcp.errors import ConfigurationError

__all__ = ("BackOff",)

#: The longest pause that may be asked for, in seconds.
_LONGEST = 1e9

_KINDS = {"first": SECONDS, "most": SECONDS, "jitter": NUMBER}


@dataclass(frozen=True, slots=True)
class BackOff:
    """The pauses after failures of a target: each twice as long as the one before, until it has succeeded.

    A run that is due in a pause is put off to its end; if more are, they are left out and counted.

    Args:
        first: the pause after the first failure, in seconds, up to 1e9; 0 for no pauses.
        most: the longest pause, in seconds, up to 1e9.
        jitter: which part of a pause is added or taken away at random, from 0 to 1, so that targets that have failed at
            once are not tried at once.

    Raises:
        ConfigurationError: an argument is out of range.
    """

    first: float = 10.0
    most: float = 300.0
    jitter: float = 0.25

    def __post_init__(self) -> None:
        check_arguments(_KINDS, {"first": self.first, "most": self.most, "jitter": self.jitter})
        for name, value in (("first", self.first), ("most", self.most)):
            if not 0 <= value <= _LONGEST:
                raise ConfigurationError(f"{name} is a number of seconds from 0 to 1000000000, not {value}")
        if not 0 <= self.jitter <= 1:
            raise ConfigurationError(f"jitter is a number from 0 to 1, not {self.jitter}")

    def pause(self, failures: int, chance: float) -> float:
        """Return a pause in seconds.

        Args:
            failures: how many polls have failed one after the other, at least 1.
            chance: a random number from 0 to 1.
        """
        pause = min(self.most, self.first * 2.0 ** min(failures - 1, 64))
        return pause * (1 + self.jitter * (2 * chance - 1))
