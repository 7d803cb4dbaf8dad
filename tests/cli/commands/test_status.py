"""``snmptcp status`` against an agent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from snmptcp import Counter32, Integer32, OctetString, TimeTicks
from snmptcp.errors import GenErr
from snmptcp.testing import Agent, Computed
from tests.cli.helpers import where

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

IF = "1.3.6.1.2.1.2.2.1"
SYSTEM = {
    "1.3.6.1.2.1.1.1.0": OctetString("Kinetics\r\nFastPath2"),
    "1.3.6.1.2.1.1.3.0": TimeTicks(10341100),
}
IP = {"1.3.6.1.2.1.4.3.0": Counter32(31603), "1.3.6.1.2.1.4.10.0": Counter32(15805)}


def interface(index: int, name: str, admin: int, oper: int, *packets: int) -> dict[str, object]:
    return {
        f"{IF}.2.{index}": OctetString(name),
        f"{IF}.7.{index}": Integer32(admin),
        f"{IF}.8.{index}": Integer32(oper),
        **{
            f"{IF}.{column}.{index}": Counter32(count) for column, count in zip((11, 12, 17, 18), packets, strict=False)
        },
    }


DEVICE = {
    **SYSTEM,
    **IP,
    **interface(1, "lo", 1, 1, 100, 0, 100, 0),
    **interface(2, "eth0", 1, 7, 262000, 774, 39000, 767),
    **interface(10, "eth1", 2, 2, 0, 0, 0, 0),
}


@pytest.mark.parametrize("version", ["-v1", "-v2c"])
async def test_the_lines_are_those_of_snmpstatus_with_the_interfaces_that_are_down(cli: Cli, version: str) -> None:
    async with Agent(DEVICE) as agent:
        outcome = await cli("status", version, where(agent))
        assert outcome == (
            0,
            (
                f"[{where(agent)}]=>[Kinetics FastPath2] Up: 1 day, 4:43:31.00\n"
                "Interfaces: 3, Recv/Trans packets: 262874/39867 | IP: 31603/15805\n"
                "2 interfaces are down!\n"
                "  eth0 (2): lowerLayerDown\n"
                "  eth1 (10): down, as configured\n"
            ),
            "",
        )


async def test_one_interface_that_is_down_is_said_in_the_singular(cli: Cli) -> None:
    async with Agent({**SYSTEM, **IP, **interface(4, "ge-0/0/1", 1, 2)}) as agent:
        outcome = await cli("status", where(agent))
    assert outcome.out.splitlines()[1:] == [
        "Interfaces: 1, Recv/Trans packets: -/- | IP: 31603/15805",
        "1 interface is down!",
        "  ge-0/0/1 (4): down",
    ]


@pytest.mark.parametrize("version", ["-v1", "-v2c"])
async def test_what_the_agent_does_not_have_is_a_dash(cli: Cli, version: str) -> None:
    async with Agent({"1.3.6.1.2.1.1.3.0": TimeTicks(200)}) as agent:
        outcome = await cli("status", version, where(agent))
        assert outcome.out.splitlines() == [
            f"[{where(agent)}]=>[-] Up: 0:00:02.00",
            "Interfaces: 0, Recv/Trans packets: -/- | IP: -/-",
        ]


def _fails() -> None:
    raise GenErr


async def test_a_variable_that_fails_is_left_out_unless_cf_is_given(cli: Cli) -> None:
    async with Agent({**SYSTEM, "1.3.6.1.2.1.4.3.0": Computed(_fails)}) as agent:
        outcome = await cli("status", where(agent))
        refused = await cli("status", "-Cf", where(agent))
    assert outcome.code == 0
    assert outcome.out.startswith(f"[{where(agent)}]=>[Kinetics FastPath2] Up: 1 day")
    assert refused.code == 1
    assert "genErr" in refused.err


@pytest.mark.parametrize("version", ["-v1", "-v2c"])
async def test_an_agent_that_shows_nothing_is_a_failure(cli: Cli, version: str) -> None:
    async with Agent({"1.3.6.1.4.1.99999.1.0": Integer32(1)}) as agent:
        outcome = await cli("status", version, where(agent))
        text = f"snmptcp: {where(agent)}: the agent shows neither the system group nor interfaces\n"
        assert outcome == (1, "", text)


async def test_json_is_one_object(cli: Cli) -> None:
    async with Agent(DEVICE) as agent:
        outcome = await cli("status", "--json", where(agent))
        assert json.loads(outcome.out) == {
            "address": where(agent),
            "description": "Kinetics FastPath2",
            "uptime": 10341100,
            "interfaces": 3,
            "received": 262874,
            "sent": 39867,
            "ip_received": 31603,
            "ip_sent": 15805,
            "down": [
                {"index": 2, "name": "eth0", "status": "lowerLayerDown", "admin_status": "up"},
                {"index": 10, "name": "eth1", "status": "down", "admin_status": "down"},
            ],
        }
