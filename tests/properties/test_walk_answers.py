"""The part of a response that belongs to a walk: the fast path agrees with a check of each name's arcs.

The arcs are near the values at which their encoding changes its length: there the order of octets differs from the
order of arcs.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.credentials import SnmpVersion
from snmptcp.errors import OidNotIncreasing
from snmptcp.oid import OID
from snmptcp.protocol.walk import WalkCursor
from snmptcp.values import EndOfMibView, Integer32, VarBind

ROOT = OID("1.3.6.1.130")

ARCS = st.sampled_from([0, 1, 2, 126, 127, 128, 129, 255, 256, 16382, 16383, 16384, 2097151, 2097152, 0xFFFFFFFF])
TAILS = st.lists(ARCS, max_size=3).map(tuple)
HEADS = st.sampled_from([ROOT, ROOT, ROOT + 5, ROOT + 300, OID("1.3.6.1.131"), OID("1.3.6.1.129.9")])
VALUES = st.sampled_from([Integer32(7)] * 30 + [EndOfMibView()])

ANY_NAMES = st.lists(st.builds(lambda head, tail: head + tail, HEADS, TAILS), max_size=8)
#: Names in order, as an agent sends them; mostly of one column.
SOUND_NAMES = st.builds(
    lambda head, tails: [head + tail for tail in sorted(tails)], HEADS, st.lists(TAILS, max_size=8, unique=True)
)
COLUMNS = st.builds(
    lambda head, first, count: [head + arc for arc in range(first, first + count)],
    HEADS,
    st.sampled_from([1, 120, 127, 250, 16379, 2097149]),
    st.integers(1, 9),
)

#: Names in the order of their octets.
BY_OCTETS = st.builds(
    lambda head, tails: sorted((head + tail for tail in tails), key=lambda name: name.key),
    st.just(ROOT + 5),
    st.lists(TAILS, min_size=2, max_size=4, unique=True),
)


def belonging(varbinds: list[VarBind]) -> list[VarBind]:
    """Return what belongs to a walk of ROOT, by arcs."""
    last, taken = ROOT.arcs, []
    for varbind in varbinds:
        arcs = varbind.oid.arcs
        inside = arcs[: len(ROOT)] == ROOT.arcs
        if isinstance(varbind.value, EndOfMibView) or arcs <= last or not inside:
            break
        last = arcs
        taken.append(varbind)
    return taken


@settings(max_examples=500)
@given(st.one_of(ANY_NAMES, SOUND_NAMES, COLUMNS, BY_OCTETS), st.data())
def test_an_answer_is_taken_as_far_as_its_arcs_increase_inside_of_the_subtree(
    names: list[OID], data: st.DataObject
) -> None:
    varbinds = [VarBind(name, data.draw(VALUES)) for name in names]
    cursor = WalkCursor(ROOT, SnmpVersion.V2C, max_repetitions=50)
    cursor.request()
    taken = cursor.receive(tuple(varbinds))
    expected = belonging(varbinds)
    assert list(taken) == expected
    if len(expected) < len(varbinds):
        following = varbinds[len(expected)]
        last = expected[-1].oid if expected else ROOT
        backwards = not isinstance(following.value, EndOfMibView) and following.oid.arcs <= last.arcs
        assert cursor.finished
        assert isinstance(cursor.fault, OidNotIncreasing) == backwards
    elif varbinds:
        assert not cursor.finished
        assert cursor.request().names == (expected[-1].oid,)
