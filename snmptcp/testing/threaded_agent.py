"""An agent in a thread of its own, for tests of blocking code and of code with an event loop of its own.

Contains: the objects that a test holds; each method may be called on any thread.
Does not contain: the agent itself (:mod:`~snmptcp.testing.agent`), and its thread (:mod:`~snmptcp.testing.threads`).
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from snmptcp.credentials import UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID, OidLike
from snmptcp.testing.agent import Agent
from snmptcp.testing.conversation import Conversation
from snmptcp.testing.mib import Source
from snmptcp.testing.recording import load_recording
from snmptcp.testing.threads import DEFAULT_WAIT, ThreadedPeer, check_wait, counted, within

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import Self

    from snmptcp.net.tls import Tls, TlsOptions
    from snmptcp.testing.bookkeeping import Request, Statistics
    from snmptcp.testing.certificates import TlsOfTests
    from snmptcp.testing.faults import Fault
    from snmptcp.testing.mib import Mib, Variables
    from snmptcp.testing.notifier import Credentials
    from snmptcp.testing.recording import RecordingSource
    from snmptcp.values import Value, VarBind

__all__ = ("ThreadedAgent", "ThreadedMib")


class ThreadedMib(MutableMapping[OID, Source]):
    """The variables of an agent in a thread: a mapping as :class:`snmptcp.testing.Mib`, for any thread.

    A change counts from the next request on.  :meth:`update` changes several variables between two requests.
    """

    def __init__(self, agent: ThreadedAgent) -> None:
        self._agent = agent

    @property
    def _mib(self) -> Mib:
        return self._agent.agent.mib

    def __getitem__(self, name: OidLike) -> Source:
        return self._agent.call(self._mib.__getitem__, name)

    def __setitem__(self, name: OidLike, value: object) -> None:
        self._agent.call(self._mib.__setitem__, name, value)

    def __delitem__(self, name: OidLike) -> None:
        self._agent.call(self._mib.__delitem__, name)

    def __iter__(self) -> Iterator[OID]:
        return iter(self._agent.call(list, self._mib))

    def __len__(self) -> int:
        return self._agent.call(len, self._mib)

    def __contains__(self, name: object) -> bool:
        return self._agent.call(self._mib.__contains__, name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} variables>"

    def read(self, name: OidLike) -> Value:
        """Return the current value of a variable.

        Raises:
            KeyError: there is no such variable.
        """
        return self._agent.call(self._mib.read, name)

    def update(self, variables: Any = (), /, **named: Any) -> None:
        """Change several variables at once: no request sees only some of the changes.

        Args:
            variables: a mapping, or pairs of name and value.
            **named: for compatibility with other mappings: names of variables are no names of Python.
        """
        pairs = tuple(variables.items() if isinstance(variables, Mapping) else variables)
        self._agent.call(self._mib.update, (*pairs, *named.items()))

    def clear(self) -> None:
        """Delete all variables at once."""
        self._agent.call(self._mib.clear)


class ThreadedAgent(ThreadedPeer):
    """An :class:`Agent` on an event loop in a thread of its own.

    The code under test may block, and may have any event loop or several.  Every method may be called on any thread;
    those with an ``_async`` twin wait, and in a coroutine the twin is to be awaited instead::

        with ThreadedAgent({"1.3.6.1.2.1.1.5.0": "core"}) as agent:
            ...  # any code that asks agent.host, agent.port

    Args:
        mib: the variables, as for :class:`Agent`.  Functions that compute values are called on the agent's thread.
        tls: as for :class:`Agent`; or ``True`` for a certificate of an authority that is made now, which
            :meth:`client_tls` trusts.
        options: the other arguments of :class:`Agent`.

    Attributes:
        agent: the agent itself.  Its methods belong to its own thread: use :meth:`call`.
        mib: the variables, for any thread.
        conversation: what was said, explained; it decrypts the messages of the agent's users.

    Raises:
        ConfigurationError: an argument is invalid, or the arguments do not fit together.
        TypeError: there is no such argument.
    """

    def __init__(self, mib: Variables = (), *, tls: Tls = False, **options: Any) -> None:
        self._tls: TlsOfTests | None = None
        if tls is True:
            tls = self._make_tls(options)
        for name in ("users", "read_only_users"):
            options[name] = _several(options.get(name, ()))
        given = options.pop("conversation", None)
        known = (user for user in (*options["users"], *options["read_only_users"]) if isinstance(user, UsmUser))
        super().__init__(Conversation(known) if given is None else given)
        self.agent = Agent(mib, tls=tls, conversation=self.conversation, **options)
        self.mib = ThreadedMib(self)

    @classmethod
    def from_recording(
        cls,
        source: RecordingSource,
        *,
        strict: bool = False,
        seed: int | None = None,
        now: Callable[[], float] = time.time,
        **options: Any,
    ) -> Self:
        """Return an agent that answers like a recorded device; start it, or enter it.

        Args:
            source: the recording, as for :func:`load_recording`, like the next three.
            strict: whether the first line that cannot be read is an error.
            seed: of the random numbers of variation modules; optional.
            now: returns the time of variation modules, in seconds since 1970.
            options: the other arguments of :class:`Agent`.

        Raises:
            ConfigurationError: as for :func:`load_recording`.
            OSError: the file cannot be read.
        """
        return cls(load_recording(source, strict=strict, seed=seed, now=now).variables, **options)

    def _make_tls(self, options: Mapping[str, Any]) -> TlsOptions:
        from snmptcp.testing.certificates import TlsOfTests  # noqa: PLC0415 - few tests use TLS

        names = (*options.get("tsm_names", ()), *options.get("read_only_tsm_names", ()))
        prefix = "tls:" if options.get("tsm_prefix") else ""
        bare = [name.removeprefix(prefix) if isinstance(name, str) else name for name in names]
        self._tls = TlsOfTests(options.get("host", "127.0.0.1"), bare)
        return self._tls.server

    def client_tls(self, name: str | None = None) -> TlsOptions:
        """Return the TLS options of a client that trusts this agent, which has ``tls=True``.

        Args:
            name: the client's security name, one of ``tsm_names`` or ``read_only_tsm_names``, without the prefix
                ``tls:``; optional, default the first of them, if there are any.

        Raises:
            ConfigurationError: there is no such name, or the agent has no certificate of its own.
        """
        if self._tls is None:
            raise ConfigurationError("only an agent with tls=True has options for its clients")
        return self._tls.client(name)

    def _name(self) -> str:
        return f"the agent {self.host}:{self.port}"

    def _opening(self) -> Coroutine[Any, Any, object]:
        return self.agent.start()

    def _closing(self) -> Coroutine[Any, Any, object]:
        return self.agent.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.agent!r}>"  # here: a traceback shows it even if the thread is blocked

    # ------------------------------------------------------------------------------------------- facts

    @property
    def host(self) -> str:
        """The address that it listens on."""
        return self.agent.host

    @property
    def port(self) -> int:
        """The port that it listens on; 0 before the first start if a free one is to be chosen."""
        return self.agent.port

    @property
    def connections(self) -> int:
        """How many connections are open now."""
        return self.call(lambda: self.agent.connections)

    @property
    def requests(self) -> list[Request]:
        """The latest 10,000 accepted requests until now, oldest first; a new list each time."""
        return self.call(lambda: list(self.agent.requests))

    @property
    def statistics(self) -> Statistics:
        """A copy of the counters."""
        return self.call(copy.copy, self.agent.statistics)

    # ----------------------------------------------------------------------------------------- waiting

    def wait_for_requests(self, count: int, timeout: float = DEFAULT_WAIT) -> None:
        """Wait until this many requests have been accepted since the agent was made.

        Args:
            count: the number, past requests included; at least 1.
            timeout: the most seconds to wait, more than 0.

        Raises:
            TimeoutError: there are not so many in time; the text tells how many there are.
            ClosedError: the agent is closed, or was closed meanwhile.
            ConfigurationError: an argument is out of its range.
        """
        __tracebackhide__ = True
        check_wait(count, timeout)
        self._running.run(self._waiting(count, timeout))

    async def wait_for_requests_async(self, count: int, timeout: float = DEFAULT_WAIT) -> None:
        """Wait in a coroutine; see :meth:`wait_for_requests`.

        Args:
            count: the number, past requests included; at least 1.
            timeout: the most seconds to wait, more than 0, by the clock of the agent's thread.

        Raises:
            TimeoutError, ClosedError, ConfigurationError: as for :meth:`wait_for_requests`.

        Safe to cancel.
        """
        __tracebackhide__ = True
        check_wait(count, timeout)
        await self._running.arun(self._waiting(count, timeout))

    async def _waiting(self, count: int, timeout: float) -> None:
        def problem() -> str:
            return f"{self._name()} has accepted {counted(len(self.agent.requests), 'request')} and not {count}"

        await within(self.agent.wait_for_requests(count), timeout, problem)

    # ------------------------------------------------------------------------------------------ faults

    def inject(
        self,
        fault: Fault,
        times: int | None = 1,
        when: Callable[[Request], object] | None = None,
        *,
        reports: bool = False,
    ) -> None:
        """Make responses faulty; see :meth:`Agent.inject`.

        Args:
            fault: the fault.
            times: the number of responses; ``None`` for all until :meth:`clear_faults`.
            when: tells from a :class:`Request` whether its response becomes faulty; called on the agent's thread.
            reports: whether it is for reports instead of responses.

        Raises:
            TypeError: not a fault.
            ConfigurationError: ``times`` is below 1, or an argument is of a wrong type.
        """
        self.call(self.agent.inject, fault, times, when, reports=reports)

    def clear_faults(self) -> None:
        """Forget all injected faults.  Replies that are held stay held."""
        self.call(self.agent.clear_faults)

    def release(self) -> int:
        """Send the replies that :class:`Hold` and :class:`Reorder` keep; return how many were held."""
        return self.call(self.agent.release)

    def drop_connections(self, *, reset: bool = False) -> None:
        """End every open connection now.

        Args:
            reset: with RST; otherwise with FIN after the octets that were written.
        """
        self.call(self.agent.drop_connections, reset=reset)

    # ---------------------------------------------------------------------------------- notifications

    def send_trap(
        self,
        trap_oid: OidLike,
        *varbinds: VarBind | tuple[OidLike, object],
        uptime: int | None = None,
        credentials: Credentials | None = None,
        connection: int | None = None,
    ) -> None:
        """Push a trap to a connected manager; see :meth:`Agent.send_trap` for the arguments.

        Args:
            trap_oid: snmpTrapOID.0.
            *varbinds: further variable bindings.
            uptime: sysUpTime.0 in hundredths of a second.
            credentials: the community or user of the trap.
            connection: the connection's number.

        Raises:
            ConnectionLost: there is no such connection.
            ConfigurationError: the agent does not have these credentials, or SNMPv1 cannot carry the notification.
        """
        self.call(
            self.agent.send_trap, trap_oid, *varbinds, uptime=uptime, credentials=credentials, connection=connection
        )

    def inform(
        self, trap_oid: OidLike, *varbinds: VarBind | tuple[OidLike, object], timeout: float = 5.0, **options: Any
    ) -> tuple[VarBind, ...]:
        """Push an inform to a connected manager, and wait for its acknowledgement; see :meth:`Agent.inform`.

        A blocking manager reads nothing between two calls: there, acknowledgements come only while it waits on another
        thread.

        Args:
            trap_oid: snmpTrapOID.0.
            *varbinds: further variable bindings.
            timeout: the most seconds to wait.
            options: the other arguments of :meth:`Agent.inform`.

        Returns:
            The variable bindings of the acknowledgement.

        Raises:
            RequestTimeout, ConnectionLost, AgentError, ConfigurationError: as :meth:`Agent.inform`.
            ClosedError: the agent is closed.
        """
        return self._running.run(self.agent.inform(trap_oid, *varbinds, timeout=timeout, **options))

    async def inform_async(
        self, trap_oid: OidLike, *varbinds: VarBind | tuple[OidLike, object], timeout: float = 5.0, **options: Any
    ) -> tuple[VarBind, ...]:
        """Push an inform to a connected manager, and await its acknowledgement; see :meth:`Agent.inform`.

        Args:
            trap_oid: snmpTrapOID.0.
            *varbinds: further variable bindings.
            timeout: the most seconds to wait.
            options: the other arguments of :meth:`Agent.inform`.

        Returns:
            The variable bindings of the acknowledgement.

        Raises:
            RequestTimeout, ConnectionLost, AgentError, ConfigurationError: as :meth:`Agent.inform`.
            ClosedError: the agent is closed.

        Safe to cancel.
        """
        return await self._running.arun(self.agent.inform(trap_oid, *varbinds, timeout=timeout, **options))


def _several(given: object) -> Any:
    """Return what was given for several things as a tuple, so that it can be read twice; a single one as it is."""
    return tuple(given) if isinstance(given, Iterable) and not isinstance(given, str | bytes) else given
