"""Which answer ends which exchange, and how."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

import snmptcp.errors
from snmptcp.codec import ber
from snmptcp.codec.message import decode_message
from snmptcp.codec.pdu import PduType, TrapV1Pdu
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import (
    AgentError,
    BrokenVariable,
    ConnectionLost,
    DecodeError,
    ErrorStatus,
    NoSuchName,
    RequestTimeout,
    ResponseMismatch,
    TooBig,
    WrongCommunity,
    WrongVersion,
)
from snmptcp.oid import OID
from snmptcp.protocol.request import bulk_request, get_next_request, get_request, set_request
from snmptcp.values import (
    Counter64,
    EndOfMibView,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    Null,
    OctetString,
    TimeTicks,
)
from tests.support.deadlines import within
from tests.support.wire import (
    FIRST_ID,
    answer,
    ended_exchanges,
    message,
    new_session,
    parse,
    raw_response,
    response,
    varbinds,
)

if TYPE_CHECKING:
    from snmptcp.protocol.exchange import Exchange
    from snmptcp.protocol.session import Session

NAME = "1.3.6.1.2.1.1.3.0"
OTHER = "1.3.6.1.2.1.1.5.0"


def send(session: Session, *names: str, timeout: float = 5.0) -> tuple[Exchange, bytes]:
    """Start a GET at time 0 and let it leave."""
    exchange = session.start(get_request(names or (NAME,)), within(timeout), 0.0)
    (octets,) = session.data_to_send()
    return exchange, octets


def send_many(session: Session, count: int) -> tuple[list[Exchange], list[bytes]]:
    exchanges = [session.start(get_request((f"{OTHER}.{number}",)), within(5.0), 0.0) for number in range(count)]
    return exchanges, session.data_to_send()


def counted(session: Session) -> dict[str, int]:
    """Return the counters that are not zero, apart from the octets'."""
    return {name: value for name, value in session.statistics.as_dict().items() if value and "octets" not in name}


# ------------------------------------------------------------------------------------------ sending


def test_requests_started_together_leave_together_in_order_and_once() -> None:
    session = new_session()
    exchanges, messages = send_many(session, 3)

    assert [parse(octets).request_id for octets in messages] == [exchange.request_id for exchange in exchanges]
    assert session.data_to_send() == []
    assert session.pending == 3
    assert counted(session) == {"requests": 3}


@pytest.mark.parametrize("version", ["1", "2c"])
def test_what_leaves_is_the_request_in_the_sessions_version_and_community(version: str) -> None:
    session = new_session(version)
    exchange, octets = send(session)

    decoded = decode_message(octets)

    assert decoded.version == session._security.version
    assert octets == message(parse(octets), version=SnmpVersion(decoded.version))
    assert parse(octets) == (PduType.GET, exchange.request_id, 0, 0, varbinds((NAME, Null())))


def test_request_ids_of_one_session_are_different_and_wrap_around() -> None:
    session = new_session(first_request_id=0x7FFFFFFE)
    _, messages = send_many(session, 4)

    assert [parse(octets).request_id for octets in messages] == [0x7FFFFFFE, 0x7FFFFFFF, 0x01000000, 0x01000001]
    for octets in messages:
        session.receive_data(answer(octets), 1.0)
    assert counted(session) == {"requests": 4, "responses": 4}


def test_one_request_can_be_under_way_twice_and_gets_both_answers() -> None:
    session = new_session()
    request = get_request((NAME,))
    first, second = session.start(request, within(5.0), 0.0), session.start(request, within(5.0), 0.0)
    one, two = session.data_to_send()

    session.receive_data(answer(two, Integer32(2)) + answer(one, Integer32(1)), 1.0)

    assert ended_exchanges(session) == [second, first]
    assert first.varbinds == varbinds((NAME, Integer32(1)))
    assert second.varbinds == varbinds((NAME, Integer32(2)))


def test_nothing_is_told_and_nothing_sent_before_anything_happened() -> None:
    session = new_session()

    assert session.events() == []
    assert session.data_to_send() == []
    assert session.pending == 0
    assert session.closed is None


# ---------------------------------------------------------------------------------------- answering


