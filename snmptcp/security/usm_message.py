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
from snmptcp.credentials import SecurityLevel
from snmptcp.errors import DecodeError, DecryptionFailed, WrongDigest
from snmptcp.security.usm_envelope import SECURITY_MODEL, Envelope

if TYPE_CHECKING:
    from snmptcp.security.privacy import Privacy
    from snmptcp.security.usm_keys import Authenticator, UserKeys

__all__ = (
    "SECURITY_MODEL",
    "MessageHeader",
    "PlainPdu",
    "UsmParameters",
    "check_digest",
    "decrypt_pdu",
    "encode_usm_message",
    "level_of",
    "open_scoped_pdu",
    "read_opened_pdu",
    "read_usm_parameters",
    "verify_digest",
)

_LEVEL_BITS = MsgFlags.AUTH | MsgFlags.PRIV
_LEVELS = {int(level): level for level in SecurityLevel}

#: How many envelopes are cached; those of one engine change once a second.
_CACHE_SIZE = 512

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
    authenticator = keys.authenticator
    mac_size = authenticator.mac_size if header.flags & MsgFlags.AUTH and authenticator is not None else 0
    msg_id = ber.encode_integer(header.msg_id)[2:]
    engine_id, boots, time, user, *_ = parameters
    envelope = _envelope(engine_id, boots, time, user, header.msg_max_size, header.flags, mac_size, len(msg_id))
    return envelope.seal(msg_id, scoped_pdu, keys)


_envelope = functools.lru_cache(maxsize=_CACHE_SIZE)(Envelope)


def verify_digest(message: bytes, parameters: UsmParameters, authenticator: Authenticator) -> None:
    """Check the digest of a message (RFC 3414 section 3.2 step 6, sections 6.3.2 and 7.3.2).

    Raises:
        WrongDigest: it has another length than the protocol's, or another value.
    """
    check_digest(message, parameters.auth_start, parameters.auth_parameters, authenticator)


def check_digest(message: bytes, start: int, found: bytes, authenticator: Authenticator) -> None:
    """Check a digest that was found in a message, as :func:`verify_digest`.

    Args:
        message: the message.
        start: where the digest begins.
        found: the digest.
        authenticator: the user's authentication key.
    """
    if len(found) != authenticator.mac_size:
        raise WrongDigest(f"a digest of {len(found)} octets, not {authenticator.mac_size}")
    zeroed = b"".join((message[:start], authenticator.no_digest, message[start + len(found) :]))
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
    data, start, end = message, header.security_stop, header.end
    encrypted = bool(header.msg_flags & MsgFlags.PRIV)
    if encrypted:
        salt = parameters.priv_parameters
        data = decrypt_pdu(message, start, end, privacy, parameters.boots, parameters.time, salt)
        start, end = 0, len(data)
    engine_id, name, start, stop = read_opened_pdu(data, start, end, encrypted=encrypted)
    return _new_tuple(PlainPdu, (engine_id, name, data, start, stop))


def decrypt_pdu(  # noqa: PLR0917 - what a cipher needs
    message: bytes, offset: int, end: int, privacy: Privacy | None, boots: int, time: int, salt: bytes
) -> bytes:
    """Return the octets of an encryptedPDU, decrypted; a block cipher's padding may follow the ScopedPDU.

    Args:
        message: the message.
        offset: where its msgData begins.
        end: where it ends.
        privacy: the user's privacy key for the authoritative engine.
        boots: that engine's boots, as in the message.
        time: its time, as in the message.
        salt: the msgPrivacyParameters.

    Raises:
        DecryptionFailed: it cannot be decrypted.
        DecodeError: it is malformed.
    """
    start = _read_encrypted_pdu(message, offset, end)
    if privacy is None:
        raise DecryptionFailed("the message is encrypted, but the user has no privacy key")
    return privacy.decrypt(message[start:end], boots, time, salt)


def read_opened_pdu(data: bytes, offset: int, end: int, *, encrypted: bool) -> tuple[bytes, bytes, int, int]:
    """Return context and PDU, as :func:`~snmptcp.codec.message.read_scoped_pdu`, of octets that need no decryption now.

    Args:
        data: the octets: of a message, or those that were decrypted.
        offset: where the ScopedPDU begins.
        end: where they end.
        encrypted: whether they were encrypted.

    Raises:
        DecryptionFailed: they were, and are no ScopedPDU.
        DecodeError: they were not, and are no ScopedPDU, or more than one.
    """
    try:
        engine_id, name, start, stop = read_scoped_pdu(data, offset, end)
    except DecodeError as error:
        if not encrypted:
            raise
        raise DecryptionFailed("the decrypted octets are no ScopedPDU: check the privacy password") from error
    if stop != end and not encrypted:
        raise DecodeError("octets follow msgData", stop, data)
    return engine_id, name, start, stop


def _read_encrypted_pdu(message: bytes, offset: int, end: int) -> int:
    """Return where the octets of the encryptedPDU begin, which end with the message."""
    if offset + 4 <= end and message[offset] == ber.OCTET_STRING:
        # Fast path: a length in one to three octets.
        length = message[offset + 1]
        if length < 0x80:
            start = offset + 2
        elif length == 0x81:
            start, length = offset + 3, message[offset + 2]
        else:
            start, length = offset + 4, message[offset + 2] << 8 | message[offset + 3] if length == 0x82 else -1
        if start + length == end:
            return start
    start, stop = ber.read_tagged(message, offset, end, ber.OCTET_STRING, "encryptedPDU")
    if stop != end:
        raise DecodeError("octets follow msgData", stop, message)
    return start


def level_of(flags: int) -> SecurityLevel | None:
    """Return the security level in msgFlags; ``None`` for privacy without authentication (RFC 3412 7.2 step 5d)."""
    return _LEVELS.get(flags & _LEVEL_BITS)
