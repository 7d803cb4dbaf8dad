"""Reading what a job asks for: names, values, what is missing, and limits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Community, ConfigurationError, Manager, RequestTimeout
from snmptcp.errors import LimitExceeded, NoSuchName
from snmptcp.fleet import Get, Table, Walk
from snmptcp.fleet.polling.naming import Naming
from snmptcp.fleet.polling.reading import Reader, Readers, Reading
from snmptcp.testing import Delay, Hold
from tests.support.clock import skip
from tests.support.mibs import IF_TABLE, SYS_NAME, SYS_UPTIME

if TYPE_CHECKING:
    from snmptcp.fleet import Job
    from snmptcp.mib import Mib
    from snmptcp.testing import Agent

pytestmark = pytest.mark.anyio

NUMBERS = Naming(None)


async def read(manager: Manager, job: Job, naming: Naming = NUMBERS) -> Reading:
    reading = Reading()
    await Reader(job, naming).read(manager, reading)
    return reading


def seen(reading: Reading) -> list[tuple[str, str, str]]:
    return [(item.name, item.arcs, str(item.value)) for item in reading.items]


async def test_a_get_reads_its_names(manager: Manager) -> None:
    reading = await read(manager, Get(SYS_NAME, "1.3.6.1.2.1.1.7.0"))
    assert seen(reading) == [(SYS_NAME, "", "core"), ("1.3.6.1.2.1.1.7.0", "", "72")]


async def test_what_the_agent_does_not_have_is_missing(manager: Manager) -> None:
    reading = await read(manager, Get(SYS_NAME, "1.3.6.1.2.1.1.99.0"))
    assert len(reading.items) == 1
    assert reading.missing == ["1.3.6.1.2.1.1.99.0"]


async def test_a_walk_reads_a_subtree_up_to_its_limit(manager: Manager) -> None:
    assert len((await read(manager, Walk(IF_TABLE))).items) == 11
    assert len((await read(manager, Walk(IF_TABLE, limit=3, max_repetitions=2))).items) == 3


@pytest.mark.parametrize("root", [IF_TABLE, f"{IF_TABLE}.1"])
async def test_a_table_reads_rows_and_tells_the_whole_names(manager: Manager, root: str) -> None:
    reading = await read(manager, Table(root, limit=2))
    assert [str(item.oid) for item in reading.items] == [
        f"{IF_TABLE}.1.{column}.{row}" for row in (1, 2) for column in (1, 2, 10)
    ]


async def test_a_table_reads_the_columns_that_it_is_told(manager: Manager) -> None:
    reading = await read(manager, Table(IF_TABLE, 2, f"{IF_TABLE}.1.10"))
    assert {item.oid[-2] for item in reading.items} == {2, 10}


async def test_names_and_values_are_those_of_the_modules(agent: Agent, acme_mib: Mib) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("public"), mib=acme_mib) as manager:
        table = await read(manager, Table("ifTable", "ifDescr"), Naming(acme_mib))
        assert seen(table)[0] == ("ifDescr", "1", "port 1")
        got = await read(manager, Get("sysName.0"), Naming(acme_mib))
        assert seen(got) == [("sysName", "0", "core")]
        walked = await read(manager, Walk("ifXTable"), Naming(acme_mib))
        assert [name for name, _, _ in seen(walked)] == ["ifHCInOctets", "ifHighSpeed"]


@pytest.mark.parametrize("job", [Get("ifDescrr.1"), Walk("ifTabel"), Table("ifTable", "ifDescrr")])
async def test_a_name_that_no_module_defines_is_refused_before_anything_is_sent(acme_mib: Mib, job: Job) -> None:
    with pytest.raises(ConfigurationError, match=r"ifDescrr|ifTabel"):
        Reader(job, Naming(acme_mib))


def test_targets_that_have_equal_jobs_share_a_reader() -> None:
    readers = Readers(NUMBERS)
    reader = readers.reader_of(Get(SYS_NAME))
    assert readers.reader_of(Get(SYS_NAME)) is reader
    assert readers.reader_of(Get(SYS_NAME, interval=5)) is not reader


@pytest.mark.parametrize("job", [Get(f"{IF_TABLE}.1.10.1"), Walk(IF_TABLE), Table(IF_TABLE)])
async def test_sys_up_time_is_read_with_counters(manager: Manager, job: Job) -> None:
    reader = Reader(job, NUMBERS)
    await reader.read(manager, Reading())  # tells whether there are counters
    reading = Reading()
    await reader.read(manager, reading)
    assert reading.uptime == 4752
    assert all(item.oid != SYS_UPTIME for item in reading.items)


@pytest.mark.parametrize("job", [Get(SYS_NAME), Walk("1.3.6.1.2.1.1.5"), Get(f"{IF_TABLE}.1.10.1", rates=False)])
async def test_sys_up_time_is_not_read_without_counters_that_want_rates(
    agent: Agent, manager: Manager, job: Job
) -> None:
    reader = Reader(job, NUMBERS)
    for _ in range(2):
        reading = Reading()
        await reader.read(manager, reading)
        assert reading.uptime is None
    assert all(varbind.oid != SYS_UPTIME for request in agent.requests for varbind in request.pdu.varbinds)


async def test_an_agent_without_sys_up_time_is_read_nevertheless(agent: Agent, manager: Manager) -> None:
    del agent.mib[OID(SYS_UPTIME)]
    for job in (Walk(IF_TABLE), Get(f"{IF_TABLE}.1.10.1")):
        reader = Reader(job, NUMBERS)
        await reader.read(manager, Reading())
        reading = Reading()
        await reader.read(manager, reading)
        assert reading.items
        assert reading.uptime is None
        assert reading.missing == []


async def test_an_agent_of_snmpv1_that_hides_sys_up_time_is_read_nevertheless(
    agent: Agent, manager_v1: Manager
) -> None:
    del agent.mib[OID(SYS_UPTIME)]
    reader = Reader(Get(f"{IF_TABLE}.1.10.1"), NUMBERS)
    for _ in range(3):
        reading = Reading()
        await reader.read(manager_v1, reading)
        assert [item.value for item in reading.items] == [1000]
        assert reading.uptime is None


async def test_an_error_of_a_name_of_the_job_is_told_although_sys_up_time_is_asked_for(
    agent: Agent, manager_v1: Manager
) -> None:
    reader = Reader(Get(f"{IF_TABLE}.1.10.1"), NUMBERS)
    await reader.read(manager_v1, Reading())
    del agent.mib[OID(f"{IF_TABLE}.1.10.1")]
    asked = len(agent.requests)
    with pytest.raises(NoSuchName):
        await reader.read(manager_v1, Reading())
    assert len(agent.requests) == asked + 1


async def test_a_walk_that_fails_tells_what_came_before(agent: Agent, manager: Manager) -> None:
    reading = Reading()
    agent.inject(Hold(), times=None, when=lambda _: len(agent.requests) > 1)
    walk = Reader(Walk(IF_TABLE, max_repetitions=2, timeout=3.0), NUMBERS).read(manager, reading)
    walking = asyncio.ensure_future(walk)
    await agent.wait_for_requests(2)
    while not walking.done():
        skip(3.0)
        await asyncio.sleep(0)
    with pytest.raises(RequestTimeout):
        await walking
    assert len(reading.items) == 2


@pytest.mark.parametrize("job", [Walk(IF_TABLE, interval=5, max_repetitions=1), Table(IF_TABLE, interval=5)])
async def test_a_walk_that_takes_longer_than_its_interval_is_given_up(agent: Agent, manager: Manager, job: Job) -> None:
    agent.inject(Delay(3600.0), times=None)
    reading = asyncio.ensure_future(read(manager, job))
    await agent.wait_for_requests(1)
    skip(4.99)  # less than the request's own time
    manager.timeout = 60
    skip(0.02)
    with pytest.raises(
        LimitExceeded, match=rf"^127\.0\.0\.1:{agent.port}: {job.name} took longer than its interval of 5 s$"
    ):
        await reading
