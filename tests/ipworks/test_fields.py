"""What events tell about credentials, addresses and notifications."""

from __future__ import annotations

import pytest

from snmptcp import OID, Community, IpAddress, TimeTicks, UsmUser, VarBind
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.credentials import SnmpVersion
from snmptcp.ipworks.fields import address_of, credential_fields, notification_fields, status_fields, trap_fields
from snmptcp.protocol.notification import Notification, Source
from tests.ipworks.support import AUTH, PRIV, TRAP_OID, UP


@pytest.mark.parametrize(
    ("name", "address"),
    [
        (("127.0.0.1", 161), ("127.0.0.1", 161)),
        (("::1", 161, 0, 0), ("::1", 161)),
        (None, ("", 0)),
        ("/run/socket", ("", 0)),
    ],
)
def test_the_address_of_a_socket_is_empty_if_it_has_none(name, address) -> None:
    assert address_of(name) == address


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        (Community("a", "1"), (1, "a", "", 0)),
        (Community("b"), (2, "b", "", 0)),
        (UsmUser("u"), (3, "", "u", 0)),
        (UsmUser("u", "SHA", AUTH), (3, "", "u", 1)),
        (UsmUser("u", "SHA", AUTH, "AES", PRIV), (3, "", "u", 2)),
    ],
)
def test_credentials_tell_the_version_the_name_and_the_level(credentials, expected) -> None:
    fields = credential_fields(credentials)
    assert tuple(fields[name] for name in ("snmp_version", "community", "user", "security_level")) == expected


def test_a_connection_without_an_error_is_0_and_ok() -> None:
    assert status_fields(("h", 1)) == {
        "status_code": 0,
        "description": "OK",
        "remote_address": "h",
        "remote_port": 1,
    }


def test_a_notification_without_a_source_has_an_empty_address() -> None:
    pdu = Pdu(PduType.TRAP_V2, 7, 0, 0, (VarBind(OID(UP), TimeTicks(5)), VarBind(OID(TRAP_OID), OID("1.3.6.1"))))
    notification = Notification.from_pdu(pdu, version=SnmpVersion.V2C, source=None, community=b"\xff")
    fields = notification_fields(notification)
    assert (fields["source_address"], fields["source_port"], fields["community"]) == ("", 0, "\\xff")
    assert trap_fields(notification) == {
        "request_id": 7,
        "trap_oid": "1.3.6.1",
        "time_stamp": 5,
        "agent_address": "",
    }


@pytest.mark.parametrize(
    ("enterprise", "generic", "specific", "trap_oid"),
    [
        ("1.3.6.1.6.3.1.1.5", 4, 0, "1.3.6.1.6.3.1.1.5.5"),
        ("1.3.6.1.4.1.9", 6, 7, "1.3.6.1.4.1.9.6.7"),
    ],
)
def test_a_trap_of_version_1_has_the_documented_name(enterprise, generic, specific, trap_oid) -> None:
    pdu = TrapV1Pdu(OID(enterprise), IpAddress("10.1.2.3"), generic, specific, TimeTicks(99), ())
    notification = Notification.from_pdu(pdu, version=SnmpVersion.V1, source=Source("10.9.9.9", 5), community=b"public")
    fields = trap_fields(notification)
    assert (fields["request_id"], fields["trap_oid"], fields["agent_address"]) == (0, trap_oid, "10.1.2.3")
