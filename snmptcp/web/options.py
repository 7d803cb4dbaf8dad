"""How the page works: its limits, how often it is brought up to date, and whom it answers.

Contains: plain data with its ranges.
"""

from __future__ import annotations

from dataclasses import dataclass

from snmptcp.arguments import INTEGER, SECONDS, TEXT, check_arguments, optional, several_of
from snmptcp.errors import ConfigurationError

__all__ = ("Options",)

_COUNTS = (
    "history",
    "max_interfaces",
    "max_notifications",
    "max_clients",
    "max_waiting",
    "max_walks",
    "max_variables",
)
_TIMES = ("refresh", "heartbeat")
_KINDS = {
    "title": TEXT,
    **dict.fromkeys(_COUNTS, INTEGER),
    **dict.fromkeys(_TIMES, SECONDS),
    "hosts": optional(several_of("names of hosts", str)),
}


@dataclass(frozen=True, slots=True)
class Options:
    """How the page works.

    Args:
        title: the heading of the page.
        history: how many points the charts of an interface have, at least 2.  Each takes 16 octets of memory.
        max_interfaces: how many interfaces of one agent are kept; further ones are counted and left out.
        max_notifications: how many traps and informs are kept.
        max_clients: how many event streams there may be; further ones are refused with the status 503.
        max_waiting: how many octets of events may wait for one slow client.  When there are more, they are dropped and
            counted, and the client is told everything anew as soon as it reads.
        max_walks: how many walks and traced requests of all clients may be under way; each client has one.
        max_variables: how many variables one walk may read.
        refresh: how often changes are sent, in seconds; more than 0.
        heartbeat: after how many seconds without an event a client is sent a comment; more than 0.
        hosts: the names and addresses by which the page may be asked, without ports; optional; default any.  A page
            without a login behind a loopback address needs it: it keeps out other sites whose name a browser has been
            told to find there (DNS rebinding).

    Raises:
        ConfigurationError: an argument is out of range.
    """

    title: str = "SNMP"
    history: int = 120
    max_interfaces: int = 1000
    max_notifications: int = 200
    max_clients: int = 100
    max_waiting: int = 1_000_000
    max_walks: int = 10
    max_variables: int = 100_000
    refresh: float = 0.5
    heartbeat: float = 15.0
    hosts: frozenset[str] | None = None

    def __post_init__(self) -> None:
        check_arguments(_KINDS, {name: getattr(self, name) for name in _KINDS})
        for name in _COUNTS:
            least = 2 if name == "history" else 1
            if getattr(self, name) < least:
                raise ConfigurationError(f"{name} is a number from {least} on, not {getattr(self, name)}")
        for name in _TIMES:
            if not 0 < getattr(self, name) < float("inf"):
                raise ConfigurationError(f"{name} is a number of seconds above 0, not {getattr(self, name)}")
