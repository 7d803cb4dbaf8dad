"""The keys of one USM user at one engine, ready for use: digests and ciphers.

Contains: which of a user's key sources yields which key, and making digests.
Does not contain: key derivation (:mod:`snmptcp.security.keys`), ciphers (:mod:`snmptcp.security.privacy`), messages
(:mod:`snmptcp.security.usm_message`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.security.keys import extend_key, localize_key, localize_priv_key, password_to_key

if TYPE_CHECKING:
    from snmptcp.credentials import AuthProtocol, UsmUser
    from snmptcp.security.privacy import Privacy

__all__ = ("Authenticator", "LocalizedKeys", "UserKeys", "localized_keys", "user_authenticator", "user_keys")

_IPAD = bytes(octet ^ 0x36 for octet in range(256))
_OPAD = bytes(octet ^ 0x5C for octet in range(256))


class Authenticator:
    """One localized authentication key: makes digests (RFC 2104, truncated as RFC 3414 and RFC 7860 say).

    Attributes:
        mac_size: the size of a digest, in octets.
        no_digest: so many zeros, which stand in its place while it is made.

    The two hash states that begin with the padded key are made once and copied for every message.

    Args:
        protocol: the authentication protocol.
        key: the localized key.
    """

    __slots__ = ("_inner", "_outer", "mac_size", "no_digest")

    def __init__(self, protocol: AuthProtocol, key: bytes) -> None:
        self.mac_size = protocol.mac_size
        self.no_digest = bytes(protocol.mac_size)
        inner = hashlib.new(protocol.hash_name, usedforsecurity=False)
        padded = key.ljust(inner.block_size, b"\0")
        inner.update(padded.translate(_IPAD))
        outer = hashlib.new(protocol.hash_name, usedforsecurity=False)
        outer.update(padded.translate(_OPAD))
        self._inner = inner
        self._outer = outer

    def digest(self, message: bytes) -> bytes:
        """Return the digest of a message whose digest field holds zeros."""
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()[: self.mac_size]


class LocalizedKeys(NamedTuple):
    """A user's keys for one engine, as octets; ``None`` for a key that the user does not have."""

    auth: bytes | None
    priv: bytes | None

    def __repr__(self) -> str:
        """Return which keys there are, without their octets: tools that log tracebacks show local variables."""
        auth, priv = (None if key is None else "***" for key in self)
        return f"LocalizedKeys(auth={auth}, priv={priv})"


class UserKeys(NamedTuple):
    """A user's keys for one engine; ``None`` for a key that the user does not have."""

    authenticator: Authenticator | None
    privacy: Privacy | None


def user_authenticator(user: UsmUser, engine_id: bytes) -> Authenticator | None:
    """Return the authentication key of a user for an engine; ``None`` if the user has none.

    This costs one or two hashes if the password's key is cached.  A privacy key can cost a password derivation for
    each engine (:func:`~snmptcp.security.keys.extend_key`), so it is derived only after a message was authenticated.
    """
    return Authenticator(user.auth_protocol, _auth_key(user, engine_id)) if user.auth.known else None


def _auth_key(user: UsmUser, engine_id: bytes) -> bytes:
    """Return the localized key of a user who has one."""
    protocol, given = user.auth_protocol, user.auth
    if given.localized_key is not None:
        return given.localized_key
    return localize_key(protocol, given.key or password_to_key(protocol, given.password or b""), engine_id)


def _priv_key(user: UsmUser, engine_id: bytes) -> bytes:
    """Return the localized key of a user who has one, in the length that the privacy protocol needs."""
    auth, priv, given = user.auth_protocol, user.priv_protocol, user.priv
    if given.localized_key is not None:
        return extend_key(auth, priv, given.localized_key, engine_id)
    return localize_priv_key(auth, priv, given.key or password_to_key(auth, given.password or b""), engine_id)


def localized_keys(user: UsmUser, engine_id: bytes) -> LocalizedKeys:
    """Return a user's keys for an engine, as octets: what a change of a key begins and ends with."""
    return LocalizedKeys(
        _auth_key(user, engine_id) if user.auth.known else None, _priv_key(user, engine_id) if user.priv.known else None
    )


def user_keys(user: UsmUser, engine_id: bytes) -> UserKeys:
    """Return the keys of a user for an engine; derived keys are cached (:mod:`snmptcp.security.keys`)."""
    authenticator = user_authenticator(user, engine_id)
    if authenticator is None or not user.priv.known:
        return UserKeys(authenticator, None)
    # A program without a privacy user does not load the ciphers.
    from snmptcp.security.privacy import make_privacy  # noqa: PLC0415

    return UserKeys(authenticator, make_privacy(user.priv_protocol, _priv_key(user, engine_id)))
