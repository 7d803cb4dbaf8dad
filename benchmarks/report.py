"""Results as text and as JSON."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, Any

from benchmarks.measure import ratios, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measure import Case, Measured, Settings, Spread

__all__ = ("case_as_json", "case_as_text", "machine")

_WIDTH = 38


def machine(loop: str, pin: str, settings: Settings) -> dict[str, Any]:
    """Return the facts about the machine that the numbers depend on."""
    return {
        "cpus": os.cpu_count(),
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()} ({platform.python_compiler()})",
        "loop": loop,
        "pin": pin,
        "repetitions": settings.repetitions,
        "seconds": settings.seconds,
    }


def case_as_text(case: Case, results: Sequence[Measured]) -> str:
    """Return a table: subject, CPU, rate, and the ratios to the first subject."""
    ours = results[0]
    lines = [f"{case.title} (per {case.unit})"]
    heads = ["CPU us: median (min-max)", "rate/s: median (min-max)"]
    if case.wire is not None:
        heads += ["of the wire", "our rate : its", "its CPU : ours"]
    lines.append(" " * _WIDTH + "".join(head.rjust(28 if at < 2 else 21) for at, head in enumerate(heads)))
    wire = next((result for result in results if result.name == case.wire), None)
    for result in results:
        cells = [_spread(spread(result.cpu), _microseconds), _spread(spread(result.rate), "{:,.0f}".format)]
        if wire is not None:
            cells.append("" if result is wire else _ratio(ratios(result.rate, wire.rate)))
        if wire is not None and result is not ours:
            cells += [_ratio(ratios(ours.rate, result.rate)), _ratio(ratios(result.cpu, ours.cpu))]
        line = f"  {result.name}".ljust(_WIDTH)
        lines.append((line + "".join(cell.rjust(28 if at < 2 else 21) for at, cell in enumerate(cells))).rstrip())
    return "\n".join(lines)


def case_as_json(case: Case, results: Sequence[Measured], agent: str | None) -> dict[str, Any]:
    """Return all measurements by subject."""
    return {
        "agent": agent,
        "case": case.title,
        "unit": case.unit,
        "subjects": {
            result.name: {
                "cpu_us": [round(value, 4) for value in result.cpu],
                "rate": [round(value, 2) for value in result.rate],
            }
            for result in results
        },
        "wire": case.wire,
    }


def _microseconds(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _spread(values: Spread, text: Any) -> str:
    return f"{text(values.median)} ({text(values.minimum)}-{text(values.maximum)})"


def _ratio(values: Spread) -> str:
    return f"{values.median:.2f} ({values.minimum:.2f}-{values.maximum:.2f})"
