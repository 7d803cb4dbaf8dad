"""SNMP over TCP for asyncio: ``await`` requests, ``async for`` over walks.

::

    async with Manager("192.0.2.1", credentials=Community("public")) as manager:
        for varbind in await manager.get("1.3.6.1.2.1.1.1.0"):
            print(varbind.oid, varbind.value)
        async for varbind in manager.walk("1.3.6.1.2.1.2.2"):
            print(varbind.oid, varbind.value)

What most programs need stands here.  The rest is in :mod:`snmptcp.errors`, :mod:`snmptcp.values`,
:mod:`snmptcp.credentials`, :mod:`snmptcp.manager`, :mod:`snmptcp.listener`, :mod:`snmptcp.mib`,
:mod:`snmptcp.net.tls`, :mod:`snmptcp.explain`, :mod:`snmptcp.fleet`, :mod:`snmptcp.sync`, :mod:`snmptcp.testing` and
:mod:`snmptcp.ipworks`.
"""

import snmptcp.starting  # noqa: F401 - first, so that Ctrl-C is quiet while the others load

# isort: split
from typing import TYPE_CHECKING

from snmptcp.cautions import SecurityWarning
from snmptcp.credentials import AuthProtocol, Community, PrivProtocol, SecurityLevel, SnmpVersion, Tsm, UsmUser
from snmptcp.errors import (
    AgentError,
    ClosedError,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    ProtocolError,
    RequestTimeout,
    SecurityError,
    SnmpError,
    TlsFailed,
    TransportError,
)
from snmptcp.lazy import lazy_names
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    Null,
    ObjectIdentifier,
    OctetString,
    Opaque,
    TimeTicks,
    Unsigned32,
    VarBind,
    VarBinds,
)

if TYPE_CHECKING:
    from snmptcp.listener.listener import NotificationListener
    from snmptcp.manager.manager import Manager
    from snmptcp.net.dialing import SocketOptions
    from snmptcp.net.proxy import Proxy
    from snmptcp.net.tls.options import TlsOptions
    from snmptcp.protocol.notification import Notification
    from snmptcp.protocol.observer import Observer
    from snmptcp.security.engine_clock import EngineInfo
    from snmptcp.security.remote_engine import KnownEngines

__version__ = "0.2.0"

__all__ = (
    "OID",
    "AgentError",
    "AuthProtocol",
    "ClosedError",
    "Community",
    "ConfigurationError",
    "ConnectFailed",
    "ConnectionLost",
    "Counter32",
    "Counter64",
    "EndOfMibView",
    "EngineInfo",
    "Gauge32",
    "Integer32",
    "IpAddress",
    "KnownEngines",
    "Manager",
    "NoSuchInstance",
    "NoSuchObject",
    "Notification",
    "NotificationListener",
    "Null",
    "ObjectIdentifier",
    "Observer",
    "OctetString",
    "Opaque",
    "PrivProtocol",
    "ProtocolError",
    "Proxy",
    "RequestTimeout",
    "SecurityError",
    "SecurityLevel",
    "SecurityWarning",
    "SnmpError",
    "SnmpVersion",
    "SocketOptions",
    "TimeTicks",
    "TlsFailed",
    "TlsOptions",
    "TransportError",
    "Tsm",
    "Unsigned32",
    "UsmUser",
    "VarBind",
    "VarBinds",
)

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "EngineInfo": "snmptcp.security.engine_clock",
        "KnownEngines": "snmptcp.security.remote_engine",
        "Manager": "snmptcp.manager.manager",
        "Notification": "snmptcp.protocol.notification",
        "NotificationListener": "snmptcp.listener.listener",
        "Observer": "snmptcp.protocol.observer",
        "Proxy": "snmptcp.net.proxy",
        "SocketOptions": "snmptcp.net.dialing",
        "TlsOptions": "snmptcp.net.tls.options",
    },
)
