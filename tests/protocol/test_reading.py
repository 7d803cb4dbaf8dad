"""Notifications that break rules are delivered with what is odd marked, in every version and security model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import OID, Community, SnmpVersion, TimeTicks, Tsm, UsmUser
from snmptcp.codec import ber
from snmptcp.codec.message import V3Message, decode_message, read_v3_header, read_version
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.errors import DecodeError
from snmptcp.listener import Notification, Oddity
from snmptcp.protocol.reading import NO_OID, NotificationReader
from snmptcp.protocol.receiver import Incoming, Receiver, Refusal, Reply
from snmptcp.security.reports import ReportCounter
from snmptcp.security.usm_keys import user_keys
from snmptcp.security.usm_message import PlainPdu, open_scoped_pdu, read_usm_parameters, verify_digest
from tests.support.odd import (
    BROKEN,
    KIND,
    NAME,
    ODD,
    ODD_V1,
    PLAIN_V1,
    UP,
    Odd,
    community,
    number,
    pdu,
    pdu_v1,
    tsm,
    usm,
    varbind,
)
from tests.support.senders import ALICE, CAROL, CONFIG_CHANGED, RECEIVER_ENGINE, SYS_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1000.0
KINDS = [PduType.TRAP_V2, PduType.INFORM]
ENVELOPES: dict[str, Callable[[bytes], bytes]] = {
    "v2c": community,
    "USM": usm,
    "USM without authentication": lambda octets: usm(octets, user=CAROL),
    "TSM": tsm,
}


def make(**options: Any) -> Receiver:
    receiver = Receiver(
        (Community("public"), Community("public", "1"), ALICE, CAROL, Tsm()),
        engine_id=RECEIVER_ENGINE,
        boots=3,
        max_message_size=65507,
        **options,
    )
    receiver.start(0)
    return receiver


def take(message: bytes, **options: Any) -> Incoming:
    outcome = make(**options).receive(message, NOW, security_name=b"device")
    assert isinstance(outcome, Incoming), outcome
    return outcome


def read(message: bytes, **options: Any) -> Notification:
    return take(message, **options).notification


def acknowledges(incoming: Incoming, envelope: str) -> bool:
    """Return whether there is an acknowledgement of request-id 4711, opened with the user's keys if it has one."""
    assert incoming.acknowledge is not None
    octets = incoming.acknowledge(0, 0, NOW)
    if envelope.startswith("USM"):
        plain = open_octets(octets, CAROL if "without" in envelope else ALICE)
        octets = plain.data[plain.start : plain.stop]
    else:
        octets = octets[octets.rindex(b"\xa2", 0, octets.index(ber.encode_integer(4711))) :]
    return octets[0] == PduType.RESPONSE and ber.encode_integer(4711) + b"\2\1\0\2\1\0\x30" in octets


def open_octets(octets: bytes, user: UsmUser) -> PlainPdu:
    """Check the digest of a message, and return its decrypted PDU, which may repeat what cannot be read."""
    _, offset, end = read_version(octets)
    header = read_v3_header(octets, offset, end)
    parameters = read_usm_parameters(octets, header.security_start, header.security_stop)
    keys = user_keys(user, parameters.engine_id)
    if keys.authenticator is not None:
        verify_digest(octets, parameters, keys.authenticator)
    return open_scoped_pdu(octets, header, parameters, keys.privacy)


# ----------------------------------------------------------------------------------------- SNMPv2


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize("name", ODD)
def test_an_odd_notification_is_delivered_and_an_inform_acknowledged(name: str, envelope: str, kind: PduType) -> None:
    case: Odd = ODD[name]
    octets = case.make(kind)
    incoming = take(ENVELOPES[envelope](octets))
    notification = incoming.notification
    assert notification.oddities == case.oddities
    assert notification.trap_oid == case.trap_oid
    assert notification.uptime == case.uptime
    assert type(notification.uptime) is TimeTicks
    assert tuple(oid for oid, _ in notification.varbinds) == case.names
    assert notification.octets == octets
    assert notification.is_inform == (kind is PduType.INFORM)
    if notification.is_inform:
        assert acknowledges(incoming, envelope)
    else:
        assert incoming.acknowledge is None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize("name", ODD)
