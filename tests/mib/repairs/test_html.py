"""Pages of HTML as text."""

from __future__ import annotations

import pytest

from snmptcp.mib.repairs.html import is_page, text_of_page


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<html>\n<b\nclass='x'>a</b>", "\n\na"),
        ("<pre>a &amp;&#10;b &lt;c&gt;\n<!-- d\n-->e", "a & b <c>\n\ne"),
        ("<html><script>if (a < b)\nx</script>y", "\ny"),
        ("<html>1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<html><!-- never closed <b>a</b>", " never closed a"),
        ("<html><SCRIPT src='x'>a</Script\n>b", "\nb"),
    ],
)
def test_tags_are_left_out_and_lines_keep_their_numbers(page: str, text: str) -> None:
    assert is_page(page)
    assert text_of_page(page) == text


def test_a_module_is_no_page() -> None:
    assert not is_page("-- <html>\nA-MIB DEFINITIONS ::= BEGIN")


@pytest.mark.parametrize("opening", ["<!--", "<script>", "<title ", "<a <", "</"])
def test_a_page_with_many_beginnings_and_no_end_is_read_once(opening: str) -> None:
    text_of_page("<html>" + opening * 200_000)
