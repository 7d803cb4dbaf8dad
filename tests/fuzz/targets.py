"""What `nox -s fuzz` runs: one function for each part that takes octets from a peer.

Each target takes any octets and returns, or raises if a documented promise is broken: an exception that is not
documented, an exchange that ends twice, a secret in a text.  Documented exceptions are expected and caught.

Contains: the targets, and the keys that they use.
Does not contain: atheris (``tests/fuzz/run.py``), and the first inputs (``tests/fuzz/seeds.py``).

A fuzzer cannot guess a digest or a random id.  So one octet of an input can ask for *repair*: the target then writes
the true ids over placeholders, encrypts what is in plain text, and makes the digest right.  It does so in place, with
``tests/support/attacker.py``; everything else in the message stays as the fuzzer made it.
"""

from __future__ import annotations

import contextlib
import sys
import tracemalloc
import unicodedata
from collections import Counter
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.codec import ber
from snmptcp.codec.framer import Framer
from snmptcp.codec.message import decode_message, encode_message, read_v3_header, read_version
from snmptcp.codec.pdu import (
    check_exact,
    decode_pdu,
    decode_varbinds,
    encode_pdu,
    encode_varbind,
    encode_varbinds,
    read_pdu_header,
    salvage_varbinds,
)
from snmptcp.credentials import Community, Tsm, UsmUser
from snmptcp.errors import (
    ConfigurationError,
    ConnectionLost,
    DecodeError,
    DecryptionFailed,
    FramingError,
    MessageTooLarge,
    SecurityError,
    SnmpError,
    WrongDigest,
)
from snmptcp.explain import explain as explain_packet
from snmptcp.explain import find_packets
from snmptcp.oid import OID
from snmptcp.protocol.deadline import Deadline
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.ids import CountedIds
from snmptcp.protocol.notification import Source
from snmptcp.protocol.observer import Observer
from snmptcp.protocol.oddities import Oddity
from snmptcp.protocol.receiver import Incoming, Receiver, ReceiverCredentials, Refusal, Reply
from snmptcp.protocol.request import bulk_request, get_next_request, get_request, set_request
from snmptcp.protocol.session import Closed, Session, Unsolicited
from snmptcp.protocol.walk import named_varbinds
from snmptcp.security import privacy, tsm  # noqa: F401 - loaded while atheris instruments
from snmptcp.security.authority import AuthoritativeEngine, SecuredMessage
from snmptcp.security.choose import security_of
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.model import Refused
from snmptcp.security.remote_engine import Engine
from snmptcp.security.reports import LocalCounter, NotAccepted, SecurityCounters
from snmptcp.security.usm import UsmSecurity
from snmptcp.security.usm_keys import user_keys
from snmptcp.security.usm_message import open_scoped_pdu, read_usm_parameters, verify_digest
from snmptcp.values import Integer32, Null, VarBind
from tests.support import attacker

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.protocol.request import Request
    from snmptcp.protocol.session import Event

#: The octets that stand for the msgID, and the request-id, of the message that left as number 0 to 7.
MESSAGE_ID = bytes.fromhex("12345670")
REQUEST_ID = bytes.fromhex("12345678")

#: The engine ID of the authoritative side in seeds and targets.
ENGINE_ID = attacker.ENGINE_A
BOOTS, TIME = 7, 5000

USERS = (
    attacker.User("plain"),
    attacker.User("auth", "SHA-256", "authpass123"),
    attacker.User("priv", "SHA-256", "authpass123", "AES", "privpass123"),
    attacker.User("des", "MD5", "authpass123", "DES", "privpass123"),
    attacker.User("long", "SHA", "authpass123", "AES-256", "privpass123"),
)
SECRETS = ("authpass123", "privpass123")

#: The most memory that an input may take, in octets: so much in any case, and so much for each octet of the input.
MEMORY_FOR_ANY_INPUT = 64 * 1024
MEMORY_FOR_AN_OCTET = 64

