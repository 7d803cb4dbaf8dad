"""The notification receiver without I/O: which messages it accepts, answers and refuses."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from snmptcp import (
    OID,
    Community,
    ConfigurationError,
    IpAddress,
    Null,
    SecurityLevel,
    SnmpVersion,
    TimeTicks,
    Tsm,
    UsmUser,
    VarBind,
)
from snmptcp.codec.message import (
    CommunityMessage,
    MsgFlags,
    V3Message,
    decode_message,
    encode_message,
)
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.errors import ErrorStatus
from snmptcp.protocol.notification import Notification, Source
from snmptcp.protocol.oddities import Oddity
from snmptcp.protocol.receiver import (
    MAX_REPEATS,
    Incoming,
    Outcome,
    Receiver,
    ReceiverStatistics,
    Refusal,
    Repeated,
    Reply,
)
from snmptcp.security.remote import SeenMessages
from snmptcp.security.reports import ReportCounter
from tests.support.odd import PLAIN_V1, usm
from tests.support.senders import (
    ALICE,
    BOB,
    CAROL,
    CONFIG_CHANGED,
    EVERYBODY,
    RECEIVER_ENGINE,
    SENDER_ENGINE,
    SYS_NAME,
    UsmSender,
    community_message,
    inform,
    notification_pdu,
    open_usm,
    trap,
    tsm_message,
)
from tests.support.vectors import exchanges

V1, V2C = Community("public", "1"), Community("public")
SNMP_ENGINE_ID = OID("1.3.6.1.6.3.10.2.1.1.0")
LOCAL = bytes.fromhex("8000000006")
SOURCE = Source("192.0.2.1", 4711)
TRAP_V1 = TrapV1Pdu(OID("1.3.6.1.4.1.8072.9999"), IpAddress("192.0.2.7"), 6, 17, TimeTicks(4242))

#: A sender of informs that knows the receiver's engine, 1000 s after that has started.
INFORMER = UsmSender(engine_id=RECEIVER_ENGINE)
NOW = 1000.0


def make(*credentials: object, engine_id: bytes = RECEIVER_ENGINE, **options: Any) -> Receiver:
    receiver = Receiver(credentials, engine_id=engine_id, boots=3, max_message_size=65507, **options)  # type: ignore[arg-type]
    receiver.start(0)
    return receiver


@pytest.fixture
def receiver():
    return make(V1, V2C, *EVERYBODY, Tsm())


def accepted(outcome: Outcome) -> Notification:
    assert isinstance(outcome, Incoming), outcome
    return outcome.notification


def refused(receiver: Receiver, outcome: Outcome, counter: str) -> None:
    """Check that a message was dropped, and counted under one reason only."""
    assert isinstance(outcome, Refusal), outcome
    assert outcome.reason
    assert outcome.counter.field == counter
    assert receiver.statistics.refused == {counter: 1}
    assert receiver.statistics.notifications == 0


# --------------------------------------------------------------------- what net-snmp's senders send


NET_SNMP_INFORMER = UsmUser("uinf", "SHA-256", "trapauthpass", "AES", "trapprivpass")


def of_net_snmp() -> Receiver:
    """Return a receiver for the senders of tests/vectors, with the engine ID that they were recorded with."""
    aes = UsmUser("utrap", "SHA-256", "trapauthpass", "AES", "trapprivpass")
    des = UsmUser("utrapd", "SHA", "trapauthpass", "DES", "trapprivpass")
    receiver = Receiver(
        (V1, V2C, (aes, bytes.fromhex("80001f8804747261706572")), des, NET_SNMP_INFORMER),
        engine_id=bytes.fromhex("80001f8880ec37be3239e4026b00000000"),
        boots=1,
        max_message_size=2147483647,
    )
    receiver.start(0)
    return receiver


@pytest.mark.parametrize("case", exchanges("netsnmp-tcp/notifications.json"), ids=lambda case: case.name)
def test_what_net_snmp_sends_is_accepted_and_answered_as_its_own_receiver_does(case):
    receiver = of_net_snmp()
    *first, last = case.client
    for message, answer in zip(first, case.server, strict=False):
        outcome = receiver.receive(message, 4.5)
        assert isinstance(outcome, Reply)
        assert outcome.octets == answer  # the report that tells the engine ID
    outcome = receiver.receive(last, 4.5)
    notification = accepted(outcome)
    assert isinstance(outcome, Incoming)
    assert notification.uptime == (100 if "generic" in case.name else 4242)
    assert notification.is_inform == ("inform" in case.name)
    if not notification.is_inform:
        assert outcome.acknowledge is None
        return
    assert outcome.acknowledge is not None
    if notification.version is SnmpVersion.V2C:
        assert outcome.acknowledge(0, 0, 4.5) == case.server[-1]
    else:  # the salt is another
        ours = open_usm(
            outcome.acknowledge(0, 0, 4.5), UsmUser("uinf", "SHA-256", "trapauthpass", "AES", "trapprivpass")
        )
        theirs = open_usm(case.server[-1], UsmUser("uinf", "SHA-256", "trapauthpass", "AES", "trapprivpass"))
        assert ours.pdu == theirs.pdu
        assert (ours.message_id, ours.flags) == (theirs.message_id, theirs.flags)
        assert (ours.context_engine_id, ours.context_name) == (theirs.context_engine_id, theirs.context_name)


# --------------------------------------------------------------------------------------- communities


def test_a_trap_of_version_1(receiver):
    notification = accepted(receiver.receive(community_message(TRAP_V1, V1), NOW, source=SOURCE))
    assert notification.trap_oid == CONFIG_CHANGED
    assert notification.version is SnmpVersion.V1
    assert notification.community == b"public"
    assert notification.agent == "192.0.2.7"
    assert notification.source == SOURCE
    assert notification.pdu == TRAP_V1


def test_a_trap_of_version_2c_wants_no_answer(receiver):
    outcome = receiver.receive(trap(), NOW, source=SOURCE)
    assert accepted(outcome).trap_oid == CONFIG_CHANGED
    assert outcome.acknowledge is None
    assert receiver.statistics == ReceiverStatistics(messages=1, notifications=1)


@pytest.mark.parametrize(("status", "index"), [(0, 0), (ErrorStatus.genErr, 0), (ErrorStatus.wrongValue, 3)])
def test_an_inform_is_acknowledged_with_what_it_said(receiver, status, index):
    outcome = receiver.receive(inform(4711), NOW)
    assert accepted(outcome).is_inform
    answer = decode_message(outcome.acknowledge(status, index, NOW))
    asked = notification_pdu(PduType.INFORM, 4711)
    assert answer == CommunityMessage(
        SnmpVersion.V2C, b"public", Pdu(PduType.RESPONSE, 4711, status, index, asked.varbinds)
    )
    assert receiver.statistics.informs == 1


@pytest.mark.parametrize("community", [Community("private"), Community(""), Community("public ", "1")])
def test_another_community_is_refused(receiver, community):
    pdu = TRAP_V1 if community.version is SnmpVersion.V1 else notification_pdu()
    refused(receiver, receiver.receive(community_message(pdu, community), NOW), "bad_communities")


def test_a_community_is_for_its_version_only():
    receiver = make(V2C)
    refused(receiver, receiver.receive(community_message(TRAP_V1, V1), NOW), "bad_communities")
    receiver = make(V1)
    refused(receiver, receiver.receive(trap(), NOW), "bad_communities")


@pytest.mark.parametrize("kind", [PduType.GET, PduType.SET, PduType.RESPONSE, PduType.REPORT, PduType.GET_BULK])
def test_other_pdus_are_not_what_is_listened_for(receiver, kind):
    refused(receiver, receiver.receive(community_message(notification_pdu(kind)), NOW), "unexpected_pdus")


def test_each_version_has_its_own_pdus_if_that_is_asked_for():
    receiver = make(V1, strict=True)
    refused(receiver, receiver.receive(community_message(notification_pdu(), V1), NOW), "unexpected_pdus")
    receiver = make(V2C, strict=True)
    refused(receiver, receiver.receive(community_message(TRAP_V1), NOW), "unexpected_pdus")


@pytest.mark.parametrize(
    "message",
    [
        b"\x30\x00",
        bytes.fromhex("3003020101"),
        trap()[:-1],
        community_message(Pdu(PduType.TRAP_V2, 1)).replace(b"\x30\x00", b"\x05\x00"),
        community_message(Pdu(PduType.TRAP_V2, 1)).replace(b"\x02\x01\x01", b"\x04\x01\x01"),
        community_message(TRAP_V1, V1).replace(b"\x02\x01\x11", b"\x04\x01\x11"),
    ],
    ids=["nothing", "a version", "cut", "no list", "no request-id", "no specific-trap"],
)
def test_what_is_not_sound_is_refused(receiver, message):
    refused(receiver, receiver.receive(message, NOW), "malformed")


@pytest.mark.parametrize("version", [2, 4, 127])
def test_other_versions_are_refused(receiver, version):
    message = trap().replace(b"\x02\x01\x01\x04", bytes((2, 1, version, 4)), 1)
    refused(receiver, receiver.receive(message, NOW), "unsupported_versions")


def test_version_3_needs_users_or_tsm():
    receiver = make(V2C)
    refused(receiver, receiver.receive(UsmSender().trap(), NOW), "unsupported_versions")


# ---------------------------------------------------------------------------------- traps of SNMPv3


@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user.name.decode())
def test_a_trap_of_a_user(receiver, user):
    sender = UsmSender(user=user, context_name=b"side")
    outcome = receiver.receive(sender.trap(), NOW, source=SOURCE)
    notification = accepted(outcome)
    assert outcome.acknowledge is None
    assert notification.security_name == user.name
    assert notification.security_level == user.security_level
    assert notification.engine_id == notification.context_engine_id == SENDER_ENGINE
    assert notification.context_name == b"side"
    assert notification.community is None
    assert receiver.statistics == ReceiverStatistics(messages=1, notifications=1)


@pytest.mark.parametrize(
    ("sender", "counter"),
    [
        (UsmSender(user=UsmUser("mallory")), "unknown_user_names"),
        (UsmSender(flags=int(SecurityLevel.authNoPriv)), "levels_too_low"),
        (UsmSender(user=CAROL, keys_of=ALICE, flags=1), "unsupported_sec_levels"),
        (UsmSender(keys_of=UsmUser("alice", "SHA-256", "not alice", "AES", "private alice")), "wrong_digests"),
        (UsmSender(keys_of=UsmUser("alice", "SHA-256", "authentic alice", "AES", "not alice")), "decryption_errors"),
        (UsmSender(boots=2147483647), "not_in_time_windows"),
        (UsmSender(user=CAROL, flags=MsgFlags.PRIV), "invalid_msgs"),
        (UsmSender(user=CAROL, engine_id=b""), "unknown_engine_ids"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_trap_that_cannot_be_trusted_is_counted_by_its_reason(receiver, sender, counter):
    refused(receiver, receiver.receive(sender.trap(), NOW), counter)


def test_the_same_trap_is_taken_once(receiver):
    message = UsmSender().trap()
    accepted(receiver.receive(message, NOW))
    outcome = receiver.receive(message, NOW + 1)
    assert isinstance(outcome, Refusal)
    assert receiver.statistics.refused == {"replays": 1}
    assert receiver.statistics.notifications == 1
    accepted(receiver.receive(UsmSender(message_id=100).trap(2), NOW + 1))


def test_the_same_trap_is_no_better_when_its_window_is_over(receiver):
    message = UsmSender().trap()
    accepted(receiver.receive(message, NOW))
    assert isinstance(receiver.receive(message, NOW + 151), Refusal)
    assert receiver.statistics.refused == {"not_in_time_windows": 1}


def test_what_is_not_authenticated_may_come_again(receiver):
    message = UsmSender(user=CAROL).trap()
    accepted(receiver.receive(message, NOW))
    accepted(receiver.receive(message, NOW))


def test_an_unsound_pdu_inside_of_an_authentic_message():
    message = UsmSender().message(Pdu(PduType.TRAP_V2, 1, 0, 0, ()))
    receiver = make(ALICE, strict=True)
    refused(receiver, receiver.receive(message, NOW), "malformed")


# -------------------------------------------------------------------------------- informs of SNMPv3


@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user.name.decode())
def test_an_inform_of_a_user_is_acknowledged_as_it_was_protected(receiver, user):
    sender = INFORMER.at(user=user, context_name=b"side")
    outcome = receiver.receive(sender.inform(4711), NOW, source=SOURCE)
    notification = accepted(outcome)
    assert notification.is_inform
    assert notification.engine_id == RECEIVER_ENGINE
    assert notification.context_engine_id == SENDER_ENGINE
    answer = open_usm(outcome.acknowledge(0, 0, NOW + 3), user)
    assert answer.parameters[:4] == (RECEIVER_ENGINE, 3, 1003, user.name)
    assert (answer.message_id, answer.flags) == (99, int(user.security_level))
    assert (answer.context_engine_id, answer.context_name) == (SENDER_ENGINE, b"side")
    assert answer.pdu == notification_pdu(PduType.INFORM, 4711)._replace(type=PduType.RESPONSE)


def test_an_acknowledgement_that_does_not_fit_is_too_big(receiver):
    varbinds = notification_pdu(text="x" * 600).varbinds
    sender = INFORMER.at(max_size=484)
    outcome = receiver.receive(sender.message(Pdu(PduType.INFORM, 5, 0, 0, varbinds)), NOW)
    accepted(outcome)
    octets = outcome.acknowledge(0, 0, NOW)
    assert len(octets) <= 484
    assert open_usm(octets).pdu == Pdu(PduType.RESPONSE, 5, ErrorStatus.tooBig, 0, ())


def test_discovery_is_answered_with_engine_boots_and_time(receiver):
    probe = UsmSender(user=CAROL, engine_id=b"", boots=0, time=0, context_engine_id=b"")
    outcome = receiver.receive(probe.message(Pdu(PduType.GET, 7)), NOW)
    assert isinstance(outcome, Reply)
    report = open_usm(outcome.octets)
    assert report.parameters[:3] == (RECEIVER_ENGINE, 3, 1000)
    assert report.pdu.type is PduType.REPORT
    assert report.pdu.varbinds[0].oid == ReportCounter.usmStatsUnknownEngineIDs.value
    assert receiver.statistics.reports == 1


@pytest.mark.parametrize(
    ("sender", "counter", "level"),
    [
        (INFORMER.at(engine_id=SENDER_ENGINE), ReportCounter.usmStatsUnknownEngineIDs, 0),
        (
            INFORMER.at(engine_id=SENDER_ENGINE, keys_of=UsmUser("alice", "SHA-256", "not alice", "AES", "nor this")),
            ReportCounter.usmStatsUnknownEngineIDs,
            0,
        ),
        (INFORMER.at(user=UsmUser("mallory")), ReportCounter.usmStatsUnknownUserNames, 0),
        (INFORMER.at(user=CAROL, keys_of=ALICE, flags=5), ReportCounter.usmStatsUnsupportedSecLevels, 0),
        (INFORMER.at(keys_at=SENDER_ENGINE), ReportCounter.usmStatsWrongDigests, 0),
        (INFORMER.at(time=849), ReportCounter.usmStatsNotInTimeWindows, 1),
        (INFORMER.at(time=1151), ReportCounter.usmStatsNotInTimeWindows, 1),
        (INFORMER.at(boots=2), ReportCounter.usmStatsNotInTimeWindows, 1),
        (
            INFORMER.at(keys_of=UsmUser("alice", "SHA-256", "authentic alice", "AES", "not alice")),
            ReportCounter.usmStatsDecryptionErrors,
            0,
        ),
    ],
    ids=lambda value: value.name if isinstance(value, ReportCounter) else "",
)
def test_an_inform_that_cannot_be_trusted_is_reported(receiver, sender, counter, level):
    outcome = receiver.receive(sender.inform(), NOW)
    assert isinstance(outcome, Reply)
    assert counter.name in outcome.reason
    assert outcome.counter == counter
    report = open_usm(outcome.octets)
    assert (report.message_id, report.flags, report.pdu.type) == (99, level, PduType.REPORT)
    assert report.parameters[:3] == (RECEIVER_ENGINE, 3, 1000)
    assert report.pdu.varbinds[0].oid == counter.value
    assert sum(receiver.statistics.refused.values()) == 1
    assert receiver.statistics.notifications == 0


def test_an_inform_that_is_less_protected_than_its_user_is_not_authorized(receiver):
    sender = INFORMER.at(flags=SecurityLevel.authNoPriv | MsgFlags.REPORTABLE)
    outcome = receiver.receive(sender.inform(), NOW)
    assert isinstance(outcome, Reply)
    assert open_usm(outcome.octets).pdu.error_status == ErrorStatus.authorizationError
    assert receiver.statistics.refused == {"levels_too_low": 1}


@pytest.mark.parametrize("credentials", [ALICE, (ALICE, RECEIVER_ENGINE)], ids=["any engine", "own engine"])
@pytest.mark.parametrize("flags", [SecurityLevel.authPriv, SecurityLevel.authNoPriv])
def test_a_trap_that_names_the_receiver_as_its_sender_is_refused(credentials, flags):
    receiver = make(credentials)
    refused(receiver, receiver.receive(INFORMER.at(flags=int(flags)).trap(), NOW), "unexpected_pdus")


def test_an_inform_that_comes_again_is_acknowledged_again_and_taken_once(receiver):
    message = INFORMER.inform()
    outcome = receiver.receive(message, NOW)
    assert isinstance(outcome, Incoming)
    assert outcome.acknowledge is not None
    first = open_usm(outcome.acknowledge(0, 0, NOW))
    again = receiver.receive(message, NOW + 100)
    assert isinstance(again, Reply)
    assert again.counter is None
    assert open_usm(again.octets).pdu == first.pdu
    assert (receiver.statistics.notifications, receiver.statistics.repeated_informs) == (1, 1)
    assert receiver.statistics.refused == {}


def test_an_inform_that_was_refused_by_its_handler_is_refused_again(receiver):
    message = INFORMER.inform()
    outcome = receiver.receive(message, NOW)
    assert isinstance(outcome, Incoming)
    assert outcome.acknowledge is not None
    outcome.acknowledge(ErrorStatus.genErr, 0, NOW)
    again = receiver.receive(message, NOW)
    assert isinstance(again, Reply)
    assert open_usm(again.octets).pdu.error_status == ErrorStatus.genErr


def test_an_inform_that_comes_again_before_it_is_acknowledged_waits_for_the_same_acknowledgement(receiver):
    message = INFORMER.inform()
    outcome = receiver.receive(message, NOW)
    assert isinstance(outcome, Incoming)
    assert outcome.acknowledge is not None
    again = receiver.receive(message, NOW)
    assert isinstance(again, Repeated)
    sent: list[bytes] = []
    again.when_acknowledged(sent.append)
    assert sent == []
    acknowledgement = outcome.acknowledge(0, 0, NOW)
    assert sent == [acknowledgement]


def test_an_inform_is_acknowledged_again_a_limited_number_of_times(receiver):
    message = INFORMER.inform()
    outcome = receiver.receive(message, NOW)
    assert isinstance(outcome, Incoming)
    assert outcome.acknowledge is not None
    outcome.acknowledge(0, 0, NOW)
    replies = [receiver.receive(message, NOW) for _ in range(MAX_REPEATS + 2)]
    assert [isinstance(reply, Reply) for reply in replies] == [True] * MAX_REPEATS + [False] * 2
    assert receiver.statistics.refused == {"replays": 2}


def test_an_inform_that_comes_again_outside_the_time_window_is_not_acknowledged(receiver):
    message = INFORMER.inform()
    accepted(receiver.receive(message, NOW))
    outcome = receiver.receive(message, NOW + 151)
    assert isinstance(outcome, Reply)
    assert outcome.counter is ReportCounter.usmStatsNotInTimeWindows
    assert receiver.statistics.repeated_informs == 0


def test_an_inform_of_before_a_restart_is_of_another_time(receiver):
    message = INFORMER.inform()
    accepted(receiver.receive(message, NOW))
    again = Receiver(EVERYBODY, engine_id=RECEIVER_ENGINE, boots=4, max_message_size=65507)
    again.start(0)
    outcome = again.receive(message, NOW)
    assert isinstance(outcome, Reply)
    assert outcome.counter is ReportCounter.usmStatsNotInTimeWindows


def test_the_engine_id_can_be_asked_for(receiver):
    asked = Pdu(PduType.GET, 8, 0, 0, (VarBind(SNMP_ENGINE_ID, Null()), VarBind(SYS_NAME, Null())))
    outcome = receiver.receive(INFORMER.at(context_engine_id=LOCAL).message(asked), NOW)
    assert isinstance(outcome, Reply)
    answer = open_usm(outcome.octets).pdu
    assert answer.varbinds[0] == VarBind(SNMP_ENGINE_ID, answer.varbinds[0].value)
    assert answer.varbinds[0].value == RECEIVER_ENGINE
    assert answer.varbinds[1].value.name == "noSuchObject"
    assert receiver.statistics.probes == 1


def test_other_requests_are_not_what_a_receiver_is_for(receiver):
    sender = INFORMER.at(context_engine_id=RECEIVER_ENGINE)
    refused(receiver, receiver.receive(sender.message(notification_pdu(PduType.SET)), NOW), "unexpected_pdus")


# ----------------------------------------------------------------------------------------- whose


def test_a_user_of_one_engine_sends_traps_from_there_and_no_informs():
    receiver = make((ALICE, SENDER_ENGINE))
    accepted(receiver.receive(UsmSender().trap(), NOW))
    outcome = receiver.receive(INFORMER.inform(), NOW)
    assert isinstance(outcome, Reply)
    assert outcome.counter is ReportCounter.usmStatsUnknownUserNames


def test_a_user_of_this_engine_sends_informs_and_no_traps():
    receiver = make((ALICE, RECEIVER_ENGINE))
    assert accepted(receiver.receive(INFORMER.inform(), NOW)).is_inform
    assert isinstance(receiver.receive(UsmSender().trap(), NOW), Refusal)
    assert receiver.statistics.refused == {"unknown_engine_ids": 1}


def test_a_user_of_this_engine_comes_before_the_one_of_any_engine():
    other = UsmUser("alice", "SHA-512", "another secret")
    receiver = make(ALICE, (other, RECEIVER_ENGINE))
    accepted(receiver.receive(INFORMER.at(user=other).inform(), NOW))
    accepted(receiver.receive(UsmSender().trap(), NOW))


@pytest.mark.parametrize(
    "credentials",
    [
        (),
        ("public",),
        ((ALICE, b""),),
        ((ALICE, b"x" * 33),),
        ((ALICE, "engine"),),
        ((ALICE,),),
        (ALICE, UsmUser("alice")),
        (None,),
    ],
)
def test_credentials_that_cannot_work_are_refused(credentials):
    with pytest.raises(ConfigurationError):
        make(*credentials)


def test_no_error_shows_a_secret():
    with pytest.raises(ConfigurationError) as caught:
        make("a secret word")
    assert "secret" not in str(caught.value)


# ------------------------------------------------------------------------------------------- TSM

NAMED = b"device.example"


def test_a_trap_over_tls_has_the_security_name_of_tls(receiver):
    message = tsm_message(notification_pdu(), context_name=b"side")
    notification = accepted(receiver.receive(message, NOW, source=SOURCE, security_name=NAMED))
    assert notification.security_name == NAMED
    assert notification.security_level is SecurityLevel.authPriv
    assert (notification.context_engine_id, notification.context_name) == (SENDER_ENGINE, b"side")
    assert notification.engine_id is None


def test_the_prefix_says_where_a_name_is_from():
    receiver = make(Tsm(prefix=True))
    message = tsm_message(notification_pdu())
    assert accepted(receiver.receive(message, NOW, security_name=NAMED)).security_name == b"tls:device.example"


@pytest.mark.parametrize("name", [None, b""])
def test_without_a_security_name_tsm_messages_are_refused(receiver, name):
    message = tsm_message(notification_pdu())
    refused(receiver, receiver.receive(message, NOW, security_name=name), "tsm_invalid_caches")


def test_tsm_messages_are_refused_without_tsm_credentials():
    receiver = make(*EVERYBODY)
    refused(
        receiver, receiver.receive(tsm_message(notification_pdu()), NOW, security_name=NAMED), "unknown_security_models"
    )


def test_usm_messages_are_refused_with_tsm_credentials_only():
    receiver = make(Tsm())
    refused(receiver, receiver.receive(UsmSender().trap(), NOW, security_name=NAMED), "unknown_security_models")


def opened_tsm(octets: bytes) -> tuple[V3Message, Pdu]:
    message = decode_message(octets)
    assert isinstance(message, V3Message)
    assert (message.msg_id, message.security_model, message.security_parameters) == (77, 4, b"")
    assert message.scoped_pdu is not None
    assert isinstance(message.scoped_pdu.pdu, Pdu)
    return message, message.scoped_pdu.pdu


def test_an_inform_over_tls_is_acknowledged_over_tls(receiver):
    flags = SecurityLevel.authPriv | MsgFlags.REPORTABLE
    asked = notification_pdu(PduType.INFORM, 4711)
    outcome = receiver.receive(tsm_message(asked, flags=flags, context_name=b"side"), NOW, security_name=NAMED)
    assert accepted(outcome).is_inform
    message, pdu = opened_tsm(outcome.acknowledge(0, 0, NOW))
    assert message.msg_flags == SecurityLevel.authPriv
    assert message.scoped_pdu is not None
    assert message.scoped_pdu[:2] == (SENDER_ENGINE, b"side")
    assert pdu == asked._replace(type=PduType.RESPONSE)


def test_an_acknowledgement_over_tls_that_does_not_fit_is_too_big(receiver):
    asked = notification_pdu(PduType.INFORM, 5, text="x" * 600)
    outcome = receiver.receive(tsm_message(asked, max_size=484), NOW, security_name=NAMED)
    accepted(outcome)
    octets = outcome.acknowledge(0, 0, NOW)
    assert len(octets) <= 484
    assert opened_tsm(octets)[1] == Pdu(PduType.RESPONSE, 5, ErrorStatus.tooBig, 0, ())


@pytest.mark.parametrize("context", [LOCAL, RECEIVER_ENGINE])
def test_the_engine_id_is_told_to_senders_of_informs_over_tls(receiver, context):
    """As net-snmp's snmpinform sends it: reportable, noAuthNoPriv."""
    asked = Pdu(PduType.GET, 9, 0, 0, (VarBind(SNMP_ENGINE_ID, Null()),))
    message = tsm_message(asked, flags=MsgFlags.REPORTABLE, context_engine_id=context)
    outcome = receiver.receive(message, NOW, security_name=NAMED)
    assert isinstance(outcome, Reply)
    assert not outcome.reason
    answer, pdu = opened_tsm(outcome.octets)
    assert answer.msg_flags == 0
    assert pdu.varbinds[0].value == RECEIVER_ENGINE
    assert pdu.request_id == 9
    assert receiver.statistics.probes == 1


