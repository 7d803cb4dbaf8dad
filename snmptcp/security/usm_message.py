"""The User-based Security Model of SNMPv3, on messages (RFC 3414; RFC 3412 for the envelope around it).

What may live here: building protected messages and opening them, for either side: digests, encryption, the
security parameters.  What may not: which request an answer belongs to, what a report means for it, and clocks
other than as an argument.
"""

from __future__ import annotations

import functools
import hmac
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, V3Header, read_scoped_pdu
from snmptcp.credentials import SecurityLevel, SnmpVersion
from snmptcp.errors import ConfigurationError, DecodeError, DecryptionFailed, WrongDigest

if TYPE_CHECKING:
    from snmptcp.security.privacy import Privacy
    from snmptcp.security.usm_keys import Authenticator, UserKeys

__all__ = (
    "SECURITY_MODEL",
    "MessageHeader",
    "PlainPdu",
    "UsmParameters",
    "encode_usm_message",
    "level_of",
    "open_scoped_pdu",
    "read_usm_parameters",
    "verify_digest",
)

#: RFC 3411 section 5: SnmpSecurityModel of USM.
SECURITY_MODEL = 3

_LEVEL_BITS = MsgFlags.AUTH | MsgFlags.PRIV
_VERSION = ber.encode_integer(SnmpVersion.V3)
_MODEL = ber.encode_integer(SECURITY_MODEL)
_LEVELS = {int(level): level for level in SecurityLevel}

#: Encoded security parameters that are kept: those of one engine change once a second.
_CACHE_SIZE = 1024

_from_bytes = int.from_bytes
_new_tuple = tuple.__new__


# ------------------------------------------------------------------------------------- parameters


class UsmParameters(NamedTuple):
    """UsmSecurityParameters (RFC 3414 section 2.4), and where the digest stands in the message."""

    engine_id: bytes
    boots: int
    time: int
    user: bytes
    auth_parameters: bytes = b""
    priv_parameters: bytes = b""
    auth_start: int = 0


def read_usm_parameters(data: bytes, start: int, stop: int) -> UsmParameters:
    """Read the security parameters of a message (RFC 3414 section 3.2 step 1).

    Raises:
        DecodeError: they are not sound.
    """
    if 16 <= stop - start < 0x82:
        try:
            # The straight path: every length in one octet.  That the last one ends where it should proves
            # that none of them was longer; an octet that is not there is for the long way to complain of.
            engine_stop = start + 4 + data[start + 3]
            boots_stop = engine_stop + 2 + data[engine_stop + 1]
            time_stop = boots_stop + 2 + data[boots_stop + 1]
            user_stop = time_stop + 2 + data[time_stop + 1]
            auth_stop = user_stop + 2 + data[user_stop + 1]
            if (
                auth_stop + 2 + data[auth_stop + 1] == start + 2 + data[start + 1] == stop
                and data[start] == 0x30
                and data[start + 2] == data[time_stop] == data[user_stop] == data[auth_stop] == 0x04
                and data[engine_stop] == data[boots_stop] == 0x02
                and 2 < boots_stop - engine_stop <= 6
                and 2 < time_stop - boots_stop <= 6
                and user_stop - time_stop <= 34
                and data[engine_stop + 2] | data[boots_stop + 2] < 0x80
            ):
                return _new_tuple(
                    UsmParameters,
                    (
                        data[start + 4 : engine_stop],
                        _from_bytes(data[engine_stop + 2 : boots_stop], "big"),
                        _from_bytes(data[boots_stop + 2 : time_stop], "big"),
                        data[time_stop + 2 : user_stop],
                        data[user_stop + 2 : auth_stop],
                        data[auth_stop + 2 : stop],
                        user_stop + 2,
                    ),
                )
        except IndexError:
            pass
    start, end = ber.read_tagged(data, start, stop, ber.SEQUENCE, "UsmSecurityParameters")
    if end != stop:
        raise DecodeError("octets follow UsmSecurityParameters", end, data)
    engine_start, engine_stop = ber.read_tagged(data, start, end, ber.OCTET_STRING, "msgAuthoritativeEngineID")
    start, offset = ber.read_tagged(data, engine_stop, end, ber.INTEGER, "msgAuthoritativeEngineBoots")
    boots = _read_natural(data, start, offset, "msgAuthoritativeEngineBoots")
    start, offset = ber.read_tagged(data, offset, end, ber.INTEGER, "msgAuthoritativeEngineTime")
    time = _read_natural(data, start, offset, "msgAuthoritativeEngineTime")
    user_start, user_stop = ber.read_tagged(data, offset, end, ber.OCTET_STRING, "msgUserName")
    auth_start, auth_stop = ber.read_tagged(data, user_stop, end, ber.OCTET_STRING, "msgAuthenticationParameters")
    priv_start, priv_stop = ber.read_tagged(data, auth_stop, end, ber.OCTET_STRING, "msgPrivacyParameters")
    if priv_stop != end:
        raise DecodeError("octets follow msgPrivacyParameters", priv_stop, data)
    if user_stop - user_start > 32:
        raise DecodeError(f"msgUserName of {user_stop - user_start} octets", user_start, data)
    return UsmParameters(
        data[engine_start:engine_stop],
        boots,
        time,
        data[user_start:user_stop],
        data[auth_start:auth_stop],
        data[priv_start:priv_stop],
        auth_start,
    )