#: The most work that an input may cause, in calls of Python functions: the same.
CALLS_FOR_ANY_INPUT = 5000
CALLS_FOR_AN_OCTET = 40

_MAX_MESSAGE_SIZE = 65507
_NAME = OID("1.3.6.1.2.1.1.3.0")


def _credentials(user: attacker.User) -> UsmUser:
    if not user.auth:
        return UsmUser(user.name)
    if not user.priv:
        return UsmUser(user.name, user.auth, user.auth_password)
    return UsmUser(user.name, user.auth, user.auth_password, user.priv, user.priv_password)


_BY_CREDENTIALS = {user: _credentials(user) for user in USERS}
_USM_USERS = tuple(_BY_CREDENTIALS.values())
_BY_NAME = {user.name.encode(): user for user in USERS}


# ------------------------------------------------------------------------------------------ repair


class _Span(NamedTuple):
    """One element of a message: its tag, and where its contents begin and end."""

    tag: int
    start: int
    end: int


def _span(message: bytes, offset: int, end: int) -> _Span:
    element, stop = attacker.read_tlv(message, offset)
    if stop > end:
        raise ValueError("an element is longer than the one around it")
    return _Span(element.tag, stop - len(element.contents), stop)


def _spans(message: bytes, offset: int, end: int, most: int) -> list[_Span]:
    found: list[_Span] = []
    while offset < end and len(found) < most:
        found.append(_span(message, offset, end))
        offset = found[-1].end
    return found


def repair(message: bytes) -> bytes:
    """Encrypt and authenticate a message of a known user in place; return it unchanged if that is not possible."""
    try:
        return _repaired(message)
    except (ValueError, IndexError):  # too broken, or a field is missing
        return message


def _repaired(message: bytes) -> bytes:
    whole = _span(message, 0, len(message))
    _, header, parameters, data = _spans(message, whole.start, whole.end, 4)
    flags = message[_spans(message, header.start, header.end, 4)[2].start]
    security = _span(message, parameters.start, parameters.end)
    engine, boots, time, name, digest, salt = _spans(message, security.start, security.end, 6)
    user = _BY_NAME.get(message[name.start : name.end])
    if user is None or not flags & attacker.AUTH or not user.auth:
        return message
    engine_id = message[engine.start : engine.end]
    repaired = bytearray(message)
    if flags & attacker.PRIV and user.priv and data.tag == attacker.OCTET_STRING and salt.end - salt.start == 8:
        vector = (
            int.from_bytes(message[boots.start : boots.end], "big") & 0x7FFFFFFF,
            int.from_bytes(message[time.start : time.end], "big") & 0x7FFFFFFF,
            message[salt.start : salt.end],
        )
        plain = message[data.start : data.end]
        encrypted = attacker.encrypt(user.priv, user.priv_key(engine_id), plain, *vector)
        if len(encrypted) == len(plain):
            repaired[data.start : data.end] = encrypted
    if digest.end - digest.start == attacker.DIGESTS[user.auth][1]:
        repaired[digest.start : digest.end] = bytes(digest.end - digest.start)
        repaired[digest.start : digest.end] = attacker.mac(user.auth, user.auth_key(engine_id), bytes(repaired))
    return bytes(repaired)


def _messages(stream: bytes) -> tuple[list[bytes], bytes]:
    """Cut a stream into messages, as far as it consists of SEQUENCEs, and the rest."""
    messages: list[bytes] = []
    offset = 0
    while stream.startswith(b"\x30", offset):
        header = attacker.message_header(stream, offset)
        if header is None or offset + sum(header) > len(stream) or stream[offset + 1] == 0x80:
            break
        messages.append(stream[offset : offset + sum(header)])
        offset += sum(header)
    return messages, stream[offset:]


# ----------------------------------------------------------------------------------------- decoder


