"""A fleet of managers that a program has made itself: they are used for polls, and never closed.

Contains: the fleet, and a manager's stand-in that cannot be closed.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from snmptcp.arguments import several_of
from snmptcp.credentials import Community
from snmptcp.fleet import Fleet, Target
from snmptcp.manager import Manager

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from snmptcp.fleet import Job
    from snmptcp.fleet.polling.connections import Maker
    from snmptcp.mib import Mib
    from snmptcp.protocol.observer import Observer

__all__ = ("MANAGERS", "ManagerFleet")

#: In how many seconds each job runs for the first time: someone is waiting for the page.
_FIRST_WITHIN = 2.0

MANAGERS = several_of("managers (snmptcp.Manager)", Manager)


class ManagerFleet(Fleet):
    """Polls managers.

    Args:
        managers: the managers; the program closes them when the fleet has ended.
        jobs: what is read from each.
    """

    def __init__(self, managers: Iterable[Manager], jobs: Sequence[Job]) -> None:
        self._lent = _named(managers)
        # Nothing is sent with these credentials: the managers have their own.
        targets = [
            Target(manager.host, manager.port, credentials=Community(""), name=name)
            for name, manager in self._lent.items()
        ]
        super().__init__(targets, jobs=jobs, first_within=_FIRST_WITHIN)

    def manager(self, name: str) -> Manager:
        """Return the manager of a target."""
        return self._lent[name]

    def _maker(self, mib: Mib | None, max_engines: int, observer: Observer | None) -> Maker:  # noqa: ARG002
        return _Lender(self._lent)


class _Lender:
    """Gives managers that stay open."""

    def __init__(self, managers: dict[str, Manager]) -> None:
        self._managers = managers

    def make(self, target: Target) -> Manager:
        return cast("Manager", _Lent(self._managers[target.name]))

    def forget(self, name: str) -> None:
        """Forget nothing: the managers are the program's."""


class _Lent:
    """A manager that does not close."""

    def __init__(self, manager: Manager) -> None:
        self._manager = manager

    def __getattr__(self, name: str) -> Any:
        return getattr(self._manager, name)

    async def aclose(self) -> None:
        """Leave the manager open."""


def _named(managers: Iterable[Manager]) -> dict[str, Manager]:
    """Return managers by their agents' addresses, numbered if there are several of one."""
    named: dict[str, Manager] = {}
    seen: Counter[str] = Counter()
    for manager in managers:
        where = f"[{manager.host}]:{manager.port}" if ":" in manager.host else f"{manager.host}:{manager.port}"
        seen[where] += 1
        named[where if seen[where] == 1 else f"{where} ({seen[where]})"] = manager
    return named
