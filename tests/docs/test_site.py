"""What makes the pages of docs/ a site: navigation, the files around docs/, and inventories of other projects."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest

from _site import check, inventory
from _site.contents import LISTING_PAGES, listed_pages
from _site.repository import Repository

DOCS = Path(__file__).parents[2] / "docs"


def test_every_page_is_listed_once() -> None:
    listed = []
    for page in LISTING_PAGES:
        for pages in listed_pages((DOCS / f"{page}.md").read_text(encoding="utf-8")).values():
            listed += [(DOCS / f"{page}.md").parent.joinpath(name).relative_to(DOCS).as_posix() for name in pages]
    folders = ("*.md", "project/*.md", "reference/*.md")
    present = {path.relative_to(DOCS).with_suffix("").as_posix() for folder in folders for path in DOCS.glob(folder)}
    assert sorted(listed) == sorted(present - {"index"}), "list each page in docs/index.md or docs/reference/index.md"


def test_a_list_is_read_with_its_heading() -> None:
    text = "# Title\n\n- [a](a.md): first\n\n## More\n\n- [`b`](x/b.md)\n- no page\n- [c](https://example.net/c.md)\n"
    assert listed_pages(text) == {"": {"a": "a"}, "More": {"x/b": "b"}}


# ------------------------------------------------------------------------- the files around the pages


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    files = {
        "README.md": "See [how](docs/how.md#part), [all](examples) and [the licence](LICENSE.txt).\n",
        "LICENSE.txt": "",
        "examples/README.md": "[one](one.py), [a folder](more), [how](../docs/how.md)\n",
        "examples/one.py": "print(1)\n",
        "examples/empty.py": "",
        "examples/more/two.py": "print(2)\n",
        "docs/how.md": "[r](../README.md) [e](../examples/one.py) [w](https://example.net)\n```\n[r](../README.md)\n```\n",
        "docs/project/readme.md": "[README.md](../../README.md)\n",
        "docs/project/examples.md": "[examples](../../examples/README.md)\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Repository(tmp_path / "docs")


def text_of(repository: Repository, name: str) -> str:
    page = repository.docs / name
    return repository.text_of(page, page.read_text(encoding="utf-8"))


def test_a_page_that_is_only_a_link_has_the_text_of_its_file(repository: Repository) -> None:
    assert text_of(repository, "project/readme.md") == (
        "See [how](../how.md#part), [all](examples.md) and [the licence](../../LICENSE.txt).\n"
    )


def test_examples_are_shown_and_links_lead_to_them(repository: Repository) -> None:
    text = text_of(repository, "project/examples.md")
    assert text.startswith("[one](examples.md#onepy), [a folder](examples.md#moretwopy), [how](../how.md)\n")
    assert re.findall(r"^## (.*)", text, re.MULTILINE) == ["one.py", "more/two.py"]
    assert re.findall(r"{literalinclude} (.*)", text) == ["../../examples/one.py", "../../examples/more/two.py"]


def test_links_out_of_the_folder_lead_to_the_pages_of_the_site_but_not_in_blocks(repository: Repository) -> None:
    assert text_of(repository, "how.md") == (
        "[r](project/readme.md) [e](project/examples.md#onepy) [w](https://example.net)\n```\n[r](../README.md)\n```\n"
    )


# --------------------------------------------------------------------------------------- inventories


@pytest.mark.parametrize("name", [path.stem for path in sorted(inventory.FOLDER.glob("*.txt"))])
def test_an_inventory_has_an_address_and_a_place_for_each_name(name: str) -> None:
    found = inventory.read(name)
    assert re.fullmatch(r"https://\S+/", found.address)
    assert found.names == sorted(set(found.names))
    for line in found.lines:
        assert re.fullmatch(r"\S+ py:\w+ \d+ \S+ .+", line), line


def test_inventories_are_written_as_sphinx_reads_them(tmp_path: Path) -> None:
    address, path = inventory.write_all(tmp_path)["python"]
    assert address == "https://docs.python.org/3/"
    header, content = Path(path).read_bytes().split(b"zlib.\n", 1)
    assert header.startswith(b"# Sphinx inventory version 2\n# Project: python\n# Version:")
    assert b"pathlib.Path py:class 1 library/pathlib.html#$ -\n" in zlib.decompress(content)


def test_a_refreshed_inventory_has_todays_places_of_the_same_names(tmp_path: Path) -> None:
    lines = b"b py:class 1 new.html#$ -\nb std:label 1 x.html#b -\nc py:class 1 c.html#$ -\na py:data 1 a.html#$ -\n"
    whole = b"# Sphinx inventory version 2\n# Project: x\n# Version: 1\n# zlib.\n" + zlib.compress(lines)
    old = inventory.Inventory("https://example.net/", ["b py:class 1 old.html#$ -", "a"])
    assert inventory.refreshed(old, whole).lines == ["a py:data 1 a.html#$ -", "b py:class 1 new.html#$ -"]
    with pytest.raises(KeyError, match="gone"):
        inventory.refreshed(inventory.Inventory("https://example.net/", ["gone"]), whole)


# --------------------------------------------------------------------------------------- the checks


def test_links_of_a_site_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<a href="b.html#here">x</a><a href="#me" id="me">x</a><img src="gone.png">')
    (tmp_path / "b.html").write_text('<a href="a.html#there">x</a><a href="https://example.net/#x">x</a><p id="here">')
    assert check.broken_links(tmp_path) == ["a.html: gone.png", "b.html: a.html#there"]


def test_names_and_words_that_a_site_does_not_have_are_found(tmp_path: Path) -> None:
    (tmp_path / "objects.inv").write_bytes(b"1\n2\n3\n4\n" + zlib.compress(b"snmptcp.Manager py:class 1 x.html#$ -\n"))
    assert {"snmptcp.OID", "snmptcp.Manager.get"} <= set(check.missing_names(tmp_path))
    assert "snmptcp.Manager" not in check.missing_names(tmp_path)
    words = '{"docnames": ["tls", "snmpv3"], "terms": {"fingerprint": [0, 1], "discoveri": 0}, "titleterms": {}}'
    (tmp_path / "searchindex.js").write_text(f"Search.setIndex({words})")
    missing = check.missing_words(tmp_path)
    assert "discoveri: not on snmpv3" in missing
    assert not [line for line in missing if line.startswith("fingerprint")]
