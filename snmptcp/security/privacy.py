"""The privacy protocols: encrypting and decrypting octets, with salts that never repeat.

Contains: ciphers, initial vectors, salts.
Does not contain: messages and key derivation.

Sources: RFC 3414 section 8 (CBC-DES), RFC 3826 (CFB128-AES-128), the Reeder draft (3DES-EDE); AES-192 and AES-256
work as RFC 3826 says, with longer keys.
"""

from __future__ import annotations

import itertools
import os
import secrets
import struct
from typing import TYPE_CHECKING, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from snmptcp.credentials import PrivProtocol
from snmptcp.errors import DecryptionFailed

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
except ImportError:  # older versions of cryptography
    from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES
    from cryptography.hazmat.primitives.ciphers.modes import CFB

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Privacy", "make_privacy")

_SALT_SIZE = 8
_AES_BLOCK = 16
_DES_BLOCK = 8

_from_bytes = int.from_bytes
_pack_numbers = struct.Struct(">II").pack


class Privacy(Protocol):
    """One privacy key: encrypts and decrypts ScopedPDUs."""

    def encrypt(self, data: bytes, boots: int, time: int) -> tuple[bytes, bytes]:
        """Return the encrypted octets and the salt (msgPrivacyParameters)."""

    def decrypt(self, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """Return the decrypted octets; a block cipher's padding may follow the data.

        Raises:
            DecryptionFailed: the salt or the encrypted octets have an impossible length.
        """


class _Salts:
    """64-bit numbers that do not repeat within a process: they count up from a random start.

    After ``fork`` the child takes another start, so that it does not repeat its parent's salts.
    """

    def __init__(self) -> None:
        self._start()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._start)

    def _start(self) -> None:
        self._numbers: Iterator[int] = itertools.count(secrets.randbits(64))

    def next(self, bits: int) -> int:
        return next(self._numbers) & ((1 << bits) - 1)


_salts = _Salts()


class _AesPrivacy:
    """CFB128 with AES; the salt is sent, boots and time complete the initial vector (RFC 3826 section 3.1.2).

    Creating a cipher context costs more than encrypting most messages, so one context for each direction lives as
    long as the key.  In CFB the last encrypted block acts as the initial vector for what follows.  Therefore each
    message is preceded by one block that encrypts to its initial vector, and padded so that the next message begins
    at a block boundary.
    """

    __slots__ = ("_decrypt", "_encrypt", "_encrypt_block", "_last_block")

    def __init__(self, key: bytes) -> None:
        algorithm = algorithms.AES(key)
        self._last_block = bytes(_AES_BLOCK)
        self._encrypt = Cipher(algorithm, CFB(self._last_block)).encryptor().update
        self._decrypt = Cipher(algorithm, CFB(self._last_block)).decryptor().update
        self._encrypt_block = Cipher(algorithm, modes.ECB()).encryptor().update  # noqa: S305 - one block at a time

    def encrypt(self, data: bytes, boots: int, time: int) -> tuple[bytes, bytes]:
        salt = _salts.next(64).to_bytes(_SALT_SIZE, "big")
        vector = _pack_numbers(boots, time) + salt
        encrypted = b""
        # A second pass is needed only if the context was left mid-message, for example by KeyboardInterrupt.
        while not encrypted.startswith(vector):
            first = _from_bytes(self._encrypt_block(self._last_block), "big") ^ _from_bytes(vector, "big")
            padding = bytes(-len(data) % _AES_BLOCK)
            encrypted = self._encrypt(first.to_bytes(_AES_BLOCK, "big") + data + padding)
            self._last_block = encrypted[-_AES_BLOCK:]
        return encrypted[_AES_BLOCK : _AES_BLOCK + len(data)], salt

    def decrypt(self, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
        if len(salt) != _SALT_SIZE:
            raise DecryptionFailed(f"privacy parameters of {len(salt)} octets, not {_SALT_SIZE}")
        padding = bytes(-len(data) % _AES_BLOCK)
        plain = self._decrypt(_pack_numbers(boots, time) + salt + data + padding)
        return plain[_AES_BLOCK : _AES_BLOCK + len(data)]


class _DesPrivacy:
    """CBC with DES or 3DES; the initial vector is part of the key, XORed with the salt (RFC 3414 section 8.1.1.1)."""

    __slots__ = ("_algorithm", "_decrypt", "_pre_iv")

    def __init__(self, key: bytes, pre_iv: bytes) -> None:
        # DES equals 3DES with the same key three times.
        self._algorithm = TripleDES(key * 3 if len(key) == 8 else key)
        self._pre_iv = int.from_bytes(pre_iv, "big")
        # In CBC, as in CFB, the last encrypted block acts as the initial vector for what follows.
        self._decrypt = Cipher(self._algorithm, modes.CBC(bytes(_DES_BLOCK))).decryptor().update

    def encrypt(self, data: bytes, boots: int, time: int) -> tuple[bytes, bytes]:  # noqa: ARG002 - AES uses it
        salt = (boots & 0xFFFFFFFF) << 32 | _salts.next(32)
        encryptor = Cipher(self._algorithm, modes.CBC(self._iv(salt))).encryptor()
        padded = data + bytes(-len(data) % 8)
        return encryptor.update(padded) + encryptor.finalize(), salt.to_bytes(_SALT_SIZE, "big")

    def decrypt(self, data: bytes, boots: int, time: int, salt: bytes) -> bytes:  # noqa: ARG002 - AES uses them
        if len(salt) != _SALT_SIZE:
            raise DecryptionFailed(f"privacy parameters of {len(salt)} octets, not {_SALT_SIZE}")
        if len(data) % 8 or not data:
            raise DecryptionFailed(f"{len(data)} encrypted octets are not a whole number of blocks")
        return self._decrypt(self._iv(int.from_bytes(salt, "big")) + data)[_DES_BLOCK:]

    def _iv(self, salt: int) -> bytes:
        return (self._pre_iv ^ salt).to_bytes(8, "big")


def make_privacy(protocol: PrivProtocol, key: bytes) -> Privacy:
    """Return the cipher for a protocol and its key material, which has the protocol's ``key_size``."""
    if protocol is PrivProtocol.DES:
        return _DesPrivacy(key[:8], key[8:16])
    if protocol is PrivProtocol.DES3:
        return _DesPrivacy(key[:24], key[24:32])
    return _AesPrivacy(key)
