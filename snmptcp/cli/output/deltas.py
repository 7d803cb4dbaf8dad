"""Differences and rates of variables: net-snmp's lines and its table, a table of our own, and JSON.

Contains: their text.  Does not contain: how they come about (:mod:`snmptcp.cli.watch.averages`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.cli.output.layout import Column, lay_out
from snmptcp.cli.output.varbinds import varbind_object

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from snmptcp.cli.watch.averages import Entry, Figure, Report
    from snmptcp.mib.text import TextFormatter
    from snmptcp.oid import OID

__all__ = ("SUM", "DeltaStyle", "Line", "delta_lines", "delta_table", "format_delta_json", "stamp", "tabs")

#: What the line about all counters together is called.
SUM = "Sum"

_UNKNOWN = "-"


@dataclass(frozen=True, slots=True)
class DeltaStyle:
    """How to print differences; the fields are net-snmp's letters of ``-C``.

    Attributes:
        period: seconds between two readings.
        stamps: ``s``: the time of day in front.
        rates: ``t``: per second of the agent's time, instead of per period.
        total: ``S``: all counters together.
        maxima: ``m``: the largest so far.
        samples: ``P``: how many samples a report has; with more than one, its peak is shown.
        keep_seconds: ``k``: seconds in the time of day for periods of whole minutes, too.
    """

    period: float
    stamps: bool = False
    rates: bool = False
    total: bool = False
    maxima: bool = False
    samples: int = 1
    keep_seconds: bool = False


class Line(NamedTuple):
    """A line of text, and which variable it is about: ``None`` for all counters together."""

    oid: OID | None
    text: str


def stamp(now: dt.datetime, style: DeltaStyle) -> str:
    """Return the time of day and the date as net-snmp's snmpdelta does: ``[20:15:43 6/14]``."""
    seconds = "" if style.period % 60 == 0 and not style.keep_seconds else f":{now.second:02}"
    return f"[{now.hour:02}:{now.minute:02}{seconds} {now.month}/{now.day}]"


def delta_lines(report: Report, now: dt.datetime, style: DeltaStyle, formatter: TextFormatter) -> Iterator[Line]:
    """Return the lines of a report, as net-snmp's snmpdelta prints them; of what does not count, its value."""
    start = f"{stamp(now, style)} " if style.stamps else ""
    for entry in report.entries:
        oid = entry.varbind.oid
        if entry.figure is not None:
            yield Line(oid, f"{start}{formatter.name(oid)} {_growth(entry.figure, style)}")
        elif not entry.counts:
            yield Line(oid, f"{start}{formatter.varbind(entry.varbind)}")
    if style.total and report.total is not None:
        yield Line(None, f"{start}{SUM} {_growth(report.total, style)}")


def _growth(figure: Figure, style: DeltaStyle) -> str:
    if style.rates:
        amount, peak, maximum = (f"{rate:.2f}" for rate in (figure.rate, figure.peak_rate, figure.max_rate))
        text = f"/sec: {amount}"
    else:
        amount, peak, maximum = map(str, (figure.difference, figure.peak_difference, figure.max_difference))
        text = f"/{style.period:g} sec: {amount}"
    return text + _extremes(peak, maximum, style)


def _extremes(peak: str, maximum: str, style: DeltaStyle) -> str:
    text = f"\t({style.period:g} sec Peak: {peak})" if style.samples > 1 else ""
    return f"{text}\t(Max: {maximum})" if style.maxima else text


def tabs(
    report: Report, now: dt.datetime, style: DeltaStyle, formatter: TextFormatter, title: str | None
) -> Iterator[str]:
    """Return the lines of net-snmp's table with tabs: rates per second, one line for each report.

    Args:
        report: the report.
        now: the time of day.
        style: the letters.
        formatter: prints names and values.
        title: what stands above the times of day, if this is the first line; ``None`` if it is a later one.
    """
    if title is not None:
        names = [formatter.name(entry.varbind.oid) for entry in report.entries]
        yield "\t".join([title if style.stamps else "", *names, *([SUM] if style.total else [])])
    cells = [stamp(now, style) if style.stamps else ""]
    cells += [_cell(entry, style, formatter) for entry in report.entries]
    if style.total:
        cells.append(_UNKNOWN if report.total is None else _rate(report.total, style))
    yield "\t".join(cells)


def _cell(entry: Entry, style: DeltaStyle, formatter: TextFormatter) -> str:
    if entry.figure is not None:
        return _rate(entry.figure, style)
    return _UNKNOWN if entry.counts else formatter.value(entry.varbind.value, entry.varbind.oid)


def _rate(figure: Figure, style: DeltaStyle) -> str:
    digits = 2 if style.rates else 0  # of extremes, as in snmpdelta
    return f"{figure.rate:.2f}" + _extremes(f"{figure.peak_rate:.{digits}f}", f"{figure.max_rate:.{digits}f}", style)


def delta_table(report: Report, style: DeltaStyle, formatter: TextFormatter, width: int | None) -> Iterator[str]:
    """Return a table with a line for each variable: its rate per second, or its value if it does not count."""
    names = [formatter.name(entry.varbind.oid) for entry in report.entries]
    figures = [entry.figure for entry in report.entries]
    first = ["" if entry.counts else _value(entry, formatter) for entry in report.entries]
    if style.total:
        names.append(SUM)
        figures.append(report.total)
        first.append("")
    columns = [Column("per second", [_shown(None if each is None else each.rate) for each in figures], right=True)]
    if style.samples > 1:
        columns.append(
            Column("peak", [_shown(None if each is None else each.peak_rate) for each in figures], right=True)
        )
    if style.maxima:
        columns.append(Column("max", [_shown(None if each is None else each.max_rate) for each in figures], right=True))
    if any(first):
        columns.append(Column("value", first))
    return lay_out([Column("name", names)], columns, width)


def _value(entry: Entry, formatter: TextFormatter) -> str:
    return formatter.value(entry.varbind.value, entry.varbind.oid).replace("\n", " ")


def _shown(rate: float | None) -> str:
    return _UNKNOWN if rate is None else f"{rate:.2f}"


def format_delta_json(report: Report, now: dt.datetime, style: DeltaStyle, formatter: TextFormatter) -> str:
    """Return a report as a JSON object on one line."""
    return json.dumps(
        {
            "time": now.isoformat(),
            "uptime": report.uptime,
            "seconds": round(report.seconds, 3),
            "restarted": report.restarted,
            "variables": [
                {**varbind_object(entry.varbind, formatter), **_figure_object(entry.figure, style)}
                for entry in report.entries
            ],
            **({"sum": _figure_object(report.total, style)} if style.total else {}),
        }
    )


def _figure_object(figure: Figure | None, style: DeltaStyle) -> dict[str, object]:
    """Return differences and rates; nothing for what has none."""
    if figure is None:
        return {"difference": None, "rate": None}
    named: dict[str, object] = {"difference": figure.difference, "rate": figure.rate}
    if style.samples > 1:
        named |= {"peak_difference": figure.peak_difference, "peak_rate": figure.peak_rate}
    if style.maxima:
        named |= {"max_difference": figure.max_difference, "max_rate": figure.max_rate}
    return named
