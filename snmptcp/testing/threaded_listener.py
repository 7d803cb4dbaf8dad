"""A notification listener in a thread of its own, for tests of code that sends traps and informs.

Contains: the object that a test holds; each method may be called on any thread.
Does not contain: the listener itself (:mod:`snmptcp.listener`), and its thread (:mod:`~snmptcp.testing.threads`).
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from snmptcp.credentials import Community, UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.listener import NotificationListener
from snmptcp.testing.conversation import Conversation
from snmptcp.testing.threads import DEFAULT_WAIT, ThreadedPeer, check_wait, counted, within

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Mapping

    from snmptcp.errors import ErrorStatus
    from snmptcp.listener import Handler, ListenerStatistics, Notification, ReceiverCredentials, RefusedMessage

__all__ = ("ThreadedListener",)

#: The senders that a listener accepts if a test says nothing else.
PUBLIC = (Community("public", "1"), Community("public", "2c"))


class ThreadedListener(ThreadedPeer):
    """A :class:`~snmptcp.NotificationListener` in a thread of its own, which keeps what it receives.

    The program under test may block, and may have any event loop.  An inform is acknowledged when the notification is
    among :attr:`received`.  Every method may be called on any thread::

        with ThreadedListener() as listener:
            ...  # code that sends a trap to listener.host, listener.port
            [trap] = listener.wait_for(1)

    Args:
        host: the address to listen on.
        port: the TCP port; 0 for a free one.
        credentials: the accepted senders, as for the listener.  Optional; default: the community ``public`` in SNMPv1
            and SNMPv2c.
        handler: awaited on the listener's thread for each notification after it was kept, to choose an error-status.
        options: the other arguments of the listener; ``on_refused`` is not among them.

    Attributes:
        listener: the listener itself.  Its methods belong to its own thread: use :meth:`call`.
        conversation: what has come in, and what was refused and why.

    Raises:
        ConfigurationError: an argument is wrong.
        TypeError: there is no such argument.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        credentials: ReceiverCredentials | Iterable[ReceiverCredentials] = PUBLIC,
        handler: Handler | None = None,
        **options: Any,
    ) -> None:
        if "on_refused" in options:
            raise ConfigurationError("on_refused= belongs to this class: read refused, which has what it would get")
        super().__init__(Conversation(_users_of(credentials)))
        self._handler = handler
        self._received: list[Notification] = []
        self._refused: list[RefusedMessage] = []
        self._numbers: dict[str, int] = {}
        self._news = asyncio.Condition()
        self.listener = self._make(host, port, credentials, options)

    def _make(self, host: str, port: int, credentials: Any, options: Mapping[str, Any]) -> NotificationListener:
        return NotificationListener(
            host, port, credentials=credentials, handler=self._take, on_refused=self._refuse, **options
        )

    def _name(self) -> str:
        return f"the listener {self.host}:{self.port}"

    def _opening(self) -> Coroutine[Any, Any, object]:
        return self.listener.start()

    def _closing(self) -> Coroutine[Any, Any, object]:
        return self.listener.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.listener!r}>"  # here: a traceback shows it even if the thread is blocked

    # ------------------------------------------------------------------------------- on its own thread

    async def _take(self, notification: Notification) -> ErrorStatus | int | None:
        self.conversation.note(self._number(notification.source), *_described(notification))
        async with self._news:
            self._received.append(notification)
            self._news.notify_all()
        return None if self._handler is None else await self._handler(notification)

    def _refuse(self, refused: RefusedMessage) -> None:
        self._refused.append(refused)
        number = self._number(refused.source)
        if refused.octets:
            self.conversation.received(number, refused.octets)
        self.conversation.note(number, f"refused it: {refused.reason}")

    def _number(self, source: object) -> int:
        """Return the number of a sender's connection, and note a new one."""
        sender = str(source)
        if sender not in self._numbers:
            self._numbers[sender] = len(self._numbers) + 1
            self.conversation.opened(self._numbers[sender], sender)
        return self._numbers[sender]

    # ------------------------------------------------------------------------------------------- facts

    @property
    def host(self) -> str:
        """The address that it listens on."""
        return self.listener.addresses[0][0]

    @property
    def port(self) -> int:
        """The port that it listens on; 0 before the start if a free one is to be chosen."""
        return self.listener.port

    @property
    def received(self) -> list[Notification]:
        """The notifications until now, oldest first, without those before :meth:`clear`; a new list each time."""
        return self.call(lambda: list(self._received))

    @property
    def refused(self) -> list[RefusedMessage]:
        """The messages that were refused until now, oldest first; a new list each time."""
        return self.call(lambda: list(self._refused))

    @property
    def statistics(self) -> ListenerStatistics:
        """A copy of the counters."""
        return self.call(copy.copy, self.listener.statistics)

    def clear(self) -> None:
        """Forget the notifications and the refused messages until now."""

        def forget() -> None:
            self._received.clear()
            self._refused.clear()

        self.call(forget)

    def wait_for(self, count: int = 1, timeout: float = DEFAULT_WAIT) -> list[Notification]:
        """Wait until this many notifications have been received since the start or :meth:`clear`.

        Args:
            count: the number, past ones included; at least 1.
            timeout: the most seconds to wait, more than 0.

        Returns:
            All of them, oldest first; there may be more than ``count``.

        Raises:
            TimeoutError: there are not so many in time; the text tells how many there are, and what was refused.
            ClosedError: the listener is closed, or was closed meanwhile.
            ConfigurationError: an argument is out of its range.
        """
        __tracebackhide__ = True
        check_wait(count, timeout)
        return self._running.run(self._waiting(count, timeout))

    async def wait_for_async(self, count: int = 1, timeout: float = DEFAULT_WAIT) -> list[Notification]:
        """Wait in a coroutine; see :meth:`wait_for`.

        Args:
            count: the number, past ones included; at least 1.
            timeout: the most seconds to wait, more than 0, by the clock of the listener's thread.

        Returns:
            All of them, oldest first; there may be more than ``count``.

        Raises:
            TimeoutError, ClosedError, ConfigurationError: as for :meth:`wait_for`.

        Safe to cancel.
        """
        __tracebackhide__ = True
        check_wait(count, timeout)
        return await self._running.arun(self._waiting(count, timeout))

    async def _waiting(self, count: int, timeout: float) -> list[Notification]:
        def problem() -> str:
            refused = ""
            if self._refused:
                number = counted(len(self._refused), "message")
                refused = f" (refused: {number}, the latest because of: {self._refused[-1].reason})"
            return (
                f"{self._name()} has received {counted(len(self._received), 'notification')} and not {count}{refused}"
            )

        async def enough() -> list[Notification]:
            async with self._news:
                await self._news.wait_for(lambda: len(self._received) >= count)
                return list(self._received)

        return await within(enough(), timeout, problem)


def _described(notification: Notification) -> Iterator[str]:
    """Return a notification in a few words, and its variable bindings."""
    kind = "inform" if notification.is_inform else "trap"
    who = notification.security_name
    sender = "" if who is None else f", user {who.decode('utf-8', 'backslashreplace')!r}"
    yield f"received: SNMPv{notification.version} {kind} {notification.trap_oid}{sender}"
    yield from (f"{oid} = {value}" for oid, value in notification.varbinds)


def _users_of(credentials: object) -> list[UsmUser]:
    """Return the users among the credentials of a listener."""
    found = list(credentials) if isinstance(credentials, Iterable) else [credentials]
    firsts = (each[0] if isinstance(each, tuple) and each else each for each in found)
    return [user for user in firsts if isinstance(user, UsmUser)]
