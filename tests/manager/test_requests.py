"""Manager: get, get_next, get_bulk, set."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import snmptcp
from snmptcp import (
    OID,
    AgentError,
    ClosedError,
    Community,
    ConfigurationError,
    ConnectFailed,
    Counter64,
    EndOfMibView,
    Integer32,
    Manager,
    NoSuchInstance,
    NoSuchObject,
    Null,
    OctetString,
    SnmpVersion,
    TimeTicks,
    VarBind,
    VarBinds,
)
from snmptcp.codec.pdu import PduType
from snmptcp.errors import GenErr, NoAccess, NoSuchName, TooBig, WrongType
from snmptcp.testing import Agent, Drop, FailWith, Hold
from tests.support.mibs import BIG_ROWS, BIG_TABLE, LAST, SYS_DESCR, SYS_NAME, SYS_UPTIME, SYSTEM, small_mib

pytestmark = pytest.mark.anyio


async def test_get_takes_oids_as_text_arcs_and_objects(manager: Manager) -> None:
    varbinds = await manager.get(SYS_DESCR, f".{SYS_UPTIME}", OID(SYS_NAME), [1, 3, 6, 1, 2, 1, 1, 7, 0])

    assert varbinds == (
        VarBind(OID(SYS_DESCR), OctetString("a switch")),
        VarBind(OID(SYS_UPTIME), TimeTicks(4752)),
        VarBind(OID(SYS_NAME), OctetString("core")),
        VarBind(OID(f"{SYSTEM}.7.0"), Integer32(72)),
    )
    assert [type(varbind.value) for varbind in varbinds] == [OctetString, TimeTicks, OctetString, Integer32]


async def test_every_answer_finds_values_by_name(manager: Manager) -> None:
    """Not only a GET's."""
    answers = [
        (await manager.get(SYS_NAME), SYS_NAME),
        (await manager.get_next(SYSTEM), SYS_DESCR),
        (await manager.get_bulk(SYSTEM, max_repetitions=3), SYS_UPTIME),
        (await manager.set((SYS_NAME, "x")), SYS_NAME),
        ((await manager.exchange(PduType.GET, [(SYS_NAME, None)])).varbinds, SYS_NAME),
        (await manager.get(*(f"{BIG_TABLE}.1.1.{row}" for row in range(1, 2000))), f"{BIG_TABLE}.1.1.1"),  # in parts
    ]

    assert [type(answer) for answer, _ in answers] == [VarBinds] * len(answers)
    assert [answer[name] for answer, name in answers] == [b"core", b"a switch", 4752, b"x", b"x", 1]


async def test_one_value_is_read_by_name(manager: Manager, manager_v1: Manager) -> None:
    for one in (manager, manager_v1):
        assert await one.get_value(SYS_NAME) == b"core"
        assert await one.get_value(OID(SYS_UPTIME), default=None) == TimeTicks(4752)


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("name", [f"{SYSTEM}.1.9", "1.3.6.1.2.1.99.1.0"], ids=["instance", "object"])
async def test_a_value_that_the_agent_does_not_have_is_no_such_name_in_every_version(
    agent: Agent, version: str, name: str
) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("private", version)) as manager:
        with pytest.raises(NoSuchName, match=rf"noSuchName \(2\) for {name}") as caught:
            await manager.get_value(name)
        assert await manager.get_value(name, default=None) is None
        assert await manager.get_value(name, default=-1) == -1

    assert caught.value.varbind is not None
    assert caught.value.varbind.oid == name


async def test_the_error_of_a_missing_value_tells_an_object_from_an_instance(manager: Manager) -> None:
    for name, kind in ((f"{SYSTEM}.1.9", NoSuchInstance), ("1.3.6.1.2.1.99.1.0", NoSuchObject)):
        with pytest.raises(NoSuchName) as caught:
            await manager.get_value(name)
        assert caught.value.varbind == VarBind(OID(name), kind())


async def test_a_default_stands_for_no_other_error(manager: Manager, agent: Agent) -> None:
    agent.inject(FailWith(5))

    with pytest.raises(GenErr):
        await manager.get_value(SYS_NAME, default=None)


async def test_get_tells_a_missing_object_from_a_missing_instance(manager: Manager) -> None:
    varbinds = await manager.get(f"{SYSTEM}.1.9", "1.3.6.1.2.1.99.1.0", SYS_NAME)

    assert [type(varbind.value) for varbind in varbinds] == [NoSuchInstance, NoSuchObject, OctetString]


