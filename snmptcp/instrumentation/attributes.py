"""What spans and metrics say of a request, a walk or a connection: attributes by OpenTelemetry's conventions.

The names without ``snmp.`` are those of OpenTelemetry's semantic conventions.  Contains no import of OpenTelemetry.
Does not contain: communities, users, passwords or values; no attribute has one.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeAlias

from snmptcp.codec.pdu import PduType
from snmptcp.errors import AgentError, ErrorStatus, TlsFailed
from snmptcp.protocol.trace import split_peer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.credentials import SnmpVersion
    from snmptcp.errors import SnmpError
    from snmptcp.net.tls.session import TlsSession
    from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, Trace, WalkTrace

__all__ = (
    "CONNECT",
    "Attributes",
    "agent_of",
    "error_type",
    "measured",
    "of_connection",
    "of_outcome",
    "of_request",
    "of_start",
    "operation_of",
)

Attributes: TypeAlias = "dict[str, Any]"

#: The name of the operation that makes a connection.
CONNECT = "connect"

#: The names of PDUs, as the RFCs' readers write them.
_OPERATIONS: Mapping[PduType, str] = {
    PduType.GET: "GET",
    PduType.GET_NEXT: "GETNEXT",
    PduType.GET_BULK: "GETBULK",
    PduType.SET: "SET",
    PduType.INFORM: "INFORM",
}

#: What the conventions say in the place of an error that has no name of its own.
_OTHER = "_OTHER"


def operation_of(trace: RequestTrace | WalkTrace) -> str:
    """Return the name of what was asked: that of a PDU, ``walk`` or ``table``."""
    kind: PduType | None = getattr(trace, "kind", None)
    if kind is not None:
        return _OPERATIONS.get(kind, kind.name)
    return "table" if getattr(trace, "is_table", False) else "walk"


def agent_of(trace: Trace) -> Attributes:
    """Return whose agent it is."""
    return {"server.address": trace.host, "server.port": trace.port}


def of_start(trace: Trace, operation: str) -> Attributes:
    """Return what is known at the start; samplers decide by it.  Not to be changed."""
    return _of_start(trace.peer, operation, trace.version)


@functools.lru_cache(maxsize=4096)
def _of_start(peer: str, operation: str, version: SnmpVersion | None) -> Attributes:
    """Return what is the same for all requests of one kind to one agent."""
    return _measured(peer, operation, version) | {"network.transport": "tcp", "network.protocol.name": "snmp"}


def measured(trace: Trace, operation: str | None = None) -> Attributes:
    """Return what a duration is told apart by.  Not to be changed."""
    attributes = _measured(trace.peer, operation, trace.version)
    if trace.error is None and not trace.cancelled:
        return attributes
    attributes = attributes.copy()
    if trace.error is not None:
        attributes["error.type"] = error_type(trace.error)
    if trace.cancelled:
        attributes["snmp.cancelled"] = True
    return attributes


@functools.lru_cache(maxsize=4096)
def _measured(peer: str, operation: str | None, version: SnmpVersion | None) -> Attributes:
    host, port = split_peer(peer)
    attributes: Attributes = {"server.address": host, "server.port": port}
    if operation is not None:
        attributes["snmp.operation.name"] = operation
    if version is not None:
        attributes["network.protocol.version"] = str(version)
    return attributes


def error_type(error: SnmpError) -> str:
    """Return the kind of an error: the name of an error-status, or of the exception's class; there are few."""
    if not isinstance(error, AgentError):
        return type(error).__name__
    return error.status.name if isinstance(error.status, ErrorStatus) else _OTHER


def of_outcome(trace: Trace) -> Attributes:
    """Return how something has ended, if it has not just succeeded."""
    attributes: Attributes = {}
    if trace.cancelled:
        attributes["snmp.cancelled"] = True
    error = trace.error
    if error is None:
        return attributes
    attributes["error.type"] = error_type(error)
    if isinstance(error, AgentError):
        attributes["snmp.response.error_status"] = int(error.status)
        attributes["snmp.response.error_index"] = error.index
    if isinstance(error, TlsFailed):
        attributes["snmp.tls.failure"] = error.failure.name
    if error.uncertain:
        attributes["snmp.request.uncertain"] = True
    return attributes


def of_request(trace: RequestTrace, max_names: int) -> Attributes:
    """Return what is known of a request at its end.

    Args:
        trace: the request.
        max_names: how many of its names to tell.
    """
    attributes: Attributes = {
        "snmp.request.id": trace.request_id,
        "snmp.request.varbinds": len(trace.names),
        "snmp.request.attempts": trace.attempts,
    }
    if max_names and trace.names:
        attributes["snmp.request.names"] = [str(name) for name in trace.names[:max_names]]
    if trace.max_repetitions:
        attributes["snmp.request.max_repetitions"] = trace.max_repetitions
    if trace.octets:
        attributes["snmp.response.size"] = trace.octets
        attributes["snmp.response.varbinds"] = trace.varbinds
    if trace.connection is not None:
        attributes.update(_address("network.peer", trace.connection.addresses[1]))
    return attributes


def of_connection(trace: ConnectionTrace) -> Attributes:
    """Return what is known of a connection that is open: its addresses, and what TLS has agreed on."""
    local, peer = trace.addresses
    attributes = _address("network.local", local) | _address("network.peer", peer)
    if peer is not None:
        attributes["network.type"] = "ipv6" if len(peer) > 2 else "ipv4"
    return attributes if trace.tls is None else attributes | _of_tls(trace.tls)


def _of_tls(session: TlsSession) -> Attributes:
    attributes: Attributes = {
        "tls.established": True,
        "tls.protocol.name": "tls",
        "tls.protocol.version": session.version.removeprefix("TLSv"),
        "tls.cipher": session.cipher,
        "tls.resumed": session.resumed,
        "snmp.tls.verified": session.verified,
    }
    if session.group is not None:
        attributes["tls.curve"] = session.group
    if session.fingerprint is not None:
        attributes["tls.server.hash.sha256"] = session.fingerprint.replace(":", "").upper()
    return attributes


def _address(prefix: str, address: Any) -> Attributes:
    """Return an address as the socket names it: a pair, or four fields for IPv6."""
    return {} if not address else {f"{prefix}.address": address[0], f"{prefix}.port": address[1]}
