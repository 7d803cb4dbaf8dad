"""Every exception that this library raises, as one tree.

::

    SnmpError
    ├─ ConfigurationError (ValueError)     impossible arguments, said before anything is sent
    ├─ ClosedError (RuntimeError)          used after close
    ├─ TransportError (ConnectionError)
    │  ├─ ConnectFailed                    the connection could not be made
    │  └─ ConnectionLost                   what every pending request gets, with the true cause
    ├─ RequestTimeout (TimeoutError)       .reason: why the last reply was refused, or None for silence
    ├─ SecurityError                       a message that cannot be trusted
    │  └─ WrongCommunity
    ├─ ProtocolError                       the peer broke the rules
    │  ├─ WrongVersion
    │  ├─ DecodeError                      .offset, .octets: where a message broke
    │  │  └─ FramingError                  the byte stream cannot be cut into messages any more
    │  │     └─ MessageTooLarge            .length, .limit
    │  ├─ ResponseMismatch                 well-formed, but not an answer to what was asked
    │  └─ OidNotIncreasing                 .previous, .current: a walk that would not end
    └─ AgentError                          .status, .index, .varbinds; one class per error-status

Rules of this module: exceptions carry their facts as attributes and build their text from them; none
ever holds a secret; a class with a natural builtin counterpart derives from it too, so that
``except TimeoutError`` and ``except ConnectionError`` work as Python programmers expect.
All of them can be pickled.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.oid import OID
    from snmptcp.values import VarBind

__all__ = (
    "AgentError",
    "AuthorizationError",
    "BadValue",
    "ClosedError",
    "CommitFailed",
    "ConfigurationError",
    "ConnectFailed",
    "ConnectionLost",
    "DecodeError",
    "ErrorStatus",
    "FramingError",
    "GenErr",
    "InconsistentName",
    "InconsistentValue",
    "MessageTooLarge",
    "NoAccess",
    "NoCreation",
    "NoSuchName",
    "NotWritable",
    "OidNotIncreasing",
    "ProtocolError",
    "ReadOnly",
    "RequestTimeout",
    "ResourceUnavailable",
    "ResponseMismatch",
    "SecurityError",
    "SnmpError",
    "TooBig",
    "TransportError",
    "UndoFailed",
    "WrongCommunity",
    "WrongEncoding",
    "WrongLength",
    "WrongType",
    "WrongValue",
    "WrongVersion",
    "agent_error",
)


class SnmpError(Exception):
    """The root of everything that this library raises."""


class ConfigurationError(SnmpError, ValueError):
    """Arguments or credentials that cannot work; raised before anything is sent."""


class ClosedError(SnmpError, RuntimeError):
    """A manager, agent or connection was used after it had been closed."""


# --------------------------------------------------------------------------------------- transport


class TransportError(SnmpError, ConnectionError):
    """The connection could not be made, or was lost."""


class ConnectFailed(TransportError):
    """The connection could not be made: refused, unreachable, no such host, or not in time."""


class ConnectionLost(TransportError):
    """The connection ended while a request was waiting for its answer.

    The request may or may not have been carried out by the agent (RFC 3430 section 2.3).
    The true cause (end of stream, reset, lost framing) is the text, and ``__cause__`` where it was
    an exception.
    """


class RequestTimeout(SnmpError, TimeoutError):
    """No acceptable answer arrived before the deadline.

    Attributes:
        timeout: how long the request waited, in seconds.
        reason: why the last reply that seemed to be meant for this request was refused;
            ``None`` where there was only silence.
    """

    def __init__(self, timeout: float, reason: SnmpError | None = None) -> None:
        super().__init__(timeout, reason)
        self.timeout = timeout
        self.reason = reason

    def __str__(self) -> str:
        waited = f"no answer within {self.timeout:g} s"
        return waited if self.reason is None else f"{waited}; a reply was refused: {self.reason}"


# ---------------------------------------------------------------------------------------- security


class SecurityError(SnmpError):
    """A message that cannot be trusted.  A reply like that is dropped, and is the reason of the timeout."""


class WrongCommunity(SecurityError):
    """A reply that does not carry the community of its request."""

    def __str__(self) -> str:
        return "the reply carries another community than the request"


# ---------------------------------------------------------------------------------------- protocol


class ProtocolError(SnmpError):
    """The peer broke the rules of SNMP."""


class WrongVersion(ProtocolError):
    """A reply in another version of SNMP than its request.

    Attributes:
        expected: the version number of the request.
        found: the version number of the reply.
    """

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return f"the reply has version number {self.found}, the request had {self.expected}"


def _elided(octets: bytes, offset: int) -> str:
    """Return the octets around an offset as hex, at most 16 of them."""
    start = max(0, min(offset, len(octets)) - 4)
    shown = octets[start : start + 16]
    before = "... " if start else ""
    after = " ..." if start + 16 < len(octets) else ""
    return f"{before}{shown.hex(' ')}{after}"


class DecodeError(ProtocolError):
    """Octets that are not what they should be.

    Attributes:
        problem: what is wrong, in words.
        offset: where, counted from the first octet of the message.
        octets: the message, or as much of it as was looked at (never shown whole in the text).
    """

    def __init__(self, problem: str, offset: int = 0, octets: bytes = b"") -> None:
        super().__init__(problem, offset, octets)
        self.problem = problem
        self.offset = offset
        self.octets = octets

    def __str__(self) -> str:
        where = f"{self.problem} at offset {self.offset}"
        return f"{where} ({_elided(self.octets, self.offset)})" if self.octets else where


class FramingError(DecodeError):
    """The byte stream can no longer be cut into messages; the connection is closed (RFC 3430 2.1)."""


class MessageTooLarge(FramingError):
    """A message header claims more octets than the limit; nothing of its body was buffered.

    Attributes:
        length: octets that the whole message claims to have.
        limit: octets that are accepted.
    """

    def __init__(self, length: int, limit: int, octets: bytes = b"") -> None:
        super().__init__(f"a message of {length} octets, and the limit is {limit},", 0, octets)
        self.args = (length, limit, octets)
        self.length = length
        self.limit = limit


class ResponseMismatch(ProtocolError):
    """A well-formed response that does not answer its request: other names, or a wrong number of them.

    Attributes:
        varbinds: what the response carried.
    """

    def __init__(self, problem: str, varbinds: tuple[VarBind, ...] = ()) -> None:
        super().__init__(problem, varbinds)
        self.problem = problem
        self.varbinds = varbinds

    def __str__(self) -> str:
        return self.problem


class OidNotIncreasing(ProtocolError):
    """An agent answered with a name that does not come after the one asked; the walk would never end.

    Attributes:
        previous: the name that was asked for, or that came just before.
        current: the name that should have been greater.
    """

    def __init__(self, previous: OID, current: OID) -> None:
        super().__init__(previous, current)
        self.previous = previous
        self.current = current

    def __str__(self) -> str:
        return f"OID not increasing: {self.previous} was followed by {self.current}"


# ------------------------------------------------------------------------------------------- agent


class ErrorStatus(enum.IntEnum):
    """The error-status of a response (RFC 3416 section 3)."""

    noError = 0
    tooBig = 1
    noSuchName = 2
    badValue = 3
    readOnly = 4
    genErr = 5
    noAccess = 6
    wrongType = 7
    wrongLength = 8
    wrongEncoding = 9
    wrongValue = 10
    noCreation = 11
    inconsistentValue = 12
    resourceUnavailable = 13
    commitFailed = 14
    undoFailed = 15
    authorizationError = 16
    notWritable = 17
    inconsistentName = 18


class AgentError(SnmpError):
    """The agent answered with an error-status.

    Attributes:
        status: the error-status; an :class:`ErrorStatus` where the number is a known one.
        index: the error-index: 1 for the first variable binding, 0 where none is to blame.
        varbinds: the variable bindings of the answer (usually those of the request).
    """

    def __init__(self, status: int, index: int = 0, varbinds: tuple[VarBind, ...] = ()) -> None:
        super().__init__(status, index, varbinds)
        try:
            self.status: ErrorStatus | int = ErrorStatus(status)
        except ValueError:
            self.status = status
        self.index = index
        self.varbinds = varbinds

    @property
    def varbind(self) -> VarBind | None:
        """The variable binding that the error-index points at, if it points at one."""
        return self.varbinds[self.index - 1] if 0 < self.index <= len(self.varbinds) else None

    def __str__(self) -> str:
        name = self.status.name if isinstance(self.status, ErrorStatus) else "unknown error-status"
        text = f"{name} ({int(self.status)})"
        if self.varbind is not None:
            return f"{text} for {self.varbind.oid} (error-index {self.index})"
        return f"{text}, error-index {self.index}" if self.index else text


class TooBig(AgentError):
    """tooBig (1): the answer would not fit into a message."""


class NoSuchName(AgentError):
    """noSuchName (2): SNMPv1's word for a variable that is not there or not accessible."""


