"""What a program is told about a message that a receiver has refused.

Contains: the record, and making it.  Does not contain: refusing (:mod:`snmptcp.protocol.receiver`), and calling the
program (:mod:`snmptcp.net.callbacks`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snmptcp.codec.message import read_version
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import DecodeError
from snmptcp.protocol.receiver import Refusal, Reply

if TYPE_CHECKING:
    from snmptcp.protocol.notification import Source
    from snmptcp.protocol.receiver import Outcome

__all__ = ("MAX_OCTETS", "RefusedMessage", "refused_message")

#: How many octets of a refused message its record has.
MAX_OCTETS = 65536


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """A message that was refused.

    Attributes:
        source: the peer of its connection; ``None`` if unknown.
        reason: why, without secrets; it may quote names that the peer has chosen.
        counter: the name of the counter in ``statistics.refused``.
        version: its SNMP version; ``None`` if that cannot be read, or is none of SNMP's.
        size: how many octets it has.
        octets: the message as it came, the first 65,536 octets of it.  It may contain a community, so ``repr`` does not
            show it; :func:`snmptcp.explain.explain` does.
        answered: whether the sender was told, by a report or an error-status.
    """

    source: Source | None
    reason: str
    counter: str
    version: SnmpVersion | None
    size: int
    octets: bytes = field(repr=False)
    answered: bool = False


def refused_message(message: bytes, outcome: Outcome, source: Source | None) -> RefusedMessage | None:
    """Return the record of a message if it was refused.

    A report that is a step of discovery refuses nothing: each sender of informs of SNMPv3 begins with it.

    Args:
        message: the whole message.
        outcome: what the receiver has made of it.
        source: the peer.
    """
    if not isinstance(outcome, (Refusal, Reply)) or outcome.counter is None:
        return None
    if isinstance(outcome, Reply) and outcome.routine:
        return None
    return RefusedMessage(
        source,
        outcome.reason,
        outcome.counter.field,
        _version_of(message),
        len(message),
        message[:MAX_OCTETS],
        isinstance(outcome, Reply),
    )


def _version_of(message: bytes) -> SnmpVersion | None:
    try:
        return SnmpVersion(read_version(message)[0])
    except (DecodeError, ValueError):
        return None
