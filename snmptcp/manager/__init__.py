"""Asking one agent: the :class:`Manager`, and the types of what its methods take and return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.lazy import lazy_names

if TYPE_CHECKING:
    from snmptcp.codec.pdu import PduType
    from snmptcp.manager.connector import OnConnect
    from snmptcp.manager.manager import Manager, Response
    from snmptcp.manager.notifications import NotificationStream
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
    from snmptcp.protocol.receiver import ReceiverStatistics
    from snmptcp.protocol.request import Request
    from snmptcp.protocol.statistics import Statistics
    from snmptcp.protocol.table import TableRow
    from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, Trace, WalkTrace
    from snmptcp.security.choose import Credentials
    from snmptcp.security.engine_clock import EngineInfo
    from snmptcp.security.remote_engine import KnownEngines
    from snmptcp.values import VarBinds

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
    {
        "Connection": "snmptcp.net.connection",
        "ConnectionTrace": "snmptcp.protocol.trace",
        "CountedIds": "snmptcp.protocol.ids",
        "Credentials": "snmptcp.security.choose",
        "Deadline": "snmptcp.protocol.deadline",
        "EngineInfo": "snmptcp.security.engine_clock",
        "Exchange": "snmptcp.protocol.exchange",
        "KnownEngines": "snmptcp.security.remote_engine",
        "Manager": "snmptcp.manager.manager",
        "NotificationStream": "snmptcp.manager.notifications",
        "Observer": "snmptcp.protocol.observer",
        "Observers": "snmptcp.protocol.observers",
        "OnConnect": "snmptcp.manager.connector",
        "PacketTrace": "snmptcp.net.connection",
        "PduType": "snmptcp.codec.pdu",
        "Proxy": "snmptcp.net.proxy",
        "ProxyKind": "snmptcp.net.proxy",
        "RandomIds": "snmptcp.protocol.ids",
        "ReceiverStatistics": "snmptcp.protocol.receiver",
        "Request": "snmptcp.protocol.request",
        "RequestIds": "snmptcp.protocol.ids",
        "RequestTrace": "snmptcp.protocol.trace",
        "Response": "snmptcp.manager.manager",
        "SocketOptions": "snmptcp.net.dialing",
        "Statistics": "snmptcp.protocol.statistics",
        "TableRow": "snmptcp.protocol.table",
        "TlsCounters": "snmptcp.net.tls.counters",
        "Trace": "snmptcp.protocol.trace",
        "VarBinds": "snmptcp.values",
        "WalkTrace": "snmptcp.protocol.trace",
        "add_observer": "snmptcp.manager.observing",
        "remove_observer": "snmptcp.manager.observing",
    },
)