def decoder(data: bytes) -> None:
    """Decode a message, and the same octets as a PDU: DecodeError, or a result that survives a round trip."""
    try:
        message = decode_message(data)
    except DecodeError as error:
        _check_text(error)
    else:
        assert decode_message(encode_message(message)) == _canonical(message)
        assert repr(message)
    try:
        pdu = decode_pdu(data, 0, len(data))
    except DecodeError as error:
        _check_text(error)
    else:
        encoded = encode_pdu(pdu)
        assert decode_pdu(encoded, 0, len(encoded)) == pdu
        for oid, value in pdu.varbinds:
            assert str(oid) == attacker.read_tlv(encode_varbind(oid, value))[0].children[0].oid
            assert str(value) or not value
            assert repr(value)
            assert hash(value) is not None
            for attribute in ("seconds", "timedelta", "printable", "number", "address"):
                getattr(value, attribute, None)
    try:
        header = read_pdu_header(data, 0, len(data))
    except DecodeError as error:
        _check_text(error)
        return
    start, end = header.varbinds_start, header.varbinds_end
    try:
        varbinds = decode_varbinds(data, start, end)
    except DecodeError as error:
        _check_text(error)
        salvaged = salvage_varbinds(data, start, end, error)
        assert salvaged.position <= len(salvaged.varbinds)
        assert len(salvaged.varbinds) + len(salvaged.broken) <= (end - start) // 2
        assert str(salvaged).isprintable()
        named = named_varbinds(salvaged)
        assert named[: salvaged.position] == list(salvaged.varbinds[: salvaged.position])
        assert set(salvaged.varbinds) <= set(named)
    else:
        with contextlib.suppress(DecodeError):
            check_exact(data, start, end, varbinds)
            encoded = encode_varbinds(varbinds)
            assert decode_varbinds(encoded, ber.read_header(encoded, 0, len(encoded))[1], len(encoded)) == varbinds


def _canonical(message: object) -> object:
    """Return a message as its shortest encoding is decoded: other lengths move the security parameters."""
    decoded = decode_message(encode_message(message))  # type: ignore[arg-type]
    if hasattr(message, "security_parameters_start"):
        return message._replace(  # type: ignore[attr-defined]
            security_parameters_start=decoded.security_parameters_start  # type: ignore[union-attr]
        )
    return message


def _check_text(error: SnmpError) -> None:
    """Check that an error's text is short and printable."""
    text = str(error)
    assert text
    assert len(text) < 500
    assert text.isprintable()


# ------------------------------------------------------------------------------------------ framer


def framer(data: bytes) -> None:
    """Cut a stream into messages: the same ones whatever the chunks, none too long, none from thin air.

    Input: the size of the chunks (0: everything at once), the limit in units of 16 octets, the stream.
    """
    size, limit, stream = data[:1], data[1:2], data[2:]
    most = 2 + 16 * (limit[0] if limit else 255)
    whole = Framer(most)
    messages = whole.feed(stream)
    cut = Framer(most)
    count = 0
    step = size[0] if size and size[0] else 1
    for offset in range(0, len(stream), step):
        for message in cut.feed(stream[offset : offset + step]):
            assert message == messages[count]
            count += 1
        held = cut.held
        assert held <= max(most, 6)  # the longest header
        assert cut.mid_message == (held > 0)
    assert count == len(messages)
    assert type(cut.failure) is type(whole.failure)
    assert cut.mid_message == whole.mid_message or cut.failure is not None
    offset = 0
    for message in messages:
        assert len(message) <= most
        assert stream.startswith(message, offset)
        assert attacker.split(message) == ([message], b"")
        offset += len(message)
    if whole.failure is not None:
        assert isinstance(whole.failure, FramingError | MessageTooLarge)
        _check_text(whole.failure)
        assert whole.feed(b"\x30\x00") == []


# --------------------------------------------------------------------------------------------- USM


