"""A manager with the names of MIB modules."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, ConfigurationError, Integer32, Manager, OctetString, TimeTicks, VarBind
from snmptcp.errors import ArgumentTypeError, MibError
from snmptcp.mib import Mib, NamedRow
from snmptcp.testing import Agent
from snmptcp.values import IpAddress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from snmptcp.values import Value

pytestmark = pytest.mark.anyio

IF_ENTRY = "1.3.6.1.2.1.2.2.1"


def variables() -> dict[str, Value]:
    made: dict[str, Value] = {
        "1.3.6.1.2.1.1.1.0": OctetString(b"a switch"),
        "1.3.6.1.2.1.1.3.0": TimeTicks(500),
        "1.3.6.1.2.1.4.20.1.1.10.0.0.1": IpAddress("10.0.0.1"),
    }
    for number in (1, 2):
        made[f"{IF_ENTRY}.1.{number}"] = Integer32(number)
        made[f"{IF_ENTRY}.2.{number}"] = OctetString(f"eth{number}")
        made[f"{IF_ENTRY}.6.{number}"] = OctetString(bytes(range(6)))
        made[f"{IF_ENTRY}.7.{number}"] = Integer32(1)
        made[f"{IF_ENTRY}.8.{number}"] = Integer32(number)
    return made


@asynccontextmanager
async def named_manager(others: dict[str, Value] | None = None, **options: Any) -> AsyncIterator[Manager]:
    async with (
        Agent({**variables(), **(others or {})}) as agent,
        Manager(agent.host, agent.port, credentials=Community("private"), mib=Mib(), **options) as manager,
    ):
        yield manager


async def test_variables_are_read_by_name() -> None:
    async with named_manager() as manager:
        answer = await manager.get("sysDescr.0", "SNMPv2-MIB::sysUpTime.0", "1.3.6.1.2.1.2.2.1.2.1")
        assert [value for _, value in answer] == [b"a switch", 500, b"eth1"]
        assert answer["sysDescr.0"] == b"a switch"
        assert answer["ifDescr.1"] == b"eth1"
        assert await manager.get_value("ifDescr.2") == b"eth2"
        assert (await manager.get_next("sysDescr"))["sysDescr.0"] == b"a switch"
        bulk = await manager.get_bulk("sysDescr", "ifDescr", non_repeaters=1, max_repetitions=2)
        assert bulk["ifDescr.2"] == b"eth2"


async def test_subtrees_are_walked_by_name() -> None:
    async with named_manager() as manager:
        assert [value async for _, value in manager.walk("ifDescr")] == [b"eth1", b"eth2"]
        assert [value async for _, value in manager.walk("ifDescr", start="ifDescr.1")] == [b"eth2"]


async def test_the_columns_of_a_table_are_found_by_name() -> None:
    async with named_manager() as manager:
        rows = [row async for row in manager.table("ifTable")]
        assert all(isinstance(row, NamedRow) for row in rows)
        assert [str(row["ifOperStatus"]) for row in rows] == ["up", "down"]
        assert [row["ifIndex"] for row in rows] == [1, 2]
        assert str(rows[0]["ifPhysAddress"]) == "0:1:2:3:4:5"
        rows = [row async for row in manager.table("IF-MIB::ifTable", ["ifDescr", 8])]
        assert [(row["ifDescr"], row["ifOperStatus"]) for row in rows] == [(b"eth1", 1), (b"eth2", 2)]
        (row,) = [row async for row in manager.table("ipAddrTable")]
        assert str(row["ipAdEntAddr"]) == "10.0.0.1"
        assert (str(row.indexes["ipAdEntAddr"]), next(iter(row.named))) == ("10.0.0.1", "ipAdEntAddr")


async def test_the_entry_of_a_table_is_known_by_its_definition() -> None:
    """A variable beside the entry, and an entry with one column, would be taken for something else."""
    others: dict[str, Value] = {
        "1.3.6.1.2.1.2.2.3.1": Integer32(0),
        "1.3.6.1.2.1.4.20.1.1.10.0.0.2": IpAddress("10.0.0.2"),
    }
    async with named_manager(others) as manager:
        for name in ("ifTable", "ifEntry", "1.3.6.1.2.1.2.2.1"):
            assert [row["ifIndex"] async for row in manager.table(name)] == [1, 2]
            assert [row["ifDescr"] async for row in manager.table(name, ["ifDescr"])] == [b"eth1", b"eth2"]
            assert [row[2] async for row in manager.table(name, [2])] == [b"eth1", b"eth2"]
        assert [len(row) async for row in manager.table("ipAddrEntry")] == [1, 1]


async def test_a_table_that_no_module_defines_has_numbers() -> None:
    async with named_manager() as manager:
        (row,) = [row async for row in manager.table("1.3.6.1.2.1.1")]
        assert not isinstance(row, NamedRow)
        assert (row.named, row.indexes) == ({}, {})


async def test_a_loop_over_named_rows_can_be_left() -> None:
    async with named_manager() as manager:
        async for row in manager.table("ifTable", max_repetitions=1):
            assert row["ifIndex"] == 1
            break
        assert await manager.get_value("sysUpTime.0") == 500


async def test_values_are_written_by_their_definitions() -> None:
    async with named_manager() as manager:
        answer = await manager.set(("ifAdminStatus.1", "down"))
        assert answer == (VarBind(answer[0].oid, Integer32(2)),)
        assert await manager.get_value("ifAdminStatus.1") == 2


async def test_a_value_that_an_object_cannot_have_is_never_sent() -> None:
    async with named_manager() as manager:
        with pytest.raises(MibError, match=r"ifAdminStatus is one of up\(1\), down\(2\), testing\(3\), not 'dwn'"):
            await manager.set(("ifAdminStatus.1", "dwn"))
        assert manager.statistics.requests == 0


async def test_a_name_that_no_module_has_is_refused_before_anything_is_sent() -> None:
    async with named_manager() as manager:
        with pytest.raises(MibError, match=r":[0-9]+: no loaded MIB module defines noSuchThing"):
            await manager.get("noSuchThing.0")
        with pytest.raises(MibError):
            manager.walk("noSuchThing")
        assert manager.statistics.requests == 0


async def test_without_a_mib_a_name_is_refused_with_what_would_help() -> None:
    async with Agent(variables()) as agent, Manager(agent.host, agent.port, credentials=Community("public")) as manager:
        with pytest.raises(ConfigurationError, match="sysDescr.0"):
            await manager.get("sysDescr.0")
        rows = [row async for row in manager.table("1.3.6.1.2.1.2.2")]
        with pytest.raises(KeyError, match="mib="):
            rows[0]["ifDescr"]


def test_a_mib_of_a_wrong_type_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="mib must be a Mib, or None, not str"):
        Manager("192.0.2.1", credentials=Community("public"), mib="IF-MIB")  # type: ignore[arg-type]