def test_a_strict_receiver_refuses_it(name: str, envelope: str, kind: PduType) -> None:
    receiver = make(strict=True)
    outcome = receiver.receive(ENVELOPES[envelope](ODD[name].make(kind)), NOW, security_name=b"device")
    assert isinstance(outcome, Refusal), outcome
    assert receiver.statistics.refused == {"malformed": 1}
    assert receiver.statistics.notifications == 0


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("envelope", ENVELOPES)
def test_a_notification_that_breaks_no_rule_has_no_mark(envelope: str, kind: PduType, strict: bool) -> None:
    octets = pdu(kind, UP, KIND, NAME)
    notification = read(ENVELOPES[envelope](octets), strict=strict)
    assert notification.oddities == frozenset()
    assert notification.unreadable == ()
    assert notification.octets == octets


@pytest.mark.parametrize("name", [name for name, odd in ODD.items() if Oddity.NO_LIST not in odd.oddities])
def test_the_acknowledgement_repeats_the_variable_bindings_as_they_came(name: str) -> None:
    octets = ODD[name].make(PduType.INFORM)
    start = ber.read_header(octets, 0, len(octets))[1]
    for _ in range(3):
        start = ber.read_header(octets, start, len(octets))[2]
    stop = ber.read_header(octets, start, len(octets))[2]
    incoming = take(community(octets))
    assert incoming.acknowledge is not None
    numbers = ber.encode_integer(4711) + ber.encode_integer(6) + ber.encode_integer(0)
    assert incoming.acknowledge(6, 0, NOW) == community(ber.tlv(PduType.RESPONSE, numbers + octets[start:stop]))


@pytest.mark.parametrize("request_id", ["020500ffffffff", "0204ffffffff", "02020005", "020107"])
def test_the_acknowledgement_repeats_the_request_id_as_it_came(request_id: str) -> None:
    field = bytes.fromhex(request_id)
    octets = ber.tlv(PduType.INFORM, field + b"\2\1\0" * 2 + ber.tlv(ber.SEQUENCE, UP + KIND))
    incoming = take(community(octets))
    assert incoming.acknowledge is not None
    acknowledgement = incoming.acknowledge(0, 0, 0.0)
    assert acknowledgement == community(octets.replace(bytes([PduType.INFORM]), bytes([PduType.RESPONSE]), 1))


@pytest.mark.parametrize("name", [name for name, odd in ODD.items() if Oddity.NO_LIST in odd.oddities])
def test_the_acknowledgement_of_an_inform_without_a_list_has_an_empty_one(name: str) -> None:
    incoming = take(community(ODD[name].make(PduType.INFORM)))
    assert incoming.acknowledge is not None
    assert incoming.acknowledge(0, 0, NOW) == community(pdu(PduType.RESPONSE))


def test_what_cannot_be_read_is_told_with_its_place_name_and_octets() -> None:
    notification = read(community(pdu(PduType.TRAP_V2, UP, KIND, NAME, BROKEN, NAME, b"\x30\x7f\x06")))
    first, second = notification.unreadable
    assert (first.position, first.oid, first.octets) == (3, SYS_NAME, BROKEN)
    assert "IpAddress of 3 octets" in first.reason
    assert (second.position, second.oid, second.octets) == (5, None, b"\x30\x7f\x06")
    assert [value for _, value in notification.varbinds] == [b"dev1", b"dev1"]
    assert notification.pdu.varbinds[2:] == notification.varbinds


def test_a_name_that_cannot_be_read_is_none() -> None:
    nameless = ber.tlv(ber.SEQUENCE, b"\6\2\x2b\x86" + ber.tlv(4, b"x"))
    [broken] = read(community(pdu(PduType.TRAP_V2, UP, KIND, nameless))).unreadable
    assert (broken.oid, broken.octets) == (None, nameless)


def test_octets_after_the_pdu_are_ignored() -> None:
    notification = read(community(pdu(PduType.TRAP_V2, UP, KIND, NAME, beyond=b"\5\0")))
    assert notification.oddities == {Oddity.TRAILING_OCTETS}


def test_long_forms_of_lengths_are_no_oddity() -> None:
    rest = UP + KIND + NAME
    body = bytes.fromhex("020101020100020100") + b"\x30\x84" + len(rest).to_bytes(4, "big") + rest
    octets = b"\xa7\x84" + len(body).to_bytes(4, "big") + body
    assert read(community(octets)).oddities == frozenset()


