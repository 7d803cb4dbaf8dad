"""Notifications as text and as JSON."""

from __future__ import annotations

import datetime as dt
import json

from snmptcp import Community, Integer32, IpAddress, OctetString, SecurityLevel, SnmpVersion, TimeTicks, VarBind
from snmptcp.cli.output.notifications import format_notification, format_notification_json
from snmptcp.codec.pdu import PduType, TrapV1Pdu
from snmptcp.mib import Mib, TextFormatter
from snmptcp.oid import OID
from snmptcp.protocol.notification import Notification, Source
from snmptcp.protocol.receiver import Incoming, Receiver
from tests.support.odd import BROKEN, KIND, NAME, UP, community, pdu
from tests.support.senders import (
    RECEIVER_ENGINE,
    SENDER_ENGINE,
    SYS_NAME,
    notification_pdu,
)

ACME_STATE = OID("1.3.6.1.4.1.9999.1.1.0")
WHEN = dt.datetime(2026, 11, 22, 22, 41, 16, tzinfo=dt.UTC)
SOURCE = Source("192.0.2.1", 40218)
TRAP_V1 = TrapV1Pdu(
    OID("1.3.6.1.4.1.8072.9999"),
    IpAddress("192.0.2.7"),
    6,
    17,
    TimeTicks(4242),
    (VarBind(SYS_NAME, OctetString("dev1")),),
)


def test_a_trap_in_words() -> None:
    notification = Notification.from_pdu(TRAP_V1, version=SnmpVersion.V1, source=SOURCE, community=b"secret")
    assert format_notification(notification, WHEN).splitlines() == [
        (
            "2026-11-22T22:41:16+00:00 192.0.2.1:40218 v1 trap .1.3.6.1.4.1.8072.9999.0.17 "
            "uptime (4242) 0:00:42.42 agent 192.0.2.7"
        ),
        '  .1.3.6.1.2.1.1.5.0 = STRING: "dev1"',
    ]


def test_a_notification_of_version_3_says_who_sends_it() -> None:
    notification = Notification.from_pdu(
        notification_pdu(),
        version=SnmpVersion.V3,
        source=SOURCE,
        security_name=b"al\x1bice",
        security_level=SecurityLevel.authPriv,
        context_name=b"side",
        context_engine_id=RECEIVER_ENGINE,
        engine_id=SENDER_ENGINE,
    )
    first = format_notification(notification, WHEN).splitlines()[0]
    assert first.endswith(rf" from al\x1bice authPriv context side engine {SENDER_ENGINE.hex()}")
    found = json.loads(format_notification_json(notification, WHEN))
    assert found["security_name"] == r"al\x1bice"
    assert (found["security_level"], found["context_name"]) == ("authPriv", "side")
    assert (found["engine_id"], found["context_engine_id"]) == (SENDER_ENGINE.hex(), RECEIVER_ENGINE.hex())


def test_a_trap_as_json() -> None:
    notification = Notification.from_pdu(TRAP_V1, version=SnmpVersion.V1, source=SOURCE, community=b"secret")
    assert json.loads(format_notification_json(notification, WHEN)) == {
        "time": "2026-11-22T22:41:16.000+00:00",
        "source": "192.0.2.1:40218",
        "agent": "192.0.2.7",
        "version": "1",
        "type": "trap",
        "trap_oid": "1.3.6.1.4.1.8072.9999.0.17",
        "uptime": 4242,
        "enterprise": "1.3.6.1.4.1.8072.9999",
        "generic_trap": 6,
        "specific_trap": 17,
        "varbinds": [{"oid": "1.3.6.1.2.1.1.5.0", "type": "OctetString", "value": "dev1"}],
    }


def test_a_notification_from_nowhere_can_be_shown() -> None:
    notification = Notification.from_pdu(notification_pdu(), version=SnmpVersion.V2C)
    assert format_notification(notification, WHEN).split()[1] == "-"
    assert json.loads(format_notification_json(notification, WHEN))["source"] is None


def odd_notification(*varbinds: bytes) -> Notification:
    receiver = Receiver([Community("public")], max_message_size=65507)
    outcome = receiver.receive(community(pdu(PduType.TRAP_V2, *varbinds)), 0.0)
    assert isinstance(outcome, Incoming)
    return outcome.notification


def test_what_is_odd_is_told_in_words_and_in_json() -> None:
    notification = odd_notification(NAME, BROKEN)
    lines = format_notification(notification, WHEN).splitlines()
    assert lines[1] == "  odd: sysUpTime.0 is missing; snmpTrapOID.0 is missing; a variable binding cannot be read"
    assert lines[-1].startswith("  unreadable: .1.3.6.1.2.1.1.5.0: an IpAddress of 3 octets")
    assert lines[-1].endswith(BROKEN.hex(" "))
    found = json.loads(format_notification_json(notification, WHEN))
    assert found["oddities"] == ["NO_UPTIME", "NO_TRAP_OID", "UNREADABLE_VARBIND"]
    assert found["octets"] == notification.octets.hex()
    [broken] = found["unreadable"]
    assert (broken["position"], broken["oid"], broken["octets"]) == (1, "1.3.6.1.2.1.1.5.0", BROKEN.hex())


def test_many_octets_that_cannot_be_read_are_cut() -> None:
    last = format_notification(odd_notification(UP, KIND, b"\x05\x46" + bytes(70)), WHEN).splitlines()[-1]
    assert last.startswith("  unreadable: a variable binding: ")
    assert last.endswith("00 ... (72 octets)")


def test_notifications_have_the_names_of_their_modules(acme_mib: Mib) -> None:
    trap = TrapV1Pdu(
        OID("1.3.6.1.4.1.9999"), IpAddress("192.0.2.7"), 6, 1, TimeTicks(1), (VarBind(ACME_STATE, Integer32(2)),)
    )
    notification = Notification.from_pdu(trap, version=SnmpVersion.V1, source=SOURCE, community=b"secret")
    formatter = TextFormatter(acme_mib)
    first, second = format_notification(notification, WHEN, formatter).splitlines()
    assert " v1 trap ACME-MIB::acmeAlarm uptime (1) " in first
    assert second == "  ACME-MIB::acmeState.0 = INTEGER: on(2)"
    found = json.loads(format_notification_json(notification, WHEN, formatter))
    assert (found["trap_oid"], found["trap_name"]) == ("1.3.6.1.4.1.9999.0.1", "ACME-MIB::acmeAlarm")
    assert (found["varbinds"][0]["name"], found["varbinds"][0]["label"]) == ("ACME-MIB::acmeState.0", "on")
    assert "trap_name" not in json.loads(format_notification_json(notification, WHEN))
