"""The pages of documentation, as tests read them: blocks of code, headings, links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

__all__ = ("ROOT", "Block", "anchors", "blocks", "links", "pages", "without_blocks")

ROOT = Path(__file__).parents[2]

_BLOCK = re.compile(
    r"(?:^[ ]*<!--[ ]not[ ]run:[ ](?P<reason>.*?)[ ]-->\n)?"
    r"^(?P<indent>[ ]*)(?P<fence>`{3,})(?P<language>[^\n`]*)\n(?P<code>.*?)^(?P=indent)(?P=fence)[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """A block of code.

    Attributes:
        page: its page, from the root of the repository.
        line: the number of its first line on the page.
        language: the word behind the backticks.
        code: what is in it, without the indentation of the block.
        reason: why it is not run: the comment ``<!-- not run: ... -->`` above it; empty if there is none.
    """

    page: str
    line: int
    language: str
    code: str
    reason: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """Return all pages of the repository, from its root."""
    folders = (".", "docs", "docs/project", "docs/reference", "examples", "examples/*", "benchmarks", "tests/vectors")
    found = [path for folder in folders for path in ROOT.glob(f"{folder}/*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def blocks(page: str, text: str | None = None) -> list[Block]:
    """Return the blocks of code on a page.

    Args:
        page: the page, from the root of the repository.
        text: what is on it; by default what is in the file.
    """
    text = (ROOT / page).read_text(encoding="utf-8") if text is None else text
    found = []
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("fence")) + 1
        code = re.sub(rf"^{match['indent']}", "", match["code"], flags=re.MULTILINE)
        found.append(Block(page, line, match["language"].strip(), code, match["reason"] or ""))
    return found


def without_blocks(text: str) -> str:
    """Return the text of a page without blocks and without code inside of sentences."""
    return re.sub(r"`[^`\n]*`", "", _BLOCK.sub("", text))


def links(page: str) -> list[str]:
    """Return the targets of the links on a page."""
    return _LINK.findall(without_blocks((ROOT / page).read_text(encoding="utf-8")))


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found: dict[str, int] = {}
    names: set[str] = set()
    for heading in re.findall(
        r"^#{1,6} (.+?)\s*$", _BLOCK.sub("", (ROOT / page).read_text(encoding="utf-8")), re.MULTILINE
    ):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        times = found.get(slug, 0)
        found[slug] = times + 1
        names.add(f"{slug}-{times}" if times else slug)
    return names
