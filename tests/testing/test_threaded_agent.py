"""An agent in a thread: for blocking code, and for code with an event loop of its own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from snmptcp import Community, Manager, OctetString, RequestTimeout, Tsm, UsmUser
from snmptcp.errors import ClosedError, ConfigurationError, TransportError
from snmptcp.oid import OID
from snmptcp.sync import SyncManager
from snmptcp.testing import Agent, Computed, Conversation, Drop, Hold, ThreadedAgent
from snmptcp.testing.mib import Mib
from tests.support.mibs import SYS_DESCR, SYS_NAME

PRIVATE = Community("private")
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"


@pytest.fixture
def agent():
    with ThreadedAgent({SYS_NAME: "core", SYS_DESCR: "a switch"}) as agent:
        yield agent


def manager_of(agent, credentials=PRIVATE, **options):
    return SyncManager(agent.host, agent.port, credentials=credentials, **options)


def test_blocking_code_is_answered(agent):
    with manager_of(agent) as manager:
        assert manager.get_value(SYS_NAME) == b"core"
        manager.set((SYS_NAME, "edge"))
        assert agent.mib.read(SYS_NAME) == b"edge"
        assert agent.connections == 1
    assert [request.pdu.varbinds[0].oid for request in agent.requests] == [SYS_NAME, SYS_NAME]
    assert agent.statistics.connections == 1


def test_code_with_a_loop_of_its_own_is_answered(agent):
    async def ask():
        async with Manager(agent.host, agent.port, credentials=PRIVATE) as manager:
            return await manager.get_value(SYS_NAME)

    assert asyncio.run(ask()) == b"core"


def test_variables_are_changed_from_any_thread(agent):
    agent.mib[SYS_NAME] = "edge"
    del agent.mib[SYS_DESCR]
    agent.mib.update({"1.3.6.1.2.1.1.4.0": "me", "1.3.6.1.2.1.1.6.0": "here"})
    assert [str(name) for name in agent.mib] == ["1.3.6.1.2.1.1.4.0", SYS_NAME, "1.3.6.1.2.1.1.6.0"]
    assert len(agent.mib) == 3
    assert SYS_NAME in agent.mib
    assert SYS_DESCR not in agent.mib
    assert agent.mib[SYS_NAME] == OctetString("edge")
    assert agent.mib == {OID(name): agent.mib[name] for name in agent.mib}
    with manager_of(agent) as manager:
        assert [str(each.value) for each in manager.walk("1.3.6.1.2.1.1")] == ["me", "edge", "here"]
    agent.mib.clear()
    assert repr(agent.mib) == "<ThreadedMib of 0 variables>"


def test_no_request_sees_half_of_an_update(agent):
    """Variables that belong together stay equal, however often they are changed while they are read."""
    done = threading.Event()
    agent.mib.update({SYS_NAME: "0", SYS_DESCR: "0"})

    def change():
        number = 0
        while not done.is_set():
            number += 1
            agent.mib.update({SYS_NAME: str(number), SYS_DESCR: str(number)})

    changing = threading.Thread(target=change)
    changing.start()
    try:
        with manager_of(agent) as manager:
            pairs = [{value for _, value in manager.get(SYS_NAME, SYS_DESCR)} for _ in range(50)]
    finally:
        done.set()
        changing.join(20)
    assert [len(pair) for pair in pairs] == [1] * 50


def test_a_computed_value_may_use_the_agent_itself(agent):
    agent.mib[SYS_NAME] = Computed(lambda: f"{len(agent.requests)} requests")
    with manager_of(agent) as manager:
        assert manager.get_value(SYS_NAME) == b"1 requests"


def test_faults_are_injected_and_held_responses_released(agent):
    agent.inject(Drop(), None)
    with manager_of(agent) as manager:
        with pytest.raises(RequestTimeout):
            manager.get(SYS_NAME, timeout=0.05)
        agent.clear_faults()
        agent.inject(Hold(), when=lambda request: request.pdu.varbinds[0].oid == OID(SYS_DESCR))
        assert manager.get_value(SYS_NAME) == b"core"

        def release():
            agent.wait_for_requests(3)
            assert agent.release() == 1

        releasing = threading.Thread(target=release)
        releasing.start()
        assert manager.get_value(SYS_DESCR) == b"a switch"
        releasing.join(20)
        agent.drop_connections()
        assert manager.get_value(SYS_NAME) == b"core"
    assert agent.statistics.connections == 2


def test_a_wait_for_requests_that_do_not_come_tells_how_many_came(agent):
    with manager_of(agent) as manager:
        manager.get(SYS_NAME)
    agent.wait_for_requests(1)
    text = rf"^the agent 127\.0\.0\.1:{agent.port} has accepted 1 request and not 2 in 0\.01 s$"
    with pytest.raises(TimeoutError, match=text):
        agent.wait_for_requests(2, timeout=0.01)
    with pytest.raises(TimeoutError, match=text):
        asyncio.run(agent.wait_for_requests_async(2, timeout=0.01))
    with pytest.raises(ConfigurationError, match="count must be at least 1, not 0"):
        agent.wait_for_requests(0)


def test_a_coroutine_waits_for_requests_without_blocking_its_loop(agent):
    async def ask():
        async with Manager(agent.host, agent.port, credentials=PRIVATE) as manager:
            waiting = asyncio.create_task(agent.wait_for_requests_async(2))
            await manager.get(SYS_NAME)
            assert not waiting.done()
            await manager.get(SYS_NAME)
            await waiting

    asyncio.run(ask())


def test_notifications_are_pushed(agent):
    async def listen():
        async with Manager(agent.host, agent.port, credentials=PRIVATE) as manager:
            notifications = manager.notifications()
            await manager.get(SYS_NAME)
            agent.send_trap(LINK_DOWN, ("1.3.6.1.2.1.2.2.1.1.7", 7))
            await agent.inform_async(LINK_DOWN, ("1.3.6.1.2.1.2.2.1.1.8", 8))
            await asyncio.to_thread(agent.inform, LINK_DOWN, ("1.3.6.1.2.1.2.2.1.1.9", 9))
            return [(await anext(notifications)).varbinds[0].value for _ in range(3)]

    assert asyncio.run(listen()) == [7, 8, 9]
    assert agent.statistics.acknowledged == 2


def test_it_ends_and_starts_again_on_the_same_port(agent):
    port = agent.port
    with manager_of(agent) as manager:
        manager.get(SYS_NAME)
        agent.close()
        agent.close()
        assert len(agent.requests) == 1  # what it has seen can still be read
        assert "closed" in repr(agent)
        with pytest.raises(ClosedError, match="is closed"):
            agent.wait_for_requests(1)
        agent.start()
        assert agent.port == port
        assert manager.get_value(SYS_NAME) == b"core"
    with pytest.raises(ClosedError, match="was started already"):
        agent.start()


def test_its_thread_is_named_after_it(agent):
    assert agent.call(threading.current_thread).name == f"the agent 127.0.0.1:{agent.port}"


def test_an_agent_that_cannot_listen_leaves_no_thread_behind(agent):
    before = threading.active_count()
    with pytest.raises(TransportError, match="cannot listen"):
        ThreadedAgent({}, port=agent.port).start()
    assert threading.active_count() == before


def test_wrong_arguments_are_refused_where_they_are_given():
    for options in ({"users": [1]}, {"users": "alice"}, {"port": "x"}, {"tls": 1}):
        with pytest.raises(ConfigurationError):
            ThreadedAgent({}, **options)
    with pytest.raises(TypeError, match="mibs"):
        ThreadedAgent({}, mibs=1)
    with pytest.raises(ConfigurationError, match="only an agent with tls=True"):
        ThreadedAgent({}).client_tls()


def test_the_conversation_is_decrypted_with_the_agents_users():
    alice = UsmUser("alice", "SHA-256", "open sesame 1", "AES", "open sesame 2")
    with ThreadedAgent({SYS_NAME: "core"}, read_only_users=iter([alice])) as agent:
        with manager_of(agent, alice) as manager:
            assert manager.get_value(SYS_NAME) == b"core"
        text = agent.conversation.text()
    assert '1.3.6.1.2.1.1.5.0 (sysName.0) = "core"' in text
    assert "sesame" not in text


def test_agents_may_share_a_conversation():
    shared = Conversation()
    with (
        ThreadedAgent({SYS_NAME: "a"}, conversation=shared) as a,
        ThreadedAgent({SYS_NAME: "b"}, conversation=shared) as b,
    ):
        for agent in (a, b):
            with manager_of(agent) as manager:
                manager.get(SYS_NAME)
    assert shared.text().count("get-response") == 2


def test_clients_have_certificates_of_an_authority_that_only_this_agent_has():
    names = {"tsm_names": ["boss"], "read_only_tsm_names": [b"guest"]}
    with ThreadedAgent({SYS_NAME: "core"}, tls=True, **names) as agent:
        for name in (None, "guest"):
            with manager_of(agent, Tsm(), tls=agent.client_tls(name)) as manager:
                assert manager.get_value(SYS_NAME) == b"core"
        assert {request.user for request in agent.requests} == {b"boss", b"guest"}
        stranger = ThreadedAgent({}, tls=True).client_tls()
        with manager_of(agent, tls=stranger) as manager, pytest.raises(TransportError, match="not trusted"):
            manager.get(SYS_NAME)


def test_a_recording_is_served(tmp_path):
    path = tmp_path / "switch.snmprec"
    path.write_text(f"{SYS_NAME}|4|recorded\n")
    with ThreadedAgent.from_recording(path, read_community="x") as agent, manager_of(agent, Community("x")) as manager:
        assert manager.get_value(SYS_NAME) == b"recorded"


def test_the_agent_itself_is_used_on_its_thread(agent):
    assert agent.call(lambda: type(agent.agent)) is Agent
    assert isinstance(agent.agent.mib, Mib)
    with pytest.raises(ConfigurationError, match="no users"):
        agent.call(agent.agent.reboot)


def test_a_blocked_agent_can_still_be_shown(agent):
    released, blocked = threading.Event(), threading.Event()

    def block():
        blocked.set()
        released.wait(20)

    blocking = threading.Thread(target=agent.call, args=(block,))
    blocking.start()
    try:
        assert blocked.wait(20)
        assert repr(agent) == f"<ThreadedAgent <Agent 127.0.0.1:{agent.port}, listening, 2 variables>>"
        assert agent.conversation.text() == "nobody has connected"
    finally:
        released.set()
        blocking.join(20)
