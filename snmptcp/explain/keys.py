"""Explanations of SNMPv3 packets with the keys of their users: digests checked, PDUs decrypted.

Contains: what users' keys reveal about a message.  Does not contain: the explanation itself;
:mod:`snmptcp.explain.packet` knows no keys and calls this module through one function.

An explanation tells what a packet contains, not whether a manager would accept it: time windows, contexts
and outstanding requests are not checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.codec.message import MsgFlags, V3Header, read_v3_header, read_version
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import DecodeError, DecryptionFailed, WrongDigest
from snmptcp.explain import packet as packets
from snmptcp.security.usm_keys import UserKeys, user_keys
from snmptcp.security.usm_message import (
    SECURITY_MODEL,
    UsmParameters,
    open_scoped_pdu,
    read_usm_parameters,
    verify_digest,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snmptcp.credentials import UsmUser
    from snmptcp.mib.mib import Mib

__all__ = ("explain_with_keys", "outline_with_keys")


def explain_with_keys(
    packet: bytes, *, users: Iterable[UsmUser] = (), show_secrets: bool = False, mib: Mib | None = None
) -> str:
    """Explain a packet: one line per field, where it is malformed, and what was expected there.

    Accepts any octets: malformed, truncated, or not SNMP.  Never raises.  The text is for people and may
    change.  Its length is bounded, newlines are its only control characters, and it never shows keys or passwords.

    Args:
        packet: one message, as :class:`snmptcp.codec.framer.Framer` returns it or a capture contains it.
        users: users whose keys to try on SNMPv3 messages.  A message of one of them is decrypted and its
            digest is checked.  Of several users with the same name, the first with the right digest is used.
        show_secrets: show communities; by default they are ``***``.
        mib: the names of OIDs and the definitions of values; optional.

    Returns:
        Lines without a final newline: a summary; then the offset of each field, its octets in hex, its name,
        type and value; lines that begin with ``!`` report problems.
    """
    return packets.explain_message(packet, show_secrets=show_secrets, unseal=_unseal_with(users), mib=mib)


def outline_with_keys(
    packet: bytes, *, users: Iterable[UsmUser] = (), show_secrets: bool = False, mib: Mib | None = None
) -> tuple[str, ...]:
    """Return what a packet says, in a few lines without offsets and octets.

    Accepts any octets, and never raises.

    Args:
        packet: as for :func:`explain_with_keys`, like the next three.
        users: users whose keys to try.
        show_secrets: show communities.
        mib: the names of OIDs and the definitions of values.

    Returns:
        The summary, with the request-id and what else says what a request asks; then each variable binding, and the
        problems, which begin with ``!``.
    """
    return packets.outline_message(packet, show_secrets=show_secrets, unseal=_unseal_with(users), mib=mib)


def _unseal_with(users: Iterable[UsmUser]) -> packets.Unseal | None:
    """Return what checks and decrypts messages of these users; ``None`` without users."""
    known = tuple(users)
    return (lambda message: _unseal(message, known)) if known else None


def _unseal(message: bytes, users: tuple[UsmUser, ...]) -> packets.Unsealed | None:
    """Check and decrypt a message with the users' keys; ``None`` if it needs no keys or is malformed."""
    try:
        version, offset, end = read_version(message)
        if version != SnmpVersion.V3:
            return None
        header = read_v3_header(message, offset, end)
        if header.security_model != SECURITY_MODEL:
            return None
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
    except DecodeError:
        return None  # explain_message reports the problem
    if not header.msg_flags & (MsgFlags.AUTH | MsgFlags.PRIV):
        return None
    verdicts = [_unseal_for(message, header, parameters, user) for user in users if user.name == parameters.user]
    if not verdicts:
        return packets.Unsealed(problem="no keys were given for the user of this message")
    return next((verdict for verdict in verdicts if verdict.digest_right), verdicts[0])


def _unseal_for(message: bytes, header: V3Header, parameters: UsmParameters, user: UsmUser) -> packets.Unsealed:
    keys = user_keys(user, parameters.engine_id)
    right, digest = _check_digest(message, header, parameters, keys, user)
    if not header.msg_flags & MsgFlags.PRIV:
        return packets.Unsealed(right, digest)
    # Decrypt in spite of a wrong digest: maybe one octet changed, or only one of two passwords is wrong.
    try:
        plain = open_scoped_pdu(message, header, parameters, keys.privacy)
    except DecryptionFailed as error:
        return packets.Unsealed(right, digest, problem=str(error))
    except DecodeError:
        return packets.Unsealed(right, digest)
    return packets.Unsealed(right, digest, plain.data)


def _check_digest(
    message: bytes, header: V3Header, parameters: UsmParameters, keys: UserKeys, user: UsmUser
) -> tuple[bool | None, str]:
    """Return whether the digest is the user's (``None`` if there is nothing to check), and the text that says so."""
    if not header.msg_flags & MsgFlags.AUTH or keys.authenticator is None:
        return None, ""
    name = user.name.decode("ascii", "backslashreplace")
    try:
        verify_digest(message, parameters, keys.authenticator)
    except WrongDigest as error:
        return False, f"{error} ({name}, {user.auth_protocol})"
    return True, f"right for user {name} ({user.auth_protocol})"