def usm_open(data: bytes) -> None:
    """Check and decrypt a message: a documented exception, or what an independent reader finds in it.

    Input: an octet (bits 0 to 2: the user; 3: repair), the message.
    """
    control, message = data[0] if data else 0, data[1:]
    number = control % 8 % len(USERS)
    if control & 8:
        message = repair(message)
    try:
        version, offset, end = read_version(message)
        if version != 3:
            return
        header = read_v3_header(message, offset, end)
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
    except DecodeError as error:
        _check_text(error)
        return
    keys = user_keys(_USM_USERS[number], parameters.engine_id)
    right = False
    if header.msg_flags & attacker.AUTH and keys.authenticator is not None:
        with contextlib.suppress(WrongDigest):
            verify_digest(message, parameters, keys.authenticator)
            right = True
    try:
        plain = open_scoped_pdu(message, header, parameters, keys.privacy)
        decode_pdu(plain.data, plain.start, plain.stop)
    except (DecodeError, DecryptionFailed) as error:
        _check_text(error)
        return
    assert 0 <= plain.start <= plain.stop <= len(plain.data) <= len(message)
    renamed = replace(USERS[number], name=parameters.user.decode("latin-1"))
    if parameters.user.isascii() and header.security_model == attacker.USM:
        read = attacker.read_message(message, [renamed])
        assert (read.digest_is_right or False) == right
        assert (read.engine_id, read.user) == (parameters.engine_id, parameters.user)
        assert (read.boots, read.time) == (parameters.boots, parameters.time)
        assert (read.context_engine_id, read.context_name) == (plain.context_engine_id, plain.context_name)
        assert read.opened.octets == plain.data[plain.start : plain.stop]


def usm_manager(data: bytes) -> None:
    """Take a reply as a manager does: a documented exception, or what the user's keys and the engine vouch for.

    Input: an octet (bits 0 to 2: the user; 3: repair; 4: the engine is given), the message.
    """
    control, message = data[0] if data else 0, data[1:]
    user = USERS[control % 8 % len(USERS)]
    forger = not control & 8 and bool(user.auth)
    given = bool(control & 16)
    engine = Engine(EngineInfo(ENGINE_ID, BOOTS, TIME) if given else None, 0.0)
    security = UsmSecurity(_BY_CREDENTIALS[user], engine, _MAX_MESSAGE_SIZE)
    asked = ENGINE_ID if given else None
    try:
        opened = security.open(repair(message) if control & 8 else message)
        header = read_pdu_header(opened.data, opened.start, opened.stop)
        varbinds = decode_varbinds(opened.data, header.varbinds_start, header.varbinds_end)
        assert opened.origin is not None
        if header.tag == attacker.REPORT:
            verdict = security.receive_report(opened.origin, asked, varbinds, 1.0)
            _check_text(verdict.error)
            assert not (forger and (verdict.trusted or verdict.authentic))
            if forger and verdict.resend:  # a hint at a later time, to send with alone
                assert given
                assert (opened.origin.boots, opened.origin.time) > (BOOTS, TIME)
                assert engine.clock.boots == BOOTS
        else:
            security.accept(opened.origin, asked, 1.0)
            assert not forger, "a response without a right digest"
            assert opened.origin.engine_id == asked
    except (Refused, SecurityError, DecodeError) as error:
        _check_text(error.reason if isinstance(error, Refused) else error)
    if given:
        _check_given(engine, 1.0, keys=bool(control & 8))


def _check_given(engine: Engine, now: float, *, keys: bool) -> None:
    """Check that a given engine is still the one that is asked, and has gone back in time only for who has keys."""
    assert engine.engine_id == ENGINE_ID, "a given engine was left for another"
    assert keys or engine.info(now)[1:] >= (BOOTS, TIME), "an engine went back in time"


