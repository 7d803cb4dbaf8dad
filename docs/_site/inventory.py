"""Inventories of other projects' documentation: the few names that our pages link to, as text.

The site is built without a network, so the inventory of Python's documentation (``objects.inv``) cannot be fetched.
Each file in ``inventories/`` has the lines of one project's inventory that we need, under the address of its
documentation; Sphinx's extension ``intersphinx`` is given these.

To link to one more name, add it as a line of its own, and refresh the file, which also finds what has moved::

    python docs/_site/inventory.py python              # downloads the inventory
    python docs/_site/inventory.py python objects.inv  # uses a copy
"""

from __future__ import annotations

import sys
import urllib.request
import zlib
from pathlib import Path
from typing import NamedTuple

__all__ = ("FOLDER", "Inventory", "read", "refreshed", "write_all")

FOLDER = Path(__file__).parent / "inventories"

#: The lines in front of the compressed part.
_HEADER = """\
# Sphinx inventory version 2
# Project: {name}
# Version:
# The remainder of this file is compressed using zlib.
"""


class Inventory(NamedTuple):
    """The part of an inventory that we need.

    Attributes:
        address: the address of the documentation.
        lines: lines of Sphinx's format: name, domain with role, priority, place, text.
    """

    address: str
    lines: list[str]

    @property
    def names(self) -> list[str]:
        """The names that can be linked to."""
        return [line.split()[0] for line in self.lines]


def read(name: str) -> Inventory:
    """Read the text of a project's inventory."""
    first, *lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return Inventory(first.removeprefix("# "), lines)


def write_all(folder: Path) -> dict[str, tuple[str, str]]:
    """Write all inventories in Sphinx's format, and return the value of ``intersphinx_mapping``."""
    folder.mkdir(parents=True, exist_ok=True)
    mapping = {}
    for path in sorted(FOLDER.glob("*.txt")):
        inventory = read(path.stem)
        content = "".join(f"{line}\n" for line in inventory.lines).encode()
        target = folder / f"{path.stem}.inv"
        target.write_bytes(_HEADER.format(name=path.stem).encode() + zlib.compress(content))
        mapping[path.stem] = (inventory.address, str(target))
    return mapping


def refreshed(inventory: Inventory, whole: bytes) -> Inventory:
    """Return an inventory with the lines that a project's own inventory has for its names today.

    Raises:
        KeyError: a name is not in it.
    """
    content = zlib.decompress(whole.split(b"\n", 4)[4]).decode()
    found = {line.split()[0]: line for line in content.splitlines() if line.split()[1].startswith("py:")}
    return Inventory(inventory.address, [found[name] for name in sorted(set(inventory.names))])


def main(name: str, path: str | None = None) -> None:
    """Refresh one file."""
    inventory = read(name)
    if path is None:
        with urllib.request.urlopen(f"{inventory.address}objects.inv") as answer:  # noqa: S310 - of the file: https
            whole = answer.read()
    else:
        whole = Path(path).read_bytes()
    new = refreshed(inventory, whole)
    (FOLDER / f"{name}.txt").write_text("\n".join([f"# {new.address}", *new.lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
