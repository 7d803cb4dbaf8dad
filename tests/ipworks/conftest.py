"""Objects of the facade in the states that tests begin with, an agent in a thread, and a peer that connects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.ipworks import SNMPTCPMgr
from snmptcp.net.tls import TlsOptions
from tests.ipworks.support import USERS, Peer, ask, choose_port
from tests.support.certificates import certificates
from tests.support.mibs import SYS_DESCR
from tests.support.threaded import ThreadedAgent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent


@pytest.fixture
def agent() -> Iterator[ThreadedAgent]:
    with ThreadedAgent(users=USERS, contexts={"other": {SYS_DESCR: "another context"}}) as agent:
        yield agent


@pytest.fixture
def idle() -> Iterator[SNMPTCPMgr]:
    """A new object."""
    mgr = SNMPTCPMgr()
    yield mgr
    for name in dir(mgr):
        if name.startswith("on_"):
            setattr(mgr, name, None)
    mgr.active = False


@pytest.fixture
def mgr(agent: ThreadedAgent, idle: SNMPTCPMgr) -> SNMPTCPMgr:
    """An object that is ready to ask the agent for its description."""
    idle.remote_host = agent.host
    idle.remote_port = agent.port
    idle.timeout = 20
    ask(idle, SYS_DESCR)
    return idle


@pytest.fixture
def listening(idle: SNMPTCPMgr) -> SNMPTCPMgr:
    """An object that listens."""
    choose_port(idle)
    idle.active = True
    return idle


@pytest.fixture
def peer(listening: SNMPTCPMgr) -> Iterator[Peer]:
    """A connection to the object that listens."""
    peer = Peer(listening)
    yield peer
    peer.close()


@pytest.fixture
def serve(idle: SNMPTCPMgr) -> Iterator[Callable[..., ThreadedAgent]]:
    """A function that starts an agent with TLS, and makes the object ready to ask it."""
    agents: list[ThreadedAgent] = []

    def start(tls: Any = None, issued: Any = None, **options: Any) -> ThreadedAgent:
        issued = certificates().server if issued is None else issued
        tls = TlsOptions(certificate=issued.chain_pem, key=issued.key_pem) if tls is None else tls
        agent = ThreadedAgent(tls=tls, **options)
        agents.append(agent)
        idle.remote_host, idle.remote_port = agent.host, agent.port
        idle.timeout = 20
        idle.ssl_enabled = True
        ask(idle, SYS_DESCR)
        return agent

    yield start
    idle.on_ssl_server_authentication = None
    idle.active = False
    for agent in agents:
        agent.close()
