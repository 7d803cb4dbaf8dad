"""The table of properties: defaults and types."""

from __future__ import annotations

import pytest

from snmptcp.ipworks.tables.properties import PROPERTIES

SCALARS = [entry for entry in PROPERTIES.values() if not entry.indexed]


@pytest.mark.parametrize("entry", SCALARS, ids=lambda entry: entry.name)
def test_a_new_object_has_the_documented_defaults(entry, idle) -> None:
    assert getattr(idle, entry.name) == entry.default
    assert getattr(idle, f"get_{entry.name}")() == entry.default
    assert type(getattr(idle, entry.name)).__name__ == {"bytes": "Octets"}.get(entry.kind, entry.kind)


@pytest.mark.parametrize("entry", [e for e in SCALARS if not e.writable], ids=lambda entry: entry.name)
def test_what_is_read_only_has_no_setter(entry, idle) -> None:
    assert not hasattr(idle, f"set_{entry.name}")
    with pytest.raises(AttributeError):
        setattr(idle, entry.name, entry.default)
