"""Scrapes: from parameters to text, and every way in which they fail."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import OctetString, TlsOptions, UsmUser
from snmptcp.errors import ClosedError, ConfigurationError
from snmptcp.exporter import Exporter, Options, Scrape
from snmptcp.exporter.families import Families
from snmptcp.exporter.service import BadScrape, ScrapeFailed
from snmptcp.testing import Agent, Drop, FailWith, Hold
from tests.support.certificates import Certificates, certificates_fixture
from tests.support.clock import skip, until
from tests.support.exporter import SMALL, VARIABLES, samples_of, value, write_small

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = ("certificates_fixture",)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def device(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(VARIABLES) as agent:
        yield agent


@pytest.fixture
async def exporter(tmp_path: Path, anyio_backend: object) -> AsyncIterator[Exporter]:
    async with Exporter(write_small(tmp_path)) as exporter:
        yield exporter


def of(agent: Agent, *modules: str, **fields: Any) -> Scrape:
    return Scrape(f"tcp://{agent.host}:{agent.port}", modules or ("if_mib",), **fields)


async def test_a_scrape_has_the_samples_of_its_module_and_its_own(device: Agent, exporter: Exporter) -> None:
    text = await exporter.scrape(of(device))
    eth0 = {"ifIndex": "2", "ifDescr": "eth0"}
    assert value(text, "sysUpTime") == pytest.approx(123.45)
    assert value(text, "ifOperStatus", ifOperStatus="down", **eth0) == 1
    assert value(text, "ifOperStatus", ifOperStatus="up", **eth0) == 0
    assert value(text, "ifInOctets", **eth0) == 4294967295
    assert value(text, "snmp_scrape_pdus_returned", module="if_mib") == 7
    assert value(text, "snmp_scrape_packets_sent", module="if_mib") == len(device.requests)
    assert value(text, "snmp_scrape_packets_retried", module="if_mib") == 0
    duration = value(text, "snmp_scrape_duration_seconds", module="if_mib")
    assert 0 <= value(text, "snmp_scrape_walk_duration_seconds", module="if_mib") <= duration
    assert value(exporter.metrics(), "snmp_packets_total") == len(device.requests)
    assert value(exporter.metrics(), "snmp_collection_duration_seconds_count", module="if_mib") == 1


async def test_connections_are_kept_between_scrapes(device: Agent, exporter: Exporter) -> None:
    for _ in range(3):
        await exporter.scrape(of(device))
    assert device.statistics.connections == 1
    assert value(exporter.metrics(), "snmptcp_exporter_agents") == 1


async def test_several_modules_are_scraped_at_once_if_they_may(device: Agent, tmp_path: Path) -> None:
    for concurrency, pending in ((1, 1), (2, 2)):
        async with Exporter(write_small(tmp_path), Options(module_concurrency=concurrency)) as exporter:
            device.inject(Hold(), times=pending)
            before = len(device.requests)
            task = asyncio.create_task(exporter.scrape(of(device, "if_mib", "name", "if_mib")))
            await device.wait_for_requests(before + pending)
            assert exporter.own.in_flight == pending
            device.release()
            text = await task
            assert value(text, "sysName", sysName='a "switch"\\\n') == 1
            assert value(text, "snmp_scrape_pdus_returned", module="name") == 1


async def test_a_module_that_fails_is_missing(device: Agent, exporter: Exporter) -> None:
    device.inject(FailWith(5), times=None, when=lambda request: request.pdu.varbinds[0].oid == "1.3.6.1.2.1.1.5.0")
    text = await exporter.scrape(of(device, "name", "if_mib"))
    assert value(text, "snmp_scrape_pdus_returned", module="if_mib") == 7
    assert "sysName" not in text
    assert exporter.own.failures == {"if_mib": 0, "name": 1}


async def test_a_scrape_whose_modules_all_fail_says_why(device: Agent, exporter: Exporter) -> None:
    device.inject(FailWith(5), times=None)
    with pytest.raises(ScrapeFailed, match=r"module name: 127\.0\.0\.1:\d+: .*genErr.*\nmodule if_mib: ") as caught:
        await exporter.scrape(of(device, "name", "if_mib"))
    assert "secret" not in str(caught.value)


async def test_an_agent_that_cannot_be_connected_to_is_tried_once(exporter: Exporter) -> None:
    with pytest.raises(ScrapeFailed) as caught:
        await exporter.scrape(Scrape("127.0.0.1:1", ("if_mib", "name")))
    first, second = str(caught.value).splitlines()
    assert first.startswith("module if_mib: cannot connect to 127.0.0.1:1: Connection refused")
    assert second == "module name: not tried: there is no connection"


async def test_a_scrape_ends_in_its_own_time(device: Agent, exporter: Exporter) -> None:
    device.inject(Drop(), times=None)
    task = asyncio.create_task(exporter.scrape(of(device, timeout=3)))
    await until(lambda: device.requests)
    skip(3.1)
    with pytest.raises(ScrapeFailed, match="if_mib: 127.0.0.1:[0-9]+: not done after 3 s, as long as Prometheus waits"):
        await task
    assert exporter.own.in_flight == 0


async def test_a_scrape_that_is_cancelled_leaves_nothing(device: Agent, exporter: Exporter) -> None:
    device.inject(Drop(), times=None)
    task = asyncio.create_task(exporter.scrape(of(device)))
    await until(lambda: device.requests)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert exporter.own.in_flight == 0
    device.clear_faults()
    assert value(await exporter.scrape(of(device)), "sysUpTime") > 0


async def test_too_many_scrapes_wait_for_each_other(device: Agent, tmp_path: Path) -> None:
    async with Exporter(write_small(tmp_path), Options(max_scrapes=1)) as exporter:
        device.inject(Hold())
        first = asyncio.create_task(exporter.scrape(of(device)))
        await until(lambda: device.requests)
        second = asyncio.create_task(exporter.scrape(of(device, timeout=1)))
        third = asyncio.create_task(exporter.scrape(of(device, timeout=100)))
        await asyncio.sleep(0)
        skip(1.1)
        with pytest.raises(ScrapeFailed, match="1 other scrapes are under way"):
            await second
        device.release()
        await asyncio.gather(first, third)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"modules": ("nope",)}, "Unknown module 'nope'"),
        ({"modules": ()}, "must contain at least one module name"),
        ({"auth": "nope"}, "Unknown auth 'nope'"),
        ({"target": "udp://192.0.2.1"}, "asks for UDP"),
        ({"engine_id": "0xzz"}, "'snmp_engineid' must be hex digits, not '0xzz'"),
    ],
)
async def test_a_parameter_that_is_wrong_is_an_error_before_anything_is_sent(
    exporter: Exporter, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadScrape, match=said):
        await exporter.scrape(Scrape(**{"target": "192.0.2.1", **fields}))


async def test_large_tables_are_refused(device: Agent, tmp_path: Path) -> None:
    async with Exporter(write_small(tmp_path), Options(max_variables=3)) as exporter:
        with pytest.raises(
            ScrapeFailed, match="more than 3 variables for one module; walk less, or raise --snmp.max-v"
        ):
            await exporter.scrape(of(device))


BOMB = """
auths: {public_v2: {}}
modules:
  bomb:
    walk: [1.3.6.1.2.1.2.2.1.2, 1.3.6.1.2.1.2.2.1.8]
    metrics:
    - name: state
      oid: 1.3.6.1.2.1.2.2.1.8
      type: EnumAsStateSet
      indexes: [{labelname: i, type: gauge}]
      lookups: [{labels: [i], labelname: name, oid: 1.3.6.1.2.1.2.2.1.2, type: DisplayString}]
      enum_values: {ENUM}
  name: {get: [1.3.6.1.2.1.1.5.0], metrics: [{name: sysName, oid: 1.3.6.1.2.1.1.5, type: DisplayString}]}
