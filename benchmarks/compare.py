"""All contestants side by side: ``python -m benchmarks.compare``.

Each contestant (:mod:`benchmarks.contestants`) runs in its own process against one snmpd.  They take turns within each
repetition, each time in another order, so that other load affects all of them.  The output has the median, minimum and
maximum of the repetitions; ratios are computed within repetitions.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.agents import build_native, start_agent
from benchmarks.measure import Settings, ratios, spread
from benchmarks.report import machine

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]

WORKS = {
    "get": "v2c GET, one at a time (per request)",
    "many": "v2c GET, 100 in flight (per request)",
    "walk": "v2c GETBULK walk, max-repetitions 50 (per variable binding)",
    "plain": "v2c walk as each does it by default (per variable binding)",
    "get3": "v3 authPriv GET, one at a time (per request)",
    "many3": "v3 authPriv GET, 100 in flight (per request)",
    "walk3": "v3 authPriv GETBULK walk, max-repetitions 50 (per variable binding)",
}

OURS = "snmptcp"
_RATIO_HEADS = f"{'our rate : its':>22}{'its CPU : ours':>22}"
PEERS = ("gufo_snmp asyncio", "gufo_snmp sync", "aiosnmp", "puresnmp", "pysnmp", "snmp", "easysnmp", "ezsnmp")


@dataclass
class Contestant:
    """A process that measures itself on request.

    Attributes:
        name: its name.
        command: the command that runs it.
        environment: additions to the environment.
        version: the version that it has printed.
        measured: for each work, CPU seconds per operation and operations per second of each repetition.
    """

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    version: str = ""
    measured: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    def start(self, cpus: set[int] | None) -> bool:
        """Start it; return whether it works."""
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "MIBS": "", **self.environment},
            cwd=tempfile.gettempdir(),
        )
        if cpus is not None:
            os.sched_setaffinity(self.process.pid, cpus)
        self.version = self._readline()
        return bool(self.version)

    def measure(self, work: str, seconds: float) -> tuple[float, float] | None:
        """Return CPU seconds per operation and operations per second; ``None`` if it cannot do this work."""
        if self.process is None or self.process.stdin is None:
            return None
        try:
            self.process.stdin.write(f"{work} {seconds}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        fields = self._readline().split()
        if len(fields) != 3:
            return None
        operations, cpu, wall = map(float, fields)
        return cpu / operations, operations / wall

    def stop(self) -> None:
        """Stop it."""
        if self.process is None:
            return
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        try:
            self.process.wait(5.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _readline(self) -> str:
        return self.process.stdout.readline().strip() if self.process is not None and self.process.stdout else ""


def contestants(port: int, folder: Path) -> Iterator[Contestant]:
    """Return all contestants, the library first."""

    def python(name: str, of: str, loop: str = "asyncio", path: Path = ROOT) -> Contestant:
        command = [sys.executable, "-m", "benchmarks.contestants", of, str(port), loop]
        return Contestant(name, command, {"PYTHONPATH": f"{path}{os.pathsep}{ROOT}"})

    yield python(OURS, OURS)
    yield python("snmptcp, uvloop", OURS, "uvloop")
    yield python("snmptcp, blocking", "snmptcp blocking")
    compiled = _compiled(folder)
    if compiled is None:
        print("left out: snmptcp compiled (needs Cython, mypyc and a compiler)")
    else:
        yield python("snmptcp, compiled", OURS, path=compiled)
        yield python("snmptcp, compiled, uvloop", OURS, "uvloop", compiled)
        yield python("snmptcp, compiled, blocking", "snmptcp blocking", path=compiled)
    yield python("raw wire", "raw wire")
    client = build_native("libsnmp_client", folder / "libsnmp_client")
    if client is None:
        print("left out: libsnmp in C (needs a compiler and net-snmp's headers)")
    else:
        yield Contestant("libsnmp in C, tcp", [str(client), str(port)])
    for peer in PEERS:
        yield python(peer, peer)


def _compiled(folder: Path) -> Path | None:
    """Compile the package and return its folder; ``None`` if that fails."""
    target = folder / "compiled"
    target.mkdir()
    code = "import hatch_build, pathlib, sys; hatch_build.compile_modules(*map(pathlib.Path, sys.argv[1:]))"
    command = [sys.executable, "-c", code, str(ROOT), str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return target if done.returncode == 0 else None


def compare(takers: list[Contestant], repetitions: int, seconds: float, works: list[str]) -> None:
    """Measure all works of all contestants."""
    for work in works:
        able = [taker for taker in takers if taker.measure(work, 0.05) is not None]  # connections, keys, caches
        for _ in range(repetitions):
            for taker in able:
                figures = taker.measure(work, seconds)
                if figures is not None:
                    taker.measured.setdefault(work, []).append(figures)
            able.append(able.pop(0))
        print(work_as_text(takers, work), end="\n\n", flush=True)


def work_as_text(takers: list[Contestant], work: str) -> str:
    """Return the table of one work."""
    ours = takers[0].measured[work]
    lines = [
        WORKS[work],
        f"{'':30}{'CPU us: median (min-max)':>28}{'rate/s: median (min-max)':>32}{_RATIO_HEADS}",
    ]
    for taker in takers:
        figures = taker.measured.get(work)
        if not figures or len(figures) != len(ours):
            continue
        cpu, rate = spread([1e6 * cpu for cpu, _ in figures]), spread([rate for _, rate in figures])
        line = f"  {taker.name:28}{f'{cpu.median:.2f} ({cpu.minimum:.2f}-{cpu.maximum:.2f})':>28}"
        line += f"{f'{rate.median:,.0f} ({rate.minimum:,.0f}-{rate.maximum:,.0f})':>32}"
        if taker is not takers[0]:
            for values, others in (
                ([rate for _, rate in ours], [rate for _, rate in figures]),
                ([cpu for cpu, _ in figures], [cpu for cpu, _ in ours]),
            ):
                ratio = ratios(values, others)
                line += f"{f'{ratio.median:.2f} ({ratio.minimum:.2f}-{ratio.maximum:.2f})':>22}"
        lines.append(line)
    return "\n".join(lines)


def draw(takers: list[Contestant], works: list[str], target: Path) -> None:
    """Draw client CPU per operation; logarithmic, because the slowest need a hundred times the fastest."""
    from matplotlib import pyplot as plt  # noqa: PLC0415 - only if a picture is drawn

    across = min(3, len(works))
    down = -(-len(works) // across)
    figure, axes = plt.subplots(down, across, figsize=(5 * across, 4 * down), squeeze=False)
    for axis, work in zip(axes.flat, works, strict=False):
        able = [taker for taker in reversed(takers) if taker.measured.get(work)]
        values = [1e6 * statistics.median(cpu for cpu, _ in taker.measured[work]) for taker in able]
        colours = ["#2a6f97" if taker.name.startswith(OURS) else "#b0b7bd" for taker in able]
        bars = axis.barh([taker.name for taker in able], values, color=colours)
        axis.bar_label(bars, fmt="%.2f", padding=3, fontsize=8)
        axis.set_xscale("log")
        axis.set_xlim(right=max(values) * 6)
        axis.minorticks_off()
        axis.set_title(WORKS[work].replace(" (", "\n(").replace(", max-repetitions 50", " of 50"), fontsize=9)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    for axis in axes.flat[len(works) :]:
        axis.axis("off")
    figure.supxlabel("client CPU, microseconds (logarithmic)", fontsize=9)
    figure.tight_layout()
    figure.savefig(target, dpi=110)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="faster, with wider spreads")
    parser.add_argument("--works", default=",".join(WORKS), help=f"some of {','.join(WORKS)}")
    parser.add_argument("--only", default="", metavar="NAMES", help="some contestants, separated by semicolons")
    parser.add_argument(
        "--pin", choices=("same", "split"), default="same", help="clients on the agent's CPU or another"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all measurements")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the CPU per operation (needs matplotlib)")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    settings = Settings(5, 0.15, 0.0, 0.0) if arguments.quick else Settings(11, 0.5, 0.0, 0.0)
    works = arguments.works.split(",")
    first, *others = sorted(os.sched_getaffinity(0))
    client_cpus = {others[0]} if arguments.pin == "split" and others else {first}
    wanted = [name.strip() for name in arguments.only.split(";") if name.strip()]
    facts = machine("asyncio and uvloop", arguments.pin, settings)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="snmptcp-compare-")))
        agent = stack.enter_context(start_agent("snmpd", {first}))
        facts["agent"] = f"net-snmp {agent.version}, a table of {agent.cells} instances"
        print(*(f"{name}: {value}" for name, value in facts.items()), sep=", ", end="\n\n", flush=True)
        takers: list[Contestant] = []
        for taker in contestants(agent.port, folder):
            if wanted and taker.name not in wanted and taker.name != OURS:
                continue
            stack.callback(taker.stop)
            if taker.start(client_cpus):
                takers.append(taker)
            else:
                print(f"left out: {taker.name} (not installed, or does not start)", flush=True)
        print(", ".join(f"{taker.name} {taker.version}" for taker in takers), end="\n\n", flush=True)
        compare(takers, settings.repetitions, settings.seconds, works)
    kept: dict[str, Any] = {
        "machine": facts,
        "contestants": {taker.name: {"version": taker.version, "works": taker.measured} for taker in takers},
    }
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(kept, indent=1) + "\n")
    if arguments.picture is not None:
        draw(takers, works, arguments.picture)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        sys.exit(str(error))
