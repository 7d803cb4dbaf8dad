"""What was read from large YAML files, kept as JSON in the user's cache folder.

Contains: the files of the cache, by the digest of what they were made of.  Does not contain: YAML
(:mod:`snmptcp.exporter.document`).

Reading 2 MB of YAML takes half a second, of JSON a twentieth of that.  The entry ``auths`` has secrets: it is not kept,
but read from its place in the YAML each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError
from snmptcp.exporter.document import parse, parse_with_spans

if TYPE_CHECKING:
    from snmptcp.exporter.document import Data, Span

__all__ = ("CACHE_VARIABLE", "cache_folder", "parse_cached")

#: The environment variable that names the folder; empty for no cache.
CACHE_VARIABLE = "SNMPTCP_EXPORTER_CACHE"

#: Changes with what :mod:`snmptcp.exporter.document` makes of a text.
_FORMAT = 1

#: Shorter texts are read as fast as the cache.
_SHORTEST = 50_000

#: How many files are kept; the oldest ones are removed.
_MOST = 8

_SECRET_KEY = "auths"  # noqa: S105 - the name of a key


def cache_folder() -> Path | None:
    """Return the folder of the cache; ``None`` for no cache."""
    given = os.environ.get(CACHE_VARIABLE)
    if given is not None:
        return Path(given) if given else None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "snmptcp" / "exporter"


def parse_cached(text: str, where: str, folder: Path | None) -> Data:
    """Return a document, from the cache if it was read before.

    Args:
        text: the YAML.
        where: what to call it in errors.
        folder: the cache; ``None`` for none.

    Raises:
        ConfigurationError: as for :func:`snmptcp.exporter.document.parse`.
    """
    if folder is None or len(text) < _SHORTEST:
        return parse(text, where)
    digest = hashlib.sha256(f"{_FORMAT}\0{text}".encode(errors="surrogatepass")).hexdigest()
    path = folder / f"{digest}.json"
    kept = _load(path, text, where)
    if kept is not None:
        return kept
    data, spans = parse_with_spans(text, where)
    if isinstance(data, dict):
        _save(path, text, data, spans.get(_SECRET_KEY))
    return data


def _load(path: Path, text: str, where: str) -> Data:
    """Return what a file of the cache has; ``None`` if there is none, or none that can be used."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        data, span, place = kept["document"], kept["span"], kept["place"]
        if not isinstance(data, dict):
            return None
        found: dict[str, Data] = {}
        for number, (key, value) in enumerate(data.items()):
            if number == place:
                found[_SECRET_KEY] = parse(_cut(text, span), where)
            found[key] = value
        if place == len(data):
            found[_SECRET_KEY] = parse(_cut(text, span), where)
    except (OSError, ValueError, KeyError, TypeError, IndexError, ConfigurationError):
        return None  # missing or damaged: the YAML has everything
    with contextlib.suppress(OSError):
        os.utime(path)  # used now: it is not the oldest
    return found


def _cut(text: str, span: Span) -> str:
    """Return the part of a text with the secrets; a block begins in its column."""
    start, end, column = span
    return " " * column + text[start:end]


def _save(path: Path, text: str, data: dict[str, Data], span: Span | None) -> None:
    """Keep a document; a cache that cannot be written is no error."""
    place = -1
    if _SECRET_KEY in data:
        try:
            cut = None if span is None else parse(_cut(text, span), "")
        except ConfigurationError:  # aliases of other places
            return
        if cut != data[_SECRET_KEY] or span is None:
            return  # its secrets come from elsewhere
        place = list(data).index(_SECRET_KEY)
    others = {key: value for key, value in data.items() if key != _SECRET_KEY}
    kept = json.dumps({"document": others, "span": span, "place": place}, ensure_ascii=False)
    with contextlib.suppress(OSError, UnicodeEncodeError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".new", delete=False) as file:
            try:
                file.write(kept)
                file.close()
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        _remove_old(path.parent)


def _remove_old(folder: Path) -> None:
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_MOST:]:
        file.unlink(missing_ok=True)