def _read_natural(data: bytes, start: int, stop: int, what: str) -> int:
    value = ber.read_integer(data, start, stop)
    if value < 0:
        raise DecodeError(f"{what} is {value}", start, data)
    return value


# --------------------------------------------------------------------------------------- messages


class MessageHeader(NamedTuple):
    """The part of msgGlobalData that differs from message to message.

    Attributes:
        msg_id: the msgID.
        msg_max_size: the longest message that the sender accepts, in octets.
        flags: the msgFlags.
    """

    msg_id: int
    msg_max_size: int
    flags: int


def encode_usm_message(header: MessageHeader, parameters: UsmParameters, scoped_pdu: bytes, keys: UserKeys) -> bytes:
    """Return a whole message, encrypted and authenticated as its flags say (RFC 3414 section 3.1).

    Args:
        header: msgID, msgMaxSize and msgFlags.
        parameters: engine, boots, time and user; the digest and salt are made here.
        scoped_pdu: the ScopedPDU as a whole field.
        keys: the user's keys for the authoritative engine.

    Raises:
        ConfigurationError: the flags ask for protection that there is no key for.
    """
    if (header.flags & MsgFlags.PRIV and keys.privacy is None) or (
        header.flags & MsgFlags.AUTH and keys.authenticator is None
    ):
        raise ConfigurationError("a message cannot be protected without its keys")
    salt = b""
    if header.flags & MsgFlags.PRIV and keys.privacy is not None:
        encrypted, salt = keys.privacy.encrypt(scoped_pdu, parameters.boots, parameters.time)
        scoped_pdu = ber.tlv(ber.OCTET_STRING, encrypted)
    authenticator = keys.authenticator if header.flags & MsgFlags.AUTH else None
    mac_size = 0 if authenticator is None else authenticator.mac_size
    engine_id, boots, time, user, *_ = parameters
    msg_id = ber.encode_integer(header.msg_id)
    sizes = (len(msg_id), mac_size, len(salt), len(scoped_pdu))
    head, middle = _around_msg_id(engine_id, boots, time, user, header.msg_max_size, header.flags, sizes)
    message = b"".join((head, msg_id, middle, salt, scoped_pdu))
    if authenticator is None:
        return message
    # Step 8: the digest is made over the message with zeros in its place, then put there.
    stop = len(message) - len(scoped_pdu) - len(salt) - 2
    return message[: stop - mac_size] + authenticator.digest(message) + message[stop:]


