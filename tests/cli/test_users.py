"""SNMPv3 on the command line: who asks, what is wrong with that, and that no secret is ever printed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from snmptcp import AuthProtocol, EngineInfo, OctetString, PrivProtocol, SecurityLevel, UsmUser
from snmptcp.cli.main import main
from snmptcp.cli.parser import parse_arguments
from snmptcp.security.keys import localize_key, password_to_key
from snmptcp.testing import Agent, Drop
from tests.support.vectors import load

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from .conftest import Cli

pytestmark = pytest.mark.anyio

SYS_NAME = "1.3.6.1.2.1.1.5.0"
ENGINE_ID = bytes.fromhex("80001f8804") + b"shelf"

AUTH, PRIV = "Ein Passwort", "noch eins, länger"
BERT = UsmUser("bert", "SHA-256", AUTH, "AES", PRIV)
ERNIE = UsmUser("ernie", "SHA", AUTH)
NOBODY = UsmUser("nobody")
KEYS = ("-A", AUTH, "-X", PRIV)


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    users = (BERT, ERNIE, NOBODY)
    contexts = {"vlan-7": {SYS_NAME: OctetString("the seventh")}}
    async with Agent(
        {SYS_NAME: OctetString("sw1")}, users=users, contexts=contexts, engine_id=ENGINE_ID, engine_boots=12
    ) as agent:
        yield agent


def where(agent: Agent) -> str:
    return f"{agent.host}:{agent.port}"


def parsed(*words: str) -> argparse.Namespace:
    return parse_arguments(["get", *words, "h", "1.3"])


def user_of(*words: str) -> UsmUser:
    user = parsed(*words).usm_user
    assert isinstance(user, UsmUser)
    return user


# ------------------------------------------------------------------------------- what the options say


def test_all_options_are_read_as_net_snmp_reads_them() -> None:
    arguments = parsed(
        *("-v3", "-u", "bert", "-l", "authPriv", "-a", "sha512", "-A", AUTH, "-x", "aes256", "-X", PRIV),
        *("-n", "vlan-7", "-E", "0x8000000006", "-e", "80:00:00:00:01:02", "-Z", "3,4711"),
    )
    expected = UsmUser("bert", "SHA-512", AUTH, "AES-256", PRIV, "vlan-7", context_engine_id=b"\x80\0\0\0\x06")
    assert arguments.usm_user == expected
    assert arguments.engine == EngineInfo(b"\x80\0\0\0\x01\x02", 3, 4711)


def test_keys_are_given_by_the_letters_of_net_snmp_or_spelled_out() -> None:
    key, localized = bytes(range(20)), bytes(range(20, 40))
    expected = UsmUser("bert", "SHA", auth_key=key, priv_localized_key=localized)
    assert user_of("-u", "bert", "-a", "SHA", "-3m", f"0x{key.hex()}", "-3K", localized.hex()) == expected
    spelled = ("--auth-key", key.hex(), "--priv-localized-key", localized.hex())
    assert user_of("-u", "bert", "-a", "SHA", *spelled) == expected
    other = UsmUser("bert", "SHA", auth_localized_key=localized, priv_key=key)
    assert user_of("-u", "bert", "-a", "SHA", "-3k", localized.hex(), "-3M", key.hex()) == other


def test_a_value_that_begins_as_a_key_option_does_can_still_be_set() -> None:
    (number,) = parse_arguments(["set", "h", "1.3.6", "i", "-3"]).varbinds
    assert number.value == -3
    (text,) = parse_arguments(["set", "--", "h", "1.3.6", "s", "-3m"]).varbinds
    assert text.value == b"-3m"


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


def test_the_version_is_3_where_a_user_or_a_level_is_given() -> None:
    assert parsed("-u", "bert").snmp_version == "3"
    assert parsed("-v3", "-u", "bert").snmp_version == "3"
    assert parsed().snmp_version == "2c"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("get -v3 h 1.3", "SNMPv3 needs a user (-u USER), or certificates"),
        ("get -l ap h 1.3", "SNMPv3 needs a user (-u USER), or certificates"),
        ("get -v2c -u bert h 1.3", "-u and -l are for SNMPv3, and -v says 2c"),
        ("get -u bert -l anp h 1.3", "authNoPriv needs an authentication password: -A, or SNMPTCP_AUTH_PASSWORD"),
        ("get -u bert -l ap -A geheim-auth h 1.3", "authPriv needs a privacy password: -X, or SNMPTCP_PRIV_PASSWORD"),
        ("get -u bert -l ap -X geheim-priv h 1.3", "authPriv needs an authentication password"),
        ("get -u bert -X geheim-priv h 1.3", "no privacy without authentication"),
        ("get -u bert -l geheim h 1.3", "a security level is noAuthNoPriv, authNoPriv or authPriv (nanp, anp, ap)"),
        ("get -u bert -a geheim-auth h 1.3", "an authentication protocol is one of MD5, SHA, SHA-224"),
        ("get -u bert -x geheim-priv h 1.3", "a privacy protocol is one of DES, 3DES, AES"),
        ("get -u bert -A geheim h 1.3", "needs at least 8 characters"),
        ("get -u bert -A geheim-auth -3m 00 h 1.3", "give only one of authentication password, key and localized key"),
        ("get -u bert -3m geheim h 1.3", "a key is given in hex"),
        ("get -u bert -3m 0x5ec h 1.3", "a key is given in hex"),
        ("get -u bert -3m 5ec0 h 1.3", "needs 32 octets, not 2"),
        ("get -u bert -e geheim h 1.3", "an engine ID is given in hex"),
        ("get -u bert -e 80001f h 1.3", "an engine ID has 5 to 32 octets, not 3"),
        ("get -u bert -e 0000000000 h 1.3", "must not be all zero"),
        ("get -u bert -Z 1,2 h 1.3", "-Z tells the time of the engine that -e names"),
        ("get -u bert -e 8000000901 -Z 1 h 1.3", "numbers from 0 to 2147483647, as in 12,3456"),
        ("get -u bert -e 8000000901 -Z 1,2147483648 h 1.3", "numbers from 0 to 2147483647"),
        ("get -u= -A geheim-auth --unknown h 1.3", "--unknown"),
        ("discover", "HOST"),
        ("discover -v2c h", "only SNMPv3 has engines"),
        ("discover -A geheim-auth h", "whose keys are these? -u USER"),
        ("discover h 1.3", "1.3"),
        ("explain -A geheim-auth -- 30", "whose keys are these? -u USER"),
        ("agent -X geheim-priv", "whose keys are these? -u USER"),
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


# ------------------------------------------------------------------------------------ asking an agent


@pytest.mark.parametrize("version", [["-v3"], []], ids=["version given", "version understood"])
async def test_a_variable_is_read_with_authentication_and_privacy(cli: Cli, agent: Agent, version: list[str]) -> None:
    outcome = await cli("get", *version, "-u", "bert", *KEYS, where(agent), SYS_NAME)
    assert outcome == (0, f'.{SYS_NAME} = STRING: "sw1"\n', "")


async def test_master_and_localized_keys_do_what_their_passwords_do(cli: Cli, agent: Agent) -> None:
    auth, priv = (password_to_key(AuthProtocol.SHA_256, secret.encode()) for secret in (AUTH, PRIV))
    expected = (0, f'.{SYS_NAME} = STRING: "sw1"\n', "")
    assert await cli("get", "-u", "bert", "-3m", auth.hex(), "-3M", priv.hex(), where(agent), SYS_NAME) == expected
    auth, priv = (localize_key(AuthProtocol.SHA_256, key, ENGINE_ID) for key in (auth, priv))
    assert await cli("get", "-u", "bert", "-3k", auth.hex(), "-3K", priv.hex(), where(agent), SYS_NAME) == expected


async def test_walks_and_sets_and_contexts_are_for_users_too(cli: Cli, agent: Agent) -> None:
    ernie = ("-u", "ernie", "-a", "SHA", "-A", AUTH)
    assert (await cli("walk", *ernie, where(agent), SYS_NAME)).out == f'.{SYS_NAME} = STRING: "sw1"\n'
    assert (await cli("set", "-Cq", *ernie, where(agent), SYS_NAME, "s", "sw2")).code == 0
    assert (await cli("get", "-Oqv", *ernie, where(agent), SYS_NAME)).out == '"sw2"\n'
    assert (await cli("get", "-Oqv", "-n", "vlan-7", *ernie, where(agent), SYS_NAME)).out == '"the seventh"\n'


async def test_an_engine_id_that_is_given_is_not_discovered(cli: Cli, agent: Agent) -> None:
    outcome = await cli("get", "-d", "-u", "bert", *KEYS, "-e", ENGINE_ID.hex(), where(agent), SYS_NAME)
    assert outcome.code == 0
    assert "usmStatsUnknownEngineIDs" not in outcome.err
    assert "usmStatsNotInTimeWindows.0" in outcome.err  # boots and time were not known
    told = ("-e", ENGINE_ID.hex(), "-Z", "12,0")
    outcome = await cli("get", "-d", "-u", "bert", *KEYS, *told, where(agent), SYS_NAME)
    assert outcome.code == 0
    assert outcome.err.count("-- sent") == 1


async def test_packets_are_shown_decrypted_and_no_secret_with_them(cli: Cli, agent: Agent) -> None:
    outcome = await cli("get", "-d", "--debug", "-u", "bert", *KEYS, where(agent), SYS_NAME)
    assert outcome.code == 0
    assert 'SNMPv3 get-request, authPriv, user "bert", decrypted, 1 variable binding' in outcome.err
    assert 'SNMPv3 get-response, authPriv, user "bert", decrypted, 1 variable binding' in outcome.err
    assert outcome.err.count("digest:   right for user bert (SHA-256)") == 2
    shown = outcome.err.replace(" ", "")
    for secret in (AUTH, PRIV):
        master = password_to_key(AuthProtocol.SHA_256, secret.encode())
        for octets in (secret.encode(), master, localize_key(AuthProtocol.SHA_256, master, ENGINE_ID)):
            assert octets.hex()[:16] not in shown
        assert secret.replace(" ", "") not in shown


# ------------------------------------------------------------------------------- what can go wrong there


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("-u", "grover", *KEYS), "the agent does not know the user; no other answer within 2 s (check -u: grover)"),
        (("-u", "bert", "-A", "wrong wrong", "-X", PRIV), "wrong digest"),
        (("-u", "bert", "-A", "wrong wrong", "-X", PRIV), "(check -A, and -a: SHA-256)"),
        (("-u", "bert", "-A", AUTH, "-X", "wrong wrong"), "(check -X, and -x: AES)"),
        (("-u", "ernie", "-a", "SHA", *KEYS), "(check -l: authPriv)"),
        (("-u", "nobody", *KEYS), "(check -l: authPriv)"),
        (("-u", "bert", "-l", "nanp"), "authorizationError (16)"),
        (("-u", "bert", "-l", "nanp"), "(what this user may see depends on -l: noAuthNoPriv)"),
        (
            ("-u", "bert", *KEYS, "-n", "vlan-8"),
            "the agent does not know the context; no other answer within 2 s (check -n)",
        ),
        (("-u", "bert", *KEYS, "-E", "8000000901"), "(check -E)"),
    ],
)
async def test_what_the_agent_does_not_accept_is_one_line_that_names_the_option(
    cli: Cli, agent: Agent, words: tuple[str, ...], complaint: str
) -> None:
    outcome = await cli("get", "-t2", *words, where(agent), SYS_NAME)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"snmptcp: {where(agent)}: ")
    assert complaint in outcome.err
    assert outcome.err.count("\n") == 1
    assert AUTH not in outcome.err
    assert PRIV not in outcome.err
    assert "wrong wrong" not in outcome.err


async def test_silence_of_an_agent_that_told_its_engine_id_has_other_causes(cli: Cli, agent: Agent) -> None:
    agent.inject(Drop(), times=9, when=lambda request: bool(request.pdu.varbinds))
    outcome = await cli("get", "-t2", "-u", "bert", *KEYS, "-n", "vlan-7", where(agent), SYS_NAME)
    assert "no answer within 2 s (many agents say nothing about a wrong privacy password" in outcome.err
    assert "or a context that they do not have: check -n and -E)" in outcome.err
    outcome = await cli("get", "-t2", "-u", "nobody", where(agent), SYS_NAME)
    assert "(it knows SNMPv3, and says nothing to this)" in outcome.err


async def test_an_agent_without_snmpv3_says_nothing_at_all(cli: Cli) -> None:
    async with Agent({SYS_NAME: OctetString("old")}) as agent:
        outcome = await cli("get", "-t2", "-u", "bert", *KEYS, where(agent), SYS_NAME)
        assert "it did not even tell its engine ID: it may not speak SNMPv3" in outcome.err
        outcome = await cli("discover", "-t2", where(agent))
        assert (outcome.code, outcome.out) == (1, "")
        assert "it did not even tell its engine ID: it may not speak SNMPv3" in outcome.err


# ------------------------------------------------------------------------------------------- discover


@pytest.mark.parametrize("words", [(), ("-v3",), ("-u", "bert", *KEYS)], ids=["nobody", "version", "a user"])
async def test_an_engine_is_discovered(cli: Cli, agent: Agent, words: tuple[str, ...]) -> None:
    outcome = await cli("discover", *words, where(agent))
    assert (outcome.code, outcome.err) == (0, "")
    assert re.fullmatch(
        r"engine ID: 0x80001f88047368656c66\n"
        r'made of:   enterprise 8072 \(net-snmp\), text "shelf"\n'
        r"boots:     12\n"
        r"time:      \d+ s \(0:00:00:\d\d\)\n",
        outcome.out,
    )


async def test_an_engine_is_printed_as_json(cli: Cli, agent: Agent) -> None:
    engine = json.loads((await cli("discover", "--json", where(agent))).out)
    assert engine.pop("time") < 60
    assert engine == {
        "engine_id": "80001f88047368656c66",
        "enterprise": 8072,
        "enterprise_name": "net-snmp",
        "format": "text",
        "value": "shelf",
        "boots": 12,
        "authenticated": False,
    }
    assert json.loads((await cli("discover", "--json", "-u", "bert", *KEYS, where(agent))).out)["authenticated"]


async def test_a_discovery_needs_no_user_that_the_agent_knows(cli: Cli, agent: Agent) -> None:
    outcome = await cli("discover", "-u", "grover", where(agent))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("engine ID: 0x80")


# -------------------------------------------------------------------------------------------- explain

# A response of net-snmp's snmpd with SHA and DES, from a public capture.
(CAPTURED,) = (case for case in load("usm/usm_vectors.json")["messages"] if case["name"] == "pippo2_sha_des_resp")
PIPPO = ("-u", "pippo2", "-a", "SHA", "-A", "pippoxxx", "-x", "DES", "-X", "PIPPOxxx")


async def test_a_packet_of_a_user_is_decrypted(cli: Cli) -> None:
    outcome = await cli("explain", *PIPPO, CAPTURED["hex"])
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith('SNMPv3 get-response, authPriv, user "pippo2", decrypted, 4 variable bindings')
    assert "digest:   right for user pippo2 (SHA)" in outcome.out
    assert "1.3.6.1.2.1.1.1.0 (sysDescr.0)" in outcome.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((*PIPPO, "-A", "wrong wrong"), "!        wrong digest: "),
        ((*PIPPO, "-X", "wrong wrong"), "!        not decrypted: "),
    ],
)
async def test_keys_that_do_not_fit_are_an_exit_code_too(cli: Cli, words: tuple[str, ...], complaint: str) -> None:
    outcome = await cli("explain", *words, CAPTURED["hex"])
    assert (outcome.code, outcome.err) == (1, "")
    assert complaint in outcome.out


async def test_without_a_user_a_packet_stays_encrypted(cli: Cli) -> None:
    outcome = await cli("explain", CAPTURED["hex"])
    assert outcome.code == 0
    assert "248 encrypted octets" in outcome.out
