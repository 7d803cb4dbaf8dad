"""What is read of a response, and why one cannot be used."""

from __future__ import annotations

import pytest

from snmptcp import OID, Counter64, Integer32, OctetString
from snmptcp.codec import ber
from snmptcp.codec.pdu import Pdu, PduHeader, PduType, encode_pdu, read_pdu_header
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import BrokenVariable, DecodeError, NoSuchName, ResponseMismatch, TooBig
from snmptcp.protocol.request import Request, bulk_request, get_next_request, get_request
from snmptcp.protocol.responses import MAX_IN_REPORT, PLAUSIBLE_SIZE, Responses, Unusable, decode_few
from snmptcp.protocol.statistics import Statistics
from snmptcp.values import Value, VarBind

A, B, C = (OID(f"1.3.6.1.2.1.1.{arc}.0") for arc in (1, 2, 3))
ONE = Integer32(1)
GET = get_request((A, B))

#: A name and a value that says it is longer than it is.
BROKEN = b"\x30\x0c\x06\x08" + A.key + b"\x02\x05"


def responses(*, strict: bool = False, version: SnmpVersion = SnmpVersion.V2C) -> tuple[Responses, Statistics]:
    statistics = Statistics()
    return Responses(version, statistics, strict=strict), statistics


def encoded(*pairs: tuple[OID, Value], status: int = 0, index: int = 0) -> tuple[bytes, PduHeader]:
    """Return the PDU of a response, and its header."""
    data = encode_pdu(Pdu(PduType.RESPONSE, 6, status, index, tuple(VarBind(*pair) for pair in pairs)))
    return data, read_pdu_header(data, 0, len(data))


def with_list(contents: bytes, status: int = 0, index: int = 0) -> tuple[bytes, PduHeader]:
    """Return the PDU of a response with any octets as its list of variable bindings, and its header."""
    fields = b"".join(ber.encode_integer(field) for field in (6, status, index))
    data = ber.tlv(PduType.RESPONSE, fields + ber.tlv(ber.SEQUENCE, contents))
    return data, read_pdu_header(data, 0, len(data))


def unusable(reader: Responses, request: Request, response: tuple[bytes, PduHeader]) -> Unusable:
    outcome = reader.read(request, *response)
    assert isinstance(outcome, Unusable)
    return outcome


@pytest.mark.parametrize("strict", [False, True])
def test_the_variable_bindings_that_were_asked_for_are_the_answer(strict: bool) -> None:
    reader, statistics = responses(strict=strict)
    assert reader.read(GET, *encoded((A, ONE), (B, ONE))) == ((A, ONE), (B, ONE))
    assert not any(statistics.as_dict().values())


def test_an_error_status_is_the_agents_answer_and_no_fault_of_the_message() -> None:
    reader, statistics = responses()
    outcome = unusable(reader, GET, encoded((A, ONE), (B, ONE), status=2, index=2))
    assert isinstance(outcome.error, NoSuchName)
    assert outcome.error.index == 2
    assert (outcome.fault, outcome.unreadable) == (None, False)
    assert not any(statistics.as_dict().values())


def test_an_error_may_repeat_all_names_of_a_request_that_asks_for_fewer_values() -> None:
    reader, _ = responses()
    nothing = bulk_request((A, B, C), non_repeaters=0, max_repetitions=0)
    long = OctetString(bytes(PLAUSIBLE_SIZE))
    outcome = unusable(reader, nothing, encoded((A, long), (B, long), (C, long), status=1))
    assert isinstance(outcome.error, TooBig)


def test_other_names_than_those_asked_for_are_a_fault_that_can_be_read() -> None:
    reader, _ = responses()
    outcome = unusable(reader, GET, encoded((B, ONE), (A, ONE)))
    assert isinstance(outcome.error, ResponseMismatch)
    assert outcome.fault is outcome.error
    assert not outcome.unreadable


def test_of_a_few_values_too_many_the_first_ones_are_the_answer_unless_it_is_strict() -> None:
    request = get_next_request((A,))
    response = encoded((B, ONE), (C, ONE))
    reader, statistics = responses()
    assert reader.read(request, *response) == ((B, ONE),)
    assert statistics.oversized == 1

    reader, statistics = responses(strict=True)
    assert isinstance(unusable(reader, request, response).error, ResponseMismatch)
    assert statistics.oversized == 0


def test_many_values_too_many_are_not_decoded() -> None:
    reader, statistics = responses()
    outcome = unusable(reader, GET, with_list(BROKEN * 1000))
    assert str(outcome.error).startswith("more than 2 variable bindings in the response")
    assert outcome.fault is outcome.error
    assert not outcome.unreadable
    assert statistics.malformed == 0


def test_of_a_response_that_is_broken_in_one_place_the_others_are_read() -> None:
    reader, statistics = responses()
    sound, header = encoded((A, ONE))
    first = sound[header.varbinds_start : header.varbinds_end]
    outcome = unusable(reader, GET, with_list(first + BROKEN))
    assert isinstance(outcome.error, BrokenVariable)
    assert outcome.error.varbinds == ((A, ONE),)
    assert isinstance(outcome.fault, DecodeError)
    assert outcome.fault is not outcome.error
    assert outcome.unreadable
    assert (statistics.malformed, statistics.broken) == (1, 1)


def test_strictly_nothing_is_read_of_a_response_that_is_broken_in_one_place() -> None:
    reader, statistics = responses(strict=True)
    outcome = unusable(reader, GET, with_list(BROKEN))
    assert outcome.error is outcome.fault
    assert type(outcome.error) is DecodeError
    assert outcome.unreadable
    assert (statistics.malformed, statistics.broken) == (1, 0)


def test_an_error_status_beside_broken_values_blames_the_name_in_its_place_of_the_request() -> None:
    reader, statistics = responses()
    outcome = unusable(reader, GET, with_list(BROKEN, status=2, index=2))
    assert isinstance(outcome.error, NoSuchName)
    assert outcome.error.varbind is not None
    assert outcome.error.varbind.oid == B
    assert isinstance(outcome.fault, DecodeError)
    assert outcome.unreadable
    assert (statistics.malformed, statistics.broken) == (1, 0)


def test_strictly_a_type_that_the_version_does_not_have_is_a_fault() -> None:
    reader, _ = responses(strict=True)
    request, response = get_request((A,)), encoded((A, Counter64(1)))
    assert reader.read(request, *response) == ((A, Counter64(1)),)
    reader.version = SnmpVersion.V1
    assert unusable(reader, request, response).unreadable


def test_a_report_has_a_few_variable_bindings_and_no_more_are_decoded() -> None:
    few = encoded(*[(A, ONE)] * MAX_IN_REPORT)
    assert len(decode_few(*few)) == MAX_IN_REPORT
    with pytest.raises(DecodeError, match=f"more than {MAX_IN_REPORT} variable bindings"):
        decode_few(*encoded(*[(A, ONE)] * (MAX_IN_REPORT + 1)))
