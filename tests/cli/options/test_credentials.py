"""The choice between a community, a user and a certificate."""

from __future__ import annotations

import pytest

from snmptcp import Community, Tsm, UsmUser
from snmptcp.cli.reading import ReadCommand
from tests.cli.helpers import parsed, parsed_get


def credentials_of(*words: str, host: str = "h") -> object:
    return parsed(ReadCommand, "get", *words, host, "1.3").request.credentials


def test_the_community_comes_from_the_environment_unless_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNMPTCP_COMMUNITY", "quiet")
    assert credentials_of() == Community("quiet")
    assert credentials_of("-c", "loud") == Community("loud")


def test_a_community_keeps_octets_that_are_no_text() -> None:
    assert credentials_of("-c", "\udcff") == Community(b"\xff")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("-c x", Community("x")),
        ("-v1 -c x", Community("x", "1")),
        ("-v 2c -c x", Community("x")),
        ("-u bert", UsmUser("bert")),
    ],
)
def test_every_version_can_be_wrapped_in_tls(words: str, expected: object) -> None:
    request = parsed(ReadCommand, "get", *words.split(), "tlstcp:h", "1.3").request
    assert request.credentials == expected
    assert request.target.tls is not None
    assert (request.target.host, request.target.port) == ("h", 10161)


def test_a_community_of_the_environment_asks_for_nothing_but_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNMPTCP_COMMUNITY", "quiet")
    assert credentials_of(host="tlstcp:h") == Tsm()
    assert credentials_of("-v2c", host="tlstcp:h") == Community("quiet")


def test_the_version_is_3_if_a_user_or_a_level_is_given() -> None:
    assert str(parsed_get("-u", "bert").request.version) == "3"
    assert str(parsed_get("-v3", "-u", "bert").request.version) == "3"
    assert str(parsed_get().request.version) == "2c"
