"""Faults: what an agent can do wrong with one response, one class each.

There are four kinds:

* a :class:`MessageFault` changes what the response says, before it is encoded;
* a :class:`Forgery` changes how an SNMPv3 response is protected (:mod:`~snmptcp.testing.forgeries`);
* an :class:`OctetFault` changes the encoded message;
* a :class:`DeliveryFault` decides whether, when and how the octets are sent.

Contains: descriptions of faults, immutable and without state.
Does not contain: connections and timers, which an :class:`Outlet` provides.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from snmptcp.codec import ber
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.values import EndOfMibView, Null, Value, VarBind, to_value

if TYPE_CHECKING:
    from snmptcp.codec.message import CommunityMessage
    from snmptcp.testing.usm_engine import SecuredReply

__all__ = (
    "BrokenValue",
    "Close",
    "CloseAfter",
    "Cycle",
    "Delay",
    "DeliveryFault",
    "Drip",
    "Drop",
    "Duplicate",
    "EmptyVarbinds",
    "ExtraVarbind",
    "FailWith",
    "Fault",
    "Forgery",
    "Garbage",
    "Hold",
    "Indefinite",
    "LyingLength",
    "MessageFault",
    "MissingVarbind",
    "NonIncreasing",
    "OctetFault",
    "Outlet",
    "Prepend",
    "Reorder",
    "Reset",
    "Truncate",
    "WrongCommunity",
    "WrongNames",
    "WrongRequestId",
    "WrongVersion",
)


class Outlet(Protocol):
    """The connection, for a delivery fault.

    What is sent keeps its order: octets that follow slow ones wait for them.
    """

    def send(self, octets: bytes) -> None:
        """Write octets now."""

    def send_slowly(self, pieces: list[bytes]) -> None:
        """Write one piece in each turn of the event loop."""

    def send_later(self, seconds: float, octets: bytes) -> None:
        """Write octets after some time; others that are sent meanwhile do not wait."""

    def send_after_next(self, octets: bytes) -> None:
        """Write octets after the next reply on this connection."""

    def hold(self, octets: bytes) -> None:
        """Keep octets until :meth:`Agent.release`."""

    def silence(self) -> None:
        """Write nothing more on this connection."""

    def close(self) -> None:
        """Send FIN after the octets that were written."""

    def reset(self) -> None:
        """Send RST now."""


class Fault:
    """The base of all faults; derive your own from one of the four kinds."""

    __slots__ = ()


class MessageFault(Fault, ABC):
    """A fault in what a response says."""

    __slots__ = ()

    @abstractmethod
    def change(self, request: Pdu, message: CommunityMessage, response: Pdu) -> CommunityMessage:
        """Return the message to send.

        Args:
            request: the request.
            message: the correct response.  In SNMPv3 the user name takes the place of the community, and the
                returned message is protected with the keys of the true user.
            response: the PDU of the message.
        """


class Forgery(Fault, ABC):
    """A fault in how USM protects a response; other responses do not take it."""

    __slots__ = ()

    @abstractmethod
    def forge(self, reply: SecuredReply) -> bytes:
        """Return the octets to send.

        Args:
            reply: the correct response, before it is protected.
        """


class OctetFault(Fault, ABC):
    """A fault in the octets of a response."""

    __slots__ = ()

    @abstractmethod
    def change(self, octets: bytes) -> bytes:
        """Return the octets to send instead of a correct message."""


class DeliveryFault(Fault, ABC):
    """A fault in how a response is sent."""

    __slots__ = ()

    @abstractmethod
    def deliver(self, octets: bytes, outlet: Outlet) -> None:
        """Send the octets of a correct message as this fault does."""


# ------------------------------------------------------------------------------ what the message says


class _PduFault(MessageFault):
    """A fault in the PDU alone."""

    __slots__ = ()

    def change(self, request: Pdu, message: CommunityMessage, response: Pdu) -> CommunityMessage:
        return message._replace(pdu=self.change_pdu(request, response))

    @abstractmethod
    def change_pdu(self, request: Pdu, response: Pdu) -> Pdu:
        """Return the PDU to send instead of a correct response."""


@dataclass(frozen=True, slots=True)
class WrongRequestId(_PduFault):
    """The request-id is wrong.

    Args:
        offset: added to the correct one.
    """

    offset: int = 1

    def change_pdu(self, request: Pdu, response: Pdu) -> Pdu:  # noqa: ARG002, D102 - see the base class
        number = (response.request_id + self.offset) & 0xFFFFFFFF
        return response._replace(request_id=(number ^ 0x80000000) - 0x80000000)


@dataclass(frozen=True, slots=True)
class FailWith(_PduFault):
    """The response carries an error-status, and the variable bindings of the request.

    Args:
        status: the error-status, any number; see :class:`snmptcp.errors.ErrorStatus`.
        index: the error-index.
    """

    status: int
    index: int = 0

    def change_pdu(self, request: Pdu, response: Pdu) -> Pdu:  # noqa: D102 - see the base class
        return response._replace(error_status=int(self.status), error_index=self.index, varbinds=request.varbinds)


@dataclass(frozen=True, slots=True)
class EmptyVarbinds(_PduFault):
    """The response has no variable bindings, and no error."""

    def change_pdu(self, request: Pdu, response: Pdu) -> Pdu:  # noqa: ARG002, D102 - see the base class
        return response._replace(varbinds=())


@dataclass(frozen=True, slots=True)
class ExtraVarbind(_PduFault):
    """The response has one variable binding too many, at the end.

    Args:
        oid: its name.
        value: its value.
    """

    oid: OID = field(default=OID("1.3.6.1.2.1.1.3.0"))
    value: Value = field(default=Null())

    def __post_init__(self) -> None:
        object.__setattr__(self, "oid", OID(self.oid))
        object.__setattr__(self, "value", to_value(self.value))

    def change_pdu(self, request: Pdu, response: Pdu) -> Pdu:  # noqa: ARG002, D102 - see the base class
        return response._replace(varbinds=(*response.varbinds, VarBind(self.oid, self.value)))


@dataclass(frozen=True, slots=True)
class MissingVarbind(_PduFault):
    """The last variable binding of the response is missing."""

    def change_pdu(self, request: Pdu, response: Pdu) -> Pdu:  # noqa: ARG002, D102 - see the base class
        return response._replace(varbinds=response.varbinds[:-1])


@dataclass(frozen=True, slots=True)
class WrongNames(_PduFault):
    """Every name in the response is wrong: its last arc is increased by one, the greatest becomes 0."""

    def change_pdu(self, request: Pdu, response: Pdu) -> Pdu:  # noqa: ARG002, D102 - see the base class
        renamed = (
            VarBind(OID((*varbind.oid.arcs[:-1], (varbind.oid.arcs[-1] + 1) & ber.MAX_ARC)), varbind.value)
            for varbind in response.varbinds
        )
        return response._replace(varbinds=tuple(renamed))


@dataclass(frozen=True, slots=True)
class NonIncreasing(_PduFault):
    """Each variable binding in the response to a GETNEXT or GETBULK repeats the requested name."""

    def change_pdu(self, request: Pdu, response: Pdu) -> Pdu:  # noqa: D102 - see the base class
        repeated = (
            VarBind(request.varbinds[_asked(request, position)].oid, varbind.value)
            for position, varbind in enumerate(response.varbinds)
        )
        return response._replace(varbinds=tuple(repeated))


@dataclass(frozen=True, slots=True)
class Cycle(_PduFault):
    """The responses to GETNEXT and GETBULK go in a circle: the first name, the second, ..., the first again.

    The first name follows every name outside the cycle.  There is no error and no end.

    Args:
        oids: the names, at least one.
    """

    oids: tuple[OID, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "oids", tuple(map(OID, self.oids)))
        if not self.oids:
            raise ConfigurationError("a Cycle needs at least one name")

    def change_pdu(self, request: Pdu, response: Pdu) -> Pdu:  # noqa: D102 - see the base class
        last = [varbind.oid for varbind in request.varbinds]
        varbinds = []
        for position, varbind in enumerate(response.varbinds):
            asked = _asked(request, position)
            last[asked] = self._after(last[asked])
            value = Null() if isinstance(varbind.value, EndOfMibView) else varbind.value
            varbinds.append(VarBind(last[asked], value))
        return response._replace(error_status=0, error_index=0, varbinds=tuple(varbinds))

    def _after(self, oid: OID) -> OID:
        return self.oids[(self.oids.index(oid) + 1) % len(self.oids)] if oid in self.oids else self.oids[0]


def _asked(request: Pdu, position: int) -> int:
    """Return the position in the request of the name that a position in the response belongs to."""
    if request.type is not PduType.GET_BULK:
        return position
    non_repeaters = min(max(request.non_repeaters, 0), len(request.varbinds))
    if position < non_repeaters:
        return position
    return non_repeaters + (position - non_repeaters) % (len(request.varbinds) - non_repeaters)


@dataclass(frozen=True, slots=True)
class WrongCommunity(MessageFault):
    """The response has a wrong community, or user name in SNMPv3.

    Args:
        community: the community.
    """

    community: bytes = b"wrong"

    def change(self, request: Pdu, message: CommunityMessage, response: Pdu) -> CommunityMessage:  # noqa: ARG002, D102 - see the base class
        return message._replace(community=self.community)


@dataclass(frozen=True, slots=True)
class WrongVersion(MessageFault):
    """The response has a wrong version: SNMPv2c instead of SNMPv1, SNMPv1 instead of the others."""

    def change(self, request: Pdu, message: CommunityMessage, response: Pdu) -> CommunityMessage:  # noqa: ARG002, D102 - see the base class
        other = SnmpVersion.V2C if message.version is SnmpVersion.V1 else SnmpVersion.V1
        return message._replace(version=other)


# -------------------------------------------------------------------------------------- the octets


def _body(octets: bytes) -> bytes:
    """Return the contents of the outermost SEQUENCE."""
    _, start, stop = ber.read_header(octets, 0, len(octets))
    return octets[start:stop]


@dataclass(frozen=True, slots=True)
class Garbage(OctetFault):
    """Other octets are sent instead of the response.

    Args:
        octets: the octets; the default ones cannot begin a message.
    """

    octets: bytes = b"\xde\xad\xbe\xef"

    def change(self, octets: bytes) -> bytes:  # noqa: ARG002, D102 - see the base class
        return self.octets


@dataclass(frozen=True, slots=True)
class Prepend(OctetFault):
    """Other octets are sent before the response.

    Args:
        octets: the octets.
    """

    octets: bytes

    def change(self, octets: bytes) -> bytes:  # noqa: D102 - see the base class
        return self.octets + octets


@dataclass(frozen=True, slots=True)
class LyingLength(OctetFault):
    """The outermost length is wrong.

    Args:
        claimed: the length in the header, from 0 to 2**32 - 1.
    """

    claimed: int

    def __post_init__(self) -> None:
        if not 0 <= self.claimed <= 0xFFFFFFFF:
            raise ConfigurationError(f"claimed must be a length from 0 to 4294967295, not {self.claimed}")

    def change(self, octets: bytes) -> bytes:  # noqa: D102 - see the base class
        return bytes((ber.SEQUENCE,)) + ber.encode_length(self.claimed) + _body(octets)


@dataclass(frozen=True, slots=True)
class Indefinite(OctetFault):
    """The outermost length is indefinite, which SNMP prohibits (RFC 3417 section 8)."""

    def change(self, octets: bytes) -> bytes:  # noqa: D102 - see the base class
        return b"\x30\x80" + _body(octets) + b"\0\0"


@dataclass(frozen=True, slots=True)
class BrokenValue(OctetFault):
    """The value of one variable has a tag that SNMP does not have; all lengths are right.

    Nothing happens to a response without that variable, nor to one that is encrypted.  In an authenticated one the
    digest does not match any more.

    Args:
        oid: the name of the variable.
        tag: the tag, 0 to 255; by default that of ASN.1's ENUMERATED.
    """

    oid: OID
    tag: int = 0x0A

    def __post_init__(self) -> None:
        object.__setattr__(self, "oid", OID(self.oid))
        if not 0 <= self.tag <= 0xFF:
            raise ConfigurationError(f"a tag is a number from 0 to 255, not {self.tag}")

    def change(self, octets: bytes) -> bytes:  # noqa: D102 - see the base class
        name = ber.tlv(ber.OBJECT_IDENTIFIER, self.oid.ber)
        before, found, after = octets.rpartition(name)
        return before + found + bytes((self.tag,)) + after[1:] if found else octets


# ------------------------------------------------------------------------------------- the delivery


@dataclass(frozen=True, slots=True)
class Delay(DeliveryFault):
    """The response is sent late; later ones do not wait for it.

    Args:
        seconds: the delay.
    """

    seconds: float

    def deliver(self, octets: bytes, outlet: Outlet) -> None:  # noqa: D102 - see the base class
        outlet.send_later(self.seconds, octets)


@dataclass(frozen=True, slots=True)
class Hold(DeliveryFault):
    """The response is kept until :meth:`Agent.release`: a delay without a clock."""

    def deliver(self, octets: bytes, outlet: Outlet) -> None:  # noqa: D102 - see the base class
        outlet.hold(octets)


@dataclass(frozen=True, slots=True)
class Drop(DeliveryFault):
    """The response is never sent."""

    def deliver(self, octets: bytes, outlet: Outlet) -> None:
        """Send nothing."""


@dataclass(frozen=True, slots=True)
class Duplicate(DeliveryFault):
    """The response is sent more than once.

    Args:
        copies: the number of copies.
    """

    copies: int = 2

    def deliver(self, octets: bytes, outlet: Outlet) -> None:  # noqa: D102 - see the base class
        for _ in range(self.copies):
            outlet.send(octets)


@dataclass(frozen=True, slots=True)
class Reorder(DeliveryFault):
    """The response is sent after the next one on its connection.

    Several in a row are sent last to first: each waits for the next one.  :meth:`Agent.release` sends those that
    wait for a next one in vain.
    """

    def deliver(self, octets: bytes, outlet: Outlet) -> None:  # noqa: D102 - see the base class
        outlet.send_after_next(octets)


@dataclass(frozen=True, slots=True)
class Truncate(DeliveryFault):
    """Only the first octets of the response are sent, and then nothing on this connection.

    Args:
        octets: the number of octets.
        close: whether the connection is then closed; otherwise it stays open and silent.
    """

    octets: int
    close: bool = False

    def deliver(self, octets: bytes, outlet: Outlet) -> None:  # noqa: D102 - see the base class
        outlet.send(octets[: self.octets])
        if self.close:
            outlet.close()
        else:
            outlet.silence()


@dataclass(frozen=True, slots=True)
class Drip(DeliveryFault):
    """The response is sent in small writes, one in each turn of the event loop.

    Args:
        octets: the octets in each write.
    """

    octets: int = 1

    def __post_init__(self) -> None:
        if self.octets < 1:
            raise ConfigurationError(f"octets must be at least 1, not {self.octets}")

    def deliver(self, octets: bytes, outlet: Outlet) -> None:  # noqa: D102 - see the base class
        outlet.send_slowly([octets[start : start + self.octets] for start in range(0, len(octets), self.octets)])


@dataclass(frozen=True, slots=True)
class Close(DeliveryFault):
    """The connection is closed (FIN) instead of the response."""

    def deliver(self, octets: bytes, outlet: Outlet) -> None:  # noqa: ARG002, D102 - see the base class
        outlet.close()


@dataclass(frozen=True, slots=True)
class CloseAfter(DeliveryFault):
    """The connection is closed (FIN) after the response."""

    def deliver(self, octets: bytes, outlet: Outlet) -> None:  # noqa: D102 - see the base class
        outlet.send(octets)
        outlet.close()


@dataclass(frozen=True, slots=True)
class Reset(DeliveryFault):
    """The connection is reset (RST) instead of the response."""

    def deliver(self, octets: bytes, outlet: Outlet) -> None:  # noqa: ARG002, D102 - see the base class
        outlet.reset()
