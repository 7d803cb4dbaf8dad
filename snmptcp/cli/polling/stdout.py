"""Samples on stdout, one JSON object on each line, for another program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.fleet.sinks import NdjsonSink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.fleet import Poll

__all__ = ("StdoutSink",)


class StdoutSink(NdjsonSink):
    """Writes samples to stdout, in a thread: a reader that is slow delays no poll.

    Args:
        on_closed: called in the event loop's thread when the reader has closed the pipe.
    """

    name = "stdout"

    def __init__(self, on_closed: Callable[[], None]) -> None:
        super().__init__("-")
        self._on_closed = on_closed

    async def write(self, polls: Sequence[Poll]) -> None:
        """Write a batch, unless the reader has gone."""
        try:
            await super().write(polls)
        except BrokenPipeError:
            self._on_closed()
