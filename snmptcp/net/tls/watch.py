"""Whether the files of TLS options have changed.

Contains: which files options name, and when to look at them and to read them again.  Does not contain: reading them
(:mod:`snmptcp.net.tls.context`), clocks: ``now`` is an argument, in seconds of any monotonic clock.

Files are compared by what ``stat`` tells: time, size and inode, which a renaming changes.  Renewals come in several
files, such as a certificate and its key, and a file may be read while it is written.  So what cannot be used yet is
read again when it changes further, or after :data:`RETRY`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from snmptcp.net.tls.options import is_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snmptcp.net.tls.options import TlsOptions

__all__ = ("FileWatch",)

#: After how many seconds files that could not be used are read again although they have not changed.
RETRY = 5.0

_Seen: TypeAlias = tuple[tuple[str, int, int, int, int] | str, ...]


class FileWatch:
    """The files of options, and what was seen of them when they were read; make it before reading them.

    Args:
        options: the options.
    """

    def __init__(self, options: TlsOptions) -> None:
        self._files = tuple(_files(options))
        self._interval = options.reload_interval
        self._used = self._latest = self._look() if self._interval is not None else ()
        self._unusable: _Seen | None = None
        self._next_look = 0.0
        self._next_try = 0.0

    def is_due(self, now: float) -> bool:
        """Return whether the files must be read again; make a new watch, or call :meth:`failed`."""
        if self._interval is None or now < self._next_look:
            return False
        self._next_look = now + self._interval
        self._latest = self._look()
        if self._latest == self._used:
            return False
        return self._latest != self._unusable or now >= self._next_try

    def failed(self, now: float) -> bool:
        """Take note that the files cannot be used; return whether that is news."""
        is_news = self._latest != self._unusable
        self._unusable = self._latest
        self._next_try = now + RETRY
        return is_news

    def _look(self) -> _Seen:
        return tuple(seen for file in self._files for seen in _look_at(file))


def _files(options: TlsOptions) -> Iterator[Path]:
    """Return the files and directories that options name."""
    sources = (options.certificate, options.key, options.pkcs12, options.ca_file, options.crl, *options.accepted)
    for source in (*sources, options.ca_directory):
        if source is not None and not is_text(source):
            yield Path(os.fsdecode(source))


def _look_at(file: Path) -> Iterator[tuple[str, int, int, int, int] | str]:
    """Return what is seen of a file, or of a directory and the files in it."""
    try:
        found = file.stat()
        entries = sorted(file.iterdir()) if file.is_dir() else []
    except (OSError, ValueError):
        yield str(file)  # it is missing, at the moment
        return
    yield str(file), found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
    for entry in entries:
        try:
            inside = entry.stat()
        except OSError:
            yield str(entry)
        else:
            yield str(entry), inside.st_mtime_ns, inside.st_ctime_ns, inside.st_size, inside.st_ino