class BadValue(AgentError):
    """badValue (3): SNMPv1's word for a value that does not fit."""


class ReadOnly(AgentError):
    """readOnly (4): SNMPv1's word for a variable that cannot be written."""


class GenErr(AgentError):
    """genErr (5): the agent failed for a reason that no other status names."""


class NoAccess(AgentError):
    """noAccess (6): the variable is not accessible to this community or user."""


class WrongType(AgentError):
    """wrongType (7): the value's type is not the variable's."""


class WrongLength(AgentError):
    """wrongLength (8): the value's length is not one that the variable allows."""


class WrongEncoding(AgentError):
    """wrongEncoding (9): the value's encoding does not fit its tag."""


class WrongValue(AgentError):
    """wrongValue (10): a value that could never be assigned."""


class NoCreation(AgentError):
    """noCreation (11): the variable does not exist and can never be created."""


class InconsistentValue(AgentError):
    """inconsistentValue (12): a value that cannot be assigned now."""


class ResourceUnavailable(AgentError):
    """resourceUnavailable (13): the agent lacks a resource that the assignment needs."""


class CommitFailed(AgentError):
    """commitFailed (14): the assignment failed and everything was undone."""


class UndoFailed(AgentError):
    """undoFailed (15): the assignment failed and could not be undone."""


