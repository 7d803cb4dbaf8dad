"""The authoritative engine of a notification receiver and of a trap sender.

Requests to an agent are in tests/testing/test_usm_engine.py, through the testing agent's engine.
"""

from __future__ import annotations

import pytest

from snmptcp import Community, ConfigurationError, UsmUser
from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, read_v3_header, read_version
from snmptcp.codec.pdu import PduType, encode_pdu
from snmptcp.errors import DecodeError
from snmptcp.protocol.notification import notification_request
from snmptcp.security.authority import (
    AuthoritativeEngine,
    SecuredMessage,
    SecureRequest,
    check_boots,
)
from snmptcp.security.reports import NotAccepted, ReportCounter, SecurityCounters
from snmptcp.values import TimeTicks
from tests.support.senders import (
    ALICE,
    BOB,
    CAROL,
    CONFIG_CHANGED,
    EVERYBODY,
    RECEIVER_ENGINE,
    SENDER_ENGINE,
    UsmSender,
    community_message,
    notification_pdu,
    open_usm,
)

TAIL = notification_request(PduType.TRAP_V2, CONFIG_CHANGED, (), TimeTicks(7)).tail


@pytest.fixture
def counters():
    return SecurityCounters()


@pytest.fixture
def engine(counters):
    engine = AuthoritativeEngine(
        EVERYBODY,
        counters,
        accepts=(PduType.INFORM,),
        engine_id=RECEIVER_ENGINE,
        boots=3,
        max_message_size=65507,
    )
    engine.start(0)
    return engine


@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user.name.decode())
def test_the_sender_of_a_trap_is_authoritative(user, counters):
    engine = AuthoritativeEngine((), counters, engine_id=SENDER_ENGINE, boots=7, max_message_size=4000)
    engine.start(100)
    octets = engine.protect_trap(user, 0x12345678, b"\x12\x34\x56\x78", TAIL, 142)
    opened = open_usm(octets, user)
    assert opened.parameters[:4] == (SENDER_ENGINE, 7, 42, user.name)
    assert opened.flags == int(user.security_level)  # not reportable
    assert opened.message_id == opened.pdu.request_id == 0x12345678
    assert (opened.context_engine_id, opened.context_name) == (SENDER_ENGINE, b"")
    assert opened.pdu.type is PduType.TRAP_V2
    assert opened.pdu.varbinds[1].value == CONFIG_CHANGED
    assert opened.pdu.varbinds[0].value == TimeTicks(7)


def test_a_trap_has_its_users_context(engine):
    other = RECEIVER_ENGINE + b"2"
    user = ALICE.in_context("side", other)
    opened = open_usm(engine.protect_trap(user, 0x01020304, b"\1\2\3\4", TAIL, 1), user)
    assert (opened.context_engine_id, opened.context_name) == (other, b"side")


def test_a_sender_has_a_users_keys_for_each_of_its_names(counters):
    engine = AuthoritativeEngine([BOB], counters, engine_id=SENDER_ENGINE, max_message_size=4000)
    another_bob = UsmUser("bob", "SHA-512", "somebody else")
    for user in (BOB, another_bob, BOB):
        octets = engine.protect_trap(user, 0x01020304, b"\1\2\3\4", TAIL, 1)
        assert open_usm(octets, user).parameters.user == b"bob"


@pytest.mark.parametrize("context", [RECEIVER_ENGINE, SENDER_ENGINE])
@pytest.mark.parametrize("name", [b"", b"anything"])
def test_an_accepted_pdu_type_is_accepted_for_any_context(engine, counters, context, name):
    sender = UsmSender(engine_id=RECEIVER_ENGINE, context_engine_id=context, context_name=name)
    found = engine.receive(sender.inform(), 1000)
    assert isinstance(found, SecureRequest)
    assert (found.context_engine_id, found.context_name) == (context, name)
    assert counters == SecurityCounters()


def test_other_requests_must_be_for_this_engine(engine, counters):
    sender = UsmSender(engine_id=RECEIVER_ENGINE, context_engine_id=SENDER_ENGINE)
    found = engine.receive(sender.message(notification_pdu(PduType.GET)), 1000)
    assert isinstance(found, SecuredMessage)
    report = open_usm(found.encode())
    assert report.pdu.type is PduType.REPORT
    assert report.pdu.varbinds[0].oid == ReportCounter.snmpUnknownPDUHandlers.value
    assert counters.unknown_pdu_handlers == 1


def test_informs_for_other_engines_are_not_accepted_by_default(counters):
    engine = AuthoritativeEngine([ALICE], counters, engine_id=RECEIVER_ENGINE, boots=3, max_message_size=65507)
    engine.start(0)
    sender = UsmSender(engine_id=RECEIVER_ENGINE, context_engine_id=SENDER_ENGINE)
    assert isinstance(engine.receive(sender.inform(), 1000), SecuredMessage)


