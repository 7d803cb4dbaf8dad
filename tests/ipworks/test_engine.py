"""The ``remote_engine`` properties: assigned, discovered, and advancing."""

from __future__ import annotations

import time

from snmptcp.ipworks.engine import RemoteEngine
from snmptcp.security.engine_clock import EngineInfo
from tests.ipworks.proofs import proves
from tests.ipworks.support import (
    be,
    record,
    values,
)


@proves("remote_engine_boots", "remote_engine_id", "remote_engine_time")
def test_discovery_fills_the_remote_engine_and_its_time_advances(mgr, agent) -> None:
    agent.call(lambda: agent.agent.jump(1000))
    be(mgr, "sha", 2)
    mgr.discover()
    assert mgr.remote_engine_id == agent.agent.engine_id
    assert mgr.remote_engine_boots == agent.agent.engine_boots
    first = mgr.remote_engine_time
    assert 1000 <= first <= 1010
    deadline = time.monotonic() + 10
    while mgr.remote_engine_time == first and time.monotonic() < deadline:
        mgr.do_events()
    assert mgr.remote_engine_time > first


def test_a_remote_engine_that_is_set_is_not_discovered(mgr, agent) -> None:
    be(mgr, "sha", 2)
    mgr.remote_engine_id = agent.agent.engine_id
    mgr.remote_engine_boots = agent.agent.engine_boots
    mgr.remote_engine_time = 0
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert agent.agent.statistics.unknown_engine_ids == 0
    assert len(agent.requests) == 1


def test_a_wrong_remote_engine_time_is_resynchronized_once(mgr, agent) -> None:
    agent.call(lambda: agent.agent.jump(100_000))
    be(mgr, "sha", 2)
    mgr.remote_engine_id = agent.agent.engine_id
    mgr.remote_engine_boots = 1
    told = record(mgr, "on_report", "on_response")
    mgr.send_get_request()
    assert [type(event).__name__ for event in told] == ["SNMPTCPMgrReportEventParams", "SNMPTCPMgrResponseEventParams"]
    assert agent.agent.statistics.not_in_time_windows == 1


def test_another_agent_means_another_engine(mgr, agent) -> None:
    be(mgr, "sha", 2)
    mgr.discover()
    mgr.remote_host = "192.0.2.1"
    assert mgr.remote_engine_id == b""


class FakeClock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_time_advances_once_the_engine_id_is_known() -> None:
    clock = FakeClock()
    engine = RemoteEngine(clock)
    engine.assign_time(50)
    clock.now += 10
    assert (engine.time, engine.info) == (50, None)
    engine.assign_id(b"engine")
    assert engine.info == EngineInfo(b"engine", 0, 60)
    clock.now += 2**31
    assert engine.time == 0x7FFFFFFF


def test_another_agent_makes_it_forget_what_was_discovered_but_not_what_was_assigned() -> None:
    engine = RemoteEngine(FakeClock())
    engine.learn(EngineInfo(b"discovered", 3, 4), settled=True)
    engine.forget()
    assert (engine.engine_id, engine.boots, engine.time, engine.preset) == (b"", 0, 0, False)
    engine.assign_id(b"assigned")
    engine.forget()
    assert (engine.engine_id, engine.preset) == (b"assigned", True)


def test_each_assignment_is_another_revision_and_what_is_learned_is_not() -> None:
    engine = RemoteEngine(FakeClock())
    engine.assign_id(b"x")
    engine.assign_boots(1)
    engine.assign_time(2)
    assert engine.revision == 3
    engine.learn(EngineInfo(b"y", 1, 1), settled=True)
    assert engine.revision == 3


def test_an_engine_that_was_only_claimed_is_shown_and_not_given_to_managers() -> None:
    engine = RemoteEngine(FakeClock())
    engine.learn(EngineInfo(b"claimed", 3, 4), settled=False)
    assert (engine.engine_id, engine.boots, engine.info) == (b"claimed", 3, None)
    engine.learn(EngineInfo(b"proved", 3, 4), settled=True)
    assert engine.info == EngineInfo(b"proved", 3, 4)


def test_a_time_that_was_never_set_is_not_given_to_managers() -> None:
    clock = FakeClock()
    engine = RemoteEngine(clock)
    engine.assign_id(b"engine")
    clock.now += 10
    assert engine.info == EngineInfo(b"engine")
    engine.assign_boots(9)
    assert engine.info == EngineInfo(b"engine", 9, 10)
