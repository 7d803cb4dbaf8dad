"""The rows of the scorecard: those of every module in ``tests/scorecard/rooms``.

A module there has a tuple ``ROWS``; a new module needs no other entry.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.scorecard.row import Row

_ROOMS = "tests.scorecard.rooms"


def load_rows(module: str | None = None) -> dict[str, Row]:
    """Return rows by their names, in the order of their numbers.

    Args:
        module: the module that has them; None for all rooms.

    Raises:
        ValueError: two rows have one name.
    """
    modules = [module] if module else _room_names()
    rows: list[Row] = [row for name in modules for row in importlib.import_module(name).ROWS]
    by_name = {row.number: row for row in rows}
    if len(by_name) < len(rows):
        raise ValueError(f"two rows of the scorecard have one name: {sorted(row.number for row in rows)}")
    return dict(sorted(by_name.items(), key=lambda item: int(item[0].removeprefix("R"))))


def _room_names() -> list[str]:
    folder = Path(__file__).with_name("rooms")
    return [f"{_ROOMS}.{found.name}" for found in pkgutil.iter_modules([str(folder)])]
