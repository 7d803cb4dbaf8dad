"""Run the benchmarks: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.agents import available_agents, start_agent
from benchmarks.cases import agent_cases, codec_cases
from benchmarks.measure import Settings, measure
from benchmarks.report import case_as_json, case_as_text, machine
from benchmarks.soak import SOAKS, soak, soak_as_json, soak_as_text
from benchmarks.tls import tls_agents, tls_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from benchmarks.measure import Case

DEFAULT = Settings(repetitions=7, seconds=0.5, codec_seconds=0.15, soak_seconds=10.0)
QUICK = Settings(repetitions=5, seconds=0.12, codec_seconds=0.03, soak_seconds=2.0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute, with wider spreads")
    parser.add_argument("--agent", choices=("snmpd", "embedded", "both"), help="default: snmpd if it is installed")
    parser.add_argument("--uvloop", action="store_true", help="use uvloop")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases whose title contains TEXT")
    parser.add_argument("--codec-only", action="store_true", help="only the codec, without an agent")
    parser.add_argument(
        "--pin",
        choices=("same", "split", "no"),
        default="same" if hasattr(os, "sched_setaffinity") else "no",
        help="client and agent on one CPU, on two, or as the system decides",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all measurements")
    return parser.parse_args()


def _loop(*, uvloop: bool) -> tuple[str, Callable[[], asyncio.AbstractEventLoop] | None]:
    """Return the name of the event loop, and its factory."""
    if not uvloop:
        return "asyncio", None
    try:
        module: Any = importlib.import_module("uvloop")
    except ImportError:
        sys.exit("uvloop is not installed")
    return f"uvloop {module.__version__}", module.new_event_loop


def _pin(how: str) -> set[int] | None:
    """Pin this process; return the CPUs for the agent."""
    if how == "no" or sys.platform in ("win32", "darwin"):
        return None
    first, *others = sorted(os.sched_getaffinity(0))
    if how == "split" and not others:
        sys.exit("there is only one CPU: --pin split needs two")
    os.sched_setaffinity(0, {first})
    return {first if how == "same" else others[0]}


def _run(cases: Iterable[Case], repetitions: int, seconds: float, agent: str | None = None) -> Iterator[dict[str, Any]]:
    """Measure and print each case; return the results for JSON."""
    for case in cases:
        results = measure(case, repetitions, seconds)
        print(case_as_text(case, results), end="\n\n", flush=True)
        yield case_as_json(case, results, agent)


def _chosen(cases: Iterable[Case], text: str) -> Iterator[Case]:
    return (case for case in cases if text.lower() in case.title.lower())


def _run_soaks(
    text: str, seconds: float, loop_factory: Callable[[], asyncio.AbstractEventLoop] | None
) -> Iterator[dict[str, Any]]:
    """Run and print each notification soak; return the results for JSON."""
    for title in SOAKS:
        if text.lower() in f"notifications: {title}".lower():
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                soaked = runner.run(soak(title, seconds))
            print(soak_as_text(soaked), end="\n\n", flush=True)
            yield soak_as_json(soaked)


def _run_tls(
    text: str,
    settings: Settings,
    cpus: set[int] | None,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None,
) -> Iterator[dict[str, Any]]:
    """Compare TLS with TCP for each agent; return the results for JSON."""
    with tls_agents(cpus) as starts:
        for start in starts:
            with start() as agent, asyncio.Runner(loop_factory=loop_factory) as runner, ExitStack() as stack:
                cases = _chosen(tls_cases(agent, runner, stack), text)
                yield from _run(cases, settings.repetitions, settings.seconds, agent.name)


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    settings = QUICK if arguments.quick else DEFAULT
    loop_name, loop_factory = _loop(uvloop=arguments.uvloop)
    available = available_agents()
    names = available if arguments.agent == "both" else [arguments.agent or available[0]]
    agent_cpus = _pin(arguments.pin)
    facts = machine(loop_name, arguments.pin, settings)
    print(*(f"{name}: {value}" for name, value in facts.items()), sep=", ", end="\n\n", flush=True)
    # The agents stop when the program ends normally.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    kept: list[dict[str, Any]] = []
    only_others = arguments.only.lower().startswith(("notifications", "tls"))
    for name in [] if arguments.codec_only or only_others else names:
        with (
            start_agent(name, agent_cpus) as agent,
            asyncio.Runner(loop_factory=loop_factory) as runner,
            ExitStack() as stack,
        ):
            print(f"=== {agent.name} {agent.version}", end="\n\n")
            cases = _chosen(agent_cases(agent, runner, stack), arguments.only)
            kept += _run(cases, settings.repetitions, settings.seconds, agent.name)
    kept += _run(_chosen(codec_cases(), arguments.only), settings.repetitions, settings.codec_seconds)
    if not arguments.codec_only:
        if not arguments.only or "tls" in arguments.only.lower():
            kept += _run_tls(arguments.only, settings, agent_cpus, loop_factory)
        kept += _run_soaks(arguments.only, settings.soak_seconds, loop_factory)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps({"machine": facts, "results": kept}, indent=1) + "\n")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        sys.exit(str(error))
