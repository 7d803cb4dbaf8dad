"""Asking one agent: the :class:`Manager`, and the types that its methods take and return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.lazy import lazy_names
from snmptcp.manager.manager import Manager, Response

if TYPE_CHECKING:
    from snmptcp.manager.inbox import NotificationStream

__all__ = ("Manager", "NotificationStream", "Response")

__getattr__, __dir__ = lazy_names(__name__, {"NotificationStream": "snmptcp.manager.inbox"})