def test_an_answer_ends_its_exchange_once() -> None:
    session = new_session()
    exchange, octets = send(session)

    session.receive_data(answer(octets, TimeTicks(42)), 1.0)

    assert ended_exchanges(session) == [exchange]
    assert exchange.ended
    assert exchange.varbinds == varbinds((NAME, TimeTicks(42)))
    assert exchange.error is None
    assert session.pending == 0
    assert session.events() == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_answers_in_any_order_reach_the_requests_they_belong_to(order: tuple[int, ...]) -> None:
    session = new_session()
    exchanges, messages = send_many(session, 4)

    for number in order:
        session.receive_data(answer(messages[number], Integer32(number)), 1.0)

    assert ended_exchanges(session) == [exchanges[number] for number in order]
    for number, exchange in enumerate(exchanges):
        assert exchange.varbinds == varbinds((f"{OTHER}.{number}", Integer32(number)))


def test_many_answers_in_one_chunk_end_all_their_exchanges() -> None:
    session = new_session()
    exchanges, messages = send_many(session, 50)

    session.receive_data(b"".join(map(answer, messages)), 1.0)

    assert ended_exchanges(session) == exchanges
    assert counted(session) == {"requests": 50, "responses": 50}


def test_an_answer_is_taken_at_every_point_where_it_may_be_split() -> None:
    octets = answer(send(new_session())[1], OctetString(b"x" * 130))
    for point in range(1, len(octets)):
        session = new_session()
        exchange, _ = send(session)

        session.receive_data(octets[:point], 1.0)
        assert session.events() == []
        assert session.pending == 1
        session.receive_data(octets[point:], 2.0)

        assert ended_exchanges(session) == [exchange]
        assert exchange.varbinds == varbinds((NAME, OctetString(b"x" * 130)))


def test_answers_octet_by_octet_are_answers() -> None:
    session = new_session()
    exchanges, messages = send_many(session, 3)

    for octet in b"".join(map(answer, reversed(messages))):
        session.receive_data(bytes((octet,)), 1.0)

    assert ended_exchanges(session) == exchanges[::-1]


def test_a_chunk_may_end_one_answer_hold_one_and_begin_one() -> None:
    session = new_session()
    exchanges, messages = send_many(session, 3)
    stream = b"".join(map(answer, messages))
    third = len(stream) // 3

    session.receive_data(stream[: third - 5], 1.0)
    assert ended_exchanges(session) == []
    session.receive_data(stream[third - 5 : 2 * third + 5], 1.0)
    assert ended_exchanges(session) == exchanges[:2]
    session.receive_data(stream[2 * third + 5 :], 1.0)
    assert ended_exchanges(session) == exchanges[2:]


def test_an_answer_in_long_lengths_and_padded_numbers_is_an_answer() -> None:
    """RFC 3417 section 8 allows more length octets than need be, and agents use them."""
    session = new_session()
    exchange, _ = send(session)
    pair = b"\x06\x81\x08" + OID(NAME).ber + b"\x02\x84\x00\x00\x00\x01\x07"
    binding = b"\x30\x82" + len(pair).to_bytes(2, "big") + pair
    pdu = b"\x02\x05\x00" + exchange.request_id.to_bytes(4, "big") + b"\x02\x02\x00\x00\x02\x01\x00"
    pdu += b"\x30\x83" + len(binding).to_bytes(3, "big") + binding
    body = b"\x02\x02\x00\x01\x04\x81\x06public\xa2\x81" + bytes((len(pdu),)) + pdu

    session.receive_data(b"\x30\x84" + len(body).to_bytes(4, "big") + body, 1.0)

    assert ended_exchanges(session) == [exchange]
    assert exchange.varbinds == varbinds((NAME, Integer32(7)))


def test_the_exceptions_of_version_2_are_values() -> None:
    session = new_session()
    exchange, _ = send(session, NAME, OTHER)
    values = varbinds((NAME, NoSuchObject()), (OTHER, NoSuchInstance()))

    session.receive_data(response(exchange.request_id, values), 1.0)

    assert exchange.varbinds == values


# --------------------------------------------------------------------------- late, duplicate, unknown


def test_a_second_answer_is_dropped_and_counted() -> None:
    session = new_session()
    exchange, octets = send(session)
    session.receive_data(answer(octets, Integer32(1)), 1.0)
    session.events()

    session.receive_data(answer(octets, Integer32(2)) * 2, 1.0)

    assert session.events() == []
    assert exchange.varbinds == varbinds((NAME, Integer32(1)))
    assert counted(session) == {"requests": 1, "responses": 1, "duplicates": 2}


