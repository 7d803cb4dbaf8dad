"""A real Prometheus server scrapes the exporter, which asks a real snmpd and an agent with hostile values, over TCP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from snmptcp import Community, Manager, OctetString
from snmptcp.exporter import app
from snmptcp.testing import Agent
from tests.support.exporter import VARIABLES, write_small
from tests.support.prometheus import Prometheus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.snmpd import Snmpd

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

HOSTILE = b'q" b\\ \n\r\t\0 \xff\xfe \xc2\x85 \xe2\x80\xa8 {a="b"} 1'

CONFIGURATION = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- job_name: {job}
  metrics_path: /snmp
  params: {{module: [if_mib, name], auth: [public_v2]}}
  static_configs: [{{targets: ["{target}"]}}]
  relabel_configs: &agents
  - {{source_labels: [__address__], target_label: __param_target}}
  - {{source_labels: [__param_target], target_label: instance}}
  - {{target_label: __address__, replacement: "{exporter}"}}
- job_name: hostile
  metrics_path: /snmp
  params: {{module: ["name,if_mib"]}}
  static_configs: [{{targets: ["{hostile}"]}}]
  relabel_configs: *agents
- job_name: dead
  metrics_path: /snmp
  static_configs: [{{targets: ["tcp://127.0.0.1:1"]}}]
  relabel_configs: *agents
- job_name: exporter
  static_configs: [{{targets: ["{exporter}"]}}]
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def exporter(tmp_path: Path, anyio_backend: object) -> AsyncIterator[str]:
    """Return the address of an exporter."""
    runner = web.AppRunner(app(write_small(tmp_path)), handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_prometheus_has_what_the_agents_have(snmpd: Snmpd, exporter: str, tmp_path: Path) -> None:
    hostile = Agent({**VARIABLES, "1.3.6.1.2.1.1.5.0": OctetString(HOSTILE)})
    async with hostile, Manager(snmpd.host, snmpd.port, credentials=Community("public")) as manager:
        name = str(await manager.get_value("1.3.6.1.2.1.1.5.0"))
        interfaces = {str(varbind.oid[-1]): str(varbind.value) async for varbind in manager.walk("1.3.6.1.2.1.2.2.1.2")}
        folder = tmp_path / "prometheus"
        folder.mkdir()
        configuration = CONFIGURATION.format(
            job="snmpd",
            target=f"tcp://{snmpd.host}:{snmpd.port}",
            hostile=f"tcp://{hostile.host}:{hostile.port}",
            exporter=exporter,
        )
        prometheus = Prometheus(folder, configuration)
        try:
            await prometheus.until("up", lambda found: len(found) == 4)
            up = {labels["job"]: value for labels, value in await prometheus.vector("up")}
            assert up == {"snmpd": 1, "hostile": 1, "dead": 0, "exporter": 1}, await prometheus.errors()

            ((labels, value),) = await prometheus.vector('sysName{job="snmpd"}')
            assert (labels["sysName"], labels["instance"], value) == (name, f"tcp://{snmpd.host}:{snmpd.port}", 1)
            octets = await prometheus.vector('ifInOctets{job="snmpd"}')
            assert {labels["ifIndex"]: labels["ifDescr"] for labels, _ in octets} == interfaces
            states = await prometheus.vector('sum by (ifIndex) (ifOperStatus{job="snmpd"})')
            assert [value for _, value in states] == [1] * len(interfaces)

            ((labels, _),) = await prometheus.vector('sysName{job="hostile"}')
            assert labels["sysName"] == HOSTILE.replace(b"\xff\xfe", "\ufffd".encode()).decode()

            assert "500" in (await prometheus.errors())["dead"]
            await prometheus.until("snmp_packets_total", lambda found: found and found[0][1] > 0)
            assert hostile.statistics.connections == 1  # kept, however often Prometheus comes
        finally:
            prometheus.stop()
