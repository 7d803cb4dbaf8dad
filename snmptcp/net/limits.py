"""How many connections and TLS handshakes may be open at once.

Contains: the count, and who gives way when it is full.  Does not contain: sockets, what a limit's default is for a
listener or an agent.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ("MAX_HANDSHAKES", "Limits")

#: How many TLS handshakes may be under way at once.
MAX_HANDSHAKES = 1000


class _Place(NamedTuple):
    host: str
    give_way: Callable[[], None] | None  # aborts a handshake; None for a connection


class Limits:
    """Limits the sockets of one server, or of several that share this object.

    A handshake counts as a connection.  When a limit is reached, the oldest handshake gives way to the newcomer: an
    honest client is done within moments, so silent clients cannot keep the others out.  If there is no handshake, the
    newcomer is turned away; an established connection never gives way.

    Args:
        max_connections: how many connections and handshakes in all; ``None`` for no limit.
        max_connections_per_host: how many from one address; ``None`` for no limit.
        max_handshakes: how many handshakes.
        on_refused: called for each connection or handshake that is refused or gives way, with whether it is because
            of ``max_connections_per_host``.
    """

    def __init__(
        self,
        max_connections: int | None = None,
        *,
        max_connections_per_host: int | None = None,
        max_handshakes: int = MAX_HANDSHAKES,
        on_refused: Callable[[bool], None] | None = None,
    ) -> None:
        self.max_connections = max_connections
        self.max_connections_per_host = max_connections_per_host
        self.max_handshakes = max_handshakes
        self._on_refused = on_refused
        self._places: dict[Hashable, _Place] = {}
        self._handshakes: dict[Hashable, None] = {}  # a set that keeps the order of arrival
        self._hosts: Counter[str] = Counter()

    def __len__(self) -> int:
        """Return how many connections and handshakes there are."""
        return len(self._places)

    def enter(self, who: Hashable, host: str, give_way: Callable[[], None] | None = None) -> bool:
        """Count a newcomer; return ``False`` if there is no room.

        Args:
            who: the connection.
            host: the peer's address.
            give_way: aborts the handshake; ``None`` for a connection without TLS.
        """
        if (
            self.max_connections_per_host is not None
            and self._hosts[host] >= self.max_connections_per_host
            and not self._make_room(host)
        ):
            return False
        full = (self.max_connections is not None and len(self._places) >= self.max_connections) or (
            give_way is not None and len(self._handshakes) >= self.max_handshakes
        )
        if full and not self._make_room():
            return False
        self._places[who] = _Place(host, give_way)
        self._hosts[host] += 1
        if give_way is not None:
            self._handshakes[who] = None
        return True

    def establish(self, who: Hashable) -> None:
        """Count a handshake that is done as a connection, which does not give way."""
        self._handshakes.pop(who, None)

    def leave(self, who: Hashable) -> None:
        """Free the place of a connection or handshake that has ended; without effect if it has none."""
        place = self._places.pop(who, None)
        if place is None:
            return
        self._handshakes.pop(who, None)
        self._hosts[place.host] -= 1
        if not self._hosts[place.host]:
            del self._hosts[place.host]

    def _make_room(self, host: str | None = None) -> bool:
        """Abort the oldest handshake, of one host if it is given; return whether there was one."""
        if self._on_refused is not None:
            self._on_refused(host is not None)
        oldest = next((who for who in self._handshakes if host is None or self._places[who].host == host), None)
        if oldest is None:
            return False
        give_way = self._places[oldest].give_way
        self.leave(oldest)  # at once, and not when its socket is closed: others may come in this turn of the loop
        if give_way is not None:
            give_way()
        return True
