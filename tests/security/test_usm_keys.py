"""A user's keys: digests as published, and the same keys from each of their sources.

Sources: RFC 3414 sections 6.3 and 7.3, RFC 7860 section 4.  The vectors name their sources (tests/vectors/README.md).
"""

from __future__ import annotations

import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.credentials import AuthProtocol, PrivProtocol, UsmUser, parse_auth_protocol
from snmptcp.security.keys import localize_key, localize_priv_key, password_to_key
from snmptcp.security.usm_keys import Authenticator, localized_keys, user_authenticator, user_keys
from tests.support.vectors import load

VECTORS = load("usm/usm_vectors.json")
ENGINE_ID = bytes.fromhex("000000000000000000000002")


# ------------------------------------------------------------------------------------------ digests


@pytest.mark.parametrize("record", VECTORS["hmac_of_N_zero_octets"], ids=lambda record: str(record["auth"]))
def test_the_digest_of_zeros_is_the_published_one(record: dict[str, Any]) -> None:
    auth = parse_auth_protocol(record["auth"])
    keys = {parse_auth_protocol(row["auth"]): bytes.fromhex(row["Kul"]) for row in VECTORS["password_to_key"]}
    digest = Authenticator(auth, keys[auth]).digest(bytes.fromhex(record["message_hex"]))

    assert digest.hex() == record["mac"]
    assert auth.mac_size == record["N"]


@given(auth=st.sampled_from(AuthProtocol), key=st.binary(min_size=64, max_size=64), message=st.binary(max_size=300))
def test_a_digest_is_the_truncated_hmac_and_making_one_leaves_no_trace(
    auth: AuthProtocol, key: bytes, message: bytes
) -> None:
    authenticator = Authenticator(auth, key[: auth.key_size])
    expected = hmac.digest(key[: auth.key_size], message, auth.hash_name)[: auth.mac_size]

    assert authenticator.digest(message) == expected
    authenticator.digest(b"another one")
    assert authenticator.digest(message) == expected


# ----------------------------------------------------------------------------------- key sources


def digest_of(user: UsmUser) -> bytes:
    authenticator = user_keys(user, ENGINE_ID).authenticator
    assert authenticator is not None
    return authenticator.digest(b"message")


def decrypts_what(user: UsmUser, encrypted: tuple[bytes, bytes]) -> bytes:
    privacy = user_keys(user, ENGINE_ID).privacy
    assert privacy is not None
    return privacy.decrypt(encrypted[0], 1, 2, encrypted[1])


@pytest.mark.parametrize("auth", AuthProtocol, ids=str)
@pytest.mark.parametrize("priv", PrivProtocol, ids=str)
def test_password_master_key_and_localized_key_are_three_ways_to_the_same_keys(
    auth: AuthProtocol, priv: PrivProtocol
) -> None:
    auth_master, priv_master = password_to_key(auth, b"maplesyrup"), password_to_key(auth, b"mapletree")
    users = [
        UsmUser("u", auth, "maplesyrup", priv, "mapletree"),
        UsmUser("u", auth, priv_protocol=priv, auth_key=auth_master, priv_key=priv_master),
        UsmUser(
            "u",
            auth,
            priv_protocol=priv,
            auth_localized_key=localize_key(auth, auth_master, ENGINE_ID),
            priv_localized_key=localize_priv_key(auth, priv, priv_master, ENGINE_ID),
        ),
    ]
    privacy = user_keys(users[0], ENGINE_ID).privacy
    assert privacy is not None
    encrypted = privacy.encrypt(b"sixteen octets!!", 1, 2)

    assert len({digest_of(user) for user in users}) == 1
    assert {decrypts_what(user, encrypted) for user in users} == {b"sixteen octets!!"}


def test_a_localized_privacy_key_may_be_longer_than_needed() -> None:
    # As agents show it: the whole localized key, of which AES-128 takes sixteen octets.
    whole = localize_key(AuthProtocol.SHA_512, password_to_key(AuthProtocol.SHA_512, b"mapletree"), ENGINE_ID)
    by_password = UsmUser("u", "SHA-512", "maplesyrup", "AES", "mapletree")
    by_key = UsmUser("u", "SHA-512", "maplesyrup", "AES", priv_localized_key=whole)
    privacy = user_keys(by_password, ENGINE_ID).privacy
    assert privacy is not None

    assert decrypts_what(by_key, privacy.encrypt(b"plain", 1, 2)) == b"plain"


def test_a_user_has_the_keys_of_its_level_and_no_others() -> None:
    assert user_keys(UsmUser("u"), ENGINE_ID) == (None, None)
    authenticated = user_keys(UsmUser("u", "SHA", "maplesyrup"), ENGINE_ID)
    assert authenticated.authenticator is not None
    assert authenticated.privacy is None


def test_the_authentication_key_can_be_had_without_deriving_a_privacy_key() -> None:
    user = UsmUser("u", "SHA", "maplesyrup", "3DES", "a password of this test only")
    digest_of(UsmUser("u", "SHA", "maplesyrup"))
    before = password_to_key.cache_info().misses
    authenticator = user_authenticator(user, ENGINE_ID)

    assert authenticator is not None
    assert password_to_key.cache_info().misses == before
    assert authenticator.digest(b"message") == digest_of(user)
    assert user_authenticator(UsmUser("u"), ENGINE_ID) is None


def test_a_second_user_with_the_same_password_costs_no_second_derivation() -> None:
    first = UsmUser("one", "SHA-512", "a password of both", "AES-256", "another of both")
    user_keys(first, ENGINE_ID)
    before = password_to_key.cache_info().misses

    user_keys(UsmUser("two", "SHA-512", "a password of both", "AES-256", "another of both"), ENGINE_ID)
    user_keys(first, b"\x80\0\0\0\x01another engine")

    assert password_to_key.cache_info().misses == before


# ------------------------------------------------------------------------------------------ secrets


def test_neither_keys_nor_what_is_made_of_them_show_octets_of_a_key() -> None:
    user = UsmUser("shades", "SHA-256", "authpass123", "AES", "privpass123")
    octets = localized_keys(user, ENGINE_ID)
    assert repr(octets) == "LocalizedKeys(auth=***, priv=***)"
    assert repr(localized_keys(UsmUser("shades"), ENGINE_ID)) == "LocalizedKeys(auth=None, priv=None)"
    shown = repr(user_keys(user, ENGINE_ID)) + repr(user)
    for key in octets:
        assert key is not None
        assert repr(key)[2:-1] not in shown
        assert key.hex() not in shown
