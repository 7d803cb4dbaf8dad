"""KeyChange values (RFC 3414 section 5), with the examples of its appendix A.5."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp import AuthProtocol
from snmptcp.errors import ConfigurationError
from snmptcp.security.keys import localize_key, password_to_key
from snmptcp.security.usm_key_change import apply_key_change, key_change
from tests.support.vectors import load

VECTORS: list[dict[str, Any]] = load("usm/usm_vectors.json")["key_change"]
ENGINE_ID = bytes.fromhex("000000000000000000000002")


def localized(protocol: AuthProtocol, password: str) -> bytes:
    return localize_key(protocol, password_to_key(protocol, password.encode()), ENGINE_ID)


@pytest.mark.parametrize("record", VECTORS, ids=lambda record: record["source"])
def test_the_examples_of_the_rfc_are_made_and_understood(record: dict[str, Any]) -> None:
    protocol = AuthProtocol.MD5 if record["auth"] == "MD5" else AuthProtocol.SHA
    expected = bytes.fromhex(record["keyChange"])
    size = len(expected) // 2  # the privacy key of the last example is truncated
    old, new = (localized(protocol, password)[:size] for password in ("maplesyrup", "newsyrup"))

    assert key_change(protocol, old, new, bytes(size)) == expected
    assert apply_key_change(protocol, old, expected) == new


@given(
    protocol=st.sampled_from(AuthProtocol),
    keys=st.integers(1, 70).flatmap(lambda size: st.tuples(*[st.binary(min_size=size, max_size=size)] * 3)),
)
def test_an_engine_finds_the_new_key_whatever_the_lengths(
    protocol: AuthProtocol, keys: tuple[bytes, bytes, bytes]
) -> None:
    old, new, random = keys
    change = key_change(protocol, old, new, random)
    assert change.startswith(random)
    assert apply_key_change(protocol, old, change) == new


def test_each_digest_of_a_long_key_is_made_of_the_one_before() -> None:
    """With MD5 a key of 32 octets takes two digests: H(old | random), then H(that | random)."""
    old, random = b"o" * 32, b"r" * 32
    first = hashlib.md5(old + random).digest()
    second = hashlib.md5(first + random).digest()
    assert key_change(AuthProtocol.MD5, old, bytes(32), random) == random + first + second


def test_keys_of_different_lengths_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="must have one length, not 16, 20 and 16 octets"):
        key_change(AuthProtocol.MD5, bytes(16), bytes(20), bytes(16))
    with pytest.raises(ConfigurationError, match="has 32 octets, not 40"):
        apply_key_change(AuthProtocol.MD5, bytes(16), bytes(40))
