"""Which shard a target belongs to, and which worker a shard: by hashes that are the same in every process.

Contains: arithmetic on names and numbers.  A worker that comes or goes takes or leaves its own shards and moves no
others; so does a shard with targets.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("ranking", "shard_of")

_MASK = 2**64 - 1

#: The multiplier of the linear congruential generator of jump consistent hashing.
_MULTIPLIER = 2862933555777941757


def shard_of(name: str, shards: int) -> int:
    """Return the shard of a target, by jump consistent hashing (Lamping and Veach, 2014).

    If a shard is added, it gets its part of the targets, and no others move.

    Args:
        name: the target's name.
        shards: how many shards there are, at least 1.

    Returns:
        A number from 0 to ``shards - 1``.
    """
    state = _hash(name)
    shard, following = 0, 0
    while following < shards:
        shard = following
        state = (state * _MULTIPLIER + 1) & _MASK
        following = int((shard + 1) * (2**31 / ((state >> 33) + 1)))
    return shard


def ranking(shard: int, workers: Iterable[str]) -> list[str]:
    """Return the workers in the order in which a shard prefers them, by rendezvous hashing.

    Each worker has a weight for each shard that no other worker has a part in.  So the order of the others stays the
    same when one comes or goes, and each worker is the first choice of about as many shards.

    Args:
        shard: the shard.
        workers: the workers' names.
    """
    return sorted(workers, key=lambda worker: (_hash(f"{shard}\0{worker}"), worker), reverse=True)


def _hash(text: str) -> int:
    """Return a number of 64 bits."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
