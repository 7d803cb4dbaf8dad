"""Targets: their names, their equality, and the options that they refuse."""

from __future__ import annotations

import pickle

import pytest

from snmptcp import Community, ConfigurationError, UsmUser
from snmptcp.errors import ArgumentTypeError
from snmptcp.fleet import Get, Target

PUBLIC = Community("public")


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (Target("192.0.2.1", credentials=PUBLIC), "192.0.2.1"),
        (Target("192.0.2.1", 1161, credentials=PUBLIC), "192.0.2.1:1161"),
        (Target("2001:db8::1", credentials=PUBLIC), "2001:db8::1"),
        (Target("2001:db8::1", 1161, credentials=PUBLIC), "[2001:db8::1]:1161"),
        (Target("192.0.2.1", credentials=PUBLIC, name="core-1"), "core-1"),
    ],
)
def test_a_target_is_named_after_its_address_unless_it_has_a_name(target: Target, name: str) -> None:
    assert target.name == name


def test_targets_with_equal_attributes_are_equal_and_survive_pickling() -> None:
    def make(site: str) -> Target:
        user = UsmUser("ops", auth_password="a password of some length")
        return Target("192.0.2.1", credentials=user, jobs=[Get("sysName.0")], labels={"site": site}, timeout=2.0)

    assert make("Lyon") == make("Lyon") != make("Nice")
    assert pickle.loads(pickle.dumps(make("Lyon"))) == make("Lyon")


def test_the_labels_of_a_target_are_its_own() -> None:
    labels = {"site": "Lyon"}
    target = Target("192.0.2.1", credentials=PUBLIC, labels=labels)
    labels["site"] = "Nice"
    assert target.labels == {"site": "Lyon"}


def test_an_option_that_no_manager_has_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigurationError, match="^a target has no option tiemout; the options are .*, timeout, tls"):
        Target("192.0.2.1", credentials=PUBLIC, tiemout=3)


@pytest.mark.parametrize("option", ["mib", "engines"])
def test_what_the_fleet_sets_itself_is_no_option(option: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^a target has no option {option}"):
        Target("192.0.2.1", credentials=PUBLIC, **{option: None})  # type: ignore[arg-type]


def test_two_jobs_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="^two jobs of one target are called 'get sysName.0'"):
        Target("192.0.2.1", credentials=PUBLIC, jobs=[Get("sysName.0"), Get("sysName.0", interval=10)])


def test_arguments_of_a_wrong_type_are_refused_by_name() -> None:
    with pytest.raises(ArgumentTypeError, match="^jobs must be several of Get, Walk and Table"):
        Target("192.0.2.1", credentials=PUBLIC, jobs=["sysName.0"])  # type: ignore[list-item]
    with pytest.raises(ArgumentTypeError, match="^labels must be names and values as text"):
        Target("192.0.2.1", credentials=PUBLIC, labels={"rack": 3})  # type: ignore[dict-item]
    with pytest.raises(ArgumentTypeError, match="^host must be text"):
        Target(b"192.0.2.1", credentials=PUBLIC)  # type: ignore[arg-type]
