"""Every exception that this library raises, as one tree.

::

    SnmpError
    ├─ ConfigurationError (ValueError)     impossible arguments, said before anything is sent
    ├─ ClosedError (RuntimeError)          used after close
    ├─ TransportError (ConnectionError)
    │  ├─ ConnectFailed                    the connection could not be made
    │  │  ├─ TlsFailed                     .failure: why there is no TLS session with the peer
    │  │  └─ ProxyFailed                   the way through a proxy
    │  └─ ConnectionLost                   what every pending request gets, with the true cause
    ├─ RequestTimeout (TimeoutError)       .reason: why the last reply was refused, or None for silence
    ├─ SecurityError                       a message that cannot be trusted
    │  ├─ WrongCommunity
    │  ├─ UnknownUser                      the user name, or the engine's user table without it
    │  ├─ UnknownEngine                    another authoritative engine than the one asked
    │  ├─ UnknownContext                   another context than the one asked about
    │  ├─ SecurityLevelTooLow              less protected than it has to be
    │  ├─ WrongDigest
    │  ├─ NotInTimeWindow
    │  └─ DecryptionFailed
    ├─ ProtocolError                       the peer broke the rules
    │  ├─ WrongVersion
    │  ├─ DecodeError                      .offset, .octets: where a message broke
    │  │  └─ FramingError                  the byte stream cannot be cut into messages any more
    │  │     └─ MessageTooLarge            .length, .limit
    │  ├─ ResponseMismatch                 well-formed, but not an answer to what was asked
    │  └─ OidNotIncreasing                 .previous, .current: a walk that would not end
    └─ AgentError                          .status, .index, .varbinds; one class per error-status

Rules of this module: exceptions carry their facts as attributes and build their text from them; no text
and no ``repr`` ever shows a secret; a class with a natural builtin counterpart derives from it too, so that
``except TimeoutError`` and ``except ConnectionError`` work as Python programmers expect.
All of them can be pickled.
"""

from __future__ import annotations

import enum
import operator
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

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
    "DecryptionFailed",
    "ErrorStatus",
    "FramingError",
    "GenErr",
    "InconsistentName",
    "InconsistentValue",
    "MessageTooLarge",
    "NoAccess",
    "NoCreation",
    "NoSuchName",
    "NotInTimeWindow",
    "NotWritable",
    "OidNotIncreasing",
    "ProtocolError",
    "ProxyFailed",
    "ReadOnly",
    "RequestTimeout",
    "ResourceUnavailable",
    "ResponseMismatch",
    "SecurityError",
    "SecurityLevelTooLow",
    "SnmpError",
    "TlsFailed",
    "TlsFailure",
    "TooBig",
    "TransportError",
    "UndoFailed",
    "UnknownContext",
    "UnknownEngine",
    "UnknownUser",
    "WrongCommunity",
    "WrongDigest",
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


class TlsFailure(enum.Enum):
    """Why a TLS session could not be had; the value is what a human reads."""

    EXPIRED = "the certificate has expired"
    NOT_YET_VALID = "the certificate is not valid yet"
    UNKNOWN_CA = "the certificate's issuer is not trusted"
    SELF_SIGNED = "the certificate is self-signed and not trusted"
    HOST_NAME = "the certificate is for another host"
    REVOKED = "the certificate has been revoked"
    NO_CRL = "no revocation list of the certificate's issuer is at hand"
    FINGERPRINT = "the certificate is not one of those that are accepted"
    NO_CERTIFICATE = "the peer has no certificate"
    BAD_CERTIFICATE = "the certificate cannot be used"
    REFUSED_BY_PEER = "the peer refuses our certificate, or wants one"
    VERSION = "no version of TLS in common"
    CIPHER = "no cipher in common, or none that is strong enough"
    NOT_TLS = "the peer does not speak TLS"
    CLOSED = "the peer closed the connection during the handshake"
    TIMEOUT = "the handshake was not done in time"
    OTHER = "the handshake failed"


class TlsFailed(ConnectFailed):
    """A TLS session could not be had, or the peer turned out to be somebody else; nothing of SNMP was sent to it.

    Attributes:
        failure: which of the known reasons it is.
        detail: the words of OpenSSL, or what else there is to say; may be empty.
    """

    def __init__(self, peer: str, failure: TlsFailure, detail: str = "") -> None:
        super().__init__(peer, failure, detail)
        self.peer = peer
        self.failure = failure
        self.detail = detail

    def __str__(self) -> str:
        text = f"no TLS session with {self.peer}: {self.failure.value}"
        return f"{text} ({self.detail})" if self.detail else text


class ProxyFailed(ConnectFailed):
    """The proxy could not be reached, or does not connect to the agent; the text says which and why."""


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
        super().__init__()  # not (timeout, reason): OSError takes two arguments for errno and strerror
        self.args = (timeout, reason)
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


class UnknownUser(SecurityError):
    """The agent does not know the user, or a reply names another one (RFC 3414 section 3.2 step 4)."""


class UnknownEngine(SecurityError):
    """The agent is not the engine that was asked, or a reply is another engine's (RFC 3414 section 3.2 step 3)."""


