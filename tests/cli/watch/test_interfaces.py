"""Interfaces, read and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Community, Counter32, Counter64, Gauge32, Integer32, Manager, OctetString, TimeTicks
from snmptcp.cli.watch.interfaces import InterfaceReader, compare_interfaces, total_of
from snmptcp.errors import SnmpError
from snmptcp.testing import Agent
from tests.support.watching import FakeClock

if TYPE_CHECKING:
    from snmptcp.cli.watch.interfaces import InterfaceSample

pytestmark = pytest.mark.anyio

IF, IF_X = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
UP_TIME = "1.3.6.1.2.1.1.3.0"


def low(index: int, **columns: int) -> dict[str, object]:
    """Return a row of ifTable."""
    names = {"speed": (5, Gauge32), "status": (8, Integer32)}
    numbers = {"in_octets": 10, "in_ucast": 11, "in_other": 12, "in_discards": 13, "in_errors": 14}
    numbers |= {"out_octets": 16, "out_ucast": 17, "out_other": 18, "out_discards": 19, "out_errors": 20}
    kinds = {**names, **{name: (column, Counter32) for name, column in numbers.items()}}
    row = {f"{IF}.{kinds[name][0]}.{index}": kinds[name][1](value) for name, value in columns.items()}
    return {f"{IF}.2.{index}": OctetString(f"Ethernet {index}"), **row}


def high(index: int, **columns: int) -> dict[str, object]:
    """Return a row of ifXTable."""
    numbers = {"in_octets": 6, "in_ucast": 7, "in_multicast": 8, "in_broadcast": 9}
    numbers |= {"out_octets": 10, "out_ucast": 11, "out_multicast": 12, "out_broadcast": 13}
    row = {f"{IF_X}.{numbers[name]}.{index}": Counter64(value) for name, value in columns.items() if name in numbers}
    if "high_speed" in columns:
        row[f"{IF_X}.15.{index}"] = Gauge32(columns["high_speed"])  # type: ignore[assignment]
    if "discontinuity" in columns:
        row[f"{IF_X}.19.{index}"] = TimeTicks(columns["discontinuity"])  # type: ignore[assignment]
    return {f"{IF_X}.1.{index}": OctetString(f"eth{index}"), **row}


async def two_readings(
    before: dict[str, object],
    changes: dict[str, object],
    *patterns: str,
    version: str = "2c",
    uptimes: tuple[int, int] = (100, 300),
) -> tuple[InterfaceSample, list[OID]]:
    """Return the comparison of two readings, 2 s apart, and the columns that the second one asked for."""
    clock = FakeClock()
    reader = InterfaceReader(patterns)
    async with (
        Agent({UP_TIME: TimeTicks(uptimes[0]), **before}) as agent,
        Manager(agent.host, agent.port, credentials=Community("public", version)) as manager,
    ):
        first = await reader.read(manager, clock)
        agent.mib[UP_TIME] = TimeTicks(uptimes[1])
        for oid, value in changes.items():
            agent.mib[oid] = value
        agent.requests.clear()
        clock.time += 2
        second = await reader.read(manager, clock)
        asked = [varbind.oid[: len(OID(IF)) + 2] for request in agent.requests for varbind in request.pdu.varbinds]
    return compare_interfaces(first, second), asked


async def test_counters_of_64_bits_are_used_where_they_are() -> None:
    before = low(1, status=1, in_octets=5, out_octets=5, in_errors=1, speed=4294967295)
    before |= high(
        1, in_octets=2**64 - 500, out_octets=0, in_ucast=10, in_multicast=1, in_broadcast=1, high_speed=10000
    )
    changes = low(1, in_octets=9, in_errors=4) | high(1, in_octets=500, out_octets=2500, in_ucast=20, in_broadcast=3)
    sample, asked = await two_readings(before, changes)
    (row,) = sample.interfaces
    assert (row.name, row.status, row.speed) == ("eth1", "up", 10**10)
    assert (row.in_bits, row.out_bits) == (8 * 1000 / 2, 8 * 2500 / 2)
    assert (row.in_packets, row.out_packets) == (12 / 2, None)
    assert (row.in_errors, row.out_errors) == (3, None)
    assert row.use == 100 * 10000 / 10**10
    assert OID(f"{IF}.10") not in asked  # those of 32 bits are read no more


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_counters_of_32_bits_are_used_where_there_are_no_others(version: str) -> None:
    row_before = low(1, status=2, in_octets=2**32 - 100, out_octets=0, in_ucast=1, in_other=1, speed=1000)
    changes = low(1, in_octets=100, out_octets=50, in_ucast=5, in_other=2)
    sample, asked = await two_readings(row_before, changes, version=version)
    (row,) = sample.interfaces
    assert (row.name, row.status, row.speed) == ("Ethernet 1", "down", 1000)
    assert (row.in_bits, row.out_bits, row.in_packets) == (800.0, 200.0, 2.5)
    assert row.use == 80.0
    assert not [oid for oid in asked if oid.startswith(IF_X)]  # the other table is read no more


async def test_a_speed_that_changes_is_the_one_of_now() -> None:
    before = low(1, speed=10**9) | low(2, speed=0) | high(1, in_octets=0, high_speed=1000) | high(2, high_speed=0)
    changes = low(1, speed=10**8) | high(1, in_octets=10**6, high_speed=100) | high(2, high_speed=25000)
    sample, _ = await two_readings(before, changes)
    assert [row.speed for row in sample.interfaces] == [10**8, 25 * 10**9]
    assert sample.interfaces[0].use == 4.0


async def test_counters_of_32_bits_that_were_set_back_have_no_rates() -> None:
    before = low(1, in_octets=10**9) | low(2, in_octets=0) | high(1, discontinuity=0) | high(2, discontinuity=0)
    changes = low(1, in_octets=5) | low(2, in_octets=1000) | high(1, discontinuity=250)
    sample, _ = await two_readings(before, changes)
    assert [row.in_bits for row in sample.interfaces] == [None, 4000.0]


async def test_a_new_interface_may_bring_counters_of_64_bits() -> None:
    clock, reader = FakeClock(), InterfaceReader()
    variables = {UP_TIME: TimeTicks(0), **low(1, in_octets=0)}
    async with (
        Agent(variables) as agent,
        Manager(agent.host, agent.port, credentials=Community("public")) as manager,
    ):
        snapshots = [await reader.read(manager, clock)]
        for octets in (0, 500, 1000):
            for oid, value in (low(2, in_octets=7) | high(2, in_octets=2**40 + octets)).items():
                agent.mib[oid] = value
            clock.time += 2
            snapshots.append(await reader.read(manager, clock))
    sample = compare_interfaces(*snapshots[2:])
    assert [row.in_bits for row in sample.interfaces] == [0.0, 2000.0]


async def test_each_interface_has_the_counters_that_it_has() -> None:
    before = low(1, in_octets=0) | low(2, in_octets=0) | high(1, in_octets=0)
    changes = low(1, in_octets=77) | low(2, in_octets=1000) | high(1, in_octets=2000)
    sample, _ = await two_readings(before, changes)
    assert [row.in_bits for row in sample.interfaces] == [8000.0, 4000.0]


async def test_what_was_set_back_or_is_new_has_no_rates() -> None:
    before = low(1, in_octets=5) | high(1, in_octets=10**9, discontinuity=0)
    changes = high(1, in_octets=10**9 + 5, discontinuity=200) | low(2, status=1)
    sample, _ = await two_readings(before, changes)
    assert [(row.name, row.in_bits) for row in sample.interfaces] == [("eth1", None), ("Ethernet 2", None)]
    assert [row.use for row in sample.interfaces] == [None, None]


async def test_after_a_restart_nothing_has_rates() -> None:
    sample, _ = await two_readings(low(1, in_octets=5), low(1, in_octets=9), uptimes=(100000, 50))
    assert sample.interval.restarted
    assert sample.interfaces[0].in_bits is None


@pytest.mark.parametrize("pattern", ["eth2", "Ethernet 2", "2", "*2", "uplink"])
async def test_interfaces_are_chosen_by_any_of_their_names(pattern: str) -> None:
    before = low(1) | low(2) | high(1) | high(2) | {f"{IF_X}.18.2": OctetString("uplink")}
    sample, _ = await two_readings(before, {}, pattern)
    assert [row.name for row in sample.interfaces] == ["eth2"]


async def test_a_name_that_no_interface_has_is_a_failure_that_lists_them() -> None:
    with pytest.raises(SnmpError, match="no interface is called eth9 or wan; there are eth1, Ethernet 2"):
        await two_readings(low(1) | low(2) | high(1), {}, "eth9", "wan")


async def test_an_agent_without_interfaces_is_a_failure() -> None:
    with pytest.raises(SnmpError, match="the agent shows no interfaces"):
        await two_readings({}, {})


async def test_the_total_adds_up_what_is_known() -> None:
    before = low(1, in_octets=0, in_errors=0) | low(2, in_octets=0)
    sample, _ = await two_readings(before, low(1, in_octets=100, in_errors=1) | low(2, in_octets=100))
    total = total_of(sample.interfaces)
    assert (total.name, total.in_bits, total.in_errors, total.out_bits, total.use) == ("Sum", 800.0, 1, None, None)
