"""What the tables of properties and settings have in common."""

from __future__ import annotations

import pytest

from snmptcp.ipworks.coerce import COERCIONS
from snmptcp.ipworks.tables.properties import PROPERTIES
from snmptcp.ipworks.tables.row import Row
from snmptcp.ipworks.tables.settings import SETTINGS

ROWS: list[Row] = [*PROPERTIES.values(), *SETTINGS.values()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_has_a_known_type_and_a_default_of_it(row) -> None:
    assert type(row.default).__name__ == row.kind
    assert row.kind in COERCIONS
    assert row.doc.endswith(".")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_default_is_one_of_the_choices_and_in_the_range(row) -> None:
    assert not row.choices or row.default in row.choices
    assert row.least is None or row.default >= row.least
    assert row.most is None or row.default <= row.most


def test_no_property_and_setting_have_the_same_name() -> None:
    assert PROPERTIES.keys() & SETTINGS.keys() == set()
