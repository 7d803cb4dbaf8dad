"""Requests: encoded as the codec does, split by size, and checked against their responses."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.codec.pdu import Pdu, PduType, encode_pdu, encode_varbind
from snmptcp.errors import ConfigurationError, ResponseMismatch
from snmptcp.oid import OID
from snmptcp.protocol.request import (
    Request,
    bulk_request,
    get_next_request,
    get_request,
    set_request,
    split_names,
)
from snmptcp.values import Counter32, EndOfMibView, Integer32, NoSuchInstance, Null, OctetString, VarBind
from tests.support.wire import varbinds

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_UPTIME = "1.3.6.1.2.1.1.3.0"
NAMES = st.lists(st.lists(st.integers(0, 0xFFFFFFFF), max_size=12), min_size=1, max_size=20).map(
    lambda tails: tuple(OID((1, 3, *tail)) for tail in tails)
)


def whole(request: Request, request_id: int) -> bytes:
    """Return the request with its request-id as a PDU, as a security model completes it."""
    return ber.tlv(request.type, ber.encode_integer(request_id) + request.tail)


def nulls(names: tuple[OID, ...]) -> tuple[VarBind, ...]:
    return tuple(VarBind(name, Null()) for name in names)


# ----------------------------------------------------------------------------------------- encoding


@given(names=NAMES, request_id=st.integers(0x01000000, 0x7FFFFFFF))
def test_get_and_get_next_are_encoded_as_the_codec_encodes_them(names: tuple[OID, ...], request_id: int) -> None:
    for pdu_type, make in ((PduType.GET, get_request), (PduType.GET_NEXT, get_next_request)):
        request = make(names)
        assert request.type is pdu_type
        assert request.names == names
        assert whole(request, request_id) == encode_pdu(Pdu(pdu_type, request_id, 0, 0, nulls(names)))


@given(names=NAMES, data=st.data())
def test_get_bulk_is_encoded_as_the_codec_encodes_it(names: tuple[OID, ...], data: st.DataObject) -> None:
    non_repeaters = data.draw(st.integers(0, len(names)))
    max_repetitions = data.draw(st.integers(0, 0x7FFFFFFF))

    request = bulk_request(names, non_repeaters, max_repetitions)

    assert (request.non_repeaters, request.max_repetitions) == (non_repeaters, max_repetitions)
    assert request.names == names
    expected = Pdu(PduType.GET_BULK, 0x12345678, non_repeaters, max_repetitions, nulls(names))
    assert whole(request, 0x12345678) == encode_pdu(expected)


def test_set_is_encoded_with_its_values() -> None:
    pairs = varbinds((SYS_DESCR, OctetString(b"here")), (SYS_UPTIME, Counter32(0xFFFFFFFF)))

    request = set_request(pairs)

    assert request.names == (OID(SYS_DESCR), OID(SYS_UPTIME))
    assert whole(request, 0x12345678) == encode_pdu(Pdu(PduType.SET, 0x12345678, 0, 0, pairs))


def test_set_takes_its_variable_bindings_from_an_iterator_once() -> None:
    pairs = varbinds((SYS_DESCR, OctetString(b"here")), (SYS_UPTIME, Integer32(1)))

    request = set_request(iter(pairs))

    assert request.names == (OID(SYS_DESCR), OID(SYS_UPTIME))
    assert request.tail == set_request(pairs).tail


def test_names_may_be_text_arcs_and_oids_at_once() -> None:
    mixed = get_request((SYS_DESCR, (1, 3, 6, 1, 2, 1, 1, 3, 0), OID("1.3.6.1")))

    assert mixed.names == (OID(SYS_DESCR), OID(SYS_UPTIME), OID("1.3.6.1"))


# ------------------------------------------------------------------------------------------ caching


def test_the_same_names_are_encoded_once() -> None:
    names = (SYS_DESCR, "1.3.6.1.2.1.1.99.0")

    assert get_request(names) is get_request((SYS_DESCR, "1.3.6.1.2.1.1.99.0"))
    assert get_next_request(names) is get_next_request(names)


def test_get_and_get_next_of_the_same_names_are_different_requests() -> None:
    assert get_request((SYS_DESCR,)).type is PduType.GET
    assert get_next_request((SYS_DESCR,)).type is PduType.GET_NEXT


def test_the_order_of_names_is_kept_apart_by_the_cache() -> None:
    assert get_request((SYS_DESCR, SYS_UPTIME)).names != get_request((SYS_UPTIME, SYS_DESCR)).names


def test_the_caches_are_bounded() -> None:
    for make in (get_request, get_next_request):
        bound = make.cache_info().maxsize
        assert bound is not None
        assert bound <= 10_000


def test_a_request_that_could_not_be_made_is_not_remembered_as_one() -> None:
    for _ in range(2):
        with pytest.raises(ConfigurationError):
            get_request(("not.an.oid",))


# ------------------------------------------------------------------------------------------ refusal


def test_a_request_without_names_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        get_request(())
    with pytest.raises(ConfigurationError):
        get_next_request(())
    with pytest.raises(ConfigurationError):
        bulk_request((), 0, 1)
    with pytest.raises(ConfigurationError):
        set_request(())


@pytest.mark.parametrize("name", ["1", OID("1"), OID.fragment("5.6.7"), OID.fragment(())])
def test_a_name_that_cannot_be_sent_is_refused_before_anything_is_sent(name: OID | str) -> None:
    with pytest.raises(ConfigurationError):
        get_request((name,))
    with pytest.raises(ConfigurationError):
        bulk_request((name,), 0, 10)
    with pytest.raises(ConfigurationError):
        set_request([VarBind(OID(name), Integer32(1))])


@pytest.mark.parametrize(("non_repeaters", "max_repetitions"), [(-1, 1), (3, 1), (0, -1), (0, 0x80000000)])
def test_bulk_numbers_out_of_range_are_refused(non_repeaters: int, max_repetitions: int) -> None:
    with pytest.raises(ConfigurationError):
        bulk_request((SYS_DESCR, SYS_UPTIME), non_repeaters, max_repetitions)


def test_only_a_set_must_not_be_repeated() -> None:
    assert get_request((SYS_DESCR,)).repeatable
    assert get_next_request((SYS_DESCR,)).repeatable
    assert bulk_request((SYS_DESCR,), 0, 10).repeatable
    assert not set_request(varbinds((SYS_DESCR, Integer32(1)))).repeatable


# ------------------------------------------------------------------------------------ split by size


@given(names=NAMES, limit=st.integers(1, 200))
def test_splitting_keeps_every_name_in_order_and_every_run_within_the_limit(names: tuple[OID, ...], limit: int) -> None:
    runs = split_names(names, limit)

    assert tuple(name for run in runs for name in run) == names
    sizes = [[len(encode_varbind(name, Null())) for name in run] for run in runs]
    for run in sizes:
        assert run
        assert sum(run) <= limit or len(run) == 1
    for run, following in itertools.pairwise(sizes):
        assert sum(run) + following[0] > limit  # no part is smaller than necessary


@given(names=NAMES, count=st.integers(1, 10))
def test_no_run_has_more_names_than_allowed(names: tuple[OID, ...], count: int) -> None:
    runs = split_names(names, 10_000, count)

    assert tuple(name for run in runs for name in run) == names
    assert all(len(run) == count for run in runs[:-1])


def test_no_names_are_no_runs() -> None:
    assert split_names((), 10) == []


def test_names_that_fit_exactly_stay_together() -> None:
    names = (OID(SYS_DESCR), OID(SYS_UPTIME))
    size = sum(len(encode_varbind(name, Null())) for name in names)

    assert split_names(names, size) == [names]
    assert split_names(names, size - 1) == [names[:1], names[1:]]


# -------------------------------------------------------------------------------------------- check


def test_the_names_that_were_asked_for_are_an_answer_whatever_their_values() -> None:
    request = get_request((SYS_DESCR, SYS_UPTIME))

    assert request.check(varbinds((SYS_DESCR, OctetString(b"")), (SYS_UPTIME, NoSuchInstance()))) is None


@pytest.mark.parametrize(
    "found",
    [
        (),
        varbinds((SYS_DESCR, Integer32(1))),
        varbinds((SYS_DESCR, Integer32(1)), (SYS_UPTIME, Integer32(1)), (SYS_UPTIME, Integer32(1))),
        varbinds((SYS_UPTIME, Integer32(1)), (SYS_DESCR, Integer32(1))),
        varbinds((SYS_DESCR, Integer32(1)), ("1.3.6.1.2.1.1.3", Integer32(1))),
        varbinds((SYS_DESCR, Integer32(1)), ("1.3.6.1.2.1.1.3.0.0", Integer32(1))),
    ],
    ids=["none", "fewer", "more", "swapped", "shorter name", "longer name"],
)
def test_other_names_do_not_answer_a_get_or_a_set(found: tuple[VarBind, ...]) -> None:
    sets = set_request(varbinds((SYS_DESCR, Integer32(1)), (SYS_UPTIME, Integer32(1))))
    for request in (get_request((SYS_DESCR, SYS_UPTIME)), sets):
        mismatch = request.check(found)
        assert isinstance(mismatch, ResponseMismatch)
        assert mismatch.varbinds == found


def test_a_mismatch_says_which_name_came_instead_of_which() -> None:
    mismatch = get_request((SYS_DESCR,)).check(varbinds((SYS_UPTIME, Integer32(1))))

    assert SYS_DESCR in str(mismatch)
    assert SYS_UPTIME in str(mismatch)


def test_a_get_next_is_answered_by_as_many_names_whichever_they_are() -> None:
    request = get_next_request((SYS_DESCR, SYS_UPTIME))

    assert request.check(varbinds((SYS_UPTIME, Integer32(1)), (SYS_UPTIME, EndOfMibView()))) is None
    assert isinstance(request.check(varbinds((SYS_UPTIME, Integer32(1)))), ResponseMismatch)
    assert isinstance(request.check(()), ResponseMismatch)
    assert isinstance(request.check(varbinds(*[(SYS_UPTIME, Integer32(1))] * 3)), ResponseMismatch)


@pytest.mark.parametrize(
    ("non_repeaters", "max_repetitions", "most"), [(0, 1, 3), (0, 4, 12), (1, 4, 9), (2, 4, 6), (3, 4, 3), (1, 0, 1)]
)
def test_a_get_bulk_is_answered_by_at_most_what_it_asked_for(
    non_repeaters: int, max_repetitions: int, most: int
) -> None:
    """RFC 3416 section 4.2.3: at most N + (M * R), and the agent may stop anywhere."""
    request = bulk_request((SYS_DESCR, SYS_UPTIME, "1.3.6.1"), non_repeaters, max_repetitions)

    for count in range(1, most + 1):
        assert request.check(varbinds(*[(SYS_UPTIME, Integer32(1))] * count)) is None
    assert isinstance(request.check(varbinds(*[(SYS_UPTIME, Integer32(1))] * (most + 1))), ResponseMismatch)
    assert isinstance(request.check(()), ResponseMismatch)


def test_a_get_bulk_that_asked_for_nothing_is_answered_by_nothing() -> None:
    request = bulk_request((SYS_DESCR,), 0, 0)

    assert request.check(()) is None
    assert isinstance(request.check(varbinds((SYS_DESCR, Integer32(1)))), ResponseMismatch)
