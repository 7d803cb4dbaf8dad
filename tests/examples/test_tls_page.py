"""docs/tls.md: its code runs, and its tables are complete."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from snmptcp import TlsFailed, TlsOptions
from snmptcp.errors import TlsFailure
from snmptcp.net.tls import MapType, ServerTls
from snmptcp.testing import Agent
from tests.support.certificates import certificates

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[2] / "docs" / "tls.md").read_text(encoding="utf-8")
C = certificates()


MIB = {"1.3.6.1.2.1.1.1.0": "a switch", "1.3.6.1.2.1.1.5.0": "switch-7"}


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Return the names that the page's code defines."""
    names: dict[str, Any] = {}
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 4
    for position, code in enumerate(blocks, 1):
        exec(compile(code, f"tls.md, block {position}", "exec"), names)
    return names


async def test_any_version_is_asked_inside_tls(page, tmp_path, capsys):
    C.write(tmp_path)
    async with Agent(MIB, tls=TlsOptions(certificate=C.server.pem)) as agent:
        await page["ask_inside_tls"]("127.0.0.1", agent.port, str(tmp_path / "ca.pem"))
    assert capsys.readouterr().out == "1.3.6.1.2.1.1.1.0 a switch\nTLSv1.3 TLS_AES_256_GCM_SHA384\n"


async def test_an_agent_is_asked_by_certificate(page, tmp_path, capsys):
    """The page's manager connects to an agent with the page's server options."""
    C.write(tmp_path)
    files = [str(tmp_path / name) for name in ("ca.pem", "client.pem", "client.key")]
    server = page["server_options"](
        files[0], C.authority.fingerprint, str(tmp_path / "server.pem"), str(tmp_path / "server.key")
    )
    async with Agent(MIB, tls=server, read_only_tsm_names=["manager"]) as agent:
        await page["ask_by_certificate"]("127.0.0.1", *files, agent.port)
        assert capsys.readouterr().out == "1.3.6.1.2.1.1.1.0 a switch\n"
        assert {request.user for request in agent.requests} == {b"manager"}  # the common name of its certificate


async def test_a_pinned_agent_is_asked(page, capsys):
    async with Agent(MIB, tls=TlsOptions(certificate=C.self_signed_and_expired.pem)) as agent:
        await page["ask_a_pinned_agent"]("127.0.0.1", agent.port, C.self_signed_and_expired.fingerprint)
        assert capsys.readouterr().out == "switch-7\n"
    async with Agent(MIB, tls=TlsOptions(certificate=C.server.pem)) as agent:
        with pytest.raises(TlsFailed) as caught:
            await page["ask_a_pinned_agent"]("127.0.0.1", agent.port, C.self_signed.fingerprint)
        assert caught.value.failure is TlsFailure.FINGERPRINT
        assert not agent.requests


def test_the_servers_options_can_be_had(page, tmp_path):
    C.write(tmp_path)
    files = [str(tmp_path / name) for name in ("ca.pem", "server.pem", "server.key")]
    given = page["server_options"](files[0], C.authority.fingerprint, *files[1:])
    assert [row.map_type for row in given.certificate_maps] == [MapType.SPECIFIED, MapType.COMMON_NAME]
    ServerTls(given)


def first_cells(title: str) -> list[str]:
    """Return the names in the first column of the table with this heading."""
    table = PAGE.partition(f"| {title} |")[2].partition("\n\n")[0]
    return [name for row in table.splitlines()[2:] for name in re.findall(r"`([A-Za-z_0-9]+)`", row.split("|")[1])]


def test_every_option_is_on_the_page():
    assert sorted(first_cells("option")) == sorted(field.name for field in dataclasses.fields(TlsOptions))


def test_every_reason_is_on_the_page():
    assert sorted(first_cells("`TlsFailure`")) == sorted(failure.name for failure in TlsFailure)


def test_every_map_is_on_the_page():
    assert first_cells("`MapType`") == [
        *("SPECIFIED", "SAN_RFC822_NAME", "SAN_DNS_NAME", "SAN_IP_ADDRESS", "SAN_ANY", "COMMON_NAME"),
    ]
    assert len(MapType) == 6
