"""The manager against a real agent, net-snmp's snmpd, over TCP."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import subprocess

import pytest

from snmptcp import (
    OID,
    AgentError,
    Community,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    Counter32,
    EndOfMibView,
    Integer32,
    Manager,
    NoSuchInstance,
    NoSuchObject,
    OctetString,
    RequestTimeout,
    TimeTicks,
    VarBind,
)
from snmptcp.errors import NoAccess, NoSuchName, NotWritable, WrongType
from tests.support.netsnmp import PATIENCE
from tests.support.snmpd import HIDDEN, Snmpd

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

SYSTEM = "1.3.6.1.2.1.1"
SYS_DESCR = f"{SYSTEM}.1.0"
SYS_UPTIME = f"{SYSTEM}.3.0"
SYS_CONTACT = f"{SYSTEM}.4.0"
SYS_NAME = f"{SYSTEM}.5.0"
SYS_LOCATION = f"{SYSTEM}.6.0"
IF_TABLE = "1.3.6.1.2.1.2.2"


def manager_of(snmpd: Snmpd, community: str = "public", version: str = "2c", **options) -> Manager:
    options = {"timeout": PATIENCE, **options}
    return Manager(snmpd.host, snmpd.port, credentials=Community(community, version), **options)


def tool(name: str, snmpd: Snmpd, *arguments: str, version: str = "2c") -> list[str]:
    """Return the lines that one of net-snmp's tools prints; long strings come in one line."""
    path = shutil.which(name)
    if path is None:
        if os.environ.get("SNMPTCP_REQUIRE_INTEROP"):
            pytest.fail(f"net-snmp's {name} is not installed (Debian: apt-get install snmp)")
        pytest.skip(f"net-snmp's {name} is not installed (Debian: apt-get install snmp)")
    completed = subprocess.run(
        [path, f"-v{version}", "-cpublic", "-On", snmpd.address, *arguments],
        env={**os.environ, "MIBS": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return completed.stdout.splitlines()


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_get_reads_scalars_in_the_order_asked(snmpd: Snmpd, version: str) -> None:
    async with manager_of(snmpd, version=version) as manager:
        varbinds = await manager.get(SYS_LOCATION, f".{SYS_UPTIME}", OID(SYS_CONTACT))

    assert [str(varbind.oid) for varbind in varbinds] == [SYS_LOCATION, SYS_UPTIME, SYS_CONTACT]
    location, uptime, contact = (varbind.value for varbind in varbinds)
    assert location == b"a shelf in the lab"
    assert isinstance(location, OctetString)
    assert isinstance(uptime, TimeTicks)
    assert contact == b"nobody@example.com"


async def test_get_of_what_is_not_there_tells_object_from_instance(snmpd: Snmpd) -> None:
    async with manager_of(snmpd) as manager:
        answered = await manager.get("1.3.6.1.2.1.1.99.0", f"{SYSTEM}.1.7", SYS_NAME)

    assert isinstance(answered[0].value, NoSuchObject)
    assert isinstance(answered[1].value, NoSuchInstance)
    assert isinstance(answered[2].value, OctetString)


async def test_get_of_what_is_not_there_is_an_error_in_version_1(snmpd: Snmpd) -> None:
    async with manager_of(snmpd, version="1") as manager:
        with pytest.raises(NoSuchName) as caught:
            await manager.get(SYS_NAME, "1.3.6.1.2.1.1.99.0")
        assert caught.value.index == 2
        assert caught.value.varbind is not None
        assert str(caught.value.varbind.oid) == "1.3.6.1.2.1.1.99.0"

        assert len(await manager.get(SYS_NAME)) == 1


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_get_next_goes_to_the_first_instance(snmpd: Snmpd, version: str) -> None:
    async with manager_of(snmpd, version=version) as manager:
        first, second = await manager.get_next(SYSTEM, SYS_UPTIME)

    assert str(first.oid) == SYS_DESCR
    assert str(second.oid) == SYS_CONTACT


async def test_get_next_past_the_end_tells_the_end_of_the_view(snmpd: Snmpd) -> None:
    async with manager_of(snmpd) as manager:
        (varbind,) = await manager.get_next("2.99")

    assert varbind == VarBind(OID("2.99"), EndOfMibView())


async def test_get_bulk_repeats_and_does_not(snmpd: Snmpd) -> None:
    async with manager_of(snmpd) as manager:
        varbinds = await manager.get_bulk(SYS_DESCR, f"{IF_TABLE}.1.1", non_repeaters=1, max_repetitions=3)

    assert str(varbinds[0].oid) == f"{SYSTEM}.2.0"
    assert len(varbinds) == 4
    assert varbinds[1].oid.startswith(OID(f"{IF_TABLE}.1.1"))


async def test_get_bulk_does_not_exist_in_version_1(snmpd: Snmpd) -> None:
    async with manager_of(snmpd, version="1") as manager:
        with pytest.raises(ConfigurationError, match="SNMPv1 has no GETBULK"):
            await manager.get_bulk(SYSTEM)


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("max_repetitions", [0, 1, 25, 1000])
async def test_a_walk_gives_what_snmpwalk_gives(snmpd: Snmpd, version: str, max_repetitions: int) -> None:
    subtree = "1.3.6.1.2.1.1"
    expected = [line.split(" ", 1)[0].removeprefix(".") for line in tool("snmpwalk", snmpd, subtree, version=version)]

    async with manager_of(snmpd, version=version) as manager:
        found = [str(varbind.oid) async for varbind in manager.walk(subtree, max_repetitions=max_repetitions)]

    assert found == [name for name in expected if name]


async def test_a_walk_of_everything_comes_in_order_and_without_repetition(snmpd: Snmpd) -> None:
    async with manager_of(snmpd) as manager:
        names = [varbind.oid async for varbind in manager.walk("1", max_repetitions=100)]

    assert len(names) > 500
    assert all(earlier < later for earlier, later in itertools.pairwise(names))
    assert not [name for name in names if any(name.startswith(OID(hidden)) for hidden in HIDDEN)]


async def test_a_walk_ends_after_its_limit(snmpd: Snmpd) -> None:
    async with manager_of(snmpd) as manager:
        found = [varbind async for varbind in manager.walk("1.3.6.1.2.1", limit=37)]

    assert len(found) == 37


async def test_a_walk_goes_on_after_a_name(snmpd: Snmpd) -> None:
    async with manager_of(snmpd) as manager:
        names = [str(varbind.oid) async for varbind in manager.walk(SYSTEM, start=SYS_CONTACT)]

    assert names[0] == SYS_NAME


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("root", [IF_TABLE, f"{IF_TABLE}.1"])
async def test_a_table_comes_in_rows(snmpd: Snmpd, version: str, root: str) -> None:
    async with manager_of(snmpd, version=version) as manager:
        descriptions = [varbind async for varbind in manager.walk(f"{IF_TABLE}.1.2")]
        rows = [row async for row in manager.table(root)]

    assert [str(row.index) for row in rows] == [str(varbind.oid[-1]) for varbind in descriptions]
    assert [row[2] for row in rows] == [varbind.value for varbind in descriptions]
    assert all(row[1] == int(str(row.index)) for row in rows)
    assert all(isinstance(row[10], Counter32) for row in rows)


async def test_a_table_of_chosen_columns(snmpd: Snmpd) -> None:
    async with manager_of(snmpd) as manager:
        rows = [row async for row in manager.table(IF_TABLE, columns=[2, f"{IF_TABLE}.1.8"])]

    assert rows
    assert all(list(row.keys()) == [2, 8] for row in rows)


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_set_writes_and_answers_what_it_wrote(snmpd: Snmpd, version: str) -> None:
    async with manager_of(snmpd, "private", version) as manager:
        answered = await manager.set((SYS_NAME, f"core-{version}"))
        (read,) = await manager.get(SYS_NAME)

    assert answered == (VarBind(OID(SYS_NAME), OctetString(f"core-{version}")),)
    assert read.value == f"core-{version}".encode()


async def test_set_errors_name_the_variable_to_blame(snmpd: Snmpd) -> None:
    async with manager_of(snmpd, "private") as manager:
        with pytest.raises(NotWritable) as not_writable:
            await manager.set((SYS_NAME, "x"), (SYS_UPTIME, TimeTicks(5)))
        with pytest.raises(WrongType) as wrong_type:
            await manager.set((SYS_NAME, Integer32(5)))
    async with manager_of(snmpd, "public") as manager:
        with pytest.raises(NoAccess):
            await manager.set((SYS_NAME, "x"))

    assert not_writable.value.varbind is not None
    assert str(not_writable.value.varbind.oid) == SYS_UPTIME
    assert wrong_type.value.index == 1


async def test_many_requests_in_flight_are_each_given_their_own_answer(snmpd: Snmpd) -> None:
    names = [SYS_DESCR, SYS_UPTIME, SYS_CONTACT, SYS_NAME, SYS_LOCATION] * 200
    async with manager_of(snmpd) as manager:
        answers = await asyncio.gather(*(manager.get(name) for name in names))
        statistics = manager.statistics

    assert [str(answer[0].oid) for answer in answers] == names
    assert statistics.connections == 1
    assert statistics.requests == statistics.responses == 1000


async def test_more_names_than_fit_one_message_come_back_in_order(snmpd: Snmpd) -> None:
    names = [SYS_DESCR, SYS_UPTIME, SYS_CONTACT, SYS_NAME, SYS_LOCATION] * 300
    async with manager_of(snmpd) as manager:
        answered = await manager.get(*names)
        statistics = manager.statistics

    assert [str(varbind.oid) for varbind in answered] == names
    assert statistics.requests > 1


async def test_an_answer_far_above_64_kibibytes_is_read(snmpd: Snmpd) -> None:
    async with manager_of(snmpd) as manager:
        varbinds = await manager.get_bulk(*["1.3.6.1.2.1.1"] * 500, max_repetitions=20)
        received = manager.statistics.octets_received

    assert len(varbinds) > 9_000
    assert received > 200_000


async def test_a_wrong_community_is_met_with_silence(snmpd: Snmpd) -> None:
    async with manager_of(snmpd, "wrong") as manager:
        await manager.connect()
        with pytest.raises(RequestTimeout) as caught:
            await manager.get(SYS_NAME, timeout=0.5)

    assert caught.value.reason is None
    assert "wrong" not in str(caught.value)


async def test_ipv6(snmpd: Snmpd) -> None:
    async with Manager("::1", snmpd.port, credentials=Community("public")) as manager:
        (varbind,) = await manager.get(SYS_LOCATION)

    assert varbind.value == b"a shelf in the lab"


async def test_a_host_name(snmpd: Snmpd) -> None:
    async with Manager("localhost", snmpd.port, credentials=Community("public")) as manager:
        (varbind,) = await manager.get(SYS_LOCATION)

    assert varbind.value == b"a shelf in the lab"


async def test_an_agent_that_restarts_is_found_again(tmp_path) -> None:
    snmpd = Snmpd(tmp_path)
    snmpd.start()
    try:
        async with manager_of(snmpd) as manager:
            await manager.get(SYS_NAME)
            snmpd.stop()
            with pytest.raises((ConnectFailed, ConnectionLost)):
                await manager.get(SYS_NAME)
            snmpd.start()
            (varbind,) = await manager.get(SYS_NAME)

            assert isinstance(varbind.value, OctetString)
            assert manager.statistics.connections == 2
    finally:
        snmpd.stop()


async def test_no_request_of_a_dying_agent_is_left_waiting(tmp_path) -> None:
    snmpd = Snmpd(tmp_path)
    snmpd.start()
    try:
        async with manager_of(snmpd, retries=0, timeout=20) as manager:
            await manager.connect()
            requests = [asyncio.ensure_future(manager.get_bulk("1.3.6.1.2.1", max_repetitions=500)) for _ in range(500)]
            await asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
            snmpd.stop()
            outcomes = await asyncio.gather(*requests, return_exceptions=True)

            lost = [outcome for outcome in outcomes if isinstance(outcome, ConnectionLost)]
            assert lost
            assert all(isinstance(outcome, tuple | ConnectionLost) for outcome in outcomes)
            assert manager.pending == 0
    finally:
        snmpd.stop()


async def test_the_command_line_tools_and_the_manager_agree_on_every_value(snmpd: Snmpd) -> None:
    lines = tool("snmpbulkwalk", snmpd, "-Oq", "-Cr50", "1.3.6.1.2.1.4")
    async with manager_of(snmpd) as manager:
        varbinds = [varbind async for varbind in manager.walk("1.3.6.1.2.1.4", max_repetitions=50)]

    named = {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in lines if line.startswith(".") and " " in line}
    assert len(varbinds) == len(named)
    for oid, value in varbinds:
        assert f".{oid}" in named
        if isinstance(value, Integer32):
            assert named[f".{oid}"] == str(value)


async def test_an_agent_error_keeps_the_connection(snmpd: Snmpd) -> None:
    async with manager_of(snmpd, "private") as manager:
        for _ in range(5):
            with pytest.raises(AgentError):
                await manager.set((SYS_UPTIME, TimeTicks(1)))
            await manager.get(SYS_UPTIME)

        assert manager.statistics.connections == 1
