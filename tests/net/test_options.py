"""Connection options: impossible values are refused, each with its name, its value and what would be right."""

from __future__ import annotations

from typing import Any

import pytest

from snmptcp import ConfigurationError
from snmptcp.net.options import ConnectionOptions, check_seconds


def options(**given: Any) -> ConnectionOptions:
    return ConnectionOptions(**{"host": "192.0.2.1", "port": 161, **given})


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"host": ""}, "the host of the agent is empty"),
        ({"port": 0}, "a port is a number from 1 to 65535, not 0"),
        ({"port": 65536}, "a port is a number from 1 to 65535, not 65536"),
        ({"max_message_size": 8191}, "max_message_size is at least 8192, not 8191"),
        ({"retries": -1}, "retries is at least 0, not -1"),
        ({"reconnect_interval": -0.1}, "reconnect_interval is at least 0 s, not -0.1"),
        ({"reconnect_interval": float("nan")}, "reconnect_interval is at least 0 s, not nan"),
        ({"connect_timeout": 0}, "connect_timeout is a number of seconds above 0, not 0"),
        ({"max_rate": 0}, "0 octets per second"),
    ],
)
def test_an_impossible_value_is_refused(given: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        options(**given)
    assert text in str(caught.value)


def test_the_limits_themselves_are_taken() -> None:
    for given in ({"port": 1}, {"port": 65535}, {"max_message_size": 8192}, {"retries": 0}, {"reconnect_interval": 0}):
        options(**given)


def test_the_peer_of_messages_has_an_address_of_version_6_in_brackets() -> None:
    assert options().peer == "192.0.2.1:161"
    assert options(host="2001:db8::1").peer == "[2001:db8::1]:161"


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_a_time_is_above_nothing_and_finite(seconds: float) -> None:
    with pytest.raises(ConfigurationError, match="patience is a number of seconds above 0"):
        check_seconds("patience", seconds)
    assert check_seconds("patience", 0.001) == 0.001