def test_users_can_be_added(counters):
    engine = AuthoritativeEngine([BOB], counters, engine_id=RECEIVER_ENGINE, boots=3, max_message_size=65507)
    engine.start(0)
    sender = UsmSender(user=CAROL, engine_id=RECEIVER_ENGINE, context_engine_id=RECEIVER_ENGINE)
    message = sender.message(notification_pdu(PduType.GET))
    assert isinstance(engine.receive(message, 1000), SecuredMessage)
    engine.add_users([CAROL])
    assert isinstance(engine.receive(message, 1000), SecureRequest)
    with pytest.raises(ConfigurationError, match="two users"):
        engine.add_users([UsmUser("bob")])


def test_boots_have_their_range():
    assert [check_boots(0), check_boots(2147483647)] == [0, 2147483647]
    for boots in (-1, 2147483648):
        with pytest.raises(ConfigurationError):
            check_boots(boots)


def test_privacy_without_authentication_is_dropped(engine, counters):
    sender = UsmSender(user=CAROL, engine_id=RECEIVER_ENGINE, flags=MsgFlags.PRIV | MsgFlags.REPORTABLE)
    with pytest.raises(NotAccepted) as caught:
        engine.receive(sender.inform(), 1000)
    assert caught.value.counter is ReportCounter.snmpInvalidMsgs
    assert counters == SecurityCounters()  # its caller counts it


def test_a_community_message_is_malformed_to_an_engine(engine):
    with pytest.raises(DecodeError):
        engine.receive(community_message(notification_pdu(), Community("public")), 1000)


def test_a_report_tells_the_msg_id_of_what_it_reports(engine):
    found = engine.receive(UsmSender(engine_id=b"").inform(), 1000)
    assert isinstance(found, SecuredMessage)
    octets = found.encode()
    _, offset, end = read_version(octets)
    header = read_v3_header(octets, offset, end)
    assert (header.msg_id, header.msg_flags) == (99, 0)


# ------------------------------------------------------------------------------- users of one name

FIRST = UsmUser("alice", "SHA-256", "the first secret", "AES", "the first privacy")
SECOND = UsmUser("alice", "SHA-512", "the second secret", "AES-256", "the second privacy")
UNENCRYPTED = UsmUser("alice", "SHA-512", "the second secret")
OTHER_PRIVACY = UsmUser("alice", "SHA-256", "the first secret", "AES", "another privacy")
CANDIDATES = (FIRST, SECOND, UNENCRYPTED, OTHER_PRIVACY)
INFORMER = UsmSender(engine_id=RECEIVER_ENGINE)


@pytest.fixture
def shared(counters):
    engine = AuthoritativeEngine(
        (), counters, accepts=(PduType.INFORM,), engine_id=RECEIVER_ENGINE, boots=3, max_message_size=65507
    )
    engine.add_candidates(CANDIDATES)
    engine.start(0)
    return engine


def test_the_digest_tells_which_user_of_a_name_has_sent_an_inform(shared):
    for user in (*CANDIDATES, *reversed(CANDIDATES)):
        found = shared.receive(INFORMER.at(user=user).inform(), 1000)
        assert isinstance(found, SecureRequest)
        assert found.user is user
        assert found.level is user.security_level
        octets = shared.seal(found, ber.tlv(ber.SEQUENCE, shared.scope(found) + encode_pdu(notification_pdu())), 1000)
        assert open_usm(octets, user).pdu == notification_pdu()


def test_a_report_of_the_time_has_the_digest_of_the_user_who_sent_the_message(shared):
    for user in CANDIDATES:
        report = shared.receive(INFORMER.at(user=user, time=5000).inform(), 1000)
        assert isinstance(report, SecuredMessage)
        assert report.counter is ReportCounter.usmStatsNotInTimeWindows
        assert open_usm(report.encode(), user).flags & MsgFlags.AUTH


def test_a_digest_of_no_user_of_the_name_is_wrong(shared, counters):
    stranger = UsmUser("alice", "SHA-256", "who knows this", "AES", "who knows this")
    report = shared.receive(INFORMER.at(user=stranger).inform(), 1000)
    assert isinstance(report, SecuredMessage)
    assert (report.counter, report.digests) == (ReportCounter.usmStatsWrongDigests, 3)
    assert "none of the 3 users" in report.reason
    assert counters.wrong_digests == 1


def test_a_privacy_key_of_no_user_of_the_name_is_a_decryption_error(shared):
    stranger = UsmUser("alice", "SHA-256", "the first secret", "AES", "who knows this")
    report = shared.receive(INFORMER.at(user=stranger).inform(), 1000)
    assert isinstance(report, SecuredMessage)
    assert report.counter is ReportCounter.usmStatsDecryptionErrors
