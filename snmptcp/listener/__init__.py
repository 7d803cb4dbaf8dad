"""Receiving notifications: the :class:`NotificationListener`, and the file of its engine."""

from __future__ import annotations

from snmptcp.listener.engine_file import EngineIdentity, start_engine
from snmptcp.listener.listener import Handler, NotificationListener
from snmptcp.listener.statistics import ListenerStatistics
from snmptcp.protocol.notification import Notification, Source
from snmptcp.protocol.receiver import ReceiverCredentials, ReceiverStatistics, Refusal

__all__ = (
    "EngineIdentity",
    "Handler",
    "ListenerStatistics",
    "Notification",
    "NotificationListener",
    "ReceiverCredentials",
    "ReceiverStatistics",
    "Refusal",
    "Source",
    "start_engine",
)
