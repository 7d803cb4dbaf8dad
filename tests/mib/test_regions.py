"""Subtrees in which no further node has a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.mib import regions
from snmptcp.mib.regions import Regions
from snmptcp.mib.text import TextFormatter
from snmptcp.oid import OID

if TYPE_CHECKING:
    from snmptcp.mib import Mib


def met(mib: Mib, oid: str) -> str | None:
    """Return the root of the region of an OID, after it was looked up once."""
    found = Regions(mib._store, mib.name)
    found.node_above(OID(oid))
    region = found.find(OID(oid).key)
    return None if region is None else str(OID.from_ber(region.key))


@pytest.mark.parametrize(
    ("oid", "root"),
    [
        ("1.3.6.1.2.1.2.2.1.2.7", "1.3.6.1.2.1.2.2.1.2"),  # a column
        ("1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.1"),  # a scalar
        ("1.3.6.1.4.1.9.9.13.1", "1.3.6.1.4.1.9"),  # nothing of this enterprise is named
        ("1.3.6.1.4.1.9999.7.7", "1.3.6.1.4.1.9999.7"),  # a part of an enterprise that has names
        ("1.3.6.1.2.1.2.2.1.99.7", "1.3.6.1.2.1.2.2.1.99"),  # a column that the module does not have
        ("2.5.4", "2.5"),
        ("1.3.6.1.2.1.2.2", None),  # names are below it
        ("1.3.6", None),
    ],
)
def test_a_region_is_the_largest_subtree_without_further_names(acme_mib: Mib, oid: str, root: str | None) -> None:
    assert met(acme_mib, oid) == root


def test_what_is_in_a_region_that_was_met_is_looked_up_no_more(acme_mib: Mib) -> None:
    found = Regions(acme_mib._store, acme_mib.name)
    assert found.find(OID("1.3.6.1.4.1.9.1").key) is None
    found.node_above(OID("1.3.6.1.4.1.9.1"))
    found.node_above(OID("1.3.6.1.2.1.1.1.0"))
    for oid in ("1.3.6.1.4.1.9.2.5", "1.3.6.1.4.1.9", "1.3.6.1.4.1.9.4294967295", "1.3.6.1.2.1.1.1.0"):
        assert found.find(OID(oid).key) is not None
    for oid in ("1.3.6.1.4.1.90", "1.3.6.1.4.1.137", "1.3.6.1.4.1"):
        assert found.find(OID(oid).key) is None


def test_the_number_of_regions_is_limited(acme_mib: Mib, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "MOST_REGIONS", 10)
    found = Regions(acme_mib._store, acme_mib.name)
    for arc in range(1000, 1100):
        found.node_above(OID(f"1.3.6.1.4.1.{arc}.1"))
    assert len(found._regions) <= 10
    assert found.find(OID("1.3.6.1.4.1.1099.1").key) is not None


ROOTS = (
    "1.3.6.1.2.1.2.2.1.2 1.3.6.1.2.1.2.2.1.99 1.3.6.1.2.1.2.2.1 1.3.6.1.4.1.9999 1.3.6.1.2.1.4.34.1.3 1.3.6.1.4.1"
    " 1.3.6.1.2.1.1.3 1.3.6.1.6.3.16.1.2.1.3 1.3.6.1.6.3.1.1.5.3 0 1.3 2.5"
)


@given(
    st.sampled_from(ROOTS.split()),
    st.lists(st.integers(0, 300) | st.integers(0, 2**32 - 1), max_size=12),
)
def test_a_name_is_what_the_formatter_prints(acme_mib: Mib, root: str, arcs: list[int]) -> None:
    arcs = [arc % 40 for arc in arcs] if root == "0" else arcs
    oid = OID((*OID(root), *arcs))
    assert acme_mib.name(oid) == TextFormatter(acme_mib).name(oid) == acme_mib.name(oid)
