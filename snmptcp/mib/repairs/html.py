"""Modules that were saved as a page of HTML: the text without its tags, line by line.

Contains: that text.  Does not contain: whether there is a module in it (:mod:`snmptcp.mib.sources`).
"""

from __future__ import annotations

import html
import re

__all__ = ("is_page", "text_of_page")

_PAGE = re.compile(r"\s*(?:<!DOCTYPE\s+html|<html|<head|<body|<pre|<\?xml)", re.IGNORECASE)
_LEFT_OUT = re.compile(r"<!--.*?-->|<(script|style|title)\b.*?</\1\s*>|</?[A-Za-z!?][^<>]*>", re.IGNORECASE | re.DOTALL)


def is_page(text: str) -> bool:
    """Whether a text is a page of HTML."""
    return _PAGE.match(text) is not None


def text_of_page(text: str) -> str:
    """Return a page's text; each line keeps its number."""
    lines = _LEFT_OUT.sub(_newlines, text).split("\n")
    return "\n".join(html.unescape(line).replace("\n", " ").replace("\r", " ") for line in lines)


def _newlines(tag: re.Match[str]) -> str:
    return "\n" * tag[0].count("\n")
