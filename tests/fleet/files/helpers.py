"""What tests of a fleet's files share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files import load
from snmptcp.fleet.files.mistakes import Mistakes, Place

if TYPE_CHECKING:
    from snmptcp.fleet.files import FleetFile

__all__ = ("PUBLIC", "SMALL", "loaded", "mistakes_in", "place")

PUBLIC = '[credentials.public]\ncommunity = "public"\n'

#: The least that polls something.
SMALL = f'{PUBLIC}[jobs.uptime]\nget = "1.3.6.1.2.1.1.3.0"\n[defaults]\ncredentials = "public"\n'


def place(folder: Path = Path()) -> Place:
    """Return a place to note mistakes at."""
    return Place("here", folder, Mistakes())


def loaded(folder: Path, text: str) -> FleetFile:
    """Write a file and read it."""
    path = folder / "fleet.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return load(path)


def mistakes_in(folder: Path, text: str) -> list[str]:
    """Return the mistakes of a file, without the name of the folder."""
    with pytest.raises(ConfigurationError) as caught:
        loaded(folder, text)
    return str(caught.value).replace(f"{folder}/", "").splitlines()
