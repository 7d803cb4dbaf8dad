"""Links between pages, to headings and to files of the repository lead somewhere; nothing is fetched."""

from __future__ import annotations

import os.path
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.pages import ROOT, anchors, links, pages


@pytest.mark.parametrize("page", pages())
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    broken = []
    for link in links(page):
        parts = urlsplit(link)
        if parts.scheme:
            if parts.scheme not in {"http", "https", "mailto"} or not (parts.netloc or parts.path):
                broken.append(link)
            continue
        target = os.path.normpath(Path(page).parent / unquote(parts.path)) if parts.path else page
        if target.startswith("..") or not (ROOT / target).exists():
            broken.append(f"{link}: there is no such file")
        elif parts.fragment and target.endswith(".md") and unquote(parts.fragment) not in anchors(target):
            broken.append(f"{link}: there is no such heading")
    assert broken == []


@pytest.mark.parametrize("folder", ["snmptcp", "examples", "benchmarks"])
def test_every_page_that_the_source_mentions_exists(folder: str) -> None:
    gone = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"\b(?:docs|tests|examples)/[\w./-]+\.(?:md|py)\b", path.read_text(encoding="utf-8"))
        if not (ROOT / name).exists()
    }
    assert sorted(gone) == []


def test_anchors_are_those_of_github() -> None:
    assert {"agents-that-listen-on-tcp", "where-names-are"} <= anchors("README.md")
    assert "the-synchronous-class-snmptcpmgr" in anchors("docs/ipworks.md")
    assert "snmpconf" in anchors("docs/cli.md")
    assert "identity-testsattackstest_identitypy" in anchors("docs/security.md")
