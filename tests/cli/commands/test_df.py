"""``snmptcp df`` against an agent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from snmptcp import Integer32, OctetString
from snmptcp.testing import Agent
from tests.cli.helpers import where

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

HR = "1.3.6.1.2.1.25.2.3.1"
DSK = "1.3.6.1.4.1.2021.9.1"
HOST_STORAGE = {
    f"{HR}.{column}.{index}": value
    for index, row in {
        1: ("Physical memory", 1024, 24683652, 1151608),
        31: ("/", 4096, 66053021, 7585620),
        35: ("/dev/shm", 4096, 0, 0),
    }.items()
    for column, value in zip((3, 4, 5, 6), (OctetString(row[0]), *map(Integer32, row[1:])), strict=True)
}
DISKS = {f"{DSK}.2.1": OctetString("/"), f"{DSK}.6.1": Integer32(2048), f"{DSK}.8.1": Integer32(512)}


async def test_the_table_is_that_of_snmpdf(cli: Cli) -> None:
    async with Agent({**HOST_STORAGE, **DISKS}) as agent:
        outcome = await cli("df", where(agent))
    assert outcome == (
        0,
        (
            "Description              Size (kB)            Used       Available Used%\n"
            "Physical memory           24683652         1151608        23532044    4%\n"
            "/                        264212084        30342480       233869604   11%\n"
            "/dev/shm                         0               0               0    0%\n"
        ),
        "",
    )


async def test_sizes_for_people_in_units_of_1024_and_of_1000(cli: Cli) -> None:
    async with Agent(HOST_STORAGE) as agent:
        iec = await cli("df", "-Ch", where(agent))
        si = await cli("df", "-CH", where(agent))
    assert iec.out.splitlines() == [
        "Description              Size       Used  Available Used%",
        "Physical memory      23.54GiB    1.10GiB   22.44GiB    4%",
        "/                   251.97GiB   28.94GiB  223.04GiB   11%",
        "/dev/shm              0.00KiB    0.00KiB    0.00KiB    0%",
    ]
    assert si.out.splitlines()[2] == "/                    270.55GB    31.07GB   239.48GB   11%"


async def test_the_disks_of_net_snmp_are_read_on_request(cli: Cli) -> None:
    async with Agent({**HOST_STORAGE, **DISKS}) as agent:
        outcome = await cli("df", "-Cu", where(agent))
    assert outcome.out.splitlines()[1:] == ["/                             2048             512            1536   25%"]
    assert outcome.err == ""


@pytest.mark.parametrize(
    ("variables", "options", "said"),
    [
        (DISKS, (), "no hrStorageTable; this is dskTable"),
        (HOST_STORAGE, ("-Cu",), "no dskTable; this is hrStorageTable"),
        (DISKS, ("-v1",), "no hrStorageTable; this is dskTable"),
    ],
)
async def test_the_other_table_is_read_if_one_is_missing(
    cli: Cli, variables: dict[str, object], options: tuple[str, ...], said: str
) -> None:
    async with Agent(variables) as agent:
        outcome = await cli("df", *options, where(agent))
    assert outcome.code == 0
    assert said in outcome.err
    assert "/  " in outcome.out


async def test_an_agent_without_storage_is_a_failure(cli: Cli) -> None:
    async with Agent({"1.3.6.1.2.1.1.1.0": OctetString("a switch")}) as agent:
        outcome = await cli("df", where(agent))
        assert outcome == (
            1,
            "",
            f"snmptcp: {where(agent)}: the agent shows neither hrStorageTable nor dskTable\n",
        )


async def test_json_has_octets(cli: Cli) -> None:
    async with Agent(HOST_STORAGE) as agent:
        outcome = await cli("df", "--json", where(agent))
    assert json.loads(outcome.out.splitlines()[1]) == {
        "index": 31,
        "description": "/",
        "type": None,
        "size": 66053021 * 4096,
        "used": 7585620 * 4096,
        "available": (66053021 - 7585620) * 4096,
        "used_percent": 11,
    }


async def test_long_descriptions_move_the_columns_and_unknown_sizes_are_dashes(cli: Cli) -> None:
    name = "/a/very/long/path/\u5317\u4eac"
    async with Agent({f"{HR}.3.1": OctetString(name), f"{HR}.3.2": OctetString("/")}) as agent:
        outcome = await cli("df", where(agent))
    assert outcome.out.splitlines() == [
        "Description                  Size (kB)            Used       Available Used%",
        f"{name}               -               -               -     -",
        "/                                    -               -               -     -",
    ]


async def test_one_form_of_sizes_at_a_time(cli: Cli) -> None:
    outcome = await cli("df", "-ChH", "h")
    assert outcome.code == 2
    assert "-Ch and -CH exclude each other" in outcome.err
