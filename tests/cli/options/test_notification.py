"""The words of a notification."""

from __future__ import annotations

import argparse
import time

import pytest

from snmptcp import Integer32, SnmpVersion, VarBind
from snmptcp.cli.options.mibs import add_mib_options
from snmptcp.cli.options.notification import NotificationWords, add_notification_words, read_notification_words
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID

LINK_DOWN = OID("1.3.6.1.6.3.1.1.5.3")

BOUND = (VarBind(OID("1.3.6.1"), Integer32(7)),)


def parse(version: SnmpVersion, *words: str) -> NotificationWords:
    parser = argparse.ArgumentParser()
    add_mib_options(parser)
    add_notification_words(parser, "words")
    return read_notification_words(parser.parse_args(["--", *words]), version)


@pytest.mark.parametrize("version", [SnmpVersion.V2C, SnmpVersion.V3])
def test_the_words_are_an_uptime_a_name_and_variables(version: SnmpVersion) -> None:
    expected = NotificationWords(OID("1.3.6.5"), BOUND, 4242)
    assert parse(version, "4242", "1.3.6.5", "1.3.6.1", "i", "7") == expected


def test_an_enterprise_specific_trap_is_translated_as_rfc_3584_says() -> None:
    found = parse(SnmpVersion.V1, "1.3.6.1.4.1.5", "192.0.2.7", "6", "17", "4242", "1.3.6.1", "i", "7")
    assert found == NotificationWords(OID("1.3.6.1.4.1.5.0.17"), BOUND, 4242, "192.0.2.7")


def test_a_generic_trap_keeps_its_enterprise_in_a_variable() -> None:
    found = parse(SnmpVersion.V1, "1.3.6.1.4.1.5", "", "2", "0", "5")
    enterprise = VarBind(OID("1.3.6.1.6.3.1.1.4.3.0"), OID("1.3.6.1.4.1.5"))
    assert found == NotificationWords(OID("1.3.6.1.6.3.1.1.5.3"), (enterprise,), 5)
    assert parse(SnmpVersion.V1, "1.3.6.1.6.3.1.1.5", "", "2", "0", "5").varbinds == ()


def test_an_empty_uptime_is_this_machine_s() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    found = parse(SnmpVersion.V2C, "", "1.3.6.5")
    assert int(before * 100) <= found.uptime <= int(time.clock_gettime(time.CLOCK_BOOTTIME) * 100)


@pytest.mark.parametrize(
    ("version", "words", "complaint"),
    [
        (SnmpVersion.V2C, "5", "needs UPTIME"),
        (SnmpVersion.V2C, "soon 1.3.6", "UPTIME is a number from 0 to 4294967295, not 'soon'"),
        (SnmpVersion.V1, "5 1.3.6", "needs ENTERPRISE AGENT GENERIC SPECIFIC UPTIME"),
        (SnmpVersion.V1, "1.3.6 host 6 1 5", "AGENT is an IPv4 address or '', not 'host'"),
        (SnmpVersion.V1, "1.3.6 192.0.2.1 2 1 5", "SPECIFIC must be 0 unless GENERIC is 6, not 1"),
    ],
)
def test_wrong_words_are_refused_with_what_would_be_right(version: SnmpVersion, words: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(version, *words.split())
    assert complaint in str(caught.value)


def test_notifications_enterprises_and_variables_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIBS")
    words = ("ifIndex.7", "i", "7", "ifOperStatus.7", "=", "down")
    bound = (
        VarBind(OID("1.3.6.1.2.1.2.2.1.1.7"), Integer32(7)),
        VarBind(OID("1.3.6.1.2.1.2.2.1.8.7"), Integer32(2)),
    )
    assert parse(SnmpVersion.V2C, "5", "IF-MIB::linkDown", *words) == NotificationWords(LINK_DOWN, bound, 5)
    found = parse(SnmpVersion.V1, "snmpTraps", "", "2", "0", "5", *words)
    assert found == NotificationWords(LINK_DOWN, bound, 5)