@pytest.mark.parametrize(
    ("engine_id", "name", "counter"),
    [
        (SENDER_ENGINE, b"", ReportCounter.snmpUnknownPDUHandlers),
        (LOCAL, b"side", ReportCounter.snmpUnknownContexts),
    ],
)
def test_a_question_about_something_else_is_reported(receiver, engine_id, name, counter):
    asked = Pdu(PduType.GET, 9, 0, 0, (VarBind(SNMP_ENGINE_ID, Null()),))
    message = tsm_message(asked, context_engine_id=engine_id, context_name=name)
    outcome = receiver.receive(message, NOW, security_name=NAMED)
    assert isinstance(outcome, Reply)
    report = opened_tsm(outcome.octets)[1]
    assert (report.type, report.request_id, report.varbinds[0].oid) == (PduType.REPORT, 9, counter.value)
    assert sum(receiver.statistics.refused.values()) == 1


@pytest.mark.parametrize("kind", [PduType.GET_NEXT, PduType.GET_BULK, PduType.SET, PduType.RESPONSE])
def test_other_pdus_over_tls_are_refused(receiver, kind):
    message = tsm_message(notification_pdu(kind))
    refused(receiver, receiver.receive(message, NOW, security_name=NAMED), "unexpected_pdus")


def test_security_parameters_of_tsm_must_be_empty(receiver):
    message = decode_message(tsm_message(notification_pdu()))
    assert isinstance(message, V3Message)
    octets = encode_message(message._replace(security_parameters=b"x"))
    refused(receiver, receiver.receive(octets, NOW, security_name=NAMED), "malformed")


