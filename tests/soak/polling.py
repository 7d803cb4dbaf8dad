"""A fleet beside the other requests of the soak: it polls the table of one agent of five; each sample is checked."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from snmptcp import SnmpError
from snmptcp.fleet import BackOff, Fleet, Table, Target
from tests.soak.accounting import Failure
from tests.soak.certificates import client_tls
from tests.soak.devices import NAMES, TABLE, Device, name_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from snmptcp.fleet import Poll
    from tests.soak.accounting import Accounts

__all__ = ("Polling",)

#: One agent of this many is polled.
ONE_OF = 5

#: How often, in seconds.
INTERVAL = 10.0


class Polling:
    """A fleet, and the check of what it reads.

    Args:
        ports: where the agents listen, by number.
        certificates: the folder of the certificates.
        accounts: what the polls have come to is added to them.
    """

    def __init__(self, ports: Sequence[int], certificates: Path, accounts: Accounts) -> None:
        self._accounts = accounts
        tls = client_tls(certificates, NAMES[0])
        self._devices = {str(number): Device(number) for number in range(0, len(ports), ONE_OF)}
        self._fleet = Fleet(
            [
                Target(
                    "127.0.0.1",
                    ports[device.number],
                    credentials=device.credentials,
                    name=name,
                    tls=tls if device.kind == "tsm" else False,
                )
                for name, device in self._devices.items()
            ],
            jobs=[Table(TABLE, interval=INTERVAL, name="table")],
            back_off=BackOff(first=INTERVAL, most=INTERVAL),
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to poll."""
        await self._fleet.__aenter__()
        self._task = asyncio.ensure_future(self._check())

    async def aclose(self) -> None:
        """End all polls."""
        await self._fleet.__aexit__(None, None, None)
        if self._task is not None:
            await self._task

    async def _check(self) -> None:
        async for poll in self._fleet.polls():
            device = self._devices[poll.target.name]
            self._accounts.begun["poll"] += 1
            if poll.error is None:
                self._check_samples(poll, device)
            elif isinstance(poll.error, SnmpError):
                began, ended = (at - time.time() + time.monotonic() for at in (poll.started_at, poll.ended_at))
                error = type(poll.error).__name__
                self._accounts.failed(Failure(device.number, "poll", began, ended, error, str(poll.error)))
            else:
                self._accounts.undocumented += 1
                self._accounts.note("undocumented", f"poll of device {device.number}: {poll.error!r}")

    def _check_samples(self, poll: Poll, device: Device) -> None:
        read = {sample.oid: sample.value for sample in poll.samples}
        expected = {name_of(cell): device.value(cell) for cell in device.cells}
        if read == expected:
            self._accounts.answered += 1
            return
        self._accounts.wrong += 1
        differing = sorted(name for name in read.keys() | expected.keys() if read.get(name) != expected.get(name))
        self._accounts.note("wrong", f"poll of device {device.number}: {len(differing)} differ, as {differing[0]}")