@functools.lru_cache(maxsize=_CACHE_SIZE)
def _around_msg_id(  # noqa: PLR0917 - what a message depends on, but for its msgID, digest, salt and data
    engine_id: bytes,
    boots: int,
    time: int,
    user: bytes,
    max_size: int,
    flags: int,
    sizes: tuple[int, int, int, int],
) -> tuple[bytes, bytes]:
    """Return what stands before the msgID's field, and between it and the salt, with zeros for a digest.

    All of it is known from what changes once a second, and from the sizes of the msgID's field, the digest, the salt
    and msgData; nothing in it is secret.
    """
    id_size, mac_size, salt_size, data_size = sizes
    after_id = ber.encode_integer(max_size) + bytes((4, 1, flags)) + _MODEL
    security = _security_parameters(engine_id, boots, time, user, mac_size, salt_size)
    global_head = bytes((ber.SEQUENCE,)) + ber.encode_length(id_size + len(after_id))
    body = len(_VERSION) + len(global_head) + id_size + len(after_id) + len(security) + salt_size + data_size
    return bytes((ber.SEQUENCE,)) + ber.encode_length(body) + _VERSION + global_head, after_id + security


def _security_parameters(engine_id: bytes, boots: int, time: int, user: bytes, mac_size: int, salt_size: int) -> bytes:  # noqa: PLR0917 - their order on the wire
    """Return msgSecurityParameters up to the salt, with zeros for a digest."""
    fields = (
        ber.tlv(ber.OCTET_STRING, engine_id)
        + ber.encode_integer(boots)
        + ber.encode_integer(time)
        + ber.tlv(ber.OCTET_STRING, user)
        + ber.tlv(ber.OCTET_STRING, bytes(mac_size))
        + ber.tlv(ber.OCTET_STRING, bytes(salt_size))
    )
    whole = ber.tlv(ber.OCTET_STRING, ber.tlv(ber.SEQUENCE, fields))
    return whole[: len(whole) - salt_size]


def verify_digest(message: bytes, parameters: UsmParameters, authenticator: Authenticator) -> None:
    """Check a message's digest (RFC 3414 section 3.2 step 6; 6.3.2, 7.3.2).

    Raises:
        WrongDigest: it is not exactly as long as it has to be, or not the message's.
    """
    found = parameters.auth_parameters
    if len(found) != authenticator.mac_size:
        raise WrongDigest(f"a digest of {len(found)} octets, not {authenticator.mac_size}")
    start = parameters.auth_start
    zeroed = message[:start] + bytes(len(found)) + message[start + len(found) :]
    if not hmac.compare_digest(authenticator.digest(zeroed), found):
        raise WrongDigest("the digest of the message is not the user's")


class PlainPdu(NamedTuple):
    """A PDU that has been taken out of its message."""

    context_engine_id: bytes
    context_name: bytes
    data: bytes
    start: int
    stop: int


def open_scoped_pdu(message: bytes, header: V3Header, parameters: UsmParameters, privacy: Privacy | None) -> PlainPdu:
    """Return the PDU of a message whose digest has been checked, decrypted where that is said.

    Args:
        message: the message.
        header: its header; the flags tell whether it is encrypted.
        parameters: its security parameters.
        privacy: the user's cipher for the authoritative engine.

    Raises:
        DecryptionFailed: it cannot be decrypted, or what comes out is no ScopedPDU.
        DecodeError: it is not sound.
    """
    if not header.msg_flags & MsgFlags.PRIV:
        engine_id, name, start, stop = read_scoped_pdu(message, header.security_stop, header.end)
        if stop != header.end:
            raise DecodeError("octets follow msgData", stop, message)
        return _new_tuple(PlainPdu, (engine_id, name, message, start, stop))
    start, stop = ber.read_tagged(message, header.security_stop, header.end, ber.OCTET_STRING, "encryptedPDU")
    if stop != header.end:
        raise DecodeError("octets follow msgData", stop, message)
    if privacy is None:
        raise DecryptionFailed("an encrypted message, and the user has no privacy key")
    salt = parameters.priv_parameters
    plain = privacy.decrypt(message[start:stop], parameters.boots, parameters.time, salt)
    try:
        engine_id, name, start, stop = read_scoped_pdu(plain, 0, len(plain))
    except DecodeError as error:
        raise DecryptionFailed("what was decrypted is no ScopedPDU; the privacy key is not the agent's") from error
    return _new_tuple(PlainPdu, (engine_id, name, plain, start, stop))


def level_of(flags: int) -> SecurityLevel | None:
    """Return the security level of msgFlags; ``None`` for privacy without authentication (RFC 3412 7.2 step 5d)."""
    return _LEVELS.get(flags & _LEVEL_BITS)
