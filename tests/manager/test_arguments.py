"""Manager: arguments that cannot work are refused before anything is sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import OID, ConfigurationError, Manager
from tests.support.mibs import IF_TABLE, SYS_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from snmptcp.oid import OidLike
    from snmptcp.testing import Agent

pytestmark = pytest.mark.anyio

IF_DESCR = f"{IF_TABLE}.1.2"
IF_X_TABLE = "1.3.6.1.2.1.31.1.1"


async def read(manager: Manager, *columns: int | OidLike) -> None:
    async for _ in manager.table(IF_TABLE, columns):
        pass


# ------------------------------------------------------------------------------------------- tables


@pytest.mark.parametrize(
    "columns",
    [
        (2, 2),
        (1, 2, 10, 1),
        (2, IF_DESCR),
        (IF_DESCR, OID(IF_DESCR)),
        (IF_DESCR, f"{IF_X_TABLE}.1.2"),
    ],
    ids=str,
)
async def test_two_columns_of_one_number_are_refused(
    manager: Manager, agent: Agent, columns: tuple[int | OidLike, ...]
) -> None:
    """A row is a mapping from column number to value: one of the two would hide the other."""
    with pytest.raises(ConfigurationError, match="two columns have the same number"):
        await read(manager, *columns)

    assert not agent.requests


async def test_columns_of_two_tables_with_numbers_of_their_own_are_read(manager: Manager) -> None:
    rows = [row async for row in manager.table(IF_TABLE, [2, f"{IF_X_TABLE}.1.15"])]

    assert [(str(row.index), sorted(row)) for row in rows] == [("1", [2, 15]), ("2", [2]), ("7", [2]), ("300", [2])]


@pytest.mark.parametrize("columns", [[], (), iter(())], ids=["list", "tuple", "iterator"])
async def test_a_table_without_columns_is_refused(
    manager: Manager, agent: Agent, columns: Iterable[int | OidLike]
) -> None:
    with pytest.raises(ConfigurationError, match="at least one column"):
        async for _ in manager.table(IF_TABLE, columns):
            pass

    assert not agent.requests


@pytest.mark.parametrize("column", [-1, 2**32, "x", "1.2.x", ""])
async def test_a_column_that_cannot_be_one_is_refused(manager: Manager, agent: Agent, column: int | str) -> None:
    with pytest.raises(ConfigurationError):
        await read(manager, column)

    assert not agent.requests


@pytest.mark.parametrize("max_repetitions", [-1, 2**31])
async def test_a_table_refuses_repetitions_out_of_range(manager: Manager, agent: Agent, max_repetitions: int) -> None:
    with pytest.raises(ConfigurationError, match="max_repetitions"):
        async for _ in manager.table(IF_TABLE, [2], max_repetitions=max_repetitions):
            pass

    assert not agent.requests


# ----------------------------------------------------------------------------------------- timeouts


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("-inf")])
@pytest.mark.parametrize(
    "ask",
    [
        lambda manager, timeout: manager.get(SYS_NAME, timeout=timeout),
        lambda manager, timeout: manager.get_next(SYS_NAME, timeout=timeout),
        lambda manager, timeout: manager.get_bulk(SYS_NAME, timeout=timeout),
        lambda manager, timeout: manager.set((SYS_NAME, "x"), timeout=timeout),
        lambda manager, timeout: manager.walk(SYS_NAME, timeout=timeout),
        lambda manager, timeout: manager.table(IF_TABLE, timeout=timeout),
    ],
    ids=["get", "get_next", "get_bulk", "set", "walk", "table"],
)
async def test_every_method_refuses_a_timeout_that_is_not_above_nothing(
    manager: Manager, agent: Agent, ask: Callable[[Manager, float], Any], timeout: float
) -> None:
    with pytest.raises(ConfigurationError, match="timeout is a number of seconds above 0"):
        call = ask(manager, timeout)
        await (anext(call) if isinstance(call, AsyncGenerator) else call)

    assert not agent.requests


# ------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize("value", [1.5, True, object(), ["x"]], ids=["float", "bool", "object", "list"])
async def test_a_set_refuses_what_snmp_has_no_type_for(manager: Manager, agent: Agent, value: object) -> None:
    with pytest.raises(ConfigurationError, match="no SNMP type for"):
        await manager.set((SYS_NAME, value))

    assert not agent.requests


@pytest.mark.parametrize("value", [2**31, "x" * 65536])
async def test_a_set_refuses_values_out_of_range(manager: Manager, agent: Agent, value: object) -> None:
    with pytest.raises(ConfigurationError):
        await manager.set((SYS_NAME, value))

    assert not agent.requests
