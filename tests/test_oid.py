"""OIDs: parsing, ranges, order, prefixes, slices, fragments."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID, fragment_behind, precedes

IF_IN_OCTETS: tuple[int, ...] = (1, 3, 6, 1, 2, 1, 2, 2, 1, 10)
HIGHEST = 2**32 - 1


# ------------------------------------------------------------------------------------------ parsing


@pytest.mark.parametrize(
    "value",
    [
        "1.3.6.1.2.1.2.2.1.10",
        ".1.3.6.1.2.1.2.2.1.10",
        "1.3.06.1.2.1.2.2.1.0000000010",
        IF_IN_OCTETS,
        list(IF_IN_OCTETS),
        iter(IF_IN_OCTETS),
        range(0),
        OID(IF_IN_OCTETS),
    ],
    ids=lambda value: type(value).__name__,
)
def test_text_arcs_and_oids_make_the_same_oid(value):
    oid = OID(value or IF_IN_OCTETS)
    assert oid == OID(IF_IN_OCTETS)
    assert oid.arcs == IF_IN_OCTETS
    assert str(oid) == "1.3.6.1.2.1.2.2.1.10"
    assert oid.ber == bytes.fromhex("2b06010201020201 0a")


def test_an_oid_of_an_oid_is_the_same_object():
    oid = OID("1.3.6.1")
    assert OID(oid) is oid
    assert OID.fragment(oid) is oid


@pytest.mark.parametrize(
    ("text", "ber"),
    [
        ("0.0", "00"),
        ("0.39", "27"),
        ("1.0", "28"),
        ("1.39", "4f"),
        ("2.0", "50"),
        ("2.40", "78"),
        ("2.47", "7f"),
        ("2.48", "8100"),
        ("2.999", "8837"),
        ("2.999.3", "883703"),
        ("2.4294967295", "908080804f"),
        ("1.3.127", "2b7f"),
        ("1.3.128", "2b8100"),
        ("1.3.16383", "2bff7f"),
        ("1.3.16384", "2b818000"),
        ("1.3.2097152", "2b81808000"),
        ("1.3.268435456", "2b8180808000"),
        ("1.3.4294967295.0", "2b8fffffff7f00"),
    ],
)
def test_the_octets_of_an_oid_are_those_of_x690_and_lead_back_to_it(text, ber):
    oid = OID(text)
    assert oid.ber == oid.key == bytes.fromhex(ber)
    back = OID.from_ber(bytes.fromhex(ber))
    assert back == oid
    assert back.arcs == oid.arcs == tuple(map(int, text.split(".")))
    assert str(back) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..1.3",
        "1..3",
        "1.3.",
        "1.3.6.1 ",
        " 1.3",
        "1.3\n",
        "1.3.-6",
        "1.3.+6",
        "1.3.6_1",
        "1.3.0x10",
        "iso3.6",
        "..iso.3.6",
        "iso..3",
        "ISO.3.6",
        "1.iso.6",
        "ccitt.40",
        "1.3.6.1.٣",
        "1.3.12345678901",
        "1.3.4294967296",
        "3.0",
        "40",
        "0.40",
        "1.40",
        "1.3" + ".1" * 127,
    ],
)
def test_text_that_is_no_object_identifier_is_refused(text):
    with pytest.raises(ConfigurationError):
        OID(text)


@pytest.mark.parametrize(
    ("text", "arcs"),
    [
        ("iso.3.6.1", (1, 3, 6, 1)),
        (".iso.3.6.1", (1, 3, 6, 1)),
        ("iso.3", (1, 3)),
        ("ccitt.0", (0, 0)),
        ("joint-iso-ccitt.999", (2, 999)),
    ],
)
def test_the_first_arc_may_have_the_name_that_net_snmp_prints(text, arcs):
    assert OID(text) == OID(arcs)


@pytest.mark.parametrize(
    ("arcs", "problem"),
    [
        ((), "at least one arc"),
        ((3,), "0, 1 or 2, not 3"),
        ((3, 1), "0, 1 or 2, not 3"),
        ((0, 40), "at most 39, not 40"),
        ((1, 40), "at most 39, not 40"),
        ((1, 3, -1), "not -1"),
        ((1, 3, 2**32), "not 4294967296"),
        ((1, 3) + (1,) * 127, "at most 128 arcs, not 129"),
    ],
)
def test_arcs_out_of_range_are_refused_with_the_reason(arcs, problem):
    with pytest.raises(ConfigurationError, match=problem):
        OID(arcs)


def test_long_text_is_not_repeated_whole_in_the_error():
    with pytest.raises(ConfigurationError) as caught:
        OID("x" * 100_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [(1, 3, "6"), (1, 3.0), None, 1.3, 13])
def test_arcs_that_are_not_integers_are_a_type_error(value):
    with pytest.raises(TypeError):
        OID(value)


def test_arcs_become_plain_ints():
    class Arc(int):
        pass

    oid = OID([True, Arc(3), Arc(6)])
    assert [type(arc) for arc in oid] == [int, int, int]
    assert str(oid) == "1.3.6"


def test_128_arcs_fit_and_no_more():
    longest = OID((1, 3) + (HIGHEST,) * 126)
    assert len(longest) == 128
    assert OID(str(longest)) == longest
    with pytest.raises(ConfigurationError, match="at most 128 arcs, not 129"):
        longest + 1


def test_a_single_arc_is_a_root_for_walks_and_cannot_be_sent():
    root = OID("1")
    assert root.arcs == (1,)
    assert repr(root) == "OID('1')"
    assert root != OID("1.0")
    assert OID("1.3.6").startswith(root)
    assert not OID("0.3").startswith(root)
    with pytest.raises(ConfigurationError, match="cannot be sent"):
        _ = root.ber


# ------------------------------------------------------------------------------- being a sequence


def test_arcs_are_read_like_the_items_of_a_tuple():
    oid = OID(IF_IN_OCTETS)
    assert oid[0] == 1
    assert oid[-1] == 10
    assert len(oid) == 10
    assert tuple(oid) == IF_IN_OCTETS
    assert list(reversed(oid)) == list(reversed(IF_IN_OCTETS))
    assert 10 in oid
    assert 11 not in oid
    assert "10" not in oid
    with pytest.raises(IndexError):
        oid[10]


@pytest.mark.parametrize(
    "piece",
    [slice(None), slice(2, None), slice(None, 3), slice(-3, None), slice(None, None, -1), slice(1, 9, 3), slice(5, 5)],
    ids=str,
)
def test_a_slice_is_an_oid_of_those_arcs(piece: slice):
    part = OID(IF_IN_OCTETS)[piece]
    assert type(part) is OID
    assert part.arcs == IF_IN_OCTETS[piece]
    assert part == OID.fragment(IF_IN_OCTETS[piece])
    assert eval(repr(part)) == part


def test_a_slice_that_begins_like_an_oid_is_one():
    whole = OID("1.3.6.1.2.1")[:4]
    assert whole == OID("1.3.6.1")
    assert whole.ber == bytes.fromhex("2b0601")


@pytest.mark.parametrize(
    "tail",
    [(7, 300), "7.300", ".7.300", OID.fragment("7.300"), [7, 300], iter((7, 300))],
    ids=lambda tail: type(tail).__name__,
)
def test_an_index_is_appended_with_plus(tail):
    assert OID("1.3.6.1") + tail == OID("1.3.6.1.7.300")


def test_one_arc_is_appended_with_plus():
    assert OID("1.3.6.1") + 5 == OID("1.3.6.1.5")
    assert OID("1") + 3 == OID("1.3")
    assert (OID("1") + 3).ber == b"\x2b"


def test_an_empty_tail_changes_nothing():
    for empty in ((), "", OID.fragment(())):
        assert OID("1.3") + empty == OID("1.3")


@pytest.mark.parametrize("tail", [-1, 2**32, "x", (1, -1), "1.3."])
def test_a_tail_out_of_range_is_refused(tail):
    with pytest.raises(ConfigurationError):
        OID("1.3") + tail


@pytest.mark.parametrize("tail", [None, 1.5, object(), (1, "x")])
def test_a_tail_of_another_type_is_a_type_error(tail):
    with pytest.raises(TypeError, match="unsupported operand"):
        OID("1.3") + tail


# -------------------------------------------------------------------------------------- fragments


@pytest.mark.parametrize(
    "arcs", [(), (0,), (1,), (5,), (6, 1), (1, 40), (0, 40, 1), (3, 1), (HIGHEST,), (HIGHEST, 0, HIGHEST), (2**14,)]
)
def test_a_fragment_holds_any_arcs_and_cannot_be_sent(arcs):
    fragment = OID.fragment(arcs)
    assert fragment.arcs == arcs
    assert len(fragment) == len(arcs)
    assert fragment == OID.fragment(".".join(map(str, arcs)))
    assert eval(repr(fragment)) == fragment
    assert OID.from_ber(fragment.key).arcs == arcs
    with pytest.raises(ConfigurationError, match="not a whole object identifier"):
        _ = fragment.ber


def test_the_empty_fragment_is_false_and_every_oid_starts_with_it():
    empty = OID.fragment("")
    assert not empty
    assert OID("1.3").startswith(empty)
    assert empty.startswith(empty)
    assert not empty.startswith(OID("1.3"))


def test_a_fragment_that_looks_like_an_oid_is_equal_to_it():
    assert OID.fragment("1.3.6") == OID("1.3.6")
    assert hash(OID.fragment("1.3.6")) == hash(OID("1.3.6"))
    assert OID.fragment("1.3.6").ber == OID("1.3.6").ber


@pytest.mark.parametrize("arcs", [(2**32,), (-1,), (1,) * 129])
def test_a_fragment_has_the_same_limits_of_arcs(arcs):
    with pytest.raises(ConfigurationError):
        OID.fragment(arcs)


def test_a_fragment_of_bad_text_is_refused():
    with pytest.raises(ConfigurationError):
        OID.fragment("1.")


# ----------------------------------------------------------------------------------------- prefixes


@pytest.mark.parametrize(
    ("oid", "prefix", "expected"),
    [
        ("1.3.6.1", "1.3.6.1", True),
        ("1.3.6.1.2", "1.3.6.1", True),
        ("1.3.6.10", "1.3.6.1", False),
        ("1.3.6", "1.3.6.1", False),
        ("1.3.6.129", "1.3.6.1", False),
        ("1.3.6.128.5", "1.3.6.128", True),
        ("1.3.6.16384", "1.3.6.128", False),
        ("2.999.3", "2.999", True),
        ("2.999.3", "2", True),
        ("2.99", "2", True),
        ("0.9", "0", True),
        ("1.3", "0", False),
    ],
)
def test_startswith_asks_for_whole_arcs(oid, prefix, expected):
    assert OID(oid).startswith(OID(prefix)) is expected


def test_fragments_start_with_fragments():
    assert OID.fragment("6.1.5").startswith(OID.fragment("6.1"))
    assert not OID.fragment("6.1").startswith(OID.fragment("6.1.5"))
    assert not OID.fragment("6.1").startswith(OID("1.3"))


# -------------------------------------------------------------------------------- order and equality

ORDERED = [
    "0.0",
    "0.1",
    "0.39",
    "1",
    "1.0",
    "1.3",
    "1.3.6",
    "1.3.6.1",
    "1.3.6.1.0",
    "1.3.6.1.127",
    "1.3.6.1.127.4294967295",
    "1.3.6.1.128",
    "1.3.6.1.129",
    "1.3.6.1.16383",
    "1.3.6.1.16384",
    "1.3.6.1.4294967295",
    "1.3.6.2",
    "1.39",
    "2",
    "2.0",
    "2.39",
    "2.47",
    "2.48",
    "2.999",
    "2.4294967295",
]


def test_oids_order_by_their_arcs_in_every_comparison():
    oids = [OID(text) for text in ORDERED]
    for i, first in enumerate(oids):
        for j, second in enumerate(oids):
            assert (first < second, first <= second, first > second, first >= second, first == second) == (
                i < j,
                i <= j,
                i > j,
                i >= j,
                i == j,
            )
            assert precedes(first.key, second.key) is (i < j), f"{first} and {second}"


def test_sorting_gives_the_order_of_the_arcs():
    assert [str(oid) for oid in sorted(map(OID, reversed(ORDERED)))] == ORDERED


@pytest.mark.parametrize("other", ["0.0", "1.3", "1.3.6", "2.40", "2.999"])
def test_the_empty_fragment_precedes_every_oid(other):
    empty = OID.fragment(())
    assert empty < OID(other)
    assert precedes(empty.key, OID(other).key)
    assert not precedes(OID(other).key, empty.key)
    assert not precedes(empty.key, empty.key)


def test_an_oid_equals_its_text_and_is_found_by_it():
    """So `oid == "1.3..."` and `dict(varbinds)["1.3..."]` do what they seem to."""
    oid = OID("1.3.6.1.4.1.8072")
    assert oid == "1.3.6.1.4.1.8072"
    assert oid != "1.3.6.1.4.1.8073"
    assert hash(oid) == hash("1.3.6.1.4.1.8072")
    mixed: dict[object, int] = {oid: 1, "1.3.6.1.4.1.9": 2}
    assert (mixed["1.3.6.1.4.1.8072"], mixed[OID("1.3.6.1.4.1.9")]) == (1, 2)
    assert OID.fragment("7.300") == "7.300"
    assert OID.from_ber(oid.ber) in {"1.3.6", "1.3.6.1.4.1.8072"}


def test_another_spelling_is_not_equal_because_it_has_another_hash():
    assert OID("1.3") != ".1.3"
    assert OID("1.3") == OID(".1.3")


def test_an_oid_is_never_equal_to_a_tuple_or_octets():
    assert OID("1.3") != (1, 3)
    assert OID("1.3") != b"\x2b"
    with pytest.raises(TypeError):
        _ = OID("1.3") < (1, 4)
    with pytest.raises(TypeError):
        _ = OID("1.3") < "1.4"


@pytest.mark.parametrize("prefix", ["1.3.6", ".1.3.6", (1, 3, 6), [1, 3], iter((1, 3)), "1", "1.3.6.1", OID("1.3")])
def test_startswith_takes_a_prefix_in_any_form(prefix):
    assert OID("1.3.6.1").startswith(prefix)


@pytest.mark.parametrize("prefix", ["1.3.7", "1.3.6.1.1", (2,), "2.3", "7"])
def test_startswith_tells_what_is_no_prefix(prefix):
    assert not OID("1.3.6.1").startswith(prefix)


def test_startswith_refuses_what_is_no_oid():
    with pytest.raises(ConfigurationError, match="not an object identifier"):
        OID("1.3.6.1").startswith("sysName")


def test_equal_oids_hash_alike_and_find_each_other_in_a_dict():
    parsed, decoded = OID("1.3.6.1.4.1.8072"), OID.from_ber(bytes.fromhex("2b06010401bf08"))
    assert parsed == decoded
    assert hash(parsed) == hash(decoded)
    assert {parsed: 1}[decoded] == 1
    assert len({parsed, decoded, OID("1.3")}) == 2


# --------------------------------------------------------------------------------- text and pickling


@pytest.mark.parametrize("text", ["1.3.6.1", "2.4294967295", "0.0", "1"])
def test_repr_can_be_evaluated(text):
    assert repr(OID(text)) == f"OID({text!r})"
    assert eval(repr(OID(text))) == OID(text)


def test_repr_of_a_fragment_says_so():
    assert repr(OID.fragment("6.1")) == "OID.fragment('6.1')"
    assert repr(OID.fragment(())) == "OID.fragment('')"
    assert repr(OID.fragment("5")) == "OID.fragment('5')"


def test_format_and_join_use_the_text():
    assert f"{OID('1.3.6')}" == "1.3.6"
    assert f"{OID('1.3.6'):<8}|{OID.fragment('7'):>3}" == "1.3.6   |  7"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "oid", [OID("1.3.6.1"), OID("2.999"), OID("1"), OID.fragment("6.300"), OID.fragment(())], ids=str
)
def test_oids_survive_pickling(oid, protocol):
    back = pickle.loads(pickle.dumps(oid, protocol))
    assert back == oid
    assert back.arcs == oid.arcs
    assert type(back) is OID


def test_oids_survive_copying():
    oid = OID("1.3.6.1")
    assert copy.copy(oid) == copy.deepcopy(oid) == oid


def test_an_error_shows_the_text_that_was_given() -> None:
    with pytest.raises(ConfigurationError, match="numbers: 'iso.org.dod'"):
        OID("iso.org.dod")


def test_a_name_is_refused_with_what_it_would_need() -> None:
    with pytest.raises(ConfigurationError, match=r"'sysDescr\.0'; names need MIB modules"):
        OID("sysDescr.0")
    with pytest.raises(ConfigurationError, match="'1..2'$"):
        OID("1..2")


@given(st.lists(st.integers(0, 3) | st.integers(0, 2**32 - 1), max_size=8))
def test_the_arcs_behind_any_prefix_are_equal_to_their_fragment(arcs: list[int]) -> None:
    column = OID("1.3.6.1.2.1.2.2.1.200")
    behind, fragment = fragment_behind((column + arcs).key, len(column.key)), OID.fragment(arcs)
    assert (behind, behind.key, behind.arcs, str(behind)) == (fragment, fragment.key, fragment.arcs, str(fragment))


def test_the_arcs_behind_the_octets_of_a_prefix_are_a_fragment() -> None:
    column, instance = OID("1.3.6.1.2.1.2.2.1.200"), OID("1.3.6.1.2.1.2.2.1.200.7.300")
    behind = fragment_behind(instance.key, len(column.key))
    assert behind == OID.fragment("7.300")
    assert (hash(behind), behind.arcs) == (hash(OID.fragment("7.300")), (7, 300))
    assert fragment_behind(column.key, len(column.key)) == OID.fragment("")
