"""The oddities of notifications: their names, and their texts for people."""

from __future__ import annotations

from pathlib import Path

import pytest

from snmptcp import OID
from snmptcp.listener import Oddity, UnreadableVarBind

PAGES = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("oddity", Oddity, ids=lambda oddity: oddity.name)
def test_each_has_a_text_of_one_line_and_a_row_in_the_pages(oddity: Oddity) -> None:
    assert oddity.value
    assert "\n" not in oddity.value
    for page in ("notifications.md", "leniency.md"):
        assert f"`{oddity.name}`" in (PAGES / page).read_text(encoding="utf-8"), page


def test_texts_are_different() -> None:
    assert len({oddity.value for oddity in Oddity}) == len(Oddity)


def test_what_cannot_be_read_has_its_place_name_octets_and_reason() -> None:
    broken = UnreadableVarBind(2, OID("1.3.6"), b"\x30\x00", "why")
    assert (broken.position, broken.oid, broken.octets, broken.reason) == (2, OID("1.3.6"), b"\x30\x00", "why")
