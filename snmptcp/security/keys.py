"""USM key derivation: passwords to master keys to localized keys.

Contains: key derivation and its caches.
Does not contain: a user's choice of key sources (:mod:`snmptcp.security.usm_keys`).

Sources: RFC 3414 sections 2.6 and A.2 (MD5, SHA-1), RFC 7860 (SHA-2), and the two ways to extend a localized key
that is shorter than a privacy key: the Blumenthal draft (net-snmp's ``AES-192`` and ``AES-256``) and the Reeder draft
(Cisco's and others' ``AES-192-C`` and ``AES-256-C``, and 3DES).

Each result is cached under all that it depends on: a second manager or agent with the same user derives no key again.
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

#: How many derived keys of each kind are cached.
_CACHE_SIZE = 1024


@functools.lru_cache(maxsize=_CACHE_SIZE)
def password_to_key(protocol: AuthProtocol, password: bytes) -> bytes:
    """Return the master key of a password (RFC 3414 section A.2, RFC 7860 section 9.3).

    Raises:
        ConfigurationError: the password has fewer than eight octets.
    """
    if len(password) < MIN_PASSWORD_LENGTH:
        raise ConfigurationError(f"a password needs at least {MIN_PASSWORD_LENGTH} characters, not {len(password)}")
    repeated = password * (_EXPANDED_PASSWORD // len(password) + 1)
    return hashlib.new(protocol.hash_name, repeated[:_EXPANDED_PASSWORD], usedforsecurity=False).digest()


@functools.lru_cache(maxsize=_CACHE_SIZE)
def localize_key(protocol: AuthProtocol, key: bytes, engine_id: bytes) -> bytes:
    """Return a master key localized to an engine: the hash of key, engine ID, key (RFC 3414 section 2.6)."""
    return hashlib.new(protocol.hash_name, key + engine_id + key, usedforsecurity=False).digest()


@functools.lru_cache(maxsize=_CACHE_SIZE)
def localize_priv_key(auth: AuthProtocol, priv: PrivProtocol, key: bytes, engine_id: bytes) -> bytes:
    """Return the privacy key for an engine, from its master key.

    Args:
        auth: the authentication protocol; its hash derives privacy keys too.
        priv: the privacy protocol.
        key: the master key.
        engine_id: the authoritative engine.
    """
    localized = localize_key(auth, key, engine_id)
    return extend_key(auth, priv, localized, engine_id)


def extend_key(auth: AuthProtocol, priv: PrivProtocol, localized: bytes, engine_id: bytes) -> bytes:
    """Return a localized key, extended or truncated to the length that the privacy protocol needs."""
    while len(localized) < priv.key_size:
        if priv.extension == "blumenthal":
            # Each step appends the hash of the key so far.
            localized += hashlib.new(auth.hash_name, localized, usedforsecurity=False).digest()
        else:
            # Each step uses the last localized key as a password.
            last = localized[-auth.key_size :]
            # Not through password_to_key's cache: localize_priv_key caches the whole result.
            localized += localize_key(auth, password_to_key.__wrapped__(auth, last), engine_id)
    return localized[: priv.key_size]
