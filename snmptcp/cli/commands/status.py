"""``snmptcp status``: shows in a few lines how an agent is: what it is, since when, its packets, what is down."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.manager import open_manager
from snmptcp.cli.options.application import add_application_option
from snmptcp.cli.options.printing import add_json_option
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.output.cells import octets_on_one_line
from snmptcp.cli.output.interfaces import OPER_STATES
from snmptcp.cli.output.report import report
from snmptcp.cli.partial import KEEP_LETTER, KEEP_MEANING, read_what_works
from snmptcp.errors import AgentError, BrokenVariable
from snmptcp.mib.conversion import format_ticks
from snmptcp.oid import OID
from snmptcp.protocol.notification import SYS_UP_TIME
from snmptcp.values import OctetString, TimeTicks

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

    from snmptcp.errors import SnmpError
    from snmptcp.manager import Manager, TableRow
    from snmptcp.values import Value

__all__ = ("StatusCommand", "add_arguments", "read_arguments", "run")

_SYS_DESCR = OID("1.3.6.1.2.1.1.1.0")
_IP_IN_RECEIVES = OID("1.3.6.1.2.1.4.3.0")
_IP_OUT_REQUESTS = OID("1.3.6.1.2.1.4.10.0")
_SCALARS = (_SYS_DESCR, SYS_UP_TIME, _IP_IN_RECEIVES, _IP_OUT_REQUESTS)

_IF_TABLE = OID("1.3.6.1.2.1.2.2")

#: Of ifTable: ifDescr, ifAdminStatus, ifOperStatus, and the packets, unicast and other, in and out.
_DESCR, _ADMIN_STATUS, _OPER_STATUS = 2, 7, 8
_RECEIVED, _SENT = (11, 12), (17, 18)
_COLUMNS = (_DESCR, _ADMIN_STATUS, _OPER_STATUS, *_RECEIVED, *_SENT)

_UP = 1

#: Stands for what the agent does not tell.
_UNKNOWN = "-"


@dataclass(frozen=True, slots=True)
class StatusCommand:
    """The arguments of the command.

    Attributes:
        request: the agent, and the credentials.
        give_up: whether to fail if the agent refuses one of the variables.
        json: whether to print JSON.
    """

    request: RequestOptions
    give_up: bool
    json: bool


@dataclass(frozen=True, slots=True)
class _Down:
    """An interface that is not up."""

    index: int
    name: str
    state: str
    wanted: str


@dataclass(frozen=True, slots=True)
class _Status:
    """What is shown of an agent; ``None`` for what it does not tell."""

    description: str | None
    uptime: TimeTicks | None
    interfaces: int
    received: int | None
    sent: int | None
    ip_received: int | None
    ip_sent: int | None
    down: tuple[_Down, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the agent has told nothing."""
        told = (self.description, self.uptime, self.ip_received, self.ip_sent)
        return not self.interfaces and all(each is None for each in told)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_request_options(parser)
    add_application_option(parser, KEEP_LETTER, KEEP_MEANING)
    add_json_option(parser, "a JSON object on one line")


def read_arguments(arguments: argparse.Namespace) -> StatusCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    return StatusCommand(read_request_options(arguments), arguments.give_up, arguments.json)


def run(command: StatusCommand) -> int:
    """Ask the agent and print its state; return the exit code."""
    status = asyncio.run(_ask(command))
    address = str(command.request.target.address)
    if status.is_empty:
        report(f"{address}: the agent shows neither the system group nor interfaces")
        return 1
    for line in [_as_json(address, status)] if command.json else _as_text(address, status):
        print(line)
    return 0


async def _ask(command: StatusCommand) -> _Status:
    async with open_manager(command.request) as manager:
        scalars = await _read_scalars(manager, give_up=command.give_up)
        rows = await _read_interfaces(manager, give_up=command.give_up)
    description, uptime = scalars.get(_SYS_DESCR), scalars.get(SYS_UP_TIME)
    return _Status(
        octets_on_one_line(description) if isinstance(description, OctetString) else None,
        uptime if isinstance(uptime, TimeTicks) else None,
        len(rows),
        _total(rows, _RECEIVED),
        _total(rows, _SENT),
        _number(scalars.get(_IP_IN_RECEIVES)),
        _number(scalars.get(_IP_OUT_REQUESTS)),
        tuple(_downs(rows)),
    )


async def _read_scalars(manager: Manager, *, give_up: bool) -> Mapping[OID, Value]:
    def leave_out(error: SnmpError) -> None:
        """Show nothing of a variable that the agent refuses."""

    try:
        varbinds = await read_what_works(manager.get, _SCALARS, leave_out, give_up=give_up)
    except (AgentError, BrokenVariable):
        if give_up:
            raise
        return {}
    return {varbind.oid: varbind.value for varbind in varbinds}


async def _read_interfaces(manager: Manager, *, give_up: bool) -> list[TableRow]:
    try:
        return [row async for row in manager.table(_IF_TABLE, _COLUMNS, skip_broken=not give_up)]
    except AgentError:
        if give_up:
            raise
        return []  # a part of the table would make wrong sums


def _total(rows: Sequence[TableRow], columns: Sequence[int]) -> int | None:
    """Return the sum of columns over all interfaces; ``None`` if the agent has none of them."""
    numbers = [number for row in rows for column in columns if (number := _number(row.get(column))) is not None]
    return sum(numbers) if numbers else None


def _number(value: Value | None) -> int | None:
    return int(value) if isinstance(value, int) else None


def _downs(rows: Sequence[TableRow]) -> Iterator[_Down]:
    for row in rows:
        state = _number(row.get(_OPER_STATUS))
        if state is not None and state != _UP:
            name = row.get(_DESCR)
            yield _Down(
                row.index[-1],
                octets_on_one_line(name) if isinstance(name, OctetString) else str(row.index),
                OPER_STATES.get(state, str(state)),
                OPER_STATES.get(_number(row.get(_ADMIN_STATUS)) or 0, _UNKNOWN),
            )


# ------------------------------------------------------------------------------------------ printing


def _as_text(address: str, status: _Status) -> Iterator[str]:
    """Yield the lines of net-snmp's snmpstatus, and one for each interface that is down."""
    uptime = _UNKNOWN if status.uptime is None else format_ticks(status.uptime, days_alone=False)
    yield f"[{address}]=>[{_shown(status.description)}] Up: {uptime}"
    yield (
        f"Interfaces: {status.interfaces}, Recv/Trans packets: {_shown(status.received)}/{_shown(status.sent)} | "
        f"IP: {_shown(status.ip_received)}/{_shown(status.ip_sent)}"
    )
    count = len(status.down)
    if count:
        yield f"{count} interface{'s are' if count > 1 else ' is'} down!"
    for down in status.down:
        why = ", as configured" if down.wanted == down.state else ""
        yield f"  {down.name} ({down.index}): {down.state}{why}"


def _shown(fact: object) -> str:
    return _UNKNOWN if fact is None else str(fact)


def _as_json(address: str, status: _Status) -> str:
    return json.dumps(
        {
            "address": address,
            "description": status.description,
            "uptime": None if status.uptime is None else int(status.uptime),
            "interfaces": status.interfaces,
            "received": status.received,
            "sent": status.sent,
            "ip_received": status.ip_received,
            "ip_sent": status.ip_sent,
            "down": [
                {"index": down.index, "name": down.name, "status": down.state, "admin_status": down.wanted}
                for down in status.down
            ],
        }
    )
