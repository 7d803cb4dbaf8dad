"""Ciphers: compared with a plain use of the same primitives; salts never repeat; invalid input is refused.

Sources: RFC 3414 section 8.1.1 (DES), RFC 3826 section 3.1 (AES), the Reeder draft section 5 (3DES).
"""

from __future__ import annotations

import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.credentials import PrivProtocol
from snmptcp.errors import DecryptionFailed
from snmptcp.security.privacy import Privacy, make_privacy

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:  # before it was moved
    from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES

KEY = bytes(range(1, 65))
DES_KINDS = [PrivProtocol.DES, PrivProtocol.DES3]
AES_KINDS = [kind for kind in PrivProtocol if kind not in DES_KINDS]

kinds = pytest.mark.parametrize("kind", PrivProtocol, ids=str)


def cipher(kind: PrivProtocol, key: bytes = KEY) -> Privacy:
    return make_privacy(kind, key[: kind.key_size])


# ------------------------------------------------------------------------------------- both ways


@kinds
@settings(max_examples=30)
@given(
    data=st.binary(max_size=200),
    boots=st.integers(0, 0x7FFFFFFF),
    time=st.integers(0, 0x7FFFFFFF),
    key=st.binary(min_size=32, max_size=32),
)
def test_what_was_encrypted_is_decrypted(kind: PrivProtocol, data: bytes, boots: int, time: int, key: bytes) -> None:
    encrypted, salt = cipher(kind, key).encrypt(data, boots, time)
    if not encrypted:  # a block cipher makes nothing of nothing; no ScopedPDU is that short
        return

    plain = cipher(kind, key).decrypt(encrypted, boots, time, salt)

    assert len(salt) == 8
    assert plain[: len(data)] == data
    padding = -len(data) % 8 if kind in DES_KINDS else 0
    assert len(encrypted) == len(plain) == len(data) + padding


@pytest.mark.parametrize("kind", AES_KINDS, ids=str)
def test_aes_takes_boots_time_and_salt_for_its_initial_vector(kind: PrivProtocol) -> None:
    # CFB128 by hand: each block is xored with the encrypted block before it.
    encrypted, salt = cipher(kind).encrypt(b"thirty-three octets of plain text", 0x01020304, 0x05060708)
    ecb = Cipher(algorithms.AES(KEY[: kind.key_size]), modes.ECB()).encryptor()
    previous = struct.pack(">II", 0x01020304, 0x05060708) + salt
    plain = b""
    for start in range(0, len(encrypted), 16):
        block = encrypted[start : start + 16]
        plain += bytes(one ^ other for one, other in zip(block, ecb.update(previous), strict=False))
        previous = block

    assert plain == b"thirty-three octets of plain text"


@pytest.mark.parametrize("kind", DES_KINDS, ids=str)
def test_des_xors_the_salt_with_the_last_eight_octets_of_its_key(kind: PrivProtocol) -> None:
    # CBC by hand, on single blocks.
    encrypted, salt = cipher(kind).encrypt(b"eleven octs", 7, 9)
    key, pre_iv = KEY[: kind.key_size - 8], KEY[kind.key_size - 8 : kind.key_size]
    previous = bytes(one ^ other for one, other in zip(pre_iv, salt, strict=True))
    plain = b""
    for start in range(0, len(encrypted), 8):
        block = encrypted[start : start + 8]
        opened = Cipher(TripleDES(key if len(key) == 24 else key * 3), modes.CBC(previous)).decryptor().update(block)
        plain += opened
        previous = block

    assert plain[:11] == b"eleven octs"
    assert len(plain) == 16
    assert salt[:4] == struct.pack(">I", 7)


def test_des_is_the_single_des_of_its_published_test() -> None:
    # FIPS 81's example: "Now is the time for all " under this key and initial vector in CBC.
    key, vector = bytes.fromhex("0123456789abcdef"), bytes.fromhex("1234567890abcdef")
    expected = bytes.fromhex("e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6")

    privacy = make_privacy(PrivProtocol.DES, key + vector)

    assert privacy.decrypt(expected, 0, 0, bytes(8)) == b"Now is the time for all "


def test_aes_is_the_cfb128_of_its_published_test() -> None:
    # NIST SP 800-38A, F.3.13: the initial vector is 00 01 .. 0f, so boots, time and salt are its parts.
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    expected = bytes.fromhex("3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b")

    plain = make_privacy(PrivProtocol.AES, key).decrypt(expected, 0x00010203, 0x04050607, bytes(range(8, 16)))

    assert plain.hex() == "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"


@pytest.mark.parametrize("kind", AES_KINDS, ids=str)
def test_aes_decrypts_with_the_boots_and_time_of_the_message(kind: PrivProtocol) -> None:
    encrypted, salt = cipher(kind).encrypt(b"sixteen octets!!", 3, 4)

    for boots, time in ((3, 5), (4, 4), (0, 0)):
        assert cipher(kind).decrypt(encrypted, boots, time, salt) != b"sixteen octets!!"
    assert cipher(kind).decrypt(encrypted, 3, 4, salt) == b"sixteen octets!!"


@kinds
def test_another_key_or_salt_gives_other_octets(kind: PrivProtocol) -> None:
    encrypted, salt = cipher(kind).encrypt(b"sixteen octets!!", 3, 4)
    other_key = cipher(kind, bytes(64 - number for number in range(64)))

    assert other_key.decrypt(encrypted, 3, 4, salt) != b"sixteen octets!!"
    assert cipher(kind).decrypt(encrypted, 3, 4, bytes(8)) != b"sixteen octets!!"


