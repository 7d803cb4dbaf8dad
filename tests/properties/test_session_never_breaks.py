"""For any input in any order: nothing raises, each exchange ends once, and each response reaches its own request.

Three attacks on one :class:`Session`: any octets, damaged replies, and a state machine that mixes all events and
keeps its own model beside the session.
"""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from snmptcp.codec import ber
from snmptcp.codec.pdu import PduType, TrapV1Pdu
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import (
    AgentError,
    BrokenVariable,
    ClosedError,
    ConnectionLost,
    DecodeError,
    RequestTimeout,
    ResponseMismatch,
    SnmpError,
)
from snmptcp.oid import OID
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.request import get_request
from snmptcp.protocol.session import Closed
from snmptcp.values import Integer32, IpAddress, TimeTicks, VarBind
from tests.support.deadlines import within
from tests.support.wire import answer, message, new_session, parse, raw_response, response

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.protocol.session import Session

COLUMN = OID("1.3.6.1.2.1.2.2.1.10")


def begin(session: Session, count: int) -> tuple[list[Exchange], list[bytes]]:
    """Start GETs of different names and send them."""
    exchanges = [session.start(get_request((COLUMN + number,)), within(5.0), 0.0) for number in range(count)]
    return exchanges, session.data_to_send()


def feed_in_chunks(session: Session, octets: bytes, sizes: list[int]) -> None:
    """Feed octets in chunks of these sizes, and then the rest."""
    for size in sizes:
        session.receive_data(octets[:size], 1.0)
        octets = octets[size:]
    session.receive_data(octets, 1.0)


def check_every_exchange_ended_once_or_waits(session: Session, exchanges: list[Exchange]) -> None:
    """Check the invariants, and that only a correct response answers a request."""
    events = session.events()
    ended = [event for event in events if isinstance(event, Exchange)]
    closings = [event for event in events if isinstance(event, Closed)]
    assert max(Counter(map(id, ended)).values(), default=0) <= 1
    assert {id(exchange) for exchange in ended} == {id(exchange) for exchange in exchanges if exchange.ended}
    assert session.pending == sum(not exchange.ended for exchange in exchanges)
    assert closings == ([events[-1]] if session.closed is not None else [])
    if session.closed is not None:
        assert session.pending == 0
    for exchange in exchanges:
        if exchange.varbinds is not None:
            assert exchange.error is None
            assert tuple(binding.oid for binding in exchange.varbinds) == exchange.request.names
        elif exchange.ended:
            assert isinstance(exchange.error, AgentError | DecodeError | ResponseMismatch | ConnectionLost)


CHUNK_SIZES = st.lists(st.integers(1, 40), max_size=12)

