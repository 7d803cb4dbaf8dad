"""What the fixtures of the pytest plugin do: agents and listeners of one test, by the options of its markers.

Contains: the options, starting and closing, and the conversations for the report of a failed test.
Does not contain: pytest (the module ``pytest_snmptcp``, which imports this one in its fixtures), and the agents and
listeners themselves.
"""

from __future__ import annotations

import contextlib
import inspect
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp.errors import ConfigurationError
from snmptcp.listener import NotificationListener
from snmptcp.testing.agent import Agent
from snmptcp.testing.mib import Mib
from snmptcp.testing.recording import Recording, load_recording
from snmptcp.testing.threaded_agent import ThreadedAgent
from snmptcp.testing.threaded_listener import ThreadedListener

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.testing.conversation import Conversation
    from snmptcp.testing.faults import Fault

__all__ = ("Stage",)

_AGENT_OPTIONS = frozenset(inspect.signature(Agent).parameters) | {"recording", "faults"}
_LISTENER_OPTIONS = frozenset(inspect.signature(NotificationListener).parameters) - {"on_refused"}


class Stage:
    """The agents and listeners of one test.

    Args:
        folders: where recordings with a relative name are looked for, the nearest folder first.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._peers = contextlib.ExitStack()
        self._conversations: list[tuple[str, Conversation]] = []

    def start_agent(self, **options: Any) -> ThreadedAgent:
        """Start an agent, which :meth:`close` closes.

        Args:
            options: ``recording``, a file or what else :func:`~snmptcp.testing.load_recording` takes; ``mib``,
                variables that replace those of the recording; ``faults``, each a fault, or a tuple with the arguments
                of :meth:`~snmptcp.testing.Agent.inject`; and the other arguments of
                :class:`~snmptcp.testing.ThreadedAgent`.

        Raises:
            ConfigurationError: an option is unknown, or has a wrong value.
            TypeError: SNMP has no type for a value, or a fault is none.
            OSError: the recording cannot be read.
            TransportError: the agent cannot listen.
        """
        _check_names("an agent", options, _AGENT_OPTIONS)
        variables = self._variables(options.pop("recording", None), options.pop("mib", ()))
        injections = [_injection(fault) for fault in _several(options.pop("faults", ()))]
        agent = ThreadedAgent(variables, **options)
        for injection in injections:
            agent.inject(*injection)
        self._peers.enter_context(agent)
        self._conversations.append((f"agent {agent.host}:{agent.port}", agent.conversation))
        return agent

    def start_listener(self, **options: Any) -> ThreadedListener:
        """Start a listener, which :meth:`close` closes.

        Args:
            options: the arguments of :class:`~snmptcp.testing.ThreadedListener`.

        Raises:
            ConfigurationError: an option is unknown, or has a wrong value.
            TransportError: the listener cannot listen.
        """
        _check_names("a listener", options, _LISTENER_OPTIONS)
        listener = self._peers.enter_context(ThreadedListener(**options))
        self._conversations.append((f"listener {listener.host}:{listener.port}", listener.conversation))
        return listener

    def close(self) -> None:
        """Close all of them; their conversations stay."""
        self._peers.close()

    def sections(self, *, full: bool) -> list[tuple[str, str]]:
        """Return a title and a text for each conversation.

        Args:
            full: explain each message field by field.
        """
        return [(f"SNMP conversation with {who}", each.text(full=full)) for who, each in self._conversations]

    def _variables(self, recording: Any, mib: Any) -> Any:
        """Return the variables of an agent, in a mapping that no other test has."""
        if recording is None:
            return Mib(mib.items()) if isinstance(mib, Mib) else mib
        variables = recording.variables if isinstance(recording, Recording) else self._load(recording)
        merged = Mib(variables.items()) if isinstance(recording, Recording) else variables
        merged.update(mib.items() if isinstance(mib, Mapping) else mib)
        return merged

    def _load(self, recording: Any) -> Mib:
        if isinstance(recording, str | os.PathLike):
            recording = self._find(Path(recording))
        return load_recording(recording).variables

    def _find(self, name: Path) -> Path:
        if name.is_absolute():
            return name
        found = next((folder / name for folder in self._folders if (folder / name).is_file()), None)
        if found is None:
            folders = ", ".join(map(str, self._folders))
            raise ConfigurationError(f"no recording {str(name)!r} in the folder of the test or above it: {folders}")
        return found


def _check_names(what: str, options: Mapping[str, object], known: frozenset[str]) -> None:
    unknown = sorted(options.keys() - known)
    if unknown:
        raise ConfigurationError(f"{what} has no option {unknown[0]!r}; its options are {', '.join(sorted(known))}")


def _several(faults: Any) -> Iterable[Any]:
    if not isinstance(faults, Iterable):
        raise ConfigurationError(f"faults must be several faults, as in faults=[{type(faults).__name__}(...)]")
    return faults


def _injection(fault: Any) -> tuple[Fault, int | None, Any]:
    """Return the arguments of ``inject`` for one of the option ``faults``."""
    parts = fault if isinstance(fault, tuple) else (fault,)
    if not 1 <= len(parts) <= 3:
        raise ConfigurationError("a fault is given as FAULT, (FAULT, times) or (FAULT, times, when)")
    return (*parts, *(1, None)[len(parts) - 1 :])  # inject checks them
