"""The errors of a manager: each tells which agent it is about, and some what may help."""

from __future__ import annotations

import asyncio
import errno
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import (
    OID,
    ClosedError,
    Community,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    Counter64,
    Manager,
    Proxy,
    RequestTimeout,
    SnmpError,
    UsmUser,
)
from snmptcp.errors import (
    AgentError,
    AuthorizationError,
    GenErr,
    LimitExceeded,
    NoSuchName,
    OidNotIncreasing,
    ProxyFailed,
    ResponseMismatch,
    TlsFailed,
    TlsFailure,
    UnknownUser,
    WrongDigest,
)
from snmptcp.fleet import ask_all
from snmptcp.manager.failures import Failures, copy_of
from snmptcp.net.options import ConnectionOptions
from snmptcp.security.reports import ReportCounter
from snmptcp.testing import (
    Agent,
    Close,
    Cycle,
    Drop,
    FailWith,
    ForgedReport,
    Garbage,
    WrongCommunity,
    WrongNames,
)
from tests.support.mibs import IF_TABLE, LAST, SYS_NAME, SYSTEM, small_agent_mib

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from snmptcp.testing import Fault

pytestmark = pytest.mark.anyio

TRAP = "1.3.6.1.6.3.1.1.5.1"


async def walk(manager: Manager, **options: Any) -> None:
    async for _ in manager.walk("1.3.6.1.2", **options):
        pass


async def table(manager: Manager, *columns: int, **options: Any) -> None:
    async for _ in manager.table(IF_TABLE, columns or None, **options):
        pass


async def use_pending(manager: Manager) -> None:
    asking = asyncio.create_task(manager.get(SYS_NAME))
    while not manager.pending:
        await asyncio.sleep(0)
    try:
        manager.use(Community("other"))
    finally:
        asking.cancel()


async def notify(manager: Manager) -> None:
    manager.notifications(queue_size=0)


async def reload(manager: Manager) -> None:
    manager.reload_tls()


CALLS: list[tuple[type[SnmpError], list[Fault], Callable[[Manager], Awaitable[object]]]] = [
    (GenErr, [FailWith(5)], lambda manager: manager.get(SYS_NAME)),
    (AgentError, [FailWith(99)], lambda manager: manager.get(SYS_NAME)),
    (NoSuchName, [], lambda manager: manager.get_value(f"{SYSTEM}.99.0")),
    (ResponseMismatch, [WrongNames()], lambda manager: manager.get(SYS_NAME)),
    (RequestTimeout, [Drop()], lambda manager: manager.get(SYS_NAME, timeout=0.1)),
    (RequestTimeout, [Drop()], lambda manager: manager.get_next(SYS_NAME, timeout=0.1)),
    (RequestTimeout, [Drop()], lambda manager: manager.get_bulk(SYS_NAME, timeout=0.1)),
    (RequestTimeout, [Drop()], lambda manager: manager.set((SYS_NAME, "x"), timeout=0.1)),
    (RequestTimeout, [Drop()], lambda manager: manager.inform(TRAP, timeout=0.1)),
    (RequestTimeout, [Drop()] * 9, lambda manager: walk(manager, timeout=0.1)),
    (RequestTimeout, [Drop()] * 9, lambda manager: table(manager, timeout=0.1)),
    (RequestTimeout, [WrongCommunity(b"x")], lambda manager: manager.get(SYS_NAME, timeout=0.1)),
    (ConnectionLost, [Close(), Close()], lambda manager: manager.get(SYS_NAME)),
    (ConnectionLost, [Close()], lambda manager: manager.set((SYS_NAME, "x"))),
    (ConnectionLost, [Garbage(b"HTTP/1.1 400"), Garbage(b"HTTP/1.1 400")], lambda manager: manager.get(SYS_NAME)),
    (OidNotIncreasing, [Cycle((OID(SYS_NAME),))] * 9, walk),
    (LimitExceeded, [], lambda manager: table(manager, max_columns=1)),
    (ConfigurationError, [], lambda manager: manager.get()),
    (ConfigurationError, [], lambda manager: manager.get_next("x")),
    (ConfigurationError, [], lambda manager: manager.get_bulk(SYS_NAME, max_repetitions=-1)),
    (ConfigurationError, [], lambda manager: manager.get(SYS_NAME, timeout=0)),
    (ConfigurationError, [], lambda manager: manager.set((SYS_NAME, 2**40))),
    (ConfigurationError, [], lambda manager: manager.discover()),
    (ConfigurationError, [], lambda manager: manager.send_trap("x")),
    (ConfigurationError, [], lambda manager: walk(manager, limit=-1)),
    (ConfigurationError, [], lambda manager: table(manager, 2, 2)),
    (ConfigurationError, [], use_pending),
    (ConfigurationError, [], notify),
    (ConfigurationError, [], reload),
]