def test_a_tsm_message_that_claims_privacy_alone_is_invalid(receiver):
    message = tsm_message(notification_pdu(), flags=MsgFlags.PRIV)
    refused(receiver, receiver.receive(message, NOW, security_name=NAMED), "invalid_msgs")


def test_an_outcome_shows_no_community():
    receiver = make(Community("secret word"))
    for kind in (PduType.TRAP_V2, PduType.INFORM):
        outcome = receiver.receive(community_message(notification_pdu(kind), Community("secret word")), NOW)
        accepted(outcome)
        assert "secret" not in repr(outcome)


# --------------------------------------------------------------------------------------- statistics


NOT_REFUSED = ("messages", "notifications", "informs", "repeated_informs", "probes", "reports")


def test_every_reason_is_in_the_sum():
    names = [field.name for field in dataclasses.fields(ReceiverStatistics)]
    reasons = [name for name in names if name not in NOT_REFUSED]
    statistics = ReceiverStatistics(**dict.fromkeys(names, 2))
    assert statistics.refused == dict.fromkeys(reasons, 2)
    assert len(reasons) == 17


def test_the_caller_can_share_the_statistics():
    statistics = ReceiverStatistics()
    receiver = Receiver([V2C, BOB], engine_id=RECEIVER_ENGINE, max_message_size=65507, statistics=statistics)
    receiver.receive(b"\x30\x00", NOW)
    assert statistics.malformed == 1


