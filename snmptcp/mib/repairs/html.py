"""Modules that were saved as a page of HTML: the text without its tags, line by line.

Contains: that text.  Does not contain: whether there is a module in it (:mod:`snmptcp.mib.sources`).
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("is_page", "text_of_page")

_PAGE = re.compile(r"\s*(?:<!DOCTYPE\s+html|<html|<head|<body|<pre|<\?xml)", re.IGNORECASE)
#: Where something begins that is left out: a comment, an element whose contents are no text, or a tag.
_OPENING = re.compile(r"<!--|<(?:script|style|title)\b|</?[A-Za-z!?][^<>]*>", re.IGNORECASE)

#: What ends it.
_COMMENT_END = re.compile("-->")
_ELEMENT_ENDS = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style", "title")}


def is_page(text: str) -> bool:
    """Whether a text is a page of HTML."""
    return _PAGE.match(text) is not None


def text_of_page(text: str) -> str:
    """Return a page's text; each line keeps its number."""
    lines = "".join(_pieces(text)).split("\n")
    return "\n".join(html.unescape(line).replace("\n", " ").replace("\r", " ") for line in lines)


def _pieces(text: str) -> Iterator[str]:
    """Yield the pieces of text between what is left out, and the newlines that are in what is left out."""
    position = 0
    unclosed: set[re.Pattern[str]] = set()  # what has no end behind the position: nothing is searched for twice
    while (opening := _OPENING.search(text, position)) is not None:
        yield text[position : opening.start()]
        position = opening.end()
        end = _end_of(opening[0])
        if end is not None and end not in unclosed:
            closing = end.search(text, position)
            if closing is None:
                unclosed.add(end)
            else:
                position = closing.end()
        yield "\n" * text.count("\n", opening.start(), position)
    yield text[position:]


def _end_of(opening: str) -> re.Pattern[str] | None:
    """Return what ends a comment or an element; ``None`` for a tag, which is whole."""
    if opening == "<!--":
        return _COMMENT_END
    return _ELEMENT_ENDS.get(opening[1:].lower())
