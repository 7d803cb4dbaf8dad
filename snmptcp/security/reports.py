"""Reports: the counters that they name, for the side that sends them and for the side that receives them.

Contains: every counter that a report can name, with its OID, its meaning and its field in the statistics; the
statistics' base; the exception for a message that is not accepted; building and reading a Report-PDU.
Does not contain: the checks that lead to a report (the security models).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SecurityLevel
from snmptcp.errors import (
    DecryptionFailed,
    NotInTimeWindow,
    SecurityError,
    SecurityLevelTooLow,
    UnknownContext,
    UnknownEngine,
    UnknownUser,
    WrongDigest,
)
from snmptcp.oid import OID
from snmptcp.values import Counter32, VarBind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

__all__ = (
    "LocalCounter",
    "NotAccepted",
    "ReportCounter",
    "SecurityCounters",
    "read_report",
    "report_pdu",
    "wrong_digest_reason",
)


class ReportCounter(enum.Enum):
    """A counter that a report can name.

    Attributes:
        value: the OID of its instance.
        field: the field of :class:`SecurityCounters` that counts it; empty if no engine of this library counts it.
        error: the class of error that a request fails with if a report names this counter.
        text: the text of that error.
    """

    # RFC 3412 section 5, snmpMPDStats.
    snmpUnknownSecurityModels = (
        "1.3.6.1.6.3.11.2.1.1.0",
        "unknown_security_models",
        SecurityError,
        "the agent does not support the security model",
    )
    snmpInvalidMsgs = (
        "1.3.6.1.6.3.11.2.1.2.0",
        "invalid_msgs",
        SecurityError,
        "the agent reports that the request is an invalid message",
    )
    snmpUnknownPDUHandlers = (
        "1.3.6.1.6.3.11.2.1.3.0",
        "unknown_pdu_handlers",
        SecurityError,
        "the agent has no handler for such a request",
    )
    # RFC 3413 section 4.1.2, snmpTargetMIB.
    snmpUnavailableContexts = (
        "1.3.6.1.6.3.12.1.4.0",
        "",
        UnknownContext,
        "the context is not available now",
    )
    snmpUnknownContexts = (
        "1.3.6.1.6.3.12.1.5.0",
        "unknown_contexts",
        UnknownContext,
        "the agent does not know the context",
    )
    # RFC 3414 section 5, usmStats.
    usmStatsUnsupportedSecLevels = (
        "1.3.6.1.6.3.15.1.1.1.0",
        "unsupported_sec_levels",
        SecurityLevelTooLow,
        "the agent does not support this security level for the user",
    )
    usmStatsNotInTimeWindows = (
        "1.3.6.1.6.3.15.1.1.2.0",
        "not_in_time_windows",
        NotInTimeWindow,
        "the agent reports that the request is not in its time window",
    )
    usmStatsUnknownUserNames = (
        "1.3.6.1.6.3.15.1.1.3.0",
        "unknown_user_names",
        UnknownUser,
        "the agent does not know the user",
    )
    usmStatsUnknownEngineIDs = (
        "1.3.6.1.6.3.15.1.1.4.0",
        "unknown_engine_ids",
        UnknownEngine,
        "the agent reports that the request names another engine ID than its own",
    )
    usmStatsWrongDigests = (
        "1.3.6.1.6.3.15.1.1.5.0",
        "wrong_digests",
        WrongDigest,
        "the agent reports a wrong digest: check the authentication password and protocol",
    )
    usmStatsDecryptionErrors = (
        "1.3.6.1.6.3.15.1.1.6.0",
        "decryption_errors",
        DecryptionFailed,
        "the agent cannot decrypt the request: check the privacy password and protocol",
    )
    # RFC 5591 section 7, snmpTsmStats.
    snmpTsmInvalidCaches = (
        "1.3.6.1.2.1.190.1.1.1.0",
        "tsm_invalid_caches",
        SecurityError,
        "the agent has no security information about the TLS session",
    )
    snmpTsmInadequateSecurityLevels = (
        "1.3.6.1.2.1.190.1.1.2.0",
        "",
        SecurityLevelTooLow,
        "the agent finds the security level of the TLS session too low for the request",
    )
    snmpTsmUnknownPrefixes = (
        "1.3.6.1.2.1.190.1.1.3.0",
        "",
        SecurityError,
        "the agent derives no security name from our certificate: unknown prefix",
    )
    snmpTsmInvalidPrefixes = (
        "1.3.6.1.2.1.190.1.1.4.0",
        "",
        SecurityError,
        "the agent derives no security name from our certificate: invalid prefix",
    )

    _value_: OID
    field: str
    error: type[SecurityError]
    text: str

    def __new__(cls, oid: str, field: str, error: type[SecurityError], text: str) -> Self:
        """Make the OID the member's value, so that ``ReportCounter(oid)`` finds the member."""
        counter = object.__new__(cls)
        counter._value_ = OID(oid)
        counter.field = field
        counter.error = error
        counter.text = text
        return counter


