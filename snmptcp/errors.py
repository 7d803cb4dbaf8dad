"""Every exception that this library raises, as one tree.

::

    SnmpError
    ├─ ConfigurationError (ValueError)     invalid arguments; nothing was sent
    │  ├─ ArgumentTypeError (TypeError)    an argument of a wrong type
    │  └─ MibError                         a name or a value that the MIB modules do not have
    ├─ ClosedError (RuntimeError)          used after close
    ├─ TransportError (ConnectionError)
    │  ├─ ConnectFailed                    the connection could not be made
    │  │  ├─ TlsFailed                     .failure: why there is no TLS session
    │  │  └─ ProxyFailed                   the proxy failed or refused
    │  └─ ConnectionLost                   the connection ended while requests were pending
    ├─ RequestTimeout (TimeoutError)       .reason: why the last reply was refused; None for silence
    ├─ SecurityError                       a message that cannot be trusted
    │  ├─ WrongCommunity
    │  ├─ UnknownUser
    │  ├─ UnknownEngine
    │  ├─ UnknownContext
    │  ├─ SecurityLevelTooLow
    │  ├─ WrongDigest
    │  ├─ NotInTimeWindow
    │  └─ DecryptionFailed
    ├─ ProtocolError                       the peer violated the protocol
    │  ├─ WrongVersion                     .expected, .found
    │  ├─ DecodeError                      .offset, .octets: where the message is malformed
    │  │  ├─ BrokenVariable                .oid, .after, .varbinds: one variable cannot be read
    │  │  └─ FramingError                  message boundaries in the byte stream are lost
    │  │     └─ MessageTooLarge            .length, .limit
    │  ├─ LimitExceeded                    .limit: the peer sends more than is taken
    │  ├─ ResponseMismatch                 well-formed, but does not answer the request
    │  └─ OidNotIncreasing                 .previous, .current: a walk that would not end
    └─ AgentError                          .status, .index, .varbinds; one class per error-status

Exceptions keep their facts as attributes and build their text from them.  What a manager raises has the agent's address
as ``peer``, and in its text.  No text and no ``repr`` shows a secret.  A class with a builtin counterpart derives from
it, so ``except TimeoutError`` and ``except ConnectionError`` work.  All exceptions can be pickled.

Contains: the exception classes and ``agent_error``.  Does not contain: decisions about when to raise them.
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
    "ArgumentTypeError",
    "AuthorizationError",
    "BadValue",
    "BrokenVariable",
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
    "LimitExceeded",
    "MessageTooLarge",
    "MibError",
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
    """The base class of all exceptions of this library.

    What a manager raises tells which agent it is about: ``10.0.0.1:161: no answer within 5 s``.

    Attributes:
        peer: the address of the agent, or of the peer, as ``host:port``; ``None`` if the error is about none.
        hint: what may help; empty if there is nothing to say.  It stands in parentheses at the end of ``str()``.
        uncertain: whether a SET had left when it failed, so that the agent may or may not have carried it out
            (RFC 3430 section 2.3).
        unproved: whether it repeats what a reply said that proves nothing, because anyone on the path can send one: the
            request ended early for it (``report_grace``).
    """

    peer: str | None = None
    hint: str = ""
    uncertain: bool = False
    unproved: bool = False

    @property
    def text(self) -> str:
        """What failed, without the peer, unless the sentence needs it, and without the hint."""
        return super().__str__()

    def __str__(self) -> str:
        text = self.text
        if self.peer is not None and self.peer not in text:
            text = f"{self.peer}: {text}" if text else self.peer
        return f"{text} ({self.hint})" if self.hint else text

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class ConfigurationError(SnmpError, ValueError):
    """Invalid arguments or credentials; raised before anything is sent."""


class ArgumentTypeError(ConfigurationError, TypeError):
    """An argument of a wrong type.  The text shows the type that was given and what would be right, never the value."""


class MibError(ConfigurationError):
    """A name that no loaded MIB module defines, or a value that its object cannot have.

    The text shows the name or the value, and what the modules say.
    """


class ClosedError(SnmpError, RuntimeError):
    """A manager, agent or connection was used after it was closed."""


# --------------------------------------------------------------------------------------- transport


class TransportError(SnmpError, ConnectionError):
    """The connection could not be made, or was lost."""


class ConnectFailed(TransportError):
    """The connection could not be made: refused, unreachable, unknown host, or timed out."""


class TlsFailure(enum.Enum):
    """Why a TLS session could not be set up; the value is the text for users."""

    EXPIRED = "the certificate has expired"
    NOT_YET_VALID = "the certificate is not valid yet"
    UNKNOWN_CA = "the certificate's issuer is not trusted"
    SELF_SIGNED = "the certificate is self-signed and not trusted"
    HOST_NAME = "the certificate is not valid for this host"
    REVOKED = "the certificate has been revoked"
    NO_CRL = "no revocation list (CRL) of the certificate's issuer was given"
    FINGERPRINT = "the certificate's fingerprint is not among those accepted"
    NO_CERTIFICATE = "the peer sent no certificate"
    BAD_CERTIFICATE = "the certificate cannot be used"
    NOT_ACCEPTED = "the certificate was not accepted"
    REFUSED_BY_PEER = "the peer rejected our certificate or requires one"
    VERSION = "no TLS version in common"
    CIPHER = "no cipher in common, or none strong enough"
    NOT_TLS = "the peer does not speak TLS"
    CLOSED = "the peer closed the connection during the handshake"
    RENEGOTIATION = "the peer asked for renegotiation, which is not allowed"
    TIMEOUT = "the handshake timed out"
    OTHER = "the handshake failed"


class TlsFailed(ConnectFailed):
    """A TLS session could not be set up, or the peer is not the expected one; no SNMP message was sent.

    Attributes:
        peer: the address of the peer.
        failure: the reason.
        detail: OpenSSL's text, or more about the reason; may be empty.
    """

    def __init__(self, peer: str, failure: TlsFailure, detail: str = "") -> None:
        super().__init__(peer, failure, detail)
        self.peer = peer
        self.failure = failure
        self.detail = detail

    @property
    def text(self) -> str:
        """What failed."""
        text = f"no TLS session with {self.peer}: {self.failure.value}"
        return f"{text} ({self.detail})" if self.detail else text


class ProxyFailed(ConnectFailed):
    """The proxy could not be reached, or did not connect to the agent; the text tells which and why."""


class ConnectionLost(TransportError):
    """The connection ended while a request was waiting for its response.

    The agent may or may not have executed the request (RFC 3430 section 2.3).  The text tells the cause:
    end of stream, reset, lost framing.  If the cause was an exception, it is ``__cause__``.
    """


class RequestTimeout(SnmpError, TimeoutError):
    """No acceptable response arrived before the deadline.

    Attributes:
        timeout: how long the request waited, in seconds.
        reason: why the last reply to this request was refused; ``None`` if none arrived.
    """

    def __init__(self, timeout: float, reason: SnmpError | None = None) -> None:
        super().__init__()  # not (timeout, reason): OSError takes two arguments for errno and strerror
        self.args = (timeout, reason)
        self.timeout = timeout
        self.reason = reason

    @property
    def text(self) -> str:
        """What failed, without the peer."""
        waited = f"no answer within {self.timeout:g} s"
        return waited if self.reason is None else f"{waited}; the last reply was refused: {self.reason.text}"


# ---------------------------------------------------------------------------------------- security


class SecurityError(SnmpError):
    """A message that cannot be trusted, or a report that the agent refuses the request.

    A reply that cannot be trusted is dropped and becomes :attr:`RequestTimeout.reason`; with ``report_grace``, its
    request fails with the error itself, which is ``unproved`` then.
    """


class WrongCommunity(SecurityError):
    """A reply whose community is not that of its request."""

    @property
    def text(self) -> str:
        """What failed, without the peer."""
        return "the community of the reply is not that of the request"


class UnknownUser(SecurityError):
    """The agent does not know the user, or a reply names another user (RFC 3414 section 3.2 step 4)."""


class UnknownEngine(SecurityError):
    """The agent is not the engine that was asked, or another engine replied (RFC 3414 section 3.2 step 3)."""


class UnknownContext(SecurityError):
    """The agent does not know the context, or a reply names another context (RFC 3413 section 3.2)."""


class SecurityLevelTooLow(SecurityError):
    """The agent requires another security level, or a reply has a lower one than its request (RFC 3414 3.2 step 5)."""


class WrongDigest(SecurityError):
    """The digest of a message is not the user's (RFC 3414 section 3.2 step 6)."""


