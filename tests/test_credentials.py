"""Communities, USM users, TSM, and the names of versions and protocols."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from snmptcp.credentials import (
    AuthProtocol,
    Community,
    PrivProtocol,
    SecurityLevel,
    SnmpVersion,
    UsmUser,
    parse_auth_protocol,
    parse_priv_protocol,
)
from snmptcp.errors import ConfigurationError


def test_versions_have_the_numbers_of_the_wire_and_the_names_people_use():
    assert [(int(version), str(version)) for version in SnmpVersion] == [(0, "1"), (1, "2c"), (3, "3")]


def test_the_default_is_public_and_2c():
    assert Community() == Community(b"public", "2c")
    assert Community().name == b"public"
    assert Community().version is SnmpVersion.V2C


@pytest.mark.parametrize(
    ("spelling", "version"),
    [
        ("1", SnmpVersion.V1),
        ("v1", SnmpVersion.V1),
        ("V1", SnmpVersion.V1),
        (SnmpVersion.V1, SnmpVersion.V1),
        ("2", SnmpVersion.V2C),
        ("2c", SnmpVersion.V2C),
        ("2C", SnmpVersion.V2C),
        ("v2c", SnmpVersion.V2C),
        (SnmpVersion.V2C, SnmpVersion.V2C),
    ],
)
def test_versions_are_spelled_as_net_snmp_does_or_given_as_enum(spelling, version):
    assert Community("x", spelling).version is version


@pytest.mark.parametrize("version", ["3", SnmpVersion.V3, "", "v", "vv1", "2p", "0", "one", None])
def test_another_version_is_refused(version):
    with pytest.raises(ConfigurationError, match="the version of a community must be '1' or '2c'"):
        Community("public", version)


@pytest.mark.parametrize("version", [0, 1, 2, 3, True, b"1", 2.0])
def test_a_bare_number_is_no_version_because_1_means_snmpv1_to_people_and_snmpv2c_on_the_wire(version):
    with pytest.raises(ConfigurationError, match=f"the version of a community must be '1' or '2c', not {version!r}"):
        Community("x", version)


@pytest.mark.parametrize(
    "name", [5, 0, None, True, ["public"], memoryview(b"public")], ids=["5", "0", "None", "True", "list", "memoryview"]
)
def test_a_community_is_text_or_octets_and_nothing_else(name):
    with pytest.raises(TypeError, match=f"a community must be str or bytes, not {type(name).__name__}"):
        Community(name)


@pytest.mark.parametrize("name", ["gemeinschäft", "gemeinschäft".encode(), bytearray("gemeinschäft".encode())])
def test_text_is_utf_8_and_octets_stay_what_they_are(name):
    community = Community(name)
    assert community.name == b"gemeinsch\xc3\xa4ft"
    assert type(community.name) is bytes


def test_a_community_may_be_empty_or_any_octets():
    assert Community("").name == b""
    assert Community(bytes(range(256))).name == bytes(range(256))


def test_a_community_has_at_most_65535_octets():
    assert len(Community(b"x" * 65535).name) == 65535
    with pytest.raises(ConfigurationError, match="at most 65535 octets, not 65536"):
        Community(b"x" * 65536)


def test_the_secret_is_never_shown():
    community = Community("s3cret-name", "1")
    assert "s3cret" not in repr(community)
    assert "s3cret" not in str(community)
    assert "V1" in repr(community)


def test_a_community_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Community().name = b"private"  # type: ignore[misc]


def test_communities_compare_and_hash_by_value():
    assert Community("a", "1") == Community(b"a", SnmpVersion.V1)
    assert Community("a", "1") != Community("a", "2c")
    assert Community("a") != Community("b")
    assert len({Community("a"), Community(b"a"), Community("b")}) == 2


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_communities_survive_pickling(protocol):
    community = Community("s3cret", "1")
    assert pickle.loads(pickle.dumps(community, protocol)) == community


def test_a_copy_with_another_version_has_the_same_name():
    assert dataclasses.replace(Community("a"), version=SnmpVersion.V1) == Community("a", "1")


# ------------------------------------------------------------------------------- users of SNMPv3 (USM)

ENGINE_ID = bytes.fromhex("80001f8804656e67696e65")


@pytest.mark.parametrize(
    ("spelling", "protocol"),
    [
        ("MD5", AuthProtocol.MD5),
        ("md5", AuthProtocol.MD5),
        ("SHA", AuthProtocol.SHA),
        ("SHA1", AuthProtocol.SHA),
        ("sha-1", AuthProtocol.SHA),
        ("SHA-224", AuthProtocol.SHA_224),
        ("sha256", AuthProtocol.SHA_256),
        ("SHA_384", AuthProtocol.SHA_384),
        ("Sha-512", AuthProtocol.SHA_512),
        (AuthProtocol.MD5, AuthProtocol.MD5),
    ],
)
def test_an_authentication_protocol_has_the_spellings_of_net_snmp_and_some_more(spelling, protocol):
    assert parse_auth_protocol(spelling) is protocol
    assert UsmUser("u", spelling, "maplesyrup").auth_protocol is protocol


@pytest.mark.parametrize(
    ("spelling", "protocol"),
    [
        ("DES", PrivProtocol.DES),
        ("3DES", PrivProtocol.DES3),
        ("3des-ede", PrivProtocol.DES3),
        ("DES3", PrivProtocol.DES3),
        ("AES", PrivProtocol.AES),
        ("AES-128", PrivProtocol.AES),
        ("aes128", PrivProtocol.AES),
        ("AES-192", PrivProtocol.AES_192),
        ("aes256", PrivProtocol.AES_256),
        ("AES-192-C", PrivProtocol.AES_192_C),
        ("aes256c", PrivProtocol.AES_256_C),
        ("AES_256_C", PrivProtocol.AES_256_C),
        (PrivProtocol.AES_192, PrivProtocol.AES_192),
    ],
)
def test_a_privacy_protocol_has_the_spellings_of_net_snmp_and_some_more(spelling, protocol):
    assert parse_priv_protocol(spelling) is protocol
    assert UsmUser("u", "SHA", "maplesyrup", spelling, "mapletree").priv_protocol is protocol


@pytest.mark.parametrize("protocol", [*AuthProtocol, *PrivProtocol], ids=str)
def test_the_name_of_a_protocol_is_parsed_as_that_protocol(protocol):
    parse = parse_auth_protocol if isinstance(protocol, AuthProtocol) else parse_priv_protocol
    assert parse(str(protocol)) is protocol
    assert parse(str(protocol).lower().replace("-", "")) is protocol


@pytest.mark.parametrize("name", ["", "SHA-3", "SHA2", "AES", "none", None, 5, b"SHA"], ids=repr)
def test_an_unknown_authentication_protocol_is_refused_with_the_known_ones(name):
    with pytest.raises(ConfigurationError, match="one of MD5, SHA, SHA-224, SHA-256, SHA-384, SHA-512, not"):
        parse_auth_protocol(name)


@pytest.mark.parametrize("name", ["", "AES-512", "DES-2", "SHA", "none", None, 128, b"AES"], ids=repr)
def test_an_unknown_privacy_protocol_is_refused_with_the_known_ones(name):
    with pytest.raises(ConfigurationError, match="one of DES, 3DES, AES, AES-192, AES-256, AES-192-C, AES-256-C, not"):
        parse_priv_protocol(name)


@pytest.mark.parametrize(
    ("protocol", "key_size", "mac_size"),
    [
        ("MD5", 16, 12),
        ("SHA", 20, 12),
        ("SHA-224", 28, 16),
        ("SHA-256", 32, 24),
        ("SHA-384", 48, 32),
        ("SHA-512", 64, 48),
    ],
)
def test_keys_and_digests_have_the_sizes_of_rfc_3414_and_rfc_7860(protocol, key_size, mac_size):
    assert (AuthProtocol(protocol).key_size, AuthProtocol(protocol).mac_size) == (key_size, mac_size)


def test_the_security_level_is_what_the_keys_allow():
    assert UsmUser("u").security_level is SecurityLevel.noAuthNoPriv
    assert UsmUser("u", "SHA", "maplesyrup").security_level is SecurityLevel.authNoPriv
    assert UsmUser("u", "SHA", "maplesyrup", "AES", "mapletree").security_level is SecurityLevel.authPriv
    assert UsmUser("u", auth_key=bytes(32)).security_level is SecurityLevel.authNoPriv
    assert UsmUser("u", auth_localized_key=bytes(32), priv_key=bytes(32)).security_level is SecurityLevel.authPriv
    assert UsmUser("u", "SHA", "maplesyrup", priv_localized_key=bytes(16)).security_level is SecurityLevel.authPriv
    assert SecurityLevel.noAuthNoPriv < SecurityLevel.authNoPriv < SecurityLevel.authPriv


def test_text_of_a_user_is_utf_8_and_octets_stay_what_they_are():
    text = UsmUser("jürgen", "SHA", "paßwort!", "AES", "schlüssel", "größe")
    octets = UsmUser("jürgen".encode(), "SHA", "paßwort!".encode(), "AES", "schlüssel".encode(), "größe".encode())
    assert text == octets
    assert text.name == b"j\xc3\xbcrgen"
    assert text.context_name == b"gr\xc3\xb6\xc3\x9fe"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"name": ""}, "a user name has 1 to 32 octets, not 0"),
        ({"name": "x" * 33}, "a user name has 1 to 32 octets, not 33"),
        ({"name": "ü" * 17}, "a user name has 1 to 32 octets, not 34"),
        ({"auth_protocol": "SHA-3"}, "an authentication protocol is one of"),
        ({"priv_protocol": "RC4"}, "a privacy protocol is one of"),
        ({"auth_password": ""}, "the authentication password needs at least 8 characters"),
        ({"auth_password": "seven77"}, "the authentication password needs at least 8 characters"),
        (
            {"auth_password": "maplesyrup", "priv_password": "seven77"},
            "the privacy password needs at least 8 characters",
        ),
        ({"priv_password": "mapletree"}, "privacy needs authentication"),
        ({"priv_key": bytes(32)}, "privacy needs authentication"),
        ({"priv_localized_key": bytes(16)}, "privacy needs authentication"),
        (
            {"auth_password": "maplesyrup", "auth_key": bytes(32)},
            "give only one of authentication password, key and localized key",
        ),
        ({"auth_key": bytes(32), "auth_localized_key": bytes(32)}, "give only one of authentication password"),
        (
            {"auth_password": "maplesyrup", "priv_password": "mapletree", "priv_localized_key": bytes(16)},
            "give only one of privacy password, key and localized key",
        ),
        ({"auth_key": b""}, "an authentication key for these protocols needs 32 octets, not 0"),
        ({"auth_key": bytes(31)}, "an authentication key for these protocols needs 32 octets, not 31"),
        ({"auth_key": bytes(33)}, "an authentication key for these protocols needs 32 octets, not 33"),
        (
            {"auth_localized_key": bytes(20)},
            "a localized authentication key for these protocols needs 32 octets, not 20",
        ),
        (
            {"auth_password": "maplesyrup", "priv_key": bytes(16)},
            "a privacy key for these protocols needs 32 octets, not 16",
        ),
        (
            {"auth_password": "maplesyrup", "priv_localized_key": bytes(15)},
            "a localized privacy key for these protocols needs 16 octets, not 15",
        ),
        ({"auth_password": "maplesyrup", "priv_localized_key": bytes(33)}, "a localized privacy key"),
        ({"context_name": "x" * 256}, "a context name has at most 255 octets, not 256"),
        ({"context_engine_id": b"1234"}, "an engine ID has 5 to 32 octets, not 4"),
        ({"context_engine_id": b""}, "an engine ID has 5 to 32 octets, not 0"),
        ({"context_engine_id": bytes(33)}, "an engine ID has 5 to 32 octets, not 33"),
    ],
    ids=str,
)
def test_an_invalid_user_is_refused_with_the_reason(arguments, problem):
    with pytest.raises(ConfigurationError, match=problem):
        UsmUser(**{"name": "u", **arguments})


@pytest.mark.parametrize(("priv", "size"), [("DES", 16), ("3DES", 32), ("AES", 16), ("AES-192", 24), ("AES-256-C", 32)])
def test_a_localized_privacy_key_has_at_least_the_size_of_its_protocol(priv, size):
    UsmUser("u", "MD5", "maplesyrup", priv, priv_localized_key=bytes(size))
    with pytest.raises(ConfigurationError, match=f"needs {size} octets, not {size - 1}"):
        UsmUser("u", "MD5", "maplesyrup", priv, priv_localized_key=bytes(size - 1))


@pytest.mark.parametrize(
    "argument", ["auth_password", "auth_key", "auth_localized_key", "priv_password", "priv_key", "priv_localized_key"]
)
@pytest.mark.parametrize("octets", [b"sEcReT", b"sEcReT" * 7])
def test_no_refusal_shows_a_secret(argument, octets):
    secret = octets.decode() if argument.endswith("password") and len(octets) < 8 else octets
    arguments = {argument: secret, "auth_protocol": "MD5", "priv_protocol": "AES"}
    if argument.startswith("priv"):
        arguments["auth_password"] = "maplesyrup"
    if argument.endswith("password") and len(octets) >= 8:
        arguments["context_engine_id"] = b""
    with pytest.raises(ConfigurationError) as caught:
        UsmUser("u", **arguments)
    assert "sEcReT" not in f"{caught.value} {caught.value!r}"


def full_user(**changes: Any) -> UsmUser:
    arguments: dict[str, Any] = {
        "name": "u",
        "auth_protocol": "SHA",
        "auth_password": "maplesyrup",
        "priv_protocol": "AES-192",
        "priv_password": "mapletree",
        "context_name": "blue",
        "context_engine_id": ENGINE_ID,
    }
    return UsmUser(**{**arguments, **changes})


def by_keys() -> UsmUser:
    return UsmUser(
        "u",
        "MD5",
        priv_protocol="DES",
        auth_localized_key=b"auth-local-key-1",
        priv_localized_key=b"priv-local-key-1",
    )


@pytest.mark.parametrize("user", [full_user(), by_keys()], ids=["passwords", "keys"])
def test_no_secret_of_a_user_is_shown(user):
    for text in (repr(user), str(user), f"{user}", repr([user]), repr(user.auth), repr(user.priv), str(user.auth)):
        assert "maple" not in text
        assert "local-key" not in text
    assert "b'u'" in repr(user)
    assert "***" in repr(user)


def test_keys_that_a_user_lacks_are_shown_as_none():
    assert "auth=None, priv=None" in repr(UsmUser("u"))
    assert not UsmUser("u").auth


def test_a_user_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        full_user().name = b"other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        full_user().auth.password = b"other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "v"},
        {"auth_protocol": "MD5"},
        {"auth_password": "maplesyruq"},
        {"priv_protocol": "AES-192-C"},
        {"priv_password": "mapletref"},
        {"context_name": "red"},
        {"context_engine_id": None},
    ],
    ids=str,
)
def test_users_compare_and_hash_by_everything_they_are(changes):
    other = full_user(**changes)
    assert full_user() == full_user()
    assert hash(full_user()) == hash(full_user())
    assert full_user() != other
    assert len({full_user(), full_user(), other}) == 2


def test_the_same_octets_as_password_and_as_key_are_two_users():
    octets = b"sixteen octets!!"
    assert UsmUser("u", "MD5", octets) != UsmUser("u", "MD5", auth_key=octets)
    assert UsmUser("u", "MD5", auth_localized_key=octets) != UsmUser("u", "MD5", auth_key=octets)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("user", [UsmUser("u"), full_user(), by_keys()], ids=["plain", "passwords", "keys"])
def test_users_survive_pickling_and_copying(user, protocol):
    back = pickle.loads(pickle.dumps(user, protocol))
    assert back == user
    assert hash(back) == hash(user)
    assert back.security_level is user.security_level
    assert copy.deepcopy(user) == copy.copy(user) == user


@pytest.mark.parametrize("name", [5, 12345678, 0, None, True, ["u"]], ids=repr)
def test_a_user_name_is_text_or_octets_and_nothing_else(name):
    with pytest.raises(TypeError):
        UsmUser(name)


@pytest.mark.parametrize("password", [12345678, 8, True, 12.5, ["maplesyrup"], list(b"maplesyrup")], ids=repr)
def test_a_password_is_text_or_octets_and_nothing_else(password):
    # A number would otherwise become as many zero octets.
    with pytest.raises(TypeError):
        UsmUser("u", "SHA", password)
    with pytest.raises(TypeError):
        UsmUser("u", "SHA", "maplesyrup", "AES", password)


@pytest.mark.parametrize("argument", ["auth_key", "auth_localized_key", "priv_key", "priv_localized_key"])
@pytest.mark.parametrize("key", [16, "sixteen octets!!"], ids=repr)
def test_a_key_is_octets_and_nothing_else(argument, key):
    arguments = {argument: key} if argument.startswith("auth") else {argument: key, "auth_password": "maplesyrup"}
    with pytest.raises(TypeError):
        UsmUser("u", "MD5", **arguments)


def test_a_user_with_a_context_engine_id_of_any_octets_type_can_be_hashed():
    user = UsmUser("u", context_engine_id=bytearray(ENGINE_ID))  # type: ignore[arg-type]
    assert user == UsmUser("u", context_engine_id=ENGINE_ID)
    assert hash(user) == hash(UsmUser("u", context_engine_id=ENGINE_ID))


@pytest.mark.parametrize(
    "secrets",
    [
        {},
        {"auth_password": "maplesyrup"},
        {"auth_password": "maplesyrup", "priv_password": "maplesyrup"},
        {"auth_key": bytes(31) + b"x", "priv_key": bytes(31) + b"y"},
        {"auth_localized_key": bytes(31) + b"x", "priv_localized_key": bytes(15) + b"y"},
    ],
    ids=lambda secrets: " ".join(secrets) or "none",
)
def test_a_user_in_another_context_is_the_same_user(secrets):
    user = UsmUser("bert", **secrets)

    other = user.in_context("vlan-7", b"\x80\0\0\0\x05other")

    assert (other.context_name, other.context_engine_id) == (b"vlan-7", b"\x80\0\0\0\x05other")
    assert other.in_context(b"") == user


def test_other_keys_replace_only_those_that_are_given() -> None:
    user = UsmUser("bert", "SHA", "maplesyrup", "AES", "mapletree", "vlan-7")

    assert user.with_keys(auth_password="newsyrup") == UsmUser("bert", "SHA", "newsyrup", "AES", "mapletree", "vlan-7")
    localized = user.with_keys(priv_localized_key=bytes(16))
    assert (localized.auth, localized.priv.password, localized.priv.localized_key) == (user.auth, None, bytes(16))
    assert localized.with_keys(priv_password="mapletree") == user
    assert user.with_keys() == user
    with pytest.raises(ConfigurationError, match="give only one of privacy password"):
        user.with_keys(priv_password="mapletree", priv_key=bytes(20))
