"""What every request takes."""

from __future__ import annotations

import argparse

import pytest

from snmptcp import Community, SnmpVersion
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.options.target import NOTIFICATION_PORTS
from snmptcp.errors import ConfigurationError


def parse(*words: str, ports: tuple[int, int] = NOTIFICATION_PORTS) -> RequestOptions:
    parser = argparse.ArgumentParser()
    add_request_options(parser, "the receiver", ports)
    return read_request_options(parser.parse_args(words), ports)


@pytest.mark.parametrize(
    ("words", "version"),
    [
        ("-v1 h", SnmpVersion.V1),
        ("h", SnmpVersion.V2C),
        ("-u bert h", SnmpVersion.V3),
        ("tlstcp:h", SnmpVersion.V3),
    ],
)
def test_the_version_is_that_of_the_credentials(words: str, version: SnmpVersion) -> None:
    assert parse(*words.split()).version is version


@pytest.mark.parametrize(("host", "port"), [("h", 162), ("tlstcp:h", 10162), ("h:7", 7)])
def test_the_default_ports_are_those_of_the_command(host: str, port: int) -> None:
    assert parse("-c", "x", host).target.port == port


def test_only_snmpv3_has_an_engine() -> None:
    assert parse("-c", "x", "-e", "8000000001020304", "h").engine is None
    engine = parse("-u", "bert", "-e", "8000000001020304", "h").engine
    assert engine is not None
    assert engine.engine_id == bytes.fromhex("8000000001020304")


def test_wrong_usage_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="two ports: 1 and 2"):
        parse("--port", "2", "h:1")
    assert parse("h").credentials == Community()
