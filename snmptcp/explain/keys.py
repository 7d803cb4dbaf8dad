"""A packet in words, with the keys of its users at hand: digests checked, encrypted messages decrypted.

What may live here: what keys can tell of a message of SNMPv3.  What may not: the words for everything else,
which are :mod:`snmptcp.explain.packet`'s; that room knows no keys, and asks through one function.

It tells what stands in a packet, not whether a manager would take it: nothing is asked about time windows,
contexts and what was requested.
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

__all__ = ("explain",)


def explain(packet: bytes, *, users: Iterable[UsmUser] = (), show_secrets: bool = False) -> str:
    """Return a packet in words: one line per field, and where it broke and what was expected there.

    Any octets will do: broken, cut short, or no SNMP at all.  The text is for people and may change; its
    length is bounded, and nothing in it acts on a terminal.  Keys and passwords are never shown.

    Args:
        packet: one message, as :class:`snmptcp.codec.framer.Framer` gives it or a capture holds it.
        users: whose keys to try on messages of SNMPv3.  A message of one of them is decrypted, and its digest
            is checked; of several users with one name the first whose digest is right counts.
        show_secrets: whether communities are shown, instead of ``***``.

    Returns:
        Lines without a newline at the end: a summary; then the offset of each field, its octets in hex,
        its name, type and value; and lines that begin with ``!`` where something is wrong.
    """
    known = tuple(users)
    if not known:
        return packets.explain(packet, show_secrets=show_secrets)
    return packets.explain(packet, show_secrets=show_secrets, unseal=lambda message: _unseal(message, known))


def _unseal(message: bytes, users: tuple[UsmUser, ...]) -> packets.Unsealed | None:
    """Return what keys tell of a message; ``None`` where they have nothing to do with it."""
    try:
        version, offset, end = read_version(message)
        if version != SnmpVersion.V3:
            return None
        header = read_v3_header(message, offset, end)
        if header.security_model != SECURITY_MODEL:
            return None
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
    except DecodeError:
        return None  # what is wrong is told where the packet is read
    if not header.msg_flags & (MsgFlags.AUTH | MsgFlags.PRIV):
        return None
    verdicts = [_unseal_for(message, header, parameters, user) for user in users if user.name == parameters.user]
    if not verdicts:
        return packets.Unsealed(problem="no keys were given for this user")
    return next((verdict for verdict in verdicts if verdict.digest_right), verdicts[0])


def _unseal_for(message: bytes, header: V3Header, parameters: UsmParameters, user: UsmUser) -> packets.Unsealed:
    keys = user_keys(user, parameters.engine_id)
    right, digest = _check_digest(message, header, parameters, keys, user)
    if not header.msg_flags & MsgFlags.PRIV:
        return packets.Unsealed(right, digest)
    # A wrong digest is no reason to look away: one changed octet, or the wrong password of two.
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
    """Return whether the digest is the user's, and that in words."""
    if not header.msg_flags & MsgFlags.AUTH or keys.authenticator is None:
        return None, ""
    name = user.name.decode("ascii", "backslashreplace")
    try:
        verify_digest(message, parameters, keys.authenticator)
    except WrongDigest as error:
        return False, f"{error} ({name}, {user.auth_protocol})"
    return True, f"right for user {name} ({user.auth_protocol})"
