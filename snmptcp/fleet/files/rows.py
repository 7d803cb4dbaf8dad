"""Targets of CSV files: the first line names the columns, each further line is a target.

Contains: lines and cells.  Does not contain: what the columns mean (:mod:`snmptcp.fleet.files.targets`).

A cell that is empty counts as not given.  Columns that are no key of a target are labels.
"""

from __future__ import annotations

import csv
import difflib
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from snmptcp.cautions import caution_about_file
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.fields import read_values
from snmptcp.fleet.files.reading import read_text
from snmptcp.fleet.files.targets import TARGET_FIELDS, has_proxy_password, make_target, settle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from snmptcp.fleet.files.mistakes import Place
    from snmptcp.fleet.files.targets import Collected, Known
    from snmptcp.fleet.target import Target

__all__ = ("read_rows",)

#: What may separate cells; the one that the first line has most of is taken.
_SEPARATORS = (",", ";", "\t")

#: The start of columns that are labels, whatever they are called.
_LABEL = "labels."

#: How similar the title of a column must be to a key for a mistake to be likely: ``prot`` is as similar to ``port``.
_SIMILAR = 0.75

#: The fields that a cell can have; labels have columns of their own.
_COLUMNS = {name: field for name, field in TARGET_FIELDS.items() if name != "labels"}


def read_rows(place: Place, path: Path, defaults: Mapping[str, Any] | None, known: Known, collected: Collected) -> None:
    """Add the targets of a file.

    Args:
        place: takes what is wrong.
        path: the file; names of files in its cells are relative to it.
        defaults: the values of what a row does not give, as :func:`~snmptcp.fleet.files.targets.settle` returns them;
            ``None`` if they are wrong: rows are checked then, and make no targets.
        known: what cells refer to by name.
        collected: takes the targets.
    """
    place = replace(place, name=str(path), folder=path.parent)
    with place.noting():
        lines = _lines(read_text(path))
        number, header = next(lines, (1, []))
        columns = _columns(header, place.called(f"{path}, line {number}"))
        if columns is None:
            return
        for number, cells in lines:
            line = replace(place, name=f"{path}, line {number}", joint=", column ")
            if len(cells) > len(columns) and any(cells[len(columns) :]):
                line.add(f"there are {len(cells)} cells for {len(columns)} columns; quote cells with commas")
                continue
            given = {column: cell for column, cell in zip(columns, cells, strict=False) if cell}
            if has_proxy_password(given):
                caution_about_file(path, "the passwords in")
            collected.add(_target(given, defaults, known, line), line)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line and its cells; empty lines and comments are left out.

    Raises:
        ConfigurationError: a line cannot be cut into cells.
    """
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    start = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped) and not cells[0].startswith("#"):
                yield start, stripped
            start = reader.line_num + 1
    except csv.Error as error:
        raise ConfigurationError(f"line {reader.line_num}: {error}") from None


def _columns(header: list[str], place: Place) -> list[str] | None:
    """Return the names of the columns: keys of a target, and ``labels.NAME``; ``None`` after a mistake."""
    before = len(place.mistakes)
    names = [_column(name, place) for name in header]
    if "host" not in names:
        place.add("the first line names the columns, and one of them is host")
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        place.add(f"two columns are called {name.removeprefix(_LABEL)!r}")
    return names if len(place.mistakes) == before else None


def _column(title: str, place: Place) -> str:
    name = title.lower()
    if name in _COLUMNS:
        return name
    if name.startswith(_LABEL) and len(name) > len(_LABEL):
        return f"{_LABEL}{title[len(_LABEL) :]}"
    if not title:
        place.add("a column has no name")
    elif close := difflib.get_close_matches(name, _COLUMNS, n=1, cutoff=_SIMILAR):
        place.add(f"did you mean {close[0]!r} by the column {title!r}? For a label, call it {_LABEL}{title}")
    return f"{_LABEL}{title}"


def _target(given: Mapping[str, str], defaults: Mapping[str, Any] | None, known: Known, place: Place) -> Target | None:
    cells = {column: cell for column, cell in given.items() if not column.startswith(_LABEL)}
    labels = {column.removeprefix(_LABEL): cell for column, cell in given.items() if column.startswith(_LABEL)}
    before = len(place.mistakes)
    settled = settle(read_values(_with_flags(cells), _COLUMNS, place), known, place)
    if settled is None or defaults is None or len(place.mistakes) > before:
        return None
    labels = {**defaults.get("labels", {}), **labels}
    return make_target({**defaults, **settled, "labels": labels}, place)


def _with_flags(cells: dict[str, str]) -> dict[str, object]:
    """Return cells with booleans for ``true`` and ``false`` where a name could stand, too: for ``tls``."""
    words = {"true": True, "false": False}
    return {column: words.get(cell.lower(), cell) if column == "tls" else cell for column, cell in cells.items()}
