"""Credentials, made of the properties and settings, and hashed passwords."""

from __future__ import annotations

import pytest

from snmptcp import SnmpVersion
from snmptcp.codec.message import decode_message
from snmptcp.credentials import SecurityLevel
from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.ipworks import agent as agent_module
from tests.ipworks.proofs import proves
from tests.ipworks.support import (
    ask,
    be,
    pump_until,
    record,
    values,
)
from tests.support.mibs import SYS_DESCR


@proves("on_hash_password")
def test_a_hash_that_a_handler_sets_is_used(mgr) -> None:
    from snmptcp import AuthProtocol
    from snmptcp.security.keys import password_to_key

    be(mgr, "sha", 2)
    mgr.authentication_password = "what is typed here does not matter"
    told = []

    def give(e) -> None:
        told.append(e.hash)
        e.hash = password_to_key(AuthProtocol.SHA, b"authpass123").hex()

    mgr.on_hash_password = give
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert told == [""]


@pytest.mark.parametrize("wrong", ["xyz", "00", "00" * 21])
def test_an_impossible_hash_is_an_error(wrong, mgr) -> None:
    be(mgr, "sha", 2)

    def give(e) -> None:
        e.hash = wrong

    mgr.on_hash_password = give
    with pytest.raises(IPWorksSNMPError, match="hexadecimal"):
        mgr.send_get_request()


@proves("hash_passwords")
def test_hash_passwords_fires_before_and_after_each_password(mgr) -> None:
    be(mgr, "aes", 2, 2)
    told = record(mgr, "on_hash_password")
    mgr.hash_passwords()
    assert [(event.password, event.auth_algorithm, bool(event.hash)) for event in told] == [
        ("authpass123", 2, False),
        ("authpass123", 2, True),
        ("privpass123", 2, False),
        ("privpass123", 2, True),
    ]
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert len(told) == 4


def test_hash_passwords_asks_the_handler_again(mgr) -> None:
    be(mgr, "sha", 2)
    mgr.timeout = 2

    def give(e) -> None:
        e.hash = "00" * 20

    mgr.on_hash_password = give
    with pytest.raises(IPWorksSNMPError, match="wrong digest"):
        mgr.send_get_request()
    mgr.on_hash_password = None
    mgr.hash_passwords()
    ask(mgr, SYS_DESCR)
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


@proves("authentication_password", "authentication_protocol", "user")
@pytest.mark.parametrize(("user", "number"), [("md5", 1), ("sha", 2), ("sha256", 3), ("sha512", 4)])
def test_each_authentication_protocol_is_the_one_on_the_wire(user, number, mgr, agent) -> None:
    be(mgr, user, number)
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert agent.requests[-1].user == user.encode()
    assert agent.requests[-1].security_level is SecurityLevel.authNoPriv


def test_without_a_password_requests_are_not_authenticated(mgr, agent) -> None:
    be(mgr, "open")
    mgr.send_get_request()
    assert agent.requests[-1].security_level is SecurityLevel.noAuthNoPriv


@pytest.fixture
def short_grace(monkeypatch) -> None:
    monkeypatch.setattr(agent_module, "REPORT_GRACE", 0.05)


@pytest.mark.usefixtures("short_grace")
def test_a_wrong_password_ends_every_method_soon_with_the_reason(mgr) -> None:
    be(mgr, "sha", 2)
    mgr.authentication_password = "not the password"
    mgr.timeout = 1000
    reports = record(mgr, "on_report")
    for call in (mgr.send_get_request, mgr.send_set_request, mgr.discover, lambda: mgr.walk("1.3.6.1.2.1.1")):
        ask(mgr, SYS_DESCR)
        with pytest.raises(IPWorksSNMPError, match="wrong digest") as caught:
            call()
        assert caught.value.code == 1302
        assert "wrong digest" in reports.pop().error_description


@pytest.mark.usefixtures("short_grace")
def test_an_unknown_user_is_told_soon_in_asynchronous_mode_too(mgr) -> None:
    be(mgr, "nobody", 2)
    mgr.timeout = 0
    errors = record(mgr, "on_error")
    mgr.send_get_request()
    pump_until(mgr, lambda: errors)
    assert (errors[0].error_code, errors[0].description) == (1302, "the agent does not know the user")


