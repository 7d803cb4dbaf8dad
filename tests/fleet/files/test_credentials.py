"""Credentials of a fleet's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, Tsm, UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.credentials import has_secrets, read_credentials
from tests.fleet.files.helpers import place

if TYPE_CHECKING:
    from snmptcp.security.choose import Credentials

ENGINE = "80001f8804666f6f"


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ({"community": "public"}, Community("public")),
        ({"community": "x", "version": "1"}, Community("x", "1")),
        ({"community_env": "A_COMMUNITY"}, Community("hidden")),
        ({"user": "ops"}, UsmUser("ops")),
        ({"user": "ops", "auth_password": "authentic"}, UsmUser("ops", "SHA-256", "authentic")),
        (
            {
                "user": "ops",
                "auth": "SHA",
                "auth_password": "authentic",
                "priv": "AES-256",
                "priv_password": "private!",
            },
            UsmUser("ops", "SHA", "authentic", "AES-256", "private!"),
        ),
        (
            {"user": "ops", "auth": "SHA", "auth_key": "00" * 20, "context": "vlan-7", "context_engine_id": ENGINE},
            UsmUser("ops", "SHA", auth_key=bytes(20), context_name="vlan-7", context_engine_id=bytes.fromhex(ENGINE)),
        ),
        ({"tsm": True, "context": "x"}, Tsm("x")),
    ],
)
def test_a_table_becomes_credentials(
    table: dict[str, Any], found: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_COMMUNITY", "hidden")
    here = place()
    assert read_credentials(table, here) == found
    here.mistakes.tell()


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({}, "here: give community, user or tsm = true"),
        ({"comunity": "x"}, "there is no key 'comunity'; did you mean 'community'"),
        ({"community": "x", "user": "y"}, "here: give one of community, user and tsm, not community and user"),
        ({"community": "x", "auth": "SHA"}, "here: there is no key 'auth'"),
        ({"user": "ops", "auth": "SHA-257"}, "here.auth: one of MD5, SHA, SHA-224, SHA-256, SHA-384, SHA-512 is right"),
        ({"user": "ops", "auth_password": "short"}, "needs at least 8 characters, not 5"),
        ({"user": "ops", "priv_password": "privately"}, "privacy needs authentication"),
        ({"user": "ops", "auth_key": "0000"}, "an authentication key for these protocols needs 32 octets, not 2"),
        ({"user": "ops", "auth_password": "authentic", "auth_password_env": "PATH"}, "give only one of"),
        ({"tsm": False}, "tsm = true is right"),
        ({"community": "x", "version": "3"}, "'1' or '2c'"),
    ],
)
def test_a_table_of_other_things_is_refused(table: dict[str, Any], text: str) -> None:
    here = place()
    assert read_credentials(table, here) is None
    with pytest.raises(ConfigurationError) as caught:
        here.mistakes.tell()
    assert text in str(caught.value)
    assert "authentic'" not in str(caught.value)


def test_passwords_and_communities_are_secrets_but_public_and_their_places_are_not() -> None:
    assert has_secrets({"community": "hidden"})
    assert has_secrets({"user": "ops", "auth_password": "authentic"})
    assert has_secrets({"user": "ops", "priv_localized_key": "00"})
    assert not has_secrets({"community": "public"})
    assert not has_secrets({"user": "ops", "auth_password_env": "X", "priv_password_file": "Y"})
