"""What a program is told about a message that a receiver has refused.

Contains: the record, and making it.  Does not contain: refusing (:mod:`snmptcp.protocol.receiver`), and calling the
program (:mod:`snmptcp.net.callbacks`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snmptcp.codec.message import read_version
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import DecodeError, MessageTooLarge
from snmptcp.protocol.receiver import Refusal, Reply

if TYPE_CHECKING:
    from snmptcp.codec.framer import CutOff
    from snmptcp.errors import FramingError
    from snmptcp.protocol.notification import Source
    from snmptcp.protocol.receiver import Outcome

__all__ = ("MAX_OCTETS", "RefusedMessage", "cut_off_message", "lost_stream", "refused_message")

#: How many octets of a refused message its record has.
MAX_OCTETS = 65536


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """A message that was refused.

    Attributes:
        source: the peer of its connection; ``None`` if unknown.
        reason: why, without secrets; it may quote names that the peer has chosen.
        counter: the name of the counter in ``statistics.refused``; ``lost_framings`` if the stream could not be cut
            into messages, as by one that is too long, and the connection was closed; ``cut_off`` if the connection
            ended inside the message.
        version: its SNMP version; ``None`` if that cannot be read, or is none of SNMP's.
        size: how many octets it has; of a message that was cut off, how many came.
        octets: the message as it came, the first 65,536 octets of it; of a stream, or a message that was cut off, the
            first 16.
            It may contain a community, so ``repr`` does not show it; :func:`snmptcp.explain.explain` does.
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


def lost_stream(error: FramingError, source: Source | None) -> RefusedMessage:
    """Return the record of a stream that could not be cut into messages.

    Args:
        error: why.
        source: the peer.
    """
    size = error.length if isinstance(error, MessageTooLarge) else len(error.octets)
    return RefusedMessage(source, str(error), "lost_framings", None, size, error.octets)


def cut_off_message(cut_off: CutOff, source: Source | None) -> RefusedMessage:
    """Return the record of a message inside which its connection ended.

    Args:
        cut_off: what has arrived of it.
        source: the peer.
    """
    size = "an unknown number" if cut_off.length is None else f"{cut_off.length}"
    reason = f"the connection ended inside a message, after {cut_off.held} of {size} octets"
    return RefusedMessage(source, reason, "cut_off", None, cut_off.held, cut_off.octets)


def _version_of(message: bytes) -> SnmpVersion | None:
    try:
        return SnmpVersion(read_version(message)[0])
    except (DecodeError, ValueError):
        return None
