"""Key derivation: published examples, and caches that cannot confuse two users.

Sources: RFC 3414 sections 2.6 and A.2, RFC 7860 section 9; the Blumenthal and Reeder drafts for longer keys.
The vectors name their sources (tests/vectors/README.md).
"""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.credentials import AuthProtocol, PrivProtocol, parse_auth_protocol
from snmptcp.errors import ConfigurationError
from snmptcp.security.keys import extend_key, localize_key, localize_priv_key, password_to_key
from tests.support.vectors import load

VECTORS = load("usm/usm_vectors.json")
ENGINE_ID = bytes.fromhex("000000000000000000000002")
EXTENDED = [PrivProtocol.AES_192, PrivProtocol.AES_256, PrivProtocol.AES_192_C, PrivProtocol.AES_256_C]


def auth_of(record: dict[str, Any]) -> AuthProtocol:
    return parse_auth_protocol(record["auth"])


def ident(record: dict[str, Any]) -> str:
    return " ".join(str(record[name]) for name in ("auth", "scheme", "length", "password", "N") if name in record)


# ------------------------------------------------------------------------------------------ vectors


@pytest.mark.parametrize("record", VECTORS["password_to_key"], ids=ident)
def test_a_password_makes_the_published_master_and_localized_key(record: dict[str, Any]) -> None:
    auth = auth_of(record)

    master = password_to_key(auth, record["password"].encode())

    assert master.hex() == record["Ku"]
    assert localize_key(auth, master, bytes.fromhex(record["engineID"])).hex() == record["Kul"]
    assert len(master) == auth.key_size


def test_every_authentication_protocol_has_a_vector() -> None:
    assert {auth_of(record) for record in VECTORS["password_to_key"]} == set(AuthProtocol)
    assert {auth_of(record) for record in VECTORS["hmac_of_N_zero_octets"]} == set(AuthProtocol)


@pytest.mark.parametrize("record", VECTORS["key_change"][:2], ids=ident)
def test_the_new_password_of_a_key_change_makes_the_published_keys(record: dict[str, Any]) -> None:
    auth, engine_id = auth_of(record), bytes.fromhex(record["engineID"])
    old = localize_key(auth, password_to_key(auth, record["old"].encode()), engine_id)
    new = localize_key(auth, password_to_key(auth, record["new"].encode()), engine_id)

    assert password_to_key(auth, record["new"].encode()).hex() == record["new_Ku"]
    assert new.hex() == record["new_Kul"]
    # RFC 3414 section 5, KeyChange with one round: random, then H(old | random) xor new.
    random, changed = bytes.fromhex(record["random"]), bytes.fromhex(record["keyChange"])
    pad = hashlib.new(auth.hash_name, old + random).digest()
    assert changed == random + bytes(one ^ other for one, other in zip(pad, new, strict=True))


@pytest.mark.parametrize("record", VECTORS["key_extension"], ids=ident)
def test_a_key_that_is_too_short_is_extended_as_published(record: dict[str, Any]) -> None:
    auth, engine_id = auth_of(record), bytes.fromhex(record["engineID"])
    localized = localize_key(auth, password_to_key(auth, record["password"].encode()), engine_id)
    longest = next(priv for priv in PrivProtocol if priv.key_size == 32 and priv.extension == record["scheme"])
    expected = bytes.fromhex(record["key"])

    made = extend_key(auth, longest, localized, engine_id)

    assert made[: len(expected)] == expected[: len(made)]
    assert len(made) == 32


@pytest.mark.parametrize(
    ("auth", "priv", "key"),
    [
        # draft-reeder-snmpv3-usm-3desede-00, appendix B: 3DES takes the first 32 octets.
        ("MD5", "3DES", "526f5eed9fcce26f8964c2930787d82b79eff44a90650ee0a3a40abfac5acc12"),
        ("SHA", "3DES", "6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c"),
        # From the vectors: the first octets of the key for DES and AES-128, the two dialects for the others.
        ("MD5", "DES", "526f5eed9fcce26f8964c2930787d82b"),
        ("SHA", "AES", "6695febc9288e36282235fc7151f1284"),
        ("SHA", "AES-192", "6695febc9288e36282235fc7151f128497b38f3f505e07eb"),
        ("SHA", "AES-192-C", "6695febc9288e36282235fc7151f128497b38f3f9b8b6d78"),
        ("SHA", "AES-256", "6695febc9288e36282235fc7151f128497b38f3f505e07eb9af25568fa1f5dbe"),
        ("SHA", "AES-256-C", "6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c"),
        ("SHA-224", "AES-256", "0bd8827c6e29f8065e08e09237f177e410f69b90e1782be682075674e82d9bf0"),
        ("SHA-224", "AES-256-C", "0bd8827c6e29f8065e08e09237f177e410f69b90e1782be68207567422c34be4"),
    ],
)
def test_a_password_makes_the_published_privacy_key(auth: str, priv: str, key: str) -> None:
    auth_protocol = AuthProtocol(auth)
    master = password_to_key(auth_protocol, b"maplesyrup")

    assert localize_priv_key(auth_protocol, PrivProtocol(priv), master, ENGINE_ID).hex() == key