def usm_authority(data: bytes) -> None:
    """Take requests as an agent's engine does: NotAccepted, DecodeError, a request, or a report that can be encoded.

    Input: an octet (bit 3: repair), a stream of messages.
    """
    control, stream = data[0] if data else 0, data[1:]
    statistics = SecurityCounters()
    engine = AuthoritativeEngine(
        _USM_USERS, statistics, engine_id=ENGINE_ID, boots=BOOTS, max_message_size=_MAX_MESSAGE_SIZE
    )
    engine.start(-TIME)
    messages, rest = _messages(stream)
    for message in [*messages, rest]:
        try:
            taken = engine.receive(repair(message) if control & 8 else message, 1.0)
        except (NotAccepted, DecodeError):
            continue
        if isinstance(taken, SecuredMessage):
            assert taken.counter is not None
            answer = taken.encode()
        else:
            assert taken.level == 0 or control & 8, "a request without a right digest"
            assert int(taken.level) <= USERS[_USM_USERS.index(taken.user)].flags
            scoped = attacker.sequence(engine.scope(taken), attacker.pdu(attacker.RESPONSE, 1))
            answer = engine.seal(taken, scoped, 1.0)
        assert attacker.read_message(answer, USERS).digest_is_right is not False


# ----------------------------------------------------------------------------------------- session

_KINDS: tuple[Community | UsmUser | Tsm, ...] = (
    Community("public"),
    Community("public", "1"),
    *_USM_USERS,
    Tsm(),
)


def _requests() -> list[Request]:
    return [
        get_request((_NAME,)),
        set_request((VarBind(_NAME, Integer32(5)),)),
        get_next_request((_NAME, OID("1.3.6.1.2.1.2"))),
        bulk_request((_NAME, OID("1.3.6.1.2.1.2")), 1, 5),
    ]


class _Witness(Observer):
    """Counts what ended, and checks what a tool is told."""

    __slots__ = ("ended",)

    def __init__(self) -> None:
        self.ended: Counter[int] = Counter()

    def exchange_ended(self, exchange: Exchange) -> None:
        self.ended[id(exchange)] += 1

    def message_refused(self, message: bytes, error: SnmpError) -> None:
        assert message
        _check_text(error)


class _Conversation:
    """A session with four requests, what left, and what ended."""

    def __init__(self, control: bytes) -> None:
        kind, chunk, flags, step = control.ljust(4, b"\0")
        credentials = _KINDS[kind % len(_KINDS)]
        self.forger = not flags & 1 and isinstance(credentials, UsmUser) and bool(credentials.auth)
        self.repairs = bool(flags & 1)
        self.chunk = chunk or _MAX_MESSAGE_SIZE
        self.step = step / 4
        self.now = 0.0
        self.witness = _Witness()
        self.given = bool(flags & 2)
        self.engine = Engine(EngineInfo(ENGINE_ID, BOOTS, TIME) if self.given else None, 0.0)
        self.session = Session(
            security_of(credentials, self.engine, _MAX_MESSAGE_SIZE),
            max_message_size=_MAX_MESSAGE_SIZE,
            request_ids=CountedIds(0x01020304) if flags & 4 else None,
            observer=self.witness,
            report_grace=1.0 if flags & 16 else None,
        )
        self.session.receptive = bool(flags & 8)
        self.ids: list[tuple[int, int]] = []
        self.left: Counter[bytes] = Counter()
        self.events: list[Event] = []
        self.exchanges = [self.session.start(request, Deadline(30.0, 30.0), 0.0) for request in _requests()]
        self.flush()

    def flush(self) -> None:
        for octets in self.session.data_to_send(now=self.now):
            message = attacker.read_message(octets, USERS)
            pdu = message.opened
            self.ids.append((message.message_id, pdu.request_id))
            self.left[pdu.octets[:1]] += 1
        self.events += self.session.events()

    def feed(self, message: bytes) -> None:
        """Put the true ids into a message, repair it if the input asks for that, and receive it in chunks."""
        for number, (message_id, request_id) in enumerate(self.ids[-8:] if len(self.ids) > 8 else self.ids):
            message = message.replace(MESSAGE_ID[:3] + bytes([MESSAGE_ID[3] + number]), message_id.to_bytes(4, "big"))
            message = message.replace(REQUEST_ID[:3] + bytes([REQUEST_ID[3] + number]), request_id.to_bytes(4, "big"))
        if self.repairs:
            message = repair(message)
        for offset in range(0, len(message), self.chunk):
            self.session.receive_data(message[offset : offset + self.chunk], self.now)
        self.now += self.step
        if self.session.next_timer() <= self.now:
            self.session.handle_timer(self.now)
        self.flush()


