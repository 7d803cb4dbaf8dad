"""USM keys: from passwords to master keys to localized keys.

What may live here: key derivation and its caches.  What may not: messages.

The law: RFC 3414 sections 2.6 and A.2 (MD5, SHA-1), RFC 7860 (SHA-2), and the two ways of making a longer
privacy key out of a localized key that is too short: the Blumenthal draft (used by net-snmp for ``AES-192``
and ``AES-256``) and the Reeder draft (used by Cisco and others, ``AES-192-C`` and ``AES-256-C``, and for 3DES).

Everything derived is cached by everything it depends on, so that a second manager or agent with the same
user costs no second derivation.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

from snmptcp.credentials import MIN_PASSWORD_LENGTH
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from snmptcp.credentials import AuthProtocol, PrivProtocol

__all__ = ("extend_key", "localize_key", "localize_priv_key", "password_to_key")

#: RFC 3414 section A.2: the password is repeated to this many octets before it is hashed.
_EXPANDED_PASSWORD = 1_048_576

#: How many derived keys of each kind are kept.
_CACHE_SIZE = 1024


@functools.lru_cache(maxsize=_CACHE_SIZE)
def password_to_key(protocol: AuthProtocol, password: bytes) -> bytes:
    """Return the master key of a password (RFC 3414 section A.2, RFC 7860 section 9.3).

    Raises:
        ConfigurationError: a password of fewer than eight octets.
    """
    if len(password) < MIN_PASSWORD_LENGTH:
        raise ConfigurationError(f"a password has at least {MIN_PASSWORD_LENGTH} characters, not {len(password)}")
    repeated = password * (_EXPANDED_PASSWORD // len(password) + 1)
    return hashlib.new(protocol.hash_name, repeated[:_EXPANDED_PASSWORD], usedforsecurity=False).digest()


@functools.lru_cache(maxsize=_CACHE_SIZE)
def localize_key(protocol: AuthProtocol, key: bytes, engine_id: bytes) -> bytes:
    """Return a master key made for one engine: the hash of key, engine ID, key (RFC 3414 section 2.6)."""
    return hashlib.new(protocol.hash_name, key + engine_id + key, usedforsecurity=False).digest()


@functools.lru_cache(maxsize=_CACHE_SIZE)
def localize_priv_key(auth: AuthProtocol, priv: PrivProtocol, key: bytes, engine_id: bytes) -> bytes:
    """Return the key material of a privacy protocol for one engine, from its master key.

    Args:
        auth: the authentication protocol; its hash makes privacy keys too.
        priv: the privacy protocol.
        key: the master key.
        engine_id: the authoritative engine.
    """
    localized = localize_key(auth, key, engine_id)
    return extend_key(auth, priv, localized, engine_id)


def extend_key(auth: AuthProtocol, priv: PrivProtocol, localized: bytes, engine_id: bytes) -> bytes:
    """Return a localized key with as many octets as the privacy protocol needs."""
    while len(localized) < priv.key_size:
        if priv.extension == "blumenthal":
            # Each step appends the hash of all that is there.
            localized += hashlib.new(auth.hash_name, localized, usedforsecurity=False).digest()
        else:
            # Each step takes the last localized key for a password.
            last = localized[-auth.key_size :]
            localized += localize_key(
                auth, password_to_key.__wrapped__(auth, last), engine_id
            )  # its result is cached whole
    return localized[: priv.key_size]
