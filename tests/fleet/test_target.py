"""Targets: their names, their equality, and the options that they refuse."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from snmptcp import Community, ConfigurationError, Tsm, UsmUser
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
    with pytest.raises(ArgumentTypeError, match="^jobs must be several of Get, Walk and Table, not list of str$"):
        Target("192.0.2.1", credentials=PUBLIC, jobs=["sysName.0"])  # type: ignore[list-item]
    with pytest.raises(ArgumentTypeError, match="^labels must be a mapping .*, or None, not list of str$"):
        Target("192.0.2.1", credentials=PUBLIC, labels=["site"])  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="^labels must be names and values as text"):
        Target("192.0.2.1", credentials=PUBLIC, labels={"rack": 3})  # type: ignore[dict-item]
    with pytest.raises(ArgumentTypeError, match="^host must be text"):
        Target(b"192.0.2.1", credentials=PUBLIC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"credentials": "public"}, "credentials must be a Community, UsmUser or Tsm, not str"),
        ({"credentials": Tsm()}, "the Transport Security Model needs TLS: give tls="),
        ({"host": ""}, "the host of the agent is empty"),
        ({"port": 99999}, "a port is a number from 1 to 65535, not 99999"),
        ({"timeout": -1}, "timeout is a number of seconds above 0, not -1"),
        ({"timeout": "5"}, "timeout must be a number of seconds (int or float), not str"),
        ({"connect_timeout": 0}, "connect_timeout is a number of seconds above 0, not 0"),
        ({"retries": -1}, "retries is at least 0, not -1"),
        ({"any_community": 1}, "any_community must be True or False, not int"),
    ],
)
def test_what_every_poll_would_fail_for_is_refused_at_once(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Target(arguments.pop("host", "192.0.2.1"), **{"credentials": PUBLIC, **arguments})
    assert str(caught.value) == text


def test_what_connections_take_with_their_default_is_an_option_of_a_target() -> None:
    target = Target("192.0.2.1", credentials=PUBLIC, connect_timeout=None, local_address="127.0.0.1", tls=True)
    assert target.options == {"connect_timeout": None, "local_address": "127.0.0.1", "tls": True}