class NotInTimeWindow(SecurityError):
    """A message outside the time window of 150 seconds (RFC 3414 section 3.2 step 7)."""


class DecryptionFailed(SecurityError):
    """A message could not be decrypted (RFC 3414 section 3.2 step 8)."""


# ---------------------------------------------------------------------------------------- protocol


class ProtocolError(SnmpError):
    """The peer violated the protocol."""


class WrongVersion(ProtocolError):
    """A reply in another SNMP version than its request.

    Attributes:
        expected: the version number of the request.
        found: the version number of the reply.
    """

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found

    @property
    def text(self) -> str:
        """What failed, without the peer."""
        return f"the reply has SNMP version number {int(self.found)}, not {int(self.expected)} as the request"


class DecodeError(ProtocolError):
    """A malformed message.

    The text shows two octets at the offset, usually a tag and a length: more might show a secret.
    :func:`snmptcp.explain.explain` shows the whole message.

    Attributes:
        problem: what is wrong.
        offset: where, counted from the first octet of the message.
        octets: the message, or the part of it that was read.
    """

    def __init__(self, problem: str, offset: int = 0, octets: bytes = b"") -> None:
        super().__init__(problem, offset)
        self.problem = problem
        self.offset = offset
        self.octets = octets

    @property
    def text(self) -> str:
        """What failed, without the peer."""
        found = self.octets[self.offset : self.offset + 2]
        shown = f": {found.hex(' ')}" if found else ""
        return f"{self.problem} (offset {self.offset}{shown})"

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...], dict[str, object]]:
        return type(self), (self.problem, self.offset, self.octets), vars(self)


