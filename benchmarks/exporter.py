"""The exporter for Prometheus: ``python -m benchmarks.exporter [--config snmp.yml]``.

Printed: the CPU of a scrape of interfaces (all columns of ifTable and ifXTable, three look-ups) from an agent in
another process, over a connection that is kept; how much of it the walks are; and the time to read a configuration,
cold and from the cache.

Without ``--config`` the configuration is made up, of the size of snmp_exporter's own file.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.agents import COMMUNITY, running
from snmptcp import Community, Manager
from snmptcp.exporter import Exporter, Scrape, load_config
from snmptcp.exporter.cache import CACHE_VARIABLE
from snmptcp.exporter.document import to_yaml
from snmptcp.testing import Agent
from snmptcp.values import Counter32, Counter64, Gauge32, Integer32, OctetString, TimeTicks

IF_ENTRY = "1.3.6.1.2.1.2.2.1"
IFX_ENTRY = "1.3.6.1.2.1.31.1.1.1"

#: The columns of ifTable and ifXTable that are numbers, with the types of the agent and of the metrics.
NUMBERS = {
    **{f"{IF_ENTRY}.{n}": (Integer32, "gauge") for n in (1, 3, 4, 7, 8)},
    **{f"{IF_ENTRY}.{n}": (Gauge32, "gauge") for n in (5, 21)},
    f"{IF_ENTRY}.9": (TimeTicks, "gauge"),
    **{f"{IF_ENTRY}.{n}": (Counter32, "counter") for n in (10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)},
    **{f"{IFX_ENTRY}.{n}": (Counter32, "counter") for n in (2, 3, 4, 5)},
    **{f"{IFX_ENTRY}.{n}": (Counter64, "counter") for n in (6, 7, 8, 9, 10, 11, 12, 13)},
    **{f"{IFX_ENTRY}.{n}": (Integer32, "gauge") for n in (14, 16, 17)},
    f"{IFX_ENTRY}.15": (Gauge32, "gauge"),
    f"{IFX_ENTRY}.19": (TimeTicks, "gauge"),
}
TEXTS = {f"{IF_ENTRY}.2": "ifDescr", f"{IFX_ENTRY}.1": "ifName", f"{IFX_ENTRY}.18": "ifAlias"}


def device(interfaces: int) -> dict[str, Any]:
    """Return the variables of an agent with so many interfaces."""
    variables: dict[str, Any] = {}
    for row in range(1, interfaces + 1):
        variables |= {f"{column}.{row}": kind(row * 1_000 + row) for column, (kind, _) in NUMBERS.items()}
        variables |= {f"{column}.{row}": OctetString(f"{name} of port {row}") for column, name in TEXTS.items()}
    return variables


def module() -> dict[str, Any]:
    """Return a module of all that :func:`device` has."""
    indexes = [{"labelname": "ifIndex", "type": "gauge"}]
    lookups = [
        {"labels": ["ifIndex"], "labelname": name, "oid": column, "type": "DisplayString"}
        for column, name in TEXTS.items()
    ]
    metrics = [
        {
            "name": f"if_{number}",
            "oid": column,
            "type": kind,
            "help": f"A column of a table of interfaces, described in one sentence - {column}",
            "indexes": indexes,
            "lookups": lookups,
        }
        for number, (column, (_, kind)) in enumerate(NUMBERS.items())
    ]
    return {"walk": [IF_ENTRY, IFX_ENTRY], "metrics": metrics}


def configuration(modules: int) -> str:
    """Return a configuration of so many modules."""
    document = {"auths": {"public_v2": {"community": COMMUNITY, "version": 2}}}
    return to_yaml({**document, "modules": {f"m{number}": module() for number in range(modules)}})


async def _serve(interfaces: int) -> None:
    async with Agent(device(interfaces), read_community=COMMUNITY) as agent:
        print(agent.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def _scrapes(port: int, interfaces: int, path: Path, rounds: int, repetitions: int) -> None:
    """Print the CPU of scrapes, and of reading the same variables without making metrics."""
    scrape = Scrape(f"tcp://127.0.0.1:{port}", ("m0",))
    whole, reading = [], []
    async with (
        Exporter(path) as exporter,
        Manager("127.0.0.1", port, credentials=Community(COMMUNITY)) as manager,
    ):
        text = await exporter.scrape(scrape)
        for _ in range(repetitions):
            began = time.process_time()
            for _ in range(rounds):
                await exporter.scrape(scrape)
            whole.append((time.process_time() - began) / rounds)
            began = time.process_time()
            for _ in range(rounds):
                for root in (IF_ENTRY, IFX_ENTRY):
                    async for _ in manager.walk(root):
                        pass
            reading.append((time.process_time() - began) / rounds)
    samples = sum(not line.startswith("#") for line in text.splitlines())
    variables = interfaces * (len(NUMBERS) + len(TEXTS))
    print(f"{interfaces} interfaces: {variables:,} variables, {samples:,} samples, {len(text) / 1024:,.0f} KiB of text")
    print(f"  CPU of a scrape       {_ms(whole)}")
    print(f"  of that, the walks    {_ms(reading)}")


def _ms(seconds: list[float]) -> str:
    low, high = min(seconds) * 1e3, max(seconds) * 1e3
    return f"{statistics.median(seconds) * 1e3:.1f} ms ({low:.1f} to {high:.1f})"


def _loading(path: Path, repetitions: int) -> None:
    """Print the time to read a configuration."""
    size = path.stat().st_size
    cold: list[float] = []
    cached: list[float] = []
    for _ in range(repetitions):
        with tempfile.TemporaryDirectory() as folder:
            for times, cache in ((cold, ""), (None, folder), (cached, folder)):
                os.environ[CACHE_VARIABLE] = cache
                began = time.process_time()
                config = load_config([path])
                if times is not None:
                    times.append(time.process_time() - began)
    metrics = sum(len(module.metrics) for module in config.modules.values())
    print(f"a configuration of {size:,} octets, {len(config.modules)} modules, {metrics:,} metrics")
    print(f"  read cold             {_ms(cold)}")
    print(f"  read from the cache   {_ms(cached)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--interfaces", type=int, default=50, help="of the agent (default 50)")
    parser.add_argument("--config", type=Path, help="the configuration to read (default: one that is made up)")
    parser.add_argument("--rounds", type=int, default=20, help="scrapes in a repetition (default 20)")
    parser.add_argument("--repetitions", type=int, default=5, help="(default 5)")
    arguments = parser.parse_args()
    if arguments.serve:
        asyncio.run(_serve(arguments.serve))
        return
    command = [sys.executable, "-m", "benchmarks.exporter", "--serve", str(arguments.interfaces)]
    with tempfile.TemporaryDirectory() as folder, running(command, None, {**os.environ}) as process:
        port = int(process.stdout.readline()) if process.stdout else 0
        path = Path(folder) / "snmp.yml"
        path.write_text(configuration(1), encoding="utf-8")
        asyncio.run(_scrapes(port, arguments.interfaces, path, arguments.rounds, arguments.repetitions))
        if arguments.config is None:
            path.write_text(configuration(60), encoding="utf-8")
        _loading(arguments.config or path, arguments.repetitions)


if __name__ == "__main__":
    main()
