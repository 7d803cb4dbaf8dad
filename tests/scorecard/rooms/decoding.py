"""What reads octets of a peer: R3 (broken messages of test suites, and cut-off ones), R4 (fuzzing)."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.targets import TARGETS
from tests.scorecard.row import Figure, Missing, Outcome, Row, Scale
from tests.support.vectors import all_messages, must_fail_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: A zip file with the cases of PROTOS c06-snmpv1 req-enc, which are under the GPL and not in this repository.
PROTOS = "SNMPTCP_PROTOS"

#: A vector that is longer is cut off at so many places instead of at each.
_CUTS = 200
_LONG = 4096

ROOT = Path(__file__).resolve().parents[3]


# -------------------------------------------------------------------------------- R3: broken messages


class _Slowest:
    """Runs targets on inputs, and keeps the longest CPU time and what they have raised."""

    def __init__(self) -> None:
        self.inputs = 0
        self.raised: list[str] = []
        self.seconds = 0.0

    def run(self, target: Callable[[bytes], None], data: bytes) -> None:
        start = time.thread_time()
        try:
            target(data)
        except Exception as error:
            self.raised.append(f"{type(error).__name__}: {error}")
        self.seconds = max(self.seconds, time.thread_time() - start)
        self.inputs += 1


def _cut_off(share: float) -> Iterator[bytes]:
    """Yield all vectors, cut off at every place; of long ones, and at a smaller share, at fewer."""
    for packet in all_messages():
        size = len(packet.octets)
        step = max(size // _CUTS if size > _LONG else 1, round(1 / share))
        for stop in range(0, size, step):
            yield packet.octets[:stop]


def _protos(cases: int) -> Iterable[bytes]:
    """Yield cases of PROTOS, spread over the suite; none if it is not here."""
    path = os.environ.get(PROTOS)
    if not path:
        return
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if re.search(r"testcases/\d+$", name))
        for name in names[:: max(len(names) // cases, 1)]:
            yield archive.read(name)


def broken_messages(scale: Scale) -> Outcome:
    """R3: the decoder, and the receiver of notifications, on messages that are wrong in every way."""
    slowest = _Slowest()
    decode, receive = TARGETS["decoder"], TARGETS["receiver"]
    for packet in must_fail_messages():
        slowest.run(decode, packet.octets)
        slowest.run(receive, b"\0" + packet.octets)
    refused = slowest.inputs
    for octets in _cut_off(min(scale.factor, 1.0)):
        slowest.run(decode, octets)
    cut_off = slowest.inputs - refused
    for octets in _protos(scale.count(18_915, least=500)):
        slowest.run(decode, octets)
    protos = slowest.inputs - cut_off - refused
    figures = (
        Figure("messages that must be refused", refused // 2),
        Figure("messages cut off", cut_off),
        Figure("cases of PROTOS req-enc", protos),
        Figure("undocumented exceptions", len(slowest.raised), most=0),
        Figure("CPU of one at most", 1000 * slowest.seconds, "ms", most=100),
    )
    missing = () if protos else (f"PROTOS c06-snmpv1 req-enc: {PROTOS} names no zip file of its cases",)
    return Outcome(figures, missing, "; ".join(slowest.raised[:3]))


# ---------------------------------------------------------------------------------------- R4: fuzzing

_RUNS = re.compile(rb"stat::number_of_executed_units:\s*(\d+)")


def fuzzing(scale: Scale) -> Outcome:
    """R4: each fuzz target of the project under atheris, with the corpus that earlier runs have left."""
    if importlib.util.find_spec("atheris") is None:
        raise Missing("atheris is not installed (pip install atheris)")
    seconds = max(round(scale.seconds(4, least=2)), 2)
    figures, crashes = [], []
    for name in TARGETS:
        command = [sys.executable, "-m", "tests.fuzz.one", name, f"-max_total_time={seconds}", "-print_final_stats=1"]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60 + 10 * seconds)
        found = _RUNS.search(ended.stderr)
        figures.append(Figure(f"{name}: inputs", int(found[1]) if found else 0, least=1))
        if ended.returncode:
            crashes.append(f"{name}: {ended.stderr.decode(errors='replace').strip()[-300:]}")
    return Outcome((*figures, Figure("targets that broke a promise", len(crashes), most=0)), failure="; ".join(crashes))


ROWS = (
    Row(
        "R3",
        "messages that are broken in every way, or cut off at any octet",
        "none raises anything but the documented errors, or takes more than 100 ms",
        broken_messages,
    ),
    Row("R4", "octets that a fuzzer makes", "no target breaks a promise", fuzzing, limit=300),
)
