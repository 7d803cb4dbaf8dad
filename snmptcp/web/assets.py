"""The files of the page: HTML, one style sheet, modules of JavaScript, and uPlot.

Contains: reading them.  There is no build step: what is in the package is what browsers get.
"""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

__all__ = ("Asset", "read_assets")

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Asset(NamedTuple):
    """A file.

    Attributes:
        content_type: its type.
        etag: what tells this content from others.
        octets: the content.
    """

    content_type: str
    etag: str
    octets: bytes


def read_assets() -> dict[str, Asset]:
    """Return the files by their paths: ``"index.html"``, ``"uplot/uPlot.min.css"``."""
    return dict(_read(resources.files("snmptcp.web") / "static", ""))


def _read(folder: Traversable, prefix: str) -> Iterator[tuple[str, Asset]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _read(item, f"{prefix}{item.name}/")
            continue
        kind = _TYPES.get(f".{item.name.rpartition('.')[2]}")
        if kind is not None:
            octets = item.read_bytes()
            yield f"{prefix}{item.name}", Asset(kind, hashlib.sha256(octets).hexdigest()[:20], octets)
