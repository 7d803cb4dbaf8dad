"""Many embedded agents."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp import ConnectFailed, ConnectionLost, Manager, RequestTimeout
from snmptcp.cli.polling import embedded
from snmptcp.cli.polling.embedded import embedded_agents
from snmptcp.fleet import Get, Target
from tests.support.clock import skip

pytestmark = pytest.mark.anyio

JOB = Get("1.3.6.1.2.1.1.3.0", name="uptime")
OCTETS = "1.3.6.1.2.1.31.1.1.1.6.4"


def manager(target: Target) -> Manager:
    return Manager(target.host, target.port, credentials=target.credentials, timeout=20.0)


async def test_agents_have_names_of_their_own_and_counters_that_grow() -> None:
    async with embedded_agents(3, [JOB]) as targets:
        assert [target.name for target in targets] == ["device-000", "device-001", "device-002"]
        assert {target.labels["kind"] for target in targets} == {"steady"}
        assert len({target.port for target in targets}) == 3
        async with manager(targets[2]) as agent:
            assert str(await agent.get_value("1.3.6.1.2.1.1.5.0")) == "device-002"
            before = await agent.get_value(OCTETS)
            skip(5.0)
            after = await agent.get_value(OCTETS)
            assert isinstance(before, int)
            assert isinstance(after, int)
            assert after > before


def test_counters_never_run_backwards() -> None:
    now = 100.0
    devices = [embedded._Device(number, lambda: now) for number in range(20)]
    before = [0] * len(devices)
    for _ in range(200):
        now += 0.5
        after = [int(device.agent.mib.read(OCTETS)) for device in devices]  # type: ignore[arg-type]
        assert all(old <= new for old, new in zip(before, after, strict=True))
        before = after


async def test_some_agents_are_slow_and_some_die_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("_LIFE", 0.02), ("_DEATH", 0.05), ("_DELAY", 0.01), ("_MORE_DELAY", 0.0)):
        monkeypatch.setattr(embedded, name, seconds)
    async with embedded_agents(14, [JOB]) as targets:
        assert [target.labels["kind"] for target in targets].count("slow") == 1
        assert targets[7].labels == {"kind": "slow"}
        assert targets[13].labels == {"kind": "mortal"}
        async with manager(targets[7]) as slow:
            await slow.get("1.3.6.1.2.1.1.5.0")
        answers, failures = 0, 0
        async with asyncio.timeout(30):
            while not (answers and failures):
                async with Manager(targets[13].host, targets[13].port, credentials=targets[13].credentials) as mortal:
                    try:
                        await mortal.get("1.3.6.1.2.1.1.5.0")
                    except (ConnectFailed, ConnectionLost, RequestTimeout):
                        failures += 1
                    else:
                        answers += 1
                await asyncio.sleep(0.002)
