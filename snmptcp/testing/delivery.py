"""The way out: the choice of a fault for each reply, and the order in which octets leave a connection.

Contains: the injected faults, and the octets that a connection sends now, later or on release.
Does not contain: what a fault does (:mod:`~snmptcp.testing.faults`), the responses
(:mod:`~snmptcp.testing.responder`), sockets (:mod:`snmptcp.net.server`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.arguments import CALLABLE, FLAG, INTEGER, check_arguments, optional
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import ConfigurationError
from snmptcp.testing.faults import DeliveryFault, Forgery, MessageFault, OctetFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.net.accepted import ServerConnection
    from snmptcp.testing.bookkeeping import Request, Statistics
    from snmptcp.testing.conversation import Conversation
    from snmptcp.testing.faults import Fault

__all__ = ("ConnectionOutlet", "FaultQueue")

# ------------------------------------------------------------------------------------------- faults


@dataclass(slots=True)
class _Injection:
    fault: Fault
    times: int | None
    when: Callable[[Request], object] | None
    reports: bool

    def is_due(self, request: Request, *, report: bool, forgeable: bool) -> bool:
        if self.times == 0 or self.reports is not report:
            return False
        if isinstance(self.fault, Forgery) and not (forgeable and request.version is SnmpVersion.V3):
            return False
        return self.when is None or bool(self.when(request))


_KINDS = {"times": optional(INTEGER), "when": optional(CALLABLE), "reports": FLAG}


class FaultQueue:
    """The injected faults that are not used up, in order."""

    def __init__(self) -> None:
        self._injections: list[_Injection] = []

    def add(
        self, fault: Fault, times: int | None, when: Callable[[Request], object] | None, *, reports: bool = False
    ) -> None:
        """Add a fault; see :meth:`snmptcp.testing.Agent.inject`.

        Raises:
            TypeError: not a fault.
            ConfigurationError: ``times`` is below 1.
        """
        if not isinstance(fault, (MessageFault, OctetFault, DeliveryFault, Forgery)):
            raise TypeError(f"a fault is a MessageFault, OctetFault, DeliveryFault or Forgery, not {fault!r}")
        check_arguments(_KINDS, locals())
        if times is not None and times < 1:
            raise ConfigurationError(f"times must be at least 1 or None, not {times}")
        self._injections.append(_Injection(fault, times, when, reports))

    def clear(self) -> None:
        """Forget all of them."""
        self._injections.clear()

    def take(self, request: Request, *, report: bool = False, forgeable: bool = True) -> Fault | None:
        """Return the fault for a reply, and count it as used; ``None`` if none is due.

        Args:
            request: the request.
            report: whether the reply is a report.
            forgeable: whether USM protects the reply, so that a forgery can change it.
        """
        for injection in self._injections:
            if injection.is_due(request, report=report, forgeable=forgeable):
                if injection.times is not None:
                    injection.times -= 1
                    if injection.times == 0:
                        self._injections.remove(injection)
                return injection.fault
        return None


# ------------------------------------------------------------------------------------------ sending


class ConnectionOutlet:
    """The sending side of one connection; implements :class:`~snmptcp.testing.Outlet`.

    Args:
        connection: the connection.
        statistics: counts the messages.
        held: the held replies of all connections.
        conversation: notes the messages; ``None`` for nothing.

    Attributes:
        number: the connection's number.
    """

    def __init__(
        self,
        connection: ServerConnection,
        statistics: Statistics,
        held: list[tuple[ConnectionOutlet, bytes]],
        conversation: Conversation | None = None,
    ) -> None:
        self.number = connection.number
        self._connection = connection
        self._conversation = conversation
        self._statistics = statistics
        self._held = held
        self._waiting: deque[Callable[[], None]] = deque()  # actions after slow octets
        self._after_next: list[bytes] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._silent = False

    def respond(self, octets: bytes, delivery: DeliveryFault | None) -> None:
        """Send one reply, as its fault says."""
        before = len(self._after_next)
        if delivery is None:
            self.send(octets)
        else:
            delivery.deliver(octets, self)
        if len(self._after_next) == before:
            self.release_reordered()

    def release_reordered(self) -> None:
        """Send the replies that wait for a next one, the last one first."""
        while self._after_next:
            self.send(self._after_next.pop())

    def send(self, octets: bytes) -> None:  # noqa: D102 - see Outlet
        self._statistics.messages_out += 1
        self._note(octets)
        self._do(lambda: self._write(octets))

    def send_slowly(self, pieces: list[bytes]) -> None:  # noqa: D102 - see Outlet
        self._statistics.messages_out += 1
        self._note(b"".join(pieces), f"in {len(pieces)} pieces")
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._do_next)
        self._waiting.extend(lambda piece=piece: self._write(piece) for piece in pieces)  # type: ignore[misc]  # a lambda with a default

    def send_later(self, seconds: float, octets: bytes) -> None:  # noqa: D102 - see Outlet
        self.do_later(seconds, lambda: self.send(octets))

    def do_later(self, seconds: float, action: Callable[[], None]) -> None:
        """Call a function after some seconds, unless the connection ends before."""

        def act() -> None:
            self._timers.discard(timer)
            action()

        timer = asyncio.get_running_loop().call_later(seconds, act)
        self._timers.add(timer)

    def send_after_next(self, octets: bytes) -> None:  # noqa: D102 - see Outlet
        self._after_next.append(octets)

    def hold(self, octets: bytes) -> None:  # noqa: D102 - see Outlet
        self._held.append((self, octets))

    def silence(self) -> None:  # noqa: D102 - see Outlet
        self._do(self._be_silent)

    def close(self) -> None:  # noqa: D102 - see Outlet
        self._do(self._connection.close)

    def reset(self) -> None:  # noqa: D102 - see Outlet
        self._connection.reset()

    def abandon(self) -> None:
        """Forget everything; the connection has ended."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._waiting.clear()
        self._after_next.clear()

    def _note(self, octets: bytes, how: str = "") -> None:
        if self._conversation is not None and not self._silent and not self._connection.is_closing:
            self._conversation.sent(self.number, octets, how)

    def _do(self, action: Callable[[], None]) -> None:
        if self._waiting:
            self._waiting.append(action)
        else:
            action()

    def _do_next(self) -> None:
        if self._waiting:
            self._waiting.popleft()()
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._do_next)

    def _write(self, octets: bytes) -> None:
        if not self._silent:
            self._connection.send(octets)

    def _be_silent(self) -> None:
        self._silent = True