def test_a_timeout_that_ends_before_the_second_is_over_has_the_same_code(mgr) -> None:
    be(mgr, "sha", 2)
    mgr.authentication_password = "not the password"
    mgr.config("TimeoutInMilliseconds=True")
    mgr.timeout = 300
    with pytest.raises(IPWorksSNMPError, match=r"within 0\.3 s; the last reply was refused: .*digest") as caught:
        mgr.send_get_request()
    assert caught.value.code == 1302


@proves("encryption_algorithm", "encryption_password")
@pytest.mark.parametrize(
    ("user", "authentication", "number"),
    [("des", 1, 1), ("aes", 2, 2), ("3des", 2, 3), ("aes192c", 2, 4), ("aes256c", 2, 5)],
)
def test_each_encryption_algorithm_is_the_one_on_the_wire(user, authentication, number, mgr, agent) -> None:
    be(mgr, user, authentication, number)
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert agent.requests[-1].security_level is SecurityLevel.authPriv


@proves("community")
def test_the_community_is_the_one_on_the_wire_and_changes_without_another_connection(mgr, agent) -> None:
    mgr.send_get_request()
    mgr.community = "private"
    mgr.send_get_request()
    assert [request.community for request in agent.requests] == [b"public", b"private"]
    assert [request.connection for request in agent.requests] == [1, 1]


@proves("snmp_version")
@pytest.mark.parametrize(("number", "version"), [(1, SnmpVersion.V1), (2, SnmpVersion.V2C), (3, SnmpVersion.V3)])
def test_the_version_is_the_one_on_the_wire(number, version, mgr, agent) -> None:
    if number == 3:
        be(mgr, "open")
    mgr.snmp_version = str(number)
    mgr.send_get_request()
    assert agent.requests[-1].version is version
    assert mgr.error_status == 0


@proves("CompatibilityMode")
@pytest.mark.parametrize(
    ("mode", "algorithm", "user"), [(0, 4, "aes192c"), (0, 5, "aes256c"), (1, 4, "aes192"), (1, 5, "aes256")]
)
def test_the_compatibility_mode_chooses_how_keys_are_extended(mode, algorithm, user, mgr) -> None:
    mgr.config(f"CompatibilityMode={mode}")
    be(mgr, user, 2, algorithm)
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


@proves("ContextName")
def test_the_context_name_is_in_the_request(mgr, agent) -> None:
    be(mgr, "sha", 2)
    mgr.config("ContextName=other")
    mgr.send_get_request()
    assert values(mgr) == [b"another context"]
    assert agent.requests[-1].context_name == b"other"


@proves("ContextEngineId")
@pytest.mark.parametrize(
    ("text", "octets"),
    [("engine of text", b"engine of text"), ("0x8000000001020304", bytes.fromhex("8000000001020304"))],
)
def test_the_context_engine_id_is_in_the_scoped_pdu(text, octets, mgr) -> None:
    be(mgr, "open")
    mgr.config(f"ContextEngineId={text}")
    told = record(mgr, "on_packet_trace")
    mgr.timeout = 2
    with pytest.raises(IPWorksSNMPError):  # the agent does not answer for that engine
        mgr.send_get_request()
    last = [decode_message(event.packet) for event in told if event.direction == 2][-1]
    assert last.scoped_pdu.context_engine_id == octets  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["0xyz", "0x123"])
def test_a_context_engine_id_that_is_not_hexadecimal_is_an_error(text, idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="hexadecimal"):
        idle.config(f"ContextEngineId={text}")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"authentication_password": "2s"}, "authentication_password: a password needs at least 8 characters, not 2"),
        ({"encryption_password": "short"}, "encryption_password: a password needs at least 8 characters, not 5"),
        (
            {"authentication_password": "", "encryption_password": "x" * 8},
            "encryption_password needs authentication_password, which is empty",
        ),
        ({"user": ""}, "SNMPv3 needs a user name: set user"),
    ],
)
def test_an_error_of_credentials_names_the_property(wrong, told, mgr) -> None:
    be(mgr, "sha", 2)
    for name, value in wrong.items():
        setattr(mgr, name, value)
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.send_get_request()
    assert (caught.value.code, caught.value.message) == (10022, told)
