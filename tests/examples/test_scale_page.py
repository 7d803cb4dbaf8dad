"""What docs/scale.md says: its program, and its arithmetic."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from snmptcp.fleet import Target
from snmptcp.fleet.dask import DistributedFleet, Place
from snmptcp.fleet.sinks import ParquetSink

PAGE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")

DEVICES = (1, 100, 10_000, 100_000, 1_000_000)
UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "MB": 1e6, "GB": 1e9, "kbit/s": 1e3, "Mbit/s": 1e6}


def row(title: str) -> list[float]:
    """Return the numbers of a row of the table of devices, without their units."""
    table = PAGE.partition("## The arithmetic")[2]
    line = next(line for line in table.splitlines() if line.startswith(f"| {title}"))
    cells = [cell.split() for cell in line.strip("|").split("|")[1:]]
    return [float(cell[0].replace(",", "")) * UNITS.get(cell[1] if len(cell) > 1 else "", 1) for cell in cells]


@pytest.mark.parametrize(
    ("title", "each"),
    [
        ("polls a second", 1 / 60),
        ("cores for polling", 73e-6 / 60),
        ("cores for one sink", 5 * 7e-6 / 60),
        ("memory of connections", 5.7 * 1024),
        ("descriptors", 1),
        ("bandwidth", 8 * 460 / 60),
        ("samples a second", 5 / 60),
        ("rows in a database", 5),
        ("Parquet in a day", 5 * 27 * 1440),
    ],
)
def test_the_arithmetic_is_right(title: str, each: float) -> None:
    least = 0.005 if title.startswith("cores") else 0.05 * each * DEVICES[1]  # what is shown as 0
    for devices, told in zip(DEVICES, row(title), strict=True):
        assert told == pytest.approx(devices * each, rel=0.06, abs=least)


def test_the_program_makes_a_fleet() -> None:
    code = next(block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "make_sinks" in block)
    names: dict[str, Any] = {}
    exec(code, names)
    (sink,) = names["make_sinks"](Place("fleet", 3, 64, "lyon-1"))
    assert isinstance(sink, ParquetSink)
    assert all(isinstance(target, Target) for target in names["TARGETS"])
    DistributedFleet("tls://192.0.2.10:8786", names["TARGETS"], jobs=names["JOBS"], sinks=names["make_sinks"])
