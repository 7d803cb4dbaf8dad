"""Forgeries: what somebody on the way, or an agent that is not what it says, could answer in SNMPv3.

What may live here: the ways to protect a reply wrongly, immutable and without state, one class each.  What may
not: who gets which, and when (:mod:`~snmptcp.testing.delivery`).

A forgery is as good as it can be made: whatever it does not forge is right, and its digest is made with the true
key wherever a digest is not what is forged.  Only the one check that it is meant for can refuse it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, V3Message, decode_message, encode_message, read_v3_header, read_version
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SecurityLevel
from snmptcp.errors import ConfigurationError
from snmptcp.security.reports import ReportCounter, report_pdu
from snmptcp.security.usm_message import UsmParameters, read_usm_parameters
from snmptcp.testing.faults import Forgery

if TYPE_CHECKING:
    from snmptcp.security.usm_keys import Authenticator
    from snmptcp.testing.usm_engine import SecuredReply

__all__ = (
    "CutCiphertext",
    "CutMac",
    "ForgedReport",
    "GarbageCiphertext",
    "LongMac",
    "LowerLevel",
    "NotAReport",
    "OldTime",
    "PrivWithoutAuth",
    "Replay",
    "WrongContext",
    "WrongEngineId",
    "WrongMac",
    "WrongMsgId",
    "WrongSalt",
    "WrongUser",
)


# --------------------------------------------------------------------------- a message, taken apart


def _take_apart(octets: bytes) -> tuple[V3Message, UsmParameters]:
    """Return a message that we made, and its security parameters."""
    message = decode_message(octets)
    assert isinstance(message, V3Message)  # noqa: S101 - only replies of SNMPv3 meet a forgery
    _, offset, end = read_version(octets)
    header = read_v3_header(octets, offset, end)
    return message, read_usm_parameters(octets, header.security_start, header.security_stop)


def _put_together(message: V3Message, parameters: UsmParameters) -> bytes:
    """Return a message with security parameters exactly as given, sound or not."""
    fields = (
        ber.tlv(ber.OCTET_STRING, parameters.engine_id)
        + ber.encode_integer(parameters.boots)
        + ber.encode_integer(parameters.time)
        + ber.tlv(ber.OCTET_STRING, parameters.user)
        + ber.tlv(ber.OCTET_STRING, parameters.auth_parameters)
        + ber.tlv(ber.OCTET_STRING, parameters.priv_parameters)
    )
    return encode_message(message._replace(security_parameters=ber.tlv(ber.SEQUENCE, fields)))


def _authenticate(message: V3Message, parameters: UsmParameters, authenticator: Authenticator, size: int) -> bytes:
    """Return a message with a digest of any size: the first octets of a right one, and zeros beyond its end."""
    zeroed = _put_together(message, parameters._replace(auth_parameters=bytes(size)))
    mac = authenticator.digest(zeroed)[:size].ljust(size, b"\0")
    return _put_together(message, parameters._replace(auth_parameters=mac))


def _with_mac_size(reply: SecuredReply, size: int) -> bytes:
    octets = reply.encode()
    authenticator = reply.keys.authenticator
    if authenticator is None:
        return octets
    message, parameters = _take_apart(octets)
    return _authenticate(message, parameters, authenticator, size)


def _with_ciphertext(reply: SecuredReply, ciphertext: bytes, salt: bytes) -> bytes:
    """Return a reply with other encrypted octets and salt, authentic all the same."""
    message, parameters = _take_apart(reply.encode())
    authenticator = reply.keys.authenticator
    assert authenticator is not None  # noqa: S101 - there is no privacy without authentication
    message = message._replace(encrypted_pdu=ciphertext)
    return _authenticate(message, parameters._replace(priv_parameters=salt), authenticator, authenticator.mac_size)


def _encrypted(reply: SecuredReply) -> tuple[bytes, bytes] | None:
    """Return the encrypted octets and the salt of a reply that is encrypted."""
    if not reply.header.flags & MsgFlags.PRIV:
        return None
    message, parameters = _take_apart(reply.encode())
    return message.encrypted_pdu or b"", parameters.priv_parameters


# ---------------------------------------------------------------------------------- level and digest


@dataclass(frozen=True, slots=True)
class LowerLevel(Forgery):
    """The response is less protected than its request.

    Args:
        level: how well it is protected; not authenticated, and so plain, unless you say otherwise.
        keep_mac: whether a right digest stays where the flag that announces it is gone.
    """

    level: SecurityLevel = SecurityLevel.noAuthNoPriv
    keep_mac: bool = False

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        if not self.keep_mac:
            return replace(reply, header=reply.header._replace(flags=int(self.level))).encode()
        plain = replace(reply, header=reply.header._replace(flags=int(SecurityLevel.authNoPriv)))
        message, parameters = _take_apart(plain.encode())
        return _put_together(message._replace(msg_flags=0), parameters)


@dataclass(frozen=True, slots=True)
class CutMac(Forgery):
    """The digest is cut: right as far as it goes.  A reply without a digest stays as it is.

    Args:
        octets: how many are left.
    """

    octets: int = 0

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        return _with_mac_size(reply, self.octets)


@dataclass(frozen=True, slots=True)
class LongMac(Forgery):
    """The digest is too long: right, with zeros behind it.  A reply without a digest stays as it is.

    Args:
        octets: how many there are too many.
    """

    octets: int = 1

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        size = 0 if reply.keys.authenticator is None else reply.keys.authenticator.mac_size
        return _with_mac_size(reply, size + self.octets)


@dataclass(frozen=True, slots=True)
class WrongMac(Forgery):
    """One bit of the digest is wrong.  A reply without a digest stays as it is.

    Args:
        bit: which, counted from the last.
    """

    bit: int = 0

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        message, parameters = _take_apart(reply.encode())
        mac = parameters.auth_parameters
        if mac:
            bit = self.bit % (8 * len(mac))
            mac = (int.from_bytes(mac, "big") ^ (1 << bit)).to_bytes(len(mac), "big")
        return _put_together(message, parameters._replace(auth_parameters=mac))


@dataclass(frozen=True, slots=True)
class PrivWithoutAuth(Forgery):
    """The response claims privacy without authentication; encrypted if its request was."""

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        return replace(reply, header=reply.header._replace(flags=MsgFlags.PRIV)).encode()


# ------------------------------------------------------------------------------------- the addressee


@dataclass(frozen=True, slots=True)
class WrongUser(Forgery):
    """The response is for another user; protected with the keys of the true one.

    Args:
        name: which.
    """

    name: bytes = b"somebody"

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        return replace(reply, parameters=reply.parameters._replace(user=self.name)).encode()


@dataclass(frozen=True, slots=True)
class WrongEngineId(Forgery):
    """The response is another engine's; protected with the keys of the true one.

    Args:
        engine_id: which.
    """

    engine_id: bytes = bytes.fromhex("80007ed904") + b"other"

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        return replace(reply, parameters=reply.parameters._replace(engine_id=self.engine_id)).encode()


@dataclass(frozen=True, slots=True)
class WrongContext(Forgery):
    """The response is about another context.

    Args:
        name: its contextName; ``None`` for the right one.
        engine_id: its contextEngineID; ``None`` for the right one.
    """

    name: bytes | None = b"other"
    engine_id: bytes | None = None

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        scoped = reply.scoped_pdu
        name = scoped.context_name if self.name is None else self.name
        engine_id = scoped.context_engine_id if self.engine_id is None else self.engine_id
        return replace(reply, scoped_pdu=scoped._replace(context_engine_id=engine_id, context_name=name)).encode()


@dataclass(frozen=True, slots=True)
class WrongMsgId(Forgery):
    """The msgID is another one.

    Args:
        offset: what is added to the right one.
    """

    offset: int = 1

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        return replace(
            reply, header=reply.header._replace(msg_id=(reply.header.msg_id + self.offset) & 0x7FFFFFFF)
        ).encode()


# ---------------------------------------------------------------------------------------------- time


@dataclass(frozen=True, slots=True)
class Replay(Forgery):
    """The response that was sent before this one is sent again in its place; the first one ever is right.

    Args:
        renumber: whether it gets the msgID that is waited for, which its digest does not cover then.
    """

    renumber: bool = False

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        if not reply.earlier:
            return reply.encode()
        if not self.renumber:
            return reply.earlier
        message, parameters = _take_apart(reply.earlier)
        return _put_together(message._replace(msg_id=reply.header.msg_id), parameters)


@dataclass(frozen=True, slots=True)
class OldTime(Forgery):
    """The response is authentic, and from another time.

    Args:
        seconds: how old it is; one more than the window unless you say otherwise.
        boots: how many starts of the engine ago.
    """

    seconds: int = 151
    boots: int = 0

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        then = reply.parameters
        boots, time = max(0, then.boots - self.boots), max(0, then.time - self.seconds)
        return replace(reply, parameters=then._replace(boots=boots, time=time)).encode()


# ------------------------------------------------------------------------------------------- reports


@dataclass(frozen=True, slots=True)
class ForgedReport(Forgery):
    """A report that nobody vouches for comes in place of the response.

    Args:
        counter: what it claims to be wrong.
        engine_id: who it claims to come from; ``None`` for the true engine.
        boots: the boots that it claims; ``None`` for the true ones.
        time: the time that it claims; ``None`` for the true one.
    """

    counter: ReportCounter = ReportCounter.usmStatsNotInTimeWindows
    engine_id: bytes | None = None
    boots: int | None = None
    time: int | None = None

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        true = reply.parameters
        parameters = UsmParameters(
            true.engine_id if self.engine_id is None else self.engine_id,
            true.boots if self.boots is None else self.boots,
            true.time if self.time is None else self.time,
            true.user,
        )
        pdu = reply.scoped_pdu.pdu
        request_id = pdu.request_id if isinstance(pdu, Pdu) else 0
        report = report_pdu(self.counter, 1, request_id)
        scoped = reply.scoped_pdu._replace(context_engine_id=parameters.engine_id, context_name=b"", pdu=report)
        return replace(reply, header=reply.header._replace(flags=0), parameters=parameters, scoped_pdu=scoped).encode()


@dataclass(frozen=True, slots=True)
class NotAReport(Forgery):
    """What should be a report comes as a response with the report's variable bindings.

    Inject it for reports; a response stays as it is.
    """

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        pdu = reply.scoped_pdu.pdu
        return (reply.with_pdu(pdu._replace(type=PduType.RESPONSE)) if isinstance(pdu, Pdu) else reply).encode()


# ---------------------------------------------------------------------------------------- encryption


@dataclass(frozen=True, slots=True)
class GarbageCiphertext(Forgery):
    """The encrypted octets decrypt to garbage, under a right digest.  A reply in plain stays as it is."""

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        found = _encrypted(reply)
        if found is None:
            return reply.encode()
        ciphertext, salt = found
        return _with_ciphertext(reply, bytes(octet ^ 0xA5 for octet in ciphertext), salt)


@dataclass(frozen=True, slots=True)
class CutCiphertext(Forgery):
    """The encrypted octets are too few, under a right digest.  A reply in plain stays as it is.

    Args:
        octets: how many are missing; with DES and 3DES, what is left is no number of whole blocks.
    """

    octets: int = 1

    def __post_init__(self) -> None:
        if self.octets < 1:
            raise ConfigurationError(f"at least 1 octet is cut off, not {self.octets}")

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        found = _encrypted(reply)
        if found is None:
            return reply.encode()
        ciphertext, salt = found
        return _with_ciphertext(reply, ciphertext[: -self.octets], salt)


@dataclass(frozen=True, slots=True)
class WrongSalt(Forgery):
    """The salt has another length than eight octets, under a right digest.  A reply in plain stays as it is.

    Args:
        octets: how many it has.
    """

    octets: int = 7

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        found = _encrypted(reply)
        if found is None:
            return reply.encode()
        ciphertext, salt = found
        return _with_ciphertext(reply, ciphertext, (salt + bytes(self.octets))[: self.octets])
