"""Changes of USM keys: the KeyChange values that carry a new key to an engine (RFC 3414 section 5).

A KeyChange value shows neither the old nor the new key: it has a random part, and the new key combined with hashes of
the old key and that part.  A reader who knows the old key can compute the new one from it.

Contains: making a KeyChange value, and what an engine does with one.
Does not contain: deriving and localizing keys (:mod:`snmptcp.security.keys`), the table of users
(:mod:`snmptcp.usm`), and random numbers: the random part is an argument.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from snmptcp.credentials import AuthProtocol

__all__ = ("apply_key_change", "key_change")


def key_change(protocol: AuthProtocol, old: bytes, new: bytes, random: bytes) -> bytes:
    """Return the KeyChange value that makes an engine replace a localized key.

    Args:
        protocol: the user's authentication protocol; its hash is used for privacy keys, too.
        old: the localized key that the engine has.
        new: the localized key that it shall have, of the same length.
        random: as many random octets as the key has.

    Raises:
        ConfigurationError: the three have different lengths.
    """
    if not len(old) == len(new) == len(random):
        raise ConfigurationError(
            f"the old key, the new key and the random part must have one length, not {len(old)}, {len(new)} and "
            f"{len(random)} octets"
        )
    return random + _combined(protocol, old, new, random)


def apply_key_change(protocol: AuthProtocol, old: bytes, change: bytes) -> bytes:
    """Return the new localized key that a KeyChange value carries, as an engine does.

    Args:
        protocol: the user's authentication protocol.
        old: the localized key that the engine has.
        change: the KeyChange value.

    Raises:
        ConfigurationError: the value is not twice as long as the key.
    """
    if len(change) != 2 * len(old):
        raise ConfigurationError(f"a KeyChange for this key has {2 * len(old)} octets, not {len(change)}")
    return _combined(protocol, old, change[len(old) :], change[: len(old)])


def _combined(protocol: AuthProtocol, old: bytes, octets: bytes, random: bytes) -> bytes:
    """Return octets combined with the hashes of a key and a random part; twice is the same as not at all."""
    stream = b""
    digest = old
    while len(stream) < len(octets):  # a privacy key can be longer than one digest
        digest = hashlib.new(protocol.hash_name, digest + random, usedforsecurity=False).digest()
        stream += digest
    return bytes(one ^ other for one, other in zip(octets, stream, strict=False))
