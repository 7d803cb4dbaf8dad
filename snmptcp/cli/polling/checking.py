"""What a fleet's file would poll, without polling: jobs with their OIDs, targets with their addresses.

Contains: looking hosts up, and the text.  Does not contain: mistakes of the file (:mod:`snmptcp.fleet.files`).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import Counter
from typing import TYPE_CHECKING

from snmptcp.cli.output.report import report
from snmptcp.cli.polling.board import counted
from snmptcp.fleet.files.names import names_of
from snmptcp.fleet.files.sinks import SINKS
from snmptcp.oid import OID
from snmptcp.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snmptcp.fleet import Job, Target
    from snmptcp.fleet.files import FleetFile
    from snmptcp.mib import Mib

__all__ = ("check",)

#: How many names of hosts are looked up at once.
_AT_ONCE = 20

#: How many targets are listed.
_MOST_TARGETS = 100


async def check(file: FleetFile, mib: Mib | None) -> bool:
    """Print what a file would poll; return whether all hosts have addresses.

    Args:
        file: the file.
        mib: the MIB modules that names come from; ``None`` for none.

    Raises:
        ConfigurationError: a sink is impossible.
    """
    file.make_sinks(mib)
    for line in _overview(file, mib):
        print(line)
    unknown = await _unknown_hosts(file)
    for host, reason in unknown.items():
        names = ", ".join(target.name for target in file.targets if target.host == host)
        report(f"there is no address of {host} ({names}): {reason}")
    return not unknown


def _overview(file: FleetFile, mib: Mib | None) -> Iterator[str]:
    polls = sum(1 / job.interval for target in file.targets for job in target.jobs)
    counts = Counter(job.name for target in file.targets for job in target.jobs)
    yield f"{printable(str(file.path), None)}: {counted(len(file.targets), 'target')}, {polls:,.2f} polls per second"
    for name, job in file.jobs.items():
        yield f"job {printable(name)}: {_what(job, mib)}, every {job.interval:g} s, {counted(counts[name], 'target')}"
    for sink in file.sinks:
        path = sink.options.get(SINKS[sink.type].path)
        yield f"sink {sink.type}{'' if path is None else f': {printable(str(path), None)}'}"
    for target in file.targets[:_MOST_TARGETS]:
        yield _target(target)
    if len(file.targets) > _MOST_TARGETS:
        yield f"... and {len(file.targets) - _MOST_TARGETS:,} more targets"


def _what(job: Job, mib: Mib | None) -> str:
    """Return what a job reads, with the OIDs of names."""
    words: dict[str, list[str]] = {}
    for key, name in names_of(job):
        oid = OID(name) if mib is None else mib.oid(name)
        words.setdefault(key, []).append(str(name) if str(name).lstrip(".") == str(oid) else f"{name} ({oid})")
    return ", ".join(f"{key} {' '.join(texts)}" for key, texts in words.items())


def _target(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    where = host if target.port is None else f"{host}:{target.port}"
    labels = "".join(f" {printable(name)}={printable(value)}" for name, value in target.labels.items())
    how = f"{type(target.credentials).__name__}{' over TLS' if target.options.get('tls') else ''}"
    jobs = ", ".join(job.name for job in target.jobs)
    return f"target {printable(target.name)}: {where}, {how}, {printable(jobs, None)}{labels}"


async def _unknown_hosts(file: FleetFile) -> dict[str, str]:
    """Return the hosts without an address, and why."""
    room = asyncio.Semaphore(_AT_ONCE)
    loop = asyncio.get_running_loop()
    unknown: dict[str, str] = {}

    async def look_up(host: str) -> None:
        async with room:
            try:
                await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError) as error:
                unknown[host] = getattr(error, "strerror", None) or str(error)

    # A proxy looks names up itself.
    hosts = {target.host for target in file.targets if "proxy" not in target.options and not _is_address(target.host)}
    await asyncio.gather(*map(look_up, sorted(hosts)))
    return dict(sorted(unknown.items()))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
