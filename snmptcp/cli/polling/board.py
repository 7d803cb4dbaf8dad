"""The state of a running fleet in numbers and rows, for a view and for lines of a log.

Contains: what is shown, and the text of each number.  Does not contain: how it is drawn
(:mod:`snmptcp.cli.polling.live`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.output.interfaces import scaled
from snmptcp.cli.output.layout import Column, lay_out
from snmptcp.errors import SnmpError
from snmptcp.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from snmptcp.cli.polling.recent import Recent
    from snmptcp.fleet import Health

__all__ = (
    "Board",
    "Section",
    "Speed",
    "board_lines",
    "board_of",
    "counted",
    "duration",
    "error_text",
    "lost_samples",
    "one_line",
    "short",
)

#: How many rows each table has at most.
MOST_ROWS = 8

#: How many kinds of errors are shown.
_MOST_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the view.

    Attributes:
        title: what is in it.
        columns: the titles of its columns, the first one of the rows' names.
        rows: printable text.
        right: the columns that are numbers.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Board:
    """What is shown.

    Attributes:
        title: what is polled.
        facts: numbers with their names.
        sections: tables; those without rows are not shown.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]


class Speed:
    """Polls and samples per second, between two looks at a fleet's health."""

    def __init__(self) -> None:
        self._before: Health | None = None
        self.polls = self.samples = 0.0

    def take(self, health: Health) -> None:
        """Compare with the look before; the first one is compared with the start."""
        before = self._before
        since = health.started_at if before is None else before.at
        seconds = health.at - since
        if seconds > 0:
            self.polls = (health.polls - (0 if before is None else before.polls)) / seconds
            self.samples = (health.samples - (0 if before is None else before.samples)) / seconds
        self._before = health


def board_of(title: str, health: Health, speed: Speed, recent: Recent, *, rows: int = MOST_ROWS) -> Board:
    """Return what to show of a fleet.

    Args:
        title: what is polled.
        health: how it is.
        speed: how fast it is.
        recent: what its latest polls tell.
        rows: how many rows a table has at most.
    """
    return Board(
        f"{title}, for {duration(health.at - health.started_at)}",
        _facts(health, speed, recent),
        (_failing(recent, health.at, rows), _slowest(recent, rows), _rates(recent, rows), _sinks(health)),
    )


def one_line(health: Health, speed: Speed) -> str:
    """Return the state of a fleet in one line."""
    lateness = health.lateness
    parts = [
        f"{counted(health.targets, 'target')}, {health.failing:,} failing",
        f"{_number(speed.polls)} polls/s, {_number(speed.samples)} samples/s",
        f"99 % late by {short(lateness.p99)} or less, all by {short(lateness.most)}",
    ]
    if errors := _errors(health):
        parts.append(f"errors: {errors}")
    parts += [
        f"{printable(sink.name)}: {sink.waiting:,} waiting, {sink.dropped:,} dropped, {sink.failures:,} failures"
        for sink in health.sinks
        if sink.waiting > 0 or sink.dropped or sink.failures
    ]
    return "; ".join(parts)


def board_lines(board: Board, width: int | None = None) -> Iterator[str]:
    """Yield what is shown as lines of text.

    Args:
        board: what is shown.
        width: the length of a line in a terminal's cells; ``None`` for no limit.
    """
    yield board.title
    names = max(len(name) for name, _ in board.facts)
    for name, value in board.facts:
        yield f"{name.ljust(names)}  {value}"
    for section in board.sections:
        if section.rows:
            yield ""
            yield from lay_out((), _columns(section), width)


def _columns(section: Section) -> list[Column]:
    titles = [f"{section.title}: {section.columns[0]}", *section.columns[1:]]
    cells = zip(*section.rows, strict=True)
    return [
        Column(title, texts, right=position in section.right)
        for position, (title, texts) in enumerate(zip(titles, cells, strict=True))
    ]


# ---------------------------------------------------------------------------------------- the parts