def session(data: bytes) -> None:
    """Play an agent against a session: nothing raises, each exchange ends once, no forgery is believed.

    Input: the credentials, the size of the chunks, flags (1: repair; 2: the engine is known; 4: counted ids; 8: the
    session is receptive; 16: a request whose reply was refused ends after a second), the seconds between two messages
    in quarters, the stream.
    """
    talk = _Conversation(data[:4])
    messages, rest = _messages(data[4:])
    for message in [*messages, rest]:
        talk.feed(message)
    under_test = talk.session
    assert under_test.closed is None or under_test.pending == 0
    under_test.handle_timer(under_test.next_timer() if under_test.next_timer() != inf else 0.0)
    under_test.handle_timer(1e6)
    talk.flush()
    assert under_test.pending == 0
    assert under_test.next_timer() == inf
    ended = [event for event in talk.events if isinstance(event, Exchange)]
    assert sorted(map(id, ended)) == sorted(map(id, talk.exchanges)), "an exchange ended twice, or never"
    assert sorted(talk.witness.ended.elements()) == sorted(map(id, talk.exchanges))
    closings = [event for event in talk.events if isinstance(event, Closed)]
    assert len(closings) == (under_test.closed is not None)
    assert under_test.receptive or not any(isinstance(event, Unsolicited) for event in talk.events)
    for exchange in talk.exchanges:
        _check_end(exchange, forger=talk.forger)
    assert talk.left[bytes([attacker.SET])] <= 1, "a SET left twice"
    if talk.given:
        _check_given(talk.engine, talk.now, keys=talk.repairs)
    assert max(talk.left.values(), default=0) <= 8


def _check_end(exchange: Exchange, *, forger: bool) -> None:
    if exchange.error is None:
        assert exchange.varbinds is not None
        assert not forger, "an answer without a right digest was believed"
        assert exchange.request.check(exchange.varbinds) is None
    else:
        assert exchange.varbinds is None
        assert isinstance(exchange.error, SnmpError)
        if not isinstance(exchange.error, ConnectionLost):
            assert str(exchange.error)


# ---------------------------------------------------------------------------------------- receiver


def receiver(data: bytes) -> None:
    """Take notifications as a listener does: each message is accepted, answered or refused, and counted once.

    Input: an octet (1: repair; 2: the connection has a security name, as TLS gives it; 4: users of one engine only; 8:
    strict; 16: clocks may stand still), a stream of messages.
    """
    control, stream = data[0] if data else 0, data[1:]
    users = [(user, attacker.ENGINE_B) for user in _USM_USERS] if control & 4 else _USM_USERS
    credentials: list[ReceiverCredentials] = [Community("public"), Community("public", "1"), *users, Tsm()]
    under_test = Receiver(
        credentials,
        engine_id=ENGINE_ID,
        boots=BOOTS,
        max_message_size=_MAX_MESSAGE_SIZE,
        strict=bool(control & 8),
        frozen_clock=bool(control & 16),
    )
    under_test.start(-TIME)
    statistics = under_test.statistics
    security_name = b"device" if control & 2 else None
    messages, rest = _messages(stream)
    for number, message in enumerate([*messages, rest], 1):
        outcome = under_test.receive(
            repair(message) if control & 1 else message,
            1.0,
            source=Source("192.0.2.1", 161),
            security_name=security_name,
        )
        assert statistics.messages == number
        if isinstance(outcome, Incoming):
            _check_notification(outcome, control)
        elif isinstance(outcome, Reply):
            _check_reply(outcome)
        else:
            assert isinstance(outcome, Refusal)
            assert outcome.reason
    refused = sum(statistics.refused.values())
    assert statistics.notifications + statistics.probes + refused == statistics.messages


