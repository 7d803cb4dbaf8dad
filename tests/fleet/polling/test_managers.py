"""The managers of a fleet: their options, and what outlives a connection."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from snmptcp import ConfigurationError, EngineInfo, Observer, UsmUser
from snmptcp.fleet.polling.managers import ManagerMaker
from snmptcp.net.tls import ClientTls
from snmptcp.testing import Agent
from tests.fleet.making import target, target_of
from tests.support.mibs import SYS_NAME, small_agent_mib
from tests.support.tls_agents import manager_options, open_options

if TYPE_CHECKING:
    from snmptcp.mib import Mib

pytestmark = pytest.mark.anyio

USER = UsmUser("ops", auth_password="a password of some length")


def maker(mib: Mib | None = None, observer: Observer | None = None) -> ManagerMaker:
    return ManagerMaker(mib, 100, observer)


def test_a_manager_has_the_options_of_its_target() -> None:
    manager = maker().make(target(timeout=2.5, retries=7))
    assert (manager.host, manager.timeout, manager.retries) == ("192.0.2.1", 2.5, 7)


def test_options_that_are_impossible_are_told() -> None:
    with pytest.raises(ConfigurationError, match="give strict or any_community"):
        maker().make(target(strict=True, any_community=True))


async def test_a_session_of_tls_is_resumed_by_the_next_manager() -> None:
    async with Agent(small_agent_mib(), tls=open_options()) as agent:
        of = target_of(agent, tls=manager_options())
        making = maker()
        resumed = []
        for _ in range(3):
            async with making.make(of) as manager:
                await manager.get(SYS_NAME)
                assert manager.tls is not None
                resumed.append(manager.tls.resumed)
        making.forget(of.name)
        async with making.make(of) as manager:
            await manager.get(SYS_NAME)
            assert manager.tls is not None
            resumed.append(manager.tls.resumed)
    assert resumed == [False, True, True, False]


def test_a_context_of_the_program_is_used_as_it_is() -> None:
    context = ssl.create_default_context()
    shared = ClientTls(manager_options(), "192.0.2.1")
    for tls in (context, shared):
        of = target(tls=tls)
        making = maker()
        assert making.make(of)._connector.options.tls is not None
        assert making._tls == {}


def test_an_engine_that_is_given_is_not_shared() -> None:
    engine = EngineInfo(bytes.fromhex("80004fb805636c6f636b"), 1, 1)
    manager = maker().make(target(credentials=USER, engine=engine))
    assert manager.engine is not None
    assert manager.engine.engine_id == engine.engine_id


def test_the_observer_of_a_target_stands_in_for_that_of_the_fleet() -> None:
    ours, its = Observer(), Observer()
    making = maker(observer=ours)
    shared = {making.make(target(name))._connector.options.observer for name in ("a", "b")}
    assert len(shared) == 1
    assert shared != {None}
    assert maker(observer=ours).make(target(observer=its))._connector.options.observer is its


async def test_what_an_observer_raises_is_logged_once_for_all_managers(caplog: pytest.LogCaptureFixture) -> None:
    class Faulty(Observer):
        def request_ended(self, trace: object) -> None:
            raise ZeroDivisionError("as if the program had a fault")

    async with Agent(small_agent_mib()) as agent:
        making = maker(observer=Faulty())
        for _ in range(3):
            async with making.make(target_of(agent)) as manager:
                await manager.get(SYS_NAME)
    assert len(caplog.records) == 1