async def test_one_missing_name_fails_the_whole_get_in_version_1(manager_v1: Manager) -> None:
    with pytest.raises(NoSuchName) as caught:
        await manager_v1.get(SYS_NAME, f"{SYSTEM}.1.9")

    assert caught.value.index == 2
    assert caught.value.varbind == VarBind(OID(f"{SYSTEM}.1.9"), Null())
    peer = f"{manager_v1.host}:{manager_v1.port}"
    assert str(caught.value) == f"{peer}: noSuchName (2) for {SYSTEM}.1.9 (error-index 2)"


async def test_get_next_answers_each_name_with_what_comes_after_it(manager: Manager) -> None:
    varbinds = await manager.get_next(SYSTEM, SYS_UPTIME, LAST)

    assert [str(varbind.oid) for varbind in varbinds] == [SYS_DESCR, f"{SYSTEM}.4.0", LAST]
    assert isinstance(varbinds[2].value, EndOfMibView)


async def test_get_bulk_answers_non_repeaters_once_and_the_others_row_by_row(manager: Manager) -> None:
    columns = [f"{BIG_TABLE}.1.1", f"{BIG_TABLE}.1.2"]
    varbinds = await manager.get_bulk(SYSTEM, *columns, non_repeaters=1, max_repetitions=3)

    assert [str(varbind.oid) for varbind in varbinds] == [
        SYS_DESCR,
        *(f"{column}.{row}" for row in (1, 2, 3) for column in columns),
    ]


@pytest.mark.parametrize(
    "arguments",
    [{"non_repeaters": -1}, {"non_repeaters": 2}, {"max_repetitions": -1}, {"max_repetitions": 2**31}],
)
async def test_get_bulk_refuses_impossible_numbers_before_anything_is_sent(
    manager: Manager, agent: Agent, arguments: dict[str, int]
) -> None:
    with pytest.raises(ConfigurationError):
        await manager.get_bulk(SYSTEM, **arguments)

    assert not agent.requests


async def test_version_1_has_no_get_bulk(manager_v1: Manager) -> None:
    with pytest.raises(ConfigurationError, match="SNMPv1 has no GETBULK"):
        await manager_v1.get_bulk(SYSTEM)


async def test_set_writes_values_of_smi_types_and_of_python_types(manager: Manager, agent: Agent) -> None:
    answered = await manager.set((SYS_NAME, "new"), VarBind(OID(f"{SYSTEM}.7.0"), Integer32(5)))

    assert answered == (VarBind(OID(SYS_NAME), OctetString("new")), VarBind(OID(f"{SYSTEM}.7.0"), Integer32(5)))
    assert agent.mib[SYS_NAME] == b"new"
    assert agent.mib[f"{SYSTEM}.7.0"] == 5


async def test_a_set_that_is_refused_writes_nothing_and_tells_which_one_was_to_blame(
    manager: Manager, agent: Agent
) -> None:
    with pytest.raises(WrongType) as caught:
        await manager.set((SYS_NAME, "new"), (f"{SYSTEM}.7.0", "not a number"))

    assert caught.value.index == 2
    assert caught.value.status is snmptcp.errors.ErrorStatus.wrongType
    assert agent.mib[SYS_NAME] == b"core"


async def test_a_read_only_community_cannot_set(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("public")) as manager:
        with pytest.raises(NoAccess):
            await manager.set((SYS_NAME, "new"))

    assert agent.mib[SYS_NAME] == b"core"


async def test_version_1_cannot_set_a_counter64(manager_v1: Manager, agent: Agent) -> None:
    with pytest.raises(ConfigurationError, match="Counter64"):
        await manager_v1.set((SYS_NAME, Counter64(1)))

    assert not agent.requests


async def test_every_error_status_raises_its_own_class(manager: Manager, agent: Agent) -> None:
    for status in snmptcp.errors.ErrorStatus:
        if status is snmptcp.errors.ErrorStatus.noError:
            continue
        agent.inject(FailWith(status, 1))
        with pytest.raises(AgentError) as caught:
            await manager.get_next(SYS_NAME)
        assert type(caught.value).__name__.lower() == status.name.lower()
        assert caught.value.status is status
        assert caught.value.varbind is not None


async def test_an_unknown_error_status_is_still_an_agent_error(manager: Manager, agent: Agent) -> None:
    agent.inject(FailWith(77, 5))

    with pytest.raises(AgentError) as caught:
        await manager.get(SYS_NAME)

    assert type(caught.value) is AgentError
    assert (caught.value.status, caught.value.index, caught.value.varbind) == (77, 5, None)


