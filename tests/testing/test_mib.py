"""The variables of the agent: order, values, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.codec.pdu import decode_varbinds
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.testing import Computed, Mib
from snmptcp.testing.mib import Variable
from snmptcp.values import Gauge32, Integer32, Null, OctetString

names = st.lists(st.integers(0, 300), min_size=1, max_size=4).map(lambda arcs: OID((1, 3, *arcs)))


@given(st.lists(st.tuples(names, st.booleans()), max_size=40), names)
def test_order_and_successors_are_those_of_a_sorted_list(changes, asked):
    mib = Mib()
    expected: set[OID] = set()
    for oid, add in changes:
        if add:
            mib[oid] = 1
            expected.add(oid)
        elif oid in mib:
            del mib[oid]
            expected.discard(oid)
        order, position = mib.following(asked)
        after = sorted(other for other in expected if other > asked)
        assert [variable.oid for variable in order[position:]] == after
    assert list(mib) == sorted(expected)
    assert len(mib) == len(expected)


@given(st.lists(names, max_size=20), st.lists(st.integers(0, 300), max_size=4))
def test_below_a_prefix_is_what_begins_with_it(oids, tail):
    prefix = (1, 3, *tail)
    assert Mib((oid, 0) for oid in oids).has_below(prefix) == any(oid.arcs[: len(prefix)] == prefix for oid in oids)


def test_names_may_be_text_arcs_or_oids():
    mib = Mib({"1.3.6.1": 1})
    assert mib["1.3.6.1"] == mib[OID((1, 3, 6, 1))] == mib[(1, 3, 6, 1)] == 1
    mib[(1, 3, 6, 1)] = Gauge32(2)
    assert len(mib) == 1
    assert type(mib["1.3.6.1"]) is Gauge32


def test_python_values_become_smi_values_and_functions_are_asked_each_time():
    answers = iter([1, "two"])
    mib = Mib({"1.3.1": "text", "1.3.2": None, "1.3.3": lambda: next(answers)})
    assert mib["1.3.1"] == OctetString("text")
    assert mib["1.3.2"] is Null()
    assert isinstance(mib["1.3.3"], Computed)
    assert mib.read("1.3.3") == Integer32(1)
    assert mib.read("1.3.3") == OctetString("two")


def test_a_constants_octets_are_made_once_and_again_after_a_change():
    variable = Variable(OID("1.3.1"), Integer32(5))
    first = variable.binding()
    assert variable.binding() is first
    assert decode_varbinds(first.octets, 0, len(first.octets)) == ((OID("1.3.1"), Integer32(5)),)
    variable.assign(Integer32(6))
    assert variable.binding().value == 6
    assert decode_varbinds(variable.binding().octets, 0, len(first.octets))[0].value == 6


def test_a_walk_goes_on_undisturbed_while_the_mapping_changes():
    mib = Mib({"1.3.1": 1, "1.3.2": 2, "1.3.3": 3})
    order, position = mib.following(OID("1.3.1"))
    del mib["1.3.2"]
    mib["1.3.1.5"] = 0
    assert [str(variable.oid) for variable in order[position:]] == ["1.3.2", "1.3.3"]


async def _coroutine_function():
    return 1


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("1.3.1", _coroutine_function, ConfigurationError),
        ("1.3.1", 2**31, ConfigurationError),
        ("1.3.1", OID.fragment("5.5"), ConfigurationError),
        ("1", 1, ConfigurationError),
        ("one", 1, ConfigurationError),
        ("1.3.1", 1.5, TypeError),
        ("1.3.1", True, TypeError),
    ],
)
def test_what_could_not_be_sent_is_refused_when_it_is_stored(name, value, error):
    mib = Mib()
    with pytest.raises(error):
        mib[name] = value
    assert len(mib) == 0