class BrokenVariable(DecodeError):
    """A response with a variable binding that cannot be decoded; the others can be.

    Attributes:
        position: its place in the response, from 0; all before it could be read.
        oid: its name; ``None`` if that cannot be read either.
        after: the name before it: that of the last variable binding that could be read, or the name whose successor
            was asked for; ``None`` if it is the first of an answer to a GET.
        varbinds: the variable bindings that could be read, those behind it included.
        broken: the places and names of all that could not be read.
    """

    def __init__(  # noqa: PLR0917 - an exception has no keyword arguments when it is unpickled
        self,
        problem: str,
        offset: int,
        octets: bytes,
        varbinds: tuple[VarBind, ...],
        broken: tuple[tuple[int, OID | None], ...],
        after: OID | None = None,
    ) -> None:
        super().__init__(problem, offset, octets)
        self.varbinds = varbinds
        self.broken = broken
        self.position, self.oid = broken[0] if broken else (len(varbinds), None)
        self.after = varbinds[self.position - 1].oid if self.position else after

    @property
    def text(self) -> str:
        """What failed, without the peer."""
        follows = "" if self.after is None else f" after {self.after}"
        what = f"the variable{follows}" if self.oid is None else f"the value of {self.oid}"
        if self.oid is not None and follows:
            what = f"{what}, the one{follows},"
        return f"{what} cannot be read: {super().text}"

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...], dict[str, object]]:
        arguments = (self.problem, self.offset, self.octets, self.varbinds, self.broken, self.after)
        return type(self), arguments, vars(self)


class FramingError(DecodeError):
    """Message boundaries in the byte stream are lost; the connection is closed (RFC 3430 section 2.1)."""


class MessageTooLarge(FramingError):
    """A message header claims more octets than the limit; none of the body was buffered.

    Attributes:
        length: the size of the message that the header claims, in octets.
        limit: the largest size accepted, in octets.
    """

    def __init__(self, length: int, limit: int, octets: bytes = b"") -> None:
        super().__init__(f"a message of {length} octets exceeds the limit of {limit}", 0, octets)
        self.length = length
        self.limit = limit

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...], dict[str, object]]:
        return type(self), (self.length, self.limit, self.octets), vars(self)


class LimitExceeded(ProtocolError):
    """A peer sends more than is taken: columns of a table, or messages that cannot be read.

    Attributes:
        problem: what there is too much of.
        limit: how much is taken.
    """

    def __init__(self, problem: str, limit: int) -> None:
        super().__init__(problem, limit)
        self.problem = problem
        self.limit = limit

    @property
    def text(self) -> str:
        """What failed, without the peer."""
        return self.problem


class ResponseMismatch(ProtocolError):
    """A well-formed response that does not answer its request: other names, or the wrong number of them.

    Attributes:
        problem: what is wrong.
        varbinds: the variable bindings of the response.
        missing: how many variable bindings too few it has.
    """

    def __init__(self, problem: str, varbinds: tuple[VarBind, ...] = (), missing: int = 0) -> None:
        super().__init__(problem, varbinds, missing)
        self.problem = problem
        self.varbinds = varbinds
        self.missing = missing

    @property
    def text(self) -> str:
        """What failed, without the peer."""
        return self.problem


