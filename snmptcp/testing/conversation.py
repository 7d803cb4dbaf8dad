"""What was said on the connections of an agent or a listener: kept while a test runs, explained when it fails.

Contains: the latest entries, and their text.
Does not contain: what is noted (:mod:`~snmptcp.testing.agent`, :mod:`~snmptcp.testing.threaded_listener`), and what a
message means (:mod:`snmptcp.explain`), which is loaded when a text is asked for.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, fields, is_dataclass
from reprlib import Repr
from typing import TYPE_CHECKING, Final

from snmptcp.arguments import CALLABLE, INTEGER, check_arguments, several_of
from snmptcp.credentials import UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from snmptcp.testing.faults import Fault

__all__ = ("Conversation", "fault_text")

#: How many entries are kept: connections, messages and notes.
KEPT: Final = 500

#: How many octets the messages among them may have together.
KEPT_OCTETS: Final = 4 * 1024 * 1024

#: How many entries a text shows: the latest.
SHOWN: Final = 50

#: How many lines a text shows of what one message says, and of how many characters each.
SHOWN_DETAILS: Final = 5
MAX_DETAIL: Final = 100

#: The most characters of a line, and of a text.
MAX_LINE: Final = 300
MAX_TEXT: Final = 100_000

#: A line below another one begins here.
_INDENT: Final = " " * 19

_KINDS = {"users": several_of("a UsmUser", UsmUser), "kept": INTEGER, "clock": CALLABLE}


@dataclass(frozen=True, slots=True)
class _Entry:
    """Something that happened: when, on which connection, what; and the message, or further lines."""

    at: float
    connection: int
    what: str
    message: bytes = b""
    details: tuple[str, ...] = ()


class Conversation:
    """What was said on the connections of an agent or a listener: the latest entries.

    It is noted on the thread of the agent, and may be read on any thread.

    Args:
        users: users whose messages are decrypted in the text.
        kept: how many entries are kept, at least 1: each message, connection and note is one.
        clock: returns the time in seconds; entries tell the time since the conversation was made.

    Raises:
        ConfigurationError: an argument is wrong.
    """

    def __init__(
        self, users: Iterable[UsmUser] = (), *, kept: int = KEPT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        users = tuple(users)
        check_arguments(_KINDS, locals())
        if kept < 1:
            raise ConfigurationError(f"kept must be at least 1, not {kept}")
        self._users = users
        self._clock = clock
        self._began = clock()
        self._kept = kept
        self._entries: deque[_Entry] = deque()
        self._octets = 0
        self._noted = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many entries there were in all."""
        return self._noted

    # ------------------------------------------------------------------------------------------ noting

    def opened(self, connection: int, peer: object) -> None:
        """Note a new connection.

        Args:
            connection: its number.
            peer: the peer's address, as the socket names it, or as text.
        """
        self.note(connection, f"connection from {_address(peer)}")

    def closed(self, connection: int, reason: BaseException | None = None) -> None:
        """Note the end of a connection, and its reason if it was no ordinary one."""
        self.note(connection, "connection closed" if reason is None else f"connection closed: {reason}")

    def received(self, connection: int, message: bytes) -> None:
        """Note a message that came in."""
        self._add(connection, "received", message)

    def sent(self, connection: int, message: bytes, how: str = "") -> None:
        """Note a message that went out, and how if that is unusual."""
        self._add(connection, f"sent{' ' * bool(how)}{how}", message)

    def note(self, connection: int, what: str, *details: str) -> None:
        """Note something else.

        Args:
            connection: the number of the connection; 0 for none in particular.
            what: what has happened, in a few words without secrets.
            *details: further lines.
        """
        self._add(connection, what, details=tuple(printable(detail, MAX_LINE) for detail in details))

    def _add(self, connection: int, what: str, message: bytes = b"", details: tuple[str, ...] = ()) -> None:
        entry = _Entry(self._clock() - self._began, connection, printable(what, MAX_LINE), message, details)
        with self._lock:
            self._noted += 1
            self._entries.append(entry)
            self._octets += len(message)
            while len(self._entries) > self._kept or (self._octets > KEPT_OCTETS and len(self._entries) > 1):
                self._octets -= len(self._entries.popleft().message)

    # ------------------------------------------------------------------------------------------ reading

    def text(self, *, shown: int = SHOWN, full: bool = False) -> str:
        """Return what was said, for people; the form may change.

        Each message has its summary, its variable bindings and its problems.  Communities, passwords and keys are not
        shown.  The length is bounded.

        Args:
            shown: how many entries are shown, at least 1: the latest.
            full: explain each message field by field, as :func:`snmptcp.explain.explain` does.

        Raises:
            ConfigurationError: an argument is wrong.
        """
        if shown < 1:
            raise ConfigurationError(f"shown must be at least 1, not {shown}")
        with self._lock:
            entries, noted = list(self._entries)[-shown:], self._noted
        if not entries:
            return "nobody has connected"
        missing = noted - len(entries)
        lines = [f"the latest {len(entries)} of {noted:,} entries"] if missing else []
        room = MAX_TEXT
        for number, entry in enumerate(entries):
            if room < 0:
                lines.append(f"{len(entries) - number} more entries, not shown")
                break
            for line in self._lines(entry, full=full):
                lines.append(line if len(line) <= MAX_LINE else f"{line[: MAX_LINE - 3]}...")
                room -= len(lines[-1])
        return "\n".join(lines)

    def _lines(self, entry: _Entry, *, full: bool) -> Iterator[str]:
        where = f"#{entry.connection}" if entry.connection else ""
        begin = f"{entry.at:9.3f} s  {where:<4}"
        details = list(entry.details)
        if entry.message:
            summary, *details = self._explained(entry.message, full=full)
            yield f"{begin}  {entry.what}: {summary}"
        else:
            yield f"{begin}  {entry.what}"
        for detail in details if full else _shortened(details):
            yield f"{_INDENT}{detail}"

    def _explained(self, message: bytes, *, full: bool) -> list[str]:
        from snmptcp.explain import explain  # noqa: PLC0415 - pyasn1 takes long to load, and most tests pass
        from snmptcp.explain.keys import outline_with_keys  # noqa: PLC0415

        if full:
            return explain(message, users=self._users).splitlines()
        return list(outline_with_keys(message, users=self._users))


def _shortened(details: list[str]) -> Iterator[str]:
    """Return the first lines of what a message says, each short, and all its problems: they are what is looked for."""
    problems = [detail for detail in details if detail.startswith("!")]
    values = [detail for detail in details if not detail.startswith("!")]
    hidden = len(values) - SHOWN_DETAILS
    for value in values[:SHOWN_DETAILS] if hidden > 1 else values:
        yield value if len(value) <= MAX_DETAIL else f"{value[: MAX_DETAIL - 3]}..."
    if hidden > 1:
        yield f"... {hidden} more lines, not shown"
    yield from problems


def _address(peer: object) -> str:
    """Return the address of a socket as text."""
    if isinstance(peer, tuple) and len(peer) >= 2:
        host, port = str(peer[0]), peer[1]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return str(peer or "a peer that has gone already")


_SHORT = Repr()
_SHORT.maxother = _SHORT.maxstring = 60


def fault_text(fault: Fault) -> str:
    """Return a fault with its arguments, without communities and names."""
    name = type(fault).__name__
    if not is_dataclass(fault):
        return name
    shown = [(each.name, getattr(fault, each.name)) for each in fields(fault) if each.repr]
    arguments = (f"{what}={'***' if what == 'community' else _SHORT.repr(value)}" for what, value in shown)
    return f"{name}({', '.join(arguments)})"
