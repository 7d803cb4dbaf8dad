"""Text as roff."""

from __future__ import annotations

import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.cli.generators.roff import Page, bold, escaped, italic, with_markdown
from tests.support.shells import require_program


def test_what_roff_would_make_pretty_stays_as_it_is() -> None:
    assert escaped(r"""-l 'a' "b" `c` \d ^~""") == r"\-l \(aqa\(aq \(dqb\(dq \(gac\(ga \ed \(ha\(ti"


def test_code_of_markdown_is_bold_and_a_link_is_its_text() -> None:
    assert with_markdown("use `-d`, [see](a.md#b)") == r"use \fB\-d\fR, see"
    assert (bold("-d"), italic("N")) == (r"\fB\-d\fR", r"\fIN\fR")


def test_a_line_that_begins_like_a_request_is_text() -> None:
    page = Page("T", 1, "2026-01-01", "s", "m")
    page.section("NAME")
    page.paragraph(".gz ends a name")
    page.example([".bz2"])
    assert page.text().splitlines()[2:] == [".SH NAME", "\\&.gz ends a name", ".EX", "\\&.bz2", ".EE"]


def test_paragraphs_items_and_lines_are_apart() -> None:
    page = Page("T", 1, "2026-01-01", "s", "m")
    page.subsection("one")
    page.line("a")
    page.line("b")
    page.paragraph("c")
    page.item(bold("-d"), "e")
    assert page.text().splitlines()[2:] == [".SS one", "a", ".br", "b", ".PP", "c", ".TP", r"\fB\-d\fR", "e"]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1), min_size=1, max_size=20))
def test_groff_shows_any_text_as_it_was(texts: list[str]) -> None:
    page = Page("T", 1, "2026-01-01", "s", "m")
    page.section("NAME")
    for text in texts:
        page.paragraph(text)
    groff = [require_program("groff", "groff-base"), "-man", "-ww", "-Tascii", "-P-cbou", "-rHY=0", "-dAD=l"]
    finished = subprocess.run(groff, input=page.text(), capture_output=True, text=True, timeout=30, check=True)
    assert finished.stderr == ""
    shown = "".join(finished.stdout.partition("NAME")[2].rpartition("s ")[0].split())
    if all(len(word) < 60 for text in texts for word in text.split()):
        assert shown.startswith("".join("".join(texts).split()))