def test_an_answer_and_its_duplicate_in_one_chunk_end_the_exchange_once() -> None:
    session = new_session()
    exchange, octets = send(session)

    session.receive_data(answer(octets, Integer32(1)) + answer(octets, Integer32(2)), 1.0)

    assert ended_exchanges(session) == [exchange]
    assert exchange.varbinds == varbinds((NAME, Integer32(1)))


@pytest.mark.parametrize("request_id", [0, 1, -1, FIRST_ID - 1, FIRST_ID + 1, 0x7FFFFFFF, -0x80000000])
def test_an_answer_to_nothing_is_dropped_and_counted(request_id: int) -> None:
    session = new_session()
    exchange, _ = send(session)

    session.receive_data(response(request_id, varbinds((NAME, Integer32(1)))), 1.0)

    assert session.events() == []
    assert not exchange.ended
    assert counted(session) == {"requests": 1, "unknown": 1}


@pytest.mark.parametrize("bits", [8, 16, 24])
def test_an_agent_that_cuts_off_the_upper_bits_of_ids_is_not_believed(bits: int) -> None:
    session = new_session()
    exchange, _ = send(session)

    session.receive_data(response(exchange.request_id & ((1 << bits) - 1), varbinds((NAME, Integer32(1)))), 1.0)

    assert not exchange.ended
    assert session.statistics.unknown == 1


def test_an_answer_after_the_timeout_is_never_given_to_a_later_request() -> None:
    session = new_session()
    _, octets = send(session)
    session.handle_timer(5.0)
    session.events()
    later, later_octets = send(session)

    session.receive_data(answer(octets, Integer32(1)), 6.0)
    assert session.events() == []
    assert not later.ended
    session.receive_data(answer(later_octets, Integer32(2)), 6.0)

    assert ended_exchanges(session) == [later]
    assert later.varbinds == varbinds((NAME, Integer32(2)))
    assert counted(session) == {"requests": 2, "responses": 1, "timeouts": 1, "late": 1}


def test_the_answer_to_an_abandoned_request_is_late() -> None:
    session = new_session()
    exchange, octets = send(session)

    session.abandon(exchange)
    assert exchange.ended
    assert session.pending == 0
    session.receive_data(answer(octets), 1.0)

    assert session.events() == []
    assert exchange.varbinds is None
    assert counted(session) == {"requests": 1, "abandoned": 1, "late": 1}


def test_abandoning_what_has_its_answer_changes_nothing() -> None:
    session = new_session()
    exchange, octets = send(session)
    session.receive_data(answer(octets), 1.0)

    session.abandon(exchange)

    assert ended_exchanges(session) == [exchange]
    assert exchange.varbinds is not None
    assert counted(session) == {"requests": 1, "responses": 1}


def test_the_others_go_on_when_one_is_abandoned() -> None:
    session = new_session()
    exchanges, messages = send_many(session, 3)

    session.abandon(exchanges[1])
    session.receive_data(b"".join(map(answer, messages)), 1.0)

    assert ended_exchanges(session) == [exchanges[0], exchanges[2]]


# ----------------------------------------------------------------------------------------- refusing


def test_a_reply_in_another_community_is_refused_and_the_request_waits_on() -> None:
    session = new_session()
    exchange, octets = send(session)

    session.receive_data(response(exchange.request_id, varbinds((NAME, Integer32(1))), community=b"private"), 1.0)
    assert session.events() == []
    assert session.pending == 1
    assert counted(session) == {"requests": 1, "refused": 1}
    session.receive_data(answer(octets), 2.0)

    assert ended_exchanges(session) == [exchange]
    assert exchange.error is None


def test_a_reply_in_another_community_is_the_reason_of_the_timeout() -> None:
    session = new_session()
    exchange, _ = send(session)

    session.receive_data(response(exchange.request_id, community=b"private"), 1.0)
    session.handle_timer(5.0)

    assert ended_exchanges(session) == [exchange]
    assert isinstance(exchange.error, RequestTimeout)
    assert isinstance(exchange.error.reason, WrongCommunity)
    assert exchange.error.__cause__ is exchange.error.reason
    assert "community" in str(exchange.error)
    assert "private" not in str(exchange.error)
    assert "public" not in str(exchange.error)