"""


@pytest.mark.parametrize("modules", [("bomb", "name"), ("name", "bomb")])
async def test_a_little_that_becomes_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, modules: tuple[str, ...]
) -> None:
    monkeypatch.setattr(Families.__init__, "__defaults__", (1_000_000,))
    states = "{" + ", ".join(f"{number}: state{number}" for number in range(1, 300)) + "}"
    path = write_small(tmp_path, BOMB.replace("{ENUM}", states))
    long = {**VARIABLES, "1.3.6.1.2.1.2.2.1.2.1": OctetString("x" * 10_000)}
    async with Agent(long) as agent, Exporter(path) as exporter:
        text = await exporter.scrape(of(agent, *modules))
        assert "sysName{" in text
        assert "state{" not in text
        with pytest.raises(ScrapeFailed, match="the metrics have more than 1,000,000 characters of text"):
            await exporter.scrape(of(agent, "bomb"))


async def test_modules_that_are_too_much_together_are_refused(
    device: Agent, exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(await exporter.scrape(of(device)))
    monkeypatch.setattr(Families.__init__, "__defaults__", (size,))
    assert "sysName{" in await exporter.scrape(of(device, "name", "if_mib"))
    monkeypatch.setattr(Families.__init__, "__defaults__", (900,))
    with pytest.raises(ScrapeFailed, match=r"127\.0\.0\.1:\d+: the metrics have more than 900 characters of text"):
        await exporter.scrape(of(device, "name", "if_mib"))


async def test_a_reload_reads_the_files_again_and_keeps_connections(
    device: Agent, exporter: Exporter, tmp_path: Path
) -> None:
    await exporter.scrape(of(device))
    write_small(tmp_path, SMALL.replace("sysUpTime", "upTime"))
    await exporter.reload()
    assert value(await exporter.scrape(of(device)), "upTime") > 0
    assert device.statistics.connections == 1


async def test_a_reload_that_fails_changes_nothing(device: Agent, exporter: Exporter, tmp_path: Path) -> None:
    write_small(tmp_path, "modules: [")
    with pytest.raises(ConfigurationError, match="is no YAML"):
        await exporter.reload()
    assert value(exporter.metrics(), "snmptcp_exporter_config_last_reload_successful") == 0
    assert value(await exporter.scrape(of(device)), "sysUpTime") > 0


async def test_a_closed_exporter_scrapes_nothing(exporter: Exporter) -> None:
    await exporter.aclose()
    with pytest.raises(ClosedError):
        await exporter.scrape(Scrape("192.0.2.1"))


V3 = """
auths:
  user: {version: 3, username: boss, security_level: authPriv, password: authentic!, auth_protocol: SHA256,
         priv_protocol: AES, priv_password: privately!}
