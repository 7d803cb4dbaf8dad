"""How many connections and TLS handshakes may be open at once, and how much memory their octets may take.

Contains: the counts, and who gives way when one is full.  Does not contain: sockets, what a limit's default is for a
listener or an agent.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import weakref
from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ("MAX_HANDSHAKES", "Limits", "Shortage", "within_descriptors")

#: How many TLS handshakes may be under way at once.
MAX_HANDSHAKES = 1000

#: How many file descriptors stay free, at least: for the rest of the program, and for connections that were accepted
#: and have not taken the place of others yet.
_SPARE_DESCRIPTORS = 128


class Shortage(Enum):
    """Why a connection was refused or gave way; the value is the text for users."""

    CONNECTIONS = "too many connections"
    HOST = "too many connections from one address"
    OCTETS = "too many octets of incomplete messages and unread answers"


class _Place:
    """A connection or a handshake."""

    __slots__ = ("give_way", "host", "octets", "proved")

    def __init__(self, host: str, give_way: Callable[[Shortage], None] | None, *, proved: bool) -> None:
        self.host = host
        self.give_way = give_way
        self.proved = proved
        self.octets = 0


class Limits:
    """Limits the sockets of one server, or of several that share this object.

    A handshake counts as a connection.  A connection is *proved* when its peer has sent an accepted message; until
    then anybody can have opened it.  When a limit is reached, the oldest unproved connection or handshake gives way to
    the newcomer: an honest peer is done within moments, so silent and slow peers cannot keep the others out.  If there
    is none, the newcomer is turned away; a proved connection never gives way to another connection.

    Limits of one process share its file descriptors.  If they run short, the oldest unproved connection of the limits
    that have the most of them gives way.

    Octets that wait are counted, too: incomplete messages, messages that are not delivered, answers that the peer does
    not read.  Beyond ``max_octets`` the connection with the most of them gives way.  Proved and unproved connections
    are counted apart, so neither can take the others' room.

    Args:
        max_connections: how many connections and handshakes in all; ``None`` for no limit.
        max_connections_per_host: how many from one address; ``None`` for no limit.
        max_handshakes: how many handshakes.
        max_octets: how many octets all unproved connections may hold together, and how many all proved ones; ``None``
            for no limit.
        on_refused: called for each connection or handshake that is refused or gives way, with the reason and the
            newcomer's address (with ``OCTETS``: its own).
    """

    def __init__(
        self,
        max_connections: int | None = None,
        *,
        max_connections_per_host: int | None = None,
        max_handshakes: int = MAX_HANDSHAKES,
        max_octets: int | None = None,
        on_refused: Callable[[Shortage, str], None] | None = None,
    ) -> None:
        self.max_connections = max_connections
        self.max_connections_per_host = max_connections_per_host
        self.max_handshakes = max_handshakes
        self.max_octets = max_octets
        self._on_refused = on_refused
        self._places: dict[Hashable, _Place] = {}
        # Dictionaries as sets that keep the order of arrival.
        self._handshakes: dict[Hashable, None] = {}
        self._unproved: dict[Hashable, None] = {}
        self._unproved_of: dict[str, dict[Hashable, None]] = {}
        self._hosts: Counter[str] = Counter()
        self._octets = {False: 0, True: 0}  # of unproved and of proved connections
        self._loop: asyncio.AbstractEventLoop | None = None  # which has the connections
        if max_connections is not None:
            with _sharing_lock:
                _sharing.add(self)

    def __len__(self) -> int:
        """Return how many connections and handshakes there are."""
        return len(self._places)

    @property
    def octets(self) -> int:
        """How many octets wait."""
        return sum(self._octets.values())

    def enter(
        self,
        who: Hashable,
        host: str,
        give_way: Callable[[Shortage], None] | None = None,
        *,
        handshake: bool = False,
        proved: bool = False,
    ) -> bool:
        """Count a newcomer; return ``False`` if there is no room.

        Args:
            who: the connection.
            host: the peer's address.
            give_way: closes it at once.
            handshake: whether it is a TLS handshake.
            proved: whether it never gives way to another connection.
        """
        if (
            self.max_connections_per_host is not None
            and self._hosts[host] >= self.max_connections_per_host
            and not self._make_room(Shortage.HOST, host, self._unproved_of.get(host, {}))
        ):
            return False
        if self.max_connections is not None:
            self._keep_descriptors(host)
        if handshake and len(self._handshakes) >= self.max_handshakes:
            self._make_room(Shortage.CONNECTIONS, host, self._handshakes)
        if (
            self.max_connections is not None
            and len(self._places) >= self.max_connections
            and not self._make_room(Shortage.CONNECTIONS, host, self._unproved)
        ):
            return False
        self._places[who] = _Place(host, give_way, proved=proved)
        self._hosts[host] += 1
        if handshake:
            self._handshakes[who] = None
        if not proved:
            self._unproved[who] = None
            self._unproved_of.setdefault(host, {})[who] = None
        return True

    def establish(self, who: Hashable) -> None:
        """Count a handshake that is done as a connection."""
        self._handshakes.pop(who, None)

    def prove(self, who: Hashable) -> None:
        """Keep a connection for good: its peer has sent an accepted message."""
        place = self._places.get(who)
        if place is None or place.proved:
            return
        self._forget_unproved(who, place)
        self._octets[False] -= place.octets
        self._octets[True] += place.octets
        place.proved = True

    def hold(self, who: Hashable, octets: int) -> None:
        """Set how many octets wait for a connection; the one with the most gives way if there are too many."""
        place = self._places.get(who)
        if place is None or place.octets == octets:
            return
        self._octets[place.proved] += octets - place.octets
        place.octets = octets
        while self.max_octets is not None and self._octets[place.proved] > self.max_octets:
            others = (other for other, its in self._places.items() if its.proved is place.proved)
            largest = max(others, key=lambda other: self._places[other].octets)
            self._give_way(largest, Shortage.OCTETS, self._places[largest].host)

    def leave(self, who: Hashable) -> None:
        """Free the place of a connection or handshake that has ended; without effect if it has none."""
        place = self._places.pop(who, None)
        if place is None:
            return
        self._handshakes.pop(who, None)
        if not place.proved:
            self._forget_unproved(who, place)
        self._octets[place.proved] -= place.octets
        self._hosts[place.host] -= 1
        if not self._hosts[place.host]:
            del self._hosts[place.host]

    def _keep_descriptors(self, host: str) -> None:
        """Let the oldest unproved connection give way if all limits of the process together leave few descriptors."""
        self._loop = _running_loop()
        usable = _usable_descriptors()
        with _sharing_lock:
            sharing = [one for one in _sharing if not one.is_over]
        if usable is None or sum(map(len, sharing)) < usable:
            return
        # The connections of other event loops cannot be closed from this one.
        ours = (one for one in sharing if one._loop is self._loop)  # noqa: SLF001 - of this class
        most = max(ours, key=lambda one: len(one._unproved))  # noqa: SLF001 - as above
        if most._unproved:  # noqa: SLF001 - as above
            most._make_room(Shortage.CONNECTIONS, host, most._unproved)  # noqa: SLF001 - as above

    @property
    def is_over(self) -> bool:
        """Whether the event loop that had the connections is closed."""
        return self._loop is not None and self._loop.is_closed()

    def _forget_unproved(self, who: Hashable, place: _Place) -> None:
        del self._unproved[who]
        of_host = self._unproved_of[place.host]
        del of_host[who]
        if not of_host:
            del self._unproved_of[place.host]

    def _make_room(self, shortage: Shortage, host: str, candidates: dict[Hashable, None]) -> bool:
        """Let the oldest candidate give way to a newcomer; return whether there was one."""
        oldest = next(iter(candidates), None)
        if oldest is None:
            self._refused(shortage, host)
            return False
        self._give_way(oldest, shortage, host)
        return True

    def _give_way(self, who: Hashable, shortage: Shortage, host: str) -> None:
        give_way = self._places[who].give_way
        self.leave(who)  # at once, and not when its socket is closed: others may come in this turn of the loop
        self._refused(shortage, host)
        if give_way is not None:
            give_way(shortage)

    def _refused(self, shortage: Shortage, host: str) -> None:
        if self._on_refused is not None:
            self._on_refused(shortage, host)


def within_descriptors(max_connections: int | None) -> int | None:
    """Return a limit of connections that this process has file descriptors for.

    Otherwise silent connections could take all descriptors before the limit is reached and any of them gives way.
    Without a limit there is nothing that gives way, so ``None`` stays ``None``.
    """
    if max_connections is None:
        return None
    usable = _usable_descriptors()
    return max_connections if usable is None else min(max_connections, usable)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _usable_descriptors() -> int | None:
    """Return how many descriptors connections may take; ``None`` for any number."""
    if sys.platform == "win32":
        return None
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if descriptors == resource.RLIM_INFINITY else max(descriptors - _SPARE_DESCRIPTORS, descriptors // 2, 1)


#: Limits with a number of connections, which share the process's descriptors.
_sharing: weakref.WeakSet[Limits] = weakref.WeakSet()
_sharing_lock = threading.Lock()
