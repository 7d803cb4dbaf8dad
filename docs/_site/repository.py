"""The repository around docs/ as pages of the site: an extension of Sphinx, used by docs/conf.py.

On GitHub, pages link to files outside docs/, such as ``../CONTRIBUTING.md`` or ``../examples/get.py``.  On the site, a
page that consists of nothing but a link to such a file (docs/project/contributing.md) has that file's text, and the
source of the examples that are beside it.  Links lead to these pages; links to other files give the file itself.
"""

from __future__ import annotations

import os.path
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ("Repository", "setup")

#: A page that stands for a file.
_STANDS_FOR = re.compile(r"\s*\[[^\]]*\]\((\.\./[^)#]+)\)\s*")

#: A block of code, or the target of a link outside of blocks.
_BLOCK_OR_TARGET = re.compile(
    r"^(?P<fence>```+).*?^(?P=fence)`*$|(?<=\]\()(?P<path>[^)#\s:]+)(?P<anchor>#[^)\s]*)?(?=\))",
    re.MULTILINE | re.DOTALL,
)


class Repository:
    """Which page of the site has the text of which file.

    Args:
        docs: the folder of the pages.
    """

    def __init__(self, docs: Path) -> None:
        self.docs = docs
        self.root = docs.parent
        self.pages: dict[Path, Path] = {}
        for page in sorted(docs.glob("project/*.md")):
            found = _STANDS_FOR.fullmatch(page.read_text(encoding="utf-8"))
            if found is not None:
                self.pages[(page.parent / found[1]).resolve()] = page

    def text_of(self, page: Path, text: str) -> str:
        """Return the text of a page on the site.

        Args:
            page: the page's file.
            text: what is in it.
        """
        source = next((file for file, shown in self.pages.items() if shown == page), page)
        if source != page:
            text = source.read_text(encoding="utf-8")
        text = _BLOCK_OR_TARGET.sub(lambda found: self._target(found, source.parent, page.parent), text)
        return text + "".join(_listing(source.parent, file, page.parent) for file in self._examples(source))

    def _examples(self, readme: Path) -> list[Path]:
        """Return the programs that a file about examples is about: beside it, and in folders without such a file."""
        if readme not in self.pages or "examples" not in readme.relative_to(self.root).parts:
            return []
        folders = [readme.parent, *(path for path in sorted(readme.parent.iterdir()) if path.is_dir())]
        return [
            file
            for folder in folders
            if folder == readme.parent or not (folder / "README.md").exists()
            for file in sorted(folder.glob("*.py"))
            if file.stat().st_size
        ]

    def _target(self, found: re.Match[str], folder: Path, shown_in: Path) -> str:
        """Return the target of a link on the site, or a block of code as it is."""
        if found["path"] is None:
            return found[0]
        file = Path(os.path.normpath(folder / found["path"]))
        page, anchor = self._place(file)
        return os.path.relpath(page, shown_in) + (anchor or found["anchor"] or "")

    def _place(self, file: Path) -> tuple[Path, str]:
        """Return the page that shows a file, and where on it; the file itself if none does."""
        for shown in (file, file / "README.md"):
            if shown in self.pages:
                return self.pages[shown], ""
        for readme, page in self.pages.items():
            for example in self._examples(readme):
                if file in {example, example.parent} and readme.parent != file:
                    return page, f"#{_slug(example.relative_to(readme.parent).as_posix())}"
        return file, ""


def _slug(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _listing(folder: Path, file: Path, shown_in: Path) -> str:
    """Return a section with the source of a file."""
    path = os.path.relpath(file, shown_in)
    return f"\n## {file.relative_to(folder).as_posix()}\n\n```{{literalinclude}} {path}\n:language: python\n```\n"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the hook."""
    repository = Repository(Path(app.srcdir))

    def read(app: Sphinx, page: str, source: list[str]) -> None:
        source[0] = repository.text_of(Path(app.env.doc2path(page)), source[0])

    app.connect("source-read", read, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