# ------------------------------------------------------------------- several users of one name

OLD_ALICE = UsmUser("alice", "SHA", "the old secret", "AES", "the old privacy")


@pytest.mark.parametrize("user", [ALICE, OLD_ALICE])
def test_users_of_one_name_send_traps_and_informs(user):
    receiver = make(ALICE, OLD_ALICE)
    notification = accepted(receiver.receive(UsmSender(user=user).trap(), NOW))
    assert (notification.security_name, notification.security_level) == (b"alice", SecurityLevel.authPriv)
    outcome = receiver.receive(INFORMER.at(user=user).inform(), NOW)
    assert isinstance(outcome, Incoming)
    assert outcome.acknowledge is not None
    assert open_usm(outcome.acknowledge(0, 0, NOW), user).pdu.type is PduType.RESPONSE


def test_a_message_of_no_user_of_its_name_tells_what_it_has_cost():
    receiver = make(ALICE, OLD_ALICE)
    stranger = UsmUser("alice", "SHA-256", "who knows this", "AES", "who knows this")
    outcome = receiver.receive(UsmSender(user=stranger).trap(), NOW)
    refused(receiver, outcome, "wrong_digests")
    assert isinstance(outcome, Refusal)
    assert outcome.digests == 2
    outcome = receiver.receive(INFORMER.at(user=stranger).inform(), NOW)
    assert isinstance(outcome, Reply)
    assert (outcome.counter, outcome.digests) == (ReportCounter.usmStatsWrongDigests, 2)
    outcome = receiver.receive(UsmSender(user=stranger).inform(), NOW)
    assert isinstance(outcome, Reply)
    assert (outcome.counter, outcome.digests) == (ReportCounter.usmStatsUnknownEngineIDs, 2)


