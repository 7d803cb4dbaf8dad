"""Folders with configuration files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.configuration.helpers import Files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Return the only two folders that are read, ``system`` and then ``user``."""
    files = Files(tmp_path)
    monkeypatch.setenv("SNMPCONFPATH", f"{files.system}:{files.user}")
    return files
