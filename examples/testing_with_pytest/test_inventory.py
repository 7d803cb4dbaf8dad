"""Tests of inventory.py with the fixtures of snmptcp's pytest plugin: no device, no mock, no conftest.py.

Run them with ``pytest examples/testing_with_pytest``; the plugin comes with ``pip install snmptcp``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from inventory import LINK_DOWN, NAME, read_inventory, read_names, report_link_down

from snmptcp import Community, RequestTimeout, UsmUser
from snmptcp.testing import Drop

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.testing import ThreadedAgent, ThreadedListener

ALICE = UsmUser("alice", "SHA-256", "open sesame 1", "AES", "open sesame 2")
PUBLIC = Community("public")

#: For all tests of this file; a marker on a class or a function changes single options.
pytestmark = pytest.mark.snmp_agent(recording="switch.snmprec", users=[ALICE])


@pytest.mark.parametrize("credentials", [PUBLIC, ALICE], ids=["v2c", "v3"])
def test_the_ports_of_the_recorded_switch(snmp_agent: ThreadedAgent, credentials: Community | UsmUser) -> None:
    """The agent runs in a thread of its own, so the program may block."""
    inventory = read_inventory(snmp_agent.host, snmp_agent.port, credentials)
    assert inventory.name == "switch-1"
    assert inventory.ports == ("lo", "eth0", "eth1")


@pytest.mark.snmp_agent(mib={NAME: "renamed"})
def test_variables_of_the_marker_replace_those_of_the_recording(snmp_agent: ThreadedAgent) -> None:
    """The options of the file stay in force: the recording is served, too."""
    assert read_inventory(snmp_agent.host, snmp_agent.port, PUBLIC).name == "renamed"


def test_a_change_counts_from_the_next_request_on(snmp_agent: ThreadedAgent) -> None:
    """Variables may be changed on any thread."""
    snmp_agent.mib[NAME] = "moved"
    assert read_inventory(snmp_agent.host, snmp_agent.port, PUBLIC).name == "moved"


@pytest.mark.snmp_agent(faults=[Drop()])
def test_a_lost_answer_is_asked_for_again(snmp_agent: ThreadedAgent) -> None:
    """The first response has a fault: it is never sent."""
    assert read_inventory(snmp_agent.host, snmp_agent.port, PUBLIC).name == "switch-1"
    assert [request.pdu.varbinds[0].oid for request in snmp_agent.requests[:2]] == [NAME, NAME]


def test_a_switch_that_stays_silent_is_an_error(snmp_agent: ThreadedAgent) -> None:
    """Faults may be injected at any time; ``None`` is for all responses."""
    snmp_agent.inject(Drop(), times=None)
    with pytest.raises(RequestTimeout):
        read_inventory(snmp_agent.host, snmp_agent.port, PUBLIC, attempts=1)


def test_several_switches_are_read_at_once(snmp_agent_factory: Callable[..., ThreadedAgent]) -> None:
    """Each call of the factory starts one more agent; the program has an event loop of its own."""
    agents = [snmp_agent_factory(mib={NAME: f"switch-{number}"}) for number in range(3)]
    names = asyncio.run(read_names([(agent.host, agent.port) for agent in agents], PUBLIC))
    assert names == ["switch-0", "switch-1", "switch-2"]


def test_a_link_that_is_down_is_reported(snmp_listener: ThreadedListener) -> None:
    """The listener collects traps and informs, and acknowledges informs."""
    asyncio.run(report_link_down(snmp_listener.host, snmp_listener.port, 7))
    [notification] = snmp_listener.wait_for(1)
    assert notification.is_inform
    assert notification.trap_oid == LINK_DOWN
    assert notification.varbinds[0].value == 7
