"""The targets of a distributed fleet, by shards, as the octets that workers are sent.

Contains: pickling, and what has changed from one version of the targets to the next.  The client keeps the octets
alone: they take a fraction of the memory of the targets.
"""

from __future__ import annotations

import asyncio
import pickle
import ssl
from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.dask.placing import shard_of
from snmptcp.fleet.polling.roster import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from snmptcp.fleet.target import Target

__all__ = ("PackedShard", "PackedTargets")


class PackedShard:
    """The targets of one shard.

    Attributes:
        count: how many they are.
        octets: all of them, pickled.
        revision: the number of this version; greater than that of all before.
    """

    __slots__ = ("count", "octets", "revision")

    def __init__(self, count: int, octets: bytes, revision: int) -> None:
        self.count = count
        self.octets = octets
        self.revision = revision


class PackedTargets:
    """The targets of all shards.

    Args:
        shards: how many shards there are.
        pack: makes octets of targets.
    """

    def __init__(self, shards: int, pack: Callable[[object], bytes]) -> None:
        self._pack = pack
        self._packed_targets = [PackedShard(0, b"", 0) for _ in range(shards)]

    def __getitem__(self, shard: int) -> PackedShard:
        """Return the targets of a shard."""
        return self._packed_targets[shard]

    @property
    def count(self) -> int:
        """How many targets there are."""
        return sum(packed_shard.count for packed_shard in self._packed_targets)

    async def replace(self, targets: Iterable[Target]) -> Changes:
        """Have these targets from now on, and no others.

        Raises:
            ConfigurationError: two targets have one name, or one cannot be pickled; nothing has changed then.
        """
        divided = await self._divided(targets)
        packed = []
        for shard, group in enumerate(divided):
            packed.append(self._packed(group))
            if shard % 8 == 0:
                await asyncio.sleep(0)
        added: list[str] = []
        removed: list[str] = []
        changed: list[str] = []
        for shard, octets in enumerate(packed):
            former = self._packed_targets[shard]
            if octets == former.octets:
                continue
            differs = _compare(_unpacked(former.octets), divided[shard], added, removed, changed)
            if differs:
                self._packed_targets[shard] = PackedShard(len(divided[shard]), octets, former.revision + 1)
            await asyncio.sleep(0)
        return Changes(tuple(added), tuple(removed), tuple(changed))

    async def _divided(self, targets: Iterable[Target]) -> list[list[Target]]:
        divided: list[list[Target]] = [[] for _ in self._packed_targets]
        names: set[str] = set()
        for number, target in enumerate(targets, start=1):
            if target.name in names:
                raise ConfigurationError(f"two targets are called {target.name!r}: give one of them another name=")
            names.add(target.name)
            divided[shard_of(target.name, len(divided))].append(target)
            if number % 1000 == 0:
                await asyncio.sleep(0)
        return divided

    def _packed(self, targets: Sequence[Target]) -> bytes:
        if not targets:
            return b""
        try:
            return self._pack(targets)
        except Exception:
            for target in targets:
                self._check(target)
            raise

    def _check(self, target: Target) -> None:
        """Tell which target cannot be pickled, and why."""
        try:
            self._pack(target)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            for name, value in target.options.items():
                if isinstance(value, ssl.SSLContext):
                    reason = f"its {name} is an ssl.SSLContext, which stays in its process: give a TlsOptions"
            raise ConfigurationError(f"the target {target.name} cannot be sent to workers: {reason}") from error


def _unpacked(octets: bytes) -> Sequence[Target]:
    if not octets:
        return ()
    targets: Sequence[Target] = pickle.loads(octets)  # noqa: S301 - pickled here
    return targets


def _compare(
    former: Iterable[Target], present: Iterable[Target], added: list[str], removed: list[str], changed: list[str]
) -> bool:
    """Add the names of targets that differ to the lists, and return whether any does."""
    before = {target.name: target for target in former}
    differs = False
    for target in present:
        known = before.pop(target.name, None)
        if known == target:
            continue
        differs = True
        (added if known is None else changed).append(target.name)
    removed += before
    return differs or bool(before)