class LocalCounter(enum.Enum):
    """A counter of refused messages that no MIB defines; the value is its field in the receiver's statistics."""

    MALFORMED = "malformed"
    UNSUPPORTED_VERSION = "unsupported_versions"
    BAD_COMMUNITY = "bad_communities"
    UNEXPECTED_PDU = "unexpected_pdus"
    REPLAY = "replays"
    LEVEL_TOO_LOW = "levels_too_low"

    @property
    def field(self) -> str:
        """The field of the statistics that counts it."""
        return self.value


@dataclass(slots=True)
class SecurityCounters:
    """How many SNMPv3 messages an engine did not accept, by reason."""

    #: Messages with an unsupported security model (snmpUnknownSecurityModels).
    unknown_security_models: int = 0
    #: Messages with privacy but no authentication in their flags (snmpInvalidMsgs).
    invalid_msgs: int = 0
    #: Messages for a contextEngineID that this engine does not serve (snmpUnknownPDUHandlers).
    unknown_pdu_handlers: int = 0
    #: Messages for an unknown context (snmpUnknownContexts).
    unknown_contexts: int = 0
    #: Messages at a security level that the user has no keys for (usmStatsUnsupportedSecLevels).
    unsupported_sec_levels: int = 0
    #: Messages outside the time window, or while boots have their maximum (usmStatsNotInTimeWindows).
    not_in_time_windows: int = 0
    #: Messages from an unknown user (usmStatsUnknownUserNames).
    unknown_user_names: int = 0
    #: Messages for another engine, or without an engine ID, as in discovery (usmStatsUnknownEngineIDs).
    unknown_engine_ids: int = 0
    #: Messages with a wrong digest (usmStatsWrongDigests).
    wrong_digests: int = 0
    #: Messages that could not be decrypted (usmStatsDecryptionErrors).
    decryption_errors: int = 0
    #: TSM messages without TLS, or from a certificate that maps to no security name (snmpTsmInvalidCaches).
    tsm_invalid_caches: int = 0

    def count(self, counter: ReportCounter | LocalCounter) -> int:
        """Count one message, and return how many there have been.

        Args:
            counter: which; its field must exist here.
        """
        count: int = getattr(self, counter.field) + 1
        setattr(self, counter.field, count)
        return count


class NotAccepted(Exception):
    """A message that an engine or a receiver does not accept; it is counted and may be reported.

    Attributes:
        counter: the counter to increment.
        reason: why, without secrets.
        report_level: the security level of a report about it (RFC 3414 section 3.2).
        digests: how many digests were computed for it: one for each user of its name.
    """

    def __init__(
        self,
        counter: ReportCounter | LocalCounter,
        reason: str,
        report_level: SecurityLevel = SecurityLevel.noAuthNoPriv,
        *,
        digests: int = 1,
    ) -> None:
        super().__init__(counter, reason)
        self.counter = counter
        self.reason = reason
        self.report_level = report_level
        self.digests = digests


def wrong_digest_reason(wrong: WrongDigest | None, users: int) -> str:
    """Return why a message is not accepted whose digest is of none of the users of its name.

    Args:
        wrong: why it is not the last one's.
        users: how many users there are.
    """
    return (
        str(wrong) if users == 1 else f"the digest is of none of the {users} users of this name; of the last: {wrong}"
    )


def report_pdu(counter: ReportCounter, count: int, request_id: int) -> Pdu:
    """Return a Report-PDU (RFC 3412 section 7.1 step 3c).

    Args:
        counter: the counter that it names.
        count: the counter's value; it wraps as Counter32 does.
        request_id: the request-id of the message that is reported; 0 if that is unknown.
    """
    return Pdu(PduType.REPORT, request_id, 0, 0, (VarBind(counter.value, Counter32(count & 0xFFFFFFFF)),))


def read_report(varbinds: Sequence[VarBind]) -> tuple[ReportCounter | None, SecurityError]:
    """Return the counter that a report names, and the error for its request (RFC 3412 section 7.2 step 11).

    Args:
        varbinds: the report's variable bindings; the first names the counter.

    Returns:
        ``None`` in place of a counter that this library does not know.
    """
    if not varbinds:
        return None, SecurityError("the agent sent a report without a counter")
    oid = varbinds[0].oid
    counter = _BY_OID.get(oid)
    if counter is None:
        return None, SecurityError(f"the agent reports {oid}")
    return counter, counter.error(counter.text)


_BY_OID: dict[OID, ReportCounter] = {counter.value: counter for counter in ReportCounter}