@kinds
def test_an_interrupt_between_two_steps_does_not_spoil_the_messages_behind_it(kind: PrivProtocol) -> None:
    # What the next message continues from is not what is remembered: as after ctrl-C, or beside another thread.
    privacy: Any = cipher(kind)
    privacy.encrypt(b"the message before", 3, 4)
    privacy._encrypt(bytes(32))
    privacy._decrypt(bytes(48))

    for data in (b"sixteen octets!!", b"thirty-two octets of plain text!"):
        encrypted, salt = privacy.encrypt(data, 3, 4)
        assert cipher(kind).decrypt(encrypted, 3, 4, salt) == data
        assert privacy.decrypt(encrypted, 3, 4, salt) == data


@kinds
def test_messages_of_any_length_and_order_are_those_of_a_cipher_made_anew(kind: PrivProtocol) -> None:
    privacy = cipher(kind)
    for length in (*range(1, 50), 1000, 1, 16, 15, 17):
        data = bytes(range(256)) * 4
        encrypted, salt = privacy.encrypt(data[:length], 0x7FFFFFFF, length)
        assert cipher(kind).decrypt(encrypted, 0x7FFFFFFF, length, salt)[:length] == data[:length]
        assert privacy.decrypt(encrypted, 0x7FFFFFFF, length, salt)[:length] == data[:length]


@kinds
def test_threads_that_share_a_cipher_encrypt_correctly(kind: PrivProtocol) -> None:
    privacy = cipher(kind)

    def encrypt(number: int) -> list[tuple[bytes, bytes, bytes]]:
        data = bytes((number,)) * 40
        return [(data, *privacy.encrypt(data, 3, 4)) for _ in range(300)]

    with ThreadPoolExecutor(4) as threads:
        made = [each for batch in threads.map(encrypt, range(4)) for each in batch]

    assert all(cipher(kind).decrypt(encrypted, 3, 4, salt)[:40] == data for data, encrypted, salt in made)
    assert len({salt for _, _, salt in made}) == 1200


# ---------------------------------------------------------------------------- what cannot be opened


@kinds
@pytest.mark.parametrize("length", [length for length in range(65) if length != 8])
def test_a_salt_of_another_length_is_refused(kind: PrivProtocol, length: int) -> None:
    encrypted, _ = cipher(kind).encrypt(b"sixteen octets!!", 3, 4)

    with pytest.raises(DecryptionFailed, match=f"privacy parameters of {length} octets, not 8"):
        cipher(kind).decrypt(encrypted, 3, 4, bytes(length))


@pytest.mark.parametrize("kind", DES_KINDS, ids=str)
@pytest.mark.parametrize("length", [0, 1, 7, 9, 15, 17, 1023])
def test_des_refuses_what_is_not_whole_blocks(kind: PrivProtocol, length: int) -> None:
    with pytest.raises(DecryptionFailed, match=f"{length} encrypted octets"):
        cipher(kind).decrypt(bytes(length), 3, 4, bytes(8))


@pytest.mark.parametrize("kind", AES_KINDS, ids=str)
@pytest.mark.parametrize("length", [0, 1, 7, 15, 16, 17])
def test_aes_takes_any_length(kind: PrivProtocol, length: int) -> None:
    assert len(cipher(kind).decrypt(bytes(length), 3, 4, bytes(8))) == length


# ------------------------------------------------------------------------------------------- salts


@kinds
def test_no_salt_comes_twice_in_a_hundred_thousand_messages(kind: PrivProtocol) -> None:
    privacy = cipher(kind)

    salts = {privacy.encrypt(b"", 1, 1)[1] for _ in range(100_000)}

    assert len(salts) == 100_000


@pytest.mark.parametrize("kind", [PrivProtocol.DES, PrivProtocol.AES], ids=str)
def test_two_ciphers_of_one_key_do_not_share_a_salt(kind: PrivProtocol) -> None:
    first, second = cipher(kind), cipher(kind)

    salts = [privacy.encrypt(b"", 1, 1)[1] for _ in range(1000) for privacy in (first, second)]

    assert len(set(salts)) == 2000


#: Forks twice and tells the salts of all three, one process a line.  In a process of its own, because a process
#: with threads, as a test run may be, must not fork.
FORKING = """
import os, sys
from snmptcp.credentials import PrivProtocol
from snmptcp.security.privacy import make_privacy
kind = PrivProtocol(sys.argv[1])
privacy = make_privacy(kind, bytes(range(kind.key_size)))
def tell():
    salts = [privacy.encrypt(b"", 1, 1)[1].hex() for _ in range(200)]
    os.write(1, (" ".join(salts) + chr(10)).encode())
for _ in range(2):
    child = os.fork()
    if child == 0:
        tell()
        os._exit(0)
    os.waitpid(child, 0)
tell()
"""


@pytest.mark.parametrize("kind", [PrivProtocol.DES, PrivProtocol.AES], ids=str)
def test_a_forked_process_does_not_repeat_the_salts_of_its_parent_or_sibling(kind: PrivProtocol) -> None:
    told = subprocess.run(
        [sys.executable, "-c", FORKING, str(kind)], check=True, capture_output=True, text=True, timeout=30
    ).stdout.splitlines()

    assert [len(line.split()) for line in told] == [200, 200, 200]
    assert len(set(" ".join(told).split())) == 600
