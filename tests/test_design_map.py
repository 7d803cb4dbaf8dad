"""The room map in docs/design.md names every module and every folder of the package, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "snmptcp"
PAGE = ROOT / "docs" / "design.md"


def room_map(page: str) -> str:
    """Return the first fenced block under the heading "Rooms"."""
    found = re.search(r"^## Rooms\n.*?^```\w*\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert found is not None, "docs/design.md has no fenced block under ## Rooms"
    return found[1]


def names_in(block: str) -> list[str]:
    """Return the paths that a map names, relative to the package: folders end with a slash, modules have no suffix.

    A line names one or more things; two spaces separate them from a description.  A folder holds the lines below it
    that are indented further.  A line that begins where the description above it began, or to the right of that,
    continues it.
    """
    names: list[str] = []
    folders: list[tuple[int, str]] = []  # by their indentation
    described_at: int | None = None
    for line in block.splitlines():
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        if not text or indent < 2 or (described_at is not None and indent >= described_at):
            continue
        listed, gap, _ = re.split(r"( {2,}|$)", text, maxsplit=1)
        described_at = indent + len(listed) + len(gap) if gap else None
        while folders and folders[-1][0] >= indent:
            folders.pop()
        parent = folders[-1][1] if folders else ""
        for word in listed.split():
            path = parent + word.removesuffix(".py")
            names.append(path)
            if path.endswith("/"):
                folders.append((indent, path))
    return names


def rooms() -> set[str]:
    """Return the package's modules and subpackages, written as :func:`names_in` does."""
    modules = {path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py")}
    return {path.with_suffix("").as_posix() for path in modules if path.name != "__init__.py"} | {
        f"{path.parent.as_posix()}/" for path in modules if path.parent != Path()
    }


def exists(name: str) -> bool:
    """Whether the package has such a module, folder or other file."""
    path = PACKAGE / name
    return path.is_dir() if name.endswith("/") else path.is_file() or path.with_name(f"{path.name}.py").is_file()


def test_the_map_names_every_module_and_folder_once() -> None:
    named = names_in(room_map(PAGE.read_text(encoding="utf-8")))

    assert sorted(rooms() - set(named)) == []
    assert sorted(name for name in set(named) if named.count(name) > 1) == []


def test_the_map_names_nothing_that_does_not_exist() -> None:
    named = names_in(room_map(PAGE.read_text(encoding="utf-8")))

    assert [name for name in named if not exists(name)] == []


@pytest.mark.parametrize(
    ("block", "names"),
    [
        ("snmptcp/\n  oid values  the words\n", ["oid", "values"]),
        ("snmptcp/\n  oid\n  values.py   SMI types\n              and variable bindings\n", ["oid", "values"]),
        (
            "snmptcp/\n  net/  sockets\n    connection server  both sides\n    tls/\n      options\n  oid\n",
            ["net/", "net/connection", "net/server", "net/tls/", "net/tls/options", "oid"],
        ),
        ("  __main__ cli/  `snmptcp ...`\n    parser\n  py.typed\n", ["__main__", "cli/", "cli/parser", "py.typed"]),
    ],
)
def test_a_map_is_read_as_it_is_meant(block: str, names: list[str]) -> None:
    assert names_in(block) == names