class OidNotIncreasing(ProtocolError):
    """An agent returned a name that does not follow the previous one; the walk might never end.

    Attributes:
        previous: the name that was asked for, or the one returned before.
        current: the name that should be greater, but is not.
        repeated: whether the walk takes names out of order (``tolerate_non_increasing``), and the name came again.
    """

    def __init__(self, previous: OID, current: OID, repeated: bool = False) -> None:  # noqa: FBT001, FBT002 - pickle
        super().__init__(previous, current, repeated)
        self.previous = previous
        self.current = current
        self.repeated = repeated

    @property
    def text(self) -> str:
        """What failed, without the peer."""
        if self.repeated:
            return f"the agent repeats itself: {self.current} came again, after {self.previous}"
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

    The setters of a :class:`snmptcp.testing.Agent` raise its subclasses, too, to choose the error-status.

    Args:
        status: the error-status; optional; default ``default_status``.
        index: the error-index.
        varbinds: the variable bindings of the response.

    Attributes:
        status: the error-status; an :class:`ErrorStatus`, or an ``int`` if RFC 3416 does not define it.
        index: the error-index: 1 for the first variable binding, 0 for none.
        varbinds: the variable bindings of the response, usually those of the request.
    """

    #: The error-status if none is given.
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
        """The variable binding that the error-index points at; ``None`` if it points at none."""
        return self.varbinds[self.index - 1] if 0 < self.index <= len(self.varbinds) else None

    @property
    def text(self) -> str:
        """What failed, without the peer."""
        name = self.status.name if isinstance(self.status, ErrorStatus) else "unknown error-status"
        text = f"{name} ({int(self.status)})"
        if self.varbind is not None:
            return f"{text} for {self.varbind.oid} (error-index {self.index})"
        return f"{text}, error-index {self.index}" if self.index else text


class TooBig(AgentError):
    """tooBig (1): the response would not fit into a message."""

    default_status = ErrorStatus.tooBig


class NoSuchName(AgentError):
    """noSuchName (2), SNMPv1: the variable does not exist or is not accessible."""

    default_status = ErrorStatus.noSuchName


class BadValue(AgentError):
    """badValue (3), SNMPv1: the value has the wrong type, length or range."""

    default_status = ErrorStatus.badValue


class ReadOnly(AgentError):
    """readOnly (4), SNMPv1: the variable cannot be written."""

    default_status = ErrorStatus.readOnly


class GenErr(AgentError):
    """genErr (5): the agent failed for a reason that no other error-status covers."""

    default_status = ErrorStatus.genErr


class NoAccess(AgentError):
    """noAccess (6): the variable is not accessible to this community or user."""

    default_status = ErrorStatus.noAccess


class WrongType(AgentError):
    """wrongType (7): the value does not have the variable's type."""

    default_status = ErrorStatus.wrongType


class WrongLength(AgentError):
    """wrongLength (8): the variable does not allow a value of this length."""

    default_status = ErrorStatus.wrongLength


class WrongEncoding(AgentError):
    """wrongEncoding (9): the encoding of the value does not match its tag."""

    default_status = ErrorStatus.wrongEncoding


class WrongValue(AgentError):
    """wrongValue (10): the value can never be assigned."""

    default_status = ErrorStatus.wrongValue


class NoCreation(AgentError):
    """noCreation (11): the variable does not exist and can never be created."""

    default_status = ErrorStatus.noCreation


class InconsistentValue(AgentError):
    """inconsistentValue (12): the value cannot be assigned in the current state."""

    default_status = ErrorStatus.inconsistentValue


class ResourceUnavailable(AgentError):
    """resourceUnavailable (13): the assignment needs a resource that is not available."""

    default_status = ErrorStatus.resourceUnavailable


class CommitFailed(AgentError):
    """commitFailed (14): an assignment failed; all assignments were undone."""

    default_status = ErrorStatus.commitFailed


class UndoFailed(AgentError):
    """undoFailed (15): an assignment failed, and not all assignments could be undone."""

    default_status = ErrorStatus.undoFailed


class AuthorizationError(AgentError):
    """authorizationError (16): the agent denied access."""

    default_status = ErrorStatus.authorizationError


class NotWritable(AgentError):
    """notWritable (17): the variable exists, but can never be modified."""

    default_status = ErrorStatus.notWritable


class InconsistentName(AgentError):
    """inconsistentName (18): the variable does not exist and cannot be created in the current state."""

    default_status = ErrorStatus.inconsistentName


_BY_STATUS: Mapping[int, type[AgentError]] = {kind.default_status: kind for kind in AgentError.__subclasses__()}


def agent_error(status: int, index: int, varbinds: tuple[VarBind, ...]) -> AgentError:
    """Return the exception for an error-status; for an unknown one, a plain :class:`AgentError`."""
    return _BY_STATUS.get(status, AgentError)(status, index, varbinds)