modules:
  name: {get: [1.3.6.1.2.1.1.5.0], metrics: [{name: sysName, oid: 1.3.6.1.2.1.1.5, type: DisplayString}]}
"""


async def test_a_user_of_version_3_may_ask_in_another_context(tmp_path: Path) -> None:
    user = UsmUser("boss", "SHA-256", "authentic!", "AES", "privately!")
    contexts = {"vrf": {"1.3.6.1.2.1.1.5.0": "in the vrf"}}
    async with (
        Agent(VARIABLES, users=[user], contexts=contexts, engine_id=b"\x80\0\0\0\5abc") as agent,
        Exporter(write_small(tmp_path, V3)) as exporter,
    ):
        scrape = of(agent, "name", auth="user", context="vrf", engine_id="0x8000000005616263")
        assert value(await exporter.scrape(scrape), "sysName", sysName="in the vrf") == 1
        text = await exporter.scrape(of(agent, "name", auth="user"))
        assert ("sysName", frozenset({("sysName", 'a "switch"\\\n')})) in samples_of(text)


async def test_agents_with_tls_are_verified(certificates: Certificates, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text(certificates.ca_pem)
    server = TlsOptions(certificate=certificates.server.certificate_pem, key=certificates.server.key_pem)
    auths = f"auths: {{own: {{tls: {{ca_file: {authority}, server_name: localhost}}}}, public_v2: {{}}}}\n"
    path = write_small(tmp_path, auths + V3[V3.index("modules:") :])
    async with Agent(VARIABLES, tls=server) as agent:
        async with Exporter(path) as exporter:
            text = await exporter.scrape(
                Scrape(f"{agent.host}:{agent.port}", ("name",), "own")
            )  # TLS, since its auth has
            assert "sysName{" in text
            with pytest.raises(BadScrape, match="is without TLS, which its auth needs"):
                await exporter.scrape(of(agent, "name", auth="own"))
            with pytest.raises(ScrapeFailed, match="no TLS session"):
                await exporter.scrape(Scrape(f"tls://{agent.host}:{agent.port}", ("name",)))
        trusting = TlsOptions(ca_file=authority, server_name="localhost")
        async with Exporter(path, Options(tls=trusting)) as exporter:
            assert "sysName{" in await exporter.scrape(Scrape(f"tls://{agent.host}:{agent.port}", ("name",)))
