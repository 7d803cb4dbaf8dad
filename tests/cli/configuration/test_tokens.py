"""What the values of tokens may be."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.cli.configuration.tokens import IGNORED, TOKENS, parse_text
from snmptcp.credentials import AuthProtocol, PrivProtocol, SecurityLevel
from snmptcp.errors import ConfigurationError


def value_of(token: str, text: str) -> object:
    return TOKENS[token.lower()].parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", "a b"),
        ('"a b"', "a b"),
        ('"a\\"b" behind', 'a"b'),
        ('"a\\nb\\\\c"', "anb\\c"),
        ('"open', "open"),
        ('""', ""),
        ("'a b'", "'a b'"),
        ('a "b"', 'a "b"'),
        ("a\\ b", "a\\ b"),
        ("0x6162", "0x6162"),
    ],
)
def test_quotes_are_net_snmps(text: str, expected: str) -> None:
    assert parse_text(text) == expected


@given(st.text())
def test_any_text_can_be_quoted(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    assert parse_text(f'"{quoted}"') == text


@pytest.mark.parametrize(
    ("token", "text", "expected"),
    [
        ("defVersion", "2C", "2c"),
        ("defVersion", "v1", "1"),
        ("defVersion", '"3"', "3"),
        ("defVersion", "2c # for all", "2c"),
        ("defCommunity", "a # b", b"a # b"),
        ("defSecurityLevel", "AuthNoPriv", SecurityLevel.authNoPriv),
        ("defSecurityLevel", "nanp", SecurityLevel.noAuthNoPriv),
        ("defSecurityModel", "TSM", "tsm"),
        ("defAuthType", "SHA256", AuthProtocol.SHA_256),
        ("defPrivType", "aes128", PrivProtocol.AES),
        ("defPrivType", "AES256C", PrivProtocol.AES_256_C),
        ("defAuthMasterKey", "0x0a0B", b"\x0a\x0b"),
        ("defPrivLocalizedKey", "0a0b", b"\x0a\x0b"),
        ("defContext", '""', b""),
        ("timeout", "5 # seconds", 5),
        ("retries", "0", 0),
        ("defaultPort", "1161", 1161),
        ("quickPrinting", "Yes", True),
        ("quickPrinting", "0 1", False),
        ("defDomain", "snmp udp6,tlstcp", ("snmp", "tlstcp")),
        ("defDomain", "snmptrap TCP6", ("snmptrap", "tcp")),
        ("defDomain", "snmp tlstcp6", ("snmp", "tlstcp")),
        ("defDomain", "snmp udp", ("snmp", "")),
        ("alias", "core\ttcp:192.0.2.1:1161", ("core", "tcp:192.0.2.1:1161")),
        ("oidOutputFormat", "0", ""),
        ("oidOutputFormat", "3", "f"),
        ("oidOutputFormat", "6", "none"),
        ("suffixPrinting", "2", "S"),
        ("printNumericOids", "yes", "n"),
        ("printNumericOids", "no", None),
    ],
)
def test_values_are_read_as_net_snmp_reads_them(token: str, text: str, expected: object) -> None:
    assert value_of(token, text) == expected


@pytest.mark.parametrize(
    ("token", "text", "message"),
    [
        ("defVersion", "4", "a version is 1, 2c or 3, not '4'"),
        ("defSecurityLevel", "high", "a security level is noAuthNoPriv, authNoPriv or authPriv"),
        ("defSecurityModel", "ksm", "a security model is usm or tsm, not 'ksm'"),
        ("timeout", "0x10", "the value is a number from 1 to 2147483647, not '0x10'"),
        ("timeout", "0", "the value is a number from 1 to 2147483647, not '0'"),
        ("retries", "-1", "the value is a number from 0 to 2147483647, not '-1'"),
        ("defaultPort", "99999", "the value is a number from 1 to 65535, not '99999'"),
        ("quickPrinting", "on", "the value is yes, true, 1, no, false or 0, not 'on'"),
        ("defDomain", "tcp", "the value is an application and a transport, as in: snmp tlstcp"),
        ("alias", "core", "the value is a name and an address, as in: core tcp:192.0.2.1:1161"),
        ("outputPrecision", "much", "the value is a precision, as in .2, not 'much'"),
        ("oidOutputFormat", "7", "the value is a number from 0 to 6, not '7'"),
    ],
)
def test_other_values_are_refused_with_those_that_would_be_right(token: str, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        value_of(token, text)
    assert str(caught.value) == message


@pytest.mark.parametrize("token", [token.name for token in TOKENS.values() if token.secret])
@given(st.text(min_size=6))
def test_no_error_shows_a_secret(token: str, text: str) -> None:
    said = ""
    try:
        value_of(token, text)
    except ConfigurationError as error:
        said = str(error)
    assert said in {"", "a key is given in hex, two digits for each octet"}


@pytest.mark.parametrize("token", ["defAuthType", "defPrivType", "defSecurityLevel"])
def test_no_error_shows_what_stands_where_a_word_of_the_user_should(token: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        value_of(token, "perhaps-a-password")
    assert "perhaps" not in str(caught.value)


def test_a_token_is_understood_or_ignored() -> None:
    assert not IGNORED & set(TOKENS)
    assert all(name == name.lower() for name in IGNORED)
    assert [token.name for token in TOKENS.values() if token.secret] == [
        *("defPassphrase", "defAuthPassphrase", "defPrivPassphrase"),
        *("defAuthMasterKey", "defPrivMasterKey", "defAuthLocalizedKey", "defPrivLocalizedKey"),
    ]
    assert os.fsencode(str(value_of("defSecurityName", "\udcff"))) == b"\xff"