class UnknownContext(SecurityError):
    """The agent does not know the context, or a reply is about another one (RFC 3413 section 3.2)."""


class SecurityLevelTooLow(SecurityError):
    """The agent wants another security level, or a reply is less protected than its request (RFC 3414 3.2 step 5)."""


class WrongDigest(SecurityError):
    """A message whose digest does not prove who sent it (RFC 3414 section 3.2 step 6)."""


class NotInTimeWindow(SecurityError):
    """A message from another time (RFC 3414 section 3.2 step 7)."""


class DecryptionFailed(SecurityError):
    """A message that could not be decrypted (RFC 3414 section 3.2 step 8)."""


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
        return f"the reply has version number {int(self.found)}, the request had {int(self.expected)}"


class DecodeError(ProtocolError):
    """Octets that are not what they should be.

    The text shows two of them, a tag and a length: what comes before and after may be a secret.
    :func:`snmptcp.explain.explain` makes all of them readable.

    Attributes:
        problem: what is wrong, in words.
        offset: where, counted from the first octet of the message.
        octets: the message, or as much of it as was looked at.
    """

    def __init__(self, problem: str, offset: int = 0, octets: bytes = b"") -> None:
        super().__init__(problem, offset)
        self.problem = problem
        self.offset = offset
        self.octets = octets

    def __str__(self) -> str:
        where = f"{self.problem} at offset {self.offset}"
        found = self.octets[self.offset : self.offset + 2]
        return f"{where} ({found.hex(' ')})" if found else where

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        return type(self), (self.problem, self.offset, self.octets)


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
        self.length = length
        self.limit = limit

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        return type(self), (self.length, self.limit, self.octets)


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

    The setters of a :class:`snmptcp.testing.Agent` raise its subclasses too, to choose an answer.

    Attributes:
        status: the error-status; an :class:`ErrorStatus` where the number is a known one.
        index: the error-index: 1 for the first variable binding, 0 where none is to blame.
        varbinds: the variable bindings of the answer (usually those of the request).
    """

    #: The status of an instance that is made without one.
    default_status: ClassVar[ErrorStatus] = ErrorStatus.genErr

    def __init__(self, status: int | None = None, index: int = 0, varbinds: tuple[VarBind, ...] = ()) -> None:
        status = self.default_status if status is None else operator.index(status)
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

    default_status = ErrorStatus.tooBig


class NoSuchName(AgentError):
    """noSuchName (2): SNMPv1's word for a variable that is not there or not accessible."""

    default_status = ErrorStatus.noSuchName


class BadValue(AgentError):
    """badValue (3): SNMPv1's word for a value that does not fit."""

    default_status = ErrorStatus.badValue


class ReadOnly(AgentError):
    """readOnly (4): SNMPv1's word for a variable that cannot be written."""

    default_status = ErrorStatus.readOnly


class GenErr(AgentError):
    """genErr (5): the agent failed for a reason that no other status names."""

    default_status = ErrorStatus.genErr


class NoAccess(AgentError):
    """noAccess (6): the variable is not accessible to this community or user."""

    default_status = ErrorStatus.noAccess


class WrongType(AgentError):
    """wrongType (7): the value's type is not the variable's."""

    default_status = ErrorStatus.wrongType


class WrongLength(AgentError):
    """wrongLength (8): the value's length is not one that the variable allows."""

    default_status = ErrorStatus.wrongLength


class WrongEncoding(AgentError):
    """wrongEncoding (9): the value's encoding does not fit its tag."""

    default_status = ErrorStatus.wrongEncoding


class WrongValue(AgentError):
    """wrongValue (10): a value that could never be assigned."""

    default_status = ErrorStatus.wrongValue


class NoCreation(AgentError):
    """noCreation (11): the variable does not exist and can never be created."""

    default_status = ErrorStatus.noCreation


class InconsistentValue(AgentError):
    """inconsistentValue (12): a value that cannot be assigned now."""

    default_status = ErrorStatus.inconsistentValue


class ResourceUnavailable(AgentError):
    """resourceUnavailable (13): the agent lacks a resource that the assignment needs."""

    default_status = ErrorStatus.resourceUnavailable


class CommitFailed(AgentError):
    """commitFailed (14): the assignment failed and everything was undone."""

    default_status = ErrorStatus.commitFailed


class UndoFailed(AgentError):
    """undoFailed (15): the assignment failed and could not be undone."""

    default_status = ErrorStatus.undoFailed


class AuthorizationError(AgentError):
    """authorizationError (16): the agent refused the access."""

    default_status = ErrorStatus.authorizationError


class NotWritable(AgentError):
    """notWritable (17): the variable exists and can never be modified."""

    default_status = ErrorStatus.notWritable


class InconsistentName(AgentError):
    """inconsistentName (18): the variable does not exist and cannot be created now."""

    default_status = ErrorStatus.inconsistentName


_BY_STATUS: Mapping[int, type[AgentError]] = {kind.default_status: kind for kind in AgentError.__subclasses__()}


def agent_error(status: int, index: int, varbinds: tuple[VarBind, ...]) -> AgentError:
    """Return the exception for an error-status; an unknown status is still an :class:`AgentError`."""
    return _BY_STATUS.get(status, AgentError)(status, index, varbinds)