@pytest.mark.parametrize(
    ("kind", "faults", "call"), CALLS, ids=[f"{place}-{call[0].__name__}" for place, call in enumerate(CALLS)]
)
async def test_every_error_of_a_call_names_the_agent_once(
    agent: Agent,
    manager: Manager,
    kind: type[SnmpError],
    faults: list[Fault],
    call: Callable[[Manager], Awaitable[object]],
) -> None:
    for fault in faults:
        agent.inject(fault)
    peer = f"{agent.host}:{agent.port}"

    with pytest.raises(kind) as caught:
        await call(manager)

    error = caught.value
    assert error.peer == peer
    assert str(error).count(peer) == 1
    assert peer not in error.text or isinstance(error, ConnectionLost)
    cause = error.__cause__
    while isinstance(cause, SnmpError):
        assert cause.peer == peer
        cause = cause.__cause__
    assert pickle.loads(pickle.dumps(error)).peer == peer


async def test_the_reason_of_a_timeout_names_the_agent_and_the_text_does_not_name_it_twice(
    agent: Agent, manager: Manager
) -> None:
    agent.inject(WrongCommunity(b"x"))

    with pytest.raises(RequestTimeout) as caught:
        await manager.get(SYS_NAME, timeout=0.5)

    peer = f"{agent.host}:{agent.port}"
    assert caught.value.reason is not None
    assert caught.value.reason.peer == peer
    assert str(caught.value) == (
        f"{peer}: no answer within 0.5 s; the last reply was refused: "
        "the community of the reply is not that of the request"
    )


async def test_a_call_on_a_closed_manager_names_the_agent(agent: Agent) -> None:
    manager = Manager(agent.host, agent.port, credentials=Community("private"))
    await manager.aclose()
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: manager.get(SYS_NAME),
        manager.connect,
        manager.__aenter__,
        lambda: notify(manager),
    ]
    for call in calls:
        with pytest.raises(ClosedError, match=f"^{agent.host}:{agent.port}: the manager is closed$") as caught:
            await call()
        assert caught.value.peer == f"{agent.host}:{agent.port}"


async def test_a_request_that_is_pending_when_the_manager_closes_names_the_agent(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("private")) as manager:
        agent.inject(Drop())
        asking = asyncio.create_task(manager.get(SYS_NAME))
        await agent.wait_for_requests(1)
    with pytest.raises(ClosedError) as caught:
        await asking
    assert caught.value.peer == f"{agent.host}:{agent.port}"


async def test_what_snmpv1_cannot_carry_names_the_agent(manager_v1: Manager) -> None:
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: manager_v1.get_bulk(SYS_NAME),
        lambda: manager_v1.inform(TRAP),
        lambda: manager_v1.set((SYS_NAME, Counter64(1))),
    ]
    for call in calls:
        with pytest.raises(ConfigurationError) as caught:
            await call()
        assert caught.value.peer == f"{manager_v1.host}:{manager_v1.port}"


USER = UsmUser("sha", "SHA", "authpass123")


@pytest.mark.parametrize(
    ("user", "kind"),
    [(UsmUser("nobody"), UnknownUser), (UsmUser("sha", "SHA", "wrong-password"), WrongDigest)],
    ids=["user", "password"],
)
async def test_what_an_engine_refuses_names_the_agent(
    anyio_backend: object, user: UsmUser, kind: type[SnmpError]
) -> None:
    async with (
        Agent(small_agent_mib(), users=[USER]) as agent,
        Manager(agent.host, agent.port, credentials=user) as manager,
    ):
        with pytest.raises(SnmpError) as caught:
            await manager.get(SYS_NAME, timeout=0.3)

    error = caught.value
    refusal = error.reason if isinstance(error, RequestTimeout) else error
    assert isinstance(refusal, kind)
    assert error.peer == refusal.peer == f"{agent.host}:{agent.port}"
    assert str(error).startswith(f"{error.peer}: ")


