"""Targets: their keys, the things that they name, and their names."""

from __future__ import annotations

import inspect
import ssl
from typing import Any

import pytest

from snmptcp import Community, Manager, Proxy, TlsOptions, Tsm
from snmptcp.errors import ConfigurationError
from snmptcp.fleet import Get, Target
from snmptcp.fleet.files.fields import read_table
from snmptcp.fleet.files.targets import (
    COMMON_FIELDS,
    TARGET_FIELDS,
    Collected,
    Known,
    has_proxy_password,
    make_target,
    settle,
)
from tests.fleet.files.helpers import place

PUBLIC, UPTIME = Community("public"), Get("1.3.6.1.2.1.1.3.0", name="uptime")
TLS = TlsOptions(fingerprints="ab" * 32)
KNOWN = Known({"public": PUBLIC, "tls": Tsm(), "broken": None}, {"uptime": UPTIME, "bad": None}, {"lab": TLS})
SMALL: dict[str, Any] = {"host": "h.test", "credentials": "public", "jobs": "uptime"}

#: Arguments of a manager that a file cannot have: they are functions and objects of a program.
OF_PROGRAMS = {
    *("engine", "engines", "local_engine", "mib", "observer", "on_connect", "on_unsolicited", "packet_trace"),
    *("request_ids", "socket_options", "max_unreadable"),
}


def made(table: dict[str, Any]) -> Target | None:
    here = place()
    values = read_table(table, TARGET_FIELDS, here)
    settled = None if values is None else settle(values, KNOWN, here)
    target = None if settled is None else make_target(settled, here)
    here.mistakes.tell()
    return target


def test_every_argument_of_a_manager_that_text_can_say_is_a_key() -> None:
    arguments = set(inspect.signature(Manager).parameters)
    known = {name.removesuffix("_env").removesuffix("_file") for name in TARGET_FIELDS}
    assert arguments - known == OF_PROGRAMS
    assert known - arguments == {"name", "jobs", "labels"}
    assert set(TARGET_FIELDS) - set(COMMON_FIELDS) == {"host", "name"}


def test_a_target_has_what_its_table_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_PROXY", "socks5://proxy.test:1080")
    assert made(SMALL) == Target("h.test", credentials=PUBLIC, jobs=[UPTIME])
    table = {
        **SMALL,
        "port": 1161,
        "name": "core",
        "labels": {"site": "Lyon"},
        "tls": "lab",
        "timeout": 2,
        "retries": 0,
        "proxy_env": "A_PROXY",
        "strict": True,
    }
    assert made(table) == Target(
        "h.test",
        1161,
        credentials=PUBLIC,
        jobs=[UPTIME],
        name="core",
        labels={"site": "Lyon"},
        tls=TLS,
        timeout=2.0,
        retries=0,
        proxy=Proxy("socks5", "proxy.test", 1080),
        strict=True,
    )


def test_targets_that_trust_the_system_share_a_context_which_is_the_same_when_they_are_read_again() -> None:
    one, other = (made({**SMALL, "credentials": "tls", "tls": True}) for _ in range(2))
    assert one is not None
    context = one.options["tls"]
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert one == other
    plain = made({**SMALL, "tls": False})
    assert plain is not None
    assert plain.options == {"tls": False}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"credentials": "pubic"}, "here.credentials: there is no table [credentials.pubic]; did you mean 'public'"),
        ({"jobs": ["uptime", "x"]}, "here.jobs: there is no table [jobs.x]"),
        ({"tls": "lob"}, "here.tls: there is no table [tls.lob]; did you mean 'lab'?"),
        ({"tls": 5}, "here.tls: the name of a table [tls.NAME], true or false is right, not 5"),
        ({"credentials": "tls"}, "its credentials are those of TLS (tsm = true), so it needs tls"),
        ({"strict": True, "any_community": True}, "give strict or any_community"),
        ({"jobs": ["uptime", "uptime"]}, "two jobs of one target are called 'uptime'"),
        ({"proxy": "gopher://x"}, "here.proxy: 'gopher' is not the scheme of a proxy"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        made({**SMALL, **change})
    assert text in str(caught.value)


@pytest.mark.parametrize("missing", ["host", "credentials", "jobs"])
def test_a_target_needs_a_host_credentials_and_jobs(missing: str) -> None:
    with pytest.raises(ConfigurationError, match=f"here: a target needs (a )?{missing}"):
        made({key: value for key, value in SMALL.items() if key != missing})


@pytest.mark.parametrize("change", [{"credentials": "broken"}, {"jobs": ["uptime", "bad"]}])
def test_what_is_wrong_elsewhere_is_told_there_alone(change: dict[str, Any]) -> None:
    assert made({**SMALL, **change}) is None


def test_two_targets_of_one_name_are_refused_with_both_places() -> None:
    collected, here = Collected(), place()
    first, second = (Target("h.test", credentials=PUBLIC, jobs=[UPTIME]) for _ in range(2))
    collected.add(first, here.key("a"))
    collected.add(None, here)
    collected.add(second, here.key("b"))
    assert collected.targets == [first]
    with pytest.raises(ConfigurationError, match=r"^here\.b: a target is called 'h\.test' already \(here\.a\)"):
        here.mistakes.tell()


def test_the_url_of_a_proxy_can_have_a_password() -> None:
    assert has_proxy_password({"proxy": "http://me:secret@proxy.test"})
    assert not has_proxy_password({"proxy": "http://proxy.test"})
    assert not has_proxy_password({})