async def test_answers_that_overtake_each_other_reach_the_right_callers(manager: Manager, agent: Agent) -> None:
    agent.inject(Hold(), times=None, when=lambda request: request.pdu.varbinds[0].oid == OID(SYS_DESCR))
    slow = asyncio.ensure_future(manager.get(SYS_DESCR))
    names = [SYS_UPTIME, SYS_NAME] * 20
    answers = await asyncio.gather(*(manager.get(name) for name in names))
    assert [str(answer[0].oid) for answer in answers] == names
    assert not slow.done()
    agent.release()

    assert (await slow)[0].value == b"a switch"
    assert agent.statistics.connections == 1


async def test_requests_of_one_turn_leave_in_few_writes(agent: Agent) -> None:
    chunks: list[str] = []
    manager = Manager(
        agent.host,
        agent.port,
        credentials=Community("public"),
        packet_trace=lambda direction, _: chunks.append(direction),
    )
    async with manager:
        await manager.connect()
        await asyncio.gather(*(manager.get(SYS_NAME) for _ in range(100)))

    assert chunks.count("sent") == 2  # the first at once, the other 99 together
    assert manager.statistics.requests == 100


async def test_more_names_than_fit_a_message_are_asked_for_side_by_side(manager: Manager, agent: Agent) -> None:
    names = [f"{BIG_TABLE}.1.{column}.{row}" for column in (1, 2, 3) for row in range(1, BIG_ROWS + 1)]

    varbinds = await manager.get(*names)

    assert [str(varbind.oid) for varbind in varbinds] == names
    assert 1 < len(agent.requests) < 10
    assert agent.statistics.connections == 1


async def test_a_get_whose_answer_is_too_big_is_asked_for_in_halves() -> None:
    mib = {OID(f"1.3.6.1.4.1.58888.9.{row}.0"): OctetString(b"x" * 3000) for row in range(1, 11)}
    async with (
        Agent(mib, max_message_size=8192) as agent,
        Manager(agent.host, agent.port, credentials=Community("public")) as manager,
    ):
        varbinds = await manager.get(*mib)

        assert [varbind.oid for varbind in varbinds] == list(mib)
        assert all(len(varbind.value) == 3000 for varbind in varbinds if isinstance(varbind.value, OctetString))


async def test_a_single_value_that_is_too_big_raises_that(agent: Agent) -> None:
    mib = {OID("1.3.6.1.4.1.58888.9.1.0"): OctetString(b"x" * 9000), **small_mib()}
    async with (
        Agent(mib, max_message_size=8192) as small,
        Manager(small.host, small.port, credentials=Community("private")) as manager,
    ):
        with pytest.raises(TooBig):
            await manager.get("1.3.6.1.4.1.58888.9.1.0")
        with pytest.raises(TooBig):
            await manager.get("1.3.6.1.4.1.58888.9.1.0", SYS_NAME)
        with pytest.raises(TooBig):
            await manager.get_next("1.3.6.1.4.1.58888.9.1", SYS_NAME)

        assert manager.pending == 0
        assert (await manager.get(SYS_NAME))[0].value == b"core"


async def test_an_error_in_one_part_of_a_large_get_leaves_no_part_behind(manager: Manager, agent: Agent) -> None:
    names = [f"{BIG_TABLE}.1.2.{row}" for row in range(1, BIG_ROWS + 1)] * 3
    agent.inject(FailWith(5, 1))

    with pytest.raises(GenErr):
        await manager.get(*names)

    assert manager.pending == 0


@pytest.mark.parametrize("method", ["get", "get_next", "get_bulk", "set"])
async def test_a_request_without_names_is_refused(manager: Manager, method: str) -> None:
    with pytest.raises(ConfigurationError, match="at least one"):
        await getattr(manager, method)()


@pytest.mark.parametrize("bad", ["", "1.3..6", "x", "3.1", "1"])
async def test_impossible_names_are_refused_before_anything_is_sent(manager: Manager, agent: Agent, bad: str) -> None:
    with pytest.raises(ConfigurationError):
        await manager.get(bad)

    assert not agent.requests


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"host": ""}, "host"),
        ({"port": 0}, "port"),
        ({"port": 65536}, "port"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"timeout": float("inf")}, "timeout"),
        ({"connect_timeout": 0}, "connect_timeout"),
        ({"max_message_size": 8191}, "max_message_size"),
        ({"retries": -1}, "retries"),
        ({"credentials": "public"}, "credentials"),
    ],
)
def test_impossible_arguments_are_refused_when_the_manager_is_made(options: dict[str, object], message: str) -> None:
    arguments: dict[str, Any] = {"host": "127.0.0.1", "credentials": Community("public"), **options}
    with pytest.raises(ConfigurationError, match=message):
        Manager(**arguments)


