"""The agents of the demonstration: their counters grow, their links change, their traps arrive."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, ConfigurationError, Manager, NotificationListener, SnmpError
from snmptcp.cli.serving.devices import _Device, shown_agents
from snmptcp.errors import TransportError
from tests.support.clock import settle, skip, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from snmptcp.fleet import Target

pytestmark = pytest.mark.anyio

HC_IN = "1.3.6.1.2.1.31.1.1.1.6.1"
OPER = "1.3.6.1.2.1.2.2.1.8"


@pytest.fixture
async def listener(anyio_backend: object) -> AsyncIterator[NotificationListener]:
    async with NotificationListener("127.0.0.1", 0, credentials=Community("public")) as found:
        yield found


def manager_of(target: Target, **options: Any) -> Manager:
    return Manager(target.host, target.port, credentials=target.credentials, **options)


async def test_agents_have_names_of_their_own_and_counters_that_grow(listener: NotificationListener) -> None:
    async with shown_agents(12, ("127.0.0.1", listener.port)) as targets, manager_of(targets[0]) as manager:
        assert len({target.name for target in targets}) == 12
        before = int(str(await manager.get_value(HC_IN)))
        skip(1.0)
        assert int(str(await manager.get_value(HC_IN))) > before


async def test_what_fails_in_the_block_comes_out_as_it_is(listener: NotificationListener) -> None:
    with pytest.raises(TransportError, match="no such port"):
        async with shown_agents(5, ("127.0.0.1", listener.port)):
            raise TransportError("no such port")


async def test_links_that_change_are_told_by_traps(listener: NotificationListener) -> None:
    async with shown_agents(1, ("127.0.0.1", listener.port)) as (target,), manager_of(target) as manager:
        await settle()
        skip(10.0)
        trap = await anext(aiter(listener))
        assert trap.trap_oid == "1.3.6.1.6.3.1.1.5.3"  # linkDown
        row = str(trap.varbinds[0].value)
        assert str(await manager.get_value(f"{OPER}.{row}")) == "2"


async def test_some_agents_die_and_come_back(listener: NotificationListener) -> None:
    async def answers(target: Target) -> bool:
        async with manager_of(target, timeout=0.5, retries=0) as manager:
            try:
                await manager.get(HC_IN)
            except SnmpError:
                return False
        return True

    async with shown_agents(5, ("127.0.0.1", listener.port)) as targets:
        assert await answers(targets[4])
        skip(60.0)
        while await answers(targets[4]):
            skip(1.0)
        skip(12.0)
        while not await answers(targets[4]):
            skip(1.0)
        assert all([await answers(target) for target in targets])


async def test_a_listener_that_has_gone_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "snmptcp.demo")
    async with shown_agents(1, ("127.0.0.1", 1)) as (target,), manager_of(target) as manager:
        await settle()
        skip(10.0)
        await until(lambda: "a trap was not sent" in caplog.text)
        assert len([row async for row in manager.walk(OPER)]) == 6


async def test_what_goes_wrong_in_the_block_comes_out_as_it_is(listener: NotificationListener) -> None:
    with pytest.raises(ConfigurationError, match="as it is"):
        async with shown_agents(1, ("127.0.0.1", listener.port)):
            raise ConfigurationError("as it is")


async def test_a_demonstration_that_stands_still_says_why(
    listener: NotificationListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no link changes")

    monkeypatch.setattr(_Device, "change_link", broken)
    with pytest.raises(RuntimeError, match="no link changes"):
        async with shown_agents(1, ("127.0.0.1", listener.port)):
            await settle()
            skip(10.0)
            await settle()


def test_an_interface_that_is_down_comes_back_before_another_goes_down() -> None:
    device, chance = _Device(0, lambda: 0.0), random.Random(1)
    traps = [str(device.change_link(chance)[0]) for _ in range(4)]
    assert [each[-1] for each in traps] == ["3", "4", "3", "4"]