async def test_errors_that_waiters_share_name_the_agent_once(agent: Agent) -> None:
    """One refusal of discovery ends every request that waits for it, with one exception object."""
    async with Manager(agent.host, agent.port, credentials=USER) as manager:
        outcomes = await asyncio.gather(*(manager.get(SYS_NAME, timeout=0.3) for _ in range(3)), return_exceptions=True)

    for outcome in outcomes:
        assert isinstance(outcome, SnmpError)
        assert str(outcome).count(f"{agent.host}:{agent.port}") == 1


async def test_each_outcome_of_a_fleet_names_its_agent(anyio_backend: object) -> None:
    async with Agent({LAST: 1}) as first, Agent({LAST: 2}) as second:
        managers = [Manager(agent.host, agent.port, credentials=Community("public")) for agent in (first, second)]
        for agent in (first, second):
            agent.inject(FailWith(5))
        outcomes = await ask_all(managers, lambda manager: manager.get(LAST))
        for manager in managers:
            await manager.aclose()

    assert [outcome.peer for outcome in outcomes if isinstance(outcome, SnmpError)] == [
        f"{agent.host}:{agent.port}" for agent in (first, second)
    ]


# ------------------------------------------------------------------------------------------- hints


def told(error: SnmpError, **options: Any) -> SnmpError:
    port: int = options.pop("port", 161)
    return Failures(ConnectionOptions(host="192.0.2.1", port=port, **options)).told(error)


def refused(number: int = errno.ECONNREFUSED) -> ConnectFailed:
    error = ConnectFailed("cannot connect to 192.0.2.1:161: Connection refused")
    error.__cause__ = OSError(number, "refused")
    return error


def test_a_refused_connection_says_how_net_snmp_listens_on_tcp() -> None:
    assert str(told(refused())) == (
        "cannot connect to 192.0.2.1:161: Connection refused "
        "(net-snmp's snmpd listens on UDP unless snmpd.conf says: agentAddress tcp:161)"
    )
    assert "agentAddress tlstcp:10161" in told(refused(), port=10161).hint


def test_a_host_whose_every_address_refuses_says_so_too() -> None:
    error = ConnectFailed("cannot connect to name:161: ...")
    error.__cause__ = ExceptionGroup("no address", [ConnectionRefusedError(errno.ECONNREFUSED, "x")] * 2)
    assert "agentAddress tcp:161" in told(error).hint


@pytest.mark.parametrize(
    "error",
    [
        refused(errno.EHOSTUNREACH),
        ConnectFailed("cannot connect to 192.0.2.1:161: no answer within 5 s"),
        TlsFailed("192.0.2.1:161", TlsFailure.EXPIRED),
        ConnectionLost("192.0.2.1:161 closed the connection"),
        RequestTimeout(5.0),
        GenErr(),
    ],
    ids=str,
)
def test_other_errors_have_no_such_hint(error: SnmpError) -> None:
    assert told(error).hint == ""


def test_a_port_that_means_nothing_and_a_proxy_have_no_such_hint() -> None:
    assert told(refused(), port=1161).hint == ""
    assert told(ProxyFailed("cannot connect to the proxy"), proxy=Proxy("HTTP", "192.0.2.9", 80)).hint == ""


