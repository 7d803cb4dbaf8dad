"""The octets of USM messages, for both sides (RFC 3414; RFC 3412 for the envelope).

Contains: building protected messages, and the single steps of opening them, in the order of RFC 3414 section 3.2:
:func:`read_usm_parameters` (step 1), :func:`verify_digest` (step 6), :func:`open_scoped_pdu` (step 8).
Does not contain: the decisions between the steps, which differ by side (:mod:`~snmptcp.security.usm`,
:mod:`~snmptcp.security.authority`, :mod:`~snmptcp.security.remote`), and clocks.
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

#: The SnmpSecurityModel of USM (RFC 3411 section 5).
SECURITY_MODEL = 3

_LEVEL_BITS = MsgFlags.AUTH | MsgFlags.PRIV
_VERSION = ber.encode_integer(SnmpVersion.V3)
_MODEL = ber.encode_integer(SECURITY_MODEL)
_LEVELS = {int(level): level for level in SecurityLevel}

#: How many encoded message heads are cached; those of one engine change once a second.
_CACHE_SIZE = 1024

_from_bytes = int.from_bytes
_new_tuple = tuple.__new__


# ------------------------------------------------------------------------------------- parameters


class UsmParameters(NamedTuple):
    """UsmSecurityParameters (RFC 3414 section 2.4), and the offset of the digest in the message."""

    engine_id: bytes
    boots: int
    time: int
    user: bytes
    auth_parameters: bytes = b""
    priv_parameters: bytes = b""
    auth_start: int = 0


def read_usm_parameters(data: bytes, start: int, stop: int) -> UsmParameters:
    """Return the security parameters of a message (RFC 3414 section 3.2 step 1).

    Raises:
        DecodeError: they are malformed.
    """
    if 16 <= stop - start < 0x82:
        try:
            # Fast path: every length takes one octet.  If the last field ends at the expected offset, no length was
            # longer.  A missing octet is left to the strict path, which raises the right error.
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
    """Return a whole message, encrypted and authenticated as its flags say (RFC 3414 section 3.1, steps 2 to 9).

    Args:
        header: msgID, msgMaxSize and msgFlags.
        parameters: engine ID, boots, time and user; digest and salt are made here.
        scoped_pdu: the ScopedPDU with its header.
        keys: the user's keys for the authoritative engine.

    Raises:
        ConfigurationError: a key is missing for what the flags ask for.
    """
    # Steps 2 and 3: the user has the keys that the level needs.
    if (header.flags & MsgFlags.PRIV and keys.privacy is None) or (
        header.flags & MsgFlags.AUTH and keys.authenticator is None
    ):
        raise ConfigurationError(f"the user has no keys for a message with msgFlags {int(header.flags)}")
    # Step 4: encrypt.
    salt = b""
    if header.flags & MsgFlags.PRIV and keys.privacy is not None:
        encrypted, salt = keys.privacy.encrypt(scoped_pdu, parameters.boots, parameters.time)
        scoped_pdu = ber.tlv(ber.OCTET_STRING, encrypted)
    authenticator = keys.authenticator if header.flags & MsgFlags.AUTH else None
    mac_size = 0 if authenticator is None else authenticator.mac_size
    # Steps 5 to 7: engine ID, boots, time and user name.
    engine_id, boots, time, user, *_ = parameters
    msg_id = ber.encode_integer(header.msg_id)
    sizes = (len(msg_id), mac_size, len(salt), len(scoped_pdu))
    head, middle = _around_msg_id(engine_id, boots, time, user, header.msg_max_size, header.flags, sizes)
    message = b"".join((head, msg_id, middle, salt, scoped_pdu))
    if authenticator is None:
        return message
    # Step 8: authenticate.  The digest covers the message with zeros in the digest's place, and replaces them.
    stop = len(message) - len(scoped_pdu) - len(salt) - 2
    return message[: stop - mac_size] + authenticator.digest(message) + message[stop:]


@functools.lru_cache(maxsize=_CACHE_SIZE)
def _around_msg_id(  # noqa: PLR0917 - all that these octets depend on
    engine_id: bytes,
    boots: int,
    time: int,
    user: bytes,
    max_size: int,
    flags: int,
    sizes: tuple[int, int, int, int],
) -> tuple[bytes, bytes]:
    """Return the octets before the msgID, and those between msgID and salt, with zeros for the digest.

    They depend on values that change once a second at most, and on the sizes of msgID, digest, salt and msgData; so
    they are cached.  They contain no secret.
    """
    id_size, mac_size, salt_size, data_size = sizes
    after_id = ber.encode_integer(max_size) + bytes((4, 1, flags)) + _MODEL
    security = _security_parameters(engine_id, boots, time, user, mac_size, salt_size)
    global_head = bytes((ber.SEQUENCE,)) + ber.encode_length(id_size + len(after_id))
    body = len(_VERSION) + len(global_head) + id_size + len(after_id) + len(security) + salt_size + data_size
    return bytes((ber.SEQUENCE,)) + ber.encode_length(body) + _VERSION + global_head, after_id + security


def _security_parameters(engine_id: bytes, boots: int, time: int, user: bytes, mac_size: int, salt_size: int) -> bytes:  # noqa: PLR0917 - in the order on the wire
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
    """Check the digest of a message (RFC 3414 section 3.2 step 6, sections 6.3.2 and 7.3.2).

    Raises:
        WrongDigest: it has another length than the protocol's, or another value.
    """
    found = parameters.auth_parameters
    if len(found) != authenticator.mac_size:
        raise WrongDigest(f"a digest of {len(found)} octets, not {authenticator.mac_size}")
    start = parameters.auth_start
    zeroed = message[:start] + bytes(len(found)) + message[start + len(found) :]
    if not hmac.compare_digest(authenticator.digest(zeroed), found):
        raise WrongDigest("the digest does not match the user's authentication key")


class PlainPdu(NamedTuple):
    """A decrypted ScopedPDU: its context, and the offsets of the PDU in ``data``."""

    context_engine_id: bytes
    context_name: bytes
    data: bytes
    start: int
    stop: int


def open_scoped_pdu(message: bytes, header: V3Header, parameters: UsmParameters, privacy: Privacy | None) -> PlainPdu:
    """Return the ScopedPDU of a message, decrypted if its flags say so (RFC 3414 section 3.2 step 8).

    Args:
        message: the message; its digest has been checked.
        header: its header.
        parameters: its security parameters.
        privacy: the user's privacy key for the authoritative engine.

    Raises:
        DecryptionFailed: it cannot be decrypted, or the result is no ScopedPDU.
        DecodeError: the message is malformed.
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
        raise DecryptionFailed("the message is encrypted, but the user has no privacy key")
    salt = parameters.priv_parameters
    plain = privacy.decrypt(message[start:stop], parameters.boots, parameters.time, salt)
    try:
        engine_id, name, start, stop = read_scoped_pdu(plain, 0, len(plain))
    except DecodeError as error:
        raise DecryptionFailed("the decrypted octets are no ScopedPDU: check the privacy password") from error
    return _new_tuple(PlainPdu, (engine_id, name, plain, start, stop))


def level_of(flags: int) -> SecurityLevel | None:
    """Return the security level in msgFlags; ``None`` for privacy without authentication (RFC 3412 7.2 step 5d)."""
    return _LEVELS.get(flags & _LEVEL_BITS)
