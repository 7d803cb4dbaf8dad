"""Receiving notifications: the :class:`NotificationListener`, and the file of its engine."""

from __future__ import annotations

from snmptcp.listener.engine_file import start_engine
from snmptcp.listener.listener import ListenerStatistics, NotificationListener

__all__ = ("ListenerStatistics", "NotificationListener", "start_engine")
