"""The operations of the soak: what is asked of one agent, and the check of what it says."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from snmptcp import AgentError, Integer32, SnmpError
from snmptcp.errors import OidNotIncreasing
from tests.soak.accounting import WrongAnswer
from tests.soak.devices import COLUMNS, ENTRY, TABLE, TOKEN, name_of
from tests.soak.gauges import OPERATION
from tests.soak.plan import TIMEOUT, WALK_TIMEOUT

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable

    from snmptcp import Manager
    from snmptcp.oid import OID
    from snmptcp.values import Value, VarBind
    from tests.soak.devices import Cell, Device

__all__ = ("OPERATIONS", "Operation", "Station", "check")


class Station:
    """One agent, and the manager that asks it.

    Args:
        device: what the agent must say.
        manager: its manager.
        dice: random choices.

    Attributes:
        token: the number that the latest SET has written, or tried to.
        done: the numbers of SETs that were answered without an error, since they were last taken.
        undone: those of SETs that have not left, as their errors say.
    """

    def __init__(self, device: Device, manager: Manager, dice: random.Random) -> None:
        self.device = device
        self.manager = manager
        self.dice = dice
        self.token = 0
        self.done: list[int] = []
        self.undone: list[int] = []

    def cell(self) -> Cell:
        """Return a cell at random."""
        return self.dice.choice(self.device.cells)


def check(device: Device, varbind: VarBind, name: OID, value: Value | None, issued: int) -> None:
    """Check one variable.

    Args:
        device: whose it is.
        varbind: what came.
        name: its right name.
        value: its right value; ``None`` for :data:`TOKEN`, which has a number that a SET has written.
        issued: the greatest number that a SET can have written.

    Raises:
        WrongAnswer: it is not right.
    """
    right = varbind.oid == name and (
        (isinstance(varbind.value, Integer32) and 0 <= varbind.value <= issued)
        if value is None
        else type(varbind.value) is type(value) and varbind.value == value
    )
    if not right:
        wanted = f"0 to {issued}" if value is None else repr(value)
        raise WrongAnswer(f"device {device.number}: {name} must be {wanted}, not {varbind!r}")


async def get(station: Station) -> None:
    """GET of one cell."""
    device, cell = station.device, station.cell()
    (varbind,) = await station.manager.get(name_of(cell))
    check(device, varbind, name_of(cell), device.value(cell), station.token)


async def get_many(station: Station) -> None:
    """GET of 2 to 20 cells, and of the number that was written."""
    device = station.device
    cells = [station.cell() for _ in range(station.dice.randint(1, 19))]
    varbinds = await station.manager.get(*map(name_of, cells), TOKEN)
    for varbind, cell in zip(varbinds[:-1], cells, strict=True):
        check(device, varbind, name_of(cell), device.value(cell), station.token)
    check(device, varbinds[-1], TOKEN, None, station.token)


async def get_next(station: Station) -> None:
    """GETNEXT of one cell."""
    device, cell = station.device, station.cell()
    (varbind,) = await station.manager.get_next(name_of(cell))
    check(device, varbind, *device.following(cell), station.token)


async def get_bulk(station: Station) -> None:
    """GETBULK of the ten variables after a cell."""
    device = station.device
    place = station.dice.randrange(len(device.cells) - 11)
    varbinds = await station.manager.get_bulk(name_of(device.cells[place]), max_repetitions=10)
    if len(varbinds) > 10 or not varbinds:
        raise WrongAnswer(f"device {device.number}: a GETBULK of 10 has brought {len(varbinds)}")
    if varbinds[0].oid <= name_of(device.cells[place]):  # they are as they came: the caller looks at their order
        raise OidNotIncreasing(name_of(device.cells[place]), varbinds[0].oid)
    for behind, varbind in enumerate(varbinds, 1):
        check(device, varbind, *device.at(place + behind), station.token)


async def set_token(station: Station) -> None:
    """SET of the next number, which must be written once, or not at all if the error says so."""
    station.token += 1
    token = station.token
    try:
        (varbind,) = await station.manager.set((TOKEN, Integer32(token)))
    except AgentError:
        raise  # the agent may lie: it has written the number, and its answer has a fault
    except SnmpError as error:
        if not error.uncertain:
            station.undone.append(token)
        raise
    if (varbind.oid, varbind.value) != (TOKEN, token):
        raise WrongAnswer(f"device {station.device.number}: SET of {token} has brought {varbind!r}")
    station.done.append(token)


async def walk(station: Station) -> None:
    """Walk of one column."""
    device, column = station.device, station.dice.choice(COLUMNS)
    expected = [cell for cell in device.cells if cell[0] == column]
    came = 0
    async for varbind in station.manager.walk(ENTRY + column):
        if came >= len(expected):
            raise WrongAnswer(f"device {device.number}: column {column} has no {varbind.oid}")
        check(device, varbind, name_of(expected[came]), device.value(expected[came]), station.token)
        came += 1
    if came != len(expected):
        raise WrongAnswer(
            f"device {device.number}: column {column} has {len(expected)} rows; a walk has brought {came}"
        )


async def table(station: Station) -> None:
    """Read the whole table."""
    device, came = station.device, 0
    async for row in station.manager.table(TABLE, columns=COLUMNS):
        came += 1
        expected = {column: device.value((column, came)) for column in COLUMNS if column != 5 or came % 2}
        if row.index.arcs != (came,) or dict(row) != expected:
            raise WrongAnswer(f"device {device.number}: row {came} is {row!r}")
    if came != device.rows:
        raise WrongAnswer(f"device {device.number}: the table has {device.rows} rows; {came} have come")


async def burst(station: Station) -> None:
    """Twenty GETs at once."""
    gets = [asyncio.create_task(get(station), name=OPERATION) for _ in range(20)]
    results = await asyncio.gather(*gets, return_exceptions=True)
    failures = [result for result in results if isinstance(result, BaseException)]
    for failure in sorted(failures, key=lambda each: isinstance(each, SnmpError)):
        raise failure  # one stands for all; a wrong answer before an error


class Operation(NamedTuple):
    """One kind of operation.

    Attributes:
        run: does it.
        share: how often it is chosen, beside the others.
        cost: how many requests it is, about.
        seconds: how long it may take.
    """

    run: Callable[[Station], Awaitable[None]]
    share: float
    cost: int
    seconds: float = TIMEOUT

    @property
    def name(self) -> str:
        """Its name in the accounts."""
        return self.run.__name__


OPERATIONS = (
    Operation(get, 40, 1),
    Operation(get_many, 20, 1),
    Operation(get_next, 10, 1),
    Operation(get_bulk, 10, 1),
    Operation(set_token, 10, 1),
    Operation(walk, 4, 3, WALK_TIMEOUT),
    Operation(table, 3, 16, WALK_TIMEOUT),
    Operation(burst, 2, 20),
)
