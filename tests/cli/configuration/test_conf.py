"""The values of all files together."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.cautions import SecurityWarning, forget
from snmptcp.cli.configuration.conf import KeyConf, MibConf, PrintingConf, SnmpConf, TlsConf, read_snmp_conf
from snmptcp.cli.configuration.tokens import TOKENS
from snmptcp.credentials import AuthProtocol, PrivProtocol, SecurityLevel
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from tests.cli.configuration.helpers import ConfFiles


def test_without_files_no_value_is_known(conf_files: ConfFiles) -> None:
    assert read_snmp_conf() == SnmpConf()


def test_every_value_has_its_place(conf_files: ConfFiles) -> None:
    conf_files.write(
        "defVersion 3",
        "defCommunity shelf",
        "defSecurityName bert",
        "defSecurityLevel authPriv",
        "defSecurityModel usm",
        "defContext vlan-7",
        "defAuthType SHA",
        "defPrivType AES-256",
        "defPassphrase for both",
        "defAuthPassphrase for one",
        "defPrivPassphrase for two",
        "defAuthMasterKey 0x01",
        "defPrivMasterKey 0x02",
        "defAuthLocalizedKey 0x03",
        "defPrivLocalizedKey 0x04",
        "defaultPort 1161",
        "defDomain snmp tlstcp",
        "alias core tcp:core.example",
        "timeout 3",
        "retries 0",
        "dumpPacket yes",
        "dontLoadHostConfig yes",
        "noTokenWarnings no",
        "disableSNMPv1 yes",
        "disableSNMPv2c no",
        "disableSNMPv3 no",
        "localCert me",
        "peerCert it",
        "trustCert one",
        "trustCert two",
        "x509CRLFile /etc/crl.pem",
        "tlsAlgorithms ECDHE",
        "mibs IF-MIB",
        "mibdirs /mibs",
        "mibfile /a.txt",
        "noRangeCheck yes",
        "noDisplayHint yes",
        "oidOutputFormat 3",
        "printNumericEnums yes",
        "dontBreakdownOids yes",
        "escapeQuotes yes",
        "extendedIndex yes",
        "quickPrinting yes",
        "printValueOnly yes",
        "dontPrintUnits yes",
        "numericTimeticks yes",
        "printHexText yes",
        "hexOutputLength 32",
        "outputPrecision .2",
    )
    assert read_snmp_conf() == SnmpConf(
        version="3",
        community=b"shelf",
        user="bert",
        level=SecurityLevel.authPriv,
        security_model="usm",
        context=b"vlan-7",
        keys=KeyConf(
            AuthProtocol.SHA,
            PrivProtocol.AES_256,
            b"for both",
            b"for one",
            b"for two",
            b"\x01",
            b"\x02",
            b"\x03",
            b"\x04",
        ),
        port=1161,
        domains=(("snmp", "tlstcp"),),
        aliases=(("core", "tcp:core.example"),),
        timeout=3,
        retries=0,
        dump=True,
        ignore_hosts=True,
        no_token_warnings=False,
        disable_v1=True,
        disable_v2c=False,
        disable_v3=False,
        tls=TlsConf("me", "it", ("one", "two"), "/etc/crl.pem", "ECDHE"),
        mib=MibConf(("IF-MIB",), ("/mibs",), ("/a.txt",), True, True),
        printing=PrintingConf("f", True, True, True, True, True, True, True, True, True, 32, ".2"),
    )


def test_every_token_has_an_attribute() -> None:
    parts: dict[str, Any] = {"": SnmpConf, "keys": KeyConf, "tls": TlsConf, "mib": MibConf, "printing": PrintingConf}
    for token in TOKENS.values():
        part, _, name = token.field.rpartition(".")
        assert name in {field.name for field in dataclasses.fields(parts[part])}, token.name


def test_case_does_not_matter_and_the_last_value_wins(conf_files: ConfFiles) -> None:
    conf_files.write("DEFVERSION 1", "defcommunity system", folder=conf_files.system)
    conf_files.write("defCommunity first", "DefCommunity user")
    conf = read_snmp_conf()
    assert (conf.version, conf.community) == ("1", b"user")


def test_the_command_line_overrides_files_and_an_agents_file_those_of_all(conf_files: ConfFiles) -> None:
    conf_files.write("timeout 1", "retries 1", "defCommunity all")
    conf_files.write("timeout 2", "retries 2", "transport tcp:192.0.2.1", name="hosts/core.conf")
    conf = read_snmp_conf(inline=["timeout=3"], host="core")
    assert (conf.timeout, conf.retries, conf.community, conf.address) == (3, 2, b"all", "tcp:192.0.2.1")
    other = read_snmp_conf(host="edge")
    assert (other.timeout, other.address) == (1, None)
    assert read_snmp_conf(inline=["timeout=3"], host="core", files=False) == SnmpConf(timeout=3)
    assert read_snmp_conf(inline=["dontLoadHostConfig yes"], host="core").retries == 1
    assert read_snmp_conf(inline=["trustCert=ours"], host="core").tls.trust_certs == ("ours",)


def test_only_an_agents_file_names_its_address(conf_files: ConfFiles) -> None:
    conf_files.write("transport tcp:192.0.2.1")
    conf = read_snmp_conf(host="core")
    assert conf.address is None
    assert [problem.text for problem in conf.problems] == ["Unknown token: transport."]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["A"], ("A",)),
        (["A", "B"], ("B",)),
        (["A", "+B", "-C"], ("A", "+B", "-C")),
        (["+A", "B"], ("B",)),
        ([":", "+A"], (":", "+A")),
    ],
)
def test_modules_are_replaced_or_added(lines: list[str], expected: tuple[str, ...], conf_files: ConfFiles) -> None:
    conf_files.write(*(f"mibs {line}" for line in lines), *(f"mibdirs {line}" for line in lines))
    conf = read_snmp_conf()
    assert conf.mib == MibConf(mibs=expected, mibdirs=expected)


@pytest.mark.parametrize(
    ("lines", "letters"),
    [
        ([], ""),
        (["printNumericOids yes"], "n"),
        (["printNumericOids yes", "suffixPrinting 1"], "s"),
        (["suffixPrinting 1", "printNumericOids yes", "printNumericOids no"], "n"),
        (["oidOutputFormat 3", "suffixPrinting 0"], ""),
        (["oidOutputFormat 5", "quickPrinting yes", "printNumericEnums yes", "numericTimeticks no"], "ueq"),
        (["extendedIndex 1", "dontPrintUnits true", "printValueOnly yes", "escapeQuotes yes"], "EXvU"),
        (["dontBreakdownOids 1", "printHexText 1", "numericTimeticks 1", "oidOutputFormat 6"], "btT"),
    ],
)
def test_printing_can_be_written_as_letters(lines: list[str], letters: str, conf_files: ConfFiles) -> None:
    conf_files.write(*lines)
    assert read_snmp_conf().printing.letters == letters


_NAMES = [token.name for token in TOKENS.values()]
_WORDS = st.sampled_from([*_NAMES, "[snmp]", "includeFile", '"', "\\", "#", "+", "1"])


@settings(max_examples=50)
@given(st.lists(st.lists(_WORDS | st.text(max_size=5), max_size=4).map(" ".join), max_size=20), st.binary(max_size=99))
def test_any_file_can_be_read(lines: list[str], octets: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SNMPCONFPATH", folder)
        path = Path(folder, "snmp.conf")
        path.write_bytes("\n".join(lines).encode() + b"\n" + octets + b"\ntimeout 7\n")
        path.chmod(0o600)
        conf = read_snmp_conf(inline=["timeout=8"])
    assert conf.timeout == 8
    assert all(str(problem).startswith(folder) for problem in conf.problems)


# ------------------------------------------------------------------------------------------ problems


def test_a_line_that_cannot_be_used_is_told_once_and_the_rest_counts(conf_files: ConfFiles) -> None:
    part = conf_files.write("zork yes", name="part")
    path = conf_files.write(
        "zork yes", "defVersion 7", "includeFile part", "includeFile part", "timeout 3", "clientaddr x"
    )
    conf = read_snmp_conf()
    assert conf.timeout == 3
    assert [str(problem) for problem in conf.problems] == [
        f"{path}: line 1: Warning: Unknown token: zork.",
        f"{path}: line 2: Error: defVersion: a version is 1, 2c or 3, not '7'",
        f"{part}: line 1: Warning: Unknown token: zork.",
    ]


def test_warnings_of_unknown_tokens_can_be_silenced(conf_files: ConfFiles) -> None:
    conf_files.write("zork yes", "retries x", "noTokenWarnings yes")
    assert [problem.text for problem in read_snmp_conf().problems] == [
        "retries: the value is a number from 0 to 2147483647, not 'x'"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("zork=1", "-Y: Unknown token: zork."),
        ("timeout=x", "-Y: timeout: the value is a number from 1 to 2147483647, not 'x'"),
        ("timeout", "-Y: timeout has no value"),
        ("defAuthMasterKey=secret", "-Y: defAuthMasterKey: a key is given in hex, two digits for each octet"),
    ],
)
def test_a_setting_of_the_command_line_must_be_right(text: str, message: str, conf_files: ConfFiles) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_snmp_conf(inline=[text])
    assert str(caught.value) == message


def test_what_is_of_another_program_on_the_command_line_is_ignored(conf_files: ConfFiles) -> None:
    assert read_snmp_conf(inline=["[snmpd] x=1", "clientaddr=x"]) == SnmpConf()


def test_no_secret_is_shown(conf_files: ConfFiles) -> None:
    secrets = ["defCommunity", "defPassphrase", "defAuthPassphrase", "defPrivPassphrase"]
    keys = ["defAuthMasterKey", "defPrivMasterKey", "defAuthLocalizedKey", "defPrivLocalizedKey"]
    conf_files.write(*(f"{token} hidden" for token in secrets), *(f"{token} 0xbadc0ffe" for token in keys))
    shown = repr(read_snmp_conf())
    assert not any(secret in shown for secret in ("hidden", "badc0ffe", repr(bytes.fromhex("badc0ffe"))))


def test_a_file_with_passwords_that_others_can_read_is_warned_of(conf_files: ConfFiles) -> None:
    path = conf_files.write("defVersion 3", "defAuthPassphrase hidden", "defPrivPassphrase hidden")
    path.chmod(0o644)
    forget()
    with pytest.warns(SecurityWarning) as caught:
        read_snmp_conf()
    assert [str(warning.message) for warning in caught] == [
        f"other users can read the passwords in {path} (mode 0644): chmod 600"
    ]


def test_a_file_without_passwords_may_be_read_by_all(conf_files: ConfFiles) -> None:
    conf_files.write("defVersion 2c", "defCommunity public").chmod(0o644)
    assert read_snmp_conf(inline=["defPassphrase=hidden"]).community == b"public"
