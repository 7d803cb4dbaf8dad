"""Asking one agent: the :class:`Manager`, and the types of what its methods take and return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.codec.pdu import PduType
from snmptcp.lazy import lazy_names
from snmptcp.manager.connector import OnConnect
from snmptcp.manager.manager import Manager, Response
from snmptcp.manager.observing import add_observer, remove_observer
from snmptcp.net.connection import Connection, PacketTrace
from snmptcp.net.dialing import SocketOptions
from snmptcp.net.proxy import Proxy, ProxyKind
from snmptcp.net.tls.counters import TlsCounters
from snmptcp.protocol.deadline import Deadline
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.ids import CountedIds, RandomIds, RequestIds
from snmptcp.protocol.observer import Observer
from snmptcp.protocol.observers import Observers
from snmptcp.protocol.request import Request
from snmptcp.protocol.statistics import Statistics
from snmptcp.protocol.table import TableRow
from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, Trace, WalkTrace
from snmptcp.security.choose import Credentials
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.remote_engine import KnownEngines
from snmptcp.values import VarBinds

if TYPE_CHECKING:
    from snmptcp.manager.notifications import NotificationStream
    from snmptcp.protocol.receiver import ReceiverStatistics

__all__ = (
    "Connection",
    "ConnectionTrace",
    "CountedIds",
    "Credentials",
    "Deadline",
    "EngineInfo",
    "Exchange",
    "KnownEngines",
    "Manager",
    "NotificationStream",
    "Observer",
    "Observers",
    "OnConnect",
    "PacketTrace",
    "PduType",
    "Proxy",
    "ProxyKind",
    "RandomIds",
    "ReceiverStatistics",
    "Request",
    "RequestIds",
    "RequestTrace",
    "Response",
    "SocketOptions",
    "Statistics",
    "TableRow",
    "TlsCounters",
    "Trace",
    "VarBinds",
    "WalkTrace",
    "add_observer",
    "remove_observer",
)

__getattr__, __dir__ = lazy_names(
    __name__,
    {"NotificationStream": "snmptcp.manager.notifications", "ReceiverStatistics": "snmptcp.protocol.receiver"},
)
