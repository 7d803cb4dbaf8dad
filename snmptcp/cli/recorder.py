"""``walk --record FILE``: a walk into a recording.

Contains: the file, and what the user sees of it.
Does not contain: the format (:mod:`snmptcp.testing`), and the walk.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp.cli.pipeline import terminal_is_ours
from snmptcp.cli.progress import ProgressBar
from snmptcp.printable import printable
from snmptcp.values import EndOfMibView, NoSuchInstance, NoSuchObject

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from snmptcp.values import VarBind

__all__ = ("Recorder",)


class Recorder:
    """Writes variables to a recording; a walk that fails leaves those that came before.

    Args:
        path: the file.
        progress: whether to show progress on a terminal.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: str, *, progress: bool = True) -> None:
        self._path = path
        # Loaded only for --record: a walk needs no agent.
        self._writer: Any = importlib.import_module("snmptcp.testing.saving").RecordingWriter(path)
        self._bar = ProgressBar(
            f"recording {path}", "variables", rate=True, shown=lambda: progress and self._leaves_the_terminal()
        )

    def write(self, varbind: VarBind) -> None:
        """Add a variable; that there is none is not recorded."""
        if isinstance(varbind.value, (NoSuchObject, NoSuchInstance, EndOfMibView)):
            return
        self._writer.write(varbind.oid, varbind.value)
        self._bar(self._writer.count, 0)

    def _leaves_the_terminal(self) -> bool:
        """Return whether the recording is not on the terminal itself: as ``/dev/stdout``, or in what reads a pipe."""
        return self._writer.replaces or (not Path(self._path).is_char_device() and terminal_is_ours())

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.__exit__(None, None, None)
        self._writer.__exit__(exc_type, exc, traceback)
        count, name = self._writer.count, printable(self._path, None)
        if exc_type is None:
            # A device or a pipe can be stdout: it has the recording only.
            print(f"{count:,} variables recorded in {name}", file=sys.stdout if self._writer.replaces else sys.stderr)
        elif count:
            print(f"snmptcp: the walk is incomplete; {name} has its first {count:,} variables", file=sys.stderr)