def test_the_first_of_several_uptimes_counts() -> None:
    again = varbind(OID("1.3.6.1.2.1.1.3.0"), number(1))
    notification = read(community(pdu(PduType.TRAP_V2, UP, KIND, again)))
    assert (notification.uptime, notification.oddities) == (4242, frozenset())
    assert notification.get("1.3.6.1.2.1.1.3.0") == 1


def test_too_many_variable_bindings_are_refused_before_they_are_decoded() -> None:
    receiver = make(max_varbinds=10)
    outcome = receiver.receive(community(pdu(PduType.TRAP_V2, UP, KIND, *[BROKEN] * 9)), NOW)
    assert isinstance(outcome, Refusal)
    assert "more than 10 variable bindings" in outcome.reason
    assert len(read(community(pdu(PduType.TRAP_V2, UP, KIND, *[BROKEN] * 8)), max_varbinds=10).unreadable) == 8


@pytest.mark.parametrize("kind", [PduType.GET, PduType.SET, PduType.RESPONSE, PduType.REPORT])
@pytest.mark.parametrize("envelope", ENVELOPES)
def test_only_notifications_are_read_leniently(envelope: str, kind: PduType) -> None:
    receiver = make()
    wrap = ENVELOPES[envelope]
    octets = pdu(kind, BROKEN)
    message = wrap(octets) if "USM" not in envelope else usm(octets, RECEIVER_ENGINE, CAROL)
    outcome = receiver.receive(message, NOW, security_name=b"device")
    assert isinstance(outcome, Refusal)
    assert outcome.counter.field == "malformed"


def test_the_report_about_an_inform_has_its_request_id_if_its_variables_cannot_be_read() -> None:
    message = usm(pdu(PduType.INFORM, UP, KIND, BROKEN), user=UsmUser("mallory"))
    outcome = make().receive(message, NOW)
    assert isinstance(outcome, Reply)
    assert outcome.counter is ReportCounter.usmStatsUnknownUserNames
    report = decode_message(outcome.octets)
    assert isinstance(report, V3Message)
    assert report.scoped_pdu is not None
    assert isinstance(report.scoped_pdu.pdu, Pdu)
    assert report.scoped_pdu.pdu.request_id == 4711


@pytest.mark.parametrize("envelope", [*ENVELOPES, "v1"])
@pytest.mark.parametrize(
    "odd",
    [
        ber.tlv(ber.SEQUENCE, b"\6\3\x2b\x80\6" + b"\5\0"),
        varbind(SYS_NAME, b"\x41\1\xff"),
        varbind(SYS_NAME, b"\2\2\0\5"),
    ],
    ids=["padded name", "Counter32 without its zero", "INTEGER with a zero"],
)
def test_encodings_that_the_codec_tolerates_are_refused_on_request(odd: bytes, envelope: str) -> None:
    message = (
        community(pdu_v1(NAME, odd), "1")
        if envelope == "v1"
        else ENVELOPES[envelope](pdu(PduType.INFORM, UP, KIND, NAME, odd))
    )
    assert read(message).oddities == frozenset()
    receiver = make(strict=True)
    assert isinstance(receiver.receive(message, NOW, security_name=b"device"), Refusal)
    assert receiver.statistics.refused == {"malformed": 1}


# -------------------------------------------------------------------------------------- other versions


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_a_trap_of_version_1_in_another_version(envelope: str) -> None:
    notification = read(ENVELOPES[envelope](PLAIN_V1))
    assert notification.oddities == {Oddity.PDU_VERSION}
    assert notification.trap_oid == CONFIG_CHANGED
    assert notification.uptime == 4242
    assert notification.agent == "192.0.2.7"
    assert isinstance(notification.pdu, TrapV1Pdu)
    assert not notification.is_inform


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_notification_of_version_2_in_version_1(kind: PduType) -> None:
    incoming = take(community(pdu(kind, UP, KIND, NAME), "1"))
    notification = incoming.notification
    assert notification.oddities == {Oddity.PDU_VERSION}
    assert (notification.version, notification.trap_oid) == (SnmpVersion.V1, CONFIG_CHANGED)
    if kind is PduType.INFORM:
        assert incoming.acknowledge is not None
        answer = decode_message(incoming.acknowledge(0, 0, NOW))
        assert answer.version is SnmpVersion.V1


