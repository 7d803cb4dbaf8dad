"""What snmp.conf changes in a request: options come first, then the environment, then the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, OctetString, Tsm, UsmUser
from snmptcp.cli.commands.inform import InformCommand
from snmptcp.cli.commands.trap import TrapCommand
from snmptcp.cli.main import main
from snmptcp.cli.options.addresses import Address
from snmptcp.cli.reading import ReadCommand
from snmptcp.testing import Agent
from tests.cli.helpers import ANSWER, AUTH, PRIV, SYS_NAME, parsed, tls_agent, where

if TYPE_CHECKING:
    from pathlib import Path

    from snmptcp.cli.options.request import RequestOptions
    from tests.cli.configuration.helpers import ConfFiles
    from tests.cli.conftest import Cli
    from tests.support.certificates import Certificates

pytestmark = pytest.mark.anyio

USER = ("defVersion 3", "defSecurityName bert", "defAuthType SHA", "defPassphrase for-both")


def get_of(*words: str) -> RequestOptions:
    return parsed(ReadCommand, "get", *words, "1.3").request


def said_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the last line about wrong usage."""
    capsys.readouterr()
    assert main(words) == 2
    return capsys.readouterr().err.splitlines()[-1]


# ------------------------------------------------------------------------------------------ communities


def test_the_community_and_the_version_are_defaults(conf_files: ConfFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    conf_files.write("defVersion 1", 'defCommunity "a b"')
    assert get_of("h").credentials == Community("a b", "1")
    assert get_of("-v2c", "h").credentials == Community("a b", "2c")
    assert get_of("-c", "x", "h").credentials == Community("x", "1")
    monkeypatch.setenv("SNMPTCP_COMMUNITY", "quiet")
    assert get_of("h").credentials == Community("quiet", "1")
    assert get_of("-Y", "defVersion=2c", "--no-config", "h").credentials == Community("quiet", "2c")


def test_an_option_for_a_version_is_more_than_a_default(conf_files: ConfFiles) -> None:
    conf_files.write("defVersion 2c", "defCommunity x")
    assert get_of("-u", "bert", "h").credentials == UsmUser("bert")
    conf_files.write(*USER)
    assert get_of("-c", "x", "h").credentials == Community("x", "2c")


def test_a_disabled_version_is_not_used(conf_files: ConfFiles, capsys: pytest.CaptureFixture[str]) -> None:
    conf_files.write("disableSNMPv1 yes", "disableSNMPv2c yes")
    assert get_of("-u", "bert", "h").credentials == UsmUser("bert")
    for options, version in ((("-v1",), "1"), ((), "2c")):
        assert f"disableSNMPv{version} in snmp.conf" in said_of(capsys, "get", *options, "h", "1.3")


async def test_a_request_is_made_of_the_file_alone(cli: Cli, conf_files: ConfFiles, v3_agent: Agent) -> None:
    conf_files.write("defCommunity private", "defVersion 2c", folder=conf_files.system)
    async with Agent({SYS_NAME: OctetString("sw1")}, read_community="private") as agent:
        conf_files.write(f"defaultPort {agent.port}")
        assert await cli("get", "-Oqv", agent.host, SYS_NAME) == (0, '"sw1"\n', "")
    conf_files.write(
        f"defaultPort {v3_agent.port}",
        "defVersion 3",
        "defSecurityName bert",
        "defSecurityLevel authPriv",
        "defAuthType SHA-256",
        "defPrivType AES",
        f'defAuthPassphrase "{AUTH}"',
        f'defPrivPassphrase "{PRIV}"',
        "defContext vlan-7",
    )
    assert await cli("get", "-Oqv", v3_agent.host, SYS_NAME) == (0, '"the seventh"\n', "")


# ------------------------------------------------------------------------------------------ users


def test_a_user_is_made_of_the_file(conf_files: ConfFiles) -> None:
    conf_files.write(*USER, "defPrivType AES-256", "defSecurityLevel authPriv", "defContext side")
    expected = UsmUser("bert", "SHA", "for-both", "AES-256", "for-both", "side")
    assert get_of("h").credentials == expected
    assert get_of("-n", "", "h").credentials == UsmUser("bert", "SHA", "for-both", "AES-256", "for-both")
    assert get_of("-lauthNoPriv", "h").credentials == UsmUser("bert", "SHA", "for-both", "AES-256", None, "side")
    assert get_of("-aMD5", "-xDES", "-ufred", "h").credentials == UsmUser(
        "fred", "MD5", "for-both", "DES", "for-both", "side"
    )


def test_a_user_without_a_version_means_version_3(conf_files: ConfFiles) -> None:
    conf_files.write("defSecurityName bert", "defCommunity x")
    assert get_of("h").credentials == UsmUser("bert")
    assert get_of("-v2c", "h").credentials == Community("x")


def test_keys_come_in_net_snmps_order_and_behind_options_and_the_environment(
    conf_files: ConfFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    master, localized = "01" * 20, "02" * 20

    def user_of(*words: str) -> object:
        return get_of(*words, "h").credentials

    conf_files.write(*USER[:3], f"defAuthLocalizedKey 0x{localized}", f"defPrivLocalizedKey 0x{localized}")
    key = bytes.fromhex(localized)
    assert user_of() == UsmUser("bert", "SHA", auth_localized_key=key, priv_localized_key=key)
    conf_files.write(
        *USER, f"defAuthLocalizedKey 0x{localized}", f"defAuthMasterKey 0x{master}", "defPrivPassphrase for-privacy"
    )
    expected = UsmUser("bert", "SHA", priv_password="for-privacy", auth_key=bytes.fromhex(master))
    assert user_of() == expected
    assert user_of("-A", "authentic") == UsmUser("bert", "SHA", "authentic", "AES", "for-privacy")
    monkeypatch.setenv("SNMPTCP_AUTH_PASSWORD", "in the environment")
    assert user_of() == UsmUser("bert", "SHA", "in the environment", "AES", "for-privacy")


def test_a_password_of_the_command_line_is_used_whatever_the_level_of_the_file(
    conf_files: ConfFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    conf_files.write("defSecurityLevel noAuthNoPriv", "defPassphrase for-both")
    assert get_of("-u", "bert", "h").credentials == UsmUser("bert")
    assert get_of("-u", "bert", "-A", "authentic", "h").credentials == UsmUser("bert", "SHA-256", "authentic")
    user = get_of("-u", "bert", "-A", "authentic", "-X", "privately", "h").credentials
    assert user == UsmUser("bert", "SHA-256", "authentic", "AES", "privately")
    conf_files.write("defSecurityLevel authPriv")
    assert "authPriv needs a privacy password" in said_of(capsys, "get", "-ubert", "-A", "authentic", "h", "1.3")


def test_a_privacy_password_of_the_file_needs_no_user_with_privacy(conf_files: ConfFiles) -> None:
    conf_files.write("defPrivPassphrase for-privacy")
    assert get_of("-u", "bert", "h").credentials == UsmUser("bert")


def test_a_secret_is_in_no_error(conf_files: ConfFiles, capsys: pytest.CaptureFixture[str]) -> None:
    conf_files.write(*USER[:3], "defAuthPassphrase hidden1", "defPrivMasterKey hidden2", "defSecurityLevel authPriv")
    assert main(["get", "--debug", "h", "1.3"]) == 2
    conf_files.write("defVersion 3", "defSecurityName bert", "defPassphrase hidden")
    assert main(["get", "--debug", "h", "1.3"]) == 2
    said = capsys.readouterr().err
    assert "a key is given in hex" in said
    assert "8" in said  # octets of a password, at least
    assert "hidden" not in said


# ------------------------------------------------------------------------------------------ the agent


def test_port_timeout_and_retries_are_defaults(conf_files: ConfFiles) -> None:
    conf_files.write("defaultPort 1161", "timeout 3", "retries 0", "dumpPacket yes")
    target = get_of("h").target
    assert (target.port, target.timeout, target.retries, target.dump) == (1161, 3, 0, True)
    target = get_of("-t", "0.5", "-r2", "h:162").target
    assert (target.port, target.timeout, target.retries) == (162, 0.5, 2)
    assert get_of("--port=7", "h").target.port == 7
    assert get_of("tlstcp:h").target.port == 10161
    target = get_of("--no-config", "h").target
    assert (target.port, target.timeout, target.retries, target.dump) == (161, 5, 1, False)
    assert parsed(TrapCommand, "trap", "h", "5", "1.3").request.target.port == 1161


def test_the_transport_can_be_tls_for_requests_or_for_notifications(conf_files: ConfFiles) -> None:
    conf_files.write("defDomain snmp tlstcp", "defDomain snmptrap udp")
    assert get_of("h").credentials == Tsm()
    assert get_of("tcp:h").target.tls is None
    assert parsed(InformCommand, "inform", "h", "5", "1.3").request.target.tls is None
    conf_files.write("defDomain snmp udp6", "defDomain snmptrap tlstcp")
    assert get_of("h").target.tls is None
    assert parsed(TrapCommand, "trap", "h", "5", "1.3").request.target.address == Address("h", 10162)


def test_an_agent_can_have_settings_of_its_own(conf_files: ConfFiles) -> None:
    conf_files.write("defCommunity all", "timeout 3")
    conf_files.write("defCommunity core", "transport tlstcp:core.example:7", name="hosts/core.conf")
    request = get_of("-v2c", "core")
    assert request.credentials == Community("core")
    assert (request.target.address, request.target.timeout) == (Address("core.example", 7), 3)
    assert request.target.tls is not None
    for host in ("core:161", "tcp:core", "CORE"):
        assert get_of(host).credentials == Community("all")
    assert get_of("--dontLoadHostConfig=yes", "core").credentials == Community("all")


def test_an_address_over_udp_in_an_agents_file_is_told_and_not_used(
    conf_files: ConfFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    conf_files.write("transport udp:192.0.2.1", name="hosts/core.conf")
    assert get_of("core").target.host == "core"
    assert capsys.readouterr().err == (
        "snmptcp: transport of hosts/core.conf: 'udp:192.0.2.1': only tcp: and tlstcp: are supported, not udp:; "
        "connecting to core instead\n"
    )


def test_an_alias_stands_for_an_address(conf_files: ConfFiles, capsys: pytest.CaptureFixture[str]) -> None:
    conf_files.write("alias core tcp:192.0.2.1:1161", "alias edge udp:192.0.2.2", "alias loop alias:loop")
    assert get_of("alias:core").target.address == Address("192.0.2.1", 1161)
    assert "snmp.conf has no alias 'CORE'" in said_of(capsys, "get", "alias:CORE", "1.3")
    assert "alias edge in snmp.conf: 'udp:192.0.2.2': only tcp:" in said_of(capsys, "get", "alias:edge", "1.3")
    assert "alias loop in snmp.conf: " in said_of(capsys, "get", "alias:loop", "1.3")


def test_a_token_can_be_an_option(conf_files: ConfFiles, capsys: pytest.CaptureFixture[str]) -> None:
    conf_files.write("defVersion 1")
    assert get_of("--defVersion=2c", "--DEFCOMMUNITY=a=b", "--clientaddr=::1", "h").credentials == Community("a=b")
    assert get_of("-YdefCommunity x", "--timeout=2", "h").target.timeout == 2
    assert said_of(capsys, "get", "--zork=1", "h", "1.3").endswith("unrecognized arguments: --zork=1")
    assert "defVersion: a version is 1, 2c or 3" in said_of(capsys, "get", "--defVersion=4", "h", "1.3")
    assert "hidden" not in said_of(capsys, "listen", "--defPassphrase=hidden")
    assert "hidden" not in said_of(capsys, "listen", "-YdefPassphrase=hidden")


def test_broken_lines_are_told_once_and_change_nothing_else(
    conf_files: ConfFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    path = conf_files.write("zork 1", "defVersion \x1b[31m", "defCommunity x", "[snmp", "clientaddr 192.0.2.1")
    assert get_of("h").credentials == Community("x")
    assert capsys.readouterr().err.splitlines() == [
        f"snmptcp: {path}: line 1: Warning: Unknown token: zork.",
        f"snmptcp: {path}: line 2: Error: defVersion: a version is 1, 2c or 3, not '\\x1b[31m'",
        f"snmptcp: {path}: line 4: Error: no ']' behind [snmp: a section is [TYPE]",
    ]


def test_commands_that_ask_no_agent_read_no_file(conf_files: ConfFiles, capsys: pytest.CaptureFixture[str]) -> None:
    conf_files.write("zork 1", "defPassphrase for-both")
    assert main(["explain", "302902010104067075626c6963a01c020100"]) in {0, 1}
    assert "zork" not in capsys.readouterr().err


# ------------------------------------------------------------------------------------------ TLS


def test_certificates_do_not_turn_tls_on(conf_files: ConfFiles) -> None:
    conf_files.write("localCert me", "trustCert authority", "peerCert it", "x509CRLFile crl.pem", "tlsAlgorithms ALL")
    assert get_of("h").target.tls is None
    tls = get_of("tlstcp:h").target.tls
    assert tls is not None
    assert (tls.transport.our_identity, tls.transport.their_identity, tls.trusted) == ("me", "it", ("authority",))
    assert (tls.crl, tls.ciphers) == ("crl.pem", "ALL")


@pytest.mark.parametrize(
    ("option", "line", "expected"),
    [
        ("--tls-version=1.3", "", "crl.pem"),
        ("--tls-ca=f", "", "crl.pem"),
        ("-Ttrust_cert=f", "", "crl.pem"),
        ("--tls-version=1.3", "trustCert f", "crl.pem"),
        ("--tls-version=1.3", "peerCert f", None),
        (f"--tls-fingerprint={'00' * 32}", "trustCert f", None),
        ("--tls-insecure", "trustCert f", None),
    ],
)
def test_revocation_lists_are_used_with_authorities(
    option: str, line: str, expected: str | None, conf_files: ConfFiles
) -> None:
    conf_files.write("x509CRLFile crl.pem", line)
    tls = get_of(option, "h").target.tls
    assert tls is not None
    assert tls.crl == expected


@pytest.mark.parametrize(
    "option", ["--tls-ca=f", "-Ttrust_cert=f", f"--tls-fingerprint={'00' * 32}", "-Ttheir_identity=x", "--tls-insecure"]
)
def test_an_option_that_says_whom_to_trust_replaces_the_files_trust(option: str, conf_files: ConfFiles) -> None:
    conf_files.write("localCert me", "trustCert authority", "peerCert it")
    tls = get_of(option, "h").target.tls
    assert tls is not None
    assert (tls.transport.our_identity, tls.trusted) == ("me", ())
    assert tls.transport.their_identity == ("x" if "their" in option else None)


def test_a_user_of_the_file_is_used_over_tls_only_if_the_file_says_so(
    conf_files: ConfFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    conf_files.write(*USER, "defSecurityLevel authNoPriv")
    assert get_of("tlstcp:h").credentials == Tsm()
    conf_files.write(*USER, "defSecurityLevel authNoPriv", "defSecurityModel usm")
    assert get_of("tlstcp:h").credentials == UsmUser("bert", "SHA", "for-both")
    conf_files.write("defVersion 2c", "defCommunity x")
    assert get_of("tlstcp:h").credentials == Community("x")
    conf_files.write("defVersion 2c")
    assert "defVersion 2c in snmp.conf needs a community with TLS" in said_of(capsys, "get", "tlstcp:h", "1.3")


async def test_a_request_over_tls_is_made_of_the_file_alone(
    cli: Cli, conf_files: ConfFiles, certificates: Certificates, files: Path
) -> None:
    (files / "other.pem").write_text(certificates.client.certificate_pem)
    conf_files.write(
        "defDomain snmp tlstcp",
        f"localCert {files}/client.pem",
        f"trustCert {files}/other.pem",
        f"trustCert {files}/ca.pem",
        "tlsAlgorithms ECDHE+AESGCM",
    )
    async with tls_agent(certificates) as agent:
        assert await cli("get", "-Oqv", where(agent), SYS_NAME) == ANSWER
        (files / "crl.pem").write_text(certificates.crl_pem)
        conf_files.write(f"x509CRLFile {files}/crl.pem", name="snmp.local.conf")
        assert await cli("get", "-Oqv", where(agent), SYS_NAME) == ANSWER
        conf_files.write(f"peerCert {files}/client.pem", name="snmp.local.conf")
        refused = await cli("get", "-Oqv", where(agent), SYS_NAME)
        assert (refused.code, refused.out) == (1, "")
