"""SNMP over TCP for asyncio: ``await`` requests, ``async for`` over walks.

::

    async with Manager("192.0.2.1", credentials=Community("public")) as manager:
        for varbind in await manager.get("1.3.6.1.2.1.1.1.0"):
            print(varbind.oid, varbind.value)
        async for varbind in manager.walk("1.3.6.1.2.1.2.2"):
            print(varbind.oid, varbind.value)
"""

import importlib
from typing import TYPE_CHECKING

from snmptcp.credentials import AuthProtocol, Community, PrivProtocol, SecurityLevel, SnmpVersion, Tsm, UsmUser
from snmptcp.engine.correlator import Statistics
from snmptcp.engine.table import TableRow
from snmptcp.errors import (
    AgentError,
    AuthorizationError,
    BadValue,
    ClosedError,
    CommitFailed,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    DecodeError,
    DecryptionFailed,
    ErrorStatus,
    FramingError,
    GenErr,
    InconsistentName,
    InconsistentValue,
    MessageTooLarge,
    NoAccess,
    NoCreation,
    NoSuchName,
    NotInTimeWindow,
    NotWritable,
    OidNotIncreasing,
    ProtocolError,
    ProxyFailed,
    ReadOnly,
    RequestTimeout,
    ResourceUnavailable,
    ResponseMismatch,
    SecurityError,
    SecurityLevelTooLow,
    SnmpError,
    TlsFailed,
    TlsFailure,
    TooBig,
    TransportError,
    UndoFailed,
    UnknownContext,
    UnknownEngine,
    UnknownUser,
    WrongCommunity,
    WrongDigest,
    WrongEncoding,
    WrongLength,
    WrongType,
    WrongValue,
    WrongVersion,
)
from snmptcp.manager import Manager
from snmptcp.net.connection import PacketTrace
from snmptcp.net.dialing import SocketOptions
from snmptcp.net.proxy import Proxy, ProxyKind
from snmptcp.oid import OID, OidLike
from snmptcp.security.engine import KnownEngines
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    NsapAddress,
    Null,
    ObjectIdentifier,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
    Unsigned32,
    Value,
    VarBind,
)

if TYPE_CHECKING:
    from snmptcp.engine.notification import Notification
    from snmptcp.listener import NotificationListener
    from snmptcp.net.tls import ClientCertificates, CrlCheck, TlsOptions, TlsSession
    from snmptcp.security.tls_names import CertificateMap, MapType

#: Names that are looked up when they are first used: a program that polls needs neither certificates nor a listener,
#: and starts without them.
_LATER = {
    "CertificateMap": "snmptcp.security.tls_names",
    "ClientCertificates": "snmptcp.net.tls",
    "CrlCheck": "snmptcp.net.tls",
    "MapType": "snmptcp.security.tls_names",
    "Notification": "snmptcp.engine.notification",
    "NotificationListener": "snmptcp.listener",
    "TlsOptions": "snmptcp.net.tls",
    "TlsSession": "snmptcp.net.tls",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_LATER[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


__version__ = "0.1.0"

__all__ = (
    "OID",
    "AgentError",
    "AuthProtocol",
    "AuthorizationError",
    "BadValue",
    "CertificateMap",
    "ClientCertificates",
    "ClosedError",
    "CommitFailed",
    "Community",
    "ConfigurationError",
    "ConnectFailed",
    "ConnectionLost",
    "Counter32",
    "Counter64",
    "CrlCheck",
    "DecodeError",
    "DecryptionFailed",
    "EndOfMibView",
    "EngineInfo",
    "ErrorStatus",
    "FramingError",
    "Gauge32",
    "GenErr",
    "InconsistentName",
    "InconsistentValue",
    "Integer32",
    "IpAddress",
    "KnownEngines",
    "Manager",
    "MapType",
    "MessageTooLarge",
    "NoAccess",
    "NoCreation",
    "NoSuchInstance",
    "NoSuchName",
    "NoSuchObject",
    "NotInTimeWindow",
    "NotWritable",
    "Notification",
    "NotificationListener",
    "NsapAddress",
    "Null",
    "ObjectIdentifier",
    "OctetString",
    "OidLike",
    "OidNotIncreasing",
    "Opaque",
    "PacketTrace",
    "PrivProtocol",
    "ProtocolError",
    "Proxy",
    "ProxyFailed",
    "ProxyKind",
    "ReadOnly",
    "RequestTimeout",
    "ResourceUnavailable",
    "ResponseMismatch",
    "SecurityError",
    "SecurityLevel",
    "SecurityLevelTooLow",
    "SnmpError",
    "SnmpVersion",
    "SocketOptions",
    "Statistics",
    "TableRow",
    "TimeTicks",
    "TlsFailed",
    "TlsFailure",
    "TlsOptions",
    "TlsSession",
    "TooBig",
    "TransportError",
    "Tsm",
    "UInteger32",
    "UndoFailed",
    "UnknownContext",
    "UnknownEngine",
    "UnknownUser",
    "Unsigned32",
    "UsmUser",
    "Value",
    "VarBind",
    "WrongCommunity",
    "WrongDigest",
    "WrongEncoding",
    "WrongLength",
    "WrongType",
    "WrongValue",
    "WrongVersion",
)
