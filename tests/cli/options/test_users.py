"""The options of SNMPv3: users, levels, keys and engines; no secret is ever printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import AuthProtocol, EngineInfo, PrivProtocol, SecurityLevel, UsmUser
from snmptcp.cli.main import main
from snmptcp.security.keys import localize_key, password_to_key
from snmptcp.testing import Agent
from tests.cli.helpers import AUTH, BERT, ENGINE_ID, KEYS, PRIV, parsed_get, where

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

SYS_NAME = "1.3.6.1.2.1.1.5.0"


def user_of(*words: str) -> UsmUser:
    user = parsed_get(*words).request.credentials
    assert isinstance(user, UsmUser)
    return user


def test_all_options_are_read_as_net_snmp_reads_them() -> None:
    request = parsed_get(
        *("-v3", "-u", "bert", "-l", "authPriv", "-a", "sha512", "-A", AUTH, "-x", "aes256", "-X", PRIV),
        *("-n", "vlan-7", "-E", "0x8000000006", "-e", "80:00:00:00:01:02", "-Z", "3,4711"),
    ).request
    expected = UsmUser("bert", "SHA-512", AUTH, "AES-256", PRIV, "vlan-7", context_engine_id=b"\x80\0\0\0\x06")
    assert request.credentials == expected
    assert request.engine == EngineInfo(b"\x80\0\0\0\x01\x02", 3, 4711)


def test_keys_are_given_by_the_letters_of_net_snmp_or_spelled_out() -> None:
    key, localized = bytes(range(20)), bytes(range(20, 40))
    expected = UsmUser("bert", "SHA", auth_key=key, priv_localized_key=localized)
    assert user_of("-u", "bert", "-a", "SHA", "-3m", f"0x{key.hex()}", "-3K", localized.hex()) == expected
    spelled = ("--auth-key", key.hex(), "--priv-localized-key", localized.hex())
    assert user_of("-u", "bert", "-a", "SHA", *spelled) == expected
    other = UsmUser("bert", "SHA", auth_localized_key=localized, priv_key=key)
    assert user_of("-u", "bert", "-a", "SHA", "-3k", localized.hex(), "-3M", key.hex()) == other


@pytest.mark.parametrize(
    ("spelling", "level"),
    [
        *((text, SecurityLevel.noAuthNoPriv) for text in ("noAuthNoPriv", "NOAUTHNOPRIV", "nanp", "noauth", "1")),
        *((text, SecurityLevel.authNoPriv) for text in ("authNoPriv", "anp", "ANP", "auth", "2")),
        *((text, SecurityLevel.authPriv) for text in ("authPriv", "authpriv", "ap", "priv", "3")),
    ],
)
def test_a_level_uses_the_keys_that_it_needs_and_no_other(spelling: str, level: SecurityLevel) -> None:
    user = user_of("-u", "bert", "-l", spelling, *KEYS)
    assert user.security_level == level
    assert bool(user.auth) == (level >= SecurityLevel.authNoPriv)


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ((), SecurityLevel.noAuthNoPriv),
        (("-A", AUTH), SecurityLevel.authNoPriv),
        (KEYS, SecurityLevel.authPriv),
    ],
)
def test_without_a_level_it_is_what_the_keys_allow(words: tuple[str, ...], level: SecurityLevel) -> None:
    assert user_of("-u", "bert", *words).security_level == level


def test_a_key_without_use_may_be_wrong() -> None:
    assert user_of("-u", "bert", "-l", "nanp", "-A", "short").security_level == SecurityLevel.noAuthNoPriv


def test_protocols_that_are_not_given_are_those_of_the_library() -> None:
    user = user_of("-u", "bert", *KEYS)
    assert (user.auth_protocol, user.priv_protocol) == (AuthProtocol.SHA_256, PrivProtocol.AES)


def test_passwords_come_from_the_environment_unless_a_key_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNMPTCP_AUTH_PASSWORD", AUTH)
    monkeypatch.setenv("SNMPTCP_PRIV_PASSWORD", PRIV)
    assert user_of("-u", "bert") == BERT
    assert user_of("-u", "bert", "-l", "anp") == UsmUser("bert", "SHA-256", AUTH)
    assert user_of("-u", "bert", "-A", "something else") == UsmUser("bert", "SHA-256", "something else", "AES", PRIV)
    key = bytes(32)
    assert user_of("-u", "bert", "-3m", key.hex()) == UsmUser("bert", auth_key=key, priv_password=PRIV)
    monkeypatch.setenv("SNMPTCP_PRIV_PASSWORD", "")
    assert user_of("-u", "bert").security_level == SecurityLevel.authNoPriv


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("get -v3 h 1.3", "SNMPv3 needs a user (-u USER) or certificates"),
        ("get -l ap h 1.3", "SNMPv3 needs a user (-u USER) or certificates"),
        ("get -v2c -u bert h 1.3", "-u and -l need SNMPv3, but -v is 2c"),
        ("get -u bert -l anp h 1.3", "authNoPriv needs an authentication password: -A, or SNMPTCP_AUTH_PASSWORD"),
        ("get -u bert -l ap -A geheim-auth h 1.3", "authPriv needs a privacy password: -X, or SNMPTCP_PRIV_PASSWORD"),
        ("get -u bert -l ap -X geheim-priv h 1.3", "authPriv needs an authentication password"),
        ("get -u bert -X geheim-priv h 1.3", "privacy needs authentication: -A, or SNMPTCP_AUTH_PASSWORD"),
        ("get -u bert -l geheim h 1.3", "a security level is noAuthNoPriv, authNoPriv or authPriv (nanp, anp, ap)"),
        ("get -u bert -a geheim-auth h 1.3", "an authentication protocol is one of MD5, SHA, SHA-224"),
        ("get -u bert -x geheim-priv h 1.3", "a privacy protocol is one of DES, 3DES, AES"),
        ("get -u bert -A geheim h 1.3", "needs at least 8 characters"),
        ("get -u bert -A geheim-auth -3m 00 h 1.3", "give only one of authentication password, key and localized key"),
        ("get -u bert -3m geheim h 1.3", "a key is given in hex"),
        ("get -u bert -3m 0x5ec h 1.3", "a key is given in hex"),
        ("get -u bert -3m 5ec0 h 1.3", "needs 32 octets, not 2"),
        ("get -u bert -e geheim h 1.3", "an engine ID is given in hex"),
        (f"get -u bert -e {'00' * 256} h 1.3", "has 1 to 255 octets, not 256"),
        ("get -u bert -Z 1,2 h 1.3", "-Z needs -e"),
        ("get -u bert -e 8000000901 -Z 1 h 1.3", "numbers from 0 to 2147483647, as in 12,3456"),
        ("get -u bert -e 8000000901 -Z 1,2147483648 h 1.3", "numbers from 0 to 2147483647"),
        ("get -u= -A geheim-auth --unknown h 1.3", "--unknown"),
        ("discover", "HOST"),
        ("discover -v2c h", "only SNMPv3 has engines"),
        ("discover -A geheim-auth h", "a password or key needs a user: -u USER"),
        ("discover h 1.3", "1.3"),
        ("explain -A geheim-auth -- 30", "a password or key needs a user: -u USER"),
        ("agent -X geheim-priv", "a password or key needs a user: -u USER"),
    ],
)
def test_wrong_usage_is_said_without_what_may_be_a_secret(
    words: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("usage: snmptcp")
    assert complaint in captured.err.splitlines()[-1]
    assert "geheim" not in captured.err


@pytest.mark.parametrize("version", [["-v3"], []], ids=["version given", "version understood"])
async def test_a_variable_is_read_with_authentication_and_privacy(
    cli: Cli, v3_agent: Agent, version: list[str]
) -> None:
    outcome = await cli("get", *version, "-u", "bert", *KEYS, where(v3_agent), SYS_NAME)
    assert outcome == (0, f'.{SYS_NAME} = STRING: "sw1"\n', "")


async def test_master_and_localized_keys_do_what_their_passwords_do(cli: Cli, v3_agent: Agent) -> None:
    auth, priv = (password_to_key(AuthProtocol.SHA_256, secret.encode()) for secret in (AUTH, PRIV))
    expected = (0, f'.{SYS_NAME} = STRING: "sw1"\n', "")
    assert await cli("get", "-u", "bert", "-3m", auth.hex(), "-3M", priv.hex(), where(v3_agent), SYS_NAME) == expected
    auth, priv = (localize_key(AuthProtocol.SHA_256, key, ENGINE_ID) for key in (auth, priv))
    assert await cli("get", "-u", "bert", "-3k", auth.hex(), "-3K", priv.hex(), where(v3_agent), SYS_NAME) == expected


async def test_walks_and_sets_and_contexts_are_for_users_too(cli: Cli, v3_agent: Agent) -> None:
    ernie = ("-u", "ernie", "-a", "SHA", "-A", AUTH)
    assert (await cli("walk", *ernie, where(v3_agent), SYS_NAME)).out == f'.{SYS_NAME} = STRING: "sw1"\n'
    assert (await cli("set", "-Cq", *ernie, where(v3_agent), SYS_NAME, "s", "sw2")).code == 0
    assert (await cli("get", "-Oqv", *ernie, where(v3_agent), SYS_NAME)).out == '"sw2"\n'
    assert (await cli("get", "-Oqv", "-n", "vlan-7", *ernie, where(v3_agent), SYS_NAME)).out == '"the seventh"\n'


async def test_an_engine_id_that_is_given_is_not_discovered(cli: Cli, v3_agent: Agent) -> None:
    outcome = await cli("get", "-d", "-u", "bert", *KEYS, "-e", ENGINE_ID.hex(), where(v3_agent), SYS_NAME)
    assert outcome.code == 0
    assert "usmStatsUnknownEngineIDs" not in outcome.err
    assert "usmStatsNotInTimeWindows.0" in outcome.err  # boots and time were not known
    told = ("-e", ENGINE_ID.hex(), "-Z", "12,0")
    outcome = await cli("get", "-d", "-u", "bert", *KEYS, *told, where(v3_agent), SYS_NAME)
    assert outcome.code == 0
    assert outcome.err.count("-- sent") == 1
