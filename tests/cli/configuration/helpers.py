"""Configuration files for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class ConfFiles:
    """Writes configuration files.

    Args:
        root: an empty folder; the folders of the system and of the user are made in it.
    """

    def __init__(self, root: Path) -> None:
        self.system = root / "system"
        self.user = root / "user"
        for folder in (self.system, self.user):
            folder.mkdir()

    def write(self, *lines: str, name: str = "snmp.conf", folder: Path | None = None) -> Path:
        """Write a file, by default the user's snmp.conf, and return its path."""
        path = (folder or self.user) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes("\n".join((*lines, "")).encode("utf-8", "surrogateescape"))
        path.chmod(0o600)
        return path