class AuthorizationError(AgentError):
    """authorizationError (16): the agent refused the access."""


class NotWritable(AgentError):
    """notWritable (17): the variable exists and can never be modified."""


class InconsistentName(AgentError):
    """inconsistentName (18): the variable does not exist and cannot be created now."""


_BY_STATUS: Mapping[int, type[AgentError]] = {
    ErrorStatus.tooBig: TooBig,
    ErrorStatus.noSuchName: NoSuchName,
    ErrorStatus.badValue: BadValue,
    ErrorStatus.readOnly: ReadOnly,
    ErrorStatus.genErr: GenErr,
    ErrorStatus.noAccess: NoAccess,
    ErrorStatus.wrongType: WrongType,
    ErrorStatus.wrongLength: WrongLength,
    ErrorStatus.wrongEncoding: WrongEncoding,
    ErrorStatus.wrongValue: WrongValue,
    ErrorStatus.noCreation: NoCreation,
    ErrorStatus.inconsistentValue: InconsistentValue,
    ErrorStatus.resourceUnavailable: ResourceUnavailable,
    ErrorStatus.commitFailed: CommitFailed,
    ErrorStatus.undoFailed: UndoFailed,
    ErrorStatus.authorizationError: AuthorizationError,
    ErrorStatus.notWritable: NotWritable,
    ErrorStatus.inconsistentName: InconsistentName,
}


def agent_error(status: int, index: int, varbinds: tuple[VarBind, ...]) -> AgentError:
    """Return the exception for an error-status; an unknown status is still an :class:`AgentError`."""
    error_class: Any = _BY_STATUS.get(status, AgentError)
    error: AgentError = error_class(status, index, varbinds)
    return error