@pytest.mark.parametrize("flags", [0, MsgFlags.AUTH, MsgFlags.REPORTABLE, MsgFlags.AUTH | MsgFlags.REPORTABLE])
def test_no_user_of_a_name_is_accepted_at_a_lower_level(flags):
    receiver = make(ALICE, OLD_ALICE)
    for user in (ALICE, OLD_ALICE):
        receiver.receive(UsmSender(user=user, flags=flags).trap(), NOW)
        receiver.receive(INFORMER.at(user=user, flags=flags).inform(), NOW)
    assert receiver.statistics.notifications == 0


# ------------------------------------------------------------------------------------ frozen clocks


def test_traps_of_a_frozen_clock_are_taken_on_request_and_replays_refused():
    receiver = make(ALICE, frozen_clock=[SENDER_ENGINE])
    messages = [UsmSender(boots=1, time=0, message_id=number).trap(number) for number in range(3)]
    for number, message in enumerate(messages):
        accepted(receiver.receive(message, NOW + 3600 * number))
    for message in messages:
        assert isinstance(receiver.receive(message, NOW + 86400), Refusal)
    assert receiver.statistics.refused == {"replays": 3}


def test_messages_of_others_do_not_push_those_of_frozen_clocks_out(monkeypatch):
    monkeypatch.setattr("snmptcp.protocol.receiver.SeenMessages", lambda **_: SeenMessages(3))
    receiver = make(ALICE, frozen_clock=[SENDER_ENGINE])
    message = UsmSender(boots=1, time=0).trap()
    accepted(receiver.receive(message, NOW))
    others = UsmSender(engine_id=SENDER_ENGINE + b"2")
    for number in range(5):
        accepted(receiver.receive(others.at(message_id=number).trap(number), NOW))
    assert isinstance(receiver.receive(message, NOW + 86400), Refusal)