@pytest.mark.parametrize("auth", [auth for auth in AuthProtocol if auth.key_size >= 32], ids=str)
@pytest.mark.parametrize("priv", EXTENDED, ids=str)
def test_the_dialects_agree_if_the_key_is_long_enough(auth: AuthProtocol, priv: PrivProtocol) -> None:
    localized = bytes(range(auth.key_size))

    assert extend_key(auth, priv, localized, ENGINE_ID) == localized[: priv.key_size]


# ---------------------------------------------------------------------------------------- passwords


@pytest.mark.parametrize("length", range(8))
def test_a_short_password_is_refused_and_not_shown_in_the_error(length: int) -> None:
    password = b"%&$!#~^"[:length]

    with pytest.raises(ConfigurationError, match=f"at least 8 characters, not {length}") as caught:
        password_to_key(AuthProtocol.SHA, password)

    assert not password or password.decode() not in str(caught.value)


@pytest.mark.parametrize("length", [8, 9, 63, 64, 65, 1_048_575, 1_048_576, 1_048_577])
def test_a_password_of_any_length_is_repeated_to_exactly_a_mebibyte(length: int) -> None:
    password = bytes(number % 251 for number in range(length))
    repeated = bytes(itertools.islice(itertools.cycle(password), 1_048_576))

    assert password_to_key(AuthProtocol.SHA_256, password) == hashlib.sha256(repeated).digest()


# -------------------------------------------------------------------------------------------- caches


@pytest.mark.parametrize("cached", [password_to_key, localize_key, localize_priv_key])
def test_what_was_derived_is_kept_but_not_without_end(cached: Any) -> None:
    assert 0 < cached.cache_parameters()["maxsize"] <= 4096


def test_keys_are_kept_by_protocol_password_engine_and_privacy_protocol() -> None:
    passwords = (b"password-one", b"password-two")
    engines = (b"\x80\0\0\0\x01", b"\x80\0\0\0\x02")
    masters = {
        (auth, password): password_to_key(auth, password)
        for auth, password in itertools.product(AuthProtocol, passwords)
    }
    assert len(set(masters.values())) == len(masters)
    localized = {
        (auth, key, engine): localize_key(auth, key, engine)
        for ((auth, _), key), engine in itertools.product(masters.items(), engines)
    }
    assert len(set(localized.values())) == len(localized)
    for (auth, key, engine), kul in localized.items():  # both from the cache and right
        assert localize_key(auth, key, engine) == kul == hashlib.new(auth.hash_name, key + engine + key).digest()
    made = {
        (priv, engine): localize_priv_key(AuthProtocol.MD5, priv, masters[AuthProtocol.MD5, passwords[0]], engine)
        for priv, engine in itertools.product(PrivProtocol, engines)
    }
    for (priv, engine), key in made.items():
        assert len(key) == priv.key_size
        assert localize_priv_key(AuthProtocol.MD5, priv, masters[AuthProtocol.MD5, passwords[0]], engine) == key
    for engine in engines:
        assert made[PrivProtocol.AES_256, engine] != made[PrivProtocol.AES_256_C, engine]
        assert made[PrivProtocol.AES, engine] != made[PrivProtocol.AES, engines[engine == engines[0]]]


@settings(max_examples=40)
@given(engine_id=st.binary(min_size=5, max_size=32), other=st.binary(min_size=5, max_size=32))
def test_a_localized_key_belongs_to_one_engine(engine_id: bytes, other: bytes) -> None:
    master = password_to_key(AuthProtocol.SHA, b"maplesyrup")
    same = localize_key(AuthProtocol.SHA, master, engine_id) == localize_key(AuthProtocol.SHA, master, other)
    assert same == (engine_id == other)
