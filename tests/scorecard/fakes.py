"""Rows for the test of the frame: they pass, fail, raise, hang, miss a program, print and die."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

from tests.scorecard.row import Figure, Missing, Outcome, Row, Scale, share
from tests.support.netsnmp import require_program


async def passing(scale: Scale) -> Outcome:
    await asyncio.sleep(0)
    return Outcome((Figure("asked", scale.count(1000)), share("answered", 7, 7)), notes=("by a fake",))


def failing(scale: Scale) -> Outcome:
    return Outcome((Figure("closed after", 51.5, "ms", most=50), Figure("good", 3, least=2)))


def raising(scale: Scale) -> Outcome:
    raise RuntimeError("the peer is gone")


def hanging(scale: Scale) -> Outcome:
    subprocess.run([sys.executable, "-c", "import time; time.sleep(1000)"], check=True)
    return Outcome()


def without_program(scale: Scale) -> Outcome:
    require_program("snmp-of-nobody", "nothing")
    return Outcome()


def without_a_part(scale: Scale) -> Outcome:
    return Outcome((Figure("good", 1, least=1),), missing=("tshark is not installed",))


def without_all(scale: Scale) -> Outcome:
    raise Missing("squid is not installed")


def dying(scale: Scale) -> Outcome:
    sys.stderr.write("out of luck\n")
    os._exit(3)


def printing(scale: Scale) -> Outcome:
    print("a line of a peer")
    return Outcome((Figure("SCORE", float(os.environ["SCORE"]), most=float("inf")),))


def measuring_nothing(scale: Scale) -> Outcome:
    return Outcome()


ROWS = (
    Row("R1", "nothing", "passes", passing),
    Row("R2", "a slow peer | < here", "closed in 50 ms", failing),
    Row("R3", "raises", "tells why", raising),
    Row("R4", "hangs", "is ended", hanging, limit=0.5),
    Row("R5", "its program is missing", "says so", without_program),
    Row("R6", "one program is missing", "says so", without_a_part),
    Row("R7", "its program is missing", "says so", without_all),
    Row("R8", "dies", "tells the last words", dying),
    Row("R9", "prints", "is not disturbed", printing, environment={"SCORE": "7"}),
    Row("R10", "measures nothing", "has not passed", measuring_nothing),
)
