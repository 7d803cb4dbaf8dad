"""Receiving notifications: the :class:`NotificationListener`, and the file of its engine."""

from __future__ import annotations

from snmptcp.listener.engine_file import EngineIdentity, start_engine
from snmptcp.listener.listener import Handler, NotificationListener
from snmptcp.listener.statistics import ListenerStatistics
from snmptcp.protocol.notification import Notification, Oddity, Source, UnreadableVarBind
from snmptcp.protocol.receiver import ReceiverCredentials, ReceiverStatistics, Refusal
from snmptcp.protocol.refused import RefusedMessage

__all__ = (
    "EngineIdentity",
    "Handler",
    "ListenerStatistics",
    "Notification",
    "NotificationListener",
    "Oddity",
    "ReceiverCredentials",
    "ReceiverStatistics",
    "Refusal",
    "RefusedMessage",
    "Source",
    "UnreadableVarBind",
    "start_engine",
)