@pytest.mark.parametrize("envelope", [*ENVELOPES, "v1"])
def test_a_strict_receiver_refuses_pdus_of_other_versions(envelope: str) -> None:
    receiver = make(strict=True)
    message = ENVELOPES[envelope](PLAIN_V1) if envelope != "v1" else community(pdu(PduType.TRAP_V2, UP, KIND), "1")
    outcome = receiver.receive(message, NOW, security_name=b"device")
    assert isinstance(outcome, Refusal) or getattr(outcome, "counter", None) is not None
    assert receiver.statistics.notifications == 0
    assert sum(receiver.statistics.refused.values()) == 1


# ------------------------------------------------------------------------------------------ SNMPv1


@pytest.mark.parametrize("name", ODD_V1)
def test_an_odd_trap_of_version_1_is_delivered(name: str) -> None:
    octets, oddities, trap_oid = ODD_V1[name]
    notification = read(community(octets, "1"))
    assert notification.oddities == oddities
    assert notification.trap_oid == trap_oid
    assert notification.uptime == (0 if name == "uptime is a text" else 4242)
    assert notification.octets == octets
    assert {oid for oid, _ in notification.varbinds} == (set() if Oddity.NO_LIST in oddities else {SYS_NAME})
    assert notification.to_v1() == notification.pdu


@pytest.mark.parametrize("name", ODD_V1)
def test_a_strict_receiver_refuses_an_odd_trap_of_version_1(name: str) -> None:
    receiver = make(strict=True)
    assert isinstance(receiver.receive(community(ODD_V1[name][0], "1"), NOW), Refusal)
    assert receiver.statistics.refused == {"malformed": 1}


@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize("name", ODD_V1)
def test_an_odd_trap_of_version_1_in_another_version(name: str, envelope: str) -> None:
    octets, oddities, trap_oid = ODD_V1[name]
    notification = read(ENVELOPES[envelope](octets))
    assert notification.oddities == oddities - {Oddity.NOT_IN_V1} | {Oddity.PDU_VERSION}
    assert notification.trap_oid == trap_oid


@pytest.mark.parametrize(("address", "agent"), [(b"\x40\0", None), (ber.tlv(4, b"abcd"), "97.98.99.100")])
def test_an_agent_address_of_four_octets_is_one_whatever_its_type(address: bytes, agent: str | None) -> None:
    notification = read(community(pdu_v1(NAME, address=address), "1"))
    assert notification.agent == agent


def test_generic_and_specific_trap_are_told_as_they_came() -> None:
    notification = read(community(pdu_v1(NAME, generic=b"\2\1\7"), "1"))
    assert (notification.generic_trap, notification.specific_trap) == (7, 17)


# ------------------------------------------------------------------------------------------ the reader


def test_the_reader_says_what_it_had_to_read_leniently() -> None:
    reader = NotificationReader(100, strict=False)
    good, bad = pdu(PduType.TRAP_V2, UP, KIND), pdu(PduType.TRAP_V2, UP, BROKEN)
    assert reader.decode(good, 0, len(good))[1] is None
    found, odd = reader.decode(bad, 0, len(bad))
    assert odd is not None
    assert found is odd.pdu
    assert odd.oddities == {Oddity.UNREADABLE_VARBIND}
    assert isinstance(found, Pdu)
    assert reader.read(found, SnmpVersion.V2C, odd, bad).parameters.trap_oid == NO_OID


def test_a_strict_reader_gives_the_reason_of_the_codec() -> None:
    reader = NotificationReader(100, strict=True)
    bad = pdu(PduType.TRAP_V2, UP, BROKEN)
    with pytest.raises(DecodeError, match="IpAddress of 3 octets"):
        reader.decode(bad, 0, len(bad))


@pytest.mark.parametrize(("start", "stop"), [(0, 0), (5, 5), (5, 3)])
def test_no_octets_are_no_pdu(start: int, stop: int) -> None:
    with pytest.raises(DecodeError):
        NotificationReader(100, strict=False).decode(b"\xa7\x00\x00\x00\x00\x00", start, stop)
