"""The navigation of the site, made of the lists on pages: an extension of Sphinx, used by docs/conf.py.

A page such as docs/index.md lists other pages as links, under headings.  On the site, each list also becomes a part of
the navigation, with the heading as its caption.  So nothing is listed twice, and GitHub shows the lists as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ("LISTING_PAGES", "listed_pages", "setup")

#: The pages whose lists are the navigation.
LISTING_PAGES = ("index", "reference/index")

_HEADING_OR_ITEM = re.compile(r"^## (?P<heading>.+)$|^- \[(?P<title>[^\]]+)\]\((?P<page>[\w./-]+)\.md\)", re.MULTILINE)


def listed_pages(text: str) -> dict[str, dict[str, str]]:
    """Return the pages that a page lists, without their suffixes, and their titles there, by the heading above."""
    found: dict[str, dict[str, str]] = {}
    heading = ""
    for match in _HEADING_OR_ITEM.finditer(text):
        if match["heading"]:
            heading = match["heading"]
        else:
            found.setdefault(heading, {})[match["page"]] = match["title"].replace("`", "")
    return found


def _with_navigation(_app: Sphinx, page: str, source: list[str]) -> None:
    if page not in LISTING_PAGES:
        return
    for heading, pages in listed_pages(source[0]).items():
        caption = [f":caption: {heading}"] if heading else []
        entries = [f"{title} <{listed}>" for listed, title in pages.items()]
        source[0] += "\n".join(["", "```{toctree}", ":hidden:", *caption, "", *entries, "```", ""])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the hook."""
    app.connect("source-read", _with_navigation, priority=50)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
