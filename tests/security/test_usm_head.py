"""Known heads: a message is opened, or refused, exactly as without them, whatever is changed in it.

Sources: RFC 3414 section 3.2, RFC 3412 section 7.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.codec.message import encode_context, read_v3_header, read_version
from snmptcp.credentials import SecurityLevel, UsmUser
from snmptcp.errors import DecodeError
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.model import Refused
from snmptcp.security.remote_engine import Engine
from snmptcp.security.usm import UsmSecurity
from snmptcp.security.usm_head import KnownHead, known_head
from snmptcp.security.usm_keys import user_keys
from snmptcp.security.usm_message import MessageHeader, UsmParameters, encode_usm_message, read_usm_parameters
from tests.support.usm import AUTH_USER, ENGINE_ID, OTHER_ENGINE_ID, PLAIN_USER, PRIV_USER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snmptcp.security.model import Opened

DES_USER = UsmUser("shades", "SHA-256", "authpass123", "DES", "privpass123")

USERS = [AUTH_USER, PRIV_USER, DES_USER]
users = pytest.mark.parametrize("user", USERS, ids=lambda user: user.name.decode())

CONTEXT = encode_context(ENGINE_ID, b"")
PDU = ber.tlv(0xA2, b"\x02\x04\x01\x02\x03\x04\x02\x01\0\x02\x01\0\x30\0")


def reply(
    user: UsmUser,
    message_id: int = 0x41424344,
    pdu: bytes = PDU,
    context: bytes = CONTEXT,
    time: int = 1000,
    engine_id: bytes = ENGINE_ID,
    max_size: int = 65507,
) -> bytes:
    return sealed(user, ber.tlv(ber.SEQUENCE, context + pdu), message_id, time, engine_id, max_size)


def sealed(
    user: UsmUser,
    scoped_pdu: bytes,
    message_id: int = 0x41424344,
    time: int = 1000,
    engine_id: bytes = ENGINE_ID,
    max_size: int = 65507,
) -> bytes:
    """Return an authentic message with any octets in the place of its ScopedPDU."""
    header = MessageHeader(message_id, max_size, int(user.security_level))
    parameters = UsmParameters(engine_id, 7, time, user.name)
    return encode_usm_message(header, parameters, scoped_pdu, user_keys(user, engine_id))


def fresh(user: UsmUser) -> UsmSecurity:
    return UsmSecurity(user, Engine(EngineInfo(ENGINE_ID, 7, 1000), 0.0), 65507)


def experienced(user: UsmUser) -> UsmSecurity:
    """Return a security model that has a known head."""
    security = fresh(user)
    for message_id in (0x41000000, 0x42000000):
        security.open(reply(user, message_id))
    assert security._known is not None
    return security


def outcome(security: UsmSecurity, message: bytes) -> Any:
    """Return what is made of a message: all of it, or the error with its text and msgID."""
    try:
        opened = security.open(message)
    except Refused as refused:
        return type(refused.reason), str(refused.reason), refused.exchange_id
    except DecodeError as error:
        return type(error), str(error)
    return opened


def opened_by_head(security: UsmSecurity, message: bytes) -> Opened | None:
    """Return what the known head itself makes of a message."""
    assert security._known is not None
    _, offset, end = read_version(message)
    return security._known.open(message, offset, end)


# ------------------------------------------------------------------------------------- recognition


@users
def test_a_message_with_a_known_head_is_opened_by_it(user: UsmUser) -> None:
    security = experienced(user)
    for message_id in (0x00800000, 0x43444546, 0x7FFFFFFF):
        for pdu in (PDU, ber.tlv(0xA2, PDU[2:] + bytes(60)), ber.tlv(0xA2, bytes(300)), ber.tlv(0xA2, bytes(70_000))):
            message = reply(user, message_id, pdu)

            opened = opened_by_head(security, message)

            assert opened is not None
            assert opened == security.open(message) == fresh(user).open(message)
            assert opened.message_id == message_id
            assert opened.data[opened.start : opened.stop] == pdu


@users
def test_answers_of_one_second_share_what_they_tell_of_their_origin(user: UsmUser) -> None:
    security = experienced(user)
    first, second = (security.open(reply(user, message_id)).origin for message_id in (0x43000000, 0x44000000))

    assert first is second
    for asked, accepted in ((ENGINE_ID, True), (OTHER_ENGINE_ID, False), (ENGINE_ID, True)):
        assert first is not None
        if accepted:
            security.accept(first, asked, 0.0)
        else:
            with pytest.raises(Exception, match="another engine"):
                security.accept(first, asked, 0.0)


@users
def test_the_first_message_of_a_second_makes_no_head_the_second_does(user: UsmUser) -> None:
    security = fresh(user)
    security.open(reply(user))
    assert security._known is None
    security.open(reply(user))
    known = security._known
    assert known is not None
    security.open(reply(user, time=1001))
    assert security._known is known
    security.open(reply(user, time=1001))
    assert security._known is not known


def test_no_head_is_kept_of_messages_that_are_not_authenticated() -> None:
    security = fresh(PLAIN_USER)
    for _ in range(3):
        security.open(reply(PLAIN_USER))

    assert security._known is None


@users
def test_no_head_is_kept_of_messages_that_are_refused(user: UsmUser) -> None:
    security = fresh(user)
    message = reply(user)
    for _ in range(3):
        with pytest.raises(Refused):
            security.open(message[:60] + bytes((message[60] ^ 1,)) + message[61:])

    assert security._known is None


@users
@pytest.mark.parametrize("message_id", [0, 127, 128, 0x7FFF, 0x7FFFFF])
def test_a_message_whose_msg_id_has_fewer_octets_makes_no_head_and_is_opened(user: UsmUser, message_id: int) -> None:
    security = fresh(user)
    message = reply(user, message_id)
    for _ in range(3):
        assert security.open(message).message_id == message_id
    assert security._known is None

    assert outcome(experienced(user), message) == outcome(fresh(user), message)


# ------------------------------------------------------------------------------------- the same result


def variants(user: UsmUser) -> Iterator[bytes]:
    """Yield authentic messages that differ from those of the known head."""
    yield reply(user, time=1001)
    yield reply(user, time=100_000)
    yield reply(user, max_size=484)
    yield reply(user, max_size=0x7FFFFFFF)
    yield reply(user, engine_id=OTHER_ENGINE_ID)
    yield reply(user, context=encode_context(OTHER_ENGINE_ID, b""))
    yield reply(user, context=encode_context(ENGINE_ID, b"another"))
    yield reply(user, context=encode_context(b"", b""))
    yield reply(user, context=CONTEXT[:-2])  # a context is cut short, or no SEQUENCE
    yield reply(user, context=b"", pdu=b"")
    yield reply(user, pdu=b"")
    yield reply(user, pdu=PDU * 2)
    yield reply(user, pdu=bytes(200))
    yield reply(UsmUser("another", "SHA-256", "authpass123"))
    yield reply(UsmUser(user.name, "SHA-256", "authpass124", "AES", "privpass123"))
    yield reply(UsmUser(user.name, "SHA-256", "authpass123", "AES", "privpass124"))
    yield reply(UsmUser(user.name, "SHA-512", "authpass123", "AES", "privpass123"))
    yield reply(PLAIN_USER)
    yield reply(AUTH_USER)
    yield reply(PRIV_USER)


@users
def test_authentic_messages_with_another_head_or_context_have_the_same_outcome(user: UsmUser) -> None:
    for message in variants(user):
        assert outcome(experienced(user), message) == outcome(fresh(user), message)


@users
def test_any_octet_may_be_changed_with_the_same_outcome(user: UsmUser) -> None:
    message = reply(user)
    security, other = experienced(user), fresh(user)
    for place in range(len(message)):
        for change in (1, 0x80, 0xFF):
            changed = message[:place] + bytes((message[place] ^ change,)) + message[place + 1 :]
            result = outcome(security, changed)

            assert result == outcome(other, changed)
            level = getattr(getattr(result, "origin", None), "level", None)
            assert level in {None, SecurityLevel.noAuthNoPriv}  # it is refused, or is not authentic


@users
def test_a_message_that_is_cut_off_or_followed_by_octets_has_the_same_outcome(user: UsmUser) -> None:
    message = reply(user)
    security, other = experienced(user), fresh(user)
    for changed in (*(message[:stop] for stop in range(len(message))), message + b"\0", message * 2):
        assert outcome(security, changed) == outcome(other, changed)


@users
@settings(max_examples=60)
@given(data=st.data())
def test_octets_taken_out_put_in_or_changed_have_the_same_outcome(user: UsmUser, data: st.DataObject) -> None:
    message = bytearray(reply(user))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(message)))
        stop = start + data.draw(st.integers(0, 3))
        message[start:stop] = data.draw(st.binary(max_size=3))

    assert outcome(experienced(user), bytes(message)) == outcome(fresh(user), bytes(message))


@users
def test_authentic_octets_that_are_no_scoped_pdu_or_have_a_wrong_length_have_the_same_outcome(user: UsmUser) -> None:
    right = CONTEXT + PDU
    for length in range(0x80):  # shorter than its context, than its PDU, right, and longer than what is there
        changed = sealed(user, bytes((0x30, length)) + right)
        assert outcome(experienced(user), changed) == outcome(fresh(user), changed)
    for scoped_pdu in (
        b"\x31" + bytes((len(right),)) + right,
        b"\x30\x81" + bytes((len(right),)) + right,
        b"\x30\x80" + right,
        b"\x30\x81" + right + bytes(200),
        b"\x30\xc0" + right + bytes(200),
        b"\x30",
        b"\x30\0",
        ber.tlv(ber.SEQUENCE, right) + b"\0",
        ber.tlv(ber.SEQUENCE, right) + bytes(200),
    ):
        changed = sealed(user, scoped_pdu)
        assert outcome(experienced(user), changed) == outcome(fresh(user), changed)


def test_an_engine_that_was_forgotten_is_unknown_in_spite_of_its_known_head() -> None:
    security, other = experienced(PRIV_USER), fresh(PRIV_USER)
    for each in (security, other):
        each.engine.forget()
        each.engine._earlier.clear()

    assert outcome(security, reply(PRIV_USER)) == outcome(other, reply(PRIV_USER))
    assert outcome(security, reply(PRIV_USER))[1] == "the reply names another engine ID than the request"


# -------------------------------------------------------------------------------------------- itself


def test_a_head_does_not_show_keys() -> None:
    head = experienced(PRIV_USER)._known

    assert "authpass" not in repr(head)
    assert repr(head).startswith("<snmptcp.security.usm_head.KnownHead object")


def test_only_a_message_with_a_msg_id_of_four_octets_becomes_a_head() -> None:
    origin = fresh(PRIV_USER).open(reply(PRIV_USER)).origin
    assert origin is not None
    for message_id, usual in ((0x41424344, True), (0x414243, False)):
        message = reply(PRIV_USER, message_id)
        _, offset, end = read_version(message)
        header = read_v3_header(message, offset, end)
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
        head = known_head(message, offset, header, parameters, origin, user_keys(PRIV_USER, ENGINE_ID))
        assert isinstance(head, KnownHead) == usual
