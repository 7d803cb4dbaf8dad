"""Forgeries: SNMPv3 replies as an attacker on the path or a faulty agent could send them.

Contains: one immutable class for each way to protect a reply wrongly.
Does not contain: which reply gets a forgery (:mod:`~snmptcp.testing.delivery`).

Each forgery is wrong in one point only: everything else is right, and unless the digest is what it forges, the digest
is made with the true key.  So only the check that it is meant for can refuse it.
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


# --------------------------------------------------------------------------- parts of a message


def _take_apart(octets: bytes) -> tuple[V3Message, UsmParameters]:
    """Return an encoded reply as its parts, with its security parameters."""
    message = decode_message(octets)
    assert isinstance(message, V3Message)  # noqa: S101 - forgeries apply to SNMPv3 replies only
    _, offset, end = read_version(octets)
    header = read_v3_header(octets, offset, end)
    return message, read_usm_parameters(octets, header.security_start, header.security_stop)


def _put_together(message: V3Message, parameters: UsmParameters) -> bytes:
    """Return a message with security parameters exactly as given, valid or not."""
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
    """Return a message with a digest of any size: the right digest, truncated or padded with zeros."""
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
    """Return a reply with other encrypted octets and salt, and a right digest."""
    message, parameters = _take_apart(reply.encode())
    authenticator = reply.keys.authenticator
    assert authenticator is not None  # noqa: S101 - privacy implies authentication
    message = message._replace(encrypted_pdu=ciphertext)
    return _authenticate(message, parameters._replace(priv_parameters=salt), authenticator, authenticator.mac_size)


def _encrypted(reply: SecuredReply) -> tuple[bytes, bytes] | None:
    """Return the encrypted octets and the salt of a reply; ``None`` if it is not encrypted."""
    if not reply.header.flags & MsgFlags.PRIV:
        return None
    message, parameters = _take_apart(reply.encode())
    return message.encrypted_pdu or b"", parameters.priv_parameters


# ---------------------------------------------------------------------------------- level and digest


@dataclass(frozen=True, slots=True)
class LowerLevel(Forgery):
    """The response has a lower security level than its request.

    Args:
        level: its security level; optional; default noAuthNoPriv.
        keep_mac: whether a right digest stays although msgFlags do not announce it.
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
    """The digest is right but truncated.  A reply without a digest stays as it is.

    Args:
        octets: the octets to keep.
    """

    octets: int = 0

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        return _with_mac_size(reply, self.octets)


@dataclass(frozen=True, slots=True)
class LongMac(Forgery):
    """The digest is right but padded with zeros.  A reply without a digest stays as it is.

    Args:
        octets: the zeros to append.
    """

    octets: int = 1

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        size = 0 if reply.keys.authenticator is None else reply.keys.authenticator.mac_size
        return _with_mac_size(reply, size + self.octets)


@dataclass(frozen=True, slots=True)
class WrongMac(Forgery):
    """One bit of the digest is wrong.  A reply without a digest stays as it is.

    Args:
        bit: its number, counted from the last.
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


# ------------------------------------------------------------------------------------- engine, user, context and msgID


@dataclass(frozen=True, slots=True)
class WrongUser(Forgery):
    """The response names another user; it is protected with the true user's keys.

    Args:
        name: the name of that user.
    """

    name: bytes = b"somebody"

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        return replace(reply, parameters=reply.parameters._replace(user=self.name)).encode()


@dataclass(frozen=True, slots=True)
class WrongEngineId(Forgery):
    """The response names another engine; it is protected with the keys for the true one.

    Args:
        engine_id: the ID of that engine.
    """

    engine_id: bytes = bytes.fromhex("80007ed904") + b"other"

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        return replace(reply, parameters=reply.parameters._replace(engine_id=self.engine_id)).encode()


@dataclass(frozen=True, slots=True)
class WrongContext(Forgery):
    """The response names another context.

    Args:
        name: its contextName; ``None`` means the right one.
        engine_id: its contextEngineID; ``None`` means the right one.
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
    """The msgID is wrong.

    Args:
        offset: the number to add to the right msgID.
    """

    offset: int = 1

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        return replace(
            reply, header=reply.header._replace(msg_id=(reply.header.msg_id + self.offset) & 0x7FFFFFFF)
        ).encode()


# ---------------------------------------------------------------------------------------------- time


@dataclass(frozen=True, slots=True)
class Replay(Forgery):
    """The previous response is sent again in place of this one; the first response stays as it is.

    Args:
        renumber: whether it gets the expected msgID, which makes its digest wrong.
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
    """The response is authentic but old.

    Args:
        seconds: its age; optional; default one second more than the time window.
        boots: how many times the engine has started since.
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
    """An unauthenticated report is sent in place of the response.

    Args:
        counter: the counter that it names.
        engine_id: its engine ID; ``None`` means the true one.
        boots: its boots; ``None`` means the true ones.
        time: its time; ``None`` means the true one.
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
    """A report is sent as a response with the same variable bindings.

    Inject it for reports; a response stays as it is.
    """

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        pdu = reply.scoped_pdu.pdu
        return (reply.with_pdu(pdu._replace(type=PduType.RESPONSE)) if isinstance(pdu, Pdu) else reply).encode()


# ---------------------------------------------------------------------------------------- encryption


@dataclass(frozen=True, slots=True)
class GarbageCiphertext(Forgery):
    """The encrypted octets decrypt to garbage; the digest is right.  An unencrypted reply stays as it is."""

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        found = _encrypted(reply)
        if found is None:
            return reply.encode()
        ciphertext, salt = found
        return _with_ciphertext(reply, bytes(octet ^ 0xA5 for octet in ciphertext), salt)


@dataclass(frozen=True, slots=True)
class CutCiphertext(Forgery):
    """The encrypted octets are truncated; the digest is right.  An unencrypted reply stays as it is.

    Args:
        octets: the octets to cut off; with DES and 3DES, any but a multiple of 8 leaves an incomplete block.
    """

    octets: int = 1

    def __post_init__(self) -> None:
        if self.octets < 1:
            raise ConfigurationError(f"CutCiphertext cuts off at least 1 octet, not {self.octets}")

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        found = _encrypted(reply)
        if found is None:
            return reply.encode()
        ciphertext, salt = found
        return _with_ciphertext(reply, ciphertext[: -self.octets], salt)


@dataclass(frozen=True, slots=True)
class WrongSalt(Forgery):
    """The salt does not have eight octets; the digest is right.  An unencrypted reply stays as it is.

    Args:
        octets: its length.
    """

    octets: int = 7

    def forge(self, reply: SecuredReply) -> bytes:  # noqa: D102 - see the base class
        found = _encrypted(reply)
        if found is None:
            return reply.encode()
        ciphertext, salt = found
        return _with_ciphertext(reply, ciphertext, (salt + bytes(self.octets))[: self.octets])