def test_a_trap_that_no_queue_had_room_for_may_come_again_also_from_a_frozen_clock():
    receiver = make(ALICE, frozen_clock=True)
    message = UsmSender().trap()
    outcome = receiver.receive(message, NOW)
    assert isinstance(outcome, Incoming)
    outcome.forget()
    accepted(receiver.receive(message, NOW))


# ------------------------------------------------------------------------------------ odd engine IDs


@pytest.mark.parametrize("engine_id", [b"1234", bytes(12), b"\xff" * 12], ids=bytes.hex)
@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user.name.decode())
def test_an_engine_id_that_breaks_rules_is_marked(receiver, user, engine_id):
    notification = accepted(receiver.receive(UsmSender(user=user, engine_id=engine_id).trap(), NOW))
    assert notification.engine_id == engine_id
    assert notification.oddities == {Oddity.ENGINE_ID}
    strict = make(*EVERYBODY, strict=True)
    assert isinstance(strict.receive(UsmSender(user=user, engine_id=engine_id).trap(), NOW), Refusal)


@pytest.mark.parametrize("engine_id", [b"", b"1234", bytes(12)], ids=bytes.hex)
def test_the_context_of_an_inform_may_have_any_engine_id(receiver, engine_id):
    notification = accepted(receiver.receive(INFORMER.at(context_engine_id=engine_id).inform(), NOW))
    assert notification.context_engine_id == engine_id
    assert notification.oddities == frozenset()


def test_a_trap_of_version_1_in_the_receivers_own_name_is_refused(receiver):
    refused(receiver, receiver.receive(usm(PLAIN_V1, RECEIVER_ENGINE), NOW), "unexpected_pdus")
