"""What ``snmptcp.ipworks.SNMPTCPMgr`` costs: ``python -m benchmarks.facade``.

* a GET, beside one of :class:`~snmptcp.sync.SyncManager`, which takes turns with it;
* one object of a walk, with a handler of ``on_response`` and without;
* descriptors and memory of an object that has a connection, with many in one program.

The agent is the library's own in another process.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.agents import TABLE, UPTIME, start_agent
from snmptcp import Community
from snmptcp.ipworks import SNMPTCPMgr
from snmptcp.sync import SyncManager

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.agents import RunningAgent

#: Turns that the subjects take, and the GETs and walks of one turn.
TURNS, GETS, WALKS = 30, 200, 3

#: A column of the table, as many objects as the table has rows.
COLUMN = f"{TABLE}.1.2"

#: Descriptors that a program has beside its objects, at most.
SPARE_DESCRIPTORS = 100


def make_manager(agent: RunningAgent) -> SNMPTCPMgr:
    """Return an object that has asked the agent once, so that it has a connection."""
    manager = SNMPTCPMgr()
    manager.remote_host, manager.remote_port, manager.community = agent.host, agent.port, agent.community
    manager.obj_count = 1
    manager.set_obj_id(0, UPTIME)
    manager.send_get_request()
    return manager


def _cpu(call: Callable[[], object], times: int) -> float:
    """Return the CPU microseconds of one call."""
    began = time.process_time()
    for _ in range(times):
        call()
    return 1e6 * (time.process_time() - began) / times


def measure_get(agent: RunningAgent) -> dict[str, float]:
    """Return the cost of a GET, and what SyncManager's costs."""
    manager = make_manager(agent)
    ours, theirs = [], []
    with SyncManager(agent.host, agent.port, credentials=Community(agent.community)) as plain:
        plain.get(UPTIME)
        for _ in range(TURNS):
            theirs.append(_cpu(lambda: plain.get(UPTIME), GETS))
            ours.append(_cpu(manager.send_get_request, GETS))
    manager.active = False
    return {
        "GET, us": round(statistics.median(ours), 1),
        "GET of SyncManager, us": round(statistics.median(theirs), 1),
        "ratio": round(statistics.median(one / other for one, other in zip(ours, theirs, strict=True)), 2),
    }


def measure_walk(agent: RunningAgent) -> dict[str, float]:
    """Return the cost of one object of a walk."""
    manager = make_manager(agent)
    alone = [_cpu(lambda: manager.walk(COLUMN), 1) / agent.rows for _ in range(WALKS)]
    manager.on_response = _ignore
    handled = [_cpu(lambda: manager.walk(COLUMN), 1) / agent.rows for _ in range(WALKS)]
    manager.on_response = None
    manager.active = False
    return {
        "object of a walk, us": round(min(alone), 1),
        "object of a walk with on_response, us": round(min(handled), 1),
    }


def _ignore(e: object) -> None:
    """Handle an event."""


def _resident() -> int:
    """Return the octets of memory that this process uses."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def measure_objects(agent: RunningAgent, count: int) -> dict[str, float]:
    """Return what one of many objects takes, each with a connection."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < 2 * count + SPARE_DESCRIPTORS:
        raise SystemExit(f"{count} objects need {2 * count + SPARE_DESCRIPTORS} descriptors, and the limit is {most}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    managers = [make_manager(agent) for _ in range(10)]  # what the first ones load is not counted
    gc.collect()
    descriptors, memory = _descriptors(), _resident()
    managers += [make_manager(agent) for _ in range(count)]
    gc.collect()
    figures = {
        "objects": count,
        "descriptors of one beside its connection's": round((_descriptors() - descriptors) / count - 1, 2),
        "memory of one, KiB": round((_resident() - memory) / count / 1024, 1),
    }
    for manager in managers:
        manager.active = False
    return figures


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.facade", description="What an SNMPTCPMgr costs.")
    parser.add_argument("--objects", type=int, default=2000, metavar="N", help="objects in one program (default: 2000)")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE")
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    with start_agent("embedded", None) as agent:
        figures |= measure_objects(agent, options.objects)
        figures |= measure_get(agent)
        figures |= measure_walk(agent)
    for name, figure in figures.items():
        print(f"{name:<45}{figure:>10,}")
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