def _facts(health: Health, speed: Speed, recent: Recent) -> list[tuple[str, str]]:
    polled = min(recent.polled, health.targets)
    lateness = health.lateness
    half, nearly_all, most = map(short, (lateness.p50, lateness.p99, lateness.most))
    answering, waiting = max(0, polled - health.failing), health.targets - polled
    states = f"{answering:,} answer, {health.failing:,} fail, {waiting:,} not polled yet"
    facts = [
        ("targets", f"{health.targets:,}: {states}"),
        ("speed", f"{_number(speed.polls)} polls/s, {_number(speed.samples)} samples/s, {health.running:,} running"),
        ("late", f"half within {half}, 99 % within {nearly_all}, all within {most}"),
        ("so far", f"{health.polls:,} polls, {health.failed:,} failed, {health.samples:,} samples"),
        ("connections", f"{health.connections:,}"),
        ("loop lag", short(health.lag)),
    ]
    if health.skipped or health.backed_off:
        left_out = f"{health.skipped:,} by long polls, {health.backed_off:,} by pauses after failures"
        facts.append(("left out", left_out))
    if errors := _errors(health):
        facts.append(("errors", errors))
    return facts


def _errors(health: Health) -> str:
    """Return how many polls have failed by kind, the most frequent first."""
    found = sorted(health.errors.items(), key=lambda item: -item[1])
    text = ", ".join(f"{name} {count:,}" for name, count in found[:_MOST_ERRORS])
    rest = sum(count for _, count in found[_MOST_ERRORS:])
    return f"{text}, others {rest:,}" if rest else text


def _failing(recent: Recent, now: float, rows: int) -> Section:
    return Section(
        "failing",
        ("target", "job", "since", "polls", "error"),
        [
            (
                printable(each.target),
                printable(each.job),
                duration(now - each.since),
                f"{each.times:,}",
                error_text(each.error),
            )
            for each in recent.failing(rows)
        ],
        frozenset({2, 3}),
    )


def _slowest(recent: Recent, rows: int) -> Section:
    return Section(
        "slowest",
        ("target", "job", "took"),
        [(printable(each.target), printable(each.job), short(each.seconds)) for each in recent.slowest(rows)],
        frozenset({2}),
    )


def _rates(recent: Recent, rows: int) -> Section:
    return Section(
        "newest rates",
        ("target", "object", "per second"),
        [
            (printable(sample.target.name), printable(sample.instance), scaled(sample.rate))
            for sample in recent.rates(rows)
        ],
        frozenset({2}),
    )


def _sinks(health: Health) -> Section:
    return Section(
        "sinks",
        ("sink", "waiting", "written", "dropped", "failures", "error"),
        [
            (
                printable(sink.name),
                f"{sink.waiting:,}",
                f"{sink.written:,}",
                f"{sink.dropped:,}",
                f"{sink.failures:,}",
                printable(sink.error or ""),
            )
            for sink in health.sinks
        ],
        frozenset({1, 2, 3, 4}),
    )


# -------------------------------------------------------------------------------------------- texts


def error_text(error: Exception) -> str:
    """Return why a poll failed, in one line, without the address of the agent."""
    text = error.text if isinstance(error, SnmpError) else f"{type(error).__name__}: {error}"
    return printable(text or type(error).__name__)


def duration(seconds: float) -> str:
    """Return a duration in hours, minutes and seconds: ``1:02:03``; days before them if there are any."""
    whole = max(0, round(seconds))
    days, rest = divmod(whole, 86400)
    clock = f"{rest // 3600}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days} d {clock}" if days else clock


def short(seconds: float) -> str:
    """Return a time that is mostly short: ``3 ms``, ``1.25 s``, ``2:05:00``."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 60 else duration(seconds)


def counted(count: int, word: str) -> str:
    """Return a number with what it counts: ``1 target``, ``1,000 targets``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def lost_samples(health: Health) -> str:
    """Return what sinks have not written, in words; empty if there is nothing."""
    lost = [f"{sink.name} {sink.dropped:,}" for sink in health.sinks if sink.dropped]
    return f"samples that were not written: {', '.join(lost)}" if lost else ""


def _number(number: float) -> str:
    return f"{number:,.1f}" if number < 100 else f"{number:,.0f}"
