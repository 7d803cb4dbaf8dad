"""The log at DEBUG: a stranger can follow a discovery, a retry, a refusal, a walk that shrinks and a TLS session."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import pytest

from snmptcp import AgentError, Community, ConnectFailed, ConnectionLost, Manager, RequestTimeout, SnmpError, UsmUser
from snmptcp.testing import Agent, Close, Drop, FailWith, WrongCommunity
from tests.support.mibs import BIG_TABLE, SYS_NAME, small_agent_mib
from tests.support.tls_agents import tsm_agent, tsm_manager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

USER = UsmUser("monitor", "SHA-256", "authentic!", "AES", "privately!")
SECRETS = ("authentic!", "privately!", "private", "top-secret", "renamed")


@pytest.fixture(autouse=True)
def debugging(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "snmptcp")


@pytest.fixture
async def v3_agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(small_agent_mib(), users=[USER], engine_id=b"\x80\0\x1f\x88\4shelf", engine_boots=3) as agent:
        yield agent


def story(caplog: pytest.LogCaptureFixture, agent: Agent) -> list[str]:
    """Return the lines about an agent, without its address and with other numbers left out."""
    peer = f"{agent.host}:{agent.port}: "
    library = [record for record in caplog.records if not record.name.startswith(("snmptcp.testing", "snmptcp.net"))]
    lines = [record.getMessage() for record in library]
    assert [line for line in lines if not line.startswith(peer) or "\n" in line] == []
    assert [line for line in lines for secret in SECRETS if secret in line] == []
    assert [line for line in lines if line.count(peer[:-2]) > 2] == []
    told = [line.removeprefix(peer) for line in lines]
    return [re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", re.sub(r"time \d+", "time N", line)) for line in told]


async def test_a_discovery_is_told_from_the_first_attempt_to_the_end(
    v3_agent: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    async with Manager(v3_agent.host, v3_agent.port, credentials=USER) as manager:
        await manager.get(SYS_NAME)

    assert story(caplog, v3_agent) == [
        "connecting, for 5 s at most",
        "connected from ADDRESS",
        "a probe leaves to discover its engine; 1 requests wait for it",
        "its engine is 80001f88047368656c66, boots 3, time N",
        "closed: the manager was closed",
    ]


async def test_a_set_that_waits_for_the_engines_proof_says_so(
    v3_agent: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    async with Manager(v3_agent.host, v3_agent.port, credentials=USER) as manager:
        await manager.set((SYS_NAME, "renamed"))

    assert "a probe leaves to have its engine prove its time; 1 requests wait for it" in story(caplog, v3_agent)


async def test_a_wrong_password_is_told_by_the_report(v3_agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    user = UsmUser("monitor", "SHA-256", "top-secret", "AES", "top-secret")
    async with Manager(v3_agent.host, v3_agent.port, credentials=user, timeout=0.3) as manager:
        with pytest.raises(SnmpError):
            await manager.get(SYS_NAME)

    lines = story(caplog, v3_agent)
    assert [line for line in lines if line.startswith("a report has come, not authentic: ")] != []
    assert [line for line in lines if line.startswith(f"GET of {SYS_NAME} has failed: ")] != []


async def test_a_request_that_is_sent_again_and_one_that_fails_say_so(
    agent: Agent, manager: Manager, caplog: pytest.LogCaptureFixture
) -> None:
    agent.inject(Close())
    await manager.get(SYS_NAME)
    agent.inject(FailWith(6))
    with pytest.raises(AgentError):
        await manager.get_next(SYS_NAME)
    agent.inject(Close())
    with pytest.raises(ConnectionLost):
        await manager.set((SYS_NAME, "renamed"))

    lines = [line for line in story(caplog, agent) if line.startswith(("GET", "SET"))]
    assert [re.sub(r": .*", "", line) for line in lines] == [
        f"GET of {SYS_NAME} is sent again on a new connection",
        f"GET_NEXT of {SYS_NAME} has failed",
        f"SET of {SYS_NAME} has failed",
    ]


async def test_a_refused_reply_says_why(agent: Agent, manager: Manager, caplog: pytest.LogCaptureFixture) -> None:
    agent.inject(WrongCommunity(b"top-secret"))
    with pytest.raises(RequestTimeout):
        await manager.get(SYS_NAME, timeout=0.2)

    lines = story(caplog, agent)
    refusal = "octets is refused: the community of the reply is not that of the request"
    assert [line for line in lines if line.endswith(refusal)] != []


async def test_a_walk_says_when_it_asks_for_less_and_for_more(
    agent: Agent, manager: Manager, caplog: pytest.LogCaptureFixture
) -> None:
    agent.inject(FailWith(1))
    count = 0
    async for _ in manager.walk(BIG_TABLE):
        count += 1
    assert count == 900

    sizes = [line for line in story(caplog, agent) if line.startswith(f"the walk of {BIG_TABLE} goes on with")]
    assert sizes[0] == f"the walk of {BIG_TABLE} goes on with max-repetitions 12 instead of 25, after tooBig (1)"
    assert sizes[1] == f"the walk of {BIG_TABLE} goes on with max-repetitions 24 instead of 12, after an answer"


async def test_a_walk_of_an_agent_without_getbulk_says_that_it_goes_on_by_getnext(
    agent: Agent, manager: Manager, caplog: pytest.LogCaptureFixture
) -> None:
    agent.inject(Drop())
    async for _ in manager.walk("1.3.6.1.2.1.1", timeout=0.2):
        pass
    assert "the walk of 1.3.6.1.2.1.1 goes on with GETNEXT instead of 25, after no answer within 0.2 s" in story(
        caplog, agent
    )


async def test_attempts_that_fail_and_the_pause_between_them_are_told(
    caplog: pytest.LogCaptureFixture, agent: Agent
) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("private"), reconnect_interval=0.05) as manager:
        await manager.get(SYS_NAME)
        await agent.aclose()
        with pytest.raises(ConnectFailed):
            await manager.get(SYS_NAME)

    lines = story(caplog, agent)
    assert "connecting has failed: cannot connect to ADDRESS: Connection refused" in lines


async def test_tls_says_what_was_agreed_on_and_whether_a_session_was_resumed(
    anyio_backend: object, caplog: pytest.LogCaptureFixture
) -> None:
    async with tsm_agent() as agent, tsm_manager(agent) as manager:
        await manager.get(SYS_NAME)
        agent.inject(Close())
        await manager.get(SYS_NAME)
        lines = [line for line in story(caplog, agent) if line.startswith("connected")]

    assert len(lines) == 2
    for line in lines:
        assert re.fullmatch(
            r"connected from ADDRESS; TLSv1\.3 with TLS_\w+, (a new session|resumed), verified( as \S+)?", line
        )
    assert "a new session" in lines[0]


async def test_the_log_can_be_turned_on_while_a_connection_is_open(
    agent: Agent, manager: Manager, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "snmptcp")
    await manager.get(SYS_NAME)
    assert caplog.messages == []
    caplog.set_level(logging.DEBUG, "snmptcp")
    agent.inject(WrongCommunity(b"x"))
    with pytest.raises(RequestTimeout):
        await manager.get(SYS_NAME, timeout=0.2)
    assert [line for line in story(caplog, agent) if "is refused" in line] != []
