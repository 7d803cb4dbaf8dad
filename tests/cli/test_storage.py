"""Storage of an agent: sizes in octets, whatever the agent makes of large ones."""

from __future__ import annotations

import pytest

from snmptcp import OID, Community, Gauge32, Integer32, Manager, OctetString
from snmptcp.cli.storage import Storage, read_disks, read_host_storage
from snmptcp.testing import Agent

pytestmark = pytest.mark.anyio

HR = "1.3.6.1.2.1.25.2.3.1"
DSK = "1.3.6.1.4.1.2021.9.1"


def host_row(index: int, description: str, unit: int, size: int, used: int, kind: int = 4) -> dict[str, object]:
    return {
        f"{HR}.1.{index}": Integer32(index),
        f"{HR}.2.{index}": OID(f"1.3.6.1.2.1.25.2.1.{kind}"),
        f"{HR}.3.{index}": OctetString(description),
        f"{HR}.4.{index}": Integer32(unit),
        f"{HR}.5.{index}": Integer32(size),
        f"{HR}.6.{index}": Integer32(used),
    }


async def read(variables: dict[str, object], version: str = "2c") -> list[Storage]:
    async with (
        Agent(variables) as agent,
        Manager(agent.host, agent.port, credentials=Community("public", version)) as manager,
    ):
        return await read_host_storage(manager) + await read_disks(manager)


async def test_sizes_are_allocation_units_times_their_number() -> None:
    (row,) = await read(host_row(31, "/", 4096, 66053021, 7583324))
    assert row == Storage(31, "/", "fixedDisk", 66053021 * 4096, 7583324 * 4096, (66053021 - 7583324) * 4096)
    assert row.percent == 11


async def test_negative_numbers_are_those_above_two_to_the_31st() -> None:
    """12 TiB in units of 4 KiB: the number of units needs all 32 bits."""
    units = 3 * 2**30
    (row,) = await read(host_row(1, "/big", 4096, units - 2**32, units // 2))
    assert (row.size, row.used, row.percent) == (12 * 2**40, 6 * 2**40, 50)


async def test_an_empty_disk_is_not_divided_by() -> None:
    (row,) = await read(host_row(1, "swap", 1024, 0, 0, kind=3))
    assert (row.size, row.available, row.percent, row.type) == (0, 0, 0, "virtualMemory")


async def test_a_unit_of_zero_leaves_the_sizes_unknown() -> None:
    (row,) = await read(host_row(1, "/odd", 0, 100, 50, kind=99))
    assert (row.size, row.used, row.available, row.percent, row.type) == (None, None, None, None, None)


async def test_more_used_than_there_is_leaves_nothing() -> None:
    (row,) = await read(host_row(1, "/over", 1024, 100, 110))
    assert (row.available, row.percent) == (0, 110)


async def test_a_description_is_one_line_or_the_index() -> None:
    variables = host_row(1, "C:\\ Label:\x1b[31m\n  Data", 4096, 1, 1)
    variables |= {f"{HR}.4.2": Integer32(1), f"{HR}.5.2": Integer32(5)}
    rows = await read(variables)
    assert [row.description for row in rows] == ["C:\\ Label:\\x1b[31m Data", "(number 2)"]
    assert (rows[1].size, rows[1].used, rows[1].percent) == (5, None, None)


async def test_the_64_bits_of_net_snmp_count_where_there_are_any() -> None:
    names = {2: OctetString("/data"), 6: Integer32(2**31 - 1), 7: Integer32(5), 8: Integer32(7)}
    large = {11: Gauge32(1), 12: Gauge32(2), 13: Gauge32(3), 14: Gauge32(1), 15: Gauge32(4), 16: Gauge32(0)}
    small = await read({f"{DSK}.{column}.1": value for column, value in names.items()})
    both = await read({f"{DSK}.{column}.1": value for column, value in {**names, **large}.items()})
    assert small == [Storage(1, "/data", None, (2**31 - 1) * 1024, 7 * 1024, 5 * 1024)]
    assert both == [Storage(1, "/data", None, (2 * 2**32 + 1) * 1024, 4 * 1024, (2**32 + 3) * 1024)]


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_an_agent_without_the_tables_has_no_storage(version: str) -> None:
    assert await read({"1.3.6.1.2.1.1.1.0": OctetString("a switch")}, version) == []
