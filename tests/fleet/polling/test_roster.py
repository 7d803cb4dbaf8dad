"""The targets of a fleet: added, removed, and replaced."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from snmptcp import ConfigurationError
from snmptcp.fleet import BackOff, Get
from snmptcp.fleet.polling.connections import Connections
from snmptcp.fleet.polling.naming import Naming
from snmptcp.fleet.polling.poller import Shared
from snmptcp.fleet.polling.reading import Readers
from snmptcp.fleet.polling.roster import Changes, Roster
from snmptcp.fleet.polling.slots import Slots
from snmptcp.fleet.tally import Tally
from tests.fleet.making import NAME, target
from tests.support.clock import settle, skip

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any

    from snmptcp.fleet import Poll, Target

pytestmark = pytest.mark.anyio


class FakeManager:
    """Answers at once, and is told apart."""

    def __init__(self, of: Target) -> None:
        self.of = of
        self.closed = False

    async def get(self, *_: Any, **__: Any) -> tuple[()]:
        return ()

    async def aclose(self) -> None:
        self.closed = True


class Fixture:
    def __init__(self) -> None:
        self.managers: list[FakeManager] = []
        self.forgotten: list[str] = []
        self.polls: list[Poll] = []
        self.shared = Shared(
            connections=Connections(self),
            slots=Slots(100),
            readers=Readers(Naming(None)),
            tally=Tally(),
            back_off=BackOff(),
            first_within=0.0,
            deliver=self.polls.append,
        )
        self.roster = Roster(self.shared, [Get(NAME)])

    def make(self, of: Target) -> Any:
        self.managers.append(FakeManager(of))
        return self.managers[-1]

    def forget(self, name: str) -> None:
        self.forgotten.append(name)


@pytest.fixture
async def made() -> AsyncIterator[Fixture]:
    made = Fixture()
    yield made
    made.roster.stop()
    await made.roster.wait_ended()
    await made.shared.connections.aclose()


def names(made: Fixture) -> list[str]:
    return [poll.target.name for poll in made.polls]


async def test_a_target_is_polled_from_when_it_was_added(made: Fixture) -> None:
    made.roster.add(target("a"))
    await settle()
    assert names(made) == ["a"]
    assert list(made.roster.targets) == ["a"]


async def test_two_targets_of_one_name_are_refused(made: Fixture) -> None:
    made.roster.add(target("a"))
    with pytest.raises(ConfigurationError, match="^two targets are called 'a': give one of them another name=$"):
        made.roster.add(target("a"))
    with pytest.raises(ConfigurationError, match="^two targets are called 'b'"):
        await made.roster.replace([target("b"), target("b")])
    assert list(made.roster.targets) == ["a"]


async def test_a_target_without_jobs_is_refused(made: Fixture) -> None:
    roster = Roster(made.shared, [])
    with pytest.raises(ConfigurationError, match="^the target a has no jobs: give jobs= to it or to the fleet$"):
        roster.add(target("a"))
    roster.add(target("b", jobs=[Get(NAME)]))
    roster.stop()
    await roster.wait_ended()


async def test_a_target_that_was_removed_is_polled_no_more_and_its_connection_closed(made: Fixture) -> None:
    made.roster.add(target("a"))
    await settle()
    made.roster.remove("a")
    await made.roster.wait_ended()
    skip(3600)
    await settle()
    assert names(made) == ["a"]
    assert [manager.closed for manager in made.managers] == [True]
    with pytest.raises(ConfigurationError, match="^there is no target 'a'$"):
        made.roster.remove("a")


async def test_a_target_that_is_removed_before_its_first_poll_is_never_polled(made: Fixture) -> None:
    made.roster.add(target("a"))
    made.roster.remove("a")
    await made.roster.wait_ended()
    assert made.polls == []


async def test_replacing_tells_what_has_changed_and_leaves_the_others_alone(made: Fixture) -> None:
    await made.roster.replace([target("same"), target("gone"), target("other")])
    await settle()
    changes = await made.roster.replace([target("same"), target("other", labels={"site": "Lyon"}), target("new")])
    assert changes == Changes(added=("new",), removed=("gone",), changed=("other",))
    await settle()
    assert sorted(names(made)) == ["gone", "new", "other", "other", "same"]
    assert {manager.of.name: manager.closed for manager in made.managers if manager.closed} == {
        "gone": True,
        "other": True,
    }


async def test_if_one_of_the_new_targets_is_impossible_nothing_changes(made: Fixture) -> None:
    await made.roster.replace([target("a")])
    with pytest.raises(ConfigurationError):
        await made.roster.replace([target("b"), target("c", jobs=[Get("noSuchName.0")])])
    assert list(made.roster.targets) == ["a"]


async def test_a_poller_that_ends_by_a_fault_is_told(made: Fixture, caplog: pytest.LogCaptureFixture) -> None:
    def deliver(_: Poll) -> None:
        raise ZeroDivisionError("as if the library had a fault")

    object.__setattr__(made.shared, "deliver", deliver)
    with caplog.at_level(logging.ERROR):
        made.roster.add(target("a"))
        await settle()
    assert "snmptcp poller of a has ended, its target is polled no more" in caplog.text
    assert "as if the library had a fault" in caplog.text


async def test_many_targets_leave_the_loop_time_for_others(made: Fixture) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.ensure_future(count())
    await made.roster.replace([target(str(number)) for number in range(2000)])
    counting.cancel()
    assert turns >= 6


async def test_targets_that_were_polled_elsewhere_go_on_and_what_they_make_up_for_is_counted(made: Fixture) -> None:
    now = asyncio.get_running_loop().time()
    await made.roster.replace([target("a")], now)  # its points lie ahead
    assert made.shared.tally.made_up == 0

    await made.roster.replace([target("a"), target("b")], now - 60.0)  # a point has passed in a whole interval

    assert made.shared.tally.made_up == 1


async def test_what_was_due_counts_as_covered_once_it_has_ended(made: Fixture) -> None:
    now = asyncio.get_running_loop().time()
    assert made.roster.covered_until(now) == now

    made.roster.add(target("a"))  # due at once

    assert now - 0.01 < made.roster.covered_until(now + 5.0) < now + 5.0
    await settle()
    assert len(made.polls) == 1
    assert made.roster.covered_until(now + 5.0) == now + 5.0


async def test_targets_may_be_added_and_removed_while_others_are_replaced(made: Fixture) -> None:
    replacing = asyncio.ensure_future(made.roster.replace([target(str(number)) for number in range(1000)]))
    while "10" not in made.roster.targets:
        await asyncio.sleep(0)
    made.roster.remove("10")
    made.roster.add(target("999"))
    made.roster.add(target("another"))
    changes = await replacing
    assert len(changes.added) == 999
    assert made.roster.targets.keys() == {"another", *map(str, range(1000))} - {"10"}


async def test_a_replacement_that_is_cancelled_leaves_each_target_as_it_was_or_as_it_should_be(made: Fixture) -> None:
    await made.roster.replace([target(str(number)) for number in range(500)])
    changed = [target(str(number), labels={"site": "Lyon"}) for number in range(500)]
    replacing = asyncio.ensure_future(made.roster.replace(changed))
    while made.roster.targets["0"] != changed[0]:
        await asyncio.sleep(0)
    replacing.cancel()
    await asyncio.wait([replacing])
    assert len(made.roster.targets) == 500
    assert made.roster.targets["499"] != changed[499]


async def test_a_roster_that_was_stopped_begins_no_polls(made: Fixture) -> None:
    replacing = asyncio.ensure_future(made.roster.replace([target(str(number)) for number in range(500)]))
    while "0" not in made.roster.targets:
        await asyncio.sleep(0)
    made.roster.stop()
    changes = await replacing
    assert 0 < len(changes.added) < 500
    assert not made.roster.targets
    with pytest.raises(ConfigurationError, match="^the target a is not polled: the fleet has been stopped$"):
        made.roster.add(target("a"))


async def test_a_target_that_cannot_be_polled_does_not_end_the_one_in_whose_place_it_was_put(made: Fixture) -> None:
    made.roster.put(target("a"))
    with pytest.raises(ConfigurationError):
        made.roster.put(target("a", jobs=[Get("noSuchName.0")]))
    assert made.roster.targets == {"a": target("a")}
    made.roster.put(target("a", labels={"site": "Lyon"}))
    assert made.roster.targets == {"a": target("a", labels={"site": "Lyon"})}