#: Octets that resemble messages: nested fields, some with wrong lengths.
FIELDS = st.recursive(
    st.binary(max_size=12),
    lambda inner: st.builds(
        lambda tag, parts, lie: bytes((tag,)) + ber.encode_length(max(0, sum(map(len, parts)) + lie)) + b"".join(parts),
        st.sampled_from([0x30, 0x02, 0x04, 0x05, 0x06, 0x40, 0x41, 0x46, 0x80, *range(0xA0, 0xAA), 0x1F, 0x24]),
        st.lists(inner, max_size=4),
        st.sampled_from([0, 0, 0, 0, 1, -1, 300]),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(octets=st.binary(max_size=300), sizes=CHUNK_SIZES)
def test_no_octets_whatever_make_a_session_raise(octets: bytes, sizes: list[int]) -> None:
    session = new_session()
    exchanges, _ = begin(session, 3)

    feed_in_chunks(session, octets, sizes)

    check_every_exchange_ended_once_or_waits(session, exchanges)


@settings(max_examples=300, deadline=None)
@given(
    prefix=st.sampled_from([b"", b"\x02\x01\x01", b"\x02\x01\x01\x04\x06public", b"\x02\x01\x00\x04\x06public"]),
    body=FIELDS,
    version=st.sampled_from(["1", "2c"]),
)
def test_no_message_whatever_makes_a_session_raise_or_lose_its_framing(
    prefix: bytes, body: bytes, version: str
) -> None:
    session = new_session(version)
    exchanges, messages = begin(session, 3)

    session.receive_data(ber.tlv(ber.SEQUENCE, prefix + body), 1.0)
    check_every_exchange_ended_once_or_waits(session, exchanges)
    assert session.closed is None

    waiting = [exchange for exchange in exchanges if not exchange.ended]
    session.receive_data(b"".join(map(answer, messages)), 1.0)
    check_every_exchange_ended_once_or_waits(session, waiting)
    assert all(exchange.error is None for exchange in waiting)


MUTATIONS = st.lists(
    st.tuples(st.sampled_from(["set", "flip", "insert", "delete", "double"]), st.integers(0, 400), st.integers(0, 255)),
    min_size=1,
    max_size=6,
)


def mutate(octets: bytes, mutations: list[tuple[str, int, int]]) -> bytes:
    damaged = bytearray(octets)
    for kind, position, value in mutations:
        at = position % len(damaged) if damaged else 0
        if kind == "insert" or not damaged:
            damaged.insert(at, value)
        elif kind == "set":
            damaged[at] = value
        elif kind == "flip":
            damaged[at] ^= 1 << value % 8
        elif kind == "delete":
            del damaged[at : at + 1 + value % 8]
        else:
            damaged[at:at] = damaged[at : at + value % 40]
    return bytes(damaged)


@settings(max_examples=400, deadline=None)
@given(mutations=MUTATIONS, sizes=CHUNK_SIZES, version=st.sampled_from(["1", "2c"]))
def test_no_damage_to_sound_replies_makes_a_session_raise(
    mutations: list[tuple[str, int, int]], sizes: list[int], version: str
) -> None:
    session = new_session(version)
    exchanges, messages = begin(session, 4)

    feed_in_chunks(session, mutate(b"".join(map(answer, messages)), mutations), sizes)

    check_every_exchange_ended_once_or_waits(session, exchanges)
    session.handle_timer(session.next_timer())
    session.handle_timer(1000.0)
    assert all(exchange.ended for exchange in exchanges)
    assert session.next_timer() == inf


@settings(max_examples=150, deadline=None)
@given(data=st.data(), count=st.integers(1, 20))
def test_every_request_gets_its_own_answer_in_whatever_order_and_chunks_they_come(
    data: st.DataObject, count: int
) -> None:
    session = new_session()
    exchanges, messages = begin(session, count)
    order = data.draw(st.permutations(range(count)))
    copies = data.draw(st.lists(st.integers(1, 3), min_size=count, max_size=count))

    stream = b"".join(answer(messages[number], Integer32(number)) * copies[number] for number in order)
    feed_in_chunks(session, stream, data.draw(st.lists(st.integers(1, 60), max_size=20)))

    for number, exchange in enumerate(exchanges):
        assert exchange.varbinds == (VarBind(COLUMN + number, Integer32(number)),)
    assert [id(event) for event in session.events()] == [id(exchanges[number]) for number in order]
    assert session.statistics.responses == count
    assert session.statistics.duplicates == sum(copies) - count


def test_every_single_damaged_octet_of_a_reply_is_survived() -> None:
    _, (request,) = begin(new_session(), 1)
    reply = answer(request)
    for position in range(len(reply)):
        for value in (0x00, 0x01, 0x7F, 0x80, 0x81, 0x84, 0xFF, reply[position] ^ 1, reply[position] ^ 0x80):
            session = new_session()
            exchanges, _ = begin(session, 1)
            session.receive_data(reply[:position] + bytes((value,)) + reply[position + 1 :], 1.0)
            check_every_exchange_ended_once_or_waits(session, exchanges)


# ---------------------------------------------------------------------------------- the state machine


class Book:
    """The model of one exchange: its state and its response."""

    def __init__(self, exchange: Exchange, number: int) -> None:
        self.exchange = exchange
        self.number = number
        self.message: bytes | None = None  # once it has left
        self.state = "pending"
        self.late_answer_taken = False
        self.expected: Callable[[Exchange], bool] = lambda _: True


class SessionMachine(RuleBasedStateMachine):
    """All events of a session in any order, with a model beside it."""

    @initialize(
        first=st.sampled_from([0x01000000, 0x12345678, 0x7FFFFFFD, 0x7FFFFFFF]), version=st.sampled_from(["1", "2c"])
    )
    def open(self, first: int, version: str) -> None:
        self.session = new_session(version, first_request_id=first, frame_timeout=10.0)
        self.version = self.session._security.version
        self.now = 100.0
        self.books: list[Book] = []
        self.due: list[Book] = []  # the session's next events
        self.counters: Counter[str] = Counter()
        self.closed = False
        self.first = first

    # ---- what the machine does

    def pick(self, data: st.DataObject, *states: str) -> Book | None:
        """Choose a sent exchange in one of these states."""
        candidates = [book for book in self.books if book.message is not None and book.state in states]
        return data.draw(st.sampled_from(candidates)) if candidates else None

    def feed(self, octets: bytes, data: st.DataObject) -> None:
        """Feed octets in two chunks."""
        point = data.draw(st.integers(0, len(octets)))
        self.session.receive_data(octets[:point], self.now)
        self.session.receive_data(octets[point:], self.now)

    def count(self, *names: str) -> None:
        if not self.closed:
            self.counters.update(names)

    def end(self, book: Book, state: str, expected: Callable[[Exchange], bool]) -> None:
        if not self.closed:
            book.state = state
            book.expected = expected
            self.due.append(book)

    def settle(self) -> None:
        """Check that the session's events are exactly the expected ones."""
        events = self.session.events()
        ended = [event for event in events if isinstance(event, Exchange)]
        assert sorted(map(id, ended)) == sorted(id(book.exchange) for book in self.due)
        for book in self.due:
            assert book.exchange.ended
            assert book.expected(book.exchange), (book.state, book.exchange.error, book.exchange.varbinds)
        self.due = []

    @rule(timeout=st.sampled_from([0.05, 1.0, 5.0, 60.0]))
    def start(self, timeout: float) -> None:
        exchange = self.session.start(get_request((COLUMN + len(self.books),)), within(timeout, self.now), self.now)
        book = Book(exchange, len(self.books))
        self.books.append(book)
        if self.closed:
            book.state = "lost"
            book.expected = lambda ended: isinstance(ended.error, SnmpError) and not ended.sent
            self.due.append(book)
        self.settle()

    @rule()
    def flush(self) -> None:
        messages = self.session.data_to_send()
        waiting = {
            book.exchange.request_id: book for book in self.books if book.state == "pending" and not book.message
        }
        assert [parse(octets).request_id for octets in messages] == [*waiting]
        for octets in messages:
            pdu = parse(octets)
            book = waiting[pdu.request_id]
            assert pdu.varbinds[0].oid == COLUMN + book.number
            book.message = octets
        self.counters["requests"] += len(messages)
        assert self.session.data_to_send() == []

    @rule(data=st.data(), value=st.integers(0, 1000))
    def answer_it(self, data: st.DataObject, value: int) -> None:
        book = self.pick(data, "pending")
        if book is not None and book.message is not None:
            bindings = (VarBind(COLUMN + book.number, Integer32(value)),)
            self.end(book, "answered", lambda ended: ended.varbinds == bindings and ended.error is None)
            self.count("responses")
            self.feed(answer(book.message, Integer32(value)), data)
        self.settle()

    @rule(data=st.data(), status=st.sampled_from([1, 2, 5, 18, 77]))
    def answer_with_an_error_status(self, data: st.DataObject, status: int) -> None:
        book = self.pick(data, "pending")
        if book is not None:
            self.end(
                book, "answered", lambda ended: isinstance(ended.error, AgentError) and ended.error.status == status
            )
            self.count("responses")
            self.feed(response(book.exchange.request_id, error_status=status, version=self.version), data)
        self.settle()

    @rule(data=st.data())
    def answer_with_another_name(self, data: st.DataObject) -> None:
        book = self.pick(data, "pending")
        if book is not None:
            self.end(book, "answered", lambda ended: isinstance(ended.error, ResponseMismatch))
            self.count("responses")
            bindings = (VarBind(COLUMN + (book.number + 1), Integer32(1)),)
            self.feed(response(book.exchange.request_id, bindings, version=self.version), data)
        self.settle()

    @rule(data=st.data())
    @precondition(lambda self: self.version == SnmpVersion.V2C)
    def answer_with_broken_variable_bindings(self, data: st.DataObject) -> None:
        book = self.pick(data, "pending")
        if book is not None:
            self.end(book, "answered", lambda ended: type(ended.error) is BrokenVariable)
            self.count("responses", "malformed", "broken")
            self.feed(raw_response(book.exchange.request_id, b"\x30\x03\x06\x05\x2b"), data)
        self.settle()

    @rule(data=st.data())
    def answer_once_more(self, data: st.DataObject) -> None:
        book = self.pick(data, "answered")
        if book is not None and book.message is not None:
            self.count("duplicates")
            self.feed(answer(book.message, Integer32(-1)), data)
        self.settle()

    @rule(data=st.data())
    def answer_too_late(self, data: st.DataObject) -> None:
        book = self.pick(data, "expired", "abandoned")
        if book is not None and book.message is not None:
            self.count("duplicates" if book.late_answer_taken else "late")
            book.late_answer_taken = True
            self.feed(answer(book.message, Integer32(-1)), data)
        self.settle()

    @rule(data=st.data(), request_id=st.sampled_from([0, 1, -5, 0x00FFFFFF, -0x80000000]))
    def answer_nothing(self, data: st.DataObject, request_id: int) -> None:
        ahead = data.draw(st.booleans())
        if ahead:  # skip some ids, past the end of the range
            request_id = (self.first - 0x01000000 + len(self.books) + 3) % 0x7F000000 + 0x01000000
        self.count("unknown")
        self.feed(response(request_id, (VarBind(COLUMN + 1, Integer32(-1)),), version=self.version), data)
        self.settle()

    @rule(data=st.data(), community=st.sampled_from([b"", b"private", b"publi"]))
    def answer_in_another_community(self, data: st.DataObject, community: bytes) -> None:
        book = self.pick(data, "pending", "answered", "expired", "abandoned")
        if book is not None:
            self.count("refused")
            bindings = (VarBind(COLUMN + book.number, Integer32(-1)),)
            self.feed(response(book.exchange.request_id, bindings, community=community, version=self.version), data)
        self.settle()

    @rule(data=st.data(), octets=st.sampled_from([b"\x30\x00", b"\x30\x03\x02\x01\x01", b"\x30\x05\x04\x03abc"]))
    def send_a_malformed_message(self, data: st.DataObject, octets: bytes) -> None:
        self.count("malformed")
        self.feed(octets, data)
        self.settle()

    @rule(data=st.data(), pdu_type=st.sampled_from([PduType.GET, PduType.TRAP_V2, PduType.INFORM, PduType.REPORT]))
    def send_something_that_is_no_response(self, data: st.DataObject, pdu_type: PduType) -> None:
        book = self.pick(data, "pending", "answered")
        request_id = book.exchange.request_id if book is not None else 5
        self.count("unexpected")
        self.feed(response(request_id, pdu_type=pdu_type, version=self.version), data)
        self.settle()

    @rule(data=st.data())
    def send_a_trap_of_version_1(self, data: st.DataObject) -> None:
        self.count("unexpected")
        pdu = TrapV1Pdu(COLUMN, IpAddress("192.0.2.1"), 6, 1, TimeTicks(0))
        self.feed(message(pdu, version=self.version), data)
        self.settle()

    @rule(data=st.data())
    def abandon(self, data: st.DataObject) -> None:
        if not self.books:
            return
        book = data.draw(st.sampled_from(self.books))
        if book.state == "pending":
            book.state = "abandoned"
            self.counters["abandoned"] += 1
        self.session.abandon(book.exchange)
        self.settle()

    # Steps of at least twice the timer's granularity, so that overdue exchanges expire.
    @rule(seconds=st.sampled_from([0.01, 0.1, 1.0, 6.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for book in self.books:
            if book.state == "pending" and book.exchange.deadline.at <= self.now:
                self.count("timeouts")
                self.end(book, "expired", lambda ended: isinstance(ended.error, RequestTimeout))
        self.session.handle_timer(self.now)
        self.settle()

    def close(self) -> None:
        for book in self.books:
            if book.state == "pending":
                self.count("lost")
                self.end(book, "lost", lambda ended: isinstance(ended.error, ConnectionLost | ClosedError))

    @rule(data=st.data(), octets=st.sampled_from([b"\x30\x80", b"\xff", b"HTTP", b"\x30\x84\xff\xff\xff\xff"]))
    @precondition(lambda self: len(self.books) > 6 or self.closed)
    def lose_framing(self, data: st.DataObject, octets: bytes) -> None:
        self.close()
        self.feed(octets, data)
        self.settle_the_end()

    @rule(reason=st.sampled_from([ConnectionLost("closed"), ClosedError("the manager was closed")]))
    @precondition(lambda self: len(self.books) > 6 or self.closed)
    def end_of_stream(self, reason: SnmpError) -> None:
        self.close()
        self.session.receive_eof(reason)
        self.settle_the_end()

    @rule()
    @precondition(lambda self: len(self.books) > 6 or self.closed)
    def stop_inside_a_message(self) -> None:
        self.session.receive_data(b"\x30\x10\x02", self.now)
        self.now += 10.0
        for book in self.books:
            if book.state == "pending" and book.exchange.deadline.at <= self.now:
                self.count("timeouts")
                self.end(book, "expired", lambda ended: isinstance(ended.error, RequestTimeout))
        self.close()
        self.session.handle_timer(self.now)
        self.settle_the_end()

    def settle_the_end(self) -> None:
        events = self.session.events()
        assert [isinstance(event, Closed) for event in events] == [False] * len(self.due) + [True] * (not self.closed)
        assert sorted(id(event) for event in events if isinstance(event, Exchange)) == sorted(
            id(book.exchange) for book in self.due
        )
        for book in self.due:
            assert book.expected(book.exchange), (book.state, book.exchange.error)
        self.closed = True
        self.due = []

    # ---- what must hold after each of these

    @invariant()
    def every_exchange_is_in_the_state_that_the_books_tell(self) -> None:
        for book in self.books:
            assert book.exchange.ended == (book.state != "pending")
            if book.state == "abandoned":
                assert book.exchange.error is None
                assert book.exchange.varbinds is None
            assert book.exchange.error is None or book.exchange.varbinds is None
        assert self.session.pending == sum(book.state == "pending" for book in self.books)
        assert (self.session.closed is not None) == self.closed

    @invariant()
    def the_counters_are_those_of_the_books(self) -> None:
        counters = self.session.statistics.as_dict()
        del counters["octets_received"]
        assert {name: value for name, value in counters.items() if value} == {
            name: value for name, value in self.counters.items() if value
        }

    @invariant()
    def the_timer_is_set_where_something_waits(self) -> None:
        deadlines = [book.exchange.deadline.at for book in self.books if book.state == "pending"]
        if deadlines:
            # Not later than due, up to the granularity; earlier only if an exchange has ended early.
            assert self.session.next_timer() <= max(min(deadlines), self.now + 0.005)
        else:
            assert self.session.next_timer() == inf


SessionMachine.TestCase.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)
test_every_mix_of_events_ends_every_exchange_once = SessionMachine.TestCase