async def test_a_plain_request_to_an_agent_that_speaks_tls_says_so(anyio_backend: object) -> None:
    async def alert(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(bytes.fromhex("15 03 03 00 02 02 46"))  # fatal, protocol_version
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(alert, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Manager("127.0.0.1", port, credentials=Community("public")) as manager:
        with pytest.raises(ConnectionLost, match=r"\(the agent speaks TLS on this port: give tls=\)$"):
            await manager.get(SYS_NAME)


def test_a_plain_connection_to_the_port_of_tls_that_is_lost_says_so() -> None:
    lost = told(ConnectionLost("192.0.2.1:10161 closed the connection"), port=10161)
    assert str(lost) == "192.0.2.1:10161 closed the connection (this port is for TLS: give tls=)"


@pytest.mark.parametrize(
    ("fault", "kind", "uncertain"),
    [
        (Drop(), RequestTimeout, True),
        (Close(), ConnectionLost, True),
        (WrongNames(), ResponseMismatch, True),
        (FailWith(16), AuthorizationError, False),
        (None, ConnectFailed, False),
    ],
    ids=["silence", "loss", "mismatch", "refusal", "no-connection"],
)
async def test_the_error_of_a_set_says_whether_the_agent_may_have_carried_it_out(
    agent: Agent, manager: Manager, fault: Fault | None, kind: type[SnmpError], uncertain: bool
) -> None:
    if fault is None:
        await agent.aclose()
    else:
        agent.inject(fault)
    with pytest.raises(kind) as raised:
        await manager.set((SYS_NAME, "x"), timeout=0.2)
    assert raised.value.uncertain is uncertain


async def test_the_error_of_a_read_is_never_uncertain(agent: Agent, manager: Manager) -> None:
    agent.inject(Drop())
    with pytest.raises(RequestTimeout) as raised:
        await manager.get(SYS_NAME, timeout=0.1)
    assert not raised.value.uncertain


@pytest.mark.parametrize(
    ("user", "kind"),
    [(UsmUser("nobody", "SHA", "authpass123"), UnknownUser), (UsmUser("sha", "SHA", "wrong-password"), WrongDigest)],
    ids=["user", "password"],
)
async def test_with_a_grace_everything_that_an_engine_refuses_fails_soon_with_the_reason(
    anyio_backend: object, user: UsmUser, kind: type[SnmpError]
) -> None:
    """A read, one of many names, a walk, a SET, a discovery: none waits for its timeout, or asks in halves."""
    async with (
        Agent(small_agent_mib(), users=[USER]) as agent,
        Manager(agent.host, agent.port, credentials=user, timeout=1000, report_grace=0.05) as manager,
    ):

        async def walk() -> None:
            async for _ in manager.walk(SYSTEM):
                pass

        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: manager.get(SYS_NAME),
            lambda: manager.get(*(f"1.3.6.1.2.1.1.{arc}.0" for arc in range(1, 8))),
            walk,
            lambda: manager.set((SYS_NAME, "x")),
            manager.discover,
        ]
        for call in calls:
            with pytest.raises(kind) as caught:
                await call()
            assert caught.value.unproved
            assert not caught.value.uncertain  # the proof that a SET waits for was refused: it has not left
            assert caught.value.peer == f"{agent.host}:{agent.port}"


async def test_a_set_that_fails_for_a_report_that_nothing_proves_may_have_been_carried_out(
    anyio_backend: object,
) -> None:
    async with (
        Agent(small_agent_mib(), users=[USER]) as agent,
        Manager(agent.host, agent.port, credentials=USER, timeout=1000, report_grace=0) as manager,
    ):
        await manager.get(SYS_NAME)  # proves the engine's time
        agent.inject(ForgedReport(ReportCounter.usmStatsWrongDigests))
        with pytest.raises(WrongDigest) as caught:
            await manager.set((SYS_NAME, "x"))

    assert caught.value.unproved
    assert caught.value.uncertain


@pytest.mark.parametrize("grace", [-1, float("inf"), float("nan")])
def test_a_grace_is_a_number_of_seconds(grace: float) -> None:
    with pytest.raises(ConfigurationError, match="report_grace is at least 0 s"):
        Manager("192.0.2.1", credentials=USER, report_grace=grace)


class Refused(ConnectFailed):
    """A program's own error, with a constructor of its own."""

    def __init__(self, code: int, site: str) -> None:
        super().__init__(f"refused {code} at {site}")
        self.code = code


def refuse() -> None:
    raise Refused(5, "here") from OSError("the reason")


def test_a_copy_of_an_error_has_all_but_its_traceback() -> None:
    with pytest.raises(Refused) as refused:
        refuse()
    refused.value.peer = "here:161"
    copied = copy_of(refused.value)
    assert copied is not refused.value
    assert type(copied) is Refused
    assert (copied.text, copied.code, copied.peer) == ("refused 5 at here", 5, "here:161")
    assert copied.__cause__ is refused.value.__cause__
    assert copied.__traceback__ is None
