"""Communities and versions."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from snmptcp.credentials import Community, SnmpVersion
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
    with pytest.raises(ConfigurationError, match="a community is for version 1 or 2c"):
        Community("public", version)


@pytest.mark.parametrize("version", [0, 1, 2, 3, True, b"1", 2.0])
def test_a_bare_number_is_no_version_because_1_means_snmpv1_to_people_and_snmpv2c_on_the_wire(version):
    with pytest.raises(ConfigurationError, match=f"a community is for version 1 or 2c, not {version!r}"):
        Community("x", version)


@pytest.mark.parametrize("name", [5, 0, None, True, ["public"], memoryview(b"public")], ids=repr)
def test_a_community_is_text_or_octets_and_nothing_else(name):
    with pytest.raises(TypeError, match=f"a community is str or bytes, not {type(name).__name__}"):
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


def test_communities_compare_and_hash_by_what_they_are():
    assert Community("a", "1") == Community(b"a", SnmpVersion.V1)
    assert Community("a", "1") != Community("a", "2c")
    assert Community("a") != Community("b")
    assert len({Community("a"), Community(b"a"), Community("b")}) == 2


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_communities_survive_pickling(protocol):
    community = Community("s3cret", "1")
    assert pickle.loads(pickle.dumps(community, protocol)) == community


def test_a_copy_with_another_version_keeps_the_name():
    assert dataclasses.replace(Community("a"), version=SnmpVersion.V1) == Community("a", "1")
