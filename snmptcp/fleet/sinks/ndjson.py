"""The NDJSON sink: a JSON object on a line for each sample, appended to a file or written to a stream.

Contains: the objects.  Does not contain: how lines are written (:mod:`snmptcp.fleet.sinks.lines`).
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import math
import os
import threading
from typing import IO, TYPE_CHECKING, Any, cast

from snmptcp.arguments import FLAG, Kind, check_arguments
from snmptcp.fleet.sinks import files
from snmptcp.fleet.sinks.columns import encodable, encodable_labels
from snmptcp.fleet.sinks.lines import open_file, open_stream
from snmptcp.fleet.sinks.sink import BlockingSink
from snmptcp.mib.json_values import json_type, json_value
from snmptcp.mib.values import Named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from snmptcp.fleet.sample import Poll, Sample
    from snmptcp.fleet.sinks.lines import Lines
    from snmptcp.fleet.target import Target
    from snmptcp.values import Value

__all__ = ("NdjsonSink", "sample_object")

_KINDS = {
    "output": Kind(
        "the name of a file (str or Path), '-', or a stream with write()",
        lambda value: isinstance(value, str | os.PathLike) or callable(getattr(value, "write", None)),
    ),
    "failures": FLAG,
}


class NdjsonSink(BlockingSink):
    """Writes a JSON object on a line for each sample, and for each failed poll if that is wanted.

    ``docs/fleets.md`` lists the fields.  Values have the same form as in the output of ``--json``: numbers with all
    their digits, text, ``{"hex": "00ff"}`` for octets that are no text.  Every line is ASCII.

    A file is only ever appended to, a batch in one write, and several programs with this sink can share it.  If it is
    moved away, as by logrotate, the next batch makes a new one.  A batch that cannot be written completely is taken
    back, so that every line is whole and is there once; what a pipe or a stream has taken cannot be taken back.

    Args:
        output: a file; ``"-"`` for standard output; or a stream, of text if it is an :class:`io.TextIOBase`, else of
            octets, which is flushed after each batch and not closed.
        failures: whether polls that failed have a line, too.

    Raises:
        ConfigurationError: an argument is of a wrong type.
        OSError: the file or stream cannot be written; the fleet tries again.
    """

    name = "ndjson"

    def __init__(self, output: str | os.PathLike[str] | IO[Any], *, failures: bool = False) -> None:
        check_arguments(_KINDS, locals())
        super().__init__()
        is_file = isinstance(output, str | os.PathLike) and output != "-"
        self._file = files.absolute(cast("str | os.PathLike[str]", output)) if is_file else None
        self._stream = output
        self._failures = failures
        self._lines: Lines | None = None
        self._closing = threading.Event()

    def open_now(self) -> None:
        """Open the file, if it is one."""
        if self._file is not None:
            self._lines = open_file(self._file, self._closing)
        else:
            self._lines = open_stream(self._stream, self._closing)

    def write_now(self, polls: Sequence[Poll]) -> None:
        """Append the lines of a batch."""
        if self._lines is None:
            self.open_now()
        lines = [line for poll in polls for line in _lines_of(poll, failures=self._failures)]
        if lines and self._lines is not None:
            self._lines.write(lines)

    async def aclose(self) -> None:
        """Close the file; stop waiting for a reader that does not read."""
        self._closing.set()
        await super().aclose()

    def close_now(self) -> None:
        """Close the file, if it is one."""
        lines, self._lines = self._lines, None
        if lines is not None:
            lines.close()


# -------------------------------------------------------------------------------------- the objects


def sample_object(sample: Sample) -> dict[str, object]:
    """Return a sample as the object that :class:`NdjsonSink` writes, for sinks that send JSON elsewhere.

    ``json.dumps`` of it has neither ``NaN`` nor what UTF-8 cannot encode.
    """
    return {"kind": "sample", **_common_fields(sample.target, sample.job), **_sample_fields(sample)}


_encode = json.JSONEncoder(allow_nan=False).encode


def _lines_of(poll: Poll, *, failures: bool) -> Iterator[bytes]:
    common = _encode(_common_fields(poll.target, poll.job))[1:-1]  # once for all lines of the poll
    for sample in poll.samples:
        yield _line("sample", common, _sample_fields(sample))
    if failures and poll.error is not None:
        yield _line("failure", common, _failure_fields(poll))


def _common_fields(target: Target, job: str) -> dict[str, object]:
    return {"target": encodable(target.name), "labels": encodable_labels(target.labels), "job": encodable(job)}


def _line(kind: str, common: str, fields: dict[str, object]) -> bytes:
    return f'{{"kind": "{kind}", {common}, {_encode(fields)[1:]}\n'.encode("ascii")


def _sample_fields(sample: Sample) -> dict[str, object]:
    value, rate = sample.value, sample.rate
    fields: dict[str, object] = {
        "time": _time(sample.answered_at),
        "requested_at": _time(sample.requested_at),
        "oid": str(sample.oid),
        "name": encodable(sample.name),
        "index": encodable(sample.index),
        "type": json_type(value),
        "value": json_value(value),
    }
    if isinstance(value, Named):
        fields |= _described(value)
    if rate is not None and math.isfinite(rate):
        fields["rate"] = rate
    return fields


def _described(value: Named) -> dict[str, object]:
    """Return what the module adds: the label of a number, or a text that differs from the plain one."""
    if value.label is not None:
        return {"label": encodable(value.label)}
    plain: Value = value.plain()
    text = str(value)
    return {} if text == str(plain) else {"text": encodable(text)}


def _failure_fields(poll: Poll) -> dict[str, object]:
    error = poll.error
    return {
        "time": _time(poll.ended_at),
        "started_at": _time(poll.started_at),
        "error": type(error).__name__,
        "reason": encodable(str(error)),
    }


@functools.lru_cache(maxsize=16)  # the values of one answer have one time
def _time(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds")
