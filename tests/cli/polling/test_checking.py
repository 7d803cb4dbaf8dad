"""What would be polled."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.cli.polling import checking
from snmptcp.cli.polling.checking import check
from tests.fleet.files.helpers import PUBLIC, loaded

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

TEXT = f"""{PUBLIC}
[jobs.uptime]
get = ["1.3.6.1.2.1.1.3.0", ".1.3.6.1.2.1.1.5.0"]
interval = 4
[jobs.interfaces]
table = "1.3.6.1.2.1.2.2"
columns = [2, "1.3.6.1.2.1.2.2.1.10"]
interval = 2
[defaults]
credentials = "public"
[[targets]]
host = "core.test"
port = 1161
labels = {{ site = "Lyon" }}
[[targets]]
host = "192.0.2.1"
jobs = "uptime"
tls = true
[[targets]]
host = "gone.test"
name = "gone"
[[sinks]]
type = "sqlite"
path = "snmp.db"
[[sinks]]
type = "parquet"
path = "samples"
"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make the resolver know core.test alone; return what it is asked."""
    names: list[str] = []

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        names.append(host)
        if host == "core.test":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 0))]
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return names


async def test_jobs_targets_and_sinks_are_told_and_hosts_are_looked_up(
    tmp_path: Path, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not await check(loaded(tmp_path, TEXT), None)
    out, err = capsys.readouterr()
    assert out.replace(f"{tmp_path}/", "").splitlines() == [
        "fleet.toml: 3 targets, 1.75 polls per second",
        "job uptime: get 1.3.6.1.2.1.1.3.0 .1.3.6.1.2.1.1.5.0, every 4 s, 3 targets",
        "job interfaces: table 1.3.6.1.2.1.2.2, columns 1.3.6.1.2.1.2.2.1.10, every 2 s, 2 targets",
        "sink sqlite: snmp.db",
        "sink parquet: samples",
        "target core.test:1161: core.test:1161, Community, uptime, interfaces site=Lyon",
        "target 192.0.2.1: 192.0.2.1, Community over TLS, uptime",
        "target gone: gone.test, Community, uptime, interfaces",
    ]
    assert err == "snmptcp: there is no address of gone.test (gone): Name or service not known\n"
    assert sorted(asked) == ["core.test", "gone.test"]


async def test_a_long_list_of_targets_is_cut(
    tmp_path: Path, asked: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_MOST_TARGETS", 1)
    assert await check(loaded(tmp_path, TEXT.replace("gone.test", "::1")), None)
    assert capsys.readouterr().out.endswith("... and 2 more targets\n")
