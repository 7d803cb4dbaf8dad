"""What it costs to start: ``python -m benchmarks.start``.

* ``import snmptcp`` beside ``import asyncio``, in CPU time of a process and in modules;
* ``snmptcp get`` in all: the interpreter, the command, one request to the library's agent in another process;
* for comparison the same of gufo_snmp, if it is installed, and net-snmp's ``snmpget``.

Each program runs many times, taking turns; the output has the least and the median CPU time of the process.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.agents import UPTIME, start_agent
from benchmarks.measure import ratios

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[1]

#: The programs without a peer.  ``asyncio`` is what the others are compared with.
IMPORTS = {
    "python alone": "pass",
    "asyncio": "import asyncio",
    "asyncio, snmptcp": "import asyncio, snmptcp",
    "asyncio, snmptcp.sync": "import asyncio, snmptcp.sync",
}


def child_cpu(command: Sequence[str]) -> float:
    """Run a program; return the seconds of CPU that its process took."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MIBS": ""}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its compiled code
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)
    errors = process.stderr.read() if process.stderr else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stderr:
        process.stderr.close()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: {errors}")
    return usage.ru_utime + usage.ru_stime


def programs(port: int) -> dict[str, list[str]]:
    """Return the programs by name."""
    python = [sys.executable, "-c"]
    found = {name: [*python, code] for name, code in IMPORTS.items()}
    if importlib.util.find_spec("gufo") is not None:
        found["asyncio, gufo.snmp.aio"] = [*python, "import asyncio, gufo.snmp.aio"]
    where = ["-v2c", "-c", "public"]
    found["snmptcp get"] = [sys.executable, "-m", "snmptcp", "get", *where, f"127.0.0.1:{port}", UPTIME]
    program = shutil.which("snmpget")
    if program is not None:
        found["snmpget (net-snmp)"] = [program, *where, f"tcp:127.0.0.1:{port}", UPTIME]
    return found


def measure(turns: int) -> dict[str, dict[str, float]]:
    """Return the CPU milliseconds of each program."""
    with start_agent("embedded", None) as agent:
        wanted = programs(agent.port)
        for command in wanted.values():
            child_cpu(command)  # compiled code, disk caches
        taken: dict[str, list[float]] = {name: [] for name in wanted}
        for _ in range(turns):
            for name, command in wanted.items():
                taken[name].append(1e3 * child_cpu(command))
    figures = {
        name: {"least, ms": round(min(values), 1), "median, ms": round(statistics.median(values), 1)}
        for name, values in taken.items()
    }
    for name in ("asyncio, snmptcp", "asyncio, snmptcp.sync"):
        beside = [value - other for value, other in zip(taken[name], taken["asyncio"], strict=True)]
        figures[name]["beside asyncio, median, ms"] = round(statistics.median(beside), 1)
        figures[name]["to asyncio, ratio"] = round(ratios(taken[name], taken["asyncio"]).median, 2)
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description="What it costs to start.")
    parser.add_argument("--turns", type=int, default=30, metavar="N", help="runs of each program (default: 30)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    options = parser.parse_args()
    figures = measure(options.turns)
    for name, values in figures.items():
        print(f"{name:<26}" + "  ".join(f"{what} {value}" for what, value in values.items()))
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