@pytest.mark.parametrize(("version", "theirs"), [("1", SnmpVersion.V2C), ("2c", SnmpVersion.V1)])
def test_a_reply_in_another_version_is_the_reason_of_the_timeout(version: str, theirs: SnmpVersion) -> None:
    session = new_session(version)
    exchange, _ = send(session)

    session.receive_data(response(exchange.request_id, varbinds((NAME, Integer32(1))), version=theirs), 1.0)
    assert session.events() == []
    session.handle_timer(5.0)

    assert isinstance(exchange.error, RequestTimeout)
    assert isinstance(exchange.error.reason, WrongVersion)
    assert exchange.error.reason.found == theirs
    assert session.statistics.refused == 1


def test_the_last_refusal_is_the_reason() -> None:
    session = new_session()
    exchange, _ = send(session)

    session.receive_data(response(exchange.request_id, community=b"private"), 1.0)
    session.receive_data(response(exchange.request_id, version=SnmpVersion.V1), 1.0)
    session.handle_timer(5.0)

    assert isinstance(exchange.error, RequestTimeout)
    assert isinstance(exchange.error.reason, WrongVersion)


def test_a_refused_reply_is_the_reason_of_the_request_whose_id_it_has_alone() -> None:
    session = new_session()
    (first, second), _ = send_many(session, 2)

    session.receive_data(response(first.request_id, community=b"private"), 1.0)
    session.handle_timer(5.0)

    assert isinstance(first.error, RequestTimeout)
    assert isinstance(second.error, RequestTimeout)
    assert isinstance(first.error.reason, WrongCommunity)
    assert second.error.reason is None
    assert str(second.error) == "no answer within 5 s"


def test_a_refused_reply_to_nothing_is_counted_as_refused_alone() -> None:
    session = new_session()

    session.receive_data(response(FIRST_ID, community=b"private"), 1.0)

    assert counted(session) == {"refused": 1}


def test_what_a_refused_reply_carries_is_not_looked_at() -> None:
    session = new_session()
    exchange, octets = send(session)
    broken = raw_response(exchange.request_id, b"\x04\x00").replace(b"public", b"PUBLIC")

    session.receive_data(broken, 1.0)

    assert not exchange.ended
    assert counted(session) == {"requests": 1, "refused": 1}
    session.receive_data(answer(octets), 1.0)
    assert exchange.error is None


# ---------------------------------------------------------------------------------------- malformed

MALFORMED = {
    "empty": b"\x30\x00",
    "version only": b"\x30\x03\x02\x01\x01",
    "no version": b"\x30\x05\x04\x03abc",
    "no community": b"\x30\x05\x02\x01\x01\xa2\x00",
    "constructed community": ber.tlv(0x30, b"\x02\x01\x01\x24\x08\x04\x06public\xa2\x00"),
    "no PDU": ber.tlv(0x30, b"\x02\x01\x01\x04\x06public"),
    "PDU cut off": ber.tlv(0x30, b"\x02\x01\x01\x04\x06public\xa2\x05\x02\x01"),
    "PDU of 0 octets": ber.tlv(0x30, b"\x02\x01\x01\x04\x06public\xa2\x00"),
    "unknown PDU": ber.tlv(0x30, b"\x02\x01\x01\x04\x06public\xa9\x00"),
    "universal tag in place of a PDU": ber.tlv(0x30, b"\x02\x01\x01\x04\x06public\x30\x00"),
    "list runs past the PDU": response(FIRST_ID)[:-1] + b"\x01",
    "nested a hundred times": ber.tlv(0x30, b"\x30\x82" * 100),
}


