"""Properties of OIDs: encoding, order, slices."""

from __future__ import annotations

import functools

from hypothesis import example, given
from hypothesis import strategies as st

from snmptcp.codec.ber import MAX_ARC, check_oid
from snmptcp.oid import OID, precedes

#: Arcs of one to five octets, and the limits between them.
ARCS = st.one_of(
    st.integers(0, 3),
    st.sampled_from([126, 127, 128, 129, 2**14 - 1, 2**14, 2**21 - 1, 2**21, 2**28 - 1, 2**28, MAX_ARC - 1, MAX_ARC]),
    st.integers(0, MAX_ARC),
)
ROOTS = st.one_of(st.tuples(st.integers(0, 1), st.integers(0, 39)), st.tuples(st.just(2), ARCS))


@st.composite
def oids(draw, tail=8):
    return OID(draw(ROOTS) + tuple(draw(st.lists(ARCS, max_size=tail))))


FRAGMENTS = st.lists(ARCS, max_size=6).map(OID.fragment)
ANY = st.one_of(oids(), FRAGMENTS)


@st.composite
def neighbours(draw):
    """Return two OIDs that share most arcs, as the names of one column do."""
    shared = draw(ANY)
    return shared + draw(st.lists(ARCS, max_size=2)), shared + draw(st.lists(ARCS, max_size=2))


@given(neighbours())
@example((OID.fragment(()), OID("1.3")))
@example((OID("1.3"), OID.fragment(())))
@example((OID("2.47"), OID("2.48")))
@example((OID("1.3.127"), OID("1.3.128")))
def test_precedes_agrees_with_the_arcs_for_neighbours(pair):
    first, second = pair
    assert precedes(first.key, second.key) is (first.arcs < second.arcs)
    assert precedes(second.key, first.key) is (second.arcs < first.arcs)


@given(ANY, ANY)
def test_precedes_agrees_with_the_arcs_and_with_the_operators(first, second):
    before = first.arcs < second.arcs
    assert precedes(first.key, second.key) is before
    assert (first < second) is before
    assert (first >= second) is not before
    assert (first == second) is (first.arcs == second.arcs)


@given(ANY)
def test_no_oid_precedes_itself(oid):
    assert not precedes(oid.key, oid.key)


@given(st.lists(ANY, max_size=12))
def test_sorting_by_precedes_is_sorting_by_arcs(many):
    def compare(first, second):
        return precedes(second.key, first.key) - precedes(first.key, second.key)

    assert [oid.arcs for oid in sorted(many, key=functools.cmp_to_key(compare))] == sorted(oid.arcs for oid in many)


@given(oids(tail=126))
def test_the_octets_lead_back_to_the_arcs_and_pass_the_check(oid):
    check_oid(oid.ber, oid.ber, 0)
    back = OID.from_ber(oid.ber)
    assert back.arcs == oid.arcs
    assert back == oid
    assert OID(str(oid)) == oid


@given(ANY)
def test_repr_leads_back_to_the_oid(oid):
    assert eval(repr(oid)) == oid


@given(ANY, st.integers(-12, 12), st.integers(-12, 12))
def test_slices_are_those_of_the_tuple(oid, start, stop):
    assert oid[start:stop].arcs == oid.arcs[start:stop]
    assert oid[start:stop] == OID.fragment(oid.arcs[start:stop])


@given(ANY, FRAGMENTS)
def test_concatenation_is_that_of_the_tuples_and_gives_an_oid_below(oid, tail):
    whole = oid + tail
    assert whole.arcs == oid.arcs + tail.arcs
    assert whole.startswith(oid)
    assert whole[len(oid) :] == tail
    assert whole[: len(oid)] == oid


@given(ANY, ANY)
def test_startswith_is_that_of_the_tuples(oid, prefix):
    assert oid.startswith(prefix) is (oid.arcs[: len(prefix)] == prefix.arcs)


@given(oids(), oids())
def test_between_a_prefix_and_what_lies_below_it_nothing_else_fits(oid, other):
    """A subtree is contiguous in the order, so a walk may stop at the first name outside it."""
    below = oid + 0
    if oid <= other <= below:
        assert other in (oid, below)