async def test_a_timeout_of_nothing_is_refused(manager: Manager) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        await manager.get(SYS_NAME, timeout=0)


async def test_nothing_connects_before_the_first_request(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("public")) as manager:
        assert not manager.connected
        await manager.get(SYS_NAME)
        assert manager.connected
        assert "connected" in repr(manager)

    assert not manager.connected
    assert "closed" in repr(manager)


async def test_connect_makes_the_connection_once(manager: Manager, agent: Agent) -> None:
    await asyncio.gather(*(manager.connect() for _ in range(5)))
    await manager.connect()

    assert agent.statistics.connections == 1


async def test_a_closed_manager_says_so(agent: Agent) -> None:
    manager = Manager(agent.host, agent.port, credentials=Community("public"))
    await manager.get(SYS_NAME)
    await manager.aclose()
    await manager.aclose()

    with pytest.raises(ClosedError):
        await manager.get(SYS_NAME)
    with pytest.raises(ClosedError):
        await manager.connect()
    with pytest.raises(ClosedError):
        async with manager:
            pass


async def test_closing_fails_what_is_pending(manager: Manager, agent: Agent) -> None:
    agent.inject(Drop(), times=None)
    requests = [asyncio.ensure_future(manager.get(SYS_NAME)) for _ in range(3)]
    await agent.wait_for_requests(3)
    await manager.aclose()

    for request in requests:
        with pytest.raises(ClosedError):
            await request


async def test_a_refused_connection_tells_the_reason(agent: Agent) -> None:
    port = agent.port
    await agent.aclose()
    async with Manager("127.0.0.1", port, credentials=Community("public")) as manager:
        with pytest.raises(ConnectFailed, match="Connection refused"):
            await manager.get(SYS_NAME)
        with pytest.raises(ConnectionError):
            await manager.connect()


async def test_a_host_that_does_not_exist_tells_so() -> None:
    async with Manager("no-such-host.invalid", credentials=Community("public")) as manager:
        with pytest.raises(ConnectFailed, match=r"cannot connect to no-such-host\.invalid:161"):
            await manager.get(SYS_NAME)


async def test_a_local_address_is_connected_from(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("public"), local_address="127.0.0.1") as manager:
        await manager.get(SYS_NAME)
    async with Manager(agent.host, agent.port, credentials=Community("public"), local_address="203.0.113.7") as manager:
        with pytest.raises(ConnectFailed, match="203.0.113.7|assign"):
            await manager.get(SYS_NAME)


async def test_the_version_is_that_of_the_credentials(manager: Manager, manager_v1: Manager, agent: Agent) -> None:
    await manager.get(SYS_NAME)
    await manager_v1.get(SYS_NAME)

    assert manager.version is SnmpVersion.V2C
    assert [request.version for request in agent.requests] == [SnmpVersion.V2C, SnmpVersion.V1]
    assert all(request.pdu.type is PduType.GET for request in agent.requests)


async def test_the_packet_trace_sees_every_octet(agent: Agent) -> None:
    seen: dict[str, bytes] = {"sent": b"", "received": b""}

    def trace(direction: str, octets: bytes) -> None:
        seen[direction] += octets

    async with Manager(agent.host, agent.port, credentials=Community("public"), packet_trace=trace) as manager:
        await manager.get(SYS_NAME)
        statistics = manager.statistics

    assert len(seen["sent"]) == statistics.octets_sent > 0
    assert len(seen["received"]) == statistics.octets_received > 0
    assert b"core" in seen["received"]


async def test_a_community_is_never_shown(agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    secret = "xyzzy-plugh"
    with caplog.at_level("DEBUG", logger="snmptcp"):
        async with Manager(agent.host, agent.port, credentials=Community(secret), timeout=0.5) as manager:
            await manager.connect()
            with pytest.raises(TimeoutError) as caught:
                await manager.get(SYS_NAME)
            shown = [repr(manager), repr(Community(secret)), repr(caught.value), str(caught.value), caplog.text]

    assert not any(secret in text for text in shown)


async def test_an_exchange_that_the_agent_answers_by_an_error_status_tells_under_which_id_it_was_sent(
    manager: Manager, agent: Agent
) -> None:
    agent.inject(FailWith(5, 1))
    response = await manager.exchange(PduType.GET, [(SYS_NAME, None)])
    assert (response.error_status, response.error_index) == (5, 1)
    assert response.request_id == agent.requests[-1].pdu.request_id
