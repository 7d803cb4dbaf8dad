"""Hand-made notifications: whole messages in which every field can be wrong."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from snmptcp import Community, OctetString, SecurityLevel, SnmpVersion, TimeTicks, UsmUser, VarBind
from snmptcp.codec.message import (
    CommunityMessage,
    MsgFlags,
    ScopedPdu,
    decode_message,
    encode_message,
    encode_scoped_pdu,
    read_v3_header,
    read_version,
)
from snmptcp.codec.pdu import AnyPdu, Pdu, PduType, decode_pdu
from snmptcp.oid import OID
from snmptcp.protocol.notification import trap_varbinds
from snmptcp.security.tsm import encode_tsm_message
from snmptcp.security.usm_keys import user_keys
from snmptcp.security.usm_message import (
    MessageHeader,
    UsmParameters,
    encode_usm_message,
    open_scoped_pdu,
    read_usm_parameters,
    verify_digest,
)

LINK_DOWN = OID("1.3.6.1.6.3.1.1.5.3")
CONFIG_CHANGED = OID("1.3.6.1.4.1.8072.9999.0.17")
SYS_NAME = OID("1.3.6.1.2.1.1.5.0")

SENDER_ENGINE = bytes.fromhex("80001f8804") + b"sender"
RECEIVER_ENGINE = bytes.fromhex("80001f8804") + b"receiver"

ALICE = UsmUser("alice", "SHA-256", "authentic alice", "AES", "private alice")
BOB = UsmUser("bob", "SHA", "authentic bob")
CAROL = UsmUser("carol")
EVERYBODY = (ALICE, BOB, CAROL)


def notification_pdu(
    kind: PduType = PduType.TRAP_V2, number: int = 1, *, trap_oid: OID = CONFIG_CHANGED, text: str = "dev1"
) -> Pdu:
    """Return a trap or inform with this request-id."""
    varbinds = trap_varbinds(trap_oid, (VarBind(SYS_NAME, OctetString(text)),), TimeTicks(4242))
    return Pdu(kind, number, 0, 0, varbinds)


def community_message(pdu: AnyPdu, community: Community | None = None) -> bytes:
    """Return a message with a community; by default ``public`` in SNMPv2c."""
    community = community or Community("public")
    return encode_message(CommunityMessage(community.version, community.name, pdu))


def trap(number: int = 1, *, text: str = "dev1") -> bytes:
    """Return an SNMPv2c trap of the community ``public``."""
    return community_message(notification_pdu(number=number, text=text))


def inform(number: int = 1, *, text: str = "dev1") -> bytes:
    """Return an SNMPv2c inform of the community ``public``."""
    return community_message(notification_pdu(PduType.INFORM, number, text=text))


def acknowledged(octets: bytes) -> Pdu:
    """Return the PDU of an SNMPv2c response."""
    message = decode_message(octets)
    assert isinstance(message, CommunityMessage)
    assert message.version is SnmpVersion.V2C
    assert message.community == b"public"
    assert isinstance(message.pdu, Pdu)
    return message.pdu


@dataclass(frozen=True, kw_only=True)
class UsmSender:
    """A sender of SNMPv3 messages; every field can be wrong.

    Attributes:
        user: the user.
        engine_id: msgAuthoritativeEngineID.
        boots: msgAuthoritativeEngineBoots.
        time: msgAuthoritativeEngineTime.
        keys_of: the user whose keys protect it; default ``user``.
        keys_at: the engine that the keys are localized for; default the authoritative one.
        flags: msgFlags; default as the keys allow, and reportable for an inform.
        message_id: the msgID.
        context_engine_id: contextEngineID.
        context_name: contextName.
        max_size: msgMaxSize.
    """

    user: UsmUser = ALICE
    engine_id: bytes = SENDER_ENGINE
    boots: int = 3
    time: int = 1000
    keys_of: UsmUser | None = None
    keys_at: bytes | None = None
    flags: int | None = None
    message_id: int = 99
    context_engine_id: bytes = SENDER_ENGINE
    context_name: bytes = b""
    max_size: int = 65507

    def message(self, pdu: Pdu) -> bytes:
        """Return a whole message."""
        keys = user_keys(self.keys_of or self.user, self.keys_at or self.engine_id or SENDER_ENGINE)
        flags = self.flags
        if flags is None:
            flags = int(self.user.security_level)
            flags |= 0 if pdu.type is PduType.TRAP_V2 else MsgFlags.REPORTABLE
        # Without a key the flags can only claim protection.
        honest = flags & ~(0 if keys.authenticator else MsgFlags.AUTH) & ~(0 if keys.privacy else MsgFlags.PRIV)
        scoped = encode_scoped_pdu(ScopedPdu(self.context_engine_id, self.context_name, pdu))
        parameters = UsmParameters(self.engine_id, self.boots, self.time, self.user.name)
        octets = encode_usm_message(MessageHeader(self.message_id, self.max_size, honest), parameters, scoped, keys)
        return octets.replace(bytes((4, 1, honest, 2, 1, 3)), bytes((4, 1, flags, 2, 1, 3)), 1)

    def trap(self, number: int = 1) -> bytes:
        """Return a trap."""
        return self.message(notification_pdu(number=number))

    def inform(self, number: int = 1) -> bytes:
        """Return an inform."""
        return self.message(notification_pdu(PduType.INFORM, number))

    def at(self, **changes: object) -> UsmSender:
        """Return the same sender with other fields."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Opened:
    """An SNMPv3 reply, opened with the user's keys."""

    message_id: int
    flags: int
    parameters: UsmParameters
    context_engine_id: bytes
    context_name: bytes
    pdu: Pdu


def open_usm(octets: bytes, user: UsmUser = ALICE) -> Opened:
    """Open a reply, and check its digest if it has one."""
    _, offset, end = read_version(octets)
    header = read_v3_header(octets, offset, end)
    parameters = read_usm_parameters(octets, header.security_start, header.security_stop)
    keys = user_keys(user, parameters.engine_id)
    if header.msg_flags & MsgFlags.AUTH:
        assert keys.authenticator is not None
        verify_digest(octets, parameters, keys.authenticator)
    plain = open_scoped_pdu(octets, header, parameters, keys.privacy)
    pdu = decode_pdu(plain.data, plain.start, plain.stop)
    assert isinstance(pdu, Pdu)
    return Opened(header.msg_id, header.msg_flags, parameters, plain.context_engine_id, plain.context_name, pdu)


def tsm_message(
    pdu: Pdu,
    *,
    flags: int = int(SecurityLevel.authPriv),
    context_engine_id: bytes = SENDER_ENGINE,
    context_name: bytes = b"",
    max_size: int = 65507,
) -> bytes:
    """Return a message of the Transport Security Model with msgID 77."""
    scoped = encode_scoped_pdu(ScopedPdu(context_engine_id, context_name, pdu))
    return encode_tsm_message(77, max_size, flags, scoped)
