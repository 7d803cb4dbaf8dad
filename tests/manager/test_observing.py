"""The observers of all managers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, Manager, Observer
from snmptcp.errors import ArgumentTypeError
from snmptcp.manager import Observers, add_observer, remove_observer
from snmptcp.manager.observing import with_added
from tests.support.mibs import SYS_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snmptcp.manager import RequestTrace
    from snmptcp.testing import Agent

pytestmark = pytest.mark.anyio


class Counter(Observer):
    def __init__(self) -> None:
        self.count = 0

    def request_ended(self, trace: RequestTrace) -> None:
        self.count += 1


@pytest.fixture
def added() -> Iterator[Counter]:
    observer = Counter()
    add_observer(observer)
    yield observer
    remove_observer(observer)


def manager_of(agent: Agent, observer: Observer | None = None) -> Manager:
    return Manager(agent.host, agent.port, credentials=Community("private"), observer=observer)


async def test_it_is_told_of_managers_that_are_made_while_it_is_added(agent: Agent, manager: Manager) -> None:
    observer = Counter()
    add_observer(observer)
    async with manager_of(agent) as meanwhile:
        remove_observer(observer)
        async with manager_of(agent) as after:
            for each in (manager, meanwhile, after):
                await each.get(SYS_NAME)
    assert observer.count == 1


async def test_a_managers_own_observer_is_told_too(agent: Agent, added: Counter) -> None:
    own = Counter()
    async with manager_of(agent, own) as manager:
        await manager.get(SYS_NAME)
    assert (own.count, added.count) == (1, 1)


def test_without_any_a_manager_has_none_and_its_own_stays_as_it_is(added: Counter) -> None:
    assert with_added(None) is added
    own = Counter()
    both = with_added(own)
    assert isinstance(both, Observers)
    assert list(both) == [own, added]
    remove_observer(added)
    assert with_added(None) is None
    assert with_added(own) is own


def test_one_that_is_added_twice_is_told_once_and_removing_another_is_no_error(added: Counter) -> None:
    add_observer(added)
    remove_observer(Counter())
    assert with_added(None) is added


def test_what_is_no_observer_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="observer must be an Observer, not int"):
        add_observer(5)  # type: ignore[arg-type]