@pytest.mark.parametrize("octets", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_message_ends_nothing_and_is_the_reason_of_the_timeout(octets: bytes) -> None:
    session = new_session()
    exchange, request = send(session)

    session.receive_data(octets, 1.0)

    assert session.closed is None
    assert session.events() == []
    assert counted(session) == {"requests": 1, "malformed": 1}
    session.handle_timer(5.0)
    assert isinstance(exchange.error, RequestTimeout)
    assert isinstance(exchange.error.reason, DecodeError)
    session.receive_data(answer(request), 6.0)
    assert session.statistics.late == 1


def test_a_malformed_message_may_have_been_meant_for_any_request_and_is_kept_for_all() -> None:
    session = new_session()
    exchanges, _ = send_many(session, 3)

    session.receive_data(b"\x30\x00", 1.0)
    session.handle_timer(5.0)

    for exchange in exchanges:
        assert isinstance(exchange.error, RequestTimeout)
        assert isinstance(exchange.error.reason, DecodeError)


def test_a_malformed_message_is_no_reason_for_requests_that_came_after_it() -> None:
    session = new_session()
    session.receive_data(b"\x30\x00", 0.0)
    exchange, _ = send(session)
    session.handle_timer(5.0)

    assert isinstance(exchange.error, RequestTimeout)
    assert exchange.error.reason is None


def test_a_malformed_message_is_no_reason_for_a_request_that_has_not_left() -> None:
    session = new_session()
    exchange = session.start(get_request((NAME,)), within(5.0), 0.0)
    session.receive_data(b"\x30\x00", 1.0)
    session.handle_timer(5.0)

    assert isinstance(exchange.error, RequestTimeout)
    assert exchange.error.reason is None


def test_a_refusal_that_named_its_request_is_not_replaced_by_a_malformed_message() -> None:
    session = new_session()
    exchange, _ = send(session)

    session.receive_data(response(exchange.request_id, community=b"private") + b"\x30\x00", 1.0)
    session.handle_timer(5.0)

    assert isinstance(exchange.error, RequestTimeout)
    assert isinstance(exchange.error.reason, WrongCommunity)


def test_a_refusal_that_names_its_request_replaces_a_malformed_message() -> None:
    session = new_session()
    exchange, _ = send(session)

    session.receive_data(b"\x30\x00" + response(exchange.request_id, community=b"private"), 1.0)
    session.handle_timer(5.0)

    assert isinstance(exchange.error, RequestTimeout)
    assert isinstance(exchange.error.reason, WrongCommunity)


def test_a_version_3_message_is_dropped_and_is_the_reason_of_the_timeout() -> None:
    session = new_session()
    exchange, _ = send(session)
    header = bytes.fromhex("020103300d020105020205dc040100020103")
    scoped_pdu = ber.tlv(0x30, b"\x04\x00\x04\x00\xa8\x0b\x02\x01\x05\x02\x01\x00\x02\x01\x00\x30\x00")

    session.receive_data(ber.tlv(0x30, header + b"\x04\x00" + scoped_pdu), 1.0)
    session.handle_timer(5.0)

    assert isinstance(exchange.error, RequestTimeout)
    assert isinstance(exchange.error.reason, WrongVersion)
    assert (exchange.error.reason.expected, exchange.error.reason.found) == (1, 3)
    assert counted(session) == {"requests": 1, "refused": 1, "timeouts": 1}


BROKEN_LISTS = {
    "not a variable binding": b"\x04\x00",
    "empty variable binding": b"\x30\x00",
    "lone name tag": b"\x06",
    "name runs past its container": b"\x30\x04\x06\x05\x2b\x06",
    "name ends inside a sub-identifier": b"\x30\x06\x06\x02\x2b\x86\x05\x00",
    "no value": b"\x30\x05\x06\x03\x2b\x06\x01",
    "unknown value tag": b"\x30\x07\x06\x03\x2b\x06\x01\x0a\x00",
    "IpAddress of 3 octets": b"\x30\x0a\x06\x03\x2b\x06\x01\x40\x03\x0a\x00\x00",
    "integer of 0 octets": b"\x30\x07\x06\x03\x2b\x06\x01\x02\x00",
    "indefinite length": b"\x30\x80\x06\x03\x2b\x06\x01\x05\x00\x00\x00",
    "octets after the value": b"\x30\x09\x06\x03\x2b\x06\x01\x05\x00\x05\x00",
    "first good, second broken": b"\x30\x07\x06\x03\x2b\x06\x01\x05\x00\x30\x00",
}


@pytest.mark.parametrize("contents", BROKEN_LISTS.values(), ids=BROKEN_LISTS.keys())
def test_a_response_with_broken_variable_bindings_fails_its_request_alone_and_at_once(contents: bytes) -> None:
    session = new_session()
    first, _ = send(session)
    second, octets = send(session)

    session.receive_data(raw_response(first.request_id, contents) + answer(octets), 1.0)

    assert ended_exchanges(session) == [first, second]
    assert isinstance(first.error, BrokenVariable)
    assert first.error.oid is not None or first.error.after is not None
    assert first.varbinds is None
    assert second.error is None
    assert counted(session) == {"requests": 2, "responses": 2, "malformed": 1, "broken": 1}


@pytest.mark.parametrize("contents", BROKEN_LISTS.values(), ids=BROKEN_LISTS.keys())
def test_strictly_a_response_with_a_broken_variable_binding_is_refused_as_a_whole(contents: bytes) -> None:
    session = new_session(strict=True)
    exchange, _ = send(session)
    session.receive_data(raw_response(exchange.request_id, contents), 1.0)
    assert ended_exchanges(session) == [exchange]
    assert type(exchange.error) is DecodeError
    assert counted(session) == {"requests": 1, "responses": 1, "malformed": 1}


def test_an_error_status_counts_even_if_the_variables_beside_it_are_broken() -> None:
    session = new_session()
    exchange, _ = send(session, NAME, OTHER)
    response_without_error = raw_response(exchange.request_id, BROKEN_LISTS["unknown value tag"])
    failed = response_without_error.replace(b"\x02\x01\x00\x02\x01\x00", b"\x02\x01\x02\x02\x01\x02")

    session.receive_data(failed, 1.0)

    assert ended_exchanges(session) == [exchange]
    assert isinstance(exchange.error, NoSuchName)
    assert exchange.error.varbind is not None
    assert exchange.error.varbind.oid == OID(OTHER)


def test_broken_variable_bindings_of_an_answer_to_nothing_are_not_looked_at() -> None:
    session = new_session()
    exchange, _ = send(session)

    session.receive_data(raw_response(exchange.request_id + 1, b"\x30\x00"), 1.0)

    assert not exchange.ended
    assert exchange.refusal is None
    assert counted(session) == {"requests": 1, "unknown": 1}


@pytest.mark.parametrize(
    "value", [Counter64(1), NoSuchObject(), NoSuchInstance(), EndOfMibView()], ids=lambda value: value.name
)
def test_what_version_1_cannot_carry_is_read(value: Counter64 | NoSuchObject) -> None:
    session = new_session("1")
    exchange, _ = send(session)

    session.receive_data(response(exchange.request_id, varbinds((NAME, value)), version=SnmpVersion.V1), 1.0)

    assert ended_exchanges(session) == [exchange]
    assert exchange.varbinds == varbinds((NAME, value))


@pytest.mark.parametrize(
    "value", [Counter64(1), NoSuchObject(), NoSuchInstance(), EndOfMibView()], ids=lambda value: value.name
)
def test_strictly_what_version_1_cannot_carry_fails_the_request(value: Counter64 | NoSuchObject) -> None:
    session = new_session("1", strict=True)
    exchange, _ = send(session)

    session.receive_data(response(exchange.request_id, varbinds((NAME, value)), version=SnmpVersion.V1), 1.0)

    assert ended_exchanges(session) == [exchange]
    assert isinstance(exchange.error, DecodeError)
    assert value.name in str(exchange.error)
    assert NAME in str(exchange.error)
    assert session.statistics.malformed == 1


# --------------------------------------------------------------------------------------- unexpected


def trap_v1(community: bytes = b"public", version: SnmpVersion = SnmpVersion.V1) -> bytes:
    pdu = TrapV1Pdu(OID("1.3.6.1.4.1.9999"), IpAddress("192.0.2.1"), 6, 1, TimeTicks(5))
    return message(pdu, community=community, version=version)


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize(
    "pdu_type",
    [kind for kind in PduType if kind not in (PduType.RESPONSE, PduType.TRAP_V1)],
    ids=lambda kind: kind.name,
)
def test_a_pdu_that_is_no_response_is_counted_and_nothing_else_happens(version: str, pdu_type: PduType) -> None:
    session = new_session(version)
    exchange, octets = send(session)
    theirs = session._security.version

    session.receive_data(
        response(exchange.request_id, varbinds((NAME, Integer32(1))), pdu_type=pdu_type, version=theirs), 1.0
    )

    assert session.events() == []
    assert session.data_to_send() == []
    assert session.pending == 1
    assert exchange.refusal is None
    assert counted(session) == {"requests": 1, "unexpected": 1}
    session.receive_data(answer(octets), 1.0)
    assert ended_exchanges(session) == [exchange]


def test_a_trap_of_version_1_is_counted_and_nothing_else_happens() -> None:
    session = new_session("1")
    exchange, _ = send(session)

    session.receive_data(trap_v1(), 1.0)

    assert session.events() == []
    assert session.data_to_send() == []
    assert exchange.refusal is None
    assert counted(session) == {"requests": 1, "unexpected": 1}


@pytest.mark.parametrize(
    ("version", "octets"),
    [("1", trap_v1(community=b"private")), ("2c", trap_v1()), ("2c", trap_v1(b"private", SnmpVersion.V2C))],
    ids=["another community", "another version", "in version 2c"],
)
def test_a_trap_of_version_1_that_cannot_be_trusted_is_refused(version: str, octets: bytes) -> None:
    session = new_session(version)
    exchange, _ = send(session)

    session.receive_data(octets, 1.0)

    assert session.events() == []
    assert exchange.refusal is None
    assert counted(session) == {"requests": 1, "refused": 1}


def test_an_echo_of_our_own_request_is_not_its_answer() -> None:
    session = new_session()
    exchange, octets = send(session)

    session.receive_data(octets, 1.0)

    assert not exchange.ended
    assert session.statistics.unexpected == 1


# -------------------------------------------------------------------------------------- error-status


@pytest.mark.parametrize("status", [status for status in ErrorStatus if status], ids=lambda status: status.name)
@pytest.mark.parametrize("version", ["1", "2c"])
def test_an_error_status_ends_the_request_with_its_own_exception(version: str, status: ErrorStatus) -> None:
    session = new_session(version)
    exchange, _ = send(session, NAME, OTHER)
    bindings = varbinds((NAME, Null()), (OTHER, Null()))

    session.receive_data(
        response(exchange.request_id, bindings, error_status=status, error_index=2, version=session._security.version),
        1.0,
    )

    assert ended_exchanges(session) == [exchange]
    error = exchange.error
    assert isinstance(error, AgentError)
    assert type(error) is getattr(snmptcp.errors, status.name[0].upper() + status.name[1:])
    assert error.status is status
    assert error.index == 2
    assert error.varbinds == bindings
    assert error.varbind is not None
    assert error.varbind.oid == OID(OTHER)
    assert exchange.varbinds is None
    assert counted(session) == {"requests": 1, "responses": 1}


@pytest.mark.parametrize("status", [19, 77, 255, 0x7FFFFFFF, -1])
def test_an_unknown_error_status_is_still_an_agents_error(status: int) -> None:
    session = new_session()
    exchange, _ = send(session)

    session.receive_data(response(exchange.request_id, varbinds((NAME, Null())), error_status=status), 1.0)

    assert type(exchange.error) is AgentError
    assert exchange.error.status == status
    assert str(status) in str(exchange.error)


def test_too_big_without_variable_bindings_is_too_big_and_not_a_mismatch() -> None:
    """RFC 3416 section 4.2.1: tooBig comes with error-index 0 and an empty list."""
    for request in (
        get_request((NAME, OTHER)),
        get_next_request((NAME,)),
        bulk_request((NAME,), 0, 10),
        set_request(varbinds((NAME, Integer32(1)))),
    ):
        session = new_session()
        exchange = session.start(request, within(5.0), 0.0)
        session.data_to_send()
        session.receive_data(response(exchange.request_id, error_status=1), 1.0)

        assert isinstance(exchange.error, TooBig)
        assert exchange.error.varbinds == ()
        assert exchange.error.varbind is None


@pytest.mark.parametrize("index", [0, 2, 1000, 0x7FFFFFFF, -1, -0x80000000])
def test_an_error_index_that_points_nowhere_is_told_and_harms_nothing(index: int) -> None:
    session = new_session()
    exchange, _ = send(session)

    session.receive_data(
        response(exchange.request_id, varbinds((NAME, Null())), error_status=5, error_index=index), 1.0
    )

    assert isinstance(exchange.error, AgentError)
    assert exchange.error.index == index
    assert exchange.error.varbind is None
    assert "genErr (5)" in str(exchange.error)


def test_other_names_beside_an_error_status_do_not_hide_it() -> None:
    session = new_session()
    exchange, _ = send(session)

    session.receive_data(response(exchange.request_id, varbinds((OTHER, Null())), error_status=2, error_index=1), 1.0)

    assert isinstance(exchange.error, AgentError)


# ----------------------------------------------------------------------------------------- mismatch


@pytest.mark.parametrize(
    "bindings",
    [
        (),
        varbinds((OTHER, Integer32(1))),
        varbinds((NAME, Integer32(1)), (NAME, Integer32(1))),
        varbinds(("1.3.6.1.2.1.1.3", Integer32(1))),
    ],
    ids=["empty", "another name", "more", "a shorter name"],
)
def test_a_response_that_does_not_answer_the_request_fails_it_at_once(
    bindings: tuple[snmptcp.VarBind, ...],
) -> None:
    session = new_session()
    exchange, octets = send(session)

    session.receive_data(response(exchange.request_id, bindings), 1.0)

    assert ended_exchanges(session) == [exchange]
    assert isinstance(exchange.error, ResponseMismatch)
    assert exchange.error.varbinds == bindings
    assert exchange.varbinds is None
    session.receive_data(answer(octets), 1.0)
    assert counted(session) == {"requests": 1, "responses": 1, "duplicates": 1}


def test_a_mismatch_does_not_touch_other_requests() -> None:
    session = new_session()
    (first, second), (_, octets) = send_many(session, 2)

    session.receive_data(response(first.request_id, ()) + answer(octets), 1.0)

    assert isinstance(first.error, ResponseMismatch)
    assert second.error is None


def test_octets_are_counted_as_they_come() -> None:
    session = new_session()
    _, octets = send(session)
    reply = answer(octets)

    session.receive_data(reply[:7], 1.0)
    assert session.statistics.octets_received == 7
    session.receive_data(reply[7:], 1.0)
    assert session.statistics.octets_received == len(reply)


# --------------------------------------------------------------------------- not sent yet, or any more


def test_an_answer_to_a_request_that_has_not_left_is_unknown() -> None:
    session = new_session()
    exchange = session.start(get_request((NAME,)), within(5.0), 0.0)

    session.receive_data(response(exchange.request_id, varbinds((NAME, Integer32(1)))), 0.0)

    assert session.events() == []
    assert not exchange.ended
    assert counted(session) == {"unknown": 1}
    (octets,) = session.data_to_send()
    session.receive_data(answer(octets, Integer32(2)), 1.0)
    assert exchange.varbinds == varbinds((NAME, Integer32(2)))


def test_a_refused_reply_to_a_request_that_has_not_left_is_not_its_refusal() -> None:
    session = new_session()
    exchange = session.start(get_request((NAME,)), within(5.0), 0.0)

    session.receive_data(response(exchange.request_id, community=b"private"), 0.0)

    assert exchange.refusal is None
    assert counted(session) == {"refused": 1}


def test_an_answer_to_what_was_abandoned_before_it_left_is_unknown() -> None:
    session = new_session()
    exchange = session.start(get_request((NAME,)), within(5.0), 0.0)
    session.abandon(exchange)

    session.receive_data(response(exchange.request_id, varbinds((NAME, Integer32(1)))), 0.0)

    assert counted(session) == {"abandoned": 1, "unknown": 1}


def test_what_ended_before_it_left_is_not_kept_while_nothing_can_be_sent() -> None:
    session = new_session()
    for second in range(1000):
        session.start(get_request((NAME,)), within(0.5, float(second)), float(second))
        session.abandon(session.start(get_request((NAME,)), within(0.5, float(second)), float(second)))
        session.handle_timer(second + 0.6)

    assert not session.unsent
    assert session.data_to_send() == []


def test_what_is_abandoned_before_it_left_is_never_sent() -> None:
    session = new_session()
    first = session.start(get_request((NAME,)), within(5.0), 0.0)
    second = session.start(get_request((OTHER,)), within(5.0), 0.0)
    session.abandon(first)

    (octets,) = session.data_to_send()

    assert parse(octets).request_id == second.request_id
    assert not first.sent
    assert second.sent
    assert counted(session) == {"requests": 1, "abandoned": 1}


def test_what_expired_before_it_left_is_never_sent() -> None:
    session = new_session()
    first = session.start(get_request((NAME,)), within(1.0), 0.0)
    second = session.start(get_request((OTHER,)), within(5.0), 0.0)
    session.handle_timer(1.0)

    assert ended_exchanges(session) == [first]
    assert isinstance(first.error, RequestTimeout)
    (octets,) = session.data_to_send()
    assert parse(octets).request_id == second.request_id
    assert not first.sent


def test_what_was_pending_when_the_session_closed_is_never_sent() -> None:
    session = new_session()
    exchange = session.start(get_request((NAME,)), within(5.0), 0.0)
    session.receive_eof(ConnectionLost("gone"))

    assert not session.unsent
    assert session.data_to_send() == []
    assert not exchange.sent
    assert isinstance(exchange.error, ConnectionLost)
