"""Checks of the site that Sphinx has made: public names, links, search.

python docs/_site/check.py build/docs
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

from _site.members import members_of
from _site.public import PublicNames

__all__ = ("broken_links", "missing_names", "missing_words")

#: Words, and the page that a search for each must find.
SEARCHES = {
    "agentaddress": "tutorial",
    "discoveri": "snmpv3",
    "fingerprint": "tls",
    "pysnmp": "migrating-from-pysnmp",
    "receive_data": "sans-io",
    "snmp_export": "exporter",
    "sqlitesink": "fleets",
    "varbind": "glossary",
}


def missing_names(site: Path) -> list[str]:
    """Return the public names, and the members of public classes, that the site's inventory does not have."""
    content = zlib.decompress((site / "objects.inv").read_bytes().split(b"\n", 4)[4]).decode()
    described = {line.split()[0] for line in content.splitlines()}
    public = PublicNames()
    wanted = set(public.places.values())
    for place in set(wanted):
        module, _, name = place.rpartition(".")
        item = getattr(importlib.import_module(module), name)
        if inspect.isclass(item):
            members = members_of(item, lambda kind: public.place_of(kind) is not None)
            wanted |= {f"{place}.{member}" for member in members}
    return sorted(wanted - described)


class _Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note a link or an anchor."""
        found = dict(attributes)
        if tag in {"a", "link"} and found.get("href"):
            self.links.append(str(found["href"]))
        if tag in {"img", "script"} and found.get("src"):
            self.links.append(str(found["src"]))
        self.anchors |= {str(found[name]) for name in ("id", "name") if found.get(name)}


def broken_links(site: Path) -> list[str]:
    """Return the links inside of the site that lead nowhere, behind their pages."""
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = pages[target].anchors if target in pages else set()
            if not target.exists() or (
                parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in anchors
            ):
                broken.append(f"{path.relative_to(site)}: {link}")
    return broken


def missing_words(site: Path) -> list[str]:
    """Return the words that a search does not find on their pages."""
    index = json.loads(
        (site / "searchindex.js").read_text(encoding="utf-8").removeprefix("Search.setIndex(").removesuffix(")")
    )
    missing = []
    for word, page in SEARCHES.items():
        numbers = [number for kind in ("terms", "titleterms") for number in _numbers(index[kind].get(word, []))]
        if page not in {index["docnames"][number] for number in numbers}:
            missing.append(f"{word}: not on {page}")
    return missing


def _numbers(found: int | list[int]) -> list[int]:
    return found if isinstance(found, list) else [found]


def main(folder: str) -> int:
    """Check a site, and say what is wrong with it."""
    site = Path(folder).resolve()
    wrong = [
        *(f"not in the reference: {name}" for name in missing_names(site)),
        *(f"leads nowhere: {link}" for link in broken_links(site)),
        *(f"not found by a search: {word}" for word in missing_words(site)),
    ]
    print("\n".join(wrong) or f"the site in {folder} is complete")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