def _check_reply(outcome: Reply) -> None:
    try:
        assert attacker.read_message(outcome.octets, USERS).digest_is_right is not False
    except ValueError:  # the answer to an inform repeats what cannot be read; a report repeats nothing
        assert outcome.counter in {None, LocalCounter.LEVEL_TOO_LOW}


def _check_notification(outcome: Incoming, control: int) -> None:
    notification = outcome.notification
    assert notification.is_inform == (outcome.acknowledge is not None)
    assert repr(notification)
    assert len(notification.proxy_varbinds) >= len(notification.varbinds)
    assert notification.agent
    assert notification.get(notification.varbinds[0].oid) is not None if notification.varbinds else True
    assert notification.enterprise is None or encode_varbinds([VarBind(notification.enterprise, Null())])
    assert 0 <= notification.generic_trap <= 6 or Oddity.GENERIC_TRAP in notification.oddities
    assert not (notification.oddities and control & 8), "a strict receiver delivers what is odd"
    assert bool(notification.unreadable) == (Oddity.UNREADABLE_VARBIND in notification.oddities)
    assert notification.octets
    assert 0 <= notification.uptime <= 0xFFFFFFFF
    assert isinstance(notification.specific_trap, int)
    with contextlib.suppress(ConfigurationError):  # SNMPv1 cannot carry it
        assert encode_pdu(notification.to_v1())
    if notification.security_level:
        assert control & 3, "a notification without a right digest, or without TLS"
    if outcome.acknowledge is not None:
        octets = outcome.acknowledge(0, 0, 1.0)
        assert octets.startswith(b"\x30")
        if not notification.unreadable:  # an acknowledgement repeats what cannot be read
            assert attacker.read_message(octets, USERS).opened.kind == attacker.RESPONSE


# ----------------------------------------------------------------------------------------- explain


def explain(data: bytes) -> None:
    """Explain octets: a text of bounded length, without control characters but newlines, without secrets.

    Input: an octet (1: keys are given; 2: communities are shown; 4: it is text; 8: repair), the packet, the capture or
    the text.
    """
    control, packet = data[0] if data else 0, data[1:]
    if control & 8:
        packet = repair(packet)
    pasted = packet.decode("utf-8", "surrogateescape") if control & 4 else packet
    text = explain_packet(pasted, users=_USM_USERS if control & 1 else (), show_secrets=bool(control & 2))
    assert text
    assert len(text) < 1000 * 1000
    assert all(character == "\n" or unicodedata.category(character) != "Cc" for character in text)
    with contextlib.suppress(ConfigurationError):
        assert all(message.octets for message in find_packets(pasted).messages)
    octets = packet.hex()
    for secret in SECRETS:
        assert control & 4 or secret not in text or secret.encode().hex() in octets


# ---------------------------------------------------------------------------------------- measuring

TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (decoder, framer, usm_open, usm_manager, usm_authority, session, receiver, explain)
}


def run_measured(target: Callable[[bytes], None], data: bytes) -> None:
    """Run a target three times; check that memory and work are no more than a multiple of the input's size.

    The first run fills caches.
    """
    target(data)
    memory = _memory(target, data)
    limit = MEMORY_FOR_ANY_INPUT + MEMORY_FOR_AN_OCTET * len(data)
    assert memory <= limit, f"an input of {len(data)} octets takes {memory} octets of memory, more than {limit}"
    calls = _calls(target, data)
    limit = CALLS_FOR_ANY_INPUT + CALLS_FOR_AN_OCTET * len(data)
    assert calls <= limit, f"an input of {len(data)} octets causes {calls} calls, more than {limit}"


def _memory(target: Callable[[bytes], None], data: bytes) -> int:
    """Return the most octets that are allocated at one time."""
    tracemalloc.start()
    try:
        target(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _calls(target: Callable[[bytes], None], data: bytes) -> int:
    """Return how many Python functions are called."""
    count = 0

    def profile(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        target(data)
    finally:
        sys.setprofile(before)
    return count
