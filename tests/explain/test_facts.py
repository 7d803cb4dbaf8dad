"""What fields tell about each other, and the first line of an explanation."""

from __future__ import annotations

import pytest

from snmptcp.credentials import SnmpVersion
from snmptcp.explain.facts import Facts
from snmptcp.explain.names import ObjectNames
from snmptcp.oid import OID


def facts_of(version: SnmpVersion | None = SnmpVersion.V2C, pdu: str = "", **fields: int | bytes | OID) -> Facts:
    """Return facts with the values of these fields; ``_`` in a name means ``-``."""
    facts = Facts(ObjectNames())
    facts.version = version
    facts.pdu = pdu
    for name, value in fields.items():
        facts.learn(name.replace("_", "-"), value)
    return facts


# -------------------------------------------------------------------------------- fields by name


def test_the_last_value_of_a_name_counts_until_it_is_forgotten() -> None:
    facts = facts_of(value=5)
    facts.learn("value", 6)
    assert facts.number("value") == 6
    facts.forget("value")
    facts.forget("value")
    assert facts.number("value") is None


def test_a_field_that_is_no_number_has_none() -> None:
    assert facts_of(community=b"public").number("community") is None


@pytest.mark.parametrize(("octets", "flags"), [(b"\x07", 7), (b"\x03\xff", 3), (b"", 0)])
def test_flags_are_the_first_octet(octets: bytes, flags: int) -> None:
    assert facts_of(msgFlags=octets).flags == flags


def test_without_flags_they_are_zero() -> None:
    assert Facts(ObjectNames()).flags == 0


@pytest.mark.parametrize("name", ["1.3.6.1.6.3.18.1.1.1.2.3.97.98.99", "1.3.6.1.6.3.18.1.4.0"])
def test_values_of_snmp_community_name_and_snmp_trap_community_are_communities(name: str) -> None:
    facts = facts_of(name=OID(name))
    assert facts.is_community("value")
    assert not facts.is_community("name")


def test_other_values_are_no_communities_and_the_field_of_that_name_is_one() -> None:
    assert not facts_of(name=OID("1.3.6.1.2.1.1.5.0")).is_community("value")
    assert not Facts(ObjectNames()).is_community("value")
    assert Facts(ObjectNames()).is_community("community")


def test_the_error_index_points_at_a_variable_binding_only_with_an_error_status() -> None:
    assert facts_of(error_status=5, error_index=2).is_to_blame("VarBind 2")
    assert not facts_of(error_status=5, error_index=2).is_to_blame("VarBind 1")
    assert not facts_of(error_status=0, error_index=2).is_to_blame("VarBind 2")


# ------------------------------------------------------------------------------------- the subject


def test_the_subject_of_a_trap_is_its_snmp_trap_oid() -> None:
    facts = facts_of(pdu="snmpV2-trap", name=OID("1.3.6.1.6.3.1.1.4.1.0"))
    facts.find_subject(OID("1.3.6.1.6.3.1.1.5.3"))
    assert facts.subject == "linkDown"
    facts.find_subject(OID("1.3.6.1.4.1.9"))
    assert facts.subject == "1.3.6.1.4.1.9"


def test_the_subject_of_a_report_is_its_counter() -> None:
    facts = facts_of(SnmpVersion.V3, "report", name=OID("1.3.6.1.6.3.15.1.1.4.0"))
    facts.find_subject(7)
    assert facts.subject == "usmStatsUnknownEngineIDs.0"


def test_other_variables_are_no_subject() -> None:
    facts = facts_of(pdu="get-response", name=OID("1.3.6.1.2.1.1.5.0"))
    facts.find_subject(b"switch")
    assert facts.subject == ""


# ------------------------------------------------------------------------------ names of numbers


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("version", 1, "SNMPv2c"),
        ("error-status", 5, "genErr"),
        ("error-status", 99, "unknown error-status 99"),
        ("msgSecurityModel", 3, "USM"),
        ("msgSecurityModel", 77, None),
        ("generic-trap", 2, "linkDown"),
        ("generic-trap", 7, None),
        ("request-id", 1, None),
    ],
)
def test_a_number_with_a_meaning_is_named(name: str, value: int, text: str | None) -> None:
    assert facts_of().name_of(name, value) == text


def test_an_enterprise_specific_trap_has_the_name_of_rfc_3584() -> None:
    facts = facts_of(SnmpVersion.V1, "trap", enterprise=OID("1.3.6.1.4.1.9"), generic_trap=6)
    assert facts.name_of("specific-trap", 17) == "for SNMPv2 1.3.6.1.4.1.9.0.17"
    facts.learn("generic-trap", 2)
    assert facts.name_of("specific-trap", 17) is None


# ---------------------------------------------------------------------------------- the first line


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "No message, 0 octets"),
        (b"\x30", "Unreadable message, 1 octet"),
        (b"HTTP", "Not an SNMP message, 4 octets"),
    ],
)
def test_without_a_version_the_first_octet_decides(data: bytes, text: str) -> None:
    assert Facts(ObjectNames()).summary(data) == text


def test_the_summary_names_the_version_the_pdu_the_outcome_and_the_sizes() -> None:
    facts = facts_of(SnmpVersion.V1, "get-response", error_status=2, error_index=4)
    facts.varbinds = 4
    expected = "SNMPv1 get-response, noSuchName at variable binding 4, 4 variable bindings, 85 octets"
    assert facts.summary(bytes(85)) == expected


def test_an_error_without_an_index_is_at_no_variable_binding() -> None:
    facts = facts_of(pdu="get-response", error_status=1, error_index=0)
    assert facts.summary(bytes(9)) == "SNMPv2c get-response, tooBig, 9 octets"


@pytest.mark.parametrize(
    ("generic", "text"),
    [(3, "linkUp"), (6, "1.3.6.1.4.1.9 specific-trap 17"), (9, "generic-trap 9")],
)
def test_a_trap_of_snmpv1_is_named(generic: int, text: str) -> None:
    facts = facts_of(SnmpVersion.V1, "trap", enterprise=OID("1.3.6.1.4.1.9"), generic_trap=generic, specific_trap=17)
    assert facts.summary(bytes(50)) == f"SNMPv1 trap, {text}, 50 octets"


def test_the_summary_of_snmpv3_names_the_level_the_user_and_what_is_encrypted() -> None:
    facts = facts_of(SnmpVersion.V3, msgFlags=b"\x07", msgUserName=b"monitor", encryptedPDU=bytes(48))
    facts.doubts.append("wrong digest")
    assert facts.summary(bytes(99)) == 'SNMPv3, authPriv, user "monitor", 48 encrypted octets, wrong digest, 99 octets'
    facts.decrypted = True
    assert ", decrypted, " in facts.summary(bytes(99))
