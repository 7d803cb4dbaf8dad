"""What an exporter and its scrapes are told: checked where it is made, not at the first scrape."""

from __future__ import annotations

import math
import ssl
from typing import Any

import pytest

from snmptcp import ConfigurationError, TlsOptions
from snmptcp.errors import ArgumentTypeError
from snmptcp.exporter.options import Options, Scrape
from snmptcp.net.proxy import Proxy, ProxyKind


@pytest.mark.parametrize(
    "fields",
    [
        {"module_concurrency": 0},
        {"max_scrapes": 0},
        {"max_variables": 0},
        {"max_octets": 0},
        {"idle_time": -1},
        {"idle_time": math.nan},
        {"idle_time": math.inf},
        {"most_idle": -1},
    ],
    ids=str,
)
def test_options_that_cannot_work_are_errors(fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"{next(iter(fields))}.* must be at least"):
        Options(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"idle_time": 0, "most_idle": 0},
        {"tls": TlsOptions()},
        {"tls": ssl.create_default_context()},
        {"local_address": "192.0.2.1", "max_scrapes": 1},
        {"local_address": ("192.0.2.1", 5000)},
        {"proxy": Proxy(ProxyKind.SOCKS5, "192.0.2.9", 1080)},
    ],
    ids=lambda fields: next(iter(fields), "none"),
)
def test_every_kind_of_option_is_taken(fields: dict[str, Any]) -> None:
    options = Options(**fields)
    assert {name: getattr(options, name) for name in fields} == fields


def test_a_scrape_is_by_default_one_of_if_mib_by_public_v2() -> None:
    assert Scrape("a") == Scrape("a", ("if_mib",), "public_v2", "", "", None)
    assert Scrape("a", timeout=5).timeout == 5
    with pytest.raises(ArgumentTypeError, match=r"^timeout must be a number of seconds .*, or None, not str$"):
        Scrape("a", timeout="5")  # type: ignore[arg-type]
