"""SNMP over TCP for asyncio: ``await`` requests, ``async for`` over walks.

::

    async with Manager("192.0.2.1", credentials=Community("public")) as manager:
        for varbind in await manager.get("1.3.6.1.2.1.1.1.0"):
            print(varbind.oid, varbind.value)
        async for varbind in manager.walk("1.3.6.1.2.1.2.2"):
            print(varbind.oid, varbind.value)
"""

from typing import TYPE_CHECKING

from snmptcp.credentials import AuthProtocol, Community, PrivProtocol, SecurityLevel, SnmpVersion, Tsm, UsmUser
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
from snmptcp.lazy import lazy_names
from snmptcp.manager.manager import Manager
from snmptcp.net.connection import PacketTrace
from snmptcp.net.dialing import SocketOptions
from snmptcp.net.proxy import Proxy, ProxyKind
from snmptcp.oid import OID, OidLike
from snmptcp.protocol.correlator import Statistics
from snmptcp.protocol.table import TableRow
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.remote_engine import KnownEngines
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
    from snmptcp.listener.listener import NotificationListener
    from snmptcp.net.tls.options import ClientCertificates, CrlCheck, TlsOptions
    from snmptcp.net.tls.session import TlsSession
    from snmptcp.protocol.notification import Notification
    from snmptcp.security.tls_names import CertificateMap, MapType

#: Names that are imported when they are first used: a program that polls starts without certificates and listeners.
_LATER = {
    "CertificateMap": "snmptcp.security.tls_names",
    "ClientCertificates": "snmptcp.net.tls.options",
    "CrlCheck": "snmptcp.net.tls.options",
    "MapType": "snmptcp.security.tls_names",
    "Notification": "snmptcp.protocol.notification",
    "NotificationListener": "snmptcp.listener.listener",
    "TlsOptions": "snmptcp.net.tls.options",
    "TlsSession": "snmptcp.net.tls.session",
}

__getattr__, __dir__ = lazy_names(__name__, _LATER)

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
