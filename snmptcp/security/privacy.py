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
from typing import TYPE_CHECKING, Any, Protocol

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

#: What completes the last block, by the octets in it.
_AES_PADDING = tuple([bytes(-size % _AES_BLOCK) for size in range(_AES_BLOCK)])

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


class _Chain:
    """A block cipher whose contexts live as long as its key: creating one costs more than encrypting most messages.

    In CFB and in CBC the last encrypted block acts as the initial vector for what follows.  So a message is decrypted
    behind its own initial vector, whatever was decrypted before.  And a message is encrypted behind a block that
    encrypts to its initial vector: decrypting that vector behind the block that was encrypted last gives this block.
    All messages are padded, so that the next one begins at a block boundary.

    Args:
        algorithm: the block cipher with its key.
        mode: CFB or CBC.
        block: the size of a block, in octets.
    """

    __slots__ = ("_block", "_decrypt", "_encrypt", "_last")

    def __init__(self, algorithm: Any, mode: type[Any], block: int) -> None:
        self._block = block
        self._last = bytes(block)
        self._encrypt = Cipher(algorithm, mode(self._last)).encryptor().update
        self._decrypt = Cipher(algorithm, mode(self._last)).decryptor().update

    def _encrypt_behind(self, vector: bytes, padded: bytes) -> bytes:
        """Return an initial vector and, encrypted with it, whole blocks."""
        encrypted = b""
        # A second pass is needed only if the block that was encrypted last is another one: because of an interrupt
        # between two steps, or of another thread.
        while not encrypted.startswith(vector):
            first = self._decrypt(self._last + vector)[self._block :]
            encrypted = self._encrypt(first + padded)
            self._last = encrypted[-self._block :]
        return encrypted


class _AesPrivacy(_Chain):
    """CFB128 with AES; the salt is sent, boots and time complete the initial vector (RFC 3826 section 3.1.2)."""

    __slots__ = ()

    def __init__(self, key: bytes) -> None:
        super().__init__(algorithms.AES(key), CFB, _AES_BLOCK)

    def encrypt(self, data: bytes, boots: int, time: int) -> tuple[bytes, bytes]:
        salt = _salts.next(64).to_bytes(_SALT_SIZE, "big")
        size = len(data)
        encrypted = self._encrypt_behind(_pack_numbers(boots, time) + salt, data + _AES_PADDING[size % _AES_BLOCK])
        return encrypted[_AES_BLOCK : _AES_BLOCK + size], salt

    def decrypt(self, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
        if len(salt) != _SALT_SIZE:
            raise DecryptionFailed(f"privacy parameters of {len(salt)} octets, not {_SALT_SIZE}")
        size = len(data)
        plain = self._decrypt(_pack_numbers(boots, time) + salt + data + _AES_PADDING[size % _AES_BLOCK])
        return plain[_AES_BLOCK : _AES_BLOCK + size]


class _DesPrivacy(_Chain):
    """CBC with DES or 3DES; the initial vector is part of the key, XORed with the salt (RFC 3414 section 8.1.1.1)."""

    __slots__ = ("_pre_iv",)

    def __init__(self, key: bytes, pre_iv: bytes) -> None:
        # DES equals 3DES with the same key three times.
        super().__init__(TripleDES(key * 3 if len(key) == 8 else key), modes.CBC, _DES_BLOCK)
        self._pre_iv = int.from_bytes(pre_iv, "big")

    def encrypt(self, data: bytes, boots: int, time: int) -> tuple[bytes, bytes]:  # noqa: ARG002 - AES uses it
        salt = (boots & 0xFFFFFFFF) << 32 | _salts.next(32)
        encrypted = self._encrypt_behind(self._iv(salt), data + bytes(-len(data) % _DES_BLOCK))
        return encrypted[_DES_BLOCK:], salt.to_bytes(_SALT_SIZE, "big")

    def decrypt(self, data: bytes, boots: int, time: int, salt: bytes) -> bytes:  # noqa: ARG002 - AES uses them
        if len(salt) != _SALT_SIZE:
            raise DecryptionFailed(f"privacy parameters of {len(salt)} octets, not {_SALT_SIZE}")
        if len(data) % _DES_BLOCK or not data:
            raise DecryptionFailed(f"{len(data)} encrypted octets are not a whole number of blocks")
        return self._decrypt(self._iv(int.from_bytes(salt, "big")) + data)[_DES_BLOCK:]

    def _iv(self, salt: int) -> bytes:
        return (self._pre_iv ^ salt).to_bytes(_DES_BLOCK, "big")


def make_privacy(protocol: PrivProtocol, key: bytes) -> Privacy:
    """Return the cipher for a protocol and its key material, which has the protocol's ``key_size``."""
    if protocol is PrivProtocol.DES:
        return _DesPrivacy(key[:8], key[8:16])
    if protocol is PrivProtocol.DES3:
        return _DesPrivacy(key[:24], key[24:32])
    return _AesPrivacy(key)
